//! Files and images inside a request: read, measured, and counted as no text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::error::ApiError;

/// Of all files of one request together, and so of each.
const MOST_BYTES: usize = 50 * 1024 * 1024;
/// What a file or an image counts for, whatever its size.
const COUNTED_BYTES: usize = 4_096;
/// Longer data than this is not kept.
const LONG: usize = 256 * 1024;
const IMAGES: [&str; 4] = ["image/png", "image/jpeg", "image/webp", "image/gif"];
const DETAILS: [&str; 4] = ["auto", "low", "high", "original"];

/// The parts of the input's messages, each with its place.
fn parts(fields: &Map<String, Value>) -> impl Iterator<Item = (String, &Map<String, Value>)> {
    let items = fields.get("input").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().enumerate().flat_map(|(at, item)| {
        let content = item.get("content").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        content
            .iter()
            .enumerate()
            .filter_map(move |(inner, part)| Some((format!("input[{at}].content[{inner}]"), part.as_object()?)))
    })
}

fn kind(part: &Map<String, Value>) -> &str {
    part.get("type").and_then(Value::as_str).unwrap_or_default()
}

fn given<'a>(part: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    part.get(name).filter(|value| !value.is_null())
}

/// The ids of files that a request names, with their places.
pub(super) fn file_ids(fields: &Map<String, Value>) -> Vec<(String, &str)> {
    let files = parts(fields).filter(|(_, part)| ["input_file", "input_image"].contains(&kind(part)));
    files.filter_map(|(at, part)| Some((format!("{at}.file_id"), given(part, "file_id")?.as_str()?))).collect()
}

/// How long an input is: what files hold is no text.
pub(super) fn counted_bytes(items: &Value) -> usize {
    let mut items = items.clone();
    let mut counted = 0;
    let contents =
        items.as_array_mut().into_iter().flatten().filter_map(|item| item.get_mut("content")?.as_array_mut());
    for part in contents.flatten().filter_map(Value::as_object_mut) {
        for name in ["file_data", "image_url"] {
            counted += part.remove(name).map_or(0, |_| COUNTED_BYTES);
        }
    }
    counted + items.to_string().len()
}

/// Leaves of long data only its head: a simulator that runs for days keeps every request.
pub(super) fn forget(fields: &mut Map<String, Value>) {
    let items = fields.get_mut("input").and_then(Value::as_array_mut).into_iter().flatten();
    let contents = items.filter_map(|item| item.get_mut("content")?.as_array_mut());
    for part in contents.flatten().filter_map(Value::as_object_mut) {
        for name in ["file_data", "image_url"] {
            if let Some(Value::String(text)) = part.get_mut(name).filter(|text| text.as_str().is_some_and(is_long)) {
                text.truncate(text.find(',').map_or(0, |at| at + 1));
            }
        }
    }
}

fn is_long(text: &str) -> bool {
    text.len() > LONG && text.starts_with("data:")
}

pub(super) fn check(fields: &Map<String, Value>) -> Result<(), ApiError> {
    let mut bytes = 0;
    for (at, part) in parts(fields) {
        bytes += match kind(part) {
            "input_file" => file(&at, part)?,
            "input_image" => image(&at, part)?,
            _ => 0,
        };
        if bytes > MOST_BYTES {
            let message = format!("The files of this request are larger than {MOST_BYTES} bytes together.");
            return Err(ApiError::invalid(message).about(at).coded("file_too_large"));
        }
    }
    Ok(())
}

/// The one way of several in which the part says what it is about.
fn only<'a>(at: &str, part: &'a Map<String, Value>, names: &[&'static str]) -> Result<(String, &'a str), ApiError> {
    let found: Vec<_> = names.iter().filter_map(|name| Some((*name, given(part, name)?))).collect();
    let [(name, value)] = found.as_slice() else {
        let message = format!("'{at}' has exactly one of '{}'.", names.join("', '"));
        let code = if found.is_empty() { "missing_required_parameter" } else { "mutually_exclusive_parameters" };
        return Err(ApiError::invalid(message).about(at).coded(code));
    };
    let param = format!("{at}.{name}");
    match value.as_str() {
        Some(text) => Ok((param, text)),
        None => Err(ApiError::wrong_type(&param, "a string")),
    }
}

fn file(at: &str, part: &Map<String, Value>) -> Result<usize, ApiError> {
    let (param, text) = only(at, part, &["file_data", "file_id", "file_url"])?;
    if param.ends_with("file_url") {
        return address(&param, text);
    }
    if !param.ends_with("file_data") {
        return Ok(0);
    }
    let name = given(part, "filename").and_then(Value::as_str).unwrap_or_default();
    if name.is_empty() {
        return Err(ApiError::missing(&format!("{at}.filename")));
    }
    let refused = |message: String, code| Err(ApiError::invalid(message).about(&param).coded(code));
    let Some((media_type, bytes)) = data(text) else {
        return refused(format!("Invalid '{param}': expected a data URL in base64."), "invalid_value");
    };
    if bytes.is_empty() {
        return refused("The file is empty.".to_owned(), "empty_file");
    }
    let is_pdf = media_type == "application/pdf" || name.to_lowercase().ends_with(".pdf");
    if is_pdf && !bytes.starts_with(b"%PDF-") {
        return refused(format!("The file '{name}' is no PDF."), "invalid_file");
    }
    if ["image/", "audio/", "video/"].iter().any(|kind| media_type.starts_with(kind)) {
        let message = format!("The media type '{media_type}' is not supported for input files.");
        return refused(message, "unsupported_file_media_type");
    }
    Ok(bytes.len())
}

fn image(at: &str, part: &Map<String, Value>) -> Result<usize, ApiError> {
    if let Some(detail) = given(part, "detail") {
        super::request::rule::known(&format!("{at}.detail"), detail.as_str().unwrap_or_default(), &DETAILS)?;
    }
    let (param, text) = only(at, part, &["image_url", "file_id"])?;
    if param.ends_with("file_id") {
        return Ok(0);
    }
    if !text.starts_with("data:") {
        return address(&param, text);
    }
    let refused = |message: &str, code| Err(ApiError::invalid(message.to_owned()).about(&param).coded(code));
    let Some((media_type, bytes)) = data(text) else {
        return refused("The image is not valid base64.", "invalid_base64_image");
    };
    if !IMAGES.contains(&media_type) {
        return refused("The image is none of PNG, JPEG, WebP and GIF.", "unsupported_image_media_type");
    }
    if bytes.is_empty() {
        return refused("The image is empty.", "empty_image_file");
    }
    let signature: &[u8] = match media_type {
        "image/png" => b"\x89PNG",
        "image/jpeg" => b"\xff\xd8\xff",
        "image/webp" => b"RIFF",
        _ => b"GIF8",
    };
    if !bytes.starts_with(signature) {
        return refused("The image is not what its media type says.", "invalid_image_format");
    }
    Ok(bytes.len())
}

fn address(param: &str, text: &str) -> Result<usize, ApiError> {
    if text.starts_with("https://") || text.starts_with("http://") {
        return Ok(0);
    }
    Err(ApiError::invalid(format!("Invalid '{param}': expected a URL.")).about(param).coded("invalid_value"))
}

/// The media type and the bytes of a data URL.
fn data(text: &str) -> Option<(&str, Vec<u8>)> {
    let (head, encoded) = text.strip_prefix("data:")?.split_once(',')?;
    let media_type = head.strip_suffix(";base64")?;
    let media_type = media_type.split(';').next().unwrap_or_default();
    Some((media_type, STANDARD.decode(encoded).ok()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn code(part: Value) -> String {
        let fields = json!({"input": [{"role": "user", "content": [{"type": "input_text", "text": "Read."}, part]}]});
        match check(fields.as_object().unwrap()) {
            Ok(()) => "taken".to_owned(),
            Err(error) => error.code.unwrap_or_default().into_owned(),
        }
    }

    fn file(name: &str, data: &str) -> Value {
        json!({"type": "input_file", "filename": name, "file_data": data})
    }

    fn image(data: &str) -> Value {
        json!({"type": "input_image", "detail": "auto", "image_url": data})
    }

    #[test]
    fn files_and_images_inside_a_request_are_read_and_measured() {
        let pdf = format!("data:application/pdf;base64,{}", STANDARD.encode("%PDF-1.7 ..."));
        let large = format!("data:text/plain;base64,{}", STANDARD.encode(vec![b'x'; MOST_BYTES + 1]));
        let table = [
            (file("a.pdf", &pdf), "taken"),
            (file("a.txt", "data:text/plain;base64,aGk="), "taken"),
            (json!({"type": "input_file", "file_id": "file-1"}), "taken"),
            (json!({"type": "input_file", "file_url": "https://example.com/a.pdf"}), "taken"),
            (image("data:image/png;base64,iVBORw0KGgo="), "taken"),
            (image("https://example.com/a.png"), "taken"),
            (file("a.pdf", "data:application/pdf;base64,aGk="), "invalid_file"),
            (file("a.pdf", "data:application/pdf;base64,%%%"), "invalid_value"),
            (file("a.pdf", "aGk="), "invalid_value"),
            (file("a.txt", "data:text/plain;base64,"), "empty_file"),
            (file("", &pdf), "missing_required_parameter"),
            (file("a.mp4", "data:video/mp4;base64,aGk="), "unsupported_file_media_type"),
            (file("a.txt", &large), "file_too_large"),
            (json!({"type": "input_file", "filename": "a"}), "missing_required_parameter"),
            (json!({"type": "input_file", "file_id": "file-1", "file_data": pdf}), "mutually_exclusive_parameters"),
            (json!({"type": "input_file", "file_url": "file:///a"}), "invalid_value"),
            (image("data:image/png;base64,!"), "invalid_base64_image"),
            (image("data:image/svg+xml;base64,aGk="), "unsupported_image_media_type"),
            (image("data:image/png;base64,"), "empty_image_file"),
            (image("data:image/png;base64,aGk="), "invalid_image_format"),
            (json!({"type": "input_image", "detail": "huge", "image_url": "https://a"}), "invalid_value"),
        ];
        for (part, expected) in table {
            let shown: String = part.to_string().chars().take(80).collect();
            assert_eq!(code(part), expected, "{shown}");
        }
    }

    #[test]
    fn a_file_of_many_bytes_does_not_fill_the_model_s_context() {
        let part = file("a.pdf", &"x".repeat(10_000_000));
        let bytes = counted_bytes(&json!([{"role": "user", "content": [part]}]));
        assert!((COUNTED_BYTES..COUNTED_BYTES + 200).contains(&bytes), "{bytes}");
    }
}
