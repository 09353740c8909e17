//! How much memory this process takes.

use std::{fs, process::Command};

/// Runs another test of this binary as a process of its own.
pub fn alone(test: &str) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    println!("{text}");
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// What `/proc/self/status` says, in bytes (proc_pid_status(5)).
pub fn status(field: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|line| line.starts_with(field)).unwrap();
    let kibibytes = line.split_whitespace().nth(1).unwrap();
    kibibytes.parse::<u64>().unwrap() << 10
}

/// How much more memory was resident at most while `work` ran than before.
pub async fn peak_growth(work: impl Future<Output = ()>) -> u64 {
    let before = status("VmRSS:");
    // Resets the peak (proc_pid_clear_refs(5)).
    fs::write("/proc/self/clear_refs", "5").unwrap();
    work.await;
    status("VmHWM:").saturating_sub(before)
}
