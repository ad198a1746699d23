//! The product's API as a caller of the demo sees it, and its transitions as lines to read.

use std::error::Error;
use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use adapters::system::System;
use domain::port::Clock as _;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// What a demo waits for at most.
const PATIENCE: Duration = Duration::from_secs(60);

const LOOK_EVERY: Duration = Duration::from_millis(200);

/// The API, as one person calls it.
pub(crate) struct Api {
    client: Client,
    base: String,
    token: String,
}

impl Api {
    pub(crate) fn new(base: &str, token: String) -> Self {
        Self { client: Client::new(), base: base.to_owned(), token }
    }

    async fn call(&self, request: RequestBuilder) -> Result<Value, BoxError> {
        match self.answer(request).await? {
            (200..=299, body) => Ok(body),
            (status, body) => Err(format!("{status}: {body}").into()),
        }
    }

    fn jobs(&self) -> String {
        format!("{}/v1/workspaces/acme/jobs", self.base)
    }

    /// A job, its result or its trail.
    pub(crate) async fn get(&self, path: &str) -> Result<Value, BoxError> {
        self.call(self.client.get(format!("{}/{path}", self.jobs()))).await
    }

    /// Creates a document-analysis job; what is given comes on top of the usual. Answers its id.
    pub(crate) async fn submit(&self, fields: &Value) -> Result<String, BoxError> {
        let mut body = json!({"type": "document-analysis", "input": "The parties agree.", "summary": "demo"});
        if let (Some(body), Some(fields)) = (body.as_object_mut(), fields.as_object()) {
            body.extend(fields.clone());
        }
        let job = self.call(self.client.post(self.jobs()).json(&body)).await?;
        Ok(job["id"].as_str().ok_or("the job has no id")?.to_owned())
    }

    /// A decision about a job, as it was read at this version: status and body, whatever they say.
    pub(crate) async fn decide(
        &self,
        id: &str,
        action: &str,
        version: u64,
        body: &Value,
    ) -> Result<(u16, Value), BoxError> {
        let request = self.client.post(format!("{}/{id}/{action}", self.jobs())).json(body);
        self.answer(request.header("if-match", format!("\"{version}\""))).await
    }

    /// What comes of reading something that may be refused.
    pub(crate) async fn refused(&self, path: &str) -> Result<(u16, Value), BoxError> {
        self.answer(self.client.get(format!("{}/{path}", self.jobs()))).await
    }

    async fn answer(&self, request: RequestBuilder) -> Result<(u16, Value), BoxError> {
        let response = request.bearer_auth(&self.token).send().await?;
        Ok((response.status().as_u16(), response.json().await?))
    }

    /// Waits until the service answers.
    pub(crate) async fn is_up(&self) -> Result<(), BoxError> {
        let started = System.now();
        while self.client.get(format!("{}/v1/health", self.base)).send().await.is_err() {
            if System.now().since(started) > PATIENCE {
                return Err("the service did not start".into());
            }
            System.sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    /// Waits until the job is so, and answers it.
    pub(crate) async fn until(&self, id: &str, is_so: impl Fn(&Value) -> bool) -> Result<Value, BoxError> {
        let started = System.now();
        loop {
            let job = self.get(id).await?;
            if is_so(&job) {
                return Ok(job);
            }
            if System.now().since(started) > PATIENCE {
                return Err(format!("the job did not come so far within a minute: {job}").into());
            }
            System.sleep(LOOK_EVERY).await;
        }
    }

    /// Prints each transition once, and how long nothing has happened while it waits, until the job has ended.
    pub(crate) async fn watch(&self, id: &str) -> Result<(), BoxError> {
        let started = System.now();
        let mut shown = 0;
        let mut progress = Progress { terminal: std::io::stdout().is_terminal(), last: 0 };
        loop {
            let job = self.get(id).await?;
            let trail = self.get(&format!("{id}/events")).await?;
            for event in trail["events"].as_array().into_iter().flatten().skip(shown) {
                shown += 1;
                progress.clear();
                println!("{}", transition(event));
            }
            // A terminal job has no phase; a reader who saw the row before its last event looks once more.
            if job["phase"].is_null() && job["version"] == shown {
                return Ok(());
            }
            let waited = System.now().since(started);
            if waited > PATIENCE {
                return Err(format!("the job did not end within a minute: {job}").into());
            }
            progress.show(&format!("  … {} for {} s", word(&job["status"]), waited.as_secs()), waited.as_secs())?;
            System.sleep(LOOK_EVERY).await;
        }
    }
}

/// One line that moves on a terminal, and a line every two seconds elsewhere.
struct Progress {
    terminal: bool,
    last: u64,
}

impl Progress {
    fn show(&mut self, line: &str, second: u64) -> Result<(), BoxError> {
        if self.terminal {
            print!("\r\x1b[K{line}");
            std::io::stdout().flush()?;
        } else if second >= self.last + 2 {
            self.last = second;
            println!("{line}");
        }
        Ok(())
    }

    fn clear(&self) {
        if self.terminal {
            print!("\r\x1b[K");
        }
    }
}

fn transition(event: &Value) -> String {
    let time = event["at"].as_str().and_then(|at| at.get(11..23)).unwrap_or_default();
    let place = |state: &Value| match state["phase"].as_str() {
        Some(phase) => format!("{} ({phase})", word(&state["status"])),
        None => word(&state["status"]),
    };
    let by = format!("{}, {}", word(&event["actor"]["id"]), word(&event["cause"]));
    format!(
        "{time}  v{}  {:<24} because of {:<12} [{by}]",
        event["version"],
        place(&event["to"]),
        word(&event["event"])
    )
}

pub(crate) fn word(value: &Value) -> String {
    value.as_str().unwrap_or("-").to_owned()
}
