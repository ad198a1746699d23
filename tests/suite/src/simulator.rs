//! The simulated provider keeps its promises, asked over HTTP as any client would ask it.

mod form;
mod life;
mod plans;
mod refusal;
mod trouble;
mod webhook;

use std::sync::atomic::{AtomicI64, AtomicU16, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use adapters::webhook_signature::{Refusal, WebhookSecret, verify};
use openai_simulator::{
    Mode, Models, SigningSecret, Simulator, SimulatorConfig, Webhook, WebhookDelivery, WebhookTarget,
};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

const KEY: &str = "sk-simulated";
const BEARER: &str = "Bearer sk-simulated";
const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const PREVIOUS_SECRET: &str = "whsec_//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=";
const NOON_MS: i64 = 1_795_000_000_000;

/// A simulator on a port of its own, with its own clock and a receiver that keeps what it is sent.
struct OpenAi {
    simulator: Simulator,
    client: Client,
    address: String,
    clock_ms: Arc<AtomicI64>,
    secret: WebhookSecret,
    inbox: Arc<Mutex<Vec<WebhookDelivery>>>,
    receiver_answers: Arc<AtomicU16>,
}

impl OpenAi {
    async fn start(mode: Mode) -> Self {
        let clock_ms = Arc::new(AtomicI64::new(NOON_MS));
        let inbox = Arc::new(Mutex::new(Vec::new()));
        let receiver_answers = Arc::new(AtomicU16::new(200));
        let secret = WebhookSecret::parse(SECRET).unwrap();
        let target = {
            let (inbox, answers) = (inbox.clone(), receiver_answers.clone());
            WebhookTarget::Call(Arc::new(move |delivery| {
                inbox.lock().unwrap().push(delivery);
                let answer = answers.load(SeqCst);
                Box::pin(async move { answer })
            }))
        };
        let clock = {
            let clock_ms = clock_ms.clone();
            Arc::new(move || clock_ms.load(SeqCst))
        };
        let simulator = Simulator::new(SimulatorConfig {
            clock,
            seed: 7,
            api_key: KEY.to_owned(),
            models: Models::Listed,
            webhook: Some(Webhook {
                target,
                secrets: [SECRET, PREVIOUS_SECRET].map(|secret| SigningSecret::parse(secret).unwrap()).to_vec(),
            }),
            mode,
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = simulator.clone();
        tokio::spawn(async move { server.serve(listener).await });
        let key = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(BEARER))]);
        let client = Client::builder().default_headers(key).build().unwrap();
        Self { simulator, client, address, clock_ms, secret, inbox, receiver_answers }
    }

    fn wait_ms(&self, ms: i64) {
        self.clock_ms.fetch_add(ms, SeqCst);
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// A good request, changed by the fields of `change`.
    fn post(&self, change: Value) -> RequestBuilder {
        let mut request = json!({
            "model": "gpt-5.6",
            "input": "Hello world",
            "background": true,
            "store": true,
            "metadata": {"job_id": "job_1"},
        });
        request.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        self.client.post(self.at("/v1/responses")).json(&request)
    }

    async fn create(&self, change: Value) -> Value {
        self.send(self.post(change)).await
    }

    async fn get(&self, id: &str) -> Value {
        self.send(self.client.get(self.at(&format!("/v1/responses/{id}")))).await
    }

    async fn cancel(&self, id: &str) -> Value {
        self.send(self.client.post(self.at(&format!("/v1/responses/{id}/cancel")))).await
    }

    async fn send(&self, request: RequestBuilder) -> Value {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    fn deliveries(&self) -> Vec<WebhookDelivery> {
        self.inbox.lock().unwrap().clone()
    }

    fn verified(&self, delivery: &WebhookDelivery) -> Result<(), Refusal> {
        let now = self.clock_ms.load(SeqCst) / 1000;
        verify(std::slice::from_ref(&self.secret), |name| header(delivery, name), &delivery.body, now)
    }
}

fn header<'a>(delivery: &'a WebhookDelivery, name: &str) -> Option<&'a str> {
    delivery.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
}
