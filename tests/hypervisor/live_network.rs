use swarmctl::hypervisor::{HypervisorError, Reservation};

use crate::fixture::{Cleanup, Leftover, live, unique};

#[tokio::test]
async fn reservations_hold_in_force_and_defined() {
    let Some(hypervisor) = live("reservations").await else {
        return;
    };
    let mut cleanup = Cleanup::default();
    let name = unique("swarmctl-test");
    cleanup.add(Leftover::Network(name.clone()));
    let bridge = format!("swt{}", std::process::id() % 100_000);
    // TEST-NET-2 of RFC 5737 is nobody's.
    hypervisor
        .define_network(&format!(
            "<network><name>{name}</name><bridge name='{bridge}'/>\
             <ip address='198.51.100.1' netmask='255.255.255.0'><dhcp>\
             <range start='198.51.100.2' end='198.51.100.100'/></dhcp></ip></network>"
        ))
        .await
        .unwrap();
    let entry = |mac: &str, ip: &str, name: &str| Reservation {
        mac: mac.to_owned(),
        ip: ip.parse().unwrap(),
        name: Some(name.to_owned()),
    };
    let ours = |entry: &Reservation| entry.name.as_deref() == Some("zap");
    let defined = entry("52:54:00:aa:00:01", "198.51.100.10", "zap");
    assert!(
        hypervisor
            .set_reservation(&name, defined.clone(), ours)
            .await
            .unwrap()
    );
    hypervisor.start_network(&name).await.unwrap();
    let facts = hypervisor.network(&name).await.unwrap().unwrap();
    assert!(facts.active && !facts.autostart);
    assert_eq!(facts.reservations, std::slice::from_ref(&defined));
    assert_eq!(facts.bridge.as_deref(), Some(bridge.as_str()));

    let moved = entry("52:54:00:aa:00:02", "198.51.100.11", "zap");
    assert!(
        hypervisor
            .set_reservation(&name, moved.clone(), ours)
            .await
            .unwrap()
    );
    assert!(
        !hypervisor
            .set_reservation(&name, moved.clone(), ours)
            .await
            .unwrap()
    );
    let facts = hypervisor.network(&name).await.unwrap().unwrap();
    assert_eq!(facts.reservations, std::slice::from_ref(&moved));

    for wrong in ["192.0.2.9", "198.51.100.1"] {
        let error = hypervisor
            .set_reservation(&name, entry("52:54:00:aa:00:03", wrong, "far"), |_| false)
            .await
            .unwrap_err();
        assert!(
            matches!(error, HypervisorError::Rejected { .. }),
            "{error:?}"
        );
    }

    assert!(hypervisor.remove_reservation(&name, &moved).await.unwrap());
    let facts = hypervisor.network(&name).await.unwrap().unwrap();
    assert!(facts.reservations.is_empty());
    hypervisor.undefine_network(&name).await.unwrap();
    assert!(hypervisor.network(&name).await.unwrap().is_none());
}
