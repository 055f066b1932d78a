//! Places: the fridge, the cellar, the third shelf.
//!
//! A house begins with three of them, and always has one. A place that is not used any more is archived, for the
//! ledger goes on naming it; its name is free again.

pub mod http;

#[cfg(test)]
mod tests;

use hearth_shared::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::bus::Channel;
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::house::members::Name;
use crate::house::{self, Language, stale};
use crate::{row, sql, words};

use super::PlaceId;

/// How things keep in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlaceKind {
    Pantry,
    Fridge,
    Freezer,
    Other,
}
words!(PlaceKind { Pantry = "pantry", Fridge = "fridge", Freezer = "freezer", Other = "other" });

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Place {
    pub id: PlaceId,
    pub name: Name,
    pub kind: PlaceKind,
    /// Places are shown in this order.
    pub position: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub archived_at: Option<Timestamp>,
    pub version: i64,
}
row!(Place { id, name, kind, position, archived_at, version });

pub fn find(tx: &Tx, id: PlaceId) -> Result<Option<Place>> {
    let text = sql!("SELECT id, name, kind, position, archived_at, version FROM places WHERE id = $1");
    Ok(tx.known(text, (id,))?.into_iter().next())
}

/// A place, in use or not any more.
pub fn get(tx: &Tx, id: PlaceId) -> Result<Place> {
    find(tx, id)?.ok_or_else(|| Error::not_found("unknown-place", "There is no such place."))
}

/// A place that is in use.
pub fn living(tx: &Tx, id: PlaceId) -> Result<Place> {
    let unknown = || Error::not_found("unknown-place", "There is no such place.");
    find(tx, id)?.filter(|place| place.archived_at.is_none()).ok_or_else(unknown)
}

/// A place that was in use at a moment: what is told late of one that was let go since is still about it.
pub fn living_at(tx: &Tx, id: PlaceId, at: Timestamp) -> Result<Place> {
    match find(tx, id)? {
        Some(place) if place.archived_at.is_none_or(|archived| archived > at) => Ok(place),
        _ => Err(Error::not_found("unknown-place", "There is no such place.")),
    }
}

/// The most places that are in use at once.
const MOST: i64 = 200;

/// The places in use, in their order.
pub fn all(tx: &Tx) -> Result<Vec<Place>> {
    tx.all(
        sql!(
            "SELECT id, name, kind, position, archived_at, version FROM places
             WHERE archived_at IS NULL ORDER BY position, id LIMIT 200"
        ),
        (),
    )
}

/// The places in use that were made at that moment.
pub fn made_at(tx: &Tx, at: Timestamp) -> Result<Vec<Place>> {
    tx.all(
        sql!(
            "SELECT id, name, kind, position, archived_at, version FROM places
             WHERE archived_at IS NULL AND created_at = $1 ORDER BY position, id LIMIT 200"
        ),
        (at,),
    )
}

/// Where things go when nobody says where: the first place. A house without any gets some.
pub fn default_place(tx: &mut Tx) -> Result<Place> {
    let first = |tx: &Tx| -> Result<Option<Place>> {
        let first = tx.known(
            sql!(
                "SELECT id, name, kind, position, archived_at, version FROM places
                 WHERE archived_at IS NULL ORDER BY position, id LIMIT 1"
            ),
            (),
        )?;
        Ok(first.into_iter().next())
    };
    if let Some(place) = first(tx)? {
        return Ok(place);
    }
    furnish(tx)?;
    first(tx)?.ok_or_else(|| Error::broken("no-row", "A furnished house has a place."))
}

/// Gives a house without places a pantry, a fridge and a freezer, called so in its language.
pub fn furnish(tx: &mut Tx) -> Result<()> {
    let there: i64 = tx.one(sql!("SELECT COUNT(*) FROM places WHERE archived_at IS NULL"), ())?;
    if there > 0 {
        return Ok(());
    }
    let names = match house::find(tx)?.map_or(Language::English, |house| house.language) {
        Language::English => ["Pantry", "Fridge", "Freezer"],
        Language::German => ["Vorrat", "Kühlschrank", "Gefrierfach"],
    };
    let kinds = [PlaceKind::Pantry, PlaceKind::Fridge, PlaceKind::Freezer];
    for (name, kind) in names.into_iter().zip(kinds) {
        let name = Name::parse(name).map_err(|detail| Error::field("/name", detail))?;
        create(tx, &NewPlace { name, kind, position: None })?;
    }
    Ok(())
}

/// A place about to be made; at the end when no position is said.
#[derive(Debug, Clone)]
pub struct NewPlace {
    pub name: Name,
    pub kind: PlaceKind,
    pub position: Option<i64>,
}

fn name_taken() -> Error {
    let detail = "There is a place of this name already.";
    Error::conflict("place-exists", detail).and_field("/name", detail)
}

pub fn create(tx: &mut Tx, new: &NewPlace) -> Result<Place> {
    let (there, last): (i64, i64) = tx
        .one(sql!("SELECT COUNT(*), COALESCE(MAX(position), 0) FROM places WHERE archived_at IS NULL"), ())?;
    if there >= MOST {
        return Err(Error::conflict("too-many-places", "A house has at most 200 places."));
    }
    // Without RETURNING: with it, SQLite would look through everything that may name a place.
    let id: PlaceId = tx.new_id();
    let made = tx.run(
        sql!(
            "INSERT INTO places (id, name, name_key, kind, position, created_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (name_key) WHERE archived_at IS NULL DO NOTHING"
        ),
        (id, &new.name, new.name.key(), new.kind, new.position.unwrap_or(last.saturating_add(1)), tx.now()),
    )?;
    if made == 0 {
        return Err(name_taken());
    }
    let place = living(tx, id)?;
    tx.publish(Channel::HOUSE, "place.created", place.id, &place)?;
    Ok(place)
}

/// What is to be different about a place.
#[derive(Debug, Clone)]
pub struct Change {
    pub version: i64,
    pub name: Option<Name>,
    pub kind: Option<PlaceKind>,
    pub position: Option<i64>,
}

/// Changes a place. What is in it stays as it is: a shelf that is called a freezer freezes nothing.
pub fn change(tx: &mut Tx, id: PlaceId, change: &Change) -> Result<Place> {
    let current = living(tx, id)?;
    if current.version != change.version {
        return Err(stale(&current));
    }
    let name = change.name.as_ref().unwrap_or(&current.name);
    let (kind, position) = (change.kind.unwrap_or(current.kind), change.position.unwrap_or(current.position));
    let changed = tx.attempt(|tx| {
        tx.one(
            sql!(
                "UPDATE places SET name = $2, name_key = $3, kind = $4, position = $5, version = version + 1
                 WHERE id = $1 RETURNING id, name, kind, position, archived_at, version"
            ),
            (id, name, name.key(), kind, position),
        )
    });
    let place: Place = changed.map_err(|error| match error.code() {
        "unique-violation" => name_taken(),
        _ => error,
    })?;
    tx.publish(Channel::HOUSE, "place.updated", id, &place)?;
    Ok(place)
}

/// Ends the use of a place that is empty.
pub fn archive(tx: &mut Tx, id: PlaceId) -> Result<Place> {
    living(tx, id)?;
    // Every product has an id: what is there is looked for along the index of what is there.
    let used: Option<(i64,)> = tx.maybe(
        sql!("SELECT quantity FROM lots WHERE place_id = $1 AND quantity > 0 AND product_id > '' LIMIT 1"),
        (id,),
    )?;
    if used.is_some() {
        return Err(Error::conflict("place-in-use", "Something is still in this place; move it first."));
    }
    if all(tx)?.len() == 1 {
        return Err(Error::conflict("last-place", "A house keeps at least one place."));
    }
    let place: Place = tx.one(
        sql!(
            "UPDATE places SET archived_at = $2, version = version + 1
             WHERE id = $1 RETURNING id, name, kind, position, archived_at, version"
        ),
        (id, tx.now()),
    )?;
    tx.publish(Channel::HOUSE, "place.archived", id, &place)?;
    Ok(place)
}

/// Takes a place back into use, because something is in it again: what was taken from it was taken back, or what was put
/// there is told late. Where another is called as it was by now, it has a number behind its name.
pub fn back_in_use(tx: &mut Tx, place: &Place) -> Result<Place> {
    let name = free_name(tx, &place.name)?;
    let place: Place = tx.one(
        sql!(
            "UPDATE places SET archived_at = NULL, name = $2, name_key = $3, version = version + 1
             WHERE id = $1 RETURNING id, name, kind, position, archived_at, version"
        ),
        (place.id, &name, name.key()),
    )?;
    tx.publish(Channel::HOUSE, "place.created", place.id, &place)?;
    Ok(place)
}

fn free_name(tx: &Tx, name: &Name) -> Result<Name> {
    let text = name.to_string();
    let numbered = (2..=MOST + 2).map(|n| {
        let end = format!(" {n}");
        let room = Name::LONGEST - end.len();
        Name::parse(&format!("{}{end}", text.chars().take(room).collect::<String>()))
    });
    for name in std::iter::once(Ok(name.clone())).chain(numbered).flatten() {
        let taken: Option<(PlaceId,)> = tx.maybe(
            sql!("SELECT id FROM places WHERE name_key = $1 AND archived_at IS NULL"),
            (name.key(),),
        )?;
        if taken.is_none() {
            return Ok(name);
        }
    }
    Err(name_taken())
}
