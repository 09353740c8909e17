use std::path::Path;

use super::{
    Connection, DomainType, Firmware, ImageChecksum, ImageSource, Instance, Scope, Share, User,
    keys::{private_key, ssh_keys},
    reader::{Reader, gather_secrets},
    typed::{self, Problem},
    variables::{DEFAULT_IMAGE, DEFAULT_IMAGE_SUMS},
};
use crate::{
    inventory::{Entry, ImageSource::Url, Map, Node, Value},
    plan::{Diagnostic, Diagnostics, Place},
};

impl Instance {
    /// Returns the instance that a host's merged variables describe, with warnings.
    ///
    /// Templates in values are rendered lazily and recursively, as Ansible does.
    /// Relative paths start at `fleet_root`, `~` is `home`. Public keys and the
    /// image's presence are looked up on this machine; nothing else is touched.
    ///
    /// # Errors
    ///
    /// Returns everything that is wrong at once, each with the value's place.
    pub fn from_vars(
        name: &str,
        group_names: &[&str],
        vars: Map,
        fleet_root: &Path,
        home: Option<&Path>,
    ) -> Result<(Self, Vec<Diagnostic>), Diagnostics> {
        let vars = with_magic(name, group_names, vars);
        let mut reader = Reader::new(&vars, fleet_root, home);
        reader.unknown_names();

        let own = own_name(name, &vars);
        let domain = or_name(&mut reader, "vm_domain", &own, typed::domain_name);
        let hostname = or_name(&mut reader, "vm_hostname", &own, typed::hostname);
        let ip = reader.read("vm_ip", typed::ip);
        if !reader.is_set("vm_ip") {
            let message = format!("the instance `{name}` has no `vm_ip`");
            reader.errors.push(
                Diagnostic::error(own.place.clone(), message)
                    .hint("give it an address of its libvirt network: vm_ip: 192.168.122.10"),
            );
        }
        let (image, image_checksum) = image(&mut reader);
        let users = reader
            .read_all("vm_users", |node| typed::users(node, fleet_root, home))
            .unwrap_or_else(|| vec![User::named("swarm")]);
        let private_key = private_key(&mut reader);
        let ssh_keys = ssh_keys(&mut reader, &own, private_key.as_deref(), &users);
        let shares = shares(&mut reader);
        let hypervisor = reader
            .read("vm_hypervisor", typed::hypervisor)
            .unwrap_or_else(|| "qemu:///system".to_owned());
        let direct = ["ansible_ssh_common_args", "ansible_host"];
        let jump = direct
            .iter()
            .all(|name| !reader.is_set(name))
            .then(|| jump_through(&hypervisor))
            .flatten();
        let connection = Connection {
            host: reader
                .read("ansible_host", typed::text)
                .or_else(|| ip.map(|ip| ip.to_string()))
                .unwrap_or_default(),
            port: reader.read("ansible_port", typed::port),
            user: reader
                .read("ansible_user", typed::text)
                .or_else(|| users.first().map(|user| user.name.clone())),
            private_key_file: private_key,
            ssh_args: jump
                .into_iter()
                .flatten()
                .chain(
                    ["ansible_ssh_common_args", "ansible_ssh_extra_args"]
                        .into_iter()
                        .flat_map(|name| reader.read(name, typed::words).unwrap_or_default()),
                )
                .collect(),
        };
        let text = |reader: &mut Reader<'_>, name, default: &str| {
            reader
                .read(name, typed::name)
                .unwrap_or_else(|| default.to_owned())
        };
        let flag = |reader: &mut Reader<'_>, name, default| {
            reader.read(name, typed::boolean).unwrap_or(default)
        };
        let instance = Self {
            name: name.to_owned(),
            domain,
            hostname,
            memory_mib: reader
                .read("vm_memory_mib", typed::memory_mib)
                .unwrap_or(2048),
            vcpus: reader.read("vm_vcpus", typed::vcpus).unwrap_or(2),
            disk_path: reader.read("vm_disk_path", typed::file),
            disk_bytes: reader
                .read("vm_disk_size", typed::disk_size)
                .unwrap_or(60 << 30),
            mac: reader
                .read("vm_mac", typed::mac)
                .unwrap_or_else(|| typed::derived_mac(name)),
            ip: ip.unwrap_or(std::net::Ipv4Addr::UNSPECIFIED),
            hypervisor,
            domain_type: reader
                .read("vm_domain_type", typed::domain_type)
                .unwrap_or(DomainType::Auto),
            image,
            image_checksum,
            pool: text(&mut reader, "vm_pool", "default"),
            network: text(&mut reader, "vm_network", "default"),
            firmware: reader
                .read("vm_firmware", typed::firmware)
                .unwrap_or(Firmware::SecureBoot),
            tpm: flag(&mut reader, "vm_tpm", true),
            watchdog: flag(&mut reader, "vm_watchdog", true),
            autostart: flag(&mut reader, "vm_autostart", true),
            cpu_model: reader.read("vm_cpu_model", typed::cpu_model),
            shares,
            users,
            ssh_keys,
            protected: flag(&mut reader, "vm_protected", false),
            cloud_init: cloud_init(&mut reader),
            connection,
            places: vars
                .iter()
                .filter(|(name, _)| name.starts_with("vm_"))
                .map(|(name, entry)| (name.clone(), entry.node.place.clone()))
                .collect(),
            vars: Map::new(),
        };
        let mut errors = std::mem::take(&mut reader.errors);
        drop(reader);
        errors.0.sort_by(|one, other| one.place.cmp(&other.place));
        if errors.has_errors() {
            return Err(errors);
        }
        let instance = Self { vars, ..instance };
        let warnings = warnings(&instance);
        Ok((instance, warnings))
    }

    /// Returns the instance's variables as a context for templates, rendered when
    /// they are looked at.
    pub fn context(&self) -> minijinja::Value {
        Scope::new(self.vars.clone()).context()
    }

    /// Returns the plaintexts of the vaulted values among the variables, longest
    /// first, so that whoever shows a document can leave them out.
    pub fn secrets(&self) -> Vec<secrecy::SecretString> {
        let mut secrets = Vec::new();
        for entry in self.vars.values() {
            gather_secrets(&entry.node, &mut secrets);
        }
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.into_iter().map(Into::into).collect()
    }
}

/// Adds Ansible's magic variables that follow from the inventory alone.
/// The options that lead through the hypervisor of a guest on another machine: its
/// network is behind it, as libvirt's own are. `ProxyJump` takes what stands between
/// `//` and the next `/` of the URI as it is: `[user@]host[:port]`.
fn jump_through(hypervisor: &str) -> Option<[String; 2]> {
    let (authority, _) = hypervisor.strip_prefix("qemu+ssh://")?.split_once('/')?;
    (!authority.is_empty()).then(|| ["-o".to_owned(), format!("ProxyJump={authority}")])
}

fn with_magic(name: &str, group_names: &[&str], mut vars: Map) -> Map {
    let place = Place::nowhere("<inventory>");
    let text = |text: &str| Node::new(Value::Unsafe(text.to_owned()), place.clone());
    let short = name.split('.').next().unwrap_or(name);
    let groups = group_names.iter().map(|group| text(group)).collect();
    let magic = [
        ("inventory_hostname", text(name)),
        ("inventory_hostname_short", text(short)),
        ("group_names", Node::new(Value::Seq(groups), place.clone())),
    ];
    for (name, node) in magic {
        let key_place = place.clone();
        vars.insert(name.to_owned(), Entry { key_place, node });
    }
    vars
}

/// Returns the instance's name as a value, at the place of its first own variable,
/// for errors about what follows from the name. A group's variable says less of it.
fn own_name(name: &str, vars: &Map) -> Node {
    let of_group = |entry: &&Entry| {
        let mut parts = entry.key_place.file.components();
        parts.any(|part| part.as_os_str() == "group_vars")
    };
    let own = vars.iter().filter(|(name, _)| name.starts_with("vm_"));
    let own = own.map(|(_, entry)| entry);
    let place = own
        .clone()
        .find(|entry| !of_group(entry))
        .or_else(|| own.clone().next())
        .map_or_else(
            || Place::nowhere("<inventory>"),
            |entry| entry.key_place.clone(),
        );
    Node::new(Value::Unsafe(name.to_owned()), place)
}

/// Reads a variable whose default is the instance's name, which must fit too.
fn or_name(
    reader: &mut Reader<'_>,
    variable: &str,
    own: &Node,
    parse: fn(&Node) -> Result<String, Problem>,
) -> String {
    if reader.is_set(variable) {
        return reader.read(variable, parse).unwrap_or_default();
    }
    parse(own).unwrap_or_else(|problem| {
        let hint = problem.hint.as_deref().unwrap_or_default();
        let hint = match hint.strip_prefix("write ") {
            Some(better) => format!("set {variable}: {better}"),
            None => format!("set {variable}"),
        };
        let message = format!("the inventory name is no default: {}", problem.message);
        reader.problem(variable, &own.place, Problem::new(message).hint(hint));
        String::new()
    })
}

fn image(reader: &mut Reader<'_>) -> (ImageSource, Option<ImageChecksum>) {
    let (root, home) = (reader.fleet_root, reader.home);
    let given = reader.is_set("vm_image");
    let image = reader.read("vm_image", |node| typed::image(node, root, home));
    let checksum = reader.read("vm_image_checksum", |node| {
        typed::checksum(node, root, home)
    });
    let default = || ImageChecksum::Sums(DEFAULT_IMAGE_SUMS.to_owned());
    (
        image.unwrap_or_else(|| Url(DEFAULT_IMAGE.to_owned())),
        checksum.or_else(|| (!given).then(default)),
    )
}

fn shares(reader: &mut Reader<'_>) -> Vec<Share> {
    let source = reader.read("vm_virtiofs_source", typed::absolute);
    let tag = reader.read("vm_virtiofs_tag", typed::share_tag);
    let first = reader.is_set("vm_virtiofs_source") || reader.is_set("vm_virtiofs_tag");
    let mut shares = Vec::new();
    if first || !reader.is_set("vm_virtiofs") {
        let tag = tag.unwrap_or_else(|| "swarm".to_owned());
        let mount = format!("/mnt/{tag}");
        shares.push(Share { source, tag, mount });
    }
    shares.extend(
        reader
            .read_all("vm_virtiofs", typed::shares)
            .unwrap_or_default(),
    );
    for (i, share) in shares.iter().enumerate() {
        let earlier = shares.get(..i).unwrap_or_default();
        let fault = if earlier.iter().any(|other| other.tag == share.tag) {
            format!("the tag `{}` is there twice", share.tag)
        } else if earlier.iter().any(|other| other.mount == share.mount) {
            format!("two shares are mounted at {}", share.mount)
        } else {
            continue;
        };
        let place = reader
            .place("vm_virtiofs")
            .unwrap_or_else(|| Place::nowhere("<inventory>"));
        let problem = Problem::new(fault).hint("give each share a tag and a mount of its own");
        reader.problem("vm_virtiofs", &place, problem);
    }
    shares
}

fn cloud_init(reader: &mut Reader<'_>) -> Option<Node> {
    let node = reader.rendered("vm_cloud_init")?;
    if node.as_map().is_some() {
        return Some(reader.sealed(node));
    }
    let problem = Problem::expected("a mapping", &node).hint("write cloud-config keys below it");
    reader.problem("vm_cloud_init", &node.place, problem);
    None
}

fn warnings(instance: &Instance) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    if instance.image_checksum.is_none() && matches!(instance.image, Url(_)) {
        let place = instance.places.get("vm_image").cloned();
        warnings.push(
            Diagnostic::warning(place, "the image is downloaded without a checksum")
                .hint("set vm_image_checksum to the URL of its SHA256SUMS"),
        );
    }
    if instance.places.contains_key("vm_image_checksum")
        && !instance.places.contains_key("vm_image")
    {
        let place = instance.places.get("vm_image_checksum").cloned();
        warnings.push(
            Diagnostic::warning(
                place,
                "the default image moves on, and a checksum is set for it",
            )
            .hint("set vm_image too"),
        );
    }
    warnings
}
