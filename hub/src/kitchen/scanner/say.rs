//! What a scan led to, in words for a small display: three lines at most, in the language of the house.

use hearth_shared::amount::Amount;
use hearth_shared::scanning::{Mode, Until};
use hearth_shared::time::Day;

use super::meaning::Said;
use crate::house::Language;
use crate::kitchen::products::Product;
use crate::kitchen::shopping::scans::Back;
use crate::kitchen::stock::Booked;
use crate::kitchen::units;

/// The most letters of a line.
const WIDE: usize = 40;

fn line(text: impl Into<String>) -> String {
    let text: String = text.into();
    match text.char_indices().nth(WIDE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn pick<'a>(language: Language, english: &'a str, german: &'a str) -> &'a str {
    match language {
        Language::English => english,
        Language::German => german,
    }
}

/// `3 → 4`, in the product's unit.
pub(super) fn change(language: Language, product: &Product, before: Amount, after: Amount) -> String {
    let say = |amount| units::says_in(amount, product.base_unit, language);
    format!("{} → {}", say(before), say(after))
}

pub(super) fn done(
    language: Language,
    product: &Product,
    mode: Mode,
    amount: Amount,
    booked: &Booked,
) -> Vec<String> {
    let amount = units::says_in(amount, product.base_unit, language);
    let what = match mode {
        Mode::Add => pick(language, "put in", "eingeräumt"),
        Mode::Consume => pick(language, "used", "verbraucht"),
        Mode::Open => pick(language, "opened", "geöffnet"),
        Mode::Spoil => pick(language, "thrown away", "weggeworfen"),
        Mode::Transfer => pick(language, "moved", "umgeräumt"),
        Mode::Count => pick(language, "counted", "gezählt"),
        Mode::Shop => pick(language, "on the list", "auf der Liste"),
        Mode::Lookup => pick(language, "there", "da"),
    };
    let mut lines = vec![line(&product.name), line(format!("{amount} {what}"))];
    if mode != Mode::Shop {
        lines.push(line(change(language, product, booked.before, booked.after)));
    }
    lines
}

/// How much was counted of something by now, and where.
pub(super) fn counted(language: Language, product: &Product, amount: Amount, place: &str) -> Vec<String> {
    let amount = units::says_in(amount, product.base_unit, language);
    vec![line(&product.name), line(format!("{amount} {}", pick(language, "counted", "gezählt"))), line(place)]
}

/// A place is being counted.
pub(super) fn counting(language: Language, place: &str) -> String {
    line(format!("{} {place}", pick(language, "Counting:", "Es wird gezählt:")))
}

/// A count was booked: so many products, and so many of another amount than was believed.
pub(super) fn committed(language: Language, place: &str, counted: usize, different: usize) -> Vec<String> {
    let (done, differ) = match language {
        Language::English => {
            (format!("Counted: {place}"), format!("{counted} things, {different} otherwise"))
        }
        Language::German => (format!("Gezählt: {place}"), format!("{counted} Dinge, {different} anders")),
    };
    vec![line(done), line(differ)]
}

/// What was scanned came with its receipt already.
pub(super) fn on_receipt(language: Language, product: &Product, there: Amount, level: Amount) -> Vec<String> {
    let there = units::says_in(there, product.base_unit, language);
    let level = units::says_in(level, product.base_unit, language);
    vec![
        line(&product.name),
        line(format!("{there} {}", pick(language, "known by the receipt", "schon laut Beleg"))),
        line(format!("{level} {}", pick(language, "there", "da"))),
    ]
}

/// Who must not eat it.
pub(super) fn not_for(language: Language, names: &[String]) -> String {
    line(format!("{} {}!", pick(language, "Not for", "Nicht für"), names.join(", ")))
}

pub(super) fn there(language: Language, product: &Product, amount: Amount) -> Vec<String> {
    let amount = units::says_in(amount, product.base_unit, language);
    vec![line(&product.name), line(format!("{amount} {}", pick(language, "there", "da")))]
}

/// The very pack was open before: nothing happened to it.
pub(super) fn already_open(language: Language, product: &Product, level: Amount) -> Vec<String> {
    let level = units::says_in(level, product.base_unit, language);
    vec![
        line(&product.name),
        line(pick(language, "It is open already", "Ist schon offen")),
        line(format!("{level} {}", pick(language, "there", "da"))),
    ]
}

/// What is asked when more was taken than there was, and what the card that says yes makes of it.
pub(super) fn short(language: Language, product: &Product, missing: Amount) -> [String; 2] {
    let missing = units::says_in(missing, product.base_unit, language);
    match language {
        Language::English => {
            [line(format!("{missing} more than we knew of")), "Yes: bought, not scanned".to_owned()]
        }
        Language::German => {
            [line(format!("{missing} mehr als bekannt")), "Ja: gekauft, nicht erfasst".to_owned()]
        }
    }
}

/// What was asked was bought.
pub(super) fn bought(language: Language, product: &Product, amount: Amount) -> Vec<String> {
    let amount = units::says_in(amount, product.base_unit, language);
    vec![
        line(&product.name),
        line(format!("{amount} {}", pick(language, "bought after all", "doch gekauft"))),
    ]
}

/// The very pack is here already.
pub(super) fn already_here(language: Language, name: &str) -> Vec<String> {
    vec![
        line(name),
        line(pick(language, "This very pack is here already", "Genau diese Packung ist schon da")),
        line(pick(language, "Yes: it is another one", "Ja: es ist eine andere")),
    ]
}

pub(super) fn nothing_asked(language: Language) -> Vec<String> {
    vec![line(pick(language, "Nothing was asked", "Es wurde nichts gefragt"))]
}

/// A warning was seen.
pub(super) fn confirmed(language: Language, name: Option<&str>) -> Vec<String> {
    let mut lines = vec![line(pick(language, "Confirmed", "Bestätigt"))];
    lines.extend(name.map(line));
    lines
}

/// A day as people write it; with its year, unless that is today's and nobody takes it for another.
fn date(language: Language, day: Day, today: Day) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let year = (!day.goes_without_year(today)).then(|| day.year().to_string());
    match language {
        Language::English => {
            let month = usize::try_from(day.month() - 1).ok().and_then(|at| MONTHS.get(at)).unwrap_or(&"");
            let year = year.map(|year| format!(" {year}")).unwrap_or_default();
            format!("{} {month}{year}", day.day())
        }
        Language::German => format!("{}.{}.{}", day.day(), day.month(), year.unwrap_or_default()),
    }
}

/// What a second code said of a thing. A date that was known before stays, whatever the second says.
pub(super) fn completed(language: Language, today: Day, said: &Said, stays: Option<&Until>) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    if let Some(due) = said.label.due.map(|due| due.on) {
        let stays = stays.and_then(|stays| stays.date.parse::<Day>().ok()).filter(|stays| *stays != due);
        words.push(match stays {
            Some(stays) => {
                let stays = date(language, stays, today);
                format!("{} {stays}", pick(language, "stays until", "bleibt bis"))
            }
            None => format!("{} {}", pick(language, "until", "bis"), date(language, due, today)),
        });
    }
    if let Some(measure) = said.measure {
        let amount = decimal(measure.value, measure.scale, language);
        words.push(match (measure.unit, language) {
            ("piece", Language::German) => format!("{amount} Stück"),
            (unit, _) => format!("{amount} {unit}"),
        });
    }
    for (name, text) in [
        (pick(language, "batch", "Charge"), &said.label.batch),
        (pick(language, "no.", "Nr."), &said.label.serial),
    ] {
        if !text.is_empty() {
            words.push(format!("{name} {text}"));
        }
    }
    words.into_iter().take(2).map(line).collect()
}

fn decimal(value: u64, scale: u8, language: Language) -> String {
    let digits = format!("{value:0>width$}", width = usize::from(scale) + 1);
    let (whole, rest) = digits.split_at(digits.len() - usize::from(scale));
    match rest.trim_end_matches('0') {
        "" => whole.to_owned(),
        rest => format!("{whole}{}{rest}", pick(language, ".", ",")),
    }
}

pub(super) fn unknown(language: Language, name: &str) -> Vec<String> {
    vec![line(pick(language, "New: kept for later", "Neu: wird aufgehoben")), line(name)]
}

pub(super) fn which(language: Language, names: &[String]) -> Vec<String> {
    let mut lines = vec![line(pick(language, "Which one is it?", "Welches ist es?")), line(names.join(", "))];
    lines.extend(names.first().map(|first| line(format!("{} {first}", pick(language, "Yes:", "Ja:")))));
    lines
}

pub(super) fn undone(language: Language, of: Option<(&Product, &Booked)>) -> Vec<String> {
    let mut lines = vec![line(pick(language, "Taken back", "Zurückgenommen"))];
    if let Some((product, booked)) = of {
        lines.push(line(&product.name));
        lines.push(line(change(language, product, booked.before, booked.after)));
    }
    lines
}

/// What a scan wrote on the list was taken back, or why it was not.
pub(super) fn listed_back(language: Language, back: Back, name: Option<String>) -> Vec<String> {
    let why = match back {
        Back::Taken => None,
        Back::StruckOut => Some(pick(language, "Not on the list any more", "Nicht mehr auf der Liste")),
        Back::Bought => Some(pick(language, "Bought already", "Schon gekauft")),
        Back::SaidOtherwise => Some(pick(language, "Changed since", "Inzwischen geändert")),
    };
    let mut lines = match why {
        None => undone(language, None),
        Some(_) => refused(language, "nothing-to-undo", ""),
    };
    lines.retain(|line| !line.is_empty());
    lines.extend(name.map(line));
    lines.extend(why.map(line));
    lines
}

pub(super) fn refused(language: Language, code: &str, sent: &str) -> Vec<String> {
    let why = match code {
        "code-unreadable" => pick(language, "Cannot be read", "Nicht lesbar"),
        "nothing-to-undo" => pick(language, "Nothing to take back", "Nichts zurückzunehmen"),
        "already-undone" => pick(language, "Taken back before", "Schon zurückgenommen"),
        "no-place-chosen" => pick(language, "Scan a place first", "Erst einen Ort scannen"),
        "nothing-to-complete" => pick(language, "Scan the product first", "Erst das Produkt scannen"),
        "dismissed" => pick(language, "Put aside", "Beiseitegelegt"),
        "stocktake-over" => pick(language, "That count is over", "Diese Zählung ist vorbei"),
        "stocktake-empty" => pick(language, "Nothing counted yet", "Noch nichts gezählt"),
        "unknown-card" => pick(language, "Unknown card", "Unbekannte Karte"),
        "unknown-code" => pick(language, "Not known here", "Nicht bekannt"),
        "unknown-place" => pick(language, "No such place any more", "Diesen Ort gibt es nicht"),
        "code-of-the-house" => pick(language, "Unknown label", "Unbekanntes Etikett"),
        "bad-amount" => pick(language, "This amount cannot be", "Diese Menge geht nicht"),
        "unknown-unit" | "unit-does-not-fit" => {
            pick(language, "This unit does not fit", "Einheit passt nicht")
        }
        "scan-id-reused" => pick(language, "Not sent as before", "Nicht wie zuvor gesendet"),
        _ => pick(language, "Not booked", "Nicht gebucht"),
    };
    let shown: String = sent.chars().filter(|c| !c.is_control()).collect();
    vec![line(why), line(shown)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_people_write_it_with_its_year_where_another_might_be_meant() {
        let today: Day = "2026-11-22".parse().unwrap();
        for (day, english, german) in [
            ("2026-11-24", "24 Nov", "24.11."),
            ("2026-10-05", "5 Oct", "5.10."),
            ("2026-01-05", "5 Jan 2026", "5.1.2026"),
            ("2027-01-05", "5 Jan 2027", "5.1.2027"),
            ("2025-12-31", "31 Dec 2025", "31.12.2025"),
        ] {
            let day: Day = day.parse().unwrap();
            assert_eq!(date(Language::English, day, today), english);
            assert_eq!(date(Language::German, day, today), german);
        }
    }
}
