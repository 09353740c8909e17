use std::sync::Arc;

use tokio::{sync::Semaphore, task::JoinSet};

use crate::plan::{Failure, FailureKind, Outcome};

/// Works on instances at the same time, at most `forks` of them, and returns what
/// became of each, in the order given. `work` must end by itself: it has the
/// timeouts, and notices a stop.
pub async fn fan_out<I, F>(
    forks: usize,
    instances: Vec<(String, I)>,
    work: impl Fn(I) -> F,
) -> Vec<Outcome>
where
    F: Future<Output = Outcome> + Send + 'static,
{
    let slots = Arc::new(Semaphore::new(forks.max(1)));
    let mut tasks = JoinSet::new();
    let mut names = Vec::new();
    for (i, (name, instance)) in instances.into_iter().enumerate() {
        names.push(name);
        let work = work(instance);
        let slots = Arc::clone(&slots);
        tasks.spawn(async move {
            // The semaphore is never closed, so a slot always comes.
            let slot = slots.acquire_owned().await.ok();
            let outcome = work.await;
            drop(slot);
            (i, outcome)
        });
    }
    let mut outcomes: Vec<Option<Outcome>> = names.iter().map(|_| None).collect();
    while let Some(joined) = tasks.join_next().await {
        // A task that panicked leaves its place empty.
        if let Ok((i, outcome)) = joined
            && let Some(place) = outcomes.get_mut(i)
        {
            *place = Some(outcome);
        }
    }
    outcomes
        .into_iter()
        .zip(names)
        .map(|(outcome, name)| {
            outcome.unwrap_or_else(|| {
                let failure = Failure::new(FailureKind::Failed, "swarmctl itself failed here")
                    .hint("run the same command again to go on; please report this");
                Outcome::failed(name, None, failure)
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

    use super::*;
    use crate::plan::Status;

    #[test]
    fn order_is_kept_and_the_limit_holds() {
        let running = Arc::new(AtomicUsize::new(0));
        let most = Arc::new(AtomicUsize::new(0));
        let instances: Vec<_> = (0..12).map(|i| (format!("n{i}"), i)).collect();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let outcomes = runtime.block_on(fan_out(3, instances, |i: u64| {
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            async move {
                assert!(i != 7, "one of them panics");
                let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(now, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(12 - i)).await;
                running.fetch_sub(1, Ordering::SeqCst);
                Outcome::unchanged(format!("n{i}"))
            }
        }));
        let names: Vec<_> = outcomes.iter().map(|o| o.instance.clone()).collect();
        let expected: Vec<_> = (0..12).map(|i| format!("n{i}")).collect();
        assert_eq!(names, expected);
        assert_eq!(most.load(Ordering::SeqCst), 3);
        assert_eq!(outcomes[7].status, Status::Failed);
        assert_eq!(outcomes[8].status, Status::Unchanged);
    }
}
