//! Finding a product by what somebody types.

pub mod fold;
