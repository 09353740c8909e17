use std::fs::File;

use crate::{
    hypervisor::VolumeSpec,
    plan::{Failure, FailureKind, StepContext},
};

use super::{
    executor::{GuestExecutor, LOOK_AGAIN, failed},
    image_error::ImageError,
    image_format::image_format,
    names::base_mark,
};

/// Uploads the base image as a volume, unless another run did so meanwhile.
///
/// An empty volume beside it, made last, marks it as whole: an upload that was
/// cut off has no mark and is made again. A marked image is never touched.
///
/// # Errors
/// When the image can't be read or the pool can't take it.
pub async fn upload_base(
    executor: &GuestExecutor<'_>,
    context: &StepContext<'_>,
) -> Result<(), Failure> {
    let instance = executor.instance;
    let hypervisor = executor.hypervisor;
    let pool = &executor.desired.seed_pool.name;
    let Some(base) = &executor.desired.base_volume else {
        return Err(Failure::new(
            FailureKind::Failed,
            "the base image is unknown",
        ));
    };
    let mark = base_mark(base);
    let _lock = wait_for_lock(executor, base, context).await?;
    let there = hypervisor.volume(pool, base).await.map_err(failed)?;
    let marked = hypervisor.volume(pool, &mark).await.map_err(failed)?;
    if there.is_some() && marked.is_some() {
        return Ok(());
    }
    let image = executor
        .env
        .images
        .cached(&instance.image, instance.image_checksum.as_ref())
        .and_then(|image| {
            image.ok_or_else(|| ImageError::Missing(executor.env.images.folder().to_owned()))
        })
        .map_err(|e| e.failure())?;
    let format = image_format(&image.path).map_err(|e| e.failure())?;
    // An unmarked volume is what a cut-off upload left, and no disk lies over it yet.
    for stale in [&mark, base] {
        if hypervisor
            .volume(pool, stale)
            .await
            .map_err(failed)?
            .is_some()
        {
            hypervisor
                .delete_volume(pool, stale)
                .await
                .map_err(failed)?;
        }
    }
    let volume = |name: &str, capacity: u64, format: &str| VolumeSpec {
        name: name.to_owned(),
        capacity,
        format: format.to_owned(),
        backing: None,
        mode: Some(0o644),
    };
    // Raw, whatever is inside: libvirt must not write a header of its own.
    hypervisor
        .create_volume(pool, volume(base, image.bytes, "raw"))
        .await
        .map_err(failed)?;
    let file = File::open(&image.path).map_err(|e| ImageError::file(&image.path, e).failure())?;
    let (sink, instance_name, total) = (context.sink, context.instance.to_owned(), image.bytes);
    let (sender, mut receiver) = tokio::sync::watch::channel(0);
    let upload = hypervisor.upload(pool, base, file, image.bytes, move |done| {
        // Nobody listens any more once the step was interrupted.
        let _ = sender.send(done);
    });
    tokio::pin!(upload);
    loop {
        tokio::select! {
            result = &mut upload => {
                result.map_err(failed)?;
                break;
            }
            Ok(()) = receiver.changed() => {
                let done = *receiver.borrow_and_update();
                sink.send(crate::plan::Event {
                    instance: instance_name.clone(),
                    event: crate::plan::EventKind::Progress { done, total: Some(total), unit: "bytes" },
                });
            }
        }
        if context.cancel.is_cancelled() {
            return Err(Failure::new(
                FailureKind::Interrupted,
                "interrupted in the upload",
            ));
        }
    }
    hypervisor.refresh_pool(pool).await.map_err(failed)?;
    let stored = hypervisor.volume(pool, base).await.map_err(failed)?;
    if stored.is_none_or(|v| v.capacity != format.virtual_bytes) {
        return Err(Failure::new(
            FailureKind::Failed,
            format!("the volume {base} is not the image that was uploaded"),
        )
        .hint("run the same command again"));
    }
    hypervisor
        .create_volume(pool, volume(&mark, 0, "raw"))
        .await
        .map_err(failed)?;
    Ok(())
}

/// Waits for another instance or run that uploads the same image.
async fn wait_for_lock(
    executor: &GuestExecutor<'_>,
    base: &str,
    context: &StepContext<'_>,
) -> Result<crate::fleet::InstanceLock, Failure> {
    let state = executor.env.fleet.state();
    let begun = tokio::time::Instant::now();
    loop {
        match state.lock(&format!("image {base}"), &executor.env.command) {
            Ok(lock) => return Ok(lock),
            Err(error) => {
                let failure = super::failures::fleet_failure(&error);
                let over = begun.elapsed() > executor.env.ready_timeout;
                if failure.kind != FailureKind::Locked || over || context.cancel.is_cancelled() {
                    return Err(failure);
                }
                context.note("another run uploads the same image");
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        }
    }
}
