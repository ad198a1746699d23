//! The tools in Python, at pinned versions, each set in an environment of its own because their dependencies disagree.

use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::BoxError;
use crate::step::logged;

/// A set of packages that can live together.
pub(crate) struct Tools {
    name: &'static str,
    packages: &'static [&'static str],
}

/// SAM builds and deploys with cargo-lambda, and cfn-lint shares SAM's translator.
pub(crate) const SAM: Tools =
    Tools { name: "sam", packages: &["aws-sam-cli==1.170.0", "cargo-lambda==1.9.2", "cfn-lint==1.58.0"] };

pub(crate) const MINISTACK: Tools = Tools {
    name: "ministack",
    packages: &["ministack==1.5.33", "aws-sam-translator==1.115.0", "cryptography==50.0.2"],
};

pub(crate) const CHECKOV: Tools = Tools { name: "checkov", packages: &["checkov==3.3.30"] };

/// OpenAI's own SDK, whose types the simulated provider is held against.
pub(crate) const OPENAI: Tools = Tools { name: "openai", packages: &["openai==3.57.0", "pydantic==2.14.4"] };

/// What a function in Python is made of.
pub(crate) const PYTHON: Tools =
    Tools { name: "python", packages: &["awslambdaric==4.2.2", "boto3==1.44.8", "httpx==0.28.1"] };

impl Tools {
    /// Installs what is not there yet; answers the folder of its programs.
    pub(crate) async fn install(&self, cache: &Path) -> Result<PathBuf, BoxError> {
        let folder = cache.join("tools").join(self.name);
        let (bin, mark) = (folder.join("bin"), folder.join("packages"));
        let wanted = self.packages.join("\n");
        if std::fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
            return Ok(bin);
        }
        std::fs::create_dir_all(&folder)?;
        // Without pip and filled from outside, because Debian's Python has no ensurepip.
        let make = &mut Command::new("python3");
        logged(make.args(["-m", "venv", "--clear", "--without-pip"]).arg(&folder), &cache.join("venv.log")).await?;
        let install = &mut Command::new("python3");
        install.args(["-m", "pip", "--python"]).arg(bin.join("python"));
        install.args(["install", "--quiet", "--disable-pip-version-check"]).args(self.packages);
        logged(install, &cache.join("pip.log")).await?;
        std::fs::write(&mark, wanted)?;
        Ok(bin)
    }
}
