//! What happened, in plain words, in both languages. Pure.

use hearth_shared::amount::Amount;

use crate::house::Language;
use crate::kitchen::products::BaseUnit;

/// One thing that happened, as it is told.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The act's kind, or `settle`.
    pub kind: &'a str,
    /// What kind of act a settling belongs to, or was taken back; the same as `kind` otherwise.
    pub act: &'a str,
    /// The shop of the receipt with which came what was taken back; empty where nobody said which.
    pub receipt: Option<&'a str>,
    /// Who did it; empty when nobody knows.
    pub who: &'a str,
    /// What of it came or went, all in all.
    pub change: Amount,
    /// How much was touched: of something moved, how much moved.
    pub touched: Amount,
    pub unit: BaseUnit,
    /// Where it was taken from, and where it went; a count of all there is went nowhere.
    pub from: &'a str,
    pub to: &'a str,
    /// It was taken back since.
    pub is_undone: bool,
    /// How much a count says there was, where it was one.
    pub counted: Option<Amount>,
}

/// An amount as people of a language write it.
pub fn amount(language: Language, amount: Amount, unit: BaseUnit) -> String {
    let (amount, unit) = larger(amount, unit);
    let number = match language {
        Language::English => amount.to_string(),
        Language::German => amount.to_string().replace('.', ","),
    };
    if unit.is_empty() { number } else { format!("{number} {unit}") }
}

/// From a thousand on, the larger unit is said where it says the same.
fn larger(amount: Amount, unit: BaseUnit) -> (Amount, &'static str) {
    let small = match unit {
        BaseUnit::Piece => return (amount, ""),
        BaseUnit::Gram => ("g", "kg"),
        BaseUnit::Millilitre => ("ml", "l"),
    };
    let thousandths = amount.as_thousandths();
    if thousandths.abs() < 1_000_000 || thousandths % 1000 != 0 {
        return (amount, small.0);
    }
    (Amount::thousandths(thousandths / 1000), small.1)
}

/// An amount that nobody knows exactly: of grams and millilitres, the first two figures.
fn roughly(amount: Amount, unit: BaseUnit) -> Amount {
    if unit == BaseUnit::Piece {
        return amount;
    }
    let (amount, mut step) = (amount.as_thousandths(), 1);
    while step <= amount / 100 {
        step *= 10;
    }
    Amount::thousandths(amount / step * step)
}

fn size(amount: Amount) -> Amount {
    if amount < Amount::ZERO { -amount } else { amount }
}

fn signed(language: Language, change: Amount, unit: BaseUnit) -> String {
    let sign = if change < Amount::ZERO { "−" } else { "+" };
    format!("{sign}{}", amount(language, size(change), unit))
}

/// A row of the story.
pub fn told(language: Language, it: &Told<'_>) -> String {
    let text = match language {
        Language::English => english(it),
        Language::German => german(it),
    };
    // A sentence without anybody in it begins with its verb.
    let mut letters = text.trim_start().chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn english(it: &Told<'_>) -> String {
    let n = amount(Language::English, size(it.touched), it.unit);
    let change = signed(Language::English, it.change, it.unit);
    let (who, from, to) = (it.who, it.from, it.to);
    let say = |it_is: Amount| amount(Language::English, it_is, it.unit);
    match (it.kind, it.act) {
        ("count", _) if let Some(counted) = it.counted => {
            let place = if to.is_empty() { String::new() } else { format!(" in {to}") };
            format!("{who} counted{place}: {}, was {}", say(counted), say(counted - it.change))
        }
        ("receive", _) => format!("{who} put {n} into {to}"),
        ("consume", _) => format!("{who} used {n} from {from}"),
        ("spoil", _) => format!("{who} threw away {n} from {from}"),
        ("remove", _) => format!("{who} wrote off {n} from {from}"),
        // What is opened as a whole is no more and no less than before.
        ("open", _) if it.touched == Amount::ZERO => format!("{who} opened it, in {from}"),
        ("open", _) => format!("{who} opened {n} in {from}"),
        ("transfer", _) => format!("{who} moved {n} from {from} to {to}"),
        ("count", _) if it.change > Amount::ZERO => format!("{who} counted {n} more than was known in {to}"),
        ("count", _) if it.change < Amount::ZERO => {
            format!("{who} counted {n} less than was known in {from}")
        }
        ("count", _) => format!("{who} counted, and it was right"),
        ("undo", act) => {
            let back = match (it.receipt, english_act(act)) {
                (Some(""), _) => format!("{who} took back what came in with a receipt"),
                (Some(shop), _) => format!("{who} took back what came in with the receipt from {shop}"),
                (None, Some(what)) => format!("{who} took back {what}"),
                (None, None) => format!("{who} took something back"),
            };
            if it.change == Amount::ZERO { back } else { format!("{back}: {change}") }
        }
        ("settle", "receive") if it.is_undone => format!("What came in was taken back: {change}"),
        ("settle", act) => {
            let about = match act {
                "undo" => "what was taken back",
                act => english_act(act).unwrap_or("what was booked"),
            };
            match it.change == Amount::ZERO {
                true => format!("More is known by now: {about} belongs to another pack"),
                false => {
                    format!("More is known by now: {about} is otherwise than was known, {change}")
                }
            }
        }
        _ => format!("{who} changed something: {change}"),
    }
}

/// What a kind of act did, so that more can be said of it.
fn english_act(act: &str) -> Option<&'static str> {
    Some(match act {
        "receive" => "what came in",
        "consume" => "what was used",
        "spoil" => "what was thrown away",
        "remove" => "what was written off",
        "open" => "what was opened",
        "transfer" => "what was moved",
        "count" => "what was counted",
        _ => return None,
    })
}

fn german(it: &Told<'_>) -> String {
    let n = amount(Language::German, size(it.touched), it.unit);
    let change = signed(Language::German, it.change, it.unit);
    let (who, from, to) = (it.who, it.from, it.to);
    let sentence = |rest: String, alone: String| match who.is_empty() {
        true => alone,
        false => format!("{who} hat {rest}"),
    };
    let said = |rest: String| sentence(rest.clone(), rest);
    let say = |it_is: Amount| amount(Language::German, it_is, it.unit);
    match (it.kind, it.act) {
        ("count", _) if let Some(counted) = it.counted => {
            let place = if to.is_empty() { String::new() } else { format!(", in {to}") };
            said(format!("gezählt{place}: {}, bekannt war {}", say(counted), say(counted - it.change)))
        }
        ("receive", _) => said(format!("{n} eingeräumt: {to}")),
        ("consume", _) => said(format!("{n} verbraucht, aus: {from}")),
        ("spoil", _) => said(format!("{n} weggeworfen, aus: {from}")),
        ("remove", _) => said(format!("{n} ausgebucht, aus: {from}")),
        ("open", _) if it.touched == Amount::ZERO => {
            sentence(format!("es geöffnet, in: {from}"), format!("geöffnet, in: {from}"))
        }
        ("open", _) => said(format!("{n} geöffnet, in: {from}")),
        ("transfer", _) => said(format!("{n} umgeräumt, von {from} nach {to}")),
        ("count", _) if it.change > Amount::ZERO => said(format!("gezählt: {n} mehr als bekannt, in: {to}")),
        ("count", _) if it.change < Amount::ZERO => {
            said(format!("gezählt: {n} weniger als bekannt, in: {from}"))
        }
        ("count", _) => said("gezählt, und es stimmte".to_owned()),
        ("undo", act) => {
            let what = match act {
                "receive" => "den Zugang",
                "consume" => "den Verbrauch",
                "spoil" => "das Wegwerfen",
                "remove" => "das Ausbuchen",
                "open" => "das Öffnen",
                "transfer" => "das Umräumen",
                "count" => "die Zählung",
                _ => "etwas",
            };
            let back = match it.receipt {
                Some("") => "zurückgenommen, was mit einem Kassenbon kam".to_owned(),
                Some(shop) => format!("zurückgenommen, was mit dem Kassenbon von {shop} kam"),
                None => format!("{what} zurückgenommen"),
            };
            said(if it.change == Amount::ZERO { back } else { format!("{back}: {change}") })
        }
        ("settle", "receive") if it.is_undone => format!("Der Zugang wurde zurückgenommen: {change}"),
        ("settle", act) => {
            let about = match act {
                "receive" => "der Zugang",
                "consume" => "der Verbrauch",
                "spoil" => "was weggeworfen wurde",
                "remove" => "was ausgebucht wurde",
                "open" => "was geöffnet wurde",
                "transfer" => "was umgeräumt wurde",
                "count" => "die Zählung",
                "undo" => "die Rücknahme",
                _ => "die Buchung",
            };
            match it.change == Amount::ZERO {
                true => format!("Inzwischen ist mehr bekannt: {about} gehört zu einer anderen Packung"),
                false => format!("Inzwischen ist mehr bekannt: {about} ist anders als bekannt, {change}"),
            }
        }
        _ => said(format!("etwas geändert: {change}")),
    }
}

/// A question that was asked about something that happened.
pub fn question(language: Language, missing: &str, answer: Option<&str>) -> String {
    match language {
        Language::English => {
            let asked = format!("{missing} more were used than were known");
            let end = match answer {
                None => "nobody has said yet whether they were bought",
                Some("bought") => "they were bought and not scanned",
                Some("not-used") => "they were not used after all",
                Some(_) => "a scan that came late explained it",
            };
            format!("{asked}; {end}")
        }
        Language::German => {
            let asked = format!("{missing} mehr verbraucht als bekannt");
            let end = match answer {
                None => "noch hat niemand gesagt, ob sie gekauft wurden",
                Some("bought") => "sie wurden gekauft und nicht gescannt",
                Some("not-used") => "sie wurden doch nicht verbraucht",
                Some(_) => "ein Scan, der spät kam, erklärte es",
            };
            format!("{asked}; {end}")
        }
    }
}

/// What the acts of each kind come to. What was taken back is beside them, with what took it back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    pub came: Amount,
    pub used: Amount,
    pub spoiled: Amount,
    pub removed: Amount,
    pub counted: Amount,
    pub other: Amount,
}

impl Sums {
    pub fn add(&mut self, kind: &str, stands: bool, sum: Amount) {
        let to = match kind {
            "receive" if stands => &mut self.came,
            "consume" if stands => &mut self.used,
            "spoil" if stands => &mut self.spoiled,
            "remove" if stands => &mut self.removed,
            "count" if stands => &mut self.counted,
            _ => &mut self.other,
        };
        *to += sum;
    }

    fn total(&self) -> Amount {
        self.came + self.used + self.spoiled + self.removed + self.counted + self.other
    }
}

/// Why there is so much of something, in a line.
pub fn why(language: Language, sums: &Sums, unit: BaseUnit) -> String {
    let n = |it: Amount| amount(language, size(it), unit);
    let mut parts = Vec::new();
    let mut part = |value: Amount, english: &str, german: &str| {
        if value != Amount::ZERO {
            let words = if language == Language::English { english } else { german };
            parts.push(words.replace('#', &n(value)));
        }
    };
    part(sums.came, "# came in", "# kamen dazu");
    part(sums.used, "# used", "# verbraucht");
    part(sums.spoiled, "# thrown away", "# weggeworfen");
    part(sums.removed, "# written off", "# ausgebucht");
    match sums.counted < Amount::ZERO {
        true => part(sums.counted, "# less when counted", "# weniger beim Zählen"),
        false => part(sums.counted, "# more when counted", "# mehr beim Zählen"),
    }
    match sums.other < Amount::ZERO {
        true => part(sums.other, "# less by corrections", "# weniger durch Korrekturen"),
        false => part(sums.other, "# more by corrections", "# mehr durch Korrekturen"),
    }
    let total = n(sums.total());
    match (language, parts.is_empty()) {
        (Language::English, true) => "There never was any.".to_owned(),
        (Language::German, true) => "Es war nie etwas da.".to_owned(),
        (Language::English, false) => format!("Why is it {total}? {}.", parts.join(", ")),
        (Language::German, false) => format!("Warum {total}? {}.", parts.join(", ")),
    }
}

/// A forecast in a sentence or two. `lost` is what will expire, and of how much.
pub fn forecast(
    language: Language,
    unit: BaseUnit,
    known: bool,
    days: Option<i64>,
    lost: (Amount, Amount),
) -> String {
    let n = |it: Amount| amount(language, it, unit);
    let mut text = match (language, known, days) {
        (Language::English, false, _) => "Too little is known to say how fast it is used.".to_owned(),
        (Language::German, false, _) => {
            "Es ist zu wenig bekannt, um zu sagen, wie schnell es verbraucht wird.".to_owned()
        }
        (Language::English, true, Some(1)) => "At this pace it lasts one more day.".to_owned(),
        (Language::German, true, Some(1)) => "Bei diesem Tempo reicht es noch einen Tag.".to_owned(),
        (Language::English, true, Some(days)) => format!("At this pace it lasts {days} more days."),
        (Language::German, true, Some(days)) => format!("Bei diesem Tempo reicht es noch {days} Tage."),
        (Language::English, true, None) => "It is used, but not so that an end could be foretold.".to_owned(),
        (Language::German, true, None) => "Es wird verbraucht, ein Ende ist nicht abzusehen.".to_owned(),
    };
    let (wasted, there) = lost;
    if wasted > Amount::ZERO {
        let (wasted, there) = (n(roughly(wasted, unit)), n(there));
        text.push_str(&match language {
            Language::English => format!(" {wasted} of {there} will expire before they are used."),
            Language::German => format!(" {wasted} von {there} laufen ab, bevor sie verbraucht sind."),
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tell(language: Language, kind: &str, act: &str, who: &str, change: i64) -> String {
        let (change, touched) = (Amount::whole(change), Amount::whole(change.abs()));
        let unit = BaseUnit::Piece;
        told(
            language,
            &Told {
                kind,
                act,
                receipt: None,
                who,
                change,
                touched,
                unit,
                from: "Fridge",
                to: "Cellar",
                is_undone: false,
                counted: None,
            },
        )
    }

    #[test]
    fn what_came_late_and_was_taken_back_at_once_is_told_as_that() {
        let told = |language, is_undone| {
            let (change, touched, unit) = (Amount::whole(-2), Amount::whole(2), BaseUnit::Piece);
            let (kind, act, who, from, to) = ("settle", "receive", "Mila", "Fridge", "Fridge");
            told(
                language,
                &Told {
                    kind,
                    act,
                    receipt: None,
                    who,
                    change,
                    touched,
                    unit,
                    from,
                    to,
                    is_undone,
                    counted: None,
                },
            )
        };
        assert_eq!(told(Language::English, true), "What came in was taken back: −2");
        assert_eq!(told(Language::German, true), "Der Zugang wurde zurückgenommen: −2");
        assert_eq!(
            told(Language::German, false),
            "Inzwischen ist mehr bekannt: der Zugang ist anders als bekannt, −2"
        );
    }

    #[test]
    fn of_what_is_foretold_two_figures_are_said() {
        let lost = |thousandths: i64, unit| {
            let lost = (Amount::thousandths(thousandths), Amount::whole(5_000));
            forecast(Language::English, unit, true, Some(2), lost)
        };
        for (thousandths, said) in [
            (54_556, "54 g"),
            (1_500, "1.5 g"),
            (987_654, "980 g"),
            (1_103_279, "1.1 kg"),
            (4_999_999, "4.9 kg"),
        ] {
            let text = format!("At this pace it lasts 2 more days. {said} of 5 kg will expire");
            assert!(lost(thousandths, BaseUnit::Gram).starts_with(&text), "{said}");
        }
        assert!(lost(123_000, BaseUnit::Piece).contains(" 123 of "));
    }

    #[test]
    fn much_of_something_is_said_in_the_larger_unit() {
        let say = |thousandths, unit| amount(Language::German, Amount::thousandths(thousandths), unit);
        assert_eq!(say(250_000, BaseUnit::Gram), "250 g");
        assert_eq!(say(1_250_000, BaseUnit::Gram), "1,25 kg");
        assert_eq!(say(24_000_000, BaseUnit::Millilitre), "24 l");
        // What has finer parts stays as it is.
        assert_eq!(say(1_000_500, BaseUnit::Millilitre), "1000,5 ml");
        assert_eq!(say(2_000_000, BaseUnit::Piece), "2000");
    }

    #[test]
    fn everything_that_happens_has_words_in_both_languages() {
        for (kind, change, english, german) in [
            ("receive", 2, "Mila put 2 into Cellar", "Mila hat 2 eingeräumt: Cellar"),
            ("consume", -1, "Mila used 1 from Fridge", "Mila hat 1 verbraucht, aus: Fridge"),
            ("spoil", -1, "Mila threw away 1 from Fridge", "Mila hat 1 weggeworfen, aus: Fridge"),
            (
                "transfer",
                0,
                "Mila moved 0 from Fridge to Cellar",
                "Mila hat 0 umgeräumt, von Fridge nach Cellar",
            ),
            (
                "count",
                3,
                "Mila counted 3 more than was known in Cellar",
                "Mila hat gezählt: 3 mehr als bekannt, in: Cellar",
            ),
            ("undo", -2, "Mila took something back: −2", "Mila hat etwas zurückgenommen: −2"),
            ("undo", 0, "Mila took something back", "Mila hat etwas zurückgenommen"),
        ] {
            assert_eq!(tell(Language::English, kind, kind, "Mila", change), english);
            assert_eq!(tell(Language::German, kind, kind, "Mila", change), german);
        }
        assert_eq!(tell(Language::English, "consume", "consume", "", -1), "Used 1 from Fridge");
        assert_eq!(tell(Language::German, "open", "open", "", 0), "Geöffnet, in: Fridge");
        assert_eq!(tell(Language::German, "open", "open", "Mila", 0), "Mila hat es geöffnet, in: Fridge");
        assert_eq!(tell(Language::English, "open", "open", "Mila", 0), "Mila opened it, in Fridge");
        assert_eq!(
            tell(Language::English, "settle", "consume", "Mila", -1),
            "More is known by now: what was used is otherwise than was known, −1"
        );
    }

    #[test]
    fn taking_back_says_what_was_taken_back() {
        for (act, change, english, german) in [
            ("receive", -2, "Mila took back what came in: −2", "Mila hat den Zugang zurückgenommen: −2"),
            ("consume", 1, "Mila took back what was used: +1", "Mila hat den Verbrauch zurückgenommen: +1"),
            (
                "spoil",
                1,
                "Mila took back what was thrown away: +1",
                "Mila hat das Wegwerfen zurückgenommen: +1",
            ),
            (
                "remove",
                1,
                "Mila took back what was written off: +1",
                "Mila hat das Ausbuchen zurückgenommen: +1",
            ),
            ("open", 0, "Mila took back what was opened", "Mila hat das Öffnen zurückgenommen"),
            ("transfer", 0, "Mila took back what was moved", "Mila hat das Umräumen zurückgenommen"),
            ("count", 3, "Mila took back what was counted: +3", "Mila hat die Zählung zurückgenommen: +3"),
        ] {
            assert_eq!(tell(Language::English, "undo", act, "Mila", change), english);
            assert_eq!(tell(Language::German, "undo", act, "Mila", change), german);
        }
        assert_eq!(tell(Language::German, "undo", "consume", "", 1), "Den Verbrauch zurückgenommen: +1");
    }

    #[test]
    fn taking_a_receipt_back_says_of_which_shop() {
        let (change, touched, unit) = (Amount::whole(-2), Amount::whole(2), BaseUnit::Piece);
        let back = |language, who, shop| {
            let (kind, act, receipt, from, to) = ("undo", "receive", Some(shop), "Fridge", "Fridge");
            let (is_undone, counted) = (false, None);
            told(
                language,
                &Told { kind, act, receipt, who, change, touched, unit, from, to, is_undone, counted },
            )
        };
        let (english, german) = (Language::English, Language::German);
        assert_eq!(
            back(english, "Mila", "Rewe"),
            "Mila took back what came in with the receipt from Rewe: −2"
        );
        assert_eq!(back(english, "", ""), "Took back what came in with a receipt: −2");
        assert_eq!(
            back(german, "Mila", "Rewe"),
            "Mila hat zurückgenommen, was mit dem Kassenbon von Rewe kam: −2"
        );
        assert_eq!(back(german, "", ""), "Zurückgenommen, was mit einem Kassenbon kam: −2");
    }

    #[test]
    fn a_count_says_what_there_was_and_what_was_believed() {
        let (change, touched, counted) = (Amount::whole(-2), Amount::whole(2), Some(Amount::whole(3)));
        let (kind, act, unit, from, to) = ("count", "count", BaseUnit::Piece, "Pantry", "Pantry");
        let told = |language, who| {
            told(
                language,
                &Told {
                    kind,
                    act,
                    receipt: None,
                    who,
                    change,
                    touched,
                    unit,
                    from,
                    to,
                    is_undone: false,
                    counted,
                },
            )
        };
        assert_eq!(told(Language::English, ""), "Counted in Pantry: 3, was 5");
        assert_eq!(told(Language::English, "Mila"), "Mila counted in Pantry: 3, was 5");
        assert_eq!(told(Language::German, "Mila"), "Mila hat gezählt, in Pantry: 3, bekannt war 5");
        // All there is was counted, wherever it is.
        let of_all = |language| {
            super::told(
                language,
                &Told {
                    kind,
                    act,
                    receipt: None,
                    who: "Mila",
                    change,
                    touched,
                    unit,
                    from,
                    to: "",
                    is_undone: false,
                    counted,
                },
            )
        };
        assert_eq!(of_all(Language::English), "Mila counted: 3, was 5");
        assert_eq!(of_all(Language::German), "Mila hat gezählt: 3, bekannt war 5");
    }

    #[test]
    fn the_line_says_what_it_is_made_of() {
        let mut sums = Sums::default();
        for (kind, stands, sum) in [
            ("receive", true, 10),
            ("consume", true, -6),
            ("spoil", true, -1),
            ("consume", false, -2),
            ("undo", true, 2),
        ] {
            sums.add(kind, stands, Amount::whole(sum));
        }
        let piece = BaseUnit::Piece;
        assert_eq!(why(Language::English, &sums, piece), "Why is it 3? 10 came in, 6 used, 1 thrown away.");
        assert_eq!(
            why(Language::German, &sums, BaseUnit::Gram),
            "Warum 3 g? 10 g kamen dazu, 6 g verbraucht, 1 g weggeworfen."
        );
        assert_eq!(why(Language::English, &Sums::default(), piece), "There never was any.");
    }

    #[test]
    fn a_forecast_says_what_will_be_lost() {
        let lost = (Amount::whole(2), Amount::whole(6));
        assert_eq!(
            forecast(Language::English, BaseUnit::Piece, true, Some(6), lost),
            "At this pace it lasts 6 more days. 2 of 6 will expire before they are used."
        );
        assert_eq!(
            forecast(
                Language::German,
                BaseUnit::Gram,
                true,
                Some(1),
                (Amount::thousandths(1500), Amount::whole(2))
            ),
            "Bei diesem Tempo reicht es noch einen Tag. 1,5 g von 2 g laufen ab, bevor sie verbraucht sind."
        );
    }
}
