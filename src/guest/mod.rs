//! The life of one guest: image, overlay, seed, domain, lease, ready, and back.

mod documents;
mod domain_xml;
mod host_key;
mod metadata;
mod seed;
#[cfg(test)]
mod testing;

pub use documents::Documents;
pub use domain_xml::{DomainInputs, domain_xml};
pub use host_key::HostKey;
pub use metadata::{Metadata, NAMESPACE};
pub use seed::seed_image;
