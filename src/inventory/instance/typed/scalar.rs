use super::Problem;
use crate::inventory::{Node, Value};

/// Returns the boolean; Ansible's words in a string count too, since `-e` gives strings.
pub fn boolean(node: &Node) -> Result<bool, Problem> {
    match &node.value {
        Value::Bool(flag) => Ok(*flag),
        Value::Int(0) => Ok(false),
        Value::Int(1) => Ok(true),
        Value::Str(text) | Value::Unsafe(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Ok(true),
            "false" | "no" | "off" | "0" => Ok(false),
            _ => Err(Problem::expected("true or false", node).hint("write true or false")),
        },
        _ => Err(Problem::expected("true or false", node).hint("write true or false")),
    }
}

/// Returns the integer; digits in a string count too, since `-e` gives strings.
pub fn integer(node: &Node, what: &str) -> Result<i64, Problem> {
    match &node.value {
        Value::Int(number) => Ok(*number),
        Value::Str(text) | Value::Unsafe(text) => text
            .trim()
            .parse()
            .map_err(|_| Problem::expected(what, node)),
        _ => Err(Problem::expected(what, node)),
    }
}

/// Returns a string that isn't empty.
pub fn text(node: &Node) -> Result<String, Problem> {
    match node.as_str() {
        Some(text) if !text.trim().is_empty() && !text.contains('\0') => Ok(text.to_owned()),
        Some(_) => Err(Problem::expected("some text", node)),
        None => {
            let problem = Problem::expected("a string", node);
            Err(match &node.value {
                Value::Int(number) => problem.hint(format!("quote it: \"{number}\"")),
                Value::Bool(_) => {
                    problem.hint("quote it: YAML reads bare yes, no, on and off as booleans")
                }
                _ => problem,
            })
        }
    }
}

/// Returns the name of a libvirt pool or network.
pub fn name(node: &Node) -> Result<String, Problem> {
    let text = text(node)?;
    if text.contains(['/', '\n']) {
        return Err(Problem::expected("a name without `/`", node));
    }
    Ok(text)
}

/// Returns the CPU model: a mode of libvirt or a model's name.
pub fn cpu_model(node: &Node) -> Result<String, Problem> {
    let text = text(node)?;
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !text.chars().all(fits) {
        return Err(Problem::expected("a CPU model", node).hint(
            "write host-passthrough, host-model, maximum, or a name of `virsh cpu-models x86_64`",
        ));
    }
    Ok(text)
}

/// Returns a number of virtual CPUs.
pub fn vcpus(node: &Node) -> Result<u32, Problem> {
    // QEMU's q35 machine takes 288 virtual CPUs at most (its max_cpus).
    match integer(node, "a whole number of virtual CPUs")? {
        number @ 1..=288 => Ok(u32::try_from(number).unwrap_or(1)),
        _ => Err(Problem::expected("1 to 288 virtual CPUs", node)),
    }
}

/// Returns a TCP port.
pub fn port(node: &Node) -> Result<u16, Problem> {
    let number = integer(node, "a port number")?;
    match u16::try_from(number) {
        Ok(port) if port > 0 => Ok(port),
        _ => Err(Problem::expected("a port from 1 to 65535", node)),
    }
}
