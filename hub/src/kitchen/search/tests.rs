//! Products are found by what people type, on both engines, and fast among many.

use std::time::{Duration, Instant};

use super::*;
use crate::auth::Actor;
use crate::db::Tx;
use crate::kitchen::products::{self, Activate, Change, Fields, NewProduct};
use crate::testing::hub::{Setup, TestHub, on_each_engine, run};

const SHELF: &[(&str, &str)] = &[
    ("Bio-Vollmilch 3,5 %", "Hof Birke"),
    ("Milch", ""),
    ("Milchreis", "Löffel & Co"),
    ("Hafermilch", "Nordkorn"),
    ("Joghurt natur", "Hof Birke"),
    ("Käse jung", "Almbach"),
    ("Gouda", "Almbach"),
    ("Weißbrot", ""),
    ("Crème fraîche", "Nordkorn"),
    ("Spaghetti No. 5", "Pastaio"),
    ("Tomaten, gehackt", "Pastaio"),
    ("Tomatenmark", "Pastaio"),
    ("Schokolade 70 %", "Kakaohaus"),
    ("Müsli", "Löffel & Co"),
    ("Eis Vanille", "Nordkorn"),
];

fn put(tx: &mut Tx, name: &str, brand: &str) -> Result<ProductId> {
    let fields = Fields { brand: brand.to_owned(), ..Fields::called(name) };
    Ok(products::create(tx, &NewProduct::of(fields))?.id)
}

async fn stocked(hub: &TestHub) {
    let fill = |tx: &mut Tx| SHELF.iter().try_for_each(|(name, brand)| put(tx, name, brand).map(|_| ()));
    hub.app().db().write(&Actor::System, fill).await.unwrap();
}

async fn names(hub: &TestHub, query: &str) -> Vec<String> {
    let query = query.to_owned();
    let look = move |tx: &Tx| {
        let found = products::search(tx, &query, &Among::default(), 10)?;
        Ok(found.into_iter().map(|product| product.name).collect())
    };
    hub.app().db().read(look).await.unwrap()
}

#[test]
fn people_find_what_they_mean() {
    on_each_engine(async |hub| {
        stocked(&hub).await;
        for (query, first) in [
            ("milch", "Milch"),
            ("MILCH", "Milch"),
            ("vollm", "Bio-Vollmilch 3,5 %"),
            ("birke milch", "Bio-Vollmilch 3,5 %"),
            ("natur joghurt", "Joghurt natur"),
            ("joguhrt", "Joghurt natur"),
            ("jogurt", "Joghurt natur"),
            ("kaese", "Käse jung"),
            ("kase", "Käse jung"),
            ("KÄS", "Käse jung"),
            ("weissbrot", "Weißbrot"),
            ("Weißb", "Weißbrot"),
            ("creme fraiche", "Crème fraîche"),
            ("spagetti", "Spaghetti No. 5"),
            ("sphagetti", "Spaghetti No. 5"),
            ("spahgetti pastaoi", "Spaghetti No. 5"),
            ("shcoklade", "Schokolade 70 %"),
            ("muesli", "Müsli"),
            ("musli", "Müsli"),
            ("mulsi", "Müsli"),
            ("tomatne", "Tomaten, gehackt"),
            ("tomatenm", "Tomatenmark"),
            ("70 schoko", "Schokolade 70 %"),
            ("3,5", "Bio-Vollmilch 3,5 %"),
            ("no 5", "Spaghetti No. 5"),
            ("löfel", "Milchreis"),
            ("eis", "Eis Vanille"),
        ] {
            assert_eq!(names(&hub, query).await.first().map(String::as_str), Some(first), "{query}");
        }
        for nothing in ["", "  ", "!?", "xyz", "milch xyz", "brxxx", "zzzzzzzzzzzz", "70 80"] {
            assert_eq!(names(&hub, nothing).await, Vec::<String>::new(), "{nothing}");
        }
    });
}

#[test]
fn the_nearer_comes_first() {
    on_each_engine(async |hub| {
        stocked(&hub).await;
        assert_eq!(names(&hub, "milch").await, ["Milch", "Milchreis", "Hafermilch", "Bio-Vollmilch 3,5 %"]);
        assert_eq!(names(&hub, "tomate").await, ["Tomatenmark", "Tomaten, gehackt"]);
    });
}

#[test]
fn a_product_is_found_by_its_present_name_alone() {
    on_each_engine(async |hub| {
        let made = hub.app().db().write(&Actor::System, |tx| put(tx, "Marmelade Erdbeer", ""));
        let jam = made.await.unwrap();
        hub.app()
            .db()
            .write(&Actor::System, move |tx| {
                let name = Some("Konfitüre Erdbeer".to_owned());
                let change = Change { version: 1, name, activate: Activate::AsItIs, ..Change::default() };
                products::change(tx, jam, &change)
            })
            .await
            .unwrap();
        assert_eq!(names(&hub, "marmelade").await, Vec::<String>::new());
        assert_eq!(names(&hub, "erdbeer konfi").await, ["Konfitüre Erdbeer"]);
        assert_eq!(hub.app().db().read(violations).await.unwrap(), Vec::<String>::new());
        let archive = move |tx: &mut Tx| products::archive(tx, jam, products::Leftovers::Refuse);
        hub.app().db().write(&Actor::System, archive).await.unwrap();
        assert_eq!(names(&hub, "erdbeer").await, Vec::<String>::new());
    });
}

/// Words that sound like words.
fn invented(mut seed: u64) -> String {
    const SOUNDS: [&str; 24] = [
        "ba", "ke", "li", "mo", "nu", "ra", "sto", "pel", "gri", "tan", "vo", "schi", "fe", "da", "hul",
        "jo", "kra", "lem", "mi", "pro", "sa", "ter", "wi", "zu",
    ];
    let count = 2 + seed % 3;
    let mut word = String::new();
    for _ in 0..count {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        word.push_str(SOUNDS[usize::try_from(seed >> 40).unwrap() % SOUNDS.len()]);
    }
    word
}

/// Among very many products a search looks at few. The bound is wide, for a slow machine and a build without
/// optimisation; what it costs there grows with what it looks at, and that is what is tested.
#[test]
fn a_search_among_many_stays_quick() {
    run(async {
        let hub = TestHub::start(Setup { rehearse: false, ..Setup::default() }).await;
        for batch in 0..8_u64 {
            let fill = move |tx: &mut Tx| {
                for n in batch * 500..(batch + 1) * 500 {
                    let name = format!("{} {} {}", invented(n * 7), invented(n % 300), invented(n % 40));
                    put(tx, &name, &invented(n % 90))?;
                }
                Ok(())
            };
            hub.app().db().write(&Actor::System, fill).await.unwrap();
        }
        let typed = ["kralem", "stopelgri", "bakelimo tan", "schifeda", "s", "mo pro", "zuwisater krale"];
        for query in typed {
            let begun = Instant::now();
            names(&hub, query).await;
            let took = begun.elapsed();
            assert!(took < Duration::from_secs(2), "{query} took {took:?}");
        }
    });
}

#[test]
fn a_house_that_is_older_than_the_search_is_made_findable() {
    on_each_engine(async |hub| {
        let db = hub.app().db();
        assert_eq!(renew(db).await.unwrap(), 0, "there is nothing to be found");
        stocked(&hub).await;
        let older = |tx: &mut Tx| {
            tx.run(sql!("DELETE FROM product_words"), ())?;
            tx.run(sql!("DELETE FROM search_forms"), ())?;
            tx.run(sql!("DELETE FROM search_words"), ())?;
            // As another spelling had it.
            tx.run(sql!("UPDATE products SET search_key = upper(name)"), ())
        };
        db.write(&Actor::System, older).await.unwrap();
        assert_eq!(names(&hub, "joguhrt").await, [""; 0]);
        assert_eq!(renew(db).await.unwrap(), SHELF.len() as u64);
        assert_eq!(names(&hub, "joguhrt").await, ["Joghurt natur"]);
        assert_eq!(names(&hub, "kase").await, ["Käse jung"]);
        assert_eq!(db.read(violations).await.unwrap(), [""; 0]);
        assert_eq!(renew(db).await.unwrap(), 0, "it is done");
        let lose = |tx: &mut Tx| {
            let lost = sql!(
                "DELETE FROM product_words WHERE product_id IN (SELECT p.id FROM products p WHERE p.name = 'Gouda')"
            );
            tx.run(lost, ())
        };
        db.write(&Actor::System, lose).await.unwrap();
        assert_eq!(db.read(violations).await.unwrap()[0], "1 products are found by no word");
        // Words of another spelling are those of an older house.
        db.write(&Actor::System, |tx| tx.run(sql!("UPDATE search_state SET spelling = 0"), ()))
            .await
            .unwrap();
        assert_eq!(renew(db).await.unwrap(), SHELF.len() as u64);
        assert_eq!(names(&hub, "gouda").await, ["Gouda"]);
        assert_eq!(db.read(violations).await.unwrap(), [""; 0]);
    });
}
