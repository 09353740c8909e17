use std::collections::HashSet;

use serde::Serialize;
use virt::{storage_pool::StoragePool, sys};

use super::{
    Hypervisor,
    connection::{Job, optional},
    directory::open_or_make,
    error::{HypervisorError, Kind},
    xml::{bytes, child, escape, parse, text},
};

/// What is known about one storage pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PoolFacts {
    /// Its name.
    pub name: String,
    /// Whether it is active: only then its volumes are known.
    pub active: bool,
    /// Whether it becomes active with its hypervisor.
    pub autostart: bool,
    /// Whether it stays defined when it is inactive.
    pub persistent: bool,
    /// Its directory on the hypervisor.
    pub target_path: Option<String>,
    /// Its type, such as `dir`.
    pub kind: String,
    /// The size of its file system, in bytes; 0 when it is inactive.
    pub capacity: u64,
    /// What is free, in bytes; 0 when it is inactive.
    pub available: u64,
}

impl Job {
    /// Looks a pool up by its name.
    pub(super) fn pool(&self, name: &str) -> Result<StoragePool, HypervisorError> {
        self.on("find", Kind::Pool, name, || {
            StoragePool::lookup_by_name(self.connect(), name)
        })
    }

    /// Looks up the pool whose directory is `path`.
    pub(super) fn pool_at(&self, path: &str) -> Result<Option<StoragePool>, HypervisorError> {
        let found = self.on("find", Kind::Pool, path, || {
            StoragePool::lookup_by_target_path(self.connect(), path)
        });
        match found {
            // libvirt's test driver can't look up by path.
            Err(HypervisorError::Unsupported { .. }) => self.pool_with_path(path),
            found => optional(found),
        }
    }

    fn pool_with_path(&self, path: &str) -> Result<Option<StoragePool>, HypervisorError> {
        for pool in self.listed_pools(0)? {
            if self.pool_facts(&pool)?.target_path.as_deref() == Some(path) {
                return Ok(Some(pool));
            }
        }
        Ok(None)
    }

    fn listed_pools(&self, flags: u32) -> Result<Vec<StoragePool>, HypervisorError> {
        self.on_all("list the pools of", |connect| {
            connect.list_all_storage_pools(flags)
        })
    }

    fn pool_names(&self, flags: u32) -> Result<HashSet<String>, HypervisorError> {
        let pools = self.listed_pools(flags)?;
        let name = |pool: &StoragePool| self.read_handle(|| pool.get_name());
        pools.iter().map(name).collect()
    }

    fn all_pools(&self) -> Result<Vec<PoolFacts>, HypervisorError> {
        let active = self.pool_names(sys::VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE)?;
        let autostart = self.pool_names(sys::VIR_CONNECT_LIST_STORAGE_POOLS_AUTOSTART)?;
        let persistent = self.pool_names(sys::VIR_CONNECT_LIST_STORAGE_POOLS_PERSISTENT)?;
        let mut all = Vec::new();
        for pool in self.listed_pools(0)? {
            let name = self.read_handle(|| pool.get_name())?;
            let xml = self.on("look at", Kind::Pool, &name, || pool.get_xml_desc(0));
            // It may be undefined between two of these calls.
            let Some(xml) = optional(xml)? else { continue };
            let document = parse(&xml)?;
            let root = document.root_element();
            // The document has the same numbers as virStoragePoolGetInfo.
            // https://libvirt.org/formatstorage.html#general-metadata
            let size = |name| child(root, name).and_then(|node| bytes(node, "bytes"));
            all.push(PoolFacts {
                active: active.contains(&name),
                autostart: autostart.contains(&name),
                persistent: persistent.contains(&name),
                target_path: text(root, &["target", "path"]),
                kind: root.attribute("type").unwrap_or_default().to_owned(),
                capacity: size("capacity").unwrap_or(0),
                available: size("available").unwrap_or(0),
                name,
            });
        }
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    fn pool_facts(&self, pool: &StoragePool) -> Result<PoolFacts, HypervisorError> {
        let name = self.read_handle(|| pool.get_name())?;
        let look = "look at";
        let xml = self.on(look, Kind::Pool, &name, || pool.get_xml_desc(0))?;
        let info = self.on(look, Kind::Pool, &name, || pool.get_info())?;
        let persistent = self.on(look, Kind::Pool, &name, || pool.is_persistent())?;
        let document = parse(&xml)?;
        let root = document.root_element();
        Ok(PoolFacts {
            active: info.state == sys::VIR_STORAGE_POOL_RUNNING,
            autostart: self
                .on(look, Kind::Pool, &name, || pool.get_autostart())
                .unwrap_or(false),
            persistent,
            target_path: text(root, &["target", "path"]),
            kind: root.attribute("type").unwrap_or_default().to_owned(),
            capacity: info.capacity,
            available: info.available,
            name,
        })
    }
}

impl Hypervisor {
    /// Returns what is known about every pool, sorted by name: four calls for all, and
    /// one for the document of each.
    ///
    /// # Errors
    /// `Unreachable`, `Denied`, `Other`.
    pub async fn pools(&self) -> Result<Vec<PoolFacts>, HypervisorError> {
        self.run(Job::all_pools).await
    }

    /// Returns what is known about a pool.
    ///
    /// # Errors
    /// `Unreachable`, `Denied`, `Other`.
    pub async fn pool(&self, name: &str) -> Result<Option<PoolFacts>, HypervisorError> {
        let name = name.to_owned();
        self.run(move |job| match optional(job.pool(&name))? {
            Some(pool) => optional(job.pool_facts(&pool)),
            None => Ok(None),
        })
        .await
    }

    /// Returns the pool whose directory is `path`.
    ///
    /// # Errors
    /// `Unreachable`, `Denied`, `Other`.
    pub async fn pool_by_target(&self, path: &str) -> Result<Option<PoolFacts>, HypervisorError> {
        let path = path.to_owned();
        self.run(move |job| match job.pool_at(&path)? {
            Some(pool) => optional(job.pool_facts(&pool)),
            None => Ok(None),
        })
        .await
    }

    /// Defines a pool over the directory `path`, with autostart, and makes it active.
    /// With `build` a missing directory is made; an existing one is left as it is.
    /// One that is defined so already, as by a run that was killed, is only made active.
    ///
    /// # Errors
    /// `Exists` when the name belongs to a pool with another directory or the directory
    /// to another pool; `Other` when the directory is missing.
    pub async fn define_dir_pool(
        &self,
        name: &str,
        path: &str,
        build: bool,
    ) -> Result<(), HypervisorError> {
        let (name, path) = (name.to_owned(), path.to_owned());
        self.run(move |job| {
            let present = match optional(job.pool(&name))? {
                Some(pool) => {
                    let facts = job.pool_facts(&pool)?;
                    (facts.target_path.as_deref() == Some(&path)).then_some((pool, facts.active))
                }
                None => None,
            };
            let pool = match present {
                Some((pool, active)) => {
                    if !active {
                        open_or_make(job, &pool, &name, build)?;
                    }
                    pool
                }
                None => define_and_open(job, &name, &path, build)?,
            };
            job.on("set the autostart of", Kind::Pool, &name, || {
                pool.set_autostart(true)
            })
            .map(drop)
        })
        .await
    }

    /// Makes a defined pool active.
    ///
    /// # Errors
    /// `NoSuch`; `WrongState` when it is active already.
    pub async fn start_pool(&self, name: &str) -> Result<(), HypervisorError> {
        self.pool_call("start", name, |pool| pool.create(0)).await
    }

    /// Makes a pool inactive and, if it is persistent, removes its definition. Its
    /// directory and volumes stay.
    ///
    /// # Errors
    /// `NoSuch`.
    pub async fn undefine_pool(&self, name: &str) -> Result<(), HypervisorError> {
        let name = name.to_owned();
        self.run(move |job| {
            let pool = job.pool(&name)?;
            let persistent = job.on("look at", Kind::Pool, &name, || pool.is_persistent())?;
            if job.on("look at", Kind::Pool, &name, || pool.is_active())? {
                job.on("stop", Kind::Pool, &name, || pool.destroy())?;
            }
            if persistent {
                job.on("undefine", Kind::Pool, &name, || pool.undefine())?;
            }
            Ok(())
        })
        .await
    }

    /// Lets libvirt look again at which volumes a pool has.
    ///
    /// # Errors
    /// `NoSuch`; `WrongState` when it is inactive.
    pub async fn refresh_pool(&self, name: &str) -> Result<(), HypervisorError> {
        self.pool_call("refresh", name, |pool| pool.refresh(0))
            .await
    }

    async fn pool_call<T: Send + 'static>(
        &self,
        verb: &'static str,
        name: &str,
        call: impl FnOnce(&StoragePool) -> Result<T, virt::error::Error> + Send + 'static,
    ) -> Result<(), HypervisorError> {
        let name = name.to_owned();
        self.run(move |job| {
            let pool = job.pool(&name)?;
            job.on(verb, Kind::Pool, &name, || call(&pool)).map(drop)
        })
        .await
    }
}

/// Defines a pool and makes it active, or leaves nothing behind.
fn define_and_open(
    job: &Job,
    name: &str,
    path: &str,
    build: bool,
) -> Result<StoragePool, HypervisorError> {
    let xml = dir_pool_xml(name, path);
    let pool = job.on("define", Kind::Pool, name, || {
        StoragePool::define_xml(job.connect(), &xml, 0)
    })?;
    match open_or_make(job, &pool, name, build) {
        Ok(_) => Ok(pool),
        Err(error) => {
            // The first error tells more than one of tidying up.
            drop(job.on("undefine", Kind::Pool, name, || pool.undefine()));
            Err(error)
        }
    }
}

/// Returns the document of a pool over a directory.
/// <https://libvirt.org/formatstorage.html>
pub(super) fn dir_pool_xml(name: &str, path: &str) -> String {
    format!(
        "<pool type='dir'><name>{}</name><target><path>{}</path></target></pool>",
        escape(name),
        escape(path)
    )
}
