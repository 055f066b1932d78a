//! Acts that turn out to be others than they were booked as.

use hearth_shared::time::Timestamp;

use super::{
    ActId, Booked, Intent, NewAct, Outcome, Product, ProductId, Shortage, acts, book, ids, replay, waits,
};
use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::kitchen::products;
use crate::kitchen::questions;
use crate::kitchen::shopping::scans::{self, Coming};
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

/// An act turns out to have done nothing.
pub fn withdraw(tx: &mut Tx, act: ActId) -> Result<()> {
    let before = kept(tx, act)?;
    let product = products::get(tx, before.product_id)?;
    let nothing = NewAct::now(tx, Intent::Nothing);
    resay(tx, act, &before, &product, &nothing).map(|_| ())
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
    }
    Ok(Booked { before: level, after, effects, lots: ids(&shown), shown })
}
