//! The shopping list between two people: what is typed is known, what one says leaves the other's words alone, and
//! what was bought goes into the stock.

use hearth_hub::testing::browser::{Browser, Key};
use serde_json::{Value, json};

use crate::house::{House, PASSWORD, ask, faults, sign_in, visit};
use crate::kitchen::{MILK, product, tell};

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
