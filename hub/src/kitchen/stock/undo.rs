//! Taking back: an act of its own that does the opposite of another, as far as it is still there.

use hearth_shared::amount::Amount;
use hearth_shared::scanning::ScanId;
use hearth_shared::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Act, ActId, Booked, From, GroupId, Intent, Key, LotId, NewAct, PlaceId, Product, ProductId, Shortage,
    acts, book, level, taking,
};
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::kitchen::ledger::{Shelf, Told, Why, fold};
use crate::kitchen::receipts::{booking, late, reopening};
use crate::kitchen::shopping::scans::{self, Coming};
use crate::kitchen::{products, questions, stocktakes};
use crate::{row, sql};

/// How many acts are taken back in one go.
const PART: usize = 100;
/// What a count books.
const COUNTED: [&str; 2] = ["count", "amend"];
/// How many products are named in words where some of them was used since, and how many are shown.
const NAMED: usize = 3;
const SHOWN: usize = 20;

/// An act that somebody wants to take back.
struct Target {
    id: ActId,
    group_id: GroupId,
    product_id: ProductId,
    kind: String,
    undone_by: Option<ActId>,
    scan_id: Option<String>,
    reason: String,
    happened_at: Timestamp,
    recorded_at: Timestamp,
}
row!(Target { id, group_id, product_id, kind, undone_by, scan_id, reason, happened_at, recorded_at });

fn target(tx: &Tx, id: ActId) -> Result<Target> {
    let found: Option<Target> = tx.maybe(
        sql!(
            "SELECT id, group_id, product_id, kind, undone_by, scan_id, reason, happened_at, recorded_at
             FROM acts WHERE id = $1"
        ),
        (id,),
    )?;
    found.ok_or_else(|| Error::not_found("unknown-movement", "There is no such movement."))
}

/// Whether an act was taken back.
pub fn is_undone(tx: &Tx, id: ActId) -> Result<bool> {
    Ok(target(tx, id)?.undone_by.is_some())
}

/// Whether an act is in the books.
pub fn is_known(tx: &Tx, id: ActId) -> Result<bool> {
    let known: Option<(ActId,)> = tx.maybe(sql!("SELECT id FROM acts WHERE id = $1"), (id,))?;
    Ok(known.is_some())
}

/// An act that a scan took back was not taken back after all. Answers whether it was that scan which had.
pub fn stands_again(tx: &mut Tx, act: ActId, undo: ScanId) -> Result<bool> {
    let target = target(tx, act)?;
    let Some(by) = target.undone_by else { return Ok(false) };
    let (scan,): (Option<ScanId>,) = tx.one(sql!("SELECT scan_id FROM acts WHERE id = $1"), (by,))?;
    if scan != Some(undo) {
        return Ok(false);
    }
    tx.run(sql!("UPDATE acts SET undone_by = NULL WHERE id = $1"), (act,))?;
    let before = super::level(tx, target.product_id)?;
    super::withdraw(tx, by)?;
    let after = super::level(tx, target.product_id)?;
    if target.kind == "receive" && after > before {
        scans::came(tx, target.product_id, after - before, target.happened_at)?;
    }
    if let Some(came) = super::came(tx, act)?.filter(|_| target.scan_id.is_some()) {
        late::settle(tx, act, came.product, came.at)?;
    }
    Ok(true)
}

/// What was done.
#[derive(Debug, Clone, PartialEq)]
pub struct Undone {
    pub act: ActId,
    pub product: ProductId,
    pub booked: Booked,
}

/// What taking something back would change.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Preview {
    pub product_id: ProductId,
    pub product_name: String,
    #[schema(value_type = f64)]
    pub before: Amount,
    #[schema(value_type = f64)]
    pub after: Amount,
    pub unit: products::BaseUnit,
    /// How much of it cannot be taken back, because it is not there any more.
    #[schema(value_type = f64)]
    pub missing: Amount,
    pub changes: Vec<Difference>,
}

/// A lot that would be different.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Difference {
    pub lot_id: LotId,
    pub place_id: PlaceId,
    #[schema(value_type = f64)]
    pub quantity: Amount,
}

fn refuse_second(target: &Target) -> Result<()> {
    if let Some(by) = target.undone_by {
        let detail = "This was taken back already.";
        return Err(Error::conflict("already-undone", detail)
            .with_current(&serde_json::json!({ "undone_by": by, "movement_of": target.id })));
    }
    if target.kind == "cap" {
        return Err(Error::conflict("cannot-undo", "An answer to a question is not taken back this way."));
    }
    Ok(())
}

/// Takes an act back. What of a purchase was used since stays used: with [`Shortage::Refuse`] nothing is done
/// then, and the error says how much is left.
pub fn undo(tx: &mut Tx, act: ActId, new: NewAct, shortage: Shortage) -> Result<Undone> {
    let target = target(tx, act)?;
    let undone = undo_one(tx, &target, new, shortage)?;
    if target.reason == booking::REASON {
        reopening::taken_back(tx, target.group_id)?;
    }
    if COUNTED.contains(&target.kind.as_str()) {
        stocktakes::taken_back(tx, target.group_id)?;
    }
    Ok(undone)
}

/// The same, whatever it is a part of.
fn undo_one(tx: &mut Tx, target: &Target, new: NewAct, shortage: Shortage) -> Result<Undone> {
    let act = target.id;
    refuse_second(target)?;
    let product = products::get(tx, target.product_id)?;
    let is_said_now = new.at.is_none() && new.scan.is_none();
    let at = if is_said_now { unsaid_at(tx, target, new.group)? } else { new.at };
    let new = NewAct { at, intent: Intent::Undo { target: act }, ..new };
    tx.run(sql!("UPDATE acts SET undone_by = $2 WHERE id = $1"), (act, new.id))?;
    let booked = book(tx, &product, &new, shortage).map_err(|error| match error.code() {
        "not-enough" => partly_used(&product, &error),
        _ => error,
    })?;
    questions::drop_for(tx, act)?;
    if target.kind == "receive" && booked.after < booked.before {
        let counted = target.scan_id.is_some() || target.reason == booking::REASON;
        let how = if counted { Coming::Counted } else { Coming::PutAway };
        scans::taken_back(tx, product.id, booked.before - booked.after, how, target.recorded_at)?;
    }
    late::give_back(tx, act)?;
    Ok(Undone { act: new.id, product: product.id, booked })
}

/// What was told late may have taken over what others had given by then: a receipt that is booked in the evening, and of
/// which one was used at noon. Where it is taken back before anything else is told of the product, nobody used any of it,
/// and it is taken back before it happened: all is as if it had never been told. Answers when that is; none where what is
/// left of it is what can be taken back.
fn unsaid_at(tx: &Tx, target: &Target, together: GroupId) -> Result<Option<Timestamp>> {
    if target.kind != "receive" {
        return Ok(None);
    }
    let others: Vec<(Timestamp, Timestamp)> = tx.all(
        sql!(
            "SELECT happened_at, recorded_at FROM acts
             WHERE product_id = $1 AND group_id <> $2 AND group_id <> $3
                 AND (happened_at >= $4 OR recorded_at >= $5)"
        ),
        (target.product_id, target.group_id, together, target.happened_at, target.recorded_at),
    )?;
    let is_last_told = others.iter().all(|(_, recorded)| *recorded < target.recorded_at);
    let is_late = !others.is_empty();
    Ok((is_late && is_last_told).then(|| Timestamp::from_millis(target.happened_at.millis() - 1)))
}

fn partly_used(product: &Product, error: &Error) -> Error {
    let detail = format!(
        "Some of this {} was used since. What is left can be taken back: ask for it with partial=true.",
        product.name
    );
    let conflict = Error::conflict("partly-used", detail);
    match error.current() {
        Some(current) => conflict.with_current(current),
        None => conflict,
    }
}

/// Whether anything of all that was done at once was not taken back.
pub fn stands(tx: &Tx, group: GroupId) -> Result<bool> {
    let act: Option<(ActId,)> =
        tx.maybe(sql!("SELECT id FROM acts WHERE group_id = $1 AND undone_by IS NULL LIMIT 1"), (group,))?;
    Ok(act.is_some())
}

/// What of all that was done at once was not taken back, the last first.
fn standing(tx: &Tx, group: GroupId) -> Result<Vec<ActId>> {
    let acts: Vec<(ActId,)> = tx.all(
        sql!("SELECT id FROM acts WHERE group_id = $1 AND undone_by IS NULL ORDER BY id DESC"),
        (group,),
    )?;
    if acts.is_empty() {
        return Err(Error::conflict("already-undone", "This was taken back already."));
    }
    Ok(acts.into_iter().map(|(act,)| act).collect())
}

/// Refuses to take back what was done at once where some of it was used since, unless what is left will do. All of that
/// is named, so that a person can decide.
pub fn refuse_used(tx: &Tx, group: GroupId, shortage: Shortage) -> Result<()> {
    if shortage == Shortage::Ask {
        return Ok(());
    }
    let seen = preview_group(tx, group)?;
    let used: Vec<&Preview> = seen.iter().filter(|it| it.missing > Amount::ZERO).collect();
    if used.is_empty() {
        return Ok(());
    }
    let say = |it: &&Preview| format!("{} {} of {}", it.missing, it.unit, it.product_name);
    let mut named: Vec<String> = used.iter().take(NAMED).map(say).collect();
    if used.len() > NAMED {
        named.push(format!("some of {} more", used.len() - NAMED));
    }
    let detail = format!(
        "Some of it was used since: {}. What is left can be taken back: ask for it with partial=true.",
        named.join(", ")
    );
    let entry = |it: &Preview| {
        serde_json::json!({
            "product_id": it.product_id, "product_name": it.product_name, "missing": it.missing, "unit": it.unit,
        })
    };
    let used: Vec<serde_json::Value> = used.into_iter().take(SHOWN).map(entry).collect();
    Err(Error::conflict("partly-used", detail).with_current(&serde_json::json!({ "used": used })))
}

/// Takes back all that one person did at once, as one act of the same kind.
pub fn undo_group(tx: &mut Tx, group: GroupId, shortage: Shortage) -> Result<Vec<Undone>> {
    refuse_used(tx, group, shortage)?;
    let (mut together, mut undone) = (None, Vec::new());
    loop {
        let part = undo_part(tx, group, together, shortage)?;
        together = Some(part.together);
        undone.extend(part.undone);
        if part.is_last {
            return Ok(undone);
        }
    }
}

/// What was taken back in one go of all that was done at once.
#[derive(Debug)]
pub struct Part {
    /// What is taken back at once has one group as well.
    pub together: GroupId,
    pub undone: Vec<Undone>,
    pub is_last: bool,
}

/// Takes back so much of all that was done at once as others who write can wait for. What is left still stands, and is
/// what is taken back next; so a large group can be taken back part by part, and whoever was interrupted asks once more.
pub fn undo_part(tx: &mut Tx, group: GroupId, together: Option<GroupId>, shortage: Shortage) -> Result<Part> {
    let together = together.unwrap_or_else(|| tx.new_id());
    let standing = standing(tx, group)?;
    let is_last = standing.len() <= PART;
    let mut undone = Vec::new();
    for act in standing.into_iter().take(PART) {
        let target = target(tx, act)?;
        let new = NewAct { group: together, ..NewAct::now(tx, Intent::Undo { target: act }) };
        undone.push(undo_one(tx, &target, new, shortage)?);
    }
    stocktakes::taken_back(tx, group)?;
    reopening::taken_back(tx, group)?;
    Ok(Part { together, undone, is_last })
}

/// Takes back all that happened to a product, the latest first, and writes off what is left of it all the same:
/// afterwards there is none. For what was never in the house. Answers how much was taken back.
pub fn undo_all(tx: &mut Tx, id: ProductId, together: GroupId) -> Result<usize> {
    let acts: Vec<(ActId,)> = tx.all(
        sql!(
            "SELECT id FROM acts WHERE product_id = $1 AND undone_by IS NULL AND kind NOT IN ('undo', 'cap')
             ORDER BY happened_at DESC, station DESC, seq DESC, id DESC"
        ),
        (id,),
    )?;
    for (act,) in &acts {
        let new = NewAct { group: together, ..NewAct::now(tx, Intent::Undo { target: *act }) };
        undo(tx, *act, new, Shortage::Ask)?;
    }
    let (product, left) = (products::get(tx, id)?, level(tx, id)?);
    if left > Amount::ZERO {
        let intent = taking(&product, Why::Removed, left, From::Anywhere);
        book(tx, &product, &NewAct { group: together, ..NewAct::now(tx, intent) }, Shortage::Ask)?;
    }
    Ok(acts.len())
}

/// What [`undo`] would do.
pub fn preview(tx: &Tx, act: ActId) -> Result<Preview> {
    let target = target(tx, act)?;
    refuse_second(&target)?;
    previewed(tx, target.product_id, &[act])
}

/// What [`undo_group`] would do, product by product, what was done last first.
pub fn preview_group(tx: &Tx, group: GroupId) -> Result<Vec<Preview>> {
    let mut products: Vec<(ProductId, Vec<ActId>)> = Vec::new();
    for act in standing(tx, group)? {
        let target = target(tx, act)?;
        refuse_second(&target)?;
        match products.iter_mut().find(|(product, _)| *product == target.product_id) {
            Some((_, acts)) => acts.push(act),
            None => products.push((target.product_id, vec![act])),
        }
    }
    products.iter().map(|(product, acts)| previewed(tx, *product, acts)).collect()
}

/// What taking back several acts of a product, one after the other, would change.
fn previewed(tx: &Tx, product: ProductId, targets: &[ActId]) -> Result<Preview> {
    let product = products::get(tx, product)?;
    let before = fold(&acts::with(tx, product.id, Vec::new())?).0;
    let mut undoing = Vec::new();
    for id in targets {
        let target = target(tx, *id)?;
        let at = unsaid_at(tx, &target, target.group_id)?.unwrap_or(tx.now());
        let id: ActId = tx.new_id();
        let key = Key { at, station: String::new(), seq: 0, id };
        let act = Act { key, intent: Intent::Undo { target: target.id } };
        undoing.push(Told { act, of: product.id, said_at: tx.now(), group: target.group_id });
    }
    let (after, _) = fold(&acts::with(tx, product.id, undoing.clone())?);
    let short = |told: &Told| after.done.get(&told.act.key.id).map(|it| it.short).unwrap_or_default();
    let missing = undoing.iter().map(short).sum();
    Ok(Preview {
        product_id: product.id,
        product_name: product.name,
        before: before.total(),
        after: after.total(),
        unit: product.base_unit,
        missing,
        changes: differences(&before, &after),
    })
}

fn differences(before: &Shelf, after: &Shelf) -> Vec<Difference> {
    let was = |id: &LotId| before.lots.get(id).map(|lot| lot.amount).unwrap_or_default();
    let changed = after.lots.values().filter(|lot| lot.amount != was(&lot.id));
    changed
        .map(|lot| Difference { lot_id: lot.id, place_id: lot.place, quantity: lot.amount - was(&lot.id) })
        .collect()
}
