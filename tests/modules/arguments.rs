use serde_json::{Map, Value, json};
use swarmctl::play::modules::{MODULES, bind, check, find, free_form, suggest};

fn errors(module: &str, args: &Value) -> Vec<String> {
    check(find(module).unwrap(), args.as_object().unwrap(), &|_| false)
        .into_iter()
        .map(|error| format!("{error} ({})", error.hint.clone().unwrap_or_default()))
        .collect()
}

#[test]
fn unknown_missing_doubled_and_mistyped_arguments_are_errors() {
    assert_eq!(
        errors("copy", &json!({"dst": "/x"})),
        [
            "`copy` has no argument `dst` (did you mean `dest`?)",
            "`copy` needs the argument `dest` ()"
        ]
    );
    assert_eq!(
        errors("file", &json!({"path": "/x", "dest": "/y"})),
        ["`dest` and `path` are the same argument ()"]
    );
    assert_eq!(
        errors("file", &json!({"path": "/x", "state": "gone"})).len(),
        1
    );
    assert_eq!(
        errors("file", &json!({"path": "/x", "recurse": "maybe"})).len(),
        1
    );
    assert_eq!(
        errors("file", &json!({"path": "/x", "mode": "rw"})).len(),
        1
    );
    assert_eq!(
        errors("file", &json!({"_raw_params": "x", "path": "/x"})).len(),
        1
    );
}

#[test]
fn templates_are_judged_later() {
    let args = json!({"path": "{{ p }}", "recurse": "{{ r }}", "bogus": 1});
    let later = |value: &Value| value.as_str().is_some_and(|text| text.contains("{{"));
    assert_eq!(
        check(find("file").unwrap(), args.as_object().unwrap(), &later).len(),
        1
    );
}

#[test]
fn modules_have_short_and_full_names() {
    for module in MODULES {
        assert!(find(module.name).is_some());
        assert!(!module.doc.is_empty());
        for name in module.fqcn {
            assert_eq!(find(name).unwrap().name, module.name);
        }
        let mut names: Vec<&str> = Vec::new();
        for arg in module.arguments() {
            names.push(arg.name);
            names.extend(arg.aliases);
            if let Some(default) = arg.default {
                assert!(
                    bind_default(arg.name, default, module.name),
                    "{} {}",
                    module.name,
                    arg.name
                );
            }
        }
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(count, names.len(), "{}: a name twice", module.name);
    }
    assert_eq!(suggest("ansible.builtin.coppy"), Some("copy"));
}

fn bind_default(name: &str, default: &str, module: &str) -> bool {
    let args = Map::from_iter([(name.to_owned(), Value::from(default))]);
    check(find(module).unwrap(), &args, &|_| false)
        .iter()
        .all(|error| error.arg.as_deref() != Some(name))
}

#[test]
fn free_form_is_cut_as_ansible_cuts_it() {
    let parse =
        |module: &str, text: &str| Value::Object(free_form(find(module).unwrap(), text).unwrap());
    assert_eq!(
        parse(
            "command",
            "echo a=b 'c  d' creates=/x chdir={{ a + 'b c' }}"
        ),
        json!({"creates": "/x", "chdir": "{{ a + 'b c' }}", "_raw_params": "echo a=b 'c  d'"})
    );
    assert_eq!(
        parse("copy", "src=a dest=\"/b c\" mode=0644"),
        json!({"src": "a", "dest": "/b c", "mode": "0644"})
    );
    assert!(free_form(find("copy").unwrap(), "src=a b").is_err());
    let args = bind(
        find("copy").unwrap(),
        parse("copy", "content=x dest=/b mode=0644")
            .as_object()
            .unwrap(),
    )
    .unwrap();
    assert_eq!(args.str("mode"), Some("644"));
    assert_eq!(args.bool("force"), Some(true));
}
