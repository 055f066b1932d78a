//! Categories: kinds of products; in a shop, the aisles in the order of one's way.

pub mod http;

use hearth_shared::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::bus::Channel;
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::house::members::Name;
use crate::house::{self, stale};
use crate::{row, sql};

use super::CategoryId;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Category {
    pub id: CategoryId,
    pub name: Name,
    /// Categories are shown in this order.
    pub position: i64,
    /// What lasts no longer than so many days more is due soon; absent for as many as the house says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning_days: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub archived_at: Option<Timestamp>,
    pub version: i64,
}
row!(Category { id, name, position, warning_days, archived_at, version });

/// The most categories that are in use at once.
const MOST: i64 = 200;

pub fn find(tx: &Tx, id: CategoryId) -> Result<Option<Category>> {
    tx.maybe(
        sql!("SELECT id, name, position, warning_days, archived_at, version FROM categories WHERE id = $1"),
        (id,),
    )
}

/// A category, in use or not any more.
pub fn get(tx: &Tx, id: CategoryId) -> Result<Category> {
    find(tx, id)?.ok_or_else(|| Error::not_found("unknown-category", "There is no such category."))
}

/// A category that is in use.
pub fn living(tx: &Tx, id: CategoryId) -> Result<Category> {
    let unknown = || Error::not_found("unknown-category", "There is no such category.");
    find(tx, id)?.filter(|category| category.archived_at.is_none()).ok_or_else(unknown)
}

/// The categories in use, in their order.
pub fn all(tx: &Tx) -> Result<Vec<Category>> {
    tx.all(
        sql!(
            "SELECT id, name, position, warning_days, archived_at, version FROM categories
             WHERE archived_at IS NULL ORDER BY position, id LIMIT 200"
        ),
        (),
    )
}

/// The categories in use that were made at that moment.
pub fn made_at(tx: &Tx, at: Timestamp) -> Result<Vec<Category>> {
    tx.all(
        sql!(
            "SELECT id, name, position, warning_days, archived_at, version FROM categories
             WHERE archived_at IS NULL AND created_at = $1 ORDER BY position, id LIMIT 200"
        ),
        (at,),
    )
}

fn name_taken() -> Error {
    let detail = "There is a category of this name already.";
    Error::conflict("category-exists", detail).and_field("/name", detail)
}

/// Makes a category, at the end when no position is said, of which one is warned as early as the house says unless it
/// says otherwise.
pub fn create(
    tx: &mut Tx,
    name: &Name,
    position: Option<i64>,
    warning_days: Option<i64>,
) -> Result<Category> {
    let (there, last): (i64, i64) = tx.one(
        sql!("SELECT COUNT(*), COALESCE(MAX(position), 0) FROM categories WHERE archived_at IS NULL"),
        (),
    )?;
    if there >= MOST {
        return Err(Error::conflict("too-many-categories", "A house has at most 200 categories."));
    }
    // Without RETURNING: with it, SQLite would look through everything that may name a category.
    let id: CategoryId = tx.new_id();
    let made = tx.run(
        sql!(
            "INSERT INTO categories (id, name, name_key, position, warning_days, created_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (name_key) WHERE archived_at IS NULL DO NOTHING"
        ),
        (id, name, name.key(), position.unwrap_or(last.saturating_add(1)), warning_days, tx.now()),
    )?;
    if made == 0 {
        return Err(name_taken());
    }
    let category = living(tx, id)?;
    tx.publish(Channel::HOUSE, "category.created", category.id, &category)?;
    Ok(category)
}

/// What is to be different about a category.
#[derive(Debug, Clone)]
pub struct Change {
    pub version: i64,
    pub name: Option<Name>,
    pub position: Option<i64>,
    /// As many as the house says, where that is nothing.
    pub warning_days: Option<Option<i64>>,
}

pub fn change(tx: &mut Tx, id: CategoryId, change: &Change) -> Result<Category> {
    let current = living(tx, id)?;
    if current.version != change.version {
        return Err(stale(&current));
    }
    let name = change.name.as_ref().unwrap_or(&current.name);
    let changed = tx.attempt(|tx| {
        tx.one(
            sql!(
                "UPDATE categories SET name = $2, name_key = $3, position = $4, warning_days = $5,
                     version = version + 1
                 WHERE id = $1 RETURNING id, name, position, warning_days, archived_at, version"
            ),
            (
                id,
                name,
                name.key(),
                change.position.unwrap_or(current.position),
                change.warning_days.unwrap_or(current.warning_days),
            ),
        )
    });
    let category: Category = changed.map_err(|error| match error.code() {
        "unique-violation" => name_taken(),
        _ => error,
    })?;
    tx.publish(Channel::HOUSE, "category.updated", id, &category)?;
    Ok(category)
}

/// Things of which one is warned equally early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Warned {
    /// What lasts no longer than so many days more is due soon.
    pub days: i64,
    /// Which things that are: those of categories that say so many themselves, or as a number below zero
    /// [`Warned::USUAL`] or [`Warned::ALL`].
    pub of: i64,
}

impl Warned {
    /// All that is of no category with days of its own.
    pub const USUAL: i64 = -1;
    pub const ALL: i64 = -2;
}

/// How early one is warned of what: as the house says, unless a category says otherwise.
pub fn warned(tx: &Tx) -> Result<Vec<Warned>> {
    let own: Vec<(i64,)> = tx.all(
        sql!(
            "SELECT DISTINCT warning_days FROM categories
             WHERE warning_days IS NOT NULL AND archived_at IS NULL ORDER BY warning_days"
        ),
        (),
    )?;
    let usual = house::warning_days(tx)?;
    if own.is_empty() {
        return Ok(vec![Warned { days: usual, of: Warned::ALL }]);
    }
    let own = own.into_iter().map(|(days,)| Warned { days, of: days });
    Ok(std::iter::once(Warned { days: usual, of: Warned::USUAL }).chain(own).collect())
}

/// Ends the use of a category. Products that are of it keep its id, which then leads to nothing in the list.
pub fn archive(tx: &mut Tx, id: CategoryId) -> Result<Category> {
    living(tx, id)?;
    let category: Category = tx.one(
        sql!(
            "UPDATE categories SET archived_at = $2, version = version + 1
             WHERE id = $1 RETURNING id, name, position, warning_days, archived_at, version"
        ),
        (id, tx.now()),
    )?;
    tx.publish(Channel::HOUSE, "category.archived", id, &category)?;
    Ok(category)
}
