use std::sync::Arc;

use tokio::{sync::Semaphore, task::JoinSet};

/// Works on items side by side, at most `limit` at once, and returns the results in
/// the order of the items. `work` must end by itself: it has the timeouts, and
/// notices a stop.
///
/// An item whose work panicked has no result; the others go on.
pub async fn fan_out<I, T, F>(items: Vec<I>, limit: usize, work: impl Fn(I) -> F) -> Vec<Option<T>>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let turns = Arc::new(Semaphore::new(limit.max(1)));
    let mut tasks = JoinSet::new();
    let mut results: Vec<Option<T>> = Vec::with_capacity(items.len());
    for (i, item) in items.into_iter().enumerate() {
        results.push(None);
        let turns = Arc::clone(&turns);
        let work = work(item);
        tasks.spawn(async move {
            // The semaphore is never closed, so there is always a turn.
            let _turn = turns.acquire_owned().await;
            (i, work.await)
        });
    }
    while let Some(joined) = tasks.join_next().await {
        if let Ok((i, result)) = joined
            && let Some(place) = results.get_mut(i)
        {
            *place = Some(result);
        }
    }
    results
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

    use super::*;

    #[test]
    fn order_is_kept_the_limit_holds_and_a_panic_costs_one() {
        let running = Arc::new(AtomicUsize::new(0));
        let most = Arc::new(AtomicUsize::new(0));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let results = runtime.block_on(fan_out((0..12).collect(), 3, |i: u64| {
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            async move {
                assert!(i != 7, "one of them panics");
                let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(now, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(12 - i)).await;
                running.fetch_sub(1, Ordering::SeqCst);
                i
            }
        }));
        let expected: Vec<_> = (0..12).map(|i| (i != 7).then_some(i)).collect();
        assert_eq!(results, expected);
        assert_eq!(most.load(Ordering::SeqCst), 3);
    }
}
