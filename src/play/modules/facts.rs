//! From what `setup`'s program says to Ansible's facts.

use serde_json::{Map, Value, json};

use super::facts_network;

/// A part of the report by name.
pub(super) type Part<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Adds all facts, without the `ansible_` before their names.
pub(super) fn gather(part: Part<'_>, facts: &mut Map<String, Value>) {
    system(part, facts);
    distribution(part, facts);
    memory(part, facts);
    processor(part, facts);
    facts_network::gather(part, facts);
    mounts(part, facts);
    user(part, facts);
    date(part, facts);
    virtualization(part, facts);
    programs(part, facts);
}

fn text(part: Part<'_>, name: &str) -> String {
    part(name).unwrap_or_default().trim().to_owned()
}

fn put(facts: &mut Map<String, Value>, name: &str, value: impl Into<Value>) {
    facts.insert(name.to_owned(), value.into());
}

fn system(part: Part<'_>, facts: &mut Map<String, Value>) {
    let node = text(part, "nodename");
    let fqdn = Some(text(part, "fqdn"))
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| node.clone());
    let short = node.split('.').next().unwrap_or_default().to_owned();
    let domain = fqdn
        .split_once('.')
        .map_or("", |(_, domain)| domain)
        .to_owned();
    let machine = text(part, "machine");
    put(facts, "system", text(part, "ostype"));
    put(facts, "kernel", text(part, "kernel"));
    put(facts, "kernel_version", text(part, "kernel-version"));
    put(facts, "nodename", node);
    put(facts, "hostname", short);
    put(facts, "fqdn", fqdn);
    put(facts, "domain", domain);
    put(facts, "machine", machine.as_str());
    let old = ["i386", "i486", "i586", "i686"].contains(&machine.as_str());
    put(
        facts,
        "architecture",
        if old { "i386" } else { machine.as_str() },
    );
    put(
        facts,
        "userspace_bits",
        if machine.contains("64") { "64" } else { "32" },
    );
    put(
        facts,
        "userspace_architecture",
        if old { "i386" } else { machine.as_str() },
    );
    put(facts, "machine_id", text(part, "machine-id"));
    let mut cmdline = Map::new();
    for word in text(part, "cmdline").split_whitespace() {
        match word.split_once('=') {
            Some((name, value)) => cmdline.insert(name.into(), value.into()),
            None => cmdline.insert(word.into(), true.into()),
        };
    }
    put(facts, "proc_cmdline", cmdline.clone());
    put(facts, "cmdline", cmdline);
    let uptime = text(part, "uptime");
    let seconds = uptime
        .split('.')
        .next()
        .and_then(|text| text.parse::<i64>().ok());
    put(facts, "uptime_seconds", seconds);
    let load = text(part, "loadavg");
    let mut loads = load
        .split(' ')
        .map(|load| load.parse::<f64>().unwrap_or_default());
    let mut average = Map::new();
    for name in ["1m", "5m", "15m"] {
        average.insert(name.into(), loads.next().into());
    }
    put(facts, "loadavg", average);
    put(facts, "fips", text(part, "fips") == "1");
    let status = if text(part, "apparmor") == "Y" {
        "enabled"
    } else {
        "disabled"
    };
    put(facts, "apparmor", json!({"status": status}));
    put(facts, "selinux", json!({"status": "disabled"}));
    put(facts, "selinux_python_present", false);
    for name in [
        "product_name",
        "product_version",
        "product_uuid",
        "product_serial",
        "bios_date",
        "bios_vendor",
        "bios_version",
        "board_name",
        "board_vendor",
        "board_version",
        "board_serial",
        "board_asset_tag",
        "chassis_vendor",
        "chassis_version",
        "chassis_serial",
        "chassis_asset_tag",
    ] {
        let value = text(part, &format!("dmi {name}"));
        put(
            facts,
            name,
            if value.is_empty() {
                "NA".to_owned()
            } else {
                value
            },
        );
    }
    put(
        facts,
        "system_vendor",
        part("dmi sys_vendor").map_or("NA".to_owned(), |name| name.trim().to_owned()),
    );
}

/// Distributions by `ID` of os-release: Ansible's name and family.
const DISTRIBUTIONS: &[(&str, &str, &str)] = &[
    ("debian", "Debian", "Debian"),
    ("ubuntu", "Ubuntu", "Debian"),
    ("raspbian", "Debian", "Debian"),
    ("linuxmint", "Linux Mint", "Debian"),
    ("pop", "Pop!_OS", "Debian"),
    ("kali", "Kali", "Debian"),
    ("fedora", "Fedora", "RedHat"),
    ("rhel", "RedHat", "RedHat"),
    ("centos", "CentOS", "RedHat"),
    ("rocky", "Rocky", "RedHat"),
    ("almalinux", "AlmaLinux", "RedHat"),
    ("amzn", "Amazon", "RedHat"),
    ("alpine", "Alpine", "Alpine"),
    ("arch", "Archlinux", "Archlinux"),
    ("opensuse-leap", "openSUSE Leap", "Suse"),
    ("opensuse-tumbleweed", "openSUSE Tumbleweed", "Suse"),
    ("sles", "SLES", "Suse"),
    ("gentoo", "Gentoo", "Gentoo"),
    ("nixos", "NixOS", "NixOS"),
];

fn distribution(part: Part<'_>, facts: &mut Map<String, Value>) {
    let release = part("os-release").unwrap_or_default();
    let get = |name: &str| {
        release
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
            .map(|value| value.trim().trim_matches(['"', '\'']).to_owned())
            .unwrap_or_default()
    };
    let id = get("ID");
    let known = DISTRIBUTIONS.iter().find(|(known, ..)| *known == id);
    let like = get("ID_LIKE");
    let family = match known {
        Some((_, _, family)) => (*family).to_owned(),
        None if like.contains("debian") || like.contains("ubuntu") => "Debian".to_owned(),
        None if like.contains("rhel") || like.contains("fedora") => "RedHat".to_owned(),
        None => get("NAME"),
    };
    let name = known.map_or_else(|| get("NAME"), |(_, name, _)| (*name).to_owned());
    // Debian's os-release has the major version only; a name instead of a number there
    // means testing or unstable.
    let exact = text(part, "debian-version");
    let version = if id == "debian" && exact.starts_with(|c: char| c.is_ascii_digit()) {
        exact
    } else {
        get("VERSION_ID")
    };
    let major = version.split('.').next().unwrap_or_default().to_owned();
    put(facts, "distribution", name);
    put(facts, "os_family", family);
    put(
        facts,
        "distribution_version",
        if version.is_empty() {
            "n/a".to_owned()
        } else {
            version
        },
    );
    put(facts, "distribution_major_version", major);
    let minor = facts
        .get("distribution_version")
        .and_then(Value::as_str)
        .and_then(|version| version.split('.').nth(1))
        .map(str::to_owned);
    if let Some(minor) = minor {
        put(facts, "distribution_minor_version", minor);
    }
    put(facts, "distribution_file_path", "/etc/os-release");
    put(facts, "distribution_file_parsed", true);
    let codename = get("VERSION_CODENAME");
    put(
        facts,
        "distribution_release",
        if codename.is_empty() {
            "NA".to_owned()
        } else {
            codename
        },
    );
    put(
        facts,
        "distribution_file_variety",
        known.map_or_else(|| get("NAME"), |(_, _, family)| (*family).to_owned()),
    );
    let mut lsb = Map::new();
    for (key, value) in [
        ("id", facts.get("distribution").cloned()),
        ("release", Some(get("VERSION_ID").into())),
        ("codename", Some(get("VERSION_CODENAME").into())),
        ("description", Some(get("PRETTY_NAME").into())),
        (
            "major_release",
            facts.get("distribution_major_version").cloned(),
        ),
    ] {
        lsb.insert(key.into(), value.unwrap_or_default());
    }
    put(facts, "lsb", lsb);
}

fn memory(part: Part<'_>, facts: &mut Map<String, Value>) {
    let info = part("meminfo").unwrap_or_default();
    // The kernel counts in KiB, Ansible in MiB.
    let mib = |name: &str| {
        info.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
            .and_then(|value| {
                value
                    .trim()
                    .trim_end_matches(" kB")
                    .trim()
                    .parse::<i64>()
                    .ok()
            })
            .map(|kib| kib / 1024)
            .unwrap_or_default()
    };
    let (total, free) = (mib("MemTotal"), mib("MemFree"));
    let (swap, swap_free) = (mib("SwapTotal"), mib("SwapFree"));
    let nocache_free = free + mib("Buffers") + mib("Cached");
    put(facts, "memtotal_mb", total);
    put(facts, "memfree_mb", free);
    put(facts, "swaptotal_mb", swap);
    put(facts, "swapfree_mb", swap_free);
    put(
        facts,
        "memory_mb",
        json!({
            "real": {"total": total, "used": total - free, "free": free},
            "nocache": {"free": nocache_free, "used": total - nocache_free},
            "swap": {"total": swap, "free": swap_free, "used": swap - swap_free, "cached": mib("SwapCached")},
        }),
    );
}

fn processor(part: Part<'_>, facts: &mut Map<String, Value>) {
    let info = part("cpuinfo").unwrap_or_default();
    let values = |name: &str| -> Vec<String> {
        info.lines()
            .filter_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'))
            .map(|value| value.trim().to_owned())
            .collect()
    };
    let first = |name: &str| values(name).first().cloned().unwrap_or_default();
    let number = |name: &str| first(name).parse::<i64>().unwrap_or(1).max(1);
    let vcpus = text(part, "cpus").parse::<i64>().unwrap_or(1).max(1);
    let sockets = i64::try_from(values("physical id").len())
        .unwrap_or(1)
        .max(1);
    let cores = number("cpu cores");
    let threads = (number("siblings") / cores).max(1);
    let mut list = Vec::new();
    for index in 0..vcpus.min(256) {
        list.push(Value::from(index.to_string()));
        list.push(first("vendor_id").into());
        list.push(first("model name").into());
    }
    put(facts, "processor", list);
    put(facts, "processor_count", sockets);
    put(facts, "processor_cores", cores);
    put(facts, "processor_threads_per_core", threads);
    put(facts, "processor_vcpus", vcpus);
    put(
        facts,
        "processor_nproc",
        text(part, "nproc").parse::<i64>().unwrap_or(vcpus),
    );
}

fn mounts(part: Part<'_>, facts: &mut Map<String, Value>) {
    let sizes = part("df").unwrap_or_default();
    let plain = |text: &str| {
        text.replace("\\040", " ")
            .replace("\\011", "\t")
            .replace("\\134", "\\")
    };
    let mut mounts = Vec::new();
    for line in part("mounts").unwrap_or_default().lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let [device, path, kind, options, ..] = words.as_slice() else {
            continue;
        };
        let (path, device) = (plain(path), plain(device));
        // `df -P`: name, total, used, available, percent, path; all in KiB.
        let size = sizes.lines().skip(1).find_map(|line| {
            let line = line
                .strip_suffix(path.as_str())
                .filter(|line| line.ends_with(' '))?;
            let words: Vec<i64> = line
                .split_whitespace()
                .rev()
                .skip(1)
                .take(3)
                .map(|word| word.parse().unwrap_or_default())
                .collect();
            let [available, _, total] = words.as_slice() else {
                return None;
            };
            Some((total * 1024, available * 1024))
        });
        let mut mount =
            json!({"mount": path, "device": device, "fstype": kind, "options": options});
        if let (Some((total, available)), Value::Object(mount)) = (size, &mut mount) {
            mount.insert("size_total".into(), total.into());
            mount.insert("size_available".into(), available.into());
        }
        mounts.push(mount);
    }
    put(facts, "mounts", mounts);
}

fn user(part: Part<'_>, facts: &mut Map<String, Value>) {
    let ids = text(part, "user");
    let mut words = ids.splitn(3, ' ');
    let mut number = || words.next().and_then(|word| word.parse::<i64>().ok());
    let (uid, gid) = (number(), number());
    put(facts, "user_uid", uid);
    put(facts, "user_gid", gid);
    put(facts, "real_user_id", uid);
    put(facts, "real_group_id", gid);
    put(facts, "effective_user_id", uid);
    put(facts, "effective_group_id", gid);
    put(
        facts,
        "user_id",
        ids.splitn(3, ' ').nth(2).unwrap_or_default(),
    );
    let line = text(part, "passwd");
    let fields: Vec<&str> = line.split(':').collect();
    for (index, name) in [(4, "user_gecos"), (5, "user_dir"), (6, "user_shell")] {
        put(facts, name, fields.get(index).copied().unwrap_or_default());
    }
    let mut env = Map::new();
    for line in part("env").unwrap_or_default().lines() {
        if let Some((name, value)) = line.split_once('=')
            && !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        {
            env.insert(name.to_owned(), value.into());
        }
    }
    put(facts, "env", env);
}

fn date(part: Part<'_>, facts: &mut Map<String, Value>) {
    let line = text(part, "date");
    let words: Vec<&str> = line.split('|').collect();
    let word = |index: usize| words.get(index).copied().unwrap_or_default().to_owned();
    let mut date = Map::new();
    for (index, name) in [
        "year",
        "month",
        "weekday",
        "weekday_number",
        "weeknumber",
        "day",
        "hour",
        "minute",
        "second",
        "epoch",
        "tz",
        "tz_offset",
    ]
    .iter()
    .enumerate()
    {
        date.insert((*name).into(), word(index).into());
    }
    date.insert("tz_dst".into(), word(10).into());
    date.insert(
        "date".into(),
        format!("{}-{}-{}", word(0), word(1), word(5)).into(),
    );
    date.insert(
        "time".into(),
        format!("{}:{}:{}", word(6), word(7), word(8)).into(),
    );
    date.insert("epoch_int".into(), word(9).into());
    let utc = word(9)
        .parse::<i64>()
        .ok()
        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    if let Some(utc) = utc {
        date.insert(
            "iso8601".into(),
            utc.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into(),
        );
        date.insert(
            "iso8601_micro".into(),
            utc.strftime("%Y-%m-%dT%H:%M:%S.000000Z").to_string().into(),
        );
    }
    let basic = format!(
        "{}{}{}T{}{}{}",
        word(0),
        word(1),
        word(5),
        word(6),
        word(7),
        word(8)
    );
    date.insert("iso8601_basic_short".into(), basic.as_str().into());
    date.insert("iso8601_basic".into(), format!("{basic}000000").into());
    put(facts, "date_time", date);
}

fn virtualization(part: Part<'_>, facts: &mut Map<String, Value>) {
    let container = text(part, "virt-container");
    let machine = text(part, "virt");
    let product = text(part, "dmi product_name");
    let vendor = text(part, "dmi sys_vendor");
    let kind = if part("docker").is_some() {
        "docker".to_owned()
    } else if !container.is_empty() && container != "none" {
        match container.as_str() {
            "lxc-libvirt" => "lxc".to_owned(),
            // What Ansible doesn't know by name.
            "systemd-nspawn" | "rkt" | "proot" | "pouch" => "container".to_owned(),
            _ => container,
        }
    } else if !machine.is_empty() && machine != "none" {
        match machine.as_str() {
            "oracle" => "virtualbox".to_owned(),
            "microsoft" => "VirtualPC".to_owned(),
            // An emulated guest is of the same kind to Ansible.
            "qemu" => "kvm".to_owned(),
            other => other.to_owned(),
        }
    } else if vendor == "QEMU" || product.contains("KVM") {
        "kvm".to_owned()
    } else if product == "VirtualBox" {
        "virtualbox".to_owned()
    } else if vendor.starts_with("VMware") {
        "VMware".to_owned()
    } else {
        "NA".to_owned()
    };
    put(
        facts,
        "virtualization_role",
        if kind == "NA" { "NA" } else { "guest" },
    );
    put(facts, "virtualization_type", kind);
}

fn programs(part: Part<'_>, facts: &mut Map<String, Value>) {
    let init = text(part, "init");
    let manager = if part("systemd").is_some() {
        "systemd".to_owned()
    } else if part("openrc").is_some() {
        "openrc".to_owned()
    } else if init == "init" {
        "sysvinit".to_owned()
    } else {
        init
    };
    put(facts, "service_mgr", manager);
    let package = text(part, "pkg");
    put(
        facts,
        "pkg_mgr",
        match package.as_str() {
            "apt-get" => "apt",
            "" => "unknown",
            other => other,
        },
    );
    if let Some(python) = part("python") {
        let version = text(part, "python-version")
            .trim_start_matches("Python ")
            .to_owned();
        let mut numbers = version
            .split('.')
            .map(|number| number.parse::<i64>().unwrap_or_default());
        let mut next = || numbers.next().unwrap_or_default();
        let (major, minor, micro) = (next(), next(), next());
        put(
            facts,
            "python",
            json!({
                "executable": python,
                "version": {"major": major, "minor": minor, "micro": micro},
                "version_info": [major, minor, micro],
                "type": "cpython",
            }),
        );
        put(facts, "python_version", version);
    }
    for line in part("ssh-keys").unwrap_or_default().lines() {
        let mut words = line.split(' ');
        let (Some(kind), Some(key)) = (words.next(), words.next()) else {
            continue;
        };
        let name = if kind.starts_with("ecdsa") {
            "ecdsa"
        } else {
            kind.trim_start_matches("ssh-")
        };
        put(facts, &format!("ssh_host_key_{name}_public"), key);
        put(facts, &format!("ssh_host_key_{name}_public_keytype"), kind);
    }
    put(facts, "gather_subset", json!(["all"]));
    put(facts, "module_setup", true);
}
