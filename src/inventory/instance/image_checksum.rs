/// What an image's SHA-256 must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageChecksum {
    /// Lower-case hex, 64 characters.
    Sha256(String),
    /// The URL or path of a `SHA256SUMS` file that names the image.
    Sums(String),
}
