//! Labels as they are asked for. That they read back is shown in `tests/labels.rs`, with a real reader.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::page::MM;
use super::sheets::{PaperKind, SHEETS};
use super::*;
use crate::auth::Actor;
use crate::testing::hub::{Client, Setup, TestHub, on_each_engine, run};

/// A fridge, and milk that is kept in it.
async fn furnish(hub: &TestHub) -> (PlaceId, ProductId) {
    let made = hub.app().db().write(&Actor::System, |tx| {
        let (fridge, milk): (PlaceId, ProductId) = (tx.new_id(), tx.new_id());
        tx.run(
            sql!(
                "INSERT INTO places (id, name, name_key, kind, position, created_at)
                 VALUES ($1, 'Kühlschrank', 'kühlschrank', 'fridge', 1, $2)"
            ),
            (fridge, tx.now()),
        )?;
        tx.run(
            sql!(
                "INSERT INTO products (id, name, search_key, state, place_id, base_unit, pack_size, due_kind,
                     created_at, changed_at)
                 VALUES ($1, 'Milch', 'milch', 'active', $2, 'piece', 1000, 'use-by', $3, $3)"
            ),
            (milk, fridge, tx.now()),
        )?;
        for (code, amount) in
            [("text:MILK", None), ("14006381333938", Some(12_000)), ("04006381333931", None)]
        {
            tx.run(
                sql!("INSERT INTO codes (code, product_id, amount, created_at) VALUES ($1, $2, $3, $4)"),
                (code, milk, amount, tx.now()),
            )?;
        }
        Ok((fridge, milk))
    });
    made.await.unwrap()
}

/// What an SVG says to those who listen.
async fn said(client: &Client, path: &str) -> String {
    let answer = client.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.bytes));
    assert_eq!(answer.header("content-type"), "image/svg+xml");
    let text = String::from_utf8(answer.bytes).unwrap();
    let labels = text.split("aria-label=\"").skip(1).filter_map(|rest| rest.split('"').next());
    labels.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_sheet_is_served_in_both_forms() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        furnish(&hub).await;
        for what in ["commands", "scanner-test", "places", "people"] {
            let pdf = owner.get(&format!("/api/labels/{what}.pdf?sheet=letter")).await;
            assert_eq!((pdf.status, &*pdf.header("content-type")), (200, "application/pdf"), "{what}");
            assert_eq!(pdf.header("content-disposition"), format!("inline; filename=\"hearth-{what}.pdf\""));
            assert!(pdf.bytes.starts_with(b"%PDF-1.7") && pdf.bytes.ends_with(b"%%EOF"), "{what}");
            said(&owner, &format!("/api/labels/{what}.svg")).await;
        }
        assert!(said(&owner, "/api/labels/people.svg").await.contains("Anna"));
        assert!(said(&owner, "/api/labels/places.svg?sheet=roll-40x30").await.contains("Kühlschrank"));
    });
}

#[test]
fn labels_speak_the_language_of_the_reader_unless_told_otherwise() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        assert!(said(&owner, "/api/labels/commands.svg").await.contains("Command cards"));
        assert!(said(&owner, "/api/labels/commands.svg?language=de").await.contains("Befehlskarten"));
        let german = json!({ "version": 1, "language": "de" });
        owner.patch("/api/profile", german).await.is(200);
        assert!(said(&owner, "/api/labels/commands.svg").await.contains("Befehlskarten"));
    });
}

#[test]
fn a_lot_label_tells_the_item_its_date_and_its_place() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let (fridge, milk) = furnish(&hub).await;
        let body = json!({ "product_master_id": milk, "initial_quantity": 1, "place_id": fridge,
            "use_by": "2027-03-09", "batch": "L-08/15" });
        let lot = owner.post("/api/inventory", body).await.is(201);
        let id = lot["lots"].get(0).unwrap_or(&lot)["id"].as_str().unwrap().to_owned();
        let text = said(&owner, &format!("/api/labels/lots.svg?ids={id}&sheet=roll-62x29")).await;
        assert_eq!(text, "Milch\nuse by 9 Mar 2027\nKühlschrank\nlot L-08/15");

        let ids = [id.parse().unwrap()];
        let (lots, today) = hub.app().db().read(move |tx| super::lots(tx, &ids)).await.unwrap();
        let label = hearth_shared::gs1::label(&id.replace('-', "").to_uppercase()).unwrap();
        let meant = format!("0104006381333931172703091{}\u{1D}91{label}", "0L-08/15");
        assert_eq!(cards::lot_elements(&lots[0], today).unwrap(), meant);

        let copies =
            owner.get(&format!("/api/labels/lots.svg?ids={id},{id}&copies=2&sheet=roll-40x30")).await;
        let next =
            format!("</api/labels/lots.svg?page=2&sheet=roll-40x30&ids={id},{id}&copies=2>; rel=\"next\"");
        assert_eq!((copies.status, copies.header("link")), (200, next));
        let last = owner.get(&format!("/api/labels/lots.svg?ids={id}&page=1")).await;
        assert_eq!((last.status, &*last.header("link")), (200, ""));
    });
}

#[test]
fn what_cannot_be_printed_is_refused_with_the_reason() {
    run(async {
        let hub = TestHub::start(Setup::default()).await;
        let owner = hub.owner().await;
        let unknown = "0193f3a2-7b4e-7c6d-8f0a-1b2c3d4e5f60";
        let many = [unknown; 30].join(",");
        let refused = |path: String, pointer: &'static str| {
            let owner = owner.clone();
            async move {
                let problem = owner.get(&path).await.is_problem(400, "invalid-request");
                let fields: Vec<&Value> =
                    problem["errors"].as_array().unwrap().iter().map(|field| &field["pointer"]).collect();
                assert_eq!(fields, [pointer], "{path}");
            }
        };
        refused("/api/labels/commands.pdf?sheet=a5".to_owned(), "sheet").await;
        refused("/api/labels/commands.pdf?skip=3".to_owned(), "skip").await;
        refused("/api/labels/commands.pdf?sheet=a4-3x8&skip=24".to_owned(), "skip").await;
        refused("/api/labels/commands.pdf?skip=-1".to_owned(), "skip").await;
        refused("/api/labels/commands.pdf?language=fr".to_owned(), "language").await;
        refused("/api/labels/scanner-test.pdf?sheet=roll-40x30".to_owned(), "sheet").await;
        refused("/api/labels/lots.pdf".to_owned(), "ids").await;
        refused("/api/labels/lots.pdf?ids=milk".to_owned(), "ids").await;
        refused(format!("/api/labels/lots.pdf?ids={unknown}"), "ids").await;
        refused(format!("/api/labels/lots.pdf?ids={unknown}&copies=0"), "copies").await;
        refused(format!("/api/labels/lots.pdf?ids={many}&copies=24"), "ids").await;
        owner.get("/api/labels/places.pdf").await.is_problem(409, "nothing-to-print");
        owner.get("/api/labels/commands.svg?page=2").await.is_problem(404, "no-such-page");
        owner.get("/api/labels/commands.svg?page=0").await.is_problem(404, "no-such-page");
        owner.get("/api/labels/secrets.pdf").await.is_problem(404, "not-found");
    });
}

/// A length as the app writes it, in millimetres.
fn millimetres(length: i32) -> String {
    let text = format!("{}.{:03}", length / 1000, length % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[test]
fn the_app_offers_every_paper_there_is() {
    let app = include_str!("../../../web/printing/papers.js");
    let rows: Vec<&str> = app.lines().filter(|line| line.starts_with("  ['")).collect();
    let expected = SHEETS.iter().map(|sheet| {
        let kind = match sheet.kind {
            PaperKind::Plain => "plain",
            PaperKind::Labels => "labels",
            PaperKind::Roll => "roll",
        };
        let (width, height) = sheet.label;
        // Cards are cut out: what they measure is not said.
        let round = |length: i32| if kind == "plain" { length / MM * MM } else { length };
        let (width, height) = (millimetres(round(width)), millimetres(round(height)));
        format!("  ['{}', '{kind}', {}, {width}, {height}],", sheet.word, sheet.labels())
    });
    assert_eq!(rows, expected.collect::<Vec<String>>());
}

#[test]
fn cards_and_stations_call_a_mode_as_the_app_does() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/text");
    for (language, words) in [("en", Language::English), ("de", Language::German)] {
        let read = |part: &str| fs::read_to_string(folder.join(part).join(format!("{language}.js"))).unwrap();
        let said = read("kitchen") + &read("stations");
        for mode in Mode::ALL {
            let key = format!("'scan.mode.{}': '", mode.word());
            let word = said.split(&key).nth(1).and_then(|rest| rest.split('\'').next());
            assert_eq!(word, Some(mode_name(words, mode)), "{language}");
        }
    }
}
