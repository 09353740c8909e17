//! Steps on the instance's disk.

use crate::{
    hypervisor::VolumeSpec,
    plan::{Failure, FailureKind},
};

use super::{
    executor::{GuestExecutor, changed, failed},
    plan_provision::gib,
};

impl GuestExecutor<'_> {
    pub(super) async fn create_disk(&self) -> Result<(), Failure> {
        let (pool, volume) = (&self.desired.disk_pool.name, &self.desired.disk_volume);
        self.hypervisor.refresh_pool(pool).await.map_err(failed)?;
        if self.volume(pool, volume).await?.is_some() {
            return Err(changed(format!(
                "the disk {} appeared since the plan was made",
                self.desired.disk_path.display()
            )));
        }
        let Some(base) = &self.desired.base_volume else {
            return Err(Failure::new(
                FailureKind::Failed,
                "the base image is unknown",
            ));
        };
        let seed_pool = &self.desired.seed_pool.name;
        let base = self.volume(seed_pool, base).await?;
        let Some(base) = base else {
            return Err(changed(
                "the base image went away since the plan was made".to_owned(),
            ));
        };
        if base.capacity > self.instance.disk_bytes {
            return Err(Failure::new(
                FailureKind::Invalid,
                format!(
                    "the base image needs {}, vm_disk_size is {}",
                    gib(base.capacity),
                    gib(self.instance.disk_bytes)
                ),
            )
            .hint("raise vm_disk_size"));
        }
        let spec = VolumeSpec {
            name: volume.clone(),
            capacity: self.instance.disk_bytes,
            format: "qcow2".to_owned(),
            backing: Some((
                base.path.clone(),
                base.format.clone().unwrap_or_else(|| "qcow2".to_owned()),
            )),
            mode: Some(0o600),
        };
        self.hypervisor
            .create_volume(pool, spec)
            .await
            .map_err(failed)?;
        Ok(())
    }

    pub(super) async fn delete_disk(&self) -> Result<(), Failure> {
        self.domain_is_as_planned().await?;
        let (pool, volume) = (&self.desired.disk_pool.name, &self.desired.disk_volume);
        self.hypervisor.refresh_pool(pool).await.map_err(failed)?;
        let now = self.volume(pool, volume).await?;
        match (now, &self.observed.disk) {
            (None, _) => Ok(()),
            (Some(now), Some(planned))
                if now.capacity == planned.capacity && now.backing_path == planned.backing_path =>
            {
                self.refuse_active("delete its disk").await?;
                self.hypervisor
                    .delete_volume(pool, volume)
                    .await
                    .map_err(failed)
            }
            (Some(_), _) => Err(changed(format!(
                "the disk {} is not the one that the plan was made for",
                self.desired.disk_path.display()
            ))),
        }
    }

    pub(super) async fn grow_disk(&self) -> Result<(), Failure> {
        let bytes = self.instance.disk_bytes;
        let now = self
            .hypervisor
            .domain(&self.instance.domain)
            .await
            .map_err(failed)?;
        if now.is_some_and(|facts| facts.state.is_active()) {
            self.hypervisor
                .resize_disk_live(&self.instance.domain, "vda", bytes)
                .await
                .map_err(failed)
        } else {
            let (pool, volume) = (&self.desired.disk_pool.name, &self.desired.disk_volume);
            self.hypervisor
                .resize_volume(pool, volume, bytes)
                .await
                .map_err(failed)
        }
    }
}
