//! The ports in memory: correct, without faults and without a clock of their own. What breaks them stands in `faulty`.

mod bus;
mod notices;
mod payloads;
mod queue;
mod rows;
mod store;

pub use self::bus::Bus;
pub use self::notices::MemoryNotices;
pub use self::payloads::MemoryPayloads;
pub use self::queue::{Message, Queues, Work};
pub use self::store::{MemoryStore, Written};
