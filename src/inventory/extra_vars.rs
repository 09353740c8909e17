//! `--extra-vars`: `key=value` pairs, YAML or JSON text, `@file`.

use std::{path::Path, sync::Arc};

use super::{Entry, Map, Node, Value, files::Files, vaulted, yaml};
use crate::plan::{Diagnostic, Diagnostics, Place};

/// How the command line is called in places.
const HERE: &str = "<extra vars>";

/// Returns the variables of all `--extra-vars`, later ones winning.
///
/// # Errors
/// When a text is neither pairs nor a mapping, or a file can't be read.
pub(super) fn read(
    texts: &[String],
    files: &mut Files<'_>,
    opener: &vaulted::Opener<'_>,
    diagnostics: &mut Diagnostics,
) -> Map {
    let mut all = Map::new();
    for text in texts.iter().filter(|text| !text.is_empty()) {
        match one(text, files) {
            Ok(mut map) => {
                opener.open(&mut map, diagnostics);
                all.extend(map);
            }
            Err(errors) => diagnostics.0.extend(errors.0),
        }
    }
    all
}

fn one(text: &str, files: &mut Files<'_>) -> Result<Map, Diagnostics> {
    if let Some(path) = text.strip_prefix('@') {
        let path = Path::new(path);
        let file: Arc<Path> = Arc::from(path);
        let content = files.read(path, &file)?;
        let mut map = mapping(yaml::parse_yaml(&content, &file)?)?;
        if files.encrypted.contains(&file) {
            vaulted::seal(&mut map);
        }
        return Ok(map);
    }
    let nowhere = Place::nowhere(HERE);
    if text.starts_with(['/', '.']) {
        let error = Diagnostic::error(nowhere, format!("{text:?} looks like a file"));
        return Err(error.hint("put an @ before the name of a file").into());
    }
    if text.starts_with(['{', '[']) {
        let file: Arc<Path> = Arc::from(Path::new(HERE));
        // No file holds the lines, so that they must not be looked up.
        let parsed = yaml::parse_yaml(text, &file).map_err(|mut errors| {
            for error in &mut errors.0 {
                let column = error.place.take().map_or(0, |place| place.column);
                error.message = format!("{} (at character {column})", error.message);
                error.place = Some(Place::nowhere(HERE));
                error.related.clear();
            }
            errors
        })?;
        let mut map = mapping(parsed)?;
        displace(&mut map, &nowhere);
        return Ok(map);
    }
    pairs(text, &nowhere)
}

fn mapping(node: Node) -> Result<Map, Diagnostics> {
    let kind = node.kind();
    match node.value {
        Value::Map(map) => Ok(map),
        _ => Err(Diagnostic::error(
            node.place,
            format!("extra variables are a mapping, not {kind}"),
        )
        .hint("write key=value, {\"key\": \"value\"} or @file")
        .into()),
    }
}

fn displace(map: &mut Map, nowhere: &Place) {
    for entry in map.values_mut() {
        entry.key_place = nowhere.clone();
        displace_node(&mut entry.node, nowhere);
    }
}

fn displace_node(node: &mut Node, nowhere: &Place) {
    node.place = nowhere.clone();
    match &mut node.value {
        Value::Seq(items) => items
            .iter_mut()
            .for_each(|item| displace_node(item, nowhere)),
        Value::Map(map) => displace(map, nowhere),
        _ => {}
    }
}

/// `a=1 b='x y'`: every value is a string, as in Ansible.
fn pairs(text: &str, nowhere: &Place) -> Result<Map, Diagnostics> {
    let mut map = Map::new();
    for (number, word) in (1..).zip(words(text)) {
        let word = unescape(&word);
        // An escaped equals sign does not part key and value.
        let at = word
            .match_indices('=')
            .map(|(at, _)| at)
            .find(|&at| at > 0 && !word[..at].ends_with('\\'));
        let Some(at) = at else {
            return Err(Diagnostic::error(
                nowhere.clone(),
                format!("expected key=value, not so in word {number}"),
            )
            .hint("quote values that hold spaces: key='two words'")
            .into());
        };
        let value = unquote(word[at + 1..].trim()).to_owned();
        let entry = Entry {
            key_place: nowhere.clone(),
            node: Node::new(Value::Str(value), nowhere.clone()),
        };
        map.insert(word[..at].trim().to_owned(), entry);
    }
    Ok(map)
}

/// Cuts at spaces outside of quotes and of Jinja's braces.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut depth = 0_usize;
    let mut previous = '\0';
    for c in text.chars() {
        match (quote, c) {
            (Some(open), _) if c == open && previous != '\\' => quote = None,
            (None, '\'' | '"') if previous != '\\' && depth == 0 => quote = Some(c),
            (None, '{' | '%' | '#') if previous == '{' => depth += 1,
            (None, '}') if matches!(previous, '}' | '%' | '#') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if c.is_whitespace() && quote.is_none() && depth == 0 {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
        } else {
            word.push(c);
        }
        previous = c;
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

fn unquote(text: &str) -> &str {
    for quote in ['\'', '"'] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|t| t.strip_suffix(quote))
            && !inner.ends_with('\\')
        {
            return inner;
        }
    }
    text
}

/// The escapes that Ansible reads in `key=value` text.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let simple = rest.chars().next().and_then(|c| match c {
            '\\' | '\'' | '"' => Some(c),
            'a' => Some('\x07'),
            'b' => Some('\x08'),
            'f' => Some('\x0c'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'v' => Some('\x0b'),
            _ => None,
        });
        let length = match rest.chars().next() {
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            _ => 0,
        };
        let code = rest
            .get(1..=length)
            .filter(|_| length > 0)
            .and_then(|code| u32::from_str_radix(code, 16).ok())
            .and_then(char::from_u32);
        match (simple, code) {
            (Some(c), _) => {
                out.push(c);
                rest = &rest[1..];
            }
            (None, Some(c)) => {
                out.push(c);
                rest = &rest[1 + length..];
            }
            (None, None) => out.push('\\'),
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::{Diagnostics, Files, Map, one, read, vaulted::Opener};
    use crate::secret::VaultPasswords;

    fn vars(text: &str) -> Result<Map, Diagnostics> {
        let vault = VaultPasswords::new();
        one(text, &mut Files::new(&vault))
    }

    #[test]
    fn pairs_yaml_and_files() {
        let map = vars(r"a=1 b='x y' c={{ d e }} f=a\=b g=\u0041").unwrap();
        let values: Vec<_> = map.values().map(|e| e.node.as_str().unwrap()).collect();
        assert_eq!(values, ["1", "x y", "{{ d e }}", r"a\=b", "A"]);
        let map = vars("{a: 0644, b: [x]}").unwrap();
        assert!(matches!(map["a"].node.value, super::Value::Int(420)));
        assert_eq!(map["b"].node.place.to_string(), "<extra vars>");
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "\nz: 1\n").unwrap();
        let map = vars(&format!("@{}", file.path().display())).unwrap();
        assert!(map["z"].key_place.to_string().ends_with(":2:1"));
    }

    #[test]
    fn later_ones_win_and_mistakes_tell() {
        let vault = VaultPasswords::new();
        let mut diagnostics = Diagnostics::default();
        let texts = ["a=1".to_owned(), "{a: 2}".to_owned()];
        let map = read(
            &texts,
            &mut Files::new(&vault),
            &Opener::new(&vault),
            &mut diagnostics,
        );
        assert!(matches!(map["a"].node.value, super::Value::Int(2)));
        for (text, want) in [
            ("./x.yml", "@ before"),
            ("word", "two words"),
            ("[1]", "@file"),
            ("{a: 1, a: 2}", "keep one"),
        ] {
            let error = vars(text).unwrap_err();
            assert!(
                error.0[0].hint.as_deref().unwrap().contains(want),
                "{text}: {error}"
            );
        }
    }
}
