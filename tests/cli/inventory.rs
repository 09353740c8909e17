use serde_json::Value;

use crate::swarmctl::{FLEET, Swarmctl};

const HOSTS: (&str, &str) = (
    "inventory/hosts.yml",
    "\
all:
  children:
    agents:
      hosts:
        zap:
        mid:
          vm_ip: 192.168.122.9
      vars:
        tier: gold
    web:
      hosts:
        web[01:02]:
",
);

fn run(line: &str) -> String {
    let run = Swarmctl::new().line(line).fleet(FLEET).fleet([HOSTS]).run();
    format!("$ swarmctl {line}\n{}\n", run.all())
}

#[test]
fn hosts_and_groups() {
    let lines = [
        "inventory list",
        "inventory list web",
        "inventory list -l zap",
        "inventory list agents:!zap",
        "inventory graph",
        "inventory graph --vars",
        "inventory graph -o json",
    ];
    insta::assert_snapshot!(lines.map(run).concat());
}

#[test]
fn the_list_has_ansibles_own_shape() {
    let lines = [
        "inventory list -o json",
        "inventory list mid -o json",
        "inventory list mid -o yaml",
    ];
    insta::assert_snapshot!(lines.map(run).concat());
}

#[test]
fn each_value_with_its_place() {
    let lines = [
        "inventory show zap",
        "inventory show mid -e vm_vcpus=4",
        "inventory show web01",
        "inventory show mid -o json",
    ];
    insta::assert_snapshot!(lines.map(run).concat());
}

#[test]
fn vaulted_values_are_masked() {
    // ansible-vault encrypt_string with the password `swordfish`: the value is `hunter2-secret`.
    let vault = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/cli/vaulted.yml"
    ))
    .unwrap();
    for line in [
        "inventory show zap",
        "inventory show zap -o json",
        "inventory list -o json",
        "inventory graph --vars",
        "check",
    ] {
        let run = Swarmctl::new()
            .line(line)
            .line("--vault-password-file password")
            .fleet(FLEET)
            .fleet([("password", "swordfish\n"), ("group_vars/all.yml", &vault)])
            .run();
        assert_eq!(run.code, 0, "{}", run.all());
        assert!(!run.all().contains("hunter2"), "{}", run.all());
        assert!(!run.all().contains("swordfish"), "{}", run.all());
    }
    let wrong = Swarmctl::new()
        .line("inventory list --vault-password-file password")
        .fleet(FLEET)
        .fleet([("password", "marlin\n"), ("group_vars/all.yml", &vault)])
        .run();
    assert_eq!(wrong.code, 3, "{}", wrong.all());
    assert!(
        wrong.stderr.contains("group_vars/all.yml:"),
        "{}",
        wrong.all()
    );
    assert!(wrong.stderr.contains("token"), "{}", wrong.all());
}

#[test]
fn the_schema_is_a_schema() {
    let run = Swarmctl::new().line("inventory schema").run();
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let schema: Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(
        schema["$schema"]
            .as_str()
            .unwrap()
            .contains("json-schema.org")
    );
    assert!(schema["properties"]["vm_memory_mib"].is_object());
}

#[test]
fn options_of_both_sides_add_up() {
    let run = Swarmctl::new()
        .line("-e a=1 inventory show zap -e b=2")
        .fleet(FLEET)
        .run();
    assert!(
        run.stdout.contains("\na ") && run.stdout.contains("\nb "),
        "{}",
        run.all()
    );
}

#[test]
fn the_fleet_is_found() {
    let elsewhere = Swarmctl::new().line("init far/away").run();
    assert_eq!(elsewhere.code, 0);
    let runner = Swarmctl::new().line("inventory list").fleet(FLEET);
    let below = runner.root().join("host_vars");
    let output = runner.command().current_dir(below).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("zap"));
    for line in ["-C one inventory list", "inventory list --fleet one"] {
        let runner = Swarmctl::new().line(line);
        let files = FLEET.map(|(name, text)| (format!("one/{name}"), text));
        let runner = runner.fleet(files.iter().map(|(name, text)| (name.as_str(), *text)));
        assert!(runner.run().stdout.contains("zap"), "{line}");
    }
    let runner = Swarmctl::new()
        .line("inventory list")
        .env("SWARMCTL_FLEET", "one");
    let files = FLEET.map(|(name, text)| (format!("one/{name}"), text));
    let runner = runner.fleet(files.iter().map(|(name, text)| (name.as_str(), *text)));
    assert!(runner.run().stdout.contains("zap"));
    let alone = Swarmctl::new()
        .line("inventory list -i hosts.ini")
        .fleet([("hosts.ini", "[web]\nweb1\n")])
        .run();
    assert!(alone.stdout.contains("web1"), "{}", alone.all());
}
