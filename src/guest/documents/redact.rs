use base64::{Engine as _, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value as Json;

/// What stands for a secret.
const HIDDEN: &str = "********";
/// A secret shorter than this is hidden only where it is a whole value: `a` or `10`
/// would hide half of the document otherwise.
const SHORTEST: usize = 4;

/// cloud-init's names for passwords and their hashes (its modules "Users and Groups"
/// and "Set Passwords", and netplan's Wi-Fi): hidden even where nobody vaulted them.
const PASSWORDS: [&str; 4] = ["passwd", "hashed_passwd", "plain_text_passwd", "password"];

/// Returns `json` with the given secrets hidden, plain or in base64, and with what
/// cloud-init takes as passwords and private keys.
pub(super) fn redact(json: &Json, secrets: &[SecretString]) -> Json {
    match json {
        Json::String(text) => Json::String(redact_text(text, secrets)),
        Json::Array(items) => Json::Array(items.iter().map(|item| redact(item, secrets)).collect()),
        Json::Object(map) => Json::Object(
            map.iter()
                .map(|(key, item)| {
                    let shown = match key.as_str() {
                        "chpasswd" => redact(&without_list(item), secrets),
                        key if PASSWORDS.contains(&key) => hidden(item),
                        _ => redact(item, secrets),
                    };
                    (redact_text(key, secrets), shown)
                })
                .collect(),
        ),
        // A template's native types may have made a number of a secret.
        Json::Number(number) if is_secret(&number.to_string(), secrets) => {
            Json::String(HIDDEN.to_owned())
        }
        other => other.clone(),
    }
}

/// Hides the `list` of `chpasswd`, whose lines are `user:password`.
fn without_list(chpasswd: &Json) -> Json {
    let mut shown = chpasswd.clone();
    if let Some(list) = shown.get_mut("list") {
        *list = hidden(list);
    }
    shown
}

/// Hides a value; what says only yes or no is no secret.
fn hidden(json: &Json) -> Json {
    match json {
        Json::Bool(_) | Json::Null => json.clone(),
        _ => Json::String(HIDDEN.to_owned()),
    }
}

fn is_secret(text: &str, secrets: &[SecretString]) -> bool {
    secrets.iter().any(|secret| secret.expose_secret() == text)
}

fn redact_text(text: &str, secrets: &[SecretString]) -> String {
    if is_secret(text, secrets) || text.contains("PRIVATE KEY-----") {
        return HIDDEN.to_owned();
    }
    let mut shown = text.to_owned();
    for secret in secrets {
        let secret = secret.expose_secret();
        if secret.len() >= SHORTEST {
            shown = shown.replace(secret, HIDDEN);
            shown = shown.replace(&BASE64_STANDARD.encode(secret), HIDDEN);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn passwords_are_hidden_though_nobody_vaulted_them() {
        let document = json!({
            "ssh_pwauth": false,
            "password": "plain",
            "chpasswd": {"expire": false, "list": ["root:pw"], "users": [{"name": "a", "password": 12345}]},
            "users": [{"name": "b", "hashed_passwd": "$6$x", "lock_passwd": true}],
            "ssh_keys": {"rsa_private": "-----BEGIN RSA PRIVATE KEY-----\nabc"},
        });
        let shown = redact(&document, &[]);
        assert_eq!(
            shown,
            json!({
                "ssh_pwauth": false,
                "password": HIDDEN,
                "chpasswd": {"expire": false, "list": HIDDEN, "users": [{"name": "a", "password": HIDDEN}]},
                "users": [{"name": "b", "hashed_passwd": HIDDEN, "lock_passwd": true}],
                "ssh_keys": {"rsa_private": HIDDEN},
            })
        );
    }
}
