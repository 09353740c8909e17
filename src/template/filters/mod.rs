//! Ansible's filters that need nothing from the world, each group in a file.
//!
//! What Jinja has but Python does otherwise than minijinja is replaced here, too,
//! so that a role gives the same text as under Ansible.

mod codec;
mod dicts;
mod lists;
mod math;
mod paths;
mod regex;
mod scalars;
mod serial;

use minijinja::{
    Environment, Error, ErrorKind,
    functions::Function,
    value::{FunctionArgs, FunctionResult},
};

pub(super) use regex::compile;

/// Adds all of them.
pub(super) fn register(environment: &mut Environment<'static>) {
    codec::register(environment);
    dicts::register(environment);
    lists::register(environment);
    math::register(environment);
    paths::register(environment);
    regex::register(environment);
    scalars::register(environment);
    serial::register(environment);
}

/// Adds a filter under its short and its full name, `ansible.builtin.NAME`.
fn add<F, Rv, Args>(environment: &mut Environment<'static>, name: &'static str, filter: F)
where
    F: Function<Rv, Args> + Copy,
    Rv: FunctionResult,
    Args: for<'a> FunctionArgs<'a>,
{
    environment.add_filter(name, filter);
    environment.add_filter(format!("ansible.builtin.{name}"), filter);
}

/// Returns an error of a filter with a lower-case fragment.
fn failure(detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, detail.into())
}

#[cfg(test)]
mod tests {
    use minijinja::context;

    use crate::{plan::Place, template::Engine};

    /// Renders an expression with a few variables.
    fn show(expression: &str) -> String {
        let context = context! {
            list => [3, 1, 3], words => ["b", "A", "a"],
            map => context! { a => 1, b => context! { c => [1] } }, none => (), text => "it's",
            result => context! { failed => true, changed => false },
        };
        let expression = expression.replace("nested", "[[1, [2, none]], [3]]");
        let place = Place::nowhere("<test>");
        match Engine::without_files().render_text(
            &place,
            &format!("{{{{ {expression} }}}}"),
            context,
        ) {
            Ok(text) => text,
            Err(error) => format!("error: {}", error.message),
        }
    }

    /// Each line is an expression and what ansible-core 2.19 shows for it.
    #[test]
    fn filters_give_what_ansible_gives() {
        for (expression, expected) in [
            ("map | to_json", r#"{"a": 1, "b": {"c": [1]}}"#),
            (
                "{'b': 1, 'a': [2]} | to_nice_json(indent=2)",
                "{\n  \"a\": [\n    2\n  ],\n  \"b\": 1\n}",
            ),
            ("'a: [1, yes]' | from_yaml", "{'a': [1, True]}"),
            ("'é😀' | to_json", "\"\\u00e9\\ud83d\\ude00\""),
            ("'é' | to_json(ensure_ascii=false)", "\"é\""),
            ("9 | root ~ ' ' ~ (3 | pow(2))", "3.0 9.0"),
            ("'{\"x\": null}' | from_json", "{'x': None}"),
            ("map | to_nice_yaml", "a: 1\nb:\n    c:\n    - 1\n"),
            (
                "[{'a': 1, 'b': [[2]]}] | to_nice_yaml(indent=2)",
                "- a: 1\n  b:\n  - - 2\n",
            ),
            (
                "[{'a': 1, 'b': [[2, 3]]}] | to_nice_yaml",
                "-   a: 1\n    b:\n    -   - 2\n        - 3\n",
            ),
            ("map | combine({'b': {'d': 2}})", "{'a': 1, 'b': {'d': 2}}"),
            (
                "map | combine({'b': {'c': [2]}}, recursive=true, list_merge='append')",
                "{'a': 1, 'b': {'c': [1, 2]}}",
            ),
            ("[{'a': 1}, {'b': 2}] | combine", "{'a': 1, 'b': 2}"),
            ("{'k': 1} | dict2items", "[{'key': 'k', 'value': 1}]"),
            (
                "[{'n': 'x', 'v': 1}] | items2dict(key_name='n', value_name='v')",
                "{'x': 1}",
            ),
            (
                "['a', 'b'] | map('extract', {'a': 1, 'b': 2}) | list",
                "[1, 2]",
            ),
            ("list | union([4, 1])", "[3, 1, 4]"),
            ("list | difference([1])", "[3]"),
            ("list | intersect([1, 9])", "[1]"),
            ("words | unique | list", "['b', 'A']"),
            ("nested | flatten", "[1, 2, 3]"),
            ("nested | flatten(levels=1)", "[1, [2, None], 3]"),
            ("[1, 2] | product(['a']) | list", "[[1, 'a'], [2, 'a']]"),
            ("[true, none, 'x'] | join(',')", "True,None,x"),
            (
                "'foobar' | regex_replace('^(f)(?P<rest>.*)$', '\\g<rest>\\1')",
                "oobarf",
            ),
            ("'a1b22' | regex_findall('\\d+')", "['1', '22']"),
            ("'host-42' | regex_search('(\\w+)-(\\d+)', '\\2')", "['42']"),
            ("('x' | regex_search('y')) is none", "True"),
            ("'a.b' | regex_escape", "a\\.b"),
            ("text | quote", "'it'\"'\"'s'"),
            ("'/a/b.c' | basename ~ ' ' ~ ('/a/b.c' | dirname)", "b.c /a"),
            ("'.profile' | splitext", "['.profile', '']"),
            ("'hé' | b64encode | b64decode", "hé"),
            (
                "'x' | hash('sha256') | truncate_is_none",
                "error: filter truncate_is_none is unknown",
            ),
            ("'x' | hash", "11f6ad8ec52a2984abaafd7c3b516503785c2072"),
            ("'Yes' | bool", "True"),
            ("'abc' | int", "0"),
            ("'0x1f' | int(base=16)", "31"),
            ("3.9 | int", "3"),
            ("none | ternary(1, 2, 3)", "3"),
            (
                "undefined_one | mandatory",
                "error: a mandatory variable is undefined",
            ),
            ("undefined_one | default('d')", "d"),
            ("true | string", "True"),
            ("'10G' | human_to_bytes", "10737418240"),
            ("'a\nb' | comment", "#\n# a\n# b\n#"),
            ("'x' | ansible.builtin.quote", "x"),
        ] {
            assert_eq!(show(expression), expected, "{expression}");
        }
    }

    #[test]
    fn tests_answer_as_ansible_does() {
        for (expression, expected) in [
            ("'abc' is match('b')", "False"),
            ("'abc' is search('b')", "True"),
            ("'ABC' is regex('b', ignorecase=true)", "True"),
            ("'1.10.1' is version('1.9', '>')", "True"),
            (
                "'1.0.0-rc1' is version('1.0.0', '<', version_type='semver')",
                "True",
            ),
            ("'12' is version('12.0', '<=')", "True"),
            ("[1] is subset([1, 2])", "True"),
            ("[1, 2] is contains(2)", "True"),
            ("result is failed and result is not changed", "True"),
            (
                "nope is failed",
                "error: an undefined value is given to `failed`",
            ),
            ("'a b'.split() | list", "['a', 'b']"),
            ("{'a': 1}.items() | list", "[['a', 1]]"),
        ] {
            assert_eq!(show(expression), expected, "{expression}");
        }
    }

    #[test]
    fn slow_regular_expressions_end() {
        let shown = show("('a' * 40 ~ 'b') is match('(a*)*\\1c')");
        assert!(
            shown == "False" || shown.contains("takes too long"),
            "{shown}"
        );
    }
}
