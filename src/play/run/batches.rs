//! Which hosts go together: `order` and `serial`.

use crate::{
    inventory::{Node, Scope, Value},
    plan::{Diagnostic, Diagnostics},
    play::parse::{Keyword, Play},
};

/// Returns the hosts in the play's order.
///
/// # Errors
/// When `order` can't be rendered.
pub(super) fn ordered(
    mut hosts: Vec<String>,
    play: &Play,
    scope: &Scope,
) -> Result<Vec<String>, Diagnostics> {
    let Some(node) = play.keywords.get(Keyword::Order) else {
        return Ok(hosts);
    };
    let node = scope.resolve("order", node)?;
    match node.as_str().unwrap_or_default() {
        "sorted" => hosts.sort_unstable(),
        "reverse_sorted" => hosts.sort_unstable_by(|one, other| other.cmp(one)),
        "reverse_inventory" => hosts.reverse(),
        "shuffle" => {
            use std::hash::{BuildHasher as _, RandomState};
            let random = RandomState::new();
            hosts.sort_by_cached_key(|host| random.hash_one(host));
        }
        _ => {}
    }
    Ok(hosts)
}

/// Cuts the hosts into batches. The last number of `serial` holds for the rest.
///
/// # Errors
/// When `serial` is no number.
pub(super) fn batches(
    hosts: &[String],
    play: &Play,
    scope: &Scope,
) -> Result<Vec<Vec<String>>, Diagnostics> {
    let mut sizes = Vec::new();
    for node in &play.serial {
        let rendered = scope.resolve("serial", node)?;
        match &rendered.value {
            Value::Seq(items) => {
                for item in items {
                    sizes.push(size(item, hosts.len())?);
                }
            }
            _ => sizes.push(size(&rendered, hosts.len())?),
        }
    }
    let mut batches = Vec::new();
    let mut rest = hosts;
    let mut sizes = sizes.into_iter();
    let mut size = hosts.len();
    while !rest.is_empty() {
        size = sizes.next().unwrap_or(size);
        let count = if size == 0 {
            rest.len()
        } else {
            size.min(rest.len())
        };
        let (batch, after) = rest.split_at(count);
        batches.push(batch.to_vec());
        rest = after;
    }
    Ok(batches)
}

/// Returns a batch's size: a number, or a share of all hosts, at least one.
fn size(node: &Node, all: usize) -> Result<usize, Diagnostic> {
    let wrong = || {
        Diagnostic::error(
            node.place.clone(),
            "`serial` is a number or a share of the hosts",
        )
        .hint("write `serial: 2` or `serial: 30%`")
    };
    match &node.value {
        Value::Int(number) => Ok(usize::try_from(*number).unwrap_or(0)),
        Value::Str(text) | Value::Unsafe(text) => match text.trim().strip_suffix('%') {
            Some(share) => {
                let share: f64 = share.trim().parse().map_err(|_| wrong())?;
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    clippy::cast_precision_loss,
                    reason = "a share of a number of hosts"
                )]
                let count = (share / 100.0 * all as f64) as usize;
                Ok(count.max(1))
            }
            None => text.trim().parse().map_err(|_| wrong()),
        },
        _ => Err(wrong()),
    }
}
