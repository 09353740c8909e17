//! Directories on the hypervisor, made and removed by libvirt itself, so that a
//! remote hypervisor needs nothing else: building a pool makes its directory,
//! deleting the pool removes it when it is empty.

use std::{
    process,
    sync::atomic::{AtomicU64, Ordering},
};

use virt::{storage_pool::StoragePool, sys};

use super::{
    Hypervisor,
    connection::{Job, optional},
    error::{HypervisorError, Kind},
    xml::escape,
};

/// The names of the passing pools begin with this, so that one that a killed run
/// left is known as such.
const PASSING: &str = "swarmctl-directory-";

/// Who may use a directory that is made; what is `None` is left to libvirt, which
/// makes directories of root with mode 0711.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DirectoryAccess {
    /// Its mode, such as 0o755.
    pub mode: Option<u32>,
    /// The numeric user and group that own it.
    pub owner: Option<(u32, u32)>,
}

impl Hypervisor {
    /// Makes the directory `path` and its parents on the hypervisor where they are
    /// missing, and returns whether it did. An existing directory keeps its owner and
    /// mode.
    ///
    /// # Errors
    /// `Denied`; `Other` when `path` is something else than a directory.
    pub async fn ensure_directory(
        &self,
        path: &str,
        access: DirectoryAccess,
    ) -> Result<bool, HypervisorError> {
        let path = path.to_owned();
        let _alone = self.directories().lock().await;
        self.run(move |job| {
            if let Some(pool) = foreign_pool_at(job, &path)? {
                let name = job.read_handle(|| pool.get_name())?;
                if job.on("look at", Kind::Pool, &name, || pool.is_active())? {
                    return Ok(false);
                }
                // Starting it is the only way to look; it is left as it was.
                let made = open_or_make(job, &pool, &name, true)?;
                job.on("stop", Kind::Pool, &name, || pool.destroy())?;
                return Ok(made);
            }
            let name = passing_name();
            let xml = passing_xml(&name, &path, access);
            let create = |flags| {
                job.on("make", Kind::Directory, &path, || {
                    StoragePool::create_xml(job.connect(), &xml, flags)
                })
            };
            let (pool, made) = match create(0) {
                Ok(pool) => (pool, false),
                Err(error) if is_missing(&error) => {
                    (create(sys::VIR_STORAGE_POOL_CREATE_WITH_BUILD)?, true)
                }
                Err(error) => return Err(error),
            };
            // A transient pool is gone once it is stopped; its directory stays.
            job.on("stop", Kind::Pool, &name, || pool.destroy())?;
            Ok(made)
        })
        .await
    }

    /// Removes the directory `path` on the hypervisor if it is empty, and returns
    /// whether it did.
    ///
    /// # Errors
    /// `Denied`; `Exists` when a pool has this directory.
    pub async fn remove_empty_directory(&self, path: &str) -> Result<bool, HypervisorError> {
        let path = path.to_owned();
        let _alone = self.directories().lock().await;
        self.run(move |job| {
            if let Some(pool) = foreign_pool_at(job, &path)? {
                let name = job.read_handle(|| pool.get_name())?;
                let cause = super::error::Cause::own(
                    virt::error::ErrorNumber::OperationInvalid,
                    format!("it is the directory of the pool `{name}`"),
                );
                return Err(job.attempt("remove", Kind::Directory, &path).exists(cause));
            }
            let name = passing_name();
            let xml = passing_xml(&name, &path, DirectoryAccess::default());
            let pool = job.on("remove", Kind::Directory, &path, || {
                StoragePool::define_xml(job.connect(), &xml, 0)
            })?;
            let deleted = job.on("remove", Kind::Directory, &path, || pool.delete(0));
            job.on("undefine", Kind::Pool, &name, || pool.undefine())?;
            match deleted {
                Ok(()) => Ok(true),
                Err(error) if is_missing(&error) || says(&error, "Directory not empty") => {
                    Ok(false)
                }
                Err(error) => Err(error),
            }
        })
        .await
    }
}

/// Makes a defined pool active; builds its directory first when that is missing and
/// `build` allows it. Returns whether it was built.
pub(super) fn open_or_make(
    job: &Job,
    pool: &StoragePool,
    name: &str,
    build: bool,
) -> Result<bool, HypervisorError> {
    let start = || job.on("start", Kind::Pool, name, || pool.create(0));
    match start() {
        Ok(_) => Ok(false),
        Err(error) if build && is_missing(&error) => {
            job.on("build", Kind::Pool, name, || pool.build(0))?;
            start()?;
            Ok(true)
        }
        Err(error) => Err(error),
    }
}

/// Returns the pool that has `path`, unless it is one that a killed run left, which
/// is removed.
fn foreign_pool_at(job: &Job, path: &str) -> Result<Option<StoragePool>, HypervisorError> {
    let Some(pool) = job.pool_at(path)? else {
        return Ok(None);
    };
    let name = job.read_handle(|| pool.get_name())?;
    if !name.starts_with(PASSING) {
        return Ok(Some(pool));
    }
    let persistent = job.on("look at", Kind::Pool, &name, || pool.is_persistent())?;
    if job.on("look at", Kind::Pool, &name, || pool.is_active())? {
        // Another run may have been at work on it after all, and be faster.
        optional(job.on("stop", Kind::Pool, &name, || pool.destroy()))?;
    }
    if persistent {
        optional(job.on("undefine", Kind::Pool, &name, || pool.undefine()))?;
    }
    Ok(None)
}

/// libvirt reports a missing directory as a system error and its errno only in words.
fn is_missing(error: &HypervisorError) -> bool {
    says(error, "No such file or directory")
}

fn says(error: &HypervisorError, text: &str) -> bool {
    matches!(error, HypervisorError::Other { cause, .. } if cause.message.contains(text))
}

fn passing_name() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{PASSING}{}-{next}", process::id())
}

fn passing_xml(name: &str, path: &str, access: DirectoryAccess) -> String {
    let mode = access
        .mode
        .map(|mode| format!("<mode>0{mode:o}</mode>"))
        .unwrap_or_default();
    let owner = access
        .owner
        .map(|(user, group)| format!("<owner>{user}</owner><group>{group}</group>"))
        .unwrap_or_default();
    let permissions = if mode.is_empty() && owner.is_empty() {
        String::new()
    } else {
        format!("<permissions>{mode}{owner}</permissions>")
    };
    format!(
        "<pool type='dir'><name>{}</name><target><path>{}</path>{permissions}</target></pool>",
        escape(name),
        escape(path)
    )
}
