//! The list and the scanner.

use hearth_shared::gs1;

use super::*;
use crate::kitchen::codes;
use crate::kitchen::stock::tests::kitchen;

const MILK: &str = "4006381333931";

fn scan_id(n: u64) -> EntryId {
    let at = Timestamp::from_millis(1_790_000_000_000);
    EntryId(hearth_shared::id::Id::v7(at, 0, n.to_be_bytes()))
}

async fn scan(hub: &TestHub, who: &Client, n: u64, mode: &str) -> Value {
    hub.advance(1);
    let body = json!({ "scan_id": scan_id(n), "code": MILK, "mode": mode });
    who.post("/api/scanner/scan", body).await.is(200)
}

#[test]
fn a_station_writes_down_ticks_and_takes_it_back() {
    on_each_engine(async |hub| {
        let anna = hub.owner().await;
        let station = hub.station("Fridge").await;
        let milk = kitchen(&hub).await.milk;
        let attach = move |tx: &mut Tx| {
            let context = gs1::Context::on(gs1::Date::new(2026, 11, 20).unwrap());
            let key = codes::key_of(&gs1::parse(MILK.as_bytes(), &context)).unwrap();
            codes::attach(tx, &key, milk, None, "")
        };
        hub.app().db().write(&Actor::System, attach).await.unwrap();

        scan(&hub, &station, 1, "shop").await;
        let outcome = scan(&hub, &station, 2, "shop").await;
        assert_eq!(outcome["status"], "applied");
        let wanted = anna.get("/api/shopping").await.is(200)["items"][0].clone();
        assert_eq!((&wanted["name"], &wanted["quantity"]), (&json!("Milk"), &json!(2)));
        assert!(wanted["added_by"].as_str().unwrap().starts_with("station:"));
        scan(&hub, &station, 2, "shop").await;
        assert_eq!(anna.get(&path(&wanted)).await.is(200), wanted, "a repeated scan raises nothing");

        let first = scan(&hub, &station, 3, "add").await;
        assert!(first["warnings"].as_array().unwrap().contains(&json!("on-list")), "{first}");
        let second = scan(&hub, &station, 4, "add").await;
        assert_eq!(second["after"], 2);
        let bought = anna.get(&path(&wanted)).await.is(200);
        assert_eq!((&bought["checked"], &bought["bought_quantity"]), (&json!(true), &json!(2)));
        let third = scan(&hub, &station, 5, "add").await;
        assert!(!third["warnings"].as_array().unwrap().contains(&json!("on-list")), "{third}");

        // The third was not on the list; the second was.
        for (n, undoes, checked, count) in [(6, 5, true, json!(2)), (7, 4, false, json!(1))] {
            let wish = json!({ "scan_id": scan_id(n), "undoes": scan_id(undoes) });
            let undone = station.post("/api/scanner/undo", wish).await.is(200);
            assert_eq!(undone["status"], "undone", "{undone}");
            let now = anna.get(&path(&wanted)).await.is(200);
            assert_eq!((&now["checked"], &now["bought_quantity"]), (&json!(checked), &count));
        }
        let check = |tx: &Tx| {
            Ok([crate::kitchen::shopping::minimum::violations(tx)?, crate::kitchen::violations(tx)?].concat())
        };
        assert_eq!(hub.app().db().read(check).await.unwrap(), [""; 0]);
    });
}

#[test]
fn what_a_scan_wrote_leaves_the_list_when_the_scan_turns_out_otherwise_or_is_taken_back() {
    on_each_engine(async |hub| {
        let anna = hub.owner().await;
        let station = hub.station("Fridge").await;
        let milk = kitchen(&hub).await.milk;
        let attach = move |tx: &mut Tx| {
            let key = codes::read(tx, MILK)?;
            codes::attach(tx, &key, milk, None, "")
        };
        hub.app().db().write(&Actor::System, attach).await.unwrap();
        let card = |argument: &str| gs1::command(gs1::Verb::Mode, argument).unwrap();
        let send = async |n: u64, second: u64, code: &str| {
            let scan = json!({ "scan_id": scan_id(n), "code": code, "seq": n,
                "scanned_at": format!("2026-11-20T05:00:{second:02}Z") });
            let body = json!({ "boot_id": "b1", "scans": [scan] });
            station.post("/api/scanner/sync", body).await.is(200)["outcomes"][0].clone()
        };
        let list = async || -> Vec<Value> {
            let page = anna.get("/api/shopping").await.is(200);
            let open = page["items"].as_array().unwrap().iter().filter(|it| it["checked"] != json!(true));
            open.map(|it| it["quantity"].clone()).collect()
        };
        send(1, 1, &card("SHOP")).await;
        for n in [10, 20, 30] {
            send(n, n, MILK).await;
        }
        assert_eq!(list().await, [json!(3)]);
        // The second and the third were only looked up; that was told late. The third was written down after all.
        send(15, 15, &card("LOOKUP")).await;
        assert_eq!(list().await, [json!(1)]);
        send(25, 25, &card("SHOP")).await;
        assert_eq!(list().await, [json!(2)]);
        // The card takes the last one back, and then the one before that.
        let undo = gs1::command(gs1::Verb::Undo, "").unwrap();
        assert_eq!(send(40, 40, &undo).await["status"], "undone");
        assert_eq!(list().await, [json!(1)]);
        assert_eq!(send(41, 41, &undo).await["status"], "undone");
        assert_eq!(list().await, [] as [Value; 0]);
        assert_eq!(send(42, 42, &undo).await["status"], "refused");
        let check = |tx: &Tx| {
            Ok([crate::kitchen::shopping::minimum::violations(tx)?, crate::kitchen::violations(tx)?].concat())
        };
        assert_eq!(hub.app().db().read(check).await.unwrap(), [""; 0]);
    });
}

#[test]
fn what_somebody_bought_struck_out_or_said_otherwise_is_not_taken_off_by_an_undo() {
    on_each_engine(async |hub| {
        let anna = hub.owner().await;
        let milk = kitchen(&hub).await.milk;
        let scanned = async |n: u64, much: i64| {
            let scan = hearth_shared::scanning::ScanId(scan_id(n).0);
            let write = move |tx: &mut Tx| scans::on_scan(tx, scan, milk, Amount::whole(much), None);
            hub.app().db().write(&Actor::System, write).await.unwrap();
            anna.get("/api/shopping").await.is(200)["items"][0].clone()
        };
        let back = async |n: u64| {
            let scan = hearth_shared::scanning::ScanId(scan_id(n).0);
            let write = move |tx: &mut Tx| scans::take_back(tx, scan).map(|taken| taken.is_some());
            hub.app().db().write(&Actor::System, write).await.unwrap()
        };
        let entry = scanned(1, 3).await;
        let change = json!({ "version": entry["version"], "quantity": 2 });
        anna.patch(&path(&entry), change).await.is(200);
        assert!(back(1).await && !back(1).await, "once");
        assert_eq!(anna.get(&path(&entry)).await.is(200)["quantity"], 2, "somebody said two");
        // An entry that did not say how much does not say it again.
        let some = json!({ "version": 2, "quantity": null });
        anna.patch(&path(&entry), some).await.is(200);
        assert_eq!(scanned(2, 4).await["quantity"], 4);
        back(2).await;
        assert_eq!(anna.get(&path(&entry)).await.is(200).get("quantity"), None);
        scanned(3, 1).await;
        anna.delete(&path(&entry)).await.is(204);
        assert!(back(3).await);
        assert_eq!(anna.get("/api/shopping").await.is(200)["items"], json!([]));
    });
}

#[test]
fn a_card_that_takes_back_what_is_not_on_the_list_any_more_says_so() {
    on_each_engine(async |hub| {
        let anna = hub.owner().await;
        let station = hub.station("Fridge").await;
        let milk = kitchen(&hub).await.milk;
        let attach = move |tx: &mut Tx| {
            let key = codes::read(tx, MILK)?;
            codes::attach(tx, &key, milk, None, "")
        };
        hub.app().db().write(&Actor::System, attach).await.unwrap();
        let undo = gs1::command(gs1::Verb::Undo, "").unwrap();
        let mut n = 0;
        let mut next = async |code: &str| {
            hub.advance(1);
            n += 1;
            let body = json!({ "scan_id": scan_id(n), "code": code, "mode": "shop" });
            station.post("/api/scanner/scan", body).await.is(200)
        };
        let entry = async || anna.get("/api/shopping?checked=false").await.is(200)["items"][0].clone();
        let nothing = |outcome: &Value, why: &str| {
            assert_eq!(
                (&outcome["status"], &outcome["tone"]),
                (&json!("refused"), &json!("bad")),
                "{outcome}"
            );
            assert_eq!(outcome["problem"]["code"], "nothing-to-undo");
            assert_eq!(outcome["lines"], json!(["Nothing to take back", "Milk", why]));
        };
        next(MILK).await;
        anna.delete(&path(&entry().await)).await.is(204);
        nothing(&next(&undo).await, "Not on the list any more");
        next(MILK).await;
        anna.patch(&path(&entry().await), json!({ "checked": true })).await.is(200);
        nothing(&next(&undo).await, "Bought already");
        next(MILK).await;
        anna.patch(&path(&entry().await), json!({ "quantity": 2, "unit": "bags" })).await.is(200);
        nothing(&next(&undo).await, "Changed since");
        let past = anna.get("/api/devices").await.is(200)["items"][0]["id"].as_str().unwrap().to_owned();
        let past = anna.get(&format!("/api/scanner/scans?station_id={past}")).await.is(200);
        for scan in past["items"].as_array().unwrap() {
            assert_eq!((&scan["undone"], &scan["reversible"]), (&json!(false), &json!(false)), "{scan}");
        }
        // What does stand there goes, and that is said.
        anna.delete("/api/shopping").await.is(200);
        next(MILK).await;
        let back = next(&undo).await;
        assert_eq!((&back["status"], &back["lines"]), (&json!("undone"), &json!(["Taken back", "Milk"])));
        assert!(names(&anna, "?checked=false").await.is_empty());
    });
}

/// A hub whose milk has a code, with a station that sends what it scanned at a second; and the open entries.
async fn told_late(hub: &TestHub) -> (Client, Client) {
    let (anna, station) = (hub.owner().await, hub.station("Fridge").await);
    let milk = kitchen(hub).await.milk;
    let attach = move |tx: &mut Tx| {
        let key = codes::read(tx, MILK)?;
        codes::attach(tx, &key, milk, None, "")
    };
    hub.app().db().write(&Actor::System, attach).await.unwrap();
    (anna, station)
}

async fn send(station: &Client, n: u64, second: u64, code: &str, mode: &str) -> Value {
    let scan = json!({ "scan_id": scan_id(n), "code": code, "seq": n, "mode": mode,
        "scanned_at": format!("2026-11-20T05:00:{second:02}Z") });
    let body = json!({ "boot_id": "b1", "scans": [scan] });
    station.post("/api/scanner/sync", body).await.is(200)["outcomes"][0].clone()
}

async fn wanted(anna: &Client) -> Vec<(Value, Value)> {
    let page = anna.get("/api/shopping?checked=false").await.is(200);
    let of = |it: &Value| (it["quantity"].clone(), it["bought_quantity"].clone());
    page["items"].as_array().unwrap().iter().map(of).collect()
}

#[test]
fn what_came_before_somebody_wanted_it_is_not_what_they_want() {
    on_each_engine(async |hub| {
        let (anna, station) = told_late(&hub).await;
        send(&station, 20, 20, MILK, "shop").await;
        send(&station, 10, 10, MILK, "add").await;
        assert_eq!(wanted(&anna).await, [(json!(1), json!(null))], "it came before");
        // Of two that were wanted, one was wanted before this came.
        send(&station, 40, 40, MILK, "shop").await;
        send(&station, 30, 30, MILK, "add").await;
        send(&station, 31, 31, MILK, "add").await;
        assert_eq!(wanted(&anna).await, [(json!(2), json!(1))]);
        send(&station, 50, 50, MILK, "add").await;
        assert_eq!(wanted(&anna).await, []);
        // The same of what is written by hand.
        anna.post("/api/shopping", json!({ "name": "Milk", "quantity": 1 })).await.is(201);
        send(&station, 51, 51, MILK, "add").await;
        assert_eq!(wanted(&anna).await.len(), 1);
        hub.advance(1);
        scan(&hub, &station, 60, "add").await;
        assert_eq!(wanted(&anna).await, []);
    });
}

#[test]
fn what_was_struck_out_or_bought_is_not_written_down_anew_when_an_undo_turns_out_to_mean_another_scan() {
    on_each_engine(async |hub| {
        let (anna, station) = told_late(&hub).await;
        let undo = gs1::command(gs1::Verb::Undo, "").unwrap();
        let mut n = 0;
        for is_bought in [false, true] {
            send(&station, n, n, MILK, "shop").await;
            let entry = anna.get("/api/shopping?checked=false").await.is(200)["items"][0].clone();
            match is_bought {
                true => drop(anna.patch(&path(&entry), json!({ "checked": true })).await.is(200)),
                false => drop(anna.delete(&path(&entry)).await.is(204)),
            }
            assert_eq!(send(&station, n + 9, n + 9, &undo, "add").await["status"], "refused");
            // It turns out to be the last that was scanned before the card.
            send(&station, n + 5, n + 5, MILK, "lookup").await;
            send(&station, n + 6, n + 6, MILK, "add").await;
            assert_eq!(wanted(&anna).await, [], "bought: {is_bought}");
            n += 20;
        }
        // What the card itself took off is back.
        send(&station, n, n, MILK, "shop").await;
        assert_eq!(send(&station, n + 9, n + 9, &undo, "add").await["status"], "undone");
        assert_eq!(wanted(&anna).await, []);
        send(&station, n + 6, n + 6, MILK, "add").await;
        assert_eq!(wanted(&anna).await, [(json!(1), json!(null))]);
    });
}
