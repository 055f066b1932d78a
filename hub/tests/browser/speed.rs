//! How soon something is seen: 300 ms to the stock without a network, 100 ms to another device's screen. A machine
//! that is busy with other things makes single times long, so the best of several counts, twice the aim is
//! forgiven, and all of them are printed.

use std::io::Write as _;

use hearth_hub::testing::browser::Browser;
use serde_json::{Value, json};

use crate::house::{House, visit};
use crate::kitchen::{MILK, product, tell};
use crate::offline::{lose, visited_once};

/// Notes, from the beginning of each page, when its first lot was painted.
const FIRST_LOT: &str = "
    new MutationObserver((_, watcher) => {
        if (!document.querySelector('li.lot')) return;
        watcher.disconnect();
        requestAnimationFrame(() => setTimeout(() => { window.shownAfter = performance.now(); }));
    }).observe(document, {childList: true, subtree: true});";

/// Notes when the amount on the shelf changes.
const CHANGES: &str = "
    const amount = () => document.querySelector('li.lot .lot-amount')?.innerText;
    let before = amount();
    window.changed = [];
    new MutationObserver(() => {
        if (amount() === before) return;
        before = amount();
        requestAnimationFrame(() => setTimeout(() => window.changed.push(Date.now())));
    }).observe(document.querySelector('#main'), {childList: true, subtree: true, characterData: true});";

fn best(what: &str, times: &[f64], aim: f64) {
    drop(writeln!(std::io::stderr(), "{what}: {times:.0?} ms"));
    let best = times.iter().copied().fold(f64::INFINITY, f64::min);
    assert!(best <= 2.0 * aim, "{what}: {times:.0?} ms, and {aim} wanted");
}

fn number(browser: &Browser, expression: &str) -> f64 {
    browser.until(&format!("({expression}) > 0"));
    browser.eval(&format!("return {expression}"), &[]).as_f64().expect("a number")
}

/// A shelf with so much milk on it.
fn shelf(browser: &Browser, quantity: u32) {
    let milk = product(browser, "Milk", MILK);
    tell(
        browser,
        "POST",
        "/api/inventory",
        &json!({ "product_master_id": milk, "initial_quantity": quantity }),
    );
    visit(browser, "/app/stock");
    browser.finds("li.lot");
}

#[test]
fn a_second_visit_without_a_network_shows_the_stock_at_once() {
    let Some((_house, cable, ida)) = visited_once() else { return };
    shelf(&ida, 3);
    ida.until("caches.open('hearth-known').then(known => known.match('/api/inventory?limit=500'))");
    ida.cdp("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": FIRST_LOT }));
    lose(&cable, &ida);
    let visits: Vec<f64> = (0..8)
        .map(|_| {
            ida.reload();
            number(&ida, "window.shownAfter")
        })
        .collect();
    best("from the address to the stock, without a network", &visits, 300.0);
}

#[test]
fn what_one_device_does_another_shows_at_once() {
    let Some((_house, ida)) = House::with_owner() else { return };
    let jonas = House::with_guest(&ida, "Jonas");
    shelf(&ida, 20);
    visit(&jonas, "/app/stock");
    jonas.finds("li.lot");
    jonas.eval(CHANGES, &[]);
    let press = "const button = document.querySelector('li.lot .lot-acts button');
        const pressed = Date.now(); button.click(); return pressed";
    let seen: Vec<f64> = (0..8)
        .map(|round| {
            let pressed = ida.eval(press, &[]).as_f64().expect("a moment");
            let changed = number(&jonas, &format!("window.changed[{round}] ?? 0"));
            assert_eq!(jonas.eval("return window.changed.length", &[]), Value::from(round + 1));
            changed - pressed
        })
        .collect();
    best("from a press on one device to another's screen", &seen, 100.0);
}
