//! Tests of the rules as a whole: every pair of state and event, the laws that hold along any path, and what leaves.

mod attach;
mod attention;
mod budget;
mod clock;
mod control;
mod delivery;
mod durations;
mod ended;
mod flex;
mod lanes;
mod laws;
mod make;
mod model;
mod newer;
mod notice;
mod parts;
mod poll_after;
mod published;
mod purge;
mod review;
mod starting;
mod symptoms;
mod table;
mod trail;
