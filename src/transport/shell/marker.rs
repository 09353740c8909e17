use ssh_key::rand_core::{OsRng, RngCore};

/// Returns 32 random hexadecimal digits: nothing a program prints by chance.
pub(super) fn marker() -> String {
    let mut bytes = [0; 16];
    OsRng.fill_bytes(&mut bytes);
    hex::encode(bytes)
}
