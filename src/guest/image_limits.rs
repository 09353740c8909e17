use std::time::Duration;

/// How long and how often a download of a base image is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageLimits {
    /// How long a server may take to accept a connection.
    pub connect: Duration,
    /// How long a download may stand still.
    pub stall: Duration,
    /// Tries of one download; each goes on where the last one broke off.
    pub tries: u32,
    /// The pause before the second try; each later one is twice as long.
    pub pause: Duration,
    /// How long another run may take that downloads the same image.
    pub lock: Duration,
}

impl Default for ImageLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            stall: Duration::from_secs(60),
            tries: 4,
            pause: Duration::from_secs(1),
            // A slow line may need long for an image of half a gigabyte.
            lock: Duration::from_secs(2 * 3600),
        }
    }
}
