//! What amounts come to, on both engines.

use super::*;
use crate::auth::Actor;
use crate::kitchen::products::{self, Fields, NewProduct};
use crate::testing::hub::{TestHub, on_each_engine};

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

/// A loaf: 750 g a pack, and twelve slices.
async fn bread(hub: &TestHub) -> Product {
    let made = hub.app().db().write(&Actor::System, |tx| {
        let fields =
            Fields { base_unit: BaseUnit::Gram, pack_size: Amount::whole(750), ..Fields::called("Bread") };
        let slice =
            ProductUnit { name: name("Slice"), measure: Measure::of(Amount::whole(750), 12).unwrap() };
        let new = NewProduct { units: vec![slice], ..NewProduct::of(fields) };
        products::create(tx, &new)
    });
    made.await.unwrap()
}

#[test]
fn amounts_are_converted_exactly_or_refused() {
    on_each_engine(async |hub| {
        let bread = bread(&hub).await;
        let convert = async |said: &'static str, unit: Option<&'static str>| {
            let bread = bread.clone();
            let base = hub.app().db().read(move |tx| to_base(tx, &bread, amount(said), unit)).await;
            base.map_or_else(|e| e.code().to_owned(), |amount| says(amount, BaseUnit::Gram))
        };
        for (said, unit, expected) in [
            ("250", None, "250 g"),
            ("250", Some("g"), "250 g"),
            ("1.5", Some("kg"), "1.5 kg"),
            ("1.5", Some(" KG. "), "1.5 kg"),
            ("0.001", Some("kg"), "1 g"),
            ("1", Some("mg"), "0.001 g"),
            ("0.5", Some("mg"), "inexact-amount"),
            ("1", Some("oz"), "inexact-amount"),
            ("1600", Some("oz"), "45359.237 g"),
            ("100", Some("lb"), "45359.237 g"),
            ("2", Some("Pfund"), "1 kg"),
            ("2", Some("packs"), "1.5 kg"),
            ("0.5", Some("Packung"), "375 g"),
            ("1", Some("slice"), "62.5 g"),
            ("12", Some("SLICE"), "750 g"),
            ("1", Some("ml"), "unit-does-not-fit"),
            ("1", Some("dozen"), "unit-does-not-fit"),
            ("1", Some("parsec"), "unknown-unit"),
            ("1", Some(""), "unknown-unit"),
            ("1000000000", Some("kg"), "inexact-amount"),
        ] {
            assert_eq!(convert(said, unit).await, expected, "{said} {unit:?}");
        }
    });
}

#[test]
fn the_product_knows_better_than_the_house_and_the_house_than_everybody() {
    on_each_engine(async |hub| {
        let bread = bread(&hub).await;
        let made = hub.app().db().write(&Actor::System, |tx| {
            create(tx, &name("oz"), BaseUnit::Gram, Measure::of(Amount::whole(28), 1).unwrap())?;
            let again = create(tx, &name("OZ"), BaseUnit::Gram, Measure::ONE).unwrap_err();
            create(tx, &name("Slice"), BaseUnit::Gram, Measure::ONE)?;
            Ok(again.code())
        });
        assert_eq!(made.await.unwrap(), "unit-exists");
        let seen = hub.app().db().read(move |tx| {
            let one = |unit| to_base(tx, &bread, Amount::ONE, Some(unit));
            Ok((one("oz")?, one("slice")?, all(tx)?.len()))
        });
        assert_eq!(seen.await.unwrap(), (Amount::whole(28), amount("62.5"), 2));
    });
}

#[test]
fn a_unit_is_shown_as_it_was_said() {
    on_each_engine(async |hub| {
        let bread = bread(&hub).await;
        let shown = hub.app().db().read(move |tx| Ok(of_product(tx, bread.id)?[0].measure.in_words()));
        assert_eq!(shown.await.unwrap(), (Amount::whole(750), 12), "and not 62.5 g for one");
        let mila = hub.member().await;
        let cup = serde_json::json!({ "name": "Cup", "unit": "ml", "quantity": 1000, "per": 4 });
        let made = mila.post("/api/units", cup).await.is(201);
        assert_eq!((&made["per"], &made["quantity"]), (&4.into(), &1000.into()));
        let path = format!("/api/units/{}", made["id"].as_str().unwrap());
        let renamed = mila.patch(&path, serde_json::json!({ "version": 1, "name": "Mug" })).await.is(200);
        assert_eq!((&renamed["per"], &renamed["quantity"]), (&4.into(), &1000.into()));
        let change = serde_json::json!({ "version": 2, "quantity": 500, "per": 2 });
        let again = mila.patch(&path, change).await.is(200);
        assert_eq!((&again["per"], &again["quantity"]), (&2.into(), &500.into()));
    });
    // What was said before anybody asked of how many.
    let unsaid = Measure { ratio: Ratio::of(Amount::whole(750), 12).unwrap(), per: 0 };
    assert_eq!(unsaid.in_words(), (amount("62.5"), 1));
}

#[test]
fn units_are_said_in_the_smallest_whole_numbers() {
    for (num, den, said) in
        [(1, 1, ("1", 1)), (62_500, 1_000, ("62.5", 1)), (750, 7, ("750", 7)), (1, 3, ("1", 3))]
    {
        assert_eq!(Ratio { num, den }.in_words(), (amount(said.0), said.1));
    }
    for unit in built_in() {
        let ratio = Ratio::of(unit.quantity, unit.per).unwrap();
        let known = builtin::find(&unit.name).unwrap();
        assert_eq!(
            i128::from(ratio.num) * i128::from(known.den),
            i128::from(ratio.den) * i128::from(known.num)
        );
    }
    let words: Vec<&str> = BUILT_IN.iter().flat_map(|unit| unit.words).chain(PACK).copied().collect();
    let distinct: std::collections::BTreeSet<&str> = words.iter().copied().collect();
    assert_eq!(words.len(), distinct.len(), "no word means two units");
    assert!(words.iter().all(|word| key(word) == **word), "words are written as they are looked up");
}

#[test]
fn amounts_are_said_as_people_say_them() {
    let said = |thousandths, base| says(Amount::thousandths(thousandths), base);
    assert_eq!(said(1_500_000, BaseUnit::Gram), "1.5 kg");
    assert_eq!(said(999_000, BaseUnit::Gram), "999 g");
    assert_eq!(said(1_500_500, BaseUnit::Gram), "1500.5 g");
    assert_eq!(said(-2_000_000, BaseUnit::Millilitre), "-2 l");
    assert_eq!(said(250_000, BaseUnit::Millilitre), "250 ml");
    assert_eq!(said(3_000, BaseUnit::Piece), "3");
    assert_eq!(said(0, BaseUnit::Gram), "0 g");
    assert_eq!(says_in(Amount::thousandths(1_250_000), BaseUnit::Gram, Language::German), "1,25 kg");
}
