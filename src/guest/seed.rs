use std::io::{self, Cursor, Write as _};

use fatfs::{
    Date, DateTime, FileSystem, FormatVolumeOptions, FsOptions, Time, TimeProvider, format_volume,
};
use secrecy::ExposeSecret as _;

use super::{
    documents::Documents,
    seed_facts::{SEED_NOTE, SeedFacts},
};

/// The least size of a seed, in bytes; the documents are some kilobytes.
const LEAST: usize = 1 << 20;
/// The volume's serial number. It is fixed so that equal documents give equal bytes.
const VOLUME_ID: u32 = 0x5eed_0001;
/// NoCloud looks for this label (cloud-init's documentation of the data source).
const LABEL: [u8; 11] = *b"CIDATA     ";

/// The clock of the volume: always the same moment.
#[derive(Debug)]
struct Frozen;

impl TimeProvider for Frozen {
    fn get_current_date(&self) -> Date {
        Date {
            year: 2026,
            month: 1,
            day: 1,
        }
    }

    fn get_current_date_time(&self) -> DateTime {
        DateTime {
            date: self.get_current_date(),
            time: Time {
                hour: 0,
                min: 0,
                sec: 0,
                millis: 0,
            },
        }
    }
}

/// Returns a vfat volume labelled `CIDATA` that holds the documents, as cloud-init's
/// NoCloud source wants it, and a note of whose seed it is, which cloud-init ignores. Equal documents give equal bytes.
///
/// # Errors
///
/// Fails when the volume can't be made, which no input is known to cause.
pub fn seed_image(documents: &Documents, facts: &SeedFacts) -> io::Result<Vec<u8>> {
    let note = serde_json::to_string_pretty(facts)?;
    let files = [
        ("meta-data", documents.meta_data()),
        ("network-config", documents.network_config()),
        ("user-data", documents.user_data().expose_secret()),
        // Last, so that a note that can be read says that the seed was written whole.
        (SEED_NOTE, note.as_str()),
    ];
    let content: usize = files.iter().map(|(_, text)| text.len()).sum();
    // Half as much again leaves room for clusters and tables.
    let size = (content + content / 2).next_multiple_of(LEAST).max(LEAST);
    let mut bytes = vec![0; size];
    let options = FormatVolumeOptions::new()
        .volume_id(VOLUME_ID)
        .volume_label(LABEL);
    format_volume(Cursor::new(&mut bytes[..]), options)?;
    let options = FsOptions::new()
        .time_provider(&Frozen)
        .update_accessed_date(false);
    let volume = FileSystem::new(Cursor::new(&mut bytes[..]), options)?;
    for (name, text) in files {
        let mut file = volume.root_dir().create_file(name)?;
        file.write_all(text.as_bytes())?;
        file.flush()?;
    }
    volume.unmount()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use crate::guest::testing::{engine, instance};

    use super::*;

    fn documents(extra: &str) -> Documents {
        let text = format!("vm_ip: 10.0.0.2\n{extra}");
        Documents::render(&engine(), &instance("zap", &text), None).unwrap()
    }

    fn facts() -> SeedFacts {
        let (salt, digest) = ("salt".to_owned(), "0".repeat(64));
        SeedFacts::new("zap", salt, &digest, "ssh-ed25519 AAAA", "# user-data\n")
    }

    #[test]
    fn the_note_is_read_back() {
        let image = seed_image(&documents(""), &facts()).unwrap();
        assert_eq!(SeedFacts::read(image), Some(facts()));
    }

    #[test]
    fn equal_documents_give_equal_bytes() {
        let one = seed_image(&documents(""), &facts()).unwrap();
        assert_eq!(one.len(), LEAST);
        assert!(one == seed_image(&documents(""), &facts()).unwrap());
        assert!(one != seed_image(&documents("vm_users: [will]\n"), &facts()).unwrap());
    }

    #[test]
    fn the_files_read_back_and_large_ones_fit() {
        let big = "x".repeat(3 << 20);
        let documents = documents(&format!("vm_cloud_init: {{big: {big}}}\n"));
        let image = seed_image(&documents, &facts()).unwrap();
        let volume = FileSystem::new(Cursor::new(image), FsOptions::new()).unwrap();
        assert_eq!(volume.volume_label(), "CIDATA");
        let mut text = String::new();
        let mut file = volume.root_dir().open_file("user-data").unwrap();
        file.read_to_string(&mut text).unwrap();
        assert!(text == documents.user_data().expose_secret());
    }
}
