/// The guest's firmware.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Firmware {
    /// UEFI with Secure Boot on and Microsoft's keys enrolled.
    SecureBoot,
    /// UEFI without Secure Boot.
    Efi,
    /// Legacy BIOS.
    Bios,
}
