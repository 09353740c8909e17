use serde::Serialize;

use super::{Align, Painter, Table, text::bytes};

/// One base image as `swarmctl image list` shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImageRow {
    /// libvirt URI of the hypervisor that has it.
    pub hypervisor: String,
    /// Storage pool.
    pub pool: String,
    /// The volume's name; empty when the image was not fetched yet.
    pub volume: String,
    /// The volume's size in bytes.
    pub bytes: Option<u64>,
    /// Where it comes from.
    pub source: String,
    /// Instances whose inventory names it.
    pub used_by: Vec<String>,
}

/// Returns the images as a table.
pub fn images(rows: &[ImageRow], painter: Painter) -> String {
    let mut table = Table::new(&[
        ("hypervisor", Align::Left),
        ("pool", Align::Left),
        ("volume", Align::Left),
        ("size", Align::Right),
        ("used by", Align::Left),
        ("source", Align::Left),
    ]);
    for row in rows {
        table.row([
            row.hypervisor.clone(),
            row.pool.clone(),
            row.volume.clone(),
            row.bytes.map(bytes).unwrap_or_default(),
            row.used_by.join(", "),
            row.source.clone(),
        ]);
    }
    table.render(painter)
}
