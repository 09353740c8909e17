use anstyle::{AnsiColor, Style};

/// Colours text, or leaves it as it is where colour is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Painter {
    on: bool,
}

impl Painter {
    /// Returns a painter that colours only when `on`.
    pub fn new(on: bool) -> Self {
        Self { on }
    }

    /// Returns true when it colours.
    pub fn is_on(self) -> bool {
        self.on
    }

    /// Returns `text` in bold.
    pub fn bold(self, text: &str) -> String {
        self.paint(Style::new().bold(), text)
    }

    /// Returns `text` dimmed.
    pub fn dim(self, text: &str) -> String {
        self.paint(Style::new().dimmed(), text)
    }

    /// Returns `text` in the colour of what went well.
    pub fn good(self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    /// Returns `text` in the colour of what changes or needs a look.
    pub fn warn(self, text: &str) -> String {
        self.paint(AnsiColor::Yellow.on_default().bold(), text)
    }

    /// Returns `text` in the colour of what went wrong.
    pub fn bad(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), text)
    }

    /// Returns `text` in the colour of what helps.
    pub fn help(self, text: &str) -> String {
        self.paint(AnsiColor::Cyan.on_default(), text)
    }

    fn paint(self, style: Style, text: &str) -> String {
        if self.on {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}
