use std::{collections::HashMap, fs, io, net::IpAddr, path::Path, sync::Arc};

use tokio::task::JoinSet;

use crate::{
    hypervisor::{DomainFacts, Hypervisor, VolumeFacts},
    inventory::{ImageSource, Instance},
    plan::{Failure, FailureKind},
};

use super::{
    desired::{Desired, PoolWanted},
    documents::Documents,
    env::GuestEnv,
    failures::{failed_to, hypervisor_failure},
    host_view::HostView,
    image_error::ImageError,
    image_store::CachedImage,
    live_state::LiveState,
    names::{base_mark, base_volume},
    observed::Observed,
    seed_facts::SeedFacts,
    shared_buffer::SharedBuffer,
};

/// The hypervisors of some instances, each connected to once and looked at once.
///
/// One that can't be reached costs one timeout, however many instances it has.
pub struct Survey {
    hosts: HashMap<String, Result<(Hypervisor, Arc<HostView>), Failure>>,
}

impl Survey {
    /// Connects to the hypervisors of `instances` side by side.
    pub async fn take(instances: &[Instance], env: &Arc<GuestEnv>) -> Self {
        let mut networks: HashMap<String, Vec<String>> = HashMap::new();
        for instance in instances {
            let names = networks.entry(instance.hypervisor.clone()).or_default();
            if !names.contains(&instance.network) {
                names.push(instance.network.clone());
            }
        }
        let mut tasks = JoinSet::new();
        for (uri, networks) in networks {
            let timeout = env.call_timeout;
            tasks.spawn(async move {
                let looked = async {
                    let hypervisor = Hypervisor::connect(&uri, timeout).await?;
                    let names: Vec<&str> = networks.iter().map(String::as_str).collect();
                    let view = HostView::take(&hypervisor, &names).await?;
                    Ok((hypervisor, Arc::new(view)))
                };
                let looked = looked.await.map_err(|e| hypervisor_failure(&e));
                (uri, looked)
            });
        }
        let mut hosts = HashMap::new();
        while let Some(Ok((uri, looked))) = tasks.join_next().await {
            hosts.insert(uri, looked);
        }
        Self { hosts }
    }

    /// Returns how many calls to libvirt were made so far.
    pub fn calls(&self) -> u64 {
        let hosts = self.hosts.values().flatten();
        hosts.map(|(hypervisor, _)| hypervisor.calls()).sum()
    }

    /// Returns the hypervisor of `instance` and what is on it.
    ///
    /// # Errors
    /// Why the hypervisor could not be reached.
    pub fn host(&self, instance: &Instance) -> Result<(Hypervisor, Arc<HostView>), Failure> {
        self.hosts.get(&instance.hypervisor).map_or_else(
            || {
                Err(Failure::new(
                    FailureKind::Failed,
                    format!("nobody looked at {}", instance.hypervisor),
                ))
            },
            Clone::clone,
        )
    }
}

/// Looks at one instance: says what should be, and what is.
///
/// # Errors
/// When the documents can't be rendered or the hypervisor can't be asked.
pub async fn look(
    instance: &Instance,
    hypervisor: &Hypervisor,
    view: &HostView,
    env: &GuestEnv,
) -> Result<(Desired, Observed), Failure> {
    let documents = Documents::render(&env.engine, instance, None).map_err(Failure::invalid)?;
    let domain = view.domain(&instance.domain).cloned();
    let image = cached_image(instance, env, domain.is_some()).await?;
    let base = base_volume(
        &instance.image,
        instance.image_checksum.as_ref(),
        image.as_ref(),
    );
    let learned = env.learned(&instance.hypervisor);
    let desired = Desired::resolve(instance, view, learned, &documents, base)?;
    let seed = volume(hypervisor, &desired.seed_pool, &desired.seed_volume).await?;
    let disk = disk(hypervisor, &desired).await?;
    let seed_facts = match seed {
        Some(_) => read_seed(hypervisor, &desired).await?,
        None => None,
    };
    let (base, base_complete) = match &desired.base_volume {
        None => (None, false),
        Some(base) => {
            let mark = base_mark(base);
            (
                volume(hypervisor, &desired.seed_pool, base).await?,
                volume(hypervisor, &desired.seed_pool, &mark)
                    .await?
                    .is_some(),
            )
        }
    };
    let network = view.networks.get(&instance.network).cloned();
    let lease = match &domain {
        Some(facts) if facts.state.is_active() => lease(hypervisor, instance).await?,
        _ => None,
    };
    let others = || view.domains.iter().filter(|d| d.name != instance.domain);
    let observed = Observed {
        live: live_state(domain.as_ref()),
        renamed: view.renamed(instance).map(|d| d.name.clone()),
        disk_user: others()
            .find(|d| has_disk(d, &desired.disk_path))
            .map(|d| d.name.clone()),
        mac_user: others()
            .find(|d| has_mac(d, instance))
            .map(|d| d.name.clone()),
        missing_shares: missing_shares(hypervisor, &desired, domain.is_some()),
        pinned: env.pinned(instance)?,
        any_pin: env.any_pin(instance)?,
        image_cached: image.is_some(),
        domain,
        base,
        base_complete,
        disk,
        seed,
        seed_facts,
        network,
        lease,
    };
    Ok((desired, observed))
}

/// Says what should be and what is for one instance from what is known of its
/// hypervisor already: no further calls, and so no base image, no seed, no
/// address. Enough to tell whether it drifted.
///
/// # Errors
/// When the documents can't be rendered or the instance names a pool that isn't
/// there.
pub fn glance(
    instance: &Instance,
    view: &HostView,
    env: &GuestEnv,
) -> Result<(Desired, Observed), Failure> {
    let documents = Documents::render(&env.engine, instance, None).map_err(Failure::invalid)?;
    let checksum = instance.image_checksum.as_ref();
    let image = env.images.known(&instance.image, checksum);
    let base = base_volume(&instance.image, checksum, image.as_ref());
    let learned = env.learned(&instance.hypervisor);
    let desired = Desired::resolve(instance, view, learned, &documents, base)?;
    let domain = view.domain(&instance.domain).cloned();
    let disk = domain.as_ref().and_then(|facts| {
        let disk = facts.disks.iter().find(|disk| disk.target == "vda")?;
        Some(VolumeFacts {
            name: desired.disk_volume.clone(),
            path: disk.source.clone()?,
            // Of a disk whose size isn't known nothing can be said.
            capacity: disk.capacity.unwrap_or(instance.disk_bytes),
            allocation: 0,
            format: disk.format.clone(),
            backing_path: None,
            kind: None,
        })
    });
    let observed = Observed {
        live: live_state(domain.as_ref()),
        renamed: view.renamed(instance).map(|d| d.name.clone()),
        pinned: env.pinned(instance)?,
        network: view.networks.get(&instance.network).cloned(),
        disk,
        domain,
        ..Observed::default()
    };
    Ok((desired, observed))
}

fn live_state(domain: Option<&DomainFacts>) -> LiveState {
    domain
        .and_then(|facts| facts.xml_live.as_deref())
        .map(LiveState::parse)
        .unwrap_or_default()
}

/// Reads a local image's sum on a thread of its own; it can take seconds.
async fn cached_image(
    instance: &Instance,
    env: &GuestEnv,
    exists: bool,
) -> Result<Option<CachedImage>, Failure> {
    let (images, source, checksum) = (
        env.images.clone(),
        instance.image.clone(),
        instance.image_checksum.clone(),
    );
    let local = matches!(source, ImageSource::File(_));
    let looked =
        tokio::task::spawn_blocking(move || images.cached(&source, checksum.as_ref())).await;
    match looked {
        Ok(Ok(image)) => Ok(image),
        // The guest has its disk already; without the image there is just nothing
        // to compare its base with.
        Ok(Err(ImageError::Missing(_))) if exists => Ok(None),
        Ok(Err(error)) => {
            let failure = error.failure();
            Err(match instance.places.get("vm_image") {
                Some(place) if local => failure.context(place.to_string()),
                _ => failure,
            })
        }
        Err(error) => Err(failed_to(FailureKind::Failed, &error)),
    }
}

async fn volume(
    hypervisor: &Hypervisor,
    pool: &PoolWanted,
    name: &str,
) -> Result<Option<VolumeFacts>, Failure> {
    if !pool.active {
        return Ok(None);
    }
    hypervisor
        .volume(&pool.name, name)
        .await
        .map_err(|e| hypervisor_failure(&e))
}

/// Looks for the disk; libvirt must look at the folder again before it may be said
/// that no file is there.
async fn disk(hypervisor: &Hypervisor, desired: &Desired) -> Result<Option<VolumeFacts>, Failure> {
    let pool = &desired.disk_pool;
    if let Some(disk) = volume(hypervisor, pool, &desired.disk_volume).await? {
        return Ok(Some(disk));
    }
    if pool.active {
        hypervisor
            .refresh_pool(&pool.name)
            .await
            .map_err(|e| hypervisor_failure(&e))?;
    }
    volume(hypervisor, pool, &desired.disk_volume).await
}

/// The address that the running guest holds.
async fn lease(hypervisor: &Hypervisor, instance: &Instance) -> Result<Option<IpAddr>, Failure> {
    let held = hypervisor
        .domain_addresses(&instance.domain)
        .await
        .map_err(|e| hypervisor_failure(&e))?;
    // A guest that was just moved may hold both; the wanted one counts.
    let wanted = held.iter().find(|address| address.ip == instance.ip);
    Ok(wanted.or(held.first()).map(|address| address.ip))
}

async fn read_seed(
    hypervisor: &Hypervisor,
    desired: &Desired,
) -> Result<Option<SeedFacts>, Failure> {
    let buffer = SharedBuffer::default();
    hypervisor
        .download(
            &desired.seed_pool.name,
            &desired.seed_volume,
            buffer.clone(),
            |_| {},
        )
        .await
        .map_err(|e| hypervisor_failure(&e))?;
    Ok(SeedFacts::read(buffer.take()))
}

fn has_disk(domain: &DomainFacts, path: &Path) -> bool {
    let same = |source: &Option<String>| source.as_deref().is_some_and(|s| Path::new(s) == path);
    domain.disks.iter().any(|disk| same(&disk.source))
}

fn has_mac(domain: &DomainFacts, instance: &Instance) -> bool {
    domain.interfaces.iter().any(|nic| {
        nic.mac
            .as_ref()
            .is_some_and(|mac| mac.eq_ignore_ascii_case(&instance.mac))
            && nic.network.as_deref() == Some(instance.network.as_str())
    })
}

/// Folders to share that don't exist. On another machine only libvirt could tell,
/// and only by making them: a guest that is defined has them.
fn missing_shares(
    hypervisor: &Hypervisor,
    desired: &Desired,
    exists: bool,
) -> Vec<std::path::PathBuf> {
    let missing = |path: &Path| {
        if hypervisor.is_local() {
            matches!(fs::metadata(path), Err(e) if e.kind() == io::ErrorKind::NotFound)
        } else {
            !exists
        }
    };
    let shares = desired.shares.iter();
    shares
        .map(|(path, _)| path.clone())
        .filter(|path| missing(path))
        .collect()
}
