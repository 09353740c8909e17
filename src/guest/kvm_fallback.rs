use std::time::Duration;

use crate::plan::Failure;

use super::executor::{GuestExecutor, failed};

/// A guest under KVM has its network up within seconds; in emulation on the same
/// machine it takes half a minute. Where KVM doesn't work (seen: nested without
/// support), the guest hangs before its kernel sends anything.
pub const LIFE_WITHIN: Duration = Duration::from_secs(90);

/// Returns true once the guest has sent a packet.
///
/// # Errors
/// When libvirt can't be asked.
pub async fn has_life(executor: &GuestExecutor<'_>) -> Result<bool, Failure> {
    let instance = executor.instance;
    let counters = executor
        .hypervisor
        .interface_bytes(&instance.domain, &instance.mac)
        .await
        .map_err(failed)?;
    // libvirt counts as the guest does: sent is what the guest sent.
    Ok(counters.tx_packets > 0)
}

/// Cuts the power, defines the domain for emulation, starts it, and remembers for
/// the next guests on this hypervisor.
///
/// # Errors
/// When libvirt can't be asked, or emulation doesn't start either.
pub async fn fall_back(executor: &GuestExecutor<'_>, why: &str) -> Result<(), Failure> {
    let instance = executor.instance;
    let facts = executor
        .hypervisor
        .domain(&instance.domain)
        .await
        .map_err(failed)?;
    if facts.is_some_and(|facts| facts.state.is_active()) {
        executor
            .hypervisor
            .destroy_domain(&instance.domain)
            .await
            .map_err(failed)?;
    }
    executor.env.learn(&instance.hypervisor, false, why)?;
    executor.define_as(false).await?;
    executor.power_on().await
}
