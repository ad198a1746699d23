//! What a piece of work is asked about before it has a lane, each answer checked by name.

use std::time::Duration;

use super::fields::Fields;
use super::{EFFECTS_RULE, FieldError};
use crate::policy::cost::{Model, PriceList};
use crate::policy::lane::{Effect, MOST_RECORDS, Questions, RunSize};
use crate::value::word::Closed as _;

const FIELDS: [&str; 14] = [
    "effects",
    "pre_approved_effects",
    "many_independent_records",
    "somebody_waits_for_one",
    "value_after_session",
    "several_steps_or_slow_tools",
    "status_can_be_shown",
    "user_steers",
    "short_with_fast_tools",
    "records",
    "wait_seconds",
    "model",
    "input_tokens",
    "output_tokens",
];

/// Thirty days, after which nothing is kept of most results.
const MOST_SECONDS: u64 = 2_592_000;
/// Of a model that nothing is known about.
const MOST_TOKENS: u64 = 10_000_000;

/// Reads the answers, collecting everything that is wrong with them. What is left out counts as no.
pub fn parse(bytes: &[u8], prices: &PriceList) -> Result<Questions, Vec<FieldError>> {
    let mut fields = Fields::read(bytes, &FIELDS)?;
    let mut effects = |name: &str| {
        fields.take(name, EFFECTS_RULE, |list: &Vec<Effect>| list.iter().all(Effect::is_known)).unwrap_or_default()
    };
    let (effects, pre_approved_effects) = (effects("effects"), effects("pre_approved_effects"));
    let mut is = |name: &str| fields.take(name, "must be true or false", |_: &bool| true).unwrap_or(false);
    let questions = Questions {
        effects,
        pre_approved_effects,
        many_independent_records: is("many_independent_records"),
        somebody_waits_for_one: is("somebody_waits_for_one"),
        value_after_session: is("value_after_session"),
        several_steps_or_slow_tools: is("several_steps_or_slow_tools"),
        status_can_be_shown: is("status_can_be_shown"),
        user_steers: is("user_steers"),
        short_with_fast_tools: is("short_with_fast_tools"),
        records: fields.number("records", 1..=u64::from(MOST_RECORDS)).and_then(|count| u16::try_from(count).ok()),
        patience: fields.number("wait_seconds", 0..=MOST_SECONDS).map(Duration::from_secs),
        size: size(&mut fields, prices),
    };
    fields.end(Some(questions))
}

/// A price takes all three of them.
fn size(fields: &mut Fields, prices: &PriceList) -> Option<RunSize> {
    const NAMES: [&str; 3] = ["model", "input_tokens", "output_tokens"];
    if NAMES.iter().all(|name| !fields.map.contains_key(*name)) {
        return None;
    }
    for name in NAMES.into_iter().filter(|name| !fields.map.contains_key(*name)).collect::<Vec<_>>() {
        fields.wrong(name, "is required: a price takes model, input_tokens and output_tokens");
    }
    let rule = format!("must be a model on the price list: {}", prices.names());
    let model = fields.take("model", &rule, |name: &String| prices.has(name));
    let known = model.as_deref().and_then(Model::find);
    let (input, output) =
        known.map_or((MOST_TOKENS, MOST_TOKENS), |known| (known.max_input_tokens, u64::from(known.max_output_tokens)));
    let input_tokens = fields.number("input_tokens", 1..=input);
    let output_tokens = fields.number("output_tokens", 1..=output).and_then(|tokens| u32::try_from(tokens).ok());
    Some(RunSize { model: model?, input_tokens: input_tokens?, output_tokens: output_tokens? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8]) -> Result<Questions, Vec<FieldError>> {
        super::parse(bytes, &PriceList::shipped())
    }

    fn wrong(body: &str) -> Vec<String> {
        let errors = parse(body.as_bytes()).unwrap_err();
        errors.into_iter().map(|error| format!("{} {}", error.field, error.message)).collect()
    }

    #[test]
    fn answers_are_read_by_name_and_what_is_wrong_is_named() {
        let read = parse(br#"{"effects":["deletion"],"user_steers":true}"#).unwrap();
        assert_eq!(read, Questions { effects: vec![Effect::Deletion], user_steers: true, ..Questions::default() });
        assert_eq!(parse(b"{}").unwrap(), Questions::default());
        let wrong = parse(br#"{"effects":["harm"],"user_steers":1,"user_steers":true,"lane":"batch"}"#).unwrap_err();
        let fields: Vec<_> = wrong.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["lane", "user_steers", "effects"]);
    }

    #[test]
    fn a_size_is_a_model_with_both_counts_within_what_it_takes() {
        let read =
            parse(br#"{"records":50000,"wait_seconds":7200,"model":"gpt-4o","input_tokens":9,"output_tokens":8}"#);
        let size = RunSize { model: "gpt-4o".to_owned(), input_tokens: 9, output_tokens: 8 };
        let patience = Some(Duration::from_secs(7_200));
        assert_eq!(
            read.unwrap(),
            Questions { records: Some(50_000), patience, size: Some(size), ..Questions::default() }
        );
        let required = "is required: a price takes model, input_tokens and output_tokens";
        assert_eq!(
            wrong(r#"{"model":"gpt-4o"}"#),
            [format!("input_tokens {required}"), format!("output_tokens {required}")]
        );
        assert_eq!(wrong(r#"{"input_tokens":1,"output_tokens":1}"#), [format!("model {required}")]);
        assert_eq!(
            wrong(r#"{"model":"gpt-4o","input_tokens":128001,"output_tokens":16385}"#),
            [
                "input_tokens must be a whole number from 1 to 128000",
                "output_tokens must be a whole number from 1 to 16384"
            ]
        );
        assert_eq!(
            wrong(r#"{"records":0,"wait_seconds":-1,"model":"gpt-6-luna","input_tokens":0,"output_tokens":1.5}"#),
            [
                "records must be a whole number from 1 to 50000",
                "wait_seconds must be a whole number from 0 to 2592000",
                "input_tokens must be a whole number from 1 to 922000",
                "output_tokens must be a whole number from 1 to 128000"
            ]
        );
        let line = wrong(r#"{"records":50001,"model":"llama","input_tokens":1,"output_tokens":1}"#);
        assert_eq!(line[0], "records must be a whole number from 1 to 50000");
        assert!(line[1].starts_with("model must be a model on the price list: gpt-6.2-astra, "), "{line:?}");
    }
}
