//! YAML text to a tree of nodes: the only place that knows the YAML parser.
//!
//! serde cannot tell `no` from `"no"`, so the tree is built from the events of
//! `granit-parser`, the parser inside serde-saphyr: they carry the scalar's style,
//! its tag, and line and column.

use std::{collections::HashSet, path::Path, sync::Arc};

use granit_parser::{ErrorKind, Event, Marker, Parser, ScanError};

use super::{Node, yaml_build::Builder};
use crate::plan::{Diagnostic, Diagnostics, Place};

/// How deep lists and mappings may be nested, aliases followed. Far beyond any
/// real file, and shallow enough for recursive readers of the tree.
pub(super) const MAX_DEPTH: usize = 100;

/// A YAML document with what the tree itself cannot tell.
pub(super) struct Document {
    /// The tree; null for an empty document.
    pub node: Node,
    /// The places of keys that are no strings (`1:`, `yes:`). Ansible refuses
    /// them as host and group names.
    pub odd_keys: HashSet<Place>,
}

/// Parses one YAML (or JSON) document as Ansible reads it: YAML 1.1 scalars,
/// anchors, merge keys, `!vault` and `!unsafe`.
///
/// # Errors
/// When the text is malformed, holds a key twice, an unknown tag, more than one
/// document, is nested too deep, or grows too much through aliases.
pub fn parse_yaml(text: &str, file: &Arc<Path>) -> Result<Node, Diagnostics> {
    parse_document(text, file).map(|document| document.node)
}

/// As [`parse_yaml`], with the places of keys that are no strings.
pub(super) fn parse_document(text: &str, file: &Arc<Path>) -> Result<Document, Diagnostics> {
    // Ansible tries JSON before YAML, and JSON's scalars differ: 1e5 is a number.
    let json = text.trim_start().starts_with(['{', '['])
        && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    // JSON may be indented with tabs, YAML may not; strings of JSON hold none.
    let untabbed = (json && text.contains('\t')).then(|| text.replace('\t', " "));
    let text = untabbed.as_deref().unwrap_or(text);

    let mut options = granit_parser::Options::default();
    options.set_emit_comments(false);
    options.flow_nesting_limit = MAX_DEPTH;
    options.block_nesting_limit = MAX_DEPTH;
    let mut builder = Builder::new(file, json);
    let mut documents = 0;
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|error| malformed(&error, file))?;
        if matches!(event, Event::DocumentStart(..)) {
            documents += 1;
            if documents > 1 {
                let error = Diagnostic::error(place(file, &span.start), "a second YAML document")
                    .hint("keep one document in a file: remove the `---` in its middle");
                return Err(builder.fail(error));
            }
        }
        // Without the anchor the place of a tagged block scalar is its first line.
        let start = span.tag_start.unwrap_or(span.start);
        builder.event(event, place(file, &start), span.is_empty())?;
    }
    builder.finish()
}

fn place(file: &Arc<Path>, marker: &Marker) -> Place {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Place::new(file, number(marker.line()), number(marker.col() + 1))
}

fn malformed(error: &ScanError, file: &Arc<Path>) -> Diagnostics {
    let (message, hint) = match error.kind() {
        ErrorKind::RecursionLimitExceeded => (
            format!("lists and mappings are nested deeper than {MAX_DEPTH} levels"),
            "flatten the document",
        ),
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation => (
            "a tab in the indentation".to_owned(),
            "indent with spaces only",
        ),
        ErrorKind::UnknownAnchor => (
            "an alias without an anchor".to_owned(),
            "define it above with `&name`, or quote a value that starts with `*`",
        ),
        ErrorKind::UnclosedQuotedScalar => (
            "a quoted string is not closed".to_owned(),
            "close the quote, or double it to write it within the string",
        ),
        ErrorKind::InvalidQuotedScalarIndent => (
            "a quoted string is not closed, or goes on without indentation".to_owned(),
            "close the quote on the line above, or indent this line",
        ),
        ErrorKind::UndeclaredTagHandle => (
            "an unknown tag".to_owned(),
            "quote a value that starts with `!`",
        ),
        _ => (
            format!("malformed YAML: {}", error.info()),
            "check the indentation and quotes of this line and the one above; \
             quote values that hold `: `, ` #`, or start with a special character",
        ),
    };
    Diagnostic::error(place(file, error.marker()), message)
        .hint(hint)
        .into()
}

#[cfg(test)]
mod tests {
    use std::{path::Path, sync::Arc, time::Instant};

    use super::{Node, parse_yaml};
    use crate::{
        inventory::{Value, node_to_json},
        plan::Diagnostics,
    };

    fn parse(text: &str) -> Result<Node, Diagnostics> {
        parse_yaml(text, &Arc::from(Path::new("f.yml")))
    }

    fn json(text: &str) -> String {
        node_to_json(&parse(text).unwrap()).to_string()
    }

    /// The first error, which must carry a hint, and must not take long.
    fn error(text: &str) -> String {
        let start = Instant::now();
        let errors = parse(text).unwrap_err();
        assert!(start.elapsed().as_millis() < 1000, "slow");
        assert!(
            errors.0.iter().all(|error| error.hint.is_some()),
            "{errors}"
        );
        errors.0[0].to_string()
    }

    #[test]
    fn scalars_as_ansible_reads_them() {
        assert_eq!(
            json("a: no\nb: \"no\"\nc: 0644\nd: 1:30\ne: 2020-01-01\nf:\ng: !!str 5\nh: |\n  x\n"),
            r#"{"a":false,"b":"no","c":420,"d":90,"e":"2020-01-01","f":null,"g":"5","h":"x\n"}"#
        );
        assert_eq!(
            json(r#"{"a": 1e5, "b": "no", "c": true}"#),
            r#"{"a":100000.0,"b":"no","c":true}"#
        );
        assert_eq!(json("{\n\t\"a\": 017e0\n}").as_str(), r#"{"a":"017e0"}"#);
        assert_eq!(json("# nothing\n"), "null");
        assert_eq!(json("1: a\nyes: b\n"), r#"{"1":"a","true":"b"}"#);
    }

    #[test]
    fn merge_keys_and_aliases() {
        assert_eq!(
            json(
                "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  <<: [*x, *y]\n  c: 3\nw: {\"<<\": 1}\nl: &l [1]\nm: *l\n"
            ),
            r#"{"x":{"a":1,"b":1},"y":{"b":2,"c":2},"z":{"b":1,"c":3,"a":1},"w":{"<<":1},"l":[1],"m":[1]}"#
        );
        assert!(error("a:\n  <<: 5\n").starts_with("f.yml:2:7: `<<` merges mappings"));
        assert!(error("a: &a [*a]\n").starts_with("f.yml:1:8: an alias within"));
        assert!(error("a: *b\n").starts_with("f.yml:1:4: an alias without"));
    }

    #[test]
    fn places() {
        let node = parse(
            "ä: {b: [1, x]}\nc:\nv: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  00\nt: |\n  x\n",
        )
        .unwrap();
        let map = node.as_map().unwrap();
        let inner = &map["ä"].node.as_map().unwrap()["b"];
        assert_eq!(inner.key_place.to_string(), "f.yml:1:5");
        let Value::Seq(items) = &inner.node.value else {
            panic!()
        };
        assert_eq!(items[1].place.to_string(), "f.yml:1:12");
        assert_eq!(map["c"].node.place.to_string(), "f.yml:2:1");
        assert_eq!(map["v"].node.place.to_string(), "f.yml:3:4");
        assert!(matches!(&map["v"].node.value, Value::Vault(v) if v.ciphertext.ends_with("00\n")));
    }

    #[test]
    fn unsafe_strings() {
        let node = parse("a: !unsafe {b: '{{ x }}', c: 5}\nd: '{{ x }}'\n").unwrap();
        let map = node.as_map().unwrap();
        let inner = map["a"].node.as_map().unwrap();
        assert!(matches!(inner["b"].node.value, Value::Unsafe(_)));
        assert!(matches!(inner["c"].node.value, Value::Int(5)));
        assert!(matches!(map["d"].node.value, Value::Str(_)));
    }

    #[test]
    fn mistakes_have_places_and_hints() {
        for (text, want) in [
            ("a: 1\nb: 2\na: 3\n", "f.yml:3:1: duplicate key \"a\""),
            ("a: !nope x\n", "f.yml:1:4: unsupported tag `!nope`"),
            ("a: !!python/object:x y\n", "f.yml:1:4: unsupported tag"),
            (
                "a: {{ x }}\n",
                "f.yml:1:5: a list or mapping can't be a key",
            ),
            (
                "a: !vault x\n",
                "f.yml:1:4: a `!vault` value that is not encrypted",
            ),
            ("a: 1\n---\nb: 2\n", "f.yml:2:1: a second YAML document"),
            ("a:\n\tb: 1\n", "f.yml:2:2: a tab"),
            ("a: 'x\n", "f.yml:2:1: a quoted string is not closed"),
            ("a: ['x\n", "f.yml:"),
            ("a: b: c\n", "f.yml:1:5: malformed YAML"),
        ] {
            let error = error(text);
            assert!(error.starts_with(want), "{text:?}: {error}");
        }
        let both = parse("a: 1\na: 2\n").unwrap_err();
        assert_eq!(both.0[0].related[0].0.to_string(), "f.yml:1:1");
    }

    #[test]
    fn bombs_are_stopped_quickly() {
        assert!(error(&"[".repeat(20_000)).contains("nested deeper"));
        assert!(error(&"{a: ".repeat(20_000)).contains("nested deeper"));
        let block: String = (0..20_000)
            .map(|i| format!("{}a:\n", " ".repeat(i)))
            .collect();
        assert!(error(&block).contains("nested deeper"));
        let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for i in 1..20 {
            let previous = format!("*a{}", i - 1);
            laughs.push_str(&format!(
                "a{i}: &a{i} [{}]\n",
                [previous.as_str(); 9].join(", ")
            ));
        }
        assert!(error(&laughs).contains("aliases grow"));
        let mut chain = "a0: &a0 [x]\n".to_owned();
        for i in 1..20_000 {
            chain.push_str(&format!("a{i}: &a{i} [*a{}]\n", i - 1));
        }
        assert!(error(&chain).contains("aliases nest"));
    }
}
