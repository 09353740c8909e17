//! Tells cargo that the crate embeds four directories, so that a file added to
//! one of them is seen: `include_dir!` alone notices changed files only.

fn main() {
    for directory in ["templates", "cloud-init", "playbooks", "roles"] {
        println!("cargo::rerun-if-changed={directory}");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
