//! File modes: octal, or symbolic as `chmod` and Ansible read them.

use serde_json::Value;

/// Returns a mode in one form: octal digits without leading zeros as `stat -c %a`
/// prints them, symbolic text, or `preserve`.
///
/// A number is the mode itself, as Ansible takes it: YAML reads `0644` as 420.
pub(super) fn canonical(value: &Value) -> Result<String, String> {
    let octal = |mode: u64| {
        if mode <= 0o7777 {
            Ok(format!("{mode:o}"))
        } else {
            Err(format!("`{mode:o}` is no file mode: the largest is 7777"))
        }
    };
    match value {
        Value::Number(number) => octal(
            number
                .as_u64()
                .ok_or_else(|| format!("`{number}` is no file mode"))?,
        ),
        Value::String(text) if text == "preserve" => Ok(text.clone()),
        Value::String(text) => {
            let digits = text.trim().trim_start_matches("0o");
            if !digits.is_empty() && digits.chars().all(|c| c.is_digit(8)) {
                let mode = u64::from_str_radix(digits, 8);
                return octal(mode.map_err(|_| format!("`{text}` is no file mode"))?);
            }
            parse(text).map(|_| text.clone())
        }
        other => Err(format!(
            "must be a file mode (\"0644\" or u=rw,g=r,o=r), not {}",
            super::coerce::shown(other)
        )),
    }
}

/// One operation of a symbolic mode.
struct Operation {
    /// The classes, as bits 1 to 3 of a digit each: 0o100 user, 0o010 group, 0o001 others.
    classes: u32,
    /// No class was named: the umask counts.
    by_umask: bool,
    operator: char,
    /// The permissions as they were written.
    permissions: String,
}

fn parse(text: &str) -> Result<Vec<Operation>, String> {
    let wrong = || format!("`{text}` is no file mode: write \"0644\" or u=rw,g=r,o=r");
    let mut operations = Vec::new();
    for clause in text.split(',') {
        let at = clause.find(['+', '-', '=']).ok_or_else(wrong)?;
        let (who, mut rest) = clause.split_at(at);
        let mut classes = 0;
        for c in who.chars() {
            classes |= match c {
                'u' => 0o100,
                'g' => 0o010,
                'o' => 0o001,
                'a' => 0o111,
                _ => return Err(wrong()),
            };
        }
        let by_umask = who.is_empty();
        if by_umask {
            classes = 0o111;
        }
        while let Some(operator) = rest.chars().next() {
            let tail = rest.get(1..).unwrap_or_default();
            let end = tail.find(['+', '-', '=']).unwrap_or(tail.len());
            let permissions = tail.get(..end).unwrap_or_default();
            let copies = permissions.len() == 1 && "ugo".contains(permissions);
            if !copies && !permissions.chars().all(|c| "rwxXst".contains(c)) {
                return Err(wrong());
            }
            operations.push(Operation {
                classes,
                by_umask,
                operator,
                permissions: permissions.to_owned(),
            });
            rest = tail.get(end..).unwrap_or_default();
        }
    }
    Ok(operations)
}

/// Returns the `sh` function `s_mode`, which takes a mode in octal and whether it is
/// that of a directory (`1` or empty), and sets `wm` to the wanted mode in octal.
pub(super) fn function(mode: &str) -> Result<String, String> {
    if mode.chars().all(|c| c.is_digit(8)) {
        return Ok(format!("s_mode() {{ wm={mode}; }}\n"));
    }
    let mut body = String::from("q=$((0$1))\n");
    for operation in parse(mode)? {
        body.push_str(&step(&operation));
    }
    body.push_str("wm=$(printf %o $q)\n");
    Ok(format!("s_mode() {{\n{body}}}\n"))
}

/// Returns the arithmetic of one operation on `q`, class after class as Ansible does:
/// what `X`, `u`, `g` and `o` stand for is looked up in the mode so far.
fn step(operation: &Operation) -> String {
    [(0o100, 6, 0o4000), (0o010, 3, 0o2000), (0o001, 0, 0o1000)]
        .into_iter()
        .filter(|(class, ..)| operation.classes & class != 0)
        .map(|(class, shift, special)| one_class(operation, class, shift, special))
        .collect()
}

fn one_class(operation: &Operation, class: u32, shift: u32, special: u32) -> String {
    let mut masked = 0;
    let mut fixed = 0;
    let mut terms = Vec::new();
    for c in operation.permissions.chars() {
        match c {
            'r' => masked |= class * 4,
            'w' => masked |= class * 2,
            'x' => masked |= class,
            'X' => terms.push(format!("(x&{class})")),
            's' if class != 0o001 => fixed |= special,
            't' if class == 0o001 => fixed |= special,
            'u' => terms.push(format!("((q>>6&7)<<{shift})")),
            'g' => terms.push(format!("((q>>3&7)<<{shift})")),
            'o' => terms.push(format!("((q&7)<<{shift})")),
            _ => {}
        }
    }
    if operation.by_umask {
        terms.push(format!("({masked}&~0$(umask))"));
    } else {
        fixed |= masked;
    }
    terms.push(fixed.to_string());
    let bits = format!("({})", terms.join("|"));
    let look = if operation.permissions.contains('X') {
        "[ -z \"$2\" ] && [ $((q&73)) = 0 ] && x=0 || x=73\n"
    } else {
        ""
    };
    match operation.operator {
        '+' => format!("{look}q=$((q|{bits}))\n"),
        '-' => format!("{look}q=$((q&~{bits}))\n"),
        _ => format!("{look}q=$((q&~{}|{bits}))\n", (class * 7) | special),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn modes_are_read_as_ansible_reads_them() {
        assert_eq!(canonical(&json!("0644")), Ok("644".into()));
        assert_eq!(canonical(&json!(420)), Ok("644".into()));
        assert_eq!(canonical(&json!("u=rw,g+X")), Ok("u=rw,g+X".into()));
        for wrong in [json!("0999"), json!("u=q"), json!("77777"), json!([])] {
            assert!(canonical(&wrong).is_err(), "{wrong}");
        }
    }
}
