use std::{error::Error, time::Duration};

use swarmctl::hypervisor::{Hypervisor, HypervisorError, Kind};

use crate::fixture::test_driver;

#[tokio::test]
async fn a_missing_socket_is_unreachable_and_says_what_to_start() {
    let error = Hypervisor::connect(
        "qemu+unix:///system?socket=/nonexistent/libvirt-sock",
        Duration::from_secs(10),
    )
    .await
    .unwrap_err();
    assert!(
        matches!(error, HypervisorError::Unreachable { .. }),
        "{error:?}"
    );
    assert!(error.hint().unwrap().contains("systemctl start libvirtd"));
    let cause = error.source().unwrap().to_string();
    assert!(cause.contains("/nonexistent/libvirt-sock"), "{cause}");
    assert!(!error.to_string().contains(&cause));
}

#[tokio::test]
async fn an_unknown_driver_points_to_the_uri() {
    let error = Hypervisor::connect("quemu:///system", Duration::from_secs(10))
        .await
        .unwrap_err();
    assert!(
        matches!(error, HypervisorError::Unreachable { .. }),
        "{error:?}"
    );
    assert!(error.hint().unwrap().contains("check the URI"), "{error:?}");
}

#[tokio::test]
async fn ssh_that_fails_is_unreachable_and_says_what_to_try() {
    // Nothing listens on port 1; where ssh itself is missing the answer is the same.
    let error = Hypervisor::connect(
        "qemu+ssh://nobody@127.0.0.1:1/system",
        Duration::from_secs(20),
    )
    .await
    .unwrap_err();
    assert!(
        matches!(error, HypervisorError::Unreachable { .. }),
        "{error:?}"
    );
    assert!(
        error.hint().unwrap().contains("ssh -p 1 nobody@127.0.0.1"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_silent_daemon_times_out() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("sock");
    // Accepts nothing and answers nothing: the client waits in its first call.
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let uri = format!("qemu+unix:///system?socket={}", socket.display());
    let error = Hypervisor::connect(&uri, Duration::from_millis(300))
        .await
        .unwrap_err();
    assert!(
        matches!(error, HypervisorError::Unreachable { .. }),
        "{error:?}"
    );
    assert!(error.source().unwrap().to_string().contains("no answer"));
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let hypervisor = test_driver().await;
    let error = hypervisor.start("zap [claw]").await.unwrap_err();
    let HypervisorError::NoSuch { kind, name } = &error else {
        panic!("{error:?}");
    };
    assert_eq!((*kind, name.as_str()), (Kind::Domain, "zap [claw]"));
    assert_eq!(error.to_string(), "find the domain `zap [claw]`");
    assert!(hypervisor.domain("nobody").await.unwrap().is_none());
    assert!(hypervisor.network("nobody").await.unwrap().is_none());
    assert!(hypervisor.pool("nobody").await.unwrap().is_none());
    assert!(
        hypervisor
            .volume_by_path("/no/such")
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn a_bad_document_is_rejected() {
    let hypervisor = test_driver().await;
    for xml in ["<domain", "<domain type='test'><name>a</name></domain>"] {
        let error = hypervisor.define(xml).await.unwrap_err();
        assert!(
            matches!(error, HypervisorError::Rejected { .. }),
            "{error:?}"
        );
    }
    let error = hypervisor.domain("a\0b").await.unwrap_err();
    assert!(
        matches!(error, HypervisorError::Rejected { .. }),
        "{error:?}"
    );
}
