use crate::{hypervisor::DomainFacts, inventory::Instance, plan::Need};

use super::{desired::Desired, settings::Settings};

/// One way in which a domain is not as the inventory has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The setting's name.
    pub field: &'static str,
    /// What the domain has.
    pub have: String,
    /// What the inventory wants.
    pub want: String,
    /// What it takes to change it.
    pub need: Need,
}

impl Difference {
    /// Returns the difference in words: "memory 3072 MiB, wanted 4096 MiB".
    pub fn describe(&self) -> String {
        format!("{} {}, wanted {}", self.field, self.have, self.want)
    }
}

/// Compares what a domain has with what the inventory wants, setting by setting.
///
/// Only settings that swarmctl has an opinion on are compared; what else someone
/// did to the domain is theirs.
pub fn differences(instance: &Instance, desired: &Desired, facts: &DomainFacts) -> Vec<Difference> {
    let wanted = Settings::wanted(instance, desired);
    let defined = Settings::defined(facts);
    defined
        .list()
        .into_iter()
        .zip(wanted.list())
        .filter(|((_, have), (_, want))| have != want)
        .map(|((field, have), (_, want))| Difference {
            field,
            have,
            want,
            need: need(field),
        })
        .collect()
}

/// The firmware keeps its state in NVRAM and the disk is the guest itself: both
/// are made anew by a rebuild only.
fn need(field: &str) -> Need {
    match field {
        "firmware" | "disk" => Need::Rebuild,
        _ => Need::Restart,
    }
}

/// Returns the differences in words, or `None` when there are none.
pub fn reasons(differences: &[Difference]) -> Option<String> {
    if differences.is_empty() {
        return None;
    }
    let texts: Vec<String> = differences.iter().map(Difference::describe).collect();
    Some(texts.join("; "))
}
