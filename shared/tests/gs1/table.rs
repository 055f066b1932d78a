//! The table against everything that depends on it.

use std::collections::BTreeSet;

use hearth_shared::gs1::{Ai, Code, RELEASE, Severity, identifiers};

use super::elements::{CASES, members, split};
use super::lines;

const MANUAL: &str = include_str!("../../../docs/gs1.md");

/// Value lengths that the General Specifications fix by the first two digits, once and for all.
fn predefined(ai: &str) -> Option<usize> {
    match &ai[..2] {
        "00" => Some(18),
        "01" | "02" | "03" => Some(14),
        "04" => Some(16),
        "11" | "12" | "13" | "14" | "15" | "16" | "17" | "18" | "19" => Some(6),
        "20" => Some(2),
        "31" | "32" | "33" | "34" | "35" | "36" => Some(6),
        "41" => Some(13),
        _ => None,
    }
}

/// How many digits an identifier has, by its first two.
fn width(ai: &str) -> usize {
    match &ai[..2] {
        "23" | "24" | "25" | "40" | "41" | "42" | "71" => 3,
        "31" | "32" | "33" | "34" | "35" | "36" | "39" | "43" | "70" | "72" | "80" | "81" | "82" => 4,
        _ => 2,
    }
}

/// Changes in the table move other things. This test names them all at once.
#[test]
fn every_line_agrees_with_the_others() {
    let mut to_do = Vec::new();
    let (mut count, mut last) = (0, String::new());
    let mut known = BTreeSet::new();
    for identifier in identifiers() {
        for ai in members(identifier.ais()) {
            if ai <= last {
                to_do.push(format!("table.rs: {ai} does not come after {last}"));
            }
            if ai.len() != width(&ai) {
                to_do
                    .push(format!("table.rs: an identifier that begins like {ai} has {} digits", width(&ai)));
            }
            let (shortest, longest) = identifier.lengths();
            let fixed = (!identifier.needs_separator()).then_some(longest);
            if fixed != predefined(&ai) || fixed.is_some_and(|length| length != shortest) {
                to_do.push(format!("table.rs: {ai} has the predefined length {:?}", predefined(&ai)));
            }
            if Ai::of(&ai).is_none_or(|found| found.to_string() != ai || found.title() != identifier.title())
            {
                to_do.push(format!("dictionary.rs: {ai} is not found"));
            }
            (count, last) = (count + 1, ai.clone());
            known.insert(ai);
        }
    }
    for verdict in ["valid", "invalid"] {
        let right = |line: &str| line.starts_with("ok ") == (verdict == "valid");
        let shown: BTreeSet<_> = lines(CASES)
            .filter(|(_, line)| right(line))
            .flat_map(|(_, line)| members(split(line).1))
            .collect();
        to_do.extend(known.difference(&shown).map(|ai| format!("elements.txt: no {verdict} value for {ai}")));
        to_do.extend(shown.difference(&known).map(|ai| format!("elements.txt: {ai} is not in the table")));
    }
    let sentence = format!("{count} identifiers on {} lines, release {RELEASE}", identifiers().len());
    if !MANUAL.contains(&sentence) {
        to_do.push(format!("docs/gs1.md: must say \"{sentence}\""));
    }
    assert!(to_do.is_empty(), "\n{}\n", to_do.join("\n"));
}

#[test]
fn numbers_without_an_identifier_are_none() {
    let known: BTreeSet<_> = identifiers().flat_map(|identifier| members(identifier.ais())).collect();
    let two = (0..100).map(|number| format!("{number:02}"));
    let three = (0..1000).map(|number| format!("{number:03}"));
    let four = (0..10_000).map(|number| format!("{number:04}"));
    for ai in two.chain(three).chain(four) {
        assert_eq!(Ai::of(&ai).is_some(), known.contains(&ai), "{ai}");
    }
    for ai in ["", "1", "0", "01 ", "1O", "31030", "(01)", "٠١"] {
        assert_eq!(Ai::of(ai), None, "{ai}");
    }
}

/// The words are an interface: stable, of one shape, each once, and all of them in the manual.
#[test]
fn the_manual_lists_every_code() {
    let mut words = BTreeSet::new();
    for code in Code::ALL {
        let kebab = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        assert!(code.word().bytes().all(kebab), "{code}");
        assert!(words.insert(code.word()), "{code} is there twice");
        let level = match code.severity() {
            Severity::Message => "message",
            Severity::Element => "element",
            Severity::Warning => "warning",
        };
        let line = format!("| `{code}` | {level} | {} |", code.meaning());
        assert!(MANUAL.contains(&line), "docs/gs1.md lacks the line\n{line}");
    }
}
