use std::{fs::File, io::Read, path::Path};

use sha2::{Digest, Sha256};

use super::image_error::ImageError;

/// Returns the SHA-256 of `bytes`, lower-case hex.
pub(super) fn sum(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Returns the SHA-256 of a file, lower-case hex.
pub(super) fn sum_file(path: &Path) -> Result<String, ImageError> {
    let mut file = File::open(path).map_err(|e| ImageError::file(path, e))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let n = file
            .read(&mut buffer)
            .map_err(|e| ImageError::file(path, e))?;
        if n == 0 {
            return Ok(hex::encode(hasher.finalize()));
        }
        hasher.update(&buffer[..n]);
    }
}

/// Finds `name` in the text of a sums file, as `sha256sum` writes it: `<hex>  <name>`,
/// `<hex> *<name>`, or with `--tag` `SHA256 (<name>) = <hex>`.
pub(super) fn find_sum(text: &str, name: &str, sums: &str) -> Result<String, ImageError> {
    text.lines()
        .filter_map(line)
        .filter(|(sum, _)| sum.len() == 64 && sum.bytes().all(|b| b.is_ascii_hexdigit()))
        .find(|(_, file)| file.trim_start_matches("./") == name)
        .map(|(sum, _)| sum.to_ascii_lowercase())
        .ok_or_else(|| ImageError::NotInSums {
            name: name.to_owned(),
            sums: sums.to_owned(),
        })
}

fn line(line: &str) -> Option<(&str, &str)> {
    if let Some(tagged) = line.strip_prefix("SHA256 (") {
        let (file, sum) = tagged.rsplit_once(") = ")?;
        return Some((sum.trim(), file));
    }
    let (sum, file) = line.trim_end().split_once(char::is_whitespace)?;
    let file = file.trim_start();
    Some((sum, file.strip_prefix('*').unwrap_or(file)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_line_is_found() {
        let (a, b) = ("a".repeat(64), "B".repeat(64));
        let text = format!(
            "# sums\n{b}  other.img\nfeed  n.img\n{a}  x n.img\n{a} *n.img\r\n\
             SHA256 (tag.img) = {b}\n{a}  ./dot.img\n"
        );
        for (name, expected) in [
            ("n.img", &a),
            ("other.img", &b.to_lowercase()),
            ("tag.img", &b.to_lowercase()),
            ("dot.img", &a),
        ] {
            assert_eq!(&find_sum(&text, name, "SHA256SUMS").unwrap(), expected);
        }
        let error = find_sum(&text, "img", "SHA256SUMS").unwrap_err();
        assert!(matches!(error, ImageError::NotInSums { .. }));
    }
}
