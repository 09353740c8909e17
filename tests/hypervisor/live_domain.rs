use swarmctl::hypervisor::{DomainState, Firmware, HypervisorError};

use crate::fixture::{Cleanup, Leftover, live, unique};

fn domain_xml(name: &str, network: &str) -> String {
    format!(
        "<domain type='qemu'><name>{name}</name><memory unit='MiB'>64</memory>\
         <vcpu>1</vcpu><os><type arch='x86_64' machine='q35'>hvm</type></os>\
         <devices><interface type='network'><mac address='52:54:00:aa:00:09'/>\
         <source network='{network}'/><model type='virtio'/></interface>\
         <tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>\
         <serial type='pty'/><console type='pty'/></devices></domain>"
    )
}

#[tokio::test]
async fn a_domain_is_defined_and_undefined() {
    let Some(hypervisor) = live("domain").await else {
        return;
    };
    let mut cleanup = Cleanup::default();
    let name = unique("swarmctl test [x]");
    cleanup.add(Leftover::Domain(name.clone()));
    hypervisor
        .define(&domain_xml(&name, "default"))
        .await
        .unwrap();
    let facts = hypervisor.domain(&name).await.unwrap().unwrap();
    assert_eq!(facts.state, DomainState::ShutOff);
    assert_eq!(facts.domain_type, "qemu");
    assert_eq!(facts.firmware, Firmware::Bios);
    assert!(facts.tpm);
    assert_eq!(
        facts.interfaces[0].mac.as_deref(),
        Some("52:54:00:aa:00:09")
    );
    let stats = hypervisor.domain_stats().await.unwrap();
    let stats = stats.iter().find(|domain| domain.name == name).unwrap();
    assert_eq!(stats.memory_kib, Some(64 * 1024));
    let error = hypervisor.shutdown(&name).await.unwrap_err();
    assert!(
        matches!(error, HypervisorError::WrongState { .. }),
        "{error:?}"
    );
    assert_eq!(hypervisor.local_start_time(&name).await, None);
    hypervisor.undefine(&name, false).await.unwrap();
    assert!(hypervisor.domain(&name).await.unwrap().is_none());
}

#[tokio::test]
async fn a_missing_network_is_told_at_the_start() {
    let Some(hypervisor) = live("missing network").await else {
        return;
    };
    let mut cleanup = Cleanup::default();
    let name = unique("swarmctl-test-lost");
    cleanup.add(Leftover::Domain(name.clone()));
    hypervisor
        .define(&domain_xml(&name, "swarmctl no such"))
        .await
        .unwrap();
    let error = hypervisor.start(&name).await.unwrap_err();
    let HypervisorError::NetworkMissing { network, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(network.as_deref(), Some("swarmctl no such"));
}

#[tokio::test]
async fn kvm_and_architecture_are_told() {
    let Some(hypervisor) = live("capabilities").await else {
        return;
    };
    assert_eq!(hypervisor.host_arch().await.unwrap(), "x86_64");
    let offered = hypervisor.supports_kvm().await.unwrap();
    assert!(!offered || std::path::Path::new("/dev/kvm").exists());
}
