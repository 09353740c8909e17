//! From a value as written to its type, one variable's type in a file. Each says
//! what it expected, what it found and what to write instead.

mod checksum;
mod choice;
mod disk_size;
mod domain_name;
mod hostname;
mod hypervisor;
mod image;
mod ip;
mod mac;
mod memory;
mod path;
mod problem;
mod public_keys;
mod scalar;
mod shares;
mod split;
mod users;

pub(super) use checksum::checksum;
pub(super) use choice::{domain_type, firmware};
pub(super) use disk_size::disk_size;
pub(super) use domain_name::domain_name;
pub(super) use hostname::hostname;
pub(super) use hypervisor::hypervisor;
pub(super) use image::image;
pub(super) use ip::ip;
pub(super) use mac::{derived_mac, mac};
pub(super) use memory::memory_mib;
pub(super) use path::{absolute, file, local};
pub(super) use problem::{Problem, nearest_variable};
pub(super) use public_keys::{keys_in_file, public_keys};
pub(super) use scalar::{boolean, cpu_model, name, port, text, vcpus};
pub(super) use shares::{share_tag, shares};
pub use split::split_words;
pub(super) use split::words;
pub(super) use users::users;
