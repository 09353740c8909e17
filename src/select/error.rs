use std::path::PathBuf;

/// Why a host pattern selects nothing that could be meant.
#[derive(Debug, thiserror::Error)]
pub enum SelectError {
    /// No host or group has the name, and no glob or regular expression fits.
    #[error("find {pattern:?} among hosts and groups{}", suggestion(.similar))]
    Unmatched {
        /// The pattern, without `!` or `&`.
        pattern: String,
        /// The most similar name, if any is similar enough to be meant.
        similar: Option<String>,
    },
    /// A subscript such as `web[7]` lies outside of what the pattern matches.
    #[error("take {pattern:?}: it matches only {matched} hosts")]
    OutOfRange {
        /// The pattern with its subscript.
        pattern: String,
        /// How many hosts the part before the subscript matches.
        matched: usize,
    },
    /// A `~` pattern is no regular expression.
    #[error("read {pattern:?} as a regular expression")]
    Regex {
        /// The pattern, with its `~`.
        pattern: String,
        /// What the regular expression engine says.
        source: Box<fancy_regex::Error>,
    },
    /// A `@file` of a limit can't be read.
    #[error("read the limit file {}", .path.display())]
    LimitFile {
        /// The file that was named.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

fn suggestion(similar: &Option<String>) -> String {
    similar
        .as_ref()
        .map(|name| format!("; did you mean {name:?}?"))
        .unwrap_or_default()
}
