//! Two browsers see a change at once, and what a person sets is everywhere.

use std::time::Duration;

use hearth_hub::testing::browser::Browser;
use hearth_hub::testing::process::within;
use serde_json::Value;

use crate::house::{HOUSE, House, ask, at_home, faults, is_live, visit};

/// Leaves a mark in the page that a reload would take away.
fn mark(browser: &Browser) {
    browser.eval("window.stayed = true", &[]);
}

fn was_not_reloaded(browser: &Browser) {
    assert_eq!(browser.eval("return window.stayed === true", &[]), true, "the page was reloaded");
}

#[test]
fn a_screen_that_is_opened_counts_itself_among_those_that_look_on() {
    let Some((house, ida)) = House::with_owner() else { return };
    ida.go(&house.url("/app/system"));
    is_live(&ida);
    ida.until("/1\\s+screen looks on live/.test(document.querySelector('main').innerText)");
}

#[test]
fn who_joins_is_seen_at_once() {
    let Some((_house, ida)) = House::with_owner() else { return };
    let link = crate::house::invitation(&ida);
    visit(&ida, "/app/");
    mark(&ida);
    let Some(jonas) = hearth_hub::testing::browser::open() else { return };
    crate::house::join(&jonas, &link, "Jonas");
    ida.sees("Jonas joined");
    ida.until("document.querySelectorAll(\"main a[href^='/app/people/']\").length === 2");
    was_not_reloaded(&ida);
    jonas.sees("Ida");
    assert_eq!(faults(&ida), Vec::<String>::new());
    assert_eq!(faults(&jonas), Vec::<String>::new());
}

#[test]
fn who_is_removed_is_signed_out_at_once() {
    let Some((_house, ida)) = House::with_owner() else { return };
    let jonas = House::with_guest(&ida, "Jonas");
    mark(&jonas);
    visit(&ida, "/app/people");
    ida.click_on("Jonas");
    ida.click(".pair-detail .danger-quiet");
    ida.sees("Remove Jonas?");
    ida.click("dialog[open] .danger");
    ida.sees("Jonas no longer has access");
    ida.sees("1 former person");
    jonas.finds("#field-password");
    jonas.sees(HOUSE);
    was_not_reloaded(&jonas);
    assert_eq!(jonas.eval("return document.querySelector('nav')", &[]), serde_json::Value::Null);
    jonas.reload();
    jonas.finds("#field-password");
}

#[test]
fn a_withdrawn_invitation_opens_nothing() {
    let Some((_house, ida)) = House::with_owner() else { return };
    let link = crate::house::invitation(&ida);
    ida.click_on("Withdraw");
    ida.sees("Withdraw this invitation?");
    ida.click("dialog[open] .danger");
    ida.sees("Invitation withdrawn");
    let Some(stranger) = hearth_hub::testing::browser::open() else { return };
    stranger.go(&link);
    stranger.sees("This link no longer works");
}

#[test]
fn a_new_role_is_seen_on_the_other_side() {
    let Some((_house, ida)) = House::with_owner() else { return };
    let jonas = House::with_guest(&ida, "Jonas");
    visit(&jonas, "/app/people");
    mark(&jonas);
    assert!(!jonas.text().contains("Invite"), "a member cannot invite");
    visit(&ida, "/app/people");
    ida.click_on("Jonas");
    ida.click_on("Owner");
    ida.sees("Saved");
    jonas.sees("Invite");
    was_not_reloaded(&jonas);
}

#[test]
fn language_and_look_follow_the_person_to_another_device() {
    let Some((_house, ida)) = House::with_owner() else { return };
    visit(&ida, "/app/you");
    ida.click_on("Dark");
    ida.until("document.documentElement.dataset.theme === 'dark'");
    ida.until("getComputedStyle(document.body).colorScheme.includes('dark')");
    ida.click_on("Deutsch");
    ida.until("document.documentElement.lang === 'de'");
    ida.sees("Speichern");
    ida.reload();
    ida.sees("Speichern");
    ida.until("document.documentElement.dataset.theme === 'dark'");
    // What the reload broke off is sent once more.
    let mut me = Value::Null;
    let arrived = within(Duration::from_secs(20), || {
        me = ask(&ida, "/api/profile");
        (&me["language"], &me["theme"]) == (&"de".into(), &"dark".into())
    });
    assert!(arrived, "{me}");
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn a_new_name_of_the_house_reaches_every_screen() {
    let Some((_house, ida)) = House::with_owner() else { return };
    let jonas = House::with_guest(&ida, "Jonas");
    mark(&jonas);
    visit(&ida, "/app/system");
    ida.fill("#field-name", "The Old Bakery");
    ida.click("main form button[type=submit]");
    ida.sees("Saved");
    jonas.until("document.title.includes('The Old Bakery')");
    jonas.sees("The Old Bakery");
    was_not_reloaded(&jonas);
}

#[test]
fn the_system_page_tells_how_the_house_is_doing() {
    let Some((_house, ida)) = House::with_owner() else { return };
    let _jonas = House::with_guest(&ida, "Jonas");
    visit(&ida, "/app/system");
    ida.sees("screens look on live");
    ida.sees(env!("CARGO_PKG_VERSION"));
    ida.sees("sqlite");
    let system = ask(&ida, "/api/system");
    assert_eq!(system["live_clients"], 2, "{system}");
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn another_device_can_be_signed_out_from_here() {
    let Some((house, ida)) = House::with_owner() else { return };
    let Some(phone) = hearth_hub::testing::browser::open() else { return };
    phone.go(&house.url("/app/"));
    crate::house::sign_in(&phone, "Ida", crate::house::PASSWORD);
    at_home(&phone);
    visit(&ida, "/app/you");
    ida.finds("main button[aria-label^='Sign out ']");
    ida.click("main button[aria-label^='Sign out ']");
    ida.click("dialog[open] .danger");
    ida.sees("Signed out there");
    phone.finds("#field-password");
    is_live(&ida);
}
