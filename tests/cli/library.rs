//! libvirt.so.0 is loaded by the verbs that need it, not at the start.

use crate::swarmctl::{FLEET, Run, Swarmctl};

/// Runs where the dynamic linker finds a file that is no library as libvirt.so.0.
fn without_libvirt(line: &str) -> Run {
    let runner = Swarmctl::new()
        .fleet(FLEET)
        .fleet([("lib/libvirt.so.0", "no library\n")]);
    let libraries = runner.root().join("lib");
    runner
        .env("LD_LIBRARY_PATH", libraries.to_str().unwrap())
        .line(line)
        .run()
}

#[test]
fn verbs_that_ask_no_hypervisor_run_without_libvirt() {
    for line in ["--version", "provision --help", "inventory list"] {
        let run = without_libvirt(line);
        // A linked library that can't be loaded ends the program with 127. This fails
        // when the binding calls a function that src/hypervisor/library.rs lacks:
        // `nm -D` on the binary shows it as `U vir…`.
        assert_eq!(run.code, 0, "{line}: {}", run.all());
    }
}

#[test]
fn a_library_that_can_not_be_loaded_is_said_with_what_to_install() {
    for line in ["list", "provision zap --check"] {
        let run = without_libvirt(line);
        assert_eq!(run.code, 4, "{line}: {}", run.all());
        for part in [
            "load libvirt.so.0",
            "lib/libvirt.so.0: ",
            "apt-get install libvirt0",
        ] {
            assert!(run.stderr.contains(part), "{line}: {}", run.all());
        }
    }
}
