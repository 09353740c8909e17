use std::sync::Arc;

use crate::{
    guest::{
        GuestEnv, HostView, LiveState, Observed, ProvisionOptions, Survey, glance, plan_provision,
    },
    hypervisor::Hypervisor,
    inventory::Instance,
    plan::{Failure, Need},
    report::InstanceRow,
};

/// Looks at every hypervisor once and returns a row for each instance, in order,
/// and the failures of hypervisors that can't be reached.
pub async fn instances(
    instances: &[Instance],
    env: &Arc<GuestEnv>,
) -> (Vec<InstanceRow>, Vec<Failure>) {
    let survey = Survey::take(instances, env).await;
    surveyed(instances, &survey, env).await
}

/// Returns the same from a survey that was taken, without a further call to libvirt.
pub async fn surveyed(
    instances: &[Instance],
    survey: &Survey,
    env: &GuestEnv,
) -> (Vec<InstanceRow>, Vec<Failure>) {
    let mut rows = Vec::with_capacity(instances.len());
    let mut failures: Vec<Failure> = Vec::new();
    for instance in instances {
        match survey.host(instance) {
            Ok((hypervisor, view)) => rows.push(row(instance, &hypervisor, &view, env).await),
            Err(failure) => {
                rows.push(blank(instance, "unknown"));
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
        return blank(instance, "absent");
    };
    let mut row = blank(instance, &domain.state.to_string());
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
    row.drift = match planned {
        Err(failure) => vec![failure.to_string()],
        Ok(plan) => {
            let held = plan.held.into_iter().map(|held| match held.need {
                Need::Restart => format!("{} (needs --restart)", held.what),
                Need::Rebuild => format!("{} (needs --rebuild)", held.what),
                Need::Impossible => held.what,
            });
            // A guest that is off, or was started by someone else, isn't drift.
            let steps = plan
                .steps
                .into_iter()
                .filter(|step| !matches!(step.name, "start" | "wait-ready"))
                .map(|step| step.what);
            held.chain(steps).collect()
        }
    };
    row
}

fn blank(instance: &Instance, state: &str) -> InstanceRow {
    InstanceRow {
        name: instance.name.clone(),
        domain: instance.domain.clone(),
        hypervisor: instance.hypervisor.clone(),
        state: state.to_owned(),
        ip: Some(instance.ip.to_string()),
        ..InstanceRow::default()
    }
}

fn uptime(live: &LiveState) -> Option<u64> {
    let since: jiff::Timestamp = live.since.as_deref()?.parse().ok()?;
    u64::try_from(jiff::Timestamp::now().duration_since(since).as_secs()).ok()
}
