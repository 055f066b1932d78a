//! What codes are looked up by.

use expect_test::{Expect, expect};
use hearth_shared::gs1::{self, Context, Date, Region, parse};

use super::*;

/// Reads each line up to the arrow as a scan, and compares the key, the content and what is inside.
fn check(region: Option<Region>, expected: &Expect) {
    let today = Date::new(2026, 11, 20).unwrap();
    let context = Context { region, ..Context::on(today) };
    let mut rendered = String::new();
    for line in expected.data().lines().filter(|line| !line.trim().is_empty()) {
        let input = line.split_once(" =>").map_or(line, |(input, _)| input).trim();
        let raw = input.replace("^", "\u{1d}");
        let scan = parse(raw.as_bytes(), &context);
        let key = required_key(&scan).map_or_else(|e| e.code().to_owned(), |key| key.to_string());
        let inner = key_of(&scan).and_then(|key| inner_of(&key));
        let inner = inner.map(|inner| format!(", of {inner}")).unwrap_or_default();
        let content = content_of(&scan).map(|(key, n)| format!(", {n} of {key}")).unwrap_or_default();
        rendered.push_str(&format!("{input} => {key}{inner}{content}\n"));
    }
    expected.assert_eq(&rendered);
}

#[test]
fn every_form_of_a_number_is_one_key() {
    check(
        None,
        &expect![[r#"
            4006381333931 => 04006381333931
            ]E04006381333931 => 04006381333931
            04006381333931 => 04006381333931
            ]d20104006381333931172701311023 => 04006381333931
            (01)04006381333931(10)A => 04006381333931
            https://id.gs1.org/01/04006381333931 => 04006381333931
            036000291452 => 00036000291452
            ]E00036000291452 => 00036000291452
            96385074 => 00000096385074
            01234565 => 00012345000065
            14006381333938 => 14006381333938, of 04006381333931
            ]C10214006381333938^3712 => code-of-a-case, 12 of 14006381333938
            ]C102040063813339313724 => code-of-a-case, 24 of 04006381333931
            ]C100340123450000000017 => text:00340123450000000017
        "#]],
    );
}

#[test]
fn numbers_of_a_shop_and_texts_stay_apart() {
    check(
        None,
        &expect![[r#"
            2012345678903 => shop:02012345678903
            29123452 => shop:00000029123452
            NoNumber-42 => text:NoNumber-42
            4006381333932 => text:4006381333932
            ]d20104006381333932 => code-unreadable
            ]d2 => code-unreadable
        "#]],
    );
    check(
        Some(Region::Germany),
        &expect![[r#"
            2812346146858 => shop:02812340000002
            2812340146854 => shop:02812340146854
        "#]],
    );
}

#[test]
fn a_text_has_a_measure() {
    let today = Date::new(2026, 11, 20).unwrap();
    let long = "x".repeat(201);
    let scan = parse(long.as_bytes(), &Context::on(today));
    assert_eq!(required_key(&scan).unwrap_err().code(), "code-too-long");
    assert_eq!(key_of(&parse(&[b'a'; 200], &Context::on(today))).unwrap().as_str().len(), 205);
    assert_eq!(key_of(&parse(b"a\0b", &Context::on(today))), None);
    assert_eq!(key_of(&parse(b"\xff\xfe", &Context::on(today))), None);
}

#[test]
fn people_read_codes_as_they_stand_on_the_pack() {
    let today = Date::new(2026, 11, 20).unwrap();
    let said =
        |raw: &str| key_of(&parse(raw.as_bytes(), &Context::on(today))).unwrap().for_people().to_owned();
    assert_eq!(
        ["04006381333931", "96385074", "036000291452", "2012345678903", "Shelf 7"].map(said),
        ["4006381333931", "96385074", "036000291452", "2012345678903", "Shelf 7"]
    );
}

#[test]
fn cards_and_labels_of_the_house_stand_for_no_product() {
    let today = Date::new(2026, 11, 20).unwrap();
    for own in [gs1::command(gs1::Verb::Undo, "").unwrap(), gs1::label("LOT7").unwrap()] {
        let scan = parse(own.as_bytes(), &Context::on(today));
        assert_eq!((key_of(&scan), required_key(&scan).unwrap_err().code()), (None, "code-of-the-house"));
    }
}
