use std::io::BufRead;

use super::{Output, text::printable};
use crate::plan::{Failure, FailureKind};

/// What must be typed to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer<'a> {
    /// The word `yes`.
    Yes,
    /// This name, so that nobody destroys the wrong one by habit.
    Name(&'a str),
}

/// Asks on the terminal whether to go on. With `yes`, says nothing and agrees.
///
/// # Errors
/// Refused without a terminal, or when anything else was typed.
pub fn confirm(
    output: &Output,
    input: &mut dyn BufRead,
    yes: bool,
    question: &str,
    answer: Answer<'_>,
) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    let terminal = output.terminal();
    if !terminal.stdin || !terminal.stderr {
        return Err(Failure::new(
            FailureKind::Refused,
            format!("{}: not done without being asked for", printable(question)),
        )
        .hint("add --yes to do it without a question"));
    }
    let wanted = match answer {
        Answer::Yes => "yes",
        Answer::Name(name) => name,
    };
    let label = output.talk_painter().bold(&printable(wanted));
    output.ask(&format!("{}\nType {label} to go on: ", printable(question)));
    let mut typed = String::new();
    // An unreadable terminal is no consent.
    let read = input.read_line(&mut typed).unwrap_or(0);
    if read == 0 {
        output.ask("\n");
    }
    if typed.trim() == wanted {
        Ok(())
    } else {
        Err(Failure::new(
            FailureKind::Refused,
            "declined, nothing was changed",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::output::testing::on_terminal, *};
    use crate::report::{Format, Terminal, Verbosity};

    fn ask(terminal: bool, yes: bool, answer: Answer<'_>, typed: &str) -> Result<(), Failure> {
        let terminal = Terminal {
            stdin: terminal,
            stderr: terminal,
            ..Terminal::default()
        };
        let (output, _, err) = on_terminal(Format::Table, Verbosity::Quiet, terminal);
        let result = confirm(&output, &mut typed.as_bytes(), yes, "destroy zap", answer);
        assert_eq!(err.text().contains("destroy zap"), terminal.stdin && !yes);
        result
    }

    #[test]
    fn only_the_exact_answer_agrees() {
        assert!(ask(true, false, Answer::Yes, "yes\n").is_ok());
        assert!(ask(true, false, Answer::Name("zap"), "zap\n").is_ok());
        for typed in ["", "\n", "y\n", "YES\n", "zap2\n", "yes please\n"] {
            let refused = ask(true, false, Answer::Yes, typed).unwrap_err();
            assert_eq!(refused.kind, FailureKind::Refused);
        }
        assert!(ask(true, false, Answer::Name("zap"), "yes\n").is_err());
    }

    #[test]
    fn without_a_terminal_only_yes_agrees() {
        let refused = ask(false, false, Answer::Yes, "yes\n").unwrap_err();
        assert_eq!(refused.kind, FailureKind::Refused);
        assert!(refused.hint.unwrap().contains("--yes"));
        assert!(ask(false, true, Answer::Name("zap"), "").is_ok());
    }
}
