use similar::TextDiff;

use crate::{
    inventory::Instance,
    plan::{Failure, Plan},
};

use super::{
    action::Action,
    claim::{domain_document, first_claim},
    desired::Desired,
    documents::Documents,
    env::GuestEnv,
    observed::Observed,
    settings::Settings,
};

/// Adds to the steps of a plan what they change in documents, for `--diff`.
///
/// A new domain shows its whole document; a domain that exists shows the settings
/// that change, since libvirt rewrites documents in its own way. Seeds show the
/// cloud-init documents with secrets and the host key masked.
///
/// # Errors
/// When a document can't be rendered.
pub fn add_diffs(
    plan: &mut Plan<Action>,
    instance: &Instance,
    desired: &Desired,
    observed: &Observed,
    env: &GuestEnv,
) -> Result<(), Failure> {
    for step in &mut plan.steps {
        step.diff = match step.action {
            Action::Define { .. } => Some(match &observed.domain {
                Some(domain) => unified(
                    &Settings::defined(&domain.as_defined()).to_string(),
                    &Settings::wanted(instance, desired).to_string(),
                    "libvirt",
                    "inventory",
                ),
                None => {
                    let fleet = env.fleet.root().display().to_string();
                    let claim = first_claim(instance, desired, observed, &fleet);
                    let xml = domain_document(env, instance, desired, None, desired.kvm, &claim)?;
                    unified("", &xml, "libvirt", "domain.xml")
                }
            }),
            Action::UploadSeed => Some(seed_diff(instance, observed, env)?),
            _ => None,
        };
    }
    plan.held_diff = held_diff(plan, instance, desired, observed, env)?;
    Ok(())
}

/// What would change if the held differences were let through: settings that no step
/// of this plan changes, and documents that no seed of this plan takes up.
fn held_diff(
    plan: &Plan<Action>,
    instance: &Instance,
    desired: &Desired,
    observed: &Observed,
    env: &GuestEnv,
) -> Result<Option<String>, Failure> {
    let Some(domain) = observed.domain.as_ref().filter(|_| !plan.held.is_empty()) else {
        return Ok(None);
    };
    let has = |name: &str| plan.steps.iter().any(|step| step.name == name);
    let mut text = String::new();
    if !has("define") {
        text += &unified(
            &Settings::defined(domain).to_string(),
            &Settings::wanted(instance, desired).to_string(),
            "libvirt",
            "inventory",
        );
    }
    if let Some(seed) = &observed.seed_facts
        && !seed.holds(&desired.seed_digest)
        && !has("upload-seed")
    {
        text += &seed_diff(instance, observed, env)?;
    }
    Ok((!text.is_empty()).then_some(text))
}

fn seed_diff(instance: &Instance, observed: &Observed, env: &GuestEnv) -> Result<String, Failure> {
    let new = Documents::render(&env.engine, instance, None).map_err(Failure::invalid)?;
    let old = observed
        .seed_facts
        .as_ref()
        .map_or("", |seed| seed.documents.as_str());
    Ok(unified(old, new.redacted(), "the seed", "cloud-init/"))
}

fn unified(old: &str, new: &str, old_name: &str, new_name: &str) -> String {
    TextDiff::from_lines(old, new)
        .unified_diff()
        .header(old_name, new_name)
        .to_string()
}
