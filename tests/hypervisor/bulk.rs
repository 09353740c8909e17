//! What is read about everything at once must be what is read one by one.

use swarmctl::hypervisor::{DomainFacts, DomainState, Hypervisor};

use crate::fixture::{Cleanup, Leftover, live, test_driver, unique};

fn domain_xml(kind: &str, name: &str, disk: &str) -> String {
    format!(
        "<domain type='{kind}'><name>{name}</name><memory unit='MiB'>64</memory>\
         <currentMemory unit='MiB'>32</currentMemory><vcpu current='1'>2</vcpu>\
         <os><type arch='x86_64'>hvm</type></os><devices>{disk}</devices></domain>"
    )
}

/// Disks are compared without their sizes, since the test driver's statistics have
/// none, and it makes up the size that it tells when asked for one disk.
fn without_sizes(mut facts: DomainFacts) -> DomainFacts {
    for disk in &mut facts.disks {
        disk.capacity = None;
    }
    facts
}

async fn one_by_one(hypervisor: &Hypervisor, all: &[DomainFacts]) -> Vec<DomainFacts> {
    let mut found = Vec::new();
    for domain in all {
        found.push(hypervisor.domain(&domain.name).await.unwrap().unwrap());
    }
    found
}

#[tokio::test]
async fn domains_are_as_each_by_itself_at_one_or_two_calls() {
    let hypervisor = test_driver().await;
    let disk = "<disk type='file' device='disk'><source file='/i/a.qcow2'/>\
                <target dev='vda' bus='virtio'/></disk>";
    for number in 0..20 {
        let xml = domain_xml("test", &format!("some {number:02}"), disk);
        hypervisor.define(&xml).await.unwrap();
    }
    for name in ["some 03", "some 04", "some 05"] {
        hypervisor.start(name).await.unwrap();
    }
    hypervisor.set_autostart("some 05", true).await.unwrap();
    hypervisor.set_autostart("some 06", true).await.unwrap();

    let before = hypervisor.calls();
    let all = hypervisor.domains().await.unwrap();
    let calls = hypervisor.calls() - before;
    // The fixture's own domain is the 21st, and the fourth that is active.
    let (off, active) = (17, 4);
    assert_eq!(calls, 4 + off + 2 * active);
    assert_eq!(all.len(), 21);
    let states: Vec<_> = all[3..7].iter().map(|d| (d.state, d.autostart)).collect();
    assert_eq!(
        states,
        [
            (DomainState::Running, false),
            (DomainState::Running, false),
            (DomainState::Running, true),
            (DomainState::ShutOff, true),
        ]
    );
    let apart = one_by_one(&hypervisor, &all).await;
    let plain = |all: Vec<DomainFacts>| all.into_iter().map(without_sizes).collect::<Vec<_>>();
    assert_eq!(plain(all), plain(apart));
}

#[tokio::test]
async fn pools_and_networks_are_as_each_by_itself_at_one_call() {
    let hypervisor = test_driver().await;
    for number in 0..5 {
        let (name, path) = (format!("pool {number}"), format!("/lab/{number}"));
        hypervisor
            .define_dir_pool(&name, &path, true)
            .await
            .unwrap();
        let xml = format!(
            "<network><name>net {number}</name><bridge name='virbr{}'/></network>",
            number + 10
        );
        hypervisor.define_network(&xml).await.unwrap();
    }
    hypervisor.start_network("net 2").await.unwrap();

    let before = hypervisor.calls();
    let pools = hypervisor.pools().await.unwrap();
    assert_eq!(hypervisor.calls() - before, 4 + 6);
    for pool in &pools {
        let apart = hypervisor.pool(&pool.name).await.unwrap();
        assert_eq!(apart.as_ref(), Some(pool));
    }
    assert!(pools.iter().all(|pool| pool.active && pool.capacity > 0));

    let before = hypervisor.calls();
    let networks = hypervisor.networks().await.unwrap();
    assert_eq!(hypervisor.calls() - before, 3 + 6);
    for network in &networks {
        let apart = hypervisor.network(&network.name).await.unwrap();
        assert_eq!(apart.as_ref(), Some(network));
    }
    let active: Vec<_> = networks.iter().filter(|n| n.active).collect();
    let active: Vec<_> = active.iter().map(|n| n.name.as_str()).collect();
    assert_eq!(active, ["default", "net 2"]);

    let before = hypervisor.calls();
    let named = hypervisor.networks_named(&["net 3", "none", "default"]);
    let named = named.await.unwrap();
    assert_eq!(hypervisor.calls() - before, 3 + 2);
    let named: Vec<_> = named.iter().map(|n| n.name.as_str()).collect();
    assert_eq!(named, ["default", "net 3"]);
}

#[tokio::test]
async fn everything_on_a_daemon_is_as_each_by_itself() {
    let Some(hypervisor) = live("bulk").await else {
        return;
    };
    let mut cleanup = Cleanup::default();
    let folder = std::path::PathBuf::from("/var/tmp").join(unique("swarmctl-bulk"));
    std::fs::create_dir(&folder).unwrap();
    cleanup.add(Leftover::Directory(folder.clone()));
    let file = folder.join("a.img");
    std::fs::File::create(&file)
        .unwrap()
        .set_len(5 << 20)
        .unwrap();
    let disk = |path: &std::path::Path, target: &str| {
        format!(
            "<disk type='file' device='disk'><driver name='qemu' type='raw'/>\
             <source file='{}'/><target dev='{target}' bus='virtio'/></disk>",
            path.display()
        )
    };
    let disks = disk(&file, "vda") + &disk(&folder.join("gone.img"), "vdb");
    let name = unique("swarmctl bulk [x]");
    cleanup.add(Leftover::Domain(name.clone()));
    hypervisor
        .define(&domain_xml("qemu", &name, &disks))
        .await
        .unwrap();

    let all = hypervisor.domains().await.unwrap();
    let ours = all.iter().find(|domain| domain.name == name).unwrap();
    assert_eq!(ours.disks[0].capacity, Some(5 << 20));
    assert_eq!(ours.disks[1].capacity, None);
    // Other tests run beside this one, so that only this domain stays as it is.
    let apart = hypervisor.domain(&name).await.unwrap().unwrap();
    assert_eq!(ours, &apart);
    for pool in hypervisor.pools().await.unwrap() {
        let Some(mut apart) = hypervisor.pool(&pool.name).await.unwrap() else {
            continue;
        };
        // What is free on a disk that others write to changes between two calls.
        apart.available = pool.available;
        assert_eq!(apart, pool);
    }
    for network in hypervisor.networks().await.unwrap() {
        if let Some(apart) = hypervisor.network(&network.name).await.unwrap() {
            assert_eq!(apart.name, network.name);
            assert_eq!(apart.active, network.active);
        }
    }
}
