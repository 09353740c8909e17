use std::path::{Path, PathBuf};

use super::{SelectError, split::split};

/// Replaces each `@file` of a `--limit` text by the patterns of that file, one a
/// line, and returns a limit text for [`select`](super::select).
///
/// # Errors
/// When `read` can't read a file that was named.
pub fn expand_limit(
    limit: &str,
    mut read: impl FnMut(&Path) -> std::io::Result<String>,
) -> Result<String, SelectError> {
    let mut patterns = Vec::new();
    for part in split(limit) {
        let Some(path) = part.strip_prefix('@') else {
            patterns.push(part);
            continue;
        };
        let path = PathBuf::from(path);
        match read(&path) {
            Ok(text) => patterns.extend(
                text.lines()
                    .map(str::trim)
                    .filter(|line| !line.is_empty())
                    .map(str::to_owned),
            ),
            Err(source) => return Err(SelectError::LimitFile { path, source }),
        }
    }
    // The comma at the end keeps a single line from being split at colons.
    Ok(format!("{},", patterns.join(",")))
}

#[cfg(test)]
mod tests {
    use super::expand_limit;

    #[test]
    fn files_become_patterns() {
        let text = expand_limit("web,@retry", |path| {
            assert_eq!(path.to_str(), Some("retry"));
            Ok("a\n\n b \n".to_owned())
        });
        assert_eq!(text.unwrap(), "web,a,b,");
        assert!(expand_limit("@gone", |_| Err(std::io::ErrorKind::NotFound.into())).is_err());
    }
}
