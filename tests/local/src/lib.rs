//! The local edition: the whole product in one process, with nothing else to install.

pub mod bus;
pub mod clock;
pub mod embedded;
pub mod folder;
pub mod gateway;
pub mod identity;
pub mod log;
pub mod login;
pub mod object_link;
pub mod people;
pub mod queue;
pub mod secret;
pub mod sink;
pub mod stop;
pub mod template;
pub mod world;
