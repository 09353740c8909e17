use super::{Guarded, Probe};

/// The functions that start the far side's shell; see the module.
const BOOTSTRAP: &str = include_str!("bootstrap.sh");

/// Those that run jobs one by one, or with files of their own.
const ALONE: &str = include_str!("alone.sh");

/// Those that run jobs that were sent together.
const VOLLEY: &str = include_str!("volley.sh");

/// The function that runs a line while somebody is there; see [`super::live`].
const LIVE: &str = include_str!("live.sh");

/// How large an input is sent as part of the script: bash reads its script byte by
/// byte, so no more.
const INLINE: usize = 64 << 10;

/// Returns what a new shell is to read first: it makes a directory with `name` in its
/// name, and prints `hello` and a word.
pub(super) fn bootstrap(hello: &str, name: &str) -> String {
    format!("{}_sw_h {hello} {name} end\n", lean(BOOTSTRAP))
}

/// Returns functions without their indentation: no line of theirs is within quotes.
fn lean(functions: &str) -> String {
    functions
        .lines()
        .map(|line| format!("{}\n", line.trim_start()))
        .collect()
}

/// What a shell was given of its functions. Each kind goes when it is first needed.
#[derive(Debug, Default)]
pub(super) struct Functions {
    alone: bool,
    volley: bool,
}

impl Functions {
    /// Returns the functions that run jobs one by one, unless they were given before.
    pub(super) fn alone(&mut self) -> String {
        if std::mem::replace(&mut self.alone, true) {
            return String::new();
        }
        lean(ALONE)
    }

    /// Returns the functions that run jobs together, unless they were given before.
    pub(super) fn volley(&mut self) -> String {
        if std::mem::replace(&mut self.volley, true) {
            return String::new();
        }
        lean(VOLLEY)
    }
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

/// Returns the script that runs a line while stdin stays open, and then prints `marker`
/// to both streams, to stdout with the exit code behind it.
pub(super) fn live(line: &str, marker: &str) -> String {
    let line = assignment("_sw_p", line);
    format!("{LIVE}{line}_sw_l {marker} end\n")
}

/// Returns the script that begins a volley.
pub(super) fn volley() -> &'static str {
    "_sw_v end\n"
}

/// Returns the script that has all replies sent that were kept together.
pub(super) fn flush() -> &'static str {
    "_sw_f end\n"
}

/// Returns the script that runs a job of a volley and keeps its reply behind `marker`.
/// Its input must fit: see [`fits`].
pub(super) fn guarded(guarded: &Guarded, number: u64, marker: &str) -> String {
    let Guarded {
        job, before, task, ..
    } = guarded;
    let mut text = before.clone();
    text.push_str(&assignment("_sw_p", &job.program));
    let format = match std::str::from_utf8(&job.input) {
        Ok("") => "''",
        Ok(input) if !input.contains('\0') => {
            text.push_str(&assignment("_sw_t", input));
            // Those that know of the variable need no file.
            if guarded.reads_variable && !guarded.apart {
                "-"
            } else {
                "%s"
            }
        }
        _ => {
            text.push_str(&assignment("_sw_t", &octal(&job.input)));
            "%b"
        }
    };
    let mut flags = String::new();
    let mut flag = |letter: char, set: bool| {
        if set {
            flags.push(letter);
        }
    };
    flag('f', guarded.apart);
    flag('i', guarded.ignored);
    flag('d', guarded.changes);
    match guarded.probe {
        Probe::No => {}
        Probe::Yes => flag('p', true),
        Probe::Anew => flag('s', true),
    }
    let flags = if flags.is_empty() { "n" } else { &flags };
    let report = if guarded.apart { "_sw_m" } else { "_sw_w" };
    text.push_str(&format!(
        "_sw_q {number} {task} {flags} {format} end\n{report} {marker} end\n"
    ));
    text
}

/// Returns whether an input can be part of a volley.
pub(super) fn fits(input: &[u8]) -> bool {
    input.len() <= INLINE
}

/// Bytes as `printf %b` reads them.
fn octal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        match byte {
            b'\\' => text.push_str("\\\\"),
            b'\n' | b' '..=b'~' => text.push(char::from(*byte)),
            _ => text.push_str(&format!("\\0{byte:03o}")),
        }
    }
    text
}

/// Returns the script that prints the reply of the job before it.
pub(super) fn report(marker: &str) -> String {
    format!("_sw_m {marker} end\n")
}

/// Within single quotes, a POSIX shell takes every byte as it is (XCU 2.2.2).
fn assignment(name: &str, value: &str) -> String {
    format!("{name}='{}'\n", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        io::Write,
        process::{Command, Stdio},
    };

    use super::*;

    /// Runs a script as the far side would when the connection ends behind it.
    fn run(shell: &[&str], script: &str) {
        let mut child = Command::new(shell[0])
            .args(&shell[1..])
            .arg("-s")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let text = format!(
            "{}{}{script}",
            bootstrap("hello", &super::super::marker::marker()),
            Functions::default().alone()
        );
        child
            .stdin
            .take()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn a_script_that_is_cut_anywhere_runs_all_of_the_program_or_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("ran");
        let program = format!("cat >{0}; echo 'it'\\''s' >>{0}", file.display());
        let job = inline(&program, b"in'put;\n", 1).unwrap();
        let large = raw(&program, 5, 2, "marker") + "bytes";
        for shell in [["dash"].as_slice(), &["bash"], &["busybox", "sh"]] {
            // Not every machine has all of them.
            if Command::new(shell[0]).arg("-c").output().is_err() {
                continue;
            }
            for cut in (0..=job.len()).rev().step_by(3) {
                run(shell, &job[..cut]);
                match fs::read_to_string(&file) {
                    Ok(text) => assert_eq!(text, "in'put;\nit's\n", "{shell:?} {cut}"),
                    Err(_) => assert!(cut < job.len()),
                }
                fs::remove_file(&file).ok();
            }
            // Read ahead or not: input that is not whole runs nothing.
            run(shell, &large[..large.len() - 1]);
            assert!(!file.exists(), "{shell:?}");
        }
    }
}
