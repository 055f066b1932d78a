//! What stands on the labels of a kitchen: commands, places, people, lots.

use hearth_shared::gs1::{Date, Message, Verb, command, label};
use hearth_shared::scanning::Mode;

pub use super::sheets::Deck;
use super::sheets::{Card, Group};
use super::symbol::{DoesNotFit, Symbol};
use super::words::Words;

/// The letters of an id as our codes carry them: capitals, without hyphens.
fn carried(id: &str) -> String {
    id.chars().filter(|letter| *letter != '-').map(|letter| letter.to_ascii_uppercase()).collect()
}

fn command_card(verb: Verb, argument: &str, title: &str, line: &str) -> Result<Card, DoesNotFit> {
    let symbol = Symbol::data_matrix(&command(verb, argument).ok_or(DoesNotFit)?)?;
    let lines = if line.is_empty() { Vec::new() } else { vec![line.to_owned()] };
    Ok(Card { symbol, title: title.to_owned(), strong: None, lines })
}

/// The cards that tell a station what to do: its mode, how many, and to take back or settle.
pub fn commands(words: &'static Words) -> Result<Deck, DoesNotFit> {
    let modes = Mode::ALL.iter().map(|mode| {
        let (title, line) = words.mode(*mode);
        command_card(Verb::Mode, &mode.word().to_ascii_uppercase(), title, line)
    });
    let quantities = (2..=12).map(|count: i32| {
        command_card(Verb::Quantity, &count.to_string(), &format!("× {count}"), words.quantity)
    });
    let answers = [(Verb::Undo, words.undo), (Verb::Confirm, words.confirm), (Verb::Cancel, words.cancel)];
    let answers = answers.into_iter().map(|(verb, (title, line))| command_card(verb, "", title, line));
    Ok(Deck {
        title: words.commands,
        advice: words.commands_advice.to_owned(),
        groups: vec![
            Group { heading: words.modes.to_owned(), cards: modes.collect::<Result<_, _>>()? },
            Group { heading: words.quantities.to_owned(), cards: quantities.collect::<Result<_, _>>()? },
            Group { heading: words.answers.to_owned(), cards: answers.collect::<Result<_, _>>()? },
        ],
    })
}

/// Something with an id and a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub id: String,
    pub name: String,
}

/// A card for each place: things go there, or come from there.
pub fn places(words: &'static Words, places: &[Named]) -> Result<Deck, DoesNotFit> {
    let cards = named(Verb::Place, places, words.place)?;
    Ok(single(words.places, words.places_advice, cards))
}

/// A card for each person: it is they who scan.
pub fn people(words: &'static Words, people: &[Named]) -> Result<Deck, DoesNotFit> {
    let cards = named(Verb::Person, people, words.person)?;
    Ok(single(words.people, words.people_advice, cards))
}

fn named(verb: Verb, all: &[Named], line: &str) -> Result<Vec<Card>, DoesNotFit> {
    all.iter().map(|one| command_card(verb, &carried(&one.id), &one.name, line)).collect()
}

fn single(title: &'static str, advice: &str, cards: Vec<Card>) -> Deck {
    let groups = vec![Group { heading: String::new(), cards }];
    Deck { title, advice: advice.to_owned(), groups }
}

/// What a date means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Good until then and usually beyond.
    BestBefore,
    /// Not to be eaten after it.
    UseBy,
}

/// A lot as its label tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    pub id: String,
    pub name: String,
    /// The trade item, as 14 digits.
    pub gtin: Option<String>,
    pub due: Option<(Due, Date)>,
    pub opened: Option<Date>,
    pub batch: String,
    pub place: String,
}

/// A label for each lot, `copies` of each together.
pub fn lots(words: &'static Words, lots: &[Lot], copies: usize, today: Date) -> Result<Deck, DoesNotFit> {
    let mut cards = Vec::new();
    for lot in lots {
        let symbol = Symbol::gs1_data_matrix(&lot_elements(lot, today).ok_or(DoesNotFit)?)?;
        let (strong, lines) = (due_line(words, lot), lot_lines(words, lot));
        let card = Card { symbol, title: lot.name.clone(), strong, lines };
        cards.extend(std::iter::repeat_n(card, copies));
    }
    Ok(single(words.lots, "", cards))
}

fn due_line(words: &'static Words, lot: &Lot) -> Option<String> {
    let (due, date) = lot.due?;
    let word = if due == Due::UseBy { words.use_by } else { words.best_before };
    Some(format!("{word} {}", words.date(date)))
}

fn lot_lines(words: &'static Words, lot: &Lot) -> Vec<String> {
    let opened = lot.opened.map(|date| format!("{} {}", words.opened, words.date(date)));
    let place = Some(lot.place.clone()).filter(|place| !place.is_empty());
    let batch = Some(format!("{} {}", words.batch, lot.batch)).filter(|_| !lot.batch.is_empty());
    [opened, place, batch].into_iter().flatten().collect()
}

/// A lot as elements: the trade item where it has one, its date, its batch, and in 91, which a company uses as
/// it likes, the code of this very lot. A reader that knows nothing of this house still learns the former.
pub fn lot_elements(lot: &Lot, today: Date) -> Option<String> {
    let mut message = Message::new();
    let known = lot.gtin.as_ref().is_some_and(|gtin| message.add("01", gtin, today).is_ok());
    // Without an item these would say nothing to anybody.
    if known {
        if let Some((due, date)) = lot.due {
            let ai = if due == Due::UseBy { "17" } else { "15" };
            let (year, month, day) = (date.year() % 100, date.month(), date.day());
            let _ = message.add(ai, &format!("{year:02}{month:02}{day:02}"), today);
        }
        // A batch may hold letters that GS1 does not know; then the label goes without it.
        let _ = message.add("10", &lot.batch, today);
    }
    message.add("91", &label(&carried(&lot.id))?, today).ok()?;
    message.element_string().ok()
}
