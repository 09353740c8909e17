use std::borrow::Cow;

use secrecy::{ExposeSecret, SecretString};

/// What stands in a text where a secret stood.
const MASK: &str = "********";
/// Shorter strings are no secrets worth the name, and would mask half of any text.
const MIN_CHARS: usize = 4;

/// Replaces every secret it knows in any text with `********`.
///
/// `Debug` shows none of them.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    /// Longest first, so that a secret within a longer one leaves no rest of it.
    secrets: Vec<SecretString>,
}

impl Redactor {
    /// Returns a redactor that knows no secret.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a secret. Of one with several lines, each line counts as well, and of
    /// one that JSON would escape, the escaped form.
    pub fn add(&mut self, secret: &str) {
        let secret = secret.trim();
        self.insert(secret);
        if secret.contains('\n') {
            for line in secret.lines() {
                self.insert(line.trim());
            }
        }
        let escaped = serde_json::Value::from(secret).to_string();
        self.insert(&escaped[1..escaped.len() - 1]);
    }

    /// Returns `text` without any of the secrets.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(text);
        for secret in &self.secrets {
            let secret = secret.expose_secret();
            if text.contains(secret) {
                text = Cow::Owned(text.replace(secret, MASK));
            }
        }
        text
    }

    fn insert(&mut self, secret: &str) {
        if secret.chars().count() < MIN_CHARS {
            return;
        }
        let at = self.secrets.partition_point(|known| {
            let known = known.expose_secret();
            (known.len(), known) > (secret.len(), secret)
        });
        if self
            .secrets
            .get(at)
            .is_none_or(|known| known.expose_secret() != secret)
        {
            self.secrets.insert(at, secret.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Redactor;

    #[test]
    fn secrets_vanish() {
        let mut redactor = Redactor::new();
        for secret in [
            "hunter2",
            "hunter2-and-more",
            "abc",
            "line one\nline \"two\"\n",
        ] {
            redactor.add(secret);
        }
        assert_eq!(
            redactor.redact("a hunter2-and-more b hunter2"),
            "a ******** b ********"
        );
        assert_eq!(redactor.redact("abc stays"), "abc stays");
        assert_eq!(redactor.redact("x line one y"), "x ******** y");
        assert_eq!(
            redactor.redact(r#"{"k": "line one\nline \"two\""}"#),
            r#"{"k": "********"}"#
        );
        assert!(!format!("{redactor:?}").contains("hunter2"));
    }
}
