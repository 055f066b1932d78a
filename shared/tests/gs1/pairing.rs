//! Which elements ask for others, and which exclude each other: `pairing.txt`.

use std::collections::BTreeSet;

use hearth_shared::gs1::{Code, identifiers, parse};

use super::elements::members;
use super::{bracketed, lines};

const CASES: &str = include_str!("pairing.txt");

#[test]
fn each_identifier_asks_for_its_companions() {
    let mut tried = BTreeSet::new();
    for (number, line) in lines(CASES) {
        let (wanted, rest) = line.split_once(' ').unwrap();
        let (ai, text) = rest.split_once(' ').unwrap();
        let scan = parse(text.as_bytes(), &bracketed());
        assert!(scan.is_accepted(), "line {number}: {scan:?}");
        let pairing = [Code::CompanionMissing, Code::ExcludedTogether];
        let about = scan.warnings().filter(|warning| warning.ai.is_some_and(|other| other.to_string() == ai));
        let found: Vec<_> = about.map(|warning| warning.code).filter(|code| pairing.contains(code)).collect();
        let words: BTreeSet<_> = found.iter().map(|code| code.word()).collect();
        let words = Vec::from_iter(words).join(",");
        assert_eq!(if words.is_empty() { "-" } else { &words }, wanted, "line {number}: {text}");
        tried.insert(ai);
    }
    for identifier in identifiers() {
        assert!(tried.contains(members(identifier.ais())[0].as_str()), "{}", identifier.ais());
    }
}
