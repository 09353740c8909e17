use std::{fs::File, os::unix::fs::FileExt};

use super::{fleet::Fleet, libvirt::virsh};

const VARS: &str = r#"
vm_domain: swarmctl upload test
vm_disk_size: 10G
vm_mac: "52:54:00:5a:00:61"
vm_ip: 192.168.122.161
"#;

/// Removes the volumes of one base image when the test ends.
struct BaseImage(String);

impl Drop for BaseImage {
    fn drop(&mut self) {
        for line in virsh(&["vol-list", "default"]).lines() {
            let name = line.split_whitespace().next().unwrap_or_default();
            if name.starts_with(&self.0) {
                virsh(&["vol-delete", name, "--pool", "default"]);
            }
        }
    }
}

/// An upload that was cut off never counts as an image.
#[test]
fn an_upload_that_is_killed_is_made_again() {
    let Some(fleet) = Fleet::new() else { return };
    let image = fleet.path("swarmctl-upload-test.raw");
    let file = File::create(&image).unwrap();
    file.set_len(600 << 20).unwrap();
    file.write_all_at(&[0x55, 0xaa], 510).unwrap();
    fleet.instances(&[("upload", &format!("{VARS}vm_image: {}\n", image.display()))]);
    let _clean = BaseImage("base-swarmctl-upload-test".to_owned());

    let run = fleet.until(&["provision", "upload"], "progress", None);
    run.kill();
    let steps = fleet.steps(&["upload"]);
    assert_eq!(
        steps.iter().filter(|step| *step == "upload-base").count(),
        1
    );
    let ran = fleet.run(&["provision", "upload", "--check"]);
    assert!(
        ran.stdout.contains("an earlier upload did not end"),
        "{}",
        ran.stdout
    );

    let run = fleet.until(&["provision", "upload"], "step_done", Some("upload-base"));
    run.kill();
    assert!(!fleet.steps(&["upload"]).contains(&"upload-base".to_owned()));
    fleet.run(&["destroy", "upload", "--yes"]);
}
