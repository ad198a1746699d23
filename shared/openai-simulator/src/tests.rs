//! The simulator asked over HTTP, on a port of its own, with a clock that only the test moves.

mod batch;
mod batch_trap;
mod container;
mod file;
mod input;
mod organization;
mod research;

use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::{Mode, Models, SigningSecret, Simulator, SimulatorConfig, Webhook, WebhookDelivery, WebhookTarget};

const KEY: &str = "sk-simulated";
const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const NOON_MS: i64 = 1_796_040_000_000;
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

struct OpenAi {
    simulator: Simulator,
    client: Client,
    address: String,
    clock_ms: Arc<AtomicI64>,
    inbox: Arc<Mutex<Vec<WebhookDelivery>>>,
}

impl OpenAi {
    async fn start(mode: Mode) -> Self {
        let clock_ms = Arc::new(AtomicI64::new(NOON_MS));
        let inbox: Arc<Mutex<Vec<WebhookDelivery>>> = Arc::default();
        let kept = inbox.clone();
        let target = WebhookTarget::Call(Arc::new(move |delivery| {
            kept.lock().unwrap().push(delivery);
            Box::pin(async { 200 })
        }));
        let clock = clock_ms.clone();
        let simulator = Simulator::new(SimulatorConfig {
            clock: Arc::new(move || clock.load(SeqCst)),
            seed: 7,
            api_key: KEY.to_owned(),
            models: Models::Listed,
            webhook: Some(Webhook { target, secrets: vec![SigningSecret::parse(SECRET).unwrap()] }),
            mode,
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = simulator.clone();
        tokio::spawn(async move { server.serve(listener).await });
        Self { simulator, client: Client::new(), address, clock_ms, inbox }
    }

    fn wait_ms(&self, ms: i64) {
        self.clock_ms.fetch_add(ms, SeqCst);
    }

    fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}/v1/{path}", self.address)).bearer_auth(KEY)
    }

    async fn get(&self, path: &str) -> Value {
        good(self.call(Method::GET, path)).await
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        good(self.call(Method::POST, path).json(&body)).await
    }

    /// A response by this plan, from its beginning to its end.
    async fn ended(&self, plan: &str, change: Value) -> Value {
        let mut request =
            json!({"model": "gpt-6.1-terra", "input": "Hello.", "background": true, "metadata": {"plan": plan}});
        request.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let made = self.post("responses", request).await;
        self.simulator.drain();
        self.get(&format!("responses/{}", made["id"].as_str().unwrap())).await
    }

    fn upload(&self, name: &str, purpose: &str, more: &str, body: &str) -> RequestBuilder {
        let form = format!(
            "--x\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n{purpose}\r\n{more}\
             --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n{body}\r\n--x--\r\n"
        );
        self.call(Method::POST, "files").header("content-type", "multipart/form-data; boundary=x").body(form)
    }

    fn events(&self) -> Vec<Value> {
        let inbox = self.inbox.lock().unwrap();
        inbox.iter().map(|delivery| serde_json::from_slice(&delivery.body).unwrap()).collect()
    }
}

async fn good(request: RequestBuilder) -> Value {
    let answer = request.send().await.unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert_eq!(status, 200, "{text}");
    serde_json::from_str(&text).unwrap()
}

/// The status of an answer and the error in it, which has the provider's four fields.
async fn refused(request: RequestBuilder) -> (u16, Value) {
    let answer: Response = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    let error = serde_json::from_str::<Value>(&text).unwrap()["error"].clone();
    assert_eq!(error.as_object().map(|fields| fields.len()), Some(4), "{status} {text}");
    (status, error)
}
