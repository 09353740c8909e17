use serde::Serialize;

use super::{
    Align, Painter, Table,
    text::{bytes, seconds},
};

/// One instance as `swarmctl list` shows it: what the inventory says, and what the
/// hypervisor says where it could be asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct InstanceRow {
    /// The inventory name.
    pub name: String,
    /// libvirt's name for it.
    pub domain: String,
    /// libvirt URI.
    pub hypervisor: String,
    /// `running`, `shut off`, `paused` and so on; `absent` when there is no domain,
    /// `unknown` when the hypervisor could not be asked.
    pub state: String,
    /// The leased address.
    pub ip: Option<String>,
    /// Virtual CPUs.
    pub vcpus: Option<u32>,
    /// Memory in MiB.
    pub memory_mib: Option<u64>,
    /// The disk's virtual size in bytes.
    pub disk_bytes: Option<u64>,
    /// Whether the domain starts with its hypervisor.
    pub autostart: Option<bool>,
    /// Seconds since the guest was started.
    pub uptime_seconds: Option<u64>,
    /// What differs from the inventory; empty when nothing does.
    pub drift: Vec<String>,
}

/// Returns the instances as a table.
pub fn instances(rows: &[InstanceRow], painter: Painter) -> String {
    let mut table = Table::new(&[
        ("name", Align::Left),
        ("domain", Align::Left),
        ("state", Align::Left),
        ("ip", Align::Left),
        ("vcpu", Align::Right),
        ("memory", Align::Right),
        ("disk", Align::Right),
        ("autostart", Align::Left),
        ("uptime", Align::Right),
        ("drift", Align::Left),
    ]);
    for row in rows {
        let autostart = row.autostart.map_or("", |on| if on { "yes" } else { "no" });
        #[expect(clippy::cast_precision_loss, reason = "an uptime is far below 2^52 s")]
        let uptime = row.uptime_seconds.map(|up| seconds(up as f64));
        table.row([
            row.name.clone(),
            row.domain.clone(),
            row.state.clone(),
            row.ip.clone().unwrap_or_default(),
            row.vcpus.map(|n| n.to_string()).unwrap_or_default(),
            row.memory_mib
                .map(|n| bytes(n.saturating_mul(1 << 20)))
                .unwrap_or_default(),
            row.disk_bytes.map(bytes).unwrap_or_default(),
            autostart.to_owned(),
            uptime.unwrap_or_default(),
            row.drift.join("; "),
        ]);
    }
    table.render(painter)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    #[test]
    fn a_running_and_an_absent_one() {
        let rows = [
            InstanceRow {
                name: "zap".to_owned(),
                domain: "zap [claw]".to_owned(),
                state: "running".to_owned(),
                ip: Some("192.168.122.182".to_owned()),
                vcpus: Some(2),
                memory_mib: Some(3072),
                disk_bytes: Some(60 << 30),
                autostart: Some(true),
                uptime_seconds: Some(273_600),
                drift: vec!["memory 2048 MiB, wanted 3072 MiB".to_owned()],
                ..InstanceRow::default()
            },
            InstanceRow {
                name: "demo".to_owned(),
                domain: "demo".to_owned(),
                state: "absent".to_owned(),
                ..InstanceRow::default()
            },
        ];
        assert_snapshot!(instances(&rows, Painter::new(false)), @"
        NAME  DOMAIN      STATE    IP               VCPU  MEMORY    DISK  AUTOSTART   UPTIME  DRIFT
        zap   zap [claw]  running  192.168.122.182     2   3 GiB  60 GiB  yes        3 d 4 h  memory 2048 MiB, wanted 3072 MiB
        demo  demo        absent   -                   -       -       -  -                -  -
        ");
    }
}
