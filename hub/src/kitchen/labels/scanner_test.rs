//! The sheet that shows what a scanner makes of a code: end of line, layout, case, separator, and what it
//! puts before and behind.

use super::page::{Area, Page, module_of};
use super::sheets::{Card, Deck, Group, Paper, PaperKind, Sheet, lay_out};
use super::symbol::{DoesNotFit, Kind, Symbol};
use super::typeface::Typefaces;
use super::words::Words;

/// The item that GS1 uses in its own examples: nobody sells it.
pub const ITEM: &str = "9501101530003";
/// Letters that lie elsewhere in other layouts, both cases, and the signs that move most.
pub const LETTERS: &str = "yzYZaA-_/+1234";
/// Batch and serial; whoever drops the separator reads one long batch.
pub const SEPARATED: &str = "10AB12\u{1D}21CD34";
/// What is on cases: the item and its batch.
pub const CASE: &str = "010950110153000310AB12";
pub const LINK: &str = "https://id.example.org/01/09501101530003";
/// Every character that GS1 allows in a value, then a separator and something behind it. What a scanner makes
/// of this tells a station all it must know of that scanner.
pub const COMMISSIONING: &str = concat!(
    "91!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz",
    "\u{1D}10HEARTH"
);

/// The codes of the sheet in their order.
pub fn symbols() -> Result<[Symbol; 6], DoesNotFit> {
    Ok([
        Symbol::ean_13(ITEM)?,
        Symbol::code_128(LETTERS)?,
        Symbol::gs1_data_matrix(SEPARATED)?,
        Symbol::gs1_128(CASE)?,
        Symbol::qr(LINK)?,
        Symbol::gs1_data_matrix(COMMISSIONING)?,
    ])
}

/// Bars with thinner modules than this are for few scanners.
const THINNEST: i32 = 190;

/// Lays the test out: explained on plain paper, with its titles alone on labels. Nothing where the labels are
/// too narrow for the bars.
pub fn lay_out_test(
    faces: &Typefaces,
    words: &'static Words,
    sheet: &Sheet,
    skip: usize,
) -> Result<Option<Vec<Page>>, DoesNotFit> {
    let symbols = symbols()?;
    let label = Area { x: 0, y: 0, width: sheet.label.0, height: sheet.label.1 }.inside(sheet.margin);
    let thin = |symbol: &Symbol| symbol.kind == Kind::Bars && module_of(symbol, label, sheet.dot) < THINNEST;
    let steps = symbols.iter().zip(words.steps);
    if sheet.kind == PaperKind::Plain {
        let mut paper = Paper::new(faces, sheet, words.test);
        for advice in words.test_advice {
            paper.advice(advice);
        }
        for (symbol, (title, texts)) in steps {
            paper.step(title, symbol, texts);
        }
        return Ok(Some(paper.finish()));
    }
    if symbols.iter().any(thin) {
        return Ok(None);
    }
    let card = |(symbol, (title, _)): (&Symbol, (&str, _))| Card {
        symbol: symbol.clone(),
        title: title.to_owned(),
        strong: None,
        lines: Vec::new(),
    };
    let groups = vec![Group { heading: String::new(), cards: steps.map(card).collect() }];
    let deck = Deck { title: words.test, advice: String::new(), groups };
    Ok(Some(lay_out(faces, &deck, sheet, skip)))
}
