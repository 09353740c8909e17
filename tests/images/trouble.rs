//! Downloads that go wrong.

use std::{
    fs,
    time::{Duration, Instant},
};

use swarmctl::{
    guest::ImageError, guest::ImageLimits, inventory::ImageChecksum, plan::FailureKind,
};

use crate::{
    server::{Answer, Server},
    store::{LIMITS, Store, assert_whole, image, sha256, sum},
};

#[tokio::test]
async fn a_wrong_sum_names_both_and_leaves_what_was_good() {
    let (server, store) = (Server::start(), Store::new());
    let (good, bad) = (image(1), image(2));
    let url = server.answer("/a.img", [Answer::plain(&good), Answer::plain(&bad)]);
    let before = store.get(&url, None).await.unwrap();

    let wanted = image(3);
    let error = store.get(&url, Some(&sha256(&wanted))).await.unwrap_err();
    assert!(matches!(error, ImageError::WrongSum { .. }), "{error:?}");
    let failure = error.failure();
    assert_eq!(failure.kind, FailureKind::Invalid);
    let text = failure.to_string();
    assert!(
        text.contains(&sum(&bad)) && text.contains(&sum(&wanted)),
        "{text}"
    );
    // It is final: a second try would give the same.
    assert_eq!(server.asked().len(), 2);

    assert_eq!(store.files(".img"), [before.path.as_path()]);
    assert!(store.files(".part").is_empty());
    assert_eq!(store.store.list().unwrap(), std::slice::from_ref(&before));
    assert_whole(&store.get(&url, None).await.unwrap(), &good);
}

#[tokio::test]
async fn an_image_that_the_sums_do_not_name_is_refused() {
    let (server, store, bytes) = (Server::start(), Store::new(), image(1));
    let url = server.answer("/a.img", [Answer::plain(&bytes)]);
    let text = format!("{}  not-a.img\n", sum(&bytes));
    let sums = server.answer("/SHA256SUMS", [Answer::plain(text.as_bytes())]);
    let checksum = ImageChecksum::Sums(sums.clone());
    let error = store.get(&url, Some(&checksum)).await.unwrap_err();
    let text = error.failure().to_string();
    assert!(text.contains("a.img") && text.contains(&sums), "{text}");
    assert!(server.ranges_of("/a.img").is_empty());
}

#[tokio::test]
async fn a_server_in_trouble_is_asked_again() {
    let (server, store, bytes) = (Server::start(), Store::new(), image(1));
    let down = Answer::status(500);
    let url = server.answer(
        "/a.img",
        [down.clone(), down.clone(), Answer::plain(&bytes)],
    );
    let text = format!("{}  a.img\n", sum(&bytes));
    let good = Answer::plain(text.as_bytes());
    let sums = server.answer("/SHA256SUMS", [down.clone(), down, good]);
    let checksum = ImageChecksum::Sums(sums);
    assert_whole(&store.get(&url, Some(&checksum)).await.unwrap(), &bytes);
    assert_eq!(server.ranges_of("/a.img"), [None, None, None]);
    assert_eq!(server.asked().len(), 6);
}

#[tokio::test]
async fn tries_have_an_end() {
    let (server, store) = (Server::start(), Store::new());
    let url = server.answer("/a.img", [Answer::status(503)]);
    let failure = store.get(&url, None).await.unwrap_err().failure();
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert!(failure.to_string().contains(&url), "{failure}");
    assert_eq!(server.asked().len(), LIMITS.tries as usize);
}

#[tokio::test]
async fn what_is_not_there_is_final() {
    let (server, store) = (Server::start(), Store::new());
    let url = server.answer("/a.img", [Answer::status(404)]);
    let failure = store.get(&url, None).await.unwrap_err().failure();
    assert!(failure.to_string().contains("404"), "{failure}");
    let sums = ImageChecksum::Sums(server.answer("/SHA256SUMS", [Answer::status(404)]));
    let failure = store.get(&url, Some(&sums)).await.unwrap_err().failure();
    assert!(failure.to_string().contains("SHA256SUMS"), "{failure}");
    assert_eq!(server.asked().len(), 2);
    store.get("http://", None).await.unwrap_err();
    assert!(store.files(".part").is_empty() && store.files(".img").is_empty());
}

#[tokio::test]
async fn a_page_in_place_of_an_image_is_not_kept() {
    let (server, store, bytes) = (Server::start(), Store::new(), image(1));
    let page = "<html>Please log in.</html>".repeat(100);
    let url = server.answer(
        "/a.img",
        [Answer::plain(page.as_bytes()), Answer::plain(&bytes)],
    );
    let error = store.get(&url, None).await.unwrap_err();
    assert!(matches!(error, ImageError::Format { .. }), "{error:?}");
    assert!(error.failure().to_string().contains(&url));
    assert!(store.store.list().unwrap().is_empty());
    assert_whole(&store.get(&url, None).await.unwrap(), &bytes);
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let (server, bytes) = (Server::start(), image(1));
    let limits = ImageLimits { tries: 2, ..LIMITS };
    let silent = Answer::ranges(&bytes, Some("\"v1\""));
    for (path, answer) in [
        // Before its answer, and in the middle of it.
        ("/mute.img", silent.clone().after(Duration::from_secs(5))),
        ("/stops.img", silent.silent_after(1000)),
    ] {
        let store = Store::limited(limits);
        let url = server.answer(path, [answer]);
        let start = Instant::now();
        let failure = store.get(&url, None).await.unwrap_err().failure();
        assert_eq!(failure.kind, FailureKind::Unreachable);
        assert!(start.elapsed() >= limits.stall);
        assert!(start.elapsed() < Duration::from_secs(2), "{path}");
        assert_eq!(server.ranges_of(path).len(), 2);
        assert!(store.store.list().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_stop_is_heard_while_the_server_is_silent() {
    let (server, bytes) = (Server::start(), image(1));
    let stall = Duration::from_secs(30);
    let store = Store::limited(ImageLimits { stall, ..LIMITS });
    let url = server.answer("/a.img", [Answer::plain(&bytes).silent_after(1000)]);
    let start = Instant::now();
    let stop = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        store.cancel.cancel();
    };
    let (pulled, ()) = tokio::join!(store.get(&url, None), stop);
    let failure = pulled.unwrap_err().failure();
    assert_eq!(failure.kind, FailureKind::Interrupted);
    assert!(start.elapsed() < Duration::from_secs(2));
    let part = store.files(".part").pop().unwrap();
    assert_eq!(fs::read(part).unwrap(), &bytes[..1000]);
}

#[tokio::test]
async fn another_run_is_not_waited_for_without_end() {
    let (server, bytes) = (Server::start(), image(1));
    let lock = Duration::from_millis(200);
    let store = Store::limited(ImageLimits { lock, ..LIMITS });
    let url = server.answer("/a.img", [Answer::plain(&bytes)]);
    let first = store.get(&url, None).await.unwrap();
    let held = fs::File::open(first.path.with_extension("img.lock")).unwrap();
    held.lock().unwrap();
    fs::remove_file(&first.path).unwrap();
    let error = store.get(&url, None).await.unwrap_err();
    assert!(matches!(error, ImageError::Busy(_)), "{error:?}");
    drop(held);
    assert_whole(&store.get(&url, None).await.unwrap(), &bytes);
}
