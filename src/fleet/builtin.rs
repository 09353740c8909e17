use include_dir::{Dir, include_dir};

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");
static CLOUD_INIT: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/cloud-init");
static PLAYBOOKS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/playbooks");
static ROLES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/roles");

/// Returns the text of the default that the binary carries under this path
/// (`templates/domain.xml.j2`), if any.
pub(super) fn file(relative: &str) -> Option<&'static str> {
    let (top, rest) = relative.split_once('/')?;
    let directory = match top {
        "templates" => &TEMPLATES,
        "cloud-init" => &CLOUD_INIT,
        "playbooks" => &PLAYBOOKS,
        "roles" => &ROLES,
        _ => return None,
    };
    directory.get_file(rest)?.contents_utf8()
}

#[cfg(test)]
mod tests {
    use super::file;

    #[test]
    fn finds_by_relative_path_only() {
        assert!(file("playbooks/README.md").unwrap().contains("Playbooks"));
        assert_eq!(file("playbooks/none.yml"), None);
        assert_eq!(file("Cargo.toml"), None);
        assert_eq!(file("playbooks/../Cargo.toml"), None);
    }
}
