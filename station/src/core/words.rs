//! What a station says by itself, in the languages of houses.
//!
//! What the hub says of a scan comes in the language of the house; these words stand beside it on the display, and are
//! all there is while the hub is away. They are as short as the smallest display asks. Logs, commands and the terminal
//! of `simulate` are for whoever looks after the machine, and stay English.

use std::borrow::Cow;

use hearth_shared::amount::Amount;
use hearth_shared::scanning::{Mode, Until};
use hearth_shared::time::Day;

use super::sync::Link;

/// A language that stations speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    English,
    German,
}

impl Language {
    pub const ALL: [Language; 2] = [Language::English, Language::German];

    /// The language that a hub names; English where it names none, or one that there are no words for.
    pub fn of(word: Option<&str>) -> Language {
        match word {
            Some("de") => Language::German,
            _ => Language::English,
        }
    }

    pub fn words(self) -> &'static Words {
        match self {
            Language::English => &ENGLISH,
            Language::German => &GERMAN,
        }
    }
}

/// The hub's stable words for what is to be looked at about a scan.
pub const WARNINGS: [&str; 13] = [
    "allergen",
    "already-here",
    "already-open",
    "clock",
    "estimated-date",
    "expired",
    "label-doubtful",
    "labels-differ",
    "older-open",
    "on-list",
    "on-receipt",
    "several-products",
    "several-shops",
];

/// Everything that a station says in one language; `{}` stands for what it is about.
#[derive(Debug)]
pub struct Words {
    /// In the order of [`Mode::ALL`]; called as on cards, in the app and by the hub.
    mode: [&'static str; 8],
    pub ready: &'static str,
    /// Above the six digits of pairing.
    pub type_code: &'static str,
    /// How it is with the hub.
    unpaired: &'static str,
    looking: &'static str,
    here: &'static str,
    away: &'static str,
    sent_off: &'static str,
    /// How many scans the hub does not have.
    pub unsent: fn(u64) -> String,
    /// What there is to say of a scan that the hub does not have yet, if nothing else is.
    pub stored: &'static str,
    pub had: &'static str,
    pub wrong: &'static str,
    /// In the order of [`WARNINGS`].
    warning: [&'static str; WARNINGS.len()],
    /// In front of a date, the longest first: the display takes the first that fits.
    best_before: &'static [&'static str],
    use_by: &'static [&'static str],
    piece: &'static str,
    decimal: &'static str,
    /// A day, with a year where one is to be said.
    date: fn(Day, Option<i16>) -> String,
    pub nothing_to_undo: &'static str,
    pub unknown_card: &'static str,
    pub undone: &'static str,
    pub confirmed: &'static str,
    pub cancelled: &'static str,
    pub mode_is: &'static str,
    pub times: &'static str,
    pub person: &'static str,
    pub nobody: &'static str,
    pub place: &'static str,
    pub usual_place: &'static str,
    /// Somebody or somewhere that has no name here.
    pub chosen: &'static str,
    pub full: &'static str,
    pub not_stored: &'static str,
    pub lost: &'static str,
}

static ENGLISH: Words = Words {
    mode: [
        Mode::Add.called(),
        Mode::Consume.called(),
        Mode::Open.called(),
        Mode::Spoil.called(),
        Mode::Shop.called(),
        Mode::Count.called(),
        Mode::Transfer.called(),
        Mode::Lookup.called(),
    ],
    ready: "Ready to scan",
    type_code: "Type in the web app:",
    unpaired: "no hub: pair",
    looking: "hub?",
    here: "hub ok",
    away: "hub away",
    sent_off: "sent off: pair",
    unsent: |count| format!("{count} unsent"),
    stored: "stored",
    had: "had {}",
    wrong: "the code is wrong",
    warning: [
        "allergen",
        "here already",
        "open already",
        "time is doubtful",
        "estimated date",
        "expired",
        "doubtful label",
        "labels differ",
        "older one is open",
        "was on the list",
        "on the receipt",
        "several products",
        "several shops",
    ],
    best_before: &["best before", "best by"],
    use_by: &["use by"],
    piece: "piece",
    decimal: ".",
    date: |day, year| {
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let month = usize::try_from(day.month() - 1).ok().and_then(|at| MONTHS.get(at)).unwrap_or(&"");
        let year = year.map(|year| format!(" {year}")).unwrap_or_default();
        format!("{} {month}{year}", day.day())
    },
    nothing_to_undo: "Nothing to undo",
    unknown_card: "Unknown card",
    undone: "Undone: {}",
    confirmed: "Confirmed",
    cancelled: "Cancelled",
    mode_is: "Mode: {}",
    times: "The next one {} times",
    person: "Person: {}",
    nobody: "nobody in particular",
    place: "Place: {}",
    usual_place: "the usual one",
    chosen: "chosen",
    full: "Full: not stored",
    not_stored: "Not stored: scan again",
    lost: "Lost: scan again",
};

static GERMAN: Words = Words {
    mode: [
        "Einräumen",
        "Nehmen",
        "Öffnen",
        "Wegwerfen",
        "Auf die Liste",
        "Zählen",
        "Umräumen",
        "Nur nachsehen",
    ],
    ready: "Bereit zum Scannen",
    type_code: "In der App eintippen:",
    unpaired: "bitte koppeln",
    looking: "Hub?",
    here: "Hub ok",
    away: "Hub weg",
    sent_off: "neu koppeln",
    unsent: |count| format!("{count} {}", if count == 1 { "wartet" } else { "warten" }),
    stored: "gesichert",
    had: "vorher {}",
    wrong: "Code stimmt nicht",
    warning: [
        "Allergen",
        "schon da",
        "schon offen",
        "Uhrzeit zweifelhaft",
        "Datum geschätzt",
        "abgelaufen",
        "Etikett zweifelhaft",
        "Codes passen nicht",
        "ältere ist offen",
        "stand auf der Liste",
        "schon laut Beleg",
        "mehrere Produkte",
        "mehrere Läden",
    ],
    best_before: &["MHD"],
    use_by: &["verbrauchen bis", "verbr. bis", "nur bis"],
    piece: "Stück",
    decimal: ",",
    date: |day, year| {
        format!("{}.{}.{}", day.day(), day.month(), year.map(|year| year.to_string()).unwrap_or_default())
    },
    nothing_to_undo: "Nichts zurückzunehmen",
    unknown_card: "Unbekannte Karte",
    undone: "Zurückgenommen: {}",
    confirmed: "Bestätigt",
    cancelled: "Abgebrochen",
    mode_is: "Modus: {}",
    times: "Der nächste Scan zählt {}-mal",
    person: "Person: {}",
    nobody: "niemand Bestimmtes",
    place: "Ort: {}",
    usual_place: "der übliche",
    chosen: "gewählt",
    full: "Voll: nicht gesichert",
    not_stored: "Nicht gesichert: neu scannen",
    lost: "Verloren: neu scannen",
};

impl Words {
    pub fn mode(&self, mode: Mode) -> &'static str {
        self.mode[mode as usize]
    }

    /// How it is with the hub.
    pub fn link(&self, link: Link) -> &'static str {
        match link {
            Link::Unpaired => self.unpaired,
            Link::Unknown => self.looking,
            Link::Up => self.here,
            Link::Away => self.away,
            Link::Revoked => self.sent_off,
        }
    }

    /// What is to be looked at, by the hub's word for it. What a newer hub warns of is said as it says it.
    pub fn warning(&self, word: &str) -> Cow<'static, str> {
        match WARNINGS.iter().position(|warning| *warning == word) {
            Some(place) => self.warning[place].into(),
            None => word.replace('-', " ").into(),
        }
    }

    /// A number as people write it, and its unit, if it has one.
    pub fn amount(&self, amount: Amount, unit: Option<&str>) -> String {
        let number = amount.to_string().replace('.', self.decimal);
        match unit {
            None | Some("") => number,
            Some("piece") => format!("{number} {}", self.piece),
            Some(unit) => format!("{number} {unit}"),
        }
    }

    /// A day such as `2026-11-24` as people write it: with its year where another might be meant, and where it is not
    /// known which day it is today.
    pub fn day(&self, text: &str, today: Option<Day>) -> String {
        let Ok(day) = text.parse::<Day>() else { return text.to_owned() };
        let goes_without = today.is_some_and(|today| day.goes_without_year(today));
        (self.date)(day, (!goes_without).then(|| day.year()))
    }

    /// Until when it lasts, in so many letters.
    pub fn until(&self, until: &Until, today: Option<Day>, room: usize) -> String {
        let day = self.day(&until.date, today);
        let about = if until.estimated { "~" } else { "" };
        let kind = until.kind.replace('-', " ");
        let newer = [&*kind];
        let kinds: &[&str] = match &*until.kind {
            "best-before" => self.best_before,
            "use-by" => self.use_by,
            _ => &newer,
        };
        let mut said = kinds.iter().map(|kind| format!("{kind} {about}{day}"));
        let shortest = said.next_back().unwrap_or_default();
        said.find(|line| line.chars().count() <= room).unwrap_or(shortest)
    }
}

/// A sentence about something.
pub fn about(sentence: &str, thing: &str) -> String {
    sentence.replacen("{}", thing, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_house_whose_language_is_not_known_is_spoken_to_in_english() {
        assert_eq!(Language::of(Some("de")), Language::German);
        for other in [None, Some("en"), Some("fr"), Some("")] {
            assert_eq!(Language::of(other), Language::English, "{other:?}");
        }
    }

    #[test]
    fn what_the_app_has_words_for_stations_have_too() {
        let app = include_str!("../../../hub/web/text/kitchen/en.js");
        let warnings: Vec<&str> =
            app.split("'scan.warning.").skip(1).filter_map(|rest| rest.split('\'').next()).collect();
        assert!(warnings.len() > 10, "{warnings:?}");
        warnings.iter().for_each(|warning| assert!(WARNINGS.contains(warning), "{warning}"));
        assert_eq!(Language::German.words().warning("older-open"), "ältere ist offen");
        assert_eq!(Language::German.words().warning("too-warm"), "too warm");
    }

    #[test]
    fn every_sentence_is_about_the_same_in_every_language() {
        let sentences = |words: &Words| {
            [
                words.had,
                words.undone,
                words.mode_is,
                words.times,
                words.person,
                words.place,
                words.ready,
                words.nothing_to_undo,
            ]
            .map(|sentence| sentence.matches("{}").count())
        };
        for language in Language::ALL {
            assert_eq!(sentences(language.words()), [1, 1, 1, 1, 1, 1, 0, 0], "{language:?}");
        }
    }

    #[test]
    fn days_are_written_as_people_write_them() {
        let (english, german) = (Language::English.words(), Language::German.words());
        let today = "2026-11-22".parse().ok();
        for (day, today, said, gesagt) in [
            ("2026-11-24", today, "24 Nov", "24.11."),
            ("2027-01-05", today, "5 Jan 2027", "5.1.2027"),
            ("2026-01-05", today, "5 Jan 2026", "5.1.2026"),
            ("2026-11-24", None, "24 Nov 2026", "24.11.2026"),
        ] {
            assert_eq!((&*english.day(day, today), &*german.day(day, today)), (said, gesagt));
        }
        for odd in ["", "2026", "2026-13-01", "2026-00-01", "soon"] {
            assert_eq!(german.day(odd, today), odd);
        }
    }

    #[test]
    fn a_date_says_which_it_is_in_the_longest_words_that_fit() {
        let until = |kind: &str, estimated| Until { date: "2027-01-05".into(), kind: kind.into(), estimated };
        let words = Language::German.words();
        let today = "2027-01-03".parse().ok();
        assert_eq!(words.until(&until("use-by", false), today, 25), "verbrauchen bis 5.1.");
        assert_eq!(words.until(&until("use-by", false), None, 21), "verbr. bis 5.1.2027");
        assert_eq!(words.until(&until("best-before", true), None, 21), "MHD ~5.1.2027");
        assert_eq!(words.until(&until("sell-by", false), today, 21), "sell by 5.1.");
        let words = Language::English.words();
        assert_eq!(words.until(&until("best-before", true), today, 21), "best before ~5 Jan");
        assert_eq!(words.until(&until("best-before", true), None, 21), "best by ~5 Jan 2027");
    }

    #[test]
    fn numbers_and_units_are_those_of_the_language() {
        let half = Amount::thousandths(1_500);
        let said = |language: Language, unit| language.words().amount(half, unit);
        assert_eq!(said(Language::English, Some("kg")), "1.5 kg");
        assert_eq!(said(Language::German, Some("kg")), "1,5 kg");
        assert_eq!(said(Language::German, Some("piece")), "1,5 Stück");
        assert_eq!(said(Language::German, None), "1,5");
    }
}
