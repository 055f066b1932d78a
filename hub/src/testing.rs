//! What tests stand on: real parts, started by the tests themselves.
//!
//! A test asks for the part it needs and gets it fresh: [`postgres::database`], [`redis::server`],
//! [`browser::open`]. Where the machine does not have the part, the answer is `None` and the test
//! returns early; [`require`] says so on the terminal, or fails the test when the part was demanded.
//! Whatever was started ends with the test process, even one that was killed; see [`process`].
//!
//! Compiled for this crate's own tests and, by the feature `testing`, for the integration tests and
//! benchmarks beside it. No released binary contains any of it.

pub mod acme;
pub mod browser;
pub mod film;
pub mod fresh;
pub mod hub;
pub mod large;
pub mod link;
pub mod listener;
pub mod mosquitto;
pub mod papers;
pub mod pictures;
pub mod postgres;
pub mod process;
pub mod program;
pub mod raster;
pub mod redis;
pub mod require;
pub mod scratch;
pub mod secure;
pub mod smtp;

#[cfg(test)]
mod tests;
