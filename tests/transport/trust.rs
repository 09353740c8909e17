//! Whom it trusts, by whatever a file of known hosts says: both carriers say the same.

use std::{fs, process::Command};

use swarmctl::transport::{Session, Target, TransportError};

use crate::{
    LIMIT, NONE, carriers, refusal, run, sessions,
    sshd::{Sshd, fingerprint, keygen_as},
};

fn public(sshd: &Sshd, name: &str) -> String {
    let text = fs::read_to_string(sshd.path(&format!("{name}.pub"))).unwrap();
    text.trim().to_owned()
}

fn name(sshd: &Sshd) -> String {
    format!("[127.0.0.1]:{}", sshd.port())
}

fn with(sshd: &Sshd, known_hosts: &str) -> Target {
    let target = sshd.target();
    fs::write(&target.known_hosts, known_hosts).unwrap();
    target
}

fn expected(error: TransportError) -> (String, String) {
    let TransportError::HostKeyChanged {
        expected, found, ..
    } = error
    else {
        panic!("{error:?}");
    };
    (expected.unwrap(), found.unwrap())
}

#[tokio::test]
async fn hashed_names_count_and_russh_reads_them() {
    let Some(sshd) = Sshd::start() else { return };
    let line = format!("{} {}\n", name(&sshd), public(&sshd, "host"));
    let target = with(
        &sshd,
        &format!("elsewhere {}\n{line}", public(&sshd, "other_host")),
    );
    let hash = |target: &Target| {
        let file = target.known_hosts.to_str().unwrap();
        run("ssh-keygen", &["-q", "-H", "-f", file]);
        assert!(fs::read_to_string(file).unwrap().starts_with("|1|"));
    };
    hash(&target);
    sessions(&target).await;
    let line = format!("{} {}\n", name(&sshd), public(&sshd, "other_host"));
    let target = with(&sshd, &line);
    hash(&target);
    let (expected, found) = expected(refusal(&target).await);
    assert_eq!(expected, fingerprint(&sshd.path("other_host.pub")));
    assert_eq!(found, fingerprint(&sshd.path("host.pub")));
}

#[tokio::test]
async fn a_key_for_the_name_or_the_port_of_another_host_does_not_count() {
    let Some(sshd) = Sshd::start() else { return };
    let key = public(&sshd, "host");
    for other in [
        "[127.0.0.1]:1".to_owned(),
        "127.0.0.2".to_owned(),
        format!("[127.0.0.2]:{}", sshd.port()),
        format!("!{0},{0}", name(&sshd)),
        format!("#{}", name(&sshd)),
    ] {
        let error = refusal(&with(&sshd, &format!("{other} {key}\n"))).await;
        let TransportError::HostKeyUnknown { found, .. } = error else {
            panic!("{other}: {error:?}");
        };
        assert_eq!(found.unwrap(), fingerprint(&sshd.path("host.pub")));
    }
    for same in [
        format!("zap,{}", name(&sshd)),
        format!("[127.0.0.?]:{}", sshd.port()),
        format!("[127.*.1]:{},!zap", sshd.port()),
    ] {
        sessions(&with(&sshd, &format!("{same} {key}\n"))).await;
    }
}

#[tokio::test]
async fn a_revoked_key_is_refused_and_an_authority_is_left_to_openssh() {
    let Some(sshd) = Sshd::start() else { return };
    let (key, other) = (public(&sshd, "host"), public(&sshd, "other_host"));
    let host = name(&sshd);
    let target = with(&sshd, &format!("{host} {key}\n@revoked * {key}\n"));
    let error = refusal(&target).await;
    assert!(error.to_string().contains("trust"), "{error}");
    // Another key is revoked, for this host or for another one.
    let target = with(&sshd, &format!("{host} {key}\n@revoked * {other}\n"));
    let session = Session::connect(&target).await.unwrap();
    assert_eq!(session.carried_by(), "OpenSSH");
    let target = with(&sshd, &format!("{host} {key}\n@revoked zap* {other}\n"));
    sessions(&target).await;

    // A host with a certificate: only OpenSSH reads those.
    let (authority, certified) = (sshd.path("other_host"), sshd.path("host.pub"));
    let mut sign = Command::new("ssh-keygen");
    sign.args(["-q", "-h", "-I", "x", "-n", "127.0.0.1", "-s"]);
    let signed = sign.arg(&authority).arg(&certified).status().unwrap();
    assert!(signed.success());
    let certificate = sshd.path("host-cert.pub");
    let line = format!("HostCertificate {}", certificate.display());
    let sshd = sshd.again(&line);
    let target = with(&sshd, &format!("@cert-authority {host} {other}\n"));
    let session = Session::connect(&target).await.unwrap();
    assert_eq!(session.carried_by(), "OpenSSH");
    // A host that has a certificate still shows its plain key to who knows that.
    sessions(&with(&sshd, &format!("{host} {key}\n"))).await;
    let target = with(&sshd, &format!("@cert-authority {host} {key}\n"));
    refusal(&target).await;
}

#[tokio::test]
async fn any_of_several_known_keys_will_do_and_all_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let rsa = directory.path().join("rsa");
    keygen_as(&rsa, "rsa:2048");
    let Some(sshd) = Sshd::start_with(&format!("HostKey {}", rsa.display())) else {
        return;
    };
    let host = name(&sshd);
    let rsa_public = fs::read_to_string(rsa.with_extension("pub")).unwrap();
    let (right, wrong) = (public(&sshd, "host"), public(&sshd, "other_host"));
    // Of the same type, of another type, and both.
    for known in [
        format!("{host} {wrong}\n{host} {right}\n"),
        format!("{host} {rsa_public}"),
        format!("{host} {rsa_public}{host} {right}\n"),
    ] {
        for session in sessions(&with(&sshd, &known)).await {
            assert_eq!(session.run("true", &NONE, LIMIT).await.unwrap().code, 0);
        }
    }
    let another = directory.path().join("another");
    keygen_as(&another, "ed25519");
    let another_public = fs::read_to_string(another.with_extension("pub")).unwrap();
    let target = with(&sshd, &format!("{host} {wrong}\n{host} {another_public}"));
    for (target, by) in carriers(&target) {
        let error = Session::connect(&target).await.map(drop).unwrap_err();
        let (expected, found) = expected(error);
        assert!(
            expected.contains(&fingerprint(&sshd.path("other_host.pub"))),
            "{by}: {expected}"
        );
        assert_eq!(found, fingerprint(&sshd.path("host.pub")), "{by}");
    }
}
