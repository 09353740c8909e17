//! A stand-in for a host: a temporary directory and a shell on this machine.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Map, Value};
use swarmctl::play::modules::{
    Answer, Call, Files, LocalEntry, LocalFile, LocalKind, Report, Run, TaskResult,
    TemplateOptions, Work, bind, find,
};

/// The shells that programs must do with.
pub const SHELLS: &[&[&str]] = &[&["dash"], &["busybox", "sh"]];

/// The programs of busybox, by name.
static APPLETS: std::sync::OnceLock<tempfile::TempDir> = std::sync::OnceLock::new();

pub struct Host {
    pub dir: tempfile::TempDir,
    shell: &'static [&'static str],
    /// How many programs were run by the last task.
    pub runs: std::cell::Cell<usize>,
    pub facts: Value,
    /// True when programs see a copy of /etc of their own.
    etc: bool,
}

/// Whether this user may have an /etc of their own; says so when not.
pub fn may_own_etc() -> bool {
    let unshared = Command::new("unshare").args(["-m", "true"]).output();
    let may = unshared.is_ok_and(|output| output.status.success());
    if !may {
        println!("skipped: only root can have an /etc of its own");
    }
    may
}

/// Runs a test on every shell with a copy of /etc that may be changed; needs root.
pub fn each_with_etc(test: impl Fn(&Host)) {
    if !may_own_etc() {
        return;
    }
    each(|host| {
        let mut host = Host::new(host.shell);
        host.own_etc();
        test(&host);
    });
}

/// The command that runs another with `etc` of a directory as /etc.
pub const OWN_ETC: &[&str] = &[
    "unshare",
    "-m",
    "sh",
    "-c",
    "mount --bind \"$0\" /etc && exec \"$@\"",
];

/// Copies /etc into a directory.
pub fn copy_etc(dir: &Path) {
    let copied = Command::new("cp")
        .arg("-a")
        .arg("/etc")
        .arg(dir)
        .output()
        .unwrap();
    assert!(copied.status.success(), "{copied:?}");
}

/// Runs a test on every shell.
pub fn each(test: impl Fn(&Host)) {
    for shell in SHELLS {
        let found = Command::new(shell[0]).arg("--help").output();
        if found.is_err() {
            println!("skipped: there is no {}", shell[0]);
            continue;
        }
        test(&Host::new(shell));
    }
}

impl Host {
    pub fn new(shell: &'static [&'static str]) -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            shell,
            runs: 0.into(),
            facts: Value::Null,
            etc: false,
        }
    }

    /// Returns the search path: with busybox, its own programs come before the others.
    fn search_path(&self, environment: &[(&str, &str)]) -> String {
        let given = environment.iter().find(|(name, _)| *name == "PATH");
        let path = given.map_or_else(
            || std::env::var("PATH").unwrap(),
            |(_, path)| (*path).to_owned(),
        );
        if self.shell[0] != "busybox" {
            return path;
        }
        let applets = APPLETS.get_or_init(|| {
            let dir = tempfile::tempdir().unwrap();
            let installed = Command::new("busybox")
                .args(["--install", "-s"])
                .arg(dir.path())
                .output()
                .unwrap();
            assert!(installed.status.success(), "{installed:?}");
            dir
        });
        let applets = applets.path().display();
        match path.split_once(':') {
            // The test's own programs stay first.
            Some((first, rest)) if given.is_some() && first.ends_with("/bin") => {
                format!("{first}:{applets}:{rest}")
            }
            _ => format!("{applets}:{path}"),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Puts a program of the test's into `bin`, which comes first in the search path of
    /// [`Host::with_tools`].
    pub fn tool(&self, name: &str, script: &str) {
        fs::create_dir_all(self.path("bin")).unwrap();
        self.write(&format!("bin/{name}"), &format!("#!/bin/sh\n{script}"));
        let path = self.path(&format!("bin/{name}"));
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs a task with the test's programs.
    pub fn with_tools(&self, module: &str, args: Value, check: bool) -> TaskResult {
        let path = format!(
            "{}:/usr/sbin:/usr/bin:/sbin:/bin",
            self.path("bin").display()
        );
        let state = self.dir.path().to_str().unwrap().to_owned();
        self.task_as(module, &args, check, &[("PATH", &path), ("STATE", &state)])
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub fn mode(&self, name: &str) -> u32 {
        fs::symlink_metadata(self.path(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o7777
    }

    /// Runs a task; `{dir}` in its arguments is the host's directory.
    pub fn run(&self, module: &str, args: Value) -> TaskResult {
        self.task(module, &args, false)
    }

    /// Runs a task in check mode.
    pub fn check(&self, module: &str, args: Value) -> TaskResult {
        self.task(module, &args, true)
    }

    pub fn task(&self, module: &str, args: &Value, check: bool) -> TaskResult {
        self.task_as(module, args, check, &[])
    }

    pub fn task_as(
        &self,
        module: &str,
        args: &Value,
        check: bool,
        environment: &[(&str, &str)],
    ) -> TaskResult {
        let work = self.compile(module, args, check).unwrap();
        let remote = match work {
            Work::Remote(remote) => remote,
            Work::Done(result) => return result,
            Work::Engine(action) => panic!("{action:?}"),
        };
        let mut run = remote.run();
        self.runs.set(0);
        loop {
            self.runs.set(self.runs.get() + 1);
            let (code, stdout, stderr) = self.shell(&run, environment);
            let answer = Answer {
                code,
                stdout: &stdout,
                stderr: &stderr,
            };
            let stderr = String::from_utf8_lossy(&stderr);
            if module != "command" && module != "shell" && module != "raw" && module != "script" {
                assert_eq!(stderr, "", "{module} {args}\n{}", run.program);
            }
            match remote.read(&run, &answer) {
                Ok(Report::Done(result)) => return *result,
                Ok(Report::Again(next)) => {
                    assert!(
                        !check || module == "unarchive",
                        "check mode needs no content: {module} {args}"
                    );
                    run = next;
                }
                Err(error) => panic!(
                    "{module} {args}: {error}\n{}\n{}",
                    run.program,
                    String::from_utf8_lossy(&stdout)
                ),
            }
        }
    }

    pub fn compile(&self, module: &str, args: &Value, check: bool) -> Result<Work, String> {
        let dir = self.dir.path().to_str().unwrap();
        let args = fill(args, dir);
        let module = find(module).unwrap();
        let args = bind(module, args.as_object().unwrap()).map_err(|errors| {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            errors.join("; ")
        })?;
        let call = Call {
            args: &args,
            check,
            diff: true,
            verbosity: 0,
            facts: &self.facts,
            files: &Local(self.dir.path()),
        };
        (module.compile)(&call).map_err(|error| error.to_string())
    }

    /// Runs a program with its input as the real runner does: neither is an argument.
    fn shell(&self, run: &Run, environment: &[(&str, &str)]) -> (i32, Vec<u8>, Vec<u8>) {
        let program = tempfile::NamedTempFile::new().unwrap();
        fs::write(program.path(), &run.program).unwrap();
        let mut words = self.shell.to_vec();
        let etc = self.path("etc");
        if self.etc {
            let before = OWN_ETC.iter().copied().chain([etc.to_str().unwrap()]);
            words.splice(..0, before);
        }
        let mut child = Command::new(words[0])
            .args(&words[1..])
            .arg(program.path())
            .current_dir(self.dir.path())
            .env("HOME", self.dir.path())
            .envs(environment.iter().copied())
            .env("PATH", self.search_path(environment))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = run.input.clone();
        let writer = std::thread::spawn(move || {
            // A program that doesn't read is no failure.
            let _ = stdin.write_all(&input);
        });
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        (
            output.status.code().unwrap_or(-1),
            output.stdout,
            output.stderr,
        )
    }

    /// Gives the host a copy of /etc that programs see as theirs.
    pub fn own_etc(&mut self) {
        copy_etc(self.dir.path());
        self.etc = true;
    }

    pub fn raw(&self, run: &Run) -> (i32, Vec<u8>, Vec<u8>) {
        self.shell(run, &[])
    }

    /// Runs a task in check mode, for real, again, and in check mode again: the
    /// prediction holds, check mode changes nothing, the second run changes nothing.
    pub fn converges(&self, module: &str, args: Value) -> TaskResult {
        let before = self.tree();
        let predicted = self.check(module, args.clone());
        assert!(
            predicted.changed && !predicted.failed,
            "{module} {args} check: {predicted:?}"
        );
        assert_eq!(
            before,
            self.tree(),
            "{module} {args}: check mode changed something"
        );
        let first = self.run(module, args.clone());
        assert!(
            first.changed && !first.failed,
            "{module} {args} first: {first:?}"
        );
        let after = self.tree();
        let second = self.run(module, args.clone());
        assert!(
            !second.changed && !second.failed,
            "{module} {args} second: {second:?}"
        );
        let again = self.check(module, args.clone());
        assert!(
            !again.changed && !again.failed,
            "{module} {args} check again: {again:?}"
        );
        assert_eq!(
            after,
            self.tree(),
            "{module} {args}: the second run changed something"
        );
        assert_eq!(self.leftovers(), Vec::<String>::new());
        first
    }

    pub fn leftovers(&self) -> Vec<String> {
        let mut names: Vec<String> = self.tree().into_keys().collect();
        names.retain(|name| name.contains(".swarmctl"));
        names
    }

    /// Returns everything in the directory: kind, mode, owner, group, times, content.
    pub fn tree(&self) -> BTreeMap<String, String> {
        let mut tree = BTreeMap::new();
        walk(self.dir.path(), self.dir.path(), &mut tree, true);
        tree
    }
}

pub fn walk(root: &Path, dir: &Path, tree: &mut BTreeMap<String, String>, times: bool) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let about = fs::symlink_metadata(&path).unwrap();
        let name = path
            .strip_prefix(root)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let what = if about.is_symlink() {
            format!("link to {}", fs::read_link(&path).unwrap().display())
        } else if about.is_dir() {
            "directory".to_owned()
        } else if about.is_file() {
            format!("{:?}", String::from_utf8_lossy(&fs::read(&path).unwrap()))
        } else {
            "special".to_owned()
        };
        let mode = if about.is_symlink() {
            0
        } else {
            about.mode() & 0o7777
        };
        let mut line = format!("{mode:o} {}:{} {what}", about.uid(), about.gid());
        if times && !about.is_dir() {
            line.push_str(&format!(" {}.{}", about.mtime(), about.mtime_nsec()));
        }
        tree.insert(name, line);
        if about.is_dir() {
            walk(root, &path, tree, times);
        }
    }
}

pub fn fill(value: &Value, dir: &str) -> Value {
    match value {
        Value::String(text) => Value::from(text.replace("{dir}", dir)),
        Value::Array(items) => items.iter().map(|item| fill(item, dir)).collect(),
        Value::Object(map) => Value::Object(
            map.iter()
                .map(|(key, item)| (key.clone(), fill(item, dir)))
                .collect::<Map<_, _>>(),
        ),
        other => other.clone(),
    }
}

/// Local files live below `files` in the host's directory.
struct Local<'a>(&'a Path);

impl Local<'_> {
    fn at(&self, name: &str) -> PathBuf {
        self.0.join("files").join(name)
    }
}

impl Files for Local<'_> {
    fn file(&self, name: &str) -> Result<LocalFile, String> {
        let path = self.at(name);
        Ok(LocalFile {
            bytes: fs::read(&path).map_err(|error| error.to_string())?,
            mode: fs::metadata(&path).unwrap().permissions().mode(),
            path,
        })
    }

    fn directory(&self, name: &str) -> Result<Option<Vec<LocalEntry>>, String> {
        let root = self.at(name);
        if !root.is_dir() {
            return Ok(None);
        }
        let mut tree = BTreeMap::new();
        walk(&root, &root, &mut tree, false);
        let entry = |relative: String| {
            let path = root.join(&relative);
            let about = fs::symlink_metadata(&path).unwrap();
            LocalEntry {
                mode: about.permissions().mode(),
                kind: if about.is_dir() {
                    LocalKind::Directory
                } else if about.is_symlink() {
                    LocalKind::Link(fs::read_link(&path).unwrap().to_str().unwrap().to_owned())
                } else {
                    LocalKind::File(fs::read(&path).unwrap())
                },
                relative,
            }
        };
        Ok(Some(tree.into_keys().map(entry).collect()))
    }

    fn template(&self, name: &str, _: &TemplateOptions) -> Result<LocalFile, String> {
        self.file(name)
    }

    fn store(&self, path: &str, bytes: &[u8], check: bool) -> Result<bool, String> {
        let changed = fs::read(path).ok().as_deref() != Some(bytes);
        if changed && !check {
            let path = Path::new(path);
            fs::create_dir_all(path.parent().unwrap()).map_err(|error| error.to_string())?;
            fs::write(path, bytes).map_err(|error| error.to_string())?;
        }
        Ok(changed)
    }
}
