//! Units, and what they come to in a product's base unit.

use hearth_shared::amount::Amount;

use super::products::Product;
use crate::db::Tx;
use crate::error::{Error, Result};

/// An amount in the product's base unit.
pub fn to_base(_tx: &Tx, product: &Product, amount: Amount, unit: Option<&str>) -> Result<Amount> {
    match unit {
        None => Ok(amount),
        Some(unit) if unit == product.base_unit.as_str() => Ok(amount),
        Some(_) => Err(Error::invalid("unknown-unit", "Nobody knows this unit here.")
            .and_field("/unit", "Nobody knows this unit here.")),
    }
}
