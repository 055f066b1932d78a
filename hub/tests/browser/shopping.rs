//! The shopping list between two people: what is typed is known, what one says leaves the other's words alone, and
//! what was bought goes into the stock.

use hearth_hub::testing::browser::{Browser, Key};
use serde_json::{Value, json};

use crate::house::{House, PASSWORD, ask, faults, is_live, sign_in, visit};
use crate::kitchen::{MILK, product, tell};
use crate::offline::{lose, regain, visited_once};

fn write_down(browser: &Browser, words: &str) {
    browser.fill("#field-wish", words);
    browser.press(Key::Enter);
}

fn list(browser: &Browser) -> Vec<Value> {
    ask(browser, "/api/shopping")["items"].as_array().cloned().unwrap_or_default()
}

#[test]
fn what_is_typed_is_known_shared_and_put_away() {
    let Some((_house, ida)) = House::with_owner() else { return };
    let jonas = House::with_guest(&ida, "Jonas");
    let milk = product(&ida, "Milk", MILK);
    visit(&ida, "/app/shopping");
    visit(&jonas, "/app/shopping");
    jonas.sees("Nothing to buy");
    assert!(!jonas.text().contains("0 things to buy"), "it is said once: {}", jonas.text());
    ida.fill("#field-wish", "mil");
    ida.click(".buy-offers button");
    ida.until("document.querySelectorAll('.buy').length === 1");
    // Where no aisle is known, none is named to be elsewhere than.
    ida.until("document.querySelector('.buy-open h2.unseen')");
    write_down(&ida, "2 x milk");
    ida.sees("Milk was on the list; now with that amount");
    // What the other sees has arrived in the house.
    jonas.until("document.querySelector('.buy-amount')?.textContent === '2'");
    let only = list(&ida);
    assert_eq!((only.len(), &only[0]["product_id"]), (1, &json!(milk)), "{only:?}");

    // Each says something else of it while the other's words are on the way.
    ida.click_on("More about Milk");
    ida.click_on("Urgent");
    jonas.click_on("More about Milk");
    jonas.fill("#field-note", "the blue one");
    jonas.fill("#field-amount", "3");
    jonas.click("dialog[open] [type=submit]");
    ida.until("document.querySelector('.buy')?.innerText.includes('the blue one')");
    ida.click("dialog[open] [type=submit]");
    jonas.until("document.querySelector('.buy')?.innerText.includes('Urgent')");
    let kept = list(&jonas).remove(0);
    assert_eq!(
        [&kept["note"], &kept["quantity"], &kept["priority"]],
        [&json!("the blue one"), &json!(3), &json!("urgent")]
    );

    ida.click(".buy-tick");
    ida.click(".folded summary");
    ida.click_on("Put 1 thing away");
    ida.sees("1 thing is in stock");
    // It was a mistake.
    ida.click_on("Undo");
    ida.sees("3 of Milk is out of the stock again; 0 there now");
    ida.click_on("Put 1 thing away");
    ida.sees("1 thing is in stock");
    // The offer stays for as long as somebody is at it.
    ida.eval("document.querySelector('.toast .word').focus()", &[]);
    let used = json!({ "product_master_id": milk, "quantity": 1 });
    tell(&ida, "POST", "/api/inventory/consume", &used);
    ida.click_on("Undo");
    ida.sees("Some of it was used since, and stays used: Milk.");
    ida.click_on("Take it back");
    ida.sees("2 of Milk is out of the stock again; 0 there now");
    ida.click_on("Put 1 thing away");
    ida.sees("1 thing is in stock");
    jonas.until("document.querySelector('.bought')?.textContent.includes('Put away')");
    assert_eq!(ask(&ida, &format!("/api/products/{milk}"))["level"]["quantity"], 2);
    ida.sees_no("Put 1 thing away");

    // Wanted once more: what is in stock stays there, and is not put away twice.
    ida.click(".bought .buy-tick");
    ida.sees("Milk is on the list again");
    ida.until("document.querySelectorAll('.buy-open .buy').length === 1");
    ida.click_on("Undo");
    ida.until("document.querySelectorAll('.buy-open .buy').length === 0");
    ida.sees_no("Put 1 thing away");
    ida.click(".bought .buy-tick");
    jonas.until("document.querySelector('.buy-open .buy-amount')?.textContent === '3'");
    assert_eq!(ask(&ida, &format!("/api/products/{milk}"))["level"]["quantity"], 2);
    assert_eq!(faults(&ida), Vec::<String>::new());
    assert_eq!(faults(&jonas), Vec::<String>::new());
}

#[test]
fn half_a_word_outlives_a_sign_in() {
    let Some((_house, ida)) = House::with_owner() else { return };
    visit(&ida, "/app/shopping");
    ida.fill("#field-wish", "birthday can");
    ida.eval("return fetch('/api/session', {method: 'DELETE'}).then(one => one.status)", &[]);
    ida.finds("#field-password");
    sign_in(&ida, "Ida", PASSWORD);
    ida.until("document.querySelector('#field-wish')?.value === 'birthday can'");
}

/// What lies in the basket, the last one first, each with how much was bought of it and whether it was put away.
fn in_the_basket(browser: &Browser) -> Vec<String> {
    let mut all: Vec<Value> = list(browser).into_iter().filter(|entry| entry["checked"] == true).collect();
    all.sort_by_key(|entry| std::cmp::Reverse(entry["checked_at"].as_str().unwrap_or_default().to_owned()));
    let told = |entry: &Value| {
        let stored = if entry["put_away_at"].is_null() { "" } else { ", put away" };
        let bought =
            entry["bought_quantity"].as_f64().map(|bought| format!(", {bought} bought")).unwrap_or_default();
        format!("{}{bought}{stored}", entry["name"].as_str().unwrap_or_default())
    };
    all.iter().map(told).collect()
}

#[test]
fn a_basket_that_was_emptied_by_mistake_is_filled_again() {
    let Some((_house, cable, ida)) = visited_once() else { return };
    let milk = product(&ida, "Milk", MILK);
    let candles = json!({ "name": "Candles", "note": "the white ones", "priority": "urgent" });
    for wish in [json!({ "product_id": milk, "quantity": 2 }), json!({ "name": "Leek" }), candles] {
        let made = tell(&ida, "POST", "/api/shopping", &wish);
        let bought =
            if wish["product_id"].is_null() { json!({}) } else { json!({ "put_away": true, "quantity": 3 }) };
        let id = made["id"].as_str().expect("an entry has an id");
        tell(&ida, "POST", &format!("/api/shopping/{id}/purchase"), &bought);
    }
    tell(&ida, "POST", "/api/shopping", &json!({ "name": "Tea" }));
    visit(&ida, "/app/shopping");
    ida.click(".folded summary");
    let full = ["Candles", "Leek", "Milk, 3 bought, put away"];
    assert_eq!(in_the_basket(&ida), full);

    // Out of reach nothing is off the list yet: all of it comes back as it was.
    lose(&cable, &ida);
    ida.sees("You are offline.");
    ida.click_on("Empty the basket");
    ida.sees("Basket emptied: 3 things");
    ida.until("document.querySelectorAll('.bought').length === 0");
    ida.click(".toast .word");
    ida.sees("3 things are in the basket again.");
    ida.until("document.querySelectorAll('.bought').length === 3");
    regain(&cable, &ida);
    is_live(&ida);
    assert_eq!(in_the_basket(&ida), full);

    // What the house knows to be off the list stays off it; the same is written down anew, and what is in stock is not
    // put there twice.
    ida.click_on("Empty the basket");
    ida.until(
        "fetch('/api/shopping?checked=true').then(one => one.json()).then(page => page.items.length === 0)",
    );
    ida.click(".toast .word");
    ida.sees("2 things are in the basket again. 1 was put away and is in stock.");
    // It is unfolded still.
    ida.until("document.querySelector('.folded[open]')?.querySelectorAll('.bought').length === 2");
    let filled =
        "fetch('/api/shopping?checked=true').then(one => one.json()).then(page => page.items.length === 2)";
    ida.until(filled);
    assert_eq!(in_the_basket(&ida), ["Candles", "Leek"]);
    let told = |name: &str| list(&ida).into_iter().find(|entry| entry["name"] == name).unwrap_or_default();
    assert_eq!(
        [&told("Candles")["note"], &told("Candles")["priority"], &told("Tea")["checked"]],
        [&json!("the white ones"), &json!("urgent"), &json!(false)]
    );

    // One that was taken off lies in the basket again, and is not wanted anew.
    ida.click(".bought [aria-label='More about Candles']");
    ida.click_on("Take it off the list");
    ida.sees("Candles is off the list");
    ida.until(
        "fetch('/api/shopping?checked=true').then(one => one.json()).then(page => page.items.length === 1)",
    );
    ida.click(".toast .word");
    ida.until(filled);
    assert_eq!(in_the_basket(&ida), ["Candles", "Leek"]);
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn what_was_all_put_away_is_in_the_basket_again_while_nothing_of_it_was_sent() {
    let Some((_house, cable, ida)) = visited_once() else { return };
    for (name, code) in [("Milk", MILK), ("Tea", "96385074")] {
        let wish = json!({ "product_id": product(&ida, name, code), "quantity": 1 });
        let made = tell(&ida, "POST", "/api/shopping", &wish);
        let id = made["id"].as_str().expect("an entry has an id").to_owned();
        tell(&ida, "POST", &format!("/api/shopping/{id}/purchase"), &json!({ "put_away": true }));
    }
    visit(&ida, "/app/shopping");
    ida.click(".folded summary");
    let full = in_the_basket(&ida);
    assert_eq!(full, ["Tea, 1 bought, put away", "Milk, 1 bought, put away"]);

    lose(&cable, &ida);
    ida.sees("You are offline.");
    ida.click_on("Empty the basket");
    ida.sees("Basket emptied: 2 things");
    ida.click(".toast .word");
    ida.sees("2 things are in the basket again.");
    ida.until("document.querySelectorAll('.bought').length === 2");
    regain(&cable, &ida);
    is_live(&ida);
    assert_eq!(in_the_basket(&ida), full);

    // Off the list of the house it stays off it, and would be put away twice: that is not offered.
    ida.click_on("Empty the basket");
    ida.sees("Basket emptied: 2 things");
    assert_eq!(ida.eval("return document.querySelectorAll('.toast .word').length", &[]), 0);
    assert_eq!(in_the_basket(&ida), Vec::<String>::new());
    assert_eq!(faults(&ida), Vec::<String>::new());
}
