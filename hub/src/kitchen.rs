//! The kitchen: what there is, where it is, and why the numbers are what they are.
//!
//! Everything that happens to a product is an *act*: received, used, opened, thrown away, moved, counted, taken
//! back. The stock is what all acts of a product amount to when they are played in the order in which they
//! happened ([`ledger`]); so a scan that arrives late changes the past it belongs to, and the order in which
//! scans arrive changes nothing. What was booked is never rewritten: when the past turns out to be otherwise,
//! the difference is booked as movements of its own ([`stock`]).

pub mod allergens;
pub mod catalogue;
pub mod categories;
pub mod codes;
pub mod inbox;
pub mod labels;
pub mod ledger;
pub mod places;
pub mod products;
pub mod questions;
pub mod reading;
pub mod receipts;
pub mod scanner;
pub mod search;
pub mod shopping;
pub mod stock;
pub mod stocktakes;
pub mod summary;
pub mod units;

use hearth_shared::amount::Amount;
use hearth_shared::time::{Day, Timestamp};

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::bus::Channel;
use crate::db::{Bind, Cell, Column, Param, Tx};
use crate::error::{Flaw, Result};
use crate::id_columns;
use crate::jobs::schedule;

hearth_shared::id! {
    /// A product.
    ProductId,
    /// A place where things are kept.
    PlaceId,
    /// A kind of product, and where a shop has it.
    CategoryId,
    /// Some of a product that came at one time and is in one place.
    LotId,
    /// One thing that happened to a product.
    ActId,
    /// What one person did at once: the acts of it.
    GroupId,
    /// A row of the ledger.
    MovementId,
    /// Something only a person knows.
    QuestionId,
    /// A count of a place.
    StocktakeId,
    /// What was found of one sort of a product.
    StocktakeLineId,
}
id_columns!(
    ProductId,
    PlaceId,
    CategoryId,
    LotId,
    ActId,
    GroupId,
    MovementId,
    QuestionId,
    StocktakeId,
    StocktakeLineId,
);

impl Bind for Amount {
    fn bind(&self) -> Param<'_> {
        Param::Int(self.as_thousandths())
    }
}

impl Column for Amount {
    fn read(cell: Cell<'_>) -> Option<Amount> {
        i64::read(cell).map(Amount::thousandths)
    }
}

impl Bind for Day {
    fn bind(&self) -> Param<'_> {
        Param::Text(self.to_string().into())
    }
}

impl Column for Day {
    fn read(cell: Cell<'_>) -> Option<Day> {
        if let Cell::Text(text) = cell { text.parse().ok() } else { None }
    }
}

/// Tells a field that is null from one that is not there.
pub(crate) fn present<'de, D, T>(input: D) -> std::result::Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::Deserialize<'de>,
{
    <Option<T> as serde::Deserialize>::deserialize(input).map(Some)
}

/// What is said of an amount that nothing can be of.
pub(crate) const NO_AMOUNT: (Flaw, &str) =
    (Flaw::OutOfRange, "An amount is more than nothing, and a billion at most.");
pub(crate) const NO_COUNT: (Flaw, &str) =
    (Flaw::OutOfRange, "A count is nothing or more, and a billion at most.");
pub(crate) const NO_PRICE: (Flaw, &str) =
    (Flaw::OutOfRange, "A price is not negative, and a billion at most.");
/// What is said of words on a label.
pub(crate) const TOO_LONG: (Flaw, &str) =
    (Flaw::TooLong, "This has 60 characters at most, and no control characters.");
/// What is said of a date that is on no pack.
pub(crate) const NO_DATE: (Flaw, &str) =
    (Flaw::ImpossibleDate, "A date lies between the years 2000 and 2100.");

/// What day it is in the house at a moment.
pub fn day_of(tx: &Tx, at: Timestamp) -> Result<Day> {
    Ok(Day::of(at, &schedule::zone(tx)?))
}

/// What follows from a product's level having changed.
pub(crate) fn follow_level(
    tx: &mut Tx,
    product: &products::Product,
    before: Amount,
    after: Amount,
) -> Result<()> {
    let minimum = product.wanted();
    tell_minimum(tx, product, (before, minimum), (after, minimum))?;
    // Nothing is wanted of what has no minimum: that was seen to when it lost it.
    if before == after || product.minimum == Amount::ZERO {
        return Ok(());
    }
    shopping::minimum::follow(tx, product.id)
}

/// Tells that there is too little of a product now, or enough again. Both sides are a level and the minimum that
/// it is compared with: either of them may have changed.
pub(crate) fn tell_minimum(
    tx: &mut Tx,
    product: &products::Product,
    before: (Amount, Amount),
    after: (Amount, Amount),
) -> Result<()> {
    let (was_missing, is_missing) = (before.0 < before.1, after.0 < after.1);
    let kind = match (was_missing, is_missing) {
        (false, true) => "product.below_minimum",
        (true, false) => "product.above_minimum",
        _ => return Ok(()),
    };
    let data = serde_json::json!({
        "product_id": product.id,
        "product_name": product.name,
        "quantity": after.0,
        "minimum": after.1,
        "unit": product.base_unit,
    });
    tx.publish(Channel::HOUSE, kind, product.id, &data)
}

/// A code that nobody has seen before: somebody may know it.
pub(crate) fn wonder(tx: &mut Tx, key: &codes::CodeKey) -> Result<()> {
    match key.gtin() {
        Some(gtin) => catalogue::want(tx, &gtin).map(|_| ()),
        None => Ok(()),
    }
}

/// What must hold of the kitchen; anything else is found by `hearth-hub check`.
pub fn violations(tx: &Tx) -> Result<Vec<String>> {
    let mut found = stock::violations(tx)?;
    found.extend(products::violations(tx)?);
    found.extend(search::violations(tx)?);
    found.extend(receipts::violations(tx)?);
    Ok(found)
}

/// Every route of the kitchen.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(stock::http::routes())
        .merge(stocktakes::http::routes())
        .merge(questions::http::routes())
        .merge(inbox::http::routes())
        .merge(scanner::http::routes())
        .merge(receipts::http::routes())
        .merge(shopping::http::routes())
        .merge(products::http::routes())
        .merge(places::http::routes())
        .merge(categories::http::routes())
        .merge(units::http::routes())
        .merge(allergens::http::routes())
        .merge(reading::http::routes())
}
