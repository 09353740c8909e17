use std::{fs::File, io::Read, path::Path};

use super::image_error::ImageError;

/// What a base image is inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageFormat {
    /// `qcow2` or `raw`, as libvirt names them.
    pub name: &'static str,
    /// The size that the guest sees, in bytes.
    pub virtual_bytes: u64,
}

/// First bytes of every qcow2 file, and where its header holds the virtual size
/// (QEMU's docs/interop/qcow2.txt: magic at 0, backing file offset at 8, size at
/// 24, all big-endian).
const MAGIC: &[u8] = b"QFI\xfb";

/// Where a disk without a format has its boot signature, 0x55 0xAA (UEFI
/// specification 2.10, 5.2.1; a GPT disk has a protective MBR there).
const SIGNATURE_AT: usize = 510;

/// Reads the head of `path`.
///
/// # Errors
/// When the file can't be read, holds no disk, or is a qcow2 file that needs
/// another one behind it.
pub fn image_format(path: &Path) -> Result<ImageFormat, ImageError> {
    let mut head = [0; 512];
    let mut file = File::open(path).map_err(|e| ImageError::file(path, e))?;
    let refuse = |why: &str| ImageError::Format {
        path: path.to_owned(),
        why: why.to_owned(),
    };
    file.read_exact(&mut head)
        .map_err(|_| refuse("it is shorter than one disk sector"))?;
    if head.starts_with(MAGIC) {
        let number = |at: usize| {
            head[at..at + 8]
                .iter()
                .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
        };
        if number(8) != 0 {
            return Err(refuse(
                "it is an overlay over another image; flatten it with `qemu-img convert -O qcow2`",
            ));
        }
        return Ok(ImageFormat {
            name: "qcow2",
            virtual_bytes: number(24),
        });
    }
    if head[SIGNATURE_AT..] != [0x55, 0xaa] {
        return Err(refuse("it is neither qcow2 nor a bootable raw disk"));
    }
    let bytes = file
        .metadata()
        .map_err(|e| ImageError::file(path, e))?
        .len();
    Ok(ImageFormat {
        name: "raw",
        virtual_bytes: bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(bytes: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        file
    }

    #[test]
    fn qcow2_header_gives_the_virtual_size() {
        let mut head = vec![0; 512];
        head[..4].copy_from_slice(MAGIC);
        head[24..32].copy_from_slice(&(60u64 << 30).to_be_bytes());
        let format = image_format(written(&head).path()).unwrap();
        assert_eq!(format.name, "qcow2");
        assert_eq!(format.virtual_bytes, 60 << 30);
    }

    #[test]
    fn overlays_pages_and_stumps_are_refused() {
        let mut overlay = vec![0; 512];
        overlay[..4].copy_from_slice(MAGIC);
        overlay[15] = 8;
        for bytes in [overlay, vec![b'<'; 4096], vec![0; 100]] {
            assert!(image_format(written(&bytes).path()).is_err());
        }
    }

    #[test]
    fn a_raw_disk_is_known_by_its_signature() {
        let mut disk = vec![0; 4096];
        disk[510..512].copy_from_slice(&[0x55, 0xaa]);
        let format = image_format(written(&disk).path()).unwrap();
        assert_eq!(
            format,
            ImageFormat {
                name: "raw",
                virtual_bytes: 4096
            }
        );
    }
}
