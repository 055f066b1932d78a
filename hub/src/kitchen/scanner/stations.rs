//! Stations, and what their scans mean: mode, person and place, for one station alone, until it is quiet.

use hearth_shared::amount::Amount;
use hearth_shared::gs1::Verb;
use hearth_shared::id::Id;
use hearth_shared::scanning::{Mode, ScanId, Scanned, Setting, Status, Tone};
use hearth_shared::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::history::{self, Standing, Step, Stood, Thing, When};
use super::{Scan, Settled, anew, meaning, mode_of, say};
use crate::bus::Channel;
use crate::db::{Bind, Tx, Verbs};
use crate::devices::DeviceId;
use crate::error::{Error, Flaw, Result};
use crate::house::members::{self, MemberId};
use crate::house::stale;
use crate::kitchen::labels::mode_name;
use crate::kitchen::{PlaceId, places, stocktakes};
use crate::{row, sql};

/// How long a station keeps what it was told, from its last scan on.
const BACK_AFTER: i64 = 600;
/// How much one scan may count for by a card.
const MOST_COUNTED: i64 = 1000;

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = ScanningStation)]
pub struct Station {
    /// The device's id, or one that a browser made for itself.
    pub id: String,
    pub name: String,
    /// `add`, `consume`, `open`, `spoil`, `shop`, `count`, `transfer` or `lookup`.
    pub mode: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<MemberId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place_id: Option<PlaceId>,
    /// What it goes back to when it is quiet.
    pub usual_mode: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usual_place_id: Option<PlaceId>,
    pub back_after_seconds: i64,
    /// When it goes back, unless it scans before; absent while it is at its usual.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until_at: Option<Timestamp>,
    /// What the next scan counts for, if a card said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub quantity: Option<Amount>,
    /// How many scans wait there.
    pub queued: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_scan_at: Option<Timestamp>,
    pub version: i64,
    #[serde(skip)]
    thing_id: Option<ScanId>,
    #[serde(skip)]
    thing_at: Option<Timestamp>,
    #[serde(skip)]
    turned_at: Timestamp,
    #[serde(skip)]
    turned_seq: i64,
    #[serde(skip)]
    turned_by: String,
}
row!(Station {
    id,
    name,
    mode,
    person_id,
    place_id,
    usual_mode,
    usual_place_id,
    back_after_seconds,
    until_at,
    quantity,
    queued,
    last_scan_at,
    version,
    thing_id,
    thing_at,
    turned_at,
    turned_seq,
    turned_by
});

impl Station {
    fn fresh(id: &str) -> Station {
        Station {
            id: id.to_owned(),
            name: String::new(),
            mode: Mode::Add.word().to_owned(),
            person_id: None,
            place_id: None,
            usual_mode: Mode::Add.word().to_owned(),
            usual_place_id: None,
            back_after_seconds: BACK_AFTER,
            until_at: None,
            quantity: None,
            queued: 0,
            last_scan_at: None,
            version: 0,
            thing_id: None,
            thing_at: None,
            turned_at: Timestamp::default(),
            turned_seq: 0,
            turned_by: String::new(),
        }
    }

    /// What the last thing that happened there left behind.
    pub(super) fn standing(&self) -> Standing {
        Standing {
            mode: mode_of(&self.mode),
            person: self.person_id,
            place: self.place_id,
            quantity: self.quantity,
            until: self.until_at,
            usual_mode: mode_of(&self.usual_mode),
            usual_place: self.usual_place_id,
            back_after: self.back_after_seconds,
            thing: self.thing_id.zip(self.thing_at).map(|(scan, at)| Thing { scan, at }),
        }
    }

    fn stands(self, standing: Standing) -> Station {
        Station {
            mode: standing.mode.word().to_owned(),
            person_id: standing.person,
            place_id: standing.place,
            quantity: standing.quantity,
            until_at: standing.until,
            usual_mode: standing.usual_mode.word().to_owned(),
            usual_place_id: standing.usual_place,
            back_after_seconds: standing.back_after,
            thing_id: standing.thing.map(|thing| thing.scan),
            thing_at: standing.thing.map(|thing| thing.at),
            ..self
        }
    }

    /// When the last thing happened that is known of it.
    pub(super) fn latest(&self) -> Option<When> {
        let id = self.turned_by.parse().ok()?;
        Some(When { at: self.turned_at, seq: self.turned_seq, id })
    }

    /// As it is at a moment: back at its usual when it was quiet for long.
    fn at(self, at: Timestamp) -> Station {
        let standing = self.standing().at(at);
        self.stands(standing)
    }
}

/// A station as the last thing that happened there left it, whether anybody set it or not.
pub(super) fn left(tx: &Tx, id: &str) -> Result<Station> {
    if id.is_empty() {
        return Ok(Station::fresh(id));
    }
    let kept: Option<Station> = tx.maybe(
        sql!(
            "SELECT id, name, mode, person_id, place_id, usual_mode, usual_place_id, back_after_seconds, until_at,
                 quantity, queued, last_scan_at, version, thing_id, thing_at, turned_at, turned_seq, turned_by
             FROM stations WHERE id = $1"
        ),
        (id,),
    )?;
    Ok(kept.unwrap_or_else(|| Station::fresh(id)))
}

/// A station as it is now.
pub fn find(tx: &Tx, id: &str) -> Result<Station> {
    Ok(left(tx, id)?.at(tx.now()))
}

/// Every station that scanned or was set. What is paired is called as it is called among the devices.
pub fn all(tx: &Tx) -> Result<Vec<Station>> {
    let kept: Vec<Station> = tx.all(
        sql!(
            "SELECT s.id, COALESCE(d.name, s.name) AS name, s.mode, s.person_id, s.place_id, s.usual_mode,
                 s.usual_place_id, s.back_after_seconds, s.until_at, s.quantity, s.queued, s.last_scan_at, s.version,
                 s.thing_id, s.thing_at, s.turned_at, s.turned_seq, s.turned_by
             FROM stations s LEFT JOIN devices d ON d.id = s.id WHERE s.id <> '' ORDER BY s.id LIMIT 500"
        ),
        (),
    )?;
    Ok(kept.into_iter().map(|station| station.at(tx.now())).collect())
}

fn write(tx: &mut Tx, station: &Station, last: Option<ScanId>) -> Result<()> {
    let args = vec![
        station.id.bind(),
        station.name.bind(),
        station.mode.bind(),
        station.person_id.bind(),
        station.place_id.bind(),
        station.usual_mode.bind(),
        station.usual_place_id.bind(),
        station.back_after_seconds.bind(),
        crate::db::Param::Int(tx.now().millis()),
        station.until_at.bind(),
        station.quantity.bind(),
        station.queued.bind(),
        last.bind(),
        station.last_scan_at.bind(),
        station.thing_id.bind(),
        station.thing_at.bind(),
        station.turned_at.bind(),
        station.turned_seq.bind(),
        station.turned_by.bind(),
    ];
    tx.run(
        sql!(
            "INSERT INTO stations (id, name, mode, person_id, place_id, usual_mode, usual_place_id,
                 back_after_seconds, set_at, until_at, quantity, queued, last_scan_id, last_scan_at, thing_id,
                 thing_at, turned_at, turned_seq, turned_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, mode = excluded.mode,
                 person_id = excluded.person_id, place_id = excluded.place_id,
                 usual_mode = excluded.usual_mode, usual_place_id = excluded.usual_place_id,
                 back_after_seconds = excluded.back_after_seconds, set_at = excluded.set_at,
                 until_at = excluded.until_at, quantity = excluded.quantity, queued = excluded.queued,
                 last_scan_id = COALESCE(excluded.last_scan_id, stations.last_scan_id),
                 last_scan_at = excluded.last_scan_at, thing_id = excluded.thing_id,
                 thing_at = excluded.thing_at, turned_at = excluded.turned_at,
                 turned_seq = excluded.turned_seq, turned_by = excluded.turned_by,
                 version = stations.version + 1"
        ),
        args,
    )?;
    Ok(())
}

/// Goes on after a scan: from its station's row, or behind it where it belongs.
pub(super) fn scanned(
    tx: &mut Tx,
    station: Station,
    met: &history::Met,
    scan: &Scan<'_>,
    step: &Step,
) -> Result<()> {
    if station.id.is_empty() {
        return Ok(());
    }
    let went_on = history::went_on(tx, &station, met, &scan.when(), step)?;
    let is_last = station.last_scan_at.is_none_or(|last| last <= scan.at);
    let was = station.standing();
    let mut station = match went_on {
        Some(standing) => station.stands(standing),
        None => station,
    };
    if is_last {
        station.last_scan_at = Some(scan.at);
    }
    // Nothing is the latest any more that came before what is known.
    if station.latest().is_none_or(|last| last < scan.when()) {
        (station.turned_at, station.turned_seq) = (scan.at, scan.seq);
        station.turned_by = scan.sent.scan_id.to_string();
    }
    write(tx, &station, is_last.then_some(scan.sent.scan_id))?;
    let now = station.standing();
    let is_otherwise = |was: &Standing, now: &Standing| {
        (was.mode, was.place, was.person) != (now.mode, now.place, now.person)
    };
    let is_card = !matches!(step, Step::Thing | Step::Miss | Step::Addition | Step::Undo | Step::Nothing);
    if is_card || is_otherwise(&was.at(scan.at), &now) { announce(tx, &station.id) } else { Ok(()) }
}

/// How many scans wait on a station, as it says itself.
pub(super) fn queued(tx: &mut Tx, id: &str, queued: i64) -> Result<()> {
    let changed =
        tx.run(sql!("UPDATE stations SET queued = $2 WHERE id = $1 AND queued <> $2"), (id, queued))?;
    match changed {
        0 => Ok(()),
        _ => tx.publish(Channel::HOUSE, "station.queued", id, &serde_json::json!({ "queued": queued })),
    }
}

/// A command card: what it makes of its station, and what it says.
pub(super) fn command(tx: &mut Tx, scan: &Scan<'_>, verb: Verb, argument: &str) -> Result<Settled> {
    let unknown = || Error::invalid("unknown-card", "This card names something that is not there any more.");
    let mut lines = Vec::new();
    let step = match verb {
        Verb::Mode => {
            let mode = Mode::of(argument).ok_or_else(unknown)?;
            lines.push(mode_name(scan.language, mode).to_owned());
            Step::Mode(mode)
        }
        Verb::Quantity => {
            let count = argument.parse().ok().filter(|count| (1..=MOST_COUNTED).contains(count));
            let count: i64 = count.ok_or_else(unknown)?;
            lines.push(format!("× {count}"));
            Step::Count(Amount::whole(count))
        }
        Verb::Place => match named(argument).ok_or_else(unknown)? {
            Some(id) => {
                let place = places::living(tx, PlaceId(id)).map_err(|_| unknown())?;
                lines.push(place.name.to_string());
                Step::Place(Some(place.id))
            }
            None => Step::Place(None),
        },
        Verb::Person => match named(argument).ok_or_else(unknown)? {
            Some(id) => {
                let person = members::living(tx, MemberId(id)).map_err(|_| unknown())?;
                lines.push(person.name.to_string());
                Step::Person(Some(person.id))
            }
            None => Step::Person(None),
        },
        Verb::Cancel => Step::Cancel,
        Verb::Confirm | Verb::Undo => Step::Nothing,
    };
    let after = scan.standing.after(&scan.when(), &step);
    let lines_of_count = counting(tx, scan, verb, &step)?;
    let counts = lines_of_count.is_some();
    let mut outcome = scan.outcome(Status::Mode, Tone::Ok);
    lines.insert(0, mode_name(scan.language, after.mode).to_owned());
    lines.dedup();
    outcome.lines = lines_of_count.unwrap_or(lines);
    outcome.setting = Some(Setting {
        mode: after.mode,
        person_id: after.person.map(|id| id.0),
        place_id: after.place.map(|id| id.0),
        until: after.until,
    });
    Ok(Settled { step, counts, ..Settled::told(outcome) })
}

/// The place whose count a card begins, or goes on with: where things are counted, the card of a place; and the card
/// that says that they are, where a place was chosen.
pub(super) fn begins(sent: &Scanned, when: &When, standing: &Standing, step: &Step) -> Option<PlaceId> {
    let after = standing.after(when, step);
    match step {
        Step::Place(_) => after.place.filter(|_| sent.mode.unwrap_or(after.mode) == Mode::Count),
        Step::Mode(Mode::Count) => after.place.filter(|place| Some(*place) != after.usual_place),
        _ => None,
    }
}

/// What a card does about the count of a place, and says of it: it begins it, goes on with it or, if it is the card
/// that confirms, commits it.
fn counting(tx: &mut Tx, scan: &Scan<'_>, verb: Verb, step: &Step) -> Result<Option<Vec<String>>> {
    let told = scan.counted(tx);
    if let Some(place) = begins(scan.sent, &scan.when(), &scan.standing, step) {
        let take = anew::begin(tx, place, &told)?;
        let mode = mode_name(scan.language, Mode::Count).to_owned();
        return Ok(Some(vec![mode, take.place_name]));
    }
    let confirmed =
        scan.setting.place_id.filter(|_| verb == Verb::Confirm && scan.setting.mode == Mode::Count);
    let Some(place) = confirmed else { return Ok(None) };
    let Some(take) = stocktakes::scans::joined(tx, PlaceId(place), &told)? else { return Ok(None) };
    let done = stocktakes::scans::confirm(tx, take, &told)?;
    let place = &done.stocktake.place_name;
    Ok(Some(say::committed(scan.language, place, done.counted, done.different)))
}

/// Whom or what a card names; `Some(None)` for the usual.
fn named(argument: &str) -> Option<Option<Id>> {
    if argument.is_empty() { Some(None) } else { meaning::id(argument).map(Some) }
}

fn announce(tx: &mut Tx, id: &str) -> Result<()> {
    let station = find(tx, id)?;
    tx.publish(Channel::HOUSE, "station.mode", id, &station)
}

/// What is to be different about what a station's scans mean.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Change {
    #[serde(skip)]
    pub version: Option<i64>,
    #[serde(skip)]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "crate::kitchen::present")]
    pub person_id: Option<Option<MemberId>>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "crate::kitchen::present")]
    pub place_id: Option<Option<PlaceId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usual_mode: Option<Mode>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "crate::kitchen::present")]
    pub usual_place_id: Option<Option<PlaceId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub back_after_seconds: Option<i64>,
}

impl Change {
    fn judge(&self, tx: &Tx) -> Result<()> {
        if let Some(Some(place)) = self.place_id {
            places::living(tx, place)?;
        }
        if let Some(Some(place)) = self.usual_place_id {
            places::living(tx, place)?;
        }
        if let Some(Some(person)) = self.person_id {
            members::living(tx, person)?;
        }
        if self.back_after_seconds.is_some_and(|seconds| !(10..=86_400).contains(&seconds)) {
            return Err(Error::field(
                "/back_after_seconds",
                (Flaw::OutOfRange, "Between ten seconds and a day."),
            ));
        }
        Ok(())
    }

    /// How long it holds is for the caller to say.
    pub(super) fn make(&self, standing: &mut Standing) {
        standing.usual_mode = self.usual_mode.unwrap_or(standing.usual_mode);
        standing.usual_place = self.usual_place_id.unwrap_or(standing.usual_place);
        standing.back_after = self.back_after_seconds.unwrap_or(standing.back_after);
        if standing.until.is_none() {
            (standing.mode, standing.place) = (standing.usual_mode, standing.usual_place);
        }
        standing.mode = self.mode.unwrap_or(standing.mode);
        standing.person = self.person_id.unwrap_or(standing.person);
        standing.place = self.place_id.unwrap_or(standing.place);
    }
}

/// Changes what the scans of one station mean, from now on.
pub fn change(tx: &mut Tx, id: &str, change: &Change) -> Result<Station> {
    change.judge(tx)?;
    let station = left(tx, id)?;
    if change.version.is_some_and(|version| version != station.version) {
        return Err(stale(&station.at(tx.now())));
    }
    let when = When { at: history::now(tx, &station), seq: 0, id: tx.new_id() };
    let step = Step::Turn(change.clone());
    let standing = station.standing().at(when.at);
    let after = standing.after(&when, &step);
    history::keep_turn(tx, id, &when, &Stood { standing, step })?;
    let name = change.name.clone().unwrap_or_else(|| station.name.clone());
    let turned = Station {
        name,
        turned_at: when.at,
        turned_seq: when.seq,
        turned_by: when.id.to_string(),
        ..station.stands(after)
    };
    write(tx, &turned, None)?;
    announce(tx, id)?;
    find(tx, id)
}

/// The same for every station there is: an act of its own, asked for by name.
pub fn change_all(tx: &mut Tx, change: &Change) -> Result<Vec<Station>> {
    change.judge(tx)?;
    let devices: Vec<(DeviceId,)> = tx.all(
        sql!("SELECT id FROM devices WHERE kind = 'station' AND revoked_at IS NULL ORDER BY id LIMIT 500"),
        (),
    )?;
    let mut ids: Vec<String> = devices.into_iter().map(|(id,)| id.to_string()).collect();
    ids.extend(all(tx)?.into_iter().map(|station| station.id));
    ids.sort();
    ids.dedup();
    let same = Change { version: None, name: None, ..change.clone() };
    ids.iter().map(|id| self::change(tx, id, &same)).collect()
}
