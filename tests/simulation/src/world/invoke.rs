//! Each function behind the event that Lambda would hand it.

use std::collections::HashMap;

use adapters::aws::dynamodb::event_item;
use adapters::aws::secrets::CachedSecret;
use adapters::webhook_signature::{WebhookSecret, sign};
use aws_lambda_events::apigw::{
    ApiGatewayRequestAuthorizer, ApiGatewayRequestAuthorizerJwtDescription, ApiGatewayV2httpRequestContext,
};
use aws_lambda_events::dynamodb::{Event as StreamEvent, EventRecord};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::contract::route::Route;
use domain::flow::FlowContext;
use domain::job::Transition;
use domain::people::review::Action;
use domain::value::id::{JobId, WorkspaceId};
use ingest_webhook::Delivery;
use lambda_http::http::{HeaderName, HeaderValue};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt as _, Response};
use serde_json::json;

use super::operator::Order;
use super::reviewer::Decision;
use super::{Purpose, World};
use crate::faults::Function;
use crate::memory::{Message, Work};

const SECRET: &str = "whsec_c2ltdWxhdGlvbiBzaW11bGF0aW9uIHNpbXVsYXRpb24=";
pub(super) const ISSUER: &str = "https://issuer.example";
const OTHER_SECRET: &str = "whsec_YW5vdGhlciBzZWNyZXQgYW5vdGhlciBzZWNyZXQgYW5vdGhlcg==";

/// What an invocation answered.
#[derive(Debug)]
pub(super) enum Answer {
    Http {
        status: u16,
        location: Option<String>,
    },
    /// What failed of a batch.
    Items(Vec<String>),
    Ran(bool),
}

impl Answer {
    pub(super) fn number(&self) -> u64 {
        match self {
            Self::Http { status, .. } => u64::from(*status),
            Self::Items(failed) => 1_000 + failed.len() as u64,
            Self::Ran(well) => 2_000 + u64::from(*well),
        }
    }
}

impl From<Response<Body>> for Answer {
    fn from(response: Response<Body>) -> Self {
        let location = response.headers().get("location").and_then(|value| value.to_str().ok());
        Self::Http { status: response.status().as_u16(), location: location.map(str::to_owned) }
    }
}

impl From<SqsBatchResponse> for Answer {
    fn from(response: SqsBatchResponse) -> Self {
        Self::Items(response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect())
    }
}

/// A request as the gateway passes it on.
fn request(
    route: Route,
    workspace: Option<&str>,
    principal: Option<&str>,
    headers: &[(&'static str, &str)],
    body: &str,
) -> Request {
    let mut context = ApiGatewayV2httpRequestContext::default();
    context.route_key = Some(route.key().to_owned());
    context.authorizer = principal.map(|principal| {
        let mut jwt = ApiGatewayRequestAuthorizerJwtDescription::default();
        jwt.claims = HashMap::from(
            [("sub", principal), ("iss", ISSUER)].map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        let mut authorizer = ApiGatewayRequestAuthorizer::default();
        authorizer.jwt = Some(jwt);
        authorizer
    });
    let mut request = Request::new(Body::Text(body.to_owned()));
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            request.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    let path: HashMap<String, Vec<String>> =
        workspace.map(|workspace| ("workspace".to_owned(), vec![workspace.to_owned()])).into_iter().collect();
    request.with_path_parameters(path).with_request_context(RequestContext::ApiGatewayV2(context))
}

impl World {
    pub(super) fn invoke_create(&mut self, number: usize) {
        let Some(client) = self.clients.get(number) else { return };
        let key = client.key.as_deref().map(|key| ("idempotency-key", key));
        let headers: Vec<_> = key.into_iter().collect();
        let request = request(Route::CreateJob, Some(client.workspace), Some(client.principal), &headers, &client.body);
        let purpose = Purpose::Call { client: number, tries: client.tries };
        self.spawn(Function::CreateJob, purpose, |ports, setting| {
            Box::pin(async move {
                let flow = FlowContext::new(&ports, &ports, &ports, &setting);
                create_job::handle(&flow, request).await.into()
            })
        });
    }

    pub(super) fn invoke_decision(&mut self, decision: &Decision) {
        let Decision { workspace, id, principal, action, digest, seen, number } = decision;
        let mut body = json!({"digest": digest, "note": format!("note {number}")});
        if *action == Action::Edit
            && let Some(body) = body.as_object_mut()
        {
            body.insert("text".to_owned(), json!(format!("text {number}")));
        }
        let seen = format!("\"{seen}\"");
        let headers = [("if-match", seen.as_str())];
        self.call_control((workspace, id), principal, Route::Decide(*action), &headers, &body.to_string());
    }

    pub(super) fn invoke_order(&mut self, order: &Order) {
        let Order { workspace, id, principal, control, seen, key } = order;
        let seen = seen.map(|seen| format!("\"{seen}\""));
        let headers: Vec<_> = [("if-match", seen.as_deref()), ("idempotency-key", key.as_deref())]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect();
        self.call_control((workspace, id), principal, Route::Control(*control), &headers, "");
    }

    fn call_control(
        &mut self,
        (workspace, id): (&WorkspaceId, &JobId),
        principal: &str,
        route: Route,
        headers: &[(&'static str, &str)],
        body: &str,
    ) {
        let request = request(route, Some(workspace.as_str()), Some(principal), headers, body);
        let mut path = HashMap::from([("workspace".to_owned(), vec![workspace.to_string()])]);
        path.insert("id".to_owned(), vec![id.to_string()]);
        let request = request.with_path_parameters(path);
        self.spawn(Function::ControlJob, Purpose::Control, |ports, setting| {
            Box::pin(async move {
                let flow = FlowContext::new(&ports, &ports, &ports, &setting);
                control_job::handle(&flow, &ports, request).await.into()
            })
        });
    }

    pub(super) fn invoke_webhook(&mut self, number: usize) {
        let Some(hook) = self.hooks.get(number) else { return };
        let at = self.shared.executor.now().seconds();
        let (Ok(secret), Ok(other)) = (WebhookSecret::parse(SECRET), WebhookSecret::parse(OTHER_SECRET)) else {
            return;
        };
        let signature = sign(if hook.is_forged { &other } else { &secret }, &hook.id, at, hook.body.as_bytes());
        let at = at.to_string();
        let headers = [("webhook-id", hook.id.as_str()), ("webhook-timestamp", &at), ("webhook-signature", &signature)];
        let delivery = Delivery::new("simulated", &headers, &hook.body);
        let purpose = Purpose::Hook { hook: number, tries: hook.tries };
        self.spawn(Function::IngestWebhook, purpose, |ports, _| {
            let secrets = CachedSecret::fixed(vec![secret]);
            Box::pin(async move { ingest_webhook::handle(&ports, &ports, &secrets, &ports, delivery).await.into() })
        });
    }

    pub(super) fn invoke_message(&mut self, number: u64, message: &Message) {
        let mut record = SqsMessage::default();
        record.message_id = Some(number.to_string());
        record.body = message.work.body();
        let mut event = SqsEvent::default();
        event.records = vec![record];
        let purpose = Purpose::Message(number);
        match message.work {
            Work::Submit(_) => self.spawn(Function::SubmitJob, purpose, |ports, setting| {
                Box::pin(async move {
                    let flow = FlowContext::new(&ports, &ports, &ports, &setting);
                    submit_job::handle(&flow, &ports, event).await.into()
                })
            }),
            Work::Poll(_) => self.spawn(Function::ObserveJob, purpose, |ports, setting| {
                Box::pin(async move {
                    let flow = FlowContext::new(&ports, &ports, &ports, &setting);
                    observe_job::handle(&flow, &ports, &ports, &ports, event).await.into()
                })
            }),
        }
    }

    pub(super) fn invoke_publish(&mut self, reader: u64, batch: &[(u64, Transition)]) {
        let records = batch.iter().map(|(number, change)| {
            let mut record = EventRecord::default();
            record.change.sequence_number = Some(number.to_string());
            record.change.new_image = event_item(change).into();
            record
        });
        let mut event = StreamEvent::default();
        event.records = records.collect();
        self.spawn(Function::PublishEvents, Purpose::Batch(reader), |ports, _| {
            Box::pin(async move {
                let response = publish_events::handle(&ports, &ports, &ports, &ports, event).await;
                let failed = response.batch_item_failures.into_iter();
                Answer::Items(failed.filter_map(|failure| failure.item_identifier).collect())
            })
        });
    }

    pub(super) fn invoke_reconcile(&mut self) {
        self.spawn(Function::Reconcile, Purpose::Schedule, |ports, setting| {
            Box::pin(
                async move { Answer::Ran(reconcile::handle(&ports, &ports, &ports, &setting.timing).await.is_ok()) },
            )
        });
    }
}
