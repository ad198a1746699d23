//! A target for notices that keeps what it takes: for tests, here and beside a deployed stack.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::State as Shared;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::Value;
use tokio::net::TcpListener;

/// A handle on a sink; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Sink(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    answer: StatusCode,
    asked: usize,
    taken: Vec<Value>,
}

impl Sink {
    /// Answers every post so from now on, and takes nothing unless it is a success.
    pub fn answer(&self, status: StatusCode) {
        self.state().answer = status;
    }

    /// How often something was posted.
    pub fn asked(&self) -> usize {
        self.state().asked
    }

    /// What was taken, in order.
    pub fn taken(&self) -> Vec<Value> {
        self.state().taken.clone()
    }

    /// `POST /notices` takes one, `GET /notices` shows all; `/elsewhere` is where a redirect leads.
    pub async fn serve(self, listener: TcpListener) -> std::io::Result<()> {
        let router = Router::new()
            .route("/notices", get(show).post(take))
            .route("/elsewhere", get(take).post(take))
            .with_state(self);
        axum::serve(listener, router).await
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn show(Shared(sink): Shared<Sink>) -> Json<Vec<Value>> {
    Json(sink.taken())
}

async fn take(Shared(sink): Shared<Sink>, body: String) -> impl IntoResponse {
    let mut state = sink.state();
    state.asked += 1;
    if state.answer.is_success() {
        state.taken.push(serde_json::from_str(&body).unwrap_or_default());
    }
    (state.answer, [(header::LOCATION, "/elsewhere")])
}
