//! What the scans of a station mean, in whatever order they arrive.
//!
//! A station goes from one [`Standing`] to the next by [`Step`]s: a card or a person says mode, place, person or how
//! often; what is scanned uses a quantity up, and is what a second code may complete; when it is quiet for long it is
//! what it usually is. Every scan is kept with the standing it met and the step it made of it.
//!
//! The latest scan goes on from where the station's row stands. One that comes late is put where it belongs, by the
//! station's time and number, and what stands behind it is met anew, until that makes no difference any more. So
//! once everything has arrived, every scan means what it would have meant if all had arrived at once.

use hearth_shared::amount::Amount;
use hearth_shared::id::Id;
use hearth_shared::scanning::{Mode, ScanId};
use hearth_shared::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::anew;
use super::stations::{Change, Station};
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::house::members::MemberId;
use crate::kitchen::PlaceId;
use crate::{row, sql};

/// How much of what follows is looked at in one go.
const PAGE: i64 = 50;

/// Where something stands among all that happened at a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct When {
    pub(super) at: Timestamp,
    pub(super) seq: i64,
    pub(super) id: Id,
}

/// Something that was scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Thing {
    pub(super) scan: ScanId,
    pub(super) at: Timestamp,
}

/// What the next scan of a station means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Standing {
    pub(super) mode: Mode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) person: Option<MemberId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) place: Option<PlaceId>,
    /// What the next scan counts for, if a card said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) quantity: Option<Amount>,
    /// When all that ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<Timestamp>,
    pub(super) usual_mode: Mode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) usual_place: Option<PlaceId>,
    pub(super) back_after: i64,
    /// What was scanned last, if a second code may complete it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) thing: Option<Thing>,
}

/// What something that happens at a station makes of its standing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Step {
    /// Something was scanned.
    Thing,
    /// Something was scanned that came to nothing.
    Miss,
    /// More was said of the thing before.
    Addition,
    /// The last thing was confirmed, or a card was not known.
    Nothing,
    /// Something was taken back.
    Undo,
    Mode(Mode),
    /// A place, or the usual one.
    Place(Option<PlaceId>),
    Person(Option<MemberId>),
    Count(Amount),
    Cancel,
    /// Somebody said so in the app.
    Turn(Change),
}

/// How a station stood before something happened, and what that made of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Stood {
    pub(super) standing: Standing,
    pub(super) step: Step,
}

impl Stood {
    pub(super) fn read(text: &str) -> Result<Stood> {
        serde_json::from_str(text)
            .map_err(|e| Error::broken("database-shape", "A kept standing cannot be read.").because(e))
    }

    pub(super) fn written(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|e| Error::broken("answer-shape", "A standing could not be kept.").because(e))
    }
}

impl Standing {
    /// As it is at a moment: at its usual when it was quiet for long.
    pub(super) fn at(self, at: Timestamp) -> Standing {
        if self.until.is_none_or(|until| until > at) { self } else { self.usual() }
    }

    /// With nothing chosen.
    fn usual(self) -> Standing {
        Standing {
            mode: self.usual_mode,
            place: self.usual_place,
            person: None,
            quantity: None,
            until: None,
            ..self
        }
    }

    /// After something that happened at a moment, to a standing of that moment.
    pub(super) fn after(&self, when: &When, step: &Step) -> Standing {
        let mut next = self.clone();
        match step {
            Step::Thing => {
                next.quantity = None;
                next.thing = Some(Thing { scan: ScanId(when.id), at: when.at });
            }
            Step::Miss => (next.quantity, next.thing) = (None, None),
            Step::Undo => next.thing = None,
            Step::Addition | Step::Nothing => {}
            Step::Mode(mode) => next.mode = *mode,
            Step::Place(place) => next.place = place.or(next.usual_place),
            Step::Person(person) => next.person = *person,
            Step::Count(count) => next.quantity = Some(*count),
            Step::Cancel => next = next.usual(),
            Step::Turn(change) => change.make(&mut next),
        }
        let is_usual = next.mode == next.usual_mode
            && next.place == next.usual_place
            && next.person.is_none()
            && next.quantity.is_none();
        next.until = (!is_usual).then(|| when.at.plus_seconds(next.back_after));
        next
    }
}

/// The standing that something meets.
pub(super) struct Met {
    pub(super) standing: Standing,
    pub(super) is_latest: bool,
}

/// Something that happened at a station.
struct Event {
    when: When,
    stood: Stood,
    is_turn: bool,
}

struct EventRow {
    id: Id,
    happened_at: Timestamp,
    seq: i64,
    stood: String,
}
row!(EventRow { id, happened_at, seq, stood });

impl EventRow {
    fn event(self, is_turn: bool) -> Result<Event> {
        let when = When { at: self.happened_at, seq: self.seq, id: self.id };
        Ok(Event { when, stood: Stood::read(&self.stood)?, is_turn })
    }
}

/// When something happens now at a station: after all that is known of it.
pub(super) fn now(tx: &Tx, station: &Station) -> Timestamp {
    match station.latest() {
        Some(last) => tx.now().max(Timestamp::from_millis(last.at.millis() + 1)),
        None => tx.now(),
    }
}

/// How a station stood before something that happened then.
pub(super) fn before(tx: &Tx, station: &Station, when: &When) -> Result<Met> {
    if station.id.is_empty() || station.latest().is_none_or(|last| last < *when) {
        return Ok(Met { standing: station.standing().at(when.at), is_latest: true });
    }
    let standing = match previous(tx, &station.id, when)? {
        Some(event) => event.stood.standing.after(&event.when, &event.stood.step).at(when.at),
        // Before everything that is known: as the first of that met it.
        None => match following(tx, &station.id, when)?.into_iter().next() {
            Some(first) => first.stood.standing,
            None => station.standing().usual(),
        },
    };
    Ok(Met { standing, is_latest: false })
}

/// Something happened at a station. What stands behind it is met anew. Answers how the station stands now, if that
/// is otherwise than it stood.
pub(super) fn went_on(
    tx: &mut Tx,
    station: &Station,
    met: &Met,
    when: &When,
    step: &Step,
) -> Result<Option<Standing>> {
    let after = met.standing.after(when, step);
    if met.is_latest {
        return Ok(Some(after));
    }
    follow(tx, &station.id, after, *when)
}

fn follow(tx: &mut Tx, station: &str, mut standing: Standing, mut from: When) -> Result<Option<Standing>> {
    loop {
        let events = following(tx, station, &from)?;
        if events.is_empty() {
            return Ok(Some(standing));
        }
        for event in events {
            standing = standing.at(event.when.at);
            if standing == event.stood.standing {
                return Ok(None);
            }
            let step = match event.is_turn {
                true => event.stood.step.clone(),
                false => anew::meet(tx, ScanId(event.when.id), &event.stood, &standing)?,
            };
            from = event.when;
            let next = standing.after(&from, &step);
            put(tx, &event, &Stood { standing, step })?;
            standing = next;
        }
    }
}

/// The last thing before a moment.
fn previous(tx: &Tx, station: &str, when: &When) -> Result<Option<Event>> {
    let scan: Option<EventRow> = tx.maybe(
        sql!(
            "SELECT id, happened_at, seq, stood FROM scans
             WHERE station = $1 AND (happened_at, seq, id) < ($2, $3, $4) AND stood <> ''
             ORDER BY happened_at DESC, seq DESC, id DESC LIMIT 1"
        ),
        (station, when.at, when.seq, when.id),
    )?;
    let turn: Option<EventRow> = tx.maybe(
        sql!(
            "SELECT id, happened_at, seq, stood FROM turns
             WHERE station = $1 AND (happened_at, seq, id) < ($2, $3, $4)
             ORDER BY happened_at DESC, seq DESC, id DESC LIMIT 1"
        ),
        (station, when.at, when.seq, when.id),
    )?;
    let scan = scan.map(|row| row.event(false)).transpose()?;
    let turn = turn.map(|row| row.event(true)).transpose()?;
    Ok(scan.into_iter().chain(turn).max_by_key(|event| event.when))
}

/// What happened after a moment, in its order; not all of it.
fn following(tx: &Tx, station: &str, when: &When) -> Result<Vec<Event>> {
    let scans: Vec<EventRow> = tx.all(
        sql!(
            "SELECT id, happened_at, seq, stood FROM scans
             WHERE station = $1 AND (happened_at, seq, id) > ($2, $3, $4) AND stood <> ''
             ORDER BY happened_at, seq, id LIMIT $5"
        ),
        (station, when.at, when.seq, when.id, PAGE),
    )?;
    let turns: Vec<EventRow> = tx.all(
        sql!(
            "SELECT id, happened_at, seq, stood FROM turns
             WHERE station = $1 AND (happened_at, seq, id) > ($2, $3, $4)
             ORDER BY happened_at, seq, id LIMIT $5"
        ),
        (station, when.at, when.seq, when.id, PAGE),
    )?;
    let scans = scans.into_iter().map(|row| row.event(false));
    let turns = turns.into_iter().map(|row| row.event(true));
    let mut events = scans.chain(turns).collect::<Result<Vec<Event>>>()?;
    events.sort_by_key(|event| event.when);
    events.truncate(usize::try_from(PAGE).unwrap_or(0));
    Ok(events)
}

fn put(tx: &mut Tx, event: &Event, stood: &Stood) -> Result<()> {
    match event.is_turn {
        true => {
            tx.run(sql!("UPDATE turns SET stood = $2 WHERE id = $1"), (event.when.id, stood.written()?))?
        }
        false => {
            tx.run(sql!("UPDATE scans SET stood = $2 WHERE id = $1"), (event.when.id, stood.written()?))?
        }
    };
    Ok(())
}

/// Keeps what somebody said in the app among what was scanned.
pub(super) fn keep_turn(tx: &mut Tx, station: &str, when: &When, stood: &Stood) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO turns (id, station, seq, stood, happened_at, actor) VALUES ($1, $2, $3, $4, $5, $6)"
        ),
        (when.id, station, when.seq, stood.written()?, when.at, tx.actor().key()),
    )?;
    Ok(())
}
