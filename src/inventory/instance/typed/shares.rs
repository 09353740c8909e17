use super::{Problem, path, problem::nearest, scalar};
use crate::inventory::{Node, Share, Value};

/// A tag's most bytes (virtio 1.2, section 5.11.4: `u8 tag[36]`).
const LONGEST_TAG: usize = 36;
/// The keys of a share.
const KEYS: [&str; 3] = ["source", "tag", "mount"];

/// Returns the shares of `vm_virtiofs`.
pub fn shares(node: &Node) -> Result<Vec<Share>, Vec<Problem>> {
    let Value::Seq(items) = &node.value else {
        return Err(vec![
            Problem::expected("a list of shares", node)
                .hint("write a list: - {source: /srv/data, tag: data}"),
        ]);
    };
    let mut shares = Vec::new();
    let mut problems = Vec::new();
    for item in items {
        match share(item) {
            Ok(share) => shares.push(share),
            Err(problem) => problems.push(problem.at(&item.place)),
        }
    }
    if problems.is_empty() {
        Ok(shares)
    } else {
        Err(problems)
    }
}

fn share(node: &Node) -> Result<Share, Problem> {
    let Some(map) = node.as_map() else {
        return Err(Problem::expected("a share", node)
            .hint("write a mapping: {source: /srv/data, tag: data}"));
    };
    for (key, entry) in map {
        if !KEYS.contains(&key.as_str()) {
            let problem = Problem::new(format!("a share has no `{key}`")).at(&entry.key_place);
            return Err(match nearest(key, KEYS) {
                Some(near) => problem.hint(format!("did you mean `{near}`?")),
                None => problem.hint("a share has source, tag and mount"),
            });
        }
    }
    let Some(tag) = map.get("tag") else {
        return Err(Problem::new("the share has no `tag`").at(&node.place));
    };
    let tag = share_tag(&tag.node)?;
    let set = |name: &str| {
        map.get(name)
            .map(|entry| &entry.node)
            .filter(|node| !matches!(node.value, Value::Null))
    };
    let source = set("source").map(path::absolute).transpose()?;
    let mount = match set("mount") {
        Some(node) => mount(node)?,
        None => format!("/mnt/{tag}"),
    };
    Ok(Share { source, tag, mount })
}

/// Returns a mount tag; it also stands in the guest's /etc/fstab.
pub fn share_tag(node: &Node) -> Result<String, Problem> {
    let tag = scalar::text(node)?;
    if tag.len() > LONGEST_TAG {
        return Err(Problem::expected("a tag of at most 36 bytes", node));
    }
    if !tag
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    {
        return Err(Problem::expected(
            "a tag of letters, digits, `.`, `_` and `-`",
            node,
        ));
    }
    Ok(tag)
}

fn mount(node: &Node) -> Result<String, Problem> {
    let text = scalar::text(node)?;
    if !text.starts_with('/') || text == "/" || text.contains(char::is_whitespace) {
        return Err(Problem::expected(
            "an absolute path without spaces, in the guest",
            node,
        ));
    }
    Ok(text)
}
