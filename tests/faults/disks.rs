use std::{fs, path::PathBuf, process::Command};

use crate::fleet::Fleet;

/// A small file system in memory.
struct Disk(PathBuf);

impl Disk {
    fn mount(at: PathBuf) -> Option<Self> {
        fs::create_dir_all(&at).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m", "none"])
            .arg(&at)
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(at));
        }
        println!("skipped: no file system can be mounted here");
        None
    }

    fn again(&self, option: &str) {
        let status = Command::new("mount")
            .args(["-o", &format!("remount,{option}")])
            .arg(&self.0)
            .status();
        assert!(status.unwrap().success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}

const BOOK: &str = "- hosts: one\n  gather_facts: false\n  tasks:\n    \
     - copy: {src: big, dest: \"{{ dir }}/f\"}\n";

#[test]
fn a_full_disk_keeps_the_old_file() {
    let Some(fleet) = Fleet::new() else { return };
    let Some(disk) = Disk::mount(fleet.path("made")) else {
        return;
    };
    fs::write(disk.0.join("f"), "old\n").unwrap();
    fleet.write("files/big", &"x".repeat(3 << 20));
    let ran = fleet.play(BOOK, &[]).code(1);
    ran.has("FAILED!").has("disk full");
    assert_eq!(fs::read_to_string(disk.0.join("f")).unwrap(), "old\n");
    let names: Vec<_> = fs::read_dir(&disk.0).unwrap().collect();
    assert_eq!(names.len(), 1, "left behind: {names:?}");
    disk.again("size=8m");
    fleet.play(BOOK, &[]).code(0);
    assert_eq!(fs::metadata(disk.0.join("f")).unwrap().len(), 3 << 20);
    let again = fleet.play(BOOK, &[]).code(0);
    assert!(!again.stdout.contains("changed: [one]"));
}

#[test]
fn a_read_only_file_system_is_named() {
    let Some(fleet) = Fleet::new() else { return };
    let Some(disk) = Disk::mount(fleet.path("made")) else {
        return;
    };
    fs::write(disk.0.join("f"), "old\n").unwrap();
    fleet.write("files/big", "new\n");
    disk.again("ro");
    fleet.play(BOOK, &[]).code(1).has("Read-only file system");
    disk.again("rw");
    fleet.play(BOOK, &[]).code(0);
    assert_eq!(fs::read_to_string(disk.0.join("f")).unwrap(), "new\n");
}
