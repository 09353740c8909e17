/// A subscript at the end of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subscript {
    /// `[i]`, from the end when negative.
    One(i64),
    /// `[start:end]`, both inclusive; no end means to the last.
    Range(usize, Option<usize>),
}

/// Cuts `web[0:2]` into `web` and its subscript. What is no subscript stays in
/// the pattern, since globs have brackets too.
pub(super) fn cut(pattern: &str) -> (&str, Option<Subscript>) {
    let none = (pattern, None);
    if pattern.starts_with('~') {
        return none;
    }
    let Some((name, inside)) = pattern
        .strip_suffix(']')
        .and_then(|rest| rest.rsplit_once('['))
        .filter(|(name, _)| !name.is_empty())
    else {
        return none;
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let unsigned = inside.strip_prefix('-').unwrap_or(inside);
    if !unsigned.is_empty() && digits(unsigned) {
        return inside
            .parse()
            .map_or(none, |index| (name, Some(Subscript::One(index))));
    }
    // `[x-y]` is an old spelling of `[x:y]` that Ansible still reads.
    let Some((start, end)) = inside.split_once([':', '-']) else {
        return none;
    };
    if start.is_empty() || !digits(start) || !digits(end) {
        return none;
    }
    let (Ok(start), end) = (start.parse(), end.parse().ok()) else {
        return none;
    };
    // Ansible takes an end of 0 for none given: one host.
    match end {
        Some(0) => (
            name,
            Some(Subscript::One(i64::try_from(start).unwrap_or(i64::MAX))),
        ),
        end => (name, Some(Subscript::Range(start, end))),
    }
}

impl Subscript {
    /// Returns the part of `hosts` it stands for, `None` when an index is outside.
    pub(super) fn apply<T: Copy>(self, hosts: &[T]) -> Option<Vec<T>> {
        if hosts.is_empty() {
            return Some(Vec::new());
        }
        match self {
            Self::One(index) => {
                let index = if index < 0 {
                    hosts
                        .len()
                        .checked_sub(usize::try_from(index.unsigned_abs()).ok()?)?
                } else {
                    usize::try_from(index).ok()?
                };
                hosts.get(index).map(|&host| vec![host])
            }
            Self::Range(start, end) => {
                let end = end.map_or(hosts.len(), |end| end.saturating_add(1).min(hosts.len()));
                Some(hosts.get(start..end).unwrap_or_default().to_vec())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Subscript, cut};

    #[test]
    fn forms() {
        assert_eq!(cut("web[0]"), ("web", Some(Subscript::One(0))));
        assert_eq!(cut("web[-1]"), ("web", Some(Subscript::One(-1))));
        assert_eq!(cut("web[0:2]"), ("web", Some(Subscript::Range(0, Some(2)))));
        assert_eq!(cut("web[1:]"), ("web", Some(Subscript::Range(1, None))));
        assert_eq!(cut("web[1-2]"), ("web", Some(Subscript::Range(1, Some(2)))));
        assert_eq!(cut("web[ab]"), ("web[ab]", None));
        assert_eq!(cut("~web[0]"), ("~web[0]", None));
    }

    #[test]
    fn bounds() {
        let hosts = ["a", "b", "c"];
        assert_eq!(Subscript::One(-1).apply(&hosts), Some(vec!["c"]));
        assert_eq!(Subscript::One(3).apply(&hosts), None);
        assert_eq!(
            Subscript::Range(1, Some(9)).apply(&hosts),
            Some(vec!["b", "c"])
        );
        assert_eq!(Subscript::Range(5, None).apply(&hosts), Some(vec![]));
    }
}
