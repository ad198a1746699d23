//! Containers in which code ran, and the files that it left there, until nobody has asked for twenty minutes.

use std::collections::BTreeMap;

use axum::body::Bytes;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::error::ApiError;
use super::identity::Identity;
use super::page::Page;
use super::query::Query;
use super::reply::Reply;
use super::response::Response;
use super::script::{Looks, Output, Script};

const MINUTES_IDLE: i64 = 20;
const MOST_CONTAINERS: usize = 10_000;
/// So many files of a container can be named in what its response says.
const MOST_NAMED: usize = 100;

/// What a plan says of the container of a response.
#[derive(Debug, Clone)]
pub(super) struct ContainerScript {
    pub(super) memory_limit: String,
    pub(super) files: Vec<MadeFile>,
    /// How looks at the container and at its list of files are answered.
    pub(super) looks: Looks,
}

#[derive(Debug, Clone)]
pub(super) struct MadeFile {
    pub(super) name: String,
    pub(super) content: Made,
    pub(super) media_type: String,
    /// What the list says, when that is not true.
    pub(super) listed_bytes: Option<u64>,
    /// How calls for its content are answered.
    pub(super) looks: Looks,
}

#[derive(Debug, Clone)]
pub(super) enum Made {
    Bytes(Bytes),
    /// So many bytes of no meaning.
    Filler(usize),
}

impl Made {
    fn len(&self) -> usize {
        match self {
            Made::Bytes(bytes) => bytes.len(),
            Made::Filler(length) => *length,
        }
    }

    pub(super) fn bytes(&self) -> Bytes {
        match self {
            Made::Bytes(bytes) => bytes.clone(),
            Made::Filler(length) => Bytes::from(vec![b'.'; *length]),
        }
    }
}

pub(super) fn container_id(response: &str, identity: Identity) -> String {
    identity.of("cntr", response)
}

/// The files of a container are numbered from 1.
pub(super) fn file_id(response: &str, number: usize, identity: Identity) -> String {
    identity.of("cfile", &format!("{response} {number}"))
}

struct Container {
    created_at_ms: i64,
    last_active_ms: i64,
    script: ContainerScript,
    /// The ids of its files, in order.
    files: Vec<String>,
    looks: u32,
    looks_at_files: Vec<u32>,
}

#[derive(Default)]
pub(super) struct Containers(BTreeMap<String, Container>);

impl Containers {
    /// The container that a response ran in, once it has ended.
    pub(super) fn put(&mut self, response: &Response, identity: Identity, now_ms: i64) {
        let Some(script) = response.script.container.clone() else { return };
        let is_over = |container: &Container| container.is_over(now_ms);
        if self.0.len() >= MOST_CONTAINERS {
            self.0.retain(|_, container| !is_over(container));
        }
        if self.0.len() >= MOST_CONTAINERS {
            return;
        }
        let count = script.files.len();
        let container = Container {
            created_at_ms: response.created_at_ms,
            last_active_ms: now_ms,
            files: (1..=count).map(|number| file_id(&response.id, number, identity)).collect(),
            script,
            looks: 0,
            looks_at_files: vec![0; count],
        };
        self.0.insert(container_id(&response.id, identity), container);
    }

    /// Any look renews it.
    fn find(&mut self, id: &str, now_ms: i64) -> Result<&mut Container, ApiError> {
        let not_found = || ApiError::invalid(format!("Container with id '{id}' not found."));
        let container = self.0.get_mut(id).ok_or_else(|| ApiError { status: 404, ..not_found() })?;
        if container.is_over(now_ms) {
            container.script.files.clear();
            container.files.clear();
            return Err(ApiError { status: 404, ..ApiError::invalid("Container is expired.") });
        }
        container.last_active_ms = now_ms;
        Ok(container)
    }

    pub(super) fn look(&mut self, id: &str, now_ms: i64) -> Result<(Reply, Value), ApiError> {
        let container = self.find(id, now_ms)?;
        let shown = json!({
            "id": id,
            "object": "container",
            "created_at": container.created_at_ms / 1000,
            "status": "running",
            "expires_after": {"anchor": "last_active_at", "minutes": MINUTES_IDLE},
            "last_active_at": container.last_active_ms / 1000,
            "memory_limit": container.script.memory_limit,
            "name": "auto",
            "network_policy": {"type": "disabled"},
        });
        Ok((container.reply(), shown))
    }

    pub(super) fn files(&mut self, id: &str, query: &Query, now_ms: i64) -> Result<(Reply, Value), ApiError> {
        let page = Page::usual(query)?;
        let container = self.find(id, now_ms)?;
        let reply = container.reply();
        let mut files: Vec<(&String, &MadeFile)> = container.files.iter().zip(&container.script.files).collect();
        if page.newest_first {
            files.reverse();
        }
        let created_at = container.created_at_ms / 1000;
        let shown = |(file_id, file): &(&String, &MadeFile)| shown(id, file_id, file, created_at);
        Ok((reply, page.show(&files, |(file_id, _)| Some(file_id), shown)?))
    }

    pub(super) fn file(&mut self, id: &str, file_id: &str, now_ms: i64) -> Result<Value, ApiError> {
        let container = self.find(id, now_ms)?;
        let (_, file) = container.file(file_id)?;
        Ok(shown(id, file_id, file, container.created_at_ms / 1000))
    }

    pub(super) fn content(&mut self, id: &str, file_id: &str, now_ms: i64) -> Result<(Reply, Made, String), ApiError> {
        let container = self.find(id, now_ms)?;
        let (at, file) = container.file(file_id)?;
        let file = file.clone();
        let looks = container.looks_at_files.get_mut(at).map_or(0, |looks| {
            *looks = looks.saturating_add(1);
            *looks
        });
        Ok((file.looks.reply_to(looks), file.content, file.media_type))
    }
}

impl Container {
    fn is_over(&self, now_ms: i64) -> bool {
        now_ms - self.last_active_ms >= MINUTES_IDLE * 60_000
    }

    fn reply(&mut self) -> Reply {
        self.looks = self.looks.saturating_add(1);
        self.script.looks.reply_to(self.looks)
    }

    fn file(&self, id: &str) -> Result<(usize, &MadeFile), ApiError> {
        let at = self.files.iter().position(|own| own == id);
        let not_found = || ApiError::invalid(format!("Container file with id '{id}' not found."));
        at.and_then(|at| Some((at, self.script.files.get(at)?))).ok_or_else(|| ApiError { status: 404, ..not_found() })
    }
}

fn shown(container_id: &str, id: &str, file: &MadeFile, created_at: i64) -> Value {
    json!({
        "id": id,
        "object": "container.file",
        "bytes": file.listed_bytes.map_or(json!(file.content.len()), |bytes| json!(bytes)),
        "container_id": container_id,
        "created_at": created_at,
        "path": format!("/mnt/data/{}", file.name),
        "source": "assistant",
    })
}

impl Script {
    /// With the ids of this response's own container and files, wherever its items name them.
    pub(super) fn with_ids(mut self, response: &str, identity: Identity) -> Self {
        let Some(container) = &self.container else { return self };
        let mut names = vec![("{container}".to_owned(), container_id(response, identity))];
        for number in 1..=container.files.len().min(MOST_NAMED) {
            names.push((format!("{{file {number}}}"), file_id(response, number, identity)));
        }
        for observation in &mut self.life {
            let (Output::Items(items) | Output::InSchema(items)) = &mut observation.output else { continue };
            for item in items.iter_mut().filter(|item| item.get().contains('{')) {
                let text = names.iter().fold(item.get().to_owned(), |text, (name, id)| text.replace(name, id));
                *item = RawValue::from_string(text).unwrap_or_default();
            }
        }
        self
    }
}
