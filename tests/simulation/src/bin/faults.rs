//! `cargo faults`: puts one design fault after the other into a copy of the tree, and lives seeds until a check is red.

#![expect(clippy::print_stdout, reason = "a command line prints")]

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Parser;
use simulation::seeded::{self, Seeded};
use simulation::world::JOBS;

/// Shows that the simulation's checks can fail: each design fault has to be found.
#[derive(Parser)]
#[command(name = "cargo faults", bin_name = "cargo faults")]
struct Cli {
    /// Only the faults with this in their name.
    name: Option<String>,
    /// All of them. Without it and without a name: twelve that are always tried, and those in files that changed since
    /// the last release.
    #[arg(long)]
    all: bool,
    /// Seeds to live at most for each fault.
    #[arg(long, default_value_t = 20_000)]
    seeds: u64,
}

type BoxError = Box<dyn Error + Send + Sync>;

/// What the copy is made of.
const PARTS: [&str; 6] = ["Cargo.toml", "Cargo.lock", "functions", "shared", "tests", "template.yaml"];

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(missed) => {
            println!("{missed} were not found");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Answers how many were not found.
fn run(cli: &Cli) -> Result<usize, BoxError> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let mut faults = seeded::all()?;
    if let Some(wanted) = &cli.name {
        faults.retain(|fault| fault.name.contains(wanted));
        if faults.is_empty() {
            return Err(format!("no fault has {wanted:?} in its name").into());
        }
    } else if !cli.all {
        let known = faults.len();
        match changed_since_release(&root)? {
            Some(changed) => faults.retain(|fault| fault.always || changed.contains(&fault.file)),
            None => println!("git does not know the last release here: all faults are tried"),
        }
        println!("{} of {known} faults; --all tries every one", faults.len());
    }
    // Beside this program, so that nothing is built twice that did not change.
    let program = std::env::current_exe()?;
    let target = program.ancestors().nth(2).ok_or("the program lies in no target folder")?.to_owned();
    let tree = Tree::copy(&root, target.join("faults"), target)?;
    let mut missed = 0;
    for fault in &faults {
        let found = tree.find(fault, cli.seeds)?;
        println!("{:<72} {}", fault.name, found.as_deref().unwrap_or("NOT FOUND"));
        missed += usize::from(found.is_none());
    }
    Ok(missed)
}

/// The files that differ from the last release, without those that only moved; `None` where git cannot tell. The release
/// is the newest tag, or, until there is one, the commit that `released` names.
fn changed_since_release(root: &Path) -> Result<Option<Vec<String>>, BoxError> {
    let git = |arguments: &[&str]| -> Result<Option<String>, BoxError> {
        let output = Command::new("git").arg("-C").arg(root).args(arguments).output()?;
        Ok(output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned()))
    };
    let tag = git(&["describe", "--tags", "--abbrev=0"])?;
    let release = tag.as_deref().unwrap_or(include_str!("../../released")).trim().to_owned();
    let changed = git(&["diff", "--name-only", "--find-renames=100%", "--diff-filter=AM", &release])?;
    Ok(changed.map(|names| names.lines().map(str::to_owned).collect()))
}

/// A copy of the workspace, in which one file at a time is changed.
struct Tree {
    root: PathBuf,
    target: PathBuf,
}

impl Tree {
    fn copy(from: &Path, root: PathBuf, target: PathBuf) -> Result<Self, BoxError> {
        fs::create_dir_all(&root)?;
        for part in PARTS {
            copy(&from.join(part), &root.join(part))?;
        }
        // A program of another name, so that the one without a fault is never mixed up with it.
        let manifest = root.join("tests/simulation/Cargo.toml");
        let text = fs::read_to_string(&manifest)?.replace("name = \"simulate\"", "name = \"simulate-seeded\"");
        fs::write(manifest, text)?;
        Ok(Self { root, target })
    }

    /// The first seed and the check that found the fault.
    fn find(&self, fault: &Seeded, seeds: u64) -> Result<Option<String>, BoxError> {
        let file = self.root.join(&fault.file);
        let whole = fs::read_to_string(&file)?;
        if whole.matches(&fault.from).count() != 1 {
            return Err(format!("{}: what it replaces does not stand once in {}", fault.name, fault.file).into());
        }
        fs::write(&file, whole.replace(&fault.from, &fault.to))?;
        let found = self.live(fault, seeds);
        fs::write(&file, whole)?;
        found
    }

    fn live(&self, fault: &Seeded, seeds: u64) -> Result<Option<String>, BoxError> {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--package", "simulation", "--bin", "simulate-seeded"])
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &self.target)
            .output()?;
        if !built.status.success() {
            return Err(format!("{} does not build:\n{}", fault.name, String::from_utf8_lossy(&built.stderr)).into());
        }
        let lives = (seeds * JOBS).to_string();
        let program = self.target.join("debug/simulate-seeded");
        let lived = Command::new(program).args(["--lives", &lives, "--first"]).output()?;
        let output = String::from_utf8_lossy(&lived.stdout).into_owned();
        Ok(output.lines().find(|line| line.starts_with("seed ")).map(str::to_owned))
    }
}

/// Copies a file or a folder; what is the same already keeps its time, and what is not there any more goes.
fn copy(from: &Path, to: &Path) -> Result<(), BoxError> {
    if !from.is_dir() {
        let bytes = fs::read(from)?;
        if fs::read(to).is_ok_and(|there| there == bytes) {
            return Ok(());
        }
        return Ok(fs::write(to, bytes)?);
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        match (from.join(entry.file_name()).exists(), entry.path()) {
            (true, _) => {}
            (false, gone) if gone.is_dir() => fs::remove_dir_all(gone)?,
            (false, gone) => fs::remove_file(gone)?,
        }
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}
