//! The first evening with Hearth, as a person has it who has read nothing but the README: the house is set up in a
//! browser, a station is let in, something is scanned, named, seen and taken back, something is bought, and its
//! receipt is booked.
//!
//! Hub, station and browser are the real ones. `HEARTH_SCREENSHOTS=folder` keeps the pictures that the README shows.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests, too")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use hearth_hub::clock::Clock;
use hearth_hub::testing::browser::{self, Browser, Width};
use hearth_hub::testing::hub::{Setup, TestHub, run};
use hearth_hub::testing::process::folder;

const COFFEE: &str = "4006381333931";
const PASSWORD: &str = "rye bread and butter";
/// What the till said.
const RECEIPT: &str = "CORNER SHOP\n\nRye bread     3.20 A\nButter        2.29 A\nTotal EUR     5.49\n";

/// A new house on a thread of its own.
struct Hub {
    url: String,
    /// The link to set it up, as the program prints it.
    link: String,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Hub {
    fn start() -> Hub {
        let (tell, told) = channel();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let thread = std::thread::spawn(move || {
            run(async {
                let hub = TestHub::start(Setup { clock: Clock::System, ..Setup::default() }).await;
                let made = hub.app().first_link().await.unwrap().unwrap();
                tell.send((hub.url(), made.url(&hub.url()))).unwrap();
                drop(stopped.await);
                hub.stop().await;
            });
        });
        let (url, link) = told.recv().unwrap();
        Hub { url, link, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        drop(self.stop.take());
        drop(self.thread.take().map(std::thread::JoinHandle::join));
    }
}

/// The station's own program, with what it prints line by line.
struct Program {
    child: Child,
    typed: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Program {
    fn start(state: &PathBuf, words: &[&str]) -> Program {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hearth-station"));
        command.args(words).env("STATE_DIRECTORY", state).env_remove("NOTIFY_SOCKET");
        command.env("HEARTH_STATION_CONFIG", state.join("none.toml"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (tell, lines) = channel();
        let printed = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            printed.lines().map_while(Result::ok).try_for_each(|line| tell.send(line))
        });
        let typed = child.stdin.take();
        Program { child, typed, lines }
    }

    fn types(&mut self, code: &str) {
        writeln!(self.typed.as_mut().unwrap(), "{code}").unwrap();
    }

    /// Waits for a line that holds these words.
    fn says(&self, words: &str) -> String {
        let (until, mut said) = (Instant::now() + Duration::from_secs(60), Vec::new());
        while let Ok(line) = self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            if line.contains(words) {
                return line;
            }
            said.push(line);
        }
        panic!("the station did not say {words:?} but\n{}", said.join("\n"))
    }

    /// Waits for its end, once nothing more is typed.
    fn ends(mut self) {
        drop(self.typed.take());
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn visit(ida: &Browser, hub: &Hub, path: &str) {
    ida.go(&format!("{}{path}", hub.url));
    ida.until("document.querySelector('hearth-live .dot.live')");
    ida.until("!document.querySelector('main .skeleton')");
}

/// A picture for the README, once what moves has come to rest.
fn picture(ida: &Browser, name: &str) {
    ida.until("!document.querySelector('.toast')");
    ida.eval("return document.fonts.ready.then(() => scrollTo(0, 0))", &[]);
    ida.screenshot(&format!("newcomer-{name}"));
}

fn moves_in(ida: &Browser, hub: &Hub) {
    ida.go(&hub.link);
    ida.fill("#field-house_name", "Linden Street 4");
    ida.fill("#field-name", "Ida");
    ida.fill("#field-password", PASSWORD);
    picture(ida, "1-set-up");
    ida.click_on("Move in");
    ida.sees("First steps");
}

fn lets_the_station_in(ida: &Browser, hub: &Hub, state: &PathBuf) {
    let pairing = Program::start(state, &["pair", &hub.url, "--name", "By the fridge"]);
    let line = pairing.says("Type this in the web app");
    let code: String = line.chars().filter(char::is_ascii_digit).collect();
    assert_eq!(code.len(), 6, "{line}");
    ida.click_on("Let a scanning station in");
    ida.sees("Asking to be let in");
    ida.click_on("Enter its code");
    ida.fill("#field-code", &code);
    picture(ida, "2-station");
    ida.click_on("Let it in");
    ida.sees("By the fridge is in");
    pairing.says("Confirmed");
    pairing.ends();
}

fn scans_and_names(ida: &Browser, hub: &Hub, station: &mut Program) {
    station.types(COFFEE);
    station.says("kept");
    visit(ida, hub, "/app/inbox");
    ida.sees("What is this?");
    ida.fill("main input[name=name]", "Coffee, ground");
    picture(ida, "3-what-is-this");
    ida.click_on("That is what it is");
    ida.sees("Coffee, ground");
    station.types(COFFEE);
    station.says("Coffee, ground, 1 → 2");
    visit(ida, hub, "/app/stock");
    ida.until("document.querySelectorAll('li.lot').length > 0");
    picture(ida, "4-stock");
}

fn takes_back(ida: &Browser, hub: &Hub, station: &mut Program) {
    ida.click("li.lot a");
    ida.sees("Why is it 2?");
    picture(ida, "5-why");
    station.types("/undo");
    station.says("2 → 1");
    ida.sees("Why is it 1?");
    visit(ida, hub, "/app/");
    ida.sees("Coffee, ground");
}

fn shops(ida: &Browser, hub: &Hub) {
    visit(ida, hub, "/app/shopping");
    for wish in ["Butter", "Rye bread"] {
        ida.fill("#field-wish", wish);
        ida.click_on("Add");
        ida.sees(wish);
    }
    ida.click_on("Butter");
    ida.sees("In the basket");
    picture(ida, "6-shopping");
}

/// What was bought comes into the house by its receipt: one thing becomes a product, one is left out.
fn books_the_receipt(ida: &Browser, hub: &Hub) {
    visit(ida, hub, "/app/receipts");
    ida.click_on("Paste a text");
    ida.fill("#field-text", RECEIPT);
    ida.click_on("Have it read");
    ida.sees("To check");
    ida.click("main a[href^='/app/receipts/']");
    ida.sees("The lines come to the total");
    picture(ida, "7-receipt");
    ida.click("[aria-label='Which product is it?: Rye bread']");
    ida.click_on("It is a new product");
    ida.click_on("Make it a product");
    ida.sees("1 into stock");
    ida.click("[aria-label='Leave it out: Butter']");
    ida.sees("Left out");
    ida.click("#confirm-receipt");
    ida.sees("1 thing was booked");
    visit(ida, hub, "/app/stock");
    ida.sees("Rye bread");
    picture(ida, "8-stock");
}

#[test]
fn the_first_evening() {
    let Some(ida) = browser::open() else { return };
    let (hub, state) = (Hub::start(), folder("newcomer"));
    ida.resize(Width::Phone);
    moves_in(&ida, &hub);
    lets_the_station_in(&ida, &hub, &state);
    let mut station = Program::start(&state, &["simulate"]);
    scans_and_names(&ida, &hub, &mut station);
    takes_back(&ida, &hub, &mut station);
    station.ends();
    shops(&ida, &hub);
    books_the_receipt(&ida, &hub);
    assert_eq!(ida.errors(), Vec::<String>::new());
}
