//! A count that was given up, or committed and taken back, goes on with its lines: somebody dropped it by mistake, or
//! saw afterwards what was wrong with it.

use hearth_shared::amount::Amount;

use super::difference::Found;
use super::entries::{self, Said};
use super::scans::What;
use super::{State, Stocktake, changed, follow, get, join, lines, said};
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::kitchen::{StocktakeId, places, stock};
use crate::sql;

/// Goes on with a count. What was found of a product that became a part of another since was found of that. What moved
/// at the place meanwhile is added to what was counted, as always.
pub fn reopen(tx: &mut Tx, id: StocktakeId) -> Result<Stocktake> {
    let take = get(tx, id)?;
    match take.state {
        State::Open => return Ok(take),
        State::Committed => {
            let detail = "This count is booked. Take it back first, and then go on with it.";
            return Err(Error::conflict("stocktake-booked", detail).with_current(&take));
        }
        State::Dropped | State::Undone => {}
    }
    places::living(tx, take.place_id)?;
    let other: Option<(StocktakeId,)> = tx.maybe(
        sql!("SELECT id FROM stocktakes WHERE place_id = $1 AND ended_at IS NULL"),
        (take.place_id,),
    )?;
    if let Some((other,)) = other {
        let detail = "Another count of this place goes on. End that one first.";
        return Err(Error::conflict("stocktake-begun", detail).with_current(&get(tx, other)?));
    }
    tx.run(
        sql!("UPDATE stocktakes SET state = 'open', ended_at = NULL, group_id = NULL WHERE id = $1"),
        (id,),
    )?;
    let begins = said(tx, tx.now());
    entries::note(tx, id, What::Begin, &begins)?;
    let take = get(tx, id)?;
    for (from, into) in entries::of_merged(tx, id)? {
        join(tx, &take, from, into)?;
    }
    for (product, lines) in lines::by_product(tx, id)? {
        let Some(first) = lines.first() else { continue };
        // What was booked and taken back happened after what was counted; so the lines are brought to now.
        let now = Said { at: stock::next_moment(tx, product)?, ..said(tx, tx.now()) };
        let none = Found { amount: Amount::ZERO, ..first.found() };
        entries::keep(tx, id, (What::More, product), &none, &now)?;
        follow(tx, &take, product)?;
    }
    changed(tx, id, None, None)
}
