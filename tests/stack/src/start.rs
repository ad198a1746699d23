//! `cargo stack measure`: sizes and start times of what was deployed, beside an empty function and one in Python.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use adapters::system::System;
use adapters::webhook_signature::{WebhookSecret, sign};
use domain::port::Clock as _;
use serde_json::{Value, json};
use stack::measure::{Measured, Subject, measure, table};
use tokio::process::Command;

use crate::deploy::build_folder;
use crate::neighbours::WEBHOOK_SECRET;
use crate::run::{Stack, variables};
use crate::step::{logged, printed, step};
use crate::tools::PYTHON;
use crate::{BoxError, Place, root};

/// The job of the samples under `events/`.
const SAMPLE_JOB: &str = "job_40f3ff69c66eba977381a8f938198104";

/// Each function, its logical id in the template, and the invocation that it is measured with.
const FUNCTIONS: [(&str, &str, &str); 9] = [
    ("control-job", "ControlJob", "set-member"),
    ("create-job", "CreateJob", "document-analysis"),
    ("read-jobs", "ReadJobs", "job"),
    ("ingest-webhook", "IngestWebhook", "response-completed"),
    ("submit-job", "SubmitJob", "one-message"),
    ("observe-job", "ObserveJob", "due"),
    ("reconcile", "Reconcile", "schedule"),
    ("publish-events", "PublishEvents", "completed"),
    ("notify", "Notify", "needs-review"),
];

const EMPTY: &str = "an empty lambda_http function";
const PYTHON_NAME: &str = "read-jobs in Python";

pub(crate) async fn run(cache: &Path, place: &Place, runs: u32) -> Result<(), BoxError> {
    let empty = step("build an empty function", build_empty(cache)).await?;
    let python = step("Python, boto3, httpx", prepare_python(cache)).await?;
    let stack = Stack::raise(cache, place).await?;
    let inside = stack.target.inside.as_ref().ok_or("the stack cannot be looked into")?;
    let job = step("complete a job", complete_a_job(&stack)).await?;

    let variables: BTreeMap<String, String> =
        variables(&stack, inside)?.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let mut subjects = Vec::new();
    for (function, logical, case) in FUNCTIONS {
        let program = build_folder(cache).join(logical).join("bootstrap");
        let event = event(function, case, &job)?;
        subjects.push(subject(function, program, &variables, event)?);
    }
    let read_job = event("read-jobs", "job", &job)?;
    subjects.push(subject(EMPTY, empty, &BTreeMap::new(), read_job.clone())?);
    subjects.push(python_subject(python, variables, read_job));

    let measured = measure(&subjects, runs, |round| println!("  {round}")).await?;
    measured.iter().try_for_each(worked)?;
    println!();
    println!("{}", table(&measured, EMPTY, PYTHON_NAME, "read-jobs"));
    Ok(())
}

fn subject(
    name: &str,
    program: PathBuf,
    variables: &BTreeMap<String, String>,
    event: String,
) -> Result<Subject, BoxError> {
    let bytes = std::fs::metadata(&program).map_err(|error| format!("{}: {error}", program.display()))?.len();
    let mut variables = variables.clone();
    // As in Lambda's image, where the trust store is one file; elsewhere each of its certificates is read once more.
    variables.extend(trust_store().map(|file| ("SSL_CERT_FILE".to_owned(), file.to_owned())));
    Ok(Subject { name: name.to_owned(), program, args: Vec::new(), variables, event, bytes: Some(bytes) })
}

fn trust_store() -> Option<&'static str> {
    let known = ["/etc/pki/tls/cert.pem", "/etc/ssl/certs/ca-certificates.crt"];
    known.into_iter().find(|file| Path::new(file).exists())
}

fn python_subject(
    (program, folder): (PathBuf, PathBuf),
    mut variables: BTreeMap<String, String>,
    event: String,
) -> Subject {
    variables.insert("_HANDLER".to_owned(), "read_job.handler".to_owned());
    variables.insert("LAMBDA_TASK_ROOT".to_owned(), folder.display().to_string());
    let args = ["-m", "awslambdaric", "read_job.handler"].map(str::to_owned).to_vec();
    Subject { name: PYTHON_NAME.to_owned(), program, args, variables, event, bytes: None }
}

/// An error is an answer too, but measures nothing.
fn worked(measured: &Measured) -> Result<(), BoxError> {
    let answer: Value = serde_json::from_str(&measured.answer)?;
    let status = answer["statusCode"].as_u64().unwrap_or(200);
    let failed = answer["batchItemFailures"].as_array().is_some_and(|failures| !failures.is_empty());
    if status < 300 && !failed {
        return Ok(());
    }
    Err(format!("{} did not do its work: {}", measured.name, measured.answer).into())
}

/// The sample about a job that is there; a webhook is signed anew, because its signature is good for minutes.
fn event(function: &str, case: &str, job: &str) -> Result<String, BoxError> {
    let file = root()?.join(format!("events/{function}/{case}.json"));
    let text = std::fs::read_to_string(file)?.replace(SAMPLE_JOB, job);
    let mut event: Value = serde_json::from_str(&text)?;
    if function == "ingest-webhook" {
        let (body, now) = (event["body"].as_str().unwrap_or_default(), System.now().seconds());
        let id = event["headers"]["webhook-id"].as_str().unwrap_or_default();
        let signature = sign(&WebhookSecret::parse(WEBHOOK_SECRET)?, id, now, body.as_bytes());
        let headers = event["headers"].as_object_mut().ok_or("the webhook has no headers")?;
        headers.insert("webhook-timestamp".to_owned(), json!(now.to_string()));
        headers.insert("webhook-signature".to_owned(), json!(signature));
    }
    Ok(event.to_string())
}

/// Alice's job, which has ended when this does, so that nothing moves while it is read.
async fn complete_a_job(stack: &Stack) -> Result<String, BoxError> {
    let client = reqwest::Client::new();
    let token = stack.issuer.identity.token("alice", Duration::from_secs(3_600), System.now().seconds())?;
    let jobs = format!("{}/v1/workspaces/acme/jobs", stack.target.api);
    let request = client.post(&jobs).json(&json!({"type": "document-analysis", "input": "The parties agree."}));
    let created: Value = request.bearer_auth(&token).send().await?.json().await?;
    let id = created["id"].as_str().ok_or_else(|| format!("the job was not created: {created}"))?.to_owned();
    for _ in 0..600 {
        let job: Value = client.get(format!("{jobs}/{id}")).bearer_auth(&token).send().await?.json().await?;
        if job["status"] == "completed" {
            return Ok(id);
        }
        System.sleep(Duration::from_millis(200)).await;
    }
    Err("the job did not complete".into())
}

async fn build_empty(cache: &Path) -> Result<PathBuf, BoxError> {
    let build = &mut Command::new("cargo");
    build.current_dir(root()?).args(["build", "--release", "--package", "empty"]);
    logged(build, &cache.join("empty-build.log")).await?;
    let metadata = &mut Command::new("cargo");
    metadata.current_dir(root()?).args(["metadata", "--no-deps", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&printed(metadata).await?)?;
    let target = metadata["target_directory"].as_str().ok_or("cargo names no target directory")?;
    Ok(Path::new(target).join("release").join("empty"))
}

/// The interpreter and the function's folder, everything compiled as a deployment does.
async fn prepare_python(cache: &Path) -> Result<(PathBuf, PathBuf), BoxError> {
    let bin = PYTHON.install(cache).await?;
    let folder = cache.join("python-function");
    std::fs::create_dir_all(&folder)?;
    std::fs::copy(root()?.join("tests/stack/python/read_job.py"), folder.join("read_job.py"))?;
    let packages = bin.join("../lib");
    let compile = &mut Command::new(bin.join("python"));
    compile.args(["-m", "compileall", "-q"]).arg(&folder).arg(packages).env_remove("PYTHONDONTWRITEBYTECODE");
    logged(compile, &cache.join("compileall.log")).await?;
    Ok((bin.join("python"), folder))
}
