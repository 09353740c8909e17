use std::path::PathBuf;

/// One virtiofs share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The folder on the hypervisor. `None`: a folder of the instance's own.
    pub source: Option<PathBuf>,
    /// The mount tag.
    pub tag: String,
    /// Where the guest mounts it; default `/mnt/<tag>`.
    pub mount: String,
}
