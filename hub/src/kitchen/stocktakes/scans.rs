//! Scans that count: what a scanner does in a place that is being counted, and taking it back.
//!
//! Where a place is scanned while things are counted, its count begins, or goes on. From then on each thing that is
//! scanned there is one more. What came first is decided by when it was scanned, not by when it arrived: a card that
//! is told late makes what was scanned behind it a part of its count, and one that turns out to mean something else
//! makes it none. A scan that belongs to a count that is over is refused: booked by itself it would say that there is
//! one of it and no more.

use hearth_shared::amount::Amount;
use hearth_shared::scanning::ScanId;
use hearth_shared::time::Timestamp;

use super::entries::{self, Entry, Said};
use super::{
    Committed, Count, Counted, News, PROMPT_SECONDS, State, Stocktake, Uncounted, begin_as, changed, commit,
    count_as, end, follow, get, lines, moment, open_one, over, undo,
};
use crate::bus::Channel;
use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::kitchen::stock::Shortage;
use crate::kitchen::{PlaceId, StocktakeId, products};
use crate::{sql, words};

/// What may be said about a count, by a scan or in the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The count begins, or goes on.
    Begin,
    /// So much besides what was found before.
    More,
    /// So much, and no more.
    Exactly,
    /// Nothing was counted of this sort after all.
    Without,
    /// The count was committed.
    Commit,
}
words!(What { Begin = "begin", More = "more", Exactly = "exactly", Without = "without", Commit = "commit" });

/// A scan in a place, as far as counting depends on it.
#[derive(Debug, Clone)]
pub struct Scanned {
    pub id: ScanId,
    /// The station's id; empty for none.
    pub station: String,
    pub at: Timestamp,
    pub seq: i64,
    /// Whether the scan itself said when it was made.
    pub is_timed: bool,
    pub received_at: Timestamp,
}

impl Scanned {
    /// When it was made, as the house's own clock has it.
    fn heard(&self) -> Timestamp {
        if self.at.plus_seconds(PROMPT_SECONDS) >= self.received_at { self.received_at } else { self.at }
    }

    fn said(&self, at: Timestamp) -> Said {
        Said { id: self.id.0, at, station: self.station.clone(), seq: self.seq }
    }
}

/// The count that a scan in a place belongs to, if the place was being counted then. Among what one station scanned
/// its own clock decides; clocks of several differ by a little.
pub fn joined(tx: &Tx, place: PlaceId, scan: &Scanned) -> Result<Option<StocktakeId>> {
    let heard = scan.heard();
    let last: Option<(StocktakeId, Option<Timestamp>)> = tx.maybe(
        sql!(
            "SELECT t.id, t.ended_at FROM stocktakes t WHERE t.place_id = $1 AND t.begun_at <= $2
                 AND EXISTS (SELECT 1 FROM stocktake_entries e
                     WHERE e.stocktake_id = t.id AND e.product_id IS NULL AND e.what = 'begin'
                         AND (e.station = $3 AND $3 <> '' AND e.happened_at <= $4
                             OR (e.station <> $3 OR $3 = '') AND e.happened_at <= $2))
             ORDER BY t.begun_at DESC, t.id DESC LIMIT 1"
        ),
        (place, heard.max(scan.at), &scan.station, scan.at),
    )?;
    match last {
        Some((id, None)) => Ok(Some(id)),
        Some((id, Some(ended))) if heard < ended => Err(over().with_current(&get(tx, id)?)),
        _ => Ok(None),
    }
}

/// The count that goes on in a place, if a card began it or went on with it.
pub fn begun_by(tx: &Tx, place: PlaceId, card: ScanId) -> Result<Option<Stocktake>> {
    let Some(entry) = entries::find(tx, card.0)? else { return Ok(None) };
    let take = get(tx, entry.stocktake_id)?;
    Ok(Some(take).filter(|take| take.place_id == place && take.state == State::Open))
}

/// Begins the count of a place, or goes on with it, from a scan on.
pub fn begun(tx: &mut Tx, place: PlaceId, scan: &Scanned) -> Result<Stocktake> {
    let said = scan.said(scan.at.min(scan.received_at));
    begin_as(tx, place, &said).map(|(take, _)| take)
}

/// Counts what was scanned, so that it can be taken back by the scan.
pub fn add(tx: &mut Tx, id: StocktakeId, what: &Count, scan: &Scanned) -> Result<Counted> {
    let take = open_one(tx, id)?;
    let before = entries::find(tx, scan.id.0)?;
    let at = match &before {
        Some(entry) => entry.happened_at,
        None => moment(tx, &take, what.product, scan.is_timed.then_some(scan.at))?,
    };
    if let Some(entry) = before {
        remove(tx, scan.id, &entry)?;
    }
    count_as(tx, &take, what, &scan.said(at))
}

/// Commits the count of a place by a card, so that it can be taken back by the next.
pub fn confirm(tx: &mut Tx, id: StocktakeId, scan: &Scanned) -> Result<Committed> {
    let done = commit(tx, id, None, Uncounted::Leave)?;
    entries::note(tx, id, What::Commit, &scan.said(scan.at))?;
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
    let Some(entry) = entries::find(tx, scan.0)?.filter(|entry| entry.taken_back_at.is_none()) else {
        return Ok(None);
    };
    match (entry.what, entry.product_id) {
        (What::Commit, _) => {
            entries::take_back(tx, scan.0)?;
            Ok(Some(Back::Whole(Box::new(undo(tx, entry.stocktake_id, Shortage::Ask)?))))
        }
        (What::More, Some(product)) => {
            let take = get(tx, entry.stocktake_id)?;
            if take.state != State::Open {
                return Err(over().with_current(&take));
            }
            let product = products::get(tx, product)?.stands();
            let name = products::get(tx, product)?.name;
            let sort = entry.found();
            let held = |tx: &Tx| -> Result<Amount> {
                Ok(lines::like(tx, take.id, product, &sort)?.map(|line| line.quantity).unwrap_or_default())
            };
            let before = held(tx)?;
            entries::take_back(tx, scan.0)?;
            follow(tx, &take, product)?;
            Ok(Some(Back::Line { name, before, after: held(tx)? }))
        }
        _ => Ok(None),
    }
}

/// What a scan counted was not taken back after all. Whether it had been; a count that was committed and taken back
/// stays taken back.
pub fn stands_again(tx: &mut Tx, scan: ScanId) -> Result<bool> {
    let Some(entry) = entries::find(tx, scan.0)?.filter(|entry| entry.taken_back_at.is_some()) else {
        return Ok(false);
    };
    let take = get(tx, entry.stocktake_id)?;
    let Some(product) = entry.product_id.filter(|_| take.state == State::Open) else { return Ok(false) };
    entries::stands_again(tx, scan.0)?;
    follow(tx, &take, product)?;
    Ok(true)
}

/// Whether a scan has a part in a count that is over, or that it ended: what somebody looked through stays.
pub fn is_settled(tx: &Tx, scan: ScanId) -> Result<bool> {
    let Some(entry) = entries::find(tx, scan.0)? else { return Ok(false) };
    Ok(entry.what == What::Commit || get(tx, entry.stocktake_id)?.state != State::Open)
}

/// A scan turns out to have no part in a count. Answers the scans that have none without it.
pub fn forget(tx: &mut Tx, scan: ScanId) -> Result<Vec<ScanId>> {
    let Some(entry) = entries::find(tx, scan.0)? else { return Ok(Vec::new()) };
    let take = get(tx, entry.stocktake_id)?;
    remove(tx, scan, &entry)?;
    match entry.what {
        What::Begin if take.state == State::Open => begins_otherwise(tx, &take),
        _ => Ok(Vec::new()),
    }
}

fn remove(tx: &mut Tx, scan: ScanId, entry: &Entry) -> Result<()> {
    entries::remove(tx, scan.0)?;
    if let Some(product) = entry.product_id {
        let take = get(tx, entry.stocktake_id)?;
        follow(tx, &take, product)?;
    }
    Ok(())
}

/// A card that began a count did not: it began with the next, or with what somebody counted in the app. Answers what
/// stations scanned before that.
fn begins_otherwise(tx: &mut Tx, take: &Stocktake) -> Result<Vec<ScanId>> {
    let (begun,): (Option<Timestamp>,) = tx.one(
        sql!(
            "SELECT MIN(happened_at) FROM stocktake_entries
             WHERE stocktake_id = $1 AND (what = 'begin' OR station = '')"
        ),
        (take.id,),
    )?;
    let until = begun.unwrap_or(Timestamp::from_millis(i64::MAX));
    let before: Vec<(ScanId,)> = tx.all(
        sql!(
            "SELECT id FROM stocktake_entries
             WHERE stocktake_id = $1 AND what = 'more' AND station <> '' AND happened_at < $2
             ORDER BY happened_at, seq, id"
        ),
        (take.id, until),
    )?;
    for (id,) in &before {
        if let Some(entry) = entries::find(tx, id.0)? {
            remove(tx, *id, &entry)?;
        }
    }
    match begun {
        Some(begun) => {
            tx.run(sql!("UPDATE stocktakes SET begun_at = $2 WHERE id = $1"), (take.id, begun))?;
            changed(tx, take.id, None, None)?;
        }
        None => {
            end(tx, take.id, "dropped", None)?;
            let now = tx.now();
            tx.run(sql!("UPDATE stocktakes SET begun_at = $2 WHERE id = $1"), (take.id, now))?;
            let take = get(tx, take.id)?;
            let news = News { stocktake: &take, line: None, removed: None };
            tx.publish(Channel::HOUSE, "stocktake.dropped", take.id, &news)?;
        }
    }
    Ok(before.into_iter().map(|(id,)| id).collect())
}

/// What was counted by itself from a moment on, by scans.
pub fn alone(tx: &Tx, since: Timestamp) -> Result<Vec<ScanId>> {
    let found: Vec<(ScanId,)> = tx.all(
        sql!(
            "SELECT scan_id FROM acts WHERE kind = 'count' AND scan_id IS NOT NULL AND happened_at >= $1
             ORDER BY happened_at, id LIMIT 5000"
        ),
        (since,),
    )?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}
