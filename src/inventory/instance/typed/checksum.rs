use std::path::Path;

use super::{Problem, image::reason, path, scalar};
use crate::inventory::{ImageChecksum, Node};

/// Returns what the image's SHA-256 must be.
pub fn checksum(
    node: &Node,
    fleet_root: &Path,
    home: Option<&Path>,
) -> Result<ImageChecksum, Problem> {
    const WHAT: &str = "sha256: and 64 hexadecimal digits, or the URL or path of a sums file";
    let text = scalar::text(node).map_err(|_| Problem::expected(WHAT, node))?;
    let text = text.trim();
    let is_hex = |sum: &str| sum.chars().all(|c| c.is_ascii_hexdigit());
    if text.len() == 64 && is_hex(text) {
        return Err(Problem::expected(WHAT, node).hint(format!("write sha256:{text}")));
    }
    if text.starts_with("http://") || text.starts_with("https://") {
        return Ok(ImageChecksum::Sums(text.to_owned()));
    }
    match text.split_once(':') {
        Some(("sha256", sum)) if sum.len() == 64 && is_hex(sum) => {
            Ok(ImageChecksum::Sha256(sum.to_ascii_lowercase()))
        }
        Some(("sha256", sum)) => Err(Problem::expected(WHAT, node)
            .hint(format!("the sum has {} characters", sum.chars().count()))),
        Some((kind, _)) if !kind.contains('/') => {
            Err(Problem::expected(WHAT, node).hint("only SHA-256 is supported: sha256sum FILE"))
        }
        _ => {
            let file = path::local(text, fleet_root, home)?;
            if let Err(error) = std::fs::metadata(&file) {
                let (shown, why) = (file.display(), reason(&error));
                let message = format!("the sums file {shown} can't be read: {why}");
                return Err(Problem::new(message).hint("make it: sha256sum IMAGE > SHA256SUMS"));
            }
            Ok(ImageChecksum::Sums(file.to_string_lossy().into_owned()))
        }
    }
}
