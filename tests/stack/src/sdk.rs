//! `cargo stack sdk`: OpenAI's own SDKs against the simulated provider, whose answers their types have to read.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tokio::process::Command;

use crate::step::{logged, shown, step};
use crate::tools::OPENAI;
use crate::{BoxError, root};

const NODE_PACKAGES: [&str; 2] = ["openai@7.59.0", "typescript@5.9.3"];
const TSC: [&str; 7] = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2022"];

pub(crate) async fn run(cache: &Path) -> Result<(), BoxError> {
    let python = step("OpenAI's SDK for Python", OPENAI.install(cache)).await?.join("python");
    let build = &mut Command::new("cargo");
    build.current_dir(root()?).args(["build", "--bin", "openai-simulator"]);
    step("build the simulator", logged(build, &cache.join("simulator.log"))).await?;
    let simulator = std::env::current_exe()?.with_file_name("openai-simulator");
    let answers = cache.join("answers.jsonl");
    let drive = &mut Command::new(python);
    drive.arg(root()?.join("tests/stack/python/drive_sdk.py")).arg(simulator).arg(&answers);
    step("every answer against its types", shown(drive)).await?;

    let version = &mut Command::new("npm");
    let has_npm = version.arg("--version").stdout(Stdio::null()).status().await.is_ok_and(|status| status.success());
    if !has_npm {
        println!("There is no npm here: the types of OpenAI's SDK for Node were not tried.");
        return Ok(());
    }
    let folder = cache.join("tools").join("openai-node");
    step("OpenAI's SDK for Node", install(&folder, cache)).await?;
    std::fs::write(folder.join("answers.ts"), typed(&std::fs::read_to_string(&answers)?)?)?;
    let compile = &mut Command::new(folder.join("node_modules/.bin/tsc"));
    step("the same answers against its types", shown(compile.current_dir(&folder).args(TSC).arg("answers.ts"))).await
}

async fn install(folder: &Path, cache: &Path) -> Result<(), BoxError> {
    let (mark, wanted) = (folder.join("packages"), NODE_PACKAGES.join("\n"));
    if std::fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    std::fs::create_dir_all(folder)?;
    let install = &mut Command::new("npm");
    install.args(["install", "--no-audit", "--no-fund", "--prefix"]).arg(folder).args(NODE_PACKAGES);
    logged(install, &cache.join("npm.log")).await?;
    Ok(std::fs::write(mark, wanted)?)
}

/// Each answer as a constant of its type, so that the compiler holds the two together.
fn typed(answers: &str) -> Result<String, BoxError> {
    let mut text = "import type OpenAI from \"openai\";\n".to_owned();
    for (number, line) in answers.lines().enumerate() {
        let (kind, mut value): (&str, Value) = serde_json::from_str(line)?;
        let module = match kind {
            "Model" => "Models",
            "Batch" => {
                // It comes with null where nothing has happened yet, and these types only know a field that is not there.
                value.as_object_mut().into_iter().for_each(|fields| fields.retain(|_, value| !value.is_null()));
                "Batches"
            }
            "FileObject" | "FileDeleted" => "Files",
            "ContainerRetrieveResponse" => "Containers",
            "FileRetrieveResponse" => "Containers.Files",
            // For administrators, and not in what the SDK's main name holds.
            "UsageCompletionsResponse" | "UsageCostsResponse" => continue,
            _ => "Responses",
        };
        // The SDK adds the one field itself; the other is sent, and the SDK has no type for it.
        let kind = format!("Omit<OpenAI.{module}.{kind}, \"output_text\"> & {{ store?: boolean }}");
        writeln!(text, "export const answer{number}: {kind} = {value};")?;
    }
    Ok(text)
}
