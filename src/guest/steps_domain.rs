//! Steps on the domain: define, start, and looking again before anything is done.

use crate::{
    hypervisor::DomainState,
    inventory::DomainType,
    plan::{Failure, StepContext},
};

use super::{
    claim::domain_document,
    executor::{GuestExecutor, changed, failed},
    kvm_fallback::fall_back,
    live_state::{LIVE_NAMESPACE, LiveState},
    metadata_of,
};

impl GuestExecutor<'_> {
    /// Looks at the domain again: it must still be ours, or still be missing.
    pub(super) async fn domain_is_as_planned(&self) -> Result<(), Failure> {
        let domain = &self.instance.domain;
        let now = self.hypervisor.domain(domain).await.map_err(failed)?;
        match now {
            Some(facts)
                if metadata_of(&facts).is_some_and(|m| m.instance == self.instance.name) =>
            {
                Ok(())
            }
            Some(_) => Err(changed(format!(
                "a domain {domain:?} that swarmctl did not make appeared since the plan was made"
            ))),
            None => Ok(()),
        }
    }

    pub(super) async fn refuse_active(&self, what: &str) -> Result<(), Failure> {
        let now = self
            .hypervisor
            .domain(&self.instance.domain)
            .await
            .map_err(failed)?;
        if now.is_some_and(|facts| facts.state.is_active()) {
            return Err(changed(format!(
                "the domain was started since the plan was made; will not {what}"
            )));
        }
        Ok(())
    }

    pub(super) async fn define(&self, anew: bool) -> Result<(), Failure> {
        self.domain_is_as_planned().await?;
        if anew {
            let base = self.desired.base_volume.clone().unwrap_or_default();
            self.set_claim(|claim| claim.image = base);
        }
        self.define_as(self.desired.kvm).await
    }

    /// Defines the domain for KVM or for emulation.
    pub(super) async fn define_as(&self, kvm: bool) -> Result<(), Failure> {
        // A domain keeps its UUID, also over an undefine in the same plan.
        let now = self
            .hypervisor
            .domain(&self.instance.domain)
            .await
            .map_err(failed)?;
        let known = now.as_ref().or(self.observed.domain.as_ref());
        let uuid = known.map(|domain| domain.uuid.as_str());
        let xml = domain_document(
            self.env,
            self.instance,
            self.desired,
            uuid,
            kvm,
            &self.claim(),
        )?;
        self.hypervisor.define(&xml).await.map_err(failed)?;
        Ok(())
    }

    pub(super) async fn start(&self, context: &StepContext<'_>) -> Result<(), Failure> {
        let domain = &self.instance.domain;
        let now = self.hypervisor.domain(domain).await.map_err(failed)?;
        match now.map(|facts| facts.state) {
            Some(DomainState::Running) => return Ok(()),
            Some(DomainState::Paused) => {
                self.hypervisor.resume(domain).await.map_err(failed)?;
                return Ok(());
            }
            Some(_) => {}
            None => {
                return Err(changed(format!(
                    "the domain {domain:?} went away since the plan was made"
                )));
            }
        }
        self.power_on_or_emulate(context).await
    }

    /// Starts the domain; where it is open whether KVM works and it doesn't even
    /// start, goes on in emulation.
    pub(super) async fn power_on_or_emulate(
        &self,
        context: &StepContext<'_>,
    ) -> Result<(), Failure> {
        let Err(failure) = self.power_on().await else {
            return Ok(());
        };
        let uri = &self.instance.hypervisor;
        let open = self.instance.domain_type == DomainType::Auto
            && self.env.learned(uri).is_none()
            && self.is_kvm().await?;
        if !open {
            return Err(failure);
        }
        context.warn(format!(
            "KVM does not work on {uri} ({failure}); going on in emulation, which is slower"
        ));
        fall_back(self, &failure.to_string()).await
    }

    pub(super) async fn is_kvm(&self) -> Result<bool, Failure> {
        let facts = self
            .hypervisor
            .domain(&self.instance.domain)
            .await
            .map_err(failed)?;
        Ok(facts.is_some_and(|facts| facts.domain_type == "kvm"))
    }

    /// Starts the domain and notes the time in it.
    pub(super) async fn power_on(&self) -> Result<(), Failure> {
        self.hypervisor
            .start(&self.instance.domain)
            .await
            .map_err(failed)?;
        self.note_live(false).await
    }

    /// Notes in the running domain since when it runs and whether it was seen ready.
    pub(super) async fn note_live(&self, ready: bool) -> Result<(), Failure> {
        let domain = &self.instance.domain;
        let facts = self.hypervisor.domain(domain).await.map_err(failed)?;
        let before = facts
            .and_then(|facts| facts.xml_live)
            .map(|xml| LiveState::parse(&xml))
            .unwrap_or_default();
        let since = if ready { before.since } else { None };
        let state = LiveState {
            since: since.or_else(|| {
                Some(
                    jiff::Timestamp::now()
                        .round(jiff::Unit::Second)
                        .unwrap_or_default()
                        .to_string(),
                )
            }),
            ready,
        };
        self.hypervisor
            .set_metadata_live(domain, LIVE_NAMESPACE, "live", &state.to_xml())
            .await
            .map_err(failed)
    }
}
