//! The people of the house.
//!
//! Nobody is ever deleted: who did what stays true. A member who leaves is revoked, signed out
//! everywhere at once, and their name is free again. The last owner cannot leave or step down.

use std::fmt;

use hearth_shared::time::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::ToSchema;

use crate::auth::policy::ROLE_CHANGED;
use crate::auth::{Role, links, sessions};
use crate::bus::Channel;
use crate::db::{Bind, Cell, Column, Param, Tx, Verbs};
use crate::error::{Error, Flaw, Result};
use crate::{id_columns, row, sql, words};

use super::{Language, stale};

hearth_shared::id! {
    /// A person of the house.
    MemberId,
}
id_columns!(MemberId);

/// What a thing or a person is called: 1 to 60 characters, no line breaks, no space at the ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(transparent)]
pub struct Name(String);

impl Name {
    pub const LONGEST: usize = 60;

    pub fn parse(text: &str) -> Result<Name, (Flaw, &'static str)> {
        let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
        match name.chars().count() {
            0 => Err((Flaw::Required, "A name is needed.")),
            n if n > Name::LONGEST => Err((Flaw::TooLong, "A name has at most 60 characters.")),
            _ if name.chars().any(char::is_control) => {
                Err((Flaw::BadCharacters, "A name has no control characters."))
            }
            _ => Ok(Name(name)),
        }
    }

    /// The form in which two spellings of one name are the same.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Name, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(input)?;
        Name::parse(&text).map_err(|(_, detail)| de::Error::custom(detail))
    }
}

impl Bind for Name {
    fn bind(&self) -> Param<'_> {
        self.0.bind()
    }
}

impl Column for Name {
    fn read(cell: Cell<'_>) -> Option<Name> {
        String::read(cell).map(Name)
    }
}

/// How the app looks to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    System,
    Light,
    Dark,
}
words!(Theme { System = "system", Light = "light", Dark = "dark" });

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Member {
    pub id: MemberId,
    pub name: Name,
    pub role: Role,
    pub language: Language,
    pub theme: Theme,
    #[schema(value_type = String, format = DateTime)]
    pub joined_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_seen_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
    pub version: i64,
}
row!(Member { id, name, role, language, theme, joined_at, last_seen_at, revoked_at, version });

#[derive(Debug, Clone)]
pub struct NewMember {
    pub name: Name,
    pub role: Role,
    pub language: Language,
    pub password_hash: String,
}

/// What is to be different about a member.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub version: i64,
    pub name: Option<Name>,
    pub role: Option<Role>,
    pub language: Option<Language>,
    pub theme: Option<Theme>,
}

/// Takes a new person in.
pub fn join(tx: &mut Tx, new: &NewMember) -> Result<Member> {
    let id: MemberId = tx.new_id();
    let joined: Option<Member> = tx.maybe(
        sql!(
            "INSERT INTO members (id, name, name_key, role, language, password, joined_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (name_key) WHERE revoked_at IS NULL DO NOTHING
             RETURNING id, name, role, language, theme, joined_at, last_seen_at, revoked_at, version"
        ),
        (id, &new.name, new.name.key(), new.role, new.language, &new.password_hash, tx.now()),
    )?;
    let member = joined.ok_or_else(name_taken)?;
    tx.publish(Channel::HOUSE, "member.joined", id, &member)?;
    Ok(member)
}

pub fn name_taken() -> Error {
    Error::conflict("name-taken", "Somebody here has this name already; choose another.")
        .and_field("/name", "Somebody here has this name already.")
}

pub fn find(tx: &Tx, id: MemberId) -> Result<Option<Member>> {
    tx.maybe(
        sql!(
            "SELECT id, name, role, language, theme, joined_at, last_seen_at, revoked_at, version
             FROM members WHERE id = $1"
        ),
        (id,),
    )
}

pub fn get(tx: &Tx, id: MemberId) -> Result<Member> {
    find(tx, id)?.ok_or_else(|| Error::not_found("unknown-member", "There is no such member."))
}

/// A member who has not been revoked.
pub fn living(tx: &Tx, id: MemberId) -> Result<Member> {
    let member = get(tx, id)?;
    if member.revoked_at.is_some() {
        return Err(Error::not_found("unknown-member", "This member does not belong to the house any more."));
    }
    Ok(member)
}

/// A page of people in the order in which they joined, after `after`.
pub fn page(tx: &Tx, after: Option<MemberId>, revoked_too: Revoked, limit: i64) -> Result<Vec<Member>> {
    tx.all(
        sql!(
            "SELECT id, name, role, language, theme, joined_at, last_seen_at, revoked_at, version
             FROM members WHERE id > $1 AND (revoked_at IS NULL OR $2) ORDER BY id LIMIT $3"
        ),
        (after.map(|id| id.to_string()).unwrap_or_default(), revoked_too == Revoked::Included, limit),
    )
}

/// Whether a list holds those who left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revoked {
    Included,
    LeftOut,
}

/// Changes a member and tells everybody.
pub fn change(tx: &mut Tx, id: MemberId, change: &Change) -> Result<Member> {
    let current = living(tx, id)?;
    if current.version != change.version {
        return Err(stale(&current));
    }
    let role = change.role.unwrap_or(current.role);
    if role != current.role && current.role == Role::Owner {
        keep_an_owner(tx)?;
    }
    let name = change.name.as_ref().unwrap_or(&current.name);
    let changed = tx.attempt(|tx| {
        tx.one(
            sql!(
                "UPDATE members SET name = $2, name_key = $3, role = $4, language = $5, theme = $6,
                     version = version + 1
                 WHERE id = $1
                 RETURNING id, name, role, language, theme, joined_at, last_seen_at, revoked_at, version"
            ),
            (
                id,
                name,
                name.key(),
                role,
                change.language.unwrap_or(current.language),
                change.theme.unwrap_or(current.theme),
            ),
        )
    });
    let member: Member = changed.map_err(|error| match error.code() {
        "unique-violation" => name_taken(),
        _ => error,
    })?;
    tx.publish(Channel::HOUSE, "member.updated", id, &member)?;
    if role != current.role {
        if current.role == Role::Owner {
            links::withdraw_all_of(tx, id)?;
        }
        tx.publish(Channel::HOUSE, ROLE_CHANGED, id, &serde_json::json!({}))?;
    }
    Ok(member)
}

/// Ends somebody's time in the house: signed out everywhere, name free again, history kept.
pub fn revoke(tx: &mut Tx, id: MemberId) -> Result<()> {
    let current = living(tx, id)?;
    if current.role == Role::Owner {
        keep_an_owner(tx)?;
    }
    let member: Member = tx.one(
        sql!(
            "UPDATE members SET revoked_at = $2, version = version + 1 WHERE id = $1
             RETURNING id, name, role, language, theme, joined_at, last_seen_at, revoked_at, version"
        ),
        (id, tx.now()),
    )?;
    links::withdraw_all_of(tx, id)?;
    links::withdraw_resets(tx, id)?;
    sessions::end_all(tx, id, None)?;
    tx.publish(Channel::HOUSE, "member.revoked", id, &member)
}

fn keep_an_owner(tx: &Tx) -> Result<()> {
    let owners: i64 =
        tx.one(sql!("SELECT COUNT(*) FROM members WHERE role = 'owner' AND revoked_at IS NULL"), ())?;
    if owners > 1 {
        return Ok(());
    }
    Err(Error::conflict("last-owner", "A house needs an owner: make somebody else one first."))
}

/// Who signs in under this name, and the kept form of their password.
pub fn credentials(tx: &Tx, name_key: &str) -> Result<Option<(MemberId, String)>> {
    tx.maybe(sql!("SELECT id, password FROM members WHERE name_key = $1 AND revoked_at IS NULL"), (name_key,))
}

/// The kept form of a member's password.
pub fn password(tx: &Tx, id: MemberId) -> Result<String> {
    tx.one(sql!("SELECT password FROM members WHERE id = $1"), (id,))
}

pub fn set_password(tx: &mut Tx, id: MemberId, hash: &str) -> Result<()> {
    tx.run(sql!("UPDATE members SET password = $2 WHERE id = $1"), (id, hash))?;
    Ok(())
}

/// The first of the owners, for the demo's sign-in link and for commands.
pub fn first_owner(tx: &Tx) -> Result<Option<MemberId>> {
    let row: Option<(MemberId,)> = tx.maybe(
        sql!("SELECT id FROM members WHERE role = 'owner' AND revoked_at IS NULL ORDER BY id LIMIT 1"),
        (),
    )?;
    Ok(row.map(|(id,)| id))
}

/// What must hold of the people; anything else is found by `hearth-hub check`.
pub fn violations(tx: &Tx) -> Result<Vec<String>> {
    let owners: i64 =
        tx.one(sql!("SELECT COUNT(*) FROM members WHERE role = 'owner' AND revoked_at IS NULL"), ())?;
    let houses: i64 = tx.one(sql!("SELECT COUNT(*) FROM house"), ())?;
    let ghosts: i64 = tx.one(
        sql!(
            "SELECT COUNT(*) FROM sessions s JOIN members m ON m.id = s.member_id
             WHERE m.revoked_at IS NOT NULL"
        ),
        (),
    )?;
    let mut found = Vec::new();
    if houses > 1 {
        found.push(format!("there are {houses} houses"));
    }
    if houses == 1 && owners == 0 {
        found.push("the house has no owner".to_owned());
    }
    if ghosts > 0 {
        found.push(format!("{ghosts} sessions belong to people who left"));
    }
    Ok(found)
}
