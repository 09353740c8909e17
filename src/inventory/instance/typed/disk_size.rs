use super::Problem;
use crate::inventory::{Node, Value};

/// What is expected.
const WHAT: &str = "a size with a unit";
/// The least that could hold a system, and QCOW2's practical most.
const RANGE: std::ops::RangeInclusive<u64> = 1 << 20..=64 << 40;

/// Returns the disk's size in bytes. Units are binary, as `qemu-img` counts them:
/// `60G` and `60GiB` are the same.
pub fn disk_size(node: &Node) -> Result<u64, Problem> {
    let text = match &node.value {
        Value::Str(text) | Value::Unsafe(text) => text.trim(),
        Value::Int(number) => {
            return Err(Problem::expected(WHAT, node).hint(format!("write {number}G")));
        }
        _ => return Err(Problem::expected(WHAT, node).hint("write 60G")),
    };
    if let Ok(number) = text.parse::<u64>() {
        return Err(Problem::expected(WHAT, node).hint(format!("write {number}G")));
    }
    let Some((number, power)) = split_unit(text) else {
        return Err(Problem::expected(WHAT, node).hint("write a whole number and M, G or T: 60G"));
    };
    if text.to_ascii_lowercase().ends_with('b') && !text.to_ascii_lowercase().ends_with("ib") {
        let short = text.get(..text.len() - 1).unwrap_or(text);
        return Err(Problem::expected("a size in binary units", node)
            .hint(format!("write {short}, which is {short}iB")));
    }
    number
        .checked_mul(1 << power)
        .filter(|bytes| RANGE.contains(bytes))
        .ok_or_else(|| Problem::expected("a size from 1M to 64T", node))
}

/// Returns the number before a unit, and the unit as a power of two: `3 GiB` is
/// 3 and 30. `GB` counts as `GiB` here.
pub fn split_unit(text: &str) -> Option<(u64, u32)> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let number = text.get(..digits)?.parse().ok()?;
    let unit = text.get(digits..)?.trim_start().to_ascii_lowercase();
    let power = match unit.chars().next()? {
        'k' => 10,
        'm' => 20,
        'g' => 30,
        't' => 40,
        'p' => 50,
        _ => return None,
    };
    matches!(unit.get(1..)?, "" | "b" | "ib").then_some((number, power))
}
