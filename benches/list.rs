//! `swarmctl list` of 200 instances on a node of libvirt's test driver, and the calls
//! to libvirt that it makes; beside `virsh list --all`, and beside asking for each
//! domain by itself.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench may panic, and prints"
)]

#[path = "../tests/observe/fleet.rs"]
mod fleet;

use std::{
    collections::BTreeMap,
    process::Command,
    time::{Duration, Instant},
};

use fleet::Fleet;
use serde_json::Value;
use swarmctl::{
    guest::{GuestEnv, HostView, Survey},
    hypervisor::Hypervisor,
    inventory::Instance,
    observe,
};

const COUNT: usize = 200;
const RUNNING: usize = 50;
const RUNS: usize = 20;

type States = BTreeMap<String, String>;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let fleet = Fleet::new(COUNT, RUNNING, COUNT);
    let uri = format!("test://{}", fleet.root().join("node.xml").display());

    // Both tell the same names and states, before any time is taken.
    let theirs = virsh(&uri);
    assert_eq!(ours(&fleet).len(), COUNT);
    if let Some(theirs) = &theirs {
        assert_eq!(&ours(&fleet), theirs, "the lists differ");
    }

    let our_time = median(|| drop(ours(&fleet)));
    println!("swarmctl list, {COUNT} instances, {RUNNING} of them running: {our_time:.1} ms");
    if theirs.is_some() {
        let their_time = median(|| drop(virsh(&uri)));
        println!("virsh list --all (names and states only): {their_time:.1} ms");
        println!("ratio: {:.2}; the states are equal", our_time / their_time);
    } else {
        println!("virsh is not installed: no comparison");
    }

    let calls = runtime.block_on(calls(&fleet));
    let half = runtime.block_on(calls_of(COUNT / 2));
    let empty = runtime.block_on(calls_of(0));
    let documents = u64::try_from(COUNT + RUNNING).unwrap();
    println!("calls to libvirt: {calls}, of which {documents} read documents");
    println!(
        "calls beside documents: {} for {COUNT} domains, {} for {}, {empty} for none",
        calls - documents,
        half - u64::try_from(COUNT / 2).unwrap(),
        COUNT / 2
    );
    let apart = runtime.block_on(one_by_one(&uri));
    println!(
        "each domain by itself: {apart} calls; ratio {:.1}",
        apart as f64 / calls as f64
    );
}

/// What the binary says.
fn ours(fleet: &Fleet) -> States {
    let output = Command::new(env!("CARGO_BIN_EXE_swarmctl"))
        .args(["list", "--output", "json", "--fleet"])
        .arg(fleet.root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = document["instances"].as_array().unwrap();
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    rows.iter()
        .map(|row| (text(row, "domain"), text(row, "state")))
        .collect()
}

/// What virsh says: ` Id   Name   State` with columns that are padded with spaces.
fn virsh(uri: &str) -> Option<States> {
    let output = Command::new("virsh")
        .env("LC_ALL", "C")
        .args(["-c", uri, "list", "--all"])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).unwrap();
    let line = |line: &str| {
        let (_, rest) = line.trim().split_once("   ")?;
        let (name, state) = rest.trim().split_once("   ")?;
        Some((name.trim().to_owned(), state.trim().to_owned()))
    };
    Some(text.lines().skip(2).filter_map(line).collect())
}

async fn calls(fleet: &Fleet) -> u64 {
    let (instances, env): (Vec<Instance>, std::sync::Arc<GuestEnv>) =
        (fleet.instances(), fleet.env());
    let survey = Survey::take(&instances, &env).await;
    let (rows, failures) = observe::surveyed(&instances, &survey, &env).await;
    assert!(failures.is_empty() && rows.len() == COUNT);
    survey.calls()
}

/// The calls of a look at a hypervisor with `count` domains that are off.
async fn calls_of(count: usize) -> u64 {
    let fleet = Fleet::new(1, 0, count);
    let uri = format!("test://{}", fleet.root().join("node.xml").display());
    let hypervisor = connect(&uri).await;
    HostView::take(&hypervisor, &["default"]).await.unwrap();
    hypervisor.calls()
}

/// The calls of asking for each domain by its name, with all that is to know of it.
async fn one_by_one(uri: &str) -> u64 {
    let hypervisor = connect(uri).await;
    let names = hypervisor.domain_list().await.unwrap();
    for domain in names {
        hypervisor.domain(&domain.name).await.unwrap().unwrap();
    }
    hypervisor.calls()
}

async fn connect(uri: &str) -> Hypervisor {
    let timeout = Duration::from_secs(30);
    Hypervisor::connect(uri, timeout).await.unwrap()
}

fn median(mut work: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
