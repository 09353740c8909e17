use std::{fmt, sync::Arc, time::Duration};

use serde_json::{Map, Value};

use super::{
    TaskResult,
    edit::Edit,
    program::Piece,
    protocol::{self, ProtocolError},
};

/// What a call becomes.
#[derive(Debug)]
pub enum Work {
    /// A program for the host.
    Remote(Box<Remote>),
    /// Nothing to ask a host for.
    Done(TaskResult),
    /// What only the engine can do.
    Engine(EngineAction),
}

/// What only the engine can do, since it is about the run and not about a host's state.
#[derive(Clone, Debug, PartialEq)]
pub enum EngineAction {
    /// `meta`: flush_handlers, end_play and so on.
    Meta(String),
    /// `add_host`: a host for the rest of the run.
    AddHost {
        /// Its name.
        name: String,
        /// The groups it joins.
        groups: Vec<String>,
        /// Its variables.
        vars: Map<String, Value>,
    },
    /// `group_by`: the host joins a group.
    GroupBy {
        /// The group's name.
        key: String,
        /// Groups that the group belongs to.
        parents: Vec<String>,
    },
    /// `include_vars`: variables from files.
    IncludeVars(Map<String, Value>),
    /// `pause`: wait, or ask.
    Pause {
        /// How long; none means until someone answers.
        wait: Option<Duration>,
        /// What to ask.
        prompt: Option<String>,
        /// Whether the answer is shown while it is typed.
        echo: bool,
    },
    /// `wait_for_connection`: until the host answers.
    WaitForConnection {
        /// Wait this long before the first try.
        delay: Duration,
        /// Between tries.
        sleep: Duration,
        /// Give up after.
        timeout: Duration,
        /// For one try.
        connect_timeout: Duration,
    },
    /// `reboot`: the program restarts the host; the engine waits for another boot id.
    Reboot {
        /// What restarts the host. Its report holds `boot_id`.
        program: Box<Remote>,
        /// Wait this long before the first try to connect.
        post_delay: Duration,
        /// Give up after.
        timeout: Duration,
        /// For one try.
        connect_timeout: Duration,
        /// What prints the boot id.
        boot_command: String,
        /// What must succeed before the host counts as back.
        test_command: String,
    },
}

/// A program for a host, with all that is needed to read its report.
#[derive(Clone)]
pub struct Remote {
    /// POSIX `sh` text. It ends with `exit`, so it runs in a subshell of its own.
    pub program: String,
    /// What its standard input holds in the first run.
    pub input: Vec<u8>,
    /// What a second run may be given.
    pub content: Content,
    /// After this long the task failed.
    pub timeout: Duration,
    /// Return values that were known beforehand.
    pub base: Map<String, Value>,
    /// The text after, for the difference, where it is known beforehand.
    pub after: Option<String>,
    /// Finishes the result.
    pub post: Option<Post>,
    /// Finishes the result with parts that are bytes.
    pub bytes: Option<PostBytes>,
    /// Where the content that comes back is to be kept; the engine does that with
    /// [`Files::store`](super::Files::store).
    pub fetch: Option<Fetch>,
    pub(super) check: bool,
    /// Where the program's own text begins, after the functions it shares with others.
    functions: usize,
    pub(super) head: usize,
    /// The path whose state decides, as a word of the shell, where one does.
    pub(super) looks_at: Option<String>,
    pub(super) pieces: Vec<Piece>,
}

/// Finishes a result on this side: `values` are the report's raw parts.
pub type Post = Arc<dyn Fn(&mut TaskResult, &dyn Fn(&str) -> Option<String>) + Send + Sync>;

/// As [`Post`], for parts that are no text.
pub type PostBytes = Arc<dyn Fn(&mut TaskResult, &dyn Fn(&str) -> Option<Vec<u8>>) + Send + Sync>;

/// Where a fetched file is kept on this side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// The path, as the task wrote it.
    pub dest: String,
    /// True when the path is the file itself.
    pub flat: bool,
}

/// What a second run may be given.
#[derive(Clone)]
pub enum Content {
    /// Nothing.
    None,
    /// These bytes, when the program finds other ones.
    Bytes(Arc<[u8]>),
    /// What becomes of the text that the program found.
    Edit(Edit),
}

/// One run of a program.
#[derive(Clone, PartialEq)]
pub struct Run {
    /// The program's text.
    pub program: String,
    /// Its standard input.
    pub input: Vec<u8>,
    /// True for a second run.
    pub second: bool,
    /// True when the shell has the functions already.
    pub lean: bool,
    /// What the first run already told.
    pub(super) carried: Option<Box<TaskResult>>,
}

/// What came back from a run.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: &'a [u8],
    /// Standard error.
    pub stderr: &'a [u8],
}

/// What a run's answer means.
#[derive(Debug)]
pub enum Report {
    /// The task is done, or failed.
    Done(Box<TaskResult>),
    /// The program wants to be run again, like this.
    Again(Run),
}

impl Remote {
    /// How long a program may take that only looks at files.
    pub const SHORT: Duration = Duration::from_secs(600);
    /// How long a program may take that runs a user's command or installs something.
    pub const LONG: Duration = Duration::from_secs(4 * 3600);

    /// Returns a program that is run once.
    pub fn new(call: &super::Call<'_>, program: &super::Program) -> Self {
        let (functions, body) = program.parts();
        Self {
            functions: functions.len(),
            head: program.head().len(),
            looks_at: None,
            pieces: program.pieces().to_vec(),
            program: functions + &body,
            input: Vec::new(),
            content: Content::None,
            timeout: Self::SHORT,
            base: Map::new(),
            after: None,
            post: None,
            bytes: None,
            fetch: None,
            check: call.check,
        }
    }

    /// Sets how long it may take.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Adds a return value that is known beforehand.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.base.insert(name.to_owned(), value.into());
        self
    }

    /// Sets what finishes the result.
    #[must_use]
    pub fn post(
        mut self,
        post: impl Fn(&mut TaskResult, &dyn Fn(&str) -> Option<String>) + Send + Sync + 'static,
    ) -> Self {
        self.post = Some(Arc::new(post));
        self
    }

    /// Notes the path whose state decides: many can be looked at together.
    pub(super) fn look_at(&mut self, path: &str) {
        let plain = path.starts_with('/') && !path.ends_with('/') && !path.contains('$');
        self.looks_at = plain.then(|| super::quote(path));
    }

    /// Returns this as work.
    pub fn work(self) -> Work {
        Work::Remote(Box::new(self))
    }

    /// Returns the first run.
    pub fn run(&self) -> Run {
        Run {
            program: self.program.clone(),
            input: self.input.clone(),
            second: false,
            lean: false,
            carried: None,
        }
    }

    /// Returns the first run for a shell that was given [`prelude`](super::prelude)
    /// before and keeps it: a few hundred bytes instead of a few thousand.
    pub fn lean_run(&self) -> Run {
        Run {
            program: self.text(true).to_owned(),
            lean: true,
            ..self.run()
        }
    }

    /// Returns the program's text, with or without the functions.
    pub(super) fn text(&self, lean: bool) -> &str {
        let start = if lean { self.functions } else { 0 };
        self.program.get(start..).unwrap_or_default()
    }

    /// Returns how many bytes it holds: its program, input and content.
    pub fn size(&self) -> usize {
        let content = match &self.content {
            Content::Bytes(bytes) => bytes.len(),
            _ => 0,
        };
        self.program.len() + self.input.len() + content
    }

    /// Returns the run that sees whether `unchanged`, a result that needed no change
    /// when `answer` was given, still holds; `None` when that needs the whole program.
    pub fn confirm(&self, run: &Run, answer: &Answer<'_>, unchanged: &TaskResult) -> Option<Run> {
        let parts = super::report::Parts::read(answer.stdout)?;
        matches!(self.content, Content::Edit(_))
            .then(|| super::edit::confirm(self, run, &parts, unchanged))
    }

    /// Returns the whole text of a run that may be a lean one.
    pub fn whole(&self, run: &Run) -> String {
        let lean = self.text(true);
        match run.program.strip_suffix(lean) {
            Some(before) if run.lean => format!("{before}{}", self.program),
            _ => run.program.clone(),
        }
    }

    /// Reads a run's answer.
    ///
    /// # Errors
    ///
    /// When the report is cut or is none: the program was killed, the connection was
    /// lost, or the shell is no shell.
    pub fn read(&self, run: &Run, answer: &Answer<'_>) -> Result<Report, ProtocolError> {
        protocol::read(self, run, answer)
    }
}

impl fmt::Debug for Remote {
    /// Leaves program and content out: they may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote")
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl PartialEq for Remote {
    fn eq(&self, other: &Self) -> bool {
        self.program == other.program && self.input == other.input
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("second", &self.second)
            .finish_non_exhaustive()
    }
}
