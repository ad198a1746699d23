//! Before the build: lists the files of the built app, so that `files.rs` carries all of them and only them.

#![expect(clippy::print_stdout, reason = "cargo reads what a build script prints")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=app/dist");
    let folder = |name| env::var_os(name).map(PathBuf::from).ok_or(name);
    let dist = folder("CARGO_MANIFEST_DIR")?.join("app/dist");
    let mut files = Vec::new();
    walk(&dist, &mut files).map_err(|error| format!("{}: {error}", dist.display()))?;
    files.sort();
    let mut list = String::from("&[\n");
    for file in files {
        let name = file.strip_prefix(&dist)?.to_str().ok_or("a file of the app has a name that is not UTF-8")?;
        let path = format!("/app/dist/{name}");
        list.push_str(&format!("    ({name:?}, include_bytes!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?}))),\n"));
    }
    list.push_str("]\n");
    Ok(fs::write(folder("OUT_DIR")?.join("files.rs"), list)?)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { walk(&path, files)? } else { files.push(path) }
    }
    Ok(())
}
