//! Faults: a killed process, a cut connection, a full disk, hosts that restart or that
//! a change shuts out. After each, nothing is half done, and a rerun converges.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::panic,
    dead_code,
    missing_docs,
    reason = "tests may panic, and say why they are skipped; some parts are shared with others"
)]

#[path = "../play_ssh/fleet.rs"]
mod fleet;
#[path = "../transport/sshd.rs"]
mod sshd;

mod cut;
mod disks;
mod killed;
mod proxy;
mod rig;
mod shut_out;
mod watcher;

/// The play that the faults hit, and how its end state looks.
mod work {
    use std::{fs, path::Path};

    /// How many lines the large file has.
    const LINES: usize = 12_000;

    pub const BOOK: &str = r#"
- hosts: one
  gather_facts: false
  tasks:
    - file: {path: "{{ dir }}", state: directory}
    - copy: {src: large, dest: "{{ dir }}/large", mode: "0640"}
    - copy: {content: "{{ item }}\n", dest: "{{ dir }}/{{ item }}"}
      loop: [a, b, c, d]
    - lineinfile: {path: "{{ dir }}/list", line: more, create: true}
    - template: {src: t.j2, dest: "{{ dir }}/t"}
    - file: {src: large, dest: "{{ dir }}/link", state: link}
    - copy: {src: large, dest: "{{ dir }}/edited", force: false}
    - replace: {path: "{{ dir }}/edited", regexp: "^line 77$", replace: "line seventy-seven"}
"#;

    /// What `edited` holds before the play's last task, and after it; `large` holds the
    /// former.
    pub fn large() -> [String; 2] {
        let text: String = (0..LINES)
            .map(|number| format!("line {number}\n"))
            .collect();
        let after = text.replace("\nline 77\n", "\nline seventy-seven\n");
        [text, after]
    }

    pub fn assert_done(made: &Path) {
        let read = |name: &str| fs::read_to_string(made.join(name)).unwrap();
        assert_eq!(read("large"), large()[0]);
        assert_eq!(read("link"), large()[0]);
        assert_eq!(read("edited"), large()[1]);
        assert_eq!(read("list"), "more\n");
        assert_eq!(read("t"), "one\n");
        for name in ["a", "b", "c", "d"] {
            assert_eq!(read(name), format!("{name}\n"));
        }
        let left: Vec<_> = fs::read_dir(made)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.contains("swarmctl"))
            .collect();
        assert!(left.is_empty(), "left behind: {left:?}");
    }

    pub fn fleet(fleet: &super::fleet::Fleet) {
        fleet.write("book.yml", BOOK);
        fleet.write("templates/t.j2", "{{ inventory_hostname }}\n");
        fleet.write("files/large", &large()[0]);
    }
}
