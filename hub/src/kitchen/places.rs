//! Places: the fridge, the cellar, the third shelf.

use hearth_shared::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::house::members::Name;
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

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
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
    tx.maybe(sql!("SELECT id, name, kind, position, archived_at, version FROM places WHERE id = $1"), (id,))
}

/// A place that is in use.
pub fn living(tx: &Tx, id: PlaceId) -> Result<Place> {
    let unknown = || Error::not_found("unknown-place", "There is no such place.");
    find(tx, id)?.filter(|place| place.archived_at.is_none()).ok_or_else(unknown)
}

/// The first place there is.
pub fn default_place(tx: &mut Tx) -> Result<Place> {
    let first: Option<Place> = tx.maybe(
        sql!(
            "SELECT id, name, kind, position, archived_at, version FROM places
             WHERE archived_at IS NULL ORDER BY position, id LIMIT 1"
        ),
        (),
    )?;
    first.ok_or_else(|| Error::conflict("no-place", "The house has no place to keep things in yet."))
}
