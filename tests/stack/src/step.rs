//! Steps on the way, each with how long it took, and other programs run as one.

use std::path::Path;
use std::process::Stdio;

use adapters::system::System;
use domain::port::Clock as _;
use tokio::process::Command;

use crate::BoxError;

/// Says what is done, does it, and says how long it took.
pub(crate) async fn step<T>(name: &str, work: impl Future<Output = Result<T, BoxError>>) -> Result<T, BoxError> {
    println!("== {name}");
    let started = System.now();
    let done =
        work.await.map_err(|error| format!("{name}: {}", adapters::lambda::diagnostic::chain(error.as_ref())))?;
    println!("-- {name}: {:.0} s", System.now().since(started).as_secs_f64());
    Ok(done)
}

/// Runs a program, its output in a log that is shown when it fails.
pub(crate) async fn logged(command: &mut Command, log: &Path) -> Result<(), BoxError> {
    let file = std::fs::File::create(log)?;
    command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).kill_on_drop(true);
    if command.status().await?.success() {
        return Ok(());
    }
    let said = std::fs::read_to_string(log)?;
    let last: Vec<&str> = said.lines().rev().take(40).collect();
    let last: Vec<&str> = last.into_iter().rev().collect();
    Err(format!("it failed, and said last:\n{}\n(all of it: {})", last.join("\n"), log.display()).into())
}

/// Runs a program whose output is for people.
pub(crate) async fn shown(command: &mut Command) -> Result<(), BoxError> {
    let status = command.stdin(Stdio::null()).kill_on_drop(true).status().await?;
    if status.success() { Ok(()) } else { Err(format!("it ended with {status}").into()) }
}

/// Runs a program and answers what it printed.
pub(crate) async fn printed(command: &mut Command) -> Result<String, BoxError> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true).output().await?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    Err(format!("it ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr)).into())
}
