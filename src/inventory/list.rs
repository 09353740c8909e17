use serde_json::{Map as JsonMap, Value as Json, json};

use super::{Inventory, Node, json::as_ansible};

/// Variables that Ansible sets itself and that `ansible-inventory` leaves out (its
/// `INTERNAL_STATIC_VARS`).
const INTERNAL: [&str; 33] = [
    "ansible_async_path",
    "ansible_collection_name",
    "ansible_config_file",
    "ansible_dependent_role_names",
    "ansible_diff_mode",
    "ansible_facts",
    "ansible_forks",
    "ansible_inventory_sources",
    "ansible_limit",
    "ansible_play_batch",
    "ansible_play_hosts",
    "ansible_play_hosts_all",
    "ansible_play_role_names",
    "ansible_playbook_python",
    "ansible_role_name",
    "ansible_role_names",
    "ansible_run_tags",
    "ansible_skip_tags",
    "ansible_verbosity",
    "ansible_version",
    "group_names",
    "groups",
    "hostvars",
    "inventory_dir",
    "inventory_file",
    "inventory_hostname",
    "inventory_hostname_short",
    "play_hosts",
    "playbook_dir",
    "role_name",
    "role_names",
    "role_path",
    "role_uuid",
];

/// Returns whether `ansible-inventory` leaves a variable out.
pub(super) fn is_internal(name: &str) -> bool {
    INTERNAL.binary_search(&name).is_ok()
}

impl Inventory {
    /// Returns what `ansible-inventory --list` prints, keys sorted. `!vault` values
    /// show their ciphertext; values of files that are encrypted as a whole, which
    /// Ansible prints in plain, are masked.
    pub fn list_json(&self) -> Json {
        let mut out = JsonMap::new();
        for group in self.groups.values() {
            let mut parts = JsonMap::new();
            if group.name != "all" && !group.hosts.is_empty() {
                parts.insert("hosts".to_owned(), json!(group.hosts));
            }
            if !group.children.is_empty() {
                parts.insert("children".to_owned(), json!(group.children));
            }
            if !parts.is_empty() {
                out.insert(group.name.clone(), parts.into());
            }
        }
        let mut hostvars = JsonMap::new();
        for host in self.hosts() {
            let vars = self.host_vars_json(host);
            if !vars.is_empty() {
                hostvars.insert(host.to_owned(), vars.into());
            }
        }
        let meta = json!({ "hostvars": hostvars, "profile": "inventory_legacy" });
        out.insert("_meta".to_owned(), meta);
        let mut out = Json::Object(out);
        out.sort_all_objects();
        out
    }

    /// Returns what `ansible-inventory --host` prints; `None`: no such host.
    pub fn host_json(&self, host: &str) -> Option<Json> {
        self.has_host(host).then(|| {
            let mut vars = Json::Object(self.host_vars_json(host));
            vars.sort_all_objects();
            vars
        })
    }

    fn host_vars_json(&self, host: &str) -> JsonMap<String, Json> {
        self.merged(host)
            .into_iter()
            .filter(|(name, _)| !is_internal(name))
            .map(|(name, entry)| {
                (
                    name.to_owned(),
                    as_ansible(&entry.node, self.hides(&entry.node)),
                )
            })
            .collect()
    }

    /// Whether a value comes from a file that is encrypted as a whole.
    pub(super) fn hides(&self, node: &Node) -> bool {
        !self.encrypted.is_empty() && self.encrypted.contains(&node.place.file)
    }
}

#[cfg(test)]
mod tests {
    use super::{INTERNAL, is_internal};

    #[test]
    fn internal_names_are_sorted_for_the_search() {
        assert!(INTERNAL.is_sorted());
        assert!(is_internal("groups") && !is_internal("ansible_host"));
    }
}
