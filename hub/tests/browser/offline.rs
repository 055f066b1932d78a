//! The house out of reach, and back.

use std::time::{Duration, Instant};

use hearth_hub::testing::browser::{self, Browser};
use hearth_hub::testing::link::Link;
use hearth_hub::testing::process::within;
use serde_json::json;

use crate::house::{House, ask, faults, invitation, is_live, join, move_in, visit};
use crate::kitchen::{MILK, amounts, product, tell};

/// A browser that has been in the house once, over a cable that can be pulled.
pub(crate) fn visited_once() -> Option<(House, Link, Browser)> {
    let browser = browser::open()?;
    let house = House::empty();
    let cable = house.cable();
    let link = house.link("setup").replace(&house.url(""), &format!("http://{}", cable.address()));
    move_in(&browser, &link);
    browser.until("navigator.serviceWorker.controller?.state === 'activated'");
    browser.until(
        "caches.open('hearth-known').then(known => known.match('/api/members?limit=500&revoked=true'))",
    );
    Some((house, cable, browser))
}

pub(crate) fn lose(cable: &Link, browser: &Browser) {
    cable.pull();
    browser.go_offline();
}

pub(crate) fn regain(cable: &Link, browser: &Browser) {
    cable.plug_in();
    browser.go_online();
}

#[test]
fn after_one_visit_the_house_is_there_without_a_network() {
    let Some((_house, cable, ida)) = visited_once() else { return };
    lose(&cable, &ida);
    ida.sees("You are offline.");
    ida.until("document.querySelector('hearth-live .dot.offline')");
    ida.reload();
    ida.sees("You are offline.");
    ida.sees("In this house");
    ida.sees("Ida");
    for place in ["/app/people", "/app/you", "/app/system"] {
        visit(&ida, place);
    }
    ida.reload();
    ida.finds("main h1");
    regain(&cable, &ida);
    is_live(&ida);
    ida.sees_no("You are offline.");
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn people_and_ones_own_corner_say_since_when_they_are_so_and_what_has_to_wait() {
    let Some((_house, cable, ida)) = visited_once() else { return };
    visit(&ida, "/app/you");
    ida.sees("This device");
    visit(&ida, "/app/people");
    ida.sees("Invite");
    assert!(!ida.text().contains("This is how things stood"), "{}", ida.text());
    lose(&cable, &ida);
    for (place, act) in [("/app/people", "Invite"), ("/app/you", "Sign out")] {
        visit(&ida, place);
        ida.sees("This is how things stood");
        // What becomes of changes is said once, in large.
        assert!(!ida.text().contains("What you change is kept here"), "{}", ida.text());
        ida.click_on(act);
        ida.sees("This can be done once your house answers again.");
        assert!(!ida.text().contains("Make the link"), "{}", ida.text());
    }
    regain(&cable, &ida);
    is_live(&ida);
    ida.sees_no("This is how things stood");
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn a_change_made_offline_is_sent_when_the_network_is_back() {
    let Some((_house, cable, ida)) = visited_once() else { return };
    visit(&ida, "/app/you");
    lose(&cable, &ida);
    ida.sees("You are offline.");
    ida.click_on("Dark");
    ida.sees("Saved on this device, will be sent");
    ida.until("document.documentElement.dataset.theme === 'dark'");
    ida.until("document.querySelector('hearth-live button').ariaLabel.includes('1 thing')");
    // It survives the page.
    ida.reload();
    ida.until("document.querySelector('hearth-live button').ariaLabel.includes('1 thing')");
    regain(&cable, &ida);
    is_live(&ida);
    ida.until("!document.querySelector('hearth-live button').ariaLabel.includes('thing')");
    assert_eq!(ask(&ida, "/api/profile")["theme"], "dark");

    // A house that was away may be back as another version: a page that nobody opens anew looks.
    let listen = "const own = ServiceWorkerRegistration.prototype.update;
        ServiceWorkerRegistration.prototype.update = function () { window.looked = true; return own.call(this); };";
    ida.eval(listen, &[]);
    lose(&cable, &ida);
    ida.sees("You are offline.");
    regain(&cable, &ida);
    ida.until("window.looked");
}

/// Somebody who stays in reach while the cable of another is pulled.
fn at_home(house: &House, cable: &Link, owner: &Browser) -> Browser {
    let jonas = browser::open().expect("where there is one browser there are two");
    let link = invitation(owner).replace(&format!("http://{}", cable.address()), &house.url(""));
    join(&jonas, &link, "Jonas");
    jonas
}

/// Opens the page of a product, and waits until the device has kept what it shows.
fn looks_at(browser: &Browser, cable: &Link, id: &str) {
    browser.go(&format!("http://{}/app/product/{id}", cable.address()));
    browser.finds("#change-product");
    let kept = "caches.open('hearth-known').then(known => known.keys()).then(all => all.map(one => one.url).join(' '))";
    browser.until(&format!(
        "{kept}.then(all => all.includes('/api/products/{id}') && all.includes('&product={id}'))"
    ));
}

/// Changes a product out of reach, before whose page somebody stands: its name, and how much of it should be there.
fn renames(browser: &Browser, name: &str) {
    browser.sees("What can wait is saved on this device and sent later; what cannot says so.");
    browser.click("#change-product");
    browser.fill("#field-name", name);
    browser.fill("#field-minimum", "2");
    browser.click("#product-form [type=submit]");
    waits_there(browser, name);
}

/// What was said is shown on the thing itself, with that it waits.
fn waits_there(browser: &Browser, name: &str) {
    browser.until(&format!(
        "document.querySelector('main h1')?.innerText === {}
             && document.querySelector('#details-head')?.closest('section').innerText.includes('Saved on this device')",
        json!(name)
    ));
}

#[test]
fn what_is_said_of_a_product_out_of_reach_waits_there_and_arrives_beside_what_others_said() {
    let Some((house, cable, ida)) = visited_once() else { return };
    let jonas = at_home(&house, &cable, &ida);
    let milk = product(&ida, "Milk", MILK);
    let path = format!("/api/products/{milk}");
    looks_at(&ida, &cable, &milk);
    lose(&cable, &ida);
    renames(&ida, "Oat milk");
    // It survives the page.
    ida.reload();
    waits_there(&ida, "Oat milk");
    let seen = ask(&jonas, &path);
    tell(&jonas, "PATCH", &path, &json!({ "version": seen["version"], "note": "the blue one" }));
    regain(&cable, &ida);
    ida.sees("the blue one");
    ida.until("!document.querySelector('#details-head').closest('section').innerText.includes('Saved on')");
    let kept = ask(&jonas, &path);
    assert_eq!(
        [&kept["name"], &kept["minimum"], &kept["note"]],
        [&json!("Oat milk"), &json!(2), &json!("the blue one")]
    );
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn who_comes_back_to_another_word_about_the_same_sees_both_sides_and_loses_nothing() {
    let Some((house, cable, ida)) = visited_once() else { return };
    let jonas = at_home(&house, &cable, &ida);
    let milk = product(&ida, "Milk", MILK);
    let path = format!("/api/products/{milk}");
    looks_at(&ida, &cable, &milk);
    lose(&cable, &ida);
    renames(&ida, "Oat milk");
    visit(&ida, "/app/you");
    let seen = ask(&jonas, &path);
    tell(&jonas, "PATCH", &path, &json!({ "version": seen["version"], "name": "Soy milk" }));
    regain(&cable, &ida);
    // It is told wherever somebody is, also to the next page, and leads to where it was typed.
    ida.sees("Not saved: details of a product.");
    ida.reload();
    ida.until("document.querySelector('hearth-live button').ariaLabel.includes('1 thing')");
    ida.click("hearth-live button");
    ida.click(&format!("hearth-live a[href='/app/product/{milk}']"));
    ida.sees("Name: you say “Oat milk”, now it is “Soy milk”.");
    assert_eq!(ida.eval("return document.querySelector('#field-minimum').value", &[]), "2");
    ida.click_on("Keep “Oat milk”");
    ida.click("#product-form [type=submit]");
    ida.finds("#change-product");
    ida.until("!document.querySelector('hearth-live button').ariaLabel.includes('thing')");
    let kept = ask(&jonas, &path);
    assert_eq!([&kept["name"], &kept["minimum"]], [&json!("Oat milk"), &json!(2)]);
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn a_house_that_does_not_answer_shows_what_is_known_in_two_seconds() {
    let Some((_house, cable, ida)) = visited_once() else { return };
    cable.deaden();
    let start = Instant::now();
    ida.reload();
    ida.sees("In this house");
    ida.sees("Ida");
    assert!(start.elapsed() < Duration::from_secs(6), "{:?}", start.elapsed());
    cable.plug_in();
    is_live(&ida);
}

#[test]
fn a_stranger_without_a_network_is_told_what_is_the_matter() {
    let Some((_house, cable, ida)) = visited_once() else { return };
    visit(&ida, "/app/you");
    ida.click_on("Sign out");
    ida.finds("#field-password");
    lose(&cable, &ida);
    ida.reload();
    ida.sees("Your house does not answer");
    assert!(!ida.text().contains("Ida"), "nothing of the house is kept after signing out");
}

/// Three of the milk on the shelf, before which somebody stands.
fn three_of_milk(ida: &Browser) -> String {
    let milk = product(ida, "Milk", MILK);
    tell(ida, "POST", "/api/inventory", &json!({ "product_master_id": milk, "initial_quantity": 3 }));
    visit(ida, "/app/stock");
    has(ida, 3);
    milk
}

/// Waits until there is so much of the milk on the shelf.
fn has(ida: &Browser, wanted: u32) {
    let wanted = wanted.to_string();
    let seen = within(Duration::from_secs(40), || amounts(ida, "Milk") == wanted);
    assert!(seen, "{:?} and not {wanted}\n{}", amounts(ida, "Milk"), ida.text());
}

/// What was ever done with the milk, the first first.
fn done(ida: &Browser) -> Vec<String> {
    let movements = ask(ida, "/api/movements");
    let mut kinds: Vec<String> = movements["items"]
        .as_array()
        .expect("movements")
        .iter()
        .map(|one| one["kind"].as_str().unwrap_or_default().to_owned())
        .collect();
    kinds.reverse();
    kinds
}

fn nothing_waits(ida: &Browser) {
    is_live(ida);
    ida.until("!document.querySelector('hearth-live button').ariaLabel.includes('thing')");
}

#[test]
fn what_was_used_out_of_reach_is_taken_back_whether_it_was_sent_or_not() {
    let Some((_house, cable, ida)) = visited_once() else { return };
    three_of_milk(&ida);
    lose(&cable, &ida);
    ida.sees("You are offline.");
    ida.click_on("Use Milk");
    ida.sees("1 of Milk used; it will be sent");
    has(&ida, 2);
    // It never left: there is nothing to send.
    ida.click(".toast .word");
    has(&ida, 3);
    ida.until("!document.querySelector('hearth-live button').ariaLabel.includes('thing')");
    ida.click_on("Use Milk");
    ida.sees("1 of Milk used; it will be sent");
    // The offer stays for as long as somebody is at it; meanwhile it is sent.
    ida.eval("document.querySelector('.toast .word').focus()", &[]);
    regain(&cable, &ida);
    nothing_waits(&ida);
    assert_eq!(done(&ida), ["receive", "consume"]);
    has(&ida, 2);
    ida.click(".toast .word");
    has(&ida, 3);
    nothing_waits(&ida);
    assert_eq!(done(&ida), ["receive", "consume", "undo"]);
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn what_the_house_did_without_its_answer_arriving_is_taken_back_there() {
    let Some((_house, ida)) = House::with_owner() else { return };
    three_of_milk(&ida);
    let lose_answers = "const own = window.fetch;
        window.fetch = async (path, request) => {
            if (window.heard || !String(path).endsWith('/consume')) return own(path, request);
            if (!window.asked) await own(path, request);
            window.asked = true;
            throw new TypeError('the answer is lost');
        }";
    ida.eval(lose_answers, &[]);
    ida.click_on("Use Milk");
    ida.sees("1 of Milk used; it will be sent");
    ida.click(".toast .word");
    // Whatever the house knows: it is to have been nothing.
    ida.until("document.querySelector('hearth-live button').ariaLabel.includes('1 thing')");
    assert_eq!(done(&ida), ["receive", "consume"]);
    ida.eval("window.heard = true", &[]);
    nothing_waits(&ida);
    has(&ida, 3);
    assert_eq!(done(&ida), ["receive", "consume", "undo"]);
    assert_eq!(faults(&ida), Vec::<String>::new());
}
