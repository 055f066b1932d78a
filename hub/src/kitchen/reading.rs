//! Reading the house: what there is and why, what wants attention, what will be used up, and the way out for all
//! of it.
//!
//! Nothing here changes the stock. Words are made in the language of whoever reads them, by pure functions
//! ([`words`], [`forecast`]); the questions to the database go by indexes, so that they take as long in a house of
//! twenty thousand products as in a small one.

pub mod attention;
pub mod calendar;
pub mod due;
pub mod export;
pub mod forecast;
pub mod groups;
pub mod history;
pub mod http;
pub mod story;
pub mod value;
pub mod words;

#[cfg(test)]
mod tests;

use crate::auth::Actor;
use crate::db::Tx;
use crate::error::Result;
use crate::house::{self, Language, members};

/// The language of whoever reads: a person's own, otherwise the house's.
fn language_of(tx: &Tx, actor: &Actor) -> Result<Language> {
    if let Actor::Person { id, .. } = actor {
        return Ok(members::get(tx, *id)?.language);
    }
    Ok(house::find(tx)?.map_or(Language::English, |house| house.language))
}
