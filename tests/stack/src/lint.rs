//! The linters over the template, as it is written and as SAM expands it.

use std::path::Path;

use tokio::process::Command;

use crate::step::{printed, shown, step};
use crate::tools::{CHECKOV, SAM};
use crate::{BoxError, root};

/// The template with what SAM adds, as JSON: IAM wildcards, for one, show only there.
const EXPAND: &str = r#"
import json, sys
from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform

template = yaml_parse(open(sys.argv[1]).read())
for resource in template["Resources"].values():
    if "CodeUri" in resource["Properties"]:
        resource["Properties"]["CodeUri"] = "s3://bucket/key"  # the transform takes no folder
policies = type("NoManagedPolicies", (), {"load": staticmethod(dict)})()
json.dump(transform(template, {}, policies), sys.stdout, indent=1)
"#;

pub(crate) async fn run(cache: &Path) -> Result<(), BoxError> {
    let sam = step("SAM, cfn-lint", SAM.install(cache)).await?;
    let checkov = step("checkov", CHECKOV.install(cache)).await?.join("checkov");
    let source = root()?.join("template.yaml");
    let expanded = cache.join("expanded.json");
    let expand = &mut Command::new(sam.join("python"));
    expand.args(["-c", EXPAND]).arg(&source).env("AWS_DEFAULT_REGION", "eu-west-1");
    std::fs::write(&expanded, step("expand the template", printed(expand)).await?)?;

    for template in [&source, &expanded] {
        let name = template.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let lint = &mut Command::new(sam.join("cfn-lint"));
        step(&format!("cfn-lint {name}"), shown(lint.args(["--include-checks", "I", "--"]).arg(template))).await?;
        let check = &mut Command::new(&checkov);
        check.arg("-f").arg(template).args(["--framework", "cloudformation", "--compact", "--quiet"]);
        let check = check.args(["--skip-download", "--skip-results-upload"]);
        step(&format!("checkov {name}"), shown(check)).await?;
    }
    let validate = &mut Command::new(sam.join("sam"));
    validate.args(["validate", "--lint", "--region", "eu-west-1", "-t"]).arg(&source).env("SAM_CLI_TELEMETRY", "0");
    step("sam validate", shown(validate)).await
}
