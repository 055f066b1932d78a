//! What becomes of scans: asked, answered, and told when nobody was looking.

use hearth_hub::testing::browser::Browser;
use serde_json::json;

use crate::house::{House, ask, faults, is_live, visit};
use crate::kitchen::{product, tell};
use crate::offline::{lose, regain, visited_once};

const OATS: &str = "4012345678901";
/// A number that one shop gave, which may stand for several things.
const OF_A_SHOP: &str = "2012345678903";
const RICE: &str = "5901234123457";
pub(crate) const NOBODY_KNOWS: &str = "4006381333931";

pub(crate) fn type_code(ida: &Browser, code: &str) {
    ida.fill("#field-code", code);
    ida.click_on("Book");
}

/// Waits for the card of the last scan to say this; its picture is not read.
fn card_says(ida: &Browser, words: &str) {
    let text = "(card => (card?.querySelector('.tile')?.remove(), card?.textContent.replace(/\\s+/g, ' ')))";
    let card = "document.querySelector('.scan-card')?.cloneNode(true)";
    ida.until(&format!("{text}({card})?.includes({})", json!(words)));
}

/// Scans something that may be one of two.
pub(crate) fn asks_which(ida: &Browser) {
    product(ida, "Rolled oats", OF_A_SHOP);
    product(ida, "Steel-cut oats", OF_A_SHOP);
    visit(ida, "/app/scan");
    type_code(ida, OF_A_SHOP);
    ida.sees("It is Rolled oats");
}

#[test]
fn a_refusal_names_the_code_and_the_reason_in_the_language_of_who_scans() {
    let Some((_house, ida)) = House::with_owner() else { return };
    let me = ask(&ida, "/api/session")["me"]["version"].clone();
    tell(&ida, "PATCH", "/api/profile", &json!({ "language": "de", "version": me }));
    ida.sees("Vorrat");
    visit(&ida, "/app/scan");
    ida.fill("#field-code", &"x".repeat(300));
    ida.click_on("Buchen");
    card_says(&ida, &format!("Nicht gebucht {}… Dieser Code ist zu lang.", "x".repeat(60)));
}

#[test]
fn what_a_result_asks_is_answered_on_its_card() {
    let Some((_house, ida)) = House::with_owner() else { return };
    asks_which(&ida);
    card_says(&ida, "Which one is it?");
    assert_eq!(ida.axe(), Vec::<String>::new());
    ida.click_on("It is Steel-cut oats");
    card_says(&ida, "Steel-cut oats from 0 to 1");
    type_code(&ida, NOBODY_KNOWS);
    card_says(&ida, "What is this?");
    assert_eq!(ida.axe(), Vec::<String>::new());
    ida.fill("#name-scan", "Quince jelly");
    ida.click_on("That is what it is");
    card_says(&ida, "Booked Quince jelly");
    assert_eq!(ask(&ida, "/api/inbox")["items"], json!([]), "nothing waits any more");
    type_code(&ida, NOBODY_KNOWS);
    card_says(&ida, "Quince jelly from 1 to 2");
    ida.click_on("Once more");
    card_says(&ida, "Quince jelly from 2 to 3");
    ida.click_on("Undo");
    card_says(&ida, "Taken back Quince jelly from 3 to 2");
    // What became of scans outlives the page, and can still be taken back.
    ida.reload();
    card_says(&ida, "Taken back Quince jelly");
    ida.click("button[aria-label='Undo Steel-cut oats']");
    card_says(&ida, "Taken back Steel-cut oats from 1 to 0");
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn what_a_scan_wrote_on_the_list_is_taken_back_as_long_as_it_stands_there() {
    let Some((_house, ida)) = House::with_owner() else { return };
    let jonas = House::with_guest(&ida, "Jonas");
    product(&ida, "Rice", RICE);
    visit(&ida, "/app/scan");
    ida.eval(
        "const field = document.querySelector('#field-mode'); field.value = 'shop'; field.dispatchEvent(new Event('change', {bubbles: true}))",
        &[],
    );
    let offered = "[...document.querySelectorAll('.scan-acts button')].some(one => one.innerText === 'Undo')";
    let listed = || ask(&jonas, "/api/shopping")["items"].as_array().map_or(0, Vec::len);
    type_code(&ida, RICE);
    ida.until(offered);
    card_says(&ida, "On the shopping list Rice 0 in stock");
    assert_eq!(listed(), 1);
    ida.click_on("Undo");
    card_says(&ida, "Taken back");
    assert_eq!(listed(), 0);
    type_code(&ida, RICE);
    ida.until(offered);
    // Somebody buys it, wherever they are: there is nothing left to take back.
    let entry = ask(&jonas, "/api/shopping")["items"][0].clone();
    let path = format!("/api/shopping/{}", entry["id"].as_str().expect("an id"));
    tell(&jonas, "PATCH", &path, &json!({ "version": entry["version"], "checked": true }));
    ida.until(&format!("!({offered})"));
    card_says(&ida, "Rice");
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn scans_that_waited_are_told_one_by_one_wherever_somebody_is() {
    let Some((_house, cable, ida)) = visited_once() else { return };
    product(&ida, "Oats", OATS);
    product(&ida, "Rice", RICE);
    visit(&ida, "/app/scan");
    ida.sees("Ready to scan");
    lose(&cable, &ida);
    ida.sees("You are offline.");
    ida.sees("Scan all the same");
    for code in [OATS, RICE, NOBODY_KNOWS, OATS] {
        type_code(&ida, code);
        card_says(&ida, "Saved on this device");
    }
    ida.until("document.querySelectorAll('.compact > li').length === 3");
    // They outlive the page, and are answered where nobody looks at scans.
    visit(&ida, "/app/you");
    ida.reload();
    ida.finds("main h1");
    regain(&cable, &ida);
    is_live(&ida);
    ida.sees(&format!("{NOBODY_KNOWS}: Not known yet"));
    ida.click_on("Look");
    card_says(&ida, "Booked Oats from 1 to 2");
    let rows = "[...document.querySelectorAll('.compact > li')].map(row => row.querySelector('.row-title').innerText)";
    ida.until(&format!("JSON.stringify({rows}) === '[\"{NOBODY_KNOWS}\",\"Rice\",\"Oats\"]'"));
    // Who signs out takes them along.
    visit(&ida, "/app/you");
    ida.click_on("Sign out");
    ida.finds("#field-password");
    assert_eq!(ida.eval("return localStorage.getItem('hearth.scans')", &[]), "");
}
