//! The settings that look outside: the catalogue, who is told what, what is taken along, what is connected, and
//! invented things to try with.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use hearth_hub::testing::browser::{self, Browser, Key};
use hearth_hub::testing::listener::{Listener, Reply};
use hearth_hub::testing::process::{folder, free_port, within};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::house::{House, ask, at_home, faults, is_live, move_in, visit};
use crate::offline::{lose, regain};
use crate::scanning::type_code;

/// Opens one of the screens.
pub(crate) fn look_outside(house: &House, browser: &Browser, screen: &str) {
    browser.go(&house.url(&format!("/app/settings/{screen}")));
    browser.until(
        "document.querySelector('main h1') && !document.querySelector('main .skeleton') && document.querySelector('main h2, main section')",
    );
}

/// The lines of a dump with so many products.
fn lines(products: usize) -> String {
    let mut text = String::new();
    for number in 0..products {
        let digits = format!("400{number:09}");
        let weights = [3, 1].into_iter().cycle();
        let sum: u32 =
            digits.bytes().rev().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
        let row = json!({ "code": format!("{digits}{}", (10 - sum % 10) % 10), "lang": "en",
            "product_name": format!("Thing {number}"), "countries_tags": ["en:germany"] });
        writeln!(text, "{row}").expect("text takes text");
    }
    text
}

/// A dump with so many products.
pub(crate) fn dump(products: usize) -> PathBuf {
    let file = folder("dump").join("products.jsonl");
    std::fs::write(&file, lines(products)).expect("a file can be written");
    file
}

/// A packed dump that is soon sent and takes long to be read.
fn long_dump() -> PathBuf {
    let (file, lines) = (folder("dump").join("long.jsonl.gz"), lines(1_000));
    let mut packed =
        GzEncoder::new(std::fs::File::create(&file).expect("a file can be made"), Compression::fast());
    for _ in 0..2_000 {
        packed.write_all(lines.as_bytes()).expect("a file can be written");
    }
    packed.finish().expect("a file can be ended");
    file
}

/// A listener for calls, and what keeps it alive.
pub(crate) fn listener() -> (Runtime, Listener) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let listener = runtime.block_on(Listener::start());
    (runtime, listener)
}

#[test]
fn a_dump_is_sent_and_taken_in_while_one_watches_and_another_is_stopped() {
    let Some((house, ida)) = House::with_owner() else { return };
    look_outside(&house, &ida, "catalogue");
    ida.sees("No catalogue yet");
    ida.sees("No barcode leaves the house");
    ida.click_on("Take it in");
    ida.sees("Please fill this in.");
    // What is no dump is refused in words, and can be done better.
    let page = folder("page").join("page.jsonl");
    std::fs::write(&page, "<html>Not found</html>").expect("a file can be written");
    ida.hand_over("#field-file", &page);
    ida.click_on("Take it in");
    ida.sees("This is not one of the files of Open Food Facts.");

    // A large one, of which nobody wants to see the end.
    ida.hand_over("#field-file", &long_dump());
    ida.click_on("Take it in");
    ida.sees("Making a catalogue of long.jsonl.gz");
    ida.finds("progress");
    ida.click_on("Stop");
    ida.sees("Stop taking it in?");
    ida.click("dialog[open] .danger");
    ida.sees("Somebody stopped it.");
    assert_eq!(ask(&ida, "/api/catalogue").get("file"), None);

    // How far it is comes by itself, and goes up only.
    ida.eval(
        "window.percents = []; new MutationObserver(() => {
            const bar = document.querySelector('progress');
            if (bar) window.percents.push(bar.value);
        }).observe(document.querySelector('main'), {subtree: true, childList: true, attributes: true})",
        &[],
    );
    ida.fill("#field-country", "de, austria");
    ida.hand_over("#field-file", &dump(30_000));
    ida.click_on("Take it in");
    ida.sees("products.jsonl was taken in");
    ida.sees("30,000");
    ida.sees("Austria");
    let seen = ida.eval("return window.percents.length", &[]);
    assert_ne!(seen, 0, "nothing was seen of the progress");
    let catalogue = ask(&ida, "/api/catalogue");
    assert_eq!(
        (&catalogue["file"]["products"], &catalogue["file"]["countries"]),
        (&json!(30_000), &json!(["en:germany", "en:austria"]))
    );
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn a_name_that_is_found_later_comes_to_the_open_inbox() {
    let Some((house, ida)) = House::with_owner() else { return };
    let known = lines(1);
    let row: Value = serde_json::from_str(&known).expect("a line is an object");
    visit(&ida, "/app/scan");
    type_code(&ida, row["code"].as_str().expect("a number"));
    ida.finds("#name-scan");
    ida.go(&house.url("/app/inbox"));
    ida.until("document.querySelector('main input')?.value === ''");
    ida.eval("window.here = true", &[]);
    let import = "return fetch('/api/catalogue/import?name=a.jsonl', {method: 'POST', body: new Blob([arguments[0]]),
        headers: {'content-type': 'application/octet-stream', 'idempotency-key': crypto.randomUUID()}}).then(one => one.status)";
    assert_eq!(ida.eval(import, &[json!(known)]), 202);
    ida.until("document.querySelector('main input')?.value === 'Thing 0'");
    assert_eq!(ida.eval("return window.here", &[]), true, "without a reload");
    ida.click_on("That is what it is");
    ida.sees("Nothing is waiting");
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn what_somebody_wants_to_hear_of_is_kept_and_a_letter_that_cannot_go_says_why() {
    let Some(ida) = browser::open() else { return };
    // Nobody listens there.
    let mail = format!("smtp+plain://127.0.0.1:{}", free_port());
    let house = House::start(&["--smtp-url", &mail, "--smtp-from", "hearth@house.example"]);
    move_in(&ida, &house.link("setup"));
    look_outside(&house, &ida, "notifications");
    ida.sees("Save your address above first");
    ida.fill("#field-mail", "nowhere");
    ida.click_on("Save");
    ida.finds("#field-mail[aria-invalid=true]");
    ida.fill("#field-mail", "ida@house.example");
    ida.eval("document.querySelector('#field-digest_at').value = '06:15'", &[]);
    ida.click("label:has(> input[name=quiet])");
    ida.finds("#field-quiet_from");
    ida.eval("document.querySelector('#field-quiet_until').value = '05:45'", &[]);
    ida.eval(
        "document.querySelector('input[name=when-question][value=at-once]').closest('label').click()",
        &[],
    );
    ida.click_on("Save");
    ida.sees("Saved");
    let kept = ask(&ida, "/api/notifications/preferences");
    assert_eq!((&kept["mail"], &kept["digest_at"]), (&json!("ida@house.example"), &json!("06:15")));
    assert_eq!(kept["quiet"], json!({ "from": "22:00", "until": "05:45" }));
    let question = json!({ "about": "question", "when": "at-once" });
    assert!(kept["choices"].as_array().is_some_and(|all| all.contains(&question)), "{kept}");
    ida.reload();
    ida.finds("#field-quiet_until");
    let shown = ida.eval(
        "return [...document.querySelectorAll('#field-mail, input[type=time]')].map(one => one.value)",
        &[],
    );
    assert_eq!(shown, json!(["ida@house.example", "06:15", "22:00", "05:45"]));
    ida.until("document.querySelector('input[name=when-question]:checked').value === 'at-once'");

    ida.click_on("Send me a letter");
    ida.sees("The mail service could not be reached.");
    ida.sees("It is tried again");
    // Somebody else was faster, on another device: nothing of theirs is lost.
    let theirs = json!({ "version": kept["version"], "mail": "ida@elsewhere.example" });
    let put =
        "return fetch('/api/notifications/preferences', {method: 'PUT', body: JSON.stringify(arguments[0]),
        headers: {'content-type': 'application/json'}}).then(one => one.status)";
    assert_eq!(ida.eval(put, &[theirs]), 200);
    ida.click_on("Save");
    ida.sees("Somebody changed this in the meantime.");
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn a_program_is_added_called_to_try_paused_and_removed() {
    let Some((house, ida)) = House::with_owner() else { return };
    let (_runtime, robot) = listener();
    look_outside(&house, &ida, "notifications");
    ida.sees("No program is called");
    ida.click_on("Add a program");
    ida.fill("#field-name", "Robot");
    ida.fill("#field-url", "robot");
    ida.click("dialog[open] button[type=submit]");
    ida.finds("#field-url[aria-invalid=true]");
    ida.fill("#field-url", &robot.url);
    ida.click("dialog[open] label:has(> input[value=expired])");
    ida.click("dialog[open] button[type=submit]");
    // Its secret is shown this once.
    ida.sees("Robot was added");
    let secret = ida.eval("return document.querySelector('#webhook-secret').value", &[]);
    assert!(secret.as_str().is_some_and(|secret| secret.len() > 20), "{secret}");
    ida.click_on("I have kept it");
    ida.until("!document.querySelector('dialog[open]')");
    assert!(
        !ida.eval("return document.documentElement.outerHTML", &[])
            .to_string()
            .contains(secret.as_str().expect("text"))
    );
    let kinds = ask(&ida, "/api/notifications/webhooks")["items"][0]["kinds"].clone();
    assert!(
        kinds.as_array().is_some_and(|kinds| kinds.len() == 7 && !kinds.contains(&json!("expired"))),
        "{kinds}"
    );

    ida.click("li.webhook button.button:not(.bare)");
    ida.sees("The program took it.");
    let calls = robot.calls();
    assert_eq!(calls[0].header("hearth-event"), "notification.test");
    assert!(calls[0].header("hearth-signature").starts_with("t="));
    robot.reply(&[Reply::Status(410)]);
    ida.click("li.webhook button.button:not(.bare)");
    ida.sees("It did not arrive. The program refused it.");
    robot.reply(&[Reply::Status(503)]);
    ida.click("li.webhook button.button:not(.bare)");
    ida.sees("The program does not take it now. It is tried again");

    ida.click("li.webhook button[aria-haspopup]");
    ida.click_on("Pause");
    ida.sees("Paused");
    ida.finds("li.webhook button[aria-disabled=true]");
    ida.click("li.webhook button[aria-haspopup]");
    ida.click_on("Change");
    ida.fill("#field-name", "Robot in the cellar");
    ida.click("dialog[open] button[type=submit]");
    ida.sees("Robot in the cellar");
    ida.click("li.webhook button[aria-haspopup]");
    ida.click_on("Remove");
    ida.click("dialog[open] .danger");
    ida.sees("No program is called");
    assert_eq!(ask(&ida, "/api/notifications/webhooks")["items"], json!([]));
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn everything_is_taken_along_and_the_calendar_has_an_address_until_it_is_withdrawn() {
    let Some((house, ida)) = House::with_owner() else { return };
    let away = folder("away");
    ida.cdp("Browser.setDownloadBehavior", &json!({ "behavior": "allow", "downloadPath": away }));
    look_outside(&house, &ida, "export");
    ida.click("main a[href='/api/export.json']");
    ida.click_on("Excel");
    ida.click("main a[href='/api/export/products.csv?bom=true']");
    // The name is taken before there is anything in the file.
    let named = |end: &str| {
        let files = std::fs::read_dir(&away).into_iter().flatten().flatten();
        let mut whole =
            files.filter(|entry| entry.metadata().is_ok_and(|it| it.len() > 0)).map(|it| it.path());
        whole.find(|path| path.to_string_lossy().ends_with(end))
    };
    for end in [".json", ".csv"] {
        assert!(within(Duration::from_secs(30), || named(end).is_some()), "no {end} was downloaded");
    }
    let whole = std::fs::read(named(".json").expect("it is there")).expect("it can be read");
    let whole: Value = serde_json::from_slice(&whole).expect("it is JSON");
    assert_eq!(whole["format"], "hearth-kitchen");
    let table = std::fs::read_to_string(named(".csv").expect("it is there")).expect("it can be read");
    assert!(table.starts_with('\u{feff}'), "{table:.40}");
    // Each file that is offered is there, and none is kept on the device.
    let answers = "return Promise.all([...document.querySelectorAll('main a[download]')].map(link =>
        fetch(link.href).then(one => one.status)))";
    let all = ida.eval(answers, &[]);
    assert!(
        all.as_array().is_some_and(|all| all.len() == 19 && all.iter().all(|status| status == 200)),
        "{all}"
    );
    let kept = "return caches.open('hearth-known').then(known => known.keys())
        .then(all => all.filter(one => one.url.includes('/export')).length)";
    assert_eq!(ida.eval(kept, &[]), 0);

    ida.click_on("Make an address");
    ida.finds("#calendar-address");
    let address = || ida.eval("return document.querySelector('#calendar-address').value", &[]);
    // As a calendar program asks, without anybody's sign-in.
    let opens = |address: &Value| {
        ida.eval(
            "return fetch(arguments[0], {credentials: 'omit', cache: 'no-store'}).then(one => one.status)",
            std::slice::from_ref(address),
        )
    };
    let first = address();
    assert_eq!(opens(&first), 200);
    ida.click_on("Make a new one");
    ida.click("dialog[open] .primary");
    ida.until(&format!("document.querySelector('#calendar-address').value !== {first}"));
    let second = address();
    assert_eq!((opens(&first), opens(&second)), (json!(401), json!(200)));
    ida.click_on("Withdraw");
    ida.click("dialog[open] .danger");
    ida.sees("No address so far");
    assert_eq!(opens(&second), 401);
    ida.until("!document.querySelector('#calendar-address')");
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn an_empty_house_is_furnished_to_try_with_and_cleared_again() {
    let Some((house, ida)) = House::with_owner() else { return };
    let jonas = House::with_guest(&ida, "Jonas");
    jonas.sees("First steps");
    assert!(!jonas.text().contains("Look around with invented things"), "{}", jonas.text());
    ida.go(&house.url("/app/"));
    at_home(&ida);
    ida.sees("Look around with invented things");
    ida.click_on("Put them in");
    ida.sees("What wants attention");
    ida.sees("Use soon");
    // Everybody sees it at once, as the one thing that it was; and what was told before is told still.
    jonas.sees("What wants attention");
    for person in [&ida, &jonas] {
        person.sees(" things put in");
        person.sees("Jonas joined");
        person.until("document.querySelectorAll('.timeline > li').length < 8");
    }
    ida.click_on("About it");
    ida.sees("63 invented products are in your house.");
    ida.click_on("Look at it");
    ida.finds("li.lot");
    let milk = ask(&ida, "/api/products?q=whole%20milk")["items"][0]["id"].clone();
    ida.go(&house.url(&format!("/app/product/{}", milk.as_str().expect("there is milk"))));
    ida.sees("Invented, to try things with.");

    look_outside(&house, &ida, "demo");
    ida.click_on("Clear it away");
    ida.sees("Clear the invented larder away?");
    ida.sees("Your own products, and everything else, stay as they are.");
    ida.click("dialog[open] .danger");
    ida.sees("63 products were cleared away");
    ida.sees("Put it in");
    assert_eq!(ask(&ida, "/api/inventory")["items"], json!([]));
    ida.go(&house.url("/app/"));
    ida.sees("First steps");
    jonas.sees("First steps");
    assert_eq!(faults(&ida), Vec::<String>::new());
    assert_eq!(faults(&jonas), Vec::<String>::new());
}

#[test]
fn what_is_connected_is_for_the_household_and_is_read_out_of_reach() {
    let Some(ida) = browser::open() else { return };
    let house = House::empty();
    let cable = house.cable();
    let there = format!("http://{}", cable.address());
    move_in(&ida, &house.link("setup").replace(&house.url(""), &there));
    ida.until("navigator.serviceWorker.controller?.state === 'activated'");
    for (screen, words) in [
        ("connections", "HEARTH_MQTT_URL"),
        ("catalogue", "No catalogue yet"),
        ("notifications", "Letters to you"),
        ("export", "The whole kitchen"),
        ("demo", "Sixty invented products"),
    ] {
        ida.go(&format!("{there}/app/settings/{screen}"));
        ida.sees(words);
    }
    is_live(&ida);
    lose(&cable, &ida);
    ida.sees("You are offline.");
    ida.sees("This is how things stood");
    ida.click_on("Put it in");
    ida.sees("This can be done once your house answers again.");
    for (screen, words) in [
        ("connections", "HEARTH_MQTT_URL"),
        ("catalogue", "No catalogue yet"),
        ("notifications", "Letters to you"),
        ("export", "The whole kitchen"),
    ] {
        ida.go(&format!("{there}/app/settings/{screen}"));
        ida.sees(words);
        ida.sees("This is how things stood");
        let said = ida.text().matches("This is how things stood").count();
        assert_eq!(said, 1, "{screen}: it is said once");
    }
    // What could not be fetched now is not offered.
    assert_eq!(ida.eval("return document.querySelectorAll('main a[download]').length", &[]), 0);
    regain(&cable, &ida);
    is_live(&ida);
    ida.until("document.querySelectorAll('main a[download]').length > 0");
    ida.press(Key::Escape);
    assert_eq!(faults(&ida), Vec::<String>::new());
}
