//! What takes more than one step: counts of places, and receipts.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Household, KNOWN, UNKNOWN, gtin};

/// How long reading a receipt may take on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// In front of a shelf.
impl Household<'_> {
    /// Begins to count a place, counts in it, books it, gives it up, takes it back, or goes on with it.
    pub(super) async fn count(&mut self) {
        let take = self.one_of("/api/stocktakes?limit=12").await;
        let Some(take) = take.filter(|_| !self.dice.once_in(6)) else {
            let place = self.place().await;
            return self
                .twice_at_times("count a place", "/api/stocktakes", json!({ "place_id": place }))
                .await;
        };
        let path = format!("/api/stocktakes/{}", take["id"].as_str().unwrap());
        match (take["state"].as_str().unwrap(), self.dice.roll(12)) {
            ("open", 0..5) => self.count_product(&path).await,
            ("open", 5..8) => {
                let mut scan = json!({ "scan_id": self.new_id(), "code": self.code() });
                if self.dice.once_in(3) {
                    scan["quantity"] = self.quantity();
                }
                let answer = self.somebody().post(&format!("{path}/scan"), scan).await;
                self.note("scan while counting", &answer);
            }
            ("open", 8) => {
                let answer = self.somebody().delete(&path).await;
                self.note("give a count up", &answer);
            }
            ("open", _) => {
                let uncounted = *self.dice.pick(&["leave", "leave", "gone"]).unwrap();
                self.twice_at_times(
                    "commit a count",
                    &format!("{path}/commit"),
                    json!({ "uncounted": uncounted }),
                )
                .await;
            }
            ("committed", 0..5) => {
                let how = *self.dice.pick(&["", "?partial=true"]).unwrap();
                let answer = self.somebody().post(&format!("{path}/undo{how}"), json!({})).await;
                self.note("take a count back", &answer);
            }
            ("dropped" | "undone", 0..6) => {
                let answer = self.somebody().post(&format!("{path}/reopen"), json!({})).await;
                self.note("go on with a count", &answer);
            }
            _ => {}
        }
    }

    async fn count_product(&mut self, path: &str) {
        let Some(product) = self.product().await else { return };
        let mut found = json!({ "product_id": product["id"] });
        let much = *self.dice.pick(&["quantity", "counted"]).unwrap();
        found[much] = self.quantity();
        if self.dice.once_in(3) {
            found["best_before"] = json!(self.day());
        }
        if self.dice.once_in(4) {
            found["batch"] = json!(format!("L{}", self.dice.roll(3)));
        }
        self.twice_at_times("count", &format!("{path}/count"), found).await;
    }
}

/// Back from the shops.
impl Household<'_> {
    /// Sends a receipt, puts one right, books it, takes back what it brought, or throws it away.
    pub(super) async fn keep_receipts(&mut self) {
        let known = self.one_of("/api/receipts?limit=12").await;
        let Some(known) = known.filter(|_| !self.dice.once_in(4)) else { return self.send_receipt().await };
        let path = format!("/api/receipts/{}", known["id"].as_str().unwrap());
        let there = self.anna.get(&path).await;
        if there.status == 404 {
            return self.note("look at a receipt", &there);
        }
        let receipt = there.is(200);
        match (receipt["state"].as_str().unwrap(), self.dice.roll(12)) {
            ("completed", 0..4) => self.put_right(&path, &receipt).await,
            ("completed", 4..11) => {
                let unknown = *self.dice.pick(&["refuse", "ignore", "ignore"]).unwrap();
                let word = json!({ "version": receipt["version"], "unknown": unknown });
                let answer = self.somebody().post(&format!("{path}/confirm"), word).await;
                self.note("book a receipt", &answer);
            }
            ("confirmed", 0..6) => {
                let how = *self.dice.pick(&["", "?partial=true", "?partial=true"]).unwrap();
                let answer = self.somebody().post(&format!("{path}/undo{how}"), json!({})).await;
                self.note("take a receipt back", &answer);
            }
            (_, 11) => {
                let answer = self.somebody().delete(&path).await;
                self.note("throw a receipt away", &answer);
            }
            _ => {}
        }
    }

    /// What was bought within the last hours, as the till printed it or as somebody types it in.
    async fn send_receipt(&mut self) {
        let ago = i64::try_from(self.dice.roll(10)).unwrap() * 3_600;
        let at = self.hub.now().plus_seconds(-ago).to_string();
        let (day, time) = (&at[..10], &at[11..16]);
        let mut lines: Vec<(u64, u64, u64)> = Vec::new();
        for _ in 0..1 + self.dice.roll(4) {
            lines.push((self.dice.roll(KNOWN + UNKNOWN), 1 + self.dice.roll(3), 50 + self.dice.roll(400)));
        }
        if self.dice.once_in(2) {
            let mut typed = Vec::new();
            for (ware, pieces, cents) in lines {
                let mut line =
                    json!({ "wording": format!("Ware {ware}"), "quantity": pieces, "total": pieces * cents });
                if let Some(product) = self.product().await {
                    line["product_id"] = product["id"].clone();
                }
                typed.push(line);
            }
            let word = json!({ "shop": "Sparfuchs", "day": day, "time": time, "lines": typed });
            return self.twice_at_times("type a receipt in", "/api/receipts", word).await;
        }
        let money = |cents: u64| format!("{},{:02}", cents / 100, cents % 100);
        let mut text = "Sparfuchs\n".to_owned();
        for (ware, _, cents) in &lines {
            text += &format!("Ware {ware} {}  {}\n", gtin(*ware), money(*cents));
        }
        let total = lines.iter().map(|(.., cents)| cents).sum();
        text += &format!("Summe {}\n{}.{}.{} {time}\n", money(total), &day[8..], &day[5..7], &day[..4]);
        let answer = self.somebody().post("/api/receipts", json!({ "text": text })).await;
        self.note("send a receipt", &answer);
        self.until_it_is_read(&answer.is(201)).await;
    }

    /// It is read in the background; what comes next is to be the same each time.
    async fn until_it_is_read(&mut self, sent: &Value) {
        let path = format!("/api/receipts/{}", sent["id"].as_str().unwrap());
        let begun = Instant::now();
        loop {
            let receipt = self.anna.get(&path).await.is(200);
            if receipt["state"] != "processing" {
                let became = format!("read a receipt: {}", receipt["state"].as_str().unwrap());
                *self.came.entry(became).or_default() += 1;
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{receipt} is never read");
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    }

    async fn put_right(&mut self, path: &str, receipt: &Value) {
        let Some(line) = self.dice.pick(receipt["lines"].as_array().unwrap()).cloned() else { return };
        let mut change = json!({ "version": receipt["version"] });
        match self.dice.roll(6) {
            0 => change["ignored"] = json!(self.dice.once_in(2)),
            1 => change["quantity"] = json!(1 + self.dice.roll(4)),
            2 => change["arrives"] = json!(1 + self.dice.roll(4)),
            3 => change["place_id"] = self.place().await,
            _ => {
                let Some(product) = self.product().await else { return };
                change["product_id"] = product["id"].clone();
            }
        }
        let path = format!("{path}/lines/{}", line["id"].as_str().unwrap());
        let answer = self.somebody().patch(&path, change).await;
        self.note("put a receipt right", &answer);
    }
}
