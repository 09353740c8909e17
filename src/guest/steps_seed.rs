//! Steps on the seed, which holds the guest's host key.

use std::io::Cursor;

use crate::{
    hypervisor::VolumeSpec,
    plan::{Failure, FailureKind},
};

use super::{
    documents::Documents,
    executor::{GuestExecutor, failed},
    failures::failed_to,
    host_key::HostKey,
    seed::seed_image,
    seed_facts::SeedFacts,
};

impl GuestExecutor<'_> {
    pub(super) async fn upload_seed(&self) -> Result<(), Failure> {
        self.domain_is_as_planned().await?;
        self.refuse_active("make its seed anew").await?;
        let key = HostKey::mint().map_err(|e| failed_to(FailureKind::Failed, &e))?;
        let documents = Documents::render(&self.env.engine, self.instance, Some(&key))
            .map_err(Failure::invalid)?;
        let facts = SeedFacts::new(
            &self.instance.name,
            key.salt(),
            documents.digest(),
            &key.public,
            documents.redacted(),
        );
        let image =
            seed_image(&documents, &facts).map_err(|e| failed_to(FailureKind::Failed, &e))?;
        let (pool, volume) = (&self.desired.seed_pool.name, &self.desired.seed_volume);
        if self.volume(pool, volume).await?.is_some() {
            self.hypervisor
                .delete_volume(pool, volume)
                .await
                .map_err(failed)?;
        }
        let bytes = image.len() as u64;
        let spec = VolumeSpec {
            name: volume.clone(),
            capacity: bytes,
            format: "raw".to_owned(),
            backing: None,
            // It holds the host's private key.
            mode: Some(0o600),
        };
        self.hypervisor
            .create_volume(pool, spec)
            .await
            .map_err(failed)?;
        self.hypervisor
            .upload(pool, volume, Cursor::new(image), bytes, |_| {})
            .await
            .map_err(failed)?;
        self.env.pin(self.instance, &key.public)?;
        self.set_claim(|claim| {
            claim.seed_digest = facts.shown_digest();
            claim.host_key = key.public.clone();
        });
        Ok(())
    }

    pub(super) async fn delete_seed(&self) -> Result<(), Failure> {
        let (pool, volume) = (&self.desired.seed_pool.name, &self.desired.seed_volume);
        if self.volume(pool, volume).await?.is_some() {
            self.refuse_active("delete its seed").await?;
            self.hypervisor
                .delete_volume(pool, volume)
                .await
                .map_err(failed)?;
        }
        Ok(())
    }
}
