//! Stocktakes: a place is counted, the difference looked at, and all of it booked as one thing that can be taken
//! back.
//!
//! Counting takes a while, and the house goes on meanwhile. So a line says what was found *and when*, and its count
//! is booked as an act of that moment: what happened since is played upon it, as the ledger does with anything
//! that is told late. Who takes a tin from a shelf that was counted takes it from what was counted. A product that is
//! counted further, later, is first brought to that moment. All that is said of a product in a count is kept, and its
//! lines follow from that in the order of what happened, whatever arrived first ([`entries`]).
//!
//! A place has one open count at a time; several people count into it, and each scan adds up ([`scans`]). What it
//! comes to can be looked at whenever one likes ([`review`]): what each lot must hold follows from what was found
//! ([`difference`]). What is believed to be there and was not counted is left alone, unless somebody says that it
//! is not there: by counting none of it, or of all that at once with [`Uncounted::Gone`].

mod committing;
pub mod difference;
mod entries;
pub mod http;
mod lines;
mod naming;
mod reopening;
pub mod review;
pub mod scans;

#[cfg(test)]
mod tests;

use hearth_shared::amount::Amount;
use hearth_shared::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::bus::Channel;
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::house::stale;
use crate::{row, sql, words};

use super::ledger::{Due, From, Intent, Label, Shelf};
use super::places::Place;
use super::products::{self, Product, ProductState};
use super::stock::{self, Shortage};
use super::{GroupId, PlaceId, ProductId, StocktakeId, StocktakeLineId, places};

use self::difference::{Found, Target};
use self::entries::Said;
use self::lines::Line;
use self::scans::What;

pub use self::committing::{Committed, book_part, commit};
pub(super) use self::entries::moved_late;
pub use self::lines::LineView;
pub(super) use self::naming::say_anew;
pub use self::reopening::reopen;

/// The most lines of a count, and the most products that it books.
const MOST: usize = 5_000;
/// What is said to have happened so shortly ago happens now: clocks differ by more than the way takes.
const PROMPT_SECONDS: i64 = 30;

/// How a count stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Open,
    Committed,
    /// It was given up; nothing was booked.
    Dropped,
    /// It was committed, and all of it was taken back.
    Undone,
}
words!(State { Open = "open", Committed = "committed", Dropped = "dropped", Undone = "undone" });

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Stocktake {
    pub id: StocktakeId,
    pub place_id: PlaceId,
    pub place_name: String,
    pub state: State,
    /// Who began it, such as `member:…` or `station:…`.
    pub begun_by: String,
    /// Their name, where it was a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begun_by_name: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub begun_at: Timestamp,
    /// When it was committed or dropped.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// What was booked: the acts of it are one group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<GroupId>,
    /// How many lines there are.
    pub lines: i64,
    pub version: i64,
}
row!(Stocktake {
    id,
    place_id,
    place_name,
    state,
    begun_by,
    begun_by_name,
    begun_at,
    ended_at,
    group_id,
    lines,
    version
});

/// What changed about a count, as it is announced.
#[derive(Debug, Serialize)]
struct News<'a> {
    stocktake: &'a Stocktake,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<&'a LineView>,
    /// A line that is not there any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    removed: Option<StocktakeLineId>,
}

pub fn get(tx: &Tx, id: StocktakeId) -> Result<Stocktake> {
    let found: Option<Stocktake> = tx.maybe(
        sql!(
            "SELECT t.id, t.place_id, p.name AS place_name,
                 CASE WHEN t.state = 'committed' AND NOT EXISTS
                     (SELECT 1 FROM acts a WHERE a.group_id = t.group_id AND a.undone_by IS NULL)
                     THEN 'undone' ELSE t.state END AS state,
                 t.begun_by, m.name AS begun_by_name, t.begun_at, t.ended_at, t.group_id,
                 (SELECT COUNT(*) FROM stocktake_lines l WHERE l.stocktake_id = t.id) AS lines, t.version
             FROM stocktakes t JOIN places p ON p.id = t.place_id
                 LEFT JOIN members m ON 'member:' || m.id = t.begun_by
             WHERE t.id = $1"
        ),
        (id,),
    )?;
    found.ok_or_else(|| Error::not_found("unknown-stocktake", "There is no such count."))
}

/// A count that goes on.
fn open_one(tx: &Tx, id: StocktakeId) -> Result<Stocktake> {
    let take = get(tx, id)?;
    if take.state != State::Open || committing::is_begun(tx, id)? {
        return Err(over().with_current(&take));
    }
    Ok(take)
}

fn over() -> Error {
    Error::conflict("stocktake-over", "The count of this place was committed or dropped. Begin another.")
}

/// Which counts a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    Open,
    All,
}

/// The newest first, before `before`; the lines of all of them are counted in one go.
pub fn page(tx: &Tx, which: Which, before: Option<StocktakeId>, limit: i64) -> Result<Vec<Stocktake>> {
    let before = before.map_or_else(|| "g".to_owned(), |id| id.to_string());
    match which {
        Which::Open => tx.all(
            sql!(
                "SELECT t.id, t.place_id, p.name AS place_name,
                     CASE WHEN t.state = 'committed' AND NOT EXISTS
                         (SELECT 1 FROM acts a WHERE a.group_id = t.group_id AND a.undone_by IS NULL)
                         THEN 'undone' ELSE t.state END AS state,
                     t.begun_by, m.name AS begun_by_name, t.begun_at, t.ended_at, t.group_id,
                     COALESCE(n.lines, 0) AS lines, t.version
                 FROM stocktakes t JOIN places p ON p.id = t.place_id
                     LEFT JOIN members m ON 'member:' || m.id = t.begun_by
                     LEFT JOIN (SELECT l.stocktake_id, COUNT(*) AS lines FROM stocktake_lines l
                         WHERE l.stocktake_id IN
                             (SELECT s.id FROM stocktakes s WHERE s.ended_at IS NULL AND s.id < $1 ORDER BY s.id DESC LIMIT $2)
                         GROUP BY l.stocktake_id) n ON n.stocktake_id = t.id
                 WHERE t.ended_at IS NULL AND t.id < $1 ORDER BY t.id DESC LIMIT $2"
            ),
            (before, limit),
        ),
        Which::All => tx.all(
            sql!(
                "SELECT t.id, t.place_id, p.name AS place_name,
                     CASE WHEN t.state = 'committed' AND NOT EXISTS
                         (SELECT 1 FROM acts a WHERE a.group_id = t.group_id AND a.undone_by IS NULL)
                         THEN 'undone' ELSE t.state END AS state,
                     t.begun_by, m.name AS begun_by_name, t.begun_at, t.ended_at, t.group_id,
                     COALESCE(n.lines, 0) AS lines, t.version
                 FROM stocktakes t JOIN places p ON p.id = t.place_id
                     LEFT JOIN members m ON 'member:' || m.id = t.begun_by
                     LEFT JOIN (SELECT l.stocktake_id, COUNT(*) AS lines FROM stocktake_lines l
                         WHERE l.stocktake_id IN
                             (SELECT s.id FROM stocktakes s WHERE s.id < $1 ORDER BY s.id DESC LIMIT $2)
                         GROUP BY l.stocktake_id) n ON n.stocktake_id = t.id
                 WHERE t.id < $1 ORDER BY t.id DESC LIMIT $2"
            ),
            (before, limit),
        ),
    }
}

/// Whether a count was begun, or is the one that goes on already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Begun {
    Now,
    Before,
}

/// Begins to count a place; or goes on with the count that is open there.
pub fn begin(tx: &mut Tx, place: PlaceId) -> Result<(Stocktake, Begun)> {
    let said = said(tx, tx.now());
    begin_as(tx, place, &said)
}

/// Something that is said in the app.
fn said(tx: &Tx, at: Timestamp) -> Said {
    Said { id: tx.new_id(), at, station: String::new(), seq: 0 }
}

/// The same, of a beginning that may be told late.
fn begin_as(tx: &mut Tx, place: PlaceId, said: &Said) -> Result<(Stocktake, Begun)> {
    let place = places::living(tx, place)?;
    let open: Option<(StocktakeId,)> =
        tx.maybe(sql!("SELECT id FROM stocktakes WHERE place_id = $1 AND ended_at IS NULL"), (place.id,))?;
    if let Some((id,)) = open {
        entries::note(tx, id, What::Begin, said)?;
        tx.run(sql!("UPDATE stocktakes SET begun_at = $2 WHERE id = $1 AND begun_at > $2"), (id, said.at))?;
        return Ok((get(tx, id)?, Begun::Before));
    }
    let id: StocktakeId = tx.new_id();
    tx.run(
        sql!(
            "INSERT INTO stocktakes (id, place_id, state, begun_by, begun_at) VALUES ($1, $2, 'open', $3, $4)"
        ),
        (id, place.id, tx.actor().key(), said.at),
    )?;
    entries::note(tx, id, What::Begin, said)?;
    let take = get(tx, id)?;
    tx.publish(
        Channel::HOUSE,
        "stocktake.created",
        id,
        &News { stocktake: &take, line: None, removed: None },
    )?;
    Ok((take, Begun::Now))
}

/// Notes that something about a count changed, and tells everybody.
fn changed(
    tx: &mut Tx,
    id: StocktakeId,
    line: Option<StocktakeLineId>,
    removed: Option<StocktakeLineId>,
) -> Result<Stocktake> {
    tx.run(sql!("UPDATE stocktakes SET version = version + 1 WHERE id = $1"), (id,))?;
    let take = get(tx, id)?;
    let line = line.map(|line| lines::view(tx, take.id, line)).transpose()?;
    let news = News { stocktake: &take, line: line.as_ref(), removed };
    tx.publish(Channel::HOUSE, "stocktake.updated", id, &news)?;
    Ok(take)
}

/// How much was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Much {
    /// So much besides what was found before.
    More(Amount),
    /// So much, and no more.
    Exactly(Amount),
}

/// Something that was found in the place.
#[derive(Debug, Clone)]
pub struct Count {
    pub product: ProductId,
    /// What its code stood for, where that became a part of the product since.
    pub told_of: Option<ProductId>,
    pub due: Option<Due>,
    pub batch: String,
    pub much: Much,
    /// When it was found; now, when left out.
    pub at: Option<Timestamp>,
}

/// What came of counting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = StocktakeCounted)]
pub struct Counted {
    pub stocktake: Stocktake,
    pub line: LineView,
}

/// Counts something.
pub fn count(tx: &mut Tx, id: StocktakeId, count: &Count) -> Result<Counted> {
    let take = open_one(tx, id)?;
    let at = moment(tx, &take, count.product, count.at)?;
    let said = said(tx, at);
    count_as(tx, &take, count, &said)
}

/// The same, said by a scan or in the app.
fn count_as(tx: &mut Tx, take: &Stocktake, count: &Count, said: &Said) -> Result<Counted> {
    let product = products::in_use(tx, count.product)?;
    let (what, amount) = match count.much {
        Much::More(amount) => (What::More, amount),
        Much::Exactly(amount) => (What::Exactly, amount),
    };
    let found = Found { due: count.due, batch: count.batch.clone(), amount };
    entries::keep(tx, take.id, (what, count.told_of.unwrap_or(product.id)), &found, said)?;
    let stocktake = follow(tx, take, product.id)?;
    let line = lines::like(tx, take.id, product.id, &found)?.ok_or_else(lines::unknown)?;
    Ok(Counted { line: lines::view(tx, take.id, line.id)?, stocktake })
}

/// Makes the lines of a product, or of what it became a part of, what follows from what was said of it, and tells of
/// those that are otherwise.
fn follow(tx: &mut Tx, take: &Stocktake, product: ProductId) -> Result<Stocktake> {
    let product = products::get(tx, product)?.stands();
    let followed = entries::follow(tx, take, product)?;
    tell(tx, take, followed)
}

fn tell(tx: &mut Tx, take: &Stocktake, followed: entries::Followed) -> Result<Stocktake> {
    let entries::Followed { changed: lines, gone } = followed;
    for line in gone {
        changed(tx, take.id, None, Some(line))?;
    }
    for line in lines {
        changed(tx, take.id, Some(line), None)?;
    }
    get(tx, take.id)
}

/// When something was found, as far as that can be believed.
fn moment(tx: &Tx, take: &Stocktake, product: ProductId, said: Option<Timestamp>) -> Result<Timestamp> {
    match said.filter(|at| at.plus_seconds(PROMPT_SECONDS) < tx.now()) {
        Some(at) => Ok(at.max(take.begun_at)),
        None => stock::next_moment(tx, product),
    }
}

/// Says otherwise how much of a line was found, now.
pub fn correct(
    tx: &mut Tx,
    id: StocktakeId,
    line: StocktakeLineId,
    version: i64,
    amount: Amount,
) -> Result<Counted> {
    open_one(tx, id)?;
    let known = lines::get(tx, id, line)?;
    if known.version != version {
        return Err(stale(&lines::view(tx, id, line)?));
    }
    let (much, product, due) = (Much::Exactly(amount), known.product_id, known.due());
    count(tx, id, &Count { product, told_of: None, due, batch: known.batch, much, at: None })
}

/// Takes a line out: its sort was not counted. Of a product without any line, nothing was.
pub fn remove(tx: &mut Tx, id: StocktakeId, line: StocktakeLineId, version: i64) -> Result<Stocktake> {
    let take = open_one(tx, id)?;
    let known = lines::get(tx, id, line)?;
    if known.version != version {
        return Err(stale(&lines::view(tx, id, line)?));
    }
    entries::forget_sort(tx, id, known.product_id, &known.found())?;
    let took = follow(tx, &take, known.product_id)?;
    if lines::find(tx, id, line)?.is_none() {
        return Ok(took);
    }
    // It is there because some of the sort came while the place was counted.
    let said = said(tx, stock::next_moment(tx, known.product_id)?);
    entries::keep(tx, id, (What::Without, known.product_id), &known.found(), &said)?;
    follow(tx, &take, known.product_id)
}

/// Gives a count up. Nothing was booked, and nothing will be.
pub fn abandon(tx: &mut Tx, id: StocktakeId) -> Result<Stocktake> {
    open_one(tx, id)?;
    end(tx, id, "dropped", None)?;
    let take = get(tx, id)?;
    tx.publish(
        Channel::HOUSE,
        "stocktake.dropped",
        id,
        &News { stocktake: &take, line: None, removed: None },
    )?;
    Ok(take)
}

fn end(tx: &mut Tx, id: StocktakeId, state: &str, group: Option<GroupId>) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE stocktakes SET state = $2, ended_at = $3, group_id = $4, version = version + 1 WHERE id = $1"
        ),
        (id, state, tx.now(), group),
    )?;
    Ok(())
}

/// What becomes of what is believed to be in the place and was not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Uncounted {
    /// Nothing: it was not looked at.
    #[default]
    Leave,
    /// It is not there.
    Gone,
}
words!(Uncounted { Leave = "leave", Gone = "gone" });

fn full() -> Error {
    Error::too_large("stocktake-full", "A count has at most 5,000 lines and books at most 5,000 products.")
}

/// Until when the lines of a product were counted; those of none, until now.
fn as_of(tx: &Tx, product: ProductId, lines: &[Line]) -> Result<Timestamp> {
    match lines.iter().map(|line| line.counted_at).max() {
        Some(at) => Ok(at),
        None => stock::next_moment(tx, product),
    }
}

/// What is to be booked of a product, given how its lots were then.
fn intents(
    tx: &Tx,
    place: &Place,
    product: &Product,
    (shelf, found): (&Shelf, &[Found]),
    at: Timestamp,
) -> Result<Vec<Intent>> {
    let count = |of: Option<From>, amount: Amount, label: Label| {
        stock::counting_in(tx, product, place, of, &stock::Found { amount, label }, at)
    };
    let label = |it: &Found| Label { due: it.due, batch: it.batch.clone(), ..Label::default() };
    let targets = difference::targets(shelf, place.id, found);
    let intent = |target: Target| match target {
        Target::Lot(lot, amount) => count(Some(From::Lot(lot)), amount, Label::default()),
        Target::New(it) => count(None, it.amount, label(&it)),
        Target::Place(amount) => count(Some(From::Place(place.id)), amount, Label::default()),
        Target::Says(lot, it) => Ok(Intent::Amend {
            lot,
            due: it.due.map(Some),
            batch: Some(it.batch).filter(|batch| !batch.is_empty()),
            serial: None,
            price: None,
            gaps_only: true,
        }),
    };
    targets.into_iter().map(intent).collect()
}

/// Books what was found of a product. Answers whether it is another amount than was believed.
fn book(tx: &mut Tx, place: &Place, product: &Product, lines: &[Line], group: GroupId) -> Result<bool> {
    let found: Vec<Found> = lines.iter().map(Line::found).collect();
    let at = as_of(tx, product.id, lines)?;
    let decide = |tx: &mut Tx, shelf: &Shelf| intents(tx, place, product, (shelf, &found), at);
    let (before, after) = stock::book_decided(tx, product, (at, group), decide)?;
    Ok(before != after)
}

/// What is to be taken back of a committed count.
fn booked(tx: &Tx, id: StocktakeId) -> Result<GroupId> {
    get(tx, id)?.group_id.ok_or_else(|| {
        Error::conflict("stocktake-open", "This count was not committed, so there is nothing to take back.")
    })
}

/// Takes a committed count back, all of it.
pub fn undo(tx: &mut Tx, id: StocktakeId, shortage: Shortage) -> Result<Stocktake> {
    let group = booked(tx, id)?;
    stock::undo_group(tx, group, shortage)?;
    get(tx, id)
}

/// Something of a group of acts was taken back. If that was a count of which nothing stands any more, everybody hears of
/// it.
pub(super) fn taken_back(tx: &mut Tx, group: GroupId) -> Result<()> {
    let id: Option<(StocktakeId,)> =
        tx.maybe(sql!("SELECT id FROM stocktakes WHERE group_id = $1"), (group,))?;
    let Some((id,)) = id else { return Ok(()) };
    if stock::stands(tx, group)? {
        return Ok(());
    }
    tx.run(sql!("UPDATE stocktakes SET version = version + 1 WHERE id = $1"), (id,))?;
    let take = get(tx, id)?;
    tx.publish(Channel::HOUSE, "stocktake.undone", id, &News { stocktake: &take, line: None, removed: None })
}

/// One product became a part of another: what was found of both was found of the one. A count that is over keeps its
/// lines as they are, and they become one when it is opened again.
pub(super) fn merge(tx: &mut Tx, from: ProductId, into: ProductId) -> Result<()> {
    for id in lines::open_of(tx, into)? {
        let take = get(tx, id)?;
        join(tx, &take, from, into)?;
    }
    Ok(())
}

fn join(tx: &mut Tx, take: &Stocktake, from: ProductId, into: ProductId) -> Result<()> {
    if products::get(tx, into)?.state == ProductState::Unknown {
        entries::hand_over(tx, take.id, from, into)?;
    }
    let of_none = entries::follow(tx, take, from)?;
    tell(tx, take, of_none)?;
    follow(tx, take, into).map(|_| ())
}
