//! What a piece of work is asked about before it has a lane, each answer checked by name.

use super::fields::Fields;
use super::{EFFECTS_RULE, FieldError};
use crate::policy::lane::{Effect, Questions};
use crate::value::word::Closed as _;

const FIELDS: [&str; 9] = [
    "effects",
    "pre_approved_effects",
    "many_independent_records",
    "somebody_waits_for_one",
    "value_after_session",
    "several_steps_or_slow_tools",
    "status_can_be_shown",
    "user_steers",
    "short_with_fast_tools",
];

/// Reads the answers, collecting everything that is wrong with them. What is left out counts as no.
pub fn parse(bytes: &[u8]) -> Result<Questions, Vec<FieldError>> {
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
    };
    fields.end(Some(questions))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_by_name_and_what_is_wrong_is_named() {
        let read = parse(br#"{"effects":["deletion"],"user_steers":true}"#).unwrap();
        assert_eq!(read, Questions { effects: vec![Effect::Deletion], user_steers: true, ..Questions::default() });
        assert_eq!(parse(b"{}").unwrap(), Questions::default());
        let wrong = parse(br#"{"effects":["harm"],"user_steers":1,"user_steers":true,"lane":"batch"}"#).unwrap_err();
        let fields: Vec<_> = wrong.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["lane", "user_steers", "effects"]);
    }
}
