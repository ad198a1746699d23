//! How long functions take from the start of their process to their first answer. This program plays Lambda.

mod api;
mod table;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::process::Command;

use api::News;
pub use table::table;

pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A function to measure.
#[derive(Debug, Clone)]
pub struct Subject {
    pub name: String,
    pub program: PathBuf,
    pub args: Vec<String>,
    pub variables: BTreeMap<String, String>,
    /// The invocation, as JSON.
    pub event: String,
    /// Size of what is deployed.
    pub bytes: Option<u64>,
}

/// What came of its runs.
#[derive(Debug, Clone)]
pub struct Measured {
    pub name: String,
    pub bytes: Option<u64>,
    /// Of each run, in order.
    pub millis: Vec<f64>,
    /// Of the last run.
    pub answer: String,
}

impl Measured {
    /// Not a number where nothing ran.
    pub fn median(&self) -> f64 {
        let mut sorted = self.millis.clone();
        sorted.sort_by(f64::total_cmp);
        let at = |place: usize| sorted.get(place).copied().unwrap_or(f64::NAN);
        (at(sorted.len().saturating_sub(1) / 2) + at(sorted.len() / 2)) / 2.0
    }
}

/// The most that one run may take.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs every subject in turn, so often, so that a busy minute of the machine hits all of them.
pub async fn measure(
    subjects: &[Subject],
    runs: u32,
    mut progress: impl FnMut(&str),
) -> Result<Vec<Measured>, BoxError> {
    let nothing = |Subject { name, bytes, .. }: &Subject| Measured {
        name: name.clone(),
        bytes: *bytes,
        millis: Vec::new(),
        answer: String::new(),
    };
    let mut measured: Vec<_> = subjects.iter().map(nothing).collect();
    // The first round does not count: it fills the page cache.
    for run in 0..=runs {
        progress(&if run == 0 { "warm-up".to_owned() } else { format!("run {run} of {runs}") });
        for (subject, measured) in subjects.iter().zip(&mut measured) {
            let (took, answer) = first_answer(subject).await.map_err(|error| format!("{}: {error}", subject.name))?;
            measured.answer = answer;
            if run > 0 {
                measured.millis.push(took.as_secs_f64() * 1_000.0);
            }
        }
    }
    Ok(measured)
}

async fn first_answer(subject: &Subject) -> Result<(Duration, String), BoxError> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let (service, mut news) = api::service(subject.event.clone(), LIMIT);
    let mut log = tempfile::tempfile()?;
    let mut command = command(subject, listener.local_addr()?, &log)?;
    let serving = axum::serve(listener, service).into_future();
    let started = now();
    let mut child = command.spawn().map_err(|error| format!("{}: {error}", subject.program.display()))?;
    let ended = tokio::select! {
        biased;
        Some(news) = news.recv() => match news {
            News::Answer { at, body } => Ok((at.duration_since(started), body)),
            News::Failure(report) => Err(format!("it reported {report}")),
        },
        status = child.wait() => Err(format!("it ended with {} before its answer", status?)),
        stopped = serving => Err(format!("its Runtime API stopped: {stopped:?}")),
        () = tokio::time::sleep(LIMIT) => Err(format!("no answer in {} s", LIMIT.as_secs())),
    };
    // Fails where it is over already.
    let _ = child.kill().await;
    ended.or_else(|problem| Err(format!("{problem}; it wrote:\n{}", written(&mut log)?).into()))
}

/// The program in an environment like Lambda's, with nothing of whoever measures.
fn command(subject: &Subject, api: SocketAddr, log: &File) -> Result<Command, BoxError> {
    let name = &subject.name;
    let group = format!("/aws/lambda/{name}");
    let mut command = Command::new(&subject.program);
    command.args(&subject.args).env_clear().envs([
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("AWS_LAMBDA_FUNCTION_NAME", name),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", &group),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "measured"),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ]);
    // Away from a person's ~/.aws.
    command.env("HOME", std::env::temp_dir()).env("AWS_LAMBDA_RUNTIME_API", api.to_string()).envs(&subject.variables);
    if let Some(folder) = subject.variables.get("LAMBDA_TASK_ROOT") {
        command.current_dir(folder);
    }
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log.try_clone()?).kill_on_drop(true);
    Ok(command)
}

fn written(log: &mut File) -> Result<String, BoxError> {
    let mut bytes = Vec::new();
    log.rewind()?;
    log.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[expect(clippy::disallowed_methods, reason = "a stop watch")]
fn now() -> Instant {
    Instant::now()
}
