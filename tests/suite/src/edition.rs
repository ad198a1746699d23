//! The parts of the local edition keep the rules of the services that they stand for.

mod bus;
mod console;
mod file;
mod gateway;
mod identity;
mod links;
mod login;
mod payload;
mod queue;
mod template;

/// 2026-11-18T12:26:40Z
const NOON_S: i64 = 1_795_004_800;

const TEMPLATE: &str = include_str!("../../../template.yaml");
