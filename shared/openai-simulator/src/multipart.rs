//! A form with files, as SDKs upload it: its parts, without a copy of what they hold.

use axum::body::Bytes;

use super::error::ApiError;

const MOST_PARTS: usize = 16;

/// One field of the form.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) file_name: Option<String>,
    pub(super) body: Bytes,
}

impl Part {
    pub(super) fn text(&self) -> Result<&str, ApiError> {
        std::str::from_utf8(&self.body).map_err(|_| ApiError::wrong_type(&self.name, "a string"))
    }
}

/// The parts of a body whose `content-type` is this.
pub(super) fn parts(content_type: &str, body: &Bytes) -> Result<Vec<Part>, ApiError> {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    let boundary = parameter(content_type, "boundary").filter(|boundary| !boundary.is_empty() && boundary.len() <= 70);
    let Some(boundary) = boundary.filter(|_| kind.eq_ignore_ascii_case("multipart/form-data")) else {
        return Err(ApiError::invalid(
            "The body of your request is not a form: 'multipart/form-data' with a boundary.",
        ));
    };
    let mark = format!("\r\n--{boundary}");
    let broken = || ApiError::invalid("The form in the body of your request is cut off or malformed.");
    // The first boundary has no line break before it.
    let mut at = find(body, mark.get(2..).unwrap_or_default().as_bytes(), 0).ok_or_else(broken)? + mark.len() - 2;
    let mut parts = vec![];
    while !body.get(at..).unwrap_or_default().starts_with(b"--") {
        let head_end = find(body, b"\r\n\r\n", at).ok_or_else(broken)?;
        let end = find(body, mark.as_bytes(), head_end + 2).ok_or_else(broken)?;
        let head = body.get(at..head_end).and_then(|head| std::str::from_utf8(head).ok()).ok_or_else(broken)?;
        let (name, file_name) = names(head).ok_or_else(broken)?;
        let from = (head_end + 4).min(end);
        parts.push(Part { name, file_name, body: body.slice(from..end) });
        if parts.len() > MOST_PARTS {
            return Err(ApiError::invalid(format!("The form has more than {MOST_PARTS} parts.")));
        }
        at = end + mark.len();
    }
    Ok(parts)
}

/// The field's name, and the file's, from the head of a part.
fn names(head: &str) -> Option<(String, Option<String>)> {
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
    Some((parameter(line, "name")?, parameter(line, "filename")))
}

/// `name="value"` or `name=value` behind a semicolon.
fn parameter(line: &str, name: &str) -> Option<String> {
    let parameters = line.split(';').skip(1).filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = parameters.into_iter().find(|(own, _)| own.eq_ignore_ascii_case(name))?;
    Some(value.trim().trim_matches('"').to_owned())
}

fn find(body: &[u8], what: &[u8], from: usize) -> Option<usize> {
    let first = *what.first()?;
    let mut at = from;
    // By the first byte and then the rest: a file of 200 MB is searched once.
    loop {
        at += body.get(at..)?.iter().position(|byte| *byte == first)?;
        if body.get(at..)?.starts_with(what) {
            return Some(at);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &'static str) -> Result<Vec<(String, Option<String>, String)>, u16> {
        let parts = parts("multipart/form-data; boundary=x", &Bytes::from_static(body.as_bytes()));
        let shown = |part: Part| (part.name.clone(), part.file_name.clone(), part.text().unwrap().to_owned());
        parts.map(|parts| parts.into_iter().map(shown).collect()).map_err(|error| error.status)
    }

    #[test]
    fn a_form_is_read_to_the_byte_and_a_broken_one_is_refused() {
        let form = "--x\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n\
                    --x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\
                    Content-Type: text/plain\r\n\r\n{}\r\n-x\r\n\r\n--x--\r\n";
        let text = |text: &str| text.to_owned();
        assert_eq!(
            read(form),
            Ok(vec![
                (text("purpose"), None, text("batch")),
                (text("file"), Some(text("a.jsonl")), text("{}\r\n-x\r\n")),
            ])
        );
        assert_eq!(read("--x--"), Ok(vec![]));
        for broken in ["", "--y\r\n", "--x", "--x\r\nno head", "--x\r\nContent-Disposition: form-data\r\n\r\n\r\n--x--"]
        {
            assert_eq!(read(broken), Err(400), "{broken:?}");
        }
        let body = Bytes::from_static(b"--x--");
        for kind in ["multipart/form-data", "application/json; boundary=x", "multipart/form-data; boundary="] {
            assert!(parts(kind, &body).is_err(), "{kind}");
        }
    }
}
