//! The house: its name, its language and its time zone. There is one, or none yet.

pub mod demo;
pub mod http;
pub mod members;
pub mod profile;

#[cfg(test)]
mod tests;

use std::fmt;

use hearth_shared::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::bus::Channel;
use crate::db::{Bind, Cell, Column, Param, Tx, Verbs};
use crate::error::{Error, Result};
use crate::{id_columns, row, sql, words};

use self::members::Name;

/// How many days before its date something is due soon, unless somebody says otherwise.
const WARNING_DAYS: i64 = 3;
/// No warning is given earlier than this.
pub const MOST_WARNING_DAYS: i64 = 60;

hearth_shared::id! {
    /// The house.
    HouseId,
}
id_columns!(HouseId);

/// A language the app speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    English,
    German,
}
words!(Language { English = "en", German = "de" });

/// The name of a time zone that this machine knows, such as `Europe/Berlin`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(transparent)]
pub struct TimeZone(String);

impl TimeZone {
    pub fn parse(text: &str) -> Option<TimeZone> {
        let known = jiff::tz::TimeZone::get(text).ok()?;
        known.iana_name().map(|name| TimeZone(name.to_owned()))
    }

    pub fn utc() -> TimeZone {
        TimeZone("UTC".to_owned())
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Bind for TimeZone {
    fn bind(&self) -> Param<'_> {
        self.0.bind()
    }
}

impl Column for TimeZone {
    fn read(cell: Cell<'_>) -> Option<TimeZone> {
        String::read(cell).map(TimeZone)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct House {
    pub id: HouseId,
    pub name: Name,
    pub language: Language,
    #[schema(value_type = String, example = "Europe/Berlin")]
    pub time_zone: TimeZone,
    /// Whether this is the invented household of the demo.
    pub demo: bool,
    /// What lasts no longer than so many days more is due soon.
    pub warning_days: i64,
    pub version: i64,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}
row!(House { id, name, language, time_zone, demo, warning_days, version, created_at });

/// A house about to be founded.
#[derive(Debug, Clone)]
pub struct NewHouse {
    pub name: Name,
    pub language: Language,
    pub time_zone: TimeZone,
    pub demo: bool,
}

/// What is to be different. `version` is the one the change was made against.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub version: i64,
    pub name: Option<Name>,
    pub language: Option<Language>,
    pub time_zone: Option<TimeZone>,
    pub warning_days: Option<i64>,
}

pub fn is_set_up(tx: &Tx) -> Result<bool> {
    Ok(find(tx)?.is_some())
}

pub fn find(tx: &Tx) -> Result<Option<House>> {
    let houses = tx.known(
        sql!("SELECT id, name, language, time_zone, demo, warning_days, version, created_at FROM house"),
        (),
    )?;
    Ok(houses.into_iter().next())
}

pub fn get(tx: &Tx) -> Result<House> {
    let missing = || Error::conflict("not-set-up", "This house is not set up yet.");
    find(tx)?.ok_or_else(missing)
}

/// Founds the house. There is only ever one.
pub fn found(tx: &mut Tx, new: &NewHouse) -> Result<House> {
    if is_set_up(tx)? {
        return Err(Error::conflict("already-set-up", "This house is set up already."));
    }
    let id: HouseId = tx.new_id();
    tx.one(
        sql!(
            "INSERT INTO house (id, name, language, time_zone, demo, created_at) VALUES ($1, $2, $3, $4, $5, $6)
             RETURNING id, name, language, time_zone, demo, warning_days, version, created_at"
        ),
        (id, &new.name, new.language, &new.time_zone, new.demo, tx.now()),
    )
}

/// Changes the house and tells everybody.
pub fn change(tx: &mut Tx, change: &Change) -> Result<House> {
    let current = get(tx)?;
    if current.version != change.version {
        return Err(stale(&current));
    }
    let house: House = tx.one(
        sql!(
            "UPDATE house SET name = $1, language = $2, time_zone = $3, warning_days = $4, version = version + 1
             RETURNING id, name, language, time_zone, demo, warning_days, version, created_at"
        ),
        (
            change.name.as_ref().unwrap_or(&current.name),
            change.language.unwrap_or(current.language),
            change.time_zone.as_ref().unwrap_or(&current.time_zone),
            change.warning_days.unwrap_or(current.warning_days),
        ),
    )?;
    tx.publish(Channel::HOUSE, "house.updated", house.id, &house)?;
    Ok(house)
}

/// How many days before its date something is due soon.
pub fn warning_days(tx: &Tx) -> Result<i64> {
    Ok(find(tx)?.map_or(WARNING_DAYS, |house| house.warning_days))
}

/// Somebody else was faster.
pub fn stale(current: &impl Serialize) -> Error {
    let detail = "This was changed by somebody else in the meantime; look at it again.";
    Error::conflict("stale-version", detail).with_current(current)
}
