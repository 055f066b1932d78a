//! Stations and screens: let in by six digits, seen, renamed and sent off.

use hearth_hub::testing::browser::{self, Browser, Key};
use serde_json::json;

use crate::house::{HOUSE, House, at_home, faults, is_live, visit};

/// A station asks to be let in, as its own program would; answers the code it shows.
pub(crate) fn station_asks(page: &Browser, key: &str) -> String {
    let ask = "return fetch('/api/pairing', {
        method: 'POST', credentials: 'omit', headers: {'content-type': 'application/json'},
        body: JSON.stringify({kind: 'station', device_id: arguments[0], name: 'Scanner', version: '1.2.0'}),
    }).then(answer => answer.json()).then(made => made.code)";
    page.eval(ask, &[json!(key)]).as_str().expect("a code").to_owned()
}

/// The code that a screen shows.
pub(crate) fn code_on(screen: &Browser) -> String {
    screen.finds(".code-shown");
    let code = screen.eval("return document.querySelector('.code-shown').innerText.replace(/\\D/g, '')", &[]);
    code.as_str().expect("a code").to_owned()
}

/// Types a code on the devices page.
pub(crate) fn let_in(member: &Browser, code: &str, name: &str) {
    member.until("!document.querySelector('dialog[open]')");
    member.click_on("Add a device");
    member.fill("#field-code", &format!("{} {}", &code[..3], &code[3..]));
    member.fill("#field-name", name);
    member.click_on("Let it in");
    member.sees(&format!("{name} is in"));
}

#[test]
fn a_tablet_becomes_a_screen_on_the_wall_until_it_is_sent_off() {
    let Some((house, ida)) = House::with_owner() else { return };
    let Some(wall) = browser::open() else { return };
    visit(&ida, "/app/devices");
    ida.sees("No devices yet");
    wall.go(&house.url("/app/"));
    wall.click_on("Use as a wall screen");
    let code = code_on(&wall);
    assert_eq!(code.len(), 6, "{code}");
    // The request is there at once, and without the code.
    ida.sees("Asking to be let in");
    assert!(!ida.text().replace(' ', "").contains(&code));
    let_in(&ida, &code, "Kitchen wall");
    wall.sees("Kitchen wall");
    wall.sees("What changed");
    wall.until(&format!("document.title.includes('{HOUSE}')"));
    is_live(&wall);
    let readable = wall.eval("return document.cookie + JSON.stringify(localStorage)", &[]);
    assert!(!readable.as_str().unwrap().contains("hearth_session"), "{readable}");
    assert_eq!(wall.eval("return document.querySelectorAll('nav a.place').length", &[]), 6);
    ida.sees("Here now");
    ida.sees_no("Asking to be let in");

    // A reload finds it signed in still; a new name is seen there.
    wall.reload();
    wall.sees("Stop being a screen");
    ida.fill("#device-name", "Pantry wall");
    ida.click(".pair-detail button[type=submit]");
    ida.sees("Saved");
    wall.sees("Pantry wall");
    ida.click(".pair-detail .danger-quiet");
    ida.sees("Remove Pantry wall?");
    ida.click("dialog[open] .danger");
    ida.sees("No devices yet");
    wall.finds("#field-password");
    assert_eq!((faults(&ida), faults(&wall)), (Vec::<String>::new(), Vec::new()));
}

#[test]
fn a_wrong_code_is_said_beside_it_and_the_keyboard_is_enough() {
    let Some((_house, ida)) = House::with_owner() else { return };
    visit(&ida, "/app/devices");
    // The bar of a phone says so too, where the place is behind “More”.
    ida.until("document.querySelector('.nav .more button').ariaCurrent === 'page'");
    let code = station_asks(&ida, "pi-1");
    ida.sees("Asking to be let in");
    ida.sees("1.2.0");
    ida.click_on("Enter its code");
    ida.until("document.activeElement?.id === 'field-code'");
    let wrong = format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000);
    ida.type_text(&wrong);
    ida.press(Key::Enter);
    ida.sees("No device shows this code.");
    ida.until("document.activeElement?.id === 'field-code'");
    assert_eq!(ida.eval("return document.querySelector('#field-name').value", &[]), "Scanner");
    ida.fill("#field-code", &code);
    ida.press(Key::Enter);
    ida.sees("Scanner is in");
    ida.finds(".pair-detail .danger-quiet");
    ida.sees("Not yet");
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn a_screen_that_is_refused_is_told_and_may_ask_again() {
    let Some((house, ida)) = House::with_owner() else { return };
    let Some(wall) = browser::open() else { return };
    wall.go(&house.url("/app/screen"));
    let first = code_on(&wall);
    visit(&ida, "/app/devices");
    ida.click_on("Refuse");
    ida.click("dialog[open] .danger");
    ida.sees("No devices yet");
    wall.sees("This device was not let in");
    wall.click_on("Show a new code");
    wall.until(&format!(
        "document.querySelector('.code-shown')?.innerText.replace(/\\D/g, '') !== '{first}'"
    ));
    let_in(&ida, &code_on(&wall), "Hall");
    wall.sees("Stop being a screen");
    wall.click_on("Stop being a screen");
    wall.click("dialog[open] .danger");
    wall.finds("#field-password");
    ida.sees("No devices yet");
    visit(&ida, "/app/");
    at_home(&ida);
    ida.sees("The screen Hall was removed");
}
