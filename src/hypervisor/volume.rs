use serde::Serialize;
use virt::{storage_pool::StoragePool, storage_vol::StorageVol};

use super::{
    Hypervisor,
    connection::{Job, optional},
    error::{HypervisorError, Kind},
    xml::{at, attribute, bytes, child, escape, parse, text},
};

/// What is known about one storage volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VolumeFacts {
    /// Its name in its pool.
    pub name: String,
    /// Its path on the hypervisor.
    pub path: String,
    /// Its size for a guest, in bytes.
    pub capacity: u64,
    /// What it takes on the hypervisor, in bytes.
    pub allocation: u64,
    /// The format of its image, such as `qcow2`.
    pub format: Option<String>,
    /// The image that it is an overlay of.
    pub backing_path: Option<String>,
    /// `file`, `block`, `dir` or another type.
    pub kind: Option<String>,
}

/// A volume to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeSpec {
    /// Its name in its pool; in a pool over a directory, the file's name.
    pub name: String,
    /// Its size for a guest, in bytes. Only what is written takes space.
    pub capacity: u64,
    /// The format of its image: `qcow2` or `raw`.
    pub format: String,
    /// The path and format of the image that it is an overlay of.
    pub backing: Option<(String, String)>,
    /// Its mode, such as 0o600; libvirt's default else.
    pub mode: Option<u32>,
}

impl VolumeSpec {
    /// Returns libvirt's document for it. <https://libvirt.org/formatstorage.html>
    fn xml(&self) -> String {
        let format = escape(&self.format);
        let mode = self
            .mode
            .map(|mode| format!("<permissions><mode>0{mode:o}</mode></permissions>"))
            .unwrap_or_default();
        let backing = self
            .backing
            .as_ref()
            .map(|(path, format)| {
                format!(
                    "<backingStore><path>{}</path><format type='{}'/></backingStore>",
                    escape(path),
                    escape(format)
                )
            })
            .unwrap_or_default();
        format!(
            "<volume><name>{}</name><capacity unit='bytes'>{}</capacity><allocation>0</allocation>\
             <target><format type='{format}'/>{mode}</target>{backing}</volume>",
            escape(&self.name),
            self.capacity
        )
    }
}

impl VolumeFacts {
    fn read(xml: &str) -> Result<Self, HypervisorError> {
        let document = parse(xml)?;
        let root = document.root_element();
        let size = |name: &str| child(root, name).and_then(|node| bytes(node, "bytes"));
        Ok(Self {
            name: text(root, &["name"]).unwrap_or_default(),
            path: text(root, &["target", "path"]).unwrap_or_default(),
            capacity: size("capacity").unwrap_or(0),
            allocation: size("allocation").unwrap_or(0),
            format: attribute(root, &["target", "format"], "type"),
            backing_path: at(root, &["backingStore"]).and_then(|node| text(node, &["path"])),
            kind: root.attribute("type").map(str::to_owned),
        })
    }
}

impl Job {
    /// Looks a volume up in a pool.
    pub(super) fn volume(
        &self,
        pool: &StoragePool,
        name: &str,
    ) -> Result<StorageVol, HypervisorError> {
        self.on("find", Kind::Volume, name, || {
            StorageVol::lookup_by_name(pool, name)
        })
    }

    fn volume_facts(&self, volume: &StorageVol) -> Result<VolumeFacts, HypervisorError> {
        let name = self.read_handle(|| volume.get_name())?;
        let xml = self.on("look at", Kind::Volume, &name, || volume.get_xml_desc(0))?;
        VolumeFacts::read(&xml)
    }
}

impl Hypervisor {
    /// Returns what is known about the volumes of a pool, sorted by name.
    ///
    /// # Errors
    /// `NoSuch`; `WrongState` when the pool is inactive.
    pub async fn volumes(&self, pool: &str) -> Result<Vec<VolumeFacts>, HypervisorError> {
        let pool_name = pool.to_owned();
        self.run(move |job| {
            let pool = job.pool(&pool_name)?;
            let volumes = job.on("list the volumes of", Kind::Pool, &pool_name, || {
                pool.list_all_volumes(0)
            })?;
            let mut all = Vec::with_capacity(volumes.len());
            for volume in volumes {
                all.extend(optional(job.volume_facts(&volume))?);
            }
            all.sort_by(|a, b| a.name.cmp(&b.name));
            Ok(all)
        })
        .await
    }

    /// Returns what is known about one volume. libvirt knows files that others made
    /// only after [`Hypervisor::refresh_pool`].
    ///
    /// # Errors
    /// `NoSuch` for the pool; `WrongState` when the pool is inactive.
    pub async fn volume(
        &self,
        pool: &str,
        name: &str,
    ) -> Result<Option<VolumeFacts>, HypervisorError> {
        let (pool, name) = (pool.to_owned(), name.to_owned());
        self.run(move |job| {
            let pool = job.pool(&pool)?;
            match optional(job.volume(&pool, &name))? {
                Some(volume) => optional(job.volume_facts(&volume)),
                None => Ok(None),
            }
        })
        .await
    }

    /// Returns the volume at that path on the hypervisor, with the name of its pool.
    ///
    /// # Errors
    /// `Unreachable`, `Denied`, `Other`.
    pub async fn volume_by_path(
        &self,
        path: &str,
    ) -> Result<Option<(String, VolumeFacts)>, HypervisorError> {
        let path = path.to_owned();
        self.run(move |job| {
            let found = job.on("find", Kind::Volume, &path, || {
                StorageVol::lookup_by_path(job.connect(), &path)
            });
            let Some(volume) = optional(found)? else {
                return Ok(None);
            };
            let pool = job.on("find the pool of", Kind::Volume, &path, || {
                StoragePool::lookup_by_volume(&volume)
            })?;
            let pool = job.read_handle(|| pool.get_name())?;
            Ok(optional(job.volume_facts(&volume))?.map(|facts| (pool, facts)))
        })
        .await
    }

    /// Makes a volume. An overlay's image must be of the format that is told.
    ///
    /// # Errors
    /// `NoSuch` for the pool; `Exists`, `NoSpace`.
    pub async fn create_volume(
        &self,
        pool: &str,
        spec: VolumeSpec,
    ) -> Result<VolumeFacts, HypervisorError> {
        let pool = pool.to_owned();
        self.run(move |job| {
            let pool = job.pool(&pool)?;
            let xml = spec.xml();
            let volume = job.on("create", Kind::Volume, &spec.name, || {
                StorageVol::create_xml(&pool, &xml, 0)
            })?;
            job.volume_facts(&volume)
        })
        .await
    }

    /// Grows a volume to `bytes`. A volume of a running domain must be grown by
    /// [`Hypervisor::resize_disk_live`] instead.
    ///
    /// # Errors
    /// `NoSuch`, `NoSpace`; `Rejected` when it would shrink.
    pub async fn resize_volume(
        &self,
        pool: &str,
        name: &str,
        bytes: u64,
    ) -> Result<(), HypervisorError> {
        self.volume_call("resize", pool, name, move |volume| volume.resize(bytes, 0))
            .await
    }

    /// Deletes a volume and its file.
    ///
    /// # Errors
    /// `NoSuch` for the pool or the volume.
    pub async fn delete_volume(&self, pool: &str, name: &str) -> Result<(), HypervisorError> {
        self.volume_call("delete", pool, name, |volume| volume.delete(0))
            .await
    }

    async fn volume_call<T: Send + 'static>(
        &self,
        verb: &'static str,
        pool: &str,
        name: &str,
        call: impl FnOnce(&StorageVol) -> Result<T, virt::error::Error> + Send + 'static,
    ) -> Result<(), HypervisorError> {
        let (pool, name) = (pool.to_owned(), name.to_owned());
        self.run(move |job| {
            let pool = job.pool(&pool)?;
            let volume = job.volume(&pool, &name)?;
            job.on(verb, Kind::Volume, &name, || call(&volume))
                .map(drop)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_is_read() {
        let facts = VolumeFacts::read(
            "<volume type='file'><name>zap [claw].qcow2</name>
               <capacity unit='bytes'>64424509440</capacity><allocation unit='bytes'>200704</allocation>
               <target><path>/i/zap [claw].qcow2</path><format type='qcow2'/></target>
               <backingStore><path>/i/base.qcow2</path><format type='qcow2'/></backingStore></volume>",
        )
        .unwrap();
        assert_eq!(facts.capacity, 60 << 30);
        assert_eq!(facts.allocation, 200_704);
        assert_eq!(facts.format.as_deref(), Some("qcow2"));
        assert_eq!(facts.backing_path.as_deref(), Some("/i/base.qcow2"));
    }

    #[test]
    fn a_spec_with_odd_characters_stays_well_formed() {
        let spec = VolumeSpec {
            name: "a<b>&'c'".to_owned(),
            capacity: 1 << 30,
            format: "qcow2".to_owned(),
            backing: Some(("/x&y".to_owned(), "raw".to_owned())),
            mode: Some(0o640),
        };
        let xml = spec.xml();
        let facts = VolumeFacts::read(&xml).unwrap();
        assert_eq!(facts.name, spec.name);
        assert_eq!(facts.backing_path.as_deref(), Some("/x&y"));
        assert!(xml.contains("<mode>0640</mode>"));
    }
}
