//! A count is booked: an act for each product, all of one group.
//!
//! A large count is booked in parts, each a transaction of its own, so that nobody who writes meanwhile waits for long.
//! Since every product is booked as of when it was counted, it is the same in the end as if it had been booked at once.
//! From the first part on nothing is counted into it any more; where the hub stops in between, committing it again goes
//! on where it stopped.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::lines::{self, Line};
use super::naming::hold;
use super::{MOST, News, State, Stocktake, Uncounted, book, end, full, get, open_one, review};
use crate::bus::Channel;
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::house::stale;
use crate::kitchen::products::{self, ProductState};
use crate::kitchen::{GroupId, ProductId, StocktakeId, places};
use crate::sql;

/// How many products are booked at once.
const PART: usize = 100;

/// What came of a count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = StocktakeCommitted)]
pub struct Committed {
    pub stocktake: Stocktake,
    /// How many products were counted.
    pub counted: usize,
    /// Of how many of them there is more, or less, than was believed.
    pub different: usize,
    /// How many wait in the inbox for a name.
    pub waiting: usize,
    /// How many were left out, because they were archived since.
    pub left_out: usize,
}

/// How far a count is booked.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Progress {
    group: GroupId,
    /// The last product that was booked.
    after: Option<ProductId>,
    counted: usize,
    different: usize,
    waiting: usize,
    left_out: usize,
}

/// Whether some of a count is booked already.
pub(super) fn is_begun(tx: &Tx, id: StocktakeId) -> Result<bool> {
    Ok(progress(tx, id)?.is_some())
}

fn progress(tx: &Tx, id: StocktakeId) -> Result<Option<Progress>> {
    let (text,): (String,) = tx.one(sql!("SELECT progress FROM stocktakes WHERE id = $1"), (id,))?;
    if text.is_empty() {
        return Ok(None);
    }
    let read = serde_json::from_str(&text);
    read.map(Some).map_err(|e| Error::broken("database-shape", "A kept progress cannot be read.").because(e))
}

fn keep(tx: &mut Tx, id: StocktakeId, progress: Option<&Progress>) -> Result<()> {
    let text = progress.map(serde_json::to_string).transpose();
    let text = text.map_err(|e| Error::broken("answer-shape", "A progress cannot be kept.").because(e))?;
    tx.run(sql!("UPDATE stocktakes SET progress = $2 WHERE id = $1"), (id, text.unwrap_or_default()))?;
    Ok(())
}

/// What is still to be booked of a count, in the order of the products.
fn left(
    tx: &Tx,
    take: &Stocktake,
    uncounted: Uncounted,
    after: Option<ProductId>,
) -> Result<BTreeMap<ProductId, Vec<Line>>> {
    let mut found: BTreeMap<ProductId, Vec<Line>> = lines::by_product(tx, take.id)?.into_iter().collect();
    if uncounted == Uncounted::Gone {
        let others = review::uncounted(tx, take, MOST + 1)?;
        found.extend(others.into_iter().map(|product| (product, Vec::new())));
    }
    found.retain(|product, _| after.is_none_or(|after| after < *product));
    Ok(found)
}

/// Books a part of a large count. Answers whether another one is to follow; what is left then, and everything of a
/// smaller one, is for [`commit`], which also says what is wrong.
pub fn book_part(tx: &mut Tx, id: StocktakeId, version: Option<i64>, uncounted: Uncounted) -> Result<bool> {
    let take = get(tx, id)?;
    let begun = progress(tx, id)?;
    let is_stale = begun.is_none() && version.is_some_and(|version| version != take.version);
    if take.state != State::Open || is_stale {
        return Ok(false);
    }
    let left = left(tx, &take, uncounted, begun.as_ref().and_then(|progress| progress.after))?;
    if left.len() <= PART || left.len() > MOST {
        return Ok(false);
    }
    let is_last = left.len() <= 2 * PART;
    let mut progress = begun.unwrap_or_else(|| beginning(tx));
    book_some(tx, &take, &mut progress, left.into_iter().take(PART))?;
    keep(tx, id, Some(&progress))?;
    Ok(!is_last)
}

fn beginning(tx: &Tx) -> Progress {
    Progress { group: tx.new_id(), after: None, counted: 0, different: 0, waiting: 0, left_out: 0 }
}

fn book_some(
    tx: &mut Tx,
    take: &Stocktake,
    progress: &mut Progress,
    found: impl Iterator<Item = (ProductId, Vec<Line>)>,
) -> Result<()> {
    let (place, group) = (places::living(tx, take.place_id)?, progress.group);
    for (id, lines) in found {
        let product = products::get(tx, id)?;
        progress.after = Some(id);
        progress.counted += 1;
        match product.state {
            ProductState::Active if book(tx, &place, &product, &lines, group)? => progress.different += 1,
            ProductState::Active => {}
            ProductState::Unknown => {
                hold(tx, &place, &product, &lines, group)?;
                progress.waiting += 1;
            }
            ProductState::Archived | ProductState::Merged => {
                progress.counted -= 1;
                progress.left_out += 1;
            }
        }
    }
    Ok(())
}

/// Books what is left of a count, and ends it.
pub fn commit(tx: &mut Tx, id: StocktakeId, version: Option<i64>, uncounted: Uncounted) -> Result<Committed> {
    let begun = progress(tx, id)?;
    let take = if begun.is_some() { get(tx, id)? } else { open_one(tx, id)? };
    if begun.is_none() && version.is_some_and(|version| version != take.version) {
        return Err(stale(&take));
    }
    let left = left(tx, &take, uncounted, begun.as_ref().and_then(|progress| progress.after))?;
    if left.is_empty() && begun.is_none() {
        return Err(Error::conflict("stocktake-empty", "Nothing was counted yet."));
    }
    if left.len() > MOST {
        return Err(full());
    }
    let mut done = begun.unwrap_or_else(|| beginning(tx));
    book_some(tx, &take, &mut done, left.into_iter())?;
    keep(tx, id, None)?;
    end(tx, id, "committed", Some(done.group))?;
    let stocktake = get(tx, id)?;
    let news = News { stocktake: &stocktake, line: None, removed: None };
    tx.publish(Channel::HOUSE, "stocktake.committed", id, &news)?;
    let Progress { counted, different, waiting, left_out, .. } = done;
    Ok(Committed { stocktake, counted, different, waiting, left_out })
}
