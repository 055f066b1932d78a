//! An invented household, so that the first look is not at an empty house; and its larder alone, for a house of
//! people's own that has nothing in it yet.

pub mod clearing;
pub mod http;
pub mod larder;
mod papers;

#[cfg(test)]
mod tests;

use crate::auth::Role;
use crate::db::Tx;
use crate::error::{Error, Result};

use super::members::{self, Name, NewMember};
use super::{Language, NewHouse, TimeZone, find, found};

const PEOPLE: &[(&str, Role, Language)] = &[
    ("Anna Lindqvist", Role::Owner, Language::English),
    ("Jonas Lindqvist", Role::Owner, Language::German),
    ("Mila", Role::Member, Language::English),
    ("Oskar", Role::Member, Language::German),
    ("Priya (Thursdays)", Role::Staff, Language::English),
];

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
    let time_zone = TimeZone::parse("Europe/Stockholm").unwrap_or_else(TimeZone::utc);
    let name = |text: &str| Name::parse(text).map_err(|detail| Error::field("/name", detail));
    found(
        tx,
        &NewHouse { name: name("Villa Kastanje")?, language: Language::English, time_zone, demo: true },
    )?;
    for (who, role, language) in PEOPLE {
        let password_hash = String::from("$argon2id$v=19$m=8,t=1,p=1$bm9ib2R5bm9ib2R5$bm9ib2R5");
        let new = NewMember { name: name(who)?, role: *role, language: *language, password_hash };
        members::join(tx, &new)?;
    }
    larder::furnish(tx)?;
    papers::put_down(tx)
}
