use sha2::{Digest as _, Sha256};

use super::{Problem, scalar};
use crate::inventory::Node;

/// Returns a unicast MAC address in lower case with colons.
pub fn mac(node: &Node) -> Result<String, Problem> {
    const WHAT: &str = "a MAC address such as 52:54:00:01:00:71";
    let Ok(text) = scalar::text(node) else {
        return Err(Problem::expected(WHAT, node)
            .hint("quote it: YAML 1.1 reads digits with colons as a number"));
    };
    let octets: Vec<&str> = text.split([':', '-']).collect();
    let bytes: Option<Vec<u8>> = octets
        .iter()
        .map(|octet| {
            let hex = octet.len() == 2 && octet.chars().all(|c| c.is_ascii_hexdigit());
            hex.then(|| u8::from_str_radix(octet, 16).ok()).flatten()
        })
        .collect();
    let Some(bytes) = bytes.filter(|bytes| bytes.len() == 6) else {
        return Err(
            Problem::expected(WHAT, node).hint("write six pairs of hexadecimal digits with colons")
        );
    };
    // The lowest bit of the first octet marks a group address (IEEE 802).
    if bytes.first().is_some_and(|first| first & 1 == 1) {
        return Err(Problem::expected("a unicast MAC address", node)
            .hint("make the second digit even; QEMU's own prefix is 52:54:00"));
    }
    if bytes.iter().all(|byte| *byte == 0) {
        return Err(Problem::expected(
            "a MAC address that isn't all zeros",
            node,
        ));
    }
    Ok(join(&bytes))
}

/// Returns a MAC address that follows from an instance's name: QEMU's prefix
/// 52:54:00 and the first three octets of the name's SHA-256.
pub fn derived_mac(name: &str) -> String {
    let digest = Sha256::digest(name.as_bytes());
    let mut bytes = vec![0x52, 0x54, 0x00];
    bytes.extend(digest.iter().take(3));
    join(&bytes)
}

fn join(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.join(":")
}
