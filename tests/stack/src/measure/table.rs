//! What was measured, for people: a Markdown table and one ratio.

use super::Measured;

/// `empty` and `python` name the rows that stand last; `mirrored` is what Python does again.
pub fn table(measured: &[Measured], empty: &str, python: &str, mirrored: &str) -> String {
    let median = |name: &str| measured.iter().find(|one| one.name == name).map_or(f64::NAN, Measured::median);
    let mut rows: Vec<&Measured> = measured.iter().collect();
    rows.sort_by_key(|row| (row.name == python, row.name == empty));
    let mut text = "| function | binary MB | first answer ms (median) | times the empty function |\n".to_owned();
    text.push_str("|---|---:|---:|---:|\n");
    for row in rows {
        let megabytes = row.bytes.map_or_else(|| "-".to_owned(), megabytes);
        let times = row.median() / median(empty);
        text.push_str(&format!("| {} | {megabytes} | {:.1} | {times:.1} |\n", row.name, row.median()));
    }
    let ratio = median(python) / median(mirrored);
    text.push_str(&format!("\n{python} takes {ratio:.1} times as long as {mirrored}.\n"));
    text
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1_000_000.0)
}
