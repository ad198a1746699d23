//! The answers of AWS that no local target gives: conflicts, throttling, lost answers and half refusals.

mod amend;
mod batch;
mod bus;
mod canned;
mod claim;
mod commit;
mod create;
mod due_index;
mod link;
mod queue;
mod request;
