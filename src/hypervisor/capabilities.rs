//! What a hypervisor can do.

use virt::error::ErrorNumber;

use super::{
    Hypervisor,
    error::HypervisorError,
    xml::{parse, text},
};

impl Hypervisor {
    /// Returns whether libvirt offers KVM for q35 machines. That `/dev/kvm` can be
    /// opened does not prove that a guest's kernel boots with it.
    ///
    /// # Errors
    /// `Unreachable`, `Denied`.
    pub async fn supports_kvm(&self) -> Result<bool, HypervisorError> {
        self.run(|job| {
            let answer = job.on_all("ask for KVM on", |connect| {
                connect.get_domain_capabilities(None, Some("x86_64"), Some("q35"), Some("kvm"), 0)
            });
            match answer {
                Ok(xml) => {
                    let document = parse(&xml)?;
                    Ok(text(document.root_element(), &["domain"]).as_deref() == Some("kvm"))
                }
                Err(
                    error @ (HypervisorError::Unreachable { .. } | HypervisorError::Denied { .. }),
                ) => Err(error),
                // libvirt says that the combination is invalid or unsupported.
                Err(_) => Ok(false),
            }
        })
        .await
    }

    /// Returns the architecture of the hypervisor's processor, such as `x86_64`.
    ///
    /// # Errors
    /// `Unreachable`, `Denied`, `Other`.
    pub async fn host_arch(&self) -> Result<String, HypervisorError> {
        self.run(|job| {
            let xml = job.on_all("read the capabilities of", |connect| {
                connect.get_capabilities()
            })?;
            let document = parse(&xml)?;
            text(document.root_element(), &["host", "cpu", "arch"]).ok_or_else(|| {
                HypervisorError::Other {
                    action: "read the hypervisor's architecture".to_owned(),
                    code: ErrorNumber::XmlError,
                    cause: super::error::Cause::own(
                        ErrorNumber::XmlError,
                        "its capabilities name none",
                    ),
                }
            })
        })
        .await
    }
}
