//! Scans that are looked at again: because a person says what they were, a second code says more of them, or what
//! happened before them at their station arrived after them.
//!
//! What such a scan booked is then another act in the same place of the product's history; the difference is booked
//! as the ledger does with all that comes late.
//!
//! A code that says only until when, how much or which batch *completes* what was scanned before it: at the same
//! station, within a minute, and with nothing else in between. It fills gaps and never erases. The thing before means
//! from then on what both say together, so that taking the second back leaves the first as it was.

use hearth_shared::amount::Amount;
use hearth_shared::gs1::{Verb, parse};
use hearth_shared::scanning::{Mode, Outcome, ScanId, Scanned, Status, Tone};
use hearth_shared::time::Timestamp;

use super::history::{Standing, Step, Stood, When};
use super::{Scan, Settled, announce, doing, judged, meaning, say, stations, undoing, word};
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::house::{self, Language};
use crate::kitchen::ledger::Label;
use crate::kitchen::{ActId, PlaceId, ProductId};
use crate::kitchen::{day_of, shopping, stock, stocktakes};
use crate::{row, sql};

/// For how long a second code completes what was scanned before it.
const COMPLETES_SECONDS: i64 = 60;
/// How many codes may complete one thing.
const MOST: i64 = 20;

/// What a scan came to when it was looked at last.
pub(super) struct Before {
    pub(super) act: Option<ActId>,
    pub(super) product: Option<ProductId>,
    pub(super) mode: Mode,
    pub(super) received_at: Timestamp,
}

/// What was scanned about a thing after it.
#[derive(Default)]
pub(super) struct More {
    /// The scans that complete it, in their order, and their messages.
    pub(super) messages: Vec<(ScanId, String)>,
    pub(super) is_confirmed: bool,
}

/// A scan as it is kept.
pub(super) struct Kept {
    id: ScanId,
    said: String,
    station: String,
    seq: i64,
    happened_at: Timestamp,
    received_at: Timestamp,
    actor: String,
    stood: String,
    pub(super) outcome: String,
    pub(super) product_id: Option<ProductId>,
    pub(super) act_id: Option<ActId>,
    pub(super) about: Option<ScanId>,
}
row!(Kept {
    id,
    said,
    station,
    seq,
    happened_at,
    received_at,
    actor,
    stood,
    outcome,
    product_id,
    act_id,
    about
});

impl Kept {
    pub(super) fn sent(&self) -> Result<Scanned> {
        serde_json::from_str(&self.said)
            .map_err(|e| Error::broken("database-shape", "A kept scan cannot be read.").because(e))
    }

    /// The code, as it is read.
    pub(super) fn message(&self) -> Result<String> {
        self.sent().map(|sent| meaning::message(&sent))
    }

    pub(super) fn answer(&self) -> Result<Outcome> {
        serde_json::from_str(&self.outcome)
            .map_err(|e| Error::broken("database-shape", "A kept answer cannot be read.").because(e))
    }

    /// How its station stood.
    pub(super) fn standing(&self, tx: &Tx) -> Result<Standing> {
        match self.stood.as_str() {
            "" => Ok(stations::left(tx, &self.station)?.standing().at(self.happened_at)),
            stood => Ok(Stood::read(stood)?.standing),
        }
    }

    fn when(&self) -> When {
        When { at: self.happened_at, seq: self.seq, id: self.id.0 }
    }

    pub(super) fn scan<'a>(
        &self,
        tx: &Tx,
        sent: &'a Scanned,
        standing: Standing,
        was: Mode,
    ) -> Result<Scan<'a>> {
        let language = house::find(tx)?.map_or(Language::English, |house| house.language);
        let scan = Scan::of(sent, &self.station, &self.when(), standing, language, &self.actor);
        let (act, product) = (self.act_id, self.product_id);
        let before = Before { act, product, mode: was, received_at: self.received_at };
        Ok(Scan { before: Some(before), more: more(tx, self.id)?, ..scan })
    }
}

pub(super) fn find(tx: &Tx, id: ScanId) -> Result<Option<Kept>> {
    tx.maybe(
        sql!(
            "SELECT id, said, station, seq, happened_at, received_at, actor, stood, outcome, product_id, act_id,
                 about
             FROM scans WHERE id = $1"
        ),
        (id,),
    )
}

fn get(tx: &Tx, id: ScanId) -> Result<Kept> {
    find(tx, id)?.ok_or_else(|| Error::broken("database-shape", "A scan is gone."))
}

fn more(tx: &Tx, id: ScanId) -> Result<More> {
    let about: Vec<(ScanId, String)> = tx.all(
        sql!("SELECT id, said FROM scans WHERE about = $1 ORDER BY happened_at, seq, id LIMIT $2"),
        (id, MOST),
    )?;
    let mut more = More::default();
    for (id, said) in about {
        let sent: Scanned = serde_json::from_str(&said)
            .map_err(|e| Error::broken("database-shape", "A kept scan cannot be read.").because(e))?;
        let message = meaning::message(&sent);
        let context = meaning::context(tx, tx.now())?;
        match parse(message.as_bytes(), &context).command() {
            Some((Verb::Confirm, _)) => more.is_confirmed = true,
            _ => more.messages.push((id, message)),
        }
    }
    Ok(more)
}

/// The thing that a code scanned then would complete.
fn completed(standing: &Standing, at: Timestamp) -> Option<ScanId> {
    let thing = standing.thing.filter(|thing| at <= thing.at.plus_seconds(COMPLETES_SECONDS))?;
    Some(thing.scan)
}

/// A code that says more of the thing before it.
pub(super) fn addition(scan: &Scan<'_>) -> Result<Settled> {
    let thing = completed(&scan.standing, scan.at).ok_or_else(|| {
        let detail = "This code says only until when, how much or which batch: scan first what it is about.";
        Error::conflict("nothing-to-complete", detail)
    })?;
    let outcome = scan.outcome(Status::Applied, Tone::Ok);
    Ok(Settled { about: Some(thing), ..Settled::told(outcome) })
}

/// Looks at a thing again that a scan completes or confirms, and answers with what became of it.
pub(super) fn told_more(tx: &mut Tx, scan: &Scan<'_>, thing: ScanId, settled: &Settled) -> Result<Outcome> {
    let of = once_more(tx, thing)?;
    let mut outcome = Outcome { scan_id: scan.sent.scan_id, ..of.outcome };
    if settled.step == Step::Addition && matches!(outcome.status, Status::Applied | Status::Info) {
        let context = meaning::context(tx, scan.at)?;
        let message = meaning::message(scan.sent);
        let said = meaning::said(&meaning::more(&message, &context));
        outcome.lines.truncate(1);
        let today = day_of(tx, scan.at)?;
        outcome.lines.extend(say::completed(scan.language, today, &said, outcome.expiry.as_ref()));
    }
    if settled.step == Step::Addition && agrees(tx, scan, thing)? {
        doing::calm(&mut outcome, doing::LABELS_DIFFER);
    }
    if scan.is_clock_wrong {
        outcome.warnings.push("clock".to_owned());
    }
    tx.run(
        sql!("UPDATE scans SET status = $2, outcome = $3, product_id = $4 WHERE id = $1"),
        (scan.sent.scan_id, word(&outcome), written(&outcome)?, of.product),
    )?;
    Ok(outcome)
}

/// Whether a code says the same of a thing as what was kept of it before, whatever others said behind it.
fn agrees(tx: &Tx, scan: &Scan<'_>, thing: ScanId) -> Result<bool> {
    let context = meaning::context(tx, scan.at)?;
    let label = |read: &hearth_shared::gs1::Scan<'_>| meaning::label(read, "", Amount::ONE).0;
    let first = get(tx, thing)?.message()?;
    let first = parse(first.as_bytes(), &context);
    let mut known = match doing::named_lot(tx, &first)? {
        Some(_) => Label::default(),
        None => label(&first),
    };
    for (id, message) in more(tx, thing)?.messages {
        let agrees = meaning::fill(&mut known, &label(&meaning::more(&message, &context)));
        if id == scan.sent.scan_id {
            return Ok(agrees);
        }
    }
    Ok(true)
}

/// Looks at a scan again as its station stood.
fn once_more(tx: &mut Tx, id: ScanId) -> Result<Settled> {
    let kept = get(tx, id)?;
    let (sent, standing) = (kept.sent()?, kept.standing(tx)?);
    let was = sent.mode.unwrap_or(standing.mode);
    again(tx, &kept, &sent, standing, was)
}

/// A scan meets another standing than it did. Answers what it makes of that.
pub(super) fn meet(tx: &mut Tx, id: ScanId, stood: &Stood, standing: &Standing) -> Result<Step> {
    let kept = get(tx, id)?;
    let sent = kept.sent()?;
    let means = |standing: &Standing| {
        let scan =
            Scan::of(&sent, &kept.station, &kept.when(), standing.clone(), Language::English, &kept.actor);
        (scan.setting.mode, scan.setting.person_id, scan.setting.place_id, scan.times)
    };
    let is_otherwise = match stood.step {
        Step::Thing | Step::Miss => means(&stood.standing) != means(standing),
        Step::Addition => {
            completed(&stood.standing, kept.happened_at) != completed(standing, kept.happened_at)
        }
        // A card may begin the count of a place, or of another.
        Step::Mode(_) | Step::Place(_) => {
            let begins = |standing: &Standing| stations::begins(&sent, &kept.when(), standing, &stood.step);
            begins(&stood.standing) != begins(standing)
        }
        // What was asked is answered once; but an answer may come before what it answers.
        Step::Nothing => stood.standing.thing.is_none() && standing.thing.is_some(),
        _ => false,
    };
    let is_dismissed = kept.answer()?.problem.is_some_and(|problem| problem.code == "dismissed");
    if !is_otherwise || is_dismissed {
        return Ok(stood.step.clone());
    }
    let was = sent.mode.unwrap_or(stood.standing.mode);
    Ok(again(tx, &kept, &sent, standing.clone(), was)?.step)
}

fn again(tx: &mut Tx, kept: &Kept, sent: &Scanned, standing: Standing, was: Mode) -> Result<Settled> {
    // What was counted is looked through before it is booked, and stays what it was then.
    if stocktakes::scans::is_settled(tx, kept.id)? {
        let step = if kept.stood.is_empty() { Step::Thing } else { Stood::read(&kept.stood)?.step };
        let (product, act, about) = (kept.product_id, kept.act_id, kept.about);
        return Ok(Settled { product, act, about, step, ..Settled::told(kept.answer()?) });
    }
    let scan = kept.scan(tx, sent, standing, was)?;
    let mut settled = judged(tx, &scan)?;
    if let Some(act) = kept.act_id.filter(|act| settled.act != Some(*act)) {
        stock::withdraw(tx, act)?;
    }
    write(tx, kept, &settled)?;
    forget_parts(tx, kept.id, &settled)?;
    if kept.about != settled.about {
        if let Some(thing) = kept.about {
            once_more(tx, thing)?;
        }
        if let Some(thing) = settled.about {
            settled.outcome = told_more(tx, &scan, thing, &settled)?;
        }
    }
    if kept.about.is_none() {
        undoing::at_once(tx, kept.id, &settled)?;
    }
    announce(tx, &scan, &settled.outcome)?;
    Ok(settled)
}

/// A scan wrote nothing on the shopping list after all, or has no part in the count of a place; nor has then what was
/// scanned there because of it.
fn forget_parts(tx: &mut Tx, id: ScanId, settled: &Settled) -> Result<()> {
    if !settled.lists {
        shopping::scans::forget(tx, id)?;
    }
    if settled.counts {
        return Ok(());
    }
    for other in stocktakes::scans::forget(tx, id)? {
        once_more(tx, other)?;
    }
    Ok(())
}

/// A card begins the count of a place, or goes on with it: what was counted there by itself from then on is a part of
/// it.
pub(super) fn begin(
    tx: &mut Tx,
    place: PlaceId,
    card: &stocktakes::scans::Scanned,
) -> Result<stocktakes::Stocktake> {
    if let Some(take) = stocktakes::scans::begun_by(tx, place, card.id)? {
        return Ok(take);
    }
    for other in stocktakes::scans::forget(tx, card.id)? {
        once_more(tx, other)?;
    }
    let take = stocktakes::scans::begun(tx, place, card)?;
    for id in stocktakes::scans::alone(tx, take.begun_at)? {
        let Some(kept) = find(tx, id)? else { continue };
        let (sent, standing) = (kept.sent()?, kept.standing(tx)?);
        let was = sent.mode.unwrap_or(standing.mode);
        let setting = kept.scan(tx, &sent, standing.clone(), was)?.setting;
        if setting.mode == Mode::Count && setting.place_id == Some(place.0) {
            again(tx, &kept, &sent, standing, was)?;
        }
    }
    stocktakes::get(tx, take.id)
}

/// An act stays that of its scan, also while it does nothing: it may do something again, and may have been taken back.
fn write(tx: &mut Tx, kept: &Kept, settled: &Settled) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE scans SET status = $2, outcome = $3, product_id = $4, act_id = $5, about = $6 WHERE id = $1"
        ),
        (
            kept.id,
            word(&settled.outcome),
            written(&settled.outcome)?,
            settled.product,
            settled.act.or(kept.act_id),
            settled.about,
        ),
    )?;
    Ok(())
}

pub(super) fn written(outcome: &Outcome) -> Result<String> {
    serde_json::to_string(outcome)
        .map_err(|e| Error::broken("answer-shape", "An answer could not be kept.").because(e))
}

/// A scan that completes or confirms a thing does so no more.
pub(super) fn forget(tx: &mut Tx, id: ScanId) -> Result<()> {
    let kept = get(tx, id)?;
    tx.run(sql!("UPDATE scans SET about = NULL WHERE id = $1"), (id,))?;
    kept.about.map_or(Ok(()), |thing| once_more(tx, thing).map(|_| ()))
}

/// As [`forget`], with what there is to tell to whoever takes it back.
pub(super) fn take_back(
    tx: &mut Tx,
    scan: &Scan<'_>,
    kept: &Kept,
    mut outcome: Outcome,
) -> Result<(Option<ProductId>, Outcome)> {
    forget(tx, kept.id)?;
    let Some(thing) = kept.about else { return Ok((None, outcome)) };
    let of = get(tx, thing)?;
    let answer = of.answer()?;
    outcome.lines = say::undone(scan.language, None);
    outcome.lines.extend(answer.product.as_ref().map(|product| product.name.clone()));
    (outcome.product, outcome.before, outcome.after) = (answer.product, answer.before, answer.after);
    outcome.unit = answer.unit;
    Ok((of.product_id, outcome))
}

/// Settles a scan otherwise, by a person's word.
pub(super) fn settle(
    tx: &mut Tx,
    id: ScanId,
    settle: impl FnOnce(&mut Tx, &Scan<'_>) -> Result<Settled>,
) -> Result<Outcome> {
    let kept = get(tx, id)?;
    let (sent, standing) = (kept.sent()?, kept.standing(tx)?);
    let was = sent.mode.unwrap_or(standing.mode);
    let scan = kept.scan(tx, &sent, standing, was)?;
    let settled = settle(tx, &scan)?;
    write(tx, &kept, &settled)?;
    forget_parts(tx, id, &settled)?;
    announce(tx, &scan, &settled.outcome)?;
    Ok(settled.outcome)
}
