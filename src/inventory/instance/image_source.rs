use std::path::PathBuf;

/// Where a base image comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageSource {
    /// `http://` or `https://`.
    Url(String),
    /// A file on this machine.
    File(PathBuf),
}
