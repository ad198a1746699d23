//! `sam build` and `sam deploy` of template.yaml, as functions/DEPLOY.md tells people to, with an emulator as AWS.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use adapters::aws::dynamodb::Table;
use adapters::system::System;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_secretsmanager::config::{Credentials, SharedCredentialsProvider};
use domain::port::Clock as _;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::neighbours::{API_KEY, WEBHOOK_SECRET};
use crate::step::{logged, printed};
use crate::tools::SAM;
use crate::{BoxError, root};

pub(crate) const DEPLOYMENT: &str = "lanekeeper";

/// Waits that fit a test; on AWS the defaults hold.
const TIMING: &str =
    "push_grace=10 lease=60 unknown_wait=60 checks=3,5,10,20 publish_grace=10 backoff=5,10,20,60 quota_wait=5";

/// What was built, and the tools that deploy it.
pub(crate) struct Build {
    bin: PathBuf,
    cache: PathBuf,
}

/// What a stack is made of, once it is there.
pub(crate) struct Deployed {
    pub(crate) outputs: BTreeMap<String, String>,
    /// The template's name of each resource, by the name that the emulator gave it.
    pub(crate) logical: BTreeMap<String, String>,
}

impl Build {
    /// Finds the tools, and builds the functions' binaries unless the last build will do.
    pub(crate) async fn make(cache: &Path, again: bool) -> Result<Self, BoxError> {
        let build = Self { bin: SAM.install(cache).await?, cache: cache.to_owned() };
        if again || !build.template().exists() {
            let sam = &mut build.sam("build")?;
            sam.args(["--beta-features", "--parameter-overrides", &architecture()]);
            sam.arg("--build-dir").arg(build_folder(cache)).arg("--template").arg(root()?.join("template.yaml"));
            logged(sam, &cache.join("sam-build.log")).await?;
        }
        Ok(build)
    }

    fn template(&self) -> PathBuf {
        build_folder(&self.cache).join("template.yaml")
    }

    fn sam(&self, command: &str) -> Result<Command, BoxError> {
        let mut sam = Command::new(self.bin.join("sam"));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(self.bin.clone()).chain(std::env::split_paths(&path));
        sam.arg(command).current_dir(root()?);
        sam.env("PATH", std::env::join_paths(paths)?);
        sam.env("SAM_CLI_TELEMETRY", "0").env("AWS_REGION", "eu-west-1").env("AWS_DEFAULT_REGION", "eu-west-1");
        sam.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        // The host's own compiler and target, so that nothing is downloaded.
        sam.env("CARGO_LAMBDA_COMPILER", "cargo");
        Ok(sam)
    }

    /// Deploys with these parameters on top of the usual ones.
    pub(crate) async fn deploy(&self, endpoint: &str, parameters: &[(&str, &str)]) -> Result<Deployed, BoxError> {
        let sam = &mut self.sam("deploy")?;
        sam.env("AWS_ENDPOINT_URL", endpoint).arg("--template-file").arg(self.template());
        sam.args(["--stack-name", DEPLOYMENT, "--resolve-s3", "--no-confirm-changeset", "--no-progressbar"]);
        sam.args(["--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--parameter-overrides"]);
        sam.args([&architecture(), "FullAws=false", "DeletionProtection=false"]).arg(format!("Timing=\"{TIMING}\""));
        sam.args(parameters.iter().map(|(name, value)| format!("{name}={value}")));
        logged(sam, &self.cache.join("sam-deploy.log")).await?;
        let template = self.template();
        let of_template = [Path::new("--template-file"), &template];
        let outputs = self.list("stack-outputs", &[], endpoint, ("OutputKey", "OutputValue")).await?;
        let names = ("PhysicalResourceId", "LogicalResourceId");
        let logical = self.list("resources", &of_template, endpoint, names).await?;
        Ok(Deployed { outputs, logical })
    }

    /// What `sam list` knows of the stack, as pairs of two of its fields.
    async fn list(
        &self,
        what: &str,
        more: &[&Path],
        endpoint: &str,
        (key, value): (&str, &str),
    ) -> Result<BTreeMap<String, String>, BoxError> {
        let sam = &mut self.sam("list")?;
        sam.arg(what).args(["--stack-name", DEPLOYMENT, "--output", "json"]).args(more);
        sam.env("AWS_ENDPOINT_URL", endpoint);
        let listed: Vec<BTreeMap<String, Value>> = serde_json::from_str(&printed(sam).await?)?;
        let text = |entry: &BTreeMap<String, Value>, name: &str| Some(entry.get(name)?.as_str()?.to_owned());
        Ok(listed.iter().filter_map(|entry| Some((text(entry, key)?, text(entry, value)?))).collect())
    }
}

impl Deployed {
    pub(crate) fn output(&self, name: &str) -> Result<&str, BoxError> {
        Ok(self.outputs.get(name).ok_or_else(|| format!("the stack has no output {name}"))?)
    }

    /// Puts in what functions/DEPLOY.md asks people to put in: the secrets, and who may do what.
    pub(crate) async fn fill(&self, endpoint: &str, notices: Option<&str>) -> Result<(), BoxError> {
        let table = Table::new(aws_sdk_dynamodb::Client::new(&aws(endpoint)), self.output("TableName")?);
        local::people::settle(&table, System.now()).await?;
        let client = aws_sdk_secretsmanager::Client::new(&aws(endpoint));
        let target = notices.map(|url| json!({"format": "slack", "url": url}).to_string());
        let secrets = [("OpenAiApiKeySecretArn", API_KEY), ("WebhookSecretArn", WEBHOOK_SECRET)];
        for (output, value) in
            secrets.into_iter().chain(target.as_deref().map(|target| ("NoticeTargetSecretArn", target)))
        {
            client.put_secret_value().secret_id(self.output(output)?).secret_string(value).send().await?;
        }
        Ok(())
    }
}

/// An emulator as AWS.
fn aws(endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new("test", "test", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(endpoint)
        .build()
}

/// Where a build lies: a folder for each function, by its name in the template.
pub(crate) fn build_folder(cache: &Path) -> PathBuf {
    cache.join("build")
}

/// Of this machine.
fn architecture() -> String {
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    format!("Architecture={architecture}")
}
