//! Scans: what a code means where it was scanned, and what is done about it.
//!
//! A scan has an id of its own and is applied once, however often it arrives; the same id with other content is
//! refused, and the first answer named. Every scan is kept as it came, with what became of it; one that cannot be
//! booked is settled too, so that a station may forget it and a person can still see it.
//!
//! What a scan does follows from the mode, the person and the place of its station ([`stations`]), unless the scan
//! says so itself; and that from what happened there before, in whatever order it arrives ([`history`]). What it means
//! follows from its code ([`meaning`]), and from a second one behind it. What is done is an act ([`doing`]), which is
//! another one when a scan turns out to mean something else ([`anew`]), and may be taken back ([`undoing`]).

mod anew;
mod confirm;
mod doing;
mod history;
pub mod http;
mod meaning;
mod names;
pub mod past;
pub mod patterns;
mod say;
mod stations;
mod undoing;
mod unnamed;

#[cfg(test)]
pub(crate) mod tests;

use hearth_shared::amount::Amount;
use hearth_shared::gs1::Verb;
use hearth_shared::id::Id;
use hearth_shared::scanning::{Item, Mode, Outcome, Refusal, ScanId, Scanned, Setting, Status, Tone};
use hearth_shared::time::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::auth::{Actor, hex};
use crate::bus::Channel;
use crate::db::{Bind, Cell, Column, Param, Tx, Verbs};
use crate::devices::DeviceKind;
use crate::error::{Error, Result};
use crate::house::members::{self, Name};
use crate::house::{self, Language};
use crate::sql;

use super::stock::{self, NewAct};
use super::{ActId, ProductId, products, stocktakes};

use history::{Standing, Step, Stood, When};
use patterns::Choice;

pub use confirm::is_another;
pub(in crate::kitchen) use meaning::context;
pub use names::names;
pub use stations::{Change, Station, all, change, change_all, find};
pub(in crate::kitchen) use unnamed::counted as said_counting;

impl Bind for ScanId {
    fn bind(&self) -> Param<'_> {
        self.0.bind()
    }
}

impl Column for ScanId {
    fn read(cell: Cell<'_>) -> Option<ScanId> {
        Id::read(cell).map(ScanId)
    }
}

/// The word for "what the code stands for" where an amount is said in it.
const PACK: &str = "pack";
/// The longest message that is kept.
const LONGEST_CODE: usize = 8191;
/// A station's clock may be ahead by so much before it is not believed.
const AHEAD_SECONDS: i64 = 120;
/// No clock that is right shows an earlier time: 2025-01-01.
const BEFORE_ANY: Timestamp = Timestamp::from_millis(1_735_689_600_000);

/// A scan that is being applied.
struct Scan<'a> {
    sent: &'a Scanned,
    /// The station's id, or that of a browser; empty for neither.
    station: String,
    at: Timestamp,
    /// Its number at the station, or else its place in the list in which it came.
    seq: i64,
    /// The clock of the station was not believed.
    is_clock_wrong: bool,
    /// How the station stood.
    standing: Standing,
    setting: Setting,
    /// How often it counts, by a card before it.
    times: Option<Amount>,
    language: Language,
    /// What it came to before, when it is looked at again.
    before: Option<anew::Before>,
    /// What second codes said of it, and whether it was confirmed.
    more: anew::More,
}

/// What became of a scan, with what is kept beside the answer.
struct Settled {
    outcome: Outcome,
    product: Option<ProductId>,
    act: Option<ActId>,
    undoes: Option<ScanId>,
    /// The scan before it that it completes or confirms.
    about: Option<ScanId>,
    /// It has a part in the count of a place.
    counts: bool,
    /// It wrote something on the shopping list.
    lists: bool,
    step: Step,
}

impl Settled {
    fn told(outcome: Outcome) -> Settled {
        Settled {
            outcome,
            product: None,
            act: None,
            undoes: None,
            about: None,
            counts: false,
            lists: false,
            step: Step::Nothing,
        }
    }
}

impl<'a> Scan<'a> {
    fn of(
        sent: &'a Scanned,
        station: &str,
        when: &When,
        standing: Standing,
        language: Language,
        actor: &str,
    ) -> Scan<'a> {
        let setting = Setting {
            mode: sent.mode.unwrap_or(standing.mode),
            person_id: sent.person_id.or(standing.person.map(|id| id.0)),
            place_id: sent.place_id.or(standing.place.map(|id| id.0)),
            until: standing.until,
        };
        // A station that names the mode keeps count by itself: what a card said there is in its scans.
        let counts_itself = sent.mode.is_some() && actor == format!("station:{station}");
        Scan {
            sent,
            station: station.to_owned(),
            at: when.at,
            seq: when.seq,
            is_clock_wrong: false,
            times: standing.quantity.filter(|_| !counts_itself),
            standing,
            setting,
            language,
            before: None,
            more: anew::More::default(),
        }
    }

    /// Where it stands among all that happened at its station.
    fn when(&self) -> When {
        When { at: self.at, seq: self.seq, id: self.sent.scan_id.0 }
    }

    /// The same, as far as the count of a place depends on it.
    fn counted(&self, tx: &Tx) -> stocktakes::scans::Scanned {
        stocktakes::scans::Scanned {
            id: self.sent.scan_id,
            station: self.station.clone(),
            at: self.at,
            seq: self.seq,
            is_timed: self.sent.scanned_at.is_some(),
            received_at: self.before.as_ref().map_or(tx.now(), |before| before.received_at),
        }
    }

    /// An answer with nothing in it yet.
    fn outcome(&self, status: Status, tone: Tone) -> Outcome {
        Outcome {
            scan_id: self.sent.scan_id,
            status,
            product: None,
            lot: None,
            before: None,
            after: None,
            unit: None,
            expiry: None,
            warnings: if self.is_clock_wrong { vec!["clock".to_owned()] } else { Vec::new() },
            lines: Vec::new(),
            tone,
            problem: None,
            setting: None,
        }
    }

    /// What cannot be booked is settled as well.
    fn refused(&self, code: &str, detail: &str) -> Outcome {
        let mut outcome = self.outcome(Status::Refused, Tone::Bad);
        outcome.lines = say::refused(self.language, code, &self.sent.code);
        outcome.problem = Some(Refusal { code: code.to_owned(), detail: detail.to_owned() });
        outcome
    }

    fn new_act(&self, tx: &Tx) -> NewAct {
        let dummy = super::ledger::Intent::Undo { target: ActId(self.sent.scan_id.0) };
        NewAct {
            id: ActId(self.sent.scan_id.0),
            at: self.sent.scanned_at.map(|_| self.at).or(self.before.as_ref().map(|_| self.at)),
            station: self.station.clone(),
            seq: self.seq,
            scan: Some(self.sent.scan_id),
            ..NewAct::now(tx, dummy)
        }
    }
}

/// Applies a scan, or answers as it did the first time.
pub fn apply(tx: &mut Tx, sent: &Scanned) -> Result<Outcome> {
    apply_listed(tx, sent, 0)
}

/// As [`apply`], of one in a list: its place there stands for a number where the scan has none.
fn apply_listed(tx: &mut Tx, sent: &Scanned, listed: i64) -> Result<Outcome> {
    let station = station_of(tx.actor(), sent.station_id)?;
    let (said, fingerprint) = fingerprint(sent)?;
    if let Some(before) = first_answer(tx, sent.scan_id, &fingerprint)? {
        return Ok(before);
    }
    let language = house::find(tx)?.map_or(Language::English, |house| house.language);
    let station = stations::left(tx, &station)?;
    let (at, is_clock_wrong) = placed(tx, sent, &station);
    let when = When { at, seq: sent.seq.unwrap_or(listed), id: sent.scan_id.0 };
    let met = history::before(tx, &station, &when)?;
    let actor = tx.actor().key();
    let scan = Scan::of(sent, &station.id, &when, met.standing.clone(), language, &actor);
    let scan = Scan { is_clock_wrong, ..scan };
    let mut settled = judged(tx, &scan)?;
    keep(tx, &scan, &said, &fingerprint, &settled)?;
    if let Some(thing) = settled.about {
        settled.outcome = anew::told_more(tx, &scan, thing, &settled)?;
    }
    stations::scanned(tx, station, &met, &scan, &settled.step)?;
    undoing::at_once(tx, scan.sent.scan_id, &settled)?;
    if !met.is_latest {
        undoing::follow(tx, &scan.station, &scan.when())?;
    }
    announce(tx, &scan, &settled.outcome)?;
    Ok(settled.outcome)
}

/// What was sent, and its digest.
fn fingerprint(sent: &Scanned) -> Result<(String, String)> {
    let said = serde_json::to_string(sent)
        .map_err(|e| Error::broken("answer-shape", "A scan could not be kept.").because(e))?;
    let digest = hex(&Sha256::digest(said.as_bytes()));
    Ok((said, digest))
}

/// Whether a scan of this id was here before.
pub fn is_known(tx: &Tx, id: ScanId) -> Result<bool> {
    let kept: Option<(ScanId,)> = tx.maybe(sql!("SELECT id FROM scans WHERE id = $1"), (id,))?;
    Ok(kept.is_some())
}

/// A station speaks for itself; others may name the browser they scan with.
fn station_of(actor: &Actor, named: Option<Id>) -> Result<String> {
    match actor {
        Actor::Device { id, kind: DeviceKind::Station } => match named {
            Some(named) if named != id.0 => {
                Err(Error::forbidden("not-your-station", "A station sends its own scans and no others."))
            }
            _ => Ok(id.to_string()),
        },
        _ => Ok(named.map(|id| id.to_string()).unwrap_or_default()),
    }
}

/// The answer to a scan that was here before.
fn first_answer(tx: &Tx, id: ScanId, fingerprint: &str) -> Result<Option<Outcome>> {
    let kept: Option<(String, String)> =
        tx.maybe(sql!("SELECT fingerprint, outcome FROM scans WHERE id = $1"), (id,))?;
    let Some((first, outcome)) = kept else { return Ok(None) };
    let mut outcome: Outcome = serde_json::from_str(&outcome)
        .map_err(|e| Error::broken("database-shape", "A kept answer cannot be read.").because(e))?;
    if first != fingerprint {
        let detail = "A scan with this id was here before, and it was another one.";
        return Err(Error::conflict("scan-id-reused", detail).with_current(&outcome));
    }
    outcome.status = Status::Duplicate;
    Ok(Some(outcome))
}

/// When it was scanned, as far as the station's clock can be believed.
fn placed(tx: &Tx, sent: &Scanned, station: &Station) -> (Timestamp, bool) {
    let now = || if station.id.is_empty() { tx.now() } else { history::now(tx, station) };
    match sent.scanned_at {
        None => (now(), false),
        Some(at) if at < BEFORE_ANY || at > tx.now().plus_seconds(AHEAD_SECONDS) => (now(), true),
        Some(at) => (at, false),
    }
}

/// A scan that could not be booked for a reason of its own is refused; a fault of ours is not settled.
fn refusal(scan: &Scan<'_>, error: Error) -> Result<Settled> {
    use crate::error::Kind::{Conflict, Forbidden, Invalid, NotFound, TooLarge};
    match error.kind() {
        Invalid | NotFound | Conflict | Forbidden | TooLarge => {
            Ok(Settled::told(scan.refused(error.code(), error.detail())))
        }
        _ => Err(error),
    }
}

/// What becomes of a scan, and what it makes of its station.
fn judged(tx: &mut Tx, scan: &Scan<'_>) -> Result<Settled> {
    let message = meaning::message(scan.sent);
    let base = meaning::context(tx, scan.at)?;
    let choice = patterns::choose(tx, &message, &base, scan.sent.shop.as_deref())?;
    let (context, is_sure) = match &choice {
        Choice::One { context, is_sure } => (*context, *is_sure),
        Choice::Several(_) => (base, true),
    };
    let parsed = hearth_shared::gs1::parse(message.as_bytes(), &context);
    let is_addition = parsed.command().is_none() && meaning::is_addition(tx, &parsed)?;
    let settled = tx.attempt(|tx| match (&choice, is_addition) {
        (Choice::Several(products), _) => doing::one_of(tx, scan, products),
        (_, true) => anew::addition(scan),
        (_, false) => settle(tx, scan, &parsed),
    });
    let mut settled = settled.or_else(|error| refusal(scan, error))?;
    if !is_sure {
        settled.outcome.warnings.push("several-shops".to_owned());
    }
    let is_refused = settled.outcome.status == Status::Refused;
    let step = match parsed.command() {
        _ if scan.sent.undoes.is_some() => Step::Undo,
        Some((Verb::Undo, _)) => Step::Undo,
        Some((Verb::Confirm, _)) => Step::Nothing,
        Some(_) if is_refused => Step::Nothing,
        Some(_) => settled.step.clone(),
        None if is_addition => Step::Addition,
        None if is_refused => Step::Miss,
        None => Step::Thing,
    };
    Ok(Settled { step, ..settled })
}

fn settle(tx: &mut Tx, scan: &Scan<'_>, parsed: &hearth_shared::gs1::Scan<'_>) -> Result<Settled> {
    if scan.sent.code.is_empty() || scan.sent.code.len() > LONGEST_CODE {
        return Err(Error::invalid("code-unreadable", "A code has 1 to 8191 bytes."));
    }
    if scan.sent.undoes.is_some() {
        return undoing::take_back(tx, scan);
    }
    match parsed.command() {
        Some((Verb::Undo, _)) => undoing::take_back(tx, scan),
        Some((Verb::Confirm, _)) => confirm::answer(tx, scan),
        Some((verb, argument)) => stations::command(tx, scan, verb, argument),
        None => doing::product(tx, scan, parsed),
    }
}

fn keep(tx: &mut Tx, scan: &Scan<'_>, said: &str, fingerprint: &str, settled: &Settled) -> Result<()> {
    let outcome = serde_json::to_string(&settled.outcome)
        .map_err(|e| Error::broken("answer-shape", "An answer could not be kept.").because(e))?;
    let code: String = scan.sent.code.chars().filter(|c| *c != '\0').take(LONGEST_CODE).collect();
    let stood = match scan.station.is_empty() {
        true => String::new(),
        false => Stood { standing: scan.standing.clone(), step: settled.step.clone() }.written()?,
    };
    tx.run(
        sql!(
            "INSERT INTO scans (id, station, seq, code, said, fingerprint, status, outcome, product_id, act_id,
                 undoes, happened_at, received_at, actor, stood, about, takes_last)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"
        ),
        (
            scan.sent.scan_id,
            &scan.station,
            scan.seq,
            code,
            said.replace("\\u0000", ""),
            fingerprint,
            word(&settled.outcome),
            outcome,
            settled.product,
            settled.act,
            settled.undoes,
            scan.at,
            tx.now(),
            tx.actor().key(),
            stood,
            settled.about,
            settled.step == Step::Undo && scan.sent.undoes.is_none(),
        ),
    )?;
    Ok(())
}

/// What became of a scan, as the database has it. Whether a pack is another one is a question of its own there: it
/// is looked for by the inbox.
fn word(outcome: &Outcome) -> &'static str {
    match outcome.status {
        Status::Question if outcome.warnings.iter().any(|it| it == "already-here") => "again",
        Status::Applied => "applied",
        Status::Duplicate => "duplicate",
        Status::Unknown => "unknown",
        Status::Question => "question",
        Status::Mode => "mode",
        Status::Undone => "undone",
        Status::Info => "info",
        Status::Refused => "refused",
    }
}

fn announce(tx: &mut Tx, scan: &Scan<'_>, outcome: &Outcome) -> Result<()> {
    let kind = match outcome.status {
        Status::Applied | Status::Undone => "scan.applied",
        Status::Unknown => "scan.unknown",
        Status::Question => "scan.question",
        Status::Refused => "scan.refused",
        // A card changes the station, which says so itself; a look-up changes nothing.
        Status::Mode | Status::Info | Status::Duplicate => return Ok(()),
    };
    let person = match scan.setting.person_id {
        Some(id) => members::find(tx, members::MemberId(id))?.map(|member| member.name),
        None => None,
    };
    let (station, mode, scanned_at) = (&scan.station, scan.setting.mode, scan.at);
    let told = Told { outcome, station, mode, person, scanned_at };
    tx.publish(Channel::HOUSE, kind, outcome.scan_id, &told)
}

/// What everybody hears of a scan.
#[derive(Serialize)]
struct Told<'a> {
    outcome: &'a Outcome,
    station: &'a str,
    mode: Mode,
    person: Option<Name>,
    scanned_at: Timestamp,
}

/// What a code that means several products may mean, of one shop or of several.
pub fn candidates(tx: &Tx, code: &str, at: Timestamp) -> Result<Vec<products::Product>> {
    let base = meaning::context(tx, at)?;
    let context = match patterns::choose(tx, code, &base, None)? {
        Choice::Several(products) => return Ok(products),
        Choice::One { context, .. } => context,
    };
    let key = super::codes::key_of(&hearth_shared::gs1::parse(code.as_bytes(), &context));
    let matches = key.map(|key| super::codes::matches(tx, &key)).transpose()?.unwrap_or_default();
    Ok(matches.into_iter().map(|found| found.product).collect())
}

/// Books a scan as one of a product that a person chose.
pub fn apply_as(tx: &mut Tx, id: ScanId, product: ProductId) -> Result<Outcome> {
    anew::settle(tx, id, |tx, scan| doing::chosen(tx, scan, product))
}

/// A person says that a scan is nothing to keep, or was of a pack that is here already.
pub fn dismiss(tx: &mut Tx, id: ScanId) -> Result<Outcome> {
    anew::settle(tx, id, |tx, scan| {
        let mut outcome = scan.refused("dismissed", "A person put this aside.");
        let Some(before) = &scan.before else { return Ok(Settled::told(outcome)) };
        if let Some(product) = before.product.map(|id| products::get(tx, id)).transpose()? {
            outcome.lines = vec![outcome.lines.swap_remove(0), product.name.clone()];
            outcome.product = Some(Item { id: product.id.0, name: product.name });
        }
        // It does nothing later either, should the pack go.
        if let Some(act) = before.act {
            stock::withdraw(tx, act)?;
        }
        Ok(Settled { product: before.product, ..Settled::told(outcome) })
    })
}

/// The mode as a word of the database.
fn mode_of(word: &str) -> Mode {
    Mode::of(word).unwrap_or(Mode::Lookup)
}
