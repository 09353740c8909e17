use crate::{
    inventory::{ImageSource, Instance},
    plan::Diagnostic,
};

use super::{image_error::ImageError, image_format::image_format, plan_provision::gib};

/// Returns why no disk can be made from the instance's base image, where that is a
/// file on this machine: it holds no disk, or one that is larger than `vm_disk_size`.
pub fn local_image_problem(instance: &Instance) -> Option<Diagnostic> {
    let ImageSource::File(path) = &instance.image else {
        return None;
    };
    let blame = |variable: &str, message: String| {
        let places = &instance.places;
        let place = places.get(variable).or_else(|| places.get("vm_image"));
        Diagnostic::error(place.cloned(), message)
    };
    match image_format(path) {
        Ok(format) if format.virtual_bytes > instance.disk_bytes => {
            let (needs, has) = (gib(format.virtual_bytes), gib(instance.disk_bytes));
            let message = format!("the base image needs {needs}, vm_disk_size is {has}");
            Some(blame("vm_disk_size", message).hint("raise vm_disk_size"))
        }
        Ok(_) => None,
        // An image that went away or can't be read is said where it is used.
        Err(error @ ImageError::Format { .. }) => {
            let message = format!("failed to {error}");
            let hint = "name an image in qcow2 format; `swarmctl image build` makes one";
            Some(blame("vm_image", message).hint(hint))
        }
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::testing, *};

    #[test]
    fn what_is_no_disk_and_what_is_too_large() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let text = |size: &str| {
            let image = file.path().display();
            format!("vm_ip: 10.0.0.2\nvm_image: {image}\nvm_disk_size: {size}\n")
        };
        let found = |size: &str| local_image_problem(&testing::instance("zap", &text(size)));
        std::fs::write(file.path(), vec![b'<'; 4096]).unwrap();
        let problem = found("60G").unwrap();
        assert!(problem.message.contains("neither qcow2"), "{problem}");
        assert_eq!(problem.place.unwrap().line, 2);
        let mut head = vec![0; 512];
        head[..4].copy_from_slice(b"QFI\xfb");
        head[24..32].copy_from_slice(&(3u64 << 30).to_be_bytes());
        std::fs::write(file.path(), head).unwrap();
        let problem = found("1G").unwrap();
        assert!(problem.message.contains("needs 3 GiB"), "{problem}");
        assert_eq!(problem.place.unwrap().line, 3);
        assert_eq!(found("3G"), None);
    }
}
