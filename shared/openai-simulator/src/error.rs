//! A refusal in the shape of OpenAI's error bodies.

use std::borrow::Cow;

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use serde_json::json;

#[derive(Debug, Clone)]
pub(super) struct ApiError {
    pub(super) status: u16,
    pub(super) kind: &'static str,
    pub(super) code: Option<Cow<'static, str>>,
    pub(super) param: Option<String>,
    pub(super) message: Cow<'static, str>,
    pub(super) retry_after_seconds: Option<u32>,
}

impl ApiError {
    pub(super) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status: 400,
            kind: "invalid_request_error",
            code: None,
            param: None,
            message: message.into(),
            retry_after_seconds: None,
        }
    }

    /// What a plan says.
    pub(super) fn asked(status: u16) -> Self {
        let kind = match status {
            429 => "rate_limit_error",
            503 => "service_unavailable_error",
            500.. => "server_error",
            _ => "invalid_request_error",
        };
        let message = "The simulator was asked to answer so.";
        Self { status, kind, ..Self::invalid(message) }
    }

    pub(super) fn unauthorized(message: &'static str) -> Self {
        Self { status: 401, ..Self::invalid(message) }
    }

    pub(super) fn not_found(id: &str) -> Self {
        let error = Self::invalid(format!("Response with id '{id}' not found."));
        Self { status: 404, ..error.about("id") }
    }

    pub(super) fn about(self, param: impl Into<String>) -> Self {
        Self { param: Some(param.into()), ..self }
    }

    pub(super) fn coded(self, code: impl Into<Cow<'static, str>>) -> Self {
        Self { code: Some(code.into()), ..self }
    }

    pub(super) fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after_seconds: Some(seconds), ..self }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let body = Json(json!({"error": {
            "message": self.message,
            "type": self.kind,
            "param": self.param,
            "code": self.code,
        }}));
        match self.retry_after_seconds {
            Some(seconds) => (status, [(RETRY_AFTER, seconds.to_string())], body).into_response(),
            None => (status, body).into_response(),
        }
    }
}
