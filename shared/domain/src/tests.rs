//! Tests of the rules as a whole: every pair of state and event, the laws that hold along any path, and what leaves.

mod attach;
mod attention;
mod clock;
mod control;
mod delivery;
mod laws;
mod make;
mod model;
mod notice;
mod published;
mod review;
mod symptoms;
mod table;
mod trail;
