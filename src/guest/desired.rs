use std::path::{Path, PathBuf};

use crate::{
    inventory::{DomainType, Instance},
    plan::{Diagnostic, Failure, FailureKind},
};

use super::{
    documents::Documents,
    host_view::HostView,
    names::{DEFAULT_POOL_PATH, disk_volume, own_share, seed_volume},
    seed_facts::shown_digest,
};

/// What should be on the hypervisor for one instance, names and paths resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desired {
    /// The pool that holds the disk.
    pub disk_pool: PoolWanted,
    /// The disk's volume name.
    pub disk_volume: String,
    /// The disk's path on the hypervisor.
    pub disk_path: PathBuf,
    /// The pool that holds base images and the seed.
    pub seed_pool: PoolWanted,
    /// The seed's volume name.
    pub seed_volume: String,
    /// The seed's path on the hypervisor.
    pub seed_path: PathBuf,
    /// The base image's volume name; `None` when the local image isn't there to
    /// tell.
    pub base_volume: Option<String>,
    /// Shared folders on the hypervisor, with their tags.
    pub shares: Vec<(PathBuf, String)>,
    /// Whether the guest runs on KVM.
    pub kvm: bool,
    /// Digest of the cloud-init documents, without the host key. It speaks of secrets,
    /// so it never leaves this process.
    pub seed_digest: String,
    /// Digest of the documents with their secrets masked.
    pub shown_digest: String,
}

/// A pool that a volume should be in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolWanted {
    /// libvirt's name for it.
    pub name: String,
    /// Its folder.
    pub path: PathBuf,
    /// Whether it is defined.
    pub exists: bool,
    /// Whether it is active.
    pub active: bool,
}

impl Desired {
    /// Resolves names and paths of `instance` on the hypervisor in `view`.
    ///
    /// `learned` is the domain type that an earlier run found to work there.
    ///
    /// # Errors
    /// When a pool is named that doesn't exist and that has no usual folder.
    pub fn resolve(
        instance: &Instance,
        view: &HostView,
        learned: Option<bool>,
        documents: &Documents,
        base_volume: Option<String>,
    ) -> Result<Self, Failure> {
        let seed_pool = named_pool(instance, view)?;
        let disk_pool = match instance.disk_path.as_deref().and_then(Path::parent) {
            None => seed_pool.clone(),
            Some(folder) => pool_in(folder, view),
        };
        let disk_volume = disk_volume(instance);
        let seed_volume = seed_volume(&instance.domain);
        let kvm = match instance.domain_type {
            DomainType::Kvm => true,
            DomainType::Qemu => false,
            // A domain that runs already tells best what works there.
            DomainType::Auto => view
                .domain(&instance.domain)
                .filter(|facts| learned != Some(false) || facts.domain_type != "kvm")
                .map(|facts| facts.domain_type == "kvm")
                .or(learned)
                .unwrap_or(view.kvm),
        };
        Ok(Self {
            disk_path: disk_pool.path.join(&disk_volume),
            disk_pool,
            disk_volume,
            seed_path: seed_pool.path.join(&seed_volume),
            seed_pool,
            seed_volume,
            base_volume,
            shares: instance
                .shares
                .iter()
                .map(|share| {
                    let source = share.source.clone().unwrap_or_else(|| own_share(instance));
                    (source, share.tag.clone())
                })
                .collect(),
            kvm,
            seed_digest: documents.digest().to_owned(),
            shown_digest: shown_digest(documents.redacted()),
        })
    }

    /// Returns the CPU model that the domain should have.
    pub fn cpu_model(&self, instance: &Instance, kvm: bool) -> String {
        match &instance.cpu_model {
            Some(model) => model.clone(),
            None if kvm => "host-passthrough".to_owned(),
            None => "qemu64".to_owned(),
        }
    }
}

fn named_pool(instance: &Instance, view: &HostView) -> Result<PoolWanted, Failure> {
    let name = &instance.pool;
    if let Some(pool) = view.pools.iter().find(|pool| &pool.name == name) {
        let path =
            pool.target_path
                .as_ref()
                .map(PathBuf::from)
                .ok_or_else(|| {
                    Failure::new(
                FailureKind::Invalid,
                format!("storage pool {name} has no folder; only directory pools can hold images"),
            )
            .hint("set vm_pool to a pool of type dir (`virsh pool-list --details`)")
                })?;
        return Ok(PoolWanted {
            name: name.clone(),
            path,
            exists: true,
            active: pool.active,
        });
    }
    if name == "default" {
        return Ok(pool_in(Path::new(DEFAULT_POOL_PATH), view));
    }
    let place = instance.places.get("vm_pool").cloned();
    let message = format!(
        "storage pool {name} does not exist on {}",
        instance.hypervisor
    );
    Err(Failure::invalid(Diagnostic::error(place, message).hint(
        format!(
            "virsh -c '{}' pool-define-as {name} dir --target FOLDER, or set vm_pool to one of: {}",
            instance.hypervisor,
            view.pool_names()
        ),
    )))
}

/// The pool whose folder is `folder`, or one to be defined for it.
fn pool_in(folder: &Path, view: &HostView) -> PoolWanted {
    let same = |pool: &&crate::hypervisor::PoolFacts| {
        pool.target_path
            .as_ref()
            .is_some_and(|path| Path::new(path) == folder)
    };
    match view.pools.iter().find(same) {
        Some(pool) => PoolWanted {
            name: pool.name.clone(),
            path: folder.to_owned(),
            exists: true,
            active: pool.active,
        },
        None => PoolWanted {
            name: if folder == Path::new(DEFAULT_POOL_PATH) {
                "default".to_owned()
            } else {
                format!(
                    "swarmctl{}",
                    folder.display().to_string().replace(['/', ' '], "-")
                )
            },
            path: folder.to_owned(),
            exists: false,
            active: false,
        },
    }
}
