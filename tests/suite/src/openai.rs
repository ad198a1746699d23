//! The client of the provider's API against servers that answer, hang, lie and hang up.

mod answer;
mod body;
mod call;
mod request;
mod start;
mod usage;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use adapters::openai::{ApiKey, OpenAiClient, OpenAiConfig};
use domain::port::NewResponse;
use domain::provider::ResponseMetadata;
use domain::value::id::{JobId, Nonce, TypeName, WorkspaceId};
use serde_json::json;

const KEY: &str = "sk-very-secret-0123456789";

/// A server on a port of its own that treats every request alike and remembers what it read.
struct Server {
    url: String,
    seen: Arc<(Mutex<Vec<String>>, Condvar)>,
}

impl Server {
    fn start(treat: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let seen: Arc<(Mutex<Vec<String>>, Condvar)> = Arc::default();
        let (requests, treat) = (seen.clone(), Arc::new(treat));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (requests, treat) = (requests.clone(), treat.clone());
                std::thread::spawn(move || {
                    let mut stream = stream.unwrap();
                    if let Some(request) = read_request(&mut stream) {
                        requests.0.lock().unwrap().push(request);
                        requests.1.notify_all();
                        treat(stream);
                    }
                });
            }
        });
        Self { url, seen }
    }

    /// Writes these bytes, then closes the connection.
    fn writing(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(move |mut stream| drop(stream.write_all(&bytes)))
    }

    fn answering(status: u16, headers: &str, body: &str) -> Self {
        Self::writing(http(status, headers, body))
    }

    fn hanging() -> Self {
        Self::start(|_stream| {
            loop {
                std::thread::park();
            }
        })
    }

    fn client(&self) -> OpenAiClient {
        client(&self.url)
    }

    fn requests(&self) -> Vec<String> {
        self.seen.0.lock().unwrap().clone()
    }

    /// Waits for a request that its sender may have given up on before this machine found the time to read it.
    fn only_request(&self) -> String {
        let (requests, news) = &*self.seen;
        let limit = Duration::from_secs(10);
        let (requests, _) = news.wait_timeout_while(requests.lock().unwrap(), limit, |seen| seen.is_empty()).unwrap();
        assert_eq!(requests.len(), 1, "{requests:#?}");
        requests[0].clone()
    }
}

fn http(status: u16, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

/// `None` when what arrives is not HTTP, or nothing does.
fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = vec![];
    loop {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return Some(text);
            }
        }
    }
}

fn config(url: &str) -> OpenAiConfig {
    OpenAiConfig::new(url, ApiKey::parse(KEY).unwrap())
}

fn client(url: &str) -> OpenAiClient {
    OpenAiClient::new(config(url)).unwrap()
}

fn impatient(url: &str) -> OpenAiClient {
    let patience = Duration::from_millis(200);
    OpenAiClient::new(OpenAiConfig { start_timeout: patience, get_timeout: patience, ..config(url) }).unwrap()
}

/// A port that was free a moment ago.
fn nobody() -> String {
    format!("http://{}/v1", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap())
}

fn a_start() -> NewResponse {
    NewResponse {
        job_type: TypeName::parse("document-analysis").unwrap(),
        model: "gpt-6.1-terra".into(),
        instructions: "Be brief.".into(),
        output_schema: None,
        output_strict: false,
        input: json!("a very private prompt"),
        tools: vec![],
        max_tool_calls: 64,
        reasoning_effort: Some("low".into()),
        max_output_tokens: 1_000,
        service_tier: None,
        window: None,
        tag: ResponseMetadata {
            deployment: "prod".into(),
            workspace: WorkspaceId::parse("acme").unwrap(),
            job: JobId::parse("job_1").unwrap(),
            attempt: 2,
            submit_token: Nonce([7; 16]),
        },
    }
}
