use std::path::PathBuf;

use serde_json::Value;

use super::Args;

/// One call of a module on one host: everything that is known before the host is asked.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The arguments, rendered and typed.
    pub args: &'a Args,
    /// True when nothing may be changed.
    pub check: bool,
    /// True when differences are wanted.
    pub diff: bool,
    /// How many `-v` were given, for `debug`.
    pub verbosity: u8,
    /// What is known of the host, as `ansible_facts`.
    pub facts: &'a Value,
    /// The files of the role and the play.
    pub files: &'a dyn Files,
}

/// The local files that a task may read, looked for where Ansible looks.
pub trait Files {
    /// Returns a file of `files/`, or as the path says.
    ///
    /// # Errors
    ///
    /// A sentence that says where it was looked for, or why it can't be read.
    fn file(&self, name: &str) -> Result<LocalFile, String>;

    /// Returns what is below a directory of `files/`, parents first; none when `name`
    /// is no directory.
    ///
    /// # Errors
    ///
    /// As [`Files::file`].
    fn directory(&self, name: &str) -> Result<Option<Vec<LocalEntry>>, String>;

    /// Returns a file of `templates/`, rendered.
    ///
    /// # Errors
    ///
    /// As [`Files::file`], and what is wrong with the template.
    fn template(&self, name: &str, options: &TemplateOptions) -> Result<LocalFile, String>;

    /// Writes a file on this machine, for `fetch`; returns true when that changed it.
    ///
    /// # Errors
    ///
    /// Why it can't be written.
    fn store(&self, path: &str, bytes: &[u8], check: bool) -> Result<bool, String>;
}

/// A local file.
#[derive(Clone, Debug)]
pub struct LocalFile {
    /// Where it was found.
    pub path: PathBuf,
    /// What it holds.
    pub bytes: Vec<u8>,
    /// Its permission bits.
    pub mode: u32,
}

/// One entry below a local directory.
#[derive(Clone, Debug)]
pub struct LocalEntry {
    /// Its path below the directory, with `/`.
    pub relative: String,
    /// Its permission bits.
    pub mode: u32,
    /// What it is.
    pub kind: LocalKind,
}

/// What an entry of a local directory is.
#[derive(Clone, Debug)]
pub enum LocalKind {
    /// A directory.
    Directory,
    /// A file with these bytes.
    File(Vec<u8>),
    /// A symbolic link with this target.
    Link(String),
}

/// How a template is rendered, when not as Ansible does by default.
#[derive(Clone, Debug)]
pub struct TemplateOptions {
    /// What ends a line in the result.
    pub newline_sequence: String,
    /// `{%`, `%}`, `{{`, `}}`, `{#`, `#}`, where the task sets others.
    pub delimiters: [Option<String>; 6],
    /// The newline after a block is dropped.
    pub trim_blocks: bool,
    /// Blanks before a block are dropped.
    pub lstrip_blocks: bool,
}
