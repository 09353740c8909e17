use super::{Painter, text::printable};
use crate::plan::{Failure, Outcome};

/// Returns a failure as one `error:` line with its chain of causes, and what to do
/// next on a second line.
pub fn failure(failure: &Failure, painter: Painter) -> String {
    lines("error", &failure.causes, failure.hint.as_deref(), painter)
}

/// Returns why an instance failed: `error: zap: create-overlay: pool is full`.
/// Nothing when it did not fail.
pub fn outcome(outcome: &Outcome, painter: Painter) -> Option<String> {
    if outcome.causes.is_empty() {
        return None;
    }
    let mut chain = vec![outcome.instance.clone()];
    chain.extend(outcome.failed_step.clone());
    chain.extend(outcome.causes.iter().cloned());
    chain.retain(|part| !part.is_empty());
    Some(lines("error", &chain, outcome.hint.as_deref(), painter))
}

fn lines(label: &str, chain: &[String], hint: Option<&str>, painter: Painter) -> String {
    let chain = printable(&chain.join(": "));
    let mut text = format!("{}: {chain}", painter.bad(label));
    if let Some(hint) = hint {
        let hint = printable(hint);
        // Several next steps stay below one another.
        let hint = hint.trim_end().replace('\n', "\n      ");
        text.push_str(&format!("\n{}: {hint}", painter.help("next")));
    }
    text
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::plan::FailureKind;

    #[test]
    fn a_chain_with_the_next_command() {
        let full = Failure::new(FailureKind::Failed, "no space left on device")
            .context("pool default is full")
            .hint("free space in /var/lib/libvirt/images\nor set vm_pool");
        let painter = Painter::new(false);
        assert_snapshot!(failure(&full, painter), @"
        error: pool default is full: no space left on device
        next: free space in /var/lib/libvirt/images
              or set vm_pool
        ");
        let failed = Outcome::failed("zap", Some("create-overlay"), full);
        assert_snapshot!(outcome(&failed, painter).unwrap(), @"
        error: zap: create-overlay: pool default is full: no space left on device
        next: free space in /var/lib/libvirt/images
              or set vm_pool
        ");
        assert_eq!(outcome(&Outcome::unchanged("zap"), painter), None);
    }
}
