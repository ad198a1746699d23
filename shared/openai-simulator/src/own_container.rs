//! The container of a response as a plan writes it down: what code left there, and how it can be had.

use axum::body::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::container::{ContainerScript, Made, MadeFile};
use super::own_script::OwnAnswer;
use super::request::rule::known;

const MOST_FILES: usize = 10_000;
const LARGEST_FILE: usize = 256 * 1024 * 1024;
const MEMORY: [&str; 4] = ["1g", "4g", "16g", "64g"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnContainer {
    memory_limit: Option<String>,
    #[serde(default)]
    files: Vec<OwnFile>,
    /// How looks at the container and at the list of its files are answered.
    #[serde(default)]
    looks: OwnAnswer,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct OwnFile {
    name: String,
    text: Option<String>,
    base64: Option<String>,
    /// So many bytes of no meaning.
    size: Option<usize>,
    /// So many files, whose names have their number in the place of `#`.
    copies: Option<usize>,
    media_type: Option<String>,
    listed_bytes: Option<u64>,
    #[serde(default)]
    looks: OwnAnswer,
}

impl OwnContainer {
    pub(super) fn script(self) -> Result<ContainerScript, String> {
        let memory_limit = self.memory_limit.unwrap_or_else(|| "1g".to_owned());
        known("memory_limit", &memory_limit, &MEMORY).map_err(|error| error.message.into_owned())?;
        let mut files = vec![];
        for file in self.files {
            let copies = file.copies.unwrap_or(1);
            if files.len().saturating_add(copies) > MOST_FILES {
                return Err(format!("a container has at most {MOST_FILES} files"));
            }
            let made = file.clone().made()?;
            for number in 1..=copies {
                let name =
                    if file.copies.is_some() { made.name.replace('#', &number.to_string()) } else { made.name.clone() };
                files.push(MadeFile { name, ..made.clone() });
            }
        }
        Ok(ContainerScript { memory_limit, files, looks: self.looks.looks("looks")? })
    }
}

impl OwnFile {
    fn made(self) -> Result<MadeFile, String> {
        let content = match (self.text, self.base64, self.size) {
            (Some(text), None, None) => Made::Bytes(Bytes::from(text)),
            (None, Some(text), None) => {
                let bytes = STANDARD.decode(text).map_err(|error| format!("`base64` of {}: {error}", self.name))?;
                Made::Bytes(Bytes::from(bytes))
            }
            (None, None, Some(size)) if size <= LARGEST_FILE => Made::Filler(size),
            (None, None, Some(_)) => return Err(format!("`size` is at most {LARGEST_FILE}")),
            _ => return Err(format!("the file {} has one of `text`, `base64` and `size`", self.name)),
        };
        Ok(MadeFile {
            name: self.name,
            content,
            media_type: self.media_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
            listed_bytes: self.listed_bytes,
            looks: self.looks.looks("looks")?,
        })
    }
}
