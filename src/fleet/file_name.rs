use sha2::{Digest, Sha256};

/// The longest file name that is made; most file systems end at 255 bytes, and
/// callers add an ending.
const LONGEST: usize = 200;

/// Returns a file name for any instance name: letters, digits, `.`, `_` and `-`
/// stay, every other byte becomes `%XX`. Different names give different files.
pub fn safe_file_name(name: &str) -> String {
    let mut safe = String::with_capacity(name.len());
    for (i, byte) in name.bytes().enumerate() {
        let hidden = i == 0 && byte == b'.';
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') || (byte == b'.' && !hidden)
        {
            safe.push(char::from(byte));
        } else {
            safe.push_str(&format!("%{byte:02X}"));
        }
    }
    if safe.is_empty() {
        // A bare `%` can't come from any name.
        safe.push('%');
    }
    if safe.len() > LONGEST {
        let digest = hex::encode(Sha256::digest(name.as_bytes()));
        safe.truncate(LONGEST - digest.len() - 2);
        // `%%` can't come from any shorter name either.
        safe.push_str("%%");
        safe.push_str(&digest);
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::safe_file_name;

    #[test]
    fn ordinary_names_stay() {
        assert_eq!(safe_file_name("web-01.example_x"), "web-01.example_x");
    }

    #[test]
    fn nothing_leaves_the_directory() {
        assert_eq!(safe_file_name("zap [claw]"), "zap%20%5Bclaw%5D");
        assert_eq!(safe_file_name("../x"), "%2E.%2Fx");
        assert_eq!(safe_file_name(".."), "%2E.");
        assert_eq!(safe_file_name(""), "%");
    }

    #[test]
    fn long_names_stay_apart() {
        let (a, b) = ("a".repeat(300), format!("{}b", "a".repeat(299)));
        assert!(safe_file_name(&a).len() <= 200);
        assert_ne!(safe_file_name(&a), safe_file_name(&b));
    }
}
