//! A simulator of schedules: the real handlers over ports in memory, with one seed for order, time and every fault.
//!
//! One [`World`](world::World) is one seed: a few jobs, the functions, the queues between them, and a provider. It has
//! no thread, no runtime, no clock and no input of its own, so that the same seed always tells the same story.

pub mod check;
pub mod executor;
pub mod faults;
pub mod faulty;
pub mod memory;
pub mod provider;
pub mod seeded;
pub mod tally;
pub mod world;
