use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::inventory::{ImageChecksum, ImageSource, Instance};

use super::{image_store, image_store::CachedImage};

/// Where instances get a shared folder of their own when none is named.
const SHARES: &str = "/var/lib/swarmctl/shares";

/// Where libvirt keeps images when no pool is defined yet (its own default).
pub const DEFAULT_POOL_PATH: &str = "/var/lib/libvirt/images";

/// Returns the name of the volume that holds the seed of `domain`.
///
/// The name is readable and unique for each domain name of a hypervisor,
/// whatever characters it has.
pub fn seed_volume(domain: &str) -> String {
    format!("{}-{}-seed.img", slug(domain), digest(domain, 8))
}

/// Returns the name of the volume that holds a base image.
///
/// Images from a URL are named by the URL and the expected sum, so that the name
/// is known before the download; local files by their content.
pub fn base_volume(
    source: &ImageSource,
    checksum: Option<&ImageChecksum>,
    cached: Option<&CachedImage>,
) -> Option<String> {
    let (stem, id) = match source {
        ImageSource::Url(url) => (
            stem(Path::new(url.split(['?', '#']).next().unwrap_or(url))),
            image_store::identity(url, checksum),
        ),
        ImageSource::File(path) => (stem(path), cached?.sha256.get(..12)?.to_owned()),
    };
    Some(format!("base-{stem}-{id}.qcow2"))
}

/// Returns the name of the empty volume that says that `base` was uploaded whole.
pub fn base_mark(base: &str) -> String {
    format!("{base}.complete")
}

/// Returns the path of the folder that only this instance shares: named for the
/// domain, which is unique on a hypervisor also among fleets.
pub fn own_share(instance: &Instance) -> PathBuf {
    Path::new(SHARES).join(file_name(&instance.domain))
}

/// Returns true when `path` is a folder that swarmctl made for an instance alone.
pub fn is_own_share(path: &Path) -> bool {
    path.starts_with(SHARES)
}

/// Returns the volume name and the folder of the instance's disk: by
/// `vm_disk_path`, else in the pool.
pub fn disk_volume(instance: &Instance) -> String {
    instance
        .disk_path
        .as_deref()
        .and_then(Path::file_name)
        .map_or_else(
            || format!("{}.qcow2", file_name(&instance.name)),
            |name| name.to_string_lossy().into_owned(),
        )
}

fn file_name(name: &str) -> String {
    let slug = slug(name);
    if slug == name {
        slug
    } else {
        format!("{slug}-{}", digest(name, 8))
    }
}

fn stem(path: &Path) -> String {
    slug(&path.file_stem().unwrap_or_default().to_string_lossy())
}

/// Keeps letters, digits, dots, dashes and underscores; others become one dash.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || "._-".contains(c) {
            slug.push(c);
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_matches(['-', '.']).to_owned()
}

fn digest(text: &str, digits: usize) -> String {
    let mut digest = hex::encode(Sha256::digest(text));
    digest.truncate(digits);
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_with_like_slugs_get_seeds_of_their_own() {
        assert_ne!(seed_volume("zap [claw]"), seed_volume("zap (claw)"));
        assert!(seed_volume("zap [claw]").starts_with("zap-claw-"));
    }

    #[test]
    fn the_name_of_a_url_image_depends_on_the_expected_sum() {
        let url = ImageSource::Url("https://example.org/noble.img?x=1".to_owned());
        let one = base_volume(&url, None, None).unwrap();
        let sum = ImageChecksum::Sha256("0".repeat(64));
        let two = base_volume(&url, Some(&sum), None).unwrap();
        assert!(one.starts_with("base-noble-"), "{one}");
        assert_ne!(one, two);
    }
}
