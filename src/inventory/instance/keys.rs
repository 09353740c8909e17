use std::path::{Path, PathBuf};

use super::{
    User,
    reader::Reader,
    typed::{self, Problem},
};
use crate::inventory::Node;

/// Returns the private key's file, which must be there, or else its public half,
/// when an agent or a token holds the private one.
pub(super) fn private_key(reader: &mut Reader<'_>) -> Option<PathBuf> {
    let (root, home) = (reader.fleet_root, reader.home);
    reader.read("ansible_ssh_private_key_file", |node| {
        let file = typed::local(&typed::text(node)?, root, home)?;
        if file.exists() || public_half(&file).exists() {
            return Ok(file);
        }
        let shown = file.display();
        Err(Problem::new(format!("there is no key file {shown}"))
            .hint(format!("make a key pair: ssh-keygen -t ed25519 -f {shown}")))
    })
}

/// Returns the path of the public key beside a private one.
fn public_half(private: &Path) -> PathBuf {
    let mut name = private.as_os_str().to_owned();
    name.push(".pub");
    name.into()
}

/// Returns the public keys that may log in as each user: `vm_ssh_keys`, else the one
/// beside the private key, else the person's own.
pub(super) fn ssh_keys(
    reader: &mut Reader<'_>,
    own: &Node,
    private_key: Option<&Path>,
    users: &[User],
) -> Vec<String> {
    const VARIABLE: &str = "vm_ssh_keys";
    let (root, home) = (reader.fleet_root, reader.home);
    if reader.is_set(VARIABLE) {
        let keys = reader.read_all(VARIABLE, |node| {
            let keys = typed::public_keys(node, root, home)?;
            if keys.is_empty() && users.iter().any(|user| user.ssh_keys.is_empty()) {
                let problem = Problem::new("no public key may log in: the list is empty");
                return Err(vec![
                    problem.hint("name a .pub file, or unset it to use the one in ~/.ssh"),
                ]);
            }
            Ok(keys)
        });
        return keys.unwrap_or_default();
    }
    if reader.is_set("ansible_ssh_private_key_file") {
        // A private key that isn't there is an error already.
        let Some(private) = private_key else {
            return Vec::new();
        };
        return typed::keys_in_file(&public_half(private)).unwrap_or_else(|problem| {
            let place = reader.place("ansible_ssh_private_key_file");
            let shown = private.display();
            let problem = problem.hint(format!("make it: ssh-keygen -y -f {shown} > {shown}.pub"));
            reader.problem(
                VARIABLE,
                &place.unwrap_or_else(|| own.place.clone()),
                problem,
            );
            Vec::new()
        });
    }
    let own_file = ["id_ed25519.pub", "id_ecdsa.pub", "id_rsa.pub"]
        .into_iter()
        .filter_map(|file| home.map(|home| home.join(".ssh").join(file)))
        .find(|file| file.is_file());
    match own_file.map(|file| typed::keys_in_file(&file)) {
        Some(Ok(keys)) => return keys,
        Some(Err(problem)) => reader.problem(VARIABLE, &own.place, problem),
        None if users.iter().all(|user| !user.ssh_keys.is_empty()) => {}
        None => {
            let message = "no public key may log in: none is set, and ~/.ssh has none";
            let hint = "make a key pair with `ssh-keygen -t ed25519`, or set vm_ssh_keys";
            reader.problem(VARIABLE, &own.place, Problem::new(message).hint(hint));
        }
    }
    Vec::new()
}
