use serde_json::json;

use crate::host::each;

#[test]
fn lineinfile_replaces_adds_and_removes() {
    each(|host| {
        host.write("sshd", "Port 22\n#PermitRootLogin yes\nX11 no\n");
        let done = host.converges("lineinfile", json!({"path": "{dir}/sshd", "regexp": "^#?\\s*PermitRootLogin", "line": "PermitRootLogin no"}));
        assert_eq!(host.read("sshd"), "Port 22\nPermitRootLogin no\nX11 no\n");
        assert_eq!(done.msg.as_deref(), Some("line replaced"));
        assert!(done.diff[0].before.contains("#Permit"));
        host.converges(
            "lineinfile",
            json!({"path": "{dir}/sshd", "line": "First", "insertbefore": "BOF"}),
        );
        host.converges(
            "lineinfile",
            json!({"path": "{dir}/sshd", "line": "After", "insertafter": "^Port"}),
        );
        assert_eq!(
            host.read("sshd"),
            "First\nPort 22\nAfter\nPermitRootLogin no\nX11 no\n"
        );
        host.converges("lineinfile", json!({"path": "{dir}/sshd", "regexp": "^Port (\\d+)", "line": "Port \\g<1>2", "backrefs": true, "firstmatch": true}).clone_with_no_rerun());
        host.converges(
            "lineinfile",
            json!({"path": "{dir}/sshd", "regexp": "X11|After", "state": "absent"}),
        );
        host.converges(
            "lineinfile",
            json!({"path": "{dir}/new/file", "line": "made", "create": true, "mode": "0600"}),
        );
        assert_eq!(host.mode("new/file"), 0o600);
        host.converges(
            "lineinfile",
            json!({"path": "{dir}/new/file", "line": "made", "mode": "0644"}),
        );
        let missing = host.run("lineinfile", json!({"path": "{dir}/none", "line": "x"}));
        assert_eq!((missing.failed, missing.rc), (true, Some(257)));
        let refused = host.run(
            "lineinfile",
            json!({"path": "{dir}/sshd", "line": "z", "validate": "false %s"}),
        );
        assert!(refused.failed);
        assert!(!host.read("sshd").contains('z'));
        assert_eq!(host.leftovers(), Vec::<String>::new());
    });
}

/// A replacement that never settles is no test of convergence.
trait Settled {
    fn clone_with_no_rerun(self) -> Self;
}

impl Settled for serde_json::Value {
    fn clone_with_no_rerun(mut self) -> Self {
        self["regexp"] = json!("^Port (22)$");
        self
    }
}

#[test]
fn blockinfile_keeps_its_block() {
    each(|host| {
        host.write("f", "a\nb");
        host.converges("blockinfile", json!({"path": "{dir}/f", "block": "x\ny"}));
        let block = "# BEGIN ANSIBLE MANAGED BLOCK\nx\ny\n# END ANSIBLE MANAGED BLOCK\n";
        assert_eq!(host.read("f"), format!("a\nb\n{block}"));
        host.converges(
            "blockinfile",
            json!({"path": "{dir}/f", "block": "z", "insertafter": "^a"}),
        );
        assert!(host.read("f").contains("\nz\n# END"));
        host.converges("blockinfile", json!({"path": "{dir}/f", "state": "absent"}));
        assert_eq!(host.read("f"), "a\nb\n");
        host.converges("blockinfile", json!({"path": "{dir}/f", "block": "1", "marker": "<!-- {mark} m -->", "insertafter": "^a", "prepend_newline": true, "append_newline": true}));
        assert_eq!(
            host.read("f"),
            "a\n\n<!-- BEGIN m -->\n1\n<!-- END m -->\n\nb\n"
        );
    });
}

#[test]
fn replace_replaces() {
    each(|host| {
        host.write("f", "one two\none three\n");
        host.converges(
            "replace",
            json!({"path": "{dir}/f", "regexp": "^one (\\w+)$", "replace": "1 \\1"}),
        );
        assert_eq!(host.read("f"), "1 two\n1 three\n");
        host.converges(
            "replace",
            json!({"path": "{dir}/f", "after": "two\n", "regexp": "1", "replace": "2"}),
        );
        assert_eq!(host.read("f"), "1 two\n2 three\n");
    });
}

#[test]
fn an_edit_never_overwrites_what_changed_in_between() {
    use swarmctl::play::modules::{Answer, Report, Work};
    each(|host| {
        host.write("f", "a\n");
        let work = host.compile(
            "lineinfile",
            &json!({"path": "{dir}/f", "line": "b"}),
            false,
        );
        let Ok(Work::Remote(remote)) = work else {
            panic!()
        };
        let run = remote.run();
        let (code, stdout, stderr) = host.raw(&run);
        let answer = Answer {
            code,
            stdout: &stdout,
            stderr: &stderr,
        };
        let Ok(Report::Again(next)) = remote.read(&run, &answer) else {
            panic!()
        };
        host.write("f", "someone else\n");
        let (code, stdout, stderr) = host.raw(&next);
        let answer = Answer {
            code,
            stdout: &stdout,
            stderr: &stderr,
        };
        let Ok(Report::Done(result)) = remote.read(&next, &answer) else {
            panic!()
        };
        assert!(result.failed && result.msg.unwrap().contains("in the meantime"));
        assert_eq!(host.read("f"), "someone else\n");
    });
}
