//! Citations: what a text points to.

use domain::provider::Citation;

use super::fields::Fields;

pub(super) fn all(part: &Fields<'_>) -> Vec<Citation> {
    let annotations = part.list("annotations").into_iter().filter(|raw| raw.get().starts_with('{'));
    annotations.map(|raw| read(&Fields::of(raw))).collect()
}

fn read(annotation: &Fields<'_>) -> Citation {
    let kind = annotation.kind();
    // Older servers put it one level down, under its own kind.
    let inner = annotation.object(&kind);
    let text = |name: &str| annotation.text(name).or_else(|| inner.text(name));
    // No text has 2^32 characters, and whoever adds to a position must not overflow.
    let position = |name: &str| annotation.get::<u32>(name).or_else(|| inner.get::<u32>(name)).map(u64::from);
    Citation {
        title: text("title").or_else(|| text("filename")),
        source: ["url", "file_id", "filename"].iter().find_map(|name| text(name)),
        container_id: text("container_id"),
        start: position("start_index"),
        end: position("end_index"),
        kind,
    }
}
