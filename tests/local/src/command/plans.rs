//! `cargo local plans`: what the simulator can be told to do.

use local::simulator::Plan;

pub(crate) fn run() {
    for plan in Plan::ALL {
        println!("{:<26} {}", plan.name(), plan.sentence());
    }
}
