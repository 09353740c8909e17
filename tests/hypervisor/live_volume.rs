use std::{
    fs,
    io::{self, Read, Write},
    path::PathBuf,
    sync::{Arc, Mutex},
};

use swarmctl::hypervisor::{Hypervisor, HypervisorError, VolumeSpec};

use crate::fixture::{Cleanup, Leftover, live, unique};

struct Lab {
    hypervisor: Hypervisor,
    pool: String,
    path: PathBuf,
    _cleanup: Cleanup,
}

async fn lab(test: &str) -> Option<Lab> {
    let hypervisor = live(test).await?;
    let mut cleanup = Cleanup::default();
    let pool = unique("swarmctl-test-pool");
    let path = PathBuf::from("/var/tmp").join(&pool);
    cleanup.add(Leftover::Directory(path.clone()));
    cleanup.add(Leftover::Pool(pool.clone()));
    hypervisor
        .define_dir_pool(&pool, path.to_str().unwrap(), true)
        .await
        .unwrap();
    Some(Lab {
        hypervisor,
        pool,
        path,
        _cleanup: cleanup,
    })
}

fn raw(name: &str, capacity: u64) -> VolumeSpec {
    VolumeSpec {
        name: name.to_owned(),
        capacity,
        format: "raw".to_owned(),
        backing: None,
        mode: Some(0o600),
    }
}

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn what_goes_up_comes_down() {
    let Some(lab) = lab("upload and download").await else {
        return;
    };
    let (hypervisor, pool) = (&lab.hypervisor, lab.pool.as_str());
    let content: Vec<u8> = (0..3_000_001_u32).map(|n| (n % 251) as u8).collect();
    let length = content.len() as u64;
    hypervisor
        .create_volume(pool, raw("seed [x].img", length))
        .await
        .unwrap();
    let seen = Arc::new(Mutex::new(0));
    let progress = Arc::clone(&seen);
    hypervisor
        .upload(
            pool,
            "seed [x].img",
            io::Cursor::new(content.clone()),
            length,
            move |done| *progress.lock().unwrap() = done,
        )
        .await
        .unwrap();
    assert_eq!(*seen.lock().unwrap(), length);
    let file = lab.path.join("seed [x].img");
    assert!(fs::read(&file).unwrap() == content);
    let sink = Sink::default();
    let received = hypervisor
        .download(pool, "seed [x].img", sink.clone(), |_| {})
        .await
        .unwrap();
    assert_eq!(received, length);
    assert!(*sink.0.lock().unwrap() == content);
    hypervisor
        .delete_volume(pool, "seed [x].img")
        .await
        .unwrap();
    assert!(!file.exists());
}

#[tokio::test]
async fn a_source_that_ends_early_is_told_and_the_connection_lives() {
    let Some(lab) = lab("short source").await else {
        return;
    };
    let (hypervisor, pool) = (&lab.hypervisor, lab.pool.as_str());
    hypervisor
        .create_volume(pool, raw("short.img", 1000))
        .await
        .unwrap();
    let error = hypervisor
        .upload(pool, "short.img", &b"short"[..], 1000, |_| {})
        .await
        .unwrap_err();
    assert!(matches!(error, HypervisorError::Io { .. }), "{error:?}");
    assert!(
        hypervisor
            .volume(pool, "short.img")
            .await
            .unwrap()
            .is_some()
    );
}

/// A source that hangs after its first bytes, as a dead download does.
struct Hanging(bool);

impl Read for Hanging {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0 {
            std::thread::sleep(std::time::Duration::from_secs(3));
            return Ok(0);
        }
        self.0 = true;
        buffer[0] = 1;
        Ok(1)
    }
}

#[tokio::test]
async fn a_hanging_transfer_ends_by_itself() {
    let Some(lab) = lab("hanging source").await else {
        return;
    };
    lab.hypervisor
        .create_volume(&lab.pool, raw("hang.img", 1000))
        .await
        .unwrap();
    let quick = Hypervisor::connect("qemu:///system", std::time::Duration::from_secs(1))
        .await
        .unwrap();
    let error = quick
        .upload(&lab.pool, "hang.img", Hanging(false), 1000, |_| {})
        .await
        .unwrap_err();
    assert!(
        matches!(error, HypervisorError::Unreachable { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_overlay_knows_its_image_and_grows() {
    let Some(lab) = lab("overlay").await else {
        return;
    };
    let (hypervisor, pool) = (&lab.hypervisor, lab.pool.as_str());
    let base = VolumeSpec {
        format: "qcow2".to_owned(),
        ..raw("base.qcow2", 8 << 20)
    };
    let base = hypervisor.create_volume(pool, base).await.unwrap();
    let spec = VolumeSpec {
        format: "qcow2".to_owned(),
        backing: Some((base.path.clone(), "qcow2".to_owned())),
        ..raw("zap [claw].qcow2", 60 << 30)
    };
    let overlay = hypervisor.create_volume(pool, spec.clone()).await.unwrap();
    assert_eq!(overlay.backing_path.as_deref(), Some(base.path.as_str()));
    assert_eq!(overlay.capacity, 60 << 30);
    assert!(overlay.allocation < 1 << 20);
    let twice = hypervisor.create_volume(pool, spec).await.unwrap_err();
    assert!(matches!(twice, HypervisorError::Exists { .. }), "{twice:?}");

    hypervisor
        .resize_volume(pool, "zap [claw].qcow2", 61 << 30)
        .await
        .unwrap();
    let grown = hypervisor
        .volume(pool, "zap [claw].qcow2")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(grown.capacity, 61 << 30);
    assert!(
        hypervisor
            .resize_volume(pool, "zap [claw].qcow2", 1 << 30)
            .await
            .is_err()
    );
    assert_eq!(hypervisor.volumes(pool).await.unwrap().len(), 2);

    // A file that others made is known after a refresh.
    fs::write(lab.path.join("late.img"), "x").unwrap();
    assert!(hypervisor.volume(pool, "late.img").await.unwrap().is_none());
    hypervisor.refresh_pool(pool).await.unwrap();
    assert!(hypervisor.volume(pool, "late.img").await.unwrap().is_some());
}
