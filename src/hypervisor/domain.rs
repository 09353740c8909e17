//! The life of a domain: define, start, stop, undefine, and what is known about it.

use std::time::SystemTime;

use virt::{domain::Domain, error::ErrorNumber, sys};

use super::{
    DomainFacts, DomainState, Hypervisor,
    connection::{Job, optional},
    domain_facts::Around,
    error::{HypervisorError, Kind},
};

impl Job {
    /// Looks a domain up by its name.
    pub(super) fn domain(&self, name: &str) -> Result<Domain, HypervisorError> {
        self.on("find", Kind::Domain, name, || {
            Domain::lookup_by_name(self.connect(), name)
        })
    }

    /// Does one call about a domain.
    pub(super) fn on_domain<T>(
        &self,
        verb: &str,
        name: &str,
        call: impl FnOnce(&Domain) -> Result<T, virt::error::Error>,
    ) -> Result<T, HypervisorError> {
        let domain = self.domain(name)?;
        self.on(verb, Kind::Domain, name, || call(&domain))
    }

    pub(super) fn state(
        &self,
        domain: &Domain,
        name: &str,
    ) -> Result<DomainState, HypervisorError> {
        let (state, _) = self.on("look at", Kind::Domain, name, || domain.get_state())?;
        Ok(DomainState::from_virt(state))
    }

    fn facts(&self, domain: &Domain, name: &str) -> Result<DomainFacts, HypervisorError> {
        let look = "look at";
        let around = Around {
            state: self.state(domain, name)?,
            persistent: self.on(look, Kind::Domain, name, || domain.is_persistent())?,
            // A transient domain has no autostart, and asking for it is an error.
            autostart: self
                .on(look, Kind::Domain, name, || domain.get_autostart())
                .unwrap_or(false),
        };
        let mut facts = self.documents(domain, name, around)?;
        for disk in &mut facts.disks {
            // The file may be gone, which is no reason to hide the domain.
            disk.capacity = self
                .on(look, Kind::Domain, name, || {
                    domain.get_block_info(&disk.target, 0)
                })
                .ok()
                .map(|info| info.capacity);
        }
        Ok(facts)
    }

    /// Reads the documents of a domain: one call, two when it is active.
    pub(super) fn documents(
        &self,
        domain: &Domain,
        name: &str,
        around: Around,
    ) -> Result<DomainFacts, HypervisorError> {
        let xml = |flags| self.on("look at", Kind::Domain, name, || domain.get_xml_desc(flags));
        let inactive = xml(sys::VIR_DOMAIN_XML_INACTIVE)?;
        let live = if around.state.is_active() {
            Some(xml(0)?)
        } else {
            None
        };
        DomainFacts::read(around, inactive, live)
    }
}

impl Hypervisor {
    /// Returns what is known about a domain, or `None` when there is none of that name.
    ///
    /// # Errors
    /// `Unreachable`, `Denied`, `Other`.
    pub async fn domain(&self, name: &str) -> Result<Option<DomainFacts>, HypervisorError> {
        let name = name.to_owned();
        self.run(move |job| {
            let Some(domain) = optional(job.domain(&name))? else {
                return Ok(None);
            };
            // It may be undefined between two of these calls.
            optional(job.facts(&domain, &name))
        })
        .await
    }

    /// Defines a domain, or changes the definition of the one with the same name and
    /// UUID. The document is checked against libvirt's schema first.
    ///
    /// # Errors
    /// `Rejected`; `Exists` when the name belongs to a domain with another UUID.
    pub async fn define(&self, xml: &str) -> Result<(), HypervisorError> {
        let xml = xml.to_owned();
        self.run(move |job| {
            let name = name_in(&xml);
            if xml.contains('\0') {
                return Err(job
                    .attempt("define", Kind::Domain, &name)
                    .rejected("its document contains a NUL character"));
            }
            job.on("define", Kind::Domain, &name, || {
                Domain::define_xml_flags(job.connect(), &xml, sys::VIR_DOMAIN_DEFINE_VALIDATE)
            })
            .map(drop)
        })
        .await
    }

    /// Starts a domain.
    ///
    /// # Errors
    /// `NoSuch`, `NetworkMissing`; `WrongState` when it runs already.
    pub async fn start(&self, name: &str) -> Result<(), HypervisorError> {
        self.domain_call("start", name, |domain| domain.create())
            .await
    }

    /// Lets a paused domain go on.
    ///
    /// # Errors
    /// `NoSuch`; `WrongState` when it doesn't run.
    pub async fn resume(&self, name: &str) -> Result<(), HypervisorError> {
        self.domain_call("resume", name, |domain| domain.resume())
            .await
    }

    /// Asks the guest to shut down, and returns at once.
    ///
    /// # Errors
    /// `NoSuch`; `WrongState` when it doesn't run.
    pub async fn shutdown(&self, name: &str) -> Result<(), HypervisorError> {
        self.domain_call("shut down", name, |domain| domain.shutdown())
            .await
    }

    /// Turns a domain off at once, as by its plug.
    ///
    /// # Errors
    /// `NoSuch`; `WrongState` when it doesn't run.
    pub async fn destroy_domain(&self, name: &str) -> Result<(), HypervisorError> {
        self.domain_call("turn off", name, |domain| domain.destroy())
            .await
    }

    /// Resets a domain at once, as by its button.
    ///
    /// # Errors
    /// `NoSuch`; `WrongState` when it doesn't run.
    pub async fn reset(&self, name: &str) -> Result<(), HypervisorError> {
        self.domain_call("reset", name, |domain| domain.reset())
            .await
    }

    /// Sets whether a domain starts with its hypervisor.
    ///
    /// # Errors
    /// `NoSuch`; `WrongState` for a transient domain.
    pub async fn set_autostart(&self, name: &str, on: bool) -> Result<(), HypervisorError> {
        self.domain_call("set the autostart of", name, move |domain| {
            domain.set_autostart(on)
        })
        .await
    }

    /// Removes a domain's definition with its TPM state, saved memory and the metadata
    /// of its snapshots, and, unless `keep_nvram`, its UEFI variables. Disks stay.
    ///
    /// # Errors
    /// `NoSuch`; `WrongState` when it is not off: libvirt would only make a running
    /// domain transient, and it would vanish at its next stop.
    pub async fn undefine(&self, name: &str, keep_nvram: bool) -> Result<(), HypervisorError> {
        let name = name.to_owned();
        self.run(move |job| {
            let domain = job.domain(&name)?;
            let state = job.state(&domain, &name)?;
            if state.is_active() {
                return Err(HypervisorError::WrongState {
                    action: job.attempt("undefine", Kind::Domain, &name).action(),
                    cause: super::error::Cause::own(
                        ErrorNumber::OperationInvalid,
                        format!("it is {state}"),
                    ),
                });
            }
            let nvram = if keep_nvram {
                sys::VIR_DOMAIN_UNDEFINE_KEEP_NVRAM
            } else {
                sys::VIR_DOMAIN_UNDEFINE_NVRAM
            };
            let always =
                sys::VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | sys::VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA;
            let usual = always | nvram | sys::VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA;
            let undefine = |flags| {
                job.on("undefine", Kind::Domain, &name, || {
                    domain.undefine_flags(flags)
                })
            };
            // The flag for the TPM came with 8.9; before, its state always went. The
            // test driver knows only those that every driver does.
            let mut result = undefine(usual | sys::VIR_DOMAIN_UNDEFINE_TPM);
            for fewer in [usual, always] {
                match &result {
                    Err(HypervisorError::Rejected { cause, .. })
                        if cause.message.contains("unsupported flags") =>
                    {
                        result = undefine(fewer);
                    }
                    _ => break,
                }
            }
            result
        })
        .await
    }

    /// Returns when a domain of a local hypervisor was started, as far as the file of
    /// its process id tells; `None` for remote ones and where it can't be read.
    pub async fn local_start_time(&self, name: &str) -> Option<SystemTime> {
        // A name is never a path, but `..` must not become one.
        if !self.is_local() || name.contains('/') {
            return None;
        }
        // libvirt's QEMU driver writes this file when it starts the process.
        let path = format!("/run/libvirt/qemu/{name}.pid");
        tokio::fs::metadata(path).await.ok()?.modified().ok()
    }

    pub(super) async fn domain_call<T: Send + 'static>(
        &self,
        verb: &'static str,
        name: &str,
        call: impl FnOnce(&Domain) -> Result<T, virt::error::Error> + Send + 'static,
    ) -> Result<(), HypervisorError> {
        let name = name.to_owned();
        self.run(move |job| job.on_domain(verb, &name, call).map(drop))
            .await
    }
}

/// Returns the name in a document, for messages about it.
pub(super) fn name_in(xml: &str) -> String {
    roxmltree::Document::parse(xml)
        .ok()
        .and_then(|document| super::xml::text(document.root_element(), &["name"]))
        .unwrap_or_default()
}
