//! What must hold of the stock, looked at from the outside.

use hearth_shared::amount::Amount;

use super::{Act, ActId, LotId, ProductId, acts, fold, lots};
use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::kitchen::products::ProductState;
use crate::sql;

/// How many of a kind are named.
const NAMED: usize = 5;
/// Of how many products the acts are played again at a time.
const PLAYED: i64 = 500;

/// What is not as it must be; anything is found by `hearth-hub check`.
pub fn violations(tx: &Tx) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let lots: Vec<(LotId, Amount, Amount)> = tx.all(
        sql!(
            "SELECT l.id, l.quantity, COALESCE(m.booked, 0)
             FROM lots l LEFT JOIN (SELECT lot_id, CAST(SUM(quantity) AS BIGINT) AS booked FROM movements
                 GROUP BY lot_id) m ON m.lot_id = l.id
             WHERE l.quantity <> COALESCE(m.booked, 0) ORDER BY l.id"
        ),
        (),
    )?;
    report(&mut found, &lots, |(lot, holds, booked)| {
        format!("lot {lot} holds {holds}, and its movements sum to {booked}")
    });
    let levels: Vec<(ProductId, Amount, Amount)> = tx.all(
        sql!(
            "SELECT p.id, COALESCE(v.quantity, 0), COALESCE(l.held, 0)
             FROM products p LEFT JOIN levels v ON v.product_id = p.id
                 LEFT JOIN (SELECT product_id, CAST(SUM(quantity) AS BIGINT) AS held FROM lots
                     GROUP BY product_id) l ON l.product_id = p.id
             WHERE COALESCE(v.quantity, 0) <> COALESCE(l.held, 0) ORDER BY p.id"
        ),
        (),
    )?;
    report(&mut found, &levels, |(product, level, lots)| {
        format!("product {product} is at {level}, and its lots hold {lots}")
    });
    let negative: Vec<(LotId, Amount)> =
        tx.all(sql!("SELECT id, quantity FROM lots WHERE quantity < 0 ORDER BY id"), ())?;
    report(&mut found, &negative, |(lot, holds)| format!("lot {lot} holds less than nothing: {holds}"));
    let strays: Vec<(ActId,)> = tx.all(
        sql!(
            "SELECT a.id FROM acts a JOIN movements m ON m.act_id = a.id
             WHERE a.product_id <> m.product_id GROUP BY a.id ORDER BY a.id"
        ),
        (),
    )?;
    report(&mut found, &strays, |(act,)| format!("act {act} has movements of another product"));
    let unasked: Vec<(ActId,)> = tx.all(
        sql!(
            "SELECT a.id FROM acts a LEFT JOIN questions q ON q.act_id = a.id
             WHERE a.short > 0 AND a.undone_by IS NULL AND q.id IS NULL AND a.kind IN ('consume', 'spoil', 'open', 'transfer')
             ORDER BY a.id"
        ),
        (),
    )?;
    report(&mut found, &unasked, |(act,)| format!("act {act} is short of something and nobody is asked"));
    Ok(found)
}

/// What is not what all acts come to when they are played from the first; anything is found by `hearth-hub check`.
pub fn played_again(tx: &Tx) -> Result<Vec<String>> {
    let (mut acts, mut lots) = (Vec::new(), Vec::new());
    let mut after = String::new();
    loop {
        let page: Vec<(ProductId, ProductState)> = tx.all(
            sql!("SELECT id, state FROM products WHERE id > $1 ORDER BY id LIMIT $2"),
            (&after, PLAYED),
        )?;
        let (Some((first, _)), Some((last, _))) = (page.first(), page.last()) else { break };
        // What has no name yet is kept, and not booked.
        let is_booked =
            |id: ProductId| page.iter().any(|(it, state)| *it == id && *state != ProductState::Unknown);
        play(tx, (*first, *last), is_booked, (&mut acts, &mut lots))?;
        after = last.to_string();
    }
    let mut found = Vec::new();
    report(&mut found, &acts, |act| format!("act {act} comes to something else when all are played again"));
    report(&mut found, &lots, |lot| format!("lot {lot} is otherwise when all acts are played again"));
    Ok(found)
}

/// Plays the acts of the products from one to another, and notes which acts and lots are kept otherwise.
fn play(
    tx: &Tx,
    (first, last): (ProductId, ProductId),
    is_booked: impl Fn(ProductId) -> bool,
    (wrong_acts, wrong_lots): (&mut Vec<ActId>, &mut Vec<LotId>),
) -> Result<()> {
    let mut there = lots::between(tx, first, last)?;
    let all = acts::between(tx, first, last)?;
    for of_one in all.chunk_by(|(one, _), (other, _)| one == other) {
        let is_held = of_one.iter().any(|(_, kept)| kept.is_held);
        if is_held || of_one.first().is_some_and(|(product, _)| !is_booked(*product)) {
            continue;
        }
        let acts: Vec<Act> = of_one.iter().map(|(_, kept)| kept.act.clone()).collect();
        let (shelf, effects) = fold(&acts);
        let otherwise = of_one.iter().zip(&effects).filter(|((_, kept), now)| kept.effects != **now);
        wrong_acts.extend(otherwise.map(|((_, kept), _)| kept.act.key.id));
        let otherwise =
            shelf.lots.values().filter(|lot| !there.remove(&lot.id).is_some_and(|kept| kept.is(lot)));
        wrong_lots.extend(otherwise.map(|lot| lot.id));
    }
    // What was split from another and then turned out not to have been is kept empty.
    wrong_lots.extend(there.values().filter(|lot| !lot.is_empty()).map(|lot| lot.id));
    Ok(())
}

fn report<T>(found: &mut Vec<String>, rows: &[T], say: impl Fn(&T) -> String) {
    found.extend(rows.iter().take(NAMED).map(say));
    if rows.len() > NAMED {
        found.push(format!("and {} more of this kind", rows.len() - NAMED));
    }
}
