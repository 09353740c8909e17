//! Malformed input: each with file, line, column, the line itself and a hint, exit 3,
//! nothing touched.

use std::fmt::Write;

use crate::swarmctl::{FLEET, Swarmctl};

/// Runs `check` over the smallest fleet with `files` written over it.
#[track_caller]
fn refused(files: &[(&str, &str)]) -> String {
    let runner = Swarmctl::new()
        .line("check")
        .fleet(FLEET)
        .fleet(files.iter().copied());
    let run = runner.run();
    assert_eq!(run.code, 3, "{}", run.all());
    assert!(!runner.root().join(".swarm").exists(), "something was made");
    assert!(!run.all().contains("panicked"), "{}", run.all());
    run.stdout
}

fn zap(line: &str) -> String {
    format!("vm_ip: 192.168.122.182\n{line}\n")
}

#[test]
fn the_smallest_fleet_is_fine() {
    let run = Swarmctl::new().line("check").fleet(FLEET).run();
    assert_eq!(run.code, 0, "{}", run.all());
    insta::assert_snapshot!(run.all());
}

#[test]
fn yaml_that_can_not_be_read() {
    insta::assert_snapshot!(refused(&[(
        "host_vars/zap.yml",
        "vm_ip: [1\nvm_vcpus: 2\n"
    )]));
}

#[test]
fn a_tab_where_blanks_belong() {
    insta::assert_snapshot!(refused(&[("host_vars/zap.yml", "vm_users:\n\t- a\n")]));
}

#[test]
fn a_key_twice() {
    insta::assert_snapshot!(refused(&[(
        "host_vars/zap.yml",
        &zap("vm_ip: 192.168.122.183")
    )]));
}

#[test]
fn wrong_values() {
    let mut all = String::new();
    for line in [
        "vm_memory_mib: 3GB",
        "vm_memory_mib: -1",
        "vm_vcpus: two",
        "vm_disk_size: 60X",
        "vm_mac: \"52:54:00:01:00\"",
        "vm_ip: 192.168.122.999",
        "vm_tpm: maybe",
        "vm_firmware: uefi",
        "vm_domain_type: xen",
        "vm_hypervisor: vbox",
        "vm_users: 7",
        "vm_ssh_keys: [~/.ssh/none.pub]",
        "vm_image: /nowhere/noble.img",
        "vm_image_checksum: md5:0123",
        "vm_hostname: \"not a name\"",
    ] {
        let text = zap(line).replace("vm_ip: 192.168.122.182\nvm_ip", "vm_ip");
        let found = refused(&[("host_vars/zap.yml", &text)]);
        assert!(found.contains("host_vars/zap.yml:"), "{line}:\n{found}");
        assert!(found.contains(line), "{line}:\n{found}");
        assert!(found.contains("= help:"), "no hint for {line}:\n{found}");
        writeln!(all, "{found}").unwrap();
    }
    insta::assert_snapshot!(all);
}

#[test]
fn a_value_outside_of_a_group() {
    // The error names the file that won, not the host's own.
    let group = ("group_vars/agents.yml", "vm_vcpus: 2\nvm_memory_mib: 3GB\n");
    insta::assert_snapshot!(refused(&[group]));
}

#[test]
fn what_follows_from_the_name_is_blamed_on_the_host_not_on_a_group() {
    let found = refused(&[
        ("inventory/hosts.yml", "all:\n  hosts:\n    \"ün ï\":\n"),
        ("group_vars/all.yml", "vm_vcpus: 2\n"),
        ("host_vars/ün ï.yml", "vm_ip: 192.168.122.182\n"),
    ]);
    assert!(found.contains("host_vars/ün ï.yml:1:1"), "{found}");
    assert!(found.contains("= help: set vm_hostname\n"), "{found}");
}

#[test]
fn an_unknown_variable() {
    insta::assert_snapshot!(refused(&[("host_vars/zap.yml", &zap("vm_memory: 3072"))]));
}

#[test]
fn template_errors() {
    let mut all = String::new();
    for line in [
        "vm_hostname: \"{{ nothing }}\"",
        "vm_hostname: \"{{ 1 +\"",
        "vm_hostname: \"{{ 'a' | no_filter }}\"",
        "vm_hostname: \"{{ vm_domain }}\"\nvm_domain: \"{{ vm_hostname }}\"",
    ] {
        writeln!(all, "{}", refused(&[("host_vars/zap.yml", &zap(line))])).unwrap();
    }
    insta::assert_snapshot!(all);
}

#[test]
fn an_unsupported_tag() {
    insta::assert_snapshot!(refused(&[(
        "host_vars/zap.yml",
        &zap("token: !secret abc")
    )]));
}

#[test]
fn a_vaulted_value_without_a_password() {
    let vaulted = "vm_password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n";
    insta::assert_snapshot!(refused(&[("host_vars/zap.yml", &zap(vaulted))]));
}

#[test]
fn collisions() {
    let other = "all:\n  hosts:\n    zap:\n    mid:\n";
    insta::assert_snapshot!(refused(&[
        ("inventory/hosts.yml", other),
        (
            "host_vars/mid.yml",
            "vm_domain: \"zap [claw]\"\nvm_ip: 192.168.122.182\nvm_mac: \"52:54:00:01:00:71\"\n"
        ),
    ]));
}

#[test]
fn a_document_of_20_000_levels() {
    let deep = format!("vm_users: {}\n", "[".repeat(20_000));
    let found = refused(&[("host_vars/zap.yml", &deep)]);
    assert!(found.len() < 2000, "{}", found.len());
    insta::assert_snapshot!(found);
}

#[test]
fn an_alias_bomb() {
    let mut bomb = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..12 {
        let refs = vec![format!("*a{}", level - 1); 9].join(", ");
        writeln!(bomb, "a{level}: &a{level} [{refs}]").unwrap();
    }
    let begun = std::time::Instant::now();
    insta::assert_snapshot!(refused(&[("host_vars/zap.yml", &bomb)]));
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

#[test]
fn a_file_that_is_no_text() {
    let runner = Swarmctl::new().line("check").fleet(FLEET);
    std::fs::write(
        runner.root().join("host_vars/zap.yml"),
        b"vm_ip: \xff\xfe\n",
    )
    .unwrap();
    let run = runner.run();
    assert_eq!(run.code, 3, "{}", run.all());
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn extra_variables_and_sources() {
    let mut all = String::new();
    for line in [
        "check -e @none.yml",
        "check -e {broken",
        "check -e vm_vcpus=two",
        "check -i none.yml",
        "check -C nowhere",
        "check -l nobody",
        "check -l @none",
        "check -l ~(",
        "check --vault-password-file none",
        "check --vault-id prod@prompt",
        "inventory show zop",
        "inventory list agent",
        "inventory list zap:!zap",
    ] {
        let run = Swarmctl::new().line(line).fleet(FLEET).run();
        assert!([2, 3].contains(&run.code), "{line}: {}", run.all());
        writeln!(all, "$ swarmctl {line}\n{}", run.all()).unwrap();
    }
    insta::assert_snapshot!(all);
}

#[test]
fn no_fleet_directory() {
    insta::assert_snapshot!(Swarmctl::new().line("check").run().all());
}
