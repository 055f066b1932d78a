//! Everything without a pointer.

use hearth_hub::testing::browser::{Browser, Key};
use serde_json::Value;

use crate::devices::station_asks;
use crate::house::{HOUSE, House, PASSWORD, at_home, faults, visit};
use crate::kitchen::stocked;
use crate::outside::{listener, look_outside};
use crate::receipts::{PAPER, screen_of, sent};
use crate::work::{Workshop, visit_behind};

/// Numbers everything a person could use on the page as it stands; only the dialog's where one is open.
/// Of a group of radio buttons the chosen one stands for all: arrows reach the others.
const NUMBER: &str = "
    const room = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document;
    const usable = [...room.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex=\"0\"]')]
        .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.matches(':disabled') && one.tabIndex >= 0)
        .filter(one => !one.closest('[inert]') && (one.type !== 'radio' || one.checked));
    document.querySelectorAll('[data-number]').forEach(one => one.removeAttribute('data-number'));
    usable.forEach((one, number) => one.dataset.number = number);
    const name = one => `${one.localName} ${(one.ariaLabel || one.innerText || one.id || one.value).trim()}`;
    return usable.map(name)";

/// The number of what has the focus, and whether it can be seen to have it.
const WHERE: &str = "
    const one = document.activeElement;
    const face = one?.type === 'radio' ? one.nextElementSibling : one;
    const style = getComputedStyle(face);
    return [one?.dataset.number ?? null, style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2]";

/// Presses Tab until everything had the focus, and tells what never had it or did not show it.
fn unreachable(browser: &Browser) -> Vec<String> {
    let names = browser.eval(NUMBER, &[]);
    let names: Vec<&str> = names.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut missing: Vec<String> = names.iter().map(|name| format!("{name}: not reached")).collect();
    for _ in 0..names.len() * 2 + 5 {
        browser.press(Key::Tab);
        let place = browser.eval(WHERE, &[]);
        if let Some(number) = place[0].as_str().and_then(|number| number.parse::<usize>().ok()) {
            let seen = place[1] == Value::Bool(true);
            missing[number] =
                if seen { String::new() } else { format!("{}: focus not visible", names[number]) };
        }
        if missing.iter().all(String::is_empty) {
            break;
        }
    }
    missing.retain(|line| !line.is_empty());
    missing
}

/// The same for a named screen.
fn complaints(browser: &Browser, screen: &str) -> Vec<String> {
    unreachable(browser).into_iter().map(|line| format!("{screen}: {line}")).collect()
}

#[test]
fn every_action_is_reached_by_tab_and_shows_it() {
    let Some((_house, ida)) = House::with_owner() else { return };
    let _jonas = House::with_guest(&ida, "Jonas");
    let mut found = complaints(&ida, "people");
    ida.click_on("Jonas");
    ida.finds(".pair-detail .danger-quiet");
    found.extend(complaints(&ida, "person"));
    for (name, path) in [("home", "/app/"), ("you", "/app/you"), ("system", "/app/system")] {
        visit(&ida, path);
        ida.until("!document.querySelector('main .skeleton')");
        found.extend(complaints(&ida, name));
    }
    visit(&ida, "/app/you");
    ida.click_on("Change password");
    ida.finds("dialog[open] #field-current");
    found.extend(complaints(&ida, "password dialog"));
    ida.press(Key::Escape);
    ida.click_on("Sign out");
    ida.finds("#field-password");
    found.extend(complaints(&ida, "sign-in"));
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn devices_and_the_page_about_trust_are_reached_by_tab() {
    let Some((house, ida)) = House::with_owner() else { return };
    visit(&ida, "/app/devices");
    ida.sees("No devices yet");
    let mut found = complaints(&ida, "no devices");
    let code = station_asks(&ida, "pi-1");
    ida.sees("Asking to be let in");
    found.extend(complaints(&ida, "a device that asks"));
    ida.click_on("Add a device");
    ida.fill("#field-code", &code);
    ida.fill("#field-name", "By the fridge");
    found.extend(complaints(&ida, "add dialog"));
    ida.click_on("Let it in");
    ida.finds(".pair-detail .danger-quiet");
    found.extend(complaints(&ida, "device"));
    ida.go(&house.url("/app/trust"));
    ida.finds("main h1");
    found.extend(complaints(&ida, "trust"));
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn stations_and_printing_are_reached_by_tab() {
    let Some((house, ida)) = House::with_owner() else { return };
    let milk = stocked(&ida);
    let (fridge, _cellar) =
        (crate::stations::station(&ida, "Fridge door"), crate::stations::station(&ida, "Cellar"));
    fridge.scan(&ida, crate::kitchen::MILK);
    let turn = serde_json::json!({ "station_id": fridge.id, "mode": "consume" });
    crate::kitchen::tell(&ida, "POST", "/api/scanner/mode", &turn);
    ida.go(&house.url(&format!("/app/devices/{}", fridge.id)));
    ida.finds(".pair-detail .scan-row button");
    ida.sees("The same at all stations");
    ida.click(".pair-detail .folded summary");
    ida.finds("#field-usual-mode");
    let mut found = complaints(&ida, "station");
    ida.go(&house.url(&format!("/app/labels/lots/{milk}")));
    ida.finds("img.print-sheet");
    ida.eval(
        "const paper = document.querySelector('#field-paper');
         paper.value = 'a4-3x8';
         paper.dispatchEvent(new Event('change', {bubbles: true}))",
        &[],
    );
    ida.sees("Labels that are used already");
    ida.finds("a[download]");
    found.extend(complaints(&ida, "labels"));
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn work_and_backups_are_reached_by_tab() {
    let Some(ida) = hearth_hub::testing::browser::open() else { return };
    let shop = Workshop::with_owner(&ida);
    shop.has_backups(&[6, 30, 54]);
    shop.has_a_bad_day();
    visit_behind(&ida, "/app/system/work");
    ida.until("document.querySelectorAll('main .reason').length === 2");
    ida.sees("Running");
    let mut found = complaints(&ida, "work");
    ida.click_on("Drop");
    ida.sees("Drop this?");
    found.extend(complaints(&ida, "drop dialog"));
    ida.press(Key::Escape);
    visit_behind(&ida, "/app/system/backups");
    ida.until("document.querySelectorAll('main a[download]').length === 3");
    found.extend(complaints(&ida, "backups"));
    visit(&ida, "/app/");
    ida.sees("2 things did not work and wait for you");
    found.extend(complaints(&ida, "home on a bad day"));
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn what_looks_outside_is_reached_by_tab() {
    let Some((house, ida)) = House::with_owner() else { return };
    let mut found = Vec::new();
    for screen in ["catalogue", "connections", "demo"] {
        look_outside(&house, &ida, screen);
        found.extend(complaints(&ida, screen));
    }
    look_outside(&house, &ida, "export");
    ida.click_on("Make an address");
    ida.finds("#calendar-address");
    ida.click("main summary");
    found.extend(complaints(&ida, "export"));
    let (_runtime, robot) = listener();
    look_outside(&house, &ida, "notifications");
    ida.click_on("Add a program");
    ida.fill("#field-name", "Robot");
    ida.fill("#field-url", &robot.url);
    found.extend(complaints(&ida, "program dialog"));
    ida.click("dialog[open] button[type=submit]");
    ida.finds("#webhook-secret");
    found.extend(complaints(&ida, "secret dialog"));
    ida.click_on("I have kept it");
    ida.finds("li.webhook");
    ida.click("label:has(> input[name=quiet])");
    ida.finds("#field-quiet_from");
    found.extend(complaints(&ida, "notifications"));
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn the_kitchen_is_reached_by_tab() {
    let Some((house, ida)) = House::with_owner() else { return };
    let milk = stocked(&ida);
    ida.sees("What wants attention");
    let mut found = complaints(&ida, "home");
    for place in ["stock", "scan", "shopping", "inbox"] {
        visit(&ida, &format!("/app/{place}"));
        ida.until("!document.querySelector('main .skeleton')");
        found.extend(complaints(&ida, place));
    }
    ida.go(&house.url(&format!("/app/product/{milk}")));
    ida.sees("What happened to it");
    ida.sees("What it cost");
    ida.eval("document.querySelectorAll('main details').forEach(one => { one.open = true })", &[]);
    found.extend(complaints(&ida, "product"));
    ida.click("#change-product");
    ida.finds("#product-form");
    found.extend(complaints(&ida, "product while it is changed"));
    ida.click("li.lot .lot-acts button[aria-haspopup]");
    ida.click_on("Count it");
    ida.finds("#field-quantity");
    found.extend(complaints(&ida, "count dialog"));
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn the_settings_are_reached_by_tab() {
    use crate::settings::{labels, set};
    let Some((_house, ida)) = House::with_owner() else { return };
    visit(&ida, "/app/settings");
    ida.sees("Where things lie");
    let mut found = complaints(&ida, "settings");
    set(&ida, "places");
    ida.click("#add-thing");
    ida.click_on("More about Fridge");
    ida.click_on("Change");
    ida.finds("[id^='field-name-']");
    found.extend(complaints(&ida, "places"));
    set(&ida, "units");
    ida.click("#add-thing");
    ida.click_on("Units that everybody knows");
    found.extend(complaints(&ida, "units"));
    set(&ida, "shop-labels");
    labels(&ida, "Butcher", [("280000001234", "1.234"), ("280000005678", "5.678")]);
    ida.click_on("Learn");
    ida.sees("more than one way");
    found.extend(complaints(&ida, "labels of shops"));
    for name in ["categories", "warning"] {
        set(&ida, name);
        found.extend(complaints(&ida, name));
    }
    set(&ida, "allergens");
    ida.click_on("Change what Ida must not eat");
    ida.finds("[name=other_allergens]");
    found.extend(complaints(&ida, "allergens"));
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn receipts_are_reached_by_tab() {
    let Some((house, ida)) = House::with_owner() else { return };
    let path = sent(&ida, PAPER);
    visit(&ida, "/app/receipts");
    ida.sees("To check");
    ida.click_on("Paste a text");
    ida.finds("#field-text");
    let mut found = complaints(&ida, "receipts");
    ida.go(&house.url(&screen_of(&path)));
    ida.sees("The lines come to the total");
    found.extend(complaints(&ida, "receipt"));
    ida.click(".line-open");
    ida.finds(".line-form");
    ida.eval("document.querySelectorAll('main details').forEach(one => { one.open = true })", &[]);
    ida.click_on("Add a line");
    ida.finds("#add-line");
    found.extend(complaints(&ida, "receipt while it is put right"));
    ida.click(".line-form .line-product");
    ida.finds("#field-other");
    found.extend(complaints(&ida, "product of a line"));
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn a_person_moves_in_signs_out_and_in_by_keyboard_alone() {
    let Some(browser) = hearth_hub::testing::browser::open() else { return };
    let house = House::empty();
    browser.go(&house.link("setup"));
    browser.finds("#field-house_name");
    tab_to(&browser, "input Name of the house");
    browser.type_text(HOUSE);
    tab_to(&browser, "input Your name");
    browser.type_text("Ida");
    tab_to(&browser, "input Password");
    browser.type_text(PASSWORD);
    browser.press(Key::Enter);
    at_home(&browser);

    browser.type_text("gy");
    browser.until("location.pathname === '/app/you'");
    browser.until("document.activeElement?.localName === 'h1'");
    tab_to(&browser, "button Sign out");
    browser.press(Key::Enter);
    browser.finds("#field-password");

    tab_to(&browser, "input Your name");
    browser.type_text("Ida");
    tab_to(&browser, "input Password");
    browser.type_text(PASSWORD);
    tab_to(&browser, "button Sign in");
    browser.press(Key::Space);
    browser.finds("nav");
    assert_eq!(faults(&browser), Vec::<String>::new());
}

#[test]
fn the_first_tab_offers_to_skip_the_navigation() {
    let Some((house, ida)) = House::with_owner() else { return };
    ida.go(&house.url("/app/people"));
    ida.finds("main h1");
    ida.press(Key::Tab);
    assert_eq!(ida.focus(), "a Skip to content");
    ida.press(Key::Enter);
    ida.until("document.activeElement?.id === 'main'");
    ida.press(Key::Tab);
    assert_eq!(ida.focus(), "button Invite");
}

#[test]
fn dialogs_keep_the_focus_and_give_it_back() {
    let Some((_house, ida)) = House::with_owner() else { return };
    visit(&ida, "/app/people");
    tab_to(&ida, "button Invite");
    ida.press(Key::Enter);
    ida.finds("dialog[open]");
    ida.until("document.activeElement?.closest('dialog[open]')");
    for key in [Key::Tab, Key::BackTab] {
        for _ in 0..12 {
            ida.press(key);
            // The browser's own controls may have their turn; the page behind the dialog may not.
            ida.until(
                "document.activeElement === document.body || document.activeElement.closest('dialog[open]')",
            );
        }
    }
    ida.press(Key::Escape);
    ida.until("!document.querySelector('dialog[open]')");
    assert_eq!(ida.focus(), "button Invite");

    ida.type_text("?");
    ida.sees("Show this list");
    ida.type_text("gp");
    ida.finds("dialog[open]");
    ida.press(Key::Escape);
    ida.until("!document.querySelector('dialog[open]')");
    assert_eq!(ida.focus(), "button Invite");
}

/// Has the keyboard press what `selector` finds.
fn press_on(browser: &Browser, selector: &str) {
    browser.finds(selector);
    browser.eval("document.querySelector(arguments[0]).focus()", &[selector.into()]);
    browser.press(Key::Enter);
}

#[test]
fn what_leaves_from_under_the_keyboard_hands_the_focus_on() {
    let Some((_house, ida)) = House::with_owner() else { return };
    stocked(&ida);
    visit(&ida, "/app/stock");
    press_on(&ida, "button[aria-label='Use Milk']");
    press_on(&ida, ".toast .word");
    ida.until("document.activeElement.ariaLabel === 'Use Milk'");

    visit(&ida, "/app/scan");
    ida.fill("#field-code", "4012345000009");
    ida.press(Key::Enter);
    ida.fill("#name-scan", "Pencils");
    ida.press(Key::Enter);
    ida.sees("Booked");
    ida.until("document.activeElement.closest('.scan-card')");
    press_on(&ida, ".scan-card .scan-acts button");
    ida.sees("Taken back");
    ida.until("document.activeElement.closest('#main')");

    // The next card, then the heading where none is left.
    visit(&ida, "/app/inbox");
    press_on(&ida, "main li .button.primary");
    ida.sees_no("of Bread was used");
    ida.until("document.activeElement.closest('#main')");
}

#[test]
fn arrows_choose_and_letters_lead() {
    let Some((_house, ida)) = House::with_owner() else { return };
    for (letters, path) in [("gp", "/app/people"), ("gs", "/app/system"), ("gy", "/app/you"), ("gh", "/app/")]
    {
        ida.type_text(letters);
        ida.until(&format!("location.pathname === '{path}'"));
        ida.until("document.activeElement?.localName === 'h1'");
    }
    ida.type_text("gy");
    ida.until("location.pathname === '/app/you'");
    ida.finds("input[name=theme][value=system]");
    ida.eval("document.querySelector('input[name=theme]:checked').focus()", &[]);
    ida.press(Key::Right);
    ida.until("document.documentElement.dataset.theme === 'light'");
    ida.press(Key::Right);
    ida.until("document.documentElement.dataset.theme === 'dark'");
    ida.until("document.activeElement?.value === 'dark'");
}

/// Presses Tab until the focus is on what a screen reader would call `name`.
fn tab_to(browser: &Browser, name: &str) {
    let mut passed = Vec::new();
    for _ in 0..40 {
        browser.press(Key::Tab);
        let here = browser.focus();
        if here == name {
            return;
        }
        passed.push(here);
    }
    panic!("no way to {name} by Tab, which came by {passed:?}")
}
