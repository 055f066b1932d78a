//! What a station thinks: codes out of keys, modes, and what goes to the hub when.
//!
//! Nothing here knows a file, a thread, a socket or a clock. What happened comes in with the moment at which it
//! did; what is to be done goes out.

pub mod burst;
pub mod keys;
pub mod layout;
pub mod strokes;
