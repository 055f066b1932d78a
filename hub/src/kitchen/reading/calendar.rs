//! The dates of what there is, as a calendar that other programs subscribe to.
//!
//! Such a program can show no cookie and send no header, so the address holds a secret: one for each person, which
//! opens the calendar and nothing else. It is shown once, kept as a digest, and good until it is renewed, revoked,
//! or its owner leaves the house.

pub mod http;
pub mod ics;

use std::collections::BTreeMap;

use hearth_shared::amount::Amount;
use hearth_shared::time::{Day, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Secret;
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::house::members::MemberId;
use crate::house::{self, Language};
use crate::kitchen::ledger::DueKind;
use crate::kitchen::products::BaseUnit;
use crate::kitchen::{ProductId, day_of};
use crate::{row, sql};

use super::words;
use ics::Event;

/// How long what is over stays in the calendar.
const PAST_DAYS: i64 = 30;
/// The most lots that one calendar is made of; the latest dates are left out first.
const MOST: i64 = 5_000;

/// The key of a calendar, for the one who is to carry it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CalendarKey {
    /// Where the calendar is, below the hub's address. The key in it is shown this once.
    pub path: String,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// Makes a key for somebody; the one they had before opens nothing any more.
pub fn renew(tx: &mut Tx, member: MemberId) -> Result<CalendarKey> {
    let (secret, created_at) = (Secret::from_bytes(&tx.secret()), tx.now());
    tx.run(
        sql!(
            "INSERT INTO calendar_keys (member_id, key_hash, created_at) VALUES ($1, $2, $3)
             ON CONFLICT (member_id) DO UPDATE
                SET key_hash = excluded.key_hash, created_at = excluded.created_at"
        ),
        (member, secret.digest(), created_at),
    )?;
    Ok(CalendarKey { path: format!("/api/calendar.ics?key={}", secret.reveal()), created_at })
}

/// Takes somebody's key away. Without one, nothing changes.
pub fn revoke(tx: &mut Tx, member: MemberId) -> Result<()> {
    tx.run(sql!("DELETE FROM calendar_keys WHERE member_id = $1"), (member,))?;
    Ok(())
}

/// Since when somebody has a key.
pub fn since(tx: &Tx, member: MemberId) -> Result<Option<Timestamp>> {
    tx.maybe(sql!("SELECT created_at FROM calendar_keys WHERE member_id = $1"), (member,))
}

/// The language of the one whose key this is.
fn reader(tx: &Tx, key: &str) -> Result<Language> {
    let unknown =
        || Error::unauthenticated("bad-calendar-key", "This key opens no calendar; make a new one.");
    let secret = Secret::shown(key).ok_or_else(unknown)?;
    let language: Option<(Language,)> = tx.maybe(
        sql!(
            "SELECT m.language FROM calendar_keys k JOIN members m ON m.id = k.member_id
             WHERE k.key_hash = $1 AND m.revoked_at IS NULL"
        ),
        (secret.digest(),),
    )?;
    language.map(|(language,)| language).ok_or_else(unknown)
}

struct Line {
    product_id: ProductId,
    product_name: String,
    base_unit: BaseUnit,
    place_name: String,
    quantity: Amount,
    due_on: Day,
    due_kind: DueKind,
    received_at: Timestamp,
}
row!(Line { product_id, product_name, base_unit, place_name, quantity, due_on, due_kind, received_at });

/// All of a product that is due on one day.
struct Due {
    name: String,
    unit: BaseUnit,
    quantity: Amount,
    places: Vec<String>,
    said_at: Timestamp,
}

/// The calendar of the house, for the one whose key this is.
pub fn calendar(tx: &Tx, key: &str) -> Result<String> {
    let language = reader(tx, key)?;
    let from = day_of(tx, tx.now())?.plus(-PAST_DAYS);
    let lines: Vec<Line> = tx.all(
        sql!(
            "SELECT l.product_id, p.name AS product_name, p.base_unit, s.name AS place_name, l.quantity, l.due_on,
                 l.due_kind, l.received_at
             FROM lots l JOIN products p ON p.id = l.product_id JOIN places s ON s.id = l.place_id
             WHERE l.quantity > 0 AND l.due_on IS NOT NULL AND l.due_on >= $1
             ORDER BY l.due_on, l.id LIMIT $2"
        ),
        (from, MOST),
    )?;
    let mut days: BTreeMap<(Day, ProductId, &'static str), Due> = BTreeMap::new();
    for line in lines {
        let none = || Due {
            name: line.product_name.clone(),
            unit: line.base_unit,
            quantity: Amount::ZERO,
            places: Vec::new(),
            said_at: line.received_at,
        };
        let due = days.entry((line.due_on, line.product_id, line.due_kind.as_str())).or_insert_with(none);
        due.quantity += line.quantity;
        due.said_at = due.said_at.max(line.received_at);
        if !due.places.contains(&line.place_name) {
            due.places.push(line.place_name);
        }
    }
    let events: Vec<Event> = days.into_iter().map(|(key, due)| event(language, key, &due)).collect();
    let name = house::find(tx)?.map(|house| house.name.to_string()).unwrap_or_default();
    Ok(ics::calendar(&name, &events))
}

fn event(language: Language, (day, product, kind): (Day, ProductId, &'static str), due: &Due) -> Event {
    let how = match (language, kind) {
        (Language::English, "use-by") => "use by today",
        (Language::English, _) => "best before today",
        (Language::German, "use-by") => "heute zu verbrauchen",
        (Language::German, _) => "mindestens haltbar bis heute",
    };
    let amount = words::amount(language, due.quantity, due.unit);
    Event {
        uid: format!("{product}-{day}-{kind}@hearth"),
        day,
        said_at: due.said_at,
        summary: format!("{}: {how}", due.name),
        description: format!("{amount}, {}", due.places.join(", ")),
    }
}
