//! A refusal in the shape of OpenAI's error bodies.

use std::borrow::Cow;

use axum::Json;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

const INVALID_REQUEST: &str = "invalid_request_error";

#[derive(Debug, Clone)]
pub(super) struct ApiError {
    pub(super) status: u16,
    pub(super) kind: Cow<'static, str>,
    pub(super) code: Option<Cow<'static, str>>,
    pub(super) param: Option<Box<str>>,
    pub(super) message: Cow<'static, str>,
    pub(super) headers: Vec<(&'static str, String)>,
}

impl ApiError {
    pub(super) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status: 400,
            kind: Cow::Borrowed(INVALID_REQUEST),
            code: None,
            param: None,
            message: message.into(),
            headers: vec![],
        }
    }

    /// What a plan says.
    pub(super) fn asked(status: u16) -> Self {
        let kind = match status {
            429 => "rate_limit_error",
            503 => "service_unavailable_error",
            500.. => "server_error",
            _ => INVALID_REQUEST,
        };
        let message = "The simulator was asked to answer so.";
        Self { status, kind: Cow::Borrowed(kind), ..Self::invalid(message) }
    }

    pub(super) fn unauthorized(message: &'static str) -> Self {
        Self { status: 401, ..Self::invalid(message) }
    }

    pub(super) fn not_found(id: &str) -> Self {
        let error = Self::invalid(format!("Response with id '{id}' not found."));
        Self { status: 404, ..error.about("id") }
    }

    /// What the simulator lacks. Nobody has to try that again.
    pub(super) fn not_there_yet(what: &str) -> Self {
        let message = format!("The simulator has no {what} yet.");
        let kind = Cow::Borrowed("not_implemented");
        Self { status: 501, kind, headers: vec![("x-should-retry", "false".to_owned())], ..Self::invalid(message) }
    }

    pub(super) fn model_not_found(model: &str) -> Self {
        let message = format!("The model '{model}' does not exist or you do not have access to it.");
        Self { status: 404, ..Self::invalid(message).about("model").coded("model_not_found") }
    }

    /// A word that is none of those that there are.
    pub(super) fn invalid_value(param: impl Into<String>, got: &str, words: &[&str]) -> Self {
        let words = words.join("', '");
        let message = format!("Invalid value: '{got}'. Supported values are: '{words}'.");
        Self::invalid(message).about(param).coded("invalid_value")
    }

    pub(super) fn wrong_type(param: &str, expected: &str) -> Self {
        let message = format!("Invalid type for '{param}': expected {expected}.");
        Self::invalid(message).about(param).coded("invalid_type")
    }

    pub(super) fn unknown_parameter(param: &str) -> Self {
        Self::invalid(format!("Unknown parameter: '{param}'.")).about(param).coded("unknown_parameter")
    }

    pub(super) fn missing(param: &str) -> Self {
        let message = format!("Missing required parameter: '{param}'.");
        Self::invalid(message).about(param).coded("missing_required_parameter")
    }

    pub(super) fn about(self, param: impl Into<String>) -> Self {
        Self { param: Some(param.into().into_boxed_str()), ..self }
    }

    pub(super) fn coded(self, code: impl Into<Cow<'static, str>>) -> Self {
        Self { code: Some(code.into()), ..self }
    }

    pub(super) fn of_kind(self, kind: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: kind.into(), ..self }
    }

    pub(super) fn retry_after(mut self, seconds: u32) -> Self {
        self.headers.push(("retry-after", seconds.to_string()));
        self
    }
}

impl ApiError {
    pub(super) fn body(&self) -> Value {
        json!({"error": {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}})
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut answer = (status, Json(self.body())).into_response();
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                answer.headers_mut().insert(name, value);
            }
        }
        answer
    }
}
