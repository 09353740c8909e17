use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use crate::{
    inventory::DomainType,
    plan::{Failure, FailureKind, StepContext},
    transport::{Session, TransportError},
};

use super::{
    cloud_init_status::CloudInitStatus,
    executor::{GuestExecutor, failed},
    failures::failed_to,
    kvm_fallback::{LIFE_WITHIN, fall_back, has_life},
    target::target,
};

/// One try to log in; a guest that boots drops packets rather than refusing.
const LOGIN: Duration = Duration::from_secs(10);

/// Pause between two tries.
const PAUSE: Duration = Duration::from_secs(1);

/// For how long a wrong host key is put down to a guest that has not made its keys
/// yet: sshd may answer before cloud-init has written them.
const KEYS_WITHIN: Duration = Duration::from_secs(60);

/// Waits until SSH answers with the pinned key, cloud-init has ended, and a login
/// works after that.
///
/// # Errors
/// When the guest isn't ready in time, stops, shows another key, or cloud-init
/// ended with an error; each says what was seen last.
pub async fn wait_ready(
    executor: &GuestExecutor<'_>,
    context: &StepContext<'_>,
) -> Result<(), Failure> {
    let deadline = Instant::now() + executor.env.ready_timeout;
    learn_domain_type(executor, context).await?;
    context.note("waiting for SSH");
    let status = loop {
        let session = login(executor, context, deadline).await?;
        context.note("waiting for cloud-init");
        let left = deadline.saturating_duration_since(Instant::now());
        match CloudInitStatus::wait(&session, left).await {
            Ok(status) => break status,
            // cloud-init restarts sshd after the first login is possible.
            Err(error) if Instant::now() < deadline && !context.cancel.is_cancelled() => {
                context.note(format!("the connection ended ({error}); trying again"));
                sleep(PAUSE).await;
            }
            Err(error) => return Err(not_ready(executor, &error)),
        }
    };
    for text in &status.recoverable {
        context.warn(format!("cloud-init: {text}"));
    }
    if !status.errors.is_empty() {
        let name = &executor.instance.name;
        return Err(Failure::new(
            FailureKind::Failed,
            format!("cloud-init failed in the guest: {}", status.errors.join("; ")),
        )
        .hint(format!(
            "look with `swarmctl ssh {name} -- cloud-init status --long`, correct the variables, then `swarmctl provision {name} --rebuild`"
        )));
    }
    login(executor, context, deadline).await?.close().await;
    executor.note_live(true).await
}

/// Finds out whether KVM really works, where that is open, and falls back to
/// emulation when the guest shows no life.
async fn learn_domain_type(
    executor: &GuestExecutor<'_>,
    context: &StepContext<'_>,
) -> Result<(), Failure> {
    let instance = executor.instance;
    if instance.domain_type != DomainType::Auto {
        return Ok(());
    }
    let learned = executor.env.learned(&instance.hypervisor);
    let facts = executor
        .hypervisor
        .domain(&instance.domain)
        .await
        .map_err(failed)?;
    if learned.is_some() || facts.is_none_or(|facts| facts.domain_type != "kvm") {
        return Ok(());
    }
    context.note("waiting for a sign of life under KVM");
    let begun = Instant::now();
    while begun.elapsed() < LIFE_WITHIN {
        if has_life(executor).await? {
            return executor
                .env
                .learn(&instance.hypervisor, true, "a guest came up");
        }
        stop_if_cancelled(context)?;
        sleep(PAUSE).await;
    }
    let why = format!(
        "a guest under KVM sent nothing for {} s",
        LIFE_WITHIN.as_secs()
    );
    context.warn(format!("{why}; going on in emulation, which is slower"));
    fall_back(executor, &why).await
}

/// Logs in, again and again until the deadline.
async fn login(
    executor: &GuestExecutor<'_>,
    context: &StepContext<'_>,
    deadline: Instant,
) -> Result<Session, Failure> {
    let mut target = target(executor.instance, executor.env, LOGIN)?;
    let begun = Instant::now();
    let mut said = String::new();
    loop {
        stop_if_cancelled(context)?;
        // The last try ends with the deadline, or a second later.
        let left = deadline.saturating_duration_since(Instant::now());
        target.connect_timeout = left.clamp(Duration::from_secs(1), LOGIN);
        let error = match timeout(target.connect_timeout * 2, Session::connect(&target)).await {
            Ok(Ok(session)) => return Ok(session),
            Ok(Err(error)) => error,
            Err(_) => TransportError::TimedOut {
                host: target.host.clone(),
                waited: LOGIN,
            },
        };
        let keys_may_come = begun.elapsed() < KEYS_WITHIN;
        let hopeless = match &error {
            TransportError::HostKeyChanged { .. } | TransportError::HostKeyUnknown { .. } => {
                !keys_may_come
            }
            TransportError::PrivateKey { .. } | TransportError::NoSsh(_) => true,
            _ => false,
        };
        if hopeless || Instant::now() >= deadline {
            return Err(not_ready(executor, &error));
        }
        let facts = executor
            .hypervisor
            .domain(&executor.instance.domain)
            .await
            .map_err(failed)?;
        if !facts.is_some_and(|facts| facts.state.is_active()) {
            let name = &executor.instance.name;
            return Err(Failure::new(
                FailureKind::Failed,
                "the domain stopped while it was booting",
            )
            .hint(format!(
                "watch it boot: `swarmctl start {name}` and `swarmctl console {name}`"
            )));
        }
        // A login that is refused may be so until the deadline: nobody should have to
        // wait for that to learn of it.
        let seen = format!("waiting for SSH: failed to {error}");
        if seen != said {
            context.note(seen.clone());
            said = seen;
        }
        context.progress(
            begun.elapsed().as_secs(),
            Some(executor.env.ready_timeout.as_secs()),
            "seconds",
        );
        sleep(PAUSE).await;
    }
}

fn not_ready(executor: &GuestExecutor<'_>, error: &TransportError) -> Failure {
    let name = &executor.instance.name;
    let failure = failed_to(FailureKind::Unreachable, error).context(format!(
        "the guest was not ready within {} s",
        executor.env.ready_timeout.as_secs()
    ));
    let hint = match error {
        TransportError::TimedOut { .. }
        | TransportError::Refused { .. }
        | TransportError::NoRoute { .. }
            if executor.hypervisor.is_local() =>
        {
            format!(
                "see what it does: `swarmctl console {name}`; a slow host may need a longer --timeout; then run the same command again"
            )
        }
        _ => error
            .hint()
            .unwrap_or_else(|| format!("see what it does: `swarmctl console {name}`")),
    };
    failure.hint(hint)
}

fn stop_if_cancelled(context: &StepContext<'_>) -> Result<(), Failure> {
    if context.cancel.is_cancelled() {
        return Err(Failure::new(
            FailureKind::Interrupted,
            "interrupted while waiting for the guest",
        )
        .hint("the guest goes on booting; run the same command again to wait for it"));
    }
    Ok(())
}
