use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::{
    hypervisor::Hypervisor,
    plan::{Failure, FailureKind, StepContext},
};

use super::executor::{LOOK_AGAIN, failed};

/// A guest can miss the first request while it boots, so it is repeated.
const ASK_AGAIN: Duration = Duration::from_secs(10);

/// How a domain came to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// It was not running.
    Already,
    /// The guest shut itself down when asked.
    Orderly,
    /// The time was over and the power was cut.
    Forced,
}

/// Shuts a domain down in order, and by force once `timeout` is over.
///
/// # Errors
/// When libvirt can't be asked, or the user interrupts; the domain then runs on.
pub async fn shut_down(
    hypervisor: &Hypervisor,
    domain: &str,
    timeout: Duration,
    context: &StepContext<'_>,
) -> Result<Stopped, Failure> {
    let begun = Instant::now();
    let mut asked: Option<Instant> = None;
    loop {
        let facts = hypervisor.domain(domain).await.map_err(failed)?;
        if !facts.is_some_and(|facts| facts.state.is_active()) {
            return Ok(if asked.is_some() {
                Stopped::Orderly
            } else {
                Stopped::Already
            });
        }
        if context.cancel.is_cancelled() {
            return Err(Failure::new(
                FailureKind::Interrupted,
                "interrupted while the guest shuts down",
            ));
        }
        if begun.elapsed() >= timeout {
            context.warn(format!(
                "the guest did not shut down within {} s: power cut",
                timeout.as_secs()
            ));
            hypervisor.destroy_domain(domain).await.map_err(failed)?;
            return Ok(Stopped::Forced);
        }
        if asked.is_none_or(|asked| asked.elapsed() >= ASK_AGAIN) {
            hypervisor.shutdown(domain).await.map_err(failed)?;
            asked = Some(Instant::now());
        }
        context.progress(
            begun.elapsed().as_secs(),
            Some(timeout.as_secs()),
            "seconds",
        );
        sleep(LOOK_AGAIN).await;
    }
}
