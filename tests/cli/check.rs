use crate::swarmctl::{FLEET, PUBLIC_KEY, Swarmctl};

fn odd() -> Swarmctl {
    Swarmctl::new()
        .fleet(FLEET)
        .fleet([
            ("host_vars/zpa.yml", "a: 1\n"),
            ("host_vars/zap.yml~", "a: 1\n"),
            ("group_vars/nobody/main.yml", "a: 1\n"),
            ("password", "swordfish\n"),
            ("key", "not really a key\n"),
            ("key.pub", PUBLIC_KEY),
        ])
        .mode("password", 0o644)
        .mode("key", 0o640)
        .line("check --vault-password-file password -e ansible_ssh_private_key_file=key")
}

#[test]
fn warnings_alone_exit_0() {
    let run = odd().run();
    assert_eq!(run.code, 0, "{}", run.all());
    insta::assert_snapshot!(run.all());
}

#[test]
fn quiet_shows_errors_only() {
    let run = odd().line("-q").run();
    assert_eq!((run.code, run.all().as_str()), (0, "exit 0\n"));
    let run = odd().line("-q -e vm_vcpus=two").run();
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("vm_vcpus"), "{}", run.all());
    assert!(!run.stdout.contains("warning"), "{}", run.all());
}

#[test]
fn findings_as_json() {
    let run = odd().line("-o json -e vm_vcpus=two").run();
    assert_eq!((run.code, run.stderr.as_str()), (3, ""));
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn a_share_that_shows_the_fleet() {
    let runner = Swarmctl::new().line("check").fleet(FLEET);
    let share = format!(
        "vm_ip: 192.168.122.182\nvm_virtiofs_source: {}\nvm_virtiofs_tag: swarm\n",
        runner.root().display()
    );
    let run = runner.fleet([("host_vars/zap.yml", share.as_str())]).run();
    assert_eq!(run.code, 0, "{}", run.all());
    assert!(run.stdout.contains("warning"), "{}", run.all());
    assert!(run.stdout.contains("host_vars/zap.yml:2:"), "{}", run.all());
}

#[test]
fn a_broken_template_of_the_fleet_names_its_own_line() {
    let template = "#cloud-config\nhostname: {{ instance.hostname }}\nx: {{ nothing }}\n";
    let run = Swarmctl::new()
        .line("check")
        .fleet(FLEET)
        .fleet([("cloud-init/user-data.j2", template)])
        .run();
    assert_eq!(run.code, 3, "{}", run.all());
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn only_the_limit_is_looked_at() {
    let fleet = Swarmctl::new().fleet(FLEET).fleet([
        (
            "inventory/hosts.yml",
            "all:\n  hosts:\n    zap:\n    mid:\n",
        ),
        ("host_vars/mid.yml", "vm_ip: nowhere\n"),
    ]);
    assert_eq!(fleet.line("check -l zap").run().code, 0);
}

#[test]
fn an_inventory_without_hosts_is_said_to_be_so() {
    let run = Swarmctl::new()
        .line("check")
        .fleet([
            ("inventory/hosts.yml", "all:\n"),
            ("group_vars/all.yml", "a: 1\n"),
        ])
        .run();
    assert_eq!(run.code, 0, "{}", run.all());
    assert!(run.all().contains("no hosts"), "{}", run.all());
}

#[test]
fn playbooks_are_read_with_all_that_they_name() {
    let run = Swarmctl::new()
        .fleet(FLEET)
        .fleet([
            ("playbooks/site.yml", "- hosts: all\n  roles: [web]\n"),
            ("playbooks/vars.txt", "no playbook"),
            ("roles/web/tasks/main.yml", "- ping:\n- copi: {dest: /x}\n"),
        ])
        .line("check")
        .run();
    assert_eq!(run.code, 3, "{}", run.all());
    assert!(
        run.stdout.contains("roles/web/tasks/main.yml:2:3"),
        "{}",
        run.all()
    );
    assert!(run.stdout.contains("- copi: {dest: /x}"), "{}", run.all());
}
