//! One suite for every place where Lanekeeper runs: a local edition of its own for each test, or the installation that
//! `LANEKEEPER_TARGET` names. What a test cannot do there it says, and passes.

mod bus;
mod controls;
mod crash;
mod edition;
mod emulator;
mod inside;
mod job;
mod notice;
mod people;
mod queue;
mod review;
mod stage;
mod storage;
mod trail;
mod types;
