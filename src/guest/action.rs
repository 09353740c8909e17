use std::path::PathBuf;

/// What one step of a guest's plan does. Carried out by
/// `GuestExecutor`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Define a directory pool, build its folder, start it, start it with the host.
    DefinePool {
        /// libvirt's name for it.
        name: String,
        /// The folder.
        path: PathBuf,
    },
    /// Start a pool that is defined.
    StartPool {
        /// libvirt's name for it.
        name: String,
    },
    /// Start the instance's network.
    StartNetwork,
    /// Fetch the base image into the cache of this machine.
    PullImage,
    /// Upload the base image into the pool.
    UploadBase,
    /// Make a folder to share on the hypervisor.
    MakeShare {
        /// The folder.
        path: PathBuf,
    },
    /// Shut the domain down, by force when it takes too long.
    Stop,
    /// Delete the instance's overlay.
    DeleteDisk,
    /// Mint a host key, pin it, and upload the seed that holds it.
    UploadSeed,
    /// Pin the host key that the domain's metadata names.
    PinHostKey {
        /// The public key line.
        key: String,
    },
    /// Define the domain, or change its definition.
    Define {
        /// True when its disk is made or taken over in the same plan, so that its
        /// metadata names the wanted base image.
        anew: bool,
    },
    /// Create the overlay over the base image.
    CreateDisk,
    /// Grow the disk.
    GrowDisk,
    /// Change the memory of the running domain by its balloon.
    SetMemory,
    /// Start with the hypervisor, or don't.
    SetAutostart,
    /// Reserve the instance's address for its MAC.
    ReserveLease,
    /// Start the domain, or let a paused one go on.
    Start,
    /// Wait until SSH answers with the pinned key and cloud-init has ended.
    WaitReady,
    /// Delete the seed.
    DeleteSeed,
    /// Take the reservation back.
    ReleaseLease,
    /// Remove the instance's own shared folder when it is empty.
    RemoveShare {
        /// The folder.
        path: PathBuf,
    },
    /// Forget the pinned host key.
    Unpin,
    /// Remove the domain's definition, NVRAM and TPM state.
    Undefine,
}

impl Action {
    /// Returns the stable name that JSON and tests use.
    pub fn name(&self) -> &'static str {
        match self {
            Self::DefinePool { .. } => "define-pool",
            Self::StartPool { .. } => "start-pool",
            Self::StartNetwork => "start-network",
            Self::PullImage => "pull-image",
            Self::UploadBase => "upload-base",
            Self::MakeShare { .. } => "make-share",
            Self::Stop => "stop",
            Self::DeleteDisk => "delete-disk",
            Self::UploadSeed => "upload-seed",
            Self::PinHostKey { .. } => "pin-host-key",
            Self::Define { .. } => "define",
            Self::CreateDisk => "create-disk",
            Self::GrowDisk => "grow-disk",
            Self::SetMemory => "set-memory",
            Self::SetAutostart => "set-autostart",
            Self::ReserveLease => "reserve-lease",
            Self::Start => "start",
            Self::WaitReady => "wait-ready",
            Self::DeleteSeed => "delete-seed",
            Self::ReleaseLease => "release-lease",
            Self::RemoveShare { .. } => "remove-share",
            Self::Unpin => "unpin",
            Self::Undefine => "undefine",
        }
    }
}
