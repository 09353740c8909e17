use std::{fs, process::Stdio, thread, time::Duration};

use crate::{fleet::Fleet, watcher::Watcher, work};

#[test]
fn a_killed_run_leaves_nothing_half_done() {
    let Some(fleet) = Fleet::new() else { return };
    work::fleet(&fleet);
    let [before, after] = work::large();
    let mut killed = 0;
    for wait in [20, 45, 70, 90, 110, 140, 180, 260] {
        fs::remove_dir_all(fleet.path("made")).ok();
        let watcher = Watcher::start(
            fleet.path("made/large"),
            vec![before.clone(), after.clone()],
        );
        let mut child = fleet
            .swarmctl(&["play", "book.yml"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(wait));
        // SIGKILL.
        child.kill().unwrap();
        killed += u32::from(!child.wait().unwrap().success());
        // What was sent already may still run over there.
        thread::sleep(Duration::from_millis(300));
        watcher.end();
        fleet.ran(&["play", "book.yml"]).code(0);
        work::assert_done(&fleet.path("made"));
    }
    assert!(
        killed >= 2,
        "only {killed} of the runs were killed before their end"
    );
}
