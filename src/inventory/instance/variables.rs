/// The base image unless `vm_image` says otherwise.
pub(super) const DEFAULT_IMAGE: &str =
    "https://cloud-images.ubuntu.com/releases/noble/release/ubuntu-24.04-server-cloudimg-amd64.img";
/// The sums of [`DEFAULT_IMAGE`].
pub(super) const DEFAULT_IMAGE_SUMS: &str =
    "https://cloud-images.ubuntu.com/releases/noble/release/SHA256SUMS";

/// One variable of an instance: the single source for the known names, the JSON
/// Schema and `docs/variables.md`.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// The name in the inventory.
    pub name: &'static str,
    /// What values it takes.
    pub kind: VariableKind,
    /// What holds when it isn't set, in words or as JSON.
    pub default: VariableDefault,
    /// What it says, one or two sentences.
    pub description: &'static str,
    /// An example as JSON.
    pub example: &'static str,
}

/// What values a variable takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariableKind {
    /// A string.
    Text,
    /// A string that a regular expression describes (ECMA 262, as JSON Schema has it).
    Pattern(&'static str),
    /// An integer of a range.
    Integer(i64, i64),
    /// True or false.
    Boolean,
    /// One of some words.
    Choice(&'static [&'static str]),
    /// A string, or a list of strings.
    Texts,
    /// A list of shares.
    Shares,
    /// A list of users.
    Users,
    /// A mapping.
    Mapping,
}

/// What holds when a variable isn't set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariableDefault {
    /// A value, as JSON.
    Value(&'static str),
    /// Something that depends on other values, in words.
    Words(&'static str),
    /// The variable must be set.
    Required,
}

use VariableDefault::{Required, Value, Words};
use VariableKind::{Boolean, Choice, Integer, Mapping, Pattern, Shares, Text, Texts, Users};

/// Returns a row of the table.
const fn row(
    name: &'static str,
    kind: VariableKind,
    default: VariableDefault,
    description: &'static str,
    example: &'static str,
) -> Variable {
    Variable {
        name,
        kind,
        default,
        description,
        example,
    }
}

/// Every `vm_*` variable, and the `ansible_*` ones that say how to reach an instance.
pub const VARIABLES: &[Variable] = &[
    row(
        "vm_domain",
        Pattern("^[^/\\n]+$"),
        Words("the inventory name"),
        "libvirt's name for the instance. Any characters but `/` and line breaks: spaces and brackets are fine.",
        "\"zap [claw]\"",
    ),
    row(
        "vm_hostname",
        Pattern("^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$"),
        Words("the inventory name"),
        "The guest's host name (RFC 1123). With dots it is the fully qualified name, and its first part the host name.",
        "\"zap\"",
    ),
    row(
        "vm_memory_mib",
        Integer(128, 16 << 20),
        Value("2048"),
        "Memory in MiB, a whole number without a unit.",
        "3072",
    ),
    row(
        "vm_vcpus",
        Integer(1, 288),
        Value("2"),
        "Virtual CPUs.",
        "2",
    ),
    row(
        "vm_disk_path",
        Pattern("^/"),
        Words("a volume `<inventory name>.qcow2` in `vm_pool`"),
        "The overlay's absolute path on the hypervisor.",
        "\"/var/lib/libvirt/images/claw.qcow2\"",
    ),
    row(
        "vm_disk_size",
        Pattern("^[0-9]+ ?[KkMmGgTt]([Ii][Bb])?$"),
        Value("\"60G\""),
        "The disk's virtual size with a binary unit, as qemu-img counts: `60G` and `60GiB` are the same. A disk grows, it never shrinks.",
        "\"60G\"",
    ),
    row(
        "vm_mac",
        Pattern("^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}$"),
        Words("`52:54:00` and three octets of the inventory name's SHA-256"),
        "The unicast MAC address.",
        "\"52:54:00:01:00:71\"",
    ),
    row(
        "vm_ip",
        Pattern(
            "^(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\\.(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}$",
        ),
        Required,
        "The IPv4 address that the libvirt network's DHCP leases to the instance.",
        "\"192.168.122.182\"",
    ),
    row(
        "vm_virtiofs_source",
        Pattern("^/"),
        Words("a folder of the instance's own"),
        "The folder on the hypervisor that the guest sees, an absolute path.",
        "\"/home/will/lab/swarm\"",
    ),
    row(
        "vm_virtiofs_tag",
        Pattern("^[A-Za-z0-9._-]{1,36}$"),
        Value("\"swarm\""),
        "The mount tag of that folder; the guest mounts it at `/mnt/<tag>`.",
        "\"swarm\"",
    ),
    row(
        "vm_virtiofs",
        Shares,
        Words("the one share of `vm_virtiofs_source` and `vm_virtiofs_tag`"),
        "More shares, each with `source`, `tag` and `mount` (default `/mnt/<tag>`). An empty list means none, unless `vm_virtiofs_source` or `vm_virtiofs_tag` is set.",
        "[{\"source\": \"/srv/models\", \"tag\": \"models\", \"mount\": \"/opt/models\"}]",
    ),
    row(
        "vm_hypervisor",
        Pattern("^(qemu|qemu\\+ssh|qemu\\+unix|test)://"),
        Value("\"qemu:///system\""),
        "The libvirt URI of the machine that runs the instance.",
        "\"qemu+ssh://root@rack1/system\"",
    ),
    row(
        "vm_domain_type",
        Choice(&["auto", "kvm", "qemu"]),
        Value("\"auto\""),
        "How guest code runs: `kvm`, emulation (`qemu`), or KVM where it works (`auto`).",
        "\"kvm\"",
    ),
    row(
        "vm_image",
        Text,
        Words("the Ubuntu 24.04 cloud image, by URL"),
        "The base image: an http(s) URL, or a path on this machine (relative to the fleet directory, `~` is the home directory).",
        "\"images/debian-12.qcow2\"",
    ),
    row(
        "vm_image_checksum",
        Text,
        Words("the `SHA256SUMS` beside the default image; none for another image"),
        "What the image's SHA-256 must be: `sha256:` and 64 hexadecimal digits, or the URL or path of a sums file that names the image.",
        "\"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"",
    ),
    row(
        "vm_pool",
        Text,
        Value("\"default\""),
        "The libvirt storage pool of base images and seeds, and of the disk unless `vm_disk_path` is set.",
        "\"default\"",
    ),
    row(
        "vm_network",
        Text,
        Value("\"default\""),
        "The libvirt network.",
        "\"default\"",
    ),
    row(
        "vm_firmware",
        Choice(&["secure-boot", "efi", "bios"]),
        Value("\"secure-boot\""),
        "UEFI with Secure Boot and Microsoft's keys, UEFI without, or legacy BIOS.",
        "\"secure-boot\"",
    ),
    row(
        "vm_tpm",
        Boolean,
        Value("true"),
        "Whether the guest has a TPM 2.0.",
        "true",
    ),
    row(
        "vm_watchdog",
        Boolean,
        Value("true"),
        "Whether the guest has a watchdog (i6300esb) that resets it when it hangs.",
        "true",
    ),
    row(
        "vm_autostart",
        Boolean,
        Value("true"),
        "Whether the instance starts with its hypervisor.",
        "true",
    ),
    row(
        "vm_cpu_model",
        Pattern("^[A-Za-z0-9._-]+$"),
        Words("`host-passthrough` on KVM, `qemu64` in emulation"),
        "The CPU: `host-passthrough`, `host-model`, `maximum`, or a model that libvirt knows.",
        "\"host-model\"",
    ),
    row(
        "vm_users",
        Users,
        Value("[\"swarm\"]"),
        "The users that cloud-init makes: names, or mappings with `name`, `ssh_keys`, `sudo` (a rule or false; default without a password), `shell` and `groups`. None has a password.",
        "[\"swarm\", {\"name\": \"will\", \"sudo\": false, \"groups\": [\"adm\"]}]",
    ),
    row(
        "vm_ssh_keys",
        Texts,
        Words(
            "the `.pub` beside `ansible_ssh_private_key_file`, else the first of `~/.ssh/id_ed25519.pub`, `id_ecdsa.pub`, `id_rsa.pub`",
        ),
        "Public keys that may log in as each of the users, or paths of `.pub` files (relative to the fleet directory, `~` is the home directory).",
        "[\"~/.ssh/id_ed25519.pub\"]",
    ),
    row(
        "vm_protected",
        Boolean,
        Value("false"),
        "Whether `destroy` and `provision --rebuild` refuse to touch the instance.",
        "true",
    ),
    row(
        "vm_cloud_init",
        Mapping,
        Words("nothing"),
        "Merged into the cloud-init user-data: mappings key by key, lists of `users`, `write_files`, `runcmd`, `bootcmd`, `packages`, `mounts` and `ssh_authorized_keys` appended, anything else replaced.",
        "{\"packages\": [\"htop\"], \"timezone\": \"Europe/Berlin\"}",
    ),
    row(
        "ansible_host",
        Text,
        Words("`vm_ip`"),
        "The name or address that SSH connects to.",
        "\"192.168.122.182\"",
    ),
    row(
        "ansible_port",
        Integer(1, 65535),
        Words("as the SSH configuration says, else 22"),
        "The port that SSH connects to.",
        "22",
    ),
    row(
        "ansible_user",
        Text,
        Words("the first of `vm_users`"),
        "The user that logs in.",
        "\"swarm\"",
    ),
    row(
        "ansible_ssh_private_key_file",
        Text,
        Words("as the SSH configuration says"),
        "The private key's file (relative to the fleet directory, `~` is the home directory).",
        "\"~/.ssh/id_ed25519\"",
    ),
    row(
        "ansible_ssh_common_args",
        Text,
        Words(
            "`-o ProxyJump=HYPERVISOR` for a guest of a `qemu+ssh://` hypervisor that has no `ansible_host`, else nothing",
        ),
        "Further options for SSH, split as a shell would; empty for a guest of another machine that is reached directly.",
        "\"-o ProxyJump=bastion\"",
    ),
    row(
        "ansible_ssh_extra_args",
        Text,
        Words("nothing"),
        "Further options for SSH, after `ansible_ssh_common_args`.",
        "\"-o ForwardAgent=no\"",
    ),
];
