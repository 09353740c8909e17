/// The functions that the far side's shell runs; see the module.
const BOOTSTRAP: &str = include_str!("bootstrap.sh");

/// How large an input is sent as part of the script: bash reads its script byte by
/// byte, so no more.
const INLINE: usize = 64 << 10;

/// Returns what a new shell is to read first: it makes a directory with `name` in its
/// name, and prints `hello` and a word.
pub(super) fn bootstrap(hello: &str, name: &str) -> String {
    format!("{BOOTSTRAP}_sw_h {hello} {name} end\n")
}

/// Returns the script that runs a program with this input, unless the input has to
/// go raw.
pub(super) fn inline(program: &str, input: &[u8], number: u64) -> Option<String> {
    let program = assignment("_sw_p", program);
    if input.is_empty() {
        return Some(format!("{program}_sw_n {number} end\n"));
    }
    let text = std::str::from_utf8(input).ok()?;
    if text.len() > INLINE || text.contains('\0') {
        return None;
    }
    let text = assignment("_sw_t", text);
    Some(format!("{program}{text}_sw_s {number} end\n"))
}

/// Returns the script that asks for `size` bytes of input (it prints `marker` and
/// `ready`), and then runs the program (it prints `marker` and `got` before).
pub(super) fn raw(program: &str, size: usize, number: u64, marker: &str) -> String {
    let program = assignment("_sw_p", program);
    format!("{program}_sw_r {number} {size} {marker} end\n")
}

/// Returns the script that prints the reply of the job before it.
pub(super) fn report(marker: &str) -> String {
    format!("_sw_m {marker} end\n")
}

/// Within single quotes, a POSIX shell takes every byte as it is (XCU 2.2.2).
fn assignment(name: &str, value: &str) -> String {
    format!("{name}='{}'\n", value.replace('\'', r"'\''"))
}
