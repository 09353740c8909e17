use std::sync::Arc;

use crate::{
    guest::{GuestEnv, Survey, base_mark, base_volume, hypervisor_failure},
    inventory::{ImageSource, Instance},
    plan::Failure,
    report::ImageRow,
};

/// Returns a row for each base image of the instances and each hypervisor and pool
/// that it is wanted in, and the failures of hypervisors that can't be asked.
pub async fn images(instances: &[Instance], env: &Arc<GuestEnv>) -> (Vec<ImageRow>, Vec<Failure>) {
    let survey = Survey::take(instances, env).await;
    let (mut rows, mut failures): (Vec<ImageRow>, Vec<Failure>) = (Vec::new(), Vec::new());
    for instance in instances {
        let source = match &instance.image {
            ImageSource::Url(url) => url.clone(),
            ImageSource::File(path) => path.display().to_string(),
        };
        let same = |row: &&mut ImageRow| {
            row.hypervisor == instance.hypervisor
                && row.pool == instance.pool
                && row.source == source
        };
        if let Some(row) = rows.iter_mut().find(same) {
            row.used_by.push(instance.name.clone());
            continue;
        }
        let mut row = ImageRow {
            hypervisor: instance.hypervisor.clone(),
            pool: instance.pool.clone(),
            source,
            used_by: vec![instance.name.clone()],
            ..ImageRow::default()
        };
        match uploaded(instance, &survey, env).await {
            Ok(Some((volume, bytes))) => {
                row.volume = volume;
                row.bytes = Some(bytes);
            }
            Ok(None) => {}
            Err(failure) if failures.contains(&failure) => {}
            Err(failure) => failures.push(failure),
        }
        rows.push(row);
    }
    (rows, failures)
}

/// The volume of the instance's base image and its size in bytes, when it was
/// uploaded whole.
async fn uploaded(
    instance: &Instance,
    survey: &Survey,
    env: &GuestEnv,
) -> Result<Option<(String, u64)>, Failure> {
    let (hypervisor, view) = survey.host(instance)?;
    let checksum = instance.image_checksum.as_ref();
    let known = env.images.known(&instance.image, checksum);
    let base = base_volume(&instance.image, checksum, known.as_ref());
    let is_active = view
        .pools
        .iter()
        .any(|pool| pool.name == instance.pool && pool.active);
    let Some(base) = base.filter(|_| is_active) else {
        return Ok(None);
    };
    let look = async |name: &str| {
        let volume = hypervisor.volume(&instance.pool, name).await;
        volume.map_err(|e| hypervisor_failure(&e))
    };
    if look(&base_mark(&base)).await?.is_none() {
        return Ok(None);
    }
    Ok(look(&base).await?.map(|volume| (base, volume.allocation)))
}
