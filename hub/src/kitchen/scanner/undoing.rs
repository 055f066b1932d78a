//! Taking scans back: the one that is named, or the last one that was scanned there before.
//!
//! Which one is the last follows from when things were scanned: what arrives late and was scanned before an undo that
//! names none may be what it takes back, instead of what was the last until then. That one stands again, unless
//! another undo took it back as well.

use hearth_shared::scanning::{Item, Outcome, Refusal, ScanId, Status, Tone};
use hearth_shared::time::Timestamp;

use super::history::When;
use super::{Scan, Settled, anew, say, word};
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::kitchen::ledger::Intent;
use crate::kitchen::shopping::scans::Back as Listed;
use crate::kitchen::stock::{self, NewAct, Shortage};
use crate::kitchen::stocktakes::scans::Back;
use crate::kitchen::{ActId, ProductId, products, shopping, stocktakes};
use crate::{row, sql};

/// How many undos are looked at in one go.
const PAGE: i64 = 50;
/// What is said where nothing was taken back.
const NOTHING: &str = "nothing-to-undo";
const CHANGED_NOTHING: &str = "That scan changed nothing.";
const STAYS_LISTED: &str = "What that scan wrote on the list was bought, struck out or changed since.";

/// Takes back the scan that is named, or the last one of the same station.
pub(super) fn take_back(tx: &mut Tx, scan: &Scan<'_>) -> Result<Settled> {
    let target = match scan.sent.undoes {
        Some(id) => id,
        None => last_before(tx, &scan.station, &scan.when())?.ok_or_else(|| {
            Error::conflict("nothing-to-undo", "There is no scan here that could be taken back.")
        })?,
    };
    let mut outcome = scan.outcome(Status::Undone, Tone::Ok);
    outcome.lines = say::undone(scan.language, None);
    let told = |outcome| Settled { undoes: Some(target), ..Settled::told(outcome) };
    let Some(kept) = anew::find(tx, target)? else {
        // It has not arrived yet; when it does, it is taken back at once.
        return Ok(told(outcome));
    };
    if kept.about.is_some() {
        let (product, outcome) = anew::take_back(tx, scan, &kept, outcome)?;
        return Ok(Settled { product, ..told(outcome) });
    }
    if let Some(back) = stocktakes::scans::take_back(tx, target)? {
        counted_back(scan, &mut outcome, back);
        return Ok(Settled { product: kept.product_id, ..told(outcome) });
    }
    if let Some((product, back)) = shopping::scans::take_back(tx, target)? {
        if back != Listed::Taken {
            outcome = scan.refused(NOTHING, STAYS_LISTED);
        }
        outcome.lines = say::listed_back(scan.language, back, kept.answer()?.product.map(|it| it.name));
        return Ok(Settled { product: Some(product), ..told(outcome) });
    }
    let Some(act) = kept.act_id else {
        // It may turn out to have done something: what is known of its station may not be all.
        return Ok(told(scan.refused(NOTHING, CHANGED_NOTHING)));
    };
    let undone = match stock::is_undone(tx, act)? {
        false => stock::undo(tx, act, scan.new_act(tx), Shortage::Ask)?,
        true if is_before(tx, &scan.when(), act)? => stock::undone_before(tx, act, &scan.new_act(tx))?,
        // Whatever took it back may turn out to have taken back another.
        true => return Ok(told(scan.refused("already-undone", "This was taken back already."))),
    };
    let product = products::get(tx, undone.product)?;
    outcome.lines = say::undone(scan.language, Some((&product, &undone.booked)));
    outcome.product = Some(Item { id: product.id.0, name: product.name.clone() });
    (outcome.before, outcome.after) = (Some(undone.booked.before), Some(undone.booked.after));
    outcome.unit = Some(product.base_unit.as_str().to_owned());
    Ok(Settled { product: kept.product_id, ..told(outcome) })
}

/// Whether `first` stands before the scan that took an act back, if one did.
fn is_before(tx: &Tx, first: &When, act: ActId) -> Result<bool> {
    let Some(scan) = stock::undoing_scan(tx, act)? else { return Ok(false) };
    let found: Option<(Timestamp, i64)> =
        tx.maybe(sql!("SELECT happened_at, seq FROM scans WHERE id = $1"), (scan,))?;
    Ok(found.is_some_and(|(at, seq)| *first < When { at, seq, id: scan.0 }))
}

/// What is said where a count is less, or is not committed any more.
fn counted_back(scan: &Scan<'_>, outcome: &mut Outcome, back: Back) {
    match back {
        Back::Line { name, before, after } => {
            outcome.lines.push(name);
            (outcome.before, outcome.after) = (Some(before), Some(after));
        }
        Back::Whole(take) => outcome.lines.push(say::counting(scan.language, &take.place_name)),
    }
}

/// The last scan of a station before a moment that changed something and was not taken back until then; nor by a
/// person, whenever they did.
fn last_before(tx: &Tx, station: &str, when: &When) -> Result<Option<ScanId>> {
    let found: Option<(ScanId,)> = tx.maybe(
        sql!(
            "SELECT s.id FROM scans s LEFT JOIN acts a ON a.id = s.act_id
                 LEFT JOIN acts b ON b.id = a.undone_by
                 LEFT JOIN stocktake_entries c ON c.id = s.id LEFT JOIN shopping_scans w ON w.scan_id = s.id
             WHERE s.station = $1 AND (s.happened_at, s.seq, s.id) < ($2, $3, $4)
                 AND (a.id IS NOT NULL AND a.kind <> 'nothing' AND (b.id IS NULL OR b.scan_id IS NOT NULL)
                     OR w.scan_id IS NOT NULL
                     OR c.what IN ('more', 'commit') AND (c.taken_back_at IS NULL OR EXISTS
                         (SELECT 1 FROM scans v WHERE v.undoes = s.id)))
                 AND NOT EXISTS (SELECT 1 FROM scans u
                     WHERE u.undoes = s.id AND (u.happened_at, u.seq, u.id) < ($2, $3, $4))
             ORDER BY s.happened_at DESC, s.seq DESC, s.id DESC LIMIT 1"
        ),
        (station, when.at, when.seq, when.id),
    )?;
    Ok(found.map(|(id,)| id))
}

/// A scan that takes another back.
struct Undo {
    id: ScanId,
    happened_at: Timestamp,
    station: String,
    seq: i64,
    undoes: Option<ScanId>,
    outcome: String,
}
row!(Undo { id, happened_at, station, seq, undoes, outcome });

impl Undo {
    fn when(&self) -> When {
        When { at: self.happened_at, seq: self.seq, id: self.id.0 }
    }

    fn answer(&self) -> Result<Outcome> {
        serde_json::from_str(&self.outcome)
            .map_err(|e| Error::broken("database-shape", "A kept answer cannot be read.").because(e))
    }

    /// Whether it was to take back what stayed on the list as it was, or had left it.
    fn left_on_the_list(&self) -> Result<bool> {
        Ok(self.answer()?.problem.is_some_and(|problem| problem.detail == STAYS_LISTED))
    }

    /// The act that it books. It may have booked another before.
    fn act(&self, tx: &Tx, target: ActId) -> Result<NewAct> {
        let own = ActId(self.id.0);
        let new = NewAct::now(tx, Intent::Undo { target });
        let id = if stock::is_known(tx, own)? { new.id } else { own };
        let (at, station, seq) = (Some(self.happened_at), self.station.clone(), self.seq);
        Ok(NewAct { id, at, station, seq, scan: Some(self.id), ..new })
    }
}

/// A scan whose undoing arrived before it, or that turned out to do something after it was taken back.
pub(super) fn at_once(tx: &mut Tx, id: ScanId, settled: &Settled) -> Result<()> {
    let earlier: Vec<Undo> = tx.all(
        sql!("SELECT id, happened_at, station, seq, undoes, outcome FROM scans WHERE undoes = $1"),
        (id,),
    )?;
    let Some(undo) = earlier.into_iter().min_by_key(Undo::when) else {
        return Ok(());
    };
    match (settled.act, settled.about) {
        (Some(act), _) => {
            let (new, when) = (undo.act(tx, act)?, undo.when());
            match stock::is_undone(tx, act)? {
                false => stock::undo(tx, act, new, Shortage::Ask).map(|_| ()),
                true if is_before(tx, &when, act)? => stock::undone_before(tx, act, &new).map(|_| ()),
                true => Ok(()),
            }
        }
        (None, Some(_)) => anew::forget(tx, id),
        (None, None) => {
            shopping::scans::take_back(tx, id)?;
            stocktakes::scans::take_back(tx, id).map(|_| ())
        }
    }
}

/// Something was scanned before undos that name no scan, and arrived after them.
pub(super) fn follow(tx: &mut Tx, station: &str, from: &When) -> Result<()> {
    let mut from = *from;
    loop {
        let undos: Vec<Undo> = tx.all(
            sql!(
                "SELECT id, happened_at, station, seq, undoes, outcome FROM scans
                 WHERE station = $1 AND takes_last AND (happened_at, seq, id) > ($2, $3, $4)
                 ORDER BY happened_at, seq, id LIMIT $5"
            ),
            (station, from.at, from.seq, from.id, PAGE),
        )?;
        let Some(last) = undos.last() else { return Ok(()) };
        from = last.when();
        for undo in &undos {
            let target = last_before(tx, station, &undo.when())?;
            if target != undo.undoes {
                takes(tx, undo, target)?;
            }
        }
    }
}

/// An undo takes another scan back than it did.
fn takes(tx: &mut Tx, undo: &Undo, target: Option<ScanId>) -> Result<()> {
    tx.run(sql!("UPDATE scans SET undoes = $2 WHERE id = $1"), (undo.id, target))?;
    if let Some(before) = undo.undoes {
        stands_again(tx, undo, before)?;
    }
    let kept = target.map(|target| anew::find(tx, target)).transpose()?.flatten();
    let Some(kept) = kept else { return says_otherwise(tx, undo, None, None) };
    let settled = Settled { act: kept.act_id, ..Settled::told(kept.answer()?) };
    let id = settled.outcome.scan_id;
    let mut listed = None;
    if stocktakes::scans::take_back(tx, id)?.is_none() {
        listed = shopping::scans::take_back(tx, id)?.map(|(_, back)| back);
        if listed.is_none() {
            at_once(tx, id, &settled)?;
        }
    }
    says_otherwise(tx, undo, kept.product_id, Some(listed.unwrap_or(Listed::Taken)))
}

/// An undo answers otherwise than it did: it took back another scan, or none.
fn says_otherwise(tx: &mut Tx, undo: &Undo, product: Option<ProductId>, back: Option<Listed>) -> Result<()> {
    let mut outcome = undo.answer()?;
    let named = product.map(|id| products::get(tx, id)).transpose()?;
    let is_back = back == Some(Listed::Taken);
    (outcome.status, outcome.tone) =
        if is_back { (Status::Undone, Tone::Ok) } else { (Status::Refused, Tone::Bad) };
    outcome.product = named.map(|product| Item { id: product.id.0, name: product.name.clone() });
    (outcome.before, outcome.after) = (None, None);
    let why = if back.is_some() { STAYS_LISTED } else { CHANGED_NOTHING };
    outcome.problem = (!is_back).then(|| Refusal { code: NOTHING.to_owned(), detail: why.to_owned() });
    let language = crate::house::find(tx)?.map_or(crate::house::Language::English, |house| house.language);
    let name = outcome.product.as_ref().map(|item| item.name.clone());
    outcome.lines = match back {
        Some(back) => say::listed_back(language, back, name),
        None => say::refused(language, NOTHING, ""),
    };
    tx.run(
        sql!("UPDATE scans SET status = $2, outcome = $3, product_id = $4 WHERE id = $1"),
        (undo.id, word(&outcome), anew::written(&outcome)?, product),
    )?;
    Ok(())
}

/// A scan was not taken back after all, unless another undo did so as well.
fn stands_again(tx: &mut Tx, undo: &Undo, id: ScanId) -> Result<()> {
    let Some(kept) = anew::find(tx, id)? else { return Ok(()) };
    let listed = match undo.left_on_the_list()? {
        true => shopping::scans::stayed(tx, id)?,
        false => shopping::scans::stands_again(tx, id)?,
    };
    if listed || stocktakes::scans::stands_again(tx, id)? {
        let settled = Settled::told(kept.answer()?);
        return at_once(tx, id, &settled);
    }
    let Some(act) = kept.act_id else { return Ok(()) };
    if stock::stands_again(tx, act, undo.id)? {
        let settled = Settled { act: Some(act), ..Settled::told(kept.answer()?) };
        at_once(tx, id, &settled)?;
    }
    Ok(())
}
