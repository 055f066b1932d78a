//! What was said while a place is counted, in the order of what happened: what was scanned, what was counted by hand,
//! what was put right.
//!
//! The lines of a product follow from its entries. They are played in their order, whichever arrived first, and what
//! moved at the place between two of them is added to what was found before. So a scan that is told late, one that is
//! taken back, and something that was taken meanwhile and is told of later all end in the same lines.
//!
//! An entry stays one of the product of which it was said, also where that becomes a part of another. Until then each
//! is played by itself: who found three of the one did not say that there were none of the other. What was found of
//! both is one from then on, and what is said afterwards is said of that.

use std::collections::BTreeMap;

use hearth_shared::amount::Amount;
use hearth_shared::id::Id;
use hearth_shared::scanning::ScanId;
use hearth_shared::time::{Day, Timestamp};

use super::difference::{self, Found, Moved};
use super::lines;
use super::scans::What;
use super::{Stocktake, get};
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::kitchen::ledger::{Due, DueKind, Join, by_now};
use crate::kitchen::products::Product;
use crate::kitchen::stock::{self, Flow};
use crate::kitchen::{ProductId, StocktakeId, StocktakeLineId, scanner};
use crate::{row, sql};

/// Where an entry stands among the others, and by what it is known.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) id: Id,
    pub(super) at: Timestamp,
    pub(super) station: String,
    pub(super) seq: i64,
}

/// An entry as it is kept.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) stocktake_id: StocktakeId,
    pub(super) what: What,
    pub(super) product_id: Option<ProductId>,
    due_on: String,
    due_kind: DueKind,
    batch: String,
    quantity: Amount,
    pub(super) happened_at: Timestamp,
    pub(super) taken_back_at: Option<Timestamp>,
}
row!(Entry { stocktake_id, what, product_id, due_on, due_kind, batch, quantity, happened_at, taken_back_at });

impl Entry {
    pub(super) fn found(&self) -> Found {
        let on: Option<Day> = self.due_on.parse().ok();
        let due = on.map(|on| Due { on, kind: self.due_kind, estimated: false });
        Found { due, batch: self.batch.clone(), amount: self.quantity }
    }
}

pub(super) fn find(tx: &Tx, id: Id) -> Result<Option<Entry>> {
    tx.maybe(
        sql!(
            "SELECT stocktake_id, what, product_id, due_on, due_kind, batch, quantity, happened_at, taken_back_at
             FROM stocktake_entries WHERE id = $1"
        ),
        (id,),
    )
}

/// Keeps what was said about a count as a whole.
pub(super) fn note(tx: &mut Tx, take: StocktakeId, what: What, said: &Said) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO stocktake_entries (id, stocktake_id, what, happened_at, station, seq)
             VALUES ($1, $2, $3, $4, $5, $6)"
        ),
        (said.id, take, what, said.at, &said.station, said.seq),
    )?;
    Ok(())
}

/// Keeps what was found of a product.
pub(super) fn keep(
    tx: &mut Tx,
    take: StocktakeId,
    (what, product): (What, ProductId),
    found: &Found,
    said: &Said,
) -> Result<()> {
    let kind = found.due.map_or(DueKind::BestBefore, |due| due.kind);
    tx.run(
        sql!(
            "INSERT INTO stocktake_entries (id, stocktake_id, what, product_id, due_on, due_kind, batch, quantity,
                 happened_at, station, seq)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        ),
        (
            said.id,
            take,
            what,
            product,
            lines::day(found),
            kind,
            &found.batch,
            found.amount,
            said.at,
            &said.station,
            said.seq,
        ),
    )?;
    Ok(())
}

pub(super) fn remove(tx: &mut Tx, id: Id) -> Result<()> {
    tx.run(sql!("DELETE FROM stocktake_entries WHERE id = $1"), (id,))?;
    Ok(())
}

pub(super) fn take_back(tx: &mut Tx, id: Id) -> Result<()> {
    tx.run(sql!("UPDATE stocktake_entries SET taken_back_at = $2 WHERE id = $1"), (id, tx.now()))?;
    Ok(())
}

pub(super) fn stands_again(tx: &mut Tx, id: Id) -> Result<()> {
    tx.run(sql!("UPDATE stocktake_entries SET taken_back_at = NULL WHERE id = $1"), (id,))?;
    Ok(())
}

/// Takes out all that was found of a sort.
pub(super) fn forget_sort(tx: &mut Tx, take: StocktakeId, product: ProductId, sort: &Found) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE stocktake_entries SET taken_back_at = $5
             WHERE stocktake_id = $1 AND due_on = $3 AND batch = $4 AND taken_back_at IS NULL
                 AND product_id IN (SELECT p.id FROM products p WHERE p.id = $2 OR p.merged_into = $2)"
        ),
        (take, product, lines::day(sort), &sort.batch, tx.now()),
    )?;
    Ok(())
}

/// What was said in packs of something without a name is said in the units of a product now; what a scan said in words
/// of its own, by these.
pub(super) fn say_anew(
    tx: &mut Tx,
    take: StocktakeId,
    (holder, product): (ProductId, &Product),
    each: Amount,
) -> Result<()> {
    let kept: Vec<(Id, Amount)> = tx.all(
        sql!("SELECT id, quantity FROM stocktake_entries WHERE stocktake_id = $1 AND product_id = $2 ORDER BY id"),
        (take, holder),
    )?;
    for (id, packs) in kept {
        let so_much = match scanner::said_counting(tx, ScanId(id), packs)? {
            Some((said, unit)) => stock::meant(tx, product, each, (said, &unit), Some(packs))?,
            None => packs.times(each.as_thousandths(), 1000),
        };
        let so_much = so_much.unwrap_or(packs);
        tx.run(sql!("UPDATE stocktake_entries SET quantity = $2 WHERE id = $1"), (id, so_much))?;
    }
    Ok(())
}

/// What was said of something without a name was said of another that has none: both wait for the same name.
pub(super) fn hand_over(tx: &mut Tx, take: StocktakeId, from: ProductId, into: ProductId) -> Result<()> {
    tx.run(
        sql!("UPDATE stocktake_entries SET product_id = $3 WHERE stocktake_id = $1 AND product_id = $2"),
        (take, from, into),
    )?;
    Ok(())
}

/// The products of a count that became parts of others, with those.
pub(super) fn of_merged(tx: &Tx, take: StocktakeId) -> Result<Vec<(ProductId, ProductId)>> {
    tx.all(
        sql!(
            "SELECT DISTINCT e.product_id, p.merged_into FROM stocktake_entries e JOIN products p ON p.id = e.product_id
             WHERE e.stocktake_id = $1 AND p.merged_into IS NOT NULL ORDER BY e.product_id"
        ),
        (take,),
    )
}

/// What a count holds of a product after all that was said of it.
struct Played {
    found: Vec<Found>,
    as_of: Timestamp,
}

fn play(entries: &[Entry], flows: &[Flow], joins: &[Join]) -> Option<Played> {
    let as_of = entries.last()?.happened_at;
    let mut parts = Parts { of: BTreeMap::new(), became: BTreeMap::new(), flows };
    let mut joins = joins.iter().peekable();
    for entry in entries {
        while let Some(join) = joins.next_if(|join| join.at < entry.happened_at) {
            parts.join(join);
        }
        let Some(product) = entry.product_id else { continue };
        let found = parts.at(product, entry.happened_at);
        let it = entry.found();
        let same = found.iter().position(|other| other.is_same_sort(&it));
        match (entry.what, same) {
            (What::More, Some(at)) => found[at].amount += it.amount,
            (What::Exactly, Some(at)) => found[at].amount = it.amount,
            (What::More | What::Exactly, None) => found.push(it),
            (What::Without, Some(at)) => drop(found.remove(at)),
            (What::Without, None) | (What::Begin | What::Commit, _) => {}
        }
    }
    Some(Played { found: parts.together(as_of), as_of })
}

/// What was found of each of several products that became one, until they did.
struct Parts<'a> {
    of: BTreeMap<ProductId, Part>,
    became: BTreeMap<ProductId, ProductId>,
    flows: &'a [Flow],
}

struct Part {
    found: Vec<Found>,
    as_of: Timestamp,
}

impl Parts<'_> {
    /// What was found of a product, with what moved since.
    fn at(&mut self, product: ProductId, at: Timestamp) -> &mut Vec<Found> {
        let product = by_now(&self.became, product);
        self.bring(product, at);
        &mut self.of.entry(product).or_insert(Part { found: Vec::new(), as_of: at }).found
    }

    fn bring(&mut self, product: ProductId, at: Timestamp) {
        let Some(part) = self.of.get_mut(&product) else { return };
        let is_of_it = |flow: &&Flow| by_now(&self.became, flow.product_id) == product;
        difference::carry(&mut part.found, &moved(self.flows.iter().filter(is_of_it), part.as_of, at));
        part.as_of = at;
    }

    fn join(&mut self, join: &Join) {
        let (from, into) = (by_now(&self.became, join.from), by_now(&self.became, join.into));
        if from == into {
            return;
        }
        self.bring(from, join.at);
        self.bring(into, join.at);
        self.became.insert(from, into);
        let Some(part) = self.of.remove(&from) else { return };
        match self.of.get_mut(&into) {
            Some(other) => add(&mut other.found, part.found),
            None => drop(self.of.insert(into, part)),
        }
    }

    fn together(mut self, at: Timestamp) -> Vec<Found> {
        let products: Vec<ProductId> = self.of.keys().copied().collect();
        products.into_iter().for_each(|product| self.bring(product, at));
        let mut found = Vec::new();
        self.of.into_values().for_each(|part| add(&mut found, part.found));
        found
    }
}

fn add(found: &mut Vec<Found>, more: Vec<Found>) {
    for it in more {
        match found.iter_mut().find(|other| other.is_same_sort(&it)) {
            Some(other) => other.amount += it.amount,
            None => found.push(it),
        }
    }
}

/// What came and went from a moment until another, of each sort.
fn moved<'a>(flows: impl Iterator<Item = &'a Flow>, since: Timestamp, until: Timestamp) -> Vec<Moved> {
    let mut sums: Vec<Moved> = Vec::new();
    for flow in flows.filter(|flow| since <= flow.happened_at && flow.happened_at < until) {
        let is_same = |it: &&mut Moved| it.due.map(|due| due.on) == flow.due_on && it.batch == flow.batch;
        match sums.iter_mut().find(is_same) {
            Some(sum) => sum.amount += flow.amount,
            None => {
                let due = flow.due_on.map(|on| Due { on, kind: DueKind::BestBefore, estimated: false });
                sums.push(Moved { due, batch: flow.batch.clone(), amount: flow.amount });
            }
        }
    }
    sums.retain(|sum| sum.amount != Amount::ZERO);
    sums.sort_by(|a, b| (a.due.map(|due| due.on), &a.batch).cmp(&(b.due.map(|due| due.on), &b.batch)));
    sums
}

/// Which lines of a product became otherwise, and which are not there any more.
#[derive(Debug, Default)]
pub(super) struct Followed {
    pub(super) changed: Vec<StocktakeLineId>,
    pub(super) gone: Vec<StocktakeLineId>,
}

/// Makes the lines of a product what follows from all that was said of it, and of what became a part of it. One that
/// became a part of another has none.
pub(super) fn follow(tx: &mut Tx, take: &Stocktake, product: ProductId) -> Result<Followed> {
    let entries: Vec<Entry> = tx.all(
        sql!(
            "SELECT stocktake_id, what, product_id, due_on, due_kind, batch, quantity, happened_at, taken_back_at
             FROM stocktake_entries WHERE stocktake_id = $1 AND taken_back_at IS NULL
                 AND product_id IN (SELECT p.id FROM products p
                     WHERE p.id = $2 AND p.merged_into IS NULL OR p.merged_into = $2)
             ORDER BY happened_at, seq, id"
        ),
        (take.id, product),
    )?;
    let joins = stock::joins(tx, product)?;
    let flows = match entries.as_slice() {
        [first, .., last] => {
            let span = (first.happened_at, last.happened_at);
            stock::flows(tx, (product, &joins), take.place_id, span)?
        }
        _ => Vec::new(),
    };
    let played = play(&entries, &flows, &joins);
    let as_of = played.as_ref().map_or(take.begun_at, |played| played.as_of);
    let mut left = lines::of_product(tx, take.id, product)?;
    let mut done = Followed::default();
    for it in played.map(|played| played.found).unwrap_or_default() {
        if it.amount > Amount::MOST {
            return Err(Error::invalid("bad-amount", "There is a billion of something at most."));
        }
        let known = left.iter().position(|line| line.found().is_same_sort(&it)).map(|at| left.remove(at));
        match known {
            Some(line) if line.quantity == it.amount && line.counted_at == as_of => {}
            known => done.changed.push(lines::put(tx, take, product, known, &it, as_of)?),
        }
    }
    for line in left {
        lines::forget(tx, line.id)?;
        done.gone.push(line.id);
    }
    Ok(done)
}

/// Something of a product moved, and was told of late: what was counted after it follows.
pub(in crate::kitchen) fn moved_late(tx: &mut Tx, product: ProductId, since: Timestamp) -> Result<()> {
    let open: Vec<(StocktakeId,)> =
        tx.known(sql!("SELECT id FROM stocktakes WHERE begun_at >= 0 AND ended_at IS NULL LIMIT 1"), ())?;
    if open.is_empty() {
        return Ok(());
    }
    let counts: Vec<(StocktakeId,)> = tx.all(
        sql!(
            "SELECT DISTINCT l.stocktake_id FROM stocktake_lines l JOIN stocktakes t ON t.id = l.stocktake_id
             WHERE l.product_id = $1 AND l.counted_at > $2 AND t.ended_at IS NULL ORDER BY l.stocktake_id"
        ),
        (product, since),
    )?;
    for (id,) in counts {
        let take = get(tx, id)?;
        super::follow(tx, &take, product)?;
    }
    Ok(())
}
