//! What the display shows, whatever kind of display it is.

use hearth_shared::amount::Amount;
use hearth_shared::gs1::Code;
use hearth_shared::scanning::{Mode, Tone, Until};
use hearth_shared::time::Day;

use super::sync::Link;
use super::words::{Language, Words, about};

/// Everything that is to be seen at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen {
    /// In which it is said.
    pub language: Language,
    pub mode: Mode,
    pub person: Option<String>,
    pub place: Option<String>,
    /// The next scan counts this often.
    pub times: Option<Amount>,
    pub shown: Shown,
    pub link: Link,
    pub unsent: u64,
}

/// What the largest part of the display is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// Nothing was scanned yet.
    #[default]
    Ready,
    /// The last item.
    Item(ItemShown),
    /// A short text, and whether it is good news.
    Note { note: Note, tone: Tone },
    /// The six digits to type in the web app.
    Code(String),
}

/// A short text: what a station says by itself in any language, or what the hub has said in that of the house.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    NothingToUndo,
    UnknownCard,
    /// What was taken back.
    Undone(String),
    Confirmed,
    Cancelled,
    Mode(Mode),
    /// How often the next scan counts.
    Times(Amount),
    Person(Choice),
    Place(Choice),
    Full,
    NotStored,
    Lost,
    Hub(String),
}

/// Whom or what a card has chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    Usual,
    Named(String),
    /// What it is called is not known here.
    Nameless,
}

impl Choice {
    fn says<'a>(&'a self, words: &Words, usual: &'a str) -> &'a str {
        match self {
            Choice::Usual => usual,
            Choice::Named(name) => name,
            Choice::Nameless => words.chosen,
        }
    }
}

impl Note {
    /// What it says in a language.
    pub fn says(&self, language: Language) -> String {
        let words = language.words();
        match self {
            Note::NothingToUndo => words.nothing_to_undo.to_owned(),
            Note::UnknownCard => words.unknown_card.to_owned(),
            Note::Undone(what) => about(words.undone, what),
            Note::Confirmed => words.confirmed.to_owned(),
            Note::Cancelled => words.cancelled.to_owned(),
            Note::Mode(mode) => about(words.mode_is, words.mode(*mode)),
            Note::Times(times) => about(words.times, &words.amount(*times, None)),
            Note::Person(choice) => about(words.person, choice.says(words, words.nobody)),
            Note::Place(choice) => about(words.place, choice.says(words, words.usual_place)),
            Note::Full => words.full.to_owned(),
            Note::NotStored => words.not_stored.to_owned(),
            Note::Lost => words.lost.to_owned(),
            Note::Hub(text) => text.clone(),
        }
    }
}

/// The last item that was scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemShown {
    pub title: String,
    /// The hub has said what became of it; before, this is what the station knows.
    pub settled: bool,
    pub before: Option<Amount>,
    pub after: Option<Amount>,
    pub unit: Option<String>,
    pub expiry: Option<Until>,
    /// Why the code cannot be right.
    pub wrong: Option<Code>,
    /// The hub's stable words.
    pub warnings: Vec<String>,
    pub lines: Vec<String>,
    pub tone: Tone,
    /// The day on which it was scanned, where that is known.
    pub today: Option<Day>,
}

impl ItemShown {
    pub fn provisional(title: String, tone: Tone) -> ItemShown {
        ItemShown {
            title,
            settled: false,
            before: None,
            after: None,
            unit: None,
            expiry: None,
            wrong: None,
            warnings: Vec::new(),
            lines: Vec::new(),
            tone,
            today: None,
        }
    }
}
