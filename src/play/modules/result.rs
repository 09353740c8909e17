use serde_json::{Map, Value};

/// What a task did on one host.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskResult {
    /// True when something was changed, or would be in check mode.
    pub changed: bool,
    /// True when the task failed.
    pub failed: bool,
    /// True when nothing was done since nothing could be known (a command in check mode).
    pub skipped: bool,
    /// What there is to say.
    pub msg: Option<String>,
    /// The exit code of the command, where there was one.
    pub rc: Option<i32>,
    /// What the command wrote.
    pub stdout: Option<String>,
    /// What the command wrote to standard error.
    pub stderr: Option<String>,
    /// What differs, when asked for.
    pub diff: Vec<Diff>,
    /// What the user should know though nothing failed.
    pub warnings: Vec<String>,
    /// What `fetch` brought.
    pub fetched: Option<Vec<u8>>,
    /// Facts to keep about the host (`ansible_facts`).
    pub facts: Map<String, Value>,
    /// The other return values, under Ansible's names.
    pub data: Map<String, Value>,
}

/// One difference: text before and after.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// The text before.
    pub before: String,
    /// The text after.
    pub after: String,
    /// What the text before is.
    pub before_header: String,
    /// What the text after is.
    pub after_header: String,
}

impl TaskResult {
    /// Returns a result that changed nothing.
    pub fn ok() -> Self {
        Self::default()
    }

    /// Returns a failure.
    pub fn failure(msg: impl Into<String>) -> Self {
        Self {
            failed: true,
            msg: Some(msg.into()),
            ..Self::default()
        }
    }

    /// Adds a return value.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.data.insert(name.to_owned(), value.into());
        self
    }

    /// Returns the value that `register` keeps.
    pub fn registered(&self) -> Map<String, Value> {
        let mut map = self.data.clone();
        map.insert("changed".into(), self.changed.into());
        map.insert("failed".into(), self.failed.into());
        if self.skipped {
            map.insert("skipped".into(), true.into());
        }
        if let Some(msg) = &self.msg {
            map.entry("msg").or_insert_with(|| msg.as_str().into());
        }
        if let Some(rc) = self.rc {
            map.insert("rc".into(), rc.into());
        }
        for (name, lines, text) in [
            ("stdout", "stdout_lines", &self.stdout),
            ("stderr", "stderr_lines", &self.stderr),
        ] {
            if let Some(text) = text {
                map.insert(name.into(), text.as_str().into());
                let split: Vec<Value> = text.lines().map(Value::from).collect();
                map.insert(lines.into(), split.into());
            }
        }
        if !self.warnings.is_empty() {
            map.insert("warnings".into(), self.warnings.clone().into());
        }
        if !self.facts.is_empty() {
            map.insert("ansible_facts".into(), self.facts.clone().into());
        }
        map
    }
}
