//! The card that says yes: to what the last scan of its station asked.
//!
//! * Several products have the code: it is the first that was named.
//! * More was used than the house knew of: it was bought and not scanned.
//! * This very pack is here already: it is another one, and is added.
//!
//! In a place that is being counted it books the count. Where nothing was asked it says that a warning was seen, and
//! changes nothing. So does a second one.

use hearth_shared::gs1::{Verb, command};
use hearth_shared::scanning::{Mode, Outcome, ScanId, Scanned, Status, Tone};

use super::history::When;
use super::{Scan, Settled, anew, apply_as, candidates, fingerprint, keep, say, stations};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::house::{self, Language};
use crate::kitchen::questions::{self, Answer};
use crate::kitchen::{PlaceId, products, stock, stocktakes};

/// For how long a question can be answered by the card.
const ANSWERS_SECONDS: i64 = 600;

pub(super) fn answer(tx: &mut Tx, scan: &Scan<'_>) -> Result<Settled> {
    if let (Mode::Count, Some(place)) = (scan.setting.mode, scan.setting.place_id)
        && stocktakes::scans::joined(tx, PlaceId(place), &scan.counted(tx))?.is_some()
    {
        return stations::command(tx, scan, Verb::Confirm, "");
    }
    let thing = scan.standing.thing.filter(|thing| scan.at <= thing.at.plus_seconds(ANSWERS_SECONDS));
    let kept = thing.map(|thing| anew::find(tx, thing.scan)).transpose()?.flatten();
    let (Some(thing), Some(kept)) = (thing, kept) else {
        let mut outcome = scan.outcome(Status::Info, Tone::Ok);
        outcome.lines = say::nothing_asked(scan.language);
        return Ok(Settled::told(outcome));
    };
    let asked = kept.answer()?;
    let has = |warning: &str| asked.warnings.iter().any(|known| known == warning);
    if has("several-products") && kept.product_id.is_none() {
        let first = candidates(tx, &kept.message()?, thing.at)?.into_iter().next();
        if let Some(first) = first {
            let of = apply_as(tx, thing.scan, first.id)?;
            let outcome = Outcome { scan_id: scan.sent.scan_id, ..of };
            return Ok(Settled { product: Some(first.id), ..Settled::told(outcome) });
        }
    }
    if has("already-here") {
        let outcome = scan.outcome(Status::Applied, Tone::Ok);
        return Ok(Settled { about: Some(thing.scan), ..Settled::told(outcome) });
    }
    if let Some(question) = kept.act_id.map(|act| questions::open_about(tx, act)).transpose()?.flatten() {
        let before = stock::level(tx, question.product_id)?;
        stock::answer(tx, question.id, Answer::Bought)?;
        let product = products::get(tx, question.product_id)?;
        let mut outcome = Outcome { scan_id: scan.sent.scan_id, ..asked };
        (outcome.status, outcome.tone) = (Status::Applied, Tone::Ok);
        (outcome.before, outcome.after) = (Some(before), Some(stock::level(tx, product.id)?));
        outcome.lines = say::bought(scan.language, &product, question.quantity);
        return Ok(Settled { product: Some(product.id), ..Settled::told(outcome) });
    }
    let mut outcome = Outcome { scan_id: scan.sent.scan_id, ..asked };
    (outcome.status, outcome.tone, outcome.problem) = (Status::Info, Tone::Ok, None);
    outcome.lines =
        say::confirmed(scan.language, outcome.product.as_ref().map(|product| product.name.as_str()));
    Ok(Settled { product: kept.product_id, ..Settled::told(outcome) })
}

/// A person says elsewhere that a pack whose number is here already is another one: as the card would, at no station.
pub fn is_another(tx: &mut Tx, id: ScanId) -> Result<Outcome> {
    let code = command(Verb::Confirm, "")
        .ok_or_else(|| Error::broken("answer-shape", "The card that says yes cannot be written."))?;
    let sent = Scanned::of(ScanId(tx.new_id()), code);
    let (said, digest) = fingerprint(&sent)?;
    let language = house::find(tx)?.map_or(Language::English, |house| house.language);
    let standing = stations::left(tx, "")?.standing();
    let when = When { at: tx.now(), seq: 0, id: sent.scan_id.0 };
    let actor = tx.actor().key();
    let scan = Scan::of(&sent, "", &when, standing, language, &actor);
    let settled = Settled { about: Some(id), ..Settled::told(scan.outcome(Status::Applied, Tone::Ok)) };
    keep(tx, &scan, &said, &digest, &settled)?;
    anew::told_more(tx, &scan, id, &settled)
}
