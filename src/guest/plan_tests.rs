//! The planners against the model: kills, changes, foreign things.

use proptest::prelude::*;

use crate::{
    inventory::Instance,
    plan::{FailureKind, Need},
};

use super::{
    plan_provision::ProvisionOptions,
    simulation::{World, documents, reservation, volume},
    testing,
};

const PLAIN: ProvisionOptions = ProvisionOptions {
    rebuild: false,
    restart: false,
};
const RESTART: ProvisionOptions = ProvisionOptions {
    rebuild: false,
    restart: true,
};
const REBUILD: ProvisionOptions = ProvisionOptions {
    rebuild: true,
    restart: false,
};
const ALL: usize = usize::MAX;

fn zap(extra: &str) -> Instance {
    let text = format!(
        "vm_domain: \"zap [claw]\"\nvm_ip: 192.168.122.182\nvm_disk_path: /images/claw.qcow2\n{extra}"
    );
    testing::instance("zap", &text)
}

fn provisioned(instance: &Instance) -> World {
    let mut world = World::new();
    world.provision(instance, PLAIN, ALL);
    world
}

fn names(world: &World, instance: &Instance, options: ProvisionOptions) -> Vec<&'static str> {
    let plan = world.plan(instance, options);
    plan.steps.iter().map(|step| step.name).collect()
}

fn held(world: &World, instance: &Instance) -> Vec<(String, Need)> {
    let plan = world.plan(instance, PLAIN);
    let held = plan.held.into_iter();
    held.map(|held| (held.what, held.need)).collect()
}

#[test]
fn a_new_guest_takes_the_eight_steps_and_a_second_run_has_none() {
    let zap = zap("");
    let world = World::new();
    assert_eq!(
        names(&world, &zap, PLAIN),
        [
            "define-pool",
            "define-pool",
            "start-network",
            "pull-image",
            "upload-base",
            "make-share",
            "upload-seed",
            "define",
            "create-disk",
            "set-autostart",
            "reserve-lease",
            "start",
            "wait-ready"
        ]
    );
    let world = provisioned(&zap);
    assert!(names(&world, &zap, PLAIN).is_empty());
    assert!(held(&world, &zap).is_empty());
}

#[test]
fn a_kill_between_any_two_steps_converges() {
    let zap = zap("");
    let steps = World::new().plan(&zap, PLAIN).steps.len();
    for killed in 0..=steps {
        let mut world = World::new();
        world.provision(&zap, PLAIN, killed);
        world.provision(&zap, PLAIN, ALL);
        assert!(
            names(&world, &zap, PLAIN).is_empty(),
            "killed after {killed}"
        );
    }
}

#[test]
fn a_run_that_is_killed_after_each_single_step_arrives() {
    let zap = zap("");
    let mut world = World::new();
    let mut runs = 0;
    while world.provision(&zap, PLAIN, 1) > 0 {
        runs += 1;
        // The seed is made again as long as no domain names it.
        if runs > 6 {
            world.provision(&zap, PLAIN, 2);
        }
        assert!(runs < 40);
    }
}

#[test]
fn a_rebuild_that_is_killed_anywhere_converges() {
    let old = zap("");
    let new = zap("vm_users: [will]\nvm_firmware: efi");
    let steps = provisioned(&old).plan(&new, REBUILD).steps.len();
    for killed in 0..=steps {
        let mut world = provisioned(&old);
        world.provision(&new, REBUILD, killed);
        world.provision(&new, REBUILD, ALL);
        assert!(
            names(&world, &new, PLAIN).is_empty(),
            "killed after {killed}"
        );
        assert!(held(&world, &new).is_empty(), "killed after {killed}");
    }
}

#[test]
fn a_destroy_that_is_killed_anywhere_converges_and_leaves_the_base_image() {
    let zap = zap("");
    for killed in 0..=8 {
        let mut world = provisioned(&zap);
        world.destroy(&zap, false, killed);
        world.destroy(&zap, false, ALL);
        assert_eq!(world.destroy(&zap, false, ALL), 0);
        assert!(world.view.domains.is_empty());
        assert!(world.pin.is_none() && world.shares.is_empty());
        assert!(world.view.networks["default"].reservations.is_empty());
        assert_eq!(world.volumes.len(), 2, "the base image and its mark");
    }
}

#[test]
fn a_kept_disk_gets_its_domain_and_its_key_back() {
    let zap = zap("");
    let mut world = provisioned(&zap);
    let key = world.pin.clone();
    world.destroy(&zap, true, ALL);
    world.pin = None;
    assert_eq!(
        names(&world, &zap, PLAIN),
        [
            "make-share",
            "define",
            "set-autostart",
            "reserve-lease",
            "pin-host-key",
            "start",
            "wait-ready"
        ]
    );
    world.provision(&zap, PLAIN, ALL);
    assert!(names(&world, &zap, PLAIN).is_empty());
    assert_eq!(world.pin, key);
}

#[test]
fn memory_grows_by_a_restart_and_shrinks_by_the_balloon() {
    let small = zap("vm_memory_mib: 1024");
    let large = zap("vm_memory_mib: 2048");
    let mut world = provisioned(&small);
    assert!(names(&world, &large, PLAIN).is_empty());
    let wait = ("memory 1024 MiB, wanted 2048 MiB".to_owned(), Need::Restart);
    assert_eq!(held(&world, &large), [wait]);
    assert_eq!(
        names(&world, &large, RESTART),
        ["stop", "define", "start", "wait-ready"]
    );
    world.provision(&large, RESTART, ALL);
    assert!(held(&world, &large).is_empty());
    assert_eq!(names(&world, &small, PLAIN), ["define", "set-memory"]);
    world.provision(&small, PLAIN, ALL);
    assert!(names(&world, &small, PLAIN).is_empty());
    assert!(held(&world, &small).is_empty());
}

#[test]
fn a_disk_grows_and_never_shrinks() {
    let small = zap("vm_disk_size: 20G");
    let large = zap("vm_disk_size: 30G");
    let mut world = provisioned(&small);
    assert_eq!(names(&world, &large, PLAIN), ["grow-disk"]);
    world.provision(&large, PLAIN, ALL);
    assert!(names(&world, &small, PLAIN).is_empty());
    assert_eq!(held(&world, &small)[0].1, Need::Impossible);
}

#[test]
fn documents_image_and_firmware_wait_for_a_rebuild() {
    let world = provisioned(&zap(""));
    for change in [
        "vm_users: [will]",
        "vm_hostname: other",
        "vm_image: https://example.org/other.img",
        "vm_firmware: efi",
    ] {
        let changed = zap(change);
        let needs: Vec<Need> = held(&world, &changed).into_iter().map(|h| h.1).collect();
        assert!(needs.contains(&Need::Rebuild), "{change}");
        let steps = names(&world, &changed, PLAIN);
        assert!(!steps.contains(&"delete-disk"), "{change}: {steps:?}");
    }
}

#[test]
fn a_moved_address_moves_the_lease_and_the_pin() {
    let mut world = provisioned(&zap(""));
    let moved = zap("vm_mac: 52:54:00:01:00:99");
    world.provision(&moved, RESTART, ALL);
    let wanted = reservation(&moved);
    assert_eq!(world.view.networks["default"].reservations, [wanted]);
    assert!(names(&world, &moved, PLAIN).is_empty());
}

#[test]
fn a_reservation_says_what_the_network_has_instead() {
    let world = provisioned(&zap(""));
    let why = |changed: &Instance| {
        let plan = world.plan(changed, PLAIN);
        let step = plan
            .steps
            .into_iter()
            .find(|step| step.name == "reserve-lease");
        step.unwrap().why
    };
    assert_eq!(
        why(&zap("vm_hostname: other")),
        "the network's reservation names the host zap"
    );
    let mut moved = zap("");
    moved.ip = "192.168.122.183".parse().unwrap();
    assert_eq!(
        why(&moved),
        "the network reserves 192.168.122.182 for this MAC address"
    );
}

#[test]
fn what_is_not_ours_is_refused() {
    let zap = zap("");
    let foreign = "<domain type='qemu'><name>zap [claw]</name><memory>1</memory></domain>";
    let refused = |world: &World| {
        let failure = world.try_plan(&zap, REBUILD).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Refused, "{failure}");
        assert!(failure.hint.is_some());
        failure.to_string()
    };
    let mut world = World::new();
    world.view.domains.push(documents(foreign, None, false));
    assert!(refused(&world).contains("swarmctl did not make"));

    let mut world = World::new();
    world.provision(&zap, PLAIN, 2);
    let disk = ("swarmctl-images".to_owned(), "claw.qcow2".to_owned());
    world
        .volumes
        .insert(disk, volume("/images/claw.qcow2", 1, None));
    assert!(refused(&world).contains("exists and swarmctl did not make it"));

    let mut world = World::new();
    let network = world.view.networks.get_mut("default").unwrap();
    let mut taken = reservation(&zap);
    taken.mac = "52:54:00:aa:aa:aa".to_owned();
    taken.name = Some("other".to_owned());
    network.reservations.push(taken);
    assert!(refused(&world).contains("reserves"));

    let mut world = provisioned(&zap);
    world.domain(&zap).name = "old name".to_owned();
    assert!(refused(&world).contains("runs as domain"));
}

#[test]
fn protected_instances_are_neither_rebuilt_nor_destroyed() {
    let protected = zap("vm_protected: true");
    let world = provisioned(&protected);
    let failure = world.try_plan(&protected, REBUILD).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused);
    let (desired, observed) = world.look(&protected);
    let failure =
        super::plan_destroy::plan_destroy(&protected, &desired, &observed, false).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused);
}

#[test]
fn an_address_outside_the_network_is_invalid_with_its_place() {
    let mut text = zap("");
    text.ip = "10.0.0.1".parse().unwrap();
    let failure = World::new().try_plan(&text, PLAIN).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Invalid);
    let diagnostic = failure.diagnostic.unwrap();
    assert_eq!(diagnostic.place.unwrap().line, 2);
    assert!(diagnostic.message.contains("192.168.122.0/24"));
}

#[test]
fn addresses_that_no_guest_can_have_are_invalid() {
    for (ip, whose) in [
        ("192.168.122.1", "hypervisor's own"),
        ("192.168.122.0", "name of"),
        ("192.168.122.255", "broadcast"),
    ] {
        let mut instance = zap("");
        instance.ip = ip.parse().unwrap();
        let failure = World::new().try_plan(&instance, PLAIN).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Invalid, "{ip}");
        assert!(failure.to_string().contains(whose), "{ip}: {failure}");
    }
}

#[derive(Clone, Debug)]
enum Deed {
    Provision(usize, bool, bool, usize),
    Destroy(bool, usize),
}

const SPECS: [&str; 6] = [
    "",
    "vm_memory_mib: 4096",
    "vm_memory_mib: 1024\nvm_disk_size: 70G",
    "vm_mac: 52:54:00:01:00:99\nvm_autostart: false",
    "vm_users: [will]\nvm_tpm: false",
    "vm_firmware: efi\nvm_virtiofs: []",
];

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => (0..SPECS.len(), any::<bool>(), any::<bool>(), 0..16_usize)
            .prop_map(|(spec, rebuild, restart, steps)| Deed::Provision(spec, rebuild, restart, steps)),
        1 => (any::<bool>(), 0..9_usize).prop_map(|(keep, steps)| Deed::Destroy(keep, steps)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever was done and killed before: one last full run arrives, and after it
    /// there is nothing to do and nothing to hold back.
    #[test]
    fn every_history_converges(deeds in prop::collection::vec(deed(), 0..6), last in 0..SPECS.len()) {
        let mut world = World::new();
        for deed in deeds {
            match deed {
                Deed::Provision(spec, rebuild, restart, steps) => {
                    world.provision(&zap(SPECS[spec]), ProvisionOptions { rebuild, restart }, steps);
                }
                Deed::Destroy(keep, steps) => {
                    world.destroy(&zap(""), keep, steps);
                }
            }
        }
        let last = zap(SPECS[last]);
        world.provision(&last, ProvisionOptions { rebuild: true, restart: true }, ALL);
        prop_assert!(names(&world, &last, PLAIN).is_empty(), "{:?}", names(&world, &last, PLAIN));
        prop_assert!(held(&world, &last).is_empty());
    }
}
