//! Configuration: the only place that reads the environment. A wrong variable fails the first start, by name.

pub mod console;

use std::net::IpAddr;
use std::time::Duration;

use domain::flow::Settings;
use domain::job::record::Actor;
use domain::policy::cost::{InvalidPrice, PriceList};
use domain::value::id::Principal;
use domain::value::time::Timing;
use reqwest::Url;

use self::console::ConsoleLogin;
use crate::aws::dynamodb::{PayloadStore, Table};
use crate::aws::eventbridge::Bus;
use crate::aws::s3::Bucket;
use crate::aws::secrets::{self, CachedSecret, SecretVersions};
use crate::aws::sqs::{SqsPollQueue, SqsQueues};
use crate::notifier::Target;
use crate::openai::{ApiKey, OpenAiClient, OpenAiConfig, is_regional};
use crate::system::System;
use crate::webhook_signature::{self, WebhookSecret};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A variable that is missing or does not read.
#[derive(Debug, thiserror::Error)]
#[error("{variable} {problem}")]
pub struct BadVariable {
    variable: &'static str,
    problem: &'static str,
}

/// Rows of `PRICES` that do not read, each with its field.
#[derive(Debug, thiserror::Error)]
#[error("PRICES: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct BadPrices(Vec<InvalidPrice>);

/// The environment of one function, and the AWS clients made from it.
pub struct Environment<L> {
    lookup: L,
    aws: aws_config::SdkConfig,
}

impl<L: Fn(&str) -> Option<String>> Environment<L> {
    /// Over any source of variables.
    pub fn new(lookup: L, aws: aws_config::SdkConfig) -> Self {
        Self { lookup, aws }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The level that Lambda was told to log at, and whether lines are JSON.
pub fn log_format() -> (Option<String>, bool) {
    let level = variable("AWS_LAMBDA_LOG_LEVEL").or_else(|| variable("RUST_LOG"));
    let json = variable("AWS_LAMBDA_LOG_FORMAT").is_some_and(|format| format.eq_ignore_ascii_case("json"));
    (level, json)
}

/// Reads the process's own environment.
pub async fn environment() -> Environment<impl Fn(&str) -> Option<String>> {
    let retries = aws_config::retry::RetryConfig::standard().with_max_attempts(2);
    let lookup = variable;
    let mut loader = aws_config::defaults(aws_config::BehaviorVersion::latest()).retry_config(retries);
    // In the user agent of every call: an audit log can tell whose call it was.
    if let Some(name) = lookup("AWS_LAMBDA_FUNCTION_NAME").and_then(|name| aws_config::AppName::new(name).ok()) {
        loader = loader.app_name(name);
    }
    Environment::new(lookup, loader.load().await)
}

impl<L: Fn(&str) -> Option<String>> Environment<L> {
    fn required(&self, variable: &'static str) -> Result<String, BadVariable> {
        (self.lookup)(variable).ok_or(BadVariable { variable, problem: "is not set" })
    }

    /// `TABLE_NAME`: the jobs table.
    pub fn table(&self) -> Result<Table, BadVariable> {
        Ok(Table::new(aws_sdk_dynamodb::Client::new(&self.aws), self.required("TABLE_NAME")?))
    }

    /// `FIRST_ADMIN`, optional: the subject of a token that sets up workspaces that have no admin yet.
    pub fn first_admin(&self) -> Result<Option<Principal>, BadVariable> {
        let problem = "is no subject that a token can have";
        let bad = |_| BadVariable { variable: "FIRST_ADMIN", problem };
        (self.lookup)("FIRST_ADMIN").map(|name| Principal::parse(&name).map_err(bad)).transpose()
    }

    /// `PAYLOAD_BUCKET`: where payloads over 4 KB lie.
    pub fn payloads(&self, table: &Table) -> Result<PayloadStore<Bucket>, BadVariable> {
        let bucket = Bucket::new(aws_sdk_s3::Client::new(&self.aws), self.required("PAYLOAD_BUCKET")?);
        Ok(PayloadStore::new(table.clone(), bucket))
    }

    /// `SUBMIT_QUEUE_URL` and `OBSERVE_QUEUE_URL`.
    pub fn queues(&self) -> Result<SqsQueues, BadVariable> {
        let (submit, poll) = (self.required("SUBMIT_QUEUE_URL")?, self.required("OBSERVE_QUEUE_URL")?);
        Ok(SqsQueues::new(aws_sdk_sqs::Client::new(&self.aws), submit, poll))
    }

    /// `OBSERVE_QUEUE_URL` alone, for the functions that send nothing else.
    pub fn observe_queue(&self) -> Result<SqsPollQueue, BadVariable> {
        Ok(SqsPollQueue::new(aws_sdk_sqs::Client::new(&self.aws), self.required("OBSERVE_QUEUE_URL")?))
    }

    /// `EVENT_BUS_NAME`.
    pub fn bus(&self) -> Result<Bus, BadVariable> {
        Ok(Bus::new(aws_sdk_eventbridge::Client::new(&self.aws), self.required("EVENT_BUS_NAME")?))
    }

    /// `OPENAI_BASE_URL`.
    pub fn provider(&self, key: ApiKey) -> Result<OpenAiClient, BoxError> {
        Ok(OpenAiClient::new(OpenAiConfig::new(self.secure_url("OPENAI_BASE_URL")?, key))?)
    }

    /// The provider's client and its key: one is built while the other is on its way.
    pub async fn provider_with_key(&self) -> Result<(OpenAiClient, CachedSecret<ApiKey>), BoxError> {
        let (key, provider) = tokio::join!(self.api_key(), async { self.provider(ApiKey::unset()) });
        let (key, provider) = (key?, provider?);
        let provider = provider.with_key(key.get(&System).await);
        Ok((provider, key))
    }

    /// A URL that keys and content may go to: https, or http on this machine and where AWS itself is an emulator.
    fn secure_url(&self, variable: &'static str) -> Result<String, BadVariable> {
        let text = self.required(variable)?;
        let bad = |problem| BadVariable { variable, problem };
        let url = Url::parse(&text).map_err(|_| bad("must be a URL that starts with https://"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad("must not hold a name or a password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(bad("must not have a query or a fragment"));
        }
        let is_here = url.host_str().is_some_and(is_loopback);
        match url.scheme() {
            "https" => Ok(text),
            "http" if is_here || self.aws.endpoint_url().is_some() => Ok(text),
            _ => Err(bad("must start with https://; http is taken for this machine alone")),
        }
    }

    /// The secret `OPENAI_API_KEY_SECRET_ARN`.
    pub async fn api_key(&self) -> Result<CachedSecret<ApiKey>, BoxError> {
        let arn = self.required("OPENAI_API_KEY_SECRET_ARN")?;
        let client = aws_sdk_secretsmanager::Client::new(&self.aws);
        let parse = |versions: SecretVersions| Ok(ApiKey::parse(versions.current.trim())?);
        CachedSecret::start(secrets::reading(client, arn, &[], parse), &System).await
    }

    /// The secrets that tools of types name by their ARN.
    pub fn tool_secrets(&self) -> aws_sdk_secretsmanager::Client {
        aws_sdk_secretsmanager::Client::new(&self.aws)
    }

    /// The secrets of `WEBHOOK_SECRET_ARN`: the current one, and those before and after it that may be in use.
    pub async fn webhook_secrets(&self) -> Result<CachedSecret<Vec<WebhookSecret>>, BoxError> {
        let arn = self.required("WEBHOOK_SECRET_ARN")?;
        let client = aws_sdk_secretsmanager::Client::new(&self.aws);
        let read = secrets::reading(client, arn, &["AWSPREVIOUS", "AWSPENDING"], |versions| {
            Ok(webhook_signature::in_use(&versions)?)
        });
        CachedSecret::start(read, &System).await
    }

    /// The secret `NOTICE_TARGET_SECRET_ARN`, which may be empty: then notices go to the log.
    pub async fn notice_target(&self) -> Result<CachedSecret<Option<Target>>, BoxError> {
        let arn = self.required("NOTICE_TARGET_SECRET_ARN")?;
        let client = aws_sdk_secretsmanager::Client::new(&self.aws);
        CachedSecret::start(secrets::finding(client, arn, |text| Ok(Target::parse(text)?)), &System).await
    }

    /// `LINK_BASE`: what links to jobs start with.
    pub fn link_base(&self) -> Result<String, BadVariable> {
        const VARIABLE: &str = "LINK_BASE";
        let base = self.secure_url(VARIABLE)?;
        if base.chars().all(|c| c.is_ascii_graphic() && !"<>|\"".contains(c)) {
            return Ok(base.trim_end_matches('/').to_owned());
        }
        Err(BadVariable { variable: VARIABLE, problem: "must be a URL of plain characters" })
    }

    /// `TOKEN_ISSUER` and the variables that start with `CONSOLE_`: where people of the console log in.
    pub fn console_login(&self) -> Result<Option<ConsoleLogin>, BadVariable> {
        ConsoleLogin::read(&self.lookup)
    }

    /// The same of a function that prices runs, which takes `OPENAI_BASE_URL` and `PRICES`.
    pub fn pricing_settings(&self, function: &str) -> Result<Settings, BoxError> {
        let is_regional = is_regional(&self.required("OPENAI_BASE_URL")?);
        let (settings, prices) = (self.setting(function), self.prices()?);
        Ok(Settings { is_regional, prices, ..settings? })
    }

    /// `PRICES`, optional: the installation's own rows of the price list, as JSON.
    pub fn prices(&self) -> Result<PriceList, BadPrices> {
        (self.lookup)("PRICES").map_or_else(|| Ok(PriceList::shipped()), |own| PriceList::with(&own).map_err(BadPrices))
    }

    /// `DEPLOYMENT`, and `TIMING` when it is set.
    pub fn setting(&self, function: &str) -> Result<Settings, BadVariable> {
        let (deployment, timing) = (self.required("DEPLOYMENT")?, self.timing()?);
        let (prices, actor) = (PriceList::shipped(), Actor::system(function));
        Ok(Settings { deployment, is_regional: false, prices, timing, first_admin: None, actor })
    }

    /// `TIMING`, optional: changes to the AWS defaults in seconds, such as `lease=120 checks=30,30,60,120`.
    pub fn timing(&self) -> Result<Timing, BadVariable> {
        (self.lookup)("TIMING").map_or(Ok(Timing::aws()), |text| timing(&text))
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    address.map_or(host == "localhost", |address| address.is_loopback())
}

fn timing(text: &str) -> Result<Timing, BadVariable> {
    let bad = BadVariable {
        variable: "TIMING",
        problem: "must be words like lease=120 or checks=30,30,60,120 with a name of a timing and seconds",
    };
    let mut timing = Timing::aws();
    for word in text.split_whitespace() {
        let list = word.split_once('=').and_then(|(name, list)| {
            let seconds: Result<Vec<Duration>, _> =
                list.split(',').map(|seconds| seconds.parse().map(Duration::from_secs)).collect();
            Some((name, seconds.ok()?))
        });
        match (list, &mut timing) {
            (Some(("checks", list)), timing) => timing.checks = list,
            (Some(("backoff", list)), timing) => timing.backoff = list,
            (Some(("parking", list)), timing) => timing.parking = list,
            (Some(("push_grace", list)), Timing { push_grace: field, .. })
            | (Some(("lease", list)), Timing { lease: field, .. })
            | (Some(("unknown_wait", list)), Timing { unknown_wait: field, .. })
            | (Some(("missing_limit", list)), Timing { missing_limit: field, .. })
            | (Some(("publish_grace", list)), Timing { publish_grace: field, .. })
            | (Some(("quota_wait", list)), Timing { quota_wait: field, .. }) => match list.as_slice() {
                [one] => *field = *one,
                _ => return Err(bad),
            },
            _ => return Err(bad),
        }
    }
    Ok(timing)
}
