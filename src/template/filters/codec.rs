use base64::{Engine as _, prelude::BASE64_STANDARD};
use minijinja::{Environment, Error, Value};
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use super::{add, failure};

/// Adds `b64encode`, `b64decode`, `hash`, `checksum`, `sha1`.
pub(super) fn register(environment: &mut Environment<'static>) {
    add(environment, "b64encode", b64encode);
    add(environment, "b64decode", b64decode);
    add(environment, "hash", hash);
    // Ansible's `checksum` is SHA-1.
    add(environment, "checksum", sha1);
    add(environment, "sha1", sha1);
}

/// Returns the bytes that a value stands for.
fn bytes(value: &Value) -> Vec<u8> {
    match value.as_bytes() {
        Some(bytes) => bytes.to_vec(),
        None => value.to_string().into_bytes(),
    }
}

fn b64encode(value: &Value) -> String {
    BASE64_STANDARD.encode(bytes(value))
}

fn b64decode(text: &str) -> Result<String, Error> {
    // Line breaks are common in files and harmless.
    let text: String = text.split_whitespace().collect();
    let bytes = BASE64_STANDARD
        .decode(text)
        .map_err(|_| failure("the value is no base64"))?;
    String::from_utf8(bytes).map_err(|_| failure("the base64 holds no UTF-8 text"))
}

fn sha1(value: &Value) -> String {
    hex::encode(Sha1::digest(bytes(value)))
}

fn hash(value: &Value, kind: Option<&str>) -> Result<String, Error> {
    let bytes = bytes(value);
    Ok(match kind.unwrap_or("sha1") {
        "sha1" => hex::encode(Sha1::digest(bytes)),
        "sha224" => hex::encode(Sha224::digest(bytes)),
        "sha256" => hex::encode(Sha256::digest(bytes)),
        "sha384" => hex::encode(Sha384::digest(bytes)),
        "sha512" => hex::encode(Sha512::digest(bytes)),
        other => {
            return Err(failure(format!(
                "there is no hash `{other}` here; sha1 and the SHA-2 family are"
            )));
        }
    })
}
