//! What the letters say, in the language of the one who reads them.

use crate::house::Language::{self, English, German};
use crate::house::members::Name;
use crate::post::{Mail, MailAddress, Piece, Sort};

use super::Topic;
use super::sources::Facts;

/// The most lines of a letter, and their bytes; the rest is counted.
const MOST_LINES: usize = 60;
const MOST_BYTES: usize = 8 * 1024;

/// Where things are to be found.
#[derive(Debug, Clone)]
pub(super) struct Addresses {
    pub(super) house: String,
    pub(super) wishes: String,
}

/// One letter about all that is due.
pub(super) fn letter(
    to: MailAddress,
    language: Language,
    house: &Name,
    notices: &[(Topic, Facts)],
    at: &Addresses,
) -> Mail {
    let mut body = Vec::new();
    let (mut lines, mut bytes) = (0, 0);
    for topic in Topic::ALL {
        let of_topic: Vec<String> = notices
            .iter()
            .filter(|(about, _)| about == topic)
            .map(|(_, facts)| line(*topic, facts, language))
            .take_while(|line| {
                lines += 1;
                bytes += line.len();
                lines <= MOST_LINES && bytes <= MOST_BYTES
            })
            .collect();
        if !of_topic.is_empty() {
            body.extend([Piece::Heading(heading(*topic, language).to_owned()), Piece::List(of_topic)]);
        }
    }
    let shown: usize =
        body.iter().map(|piece| if let Piece::List(lines) = piece { lines.len() } else { 0 }).sum();
    if notices.len() > shown {
        body.push(Piece::Text(more(notices.len() - shown, language)));
    }
    let (open, change) = match language {
        English => ("Open Hearth", "Choose what you are told"),
        German => ("Hearth öffnen", "Wählen, was du erfährst"),
    };
    body.push(Piece::Link(open.to_owned(), at.house.clone()));
    body.push(Piece::Link(change.to_owned(), at.wishes.clone()));
    let subject = format!("{house}: {}", subject(notices, language));
    Mail { to, language, subject, body, sort: Sort::Recurring(at.wishes.clone()) }
}

/// One thing by its name, several by their number.
fn subject(notices: &[(Topic, Facts)], language: Language) -> String {
    match (notices, language) {
        ([(topic, facts)], _) => line(*topic, facts, language),
        (many, English) => format!("{} things to know", many.len()),
        (many, German) => format!("{} Neuigkeiten", many.len()),
    }
}

fn heading(topic: Topic, language: Language) -> &'static str {
    match (topic, language) {
        (Topic::DueSoon, English) => "Due soon",
        (Topic::DueSoon, German) => "Bald fällig",
        (Topic::Expired, English) => "Past its date",
        (Topic::Expired, German) => "Über dem Datum",
        (Topic::BelowMinimum, English) => "Running low",
        (Topic::BelowMinimum, German) => "Geht zur Neige",
        (Topic::Question, English) => "Questions",
        (Topic::Question, German) => "Fragen",
        (Topic::ReceiptFailed, English) => "Receipts that could not be read",
        (Topic::ReceiptFailed, German) => "Kassenbons, die nicht gelesen werden konnten",
        (Topic::StationOffline, English) => "Stations that are away",
        (Topic::StationOffline, German) => "Stationen, die nicht erreichbar sind",
        (Topic::JobFailed, English) => "Work that was given up",
        (Topic::JobFailed, German) => "Arbeiten, die aufgegeben wurden",
        (Topic::BackupFailed, English) => "No backup was made",
        (Topic::BackupFailed, German) => "Es wurde keine Sicherung gemacht",
    }
}

fn line(topic: Topic, facts: &Facts, language: Language) -> String {
    let what = match (facts.what.is_empty(), topic, language) {
        (false, Topic::JobFailed | Topic::BackupFailed, _) => work(&facts.what, language),
        (false, ..) => &facts.what,
        (true, Topic::ReceiptFailed, English) => "A receipt",
        (true, Topic::ReceiptFailed, German) => "Ein Kassenbon",
        (true, ..) => heading(topic, language),
    };
    let mut line = match facts.days {
        Some(days) => format!("{what}: {}", in_days(days, language)),
        None => what.to_owned(),
    };
    let more = match topic {
        Topic::ReceiptFailed => unread(&facts.more, language),
        _ => because(&facts.code, language).unwrap_or(&facts.more),
    };
    if !more.is_empty() {
        line.push_str(&format!(" ({more})"));
    }
    line
}

/// What a kind of work does, in the words of the web app; its own name where nobody has told us.
fn work(kind: &str, language: Language) -> &str {
    match (kind, language) {
        ("catalogue.import", English) => "Taking a catalogue in",
        ("catalogue.import", German) => "Einen Katalog einlesen",
        ("catalogue.look-up", English) => "Looking a product up",
        ("catalogue.look-up", German) => "Ein Produkt nachschlagen",
        ("catalogue.picture", English) => "Fetching the picture of a product",
        ("catalogue.picture", German) => "Das Bild eines Produkts holen",
        ("house.backup", English) => "Backup",
        ("house.backup", German) => "Sicherung",
        ("house.new-day", English) => "Turning to a new day",
        ("house.new-day", German) => "Den neuen Tag beginnen",
        ("house.tidy", English) => "Tidying away old things",
        ("house.tidy", German) => "Altes wegräumen",
        ("media.collect", English) => "Letting unused pictures go",
        ("media.collect", German) => "Ungenutzte Bilder gehen lassen",
        ("media.remove", English) => "Removing a picture",
        ("media.remove", German) => "Ein Bild entfernen",
        ("media.small", English) => "Making small pictures",
        ("media.small", German) => "Kleine Bilder machen",
        ("media.sweep", English) => "Sweeping up after pictures",
        ("media.sweep", German) => "Nach Bildern kehren",
        ("receipt.read", English) => "Reading a receipt",
        ("receipt.read", German) => "Einen Kassenbon lesen",
        _ => kind,
    }
}

/// Why work was given up, in the words of the web app; nothing where nobody has told us.
fn because(code: &str, language: Language) -> Option<&'static str> {
    Some(match (code, language) {
        ("backup-unreadable", English) => "The folder for backups cannot be read.",
        ("backup-unreadable", German) => "Der Ordner für Sicherungen lässt sich nicht lesen.",
        ("backup-unwritable", English) => {
            "The folder for backups cannot be written to. Check that its disk is there and that Hearth may write on it."
        }
        ("backup-unwritable", German) => {
            "In den Ordner für Sicherungen lässt sich nicht schreiben. Prüf, ob der Datenträger da ist und Hearth dort schreiben darf."
        }
        ("catalogue-damaged", English) => "The file is damaged or was cut off. Fetch it once more.",
        ("catalogue-damaged", German) => "Die Datei ist beschädigt oder abgeschnitten. Hol sie noch einmal.",
        ("catalogue-disk", English) => "The folder for the catalogue cannot be used right now.",
        ("catalogue-disk", German) => "Der Ordner für den Katalog ist gerade nicht zu gebrauchen.",
        ("disk-full", English) => "The disk is full. Nothing was lost; free some space first.",
        ("disk-full", German) => {
            "Der Speicherplatz ist voll. Nichts ist verloren; schaff zuerst etwas Platz."
        }
        ("job-interrupted", English) => "Hearth stopped in the middle of it, each time.",
        ("job-interrupted", German) => "Hearth wurde jedes Mal mittendrin beendet.",
        ("job-too-slow", English) => "It took longer than it may and was stopped.",
        ("job-too-slow", German) => "Es dauerte länger als erlaubt und wurde abgebrochen.",
        ("panicked", English) => "Something broke inside. It has been noted.",
        ("panicked", German) => "Innen ging etwas kaputt. Es ist vermerkt.",
        ("reader-failed", English) => {
            "What reads receipts could not be reached. Try again later, or type the lines in."
        }
        ("reader-failed", German) => {
            "Was Kassenbons liest, war nicht zu erreichen. Versuch es später noch einmal, oder tipp die Zeilen ein."
        }
        _ => return None,
    })
}

/// Why a receipt could not be read.
fn unread(code: &str, language: Language) -> &'static str {
    match (code, language) {
        ("no-reader", English) => "nothing here reads pictures",
        ("no-reader", German) => "hier liest nichts Bilder",
        ("receipt-empty", English) => "nothing can be read on it",
        ("receipt-empty", German) => "darauf ist nichts zu lesen",
        ("receipt-unreadable", English) => "what was sent is no text",
        ("receipt-unreadable", German) => "was geschickt wurde, ist kein Text",
        ("receipt-unrecognised", English) => "nothing on it looks like a line with a price",
        ("receipt-unrecognised", German) => "nichts darauf sieht nach einer Zeile mit Preis aus",
        _ => "",
    }
}

fn in_days(days: i64, language: Language) -> String {
    match (days, language) {
        (0, English) => "today".to_owned(),
        (0, German) => "heute".to_owned(),
        (1, English) => "tomorrow".to_owned(),
        (1, German) => "morgen".to_owned(),
        (-1, English) => "since yesterday".to_owned(),
        (-1, German) => "seit gestern".to_owned(),
        (days @ 2.., English) => format!("in {days} days"),
        (days @ 2.., German) => format!("in {days} Tagen"),
        (days, English) => format!("{} days ago", days.unsigned_abs()),
        (days, German) => format!("seit {} Tagen", days.unsigned_abs()),
    }
}

fn more(count: usize, language: Language) -> String {
    match language {
        English => format!("And {count} more."),
        German => format!("Und {count} weitere."),
    }
}

/// The letter that somebody sends to themselves.
pub(super) fn test_letter(to: MailAddress, language: Language, house: &Name, at: &Addresses) -> Mail {
    let (subject, text) = match language {
        English => ("A letter to try", "If you can read this, letters from your house reach you."),
        German => ("Ein Brief zur Probe", "Wenn du das liest, erreichen dich Briefe aus deinem Haushalt."),
    };
    Mail {
        to,
        language,
        subject: format!("{house}: {subject}"),
        body: vec![Piece::Text(text.to_owned()), Piece::Link("Hearth".to_owned(), at.house.clone())],
        sort: Sort::Once,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::chores;
    use crate::post;

    fn facts(what: &str, days: Option<i64>, more: &str) -> Facts {
        Facts { what: what.to_owned(), days, more: more.to_owned(), code: String::new() }
    }

    fn write(language: Language, notices: &[(Topic, Facts)]) -> Mail {
        let at = Addresses {
            house: "https://h.example/app/".to_owned(),
            wishes: "https://h.example/app/you".to_owned(),
        };
        let to = MailAddress::parse("anna@house.example").unwrap();
        letter(to, language, &Name::parse("Villa").unwrap(), notices, &at)
    }

    #[test]
    fn a_letter_names_each_thing_under_its_heading() {
        let notices = [
            (Topic::Expired, facts("Sahne", Some(-3), "")),
            (Topic::DueSoon, facts("Milch", Some(1), "Kühlschrank")),
            (Topic::DueSoon, facts("Brot", Some(0), "")),
            (Topic::StationOffline, facts("Küche", None, "")),
        ];
        let mail = write(German, &notices);
        expect_test::expect![[r#"
            Villa: 4 Neuigkeiten
            BALD FÄLLIG

            - Milch: morgen (Kühlschrank)
            - Brot: heute

            ÜBER DEM DATUM

            - Sahne: seit 3 Tagen

            STATIONEN, DIE NICHT ERREICHBAR SIND

            - Küche

            Hearth öffnen: https://h.example/app/

            Wählen, was du erfährst: https://h.example/app/you
        "#]]
        .assert_eq(&format!("{}\n{}", mail.subject, mail.text()));
        assert_eq!(write(English, &notices[1..2]).subject, "Villa: Milch: tomorrow (Kühlschrank)");
    }

    #[test]
    fn a_receipt_that_was_not_read_is_told_in_the_language_of_the_letter() {
        let notices = [(Topic::ReceiptFailed, facts("", None, "receipt-unrecognised"))];
        assert_eq!(
            write(German, &notices).subject,
            "Villa: Ein Kassenbon (nichts darauf sieht nach einer Zeile mit Preis aus)"
        );
        assert_eq!(
            write(English, &notices).subject,
            "Villa: A receipt (nothing on it looks like a line with a price)"
        );
        let other = [(Topic::ReceiptFailed, facts("Markt", None, "something-else"))];
        assert_eq!(write(German, &other).subject, "Villa: Markt");
    }

    #[test]
    fn work_is_told_in_the_words_that_the_web_app_has_for_it() {
        let notices = |kind| [(Topic::JobFailed, facts(kind, None, "No disk."))];
        assert_eq!(write(German, &notices("media.small")).subject, "Villa: Kleine Bilder machen (No disk.)");
        let failed = [(Topic::BackupFailed, facts("house.backup", None, ""))];
        assert_eq!(write(German, &failed).subject, "Villa: Sicherung");
        assert_eq!(write(English, &notices("later.work")).subject, "Villa: later.work (No disk.)");
        let texts = [
            (English, include_str!("../../web/text/house/en.js")),
            (German, include_str!("../../web/text/house/de.js")),
        ];
        for kind in chores::KINDS.iter().filter(|kind| !post::is_post(kind.name)) {
            for (language, text) in texts {
                let line = format!("'work.kind.{}': '{}',", kind.name, work(kind.name, language));
                assert!(text.contains(&line), "{line}");
            }
        }
    }

    #[test]
    fn why_work_was_given_up_is_told_in_the_words_that_the_web_app_has_for_it() {
        let failed = |code: &str| {
            [(
                Topic::BackupFailed,
                Facts { code: code.to_owned(), ..facts("house.backup", None, "No disk.") },
            )]
        };
        assert_eq!(
            write(German, &failed("backup-unreadable")).subject,
            "Villa: Sicherung (Der Ordner für Sicherungen lässt sich nicht lesen.)"
        );
        assert_eq!(write(German, &failed("of-later-years")).subject, "Villa: Sicherung (No disk.)");
        let mut said = 0;
        for (code, _) in crate::http::problem::CODES {
            for (language, texts) in SAID {
                let Some(words) = because(code, language) else { continue };
                let line = format!("'problem.{code}': '{words}',");
                assert!(texts.iter().any(|text| text.contains(&line)), "{line}");
                said += 1;
            }
        }
        assert_eq!(said, 18);
    }

    /// What the web app says, wherever it says it.
    const SAID: [(Language, [&str; 4]); 2] = [
        (
            English,
            [
                include_str!("../../web/text/en.js"),
                include_str!("../../web/text/house/en.js"),
                include_str!("../../web/text/outside/en.js"),
                include_str!("../../web/text/receipts/en.js"),
            ],
        ),
        (
            German,
            [
                include_str!("../../web/text/de.js"),
                include_str!("../../web/text/house/de.js"),
                include_str!("../../web/text/outside/de.js"),
                include_str!("../../web/text/receipts/de.js"),
            ],
        ),
    ];

    #[test]
    fn a_long_letter_ends_with_a_number() {
        let many: Vec<_> =
            (0..300).map(|n| (Topic::DueSoon, facts(&format!("Thing {n}"), Some(n), ""))).collect();
        let text = write(English, &many).text();
        assert!(text.contains("And 240 more."), "{text}");
        let wide: Vec<_> =
            (0..300).map(|_| (Topic::Expired, facts(&"ß".repeat(100), None, &"ß".repeat(100)))).collect();
        let mail = write(English, &wide);
        assert!(serde_json::to_string(&mail).unwrap().len() < crate::jobs::LARGEST - 1_000);
    }
}
