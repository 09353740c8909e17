//! Has cargo build anew when a file is added to what the binary carries: `include_dir`
//! itself sees only changes of files that it knows.

fn main() {
    for folder in ["playbooks", "roles", "templates", "cloud-init"] {
        println!("cargo::rerun-if-changed={folder}");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
