/// How guest code is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DomainType {
    /// KVM where it works, else emulation.
    Auto,
    /// KVM.
    Kvm,
    /// Emulation (TCG).
    Qemu,
}
