//! The template against the code: what is deployed is what the functions need, and nothing in it goes unwatched.
//!
//! Each check names what is wrong by logical id and property. `damages.yaml` has templates that they must refuse.

mod alarms;
mod damage;
mod data;
mod full_aws;
mod functions;
mod iam;
mod keys;
mod metrics;
mod parameters;
mod queues;
mod read;
mod routes;
mod sources;
mod variables;

use read::Template;

const TEMPLATE: &str = include_str!("../../../template.yaml");

/// What is wrong with a template.
type Check = fn(&Template) -> Vec<String>;

const CHECKS: [(&str, Check); 12] = [
    ("alarms", alarms::check),
    ("data", data::check),
    ("full_aws", full_aws::check),
    ("functions", functions::check),
    ("iam", iam::check),
    ("keys", keys::check),
    ("metrics", metrics::check),
    ("parameters", parameters::check),
    ("queues", queues::check),
    ("routes", routes::check),
    ("sources", sources::check),
    ("variables", variables::check),
];

#[track_caller]
fn nothing_wrong(check: Check) {
    none(&check(&Template::parse(TEMPLATE).unwrap()));
}

#[track_caller]
fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} wrong:\n  {}", wrong.len(), wrong.join("\n  "));
}

#[test]
fn functions_read_the_variables_they_are_given_and_no_other() {
    nothing_wrong(variables::check);
}

#[test]
fn functions_may_do_what_they_do_and_nothing_else() {
    nothing_wrong(iam::check);
}

#[test]
fn the_table_has_the_keys_that_rows_carry() {
    nothing_wrong(keys::check);
}

#[test]
fn what_a_queue_cannot_deliver_is_kept_and_seen() {
    nothing_wrong(queues::check);
}

#[test]
fn events_reach_their_function_or_a_destination() {
    nothing_wrong(sources::check);
}

#[test]
fn routes_ask_for_a_token_and_lead_to_a_function_in_time() {
    nothing_wrong(routes::check);
}

#[test]
fn every_function_of_the_repository_is_deployed_and_logs() {
    nothing_wrong(functions::check);
}

#[test]
fn every_alarm_tells_somebody_and_has_a_line_in_the_runbook() {
    nothing_wrong(alarms::check);
}

#[test]
fn metrics_are_made_of_lines_that_the_code_logs() {
    nothing_wrong(metrics::check);
}

#[test]
fn data_is_kept_encrypted_and_closed() {
    nothing_wrong(data::check);
}

#[test]
fn only_what_an_emulator_refuses_is_left_out_there() {
    nothing_wrong(full_aws::check);
}

#[test]
fn parameters_explain_themselves() {
    nothing_wrong(parameters::check);
}
