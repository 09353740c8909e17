use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// Reads a file all the time, and notes when it holds anything but what it may.
pub struct Watcher {
    over: Arc<AtomicBool>,
    thread: JoinHandle<(usize, Vec<usize>)>,
}

impl Watcher {
    pub fn start(path: PathBuf, may: Vec<String>) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let done = Arc::clone(&over);
        let thread = thread::spawn(move || {
            let (mut looked, mut odd) = (0, Vec::new());
            while !done.load(Ordering::SeqCst) {
                if let Ok(text) = fs::read_to_string(&path) {
                    looked += 1;
                    if !may.contains(&text) {
                        odd.push(text.len());
                    }
                }
                thread::sleep(Duration::from_millis(1));
            }
            (looked, odd)
        });
        Self { over, thread }
    }

    /// Fails when the file was ever seen half written; returns how often it was seen.
    pub fn end(self) -> usize {
        self.over.store(true, Ordering::SeqCst);
        let (looked, odd) = self.thread.join().unwrap();
        assert!(odd.is_empty(), "half-written, sizes {odd:?}");
        looked
    }
}
