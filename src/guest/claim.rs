use crate::{inventory::Instance, plan::Failure};

use super::{
    desired::Desired,
    domain_xml::{DomainInputs, domain_xml},
    env::GuestEnv,
    metadata::Metadata,
    observed::Observed,
};

/// Returns what the domain's metadata says, or shall say as far as it is known: of
/// the seed what the seed says of itself, of the image what the disk was made from.
pub(super) fn first_claim(
    instance: &Instance,
    desired: &Desired,
    observed: &Observed,
    fleet: &str,
) -> Metadata {
    let known = observed.metadata();
    let seed = observed.seed_facts.as_ref();
    let (seed_digest, host_key) = match (seed, &known) {
        (Some(seed), _) => (seed.shown_digest(), seed.host_key.clone()),
        (None, Some(known)) => (known.seed_digest.clone(), known.host_key.clone()),
        (None, None) => (desired.shown_digest.clone(), "<host key>".to_owned()),
    };
    Metadata {
        instance: instance.name.clone(),
        fleet: fleet.to_owned(),
        seed_digest,
        image: known.map_or_else(
            || desired.base_volume.clone().unwrap_or_default(),
            |known| known.image,
        ),
        host_key,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// Returns the document that libvirt is to define.
pub(super) fn domain_document(
    env: &GuestEnv,
    instance: &Instance,
    desired: &Desired,
    uuid: Option<&str>,
    kvm: bool,
    metadata: &Metadata,
) -> Result<String, Failure> {
    let inputs = DomainInputs {
        kvm,
        disk_path: &desired.disk_path,
        seed_path: &desired.seed_path,
        shares: &desired.shares,
        machine_uuid: uuid,
        metadata,
    };
    domain_xml(&env.engine, instance, &inputs).map_err(Failure::invalid)
}
