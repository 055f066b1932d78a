//! A house for one test: the real binary on a folder of its own, and the people who live in it.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use hearth_hub::testing::browser::{self, Browser};
use hearth_hub::testing::link::Link;
use hearth_hub::testing::process::{Server, Signal, folder, free_port, within};
use serde_json::{Value, json};

pub(crate) const HOUSE: &str = "Linden Street 4";
pub(crate) const PASSWORD: &str = "rye bread and butter";

pub(crate) struct House {
    address: SocketAddr,
    home: PathBuf,
    _server: Server,
}

impl House {
    /// An empty house.
    pub(crate) fn empty() -> House {
        House::start(&[])
    }

    /// A house with an invented household in it.
    pub(crate) fn demo() -> House {
        House::start(&["--demo"])
    }

    pub(crate) fn start(flags: &[&str]) -> House {
        let home = folder("house");
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let mut args: Vec<String> = vec!["serve".into(), "--listen".into(), address.to_string()];
        args.extend(["--data".into(), home.join("data").display().to_string()]);
        args.extend(flags.iter().map(|flag| (*flag).to_owned()));
        let binary = Path::new(env!("CARGO_BIN_EXE_hearth-hub"));
        let mut server = Server::start(binary, &args, None, &home.join("log"), Signal::Terminate)
            .expect("the hub can be run");
        let up = within(Duration::from_secs(60), || !server.runs() || TcpStream::connect(address).is_ok());
        assert!(up && server.runs(), "the hub did not start: {}", server.last_words());
        House { address, home, _server: server }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The link to this door that the hub printed when it started.
    pub(crate) fn link(&self, door: &str) -> String {
        let wanted = format!("/app/{door}#");
        let mut found = None;
        within(Duration::from_secs(60), || {
            let log = std::fs::read_to_string(self.home.join("log")).unwrap_or_default();
            let words = log.split([' ', '\n', '"', '\t']);
            found = words.rev().find(|word| word.contains(&wanted)).map(str::to_owned);
            found.is_some()
        });
        found.unwrap_or_else(|| panic!("the hub printed no {door} link"))
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// A file of the house's data, once it is there.
    pub(crate) fn kept(&self, path: &str) -> String {
        let path = self.home.join("data").join(path);
        let mut text = None;
        within(Duration::from_secs(20), || {
            text = std::fs::read_to_string(&path).ok();
            text.is_some()
        });
        text.unwrap_or_else(|| panic!("the house keeps no {}", path.display()))
    }

    /// A network cable to this house.
    pub(crate) fn cable(&self) -> Link {
        Link::to(self.address)
    }

    /// A browser in which Ida has set the house up and is at home, or `None` where there is no browser.
    pub(crate) fn with_owner() -> Option<(House, Browser)> {
        let browser = browser::open()?;
        let house = House::empty();
        move_in(&browser, &house.link("setup"));
        Some((house, browser))
    }

    /// A second browser, in which somebody has joined by a link that `owner` made.
    pub(crate) fn with_guest(owner: &Browser, name: &str) -> Browser {
        let browser = browser::open().expect("where there is one browser there are two");
        join(&browser, &invitation(owner), name);
        browser
    }
}

/// Sets the house up with Ida as its owner.
pub(crate) fn move_in(browser: &Browser, link: &str) {
    browser.go(link);
    browser.fill("#field-house_name", HOUSE);
    browser.fill("#field-name", "Ida");
    browser.fill("#field-password", PASSWORD);
    browser.click_on("Move in");
    at_home(browser);
}

/// Joins the house by an invitation.
pub(crate) fn join(browser: &Browser, link: &str, name: &str) {
    browser.go(link);
    browser.fill("#field-name", name);
    browser.fill("#field-password", PASSWORD);
    browser.click_on("Join");
    at_home(browser);
}

/// Signs in at the door.
pub(crate) fn sign_in(browser: &Browser, name: &str, password: &str) {
    browser.fill("#field-name", name);
    browser.fill("#field-password", password);
    browser.click("main button[type=submit]");
}

/// Waits until the home screen is there and live.
pub(crate) fn at_home(browser: &Browser) {
    browser.sees("In this house");
    is_live(browser);
}

pub(crate) fn is_live(browser: &Browser) {
    browser.until("document.querySelector('hearth-live .dot.live')");
}

/// Goes to a place of the house without leaving the page, as a click in the navigation does.
pub(crate) fn visit(browser: &Browser, path: &str) {
    browser.click(&format!("nav a[href='{path}']"));
    browser.until(&format!("location.pathname === {}", Value::from(path)));
    // Its words and looks may be on their way; until they are here the screen before it stays.
    browser.until(&format!("document.querySelector(\"nav a[href='{path}'][aria-current=page]\")"));
    browser.finds("main h1");
}

/// A fresh invitation for a member, made by hand on the people screen.
pub(crate) fn invitation(owner: &Browser) -> String {
    visit(owner, "/app/people");
    owner.click_on("Invite");
    owner.click_on("Make the link");
    owner.finds("#share-link");
    let link = owner.eval("return document.querySelector('#share-link').value", &[]);
    owner.press(browser::Key::Escape);
    owner.until("!document.querySelector('dialog[open]')");
    link.as_str().expect("a link is text").to_owned()
}

/// What the house answers to a read, with the page's own sign-in.
pub(crate) fn ask(browser: &Browser, path: &str) -> Value {
    browser.eval("return fetch(arguments[0], {cache: 'no-store'}).then(one => one.json())", &[json!(path)])
}

/// The errors of the page, those apart that only say that a request was refused or did not arrive.
pub(crate) fn faults(browser: &Browser) -> Vec<String> {
    let mut errors = browser.errors();
    errors.retain(|error| !error.contains("Failed to load resource") && !error.contains("net::ERR_"));
    errors
}
