//! Every plan of the simulator, with webhooks and without: one table of how each of them ends a job.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use local::world::ProviderChoice;
use openai_simulator::{Mode, Plan, Plans};
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::Scene;

/// How a job ends whose provider treats every response by one plan.
#[derive(Debug, Clone, Copy)]
struct End {
    status: &'static str,
    reason: Option<&'static str>,
    /// The state of its cost, or either of two.
    cost: &'static str,
    /// Create calls in all, where they are counted; one attempt never has two.
    posts: Option<u64>,
    /// Responses that ran and that nobody could ever learn of.
    undiscoverable: usize,
}

const fn end(status: &'static str, reason: &'static str, cost: &'static str, posts: u64) -> End {
    End { status, reason: Some(reason), cost, posts: Some(posts), undiscoverable: 0 }
}

const fn done(posts: u64) -> End {
    End { status: "completed", reason: None, cost: "known", posts: Some(posts), undiscoverable: 0 }
}

const UNPRICED: End = End { cost: "unknown", ..done(1) };
const ESTIMATED: End = End { cost: "estimated", ..done(1) };

/// Nobody pays, or nobody sets the address right, until the six hours that a start may take are over.
const HELD: End = end("expired", "start_deadline", "known", 36);

const PENDING: End = end("needs_review", "action_required", "known", 1);

/// All answers to the start were lost, and nothing ran.
const LOST: End = end("failed", "start_lost", "unknown", 3);

/// All answers to the start were lost, and three runs with them.
const LOST_RUNS: End = End { undiscoverable: 3, ..LOST };

/// With webhooks and without.
#[derive(Debug, Clone, Copy)]
enum Ends {
    Alike(End),
    /// The id of a response comes by webhook or not at all.
    ByWebhook(End, End),
}

use Ends::{Alike, ByWebhook};

const TABLE: &[(Plan, Ends)] = &[
    (Plan::Default, Alike(done(1))),
    (Plan::Slow, Alike(done(1))),
    // Not created.
    (Plan::BadRequest, Alike(end("failed", "provider_refused", "known", 1))),
    (Plan::Forbidden, Alike(end("failed", "provider_unauthorized", "known", 1))),
    (Plan::Unprocessable, Alike(end("failed", "provider_refused", "known", 1))),
    (Plan::RateLimitedThenOk, Alike(done(2))),
    (Plan::RateLimitedForMinutes, Alike(done(2))),
    // Tried every ten minutes in the end, until the six hours that a start may take are over.
    (Plan::RateLimited, Alike(end("expired", "start_deadline", "known", 42))),
    (Plan::QuotaExhausted, Alike(HELD)),
    (Plan::Unauthorized, Alike(HELD)),
    (Plan::QuotaExhaustedThenOk, Alike(done(2))),
    // Unknown.
    (Plan::CreateNotFound, Alike(LOST)),
    (Plan::CreateNotFoundCreated, ByWebhook(done(1), LOST_RUNS)),
    (Plan::RequestTimeout, Alike(LOST)),
    (Plan::Conflict, Alike(LOST)),
    (Plan::ServerError, Alike(LOST)),
    (Plan::ServerErrorCreated, ByWebhook(done(1), LOST_RUNS)),
    (Plan::Overloaded, Alike(LOST)),
    (Plan::Hangs, Alike(LOST)),
    (Plan::AcceptsAndNeverAnswers, ByWebhook(done(1), LOST_RUNS)),
    (Plan::AcceptsAndVanishes, Alike(LOST_RUNS)),
    (Plan::ResetBeforeBody, ByWebhook(done(1), LOST_RUNS)),
    (Plan::ResetInsideBody, ByWebhook(done(1), LOST_RUNS)),
    // What came of it names the response.
    (Plan::Truncated, Alike(done(1))),
    (Plan::Drip, ByWebhook(done(1), LOST_RUNS)),
    // Runs that go wrong. What was stopped before it started tells no usage.
    (Plan::QueuedForever, Alike(end("expired", "run_deadline", "estimated", 1))),
    (Plan::InProgressForever, Alike(end("expired", "run_deadline", "known", 1))),
    (Plan::Fails, Alike(end("failed", "provider_failed", "known", 3))),
    (Plan::FailsWithoutError, Alike(end("failed", "provider_failed", "known", 3))),
    (Plan::FailsByQuota, Alike(end("failed", "provider_quota", "known", 3))),
    (Plan::FailsByPolicy, Alike(end("failed", "content_policy", "known", 1))),
    (Plan::Incomplete, Alike(end("failed", "output_limit", "known", 1))),
    (Plan::ContentFiltered, Alike(end("failed", "content_filter", "known", 1))),
    (Plan::IncompleteWithoutReason, Alike(end("failed", "incomplete", "known", 1))),
    (Plan::Cancelled, Alike(end("failed", "provider_canceled", "known", 1))),
    (Plan::CancelledThenCompleted, Alike(end("failed", "provider_canceled", "known", 1))),
    (Plan::Refuses, Alike(end("failed", "refusal", "known", 1))),
    (Plan::EmptyOutput, Alike(end("failed", "no_output", "known", 1))),
    // Odd answers.
    (Plan::UnknownStatus, Alike(done(1))),
    (Plan::UnknownStatusForever, Alike(end("expired", "run_deadline", "known", 1))),
    (Plan::MissingStatus, Alike(end("expired", "run_deadline", "estimated", 1))),
    (Plan::MissingFields, Alike(UNPRICED)),
    (Plan::NoUsage, Alike(UNPRICED)),
    // More than any price can say.
    (Plan::HugeUsage, Alike(UNPRICED)),
    (Plan::NegativeUsage, Alike(UNPRICED)),
    (Plan::FractionalUsage, Alike(UNPRICED)),
    (Plan::UnknownItem, Alike(done(1))),
    (Plan::FunctionCall, Alike(PENDING)),
    (Plan::McpApproval, Alike(PENDING)),
    (Plan::LargeAnswer, Alike(done(1))),
    // Looks that fail. Each of the three lost runs has ended, and what it cost nobody will tell.
    (Plan::MissingForAWhile, Alike(done(1))),
    (Plan::MissingForever, Alike(end("failed", "provider_lost", "unknown", 3))),
    (Plan::OtherId, Alike(end("expired", "run_deadline", "estimated", 1))),
    (Plan::LooksFailForAWhile, Alike(done(1))),
    (Plan::LooksBreakForAWhile, Alike(done(1))),
    (Plan::LooksHangForAWhile, Alike(done(1))),
    // Webhooks only make it sooner.
    (Plan::WebhookBeforeAnswer, Alike(done(1))),
    (Plan::WebhookTwice, Alike(done(1))),
    (Plan::WebhookHundredTimes, Alike(done(1))),
    (Plan::WebhookNever, Alike(done(1))),
    (Plan::WebhookLate, Alike(done(1))),
    (Plan::WebhookWrongType, Alike(done(1))),
    (Plan::WebhookUnknownId, Alike(done(1))),
    (Plan::WebhookPreviousSecret, Alike(done(1))),
    (Plan::WebhookForeign, Alike(done(1))),
    // Refused in the words and forms of today.
    (Plan::BillingNotActive, Alike(HELD)),
    (Plan::UsageLimit, Alike(HELD)),
    (Plan::PaymentRequired, Alike(HELD)),
    (Plan::ForbiddenByQuota, Alike(HELD)),
    (Plan::ErrorOnly, Alike(HELD)),
    (Plan::Redirect, Alike(HELD)),
    (Plan::NotFoundHtml, Alike(HELD)),
    (Plan::MethodNotAllowed, Alike(HELD)),
    (Plan::Gone, Alike(HELD)),
    // A proxy's page is nobody's verdict: tried again for as long as the start may take.
    (Plan::UnauthorizedHtml, Alike(End { posts: None, ..HELD })),
    (Plan::ForbiddenHtml, Alike(End { posts: None, ..HELD })),
    (Plan::RetryAfterDate, Alike(done(2))),
    (Plan::RetryAfterFraction, Alike(done(2))),
    (Plan::RetryAfterMs, Alike(done(2))),
    // Whole, in another form, or cut behind the id.
    (Plan::Accepted, Alike(done(1))),
    (Plan::LongId, Alike(done(1))),
    (Plan::Gzip, Alike(done(1))),
    (Plan::ByteOrderMark, Alike(done(1))),
    (Plan::ChunkCut, Alike(done(1))),
    (Plan::CutWithId, Alike(done(1))),
    // In pieces.
    (Plan::CommentaryThenFinal, Alike(done(1))),
    (Plan::CommentaryThenJson, Alike(done(1))),
    (Plan::CommentaryOnly, Alike(end("failed", "no_output", "known", 1))),
    (Plan::CommentaryThenRefusal, Alike(end("failed", "refusal", "known", 1))),
    (Plan::MessageTwice, Alike(done(1))),
    (Plan::SeveralParts, Alike(done(1))),
    (Plan::LoneSurrogate, Alike(done(1))),
    // Somebody is owed an answer.
    (Plan::BigNumbers, Alike(PENDING)),
    (Plan::DoubledNames, Alike(PENDING)),
    (Plan::LoneSurrogateInCall, Alike(PENDING)),
    (Plan::CallBesideText, Alike(PENDING)),
    (Plan::ClientToolSearch, Alike(PENDING)),
    // Tools that the provider ran, some of them for money that it does not count.
    (Plan::ServerToolSearch, Alike(done(1))),
    (Plan::ImageOnly, Alike(ESTIMATED)),
    (Plan::WebSearch, Alike(done(1))),
    (Plan::WebSearchNoToolUsage, Alike(ESTIMATED)),
    (Plan::FileSearch, Alike(ESTIMATED)),
    (Plan::CodeInterpreter, Alike(ESTIMATED)),
    (Plan::ContainerFile, Alike(ESTIMATED)),
    (Plan::HostedShell, Alike(ESTIMATED)),
    (Plan::HostedShellFails, Alike(ESTIMATED)),
    (Plan::McpListError, Alike(done(1))),
    (Plan::McpCallError, Alike(done(1))),
    (Plan::OnlyToolCalls, Alike(end("failed", "only_tool_calls", "known", 1))),
    // Prices.
    (Plan::Ultrafast, Alike(done(1))),
    (Plan::UnknownTier, Alike(End { cost: "estimated or unknown", ..done(1) })),
    (Plan::CacheWrite, Alike(done(1))),
    (Plan::ZeroUsage, Alike(End { cost: "estimated or unknown", ..done(1) })),
    // Runs that fail for a reason that is said.
    // Nothing was paid: tried every ten minutes in the end, as if the start had been refused.
    (Plan::BillingHardLimit, Alike(end("failed", "provider_quota", "known", 37))),
    (Plan::ContextOverflow, Alike(end("failed", "invalid_request", "known", 1))),
    (Plan::UnsupportedParameter, Alike(end("failed", "invalid_request", "known", 1))),
    (Plan::CyberPolicy, Alike(end("failed", "content_policy", "known", 1))),
    // Its first response only.
    (Plan::RateLimitedRun, Alike(done(2))),
    // Tools, citations and files.
    (Plan::Research, Alike(ESTIMATED)),
    (Plan::Files50, Alike(ESTIMATED)),
    (Plan::Files10000, Alike(ESTIMATED)),
    (Plan::HostileFiles, Alike(ESTIMATED)),
    (Plan::FileMissing, Alike(ESTIMATED)),
    (Plan::FileFails, Alike(ESTIMATED)),
    (Plan::FileFailsAtFirst, Alike(ESTIMATED)),
    (Plan::FileSlow, Alike(ESTIMATED)),
    (Plan::FileCut, Alike(ESTIMATED)),
    (Plan::FileLarge, Alike(ESTIMATED)),
    (Plan::FilesLargeTogether, Alike(ESTIMATED)),
    (Plan::ContainerGone, Alike(ESTIMATED)),
    (Plan::ContainerFailsAtFirst, Alike(ESTIMATED)),
    // Plans for batches, by which a single response goes as usual.
    (Plan::BatchAllLinesFail, Alike(done(1))),
    (Plan::BatchSomeLinesFail, Alike(done(1))),
    (Plan::BatchLinesLost, Alike(done(1))),
    (Plan::BatchErrorsInOutput, Alike(done(1))),
    (Plan::BatchEmptyFileIds, Alike(done(1))),
    (Plan::BatchFailsValidation, Alike(done(1))),
    (Plan::BatchCannotFindFile, Alike(done(1))),
    (Plan::BatchTokenLimit, Alike(done(1))),
    (Plan::BatchExpires, Alike(done(1))),
    (Plan::BatchExpiresEmpty, Alike(done(1))),
    (Plan::BatchFailsHalfWay, Alike(done(1))),
    (Plan::BatchCancelled, Alike(done(1))),
    (Plan::BatchSlow, Alike(done(1))),
    (Plan::BatchNeverStarts, Alike(done(1))),
    (Plan::BatchNeverEnds, Alike(done(1))),
    (Plan::BatchDisappears, Alike(done(1))),
    (Plan::BatchDuplicatesRefused, Alike(end("failed", "provider_refused", "known", 1))),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_plan_ends_a_job_as_the_table_says_with_webhooks_and_without() {
    let missing: Vec<_> = Plan::ALL.iter().filter(|plan| TABLE.iter().all(|(known, _)| known != *plan)).collect();
    assert!(missing.is_empty(), "say how these end: {missing:?}");
    // Cases that wait for a timeout leave the processors to the others.
    let turns = Arc::new(Semaphore::new(6));
    let (mut cases, mut names, mut wrong) = (JoinSet::new(), BTreeMap::new(), vec![]);
    for &(plan, ends) in TABLE {
        let (with, without) = match ends {
            Alike(end) => (end, end),
            ByWebhook(with, without) => (with, without),
        };
        for (webhooks, end) in [(true, with), (false, without)] {
            let turns = turns.clone();
            let case = cases.spawn(async move {
                let _turn = turns.acquire().await.unwrap();
                check(plan, webhooks, end).await;
            });
            names.insert(case.id().to_string(), format!("{} {webhooks}", plan.name()));
        }
    }
    // One that ends otherwise hides none of the others.
    while let Some(ended) = cases.join_next().await {
        wrong.extend(ended.err().map(|error| names[&error.id().to_string()].clone()));
    }
    assert!(wrong.is_empty(), "these end otherwise (with webhooks, or not): {wrong:?}");
}

async fn check(plan: Plan, webhooks: bool, end: End) {
    let case = format!("{} {} webhooks", plan.name(), if webhooks { "with" } else { "without" });
    let mode = Mode::Auto { queued_ms: 2_000, run_ms: 10_000 };
    let scene = Scene::within(ProviderChoice::Simulator { mode, webhook_url: None }, patience(plan)).await;
    let simulator = scene.world.simulator().unwrap();
    let course = if plan == Plan::RateLimitedRun { json!([plan, Plan::Default]) } else { json!(plan) };
    simulator.plan_by_type(Plans::parse(&json!({"document-analysis": course})).unwrap());
    if !webhooks {
        simulator.mute();
    }
    let id = scene.create().await;
    let hours = match end.reason {
        _ if plan == Plan::WebhookLate => 80,
        Some("start_deadline" | "provider_quota") => 7,
        _ => 2,
    };
    scene.world.skip(Duration::from_secs(hours * 3_600)).await.unwrap();

    let (job, ledger) = (scene.see(&id).await, simulator.ledger());
    let cost = job["cost"]["state"].as_str().filter(|state| end.cost.split(" or ").any(|cost| cost == *state));
    let seen = (job["status"].as_str(), job["reason"]["code"].as_str(), cost.map(|_| end.cost));
    assert_eq!(seen, (Some(end.status), end.reason, Some(end.cost)), "{case}: {job}");
    let more = ledger.posts_by_attempt.iter().filter(|(_, posts)| **posts != 1);
    assert_eq!(more.count(), 0, "{case}: {:?}", ledger.posts_by_attempt);
    assert!(end.posts.is_none_or(|posts| posts == ledger.counts.posts), "{case}: {} create calls", ledger.counts.posts);
    assert_eq!(ledger.undiscoverable.len(), end.undiscoverable, "{case}");
    let running = ledger.responses.iter().filter(|response| response.terminal_status.is_none());
    assert_eq!(running.count(), 0, "{case}: the job is over and a response of it runs");
    if end.status != "needs_review" {
        scene.ended(&id, end.status).await;
    }
}

/// How long a call may take, in real time: only where the plan is that it takes for ever.
fn patience(plan: Plan) -> Option<Duration> {
    let hangs = matches!(
        plan,
        Plan::Hangs | Plan::AcceptsAndNeverAnswers | Plan::AcceptsAndVanishes | Plan::Drip | Plan::LooksHangForAWhile
    );
    hangs.then_some(Duration::from_millis(500))
}
