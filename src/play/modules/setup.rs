//! `setup`: what plays ask of a host, in one command.

use serde_json::{Map, Value, json};

use super::{Arg, ArgKind, Call, Module, ModuleError, Program, Remote, Work};

/// The module.
pub static MODULE: Module = Module {
    name: "setup",
    fqcn: &[
        "ansible.builtin.setup",
        "ansible.builtin.gather_facts",
        "gather_facts",
    ],
    doc: "Finds out what plays ask of a host: distribution, kernel, addresses, memory, users, time. All of it at once, whatever subset is asked for.",
    args: &[&[
        Arg::list("gather_subset", "Ignored: all facts come in one command."),
        Arg::new(
            "gather_timeout",
            ArgKind::Int,
            "Ignored: the task's own timeout holds.",
        ),
        Arg::list(
            "filter",
            "Only facts whose names match one of these patterns.",
        ),
    ]],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let mut program = Program::new(call);
    program.script(include_str!("sh/setup.sh"));
    let filter: Vec<String> = call
        .args
        .list("filter")
        .unwrap_or_default()
        .into_iter()
        .map(str::to_owned)
        .collect();
    let remote = Remote::new(call, &program).post(move |result, part| {
        let mut facts = facts(&part("facts").unwrap_or_default());
        if !filter.is_empty() {
            facts.retain(|name, _| filter.iter().any(|pattern| matches(pattern, name)));
        }
        result.facts = facts;
    });
    Ok(remote.work())
}

/// Returns the facts of a report under Ansible's names.
fn facts(report: &str) -> Map<String, Value> {
    let all = |name: &str| -> Vec<&str> {
        report
            .lines()
            .filter_map(|line| line.split_once(' '))
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value.trim())
            .collect()
    };
    let one = |name: &str| all(name).first().copied().unwrap_or_default();
    let mib = |name: &str| one(name).parse::<u64>().map_or(0, |kib| kib / 1024);
    let number = |name: &str| one(name).parse::<u64>().map_or(Value::Null, Value::from);
    let mut facts = Map::new();
    let mut put = |name: &str, value: Value| {
        facts.insert(format!("ansible_{name}"), value);
    };
    for name in [
        "system",
        "kernel",
        "architecture",
        "machine",
        "nodename",
        "fqdn",
        "user_id",
        "user_dir",
        "user_shell",
        "distribution_version",
        "distribution_release",
        "service_mgr",
    ] {
        put(name, one(name).into());
    }
    for name in ["user_uid", "user_gid", "uptime_seconds"] {
        put(name, number(name));
    }
    let host = one("nodename").split('.').next().unwrap_or_default();
    put("hostname", host.into());
    let domain = one("fqdn").split_once('.').map_or("", |(_, domain)| domain);
    put("domain", domain.into());
    let (distribution, family) = distribution(one("os_id"), one("os_like"), one("os_name"));
    put("distribution", distribution.into());
    put("os_family", family.into());
    let version = match one("debian_version") {
        exact if distribution == "Debian" && !exact.is_empty() => exact,
        _ => one("distribution_version"),
    };
    put("distribution_version", version.into());
    let major = version.split('.').next().unwrap_or_default();
    put("distribution_major_version", major.into());
    put(
        "pkg_mgr",
        if one("pkg_mgr").is_empty() {
            "unknown"
        } else {
            one("pkg_mgr")
        }
        .into(),
    );
    put("memtotal_mb", mib("mem_total").into());
    put("memfree_mb", mib("mem_free").into());
    put("swaptotal_mb", mib("swap_total").into());
    put("swapfree_mb", mib("swap_free").into());
    put("processor_nproc", number("processor_nproc"));
    put("processor_vcpus", number("processor_nproc"));
    put(
        "mounts",
        all("mount").into_iter().filter_map(mount).collect(),
    );
    put(
        "env",
        all("env")
            .into_iter()
            .filter_map(|line| {
                let (name, value) = line.split_once('=')?;
                Some((name.to_owned(), Value::from(value)))
            })
            .collect::<Map<_, _>>()
            .into(),
    );
    put("date_time", date(one("date"), one("date_utc")));
    if !one("python").is_empty() {
        put("python", json!({ "executable": one("python") }));
    }
    let (kind, role) = match one("virtualization") {
        "" => ("NA", "NA"),
        "none" => ("NA", "host"),
        kind => (kind, "guest"),
    };
    put("virtualization_type", kind.into());
    put("virtualization_role", role.into());
    put(
        "selinux",
        json!({ "status": one("selinux").to_lowercase() }),
    );
    put("boot_id", one("boot_id").into());
    network(
        &all("interface"),
        &all("ipv4"),
        &all("ipv6"),
        one("route4"),
        &mut put,
    );
    facts
}

/// The distribution's name and family as Ansible calls them, from os-release(5).
fn distribution<'a>(id: &'a str, like: &str, name: &'a str) -> (&'a str, &'a str) {
    let distribution = match id {
        "debian" => "Debian",
        "ubuntu" => "Ubuntu",
        "fedora" => "Fedora",
        "rhel" => "RedHat",
        "centos" => "CentOS",
        "rocky" => "Rocky",
        "almalinux" => "AlmaLinux",
        "arch" => "Archlinux",
        "alpine" => "Alpine",
        _ => name,
    };
    let is = |family: &str| id == family || like.split(' ').any(|word| word == family);
    let family = if is("debian") || is("ubuntu") {
        "Debian"
    } else if is("rhel") || is("fedora") {
        "RedHat"
    } else if is("arch") {
        "Archlinux"
    } else if is("suse") {
        "Suse"
    } else {
        distribution
    };
    (distribution, family)
}

fn mount(line: &str) -> Option<Value> {
    let mut words = line.split(' ');
    let (device, place, kind, options) =
        (words.next()?, words.next()?, words.next()?, words.next()?);
    Some(json!({ "device": device, "mount": place, "fstype": kind, "options": options }))
}

fn date(local: &str, utc: &str) -> Value {
    let words: Vec<&str> = local.split(' ').collect();
    let word = |i: usize| words.get(i).copied().unwrap_or_default();
    let mut day = word(0).split('-');
    let mut time = word(1).split(':');
    json!({
        "date": word(0),
        "time": word(1),
        "year": day.next(),
        "month": day.next(),
        "day": day.next(),
        "hour": time.next(),
        "minute": time.next(),
        "second": time.next(),
        "epoch": word(2),
        "tz": word(3),
        "tz_offset": word(4),
        "weekday": word(5),
        "iso8601": utc,
    })
}

/// Interfaces with their addresses, and the ones that lead outside.
fn network(
    interfaces: &[&str],
    ipv4: &[&str],
    ipv6: &[&str],
    route: &str,
    put: &mut impl FnMut(&str, Value),
) {
    let addresses = |lines: &[&str], interface: Option<&str>| -> Vec<String> {
        lines
            .iter()
            .filter_map(|line| line.split_once(' '))
            .filter(|(name, _)| interface.is_none_or(|wanted| wanted == *name))
            .filter_map(|(_, address)| address.split('/').next())
            .map(str::to_owned)
            .collect()
    };
    let outside = |list: Vec<String>, own: &str| -> Vec<String> {
        list.into_iter()
            .filter(|address| !address.starts_with(own))
            .collect()
    };
    put("interfaces", interfaces.to_vec().into());
    put(
        "all_ipv4_addresses",
        outside(addresses(ipv4, None), "127.").into(),
    );
    put(
        "all_ipv6_addresses",
        outside(addresses(ipv6, None), "::1").into(),
    );
    for interface in interfaces {
        let mut about = json!({ "device": interface });
        if let Some(first) = addresses(ipv4, Some(interface)).first() {
            about["ipv4"] = json!({ "address": first });
        }
        put(&interface.replace(['-', '.', ':'], "_"), about);
    }
    let words: Vec<&str> = route.split(' ').collect();
    let after = |word: &str| {
        let at = words.iter().position(|w| *w == word)?;
        words.get(at + 1).copied()
    };
    if let (Some(interface), Some(address)) = (after("dev"), after("src")) {
        put(
            "default_ipv4",
            json!({
                "interface": interface,
                "address": address,
                "gateway": after("via"),
            }),
        );
    } else {
        put("default_ipv4", json!({}));
    }
}

/// Whether a shell pattern with `*` and `?` stands for a fact's name, with or without
/// its prefix.
fn matches(pattern: &str, name: &str) -> bool {
    fn fits(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.first(), text.first()) {
            (None, None) => true,
            (Some(b'*'), _) => {
                fits(&pattern[1..], text) || (!text.is_empty() && fits(pattern, &text[1..]))
            }
            (Some(b'?'), Some(_)) => fits(&pattern[1..], &text[1..]),
            (Some(a), Some(b)) if a == b => fits(&pattern[1..], &text[1..]),
            _ => false,
        }
    }
    let short = name.strip_prefix("ansible_").unwrap_or(name);
    [name, short]
        .iter()
        .any(|name| fits(pattern.as_bytes(), name.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_have_ansibles_names() {
        let report = "system Linux\nnodename zap.lab\nfqdn zap.lab\nos_id ubuntu\nos_like debian\n\
                      distribution_version 24.04\nmem_total 2048000\ninterface lo\ninterface eth0\n\
                      ipv4 lo 127.0.0.1/8\nipv4 eth0 10.0.0.2/24\n\
                      route4 192.0.2.1 via 10.0.0.1 dev eth0 src 10.0.0.2 uid 0\n\
                      mount /dev/vda2 / ext4 rw,relatime\nenv HOME=/root\n";
        let facts = facts(report);
        assert_eq!(facts["ansible_distribution"], "Ubuntu");
        assert_eq!(facts["ansible_os_family"], "Debian");
        assert_eq!(facts["ansible_distribution_major_version"], "24");
        assert_eq!(facts["ansible_hostname"], "zap");
        assert_eq!(facts["ansible_memtotal_mb"], 2000);
        assert_eq!(facts["ansible_default_ipv4"]["address"], "10.0.0.2");
        assert_eq!(facts["ansible_eth0"]["ipv4"]["address"], "10.0.0.2");
        assert_eq!(facts["ansible_all_ipv4_addresses"], json!(["10.0.0.2"]));
        assert_eq!(facts["ansible_mounts"][0]["mount"], "/");
        assert_eq!(facts["ansible_env"]["HOME"], "/root");
    }

    #[test]
    fn filters_are_patterns() {
        assert!(matches(
            "ansible_distribution*",
            "ansible_distribution_version"
        ));
        assert!(matches("mem*_mb", "ansible_memtotal_mb"));
        assert!(!matches("mem", "ansible_memtotal_mb"));
    }
}
