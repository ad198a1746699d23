//! Every plan by name: one sentence for people, and the script that it stands for.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error::ApiError;
use super::named;
use super::reply::{Reply, Trouble};
use super::script::{Create, Observation, Output, Script, Wait, Webhooks};

const HOUR_MS: i64 = 3_600_000;

/// Written in code, or, without one, in the file of named scripts.
macro_rules! script {
    ($name:literal) => {
        named::script($name)
    };
    ($name:literal $script:expr) => {
        $script
    };
}

#[cfg(test)]
macro_rules! is_named {
    () => {
        true
    };
    ($script:expr) => {
        false
    };
}

macro_rules! plans {
    ($($(#[$attribute:meta])* $plan:ident $name:literal $sentence:literal $(=> $script:expr)?;)*) => {
        /// A way in which one response can go.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Plan {
            $($(#[$attribute])* #[doc = $sentence] #[serde(rename = $name)] $plan,)*
        }

        impl Plan {
            pub const ALL: &[Self] = &[$(Self::$plan),*];

            /// Its word in a plan file.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$plan => $name,)* }
            }

            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$plan => $sentence,)* }
            }

            pub(super) fn script(self) -> Script {
                match self { $(Self::$plan => script!($name $($script)?),)* }
            }

            #[cfg(test)]
            pub(super) const fn is_named(self) -> bool {
                match self { $(Self::$plan => is_named!($($script)?),)* }
            }
        }
    };
}

plans! {
    #[default]
    Default "default" "Queued, in progress, completed, one webhook."
        => Script::usual();
    Slow "slow" "Runs five times as long."
        => Script::ending(Observation { wait: Wait::Run { times: 5 }, ..Observation::completes() });

    // The create call is refused.
    BadRequest "bad-request" "Create calls are answered 400; nothing is made."
        => Script::refused(ApiError::asked(400));
    Unauthorized "unauthorized" "Create calls are answered 401; nothing is made."
        => Script::refused(ApiError::asked(401).coded("invalid_api_key"));
    Forbidden "forbidden" "Create calls are answered 403; nothing is made."
        => Script::refused(ApiError::asked(403));
    Unprocessable "unprocessable" "Create calls are answered 422; nothing is made."
        => Script::refused(ApiError::asked(422));
    RateLimitedThenOk "rate-limited-then-ok" "A job's first create call is answered 429 with Retry-After: 1."
        => Script::refused(rate_limited().retry_after(1)).at_first(1);
    RateLimitedForMinutes "rate-limited-for-minutes" "A job's first create call is answered 429 with Retry-After: 180."
        => Script::refused(rate_limited().retry_after(180)).at_first(1);
    RateLimited "rate-limited" "Create calls are answered 429 without Retry-After."
        => Script::refused(rate_limited());
    QuotaExhausted "quota-exhausted" "Create calls are answered 429 because the account's quota is used up."
        => Script::refused(quota());
    QuotaExhaustedThenOk "quota-exhausted-then-ok" "The account's quota is used up for a job's first create call."
        => Script::refused(quota()).at_first(1);

    // The create call's answer proves nothing.
    CreateNotFound "create-not-found" "Create calls are answered 404; nothing is made."
        => Script::refused(ApiError::asked(404));
    CreateNotFoundCreated "create-not-found-created" "Create calls are answered 404; the response runs all the same."
        => Script::untold(Reply::error(ApiError::asked(404)));
    RequestTimeout "request-timeout" "Create calls are answered 408; nothing is made."
        => Script::refused(ApiError::asked(408));
    Conflict "conflict" "Create calls are answered 409; nothing is made."
        => Script::refused(ApiError::asked(409));
    ServerError "server-error" "Create calls are answered 500; nothing is made."
        => Script::refused(ApiError::asked(500));
    ServerErrorCreated "server-error-created" "Create calls are answered 500; the response runs all the same."
        => Script::untold(Reply::error(ApiError::asked(500)));
    Overloaded "overloaded" "Create calls are answered 503 with Retry-After: 1; nothing is made."
        => Script::refused(ApiError::asked(503).coded("server_is_overloaded").retry_after(1));
    Hangs "hangs" "Create calls are never answered; nothing is made."
        => Script { create: Create { makes: false, ..Script::troubled(Trouble::Hangs).create }, ..Script::usual() };
    AcceptsAndNeverAnswers "accepts-and-never-answers" "Runs and sends its webhook, but the create call is never answered."
        => Script::troubled(Trouble::Hangs);
    AcceptsAndVanishes "accepts-and-vanishes" "Runs, and nobody is ever told its id."
        => Script { webhooks: never(), ..Script::troubled(Trouble::Hangs) };
    ResetBeforeBody "reset-before-body" "Runs; the create call's connection is reset before the first byte."
        => Script::troubled(Trouble::ResetBefore);
    ResetInsideBody "reset-inside-body" "Runs; the create call's connection ends inside the body."
        => Script::troubled(Trouble::ResetInside);
    Truncated "truncated" "Runs; the create call is answered with the first half of the JSON."
        => Script::troubled(Trouble::Truncated);
    Drip "drip" "Runs; the create call is answered a byte at a time, slower than anybody waits."
        => Script::troubled(Trouble::Drip);

    // The run goes wrong.
    QueuedForever "queued-forever" "Is never started."
        => Script::living([]);
    InProgressForever "in-progress-forever" "Is started and never ends."
        => Script::living([Observation::starts()]);
    Fails "fails" "Fails with server_error."
        => Script::ending(Observation::fails("server_error"));
    FailsWithoutError "fails-without-error" "Fails without saying why."
        => Script::ending(Observation { error: None, ..Observation::fails("") });
    FailsByQuota "fails-by-quota" "Is accepted, and fails because the account's quota is used up."
        => Script::ending(Observation::fails("insufficient_quota"));
    FailsByPolicy "fails-by-policy" "Fails because the content policy forbids the prompt."
        => Script::ending(Observation::fails("invalid_prompt"));
    Incomplete "incomplete" "Ends half way, at its limit of output tokens."
        => Script::ending(Observation::stops_half_way(Some("max_output_tokens")));
    ContentFiltered "content-filtered" "Ends half way, by the content filter."
        => Script::ending(Observation::stops_half_way(Some("content_filter")));
    IncompleteWithoutReason "incomplete-without-reason" "Ends half way without saying why."
        => Script::ending(Observation::stops_half_way(None));
    Cancelled "cancelled" "Is cancelled at the provider, by nobody here."
        => Script::ending(Observation::cancelled());
    CancelledThenCompleted "cancelled-then-completed" "Is shown as cancelled, and later as completed."
        => Script::living([Observation::starts(), Observation::cancelled(), late(Observation::completes())]);
    Refuses "refuses" "Completes with a refusal and no text."
        => Script::ending(Observation::completes_with(Output::Refusal));
    EmptyOutput "empty-output" "Completes with nothing."
        => Script::ending(Observation::completes_with(Output::Nothing));

    // The answer is odd.
    UnknownStatus "unknown-status" "Shows a status that nobody knows, then completes."
        => Script::living([Observation::starts().showing("status", json!("pondering")), Observation::completes()]);
    UnknownStatusForever "unknown-status-forever" "Shows a status that nobody knows, and never another."
        => Script::living([Observation::starts().showing("status", json!("pondering"))]);
    MissingStatus "missing-status" "Ends without a status in its answer."
        => Script::ending(Observation::completes().showing("status", Value::Null));
    MissingFields "missing-fields" "Completes with id, status and output, and no other field."
        => Script::ending(bare(Observation::completes()));
    NoUsage "no-usage" "Completes without usage."
        => Script::ending(Observation::completes().showing("usage", Value::Null));
    HugeUsage "huge-usage" "Completes with more tokens than there are."
        => Script::ending(Observation::completes().showing("usage", usage(json!(u64::MAX))));
    NegativeUsage "negative-usage" "Completes with a negative number of tokens."
        => Script::ending(Observation::completes().showing("usage", usage(json!(-5))));
    FractionalUsage "fractional-usage" "Completes with half a token."
        => Script::ending(Observation::completes().showing("usage", usage(json!(0.5))));
    UnknownItem "unknown-item" "Completes with text beside an output item that nobody knows.";
    FunctionCall "function-call" "Completes with a function call that waits for an answer.";
    McpApproval "mcp-approval" "Completes with a request to approve an MCP call.";
    LargeAnswer "large-answer" "Completes with 20 MB of text."
        => Script::ending(Observation::completes_with(Output::Large));

    // The response cannot be looked at.
    MissingForAWhile "missing-for-a-while" "The first two looks at the response are answered 404."
        => Script::looked_at(2, Reply::error(ApiError::asked(404)));
    MissingForever "missing-forever" "Every look at the response is answered 404."
        => Script::looked_at(u32::MAX, Reply::error(ApiError::asked(404)));
    OtherId "other-id" "Every look is answered with a response of another id."
        => Script::looked_at(u32::MAX, Reply::other_id());
    LooksFailForAWhile "looks-fail-for-a-while" "The first three looks are answered 503."
        => Script::looked_at(3, Reply::error(ApiError::asked(503)));
    LooksBreakForAWhile "looks-break-for-a-while" "The connection of the first three looks ends inside the body."
        => Script::looked_at(3, Reply::troubled(Trouble::ResetInside));
    LooksHangForAWhile "looks-hang-for-a-while" "The first two looks are never answered."
        => Script::looked_at(2, Reply::troubled(Trouble::Hangs));

    // The webhook is odd.
    WebhookBeforeAnswer "webhook-before-answer" "Ends and sends its webhook before the create call is answered."
        => Script { create: Create { times: u32::MAX, after_the_end: true, ..Script::usual().create }, ..Script::usual() };
    WebhookTwice "webhook-twice" "The same delivery, with the same webhook-id, comes twice."
        => Script::announced(Webhooks { copies: 2, ..Webhooks::usual() });
    WebhookHundredTimes "webhook-hundred-times" "The same delivery comes a hundred times."
        => Script::announced(Webhooks { copies: 100, ..Webhooks::usual() });
    WebhookNever "webhook-never" "No webhook comes."
        => Script::announced(never());
    WebhookLate "webhook-late" "The webhook comes 73 hours after the end."
        => Script::announced(Webhooks { delay_ms: 73 * HOUR_MS, ..Webhooks::usual() });
    WebhookWrongType "webhook-wrong-type" "Completes, and the webhook says response.failed."
        => Script::announced(Webhooks { kind: Some("response.failed"), ..Webhooks::usual() });
    WebhookUnknownId "webhook-unknown-id" "The webhook names a response that does not exist."
        => Script::announced(Webhooks { names_itself: false, ..Webhooks::usual() });
    WebhookPreviousSecret "webhook-previous-secret" "The webhook is signed with the secret before the last rotation."
        => Script::announced(Webhooks { previous_secret: true, ..Webhooks::usual() });
    WebhookForeign "webhook-foreign" "Responses of another workspace and another deployment send their webhooks, too."
        => Script { neighbours: true, ..Script::usual() };

    // The create call is refused, in the words and the forms of today.
    BillingNotActive "billing-not-active" "Create calls are answered 429 because the account is not active.";
    UsageLimit "usage-limit" "Create calls are answered 429 because of the account's usage limit.";
    PaymentRequired "payment-required" "Create calls are answered 402 without an error envelope.";
    ForbiddenByQuota "forbidden-by-quota" "Create calls are answered 403 because the account's quota is used up.";
    ErrorOnly "error-only-200" "Create calls are answered 200 with an error for a quota, and nothing else.";
    UnauthorizedHtml "unauthorized-html" "Create calls are answered 401 with a page that asks to sign in.";
    ForbiddenHtml "forbidden-html" "Create calls are answered 403 with a page that doubts the caller is human.";
    NotFoundHtml "not-found-html" "Create calls are answered 404 with a page.";
    Redirect "redirect" "Create calls are answered 302.";
    MethodNotAllowed "method-not-allowed" "Create calls are answered 405.";
    Gone "gone" "Create calls are answered 410.";
    RetryAfterDate "retry-after-date" "A job's first create call is answered 429 with a date in Retry-After.";
    RetryAfterFraction "retry-after-fraction" "A job's first create call is answered 429 with Retry-After: 1.5.";
    RetryAfterMs "retry-after-ms" "A job's first create call is answered 429 with Retry-After: 1 and retry-after-ms: 1500.";

    // The answer is whole, and its form is odd.
    Accepted "accepted-202" "Create calls are answered 202 with the response.";
    LongId "long-id" "The response's id has 300 characters.";
    Gzip "gzip" "Every answer is compressed, asked for or not.";
    ByteOrderMark "byte-order-mark" "Every answer starts with a byte-order mark.";
    ChunkCut "chunk-cut-after-whole-json" "Every answer comes in chunks and ends whole, but without the last, empty chunk.";
    CutWithId "cut-with-id" "Runs; the create call's connection ends inside the body, behind the id.";

    // The answer in pieces.
    CommentaryThenFinal "commentary-then-final" "Completes with a commentary and an answer, both 4.";
    CommentaryThenJson "commentary-then-json" "Completes with a commentary and an answer in JSON.";
    CommentaryOnly "commentary-only" "Completes with a commentary and no answer.";
    CommentaryThenRefusal "commentary-then-refusal" "Completes with a commentary and a refusal.";
    MessageTwice "message-twice" "Completes with the same message twice, under one id.";
    SeveralParts "several-parts" "Completes with one message whose JSON comes in two parts.";
    LoneSurrogate "lone-surrogate" "Completes with a text that holds half a surrogate pair.";

    // Something waits for an answer.
    BigNumbers "big-numbers" "Completes with a function call whose arguments hold 22 digits.";
    DoubledNames "doubled-names" "Completes with a function call whose arguments name one field twice.";
    LoneSurrogateInCall "lone-surrogate-in-call" "Completes with a function call whose arguments hold half a surrogate pair.";
    CallBesideText "call-beside-text" "Completes with an asynchronous function call and a final text.";
    ClientToolSearch "client-tool-search" "Completes with a search for tools that its caller has to do.";

    // Tools of the provider's own.
    ServerToolSearch "server-tool-search" "Completes with text after the provider's own search for tools.";
    ImageOnly "image-only" "Completes with an image and no text.";
    WebSearch "web-search" "Completes with text after a web search that is counted.";
    WebSearchNoToolUsage "web-search-no-tool-usage" "Completes with text after a web search that nobody counted.";
    FileSearch "file-search" "Completes with text after a file search.";
    CodeInterpreter "code-interpreter-64g" "Completes with text after code in a container of 64 GB.";
    ContainerFile "container-file" "Completes with text about a file that code wrote.";
    HostedShell "hosted-shell" "Completes with text after a command in the provider's own shell.";
    HostedShellFails "hosted-shell-fails" "Completes with text after a command that ended with exit code 1.";
    McpListError "mcp-list-error" "Completes with text although an MCP server did not list its tools.";
    McpCallError "mcp-call-error" "Completes with text although an MCP call failed.";
    OnlyToolCalls "only-tool-calls" "Completes with an MCP call that was made, and no text.";

    // What it cost.
    Ultrafast "ultrafast" "Completes with gpt-6-astra on the tier ultrafast.";
    UnknownTier "unknown-tier" "Completes on a tier that nobody knows.";
    CacheWrite "cache-write-12h" "Completes with 100,000 tokens written to the cache for 12 hours.";
    ZeroUsage "zero-usage-beside-text" "Completes with text and a usage of nothing.";

    // Why it failed.
    BillingHardLimit "billing-hard-limit" "Is accepted, and fails because of a hard limit on the account's spending.";
    ContextOverflow "context-overflow" "Fails because the input is longer than the model's context.";
    UnsupportedParameter "unsupported-parameter" "Fails because the model does not take a parameter.";
    CyberPolicy "cyber-policy" "Fails because of the policy on cyber security.";
    RateLimitedRun "rate-limited-run" "Fails because of a rate limit, after it was accepted.";

    // What was found, cited and made.
    Research "research" "Completes with searches, calls, files, and citations of all four kinds, in the schema asked for.";
    Files50 "files-50" "Completes with text about 50 files that code wrote.";
    Files10000 "files-10000" "Completes with text about 10,000 files that code wrote.";
    HostileFiles "hostile-files" "Completes with files whose names, sizes and media types lie.";
    FileMissing "file-missing" "Completes with two files, of which one is answered 404.";
    FileFails "file-fails" "Completes with two files, of which one is answered 500.";
    FileFailsAtFirst "file-fails-at-first" "Completes with two files, of which one is answered 503 twice.";
    FileSlow "file-slow" "Completes with two files, of which one comes a byte at a time, slower than anybody waits.";
    FileCut "file-cut" "Completes with two files, of which one is cut off on its way.";
    FileLarge "file-large" "Completes with two files, of which one has 21 MB.";
    FilesLargeTogether "files-large-together" "Completes with seven files of 19 MB each.";
    ContainerGone "container-gone" "Completes with files in a container that nobody finds.";
    ContainerFailsAtFirst "container-fails-at-first" "Completes with files in a container that is answered 500 twice.";

    // Batches. A single response by such a plan goes as usual.
    BatchAllLinesFail "batch-all-lines-fail" "A batch completes, every line of it failed, and there is no output file.";
    BatchSomeLinesFail "batch-some-lines-fail" "A batch completes with one line failed: 400 in the body, and null as the line's error.";
    BatchLinesLost "batch-lines-lost" "A batch completes with one line that has an error and no response.";
    BatchErrorsInOutput "batch-errors-in-output" "A batch completes, and one failed line stands in the output file.";
    BatchEmptyFileIds "batch-empty-file-ids" "A batch completes, and the id of the file that there is not is an empty text.";
    BatchFailsValidation "batch-fails-validation" "A batch fails when its lines are checked.";
    BatchCannotFindFile "batch-cannot-find-file" "A batch fails because its file is not found, which is there.";
    BatchTokenLimit "batch-token-limit" "A batch is made, and fails because too many tokens wait already.";
    BatchDuplicatesRefused "batch-duplicates-refused" "Create calls are answered 400 because of a custom_id that came twice.";
    BatchExpires "batch-expires" "A batch runs for 23 hours, and expires with one line done.";
    BatchExpiresEmpty "batch-expires-empty" "A batch runs for 23 hours, and expires with nothing done.";
    BatchFailsHalfWay "batch-fails-half-way" "A batch fails with one line done, and gives nothing.";
    BatchCancelled "batch-cancelled" "A batch is cancelled at the provider with one line done, by nobody here.";
    BatchSlow "batch-slow" "A batch runs for eight hours.";
    BatchNeverStarts "batch-never-starts" "A batch is checked for ever.";
    BatchNeverEnds "batch-never-ends" "Half of a batch is done, and never more.";
    BatchDisappears "batch-disappears" "A batch is not found and not listed from the moment that it runs.";
}

fn rate_limited() -> ApiError {
    ApiError::asked(429).coded("rate_limit_exceeded")
}

fn quota() -> ApiError {
    ApiError::asked(429).of_kind("insufficient_quota").coded("credit_balance_exhausted")
}

fn never() -> Webhooks {
    Webhooks { copies: 0, ..Webhooks::usual() }
}

/// Long after everything else.
fn late(observation: Observation) -> Observation {
    Observation { wait: Wait::Ms(HOUR_MS / 4), ..observation }
}

/// Without the fields that some servers leave out; metadata is what a response without a known id is found by.
fn bare(observation: Observation) -> Observation {
    const LEFT_OUT: [&str; 8] =
        ["object", "created_at", "background", "error", "incomplete_details", "model", "service_tier", "usage"];
    LEFT_OUT.iter().fold(observation, |observation, field| observation.showing(field, Value::Null))
}

fn usage(tokens: Value) -> Value {
    json!({
        "input_tokens": tokens,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": tokens,
    })
}
