use swarmctl::hypervisor::{
    DirectoryAccess, DomainState, Hypervisor, HypervisorError, Reservation, VolumeSpec,
};

use crate::fixture::test_driver;

fn domain_xml(name: &str) -> String {
    format!(
        "<domain type='test'><name>{name}</name><memory unit='MiB'>64</memory>\
         <currentMemory unit='MiB'>32</currentMemory><vcpu current='1'>2</vcpu>\
         <os><type>hvm</type></os></domain>"
    )
}

#[tokio::test]
async fn a_domain_lives_and_dies() {
    let hypervisor = test_driver().await;
    let name = "zap [claw]";
    hypervisor.define(&domain_xml(name)).await.unwrap();
    let facts = hypervisor.domain(name).await.unwrap().unwrap();
    assert_eq!(facts.state, DomainState::ShutOff);
    assert_eq!(facts.memory_kib, 64 * 1024);
    assert_eq!(facts.current_memory_kib, 32 * 1024);
    assert_eq!((facts.vcpus, facts.current_vcpus), (2, 1));
    assert!(facts.persistent && !facts.autostart && facts.xml_live.is_none());

    hypervisor.set_autostart(name, true).await.unwrap();
    hypervisor.start(name).await.unwrap();
    assert!(hypervisor.start(name).await.is_err());
    let facts = hypervisor.domain(name).await.unwrap().unwrap();
    assert_eq!(facts.state, DomainState::Running);
    assert!(facts.autostart && facts.xml_live.is_some());

    hypervisor.set_memory_live(name, 48 * 1024).await.unwrap();
    hypervisor.set_vcpus_live(name, 2).await.unwrap();
    let facts = hypervisor.domain(name).await.unwrap().unwrap();
    assert_eq!(facts.current_memory_kib, 48 * 1024);
    assert_eq!(facts.current_vcpus, 2);

    let running = hypervisor.undefine(name, false).await.unwrap_err();
    assert!(
        matches!(running, HypervisorError::WrongState { .. }),
        "{running:?}"
    );
    hypervisor.destroy_domain(name).await.unwrap();
    hypervisor.undefine(name, false).await.unwrap();
    assert!(hypervisor.domain(name).await.unwrap().is_none());
}

#[tokio::test]
async fn a_name_in_use_is_told() {
    let hypervisor = test_driver().await;
    let named =
        |uuid: &str| domain_xml("twice").replace("</name>", &format!("</name><uuid>{uuid}</uuid>"));
    let first = named("11111111-1111-4111-8111-111111111111");
    hypervisor.define(&first).await.unwrap();
    let error = hypervisor
        .define(&named("22222222-2222-4222-8222-222222222222"))
        .await
        .unwrap_err();
    assert!(matches!(error, HypervisorError::Exists { .. }), "{error:?}");
}

#[tokio::test]
async fn metadata_is_kept_live_and_defined_apart() {
    let hypervisor = test_driver().await;
    let (namespace, name) = ("https://example.org/swarmctl/1", "test");
    assert_eq!(
        hypervisor.get_metadata(name, namespace).await.unwrap(),
        None
    );
    hypervisor
        .set_metadata_live(name, namespace, "swarmctl", "<spec digest='abc'/>")
        .await
        .unwrap();
    let found = hypervisor.get_metadata(name, namespace).await.unwrap();
    assert!(found.unwrap().contains("abc"));
    let facts = hypervisor.domain(name).await.unwrap().unwrap();
    assert!(facts.xml_live.unwrap().contains("abc"));
    assert!(!facts.xml_inactive.contains("abc"));
}

async fn define_many(hypervisor: &Hypervisor, count: usize) {
    for number in 0..count {
        let xml = domain_xml(&format!("many {number:03}"));
        hypervisor.define(&xml).await.unwrap();
    }
}

#[tokio::test]
async fn a_list_costs_the_same_calls_for_any_fleet() {
    let hypervisor = test_driver().await;
    define_many(&hypervisor, 5).await;
    let before = hypervisor.calls();
    assert_eq!(hypervisor.domain_list().await.unwrap().len(), 6);
    let few = hypervisor.calls() - before;

    let hypervisor = test_driver().await;
    define_many(&hypervisor, 200).await;
    hypervisor.start("many 007").await.unwrap();
    hypervisor.set_autostart("many 008", true).await.unwrap();
    let before = hypervisor.calls();
    let list = hypervisor.domain_list().await.unwrap();
    let many = hypervisor.calls() - before;
    assert_eq!(list.len(), 201);
    assert_eq!(few, many);
    assert!(many <= 6, "{many}");
    assert_eq!(list[7].state, DomainState::Running);
    assert_eq!(list[9].state, DomainState::ShutOff);
    assert!(list[8].autostart && !list[9].autostart);
    assert!(list.iter().all(|domain| domain.persistent));
}

#[tokio::test]
async fn stats_take_two_calls_for_any_fleet() {
    let hypervisor = test_driver().await;
    define_many(&hypervisor, 200).await;
    hypervisor.start("many 007").await.unwrap();
    hypervisor.set_autostart("many 001", true).await.unwrap();
    let before = hypervisor.calls();
    let stats = hypervisor.domain_stats().await.unwrap();
    assert_eq!(hypervisor.calls() - before, 2);
    assert_eq!(stats.len(), 201);
    assert_eq!(stats[7].name, "many 007");
    assert_eq!(stats[7].state, DomainState::Running);
    assert_eq!(stats[8].state, DomainState::ShutOff);
    assert!(stats[1].autostart && !stats[0].autostart);
    // The test driver tells no numbers; the live tests read those.
}

fn reservation(mac: &str, ip: &str, name: &str) -> Reservation {
    Reservation {
        mac: mac.to_owned(),
        ip: ip.parse().unwrap(),
        name: Some(name.to_owned()),
    }
}

#[tokio::test]
async fn a_reservation_moves_with_its_guest_and_spares_others() {
    let hypervisor = test_driver().await;
    let network = "default";
    let ours = |entry: &Reservation| entry.name.as_deref() == Some("zap");
    let first = reservation("52:54:00:01:00:71", "192.168.122.82", "zap");
    assert!(
        hypervisor
            .set_reservation(network, first.clone(), ours)
            .await
            .unwrap()
    );
    // A second time there is nothing to do.
    assert!(
        !hypervisor
            .set_reservation(network, first.clone(), ours)
            .await
            .unwrap()
    );
    let moved = reservation("52:54:00:01:00:71", "192.168.122.83", "zap");
    hypervisor
        .set_reservation(network, moved.clone(), ours)
        .await
        .unwrap();
    let facts = hypervisor.network(network).await.unwrap().unwrap();
    assert_eq!(facts.reservations, std::slice::from_ref(&moved));

    let thief = reservation("52:54:00:01:00:99", "192.168.122.83", "thief");
    let error = hypervisor
        .set_reservation(network, thief, |_| false)
        .await
        .unwrap_err();
    assert!(matches!(error, HypervisorError::Exists { .. }), "{error:?}");
    assert!(error.hint().unwrap().contains("vm_ip"));
    let facts = hypervisor.network(network).await.unwrap().unwrap();
    assert_eq!(facts.reservations, std::slice::from_ref(&moved));

    assert!(
        hypervisor
            .remove_reservation(network, &moved)
            .await
            .unwrap()
    );
    assert!(
        !hypervisor
            .remove_reservation(network, &moved)
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn networks_and_pools_are_read() {
    let hypervisor = test_driver().await;
    let networks = hypervisor.networks().await.unwrap();
    assert_eq!(networks[0].name, "default");
    assert!(networks[0].active);
    assert_eq!(networks[0].address.unwrap().to_string(), "192.168.122.1/24");
    let pools = hypervisor.pools().await.unwrap();
    assert_eq!(pools[0].name, "default-pool");
    let by_path = hypervisor
        .pool_by_target(pools[0].target_path.as_deref().unwrap())
        .await
        .unwrap();
    assert_eq!(by_path.unwrap().name, "default-pool");
    assert!(hypervisor.is_local());
    assert!(!hypervisor.host_arch().await.unwrap().is_empty());
    assert!(!hypervisor.supports_kvm().await.unwrap());
}

#[tokio::test]
async fn a_pool_holds_volumes() {
    let hypervisor = test_driver().await;
    hypervisor
        .define_dir_pool("images [lab]", "/lab/images", true)
        .await
        .unwrap();
    let pool = hypervisor.pool("images [lab]").await.unwrap().unwrap();
    assert!(pool.active && pool.autostart);
    let spec = VolumeSpec {
        name: "zap [claw].img".to_owned(),
        capacity: 1 << 20,
        format: "raw".to_owned(),
        backing: None,
        mode: None,
    };
    let made = hypervisor
        .create_volume("images [lab]", spec.clone())
        .await
        .unwrap();
    assert_eq!(made.capacity, 1 << 20);
    let twice = hypervisor
        .create_volume("images [lab]", spec.clone())
        .await
        .unwrap_err();
    assert!(matches!(twice, HypervisorError::Exists { .. }), "{twice:?}");
    let (pool, found) = hypervisor
        .volume_by_path(&made.path)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((pool.as_str(), &found), ("images [lab]", &made));
    hypervisor
        .delete_volume("images [lab]", &spec.name)
        .await
        .unwrap();
    assert!(hypervisor.volumes("images [lab]").await.unwrap().is_empty());
    hypervisor.undefine_pool("images [lab]").await.unwrap();
    assert!(hypervisor.pool("images [lab]").await.unwrap().is_none());
}

#[tokio::test]
async fn ensuring_a_directory_leaves_no_pool_behind() {
    let hypervisor = test_driver().await;
    let before = hypervisor.pools().await.unwrap().len();
    hypervisor
        .ensure_directory("/lab/share", DirectoryAccess::default())
        .await
        .unwrap();
    assert_eq!(hypervisor.pools().await.unwrap().len(), before);
}

#[tokio::test]
async fn many_calls_at_once_all_answer() {
    let hypervisor = test_driver().await;
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..50 {
        let hypervisor = hypervisor.clone();
        calls.spawn(async move {
            hypervisor
                .define(&domain_xml(&format!("at once {number}")))
                .await
        });
    }
    while let Some(result) = calls.join_next().await {
        result.unwrap().unwrap();
    }
    assert_eq!(hypervisor.domains().await.unwrap().len(), 51);
}
