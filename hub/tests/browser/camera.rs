//! Scanning with a camera: what lies before it is booked once, and seen everywhere.

use std::io::Write as _;
use std::path::PathBuf;

use hearth_hub::kitchen::labels::symbol::Symbol;
use hearth_hub::testing::browser::{self, Browser, Camera};
use hearth_hub::testing::film::{Film, HIGH, WIDE, table};
use hearth_hub::testing::process::folder;
use hearth_hub::testing::raster::Picture;
use serde_json::{Value, json};

use crate::house::{House, ask, faults, move_in, visit};
use crate::kitchen::product;

const JAM: &str = "4006381333931";
const COFFEE: &str = "4012345678901";
const TEA: &str = "5901234123457";
/// From the moment something lies before the camera to the card that says what became of it, in milliseconds. Half of
/// it is promised, and a machine that has nothing else to do needs a quarter of that; this one runs other tests too.
const AT_ONCE: f64 = 1000.0;

fn bars() -> Picture {
    Picture::of(&Symbol::ean_13(JAM).expect("thirteen digits"), 4)
}

pub(crate) fn matrix() -> Picture {
    let elements = format!("010{COFFEE}1749123110AB/7\u{1D}21x7");
    Picture::of(&Symbol::gs1_data_matrix(&elements).expect("elements that fit"), 6)
}

fn link() -> Picture {
    let link = format!("https://id.gs1.org/01/0{TEA}/10/T-1?17=491130");
    Picture::of(&Symbol::qr(&link).expect("a link that fits"), 5)
}

/// A house with these products, and Ida in it, in a browser that sees a film.
pub(crate) fn kitchen(film: Film) -> Option<(House, Browser)> {
    let film = film.file();
    let ida = browser::open_with(Camera::Shows(&film))?;
    let house = House::empty();
    move_in(&ida, &house.link("setup"));
    stock_up(&ida);
    Some((house, ida))
}

fn stock_up(ida: &Browser) {
    for (name, code) in [("Jam", JAM), ("Coffee", COFFEE), ("Tea", TEA)] {
        product(ida, name, code);
    }
}

pub(crate) fn switch_on(ida: &Browser) {
    visit(ida, "/app/scan");
    ida.click_on("Switch the camera on");
    ida.until("document.querySelector('.finder-film')?.readyState >= 2");
}

/// How much there is of each product, by name.
fn stock(ida: &Browser) -> Vec<(String, Value)> {
    let lots = ask(ida, "/api/inventory");
    let lots = lots["items"].as_array().expect("lots").iter();
    let mut there: Vec<_> = lots
        .map(|lot| (lot["product_name"].as_str().unwrap_or_default().to_owned(), lot["quantity"].clone()))
        .collect();
    there.sort_by(|a, b| a.0.cmp(&b.0));
    there
}

/// Notes when something dark comes into the middle of the film, and when a card with a figure comes up.
const WATCH: &str = "
    window.came = []; window.carded = [];
    const film = document.querySelector('.finder-film');
    const small = Object.assign(document.createElement('canvas'), {width: 128, height: 72});
    const pen = small.getContext('2d', {willReadFrequently: true});
    let there = false;
    const look = () => {
        pen.drawImage(film, 0, 0, 128, 72);
        const {data} = pen.getImageData(48, 26, 32, 20);
        const dark = data.some((value, at) => at % 4 === 0 && value < 110);
        if (dark && !there) came.push(performance.now());
        there = dark;
        film.requestVideoFrameCallback(look);
    };
    film.requestVideoFrameCallback(look);
    let card = '';
    new MutationObserver(() => {
        const name = document.querySelector('.scan-card:has(.scan-figure) .scan-name')?.innerText ?? '';
        if (name && name !== card) carded.push([name, performance.now()]);
        card = name;
    }).observe(document.querySelector('#main'), {childList: true, subtree: true, characterData: true});";

/// How many readers the device keeps.
const READERS: &str = "return caches.open('hearth-shell')
    .then(shelf => shelf.matchAll())
    .then(kept => kept.filter(one => one.headers.get('content-type') === 'application/wasm').length)";

#[test]
fn what_lies_before_the_camera_is_booked_once_and_seen_everywhere() {
    let film = Film::new().nothing(25).lies(&bars(), 30).nothing(25);
    let film = film.lies(&matrix(), 30).nothing(25).lies(&link(), 30).nothing(600);
    let Some((house, ida)) = kitchen(film) else { return };
    let jonas = House::with_guest(&ida, "Jonas");
    visit(&jonas, "/app/stock");
    jonas.sees("Nothing in stock yet");
    visit(&ida, "/app/scan");
    ida.until("navigator.serviceWorker.controller?.state === 'activated'");
    assert_eq!(ida.eval(READERS, &[]), 0, "the reader comes with the camera");
    switch_on(&ida);
    ida.eval(WATCH, &[]);
    for name in ["Jam", "Coffee", "Tea"] {
        ida.until(&format!("carded.some(([name]) => name === '{name}')"));
        jonas.sees(name);
    }
    let one = |name: &str| (name.to_owned(), json!(1));
    assert_eq!(stock(&ida), [one("Coffee"), one("Jam"), one("Tea")], "each was in view for seconds");
    let lots = ask(&ida, "/api/inventory");
    let of = |name: &str| {
        lots["items"].as_array().unwrap().iter().find(|lot| lot["product_name"] == name).unwrap()
    };
    let said = |name: &str| ["batch", "serial", "use_by", "best_before"].map(|what| of(name)[what].clone());
    let until = |name: &str, day: &str| said(name).contains(&json!(day));
    assert_eq!(
        (&said("Coffee")[0], &said("Coffee")[1]),
        (&json!("AB/7"), &json!("x7")),
        "the separator is kept"
    );
    assert!(until("Coffee", "2049-12-31") && until("Tea", "2049-11-30"), "{lots}");
    assert_eq!(said("Tea")[0], json!("T-1"));

    let times = ida.eval("return carded.map(([, at], index) => at - came[index])", &[]);
    let times: Vec<f64> = times.as_array().unwrap().iter().filter_map(Value::as_f64).collect();
    let line = times.iter().map(|time| format!("{time:.0}")).collect::<Vec<_>>().join(", ");
    let _ = writeln!(std::io::stderr(), "from before the camera to the card: {line} ms");
    assert!(times.iter().any(|time| *time <= AT_ONCE), "{times:?}");

    let own = [house.url("/"), house.url("/").replace("http:", "ws:")];
    let requests = ida.requests();
    // What the worker asks for is not among them; but no name can be looked up here, and its policy allows our
    // house alone. So the reader came from here, and is at hand from now on.
    assert_eq!(ida.eval(READERS, &[]), 1);
    let strangers: Vec<_> = requests
        .iter()
        .filter(|one| !own.iter().any(|own| one.url.starts_with(own)) && !one.url.starts_with("blob:"))
        .collect();
    assert!(strangers.is_empty(), "{strangers:#?}");
    assert_eq!(faults(&ida), Vec::<String>::new());
}

/// Jam and tea beside each other.
pub(crate) fn two_packs() -> Picture {
    let of = |code| Picture::of(&Symbol::ean_13(code).expect("thirteen digits"), 3);
    let beside = |picture: Picture, code, x| picture.lay(&of(code), (x, HIGH / 2));
    beside(beside(table(), JAM, WIDE / 2 - 230), TEA, WIDE / 2 + 230)
}

#[test]
fn of_two_packs_somebody_says_which() {
    let Some((_house, ida)) = kitchen(Film::new().shows(&two_packs(), 20)) else { return };
    switch_on(&ida);
    ida.sees("Several codes are in view");
    assert_eq!(stock(&ida), []);
    ida.click_on(TEA);
    ida.until("document.querySelector('.scan-name')?.innerText === 'Tea'");
    ida.until(&format!("!document.body.innerText.includes('{TEA}')"));
    assert_eq!(stock(&ida), [("Tea".to_owned(), json!(1))]);
}

/// The film that the page has now.
const FILM: &str = "document.querySelector('.finder-film')?.srcObject?.getVideoTracks()[0]";

#[test]
fn a_camera_that_was_away_is_asked_for_anew_and_let_go_in_the_end() {
    let Some((_house, ida)) = kitchen(Film::new().nothing(10).lies(&bars(), 30).nothing(40)) else { return };
    switch_on(&ida);
    ida.until("document.querySelector('.scan-name')?.innerText === 'Jam'");
    let look = |hidden: bool| {
        let script = "Object.defineProperty(document, 'hidden', {value: arguments[0], configurable: true});
            document.dispatchEvent(new Event('visibilitychange'))";
        ida.eval(script, &[json!(hidden)]);
    };
    ida.eval(&format!("window.before = {FILM}"), &[]);
    look(true);
    ida.until("before.readyState === 'ended'");
    look(false);
    ida.until(&format!("{FILM}?.readyState === 'live' && {FILM} !== before"));
    // An installed app may find a film that has ended by itself.
    ida.eval(
        &format!("window.before = {FILM}; before.stop(); before.dispatchEvent(new Event('ended'))"),
        &[],
    );
    ida.until(&format!("{FILM}?.readyState === 'live' && {FILM} !== before"));
    let scans = "document.querySelectorAll('.scan-card, .compact > li').length";
    ida.eval(&format!("window.counted = {scans}"), &[]);
    ida.until(&format!("{scans} > counted"));
    ida.click_on("One after another");
    ida.click_on("Scan the next one");
    ida.sees("Scan the next one");
    ida.eval(&format!("window.before = {FILM}"), &[]);
    visit(&ida, "/app/stock");
    assert_eq!(ida.eval("return before.readyState", &[]), "ended", "nobody looks any more");
    assert_eq!(faults(&ida), Vec::<String>::new());
}

/// A photograph of a code, as somebody takes it.
fn photograph() -> PathBuf {
    let path = folder("photograph").join("jam.jpg");
    std::fs::write(&path, table().lay(&bars(), (WIDE / 3, HIGH / 3)).jpeg()).expect("a file");
    path
}

#[test]
fn a_camera_that_is_refused_or_missing_leaves_the_photograph() {
    let Some(ida) = browser::open_with(Camera::Refused) else { return };
    let house = House::empty();
    move_in(&ida, &house.link("setup"));
    stock_up(&ida);
    visit(&ida, "/app/scan");
    ida.click_on("Switch the camera on");
    ida.sees("was told not to give its camera");
    ida.click_on("Try again");
    ida.sees("was told not to give its camera");
    assert_eq!(ida.axe(), Vec::<String>::new());
    ida.hand_over("input[type=file]", &photograph());
    ida.until("document.querySelector('.scan-name')?.innerText === 'Jam'");
    let text = folder("photograph").join("letter.jpg");
    std::fs::write(&text, "Dear Ida").expect("a file");
    ida.hand_over("input[type=file]", &text);
    ida.sees("This is no picture that can be read here.");
    let empty = folder("photograph").join("table.jpg");
    std::fs::write(&empty, table().jpeg()).expect("a file");
    ida.hand_over("input[type=file]", &empty);
    ida.sees("No code was found.");
    assert_eq!(stock(&ida), [("Jam".to_owned(), json!(1))]);

    let Some(jonas) = browser::open() else { return };
    crate::house::join(&jonas, &crate::house::invitation(&ida), "Jonas");
    visit(&jonas, "/app/scan");
    jonas.click_on("Switch the camera on");
    jonas.sees("No camera was found on this device.");
}

#[test]
fn an_address_that_is_not_secure_gives_no_camera_and_reads_photographs() {
    let house = House::start(&["--hosts", "kitchen.lan"]);
    let Some(phone) = browser::open_device("kitchen.lan", None) else { return };
    move_in(&phone, &house.link("setup").replace("127.0.0.1", "kitchen.lan"));
    visit(&phone, "/app/scan");
    phone.click_on("Switch the camera on");
    phone.sees("is not secure for this device, so it gives no camera");
    phone.hand_over("input[type=file]", &photograph());
    phone.until("document.querySelector('.scan-name')?.innerText === '4006381333931'");
    phone.click("main .notice a[href='/app/trust']");
    phone.sees("HEARTH_TLS=household");
}
