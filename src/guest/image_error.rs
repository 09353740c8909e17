use std::{
    io,
    path::{Path, PathBuf},
};

use crate::plan::{Failure, FailureKind};

/// Why a base image can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// A local image is not there.
    #[error("find the image {}", .0.display())]
    Missing(PathBuf),
    /// A file can't be read or written.
    #[error("use {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A server did not give what was asked for.
    #[error("fetch {url}")]
    Http {
        /// What was asked for.
        url: String,
        /// Why.
        source: reqwest::Error,
    },
    /// The sum is not the expected one.
    #[error("verify {source_name}: its SHA-256 is {found}, expected {expected}")]
    WrongSum {
        /// The URL or path.
        source_name: String,
        /// What it should be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// The sums file has no line for the image.
    #[error("find {name} in the sums file {sums}")]
    NotInSums {
        /// The image's file name.
        name: String,
        /// The sums file.
        sums: String,
    },
    /// The file is neither qcow2 nor a disk that could boot.
    #[error("understand {}: {why}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The record beside an image can't be written.
    #[error("describe the image")]
    Record(#[source] serde_json::Error),
    /// The record beside an image can't be stored.
    #[error("describe the image")]
    Store(#[source] crate::fleet::FleetError),
    /// Another run downloads the same image, for too long.
    #[error("wait for the other run that holds {}", .0.display())]
    Busy(PathBuf),
    /// The user stopped it.
    #[error("fetch the image: interrupted")]
    Interrupted,
}

impl ImageError {
    pub(super) fn file(path: &Path, source: io::Error) -> Self {
        Self::File {
            path: path.to_owned(),
            source,
        }
    }

    pub(super) fn http(url: &str, source: reqwest::Error) -> Self {
        Self::Http {
            url: url.to_owned(),
            // The URL stands in the message already.
            source: source.without_url(),
        }
    }

    /// Returns true where another try may help.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            // A URL that isn't one, or that leads in circles, stays so.
            Self::Http { source, .. } if source.is_builder() || source.is_redirect() => false,
            // 408 Request Timeout, 429 Too Many Requests.
            Self::Http { source, .. } => source.status().is_none_or(|status| {
                status.is_server_error() || matches!(status.as_u16(), 408 | 429)
            }),
            _ => false,
        }
    }

    /// Returns the failure that a step reports.
    pub fn failure(&self) -> Failure {
        let kind = match self {
            Self::Interrupted => FailureKind::Interrupted,
            Self::Http { .. } => FailureKind::Unreachable,
            Self::Missing(_) | Self::Format { .. } | Self::WrongSum { .. } => FailureKind::Invalid,
            _ => FailureKind::Failed,
        };
        let failure = Failure::from_error(kind, self).context("failed");
        let mut failure = failure;
        if let [first, second, ..] = failure.causes.as_slice() {
            let joined = format!("{first} to {second}");
            failure.causes.splice(..2, [joined]);
        }
        match self {
            Self::Missing(_) => failure.hint(
                "build one with `swarmctl image build`, or set vm_image to a URL or another file",
            ),
            Self::WrongSum { .. } => failure.hint(
                "nothing was replaced; check vm_image_checksum against the publisher's sums, then run again",
            ),
            Self::NotInSums { .. } => {
                failure.hint("set vm_image_checksum to `sha256:…` or to the sums file of this image")
            }
            Self::Http { .. } => failure.hint(
                "check the URL and the network; without one, build an image with `swarmctl image build` and set vm_image to it",
            ),
            Self::File { .. } => failure.hint("check the file's owner and mode, and the free space"),
            _ => failure,
        }
    }
}
