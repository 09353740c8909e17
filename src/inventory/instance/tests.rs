use std::{net::Ipv4Addr, path::Path};

use super::{testing::vars, *};
use crate::plan::{Diagnostic, Diagnostics};

/// A key pair's public half, of nobody.
const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ a@b";

fn read(name: &str, text: &str) -> Result<(Instance, Vec<Diagnostic>), Diagnostics> {
    Instance::from_vars(name, &["claws"], vars(text), Path::new("/fleet"), None)
}

fn instance(name: &str, text: &str) -> Instance {
    read(name, &format!("vm_ssh_keys: {KEY}\n{text}"))
        .unwrap()
        .0
}

/// The errors of `text`, each as `line: message | hint`.
fn errors(text: &str) -> Vec<String> {
    let text = format!("{text}\nvm_ssh_keys: {KEY}\n");
    let show = |one: &Diagnostic| {
        let line = one.place.as_ref().map_or(0, |place| place.line);
        let hint = one.hint.as_deref().unwrap_or("-");
        format!("{line}: {} | {hint}", one.message)
    };
    read("zap", &text).unwrap_err().0.iter().map(show).collect()
}

#[test]
fn the_users_own_names_work_unchanged() {
    let zap = instance(
        "zap",
        "vm_domain: 'zap [claw]'\nvm_hostname: zap\nvm_memory_mib: 3072\nvm_vcpus: 2\n\
         vm_disk_path: /var/lib/libvirt/images/claw.qcow2\nvm_disk_size: 60G\n\
         vm_mac: '52:54:00:01:00:71'\nvm_ip: 192.168.122.182\n\
         vm_virtiofs_source: /home/will/lab/swarm\nvm_virtiofs_tag: swarm\n",
    );
    assert_eq!(zap.domain, "zap [claw]");
    assert_eq!(
        (zap.memory_mib, zap.vcpus, zap.disk_bytes),
        (3072, 2, 60 << 30)
    );
    assert_eq!(zap.mac, "52:54:00:01:00:71");
    assert_eq!(zap.ip, Ipv4Addr::new(192, 168, 122, 182));
    assert_eq!(
        zap.shares[0].source.as_deref(),
        Some(Path::new("/home/will/lab/swarm"))
    );
    assert_eq!(zap.shares[0].mount, "/mnt/swarm");
    assert_eq!(zap.connection.host, "192.168.122.182");
    assert_eq!(zap.connection.user.as_deref(), Some("swarm"));
    assert_eq!(zap.places["vm_vcpus"].line, 5);
}

#[test]
fn defaults_are_the_documented_ones() {
    let zap = instance("zap", "vm_ip: 10.0.0.2\n");
    assert_eq!((zap.domain.as_str(), zap.hostname.as_str()), ("zap", "zap"));
    assert_eq!(
        (zap.memory_mib, zap.vcpus, zap.disk_bytes),
        (2048, 2, 60 << 30)
    );
    assert!(zap.mac.starts_with("52:54:00:") && zap.mac.len() == 17);
    assert_ne!(zap.mac, instance("zip", "vm_ip: 10.0.0.2\n").mac);
    assert_eq!(zap.firmware, Firmware::SecureBoot);
    assert!(zap.tpm && zap.watchdog && zap.autostart && !zap.protected);
    assert!(
        matches!(&zap.image_checksum, Some(ImageChecksum::Sums(url)) if url.ends_with("SHA256SUMS"))
    );
    let own = Share {
        source: None,
        tag: "swarm".to_owned(),
        mount: "/mnt/swarm".to_owned(),
    };
    assert_eq!(zap.shares, [own]);
    assert!(
        instance("zap", "vm_ip: 10.0.0.2\nvm_virtiofs: []\n")
            .shares
            .is_empty()
    );
}

#[test]
fn every_error_comes_at_once_with_line_and_hint() {
    let found = errors(
        "vm_memory_mib: 3GB\nvm_mac: '53:54:00:01:00:71'\nvm_ip: 192.168.122.300\n\
         vm_disk_size: 60\nvm_frimware: efi\nvm_hostname: zap_1\nvm_firmware: efy\n\
         vm_tpm: maybe\nvm_domain: a/b\nvm_hypervisor: xen:///\nvm_disk_path: claw.qcow2\n\
         vm_image: none.qcow2\nvm_image_checksum: md5:abc\nvm_autostart: '{{ nope }}'\n",
    );
    insta::assert_snapshot!(found.join("\n"), @r#"
    1: `vm_memory_mib`: expected a whole number of MiB, found the string `3GB` | write 3072
    2: `vm_mac`: expected a unicast MAC address, found the string `53:54:00:01:00:71` | make the second digit even; QEMU's own prefix is 52:54:00
    3: `vm_ip`: expected an IPv4 address, found the string `192.168.122.300` | write four numbers from 0 to 255: 192.168.122.182
    4: `vm_disk_size`: expected a size with a unit, found the integer `60` | write 60G
    5: there is no variable `vm_frimware` | did you mean `vm_firmware`?
    6: `vm_hostname`: expected a host name, found the string `zap_1`, which has characters other than letters, digits and hyphens | write zap-1
    7: `vm_firmware`: expected one of secure-boot, efi, bios, found the string `efy` | did you mean `efi`?
    8: `vm_tpm`: expected true or false, found the string `maybe` | write true or false
    9: `vm_domain`: expected a domain name without `/` and line breaks, found the string `a/b` | for example `vm_domain: "zap [claw]"`
    10: `vm_hypervisor`: expected a libvirt URI of qemu, qemu+ssh, qemu+unix, test, found the string `xen:///` | write qemu:///system for this machine, or qemu+ssh://user@host/system
    11: `vm_disk_path`: expected an absolute path, found the string `claw.qcow2` | it is a path on the hypervisor: begin with /
    12: `vm_image`: the image /fleet/none.qcow2 can't be read: there is no such file | build one with `swarmctl image build`, or give a URL
    13: `vm_image_checksum`: expected sha256: and 64 hexadecimal digits, or the URL or path of a sums file, found the string `md5:abc` | only SHA-256 is supported: sha256sum FILE
    14: `nope` is undefined | define it, or give a default: {{ name | default('…') }}
    "#);
}

#[test]
fn what_no_guest_could_be_made_of() {
    let long = format!("vm_domain: {}", "x".repeat(241));
    for (line, wanted) in [
        ("vm_memroy: 5", "did you mean `vm_memory_mib`?"),
        ("vm_disk: 60G", "did you mean `vm_disk_"),
        ("vm_cpus: 2", "did you mean `vm_vcpus`?"),
        ("vm_domain: ..", "isn't `.` or `..`"),
        (long.as_str(), "at most 240 bytes"),
        ("vm_hostname: über", "letters a to z"),
        ("vm_disk_path: /images/", "the path of a file"),
        ("vm_image: /", "name the image itself"),
        (
            "vm_image_checksum: /nowhere/SUMS",
            "the sums file /nowhere/SUMS can't be read",
        ),
        ("vm_memory_mib: 3072.0", "the number `3072.0`"),
        ("vm_vcpus: '{{ 1 +'", "check quotes, brackets and braces"),
    ] {
        let found = errors(&format!("vm_ip: 10.0.0.2\n{line}"));
        assert!(
            found.len() == 1 && found[0].contains(wanted),
            "{line}: {found:?}"
        );
        assert!(!found[0].ends_with("| -"), "no hint: {found:?}");
    }
    let found = read("zap", "vm_ip: 10.0.0.2\nvm_ssh_keys: []\n").unwrap_err();
    assert!(
        found
            .to_string()
            .contains("2:14: `vm_ssh_keys`: no public key"),
        "{found}"
    );
    let own = format!("vm_users: [{{name: a, ssh_keys: [{KEY}]}}]");
    assert!(read("zap", &format!("vm_ip: 10.0.0.2\nvm_ssh_keys: []\n{own}")).is_ok());
}

#[test]
fn templates_and_secrets() {
    let zap = instance(
        "zap",
        "vm_ip: 10.0.0.{{ n }}\nn: 7\nvm_hostname: '{{ inventory_hostname }}-{{ group_names[0] }}'\n\
         vm_memory_mib: '{{ n * 1024 }}'\nvm_cloud_init: {password: '{{ secret }}'}\nsecret: VAULT:hunter2\n",
    );
    assert_eq!(zap.hostname, "zap-claws");
    assert_eq!(zap.memory_mib, 7168);
    assert!(!format!("{zap:?}").contains("hunter2"));
    let map = zap.cloud_init.unwrap();
    let password = &map.as_map().unwrap()["password"].node;
    let crate::inventory::Value::Vault(vault) = &password.value else {
        panic!("not sealed");
    };
    let plaintext = vault.plaintext.as_ref().unwrap();
    assert_eq!(secrecy::ExposeSecret::expose_secret(plaintext), "hunter2");
    let found = errors("vm_ip: 10.0.0.2\nvm_memory_mib: '{{ secret }}'\nsecret: VAULT:hunter2");
    assert_eq!(
        found,
        [
            "2: `vm_memory_mib`: expected a whole number of MiB, found the string `********` \
          | write the number of MiB without a unit, such as 2048"
        ]
    );
}

#[test]
fn shares_and_users_name_what_is_wrong_in_them() {
    let found = errors(
        "vm_ip: 10.0.0.2\nvm_virtiofs: [{tag: a, sorce: /x}, {source: /y}, {tag: 'a b'}]\n\
         vm_users: [Root, {name: a, keys: []}]",
    );
    insta::assert_snapshot!(found.join("\n"), @r#"
    2: `vm_virtiofs`: a share has no `sorce` | did you mean `source`?
    2: `vm_virtiofs`: the share has no `tag` | -
    2: `vm_virtiofs`: expected a tag of letters, digits, `.`, `_` and `-`, found the string `a b` | for example `vm_virtiofs: [{"source": "/srv/models", "tag": "models", "mount": "/opt/models"}]`
    3: `vm_users`: expected a login name, found the string `Root` | write lower-case letters, digits, `_` and `-`, a letter first
    3: `vm_users`: a user has no `keys` | a user has name, ssh_keys, sudo, shell, groups; more goes into vm_cloud_init
    "#);
    let found =
        errors("vm_ip: 10.0.0.2\nvm_virtiofs: [{tag: a, source: /x}, {tag: a, source: /y}]");
    assert_eq!(
        found,
        [
            "2: `vm_virtiofs`: the tag `a` is there twice | give each share a tag and a mount of its own"
        ]
    );
}

#[test]
fn keys_come_from_files_and_missing_ones_are_named() {
    let home = tempfile::tempdir().unwrap();
    let read = |text: &str, home| {
        Instance::from_vars("zap", &[], vars(text), Path::new("/fleet"), Some(home))
    };
    let error = read("vm_ip: 10.0.0.2\n", home.path()).unwrap_err();
    assert!(
        error.0[0].message.contains("no public key may log in"),
        "{error}"
    );
    std::fs::create_dir(home.path().join(".ssh")).unwrap();
    std::fs::write(home.path().join(".ssh/id_ed25519.pub"), format!("{KEY}\n")).unwrap();
    assert_eq!(
        read("vm_ip: 10.0.0.2\n", home.path()).unwrap().0.ssh_keys,
        [KEY]
    );
    let text =
        "vm_ip: 10.0.0.2\nvm_ssh_keys: [~/.ssh/id_ed25519.pub, keys/will.pub, ssh-ed25519 AAAA]\n";
    let error = read(text, home.path()).unwrap_err();
    insta::assert_snapshot!(error, @r"
    host_vars/test.yml:2:14: `vm_ssh_keys`: the public key /fleet/keys/will.pub can't be read: there is no such file
    host_vars/test.yml:2:14: `vm_ssh_keys`: `ssh-ed25519 AAAA…` is no public key
    ");
}

#[test]
fn the_inventory_name_must_fit_where_it_is_the_default() {
    let text = format!("vm_ip: 10.0.0.2\nvm_ssh_keys: {KEY}\n");
    let error = read("web_01", &text).unwrap_err();
    assert_eq!(error.0[0].hint.as_deref(), Some("set vm_hostname: web-01"));
}

#[test]
fn collisions_name_both_places() {
    let one = instance(
        "one",
        "vm_ip: 10.0.0.2\nvm_mac: 52:54:00:00:00:01\nvm_domain: d\n",
    );
    let two = instance(
        "two",
        "vm_mac: 52:54:00:00:00:01\nvm_ip: 10.0.0.2\nvm_domain: d\n",
    );
    let far = instance(
        "far",
        "vm_hypervisor: qemu+ssh://x/system\nvm_ip: 10.0.0.2\nvm_mac: 52:54:00:00:00:01\nvm_domain: d\n",
    );
    let found = collisions(&[one.clone(), two, far]);
    let lines: Vec<u32> = found
        .0
        .iter()
        .map(|one| one.place.as_ref().unwrap().line)
        .collect();
    assert_eq!(lines, [2, 3, 4]);
    assert_eq!(found.0[0].related[0].0.line, 3);
    assert!(found.0[0].message.contains("which `one` has too"));
    assert!(collisions(&[one]).0.is_empty());
}

#[test]
fn a_share_of_the_fleet_is_pointed_out() {
    let share = |path| {
        instance(
            "zap",
            &format!("vm_ip: 10.0.0.2\nvm_virtiofs_source: {path}\n"),
        )
    };
    let root = Path::new("/nowhere/fleet");
    assert_eq!(share_warnings(&share("/nowhere"), root).len(), 1);
    assert_eq!(
        share_warnings(&share("/nowhere/fleet/backup"), root).len(),
        1
    );
    assert!(share_warnings(&share("/nowhere/fleet2"), root).is_empty());
}

#[test]
fn sizes_and_addresses_are_normalised() {
    let disk =
        |size| instance("zap", &format!("vm_ip: 10.0.0.2\nvm_disk_size: {size}\n")).disk_bytes;
    assert_eq!(disk("60GiB"), 60 << 30);
    assert_eq!(disk("512M"), 512 << 20);
    assert_eq!(disk("1t"), 1 << 40);
    let found = errors("vm_ip: 10.0.0.2\nvm_disk_size: 60GB");
    assert!(
        found[0].ends_with("| write 60G, which is 60GiB"),
        "{found:?}"
    );
    let found = errors("vm_ip: 10.0.0.2\nvm_memory_mib: 8");
    assert!(found[0].ends_with("| for 8 GiB write 8192"), "{found:?}");
    let found = errors("vm_ip: 10.0.0.2/24");
    assert!(found[0].contains("| write 10.0.0.2;"), "{found:?}");
    let mac = instance("zap", "vm_ip: 10.0.0.2\nvm_mac: 52-54-00-AB-CD-EF\n").mac;
    assert_eq!(mac, "52:54:00:ab:cd:ef");
    // `-e` on the command line gives strings.
    let text = instance(
        "zap",
        "vm_ip: 10.0.0.2\nvm_vcpus: '4'\nvm_tpm: 'no'\nvm_pool: ~\n",
    );
    assert_eq!(
        (text.vcpus, text.tpm, text.pool.as_str()),
        (4, false, "default")
    );
}

#[test]
fn the_connection_is_ansibles() {
    let fleet = tempfile::tempdir().unwrap();
    std::fs::write(fleet.path().join("id"), "").unwrap();
    std::fs::write(fleet.path().join("id.pub"), KEY).unwrap();
    let text = "vm_ip: 10.0.0.2\nansible_host: zap.lab\nansible_port: 2222\nansible_user: root\n\
                ansible_ssh_private_key_file: id\nansible_ssh_common_args: -o 'A=b c'\n\
                ansible_ssh_extra_args: -4\n";
    let (zap, _) = Instance::from_vars("zap", &[], vars(text), fleet.path(), None).unwrap();
    let expected = Connection {
        host: "zap.lab".to_owned(),
        port: Some(2222),
        user: Some("root".to_owned()),
        private_key_file: Some(fleet.path().join("id")),
        ssh_args: vec!["-o".to_owned(), "A=b c".to_owned(), "-4".to_owned()],
    };
    assert_eq!(zap.connection, expected);
    assert_eq!(zap.ssh_keys, [KEY]);
}

#[test]
fn a_guest_of_another_machine_is_reached_through_it() {
    let args = |extra: &str| {
        let text = format!(
            "vm_ip: 10.0.0.2\nvm_ssh_keys: {KEY}\nvm_hypervisor: qemu+ssh://will@hv:2222/system\n{extra}"
        );
        let home = std::path::Path::new("/fleet");
        let (zap, _) = Instance::from_vars("zap", &[], vars(&text), home, None).unwrap();
        zap.connection.ssh_args
    };
    assert_eq!(args(""), ["-o", "ProxyJump=will@hv:2222"]);
    assert!(args("ansible_ssh_common_args: ''\n").is_empty());
    assert!(args("ansible_host: zap.lan\n").is_empty());
}

#[test]
fn a_closed_vault_names_the_variable_and_hides_the_line() {
    let mut map = vars(&format!(
        "vm_ip: 10.0.0.2\nvm_ssh_keys: {KEY}\nvm_cloud_init: {{p: '{{{{ pw }}}}'}}\npw: VAULT:x\n"
    ));
    let Some(crate::inventory::Value::Vault(vault)) =
        map.get_mut("pw").map(|entry| &mut entry.node.value)
    else {
        panic!("not vaulted");
    };
    vault.plaintext = None;
    let error = Instance::from_vars("zap", &[], map, Path::new("/fleet"), None).unwrap_err();
    assert_eq!(error.0.len(), 1);
    assert_eq!(error.0[0].place.as_ref().unwrap().line, 4);
    assert!(error.0[0].hide_line && error.0[0].message.contains("no password opens it"));
}
