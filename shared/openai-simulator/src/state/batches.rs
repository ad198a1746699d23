//! Batches in the state: made, moved, run line by line, and forgotten by nobody.

use axum::body::Bytes;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::super::Mode;
use super::super::batch::check::{Line, check};
use super::super::batch::{Batch, BatchEnd, BatchError, BatchRequest, BatchStatus};
use super::super::bill::Bill;
use super::super::body::render;
use super::super::error::ApiError;
use super::super::file::{THIRTY_DAYS_S, Upload};
use super::super::page::Page;
use super::super::query::Query;
use super::super::reply::{Content, Reply};
use super::super::request::Request;
use super::super::response::Response;
use super::super::script::Script;
use super::super::webhook::Pending;
use super::{Created, State};

const MOST_BATCHES: usize = 10_000;
const MOST_IN_AN_HOUR: usize = 2_000;
const HOUR_MS: i64 = 3_600_000;
/// So many lines are run while everybody else waits.
const LINES_AT_ONCE: usize = 2_000;

impl State {
    pub(in super::super) fn create_batch(&mut self, request: BatchRequest, now_ms: i64) -> Result<Created, ApiError> {
        let recent = self.batches.values().filter(|batch| now_ms - batch.created_at_ms < HOUR_MS).count();
        if recent >= MOST_IN_AN_HOUR || self.batches.len() >= MOST_BATCHES {
            return Err(ApiError { status: 429, ..ApiError::asked(429).coded("rate_limit_exceeded") });
        }
        let script = self.script_for(&request.metadata)?;
        let create = self.answer_to(&request.metadata, &script);
        let id = create.makes.then(|| {
            let number = self.batches.len() as u64 + 1;
            let id = self.identity.of_length("batch", &number.to_string(), script.id_length);
            let mut batch = Batch::new(id.clone(), number, request, script, now_ms);
            batch.due_ms = self.mode.wait_of(&batch).map(|wait| now_ms + wait);
            self.batches.insert(id.clone(), batch);
            id
        });
        Ok(Created { id, after_the_end: create.after_the_end, reply: create.reply })
    }

    pub(in super::super) fn look_at_batch(&mut self, id: &str) -> Result<Reply, ApiError> {
        let batch = self.find_batch(id)?;
        batch.looks = batch.looks.saturating_add(1);
        Ok(batch.script.looks.reply_to(batch.looks))
    }

    pub(in super::super) fn find_batch(&mut self, id: &str) -> Result<&mut Batch, ApiError> {
        let not_found = || ApiError::invalid(format!("No batch found with id '{id}'.")).about("id");
        let there = self.batches.get_mut(id).filter(|batch| !batch.is_gone());
        there.ok_or_else(|| ApiError { status: 404, ..not_found() })
    }

    /// The newest first, and no other order.
    pub(in super::super) fn batch_page(&self, query: &Query) -> Result<Value, ApiError> {
        let page = Page::usual(query)?;
        let mut batches: Vec<&Batch> = self.batches.values().filter(|batch| !batch.is_gone()).collect();
        batches.sort_by_key(|batch| std::cmp::Reverse(batch.number));
        page.show(&batches, |batch| Some(&batch.id), |batch| batch.shown())
    }

    pub(in super::super) fn cancel_batch(&mut self, id: &str, now_ms: i64) -> Result<&Batch, ApiError> {
        let mode = self.mode;
        let batch = self.find_batch(id)?;
        if batch.status.is_terminal() {
            let message = format!("Cannot cancel a batch with status '{}'.", batch.status);
            return Err(ApiError { status: 409, ..ApiError::invalid(message) });
        }
        if batch.status != BatchStatus::Cancelling {
            batch.become_(BatchStatus::Cancelling, now_ms);
            batch.due_ms = mode.wait_of(batch).map(|wait| now_ms + wait);
        }
        Ok(batch)
    }

    pub(super) fn advance_batches(&mut self, now_ms: i64) {
        let mut left = LINES_AT_ONCE;
        let due = |batch: &Batch| batch.due_ms.filter(|due_ms| *due_ms <= now_ms);
        let ids: Vec<String> =
            self.batches.values().filter(|batch| due(batch).is_some()).map(|b| b.id.clone()).collect();
        for id in ids {
            while let Some(due_ms) = self.batches.get(&id).and_then(due)
                && left > 0
            {
                let ran = |state: &Self| state.batches.get(&id).map_or(0, |batch| batch.ran);
                let before = ran(self);
                self.step_batch(&id, due_ms);
                left = left.saturating_sub(ran(self) - before);
            }
        }
    }

    /// Moves a batch on; `None` when nothing more comes of it.
    pub(in super::super) fn step_batch(&mut self, id: &str, at_ms: i64) -> Option<BatchStatus> {
        // Out of the map, because its lines need the rest of the state.
        let mut batch = self.batches.remove(id)?;
        let moved = self.moved(&mut batch, at_ms);
        batch.due_ms = moved.and_then(|_| self.mode.wait_of(&batch)).map(|wait| at_ms + wait);
        if moved.is_some() && batch.status.is_terminal() && !self.muted && !batch.is_gone() {
            let webhooks = &batch.script.webhooks;
            for _ in 0..webhooks.copies {
                let pending =
                    Pending::new(webhooks, ("batch", &batch.id), &batch.status.to_string(), self.identity, at_ms);
                self.outbox.put(pending);
            }
        }
        self.batches.insert(id.to_owned(), batch);
        moved
    }

    fn moved(&mut self, batch: &mut Batch, at_ms: i64) -> Option<BatchStatus> {
        let next = match (batch.status, batch.script.batch.end) {
            (BatchStatus::Validating, BatchEnd::NeverStarts) => return None,
            (BatchStatus::Validating, _) => self.validated(batch, at_ms),
            (BatchStatus::InProgress, end) => {
                let half = batch.counts.total / 2;
                let most = if end == BatchEnd::NeverEnds { half.min(batch.to_run()) } else { batch.to_run() };
                if batch.ran < most {
                    self.run_lines(batch, most, at_ms);
                    BatchStatus::InProgress
                } else {
                    match end {
                        BatchEnd::NeverEnds | BatchEnd::NeverStarts => return None,
                        BatchEnd::Completed => BatchStatus::Finalizing,
                        BatchEnd::Failed => BatchStatus::Failed,
                        BatchEnd::Expired => BatchStatus::Expired,
                        BatchEnd::Cancelled => BatchStatus::Cancelled,
                    }
                }
            }
            (BatchStatus::Finalizing, _) => BatchStatus::Completed,
            (BatchStatus::Cancelling, _) => BatchStatus::Cancelled,
            _ => return None,
        };
        if next.is_terminal() && batch.status != BatchStatus::Validating && next != BatchStatus::Failed {
            self.put_files(batch, next, at_ms);
        }
        if next != batch.status {
            batch.become_(next, at_ms);
        }
        Some(next)
    }

    fn validated(&mut self, batch: &mut Batch, at_ms: i64) -> BatchStatus {
        batch.errors.clone_from(&batch.script.batch.errors);
        let file = self.files.find(&batch.request.input_file_id, at_ms).ok();
        let file = file.filter(|file| file.purpose == "batch").map(|file| file.body.clone());
        match file.map(|input| (check(&input), input)) {
            _ if !batch.errors.is_empty() => BatchStatus::Failed,
            None => {
                let message = format!("Cannot find the file '{}'.", batch.request.input_file_id);
                batch.errors.push(BatchError {
                    param: Some("input_file_id".to_owned()),
                    ..BatchError::of("invalid_file", None, message)
                });
                BatchStatus::Failed
            }
            Some((Err(errors), _)) => {
                batch.errors = errors;
                BatchStatus::Failed
            }
            Some((Ok(checked), input)) => {
                batch.counts.total = checked.lines.len();
                (batch.input, batch.lines, batch.model) = (input, checked.lines, checked.model);
                BatchStatus::InProgress
            }
        }
    }

    /// The next lines; the last of the input comes first, because no order is promised.
    fn run_lines(&mut self, batch: &mut Batch, most: usize, at_ms: i64) {
        let until = (batch.ran + batch.lines_of_a_step()).min(most);
        while batch.ran < until {
            let place = batch.counts.total - 1 - batch.ran;
            let text = batch.text_of(place);
            let Ok(line) = serde_json::from_slice::<Line<'_>>(&text) else { return };
            let outcome = self.outcome(batch, &line, place, at_ms);
            let ending = self.line(&batch.id, place, &line.custom_id, &outcome.0);
            if let Some(bill) = outcome.2 {
                batch.bill.add(&bill);
            }
            let is_success = outcome.1;
            let counted = if is_success { &mut batch.counts.completed } else { &mut batch.counts.failed };
            *counted += 1;
            let is_among_successes = batch.script.batch.failing.as_ref().is_some_and(|failing| failing.in_output);
            let file = if is_success || is_among_successes { &mut batch.output } else { &mut batch.error_output };
            file.extend_from_slice(ending.as_bytes());
            batch.ran += 1;
        }
    }

    /// What the line ends in, whether that is a success, and what it used.
    fn outcome(&mut self, batch: &Batch, line: &Line<'_>, place: usize, at_ms: i64) -> (Ending, bool, Option<Bill>) {
        if let Some(failing) = batch.script.batch.failing.as_ref().filter(|failing| batch.ran < failing.lines) {
            let error = ApiError::asked(failing.status).coded(failing.code.clone());
            let ending = if failing.in_body {
                Ending::Refused(error)
            } else {
                Ending::Lost(failing.code.clone(), error.message.into_owned())
            };
            return (ending, false, None);
        }
        let request = match Request::parse(line.body.get().as_bytes(), self.models, at_ms) {
            Ok(request) => request,
            Err(error) => return (Ending::Refused(error), false, None),
        };
        if let Err(error) = self.has_files(&request, at_ms) {
            return (Ending::Refused(error), false, None);
        }
        let own = ["plan", "job_type"].iter().any(|name| request.metadata.contains_key(*name));
        let script = if own { self.named_script(&request.metadata) } else { Ok(batch.script.clone()) };
        let script = match script {
            Ok(script) => script,
            Err(error) => return (Ending::Refused(error), false, None),
        };
        if let (true, true, Content::Error(error)) = (own, script.create.times > 0, &script.create.reply.content) {
            return (Ending::Refused(error.clone()), false, None);
        }
        let id = self.identity.of("resp", &format!("{} {place}", batch.id));
        let response = self.lived(id, request, script, at_ms);
        if !response.status.is_terminal() {
            return (Ending::Lost("batch_expired".to_owned(), NOT_REACHED.to_owned()), false, None);
        }
        let bill = Bill::of(&response, true);
        (Ending::Response(render(&response).to_json()), true, bill)
    }

    /// A response that has its whole life behind it, and that nobody can look at.
    fn lived(&mut self, id: String, request: Request, script: Script, at_ms: i64) -> Response {
        let script = script.with_ids(&id, self.identity);
        let mut response = Response::new(id, 0, request, script, at_ms);
        while let Some(observation) = response.to_come.pop_front() {
            response.observe(observation, at_ms);
        }
        self.containers.put(&response, self.identity, at_ms);
        response
    }

    fn line(&self, batch: &str, place: usize, custom_id: &str, ending: &Ending) -> String {
        let occasion = format!("{batch} {place}");
        let (response, error) = match ending {
            Ending::Lost(code, message) => ("null".to_owned(), json!({"code": code, "message": message})),
            Ending::Refused(error) => {
                (answered(error.status, &self.identity.of("req", &occasion), &error.body().to_string()), Value::Null)
            }
            Ending::Response(body) => (answered(200, &self.identity.of("req", &occasion), body), Value::Null),
        };
        let id = self.identity.of("batch_req", &occasion);
        let custom_id = json!(custom_id);
        format!(r#"{{"id":"{id}","custom_id":{custom_id},"response":{response},"error":{error}}}"#) + "\n"
    }

    /// What was run, and a word on each line that was not.
    fn put_files(&mut self, batch: &mut Batch, end: BatchStatus, at_ms: i64) {
        if end == BatchStatus::Expired {
            for place in (0..batch.counts.total - batch.ran).rev() {
                let text = batch.text_of(place);
                let Ok(line) = serde_json::from_slice::<Line<'_>>(&text) else { continue };
                let ending = Ending::Lost("batch_expired".to_owned(), NOT_REACHED.to_owned());
                batch.error_output.extend_from_slice(self.line(&batch.id, place, &line.custom_id, &ending).as_bytes());
                batch.counts.failed += 1;
            }
        }
        let expires_after = batch.request.output_expires_after.unwrap_or(THIRTY_DAYS_S);
        let mut put = |kind: &str, body: Vec<u8>| {
            let (name, purpose) = (format!("{}_{kind}.jsonl", batch.id), "batch_output".to_owned());
            let upload = Upload { name, purpose, body: Bytes::from(body), expires_after: Some(expires_after) };
            let has_any = !upload.body.is_empty();
            has_any.then(|| self.files.put(upload, self.identity, at_ms).ok().map(|file| file.id.clone())).flatten()
        };
        batch.output_file_id = put("output", std::mem::take(&mut batch.output));
        batch.error_file_id = put("error", std::mem::take(&mut batch.error_output));
    }
}

const NOT_REACHED: &str = "This request could not be executed before the completion window expired.";

enum Ending {
    Response(String),
    /// An answer of 400 and more.
    Refused(ApiError),
    /// No answer at all: code and message.
    Lost(String, String),
}

fn answered(status: u16, request_id: &str, body: &str) -> String {
    // Some bodies are no JSON, to the letter; a line has to be.
    let is_json = serde_json::from_str::<&RawValue>(body).is_ok();
    let body = if is_json { body.to_owned() } else { json!(body).to_string() };
    format!(r#"{{"status_code":{status},"request_id":"{request_id}","body":{body}}}"#)
}

impl Mode {
    /// How long until a batch moves on by itself.
    fn wait_of(self, batch: &Batch) -> Option<i64> {
        let Mode::Auto { queued_ms, run_ms } = self else { return None };
        match batch.status {
            BatchStatus::Validating | BatchStatus::Finalizing | BatchStatus::Cancelling => Some(queued_ms),
            BatchStatus::InProgress => {
                let steps = batch.to_run().div_ceil(batch.lines_of_a_step()).max(1) as i64;
                let all = batch.script.batch.after_ms.unwrap_or(run_ms);
                // The last step runs nothing: it sees that all has run.
                Some(if batch.ran < batch.to_run() || batch.to_run() == 0 { all / steps } else { 0 })
            }
            _ => None,
        }
    }
}
