use std::sync::Arc;

use serde::Serialize;

use crate::{
    guest::{
        GuestEnv, HostView, LiveState, Observed, ProvisionOptions, Survey, glance, plan_provision,
    },
    hypervisor::Hypervisor,
    inventory::Instance,
    plan::{Failure, Need},
};

/// How far a domain is from the inventory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Drift {
    /// As the inventory has it.
    None,
    /// `provision` has steps.
    Steps,
    /// `provision --restart` has more steps.
    Restart,
    /// `provision --rebuild` has more steps.
    Rebuild,
    /// It does not exist.
    Absent,
    /// Something in the way isn't ours, or the hypervisor lacks something.
    Refused,
    /// The hypervisor can't be asked.
    Unknown,
}

/// What `swarmctl list` tells of one instance. What isn't known is `None`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InstanceRow {
    /// The inventory name.
    pub name: String,
    /// libvirt's name.
    pub domain: String,
    /// The hypervisor's URI.
    pub hypervisor: String,
    /// libvirt's state, `absent`, or `unknown`.
    pub state: String,
    /// The address that the inventory leases to it.
    pub ip: String,
    /// Virtual CPUs.
    pub vcpus: Option<u32>,
    /// Memory in MiB.
    pub memory_mib: Option<u64>,
    /// The disk's virtual size in bytes.
    pub disk_bytes: Option<u64>,
    /// Whether it starts with its hypervisor.
    pub autostart: Option<bool>,
    /// For how long it has been running, in seconds.
    pub uptime_seconds: Option<u64>,
    /// How far it is from the inventory.
    pub drift: Drift,
    /// What differs, in words.
    pub differences: Vec<String>,
}

/// Looks at every hypervisor once and returns a row for each instance, in order,
/// and the failures of hypervisors that can't be reached.
pub async fn instances(
    instances: &[Instance],
    env: &Arc<GuestEnv>,
) -> (Vec<InstanceRow>, Vec<Failure>) {
    let survey = Survey::take(instances, env).await;
    let mut rows = Vec::with_capacity(instances.len());
    let mut failures: Vec<Failure> = Vec::new();
    for instance in instances {
        match survey.host(instance) {
            Ok((hypervisor, view)) => rows.push(row(instance, &hypervisor, &view, env).await),
            Err(failure) => {
                rows.push(blank(instance, "unknown", Drift::Unknown));
                if !failures.contains(&failure) {
                    failures.push(failure);
                }
            }
        }
    }
    (rows, failures)
}

async fn row(
    instance: &Instance,
    hypervisor: &Hypervisor,
    view: &HostView,
    env: &GuestEnv,
) -> InstanceRow {
    let Some(domain) = view.domain(&instance.domain) else {
        return blank(instance, "absent", Drift::Absent);
    };
    let mut row = blank(instance, &domain.state.to_string(), Drift::None);
    row.vcpus = Some(domain.current_vcpus);
    row.memory_mib = Some(domain.current_memory_kib / 1024);
    row.autostart = Some(domain.autostart);
    row.disk_bytes = domain
        .disks
        .iter()
        .find(|disk| disk.target == "vda")
        .and_then(|disk| disk.capacity);
    let planned = glance(instance, view, env).and_then(|(desired, observed)| {
        row.uptime_seconds = uptime(&observed.live);
        let plan = plan_provision(
            instance,
            &desired,
            &Observed {
                base_complete: true,
                ..observed
            },
            ProvisionOptions::default(),
        )?;
        Ok(plan)
    });
    if row.uptime_seconds.is_none() && domain.state.is_active() {
        row.uptime_seconds = hypervisor
            .local_start_time(&instance.domain)
            .await
            .and_then(|since| since.elapsed().ok())
            .map(|elapsed| elapsed.as_secs());
    }
    match planned {
        Err(failure) => {
            row.drift = Drift::Refused;
            row.differences = vec![failure.to_string()];
        }
        Ok(plan) => {
            let needs = |need: Need| plan.held.iter().any(|held| held.need == need);
            // A guest that is off, or was started by someone else, isn't drift.
            let steps: Vec<String> = plan
                .steps
                .iter()
                .filter(|step| !matches!(step.name, "start" | "wait-ready"))
                .map(|step| step.what.clone())
                .collect();
            row.drift = if needs(Need::Rebuild) {
                Drift::Rebuild
            } else if needs(Need::Restart) {
                Drift::Restart
            } else if !steps.is_empty() {
                Drift::Steps
            } else {
                Drift::None
            };
            row.differences = plan.held.into_iter().map(|held| held.what).collect();
            row.differences.extend(steps);
        }
    }
    row
}

fn blank(instance: &Instance, state: &str, drift: Drift) -> InstanceRow {
    InstanceRow {
        name: instance.name.clone(),
        domain: instance.domain.clone(),
        hypervisor: instance.hypervisor.clone(),
        state: state.to_owned(),
        ip: instance.ip.to_string(),
        vcpus: None,
        memory_mib: None,
        disk_bytes: None,
        autostart: None,
        uptime_seconds: None,
        drift,
        differences: Vec::new(),
    }
}

fn uptime(live: &LiveState) -> Option<u64> {
    let since: jiff::Timestamp = live.since.as_deref()?.parse().ok()?;
    u64::try_from(jiff::Timestamp::now().duration_since(since).as_secs()).ok()
}
