//! `cargo local plans`: what the simulator can be told to do.

use std::io::Write as _;

use openai_simulator::Plan;

pub(crate) fn run() {
    let lines = Plan::ALL.iter().map(|plan| format!("{:<26} {}\n", plan.name(), plan.sentence()));
    // Whoever reads may have seen enough and close the pipe.
    let _ = std::io::stdout().write_all(lines.collect::<String>().as_bytes());
}
