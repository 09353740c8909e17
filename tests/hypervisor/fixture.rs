use std::{
    env,
    io::Write,
    path::PathBuf,
    process,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use swarmctl::hypervisor::Hypervisor;

/// What libvirt's test driver starts with: one running domain, a network and a pool.
const NODE: &str = "<node>
  <cpu><mhz>2000</mhz><model>x86_64</model><active>4</active><nodes>1</nodes>
    <sockets>1</sockets><cores>4</cores><threads>1</threads></cpu>
  <memory>8388608</memory>
  <domain type='test'><name>test</name><memory>65536</memory><vcpu>1</vcpu>
    <os><type>hvm</type></os></domain>
  <network><name>default</name><bridge name='virbr0'/><forward mode='nat'/>
    <ip address='192.168.122.1' netmask='255.255.255.0'><dhcp>
      <range start='192.168.122.2' end='192.168.122.254'/></dhcp></ip></network>
  <pool type='dir'><name>default-pool</name><target><path>/default-pool</path></target></pool>
</node>";

/// Returns a new hypervisor of libvirt's test driver. `test:///default` would be one
/// for the whole process; one that is read from a file is private to its connection.
pub async fn test_driver() -> Hypervisor {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(NODE.as_bytes()).unwrap();
    let uri = format!("test://{}", file.path().display());
    Hypervisor::connect(&uri, Duration::from_secs(20))
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
