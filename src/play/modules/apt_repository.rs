//! `apt_repository`: keeps lines of APT's sources.

use super::{Arg, ArgKind, Call, Module, ModuleError, Program, Remote, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "apt_repository",
    fqcn: &["ansible.builtin.apt_repository"],
    doc: "Sees to it that a line is among APT's sources, or isn't. Personal package archives (`ppa:`) need a key: write them out with `deb822_repository`.",
    args: &[&[
        Arg::str("repo", "The line.").required(),
        Arg::choice("state", &["absent", "present"], "Whether it is there.").default("present"),
        Arg::str("filename", "The file's name, without .list."),
        Arg::new("mode", ArgKind::Mode, "The file's mode."),
        Arg::new(
            "update_cache",
            ArgKind::Bool,
            "Run `apt-get update` after a change.",
        )
        .default("true")
        .aliases(&["update-cache"]),
        Arg::int("update_cache_retries", "How often to try.").default("5"),
        Arg::int(
            "update_cache_retry_max_delay",
            "The longest pause between tries.",
        )
        .default("12"),
        Arg::new(
            "validate_certs",
            ArgKind::Bool,
            "Of no use here: no key is fetched.",
        )
        .default("true"),
        Arg::str("codename", "Of no use here: it is about personal archives."),
        Arg::new("install_python_apt", ArgKind::Bool, "Of no use here.").default("true"),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let repo = args
        .text("repo")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    if repo.starts_with("ppa:") {
        return Err(ModuleError::arg(
            "repo",
            "personal package archives are not supported: use `deb822_repository` with the archive's URL and key",
        ));
    }
    if !(repo.starts_with("deb ") || repo.starts_with("deb-src ")) {
        return Err(ModuleError::arg(
            "repo",
            "invalid repository string: it must begin with deb or deb-src",
        ));
    }
    let name = args
        .str("filename")
        .map_or_else(|| suggested(&repo), str::to_owned);
    let file = if name.starts_with('/') {
        name
    } else {
        format!(
            "/etc/apt/sources.list.d/{}.list",
            name.trim_end_matches(".list")
        )
    };
    let mut program = Program::new(call);
    let mode = args.str("mode").unwrap_or("644");
    let function =
        super::mode::function(mode).map_err(|message| ModuleError::arg("mode", message))?;
    program
        .set("re", &repo)
        .set("f", &file)
        .flag("ab", args.text("state") == "absent")
        .flag("uc", args.bool("update_cache") != Some(false))
        .flag("wm", args.str("mode").is_some())
        .code("WM=1\n")
        .code(&function)
        .script(include_str!("sh/apt_repository.sh"));
    Ok(Remote::new(call, &program)
        .timeout(Remote::LONG)
        .with("repo", args.text("repo"))
        .with("state", args.text("state"))
        .work())
}

/// Returns the file name that Ansible would choose: what is left of the line's words.
fn suggested(repo: &str) -> String {
    // Options in brackets, the scheme and the login are no part of the name.
    let mut rest = repo.to_owned();
    while let (Some(open), Some(close)) = (rest.find('['), rest.find(']')) {
        if close < open {
            break;
        }
        rest.replace_range(open..=close, "");
    }
    let words: Vec<String> = rest
        .split_whitespace()
        .skip(1)
        .map(|word| {
            let word = word.split_once("://").map_or(word, |(_, tail)| tail);
            word.rsplit_once('@')
                .map_or(word, |(_, tail)| tail)
                .to_owned()
        })
        .collect();
    let joined: String = words
        .first()
        .map(String::as_str)
        .unwrap_or_default()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' })
        .collect();
    joined.split_whitespace().collect::<Vec<_>>().join("_")
}
