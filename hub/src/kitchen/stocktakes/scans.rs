//! Scans that count: what a scanner does in a place that is being counted, and taking it back.
//!
//! Where a place is scanned while things are counted, its count begins, or goes on. From then on each thing that is
//! scanned there is one more. A scan that is told late belongs to the count that was open when it was made; where
//! that is over, it is refused: booked by itself it would say that there is one of it and no more.

use hearth_shared::amount::Amount;
use hearth_shared::scanning::ScanId;
use hearth_shared::time::Timestamp;

use super::{
    Committed, Count, Counted, Much, PROMPT_SECONDS, State, Stocktake, Uncounted, begin_at, changed, commit,
    count, get, lines, over, undo,
};
use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::kitchen::stock::Shortage;
use crate::kitchen::{PlaceId, StocktakeId, StocktakeLineId};
use crate::sql;

/// When a scan was made, as the house's own clock has it.
fn heard(tx: &Tx, at: Timestamp) -> Timestamp {
    if at.plus_seconds(PROMPT_SECONDS) >= tx.now() { tx.now() } else { at }
}

/// The count that a scan in a place belongs to, if the place was being counted then.
pub fn joined(tx: &Tx, place: PlaceId, at: Timestamp) -> Result<Option<StocktakeId>> {
    let last: Option<(StocktakeId, Option<Timestamp>)> = tx.maybe(
        sql!(
            "SELECT id, ended_at FROM stocktakes WHERE place_id = $1 AND begun_at <= $2
             ORDER BY begun_at DESC, id DESC LIMIT 1"
        ),
        (place, heard(tx, at)),
    )?;
    match last {
        Some((id, None)) => Ok(Some(id)),
        Some((id, Some(ended))) if heard(tx, at) < ended => Err(over().with_current(&get(tx, id)?)),
        _ => Ok(None),
    }
}

/// Begins the count of a place, or goes on with it, from a scan on.
pub fn begun(tx: &mut Tx, place: PlaceId, at: Timestamp) -> Result<Stocktake> {
    let at = heard(tx, at);
    begin_at(tx, place, at).map(|(take, _)| take)
}

/// Counts what was scanned, so that it can be taken back by the scan.
pub fn add(tx: &mut Tx, id: StocktakeId, what: &Count, scan: ScanId) -> Result<Counted> {
    let counted = count(tx, id, what)?;
    let amount = match what.much {
        Much::More(amount) | Much::Exactly(amount) => amount,
    };
    keep(tx, id, scan, Some(counted.line.id), amount)?;
    Ok(counted)
}

fn keep(
    tx: &mut Tx,
    id: StocktakeId,
    scan: ScanId,
    line: Option<StocktakeLineId>,
    amount: Amount,
) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO stocktake_scans (scan_id, stocktake_id, line_id, quantity) VALUES ($1, $2, $3, $4)"
        ),
        (scan, id, line, amount),
    )?;
    Ok(())
}

/// Commits the count of a place by a card, so that it can be taken back by the next.
pub fn confirm(tx: &mut Tx, id: StocktakeId, scan: ScanId) -> Result<Committed> {
    let done = commit(tx, id, None, Uncounted::Leave)?;
    keep(tx, id, scan, None, Amount::ZERO)?;
    Ok(done)
}

/// What taking a scan back came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Back {
    /// So much was counted before, and is now.
    Line { name: String, before: Amount, after: Amount },
    /// A count was committed, and is not any more.
    Whole(Box<Stocktake>),
}

/// Takes a scan back that counted; nothing where it did not.
pub fn take_back(tx: &mut Tx, scan: ScanId) -> Result<Option<Back>> {
    let kept: Option<(StocktakeId, Option<StocktakeLineId>, Amount)> = tx.maybe(
        sql!(
            "UPDATE stocktake_scans SET taken_back_at = $2 WHERE scan_id = $1 AND taken_back_at IS NULL
             RETURNING stocktake_id, line_id, quantity"
        ),
        (scan, tx.now()),
    )?;
    let Some((id, line, amount)) = kept else { return Ok(None) };
    let Some(line) = line else { return Ok(Some(Back::Whole(Box::new(undo(tx, id, Shortage::Ask)?)))) };
    let take = get(tx, id)?;
    if take.state != State::Open {
        return Err(over().with_current(&take));
    }
    let Some(kept) = lines::find(tx, id, line)? else { return Ok(None) };
    let name = lines::view(tx, id, line)?.product_name;
    let (before, after) = (kept.quantity, kept.quantity - amount);
    if after > Amount::ZERO {
        lines::set(tx, line, after, kept.counted_at)?;
        changed(tx, id, Some(line), None)?;
        return Ok(Some(Back::Line { name, before, after }));
    }
    // Nothing of it was counted after all; that none is there is for somebody to say.
    lines::forget(tx, line)?;
    changed(tx, id, None, Some(line))?;
    Ok(Some(Back::Line { name, before, after: Amount::ZERO }))
}

/// Whether a scan counted something, or committed a count, and was not taken back.
pub fn is_counted(tx: &Tx, scan: ScanId) -> Result<bool> {
    let kept: Option<(ScanId,)> = tx.maybe(
        sql!("SELECT scan_id FROM stocktake_scans WHERE scan_id = $1 AND taken_back_at IS NULL"),
        (scan,),
    )?;
    Ok(kept.is_some())
}

/// What was scanned in packs has a name now.
pub(super) fn say_anew(tx: &mut Tx, line: StocktakeLineId, so_much: impl Fn(Amount) -> Amount) -> Result<()> {
    let kept: Vec<(ScanId, Amount)> = tx.all(
        sql!("SELECT scan_id, quantity FROM stocktake_scans WHERE line_id = $1 ORDER BY scan_id"),
        (line,),
    )?;
    for (scan, packs) in kept {
        tx.run(sql!("UPDATE stocktake_scans SET quantity = $2 WHERE scan_id = $1"), (scan, so_much(packs)))?;
    }
    Ok(())
}

/// The scans of a line belong to another.
pub(super) fn hand_over(tx: &mut Tx, from: StocktakeLineId, into: StocktakeLineId) -> Result<()> {
    tx.run(sql!("UPDATE stocktake_scans SET line_id = $2 WHERE line_id = $1"), (from, into))?;
    Ok(())
}
