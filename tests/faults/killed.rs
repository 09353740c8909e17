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
            fleet.path("made/edited"),
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

#[test]
fn a_path_of_the_fleets_own_is_under_the_switch_too() {
    let Some(fleet) = Fleet::new() else { return };
    if crate::sshd::run("id", &["-u"]) != "0" {
        println!("skipped: only root can take things back");
        return;
    }
    let file = fleet.path("made/guarded/f");
    fleet.write("made/guarded/f", "old\n");
    let book = |content: &str| {
        format!(
            "- hosts: one\n  gather_facts: false\n  vars:\n    swarmctl_dead_man_seconds: 3\n    \
             swarmctl_dead_man_paths: ['{{{{ dir }}}}/guarded']\n  tasks:\n    \
             - copy: {{content: \"{content}\\n\", dest: \"{{{{ dir }}}}/guarded/f\", validate: \"sh -c 'sleep 1' %s\"}}\n"
        )
    };
    // Killed while the task runs: whatever it still does over there is not confirmed.
    fleet.write("book.yml", &book("new"));
    let mut child = fleet
        .swarmctl(&["play", "book.yml"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    thread::sleep(Duration::from_millis(1200));
    child.kill().unwrap();
    child.wait().unwrap();
    thread::sleep(Duration::from_secs(5));
    assert_eq!(fs::read_to_string(&file).unwrap(), "old\n");
    // Confirmed, it stays.
    let ran = fleet.play(&book("newer"), &[]).code(0);
    assert_eq!(ran.word("copy"), "changed");
    thread::sleep(Duration::from_secs(4));
    assert_eq!(fs::read_to_string(&file).unwrap(), "newer\n");
    let left = fs::read_dir(fleet.path("made")).unwrap().count();
    assert_eq!(left, 1, "something is left beside the directory");
}
