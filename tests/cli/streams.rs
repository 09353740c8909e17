use std::{fs::File, io::Read, process::Stdio};

use crate::swarmctl::Swarmctl;

#[test]
fn a_reader_that_left_is_no_failure() {
    for line in ["man", "completions bash", "--help"] {
        let runner = Swarmctl::new().line(line);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut child = runner
            .command()
            .stdout(writer)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        let mut stderr = child.stderr.take().unwrap();
        stderr.read_to_string(&mut said).unwrap();
        let status = child.wait().unwrap();
        assert_eq!((status.code(), said.as_str()), (Some(0), ""), "{line}");
    }
}

#[test]
fn a_full_disk_is_a_failure() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = Swarmctl::new()
        .line("man")
        .command()
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("failed to write to standard output"),
        "{said}"
    );
}

#[test]
fn no_colour_where_there_is_no_terminal() {
    for line in ["--help", "provision", "check -o xml"] {
        let run = Swarmctl::new().line(line).run();
        assert!(!run.all().contains('\u{1b}'), "{}", run.all());
    }
}
