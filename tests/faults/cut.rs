use std::fs;

use crate::{fleet::Fleet, proxy::Proxy, watcher::Watcher, work};

/// How often the connection is cut; each time elsewhere, the same places on every run.
const CUTS: u64 = 8;

#[test]
fn a_cut_connection_is_never_ok_and_a_rerun_converges() {
    let Some(fleet) = Fleet::new() else { return };
    work::fleet(&fleet);
    let proxy = Proxy::start(fleet.sshd.port());
    fleet.hosts(&format!("    one: {}\n", fleet.reach(proxy.port())));
    let pins = fs::read_to_string(fleet.path(".swarm/known_hosts")).unwrap();
    let pins = pins.replace(&fleet.sshd.port().to_string(), &proxy.port().to_string());
    fleet.write(".swarm/known_hosts", &pins);

    // Once unhurt, to know how much there is to cut.
    fleet.ran(&["play", "book.yml"]).code(0);
    let all = proxy.passed();
    work::assert_done(&fleet.path("made"));
    let [before, after] = work::large();
    let mut seed = 0x5eed_u64;
    let (mut failed, mut seen) = (0, 0);
    for round in 0..CUTS {
        fs::remove_dir_all(fleet.path("made")).ok();
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let at = i64::try_from((seed >> 33) % u64::try_from(all).unwrap()).unwrap();
        proxy.mend();
        proxy.cut_after(at);
        let watchers = [
            Watcher::start(fleet.path("made/large"), vec![before.clone()]),
            Watcher::start(
                fleet.path("made/edited"),
                vec![before.clone(), after.clone()],
            ),
        ];
        let ran = fleet.ran(&["play", "book.yml", "--timeout", "5"]);
        let cut = proxy.is_cut();
        seen += watchers.map(Watcher::end).into_iter().sum::<usize>();
        println!(
            "round {round}: cut after {at} of {all} bytes, exit {}",
            ran.code
        );
        if ran.code == 0 {
            work::assert_done(&fleet.path("made"));
        } else {
            assert!(cut, "it failed without a cut");
            assert!(matches!(ran.code, 1 | 4), "exit {}", ran.code);
            assert!(
                ran.stdout.contains("UNREACHABLE!") || ran.stdout.contains("FAILED!"),
                "nothing says that it failed"
            );
            failed += 1;
        }
        proxy.mend();
        fleet.ran(&["play", "book.yml"]).code(0);
        work::assert_done(&fleet.path("made"));
        let again = fleet.ran(&["play", "book.yml"]).code(0);
        assert!(!again.stdout.contains("changed: [one]"), "{}", again.stdout);
    }
    assert!(failed >= CUTS / 2, "only {failed} cuts hit");
    assert!(seen > 0, "the watcher saw nothing");
}
