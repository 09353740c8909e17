//! What `swarmctl list` tells, and what it costs, on libvirt's test driver.
#![cfg(feature = "libvirt")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "tests may panic"
)]

mod fleet;

use fleet::Fleet;
use swarmctl::{guest::Survey, observe, report::InstanceRow};

async fn rows_and_calls(fleet: &Fleet) -> (Vec<InstanceRow>, u64) {
    let (instances, env) = (fleet.instances(), fleet.env());
    let survey = Survey::take(&instances, &env).await;
    let (rows, failures) = observe::surveyed(&instances, &survey, &env).await;
    assert!(failures.is_empty(), "{failures:?}");
    (rows, survey.calls())
}

#[tokio::test]
async fn a_list_of_200_costs_a_constant_and_the_documents() {
    let (running, defined, count) = (50, 190, 200);
    let (rows, calls) = rows_and_calls(&Fleet::new(count, running, defined)).await;
    assert_eq!(rows.len(), count);
    for (number, row) in rows.iter().enumerate() {
        assert_eq!(row.name, format!("claw-{number:03}"));
        assert_eq!(row.domain, format!("claw {number:03} [claw]"));
        let state = match number {
            n if n < running => "running",
            n if n < defined => "shut off",
            _ => "absent",
        };
        assert_eq!(row.state, state, "{}", row.name);
        let memory = if number % 2 == 0 { 1024 } else { 2048 };
        assert_eq!(row.memory_mib, (number < defined).then_some(memory));
        // The node has no reservations, which is read from the network's document.
        let wanted = format!("reserve 192.168.122.{}", number + 2);
        let reserve = row.drift.iter().any(|drift| drift.contains(&wanted));
        assert_eq!(reserve, number < defined, "{:?}", row.drift);
    }
    let documents = u64::try_from(defined + running).unwrap();

    let (none, constant) = rows_and_calls(&Fleet::new(1, 0, 0)).await;
    assert_eq!(none[0].state, "absent");
    assert_eq!(calls, constant + documents);
    // Four for domains, four for pools, three for networks, one for KVM, and the
    // documents of one pool and one network.
    assert_eq!(constant, 14);
}

#[tokio::test]
async fn the_short_way_tells_the_same() {
    let fleet = Fleet::new(3, 1, 2);
    let (rows, _) = rows_and_calls(&fleet).await;
    let (short, failures) = observe::instances(&fleet.instances(), &fleet.env()).await;
    assert!(failures.is_empty());
    let told = |rows: &[InstanceRow]| serde_json::to_value(rows).unwrap();
    assert_eq!(told(&short), told(&rows));
}
