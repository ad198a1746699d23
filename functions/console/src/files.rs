//! The built app inside the function: each file as it is, and compressed once.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::LazyLock;

use flate2::Compression;
use flate2::write::GzEncoder;

/// The page that every screen starts from.
pub(crate) const PAGE: &str = "index.html";

const BUILT: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

static FILES: LazyLock<BTreeMap<&'static str, File>> = LazyLock::new(|| {
    BUILT.iter().map(|(name, bytes)| (*name, File { kind: kind(name), plain: bytes, gzip: gzip(bytes) })).collect()
});

/// A file of the app.
pub(crate) struct File {
    pub(crate) kind: &'static str,
    pub(crate) plain: &'static [u8],
    /// `None` where compression makes nothing smaller.
    pub(crate) gzip: Option<Vec<u8>>,
}

/// The file of this name under `app/dist`.
pub(crate) fn find(name: &str) -> Option<&'static File> {
    FILES.get(name)
}

/// Compresses all files, if nobody has asked for one yet.
pub(crate) fn prepare() {
    LazyLock::force(&FILES);
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok().filter(|gzip| gzip.len() < bytes.len())
}
