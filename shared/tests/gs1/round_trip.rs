//! Read, written and read again is read once.

use std::sync::OnceLock;

use hearth_shared::gs1::{Message, Scan, identifiers, parse};
use proptest::prelude::*;

use super::elements::{CASES, members, split};
use super::{bracketed, lines, scanned, today};

/// Elements whose values follow their rules: those of the table of cases.
fn good_elements() -> &'static [(String, &'static str)] {
    static GOOD: OnceLock<Vec<(String, &'static str)>> = OnceLock::new();
    GOOD.get_or_init(|| {
        let good = lines(CASES).map(|(_, line)| split(line)).filter(|(verdict, ..)| *verdict == "ok");
        good.flat_map(|(_, ais, value)| members(ais).into_iter().map(move |ai| (ai, value))).collect()
    })
}

fn elements(scan: &Scan<'_>) -> Vec<(String, String)> {
    scan.elements().map(|element| (element.ai().to_string(), element.value().to_string())).collect()
}

fn sorted(scan: &Scan<'_>) -> Vec<(String, String)> {
    let mut elements = elements(scan);
    elements.sort();
    elements
}

/// An identifier of the free ones with any text of set 82.
fn free_text() -> impl Strategy<Value = (String, String)> {
    (91..=99_u8, r#"[!-"%-?A-Z_a-z]{1,90}"#).prop_map(|(ai, value)| (ai.to_string(), value))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn element_strings_and_brackets(
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        mut free in prop::collection::vec(free_text(), 1..4),
    ) {
        let good = good_elements();
        let mut wanted: Vec<_> = places.iter().map(|place| place.get(good)).map(|(ai, value)| (ai.clone(), (*value).to_owned())).collect();
        wanted.append(&mut free);
        let mut message = Message::new();
        for (ai, value) in &wanted {
            message.add(ai, value, today()).unwrap();
        }
        let text = message.bracketed();
        let scan = parse(text.as_bytes(), &bracketed());
        prop_assert!(scan.is_accepted(), "{text}");
        prop_assert_eq!(elements(&scan), wanted.clone());
        prop_assert_eq!(Message::of(&scan).unwrap().bracketed(), text.clone());

        let text = format!("]d2{}", Message::of(&scan).unwrap().element_string().unwrap());
        let back = parse(text.as_bytes(), &scanned());
        prop_assert!(back.is_accepted(), "{text:?}");
        wanted.sort();
        prop_assert_eq!(sorted(&back), wanted);
        let again = Message::of(&back).unwrap().element_string().unwrap();
        prop_assert_eq!(format!("]d2{again}"), text);
    }

    #[test]
    fn digital_links(
        batch in r#"[!-"%-?A-Z_a-z]{1,20}"#,
        serial in prop::option::of(r#"[!-"%-?A-Z_a-z]{1,20}"#),
        note in prop::option::of(r#"[!-"%-?A-Z_a-z]{1,90}"#),
        dated in any::<bool>(),
    ) {
        let mut message = Message::new();
        message.add("01", "09501101530003", today()).unwrap();
        if dated {
            message.add("17", "261231", today()).unwrap();
        }
        for (ai, value) in [("99", &note), ("21", &serial), ("10", &Some(batch))] {
            if let Some(value) = value {
                message.add(ai, value, today()).unwrap();
            }
        }
        let link = message.digital_link("https://example.org/some/place/").unwrap();
        let scan = parse(link.as_bytes(), &scanned());
        prop_assert!(scan.is_accepted(), "{link}");
        let text = message.bracketed();
        prop_assert_eq!(sorted(&scan), sorted(&parse(text.as_bytes(), &bracketed())), "{}", link);
        prop_assert_eq!(Message::of(&scan).unwrap().digital_link("https://example.org/some/place").unwrap(), link);
    }
}

#[test]
fn what_breaks_a_rule_is_not_written() {
    for (number, line) in lines(CASES) {
        let (verdict, ais, value) = split(line);
        for ai in members(ais) {
            let added = Message::new().add(&ai, value, today()).map(|_| ());
            let word = added.map_or_else(|problem| problem.code.word(), |()| "ok");
            assert_eq!(word, verdict, "line {number}");
        }
    }
    let unknown = Message::new().add("0", "1", today()).map(|_| ()).unwrap_err();
    assert_eq!(unknown.code.word(), "ai-unknown");
}

#[test]
fn links_are_written_as_they_must_be() {
    let link = |elements: &[(&str, &str)]| {
        let mut message = Message::new();
        for (ai, value) in elements {
            message.add(ai, value, today()).unwrap();
        }
        message.digital_link("https://id.example/").map_err(|problem| problem.code.word())
    };
    let gtin = ("01", "09501101530003");
    let path = "https://id.example/01/09501101530003";
    assert_eq!(link(&[gtin]), Ok(path.to_owned()));
    assert_eq!(link(&[("10", "A"), ("21", "B"), ("22", "C"), gtin]), Ok(format!("{path}/22/C/10/A/21/B")));
    assert_eq!(
        link(&[("15", "261231"), gtin, ("3103", "001250")]),
        Ok(format!("{path}?15=261231&3103=001250"))
    );
    assert_eq!(link(&[gtin, ("10", "A/B (c)%".split(' ').next().unwrap())]), Ok(format!("{path}/10/A%2FB")));
    assert_eq!(link(&[gtin, ("235", "X")]), Ok(format!("{path}/235/X")));
    assert_eq!(link(&[gtin, ("235", "X"), ("10", "A"), ("21", "B")]), Err("link-attribute"));
    assert_eq!(link(&[("10", "A")]), Err("link-without-key"));
    assert_eq!(link(&[gtin, ("8020", "A")]), Err("link-attribute"));
    assert_eq!(link(&[gtin, ("99", "A"), ("99", "A")]), Err("link-repeated"));
}

#[test]
fn separators_stand_only_where_they_must() {
    let mut message = Message::new();
    for (ai, value) in [("10", "AB"), ("17", "261231"), ("21", "C"), ("01", "09501101530003")] {
        message.add(ai, value, today()).unwrap();
    }
    assert_eq!(message.element_string().unwrap(), "17261231010950110153000310AB\x1d21C");
    assert_eq!(message.bracketed(), "(10)AB(17)261231(21)C(01)09501101530003");
    assert!(identifiers().any(|identifier| identifier.needs_separator()));
    assert_eq!(Message::new().element_string().unwrap_err().code.word(), "empty");
}
