use std::time::{Duration, SystemTime};

use swarmctl::hypervisor::{Console, DomainState, HypervisorError, VolumeSpec};
use tokio::time::timeout;

use crate::fixture::{Cleanup, Leftover, live, unique};

/// A machine that only runs its firmware, which talks to the serial console and then
/// finds nothing to boot.
fn domain_xml(name: &str, disk: &str) -> String {
    format!(
        "<domain type='qemu'><name>{name}</name><memory unit='MiB'>64</memory>\
         <vcpu current='1'>2</vcpu>\
         <os><type arch='x86_64' machine='q35'>hvm</type><bios useserial='yes'/></os>\
         <devices><disk type='file'><driver name='qemu' type='qcow2'/><source file='{disk}'/>\
         <target dev='vda' bus='virtio'/></disk>\
         <interface type='network'><mac address='52:54:00:aa:01:09'/>\
         <source network='default'/><model type='virtio'/></interface>\
         <serial type='pty'/><console type='pty'/></devices></domain>"
    )
}

async fn read_until(console: &mut Console, text: &str) -> String {
    let mut seen = String::new();
    while !seen.contains(text) {
        let piece = timeout(Duration::from_secs(30), console.receive())
            .await
            .unwrap_or_else(|_| panic!("the console said only {seen:?}"))
            .unwrap_or_else(|| panic!("the console ended after {seen:?}"));
        seen.push_str(&String::from_utf8_lossy(&piece));
    }
    seen
}

#[tokio::test]
async fn a_running_domain_answers_and_changes() {
    let Some(hypervisor) = live("running domain").await else {
        return;
    };
    let mut cleanup = Cleanup::default();
    let name = unique("swarmctl test [run]");
    let pool = unique("swarmctl-test-pool");
    let path = format!("/var/tmp/{pool}");
    cleanup.add(Leftover::Directory(path.clone().into()));
    cleanup.add(Leftover::Pool(pool.clone()));
    cleanup.add(Leftover::Domain(name.clone()));
    hypervisor
        .define_dir_pool(&pool, &path, true)
        .await
        .unwrap();
    let spec = VolumeSpec {
        name: "run.qcow2".to_owned(),
        capacity: 8 << 20,
        format: "qcow2".to_owned(),
        backing: None,
        mode: None,
    };
    let disk = hypervisor.create_volume(&pool, spec).await.unwrap();
    hypervisor
        .define(&domain_xml(&name, &disk.path))
        .await
        .unwrap();
    hypervisor.start(&name).await.unwrap();

    let mut console = hypervisor.console(&name, false).await.unwrap();
    let busy = hypervisor.console(&name, false).await;
    assert!(busy.is_err());
    hypervisor.reset(&name).await.unwrap();
    read_until(&mut console, "SeaBIOS").await;
    assert!(console.send(b"x").await);

    let again = hypervisor.start(&name).await.unwrap_err();
    assert!(
        matches!(again, HypervisorError::WrongState { .. }),
        "{again:?}"
    );
    hypervisor
        .resize_disk_live(&name, "vda", 16 << 20)
        .await
        .unwrap();
    let facts = hypervisor.domain(&name).await.unwrap().unwrap();
    assert_eq!(facts.state, DomainState::Running);
    assert_eq!(facts.disks[0].capacity, Some(16 << 20));
    let stats = hypervisor.domain_stats().await.unwrap();
    let stats = stats.iter().find(|domain| domain.name == name).unwrap();
    assert_eq!(stats.disks[0].capacity, Some(16 << 20));
    assert_eq!(stats.disks[0].path.as_deref(), Some(disk.path.as_str()));
    assert_eq!((stats.current_vcpus, stats.vcpus), (Some(1), Some(2)));

    let namespace = "https://example.org/swarmctl/1";
    hypervisor
        .set_metadata_live(&name, namespace, "swarmctl", "<spec digest='abc'/>")
        .await
        .unwrap();
    let facts = hypervisor.domain(&name).await.unwrap().unwrap();
    assert!(facts.xml_live.unwrap().contains("abc"));
    assert!(!facts.xml_inactive.contains("abc"));

    let by_mac = hypervisor
        .interface_bytes(&name, "52:54:00:AA:01:09")
        .await
        .unwrap();
    let target = facts.interfaces[0].target_dev.as_deref().unwrap();
    let by_target = hypervisor.interface_bytes(&name, target).await.unwrap();
    assert!(by_target.rx_bytes >= by_mac.rx_bytes);
    assert_eq!(hypervisor.domain_addresses(&name).await.unwrap(), []);
    let started = hypervisor.local_start_time(&name).await.unwrap();
    let age = SystemTime::now().duration_since(started).unwrap();
    assert!(age < Duration::from_secs(60), "{age:?}");

    // A dropped console is free for the next, which ends with its domain.
    drop(console);
    let mut next = None;
    for _ in 0..50 {
        if let Ok(console) = hypervisor.console(&name, false).await {
            next = Some(console);
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut console = next.expect("the dropped console is still in use");
    hypervisor.destroy_domain(&name).await.unwrap();
    let end = timeout(Duration::from_secs(10), async {
        while console.receive().await.is_some() {}
    });
    end.await.unwrap();
    hypervisor.undefine(&name, false).await.unwrap();
}
