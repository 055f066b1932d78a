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
