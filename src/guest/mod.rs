//! The life of one guest: image, overlay, seed, domain, lease, ready, and back.
//!
//! Every verb here is the same sentence: [`prepare`] reads what is there and says
//! the difference as a plan, [`apply`] carries the plan out. The planners
//! (`plan_*.rs`) are pure functions. Must not know how OpenClaw works.

mod action;
mod claim;
mod cloud_init_status;
mod desired;
mod difference;
mod documents;
mod domain_xml;
mod env;
mod executor;
mod failures;
mod host_key;
mod host_view;
mod image_error;
mod image_fetch;
mod image_format;
mod image_limits;
mod image_store;
mod image_sums;
mod kvm_fallback;
mod live_state;
mod local_image;
mod metadata;
mod names;
mod observed;
mod plan_adjust;
mod plan_destroy;
mod plan_diff;
mod plan_power;
mod plan_provision;
mod plan_steps;
#[cfg(test)]
mod plan_tests;
mod power;
mod prepared;
mod refusals;
mod seed;
mod seed_facts;
mod settings;
mod shared_buffer;
#[cfg(test)]
mod simulation;
mod steps_disk;
mod steps_domain;
mod steps_seed;
mod survey;
mod target;
#[cfg(test)]
mod testing;
mod upload_base;
mod wait_ready;

pub use action::Action;
pub use desired::{Desired, PoolWanted};
pub use difference::{Difference, differences};
pub use documents::Documents;
pub use domain_xml::{DomainInputs, domain_xml};
pub use env::GuestEnv;
pub use failures::{failed_to, fleet_failure, hypervisor_failure};
pub use host_key::HostKey;
pub use host_view::HostView;
pub use image_error::ImageError;
pub use image_format::{ImageFormat, image_format};
pub use image_limits::ImageLimits;
pub use image_store::{CachedImage, ImageStore};
pub use live_state::LiveState;
pub use local_image::local_image_problem;
pub use metadata::{Metadata, NAMESPACE};
pub use names::{base_mark, base_volume};
pub use observed::Observed;
pub use plan_power::Power;
pub use plan_provision::{ProvisionOptions, gib, plan_provision};
pub use prepared::{Prepared, Purpose, apply, prepare, unplanned};
pub use seed::seed_image;
pub use seed_facts::SeedFacts;
pub use settings::Settings;
pub use survey::{Survey, glance, look};
pub use target::target;

use crate::hypervisor::DomainFacts;

/// Returns what the domain's definition says of its making; `None` when swarmctl
/// did not make it.
pub fn metadata_of(domain: &DomainFacts) -> Option<Metadata> {
    Metadata::parse(&domain.xml_inactive)
}
