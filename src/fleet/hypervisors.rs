use std::{collections::BTreeMap, fs};

use serde::{Deserialize, Serialize};

use super::{FleetError, StateDir, write_atomic};

/// The name and version of the file's form.
const SCHEMA: &str = "swarmctl.hypervisors/1";

/// What was learned about hypervisors, by libvirt URI: a cache in
/// `.swarm/hypervisors.json`. A file that can't be read counts as empty.
#[derive(Clone, Debug)]
pub struct Hypervisors {
    state: StateDir,
}

/// The domain type that works on a hypervisor, and how that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnedDomainType {
    /// `kvm` or `qemu`.
    pub domain_type: String,
    /// What was seen.
    pub why: String,
    /// When, RFC 3339.
    pub learned: String,
}

#[derive(Default, Serialize, Deserialize)]
struct Document {
    schema: String,
    domain_types: BTreeMap<String, LearnedDomainType>,
}

impl Hypervisors {
    pub(super) fn new(state: StateDir) -> Self {
        Self { state }
    }

    /// Returns what was learned about the hypervisor at `uri`.
    pub fn domain_type(&self, uri: &str) -> Option<LearnedDomainType> {
        self.read().domain_types.remove(uri)
    }

    /// Remembers that `domain_type` (`kvm` or `qemu`) is what works at `uri`.
    ///
    /// # Errors
    /// [`FleetError::Write`] or [`FleetError::Busy`].
    pub fn learn(&self, uri: &str, domain_type: &str, why: &str) -> Result<(), FleetError> {
        let learned = LearnedDomainType {
            domain_type: domain_type.to_owned(),
            why: why.to_owned(),
            learned: jiff::Timestamp::now().to_string(),
        };
        self.change(|types| {
            types.insert(uri.to_owned(), learned);
        })
    }

    /// Forgets what was learned about `uri`.
    ///
    /// # Errors
    /// [`FleetError::Write`] or [`FleetError::Busy`].
    pub fn forget(&self, uri: &str) -> Result<(), FleetError> {
        self.change(|types| {
            types.remove(uri);
        })
    }

    fn change(
        &self,
        edit: impl FnOnce(&mut BTreeMap<String, LearnedDomainType>),
    ) -> Result<(), FleetError> {
        let _lock = self.state.write_lock("hypervisors.lock")?;
        let mut document = self.read();
        edit(&mut document.domain_types);
        SCHEMA.clone_into(&mut document.schema);
        let path = self.path();
        let mut bytes =
            serde_json::to_vec_pretty(&document).map_err(|error| FleetError::Write {
                path: path.clone(),
                source: error.into(),
            })?;
        bytes.push(b'\n');
        write_atomic(&path, &bytes, 0o600)
    }

    fn read(&self) -> Document {
        fs::read(self.path())
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Document>(&bytes).ok())
            .filter(|document| document.schema == SCHEMA)
            .unwrap_or_default()
    }

    fn path(&self) -> std::path::PathBuf {
        self.state.path().join("hypervisors.json")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn learns_and_forgets() {
        let directory = tempfile::tempdir().unwrap();
        let known = StateDir::at(directory.path().join(".swarm")).hypervisors();
        assert_eq!(known.domain_type("qemu:///system"), None);
        known
            .learn("qemu:///system", "qemu", "no console output")
            .unwrap();
        known
            .learn("qemu+ssh://far/system", "kvm", "booted")
            .unwrap();
        let learned = known.domain_type("qemu:///system").unwrap();
        assert_eq!(learned.domain_type, "qemu");
        known.forget("qemu:///system").unwrap();
        assert_eq!(known.domain_type("qemu:///system"), None);
        assert!(known.domain_type("qemu+ssh://far/system").is_some());
    }

    #[test]
    fn a_broken_file_counts_as_empty() {
        let directory = tempfile::tempdir().unwrap();
        let known = StateDir::at(directory.path()).hypervisors();
        fs::write(known.path(), "{").unwrap();
        assert_eq!(known.domain_type("qemu:///system"), None);
        known.learn("qemu:///system", "kvm", "booted").unwrap();
        assert!(known.domain_type("qemu:///system").is_some());
    }
}
