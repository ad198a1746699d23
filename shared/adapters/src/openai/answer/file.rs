//! Files that a call made: images, mostly, whose bytes stand in the answer itself.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use domain::provider::File;
use domain::value::id::Digest;

use super::fields::Fields;

/// Servers pad or do not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) fn made_by(kind: &str, item: &Fields<'_>) -> Vec<File> {
    match kind {
        "image_generation_call" => {
            let content = item.text("result").filter(|content| !content.is_empty());
            content.map(|content| image(kind, item, &content)).into_iter().collect()
        }
        "code_interpreter_call" => {
            let outputs = item.list("outputs").into_iter().map(Fields::of);
            let images = outputs.filter(|output| output.kind() == "image").filter_map(|output| output.text("url"));
            images.filter(|url| !url.is_empty()).map(|url| image(kind, item, &url)).collect()
        }
        _ => vec![],
    }
}

/// An image as base64, as a data URL, or as the address where it lies.
fn image(kind: &str, item: &Fields<'_>, content: &str) -> File {
    let file = File { kind: kind.to_owned(), container_id: item.text("container_id"), ..File::default() };
    if content.starts_with("https://") || content.starts_with("http://") {
        return File { url: Some(content.to_owned()), ..file };
    }
    let declared = item.text("output_format").map(|format| match format.as_str() {
        "jpg" => "image/jpeg".to_owned(),
        "svg" => "image/svg+xml".to_owned(),
        format => format!("image/{format}"),
    });
    let (declared, encoded) = match content.strip_prefix("data:").and_then(|rest| rest.split_once(',')) {
        Some((head, encoded)) => (head.split(';').next().map(str::to_owned).or(declared), encoded),
        None => (declared, content),
    };
    let compact: String = encoded.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let bytes = BASE64.decode(&compact).ok();
    let media_type = bytes.as_deref().and_then(media_type).map(str::to_owned).or(declared);
    File {
        name: Some(name(item, media_type.as_deref())),
        bytes: bytes.as_ref().map(|bytes| bytes.len() as u64),
        sha256: bytes.as_ref().map(|bytes| hex::encode(Digest::of(bytes).0)),
        media_type,
        ..file
    }
}

/// What the first bytes of an image say that it is.
fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'<', b's', b'v', b'g', ..] => Some("image/svg+xml"),
        _ => None,
    }
}

/// The name of its call with the ending of its type; never a path.
fn name(item: &Fields<'_>, media_type: Option<&str>) -> String {
    let is_plain = |id: &String| {
        (1..=64).contains(&id.len()) && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
    };
    let stem = item.text("id").filter(is_plain).unwrap_or_else(|| "image".to_owned());
    match media_type {
        Some("image/png") => stem + ".png",
        Some("image/jpeg") => stem + ".jpg",
        Some("image/webp") => stem + ".webp",
        Some("image/gif") => stem + ".gif",
        Some("image/svg+xml") => stem + ".svg",
        _ => stem,
    }
}
