use std::collections::{BTreeSet, HashMap};

use super::{Remote, Run, prelude, program::END, program::Piece};

/// Code shorter than this is not worth a name, in bytes.
const SHORT: usize = 120;

/// What a shell was given so far: functions, and code that programs have in common.
/// The shell keeps them from one program to the next.
#[derive(Debug, Default)]
pub struct Given {
    functions: BTreeSet<usize>,
    codes: HashMap<String, usize>,
    looked: usize,
}

/// How many paths are looked at with one command.
const SHEET: usize = 100;

/// A run for a shell that keeps what it was given.
#[derive(Clone, PartialEq, Eq)]
pub struct Lean {
    /// What the shell itself must read before.
    pub before: String,
    /// The program's text.
    pub program: String,
}

impl Given {
    /// Returns what the shell must read so that the paths of these runs are looked at
    /// together, and tells each program where to find what was found.
    pub fn sheet<'a>(&mut self, runs: impl Iterator<Item = (&'a Remote, &'a mut Lean)>) -> String {
        let first = self.looked;
        let mut words = Vec::new();
        for (remote, lean) in runs {
            if let Some(word) = &remote.looks_at {
                lean.program
                    .insert_str(0, &format!("s_n={}\n", self.looked));
                self.looked += 1;
                words.push(word.as_str());
            }
        }
        let mut text = String::new();
        // One by itself is looked at by its program.
        if words.len() < 2 {
            return text;
        }
        for index in prelude::needed("s_sheet") {
            if self.functions.insert(index) {
                text.push_str(prelude::text(index));
            }
        }
        for (number, words) in words.chunks(SHEET).enumerate() {
            let first = first + number * SHEET;
            text.push_str(&format!("s_sheet {first} {}\n", words.join(" ")));
        }
        text
    }

    /// Returns a run without all that the shell has already, which takes the rest for
    /// given from now on. The run is [`Remote::lean_run`] or one that followed it.
    pub fn lean(&mut self, remote: &Remote, run: &Run) -> Lean {
        let body = remote.text(true);
        let mut before = String::new();
        for index in prelude::needed(body) {
            if self.functions.insert(index) {
                before.push_str(prelude::text(index));
            }
        }
        let asked = run.program.strip_suffix(body).unwrap_or_default();
        let mut program = if asked.is_empty() {
            "I=\n".to_owned()
        } else {
            asked.to_owned()
        };
        program.push_str(body.get(..remote.head).unwrap_or_default());
        for piece in &remote.pieces {
            match piece {
                Piece::Shared(code) if code.len() >= SHORT => {
                    let next = self.codes.len();
                    let name = *self.codes.entry(code.clone()).or_insert_with(|| {
                        before.push_str(&format!("s_z{next}='{}'\n", code.replace('\'', r"'\''")));
                        next
                    });
                    program.push_str(&format!("eval \"$s_z{name}\"\n"));
                }
                piece => program.push_str(piece.text()),
            }
        }
        program.push_str(END);
        Lean { before, program }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::play::modules::{
        Call, Files, LocalEntry, LocalFile, Program, TemplateOptions, bind, find,
    };

    struct NoFiles;

    impl Files for NoFiles {
        fn file(&self, name: &str) -> Result<LocalFile, String> {
            Err(name.to_owned())
        }
        fn directory(&self, _: &str) -> Result<Option<Vec<LocalEntry>>, String> {
            Ok(None)
        }
        fn template(&self, name: &str, _: &TemplateOptions) -> Result<LocalFile, String> {
            Err(name.to_owned())
        }
        fn store(&self, path: &str, _: &[u8], _: bool) -> Result<bool, String> {
            Err(path.to_owned())
        }
    }

    #[test]
    fn what_was_given_once_is_not_given_again() {
        let module = find("ping").unwrap();
        let args = bind(module, &serde_json::Map::new()).unwrap();
        let call = Call {
            args: &args,
            check: false,
            diff: false,
            verbosity: 0,
            facts: &serde_json::Value::Null,
            files: &NoFiles,
        };
        let mut program = Program::new(&call);
        let long = format!("s_info it\n: {}\n", "x".repeat(200));
        program.set("d", "it's").script(&long);
        let remote = Remote::new(&call, &program);
        let mut given = Given::default();
        let first = given.lean(&remote, &remote.lean_run());
        assert!(first.before.contains("s_info() {") && first.before.contains("xxxx"));
        let second = given.lean(&remote, &remote.lean_run());
        assert_eq!(second.before, "");
        assert_eq!(second.program, first.program);
        assert!(second.program.len() < 120, "{}", second.program);
        assert!(second.program.contains("d='it'\\''s'\n"));
    }
}
