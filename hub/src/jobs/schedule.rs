//! What is done again and again: every so often, or at an hour of the house's own day.
//!
//! The table keeps one moment for each chore: when its time last came, or with a minus before it, since when
//! its first time is waited for. The next time follows from that, the chore's rhythm and the house's time
//! zone, so a chore whose hour passed while the hub was off is done once when it is back, and a house that
//! moves to another zone needs nothing else. Its time coming means that a job is put among the others, in
//! the same transaction: with several processes one of them is first, and the others see that.

use std::fmt;

use hearth_shared::time::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use crate::config::Settings;
use crate::db::{FromRow, Row, Tx, Verbs};
use crate::error::Result;
use crate::sql;

use super::{Kind, forget_failures};

/// Something done again and again.
pub struct Chore {
    /// Never changes once released: the table knows it by this.
    pub name: &'static str,
    pub kind: &'static Kind,
    /// When, by the settings; `None` where they say never.
    pub rhythm: fn(&Settings) -> Option<Rhythm>,
}

/// When a chore's time comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rhythm {
    /// Every so many seconds.
    Every(i64),
    /// Each day at a time of the house's clock.
    Daily(TimeOfDay),
}

/// A time of day, to the minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeOfDay(u8, u8);

impl TimeOfDay {
    pub const MIDNIGHT: TimeOfDay = TimeOfDay(0, 0);

    /// Such as `03:30`.
    pub fn parse(text: &str) -> Option<TimeOfDay> {
        let (hour, minute) = text.split_once(':')?;
        let number = |text: &str, below: u8| {
            let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|number| digits && *number < below)
        };
        Some(TimeOfDay(number(hour, 24)?, number(minute, 60)?))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0, self.1)
    }
}

impl fmt::Display for Rhythm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rhythm::Every(seconds) => write!(f, "every {seconds} s"),
            Rhythm::Daily(time) => write!(f, "daily {time}"),
        }
    }
}

impl Rhythm {
    /// The first time after `last`. An hour that a day does not have (clocks go forward) is taken when the
    /// gap is over; one that it has twice, the first time.
    pub fn next(self, last: Timestamp, zone: &TimeZone) -> Timestamp {
        match self {
            Rhythm::Every(seconds) => last.plus_seconds(seconds.max(1)),
            // No calendar reaches that far: never.
            Rhythm::Daily(time) => next_daily(time, last, zone).unwrap_or(Timestamp::from_millis(i64::MAX)),
        }
    }
}

fn next_daily(time: TimeOfDay, last: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let last = jiff::Timestamp::from_millisecond(last.millis()).ok()?;
    let hour = Time::new(i8::try_from(time.0).ok()?, i8::try_from(time.1).ok()?, 0, 0).ok()?;
    let mut day = last.to_zoned(zone.clone()).date();
    // The same day, the next, or the one after where a zone change swallowed one.
    for _ in 0..3 {
        let at = day.to_datetime(hour).to_zoned(zone.clone()).ok()?.timestamp();
        if at > last {
            return Some(Timestamp::from_millis(at.as_millisecond()));
        }
        day = day.tomorrow().ok()?;
    }
    None
}

/// The house's time zone; UTC before there is a house, and where this machine does not know the zone.
pub fn zone(tx: &Tx) -> Result<TimeZone> {
    let zones: Vec<Zone> = tx.known(sql!("SELECT time_zone FROM house"), ())?;
    Ok(zones.into_iter().next().map_or(TimeZone::UTC, |zone| zone.0))
}

/// As it is kept by name, looked up.
#[derive(Clone)]
struct Zone(TimeZone);

impl FromRow for Zone {
    fn from_row(row: &Row<'_>) -> Result<Zone> {
        let name: String = row.at(0)?;
        let zone = TimeZone::get(&name).unwrap_or_else(|error| {
            tracing::warn!(zone = name, %error, "this time zone is not known here; UTC is used");
            TimeZone::UTC
        });
        Ok(Zone(zone))
    }
}

/// What day it is in a zone, as `2026-11-20`.
pub fn day(at: Timestamp, zone: &TimeZone) -> String {
    let at = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_zoned(zone.clone()).date().to_string()
}

/// A chore with its times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub chore: &'static str,
    /// The kind of job it puts to work.
    pub kind: &'static str,
    pub rhythm: Rhythm,
    /// When its time last came; `None` before the first time.
    pub last_at: Option<Timestamp>,
    /// `None` for one that the table does not know yet: it is to be entered there.
    pub next_at: Option<Timestamp>,
}

/// What the table says of a chore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entry {
    /// Its time never came; it is waited for from here on.
    Waits(Timestamp),
    /// When its time last came.
    Came(Timestamp),
}

impl Entry {
    fn read(kept: i64) -> Entry {
        match kept < 0 {
            true => Entry::Waits(Timestamp::from_millis(-kept)),
            false => Entry::Came(Timestamp::from_millis(kept)),
        }
    }

    fn kept(self) -> i64 {
        match self {
            Entry::Waits(since) => -since.millis(),
            Entry::Came(at) => at.millis(),
        }
    }

    fn counts_from(self) -> Timestamp {
        match self {
            Entry::Waits(at) | Entry::Came(at) => at,
        }
    }

    fn came(self) -> Option<Timestamp> {
        match self {
            Entry::Waits(_) => None,
            Entry::Came(at) => Some(at),
        }
    }
}

/// When each chore's time comes.
pub fn plan(tx: &Tx, chores: &'static [Chore], settings: &Settings) -> Result<Vec<Planned>> {
    let known: Vec<(String, i64)> = tx.all(sql!("SELECT chore, last_at FROM schedule ORDER BY chore"), ())?;
    let zone = zone(tx)?;
    let planned = chores.iter().filter_map(|chore| {
        let rhythm = (chore.rhythm)(settings)?;
        let entry = known.iter().find(|(name, _)| name == chore.name).map(|(_, kept)| Entry::read(*kept));
        let next_at = entry.map(|entry| rhythm.next(entry.counts_from(), &zone));
        let (name, kind) = (chore.name, chore.kind.name);
        Some(Planned { chore: name, kind, rhythm, last_at: entry.and_then(Entry::came), next_at })
    });
    Ok(planned.collect())
}

impl Planned {
    /// Whether something is to be done about it: its time has come, or it is to be entered.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.next_at.is_none_or(|at| at <= now)
    }
}

/// Puts every chore whose time has come among the jobs. Answers how many.
pub fn put_to_work(tx: &mut Tx, chores: &'static [Chore], settings: &Settings) -> Result<u64> {
    let (now, mut put) = (tx.now(), 0);
    for planned in plan(tx, chores, settings)?.into_iter().filter(|planned| planned.is_due(now)) {
        // Its first turn is only entered: a new house has nothing to tidy or to save yet.
        let is_new = planned.next_at.is_none();
        let entry = if is_new { Entry::Waits(now) } else { Entry::Came(now) };
        tx.run(
            sql!(
                "INSERT INTO schedule (chore, last_at) VALUES ($1, $2)
                 ON CONFLICT (chore) DO UPDATE SET last_at = excluded.last_at"
            ),
            (planned.chore, entry.kept()),
        )?;
        let Some(chore) = chores.iter().find(|chore| chore.name == planned.chore && !is_new) else {
            continue;
        };
        // The last one may still be waiting or at it; two at once would do the same twice.
        if super::next_due(tx, chore.kind.name)?.is_none() {
            forget_failures(tx, chore.kind)?;
            tx.enqueue(chore.kind, &serde_json::json!({}))?;
            put += 1;
        }
    }
    Ok(put)
}

/// Lets chores that were last done in the future, because the clock was set back since, count from now.
pub(super) fn mend_times(tx: &mut Tx) -> Result<u64> {
    let (now, soon) = (tx.now(), tx.now().plus_seconds(60));
    let came = sql!("UPDATE schedule SET last_at = $1 WHERE last_at > $2");
    let waits = sql!("UPDATE schedule SET last_at = $1 WHERE last_at < $2");
    let mended = tx.run(came, (Entry::Came(now).kept(), Entry::Came(soon).kept()))?;
    Ok(mended + tx.run(waits, (Entry::Waits(now).kept(), Entry::Waits(soon).kept()))?)
}
