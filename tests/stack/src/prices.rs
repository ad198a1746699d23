//! `cargo prices`: the shipped price list against two published ones, which a person then takes over or leaves.

use std::path::Path;

use tokio::process::Command;

use crate::step::{logged, shown, step};
use crate::{BoxError, root};

/// The newest there are: what they say today is what the list is held against.
const PACKAGES: [&str; 2] = ["litellm", "genai-prices"];

pub(crate) async fn run(cache: &Path) -> Result<(), BoxError> {
    let folder = cache.join(format!("prices-{}", std::process::id()));
    let compared = compare(cache, &folder).await;
    // A few packages for one look.
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    compared
}

async fn compare(cache: &Path, folder: &Path) -> Result<(), BoxError> {
    let python = folder.join("bin/python");
    // Without pip and filled from outside, because Debian's Python has no ensurepip.
    let make = &mut Command::new("python3");
    logged(make.args(["-m", "venv", "--without-pip"]).arg(folder), &cache.join("venv.log")).await?;
    for package in PACKAGES {
        let install = &mut Command::new("python3");
        install.args(["-m", "pip", "--python"]).arg(&python);
        install.args(["install", "--quiet", "--disable-pip-version-check", package]);
        if package == "litellm" {
            // Only its price file is read.
            install.arg("--no-deps");
        }
        step(package, logged(install, &cache.join("pip.log"))).await?;
    }
    let top = root()?;
    let look = &mut Command::new(python);
    look.arg(top.join("tests/stack/python/compare_prices.py")).arg(top.join("shared/domain/prices/openai.json"));
    step("compare", shown(look)).await
}
