use minijinja::{Value, context};
use roxmltree::{Document, Node};

/// The namespace of swarmctl's element in a domain's metadata.
pub const NAMESPACE: &str = "https://swarmctl.dev/domain/1";

/// What a domain remembers about its making. Its presence says that swarmctl made
/// the domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// The inventory name.
    pub instance: String,
    /// The fleet directory that it belongs to.
    pub fleet: String,
    /// The digest of the cloud-init documents in its seed.
    pub seed_digest: String,
    /// The base image's volume name.
    pub image: String,
    /// The public host key.
    pub host_key: String,
    /// The version of swarmctl that defined it.
    pub version: String,
}

impl Metadata {
    /// Returns the metadata of a domain's XML; `None` when swarmctl didn't make it.
    pub fn parse(domain_xml: &str) -> Option<Self> {
        let document = Document::parse(domain_xml).ok()?;
        let element = document
            .descendants()
            .find(|node| node.has_tag_name((NAMESPACE, "domain")))?;
        let text = |name: &str| {
            child(element, name)
                .and_then(|node| node.text())
                .unwrap_or_default()
                .to_owned()
        };
        Some(Self {
            instance: text("instance"),
            fleet: text("fleet"),
            seed_digest: text("seed-digest"),
            image: text("image"),
            host_key: text("host-key"),
            version: text("version"),
        })
        .filter(|metadata| !metadata.instance.is_empty())
    }

    /// Returns the metadata as templates see it under the name `metadata`.
    pub(super) fn value(&self) -> Value {
        context! {
            instance => self.instance.as_str(),
            fleet => self.fleet.as_str(),
            seed_digest => self.seed_digest.as_str(),
            image => self.image.as_str(),
            host_key => self.host_key.as_str(),
            version => self.version.as_str(),
        }
    }
}

fn child<'a>(element: Node<'a, 'a>, name: &str) -> Option<Node<'a, 'a>> {
    element
        .children()
        .find(|node| node.has_tag_name((NAMESPACE, name)))
}
