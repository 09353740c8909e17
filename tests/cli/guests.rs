//! Verbs on guests against libvirt's own test driver, which keeps all in memory.

use std::fmt::Write;

use crate::swarmctl::{FLEET, Swarmctl};

// The share has a source of its own, since this machine may have a guest `zap` whose
// folder is there already.
const ZAP: &str = "\
vm_domain: \"zap [claw]\"
vm_ip: 192.168.122.182
vm_mac: \"52:54:00:01:00:71\"
vm_hypervisor: test:///default
vm_pool: default-pool
vm_image: base.img
vm_virtiofs_source: /nowhere/zap
";

fn fleet() -> Swarmctl {
    let runner = Swarmctl::new()
        .fleet(FLEET)
        .fleet([("host_vars/zap.yml", ZAP)]);
    // A qcow2 header of an image of 3 GiB; nothing boots from it here.
    let mut image = vec![0; 512];
    image[..4].copy_from_slice(b"QFI\xfb");
    image[24..32].copy_from_slice(&(3u64 << 30).to_be_bytes());
    std::fs::write(runner.root().join("base.img"), image).unwrap();
    runner
}

#[test]
fn a_plan_with_reasons() {
    let runner = fleet().line("provision zap --check");
    let run = runner.run();
    assert_eq!(run.code, 5, "{}", run.all());
    assert!(
        !runner.root().join(".swarm/known_hosts").exists(),
        "something was pinned"
    );
    insta::assert_snapshot!(run.all());
}

#[test]
fn a_plan_with_diffs_and_undo() {
    let run = fleet().line("provision zap --check --diff -v").run();
    assert_eq!(run.code, 5, "{}", run.all());
    assert!(!run.all().contains("PRIVATE KEY"), "{}", run.all());
    insta::assert_snapshot!(run.all());
}

#[test]
fn a_plan_as_json() {
    let run = fleet().line("provision zap --check -o json").run();
    assert_eq!((run.code, run.stderr.as_str()), (5, ""));
    let mut body: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let steps = body["plans"][0]["steps"].as_array_mut().unwrap();
    for step in steps.iter_mut().filter(|step| step["diff"].is_string()) {
        step["diff"] = "as above".into();
    }
    insta::assert_json_snapshot!(body);
}

#[test]
fn what_is_not_there() {
    let mut all = String::new();
    for line in [
        "list",
        "list -o json",
        "stop zap",
        "destroy zap",
        "destroy zap -o json",
    ] {
        let run = fleet().line(line).run();
        let text = run.all();
        // The event's time differs from run to run.
        let text: Vec<&str> = text
            .lines()
            .filter(|line| !line.contains("\"time\""))
            .collect();
        writeln!(all, "$ swarmctl {line}\n{}\n", text.join("\n")).unwrap();
    }
    insta::assert_snapshot!(all);
}

#[test]
fn a_hypervisor_that_is_down() {
    for line in ["list", "provision zap --check", "start zap"] {
        let uri = "vm_hypervisor=qemu+unix:///system?socket=/nowhere/libvirt-sock";
        let run = fleet().line(line).args(["-e", uri]).run();
        assert_eq!(run.code, 4, "{line}: {}", run.all());
        assert!(run.stderr.contains("next: "), "{line}: {}", run.all());
        assert!(!run.stderr.contains("panicked"), "{}", run.all());
    }
}

#[test]
fn programs_read_why_an_instance_was_not_planned_for() {
    for line in ["provision zap -o json", "provision zap --check -o json"] {
        let run = fleet().line(line).args(["-e", "vm_domain=test"]).run();
        assert_eq!(run.code, 6, "{line}: {}", run.all());
        let first: serde_json::Value = serde_json::Deserializer::from_str(&run.stdout)
            .into_iter()
            .next()
            .unwrap()
            .unwrap();
        assert_eq!(first["kind"], "finished", "{}", run.all());
        assert_eq!(first["outcome"]["status"], "refused", "{}", run.all());
        assert_ne!(first["outcome"]["causes"], serde_json::json!([]));
    }
}

#[test]
fn what_the_network_refuses_is_said_once() {
    let run = fleet()
        .line("provision zap --check")
        .args(["-e", "vm_ip=10.0.0.2"])
        .run();
    assert_eq!(run.code, 3, "{}", run.all());
    assert_eq!(run.stderr.matches("outside of").count(), 1, "{}", run.all());
}

#[test]
fn collisions_are_found_before_anything_is_made() {
    let run = fleet()
        .fleet([
            (
                "inventory/hosts.yml",
                "all:\n  hosts:\n    zap:\n    mid:\n",
            ),
            ("host_vars/mid.yml", ZAP),
        ])
        .line("provision zap --check")
        .run();
    assert_eq!(run.code, 3, "{}", run.all());
    assert!(run.stderr.contains("52:54:00:01:00:71"), "{}", run.all());
}

#[test]
fn an_image_that_does_not_fit_is_found_before_anything_is_made() {
    for line in ["check", "provision zap --check", "provision zap"] {
        let runner = fleet().line(line).args(["-e", "vm_disk_size=1G"]);
        let run = runner.run();
        assert_eq!(run.code, 3, "{line}: {}", run.all());
        assert!(run.all().contains("needs 3 GiB"), "{line}: {}", run.all());
        assert!(!run.all().contains("done in"), "{line}: {}", run.all());
    }
}

#[test]
fn someone_elses_domain_is_refused() {
    // The test driver has a domain `test` that swarmctl did not make.
    let mut all = String::new();
    for line in ["provision zap --check", "destroy zap --yes", "stop zap"] {
        let run = fleet().line(line).args(["-e", "vm_domain=test"]).run();
        assert_eq!(run.code, 6, "{line}: {}", run.all());
        writeln!(all, "$ swarmctl {line}\n{}", run.all()).unwrap();
    }
    insta::assert_snapshot!(all);
}

#[test]
fn a_pattern_without_instances() {
    let run = fleet()
        .fleet([(
            "inventory/hosts.yml",
            "all:\n  hosts:\n    zap:\n    web:\n",
        )])
        .line("stop web")
        .run();
    assert_eq!(run.code, 3, "{}", run.all());
    assert!(run.stderr.contains("vm_* variables"), "{}", run.all());
}

/// Playbooks of the fleet's own, which nothing here runs.
const BOOKS: [(&str, &str); 2] = [
    (
        "playbooks/install.yml",
        "- hosts: all\n  tasks:\n    - ping:\n",
    ),
    (
        "playbooks/customize.yml",
        "- hosts: all\n  tasks:\n    - ping:\n",
    ),
];

#[test]
fn a_deployment_is_planned_as_a_whole() {
    let run = fleet().fleet(BOOKS).line("deploy zap --check").run();
    assert_eq!(run.code, 5, "{}", run.all());
    insta::assert_snapshot!(run.all());
    let run = fleet()
        .fleet(BOOKS)
        .line("deploy zap --check -o json")
        .run();
    assert_eq!((run.code, run.stderr.as_str()), (5, ""), "{}", run.all());
    let body: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let steps = body["plans"][0]["steps"].as_array().unwrap();
    let names: Vec<&str> = steps
        .iter()
        .filter_map(|step| step["name"].as_str())
        .collect();
    assert_eq!(names[names.len() - 2..], ["install", "customize"]);
}

#[test]
fn a_playbook_is_read_before_anything_is_made() {
    let run = fleet()
        .fleet(BOOKS)
        .fleet([(
            "playbooks/install.yml",
            "- hosts: all\n  tasks:\n    - pong:\n",
        )])
        .line("deploy zap --yes")
        .run();
    assert_eq!(run.code, 3, "{}", run.all());
    assert!(
        run.stderr.contains("playbooks/install.yml:3:7"),
        "{}",
        run.all()
    );
    assert!(run.stderr.contains("- pong:"), "{}", run.all());
}

#[test]
fn a_guest_that_is_refused_is_not_installed() {
    for line in ["deploy zap --yes -o json", "deploy zap --check -o json"] {
        let run = fleet()
            .fleet(BOOKS)
            .line(line)
            .args(["-e", "vm_domain=test"])
            .run();
        assert_eq!(run.code, 6, "{line}: {}", run.all());
        assert!(!run.stdout.contains("play-event"), "{}", run.all());
    }
}
