//! The settings: what somebody says about the house, what another sees of it, and what is refused with why.

use hearth_hub::testing::browser::{Browser, Key};
use serde_json::{Value, json};

use crate::house::{House, ask, at_home, faults, visit};
use crate::kitchen::{MILK, product, tell};
use crate::offline::{lose, regain, visited_once};

/// Goes to one of the settings, by the list of all.
pub(crate) fn set(browser: &Browser, name: &str) {
    let path = format!("/app/settings/{name}");
    visit(browser, "/app/settings");
    browser.click(&format!("main a[href='{path}']"));
    browser.until(&format!("location.pathname === {}", Value::from(path)));
    // The address is there before the screen, whose words may still be on their way.
    browser.until(
        "document.querySelector('main .back[href=\"/app/settings\"]') && !document.querySelector('main .skeleton')",
    );
}

/// The rows of a list, by their titles.
fn shows(browser: &Browser, wanted: &str) {
    let titles = "[...document.querySelectorAll('[data-thing] > .grow > .row-title')].map(one => one.innerText).join(', ')";
    browser.until(&format!("{titles} === {}", Value::from(wanted)));
}

fn choose(browser: &Browser, selector: &str, value: &str) {
    browser.finds(selector);
    browser.eval(
        "const field = document.querySelector(arguments[0]);
         field.value = arguments[1];
         for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, {bubbles: true}))",
        &[json!(selector), json!(value)],
    );
}

/// One of a list of the house, by its name.
fn named(browser: &Browser, path: &str, name: &str) -> Value {
    let all = ask(browser, path);
    let found = all["items"].as_array().into_iter().flatten().find(|one| one["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {all}")).clone()
}

/// What somebody else says about a thing meanwhile, by their own sign-in.
fn changes(browser: &Browser, path: &str, name: &str, what: &Value) {
    let thing = named(browser, path, name);
    let mut body = json!({ "version": thing["version"] });
    body.as_object_mut().expect("a body").extend(what.as_object().expect("fields").clone());
    tell(browser, "PATCH", &format!("{path}/{}", thing["id"].as_str().expect("an id")), &body);
}

fn removes(browser: &Browser, path: &str, name: &str) {
    let thing = named(browser, path, name);
    let path = format!("{path}/{}", thing["id"].as_str().expect("an id"));
    browser.eval("return fetch(arguments[0], {method: 'DELETE'}).then(one => one.status)", &[json!(path)]);
}

/// A house with Ida and Jonas in it, both at the same setting.
fn two_at(name: &str) -> Option<(House, Browser, Browser)> {
    let (house, ida) = House::with_owner()?;
    let jonas = House::with_guest(&ida, "Jonas");
    set(&jonas, name);
    set(&ida, name);
    Some((house, ida, jonas))
}

fn are_well(people: [&Browser; 2]) {
    for person in people {
        assert_eq!(faults(person), Vec::<String>::new());
    }
}

#[test]
fn a_place_is_added_put_in_order_and_renamed_before_the_eyes_of_another() {
    let Some((_house, ida, jonas)) = two_at("places") else { return };
    shows(&ida, "Pantry, Fridge, Freezer");
    ida.click("#add-thing");
    ida.fill("#field-name", "Fridge");
    ida.click("#edit-new [type=submit]");
    ida.sees("There is a place of this name already.");
    ida.fill("#field-name", "Cellar");
    choose(&ida, "#field-kind", "pantry");
    ida.click("#edit-new [type=submit]");
    shows(&jonas, "Pantry, Fridge, Freezer, Cellar");

    // The focus stays on what moves a place, so that it can be pressed again.
    ida.eval("document.querySelector('[aria-label=\"Move Cellar up\"]').focus()", &[]);
    ida.press(Key::Enter);
    shows(&jonas, "Pantry, Fridge, Cellar, Freezer");
    shows(&ida, "Pantry, Fridge, Cellar, Freezer");
    ida.until("document.activeElement?.ariaLabel === 'Move Cellar up'");
    ida.press(Key::Enter);
    shows(&jonas, "Pantry, Cellar, Fridge, Freezer");
    ida.click_on("More about Cellar");
    ida.click_on("Make it the usual place");
    shows(&jonas, "Cellar, Pantry, Fridge, Freezer");
    jonas.sees("Pantry · usual place · empty");

    jonas.click_on("More about Cellar");
    jonas.click_on("Change");
    jonas.fill("[id^='field-name-']", "Vault");
    jonas.click("[data-thing] [type=submit]");
    shows(&ida, "Vault, Pantry, Fridge, Freezer");
    ida.back();
    ida.until("location.pathname === '/app/settings'");
    ida.sees("Where things lie");
    are_well([&ida, &jonas]);
}

#[test]
fn a_place_that_holds_something_stays_and_says_why() {
    let Some((_house, ida, jonas)) = two_at("places") else { return };
    let milk = product(&ida, "Milk", MILK);
    tell(&ida, "POST", "/api/inventory", &json!({ "product_master_id": milk, "initial_quantity": 2 }));
    ida.sees("usual place · 1 product");
    ida.click_on("More about Pantry");
    ida.click_on("Remove");
    ida.sees("Remove Pantry?");
    ida.click("dialog[open] .button.danger");
    ida.sees("Pantry is not empty");
    ida.sees("There lies: Milk.");
    ida.click_on("Show the stock");
    ida.until("location.pathname === '/app/stock'");
    ida.back();
    shows(&ida, "Pantry, Fridge, Freezer");
    for name in ["Fridge", "Freezer"] {
        ida.click_on(&format!("More about {name}"));
        ida.click_on("Remove");
        ida.click("dialog[open] .button.danger");
        ida.sees(&format!("{name} is removed"));
    }
    shows(&jonas, "Pantry");
    tell(&ida, "POST", "/api/inventory/consume", &json!({ "product_master_id": milk, "quantity": 2 }));
    jonas.sees("usual place · empty");
    jonas.click_on("More about Pantry");
    jonas.click_on("Remove");
    jonas.click("dialog[open] .button.danger");
    jonas.sees("A house keeps at least one place.");
    jonas.click("dialog[open] .button.primary");
    are_well([&ida, &jonas]);
}

#[test]
fn two_who_change_one_place_see_both_sides_and_what_went_away_can_come_back() {
    let Some((_house, ida, jonas)) = two_at("places") else { return };
    let (path, form) = ("/api/places", "[data-thing] [type=submit]");
    ida.click_on("More about Fridge");
    ida.click_on("Change");
    ida.fill("[id^='field-name-']", "Cold box");
    // What only the other said is taken over without a word.
    changes(&jonas, path, "Fridge", &json!({ "kind": "other" }));
    ida.click(form);
    shows(&jonas, "Pantry, Cold box, Freezer");
    assert_eq!(named(&ida, path, "Cold box")["kind"], "other");

    ida.click_on("More about Cold box");
    ida.click_on("Change");
    ida.fill("[id^='field-name-']", "Icebox");
    changes(&jonas, path, "Cold box", &json!({ "name": "Big fridge" }));
    ida.click(form);
    ida.sees("Name: you say “Icebox”, now it is “Big fridge”.");
    ida.until("document.activeElement?.id === 'disputed'");
    ida.click_on("Take “Big fridge”");
    ida.until("document.querySelector('[id^=\"field-name-\"]').value === 'Big fridge'");
    ida.fill("[id^='field-name-']", "Icebox");
    removes(&jonas, path, "Big fridge");
    ida.sees("Somebody removed this place while you were typing.");
    ida.click("main .card.padded [type=submit]");
    shows(&jonas, "Pantry, Freezer, Icebox");
    are_well([&ida, &jonas]);
}

#[test]
fn categories_stand_in_the_order_of_the_shop_and_say_whom_their_end_concerns() {
    let Some((_house, ida, jonas)) = two_at("categories") else { return };
    ida.sees("No categories yet");
    for name in ["Bread", "Dairy", "Fruit"] {
        ida.click("#add-thing");
        ida.fill("#field-name", name);
        ida.click("#edit-new [type=submit]");
        ida.sees(&format!("{name} is a category now"));
    }
    shows(&jonas, "Bread, Dairy, Fruit");
    let milk = product(&ida, "Milk", MILK);
    let dairy = named(&ida, "/api/categories", "Dairy")["id"].clone();
    let version = ask(&ida, &format!("/api/products/{milk}"))["version"].clone();
    tell(
        &ida,
        "PATCH",
        &format!("/api/products/{milk}"),
        &json!({ "version": version, "category_id": dairy }),
    );
    tell(&ida, "POST", "/api/inventory", &json!({ "product_master_id": milk, "initial_quantity": 2 }));
    ida.sees("1 product in stock");
    jonas.click_on("Move Fruit up");
    shows(&ida, "Bread, Fruit, Dairy");
    jonas.click_on("More about Dairy");
    jonas.click_on("Put first");
    shows(&ida, "Dairy, Bread, Fruit");
    // How early one is warned of what is of it.
    jonas.click_on("More about Dairy");
    jonas.click_on("Change");
    choose(&jonas, "[id^='field-warning_days-']", "7");
    jonas.click("[data-thing] [type=submit]");
    ida.sees("1 product in stock · warned 7 days before");
    assert_eq!(named(&ida, "/api/categories", "Dairy")["warning_days"], 7);
    ida.click_on("More about Dairy");
    ida.click_on("Change");
    choose(&ida, "[id^='field-warning_days-']", "");
    ida.click("[data-thing] [type=submit]");
    jonas.sees_no("warned 7 days before");
    jonas.click_on("More about Dairy");
    jonas.click_on("Remove");
    jonas.sees("1 product is of this category and will have none then.");
    jonas.click("dialog[open] .button.danger");
    shows(&ida, "Bread, Fruit");
    are_well([&ida, &jonas]);
}

#[test]
fn a_unit_is_exact_or_refused_and_an_undo_brings_it_back() {
    let Some((_house, ida, jonas)) = two_at("units") else { return };
    ida.sees("No units of your own yet");
    ida.click("#add-thing");
    ida.fill("#field-name", "Tasse");
    ida.fill("#field-quantity", "1.2345");
    ida.fill("#field-per", "0");
    ida.click("#edit-new [type=submit]");
    ida.sees("Say a whole number from 1 to 100,000, or a fraction such as 1/3.");
    ida.sees("Say a number above 0");
    ida.fill("#field-per", "1");
    ida.fill("#field-quantity", "200");
    ida.sees("Everybody knows “Tasse” already: 1 cup = 250 ml.");
    ida.click("#edit-new [type=submit]");
    shows(&jonas, "1 Tasse = 200 ml");

    // It stays as it was said, and a part of one is said by the whole.
    ida.click("#add-thing");
    ida.fill("#field-name", "Kelle");
    ida.fill("#field-per", "4");
    ida.fill("#field-quantity", "500");
    ida.click("#edit-new [type=submit]");
    shows(&jonas, "4 Kelle = 500 ml, 1 Tasse = 200 ml");
    ida.click_on("More about Kelle");
    ida.click_on("Change");
    ida.fill("[id^='field-per-']", "1/3");
    ida.fill("[id^='field-quantity-']", "40");
    ida.sees("1 Kelle = 120 ml");
    ida.click("[data-thing] [type=submit]");
    shows(&jonas, "1 Kelle = 120 ml, 1 Tasse = 200 ml");
    removes(&ida, "/api/units", "Kelle");
    shows(&jonas, "1 Tasse = 200 ml");

    jonas.click_on("More about Tasse");
    jonas.click_on("Change");
    jonas.fill("[id^='field-quantity-']", "180");
    changes(&ida, "/api/units", "Tasse", &json!({ "name": "Mug" }));
    jonas.click("[data-thing] [type=submit]");
    shows(&ida, "1 Mug = 180 ml");
    ida.click_on("More about Mug");
    ida.click_on("Remove");
    jonas.sees("No units of your own yet");
    ida.click_on("Undo");
    shows(&jonas, "1 Mug = 180 ml");
    ida.click_on("Units that everybody knows");
    ida.sees("1,600 oz = 45,359.237 g");
    are_well([&ida, &jonas]);
}

/// A number with the check digit that belongs to it.
pub(crate) fn label(twelve: &str) -> String {
    let weight = |place: usize| if place.is_multiple_of(2) { 1 } else { 3 };
    let sum: u32 = twelve.bytes().enumerate().map(|(at, digit)| u32::from(digit - b'0') * weight(at)).sum();
    format!("{twelve}{}", (10 - sum % 10) % 10)
}

/// Types two labels of a shop and what is printed on them.
pub(crate) fn labels(browser: &Browser, shop: &str, two: [(&str, &str); 2]) {
    browser.fill("#field-shop", shop);
    for (at, (code, weight)) in two.iter().enumerate() {
        browser.fill(&format!("#field-code-{at}"), &label(code));
        // A hand scanner ends what it types so.
        browser.press(Key::Enter);
        browser.until(&format!("document.activeElement?.id === 'field-value-{at}'"));
        browser.fill(&format!("#field-value-{at}"), weight);
    }
}

#[test]
fn two_labels_teach_how_a_shop_weighs_and_a_third_shows_it() {
    let Some((_house, ida, jonas)) = two_at("shop-labels") else { return };
    ida.sees("Nothing learnt yet");
    labels(&ida, "Farm shop", [("271234501234", "1.234"), ("271234501234", "2")]);
    ida.click_on("Learn");
    ida.sees("This is the same number once more.");
    labels(&ida, "Farm shop", [("271234501234", "1.234"), ("271234512345", "9.999")]);
    ida.click_on("Learn");
    ida.sees("This does not stand in the number of this label.");
    ida.fill("#field-value-1", "12.345");
    ida.click_on("Learn");
    jonas.sees("Begins with 27; the 5 digits before the last are the weight, 00.000 kg.");

    ida.until("document.activeElement?.id === 'field-code'");
    ida.type_text(&label("271234500875"));
    ida.press(Key::Enter);
    ida.sees("0.875 kg");
    ida.sees("As Farm shop writes it");

    labels(&ida, "Butcher", [("280000001234", "1.234"), ("280000005678", "5.678")]);
    ida.click_on("Learn");
    ida.sees("These labels can be read in more than one way.");
    ida.click_on("5 digits: the weight, 00.000 kg");
    jonas.sees("Butcher");
    jonas.click_on("Forget the labels of Butcher that begin with 28");
    jonas.click("dialog[open] .button.danger");
    ida.sees_no("Begins with 28");
    are_well([&ida, &jonas]);
}

#[test]
fn what_somebody_must_not_eat_stands_in_the_settings_and_on_their_page() {
    let Some((_house, ida, jonas)) = two_at("allergens") else { return };
    jonas.until("document.querySelectorAll('[data-thing]').length === 2");
    // Others say it for themselves.
    jonas.until("document.querySelectorAll('main [data-thing] button').length === 1");
    jonas.click_on("Change what Jonas must not eat");
    jonas.click_on("Milk");
    jonas.fill("[name=other_allergens]", "Kiwi");
    jonas.click("[data-thing] [type=submit]");
    ida.until("[...document.querySelectorAll('.chip')].map(one => one.innerText).join() === 'kiwi,Milk'");

    visit(&ida, "/app/people");
    ida.click_on("Jonas");
    ida.sees("Must not eat");
    ida.click_on("Change what Jonas must not eat");
    ida.click_on("Nuts");
    // He says something else meanwhile.
    jonas.click_on("Change what Jonas must not eat");
    jonas.click_on("Eggs");
    jonas.click("[data-thing] [type=submit]");
    jonas.until(
        "[...document.querySelectorAll('.chip')].map(one => one.innerText).join() === 'Eggs,kiwi,Milk'",
    );
    ida.click("[data-thing] [type=submit]");
    ida.sees("Must not eat: you say “kiwi, Milk, Nuts”, now it is “Eggs, kiwi, Milk”.");
    ida.click_on("Take “Eggs, kiwi, Milk”");
    ida.until("document.querySelector('[name=allergen][value=eggs]').checked");
    ida.click_on("Nuts");
    ida.click("[data-thing] [type=submit]");
    jonas.until(
        "[...document.querySelectorAll('.chip')].map(one => one.innerText).join() === 'Eggs,kiwi,Milk,Nuts'",
    );
    are_well([&ida, &jonas]);
}

#[test]
fn how_early_the_house_warns_is_said_once_and_seen_by_all() {
    let Some((house, ida, jonas)) = two_at("warning") else { return };
    choose(&ida, "#field-warning", "10");
    jonas.until("document.querySelector('#field-warning').value === '10'");
    let jonas_is = named(&ida, "/api/members", "Jonas");
    let path = format!("/api/members/{}", jonas_is["id"].as_str().expect("an id"));
    tell(&ida, "PATCH", &path, &json!({ "version": jonas_is["version"], "role": "staff" }));
    // Whoever helps in the kitchen finds what is theirs to set, and no door that is closed to them.
    jonas.until("!document.querySelector('#field-warning')");
    visit(&jonas, "/app/settings");
    jonas.sees("Places");
    jonas.sees_no("Connections");
    for closed in ["/app/devices", "/app/system/work", "/app/settings/export"] {
        jonas.go(&house.url(closed));
        jonas.sees("this is not for you to do");
        assert!(!jonas.text().contains("Try again"), "{}", jonas.text());
    }
    jonas.click_on("Go to Home");
    at_home(&jonas);
    are_well([&ida, &jonas]);
}

#[test]
fn nothing_typed_about_the_house_is_lost_with_the_network() {
    let Some((_house, cable, ida)) = visited_once() else { return };
    set(&ida, "places");
    shows(&ida, "Pantry, Fridge, Freezer");
    ida.click("#add-thing");
    ida.fill("#field-name", "Attic");
    lose(&cable, &ida);
    ida.sees("You are offline.");
    ida.click("#edit-new [type=submit]");
    ida.sees("Your house does not answer.");
    ida.sees("This is how things stood");
    ida.click_on("Move Freezer up");
    ida.sees("This can be done once your house answers again.");
    // What is there already can be changed all the same, and says that it waits.
    ida.click_on("More about Fridge");
    ida.click_on("Change");
    ida.fill("[data-thing] [id^='field-name-']", "Cold box");
    ida.click("[data-thing] [type=submit]");
    shows(&ida, "Pantry, Cold box, Freezer");
    ida.until("document.querySelector('main').innerText.includes('Saved on this device, will be sent')");
    set(&ida, "units");
    set(&ida, "places");
    ida.until("document.querySelector('#field-name').value === 'Attic'");
    regain(&cable, &ida);
    ida.sees_no("This is how things stood");
    ida.click("#edit-new [type=submit]");
    shows(&ida, "Pantry, Cold box, Freezer, Attic");
    ida.until("!document.querySelector('main').innerText.includes('Saved on this device')");
    assert_eq!(named(&ida, "/api/places", "Cold box")["kind"], "fridge");
    assert_eq!(faults(&ida), Vec::<String>::new());
}
