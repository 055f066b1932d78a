//! The invented larder in a house of people's own: put in where there is nothing yet, and cleared away in one act.
//!
//! The ledger forgets nothing, so what was invented is not deleted: whatever happened to it is taken back, the
//! latest first, and its products are archived. Afterwards none of it is counted, listed or due any more; under
//! the archived products it can still be read that it was here.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::Tx;
use crate::error::{Error, Result};
use crate::kitchen::products::{self, Leftovers, Product, ProductState};
use crate::kitchen::search::Among;
use crate::kitchen::{GroupId, categories, codes, places, shopping, stock};
use crate::words;

use super::larder::{self, SOURCE};
use super::lately::NAMELESS;

/// What there is of the invented larder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LarderState {
    /// Nothing, and there are no products of people's own: it can be put in.
    Possible,
    Here,
    /// Nothing, and there are products of people's own.
    NotEmpty,
}
words!(LarderState { Possible = "possible", Here = "here", NotEmpty = "not-empty" });

/// The invented larder in this house.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DemoLarder {
    pub state: LarderState,
    /// How many invented products are in use.
    pub products: usize,
    /// How many entries of the shopping list are about them.
    pub entries: usize,
}

/// What was cleared away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DemoCleared {
    /// Products that were archived.
    pub products: usize,
    /// Things that had happened to them and were taken back.
    pub acts: usize,
    /// Entries that were taken off the shopping list.
    pub entries: usize,
    /// Places and categories that had come with them and hold nothing else.
    pub places: usize,
    pub categories: usize,
}

/// How it stands with the invented larder.
pub fn standing(tx: &Tx) -> Result<DemoLarder> {
    let invented = products::of_source(tx, SOURCE)?;
    let mut entries = 0;
    for product in &invented {
        entries += shopping::about(tx, product.id)?.len();
    }
    let state = if !invented.is_empty() {
        LarderState::Here
    } else if holds_products(tx, &Among::default())? {
        LarderState::NotEmpty
    } else {
        LarderState::Possible
    };
    Ok(DemoLarder { state, products: invented.len(), entries })
}

/// Whether there are products among these that are in use or wait for a name.
fn holds_products(tx: &Tx, among: &Among) -> Result<bool> {
    for state in [ProductState::Active, ProductState::Unknown] {
        let among = Among { state: Some(state), ..among.clone() };
        if !products::page(tx, &among, None, 1)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Puts the invented larder into a house that has no products.
pub fn furnish(tx: &mut Tx) -> Result<DemoLarder> {
    let now = standing(tx)?;
    if now.state != LarderState::Possible {
        let detail = "There are products in this house already; the invented larder is for an empty one.";
        return Err(Error::conflict("house-not-empty", detail).with_current(&now));
    }
    larder::furnish(tx)?;
    standing(tx)
}

/// Clears the invented larder away.
pub fn clear(tx: &mut Tx) -> Result<DemoCleared> {
    let invented = products::of_source(tx, SOURCE)?;
    let Some(first) = invented.first() else {
        return Err(Error::conflict("demo-not-here", "There is no invented larder in this house."));
    };
    let (made_at, together): (_, GroupId) = (first.created_at, tx.new_id());
    let (mut acts, mut entries) = (0, 0);
    for product in invented.iter().chain(&nameless(tx)?) {
        acts += take_back(tx, product, together)?;
        for entry in shopping::about(tx, product.id)? {
            shopping::delete(tx, entry)?;
            entries += 1;
        }
    }
    let (mut emptied, mut unused) = (0, 0);
    // What came with the products is of the very moment they are of; people's own is older or younger.
    for category in categories::made_at(tx, made_at)? {
        if !holds_products(tx, &Among { category: Some(category.id), ..Among::default() })? {
            categories::archive(tx, category.id)?;
            unused += 1;
        }
    }
    for place in places::made_at(tx, made_at)? {
        let is_extra = larder::is_extra(&place.name);
        if !is_extra || holds_products(tx, &Among { place: Some(place.id), ..Among::default() })? {
            continue;
        }
        match tx.attempt(|tx| places::archive(tx, place.id)) {
            Ok(_) => emptied += 1,
            Err(error) if matches!(error.code(), "place-in-use" | "last-place") => {}
            Err(error) => return Err(error),
        }
    }
    Ok(DemoCleared { products: invented.len(), acts, entries, places: emptied, categories: unused })
}

/// What was scanned in the invented household and nobody there has named yet: no thing of people's own has its number.
fn nameless(tx: &Tx) -> Result<Vec<Product>> {
    let key = codes::read(tx, &larder::code(NAMELESS))?;
    let found = codes::matches(tx, &key)?.into_iter().map(|found| found.product);
    Ok(found.filter(|product| product.state == ProductState::Unknown).collect())
}

/// Ends the use of a product and takes back what happened to it. It is archived first: of what is not in use
/// nothing is missing, so nobody is told that it runs out.
fn take_back(tx: &mut Tx, product: &Product, together: GroupId) -> Result<usize> {
    products::archive(tx, product.id, Leftovers::Keep)?;
    stock::undo_all(tx, product.id, together)
}
