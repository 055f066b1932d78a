//! What every part of Hearth agrees on. Nothing here does input or output, reads a clock or looks at
//! the environment: time, randomness and context are always arguments.

pub mod amount;
pub mod gs1;
pub mod id;
pub mod live;
pub mod scanning;
pub mod time;
