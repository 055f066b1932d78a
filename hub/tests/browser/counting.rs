//! A place is counted in the app: by code, by thumb, without a network; reviewed, booked and taken back.

use hearth_hub::testing::browser::{Browser, Theme, Width};
use serde_json::{Value, json};

use crate::house::{House, ask, faults, is_live, visit};
use crate::kitchen::{UNKNOWN, tell};
use crate::offline::{lose, regain, visited_once};

const TEA: &str = "4006381333931";

/// Tea with a code and rice by weight, five and a kilogram of them in the first place.
fn stock(browser: &Browser) {
    let place = ask(browser, "/api/places")["items"][0]["id"].clone();
    for (product, quantity) in [
        (json!({ "name": "Tea", "codes": [{ "code": TEA }] }), 5),
        (json!({ "name": "Rice", "base_unit": "g", "pack_size": 500 }), 1000),
        (json!({ "name": "Salt" }), 2),
    ] {
        let made = tell(browser, "POST", "/api/products", &product);
        let lot = json!({ "product_master_id": made["id"], "initial_quantity": quantity, "place_id": place });
        assert!(tell(browser, "POST", "/api/inventory", &lot)["id"].is_string(), "{made} is in stock");
    }
}

fn levels(browser: &Browser) -> Vec<(String, f64)> {
    let groups = ask(browser, "/api/inventory?group=product");
    let level = |it: &Value| {
        (it["product_name"].as_str().unwrap_or("").to_owned(), it["quantity"].as_f64().unwrap_or(0.0))
    };
    groups["items"].as_array().map(|all| all.iter().map(level).collect()).unwrap_or_default()
}

/// What axe says of what is on the screen, at every size and in both themes.
fn look(browser: &Browser, screen: &str) {
    let mut found = Vec::new();
    for width in Width::ALL {
        browser.resize(width);
        for theme in Theme::ALL {
            browser.prefer(theme);
            found.extend(browser.axe());
            browser.screenshot(&format!("counting-{screen}-{}-{}", width.size().0, theme.name()));
        }
        let wide = browser.eval("return document.documentElement.scrollWidth > innerWidth", &[]);
        assert_eq!(wide, false, "{screen} fits into {}", width.size().0);
    }
    browser.resize(Width::Desk);
    browser.prefer(Theme::Light);
    assert_eq!(found, Vec::<String>::new(), "{screen}");
}

#[test]
fn a_place_is_counted_looked_at_booked_and_taken_back() {
    let Some((_house, ida)) = House::with_owner() else { return };
    stock(&ida);
    let before = levels(&ida);
    visit(&ida, "/app/stock");
    ida.click("a[href='/app/stocktake']");
    ida.sees("Pantry");
    look(&ida, "places");
    ida.click("button[aria-label='Count: Pantry']");
    ida.sees("0 of 3 counted");

    // By its code, twice; then as it is believed to be; and then one tap more.
    for after in ["1", "2"] {
        ida.fill("#field-code", TEA);
        ida.click_on("Count it");
        ida.until(&format!("document.querySelector('main .notice')?.innerText.includes('Tea {after}')"));
    }
    ida.click("button[aria-label='Salt: 2, as believed']");
    ida.sees("2 of 3 counted");
    ida.until("document.querySelectorAll('hearth-stepper').length === 2");
    ida.click("hearth-stepper [aria-label='One more']");
    look(&ida, "list");
    ida.click_on("Look at the difference");
    ida.sees("Not counted (1)");
    ida.sees("Less than believed (1)");
    look(&ida, "review");
    ida.click_on("Book the count");
    ida.sees("Pantry is counted");
    assert_ne!(levels(&ida), before);
    ida.click_on("Undo");
    ida.sees("The count was taken back");
    assert_eq!(levels(&ida), before);
    ida.sees("Taken back, counted");
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn a_count_of_nothing_says_so_and_is_not_offered_to_be_booked() {
    let Some((_house, ida)) = House::with_owner() else { return };
    visit(&ida, "/app/stock");
    ida.click("a[href='/app/stocktake']");
    ida.click("button[aria-label='Count: Freezer']");
    ida.sees("Nothing was counted yet");
    assert!(!ida.text().contains("0 of 0"), "{}", ida.text());
    ida.click_on("Look at the difference");
    ida.sees("Count something first.");
    assert!(!ida.text().contains("Book the count"), "{}", ida.text());
    // Of nothing nothing is lost: nobody is asked whether they are sure.
    ida.click_on("Give this count up");
    ida.finds("button[aria-label='Count: Freezer']");
    assert!(!ida.text().contains("Counted of late"), "{}", ida.text());
    ida.click("button[aria-label='Count: Freezer']");
    ida.sees("Nothing was counted yet");
    ida.click("main a[href='/app/stocktake']");
    ida.sees("Being counted since today");
    ida.finds("a[href^='/app/stocktake/'] .chip");
    assert!(ida.text().contains(" · Ida"), "{}", ida.text());
    ida.click("a[href^='/app/stocktake/']");
    ida.finds("#field-code");
    ida.fill("#field-code", UNKNOWN);
    ida.click_on("Count it");
    ida.sees("1 of 1 counted");
    ida.click_on("Look at the difference");
    ida.sees("Book the count");

    // Where something should be and nobody counted it, only that it is gone can be booked.
    stock(&ida);
    visit(&ida, "/app/stock");
    ida.click("a[href='/app/stocktake']");
    ida.click("button[aria-label='Count: Pantry']");
    ida.sees("0 of 3 counted");
    ida.click_on("Look at the difference");
    ida.sees("Not counted (3)");
    assert!(!ida.text().contains("Book the count"), "{}", ida.text());
    ida.click("label:has(> input[name=uncounted][value=gone])");
    ida.sees("Book the count");
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn what_is_counted_without_a_network_waits_and_is_sent_once() {
    let Some((_house, cable, ida)) = visited_once() else { return };
    stock(&ida);
    visit(&ida, "/app/stock");
    ida.click("a[href='/app/stocktake']");
    ida.click("button[aria-label='Count: Pantry']");
    ida.sees("0 of 3 counted");
    lose(&cable, &ida);
    ida.sees("You are offline.");
    ida.fill("#field-code", TEA);
    ida.click_on("Count it");
    ida.click("button[aria-label='Salt: 2, as believed']");
    ida.sees("2 counts are saved on this device");
    ida.sees("1 of 3 counted");
    regain(&cable, &ida);
    is_live(&ida);
    ida.sees_no("saved on this device");
    ida.sees("2 of 3 counted");
    let open = ask(&ida, "/api/stocktakes?open=true");
    assert_eq!(open["items"][0]["lines"], 2);
}
