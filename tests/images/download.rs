//! Downloads that go well, at once or after a break.

use std::{fs, time::Duration};

use swarmctl::inventory::{ImageChecksum, ImageSource};

use crate::{
    server::{Answer, Server},
    store::{Store, assert_whole, image, sha256, sum},
};

#[tokio::test]
async fn a_sums_file_is_read_in_both_forms() {
    let (server, bytes) = (Server::start(), image(1));
    let other = sum(&image(2));
    for (name, line) in [
        ("/text.img", format!("{}  text.img", sum(&bytes))),
        ("/binary.img", format!("{} *binary.img", sum(&bytes))),
    ] {
        let store = Store::new();
        let url = server.answer(name, [Answer::plain(&bytes)]);
        let text = format!("{other}  other.img\n{other} *my-text.img\n{line}\n{other}  last.img\n");
        let sums = server.answer("/SHA256SUMS", [Answer::plain(text.as_bytes())]);
        let checksum = ImageChecksum::Sums(sums);
        let pulled = store.get(&url, Some(&checksum)).await.unwrap();
        assert_whole(&pulled, &bytes);
        assert_eq!(store.store.list().unwrap(), [pulled]);
    }
}

#[tokio::test]
async fn an_image_that_is_here_costs_no_request() {
    let (server, store, bytes) = (Server::start(), Store::new(), image(1));
    let url = server.answer("/a.img", [Answer::plain(&bytes)]);
    let sum = sha256(&bytes);
    let source = ImageSource::Url(url.clone());
    assert_eq!(store.store.cached(&source, Some(&sum)).unwrap(), None);
    let first = store.get(&url, Some(&sum)).await.unwrap();
    assert_whole(&first, &bytes);
    assert_eq!(store.get(&url, Some(&sum)).await.unwrap(), first);
    assert_eq!(store.store.known(&source, Some(&sum)), Some(first.clone()));
    assert_eq!(server.asked().len(), 1);

    // One whose time changed is read again, not fetched again.
    let file = fs::File::options().write(true).open(&first.path).unwrap();
    file.set_modified(std::time::SystemTime::UNIX_EPOCH)
        .unwrap();
    assert_eq!(store.store.known(&source, Some(&sum)), None);
    assert_whole(&store.get(&url, Some(&sum)).await.unwrap(), &bytes);
    assert_eq!(server.asked().len(), 1);

    // One that was damaged is.
    fs::write(&first.path, image(3)).unwrap();
    assert_whole(&store.get(&url, Some(&sum)).await.unwrap(), &bytes);
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn a_broken_download_goes_on_where_it_stopped() {
    let (server, store, bytes) = (Server::start(), Store::new(), image(1));
    let half = Answer::ranges(&bytes, Some("\"v1\"")).cut_after(20_000);
    let down = Answer::status(500);
    // The first run has three tries.
    let url = server.answer(
        "/a.img",
        [
            half,
            down.clone(),
            down,
            Answer::ranges(&bytes, Some("\"v1\"")),
        ],
    );
    let source = ImageSource::Url(url.clone());
    store.get(&url, None).await.unwrap_err();
    assert_eq!(store.store.cached(&source, None).unwrap(), None);
    assert!(store.store.list().unwrap().is_empty());
    let part = store.files(".part").pop().unwrap();
    assert_eq!(fs::read(&part).unwrap(), &bytes[..20_000]);

    assert_whole(&store.get(&url, None).await.unwrap(), &bytes);
    let rest = Some("bytes=20000-".to_owned());
    assert_eq!(
        server.ranges_of("/a.img"),
        [None, rest.clone(), rest.clone(), rest]
    );
    assert_eq!(server.asked()[3].sent, bytes.len() - 20_000);
    assert!(store.files(".part").is_empty() && store.files(".of").is_empty());
}

#[tokio::test]
async fn a_file_that_changed_meanwhile_is_fetched_whole() {
    let (server, store) = (Server::start(), Store::new());
    let (old, new) = (image(1), image(2));
    let url = server.answer(
        "/a.img",
        [
            Answer::ranges(&old, Some("\"old\"")).cut_after(20_000),
            Answer::ranges(&new, Some("\"new\"")),
        ],
    );
    assert_whole(&store.get(&url, None).await.unwrap(), &new);
    assert_eq!(server.asked()[1].sent, new.len());
}

#[tokio::test]
async fn halves_that_do_not_fit_are_found_by_the_sum() {
    let (server, store) = (Server::start(), Store::new());
    let (old, new) = (image(1), image(2));
    // This server doesn't tell one version from the other.
    let url = server.answer(
        "/a.img",
        [
            Answer::ranges(&old, None).cut_after(20_000),
            Answer::ranges(&new, None),
        ],
    );
    let sum = sha256(&new);
    assert_whole(&store.get(&url, Some(&sum)).await.unwrap(), &new);
    let rest = Some("bytes=20000-".to_owned());
    assert_eq!(server.ranges_of("/a.img"), [None, rest, None]);

    // Without a sum nothing would find them: it starts over at once.
    let (server, store) = (Server::start(), Store::new());
    let url = server.answer(
        "/a.img",
        [
            Answer::ranges(&old, None).cut_after(20_000),
            Answer::ranges(&new, None),
        ],
    );
    assert_whole(&store.get(&url, None).await.unwrap(), &new);
    assert_eq!(server.ranges_of("/a.img"), [None, None]);
}

#[tokio::test]
async fn a_server_without_ranges_starts_over() {
    let (server, store, bytes) = (Server::start(), Store::new(), image(1));
    let url = server.answer(
        "/a.img",
        [
            Answer::plain(&bytes).cut_after(20_000),
            Answer::plain(&bytes),
        ],
    );
    let sum = sha256(&bytes);
    assert_whole(&store.get(&url, Some(&sum)).await.unwrap(), &bytes);
    let rest = Some("bytes=20000-".to_owned());
    assert_eq!(server.ranges_of("/a.img"), [None, rest]);
    assert_eq!(server.asked()[1].sent, bytes.len());
}

#[tokio::test]
async fn a_part_that_is_whole_is_not_fetched_again() {
    let (server, store, bytes) = (Server::start(), Store::new(), image(1));
    let url = server.answer(
        "/a.img",
        [
            Answer::ranges(&bytes, None).cut_after(9),
            Answer::status(404),
        ],
    );
    let sum = sha256(&bytes);
    store.get(&url, Some(&sum)).await.unwrap_err();
    // As if the run had been killed before it gave the file its name.
    fs::write(store.files(".part").pop().unwrap(), &bytes).unwrap();
    server.answer("/a.img", [Answer::ranges(&bytes, None)]);
    assert_whole(&store.get(&url, Some(&sum)).await.unwrap(), &bytes);
    assert_eq!(server.asked().last().unwrap().sent, 0);
}

#[tokio::test]
async fn pulls_at_once_download_once() {
    let (server, store, bytes) = (Server::start(), Store::new(), image(1));
    let slow = Answer::plain(&bytes).after(Duration::from_millis(150));
    let url = server.answer("/a.img", [slow]);
    let sum = sha256(&bytes);
    let pull = || store.get(&url, Some(&sum));
    let (a, b, c) = tokio::join!(pull(), pull(), pull());
    for image in [a, b, c] {
        assert_whole(&image.unwrap(), &bytes);
    }
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn one_url_with_two_sums_is_two_images() {
    let (server, store) = (Server::start(), Store::new());
    let (old, new) = (image(1), image(2));
    let url = server.answer("/a.img", [Answer::plain(&old), Answer::plain(&new)]);
    let first = store.get(&url, Some(&sha256(&old))).await.unwrap();
    let second = store.get(&url, Some(&sha256(&new))).await.unwrap();
    assert_whole(&first, &old);
    assert_whole(&second, &new);
}
