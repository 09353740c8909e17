use std::collections::HashSet;

use super::{SelectError, glob, split::split, subscript};

/// What patterns are matched against: host and group names, in Ansible's order.
pub trait Names {
    /// Returns all hosts, in inventory order.
    fn hosts(&self) -> Vec<&str>;
    /// Returns the host of that name, if there is one.
    fn host(&self, name: &str) -> Option<&str> {
        self.hosts().into_iter().find(|host| *host == name)
    }
    /// Returns the hosts of a group and its descendants; `None`: no such group.
    fn group(&self, name: &str) -> Option<Vec<&str>>;
    /// Returns all group names, `all` and `ungrouped` among them.
    fn group_names(&self) -> Vec<&str>;
}

/// Returns the hosts that `pattern` names, narrowed to those that `limit` names
/// too, each once, in the order the pattern brings them.
///
/// # Errors
/// When a part of the pattern or of the limit matches no host or group, when a
/// subscript lies outside, or when a regular expression is none.
pub fn select(
    pattern: &str,
    limit: Option<&str>,
    names: &dyn Names,
) -> Result<Vec<String>, SelectError> {
    let mut hosts = evaluate(split(pattern), names)?;
    if let Some(limit) = limit {
        let limit = split(limit);
        if !limit.is_empty() {
            let kept: HashSet<&str> = evaluate(limit, names)?.into_iter().collect();
            hosts.retain(|host| kept.contains(host));
        }
    }
    let mut seen = HashSet::new();
    hosts.retain(|host| seen.insert(*host));
    Ok(hosts.into_iter().map(str::to_owned).collect())
}

/// Plain patterns first, then the intersections, then the exclusions, wherever
/// they were written; without a plain one it starts from all hosts.
fn evaluate(patterns: Vec<String>, names: &dyn Names) -> Result<Vec<&str>, SelectError> {
    let (mut plain, mut intersections, mut exclusions) = (Vec::new(), Vec::new(), Vec::new());
    for pattern in patterns {
        match pattern.chars().next() {
            Some('!') => exclusions.push(pattern[1..].to_owned()),
            Some('&') => intersections.push(pattern[1..].to_owned()),
            _ => plain.push(pattern),
        }
    }
    if plain.is_empty() {
        plain.push("all".to_owned());
    }
    let mut hosts: Vec<&str> = Vec::new();
    for pattern in &plain {
        // A plain host name wins over a group or subscript that it could mean.
        if let Some(host) = names.host(pattern) {
            hosts.push(host);
            continue;
        }
        let found = matching(pattern, names)?;
        let existing: HashSet<&str> = hosts.iter().copied().collect();
        hosts.extend(found.into_iter().filter(|host| !existing.contains(host)));
    }
    for pattern in &intersections {
        let found: HashSet<&str> = matching(pattern, names)?.into_iter().collect();
        hosts.retain(|host| found.contains(host));
    }
    for pattern in &exclusions {
        let found: HashSet<&str> = matching(pattern, names)?.into_iter().collect();
        hosts.retain(|host| !found.contains(host));
    }
    Ok(hosts)
}

/// Returns what one pattern matches; a host may come twice, since subscripts
/// count that way.
fn matching<'a>(pattern: &str, names: &'a dyn Names) -> Result<Vec<&'a str>, SelectError> {
    let (expression, subscript) = subscript::cut(pattern);
    let matcher = Matcher::new(expression)?;
    let groups: Vec<&str> = matcher.pick(names.group_names())?;
    let mut hosts: Vec<&str> = groups
        .iter()
        .flat_map(|group| names.group(group).unwrap_or_default())
        .collect();
    if groups.is_empty() || expression.contains(['.', '?', '*', '[']) || expression.starts_with('~')
    {
        hosts.extend(matcher.pick(names.hosts())?);
    }
    if hosts.is_empty() && groups.is_empty() {
        return Err(SelectError::Unmatched {
            pattern: pattern.to_owned(),
            similar: similar(expression, names),
        });
    }
    match subscript {
        None => Ok(hosts),
        Some(subscript) => subscript
            .apply(&hosts)
            .ok_or_else(|| SelectError::OutOfRange {
                pattern: pattern.to_owned(),
                matched: hosts.len(),
            }),
    }
}

enum Matcher<'p> {
    Glob(&'p str),
    Regex(&'p str, Box<fancy_regex::Regex>),
}

impl<'p> Matcher<'p> {
    fn new(expression: &'p str) -> Result<Self, SelectError> {
        let Some(regex) = expression.strip_prefix('~') else {
            return Ok(Self::Glob(expression));
        };
        // Ansible matches at the start, not to the end.
        match fancy_regex::Regex::new(&format!("^(?:{regex})")) {
            Ok(regex) => Ok(Self::Regex(expression, Box::new(regex))),
            Err(source) => Err(regex_error(expression, source)),
        }
    }

    fn pick<'a>(&self, names: Vec<&'a str>) -> Result<Vec<&'a str>, SelectError> {
        let mut picked = Vec::new();
        for name in names {
            let fits = match self {
                Self::Glob(glob) => glob::matches(glob, name),
                Self::Regex(text, regex) => regex
                    .is_match(name)
                    .map_err(|source| regex_error(text, source))?,
            };
            if fits {
                picked.push(name);
            }
        }
        Ok(picked)
    }
}

fn regex_error(pattern: &str, source: fancy_regex::Error) -> SelectError {
    SelectError::Regex {
        pattern: pattern.to_owned(),
        source: Box::new(source),
    }
}

/// Returns the name that is most like `wanted`, when one is like it at all.
fn similar(wanted: &str, names: &dyn Names) -> Option<String> {
    // At 0.8, Jaro-Winkler finds swapped, missing and doubled letters in short
    // names, and leaves unrelated names alone.
    const ENOUGH: f64 = 0.8;
    names
        .hosts()
        .into_iter()
        .chain(names.group_names())
        .map(|name| (strsim::jaro_winkler(wanted, name), name))
        .filter(|(score, name)| {
            // It does not see swapped letters in names as short as `zap`.
            *score >= ENOUGH || wanted.len() > 2 && strsim::damerau_levenshtein(wanted, name) == 1
        })
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Names, SelectError, select};

    struct Fleet;

    impl Names for Fleet {
        fn hosts(&self) -> Vec<&str> {
            vec!["lone", "web1", "web2", "db1"]
        }
        fn group(&self, name: &str) -> Option<Vec<&str>> {
            match name {
                "all" => Some(self.hosts()),
                "ungrouped" => Some(vec!["lone"]),
                "web" => Some(vec!["web1", "web2"]),
                "prod" => Some(vec!["web2", "db1"]),
                "empty" => Some(vec![]),
                _ => None,
            }
        }
        fn group_names(&self) -> Vec<&str> {
            vec!["all", "ungrouped", "web", "prod", "empty"]
        }
    }

    #[test]
    fn patterns() {
        for (pattern, want) in [
            ("all", "lone web1 web2 db1"),
            ("*", "lone web1 web2 db1"),
            ("web:&prod", "web2"),
            ("web:!prod", "web1"),
            ("!web", "lone db1"),
            ("db1,web", "db1 web1 web2"),
            ("~(web|db)1", "web1 db1"),
            ("web[0]", "web1"),
            ("web[-1]", "web2"),
            ("web[0:1]", "web1 web2"),
            ("we?", "web1 web2"),
            ("empty", ""),
            ("ungrouped", "lone"),
        ] {
            assert_eq!(
                select(pattern, None, &Fleet).unwrap().join(" "),
                want,
                "{pattern}"
            );
        }
        assert_eq!(
            select("all", Some("prod,"), &Fleet).unwrap(),
            ["web2", "db1"]
        );
    }

    #[test]
    fn mistakes() {
        let error = select("wbe1", None, &Fleet).unwrap_err().to_string();
        assert!(error.contains("did you mean \"web1\"?"), "{error}");
        let error = select("bd1", None, &Fleet).unwrap_err().to_string();
        assert!(error.contains("did you mean \"db1\"?"), "{error}");
        assert!(select("all:!retired", None, &Fleet).is_err());
        assert!(matches!(
            select("web[5]", None, &Fleet),
            Err(SelectError::OutOfRange { .. })
        ));
        assert!(matches!(
            select("~(", None, &Fleet),
            Err(SelectError::Regex { .. })
        ));
    }
}
