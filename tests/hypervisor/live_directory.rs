use std::{fs, os::unix::fs::PermissionsExt};

use swarmctl::hypervisor::{DirectoryAccess, HypervisorError};

use crate::fixture::{Cleanup, Leftover, live, unique};

#[tokio::test]
async fn directories_are_made_once_and_keep_their_mode() {
    let Some(hypervisor) = live("directories").await else {
        return;
    };
    let root = tempfile::Builder::new()
        .prefix("swarmctl-dir")
        .tempdir_in("/var/tmp")
        .unwrap();
    let path = root.path().join("a/b [c]");
    let text = path.to_str().unwrap();
    let access = DirectoryAccess {
        mode: Some(0o750),
        owner: Some((65534, 65534)),
    };
    assert!(hypervisor.ensure_directory(text, access).await.unwrap());
    let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(), 0o750);
    assert_eq!(
        std::os::unix::fs::MetadataExt::uid(&fs::metadata(&path).unwrap()),
        65534
    );

    fs::set_permissions(&path, fs::Permissions::from_mode(0o2775)).unwrap();
    assert!(!hypervisor.ensure_directory(text, access).await.unwrap());
    assert_eq!(mode(), 0o2775);
    let left = hypervisor.pool_by_target(text).await.unwrap();
    assert_eq!(left, None);

    fs::write(path.join("file"), "x").unwrap();
    assert!(!hypervisor.remove_empty_directory(text).await.unwrap());
    assert!(path.exists());
    fs::remove_file(path.join("file")).unwrap();
    assert!(hypervisor.remove_empty_directory(text).await.unwrap());
    assert!(!path.exists());
    assert!(!hypervisor.remove_empty_directory(text).await.unwrap());
    assert_eq!(hypervisor.pool_by_target(text).await.unwrap(), None);
}

#[tokio::test]
async fn a_file_in_the_way_is_an_error() {
    let Some(hypervisor) = live("file in the way").await else {
        return;
    };
    let file = tempfile::NamedTempFile::new_in("/var/tmp").unwrap();
    let path = file.path().to_str().unwrap();
    assert!(
        hypervisor
            .ensure_directory(path, DirectoryAccess::default())
            .await
            .is_err()
    );
    assert!(file.path().is_file());
    assert_eq!(hypervisor.pool_by_target(path).await.unwrap(), None);
}

#[tokio::test]
async fn a_pools_directory_is_seen_but_not_removed() {
    let Some(hypervisor) = live("pool's directory").await else {
        return;
    };
    let mut cleanup = Cleanup::default();
    let path = std::path::PathBuf::from("/var/tmp").join(unique("swarmctl-pool"));
    let text = path.to_str().unwrap();
    let name = unique("swarmctl-test-pool");
    cleanup.add(Leftover::Directory(path.clone()));
    cleanup.add(Leftover::Pool(name.clone()));
    let missing = hypervisor.define_dir_pool(&name, text, false).await;
    assert!(missing.is_err());
    assert_eq!(hypervisor.pool(&name).await.unwrap(), None);
    hypervisor.define_dir_pool(&name, text, true).await.unwrap();
    assert!(path.is_dir());
    // A second time it is as it was; elsewhere the name is taken.
    hypervisor.define_dir_pool(&name, text, true).await.unwrap();
    let elsewhere = format!("{text}-b");
    let error = hypervisor
        .define_dir_pool(&name, &elsewhere, true)
        .await
        .unwrap_err();
    assert!(matches!(error, HypervisorError::Exists { .. }), "{error:?}");
    assert!(
        !hypervisor
            .ensure_directory(text, DirectoryAccess::default())
            .await
            .unwrap()
    );
    let error = hypervisor.remove_empty_directory(text).await.unwrap_err();
    assert!(matches!(error, HypervisorError::Exists { .. }), "{error:?}");
    assert!(path.is_dir());
}

#[tokio::test]
async fn what_a_killed_run_left_is_taken_over() {
    let Some(hypervisor) = live("killed run").await else {
        return;
    };
    let mut cleanup = Cleanup::default();
    let path = std::path::PathBuf::from("/var/tmp").join(unique("swarmctl-left"));
    let text = path.to_str().unwrap();
    // The passing pool of a run that died between making and stopping it.
    let name = unique("swarmctl-directory-0");
    cleanup.add(Leftover::Directory(path.clone()));
    cleanup.add(Leftover::Pool(name.clone()));
    hypervisor.define_dir_pool(&name, text, true).await.unwrap();
    assert!(
        !hypervisor
            .ensure_directory(text, DirectoryAccess::default())
            .await
            .unwrap()
    );
    assert_eq!(hypervisor.pool(&name).await.unwrap(), None);
    assert!(hypervisor.remove_empty_directory(text).await.unwrap());
}
