use super::{Problem, disk_size::split_unit, scalar::integer};
use crate::inventory::Node;

/// What is expected.
const WHAT: &str = "a whole number of MiB";
/// The least that any cloud image boots with, and 16 TiB.
const RANGE: std::ops::RangeInclusive<i64> = 128..=16 << 20;

/// Returns the memory in MiB.
pub fn memory_mib(node: &Node) -> Result<u64, Problem> {
    match integer(node, WHAT) {
        Ok(number) if RANGE.contains(&number) => Ok(number.unsigned_abs()),
        Ok(number) => {
            let problem = Problem::expected("128 MiB to 16 TiB of memory, in MiB", node);
            Err(match number {
                1..128 => problem.hint(format!("for {number} GiB write {}", number << 10)),
                _ => problem,
            })
        }
        Err(problem) => Err(match node.as_str().and_then(mib) {
            Some(mib) => problem.hint(format!("write {mib}")),
            None => problem.hint("write the number of MiB without a unit, such as 2048"),
        }),
    }
}

/// Returns what `3GB`, `3 GiB` or `3g` means in MiB; memory is counted in binary units.
fn mib(text: &str) -> Option<u64> {
    let (number, power) = split_unit(text)?;
    let bytes = number.checked_mul(1u64.checked_shl(power)?)?;
    Some(bytes >> 20).filter(|mib| *mib > 0)
}
