use clap::Args;
use serde_json::json;

use crate::{
    cli::{
        command_error::CommandError, context::Context, guests, interrupt::block_on, loaded::Loaded,
    },
    guest::{CachedImage, ImageStore},
    inventory::{ImageChecksum, ImageSource},
    plan::{Cancel, Exit, StepContext},
    report::{Drawer, Format},
};

const EXAMPLES: &str = "\
Examples:
  swarmctl image pull              the images of all instances
  swarmctl image pull zap          those of one instance
  swarmctl image pull https://example.org/noble.img --checksum https://example.org/SHA256SUMS";

/// Arguments of `swarmctl image pull`.
#[derive(Args, Debug)]
#[command(
    about = "Fetch base images into this machine's cache",
    long_about = "Fetch base images into this machine's cache, so that provisioning need not.\n\n\
        Each is checked against its checksum before it counts; an interrupted download never does, \
        and goes on where it stopped. What is in the cache already is not fetched again.",
    after_long_help = EXAMPLES
)]
pub struct PullArgs {
    /// Image URLs, or patterns of instances whose images are meant; default: all instances
    #[arg(value_name = "URL|PATTERN")]
    pub what: Vec<String>,

    /// For URLs: `sha256:…`, or the URL or path of a sums file
    #[arg(long, value_name = "SUM")]
    pub checksum: Option<String>,
}

/// Fetches base images.
///
/// # Errors
/// When the inventory or the pattern is invalid, or an image can't be had.
pub fn run(args: &PullArgs, context: &Context) -> Result<Exit, CommandError> {
    let images = wanted(args, context)?;
    let store = ImageStore::new(guests::images(context));
    let output = &context.output;
    let pulled = block_on(context, async |cancel| {
        pull_all(&images, &store, context, &cancel).await
    })?;
    let (mut exit, mut done) = (Exit::Done, Vec::new());
    for result in pulled {
        match result {
            Ok(image) => done.push(image),
            Err(error) => exit = exit.worse(error.report(context)),
        }
    }
    match output.format() {
        Format::Table => {
            for image in &done {
                output.data(&format!("{}  {}", image.sha256, image.path.display()));
            }
        }
        Format::Json | Format::Yaml => {
            let images: Vec<_> = done
                .iter()
                .map(|image| {
                    json!({
                        "source": image.source,
                        "path": image.path,
                        "sha256": image.sha256,
                        "bytes": image.bytes,
                    })
                })
                .collect();
            output.document("swarmctl/image-pull/1", &json!({ "images": images }))?;
        }
    }
    Ok(exit)
}

type Wanted = (ImageSource, Option<ImageChecksum>);

/// The images that are meant, each once.
fn wanted(args: &PullArgs, context: &Context) -> Result<Vec<Wanted>, CommandError> {
    let is_url = |text: &&String| text.starts_with("http://") || text.starts_with("https://");
    let (urls, patterns): (Vec<_>, Vec<_>) = args.what.iter().partition(is_url);
    if args.checksum.is_some() && urls.len() != 1 {
        return Err(CommandError::usage(
            "--checksum is for one URL",
            "name one URL; instances have vm_image_checksum",
        ));
    }
    let sum = args.checksum.as_deref().map(|text| {
        text.strip_prefix("sha256:").map_or_else(
            || ImageChecksum::Sums(text.to_owned()),
            |sum| ImageChecksum::Sha256(sum.to_ascii_lowercase()),
        )
    });
    let mut images: Vec<Wanted> = urls
        .into_iter()
        .map(|url| (ImageSource::Url(url.clone()), sum.clone()))
        .collect();
    if args.what.is_empty() || !patterns.is_empty() {
        let loaded = Loaded::new(context)?;
        let pattern = if patterns.is_empty() {
            "all".to_owned()
        } else {
            patterns.into_iter().cloned().collect::<Vec<_>>().join(",")
        };
        for instance in loaded.instances(&pattern)? {
            let image = (instance.image, instance.image_checksum);
            if !images.contains(&image) {
                images.push(image);
            }
        }
    }
    Ok(images)
}

async fn pull_all(
    images: &[Wanted],
    store: &ImageStore,
    context: &Context,
    cancel: &Cancel,
) -> Vec<Result<CachedImage, CommandError>> {
    let drawer = Drawer::new(context.output.clone());
    let mut done = Vec::new();
    for (source, checksum) in images {
        let name = match source {
            ImageSource::Url(url) => url.clone(),
            ImageSource::File(path) => path.display().to_string(),
        };
        let step = StepContext {
            instance: &name,
            sink: &drawer,
            cancel,
        };
        let pulled = store.pull(source, checksum.as_ref(), &step).await;
        done.push(pulled.map_err(|error| error.failure().into()));
    }
    done
}
