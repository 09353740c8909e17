use std::path::Path;

use super::{Problem, path, scalar};
use crate::inventory::{ImageSource, Node};

/// Returns where the base image comes from: a URL, or a file that is there.
pub fn image(node: &Node, fleet_root: &Path, home: Option<&Path>) -> Result<ImageSource, Problem> {
    let text = scalar::text(node)?;
    if let Some((scheme, rest)) = text.split_once("://") {
        return match scheme {
            "http" | "https" if !rest.is_empty() && !text.contains(char::is_whitespace) => {
                Ok(ImageSource::Url(text))
            }
            "file" => {
                Err(Problem::expected("a path or an http(s) URL", node)
                    .hint(format!("write {rest}")))
            }
            _ => Err(Problem::expected("a path or an http(s) URL", node)),
        };
    }
    let file = path::local(&text, fleet_root, home)?;
    match std::fs::metadata(&file) {
        Ok(metadata) if metadata.is_file() => Ok(ImageSource::File(file)),
        Ok(_) => Err(Problem::new(format!("{} is no file", file.display()))
            .hint("name the image itself, such as images/debian-12.qcow2")),
        Err(error) => Err(Problem::new(format!(
            "the image {} can't be read: {}",
            file.display(),
            reason(&error)
        ))
        .hint("build one with `swarmctl image build`, or give a URL")),
    }
}

/// Returns why a file can't be read, without the number of the error.
pub fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        kind => kind.to_string(),
    }
}
