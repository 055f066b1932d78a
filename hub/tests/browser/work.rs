//! The house's own work and its backups, as people see them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use hearth_hub::auth::Actor;
use hearth_hub::clock::Clock;
use hearth_hub::error::Error;
use hearth_hub::jobs::{Held, Kind, Pauses, Plan, Reach, Run, chores, nothing};
use hearth_hub::testing::browser::{self, Browser};
use hearth_hub::testing::hub::{Setup, TestHub};
use hearth_hub::testing::large;
use hearth_hub::testing::link::Link;
use hearth_hub::testing::postgres;
use hearth_hub::testing::process::{folder, within};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::house::{House, ask, at_home, faults, invitation, is_live, join, move_in, visit};

/// Goes well once the file that the payload names is gone.
fn errand(_: hearth_hub::app::App, held: Held) -> Run {
    Box::pin(async move {
        let order: Value = held.read()?;
        match order["obstacle"].as_str() {
            Some("never ends") => std::future::pending().await,
            Some(file) if Path::new(file).exists() => {
                let code = if order["code"] == "disk-full" { "disk-full" } else { "backup-unwritable" };
                let detail =
                    "The folder for backups /mnt/usb cannot be used: Read-only file system (os error 30).";
                Err(Error::unavailable(code, detail, 60).into())
            }
            _ => Ok(nothing()),
        }
    })
}

const fn kind(name: &'static str, pauses: Pauses) -> Kind {
    let within = Duration::from_secs(600);
    Kind { name, pauses, within, at_once: 1, reach: Reach::Inward, run: errand }
}

static BACKUP: Kind = kind("house.backup", Pauses(&[]));
static TIDY: Kind = kind("house.tidy", Pauses::PATIENT);
static LETTER: Kind = kind("letters.send", Pauses(&[]));
static KINDS: &[&Kind] = &[&BACKUP, &TIDY, &LETTER, &chores::NEW_DAY];

/// A house in this process, whose work does as the test says.
pub(crate) struct Workshop {
    runtime: Runtime,
    hub: TestHub,
    /// Between the browser and the house.
    cable: Link,
    obstacle: PathBuf,
}

impl Workshop {
    /// With Ida at home in the browser.
    pub(crate) fn with_owner(browser: &Browser) -> Workshop {
        Workshop::start(browser, None)
    }

    fn start(browser: &Browser, database_url: Option<String>) -> Workshop {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let work = Plan { kinds: KINDS, chores: chores::CHORES };
        let setup = Setup { work, database_url, clock: Clock::System, rehearse: false, ..Setup::default() };
        let hub = runtime.block_on(TestHub::start(setup));
        let link = runtime.block_on(hub.app().first_link()).expect("a link can be made");
        let cable = Link::to(hub.address());
        move_in(browser, &link.expect("the house is empty").url(&format!("http://{}", cable.address())));
        let obstacle = folder("workshop").join("obstacle");
        std::fs::write(&obstacle, "in the way").expect("a file can be written");
        Workshop { runtime, hub, cable, obstacle }
    }

    pub(crate) fn lose(&self, browser: &Browser) {
        self.cable.pull();
        browser.go_offline();
        browser.until("document.querySelector('.banner')");
    }

    pub(crate) fn regain(&self, browser: &Browser) {
        self.cable.plug_in();
        browser.go_online();
    }

    fn want(&self, kind: &'static Kind, order: Value) {
        let ask = self.hub.app().db().write(&Actor::System, move |tx| tx.enqueue(kind, &order));
        self.runtime.block_on(ask).expect("it is written down");
    }

    /// Something that does not work as long as the obstacle is there.
    fn fails(&self, kind: &'static Kind, code: &str) {
        self.want(kind, json!({ "obstacle": self.obstacle, "code": code }));
    }

    /// What a house may look like that needs somebody.
    pub(crate) fn has_a_bad_day(&self) {
        self.fails(&LETTER, "disk-full");
        self.fails(&BACKUP, "backup-unwritable");
        self.fails(&TIDY, "disk-full");
        let order = json!({ "obstacle": "never ends" });
        self.want(&BACKUP, order.clone());
        self.want(&LETTER, order.clone());
        self.want(&LETTER, order);
    }

    /// So many products, each with something of it in the first place of the house.
    pub(crate) fn has_much(&self, browser: &Browser, products: i64) {
        let place = ask(browser, "/api/places")["items"][0]["id"].clone();
        let place = serde_json::from_value(place).expect("a house has places");
        self.runtime.block_on(large::fill(&self.hub, place, products));
    }

    /// Backups of the last nights and weeks, as far as their names go.
    pub(crate) fn has_backups(&self, hours: &[i64]) {
        let folder = self.hub.app().settings().backup_folder();
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        for (size, hour) in (4_100_000_u64..).step_by(37_000).zip(hours) {
            let at = self.hub.now().plus_seconds(-hour * 3600 - 600);
            let name = hearth_hub::backup::retention::name_of(at);
            let file = std::fs::File::create(folder.join(name)).expect("a file can be made");
            file.set_len(size).expect("a file can be long");
        }
    }
}

/// Goes to a screen that the system page leads to.
pub(crate) fn visit_behind(browser: &Browser, path: &str) {
    visit(browser, "/app/system");
    browser.click(&format!("main a[href='{path}']"));
    browser.until(&format!("location.pathname === {}", Value::from(path)));
    browser.until(
        "document.querySelector('main .columns, main h2') && !document.querySelector('main .skeleton')",
    );
}

const WORK: &str = "/app/system/work";
const BACKUPS: &str = "/app/system/backups";

#[test]
fn what_failed_is_shown_tried_again_and_dropped_on_every_screen() {
    let Some(ida) = browser::open() else { return };
    let shop = Workshop::with_owner(&ida);
    let jonas = browser::open().expect("where there is one browser there are two");
    join(&jonas, &invitation(&ida), "Jonas");
    visit_behind(&ida, WORK);
    ida.sees("Nothing has failed");
    ida.sees("Every hour");
    ida.sees("Tidying away old things");

    shop.fails(&LETTER, "disk-full");
    ida.sees("letters.send");
    ida.sees("The disk is full.");
    ida.sees("Tried once");
    // Whoever is elsewhere is led there.
    jonas.sees("1 thing did not work and waits for you");
    jonas.click("main a[href='/app/system/work']");
    jonas.sees("The disk is full.");
    std::fs::remove_file(&shop.obstacle).expect("the obstacle can be taken away");
    jonas.click_on("Try again");
    jonas.sees("Nothing has failed");
    ida.sees("Nothing has failed");

    std::fs::write(&shop.obstacle, "").expect("a file can be written");
    shop.fails(&BACKUP, "backup-unwritable");
    jonas.sees("The folder for backups cannot be written to.");
    ida.sees("The folder for backups cannot be written to.");
    ida.click_on("Drop");
    ida.sees("Drop this?");
    ida.click("dialog[open] .danger");
    ida.sees("Nothing has failed");
    jonas.sees("Nothing has failed");
    visit(&jonas, "/app/");
    jonas.sees_no("did not work and waits for you");
    assert_eq!(faults(&ida), Vec::<String>::new());
    assert_eq!(faults(&jonas), Vec::<String>::new());
}

#[test]
fn work_is_read_out_of_reach_and_not_touched() {
    let Some(ida) = browser::open() else { return };
    let shop = Workshop::with_owner(&ida);
    ida.until("navigator.serviceWorker.controller?.state === 'activated'");
    shop.fails(&LETTER, "disk-full");
    visit_behind(&ida, WORK);
    ida.sees("The disk is full.");
    shop.lose(&ida);
    ida.sees("This is how things stood today");
    ida.click_on("Try again");
    ida.sees("This can be done once your house answers again.");
    ida.reload();
    ida.sees("The disk is full.");
    ida.sees("This is how things stood today");
    shop.regain(&ida);
    is_live(&ida);
    ida.until("document.querySelector('main .actions .button[aria-disabled=false]')");
    ida.sees_no("This is how things stood");
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn a_backup_is_made_listed_and_taken_away() {
    let Some((_house, ida)) = House::with_owner() else { return };
    let away = folder("away");
    ida.cdp("Browser.setDownloadBehavior", &json!({ "behavior": "allow", "downloadPath": away }));
    visit_behind(&ida, BACKUPS);
    ida.sees("No backup yet");
    // A new house is not told off for what comes in the night.
    ida.sees("The first one comes in the night");
    ida.sees("hearth-hub restore hearth.tar");
    ida.click_on("Back up now");
    ida.sees("Well kept");
    ida.until("document.querySelectorAll('main a[download]').length === 1");
    ida.sees("just now");
    ida.until("document.querySelector('main .button.primary[aria-disabled=false]')");
    let listed = ask(&ida, "/api/backups")["items"][0].clone();
    let name = listed["name"].as_str().expect("a backup has a name");
    ida.sees(name);

    // The link leads past what is kept on the device, to the whole archive.
    let taken = "const link = document.querySelector('main a[download]');
        return fetch(link.href).then(async answer => [link.download, (await answer.arrayBuffer()).byteLength,
            answer.headers.get('content-disposition')])";
    let wanted = json!([name, listed["bytes"], format!("attachment; filename=\"{name}\"")]);
    assert_eq!(ida.eval(taken, &[]), wanted);
    let kept = "return caches.open('hearth-known').then(known => known.keys())
        .then(all => all.filter(one => one.url.endsWith('.tar')).length)";
    assert_eq!(ida.eval(kept, &[]), 0);
    ida.click("main a[download]");
    let file = away.join(name);
    let there = || file.metadata().is_ok_and(|it| it.len() == listed["bytes"]);
    assert!(within(Duration::from_secs(30), there), "{listed} is not in {}", away.display());
    assert_eq!(&std::fs::read(&file).expect("what was downloaded can be read")[257..262], b"ustar");
    ida.until("location.pathname === '/app/system/backups'");
    visit(&ida, "/app/system");
    ida.sees("Last one just now");
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn a_backup_that_does_not_work_says_why() {
    let Some(ida) = browser::open() else { return };
    let shop = Workshop::with_owner(&ida);
    shop.has_backups(&[80]);
    visit(&ida, "/app/system");
    ida.sees("Last one 3 days ago");
    visit_behind(&ida, BACKUPS);
    ida.sees("Older than three days");
    shop.fails(&BACKUP, "backup-unwritable");
    ida.sees("The last backup did not work.");
    ida.click_on("See what failed");
    ida.sees("The folder for backups cannot be written to.");
    shop.want(&BACKUP, json!({ "obstacle": "never ends" }));
    visit_behind(&ida, BACKUPS);
    ida.sees("A backup is being made.");
    ida.until("document.querySelector('main .button.primary[aria-disabled=true]')");
}

#[test]
fn backups_are_for_owners() {
    let Some((house, ida)) = House::with_owner() else { return };
    let jonas = House::with_guest(&ida, "Jonas");
    visit(&jonas, "/app/system");
    jonas.sees("Behind the scenes");
    jonas.sees("Nothing has failed");
    assert!(!jonas.text().contains("Backups"), "{}", jonas.text());
    jonas.go(&house.url(BACKUPS));
    jonas.sees("You are signed in, but this is not for you to do.");
    assert_eq!(faults(&jonas), Vec::<String>::new());
    visit(&jonas, "/app/");
    at_home(&jonas);
}

#[test]
fn a_house_in_postgresql_says_how_it_is_saved() {
    let Some(ida) = browser::open() else { return };
    let Some(database) = postgres::database() else { return };
    let _shop = Workshop::start(&ida, Some(database.url()));
    visit(&ida, "/app/system");
    ida.sees("Kept in PostgreSQL");
    visit_behind(&ida, BACKUPS);
    ida.sees("pg_dump");
    assert!(!ida.text().contains("Back up now"), "{}", ida.text());
}
