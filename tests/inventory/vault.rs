use secrecy::ExposeSecret;
use serde_json::json;
use swarmctl::{inventory::Value, secret::Redactor};

use crate::{
    compare::{Order, same},
    fleet::Fleet,
    oracle::Oracle,
};

/// The envelope as a YAML block below `!vault |`.
fn block(envelope: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let lines: String = envelope
        .lines()
        .map(|line| format!("{pad}{line}\n"))
        .collect();
    format!("!vault |\n{lines}")
}

#[test]
fn vaulted_values_are_listed_as_ansible_lists_them() {
    let Some(mut oracle) = Oracle::start() else {
        return;
    };
    let one = oracle.encrypt("first secret", "pass one", None);
    let two = oracle.encrypt("zweites Geheimnis", "pass two", Some("prod"));
    let text = format!(
        "all:\n  hosts:\n    h:\n      a: {}      l: [1]\n",
        block(&one, 8)
    );
    let fleet = Fleet::of("hosts.yml", &text)
        .file(
            "host_vars/h.yml",
            &format!("b: {}c:\n  d: {}", block(&two, 2), block(&two, 4)),
        )
        .password("default", "pass one")
        .password("prod", "pass two");
    let list = same(&mut oracle, &fleet, &[], Order::Exact);
    assert!(list["_meta"]["hostvars"]["h"]["a"]["__ansible_vault"].is_string());

    let inventory = fleet.load().unwrap();
    let vars = inventory.vars("h");
    let Value::Vault(vault) = &vars["b"].node.value else {
        panic!("no vault");
    };
    assert_eq!(
        vault.plaintext.as_ref().unwrap().expose_secret(),
        "zweites Geheimnis"
    );
    let mut redactor = Redactor::new();
    inventory.teach(&mut redactor);
    assert_eq!(
        redactor.redact("the first secret: zweites Geheimnis"),
        "the ********: ********"
    );
    for shown in [
        inventory.list_json().to_string(),
        inventory.graph(true),
        format!("{inventory:?}"),
    ] {
        assert!(
            !shown.contains("secret") && !shown.contains("Geheimnis"),
            "{shown}"
        );
    }

    // Without any password both list the ciphertext.
    let closed = Fleet::of("hosts.yml", &text);
    same(&mut oracle, &closed, &[], Order::Exact);
}

#[test]
fn whole_files_are_read_and_masked() {
    let Some(mut oracle) = Oracle::start() else {
        return;
    };
    let inner = "word: hidden words\nnumber: 424242\nlist: [deep down]\n";
    let envelope = oracle.encrypt(inner, "pass", Some("prod"));
    let fleet = Fleet::of("hosts", "h plain=1\n")
        .file("group_vars/all/vault.yml", &envelope)
        .password("prod", "pass");
    let theirs = oracle.ask(&fleet.question(&[]));
    assert_eq!(
        theirs["list"]["_meta"]["hostvars"]["h"]["word"],
        "hidden words"
    );
    let inventory = fleet.load().unwrap();
    assert_eq!(
        inventory.list_json()["_meta"]["hostvars"]["h"],
        json!({ "plain": 1, "word": "********", "number": "********", "list": ["********"] })
    );
    let Value::Vault(word) = &inventory.vars("h")["word"].node.value else {
        panic!("not sealed");
    };
    assert_eq!(
        word.plaintext.as_ref().unwrap().expose_secret(),
        "hidden words"
    );
    assert!(
        inventory.vars("h")["word"]
            .key_place
            .to_string()
            .ends_with("vault.yml:1:1")
    );
    for shown in [inventory.graph(true), format!("{inventory:?}")] {
        assert!(
            !shown.contains("hidden words") && !shown.contains("deep down"),
            "{shown}"
        );
    }

    let mut inventory_file = Fleet::of("hosts", &oracle.encrypt("h x=hidden\n", "pass", None));
    inventory_file.vault = vec![("default".to_owned(), "pass".to_owned())];
    assert_eq!(
        inventory_file.load().unwrap().list_json()["_meta"]["hostvars"]["h"],
        json!({ "x": "********" })
    );
}

#[test]
fn wrong_and_missing_passwords_name_the_place() {
    let Some(mut oracle) = Oracle::start() else {
        return;
    };
    let envelope = oracle.encrypt("secret text", "right", Some("prod"));
    let wrong = Fleet::of("hosts", "h\n")
        .file(
            "host_vars/h.yml",
            &format!("x: 1\napi_key: {}", block(&envelope, 2)),
        )
        .file("group_vars/all.yml", &envelope)
        .password("prod", "wrong");
    let errors = wrong.load().unwrap_err();
    let text = errors.to_string();
    assert_eq!(errors.0.len(), 2, "{text}");
    assert!(
        text.contains("host_vars/h.yml:2:1: ") && text.contains("variable \"api_key\""),
        "{text}"
    );
    assert!(
        text.contains("group_vars/all.yml:1:1: ") && text.contains("vault id \"prod\""),
        "{text}"
    );
    assert!(
        errors
            .0
            .iter()
            .all(|error| error.hide_line && error.hint.is_some())
    );

    let missing = Fleet::of("hosts", "h\n").file("group_vars/all.yml", &envelope);
    let errors = missing.load().unwrap_err();
    assert!(
        errors.0[0]
            .hint
            .as_deref()
            .unwrap()
            .contains("--vault-password-file"),
        "{errors}"
    );
}
