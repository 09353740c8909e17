use std::path::PathBuf;

use super::{command_error::CommandError, context::Context};
use crate::{
    plan::{Failure, FailureKind},
    secret::{VaultPasswords, read_password_file},
};

/// Returns the vault passwords of `--vault-id`, `--vault-password-file` and, without
/// the latter, `$ANSIBLE_VAULT_PASSWORD_FILE`, as Ansible takes them.
///
/// # Errors
/// When one of the files can't be read, or a vault id is malformed.
pub fn passwords(context: &Context) -> Result<VaultPasswords, CommandError> {
    let mut passwords = VaultPasswords::new();
    for (id, file) in sources(context)? {
        let password = read_password_file(&file, id.as_deref()).map_err(|error| {
            let failure = Failure::from_error(FailureKind::Invalid, &error);
            let failure = Failure {
                causes: vec![format!("failed to {failure}")],
                ..failure
            };
            let hint = "name it with --vault-password-file or --vault-id, or set \
                        $ANSIBLE_VAULT_PASSWORD_FILE";
            CommandError::from(failure.hint(hint))
        })?;
        let id = id.unwrap_or_else(|| VaultPasswords::DEFAULT_ID.to_owned());
        passwords.add(id, password);
    }
    Ok(passwords)
}

/// Returns the files that hold a vault password.
///
/// # Errors
/// When a vault id is malformed.
pub fn files(context: &Context) -> Result<Vec<PathBuf>, CommandError> {
    Ok(sources(context)?
        .into_iter()
        .map(|(_, file)| file)
        .collect())
}

fn sources(context: &Context) -> Result<Vec<(Option<String>, PathBuf)>, CommandError> {
    let base = &context.environment.working_directory;
    let mut sources = Vec::new();
    for text in &context.global.vault_id {
        let (id, file) = match text.split_once('@') {
            Some((id, file)) if !id.is_empty() => (Some(id.to_owned()), file),
            Some((_, file)) => (None, file),
            None => (None, text.as_str()),
        };
        if file.is_empty() || file == "prompt" || file == "prompt_ask_vault_pass" {
            return Err(CommandError::usage(
                format!("--vault-id {text}: a password is read from a file, not asked for"),
                "write --vault-id ID@FILE; FILE may be a program that prints the password",
            ));
        }
        sources.push((id, base.join(file)));
    }
    let mut files = context.global.vault_password_file.clone();
    if files.is_empty() {
        files.extend(context.environment.vault_password_file.clone());
    }
    sources.extend(files.iter().map(|file| (None, base.join(file))));
    Ok(sources)
}
