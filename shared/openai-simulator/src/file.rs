//! The files of the Files API: what was uploaded, and what batches made.

use std::collections::BTreeMap;

use axum::body::Bytes;
use serde_json::{Value, json};

use super::error::ApiError;
use super::identity::Identity;
use super::multipart::Part;
use super::page::Page;
use super::query::Query;
use super::request::rule::known;

const PURPOSES: [&str; 5] = ["assistants", "batch", "fine-tune", "vision", "user_data"];
const LONGEST_NAME: usize = 512;
pub(super) const LARGEST_BATCH_BYTES: usize = 200 * 1024 * 1024;
/// Of all files together: this is somebody's memory.
const MOST_BYTES: usize = 1024 * 1024 * 1024;
const MOST_FILES: usize = 10_000;
pub(super) const THIRTY_DAYS_S: i64 = 2_592_000;

#[derive(Debug, Clone)]
pub(super) struct File {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) purpose: String,
    pub(super) body: Bytes,
    created_at: i64,
    expires_at: Option<i64>,
}

/// What is asked to be kept.
#[derive(Debug, Clone)]
pub(super) struct Upload {
    pub(super) name: String,
    pub(super) purpose: String,
    pub(super) body: Bytes,
    /// Seconds.
    pub(super) expires_after: Option<i64>,
}

#[derive(Debug, Default)]
pub(super) struct Files {
    /// By their number, the oldest first.
    kept: BTreeMap<u64, File>,
    bytes: usize,
    made: u64,
}

impl Files {
    pub(super) fn put(&mut self, upload: Upload, identity: Identity, now_ms: i64) -> Result<&File, ApiError> {
        let now = now_ms / 1000;
        self.forget_old(now);
        let bytes = self.bytes + upload.body.len();
        if bytes > MOST_BYTES || self.kept.len() >= MOST_FILES {
            let message = format!("The simulator keeps {MOST_FILES} files and {MOST_BYTES} bytes, and no more.");
            return Err(ApiError { status: 413, ..ApiError::invalid(message) });
        }
        self.bytes = bytes;
        self.made += 1;
        let file = File {
            id: identity.of_length("file", &self.made.to_string(), 28).replace('_', "-"),
            name: upload.name,
            purpose: upload.purpose,
            body: upload.body,
            created_at: now,
            expires_at: upload.expires_after.map(|seconds| now + seconds),
        };
        Ok(self.kept.entry(self.made).or_insert(file))
    }

    pub(super) fn find(&mut self, id: &str, now_ms: i64) -> Result<&File, ApiError> {
        self.forget_old(now_ms / 1000);
        self.kept.values().find(|file| file.id == id).ok_or_else(|| not_found(id))
    }

    pub(super) fn delete(&mut self, id: &str, now_ms: i64) -> Result<(), ApiError> {
        self.find(id, now_ms)?;
        self.kept.retain(|_, file| file.id != id);
        self.bytes = self.kept.values().map(|file| file.body.len()).sum();
        Ok(())
    }

    pub(super) fn page(&mut self, query: &Query, now_ms: i64) -> Result<Value, ApiError> {
        self.forget_old(now_ms / 1000);
        let page = Page::of(query, 10_000, 10_000)?;
        let purpose = query.get("purpose");
        let is_meant = |file: &&File| purpose.is_none_or(|purpose| file.purpose == purpose);
        let mut files: Vec<&File> = self.kept.values().filter(is_meant).collect();
        if page.newest_first {
            files.reverse();
        }
        page.show(&files, |file| Some(&file.id), |file| file.shown())
    }

    fn forget_old(&mut self, now: i64) {
        self.kept.retain(|_, file| file.expires_at.is_none_or(|expires_at| now < expires_at));
        self.bytes = self.kept.values().map(|file| file.body.len()).sum();
    }
}

fn not_found(id: &str) -> ApiError {
    ApiError { status: 404, ..ApiError::invalid(format!("No such File object: {id}")).about("id") }
}

impl File {
    pub(super) fn shown(&self) -> Value {
        let mut shown = json!({
            "id": self.id,
            "object": "file",
            "bytes": self.body.len(),
            "created_at": self.created_at,
            "filename": self.name,
            "purpose": self.purpose,
            "status": "processed",
        });
        if let (Some(fields), Some(expires_at)) = (shown.as_object_mut(), self.expires_at) {
            fields.insert("expires_at".to_owned(), json!(expires_at));
        }
        shown
    }
}

impl Upload {
    /// As a form has it; deep fields come as `expires_after[seconds]`.
    pub(super) fn read(parts: &[Part]) -> Result<Self, ApiError> {
        let field = |name: &str| parts.iter().find(|part| part.name == name);
        let text = |name: &str| field(name).map(Part::text).transpose();
        const FIELDS: [&str; 4] = ["file", "purpose", "expires_after[anchor]", "expires_after[seconds]"];
        if let Some(part) = parts.iter().find(|part| !FIELDS.contains(&part.name.as_str())) {
            return Err(ApiError::unknown_parameter(&part.name));
        }
        let file = field("file").ok_or_else(|| ApiError::missing("file"))?;
        let name = file.file_name.clone().filter(|name| !name.is_empty()).ok_or_else(|| ApiError::missing("file"))?;
        let purpose = text("purpose")?.ok_or_else(|| ApiError::missing("purpose"))?;
        known("purpose", purpose, &PURPOSES)?;
        if name.len() > LONGEST_NAME {
            return Err(ApiError::invalid("The file's name is too long.").about("file"));
        }
        if file.body.is_empty() {
            return Err(ApiError::invalid("The file is empty.").about("file"));
        }
        if purpose == "batch" && !name.ends_with(".jsonl") {
            let message = "Invalid file format for a batch: expected a name that ends in .jsonl.";
            return Err(ApiError::invalid(message).about("file"));
        }
        if purpose == "batch" && file.body.len() > LARGEST_BATCH_BYTES {
            let message = format!("The file is too large: at most {LARGEST_BATCH_BYTES} bytes for a batch.");
            return Err(ApiError { status: 413, ..ApiError::invalid(message).about("file") });
        }
        let anchor = text("expires_after[anchor]")?;
        let seconds = text("expires_after[seconds]")?.map(|text| text.parse().unwrap_or_default());
        let usual = (purpose == "batch").then_some(THIRTY_DAYS_S);
        let expires_after = expires_after(anchor, seconds, "expires_after")?.or(usual);
        Ok(Self { name, purpose: purpose.to_owned(), body: file.body.clone(), expires_after })
    }
}

/// Both or none, within bounds.
pub(super) fn expires_after(anchor: Option<&str>, seconds: Option<i64>, param: &str) -> Result<Option<i64>, ApiError> {
    match (anchor, seconds) {
        (None, None) => Ok(None),
        (Some("created_at"), Some(seconds)) if (3_600..=THIRTY_DAYS_S).contains(&seconds) => Ok(Some(seconds)),
        _ => {
            let message = format!("Invalid '{param}': expected the anchor created_at and 3600 to 2592000 seconds.");
            Err(ApiError::invalid(message).about(param))
        }
    }
}
