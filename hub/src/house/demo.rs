//! An invented household, so that the first look is not at an empty house; and its larder alone, for a house of
//! people's own that has nothing in it yet.
//!
//! The household has lived here for some weeks. What it used, bought, threw away and counted is reckoned back from
//! today ([`plan`]) and then done, act by act and at its own time, by the ways in which anything is done ([`past`]);
//! so every number follows from the ledger, and the same happened each time, only on other days.

pub mod clearing;
mod habits;
pub mod http;
pub mod larder;
mod lately;
mod papers;
mod past;
mod plan;

#[cfg(test)]
mod tests;

use crate::auth::{Actor, Role};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::jobs;
use crate::kitchen::day_of;

use super::members::{self, Member, Name, NewMember};
use super::{Language, NewHouse, TimeZone, find, found};

const PEOPLE: &[(&str, Role, Language)] = &[
    ("Anna Lindqvist", Role::Owner, Language::English),
    ("Jonas Lindqvist", Role::Owner, Language::German),
    ("Mila", Role::Member, Language::English),
    ("Oskar", Role::Member, Language::German),
    ("Priya (Thursdays)", Role::Staff, Language::English),
];

/// What allows a transaction to live through another time than its own ([`Tx::relive`]). Nothing outside of the demo
/// can make one, and in here it is made for a household that is found by the same transaction.
pub struct Invented(());

/// Moves the household in, unless it lives here already. Nobody of it has a password that fits.
pub fn move_in(tx: &mut Tx) -> Result<()> {
    match find(tx)? {
        Some(house) if house.demo => return Ok(()),
        Some(_) => {
            let detail = "This data folder holds a real household; the demo will not touch it. \
                          Give the demo a folder of its own with --data.";
            return Err(Error::conflict("not-a-demo", detail));
        }
        None => {}
    }
    let (invented, now) = (Invented(()), tx.now());
    // Nobody knows the household's zone before there is a house, and no clock is read on the day before the first.
    let long_ago = now.plus_seconds(-(plan::DAYS + 2) * 24 * 3_600);
    tx.relive(&invented, &Actor::System, long_ago);
    let people = settle(tx)?;
    let today = day_of(tx, now)?;
    past::live(tx, invented, people, past::Present { now, today })?;
    jobs::wait_since(tx, now)
}

/// The house and its people.
fn settle(tx: &mut Tx) -> Result<Vec<Member>> {
    let time_zone = TimeZone::parse("Europe/Stockholm").unwrap_or_else(TimeZone::utc);
    let house =
        NewHouse { name: name("Villa Kastanje")?, language: Language::English, time_zone, demo: true };
    found(tx, &house)?;
    let join = |&(who, role, language): &(&str, Role, Language)| {
        let password_hash = String::from("$argon2id$v=19$m=8,t=1,p=1$bm9ib2R5bm9ib2R5$bm9ib2R5");
        members::join(tx, &NewMember { name: name(who)?, role, language, password_hash })
    };
    PEOPLE.iter().map(join).collect()
}

fn name(text: &str) -> Result<Name> {
    Name::parse(text).map_err(|detail| Error::field("/name", detail))
}
