//! Every screen at every size in both themes: what axe says of it, whether it fits, whether a finger
//! hits what is on it, and what it looks like.

#[path = "screens/scanning.rs"]
mod scanning;
#[path = "screens/settings.rs"]
mod settings;

use std::fmt::Write as _;
use std::path::PathBuf;

use hearth_hub::testing::browser::{self, Browser, Key, SCREENSHOTS, Theme, Width};
use serde_json::{Value, json};

use crate::house::{House, PASSWORD, at_home, faults, invitation, sign_in, visit};
use crate::kitchen::stocked;
use crate::outside::{dump, listener, look_outside};
use crate::receipts::{PAPER, screen_of, sent};
use crate::work::{Workshop, visit_behind};

/// What a finger needs in both directions, in CSS pixels.
const FINGER: f64 = 44.0;

/// Everything to press that is smaller than a finger. Links in running text are exempt, and what is
/// drawn elsewhere (a radio button stands behind its label) is measured there.
const SMALL: &str = "
    const room = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document;
    return [...room.querySelectorAll('a[href], button, input, select, summary')]
        .filter(one => one.checkVisibility({visibilityProperty: true}) && getComputedStyle(one).display !== 'inline')
        .map(one => one.matches('[type=radio], [type=checkbox]') ? one.closest('label') ?? one : one)
        .map(one => [one, one.getBoundingClientRect()])
        .filter(([, box]) => box.width > 1 && box.bottom > 0 && Math.min(box.width, box.height) < arguments[0] - 0.5)
        .map(([one, box]) => `${one.localName} “${(one.ariaLabel || one.innerText || one.id).trim()}” `
            + `${Math.round(box.width)} × ${Math.round(box.height)}`)";

/// What sticks out of the window sideways.
const WIDE: &str = "
    const room = document.documentElement;
    if (room.scrollWidth <= innerWidth) return [];
    return [...document.querySelectorAll('body *')]
        .filter(one => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1)
        .slice(0, 5).map(one => `${one.localName}.${one.className} to ${one.getBoundingClientRect().right} of ${innerWidth}`)";

/// Waits until what was changed is drawn.
const SETTLED: &str = "return document.fonts.ready.then(() => new Promise(done =>
    requestAnimationFrame(() => requestAnimationFrame(() => done(true)))))";

/// A walk through screens that remembers what was wrong with each.
struct Tour<'a> {
    name: &'static str,
    browser: &'a Browser,
    shots: Vec<String>,
    found: Vec<String>,
}

impl<'a> Tour<'a> {
    fn new(name: &'static str, browser: &'a Browser) -> Self {
        Tour { name, browser, shots: Vec::new(), found: Vec::new() }
    }

    /// Looks at what is on the screen, at each size and in each theme.
    fn look(&mut self, screen: &str) {
        for width in Width::ALL {
            self.browser.resize(width);
            for theme in Theme::ALL {
                self.browser.prefer(theme);
                self.look_once(screen, width, theme);
            }
        }
        self.look_large(screen);
        self.browser.resize(Width::Desk);
        self.browser.prefer(Theme::Light);
        let faults = faults(self.browser);
        self.found.extend(faults.into_iter().map(|fault| format!("{screen}: on the console: {fault}")));
    }

    fn look_once(&mut self, screen: &str, width: Width, theme: Theme) {
        let browser = self.browser;
        browser.eval(SETTLED, &[]);
        let shot = format!("{}-{screen}-{}-{}", self.name, width.size().0, theme.name());
        let mut found = self.axe(width, theme);
        if theme == Theme::Light {
            let small = browser.eval(SMALL, &[json!(FINGER)]);
            found.extend(lines(&small).map(|line| format!("smaller than a finger: {line}")));
            found.extend(lines(&browser.eval(WIDE, &[])).map(|line| format!("too wide: {line}")));
        }
        self.found.extend(found.into_iter().map(|line| format!("{shot}: {line}")));
        browser.screenshot(&shot);
        self.shots.push(shot);
    }

    /// What axe says. All that hangs on the theme are colours; what a tablet shows, a phone or a desk shows as well; and
    /// a page of thousands of elements is long because it repeats itself.
    fn axe(&self, width: Width, theme: Theme) -> Vec<String> {
        let long = "return document.querySelectorAll('*').length > 3000";
        match (width, theme) {
            (Width::Phone, Theme::Light) => self.browser.axe(),
            (Width::Desk, Theme::Dark) => self.browser.axe_of_colours(),
            (Width::Tablet, Theme::Dark) => Vec::new(),
            _ if self.browser.eval(long, &[]) == Value::Bool(true) => Vec::new(),
            (Width::Desk, Theme::Light) => self.browser.axe(),
            (Width::Phone, Theme::Dark) | (Width::Tablet, Theme::Light) => self.browser.axe_of_colours(),
        }
    }

    /// On a phone whose letters are twice as large nothing sticks out either.
    fn look_large(&mut self, screen: &str) {
        self.browser.resize(Width::Phone);
        self.browser.eval("document.documentElement.style.fontSize = '200%'", &[]);
        self.browser.eval(SETTLED, &[]);
        let wide = self.browser.eval(WIDE, &[]);
        self.browser.eval("document.documentElement.style.fontSize = ''", &[]);
        let name = self.name;
        self.found
            .extend(lines(&wide).map(|line| format!("{name}-{screen} in large letters: too wide: {line}")));
    }

    /// Draws the contact sheet and fails the test with everything that was found.
    fn end(self) {
        self.sheet();
        assert!(self.found.is_empty(), "{} faults\n{}", self.found.len(), self.found.join("\n"));
    }

    /// One row for each screen, its sizes and themes side by side.
    fn sheet(&self) {
        let Some(folder) = std::env::var_os(SCREENSHOTS).map(PathBuf::from) else { return };
        let mut page = String::from(
            "<!doctype html><meta charset=utf-8><style>
             body { margin: 16px; background: #888; display: grid; gap: 16px; font: 14px sans-serif;
                    grid-template-columns: repeat(2, 195px) repeat(2, 290px) repeat(2, 450px); align-items: start }
             figure { margin: 0 } img { width: 100%; display: block }</style>",
        );
        for shot in &self.shots {
            write!(page, "<figure><img src='{shot}.png'><figcaption>{shot}</figcaption></figure>")
                .expect("text takes text");
        }
        let file = folder.join(format!("sheet-{}.html", self.name));
        std::fs::write(&file, page).expect("the sheet can be written");
        self.browser.go(&format!("file://{}", file.canonicalize().expect("the sheet is there").display()));
        let size = |height: &Value| json!({"width": 2000, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.browser.cdp("Emulation.setDeviceMetricsOverride", &size(&json!(1000)));
        let height = self.browser.eval("return document.documentElement.scrollHeight", &[]);
        self.browser.cdp("Emulation.setDeviceMetricsOverride", &size(&height));
        self.browser.screenshot(&format!("sheet-{}", self.name));
        contents(&folder);
    }
}

/// One page over the sheets of all walks; each walk writes it anew with those that are there.
fn contents(folder: &std::path::Path) {
    let names = std::fs::read_dir(folder).expect("the folder is there").filter_map(|entry| {
        let name = entry.ok()?.file_name().into_string().ok()?;
        name.strip_prefix("sheet-")?.strip_suffix(".html").map(str::to_owned)
    });
    let mut page = String::from(
        "<!doctype html><meta charset=utf-8><title>Every screen</title>
         <style>body { font: 16px sans-serif; background: #888 } img { width: 100% }</style>",
    );
    for name in names.collect::<std::collections::BTreeSet<_>>() {
        write!(page, "<h2><a href='sheet-{name}.html'>{name}</a></h2><img src='sheet-{name}.png'>")
            .expect("text takes text");
    }
    std::fs::write(folder.join("index.html"), page).expect("the contents can be written");
}

fn lines(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

#[test]
fn at_the_door() {
    let Some(browser) = browser::open() else { return };
    let (house, demo) = (House::empty(), House::demo());
    let mut tour = Tour::new("door", &browser);
    browser.go(&house.url("/app/"));
    browser.sees("Nobody lives here yet");
    tour.look("nobody-yet");
    browser.go(&house.url("/app/join#nonsense"));
    browser.sees("This link no longer works");
    tour.look("link-unknown");
    browser.go(&house.link("setup"));
    browser.finds("#field-house_name");
    tour.look("set-up");
    browser.click_on("Move in");
    browser.sees("Please fill this in.");
    tour.look("set-up-missing");
    browser.go(&demo.link("enter"));
    browser.sees("Come in");
    tour.look("enter");
    browser.go(&demo.url("/app/"));
    browser.finds("#field-password");
    tour.look("sign-in");
    sign_in(&browser, "Somebody", "wrong password");
    browser.sees("Name and password do not go together.");
    tour.look("sign-in-wrong");
    tour.end();
}

#[test]
fn in_the_house() {
    let Some((house, ida)) = House::with_owner() else { return };
    let mut tour = Tour::new("house", &ida);
    tour.look("home-alone");
    let _jonas = House::with_guest(&ida, "Jonas");
    let _maria = House::with_guest(&ida, "Maria Concepción Wolkenstein-Oberhuber");
    let link = invitation(&ida);
    tour.look("people");
    visit(&ida, "/app/");
    at_home(&ida);
    tour.look("home");
    for place in ["you", "system"] {
        visit(&ida, &format!("/app/{place}"));
        ida.until("!document.querySelector('main .skeleton')");
        tour.look(place);
    }
    visit(&ida, "/app/people");
    ida.click_on("Jonas");
    ida.finds(".pair-detail .danger-quiet");
    tour.look("person");
    ida.go(&house.url("/app/cellar"));
    ida.sees("There is nothing at this address.");
    tour.look("not-found");
    ida.go(&link);
    ida.finds("#field-name");
    tour.look("join");
    ida.go(&house.url("/api/docs"));
    ida.finds("main h1");
    tour.look("docs");
    tour.end();
}

#[test]
fn devices_of_the_house() {
    let Some((house, ida)) = House::with_owner() else { return };
    let mut tour = Tour::new("devices", &ida);
    visit(&ida, "/app/devices");
    ida.sees("No devices yet");
    tour.look("none");
    crate::devices::station_asks(&ida, "pi-1");
    ida.sees("Asking to be let in");
    tour.look("asking");
    let code = crate::devices::station_asks(&ida, "pi-2");
    ida.click_on("Add a device");
    ida.fill("#field-code", "12");
    ida.fill("#field-name", "By the fridge");
    ida.click_on("Let it in");
    ida.finds("#field-code[aria-invalid=true]");
    tour.look("add-wrong");
    ida.fill("#field-code", &code);
    ida.fill("#field-place", "Kitchen");
    ida.click_on("Let it in");
    ida.sees("By the fridge is in");
    ida.finds(".pair-detail .danger-quiet");
    tour.look("device");
    ida.click(".pair-detail .danger-quiet");
    ida.sees("Remove By the fridge?");
    tour.look("remove");
    ida.press(Key::Escape);
    ida.go_offline();
    ida.sees("You are offline.");
    tour.look("offline");
    ida.go_online();

    let Some(wall) = browser::open() else { return };
    let mut there = Tour::new("wall", &wall);
    wall.go(&house.url("/app/screen"));
    wall.finds(".code-shown");
    there.look("code");
    crate::devices::let_in(&ida, &crate::devices::code_on(&wall), "Kitchen wall");
    wall.sees("Stop being a screen");
    there.look("home");
    tour.end();
    there.end();
}

#[test]
fn stations_and_what_is_printed_for_them() {
    let Some((house, ida)) = House::with_owner() else { return };
    let milk = stocked(&ida);
    let (fridge, _cellar) =
        (crate::stations::station(&ida, "Fridge door"), crate::stations::station(&ida, "Cellar"));
    let mut tour = Tour::new("stations", &ida);
    let turn = json!({ "station_id": fridge.id, "mode": "consume" });
    crate::kitchen::tell(&ida, "POST", "/api/scanner/mode", &turn);
    let card = hearth_shared::gs1::command(hearth_shared::gs1::Verb::Quantity, "2").expect("a card");
    for code in [crate::kitchen::MILK, crate::kitchen::UNKNOWN, &card, "10L8"] {
        fridge.scan(&ida, code);
    }
    ida.go(&house.url(&format!("/app/devices/{}", fridge.id)));
    ida.sees("Scanned last");
    ida.until("document.querySelectorAll('.scan-row').length > 2");
    tour.look("station");
    ida.click(".pair-detail .folded summary");
    ida.finds("#field-usual-mode");
    ida.click_on("The same at all stations");
    ida.sees("Change all 2 stations?");
    tour.look("all");
    ida.press(Key::Escape);
    for what in ["commands", "places", "scanner-test"] {
        ida.go(&house.url(&format!("/app/labels/{what}")));
        ida.finds("img.print-sheet");
        tour.look(what);
    }
    ida.go(&house.url(&format!("/app/labels/lots/{milk}")));
    ida.finds("img.print-sheet");
    tour.look("lots-of-milk");
    visit(&ida, "/app/you");
    ida.click_on("Deutsch");
    ida.until("document.documentElement.lang === 'de'");
    ida.go(&house.url("/app/labels/lots"));
    ida.sees("Wähle, was ein Etikett bekommt");
    tour.look("lots-in-german");
    ida.go(&house.url(&format!("/app/devices/{}", fridge.id)));
    ida.sees("Zuletzt gescannt");
    ida.until("document.querySelectorAll('.scan-row').length > 2");
    tour.look("station-in-german");
    tour.end();
}

#[test]
fn over_the_house() {
    let Some((_house, ida)) = House::with_owner() else { return };
    let _jonas = House::with_guest(&ida, "Jonas");
    let mut tour = Tour::new("over", &ida);
    visit(&ida, "/app/people");
    ida.click_on("Invite");
    ida.sees("Make the link");
    tour.look("invite");
    ida.click_on("Make the link");
    ida.finds("#share-link");
    tour.look("invite-link");
    ida.press(Key::Escape);
    ida.click_on("Jonas");
    ida.click(".pair-detail .danger-quiet");
    ida.sees("Remove Jonas?");
    tour.look("remove");
    ida.click_on("Cancel");
    visit(&ida, "/app/you");
    ida.click_on("Change password");
    ida.fill("#field-current", "not my password");
    ida.fill("#field-new", PASSWORD);
    ida.click("dialog[open] button[type=submit]");
    ida.finds("#field-current[aria-invalid=true]");
    tour.look("password-wrong");
    ida.press(Key::Escape);
    ida.type_text("?");
    ida.sees("Show this list");
    tour.look("keys");
    ida.press(Key::Escape);
    ida.click("hearth-live button");
    ida.finds(".live-popover:popover-open");
    tour.look("live");
    ida.press(Key::Escape);
    ida.go_offline();
    ida.sees("You are offline.");
    tour.look("offline");
    ida.go_online();
    tour.end();
}

#[test]
fn the_rail_shows_all_its_places_in_a_low_window() {
    let Some((_house, ida)) = House::with_owner() else { return };
    for (wide, high) in [(820, 900), (1024, 768), (1180, 820), (1280, 720)] {
        let size = json!({ "width": wide, "height": high, "deviceScaleFactor": 1, "mobile": false });
        ida.cdp("Emulation.setDeviceMetricsOverride", &size);
        ida.until(&format!("innerHeight === {high}"));
        let places = "[...document.querySelectorAll('.nav a.place')].map(one => one.getBoundingClientRect())";
        // Each can be seen and, with a finger, be met.
        ida.until(&format!("{places}.every(one => one.height >= 44 && one.bottom <= innerHeight)"));
        ida.until("document.querySelector('.nav .live-dot').getBoundingClientRect().bottom <= innerHeight");
    }
}

#[test]
fn in_the_kitchen() {
    let Some(ida) = browser::open() else { return };
    let house = House::demo();
    ida.go(&house.link("enter"));
    ida.click_on("Come in");
    at_home(&ida);
    let mut tour = Tour::new("kitchen", &ida);
    ida.finds("#kitchen-head");
    ida.until("!document.querySelector('main .skeleton')");
    tour.look("home");
    let milk = stocked(&ida);
    visit(&ida, "/app/stock");
    ida.finds("li.lot");
    tour.look("stock");
    for place in ["scan", "shopping", "inbox"] {
        visit(&ida, &format!("/app/{place}"));
        ida.until("!document.querySelector('main .skeleton')");
        tour.look(place);
    }
    ida.go(&house.url(&format!("/app/product/{milk}")));
    ida.sees("What happened to it");
    ida.sees("What it cost");
    tour.look("product");
    ida.eval("document.querySelectorAll('main details').forEach(one => { one.open = true })", &[]);
    ida.click("#change-product");
    ida.finds("#product-form");
    tour.look("product-changing");
    ida.click_on("More about Milk");
    ida.click_on("It is the same as another");
    ida.finds("dialog[open] .card-row");
    tour.look("merge");
    ida.press(Key::Escape);
    ida.click("li.lot .lot-acts button[aria-haspopup]");
    ida.click_on("Move it");
    ida.finds("#field-quantity");
    tour.look("move");
    ida.press(Key::Escape);
    ida.click(".story button");
    ida.sees("This is what would change");
    tour.look("take-back");
    tour.end();
}

#[test]
fn over_receipts() {
    let Some(ida) = browser::open() else { return };
    let house = House::demo();
    ida.go(&house.link("enter"));
    ida.click_on("Come in");
    at_home(&ida);
    let mut tour = Tour::new("receipts", &ida);
    visit(&ida, "/app/receipts");
    ida.sees("To check");
    tour.look("list");
    let rows = ida.eval("return document.querySelectorAll('.receipt-row').length", &[]);
    ida.hand_over("#receipt-file", &picture());
    ida.until(&format!("document.querySelectorAll('.receipt-row').length === {rows} + 1"));
    let unread = ida.eval("return document.querySelector('.receipt-row a').pathname", &[]);
    ida.click(".receipt-row:nth-of-type(2) a");
    ida.sees("2 lines still ask something");
    tour.look("to-check");
    ida.click(".asking .line-open");
    ida.finds(".line-form");
    tour.look("line");
    ida.click(".line-form .line-product");
    ida.finds("dialog[open] .card-row");
    tour.look("product");
    // Escape empties a field of search before it closes what it stands in.
    ida.click("dialog[open] [aria-label=Close]");
    ida.click_on("Cancel");
    ida.click("#confirm-receipt");
    ida.sees("Look at them");
    tour.look("asking");
    ida.press(Key::Escape);
    ida.click("#change-receipt");
    ida.sees("Put it right");
    tour.look("head");
    ida.go(&house.url(unread.as_str().expect("an address")));
    ida.finds(".paper-frame");
    ida.sees("It could not be read");
    tour.look("with-its-picture");
    visit(&ida, "/app/receipts");
    ida.click(".receipt-row:nth-of-type(4) a");
    ida.sees("things were booked");
    tour.look("booked");
    visit(&ida, "/app/receipts");
    ida.go_offline();
    ida.sees("You are offline.");
    tour.look("offline");
    ida.go_online();
    tour.end();
}

/// A photograph with nothing to read on it.
fn picture() -> PathBuf {
    let path = hearth_hub::testing::process::folder("photograph").join("wall.jpg");
    std::fs::write(&path, hearth_hub::testing::pictures::jpeg(400, 900)).expect("a file can be written");
    path
}

#[test]
fn in_a_german_kitchen() {
    let Some((_house, ida)) = House::with_owner() else { return };
    let milk = stocked(&ida);
    visit(&ida, "/app/you");
    ida.click_on("Deutsch");
    ida.until("document.documentElement.lang === 'de'");
    let mut tour = Tour::new("german", &ida);
    visit(&ida, "/app/");
    ida.sees("Was Aufmerksamkeit braucht");
    ida.sees("Bald verbrauchen");
    tour.look("home");
    visit(&ida, "/app/stock");
    ida.click("li.lot a");
    ida.sees("Was damit geschah");
    ida.until(&format!("location.pathname === '/app/product/{milk}'"));
    tour.look("product");
    let path = sent(&ida, PAPER);
    visit(&ida, "/app/receipts");
    ida.sees("Zu prüfen");
    tour.look("receipts");
    ida.click(&format!("main a[href='{}']", screen_of(&path)));
    ida.sees("Die Zeilen ergeben die Summe");
    ida.click(".line-open");
    ida.finds(".line-form");
    tour.look("receipt");
    tour.end();
}

#[test]
fn outside_the_house() {
    let Some((house, ida)) = House::with_owner() else { return };
    let mut tour = Tour::new("outside", &ida);
    for screen in ["catalogue", "notifications", "export", "connections", "demo"] {
        look_outside(&house, &ida, screen);
        tour.look(&format!("{screen}-empty"));
    }
    ida.click_on("Put it in");
    ida.sees("63 invented products are in your house.");
    tour.look("demo");
    ida.click_on("Clear it away");
    ida.sees("Clear the invented larder away?");
    tour.look("demo-clear");
    ida.press(Key::Escape);
    look_outside(&house, &ida, "catalogue");
    ida.hand_over("#field-file", &dump(2_000));
    ida.click_on("Take it in");
    ida.sees("was taken in");
    tour.look("catalogue");
    let (_runtime, robot) = listener();
    look_outside(&house, &ida, "notifications");
    ida.click_on("Add a program");
    ida.fill("#field-name", "Robot");
    ida.fill("#field-url", &robot.url);
    tour.look("program");
    ida.click("dialog[open] button[type=submit]");
    ida.sees("Robot was added");
    tour.look("program-secret");
    ida.click_on("I have kept it");
    ida.click("li.webhook button.button:not(.bare)");
    ida.sees("The program took it.");
    ida.click("label:has(> input[name=quiet])");
    tour.look("notifications");
    look_outside(&house, &ida, "export");
    ida.click_on("Make an address");
    ida.finds("#calendar-address");
    ida.click("main summary");
    tour.look("export");
    ida.go(&house.url("/app/you"));
    ida.click_on("Deutsch");
    ida.until("document.documentElement.lang === 'de'");
    for screen in ["catalogue", "notifications", "export", "connections", "demo"] {
        look_outside(&house, &ida, screen);
        tour.look(&format!("{screen}-german"));
    }
    tour.end();
}

#[test]
fn behind_the_scenes() {
    let Some(ida) = browser::open() else { return };
    let shop = Workshop::with_owner(&ida);
    let mut tour = Tour::new("behind", &ida);
    let (work, backups) = ("/app/system/work", "/app/system/backups");
    visit_behind(&ida, work);
    ida.sees("Nothing has failed");
    tour.look("work-empty");
    visit_behind(&ida, backups);
    ida.sees("No backup yet");
    tour.look("backups-empty");
    shop.has_backups(&[6, 30, 54, 78, 102, 126, 150, 321, 489]);
    shop.has_a_bad_day();
    visit_behind(&ida, work);
    ida.until("document.querySelectorAll('main .reason').length === 2");
    ida.sees("Running");
    tour.look("work");
    visit_behind(&ida, backups);
    ida.sees("Well kept");
    tour.look("backups");
    visit(&ida, "/app/system");
    ida.sees("Last one 6 hours ago");
    tour.look("system");
    visit(&ida, "/app/");
    at_home(&ida);
    ida.sees("2 things did not work and wait for you");
    tour.look("home");
    visit(&ida, "/app/you");
    ida.click_on("Deutsch");
    ida.until("document.documentElement.lang === 'de'");
    visit_behind(&ida, work);
    ida.sees("Altes wegräumen");
    ida.click("main summary");
    tour.look("work-in-german");
    visit_behind(&ida, backups);
    ida.sees("Gut gesichert");
    shop.lose(&ida);
    ida.sees("So stand es heute");
    tour.look("backups-in-german-offline");
    shop.regain(&ida);
    tour.end();
}
