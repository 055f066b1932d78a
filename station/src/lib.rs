//! The scanning station: a box by the fridge that never loses a scan.

pub mod clock;
pub mod config;
pub mod core;
pub mod link;
pub mod queue;
pub mod run;
