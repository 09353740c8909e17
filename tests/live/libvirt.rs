use std::process::Command;

/// Runs virsh, libvirt's own eyes, and returns what it prints.
pub fn virsh(args: &[&str]) -> String {
    let output = Command::new("virsh")
        .args(["-c", "qemu:///system"])
        .args(args)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "virsh {args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Everything on this machine that a guest could leave behind, but for base images.
#[derive(Debug, PartialEq, Eq)]
pub struct Traces {
    domains: Vec<String>,
    files: Vec<String>,
    reservations: Vec<String>,
    processes: Vec<String>,
}

impl Traces {
    /// Looks for what bears one of `marks`: names, addresses, paths.
    pub fn of(marks: &[&str]) -> Self {
        let marked = |text: &str| marks.iter().any(|mark| text.contains(mark));
        let list = |text: String| -> Vec<String> {
            text.lines()
                .filter(|l| marked(l))
                .map(str::to_owned)
                .collect()
        };
        let folders = [
            "/var/lib/libvirt/images",
            "/var/lib/libvirt/qemu/nvram",
            "/var/lib/swarmctl/shares",
            "/etc/libvirt/qemu",
        ];
        let files = folders
            .iter()
            .flat_map(|folder| std::fs::read_dir(folder).into_iter().flatten())
            .map(|entry| entry.unwrap().path().display().to_string())
            .filter(|path| marked(path))
            .collect();
        let ps = Command::new("ps").args(["-eo", "args"]).output().unwrap();
        let ps = String::from_utf8_lossy(&ps.stdout).into_owned();
        let ours = |line: &String| {
            line.contains("qemu-system") || line.contains("virtiofsd") || line.contains("swtpm ")
        };
        Self {
            domains: list(virsh(&["list", "--all", "--name"])),
            files,
            reservations: list(virsh(&["net-dumpxml", "default"])),
            processes: list(ps).into_iter().filter(ours).collect(),
        }
    }

    pub fn none(&self) -> bool {
        self.domains.is_empty()
            && self.files.is_empty()
            && self.reservations.is_empty()
            && self.processes.is_empty()
    }
}

/// Removes a domain and its files when a test ends, well or not.
pub struct CleanUp(pub Vec<(&'static str, &'static str)>);

impl Drop for CleanUp {
    fn drop(&mut self) {
        let quiet = |args: &[&str]| {
            drop(
                Command::new("virsh")
                    .args(["-c", "qemu:///system"])
                    .args(args)
                    .output(),
            );
        };
        for (domain, disk) in &self.0 {
            quiet(&["destroy", domain]);
            quiet(&["undefine", domain, "--nvram", "--tpm"]);
            quiet(&["undefine", domain, "--nvram"]);
            quiet(&["undefine", domain]);
            drop(std::fs::remove_file(disk));
            let pool = std::path::Path::new("/var/lib/libvirt/images");
            let slug = domain.replace([' ', '[', ']'], "-").replace("--", "-");
            let slug = slug.trim_matches('-').to_owned();
            for entry in std::fs::read_dir(pool).into_iter().flatten().flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.starts_with(&slug) && name.ends_with("-seed.img") {
                    drop(std::fs::remove_file(entry.path()));
                }
            }
        }
        quiet(&["pool-refresh", "default"]);
    }
}
