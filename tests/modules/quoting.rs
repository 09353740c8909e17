//! No value breaks out of a program.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::host::{Host, SHELLS};

fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("'".to_owned()),
        Just("\"".to_owned()),
        Just("$(touch pwned)".to_owned()),
        Just("`touch pwned`".to_owned()),
        Just("${x:-$(touch pwned)}".to_owned()),
        Just("\\".to_owned()),
        Just("\n".to_owned()),
        Just("; touch pwned;".to_owned()),
        Just("-n".to_owned()),
        Just("%s%n".to_owned()),
        Just("~root".to_owned()),
        Just("*".to_owned()),
        Just("\nEOF\n".to_owned()),
        "[\\x01-\\x7f]{0,3}",
        "\\PC{0,3}",
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn values_arrive_as_they_are(text in nasty(), name in nasty()) {
        for shell in SHELLS {
            let host = Host::new(shell);
            let done = host.run("copy", json!({"content": text, "dest": "{dir}/f"}));
            prop_assert!(!done.failed, "{:?}", done);
            prop_assert_eq!(&host.read("f"), &text);
            let args = json!({"argv": ["printf", "%s", text], "expand_argument_vars": false});
            let said = host.run("command", args);
            prop_assert_eq!(said.stdout.as_deref(), Some(text.trim_end_matches(['\r', '\n'])));
            let line: String = text.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
            let edited = host.run("lineinfile", json!({"path": "{dir}/e", "line": line, "create": true}));
            prop_assert!(!edited.failed, "{:?}", edited);
            prop_assert_eq!(host.read("e"), format!("{line}\n"));
            let file: String = name.chars().filter(|c| !matches!(c, '/' | '$')).take(60).collect();
            let path = format!("{{dir}}/d{file}");
            for module in ["stat", "file"] {
                let args: Value = json!({"path": path});
                host.run(module, args);
            }
            let done = host.run("file", json!({"path": path, "state": "directory", "mode": "0700"}));
            prop_assert!(!done.failed, "{:?}", done);
            let made = host.path(&format!("d{file}")).is_dir();
            prop_assert!(made);
            prop_assert!(!host.path("pwned").exists());
        }
    }
}
