//! Whole messages and what they turn out to be: `messages.txt`.

use std::fmt::Write as _;

use expect_test::expect_file;
use hearth_shared::gs1::{Problem, Scan, parse};

use super::{scanned, unescape};

/// The lines of the file again, each with what the parser says of its input now.
#[test]
fn messages_say_what_they_say() {
    let mut rendered = String::new();
    let mut cases = 0;
    for line in include_str!("messages.txt").lines() {
        match line.split_once(" => ").or_else(|| line.strip_suffix(" =>").map(|input| (input, ""))) {
            Some((input, _)) => {
                let message = unescape(input);
                let _ = writeln!(rendered, "{input} => {}", summary(&parse(&message, &scanned())));
                cases += 1;
            }
            None => {
                assert!(line.is_empty() || line.starts_with('#'), "neither a case nor a remark: {line}");
                let _ = writeln!(rendered, "{line}");
            }
        }
    }
    assert!(cases > 200);
    expect_file!["messages.txt"].assert_eq(&rendered);
}

/// A scan in one line: kind, elements, what is made of them, then what is wrong.
fn summary(scan: &Scan<'_>) -> String {
    let mut text = scan.kind().word().to_owned();
    for element in scan.elements() {
        let _ = write!(text, " ({}){}", element.ai(), element.value());
        if let Some(problem) = element.problem() {
            let _ = write!(text, " !{}@{}", problem.code, problem.at);
        }
    }
    let mut facts = Vec::new();
    facts.extend(scan.number().map(|number| format!("{number} {}", number.usage().word())));
    facts.extend(scan.expiry().map(|expiry| {
        let day = if expiry.day_given { "" } else { "?" };
        format!("{} {}{day}", expiry.kind.word(), expiry.date)
    }));
    facts.extend(scan.production_date().map(|date| format!("made {date}")));
    facts.extend(scan.packing_date().map(|date| format!("packed {date}")));
    facts.extend(scan.content().map(|gtin| format!("holds {gtin}")));
    facts.extend(scan.measure().map(|m| format!("{}e-{} {}", m.value, m.scale, m.unit)));
    for (what, price) in
        [("costs", scan.price()), ("to pay", scan.amount_payable()), ("each", scan.unit_price())]
    {
        facts.extend(price.map(|p| format!("{what} {}e-{} {}", p.value, p.scale, p.currency.unwrap_or("?"))));
    }
    facts.extend(scan.origins().map(|country| format!("from {country:03}")));
    facts.extend(scan.command().map(|(verb, argument)| format!("{verb:?} {argument}")));
    if !facts.is_empty() {
        let _ = write!(text, " | {}", facts.join(", "));
    }
    if let Some(error) = scan.error() {
        let _ = write!(text, " | error {}", place(&error));
    }
    for warning in scan.warnings() {
        let _ = write!(text, " | {}", place(&warning));
    }
    for other in scan.other_readings() {
        let _ = write!(text, " | or [{}]", summary(&other));
    }
    text
}

fn place(problem: &Problem) -> String {
    let ai = problem.ai.map_or(String::new(), |ai| format!(" ({ai})"));
    format!("{}@{}{ai}", problem.code, problem.at)
}
