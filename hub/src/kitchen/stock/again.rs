//! Acts that turn out to be others than they were booked as.

use hearth_shared::amount::Amount;
use hearth_shared::scanning::ScanId;
use hearth_shared::time::Timestamp;

use super::{
    ActId, Booked, Intent, LotId, NewAct, Outcome, Product, ProductId, Shortage, Undone, acts, book, ids,
    replay, waits,
};
use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::kitchen::ledger::Price;
use crate::kitchen::questions;
use crate::kitchen::receipts::late;
use crate::kitchen::shopping::scans::{self, Coming};
use crate::kitchen::{GroupId, products};
use crate::{row, sql};

struct Kept {
    product_id: ProductId,
    intent: String,
    undone_by: Option<ActId>,
    recorded_at: Timestamp,
}
row!(Kept { product_id, intent, undone_by, recorded_at });

fn kept(tx: &Tx, act: ActId) -> Result<Kept> {
    tx.one(sql!("SELECT product_id, intent, undone_by, recorded_at FROM acts WHERE id = $1"), (act,))
}

/// Books `new` in the place of an act, at its time. If it is of another product, the act was nothing, and `new` is
/// booked there; unless it was taken back, which stands. Answers which act it is now.
pub fn rebook(tx: &mut Tx, act: ActId, product: &Product, new: &NewAct) -> Result<(ActId, Booked)> {
    let before = kept(tx, act)?;
    if before.product_id == product.id {
        return Ok((act, resay(tx, act, &before, product, new)?));
    }
    if before.undone_by.is_some() {
        return Ok((act, Booked::nothing(super::level(tx, product.id)?)));
    }
    withdraw(tx, act)?;
    let new = NewAct { id: tx.new_id(), ..new.clone() };
    Ok((new.id, book(tx, product, &new, Shortage::Ask)?))
}

/// The scan that took an act back, if one did.
pub fn undoing_scan(tx: &Tx, act: ActId) -> Result<Option<ScanId>> {
    let (scan,): (Option<ScanId>,) = tx.one(
        sql!("SELECT u.scan_id FROM acts a LEFT JOIN acts u ON u.id = a.undone_by WHERE a.id = $1"),
        (act,),
    )?;
    Ok(scan)
}

/// What a scan took back was taken back before that, by another: when and where `new` says.
pub fn undone_before(tx: &mut Tx, act: ActId, new: &NewAct) -> Result<Undone> {
    let kept = kept(tx, act)?;
    let product = products::get(tx, kept.product_id)?;
    let at = new.at.unwrap_or(tx.now());
    let of = |booked| Undone { act: kept.undone_by.unwrap_or(act), product: product.id, booked };
    tx.run(
        sql!("UPDATE acts SET happened_at = $2, station = $3, seq = $4, scan_id = $5 WHERE id = $1"),
        (kept.undone_by, at, &new.station, new.seq, new.scan),
    )?;
    if waits(tx, &product)? {
        return Ok(of(Booked::nothing(super::level(tx, product.id)?)));
    }
    let Outcome { before, after, shown } = replay(tx, &product)?;
    Ok(of(Booked { before, lots: ids(&shown), shown, ..Booked::nothing(after) }))
}

/// What an act brought into the house.
#[derive(Debug, Clone)]
pub struct Came {
    pub product: ProductId,
    pub lot: LotId,
    pub amount: Amount,
    pub price: Option<Price>,
    pub at: Timestamp,
    pub recorded_at: Timestamp,
}

/// What an act brought; nothing, if it did something else.
pub fn came(tx: &Tx, act: ActId) -> Result<Option<Came>> {
    let (product, intent, at, recorded_at): (ProductId, String, Timestamp, Timestamp) =
        tx.one(sql!("SELECT product_id, intent, happened_at, recorded_at FROM acts WHERE id = $1"), (act,))?;
    Ok(match acts::read_intent(&intent)? {
        Intent::Receive { lot, amount, label, .. } | Intent::Admit { lot, amount, label, .. } => {
            Some(Came { product, lot, amount, price: label.price, at, recorded_at })
        }
        _ => None,
    })
}

/// Whether nothing came of an act.
pub fn is_nothing(tx: &Tx, act: ActId) -> Result<bool> {
    Ok(acts::effects(tx, act)?.unwrap_or_default().is_nothing())
}

/// So much came with an act after all.
pub fn came_as(tx: &mut Tx, act: ActId, so_much: Amount) -> Result<()> {
    let kept = kept(tx, act)?;
    let product = products::get(tx, kept.product_id)?;
    let mut intent = acts::read_intent(&kept.intent)?;
    if let Intent::Receive { amount, .. } | Intent::Admit { amount, .. } = &mut intent {
        *amount = so_much;
    }
    acts::set_intent(tx, act, &intent)?;
    if waits(tx, &product)? {
        return Ok(());
    }
    replay(tx, &product).map(|_| ())
}

/// An act turns out to have done nothing.
pub fn withdraw(tx: &mut Tx, act: ActId) -> Result<()> {
    let before = kept(tx, act)?;
    let product = products::get(tx, before.product_id)?;
    let nothing = NewAct::now(tx, Intent::Nothing);
    resay(tx, act, &before, &product, &nothing).map(|_| ())
}

/// Something of a group that was taken back, and is about to be booked otherwise.
#[derive(Debug, Clone)]
pub struct Unsaid {
    pub product: ProductId,
    pub at: Timestamp,
    pub recorded_at: Timestamp,
    /// How much of it stayed when it was taken back, because it was used.
    pub stayed: Amount,
}

/// What was taken back of a group was nothing, and nor was its taking back: what was used of it in between is to be
/// taken from what is booked instead. The caller books that, and plays the products again.
pub fn unsay(tx: &mut Tx, group: GroupId) -> Result<Vec<Unsaid>> {
    let undone: Vec<(ActId, ProductId, ActId, Timestamp, Timestamp)> = tx.all(
        sql!(
            "SELECT id, product_id, undone_by, happened_at, recorded_at FROM acts
             WHERE group_id = $1 AND undone_by IS NOT NULL AND kind <> 'nothing' ORDER BY id"
        ),
        (group,),
    )?;
    let mut unsaid = Vec::with_capacity(undone.len());
    for (act, product, by, at, recorded_at) in undone {
        let mut stayed = Amount::ZERO;
        for id in [act, by] {
            let effects = acts::effects(tx, id)?.unwrap_or_default();
            stayed += effects.changes.iter().map(|change| change.amount).sum();
        }
        unsaid.push(Unsaid { product, at, recorded_at, stayed });
        acts::set_intent(tx, act, &Intent::Nothing)?;
        // Taking back may have been taken back as well.
        let mut next = Some(by);
        while let Some(id) = next {
            acts::set_intent(tx, id, &Intent::Nothing)?;
            (next,) = tx.one(sql!("SELECT undone_by FROM acts WHERE id = $1"), (id,))?;
        }
    }
    Ok(unsaid)
}

fn resay(tx: &mut Tx, act: ActId, before: &Kept, product: &Product, new: &NewAct) -> Result<Booked> {
    let was = acts::read_intent(&before.intent)?;
    acts::set_intent(tx, act, &new.intent)?;
    acts::set_said(tx, act, new)?;
    if was == new.intent || waits(tx, product)? {
        let effects = acts::effects(tx, act)?.unwrap_or_default();
        let touched = effects.changes.iter().map(|change| change.lot);
        let shown = touched.map(|lot| super::view(tx, lot)).collect::<Result<Vec<_>>>()?;
        let nothing = Booked::nothing(super::level(tx, product.id)?);
        return Ok(Booked { effects, lots: ids(&shown), shown, ..nothing });
    }
    let Outcome { before: level, after, shown } = replay(tx, product)?;
    let effects = acts::effects(tx, act)?.unwrap_or_default();
    if !matches!(new.intent, Intent::Take { .. } | Intent::Open { .. } | Intent::Move { .. }) {
        questions::explained(tx, act)?;
    }
    let came = |intent: &Intent| match intent {
        Intent::Receive { amount, .. } | Intent::Admit { amount, .. } => Some(*amount),
        _ => None,
    };
    if let (Some(amount), None, None) = (came(&was), came(&new.intent), before.undone_by) {
        scans::taken_back(tx, product.id, amount, Coming::Counted, before.recorded_at)?;
        late::give_back(tx, act)?;
    }
    Ok(Booked { before: level, after, effects, lots: ids(&shown), shown })
}
