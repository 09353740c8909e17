//! The reader of a program's report.
//!
//! A report is `swarmctl BOUNDARY`, then parts: a newline, the boundary, a blank, the
//! part's name, a newline, and its value up to the next part. Values are bytes as they
//! come. The last part is `end`: a report without one was cut.

/// A report in its parts.
#[derive(Debug)]
pub(super) struct Parts<'a>(Vec<(&'a str, &'a [u8])>);

/// The word that every report begins with.
const MAGIC: &[u8] = b"swarmctl ";

impl<'a> Parts<'a> {
    /// Returns the parts of a report; none when it is no whole report.
    pub(super) fn read(stdout: &'a [u8]) -> Option<Self> {
        let start = find(stdout, MAGIC)?;
        let rest = stdout.get(start + MAGIC.len()..)?;
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let boundary = rest.get(..end)?;
        if boundary.is_empty() {
            return None;
        }
        let separator = [b"\n", boundary, b" "].concat();
        let mut parts = Vec::new();
        let mut at = rest.get(end..)?;
        at = at.strip_prefix(separator.as_slice())?;
        loop {
            let line = at.iter().position(|byte| *byte == b'\n')?;
            let name = std::str::from_utf8(at.get(..line)?).ok()?;
            let after = at.get(line + 1..)?;
            let next = find(after, &separator);
            parts.push((name, after.get(..next.unwrap_or(after.len()))?));
            match next {
                Some(next) => at = after.get(next + separator.len()..)?,
                None => break,
            }
        }
        parts
            .last()
            .is_some_and(|(name, _)| *name == "end")
            .then_some(Self(parts))
    }

    /// Returns the last value of that name.
    pub(super) fn get(&self, name: &str) -> Option<&'a [u8]> {
        self.0
            .iter()
            .rev()
            .find(|(part, _)| *part == name)
            .map(|(_, value)| *value)
    }

    /// Returns the last value of that name as text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name)
            .map(|value| String::from_utf8_lossy(value).into_owned())
    }

    /// Returns all parts.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.0.iter().copied()
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_bytes_and_a_cut_report_is_none() {
        let whole = b"swarmctl b1\nb1 out\na\nb2 x\n\xff\n\nb1 changed\n1\nb1 end\n";
        let parts = Parts::read(whole).unwrap();
        assert_eq!(parts.get("out").unwrap(), b"a\nb2 x\n\xff\n");
        assert_eq!(parts.text("changed").as_deref(), Some("1"));
        for length in 0..whole.len() - 1 {
            assert!(Parts::read(&whole[..length]).is_none(), "{length}");
        }
    }
}
