use std::{io, path::PathBuf, process::Command};

use swarmctl::hypervisor::{HypervisorError, VolumeSpec};

use crate::fixture::{Cleanup, Leftover, live, unique};

/// A file system of one MiB, until it is dropped.
struct Small(PathBuf);

impl Small {
    fn mount(path: PathBuf) -> Option<Self> {
        std::fs::create_dir_all(&path).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m", "swarmctl-test"])
            .arg(&path)
            .status()
            .is_ok_and(|status| status.success());
        if !mounted {
            eprintln!("full pool: left out, no tmpfs can be mounted here");
            std::fs::remove_dir(&path).unwrap();
            return None;
        }
        Some(Self(path))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
        let _ = std::fs::remove_dir(&self.0);
    }
}

#[tokio::test]
async fn a_full_pool_is_told() {
    let Some(hypervisor) = live("full pool").await else {
        return;
    };
    let pool = unique("swarmctl-test-pool");
    let Some(small) = Small::mount(PathBuf::from("/var/tmp").join(&pool)) else {
        return;
    };
    let mut cleanup = Cleanup::default();
    cleanup.add(Leftover::Pool(pool.clone()));
    hypervisor
        .define_dir_pool(&pool, small.0.to_str().unwrap(), false)
        .await
        .unwrap();
    let length = 8 << 20;
    let spec = VolumeSpec {
        name: "large.img".to_owned(),
        capacity: length,
        format: "raw".to_owned(),
        backing: None,
        mode: None,
    };
    hypervisor.create_volume(&pool, spec).await.unwrap();
    let error = hypervisor
        .upload(&pool, "large.img", io::repeat(1), length, |_| {})
        .await
        .unwrap_err();
    assert!(
        matches!(error, HypervisorError::NoSpace { .. }),
        "{error:?}"
    );
    assert!(error.hint().unwrap().contains("virsh pool-"));
    // The connection outlives the failed stream.
    hypervisor.delete_volume(&pool, "large.img").await.unwrap();
    drop(cleanup);
}
