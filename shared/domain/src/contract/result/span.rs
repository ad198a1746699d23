//! Where a citation stands in our text, in characters and in bytes, however its provider counted.

/// A piece of the result's text, its end not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// In characters, as Unicode counts them.
    pub(super) start: u64,
    pub(super) end: u64,
    /// The same places in bytes of UTF-8.
    pub(super) start_byte: u64,
    pub(super) end_byte: u64,
}

/// A text with marks along it, so that ten thousand places in a megabyte are found without reading it ten thousand times.
#[derive(Debug)]
pub(super) struct Measured<'a> {
    text: &'a str,
    /// The byte at which every [`STEP`]th character begins.
    marks: Vec<usize>,
    characters: u64,
}

const STEP: u64 = 1_024;

impl<'a> Measured<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let (mut marks, mut characters) = (Vec::new(), 0_u64);
        for (byte, _) in text.char_indices() {
            if characters.is_multiple_of(STEP) {
                marks.push(byte);
            }
            characters += 1;
        }
        Self { text, marks, characters }
    }

    pub(super) const fn characters(&self) -> u64 {
        self.characters
    }

    /// The span from one character to another. `None` where the text has no such span: it would be reversed, or end
    /// behind the text.
    pub(super) fn span(&self, start: u64, end: u64) -> Option<Span> {
        let (start_byte, end_byte) = (self.byte(start)?, self.byte(end)?);
        (start <= end).then_some(Span { start, end, start_byte: start_byte as u64, end_byte: end_byte as u64 })
    }

    /// What stands there.
    pub(super) fn passage(&self, span: Span) -> Option<&'a str> {
        self.text.get(usize::try_from(span.start_byte).ok()?..usize::try_from(span.end_byte).ok()?)
    }

    /// The byte at which a character begins; the end of the text counts as one.
    fn byte(&self, character: u64) -> Option<usize> {
        if character >= self.characters {
            return (character == self.characters).then_some(self.text.len());
        }
        let mark = *self.marks.get(usize::try_from(character / STEP).ok()?)?;
        let rest = usize::try_from(character % STEP).ok()?;
        self.text.get(mark..)?.char_indices().nth(rest).map(|(byte, _)| mark + byte)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_place_is_told_in_characters_and_in_bytes() {
        // A pair of surrogates in UTF-16, and an accent of its own, are one character each.
        let text = "a\u{1f600}ße\u{301}.";
        let measured = Measured::of(text);
        for (start, end, passage) in [
            (0, 1, Some("a")),
            (1, 2, Some("\u{1f600}")),
            (2, 3, Some("ß")),
            (3, 5, Some("e\u{301}")),
            (0, 6, Some(text)),
            (6, 6, Some("")),
            (0, 0, Some("")),
            (2, 1, None),
            (0, 7, None),
            (7, 7, None),
            (6, 5, None),
            (0, u64::MAX, None),
            (u64::MAX, 0, None),
            (u64::MAX, u64::MAX, None),
            (1_024, 1_025, None),
        ] {
            let span = measured.span(start, end);
            assert_eq!(span.and_then(|span| measured.passage(span)), passage, "{start}..{end}");
        }
        let face = Span { start: 1, end: 2, start_byte: 1, end_byte: 5 };
        assert_eq!(measured.span(1, 2), Some(face));
        assert_eq!(Measured::of("").span(0, 0), Some(Span { start: 0, end: 0, start_byte: 0, end_byte: 0 }));
    }

    proptest! {
        #[test]
        fn a_place_is_where_counting_from_the_beginning_finds_it(
            text in prop::collection::vec(prop_oneof![Just("a"), Just("ß"), Just("\u{1f600}"), Just("\n")], 0..3_000),
            start in 0_u64..3_100, end in 0_u64..3_100,
        ) {
            let text = text.concat();
            let measured = Measured::of(&text);
            let count = text.chars().count() as u64;
            let counted = (start <= end && end <= count)
                .then(|| text.chars().skip(start as usize).take((end - start) as usize).collect::<String>());
            let span = measured.span(start, end);
            prop_assert_eq!(span.and_then(|span| measured.passage(span)).map(str::to_owned), counted);
        }
    }
}
