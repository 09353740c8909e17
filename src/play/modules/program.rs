use super::{Call, path::path_word, prelude, quote::quote};

/// What every program ends with.
pub(super) const END: &str = "s_end\n";

/// A program in the making: variables, then code. Values enter as variables only.
#[derive(Clone, Debug, Default)]
pub struct Program {
    variables: String,
    pieces: Vec<Piece>,
}

/// A part of a program's code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Code of this program alone.
    Own(String),
    /// Code that many programs have, as it goes over the wire.
    Shared(String),
}

impl Piece {
    /// Returns the code.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Own(text) | Self::Shared(text) => text,
        }
    }
}

impl Program {
    /// Returns an empty program that knows whether it only checks (`K`) and whether
    /// differences are wanted (`D`).
    pub fn new(call: &Call<'_>) -> Self {
        let mut program = Self::default();
        program.flag("K", call.check).flag("D", call.diff);
        program
    }

    /// Sets a variable to a value, whatever the value holds.
    pub fn set(&mut self, name: &'static str, value: &str) -> &mut Self {
        self.assign(name, &quote(value))
    }

    /// Sets a variable to a value, or to nothing.
    pub fn opt(&mut self, name: &'static str, value: Option<&str>) -> &mut Self {
        self.assign(name, &value.map(quote).unwrap_or_default())
    }

    /// Sets a variable to a path, in which the host expands `~` and `$NAME`.
    pub fn path(&mut self, name: &'static str, path: &str) -> &mut Self {
        self.assign(name, &path_word(path))
    }

    /// Sets a variable to 1, or to nothing.
    pub fn flag(&mut self, name: &'static str, flag: bool) -> &mut Self {
        self.assign(name, if flag { "1" } else { "" })
    }

    fn assign(&mut self, name: &str, word: &str) -> &mut Self {
        self.variables.push_str(name);
        self.variables.push('=');
        self.variables.push_str(word);
        self.variables.push('\n');
        self
    }

    /// Adds code as it is: for code that was generated from quoted words.
    pub fn code(&mut self, code: &str) -> &mut Self {
        let mut code = code.to_owned();
        if !code.ends_with('\n') {
            code.push('\n');
        }
        self.pieces.push(Piece::Own(code));
        self
    }

    /// Adds code from a file of ours, without its comments and indentation.
    pub fn script(&mut self, code: &str) -> &mut Self {
        self.pieces.push(Piece::Shared(prelude::leaned(code)));
        self
    }

    /// Returns a command that runs words without a shell's meaning: no function, no
    /// builtin. Each word is already a word of the shell.
    pub fn exec(words: &[String]) -> String {
        format!("( exec {} )", words.join(" "))
    }

    /// Returns the program with the functions it needs, first variables, last the end
    /// of its report.
    pub fn finish(&self) -> String {
        let (functions, body) = self.parts();
        functions + &body
    }

    /// Returns the functions, and the program without them. The variables come after
    /// the functions, since a path may need `s_home`.
    pub(super) fn parts(&self) -> (String, String) {
        let mut body = self.head();
        body.extend(self.pieces.iter().map(Piece::text));
        body.push_str(END);
        (prelude::for_code(&body), body)
    }

    /// Returns what comes before the code.
    pub(super) fn head(&self) -> String {
        format!("{}s_open\n", self.variables)
    }

    /// Returns the code.
    pub(super) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }
}
