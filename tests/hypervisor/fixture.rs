use std::{
    env,
    path::PathBuf,
    process,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use swarmctl::hypervisor::Hypervisor;

/// Returns a new, private hypervisor of libvirt's test driver.
pub async fn test_driver() -> Hypervisor {
    Hypervisor::connect("test:///default", Duration::from_secs(20))
        .await
        .unwrap()
}

/// Returns the real daemon, or says why the test is left out.
pub async fn live(test: &str) -> Option<Hypervisor> {
    if env::var_os("SWARMCTL_LIVE").is_none_or(|value| value != "1") {
        eprintln!("{test}: left out, SWARMCTL_LIVE=1 is not set");
        return None;
    }
    Some(
        Hypervisor::connect("qemu:///system", Duration::from_secs(60))
            .await
            .unwrap(),
    )
}

/// Returns a name that no other test of any run uses at this time.
pub fn unique(prefix: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{prefix}-{}-{next}", process::id())
}

/// What to remove when a test ends, in whatever way.
pub enum Leftover {
    Domain(String),
    Pool(String),
    Network(String),
    Directory(PathBuf),
}

/// Removes its leftovers on drop, last first, by a connection of its own: a panicking
/// test may have broken the other one.
#[derive(Default)]
pub struct Cleanup(Vec<Leftover>);

impl Cleanup {
    pub fn add(&mut self, leftover: Leftover) {
        self.0.push(leftover);
    }
}

impl Drop for Cleanup {
    fn drop(&mut self) {
        let leftovers: Vec<_> = self.0.drain(..).rev().collect();
        let work = async move {
            let hypervisor = Hypervisor::connect("qemu:///system", Duration::from_secs(60)).await?;
            for leftover in leftovers {
                match leftover {
                    Leftover::Domain(name) => {
                        let _ = hypervisor.destroy_domain(&name).await;
                        let _ = hypervisor.undefine(&name, false).await;
                    }
                    Leftover::Pool(name) => {
                        let _ = hypervisor.undefine_pool(&name).await;
                    }
                    Leftover::Network(name) => {
                        let _ = hypervisor.undefine_network(&name).await;
                    }
                    Leftover::Directory(path) => {
                        let _ = std::fs::remove_dir_all(path);
                    }
                }
            }
            Ok::<_, swarmctl::hypervisor::HypervisorError>(())
        };
        // Drop can't await: a thread with a runtime of its own does.
        let done = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap()
                .block_on(work)
        })
        .join();
        if !matches!(done, Ok(Ok(()))) {
            eprintln!("cleanup failed: {done:?}");
        }
    }
}
