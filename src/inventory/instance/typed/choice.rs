use super::{Problem, problem::nearest, scalar};
use crate::inventory::{DomainType, Firmware, Node};

/// Returns the one of `choices` that was written.
pub fn choice(node: &Node, choices: &[&'static str]) -> Result<&'static str, Problem> {
    let what = format!("one of {}", choices.join(", "));
    let text = scalar::text(node).map_err(|_| Problem::expected(&what, node))?;
    choices
        .iter()
        .copied()
        .find(|choice| *choice == text)
        .ok_or_else(|| {
            let problem = Problem::expected(&what, node);
            match nearest(&text, choices.iter().copied()) {
                Some(near) => problem.hint(format!("did you mean `{near}`?")),
                None => problem,
            }
        })
}

/// Returns how guest code is run.
pub fn domain_type(node: &Node) -> Result<DomainType, Problem> {
    Ok(match choice(node, &["auto", "kvm", "qemu"])? {
        "kvm" => DomainType::Kvm,
        "qemu" => DomainType::Qemu,
        _ => DomainType::Auto,
    })
}

/// Returns the firmware.
pub fn firmware(node: &Node) -> Result<Firmware, Problem> {
    Ok(match choice(node, &["secure-boot", "efi", "bios"])? {
        "efi" => Firmware::Efi,
        "bios" => Firmware::Bios,
        _ => Firmware::SecureBoot,
    })
}
