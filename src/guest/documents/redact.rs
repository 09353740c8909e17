use base64::{Engine as _, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value as Json;

/// What stands for a secret.
const HIDDEN: &str = "********";
/// A secret shorter than this is hidden only where it is a whole value: `a` or `10`
/// would hide half of the document otherwise.
const SHORTEST: usize = 4;

/// Returns `json` with the given secrets hidden, plain or in base64.
pub(super) fn redact(json: &Json, secrets: &[SecretString]) -> Json {
    match json {
        Json::String(text) => Json::String(redact_text(text, secrets)),
        Json::Array(items) => Json::Array(items.iter().map(|item| redact(item, secrets)).collect()),
        Json::Object(map) => Json::Object(
            map.iter()
                .map(|(key, item)| (redact_text(key, secrets), redact(item, secrets)))
                .collect(),
        ),
        // A template's native types may have made a number of a secret.
        Json::Number(number) if is_secret(&number.to_string(), secrets) => {
            Json::String(HIDDEN.to_owned())
        }
        other => other.clone(),
    }
}

fn is_secret(text: &str, secrets: &[SecretString]) -> bool {
    secrets.iter().any(|secret| secret.expose_secret() == text)
}

fn redact_text(text: &str, secrets: &[SecretString]) -> String {
    if is_secret(text, secrets) {
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
