//! Labels and cards to print: commands for stations, places, people, lots, and a test for scanners.
//!
//! What is printed reads back: our own codes as `hearth_shared::gs1` writes them, in symbols of [`symbol`],
//! laid out on one of the papers of [`sheets`], as SVG or PDF. Nothing here remembers what was printed.

mod bars;
pub mod cards;
pub mod http;
pub mod page;
pub mod pdf;
pub mod scanner_test;
pub mod sheets;
pub mod svg;
pub mod symbol;
#[cfg(test)]
mod tests;
pub mod typeface;
pub mod words;

use hearth_shared::gs1::Date;
use hearth_shared::scanning::Mode;
use hearth_shared::time::{Day, Timestamp};

use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::house::Language;
use crate::house::members::{self, Revoked};
use crate::{row, sql};

use self::cards::{Deck, Due, Lot, Named};
use self::page::Page;
use self::scanner_test::lay_out_test;
use self::sheets::{Sheet, lay_out};
use self::symbol::DoesNotFit;
use self::typeface::Typefaces;
use self::words::{ENGLISH, GERMAN, Words};
use super::ledger::DueKind;
use super::{LotId, PlaceId, ProductId, day_of};

/// The most labels of one document.
pub const MOST_LABELS: usize = 500;
/// The most places and people that get a card.
const MOST_NAMED: i64 = 400;

/// What is to be printed.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    Commands,
    ScannerTest,
    Places(Vec<Named>),
    People(Vec<Named>),
    Lots { lots: Vec<Lot>, copies: usize, today: Date },
}

/// How it is to be printed.
#[derive(Debug, Clone, Copy)]
pub struct How {
    pub sheet: &'static Sheet,
    /// Labels of the first sheet that are used already.
    pub skip: usize,
    pub language: Language,
}

/// Pages, and what they are called.
pub struct Printed {
    pub title: &'static str,
    pub language: &'static str,
    pub faces: Typefaces,
    pub pages: Vec<Page>,
}

fn words(language: Language) -> &'static Words {
    match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
    }
}

/// What a mode is called: on its card, and on the display of the station that is in it.
pub fn mode_name(language: Language, mode: Mode) -> &'static str {
    words(language).mode(mode).0
}

/// Lays out what is to be printed.
pub fn print(what: &What, how: How) -> Result<Printed> {
    let broken = |_: DoesNotFit| Error::broken("label-does-not-fit", "A code does not fit into its symbol.");
    let faces = Typefaces::open();
    let faces =
        faces.map_err(|e| Error::broken("typeface-unreadable", "A typeface cannot be read.").because(e))?;
    let words = words(how.language);
    let deck: Deck = match what {
        What::Commands => cards::commands(words).map_err(broken)?,
        What::Places(places) => cards::places(words, places).map_err(broken)?,
        What::People(people) => cards::people(words, people).map_err(broken)?,
        What::Lots { lots, copies, today } => cards::lots(words, lots, *copies, *today).map_err(broken)?,
        What::ScannerTest => {
            let pages = lay_out_test(&faces, words, how.sheet, how.skip).map_err(broken)?;
            let pages = pages.ok_or_else(|| {
                Error::field("sheet", "These labels are too narrow for the bars of the scanner test.")
            })?;
            return Ok(Printed { title: words.test, language: words.language, faces, pages });
        }
    };
    let title = deck.title;
    if deck.groups.iter().all(|group| group.cards.is_empty()) {
        return Err(Error::conflict(
            "nothing-to-print",
            "There is nothing yet that a label could be printed for.",
        ));
    }
    let pages = lay_out(&faces, &deck, how.sheet, how.skip);
    Ok(Printed { title, language: words.language, faces, pages })
}

impl Printed {
    pub fn pdf(&self) -> Result<Vec<u8>> {
        let trouble = |e: pdf::Trouble| {
            Error::broken("typeface-unreadable", "A typeface cannot be cut down.").because(e.to_string())
        };
        pdf::write(&self.faces, &self.pages, self.title, self.language).map_err(trouble)
    }

    /// One page as a picture; they count from 1.
    pub fn svg(&self, page: usize) -> Result<String> {
        let shown = page.checked_sub(1).and_then(|at| self.pages.get(at));
        let shown = shown.ok_or_else(|| {
            Error::not_found("no-such-page", format!("Pages go from 1 to {}.", self.pages.len()))
        })?;
        Ok(svg::write(&self.faces, shown, self.title))
    }
}

/// The places in use, in their order.
pub fn places(tx: &Tx) -> Result<Vec<Named>> {
    let found: Vec<(PlaceId, String)> = tx.all(
        sql!(
            "SELECT id, name FROM places WHERE archived_at IS NULL ORDER BY position, name_key, id LIMIT $1"
        ),
        (MOST_NAMED,),
    )?;
    Ok(found.into_iter().map(|(id, name)| Named { id: id.to_string(), name }).collect())
}

/// The people of the house, in the order in which they joined.
pub fn people(tx: &Tx) -> Result<Vec<Named>> {
    let found = members::page(tx, None, Revoked::LeftOut, MOST_NAMED)?;
    let named = |member: members::Member| Named { id: member.id.to_string(), name: member.name.to_string() };
    Ok(found.into_iter().map(named).collect())
}

struct Row {
    product_id: ProductId,
    name: String,
    place: String,
    due_on: Option<Day>,
    due_kind: DueKind,
    opened_at: Option<Timestamp>,
    batch: String,
}
row!(Row { product_id, name, place, due_on, due_kind, opened_at, batch });

/// The lots of these ids, in their order, and what day it is in the house.
pub fn lots(tx: &Tx, ids: &[LotId]) -> Result<(Vec<Lot>, Date)> {
    let unknown = |id: &LotId| Error::field("ids", format!("There is no lot {id}."));
    let lots = ids.iter().map(|id| lot(tx, *id)?.ok_or_else(|| unknown(id)));
    Ok((lots.collect::<Result<_>>()?, printed(day_of(tx, tx.now())?)))
}

fn lot(tx: &Tx, id: LotId) -> Result<Option<Lot>> {
    let row: Option<Row> = tx.maybe(
        sql!(
            "SELECT l.product_id, p.name, pl.name AS place, l.due_on, l.due_kind, l.opened_at, l.batch
             FROM lots l JOIN products p ON p.id = l.product_id JOIN places pl ON pl.id = l.place_id
             WHERE l.id = $1"
        ),
        (id,),
    )?;
    let Some(row) = row else { return Ok(None) };
    let due = if row.due_kind == DueKind::UseBy { Due::UseBy } else { Due::BestBefore };
    let opened = row.opened_at.map(|at| day_of(tx, at)).transpose()?;
    Ok(Some(Lot {
        id: id.to_string(),
        name: row.name,
        gtin: gtin(tx, row.product_id)?,
        due: row.due_on.map(|day| (due, printed(day))),
        opened: opened.map(printed),
        batch: row.batch,
        place: row.place,
    }))
}

/// The trade item that stands on a product's packs: the first that was seen of those that mean one pack.
fn gtin(tx: &Tx, product: ProductId) -> Result<Option<String>> {
    let codes: Vec<(String,)> = tx.all(
        sql!("SELECT code FROM codes WHERE product_id = $1 AND amount IS NULL ORDER BY created_at, code LIMIT 50"),
        (product,),
    )?;
    let trade = |code: &String| code.len() == 14 && code.bytes().all(|byte| byte.is_ascii_digit());
    Ok(codes.into_iter().map(|(code,)| code).find(trade))
}

/// A day as GS1 writes it. Days of a house lie within the years that can be written.
fn printed(day: Day) -> Date {
    let (year, month, date) =
        (day.year().unsigned_abs(), day.month().unsigned_abs(), day.day().unsigned_abs());
    Date::new(year, month, date).unwrap_or(FIRST)
}

const FIRST: Date = match Date::new(2000, 1, 1) {
    Some(date) => date,
    None => unreachable!(),
};
