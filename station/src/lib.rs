//! The scanning station: a box by the fridge that never loses a scan.

pub mod board;
pub mod clock;
pub mod command;
pub mod config;
pub mod core;
pub mod display;
pub mod faces;
pub mod input;
pub mod link;
pub mod queue;
pub mod run;
