//! What acts of one moment would come to, without booking them. The moment may be past: what happened since is
//! played upon them, as it would be if they were booked.

use hearth_shared::amount::Amount;
use hearth_shared::time::{Day, Timestamp};

use super::{Act, ActId, Intent, Key, PlaceId, ProductId, Shelf, acts, fold, lots};
use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::kitchen::ledger::{Join, Passed};
use crate::{row, sql};

/// A product's lots as they are, and as they would be.
#[derive(Debug, Clone)]
pub struct Foresight {
    pub before: Shelf,
    pub after: Shelf,
    /// What would be booked, in this order.
    pub intents: Vec<Intent>,
}

/// Where something stands that happens at `at` as the `nth` of its kind.
fn key(tx: &Tx, at: Timestamp, nth: usize) -> Key {
    let id: ActId = tx.new_id();
    Key { at, station: String::new(), seq: i64::try_from(nth).unwrap_or(i64::MAX), id }
}

/// Asks what is to be done, given how a product's lots were at `at`, and says what would come of it.
pub fn foresee(
    tx: &Tx,
    product: ProductId,
    at: Timestamp,
    decide: impl FnOnce(&Shelf) -> Result<Vec<Intent>>,
) -> Result<Foresight> {
    if acts::last_key(tx, product)?.is_none_or(|last| last.at <= at) {
        let there = lots::load(tx, product, &lots::Wanted::There(None))?;
        let before = Shelf::of(there.values().map(lots::Kept::lot));
        let intents = decide(&before)?;
        let mut after = before.clone();
        for (nth, intent) in intents.iter().enumerate() {
            after.apply(&Act { key: key(tx, at, nth), intent: intent.clone() });
        }
        return Ok(Foresight { before, after, intents });
    }
    let mut all: Vec<Act> = acts::all(tx, product)?.into_iter().map(|kept| kept.act).collect();
    let before = fold(&all).0;
    let intents = decide(&fold(&until(&all, at)).0)?;
    for (nth, intent) in intents.iter().enumerate() {
        let act = Act { key: key(tx, at, nth), intent: intent.clone() };
        all.insert(all.partition_point(|other| other.key < act.key), act);
    }
    Ok(Foresight { before, after: fold(&all).0, intents })
}

/// How the lots of a product were at a moment, as far as is known.
pub(super) fn shelf_at(tx: &Tx, product: ProductId, at: Timestamp) -> Result<Shelf> {
    let all: Vec<Act> = acts::all(tx, product)?.into_iter().map(|kept| kept.act).collect();
    Ok(fold(&until(&all, at)).0)
}

/// What had happened until a moment.
fn until(all: &[Act], at: Timestamp) -> Vec<Act> {
    let is_known_then = |act: &&Act| act.key.at <= at || matches!(act.intent, Intent::Cap { .. });
    all.iter().filter(is_known_then).cloned().collect()
}

/// A moment after everything that is known of a product: now, and later than its last act.
pub fn next_moment(tx: &Tx, product: ProductId) -> Result<Timestamp> {
    let next = acts::last_key(tx, product)?.map(|last| Timestamp::from_millis(last.at.millis() + 1));
    Ok(next.map_or(tx.now(), |next| next.max(tx.now())))
}

/// What came to a place, or left it, of a lot of this date and batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// Of what: of a product that became a part of another since, until it did.
    pub product_id: ProductId,
    pub happened_at: Timestamp,
    pub due_on: Option<Day>,
    pub batch: String,
    pub amount: Amount,
}
row!(Flow { product_id, happened_at, due_on, batch, amount });

/// What moved of a product at a place from `since` on, until before `until`; where others became parts of it in that
/// time, of each by itself until then.
pub fn flows(
    tx: &Tx,
    (product, joins): (ProductId, &[Join]),
    place: PlaceId,
    (since, until): (Timestamp, Timestamp),
) -> Result<Vec<Flow>> {
    if acts::last_key(tx, product)?.is_none_or(|last| last.at < since) {
        return Ok(Vec::new());
    }
    if joins.iter().any(|join| since <= join.at) {
        let mut passed = acts::passed(tx, product, joins)?;
        passed.retain(|it| it.change.place == place && since <= it.at && it.at < until);
        let flow = |it: Passed| Flow {
            product_id: it.of,
            happened_at: it.at,
            due_on: it.label.due.map(|due| due.on),
            batch: it.label.batch,
            amount: it.change.amount,
        };
        return Ok(passed.into_iter().map(flow).collect());
    }
    tx.all(
        sql!(
            "SELECT m.product_id, m.happened_at, l.due_on, l.batch, m.quantity AS amount
             FROM acts a JOIN movements m ON m.act_id = a.id JOIN lots l ON l.id = m.lot_id
             WHERE a.product_id = $1 AND m.place_id = $2 AND m.happened_at >= $3 AND m.happened_at < $4
             ORDER BY m.happened_at, m.id"
        ),
        (product, place, since, until),
    )
}
