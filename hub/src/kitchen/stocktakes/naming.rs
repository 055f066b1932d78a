//! What was counted of something that had no name.
//!
//! It counts for packs, and waits for the name when the count is booked. With the name each scan says what it would have
//! said of that product, also in a count that is over: what waits follows from its lines, and it may be reopened.

use std::collections::BTreeMap;

use hearth_shared::amount::Amount;

use super::difference::{Found, Target, targets};
use super::lines::{self, Line};
use super::{State, as_of, entries, follow, get, intents};
use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::kitchen::ledger::{Intent, Shelf};
use crate::kitchen::places::Place;
use crate::kitchen::products::Product;
use crate::kitchen::stock::{self, NewAct, Shortage};
use crate::kitchen::{GroupId, ProductId, StocktakeId};
use crate::sql;

/// The word for "what the code stands for" where an amount is said in it.
const PACK: &str = "pack";

fn found(lines: &[Line]) -> Vec<Found> {
    lines.iter().map(Line::found).collect()
}

/// Keeps what was found of something that has no name yet, until it has one.
pub(super) fn hold(
    tx: &mut Tx,
    place: &Place,
    product: &Product,
    lines: &[Line],
    group: GroupId,
) -> Result<()> {
    let at = as_of(tx, product.id, lines)?;
    let all = intents(tx, place, product, (&Shelf::default(), &found(lines)), at)?;
    for (nth, intent) in all.into_iter().enumerate() {
        let Intent::Count { amount, .. } = intent else { continue };
        let seq = i64::try_from(nth).unwrap_or(i64::MAX);
        let said = Some((amount, PACK.to_owned()));
        let new = NewAct { group, at: Some(at), seq, said, ..NewAct::now(tx, intent) };
        stock::book(tx, product, &new, Shortage::Ask)?;
    }
    Ok(())
}

/// Something that was counted in packs has a name now: a pack of it is so much. Answers how much each act that waits is
/// of, by its group and its number there.
pub(in crate::kitchen) fn say_anew(
    tx: &mut Tx,
    holder: ProductId,
    product: &Product,
    each: Amount,
) -> Result<BTreeMap<(GroupId, i64), Amount>> {
    let counts: Vec<(StocktakeId,)> = tx.all(
        sql!(
            "SELECT DISTINCT stocktake_id FROM stocktake_entries WHERE product_id = $1 ORDER BY stocktake_id"
        ),
        (holder,),
    )?;
    let mut held = BTreeMap::new();
    for (id,) in counts {
        entries::say_anew(tx, id, (holder, product), each)?;
        let take = get(tx, id)?;
        if take.state == State::Open {
            follow(tx, &take, holder)?;
            continue;
        }
        entries::follow(tx, &take, holder)?;
        let Some(group) = take.group_id else { continue };
        let lines = lines::of_product(tx, id, holder)?;
        for (nth, target) in (0..).zip(targets(&Shelf::default(), take.place_id, &found(&lines))) {
            let amount = match target {
                Target::Lot(_, amount) | Target::Place(amount) => amount,
                Target::New(it) | Target::Says(_, it) => it.amount,
            };
            held.insert((group, nth), amount);
        }
    }
    Ok(held)
}
