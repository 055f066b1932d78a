//! Stations, and what their scans mean: mode, person and place, for one station alone, until it is quiet.

use hearth_shared::amount::Amount;
use hearth_shared::gs1::Verb;
use hearth_shared::id::Id;
use hearth_shared::scanning::{Mode, Setting, Status, Tone};
use hearth_shared::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Scan, Settled, meaning, mode_of, say};
use crate::bus::Channel;
use crate::db::{Bind, Tx, Verbs};
use crate::devices::DeviceId;
use crate::error::{Error, Result};
use crate::house::members::{self, MemberId};
use crate::house::stale;
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
    version
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
        }
    }

    /// As it is at a moment: back at its usual when it was quiet for long.
    fn at(mut self, at: Timestamp) -> Station {
        if self.until_at.is_some_and(|until| until <= at) {
            self.mode.clone_from(&self.usual_mode);
            self.place_id = self.usual_place_id;
            (self.person_id, self.until_at, self.quantity) = (None, None, None);
        }
        self
    }

    fn setting(&self) -> Setting {
        Setting {
            mode: mode_of(&self.mode),
            person_id: self.person_id.map(|id| id.0),
            place_id: self.place_id.map(|id| id.0),
            until: self.until_at,
        }
    }
}

/// A station as it was left, whether anybody set it or not.
pub fn find(tx: &Tx, id: &str) -> Result<Station> {
    let kept: Vec<Station> = tx.known(
        sql!(
            "SELECT id, name, mode, person_id, place_id, usual_mode, usual_place_id, back_after_seconds, until_at,
                 quantity, queued, last_scan_at, version
             FROM stations WHERE id = $1"
        ),
        (id,),
    )?;
    Ok(kept.into_iter().next().unwrap_or_else(|| Station::fresh(id)).at(tx.now()))
}

/// Every station that scanned or was set.
pub fn all(tx: &Tx) -> Result<Vec<Station>> {
    let kept: Vec<Station> = tx.all(
        sql!(
            "SELECT id, name, mode, person_id, place_id, usual_mode, usual_place_id, back_after_seconds, until_at,
                 quantity, queued, last_scan_at, version
             FROM stations WHERE id <> '' ORDER BY id LIMIT 500"
        ),
        (),
    )?;
    Ok(kept.into_iter().map(|station| station.at(tx.now())).collect())
}

pub(super) fn setting_at(tx: &Tx, id: &str, at: Timestamp) -> Result<Setting> {
    Ok(find(tx, id)?.at(at).setting())
}

/// What a card said that the next scan counts for.
pub(super) fn counted(tx: &Tx, id: &str) -> Result<Option<Amount>> {
    Ok(find(tx, id)?.quantity)
}

fn write(tx: &mut Tx, station: &Station, last: Option<hearth_shared::scanning::ScanId>) -> Result<()> {
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
    ];
    tx.run(
        sql!(
            "INSERT INTO stations (id, name, mode, person_id, place_id, usual_mode, usual_place_id,
                 back_after_seconds, set_at, until_at, quantity, queued, last_scan_id, last_scan_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, mode = excluded.mode,
                 person_id = excluded.person_id, place_id = excluded.place_id,
                 usual_mode = excluded.usual_mode, usual_place_id = excluded.usual_place_id,
                 back_after_seconds = excluded.back_after_seconds, set_at = excluded.set_at,
                 until_at = excluded.until_at, quantity = excluded.quantity, queued = excluded.queued,
                 last_scan_id = COALESCE(excluded.last_scan_id, stations.last_scan_id),
                 last_scan_at = excluded.last_scan_at, version = stations.version + 1"
        ),
        args,
    )?;
    Ok(())
}

/// Notes a scan: what a station was told holds on, a quantity is used up.
pub(super) fn scanned(tx: &mut Tx, id: &str, scan: &Scan<'_>) -> Result<()> {
    if id.is_empty() {
        return Ok(());
    }
    let mut station = find(tx, id)?;
    if station.last_scan_at.is_some_and(|last| last > scan.at) {
        return Ok(());
    }
    station.last_scan_at = Some(scan.at);
    let is_card = meaning::message(scan.sent).contains("HEARTHC");
    if !is_card {
        station.quantity = None;
    }
    if station.until_at.is_some() {
        station.until_at = Some(tx.now().plus_seconds(station.back_after_seconds));
    }
    write(tx, &station, Some(scan.sent.scan_id))
}

/// How many scans wait on a station, as it says itself.
pub(super) fn queued(tx: &mut Tx, id: &str, queued: i64) -> Result<()> {
    tx.run(sql!("UPDATE stations SET queued = $2 WHERE id = $1"), (id, queued))?;
    Ok(())
}

/// A command card.
pub(super) fn command(tx: &mut Tx, scan: &Scan<'_>, verb: Verb, argument: &str) -> Result<Settled> {
    let unknown = || Error::invalid("unknown-card", "This card names something that is not there any more.");
    let mut station = find(tx, &scan.station)?.at(scan.at);
    let mut lines = Vec::new();
    match verb {
        Verb::Mode => {
            let mode = Mode::of(argument).ok_or_else(unknown)?;
            station.mode = mode.word().to_owned();
            lines.push(say::mode(scan.language, mode).to_owned());
        }
        Verb::Quantity => {
            let count = argument.parse().ok().filter(|count| (1..=MOST_COUNTED).contains(count));
            let count: i64 = count.ok_or_else(unknown)?;
            station.quantity = Some(Amount::whole(count));
            lines.push(format!("× {count}"));
        }
        Verb::Place => match named(argument).ok_or_else(unknown)? {
            Some(id) => {
                let place = places::living(tx, PlaceId(id)).map_err(|_| unknown())?;
                station.place_id = Some(place.id);
                lines.push(place.name.to_string());
            }
            None => station.place_id = station.usual_place_id,
        },
        Verb::Person => match named(argument).ok_or_else(unknown)? {
            Some(id) => {
                let person = members::living(tx, MemberId(id)).map_err(|_| unknown())?;
                station.person_id = Some(person.id);
                lines.push(person.name.to_string());
            }
            None => station.person_id = None,
        },
        Verb::Cancel => {
            station.quantity = None;
            station.mode.clone_from(&station.usual_mode);
            station.place_id = station.usual_place_id;
            station.person_id = None;
        }
        Verb::Confirm | Verb::Undo => {}
    }
    let lines_of_count = counting(tx, scan, verb, &station)?;
    station.until_at = Some(tx.now().plus_seconds(station.back_after_seconds));
    if station.mode == station.usual_mode
        && station.place_id == station.usual_place_id
        && station.person_id.is_none()
    {
        station.until_at = station.quantity.map(|_| tx.now().plus_seconds(station.back_after_seconds));
    }
    if !scan.station.is_empty() {
        write(tx, &station, None)?;
        announce(tx, &scan.station)?;
    }
    let mut outcome = scan.outcome(Status::Mode, Tone::Ok);
    lines.insert(0, say::mode(scan.language, mode_of(&station.mode)).to_owned());
    lines.dedup();
    if !lines_of_count.is_empty() {
        lines = lines_of_count;
    }
    outcome.lines = lines;
    outcome.setting = Some(station.setting());
    Ok(Settled::told(outcome))
}

/// What a card does about the count of a place, and says of it. Where things are counted, the card of a place
/// begins its count or goes on with it, and the card that confirms commits it.
fn counting(tx: &mut Tx, scan: &Scan<'_>, verb: Verb, station: &Station) -> Result<Vec<String>> {
    let chosen = station.place_id.filter(|place| Some(*place) != station.usual_place_id);
    let begins = match verb {
        Verb::Place => {
            station.place_id.filter(|_| scan.sent.mode.unwrap_or(mode_of(&station.mode)) == Mode::Count)
        }
        Verb::Mode => chosen.filter(|_| mode_of(&station.mode) == Mode::Count),
        _ => None,
    };
    if let Some(place) = begins {
        let take = stocktakes::scans::begun(tx, place, scan.at)?;
        let mode = say::mode(scan.language, Mode::Count).to_owned();
        return Ok(vec![mode, take.place_name]);
    }
    let confirmed =
        scan.setting.place_id.filter(|_| verb == Verb::Confirm && scan.setting.mode == Mode::Count);
    let Some(place) = confirmed else { return Ok(Vec::new()) };
    let Some(take) = stocktakes::scans::joined(tx, PlaceId(place), scan.at)? else { return Ok(Vec::new()) };
    let done = stocktakes::scans::confirm(tx, take, scan.sent.scan_id)?;
    let place = &done.stocktake.place_name;
    Ok(say::committed(scan.language, place, done.counted, done.different))
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
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub version: Option<i64>,
    pub name: Option<String>,
    pub mode: Option<Mode>,
    pub person_id: Option<Option<MemberId>>,
    pub place_id: Option<Option<PlaceId>>,
    pub usual_mode: Option<Mode>,
    pub usual_place_id: Option<Option<PlaceId>>,
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
            return Err(Error::field("/back_after_seconds", "Between ten seconds and a day."));
        }
        Ok(())
    }

    fn make(&self, station: &mut Station, now: Timestamp) {
        let word = |mode: Mode| mode.word().to_owned();
        if let Some(name) = &self.name {
            station.name.clone_from(name);
        }
        station.usual_mode = self.usual_mode.map_or_else(|| station.usual_mode.clone(), word);
        station.usual_place_id = self.usual_place_id.unwrap_or(station.usual_place_id);
        station.back_after_seconds = self.back_after_seconds.unwrap_or(station.back_after_seconds);
        let was_usual = station.until_at.is_none();
        if was_usual {
            station.mode.clone_from(&station.usual_mode);
            station.place_id = station.usual_place_id;
        }
        station.mode = self.mode.map_or_else(|| station.mode.clone(), word);
        station.person_id = self.person_id.unwrap_or(station.person_id);
        station.place_id = self.place_id.unwrap_or(station.place_id);
        let is_usual = station.mode == station.usual_mode
            && station.place_id == station.usual_place_id
            && station.person_id.is_none();
        station.until_at = (!is_usual).then(|| now.plus_seconds(station.back_after_seconds));
    }
}

/// Changes what the scans of one station mean.
pub fn change(tx: &mut Tx, id: &str, change: &Change) -> Result<Station> {
    change.judge(tx)?;
    let mut station = find(tx, id)?;
    if change.version.is_some_and(|version| version != station.version) {
        return Err(stale(&station));
    }
    change.make(&mut station, tx.now());
    write(tx, &station, None)?;
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
