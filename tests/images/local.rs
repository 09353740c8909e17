//! Images that are files on this machine.

use std::fs;

use swarmctl::{
    guest::{ImageError, base_volume},
    inventory::{ImageChecksum, ImageSource},
    plan::FailureKind,
};

use crate::{
    server::{Answer, Server},
    store::{Store, assert_whole, image, sha256, sum},
};

#[tokio::test]
async fn other_content_is_another_image() {
    let store = Store::new();
    let path = store.path("claw.qcow2");
    let source = ImageSource::File(path.clone());
    let mut volumes = Vec::new();
    for seed in [1, 2] {
        let bytes = image(seed);
        fs::write(&path, &bytes).unwrap();
        let found = store.pull(&source, None).await.unwrap();
        assert_whole(&found, &bytes);
        assert_eq!(store.store.known(&source, None), Some(found.clone()));
        volumes.push(base_volume(&source, None, Some(&found)).unwrap());
    }
    assert_ne!(volumes[0], volumes[1]);
    assert!(volumes[0].starts_with("base-claw-"), "{volumes:?}");

    // The old content again is the old image again.
    fs::write(&path, image(1)).unwrap();
    let found = store.store.cached(&source, None).unwrap().unwrap();
    assert_eq!(
        base_volume(&source, None, Some(&found)).as_deref(),
        Some(volumes[0].as_str())
    );
}

#[tokio::test]
async fn a_missing_file_is_named() {
    let store = Store::new();
    let source = ImageSource::File(store.path("none.qcow2"));
    assert_eq!(store.store.known(&source, None), None);
    let error = store.store.cached(&source, None).unwrap_err();
    assert!(matches!(error, ImageError::Missing(_)), "{error:?}");
    let failure = store.pull(&source, None).await.unwrap_err().failure();
    assert_eq!(failure.kind, FailureKind::Invalid);
    assert!(failure.to_string().contains("none.qcow2"), "{failure}");
    assert!(failure.hint.unwrap().contains("image build"));
}

#[tokio::test]
async fn a_local_sum_is_checked_wherever_it_stands() {
    let (server, store, bytes) = (Server::start(), Store::new(), image(1));
    let path = store.path("claw.qcow2");
    fs::write(&path, &bytes).unwrap();
    let source = ImageSource::File(path);
    let sums = store.path("SHA256SUMS");
    let by_file = ImageChecksum::Sums(sums.to_str().unwrap().to_owned());
    let by_url = |text: &str| {
        ImageChecksum::Sums(server.answer("/SHA256SUMS", [Answer::plain(text.as_bytes())]))
    };
    for (content, good) in [(&bytes, true), (&image(2), false)] {
        let text = format!("{} *claw.qcow2\n", sum(content));
        fs::write(&sums, &text).unwrap();
        for checksum in [sha256(content), by_file.clone(), by_url(&text)] {
            let pulled = store.pull(&source, Some(&checksum)).await;
            match pulled {
                Ok(found) => assert!(good && found.sha256 == sum(&bytes)),
                Err(error) => {
                    assert!(
                        !good && matches!(error, ImageError::WrongSum { .. }),
                        "{error:?}"
                    );
                }
            }
        }
    }
}
