//! A stack from its first process to its last: raised, tried, or left for people, and taken down.

use std::path::{Path, PathBuf};
use std::time::Duration;

use adapters::system::System;
use domain::port::Clock as _;
use local::stop::told_to_stop;
use stack::calls::{Calls, RareCalls};
use stack::target::{Inside, People, Simulator, Target, VARIABLE};
use tokio::process::Command;
use tokio::task::JoinSet;

use crate::deploy::{Build, DEPLOYMENT, Deployed};
use crate::emulator::Emulator;
use crate::neighbours::{API_KEY, Issuer, Place as Provider, open_sink};
use crate::recorder::Recorder;
use crate::step::{shown, step};
use crate::{BoxError, Place, root};

/// Everything that runs. Dropped, it is gone.
pub(crate) struct Stack {
    pub(crate) target: Target,
    target_file: PathBuf,
    deployed: Deployed,
    /// Where the emulator is ours.
    recorder: Option<Recorder>,
    pub(crate) issuer: Issuer,
    _emulator: Option<Emulator>,
    _tasks: JoinSet<()>,
}

impl Stack {
    pub(crate) async fn raise(cache: &Path, place: &Place) -> Result<Self, BoxError> {
        let build = step("build the functions", Build::make(cache, !place.no_build)).await?;
        let mut tasks = JoinSet::new();
        let issuer = Issuer::open(&place.host, &mut tasks).await?;
        let provider = Provider::take(&place.host).await?;
        let notices = open_sink(&place.host, &mut tasks).await?;
        let (emulator, recorder, endpoint) = match &place.endpoint {
            Some(endpoint) => (None, None, endpoint.trim_end_matches('/').to_owned()),
            None => {
                let (recorder, for_functions) = Recorder::open(&mut tasks).await?;
                let emulator = step("start MiniStack", Emulator::start(cache, &for_functions)).await?;
                recorder.pass_to(&emulator.endpoint);
                let endpoint = emulator.endpoint.clone();
                (Some(emulator), Some(recorder), endpoint)
            }
        };
        let base_url = format!("{}/v1", provider.url()?);
        let parameters = [("TokenIssuer", issuer.url.as_str()), ("OpenAiBaseUrl", &base_url)];
        let deployed = step("deploy template.yaml", build.deploy(&endpoint, &parameters)).await?;
        deployed.fill(&endpoint, notices.as_deref()).await?;

        let (api_id, _) = deployed.logical.iter().find(|(_, name)| *name == "HttpApi").ok_or("there is no HttpApi")?;
        let api = format!("{endpoint}/_aws/execute-api/{api_id}/$default");
        let simulator = Simulator { url: provider.url()?, key: API_KEY.to_owned() };
        provider.open(format!("{api}/v1/webhooks/openai"), &mut tasks)?;
        let people = People::Anybody { identity: issuer.folder.path().to_owned(), issuer: issuer.url.clone() };
        let inside = Inside {
            endpoint,
            deployment: DEPLOYMENT.to_owned(),
            table: deployed.output("TableName")?.to_owned(),
            bucket: deployed.output("PayloadBucketName")?.to_owned(),
            bus: deployed.output("EventBusName")?.to_owned(),
            processes: emulator.is_some(),
        };
        let target = Target { api, people, simulator: Some(simulator), inside: Some(inside), notices };
        let target_file = cache.join("target.json");
        std::fs::write(&target_file, serde_json::to_vec_pretty(&target)?)?;
        Ok(Self { target, target_file, deployed, recorder, issuer, _emulator: emulator, _tasks: tasks })
    }

    async fn try_suite(&self) -> Result<(), BoxError> {
        let suite = &mut Command::new("cargo");
        suite.current_dir(root()?).args(["test", "--package", "suite", "--lib", "end_to_end"]);
        // They wait most of the time.
        suite.args(["--", "--test-threads", "32"]).env(VARIABLE, &self.target_file);
        shown(suite).await
    }
}

/// Raises a stack, runs the suite against it, and takes it down.
pub(crate) async fn suite(cache: &Path, place: &Place) -> Result<(), BoxError> {
    let tried = async {
        let stack = Stack::raise(cache, place).await?;
        step("end-to-end suite", stack.try_suite()).await?;
        match &stack.recorder {
            Some(recorder) => settle(&recorder.calls(DEPLOYMENT, &stack.deployed.logical)?, place.accept),
            None => {
                println!("Calls to AWS are recorded with an emulator of our own only.");
                Ok(())
            }
        }
    };
    tokio::select! {
        ended = tried => ended,
        () = told_to_stop() => Err("stopped".into()),
    }
}

/// The functions called what the template is checked against, no more and no less.
fn settle(calls: &Calls, accept: bool) -> Result<(), BoxError> {
    let file = root()?.join("tests/suite/data/calls.json");
    if accept {
        std::fs::write(&file, format!("{}\n", serde_json::to_string_pretty(calls)?))?;
    }
    let known: Calls = serde_json::from_slice(&std::fs::read(&file)?)?;
    let pairs = |calls: &Calls| -> Vec<String> {
        calls.iter().flat_map(|(function, calls)| calls.iter().map(move |call| format!("{function}: {call}"))).collect()
    };
    let rare: RareCalls = serde_json::from_slice(&std::fs::read(root()?.join("tests/suite/data/rare-calls.json"))?)?;
    let rare: Calls = rare.into_iter().map(|(function, calls)| (function, calls.into_keys().collect())).collect();
    let (made, known, rare) = (pairs(calls), pairs(&known), pairs(&rare));
    let new = made
        .iter()
        .filter(|call| !known.contains(call) && !rare.contains(call))
        .map(|call| format!("  new     {call}"));
    let gone = known.iter().filter(|call| !made.contains(call)).map(|call| format!("  missing {call}"));
    let changes: Vec<String> = new.chain(gone).collect();
    if changes.is_empty() {
        println!("The functions called AWS as tests/suite/data/calls.json says: {} kinds of call.", known.len());
        return Ok(());
    }
    Err(format!(
        "the calls to AWS differ from tests/suite/data/calls.json, which the template is checked against (--accept \
         takes them):\n{}",
        changes.join("\n")
    )
    .into())
}

/// Raises a stack and says how to use it, until it is told to stop.
pub(crate) async fn up(cache: &Path, place: &Place) -> Result<(), BoxError> {
    let stack = tokio::select! {
        stack = Stack::raise(cache, place) => stack?,
        () = told_to_stop() => return Err("stopped".into()),
    };
    let Some(inside) = &stack.target.inside else { return Ok(()) };
    let Target { api, simulator, .. } = &stack.target;
    let token = stack.issuer.identity.token("alice", Duration::from_secs(86_400), System.now().seconds())?;
    println!();
    println!("Lanekeeper, deployed");
    println!("  API        {api}");
    println!("  AWS        {}", inside.endpoint);
    println!("  simulator  {}", simulator.as_ref().map(|it| it.url.as_str()).unwrap_or_default());
    println!("  target     {}={}", VARIABLE, stack.target_file.display());
    println!();
    println!("A token for alice:");
    println!();
    println!("export TOKEN={token}");
    println!();
    println!("For `cargo lambda watch`:");
    println!();
    for (name, value) in variables(&stack, inside)? {
        println!("export {name}={value}");
    }
    println!();
    println!("Ctrl-C takes it down.");
    told_to_stop().await;
    Ok(())
}

/// What any of the functions reads, as its environment on AWS has it.
pub(crate) fn variables(stack: &Stack, inside: &Inside) -> Result<Vec<(&'static str, String)>, BoxError> {
    let physical = |logical: &str| -> Result<String, BoxError> {
        let found = stack.deployed.logical.iter().find(|(_, name)| *name == logical);
        Ok(found.ok_or_else(|| format!("there is no {logical}"))?.0.clone())
    };
    let simulator = stack.target.simulator.as_ref().map(|it| it.url.as_str()).unwrap_or_default();
    Ok(vec![
        ("AWS_ENDPOINT_URL", inside.endpoint.clone()),
        ("AWS_REGION", "eu-west-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("DEPLOYMENT", inside.deployment.clone()),
        ("TABLE_NAME", inside.table.clone()),
        ("PAYLOAD_BUCKET", inside.bucket.clone()),
        ("EVENT_BUS_NAME", inside.bus.clone()),
        ("SUBMIT_QUEUE_URL", physical("SubmitQueue")?),
        ("OBSERVE_QUEUE_URL", physical("ObserveQueue")?),
        ("OPENAI_BASE_URL", format!("{simulator}/v1")),
        ("OPENAI_API_KEY_SECRET_ARN", stack.deployed.output("OpenAiApiKeySecretArn")?.to_owned()),
        ("NOTICE_TARGET_SECRET_ARN", stack.deployed.output("NoticeTargetSecretArn")?.to_owned()),
        ("LINK_BASE", stack.target.api.clone()),
        ("WEBHOOK_SECRET_ARN", stack.deployed.output("WebhookSecretArn")?.to_owned()),
    ])
}
