//! Receipts.

pub mod parse;
