use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};

use super::context::Context;
use crate::{
    plan::{Cancel, Exit, Failure, FailureKind},
    report::Output,
};

/// Runs `work` on a runtime of its own. The first Ctrl-C or SIGTERM asks it to stop
/// after the step at hand, the second ends the process at once.
///
/// # Errors
/// When the runtime can't be made.
pub fn block_on<T>(context: &Context, work: impl AsyncFnOnce(Cancel) -> T) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| {
            Failure::from_error(FailureKind::Failed, &error).context("failed to start threads")
        })?;
    let cancel = Cancel::default();
    let result = runtime.block_on(async {
        let watcher = tokio::spawn(watch(cancel.clone(), context.output.clone()));
        let result = work(cancel).await;
        watcher.abort();
        result
    });
    // A blocking call that hangs must not hold up the end.
    runtime.shutdown_background();
    Ok(result)
}

/// Waits for Ctrl-C or SIGTERM, twice. Where signals can't be watched they end the
/// process, as they do by default.
async fn watch(cancel: Cancel, output: Arc<Output>) {
    let (Ok(mut interrupt), Ok(mut terminate)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    ) else {
        return;
    };
    for first in [true, false] {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        if first {
            cancel.cancel();
            output.complain("stopping after the step at hand; once more to stop at once");
        }
    }
    std::process::exit(i32::from(Exit::Interrupted.code()));
}
