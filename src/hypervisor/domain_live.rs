//! What can be changed or read while a domain runs.

use serde::Serialize;
use virt::{error::ErrorNumber, sys};

use super::{
    DomainFacts, DomainState, Hypervisor,
    domain_facts::Around,
    error::{Cause, HypervisorError, Kind},
};

/// What went through an interface since its domain started, seen from the guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct InterfaceTraffic {
    /// Bytes received.
    pub rx_bytes: u64,
    /// Packets received.
    pub rx_packets: u64,
    /// Bytes sent.
    pub tx_bytes: u64,
    /// Packets sent.
    pub tx_packets: u64,
}

impl Hypervisor {
    /// Sets the memory that a running domain has now, up to its maximum, by its balloon.
    ///
    /// # Errors
    /// `NoSuch`, `WrongState`; `Rejected` above the maximum.
    pub async fn set_memory_live(&self, name: &str, kib: u64) -> Result<(), HypervisorError> {
        self.domain_call("set the memory of", name, move |domain| {
            domain.set_memory_flags(kib, sys::VIR_DOMAIN_AFFECT_LIVE)
        })
        .await
    }

    /// Sets how many of its virtual CPUs a running domain uses, up to its maximum.
    ///
    /// # Errors
    /// `NoSuch`, `WrongState`; `Rejected` above the maximum.
    pub async fn set_vcpus_live(&self, name: &str, count: u32) -> Result<(), HypervisorError> {
        self.domain_call("set the virtual CPUs of", name, move |domain| {
            domain.set_vcpus_flags(count, sys::VIR_DOMAIN_AFFECT_LIVE)
        })
        .await
    }

    /// Grows the disk `target` (such as `vda`) of a running domain to `bytes`.
    ///
    /// # Errors
    /// `NoSuch`, `WrongState`; `Rejected` when no disk has that target.
    pub async fn resize_disk_live(
        &self,
        name: &str,
        target: &str,
        bytes: u64,
    ) -> Result<(), HypervisorError> {
        let target = target.to_owned();
        self.domain_call("resize a disk of", name, move |domain| {
            domain.block_resize(&target, bytes, sys::VIR_DOMAIN_BLOCK_RESIZE_BYTES)
        })
        .await
    }

    /// Returns the traffic of the interface with that MAC address or target device.
    ///
    /// # Errors
    /// `NoSuch` for the domain or the interface; `WrongState` when the domain is off.
    pub async fn interface_bytes(
        &self,
        name: &str,
        mac_or_target: &str,
    ) -> Result<InterfaceTraffic, HypervisorError> {
        let (name, wanted) = (name.to_owned(), mac_or_target.to_owned());
        self.run(move |job| {
            let domain = job.domain(&name)?;
            let verb = "read the traffic of";
            let xml = job.on(verb, Kind::Domain, &name, || domain.get_xml_desc(0))?;
            let around = Around {
                state: DomainState::Unknown,
                persistent: true,
                autostart: false,
            };
            let facts = DomainFacts::of_document(around, &xml)?;
            let target = facts
                .interfaces
                .into_iter()
                .filter(|interface| {
                    let is = |value: &Option<String>| {
                        value
                            .as_deref()
                            .is_some_and(|value| value.eq_ignore_ascii_case(&wanted))
                    };
                    is(&interface.mac) || is(&interface.target_dev)
                })
                .find_map(|interface| interface.target_dev)
                .ok_or_else(|| HypervisorError::NoSuch {
                    kind: Kind::Device,
                    name: wanted.clone(),
                })?;
            let stats = job.on(verb, Kind::Domain, &name, || {
                domain.interface_stats(&target)
            })?;
            // libvirt reports what it doesn't know as -1.
            let count = |value: i64| u64::try_from(value).unwrap_or(0);
            Ok(InterfaceTraffic {
                rx_bytes: count(stats.rx_bytes),
                rx_packets: count(stats.rx_packets),
                tx_bytes: count(stats.tx_bytes),
                tx_packets: count(stats.tx_packets),
            })
        })
        .await
    }

    /// Puts one element of its own namespace into the metadata of a running domain,
    /// and only there: the definition stays. `element` is written without a prefix;
    /// libvirt adds `prefix` and `namespace`.
    ///
    /// # Errors
    /// `NoSuch`, `WrongState`; `Rejected` when the element is not well-formed.
    pub async fn set_metadata_live(
        &self,
        name: &str,
        namespace: &str,
        prefix: &str,
        element: &str,
    ) -> Result<(), HypervisorError> {
        self.set_metadata(
            name,
            namespace,
            prefix,
            element,
            sys::VIR_DOMAIN_AFFECT_LIVE,
        )
        .await
    }

    /// Puts one element of its own namespace into the metadata of a domain's
    /// definition, and only there.
    ///
    /// # Errors
    /// `NoSuch`; `Rejected` when the element is not well-formed.
    pub async fn set_metadata_config(
        &self,
        name: &str,
        namespace: &str,
        prefix: &str,
        element: &str,
    ) -> Result<(), HypervisorError> {
        self.set_metadata(
            name,
            namespace,
            prefix,
            element,
            sys::VIR_DOMAIN_AFFECT_CONFIG,
        )
        .await
    }

    async fn set_metadata(
        &self,
        name: &str,
        namespace: &str,
        prefix: &str,
        element: &str,
        flags: u32,
    ) -> Result<(), HypervisorError> {
        let (name, texts) = (
            name.to_owned(),
            [element, prefix, namespace].map(str::to_owned),
        );
        self.run(move |job| {
            let verb = "set the metadata of";
            if texts.iter().any(|text| text.contains('\0')) {
                return Err(job
                    .attempt(verb, Kind::Domain, &name)
                    .rejected("it contains a NUL character"));
            }
            let [element, prefix, namespace] = &texts;
            job.on_domain(verb, &name, |domain| {
                domain.set_metadata(
                    METADATA_ELEMENT,
                    Some(element),
                    Some(prefix),
                    Some(namespace),
                    flags,
                )
            })
            .map(drop)
        })
        .await
    }

    /// Returns the element of that namespace in a domain's metadata: of the running
    /// domain, or of the definition when it is off.
    ///
    /// # Errors
    /// `NoSuch` for the domain.
    pub async fn get_metadata(
        &self,
        name: &str,
        namespace: &str,
    ) -> Result<Option<String>, HypervisorError> {
        let (name, namespace) = (name.to_owned(), namespace.to_owned());
        self.run(move |job| {
            let found = job.on_domain("read the metadata of", &name, |domain| {
                domain.get_metadata(
                    METADATA_ELEMENT,
                    Some(&namespace),
                    sys::VIR_DOMAIN_AFFECT_CURRENT,
                )
            });
            match found {
                Ok(element) => Ok(Some(element)),
                Err(HypervisorError::Other {
                    cause:
                        Cause {
                            code: ErrorNumber::NoDomainMetadata,
                            ..
                        },
                    ..
                }) => Ok(None),
                Err(error) => Err(error),
            }
        })
        .await
    }
}

/// The kind of metadata that is an element of one's own namespace; the binding takes
/// it as a signed number.
const METADATA_ELEMENT: i32 = sys::VIR_DOMAIN_METADATA_ELEMENT as i32;
