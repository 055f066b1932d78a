//! A real Chromium, driven as a person would: with clicks and keys, at the sizes and in the themes
//! that people have.
//!
//! Everything here blocks, so a test that uses it is a plain `#[test]` and keeps its hub on threads of
//! its own. One chromedriver serves the test process; each [`Browser`] is a window with a fresh
//! profile: no cookies, no cache, no service worker. Names cannot be looked up in it, so a page that
//! wants anything from outside this machine does not get it, and [`Browser::requests`] tells that it
//! asked.

mod axe;
mod quiet;
mod wire;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use serde_json::{Value, json};

use super::process::{Server, Signal, folder, folder_in_memory, free_port, within};
use super::require::{self, Part, Tools};
pub use quiet::{Quiet, quiet};
use wire::Session;

/// The engine of Chromium without the browser around it, which Debian has as a package of its own: all that most
/// tests need, started with a fifth of the work.
const ENGINE: &str = "/usr/lib/chromium/chromium-headless-shell";

/// Where screenshots go. Without it none are written.
pub const SCREENSHOTS: &str = "HEARTH_SCREENSHOTS";

/// How long a test waits for the page to become what it expects: long, for machines with much to do.
const PATIENCE: Duration = Duration::from_secs(40);

const FLAGS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-breakpad",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
];

const BY_SELECTOR: &str =
    "return [...document.querySelectorAll(arguments[0])].find(one => one.checkVisibility())";

/// Later elements first: what lies on top comes last.
const BY_WORDS: &str = "
    const name = one => (one.getAttribute('aria-label') || one.innerText || '').trim().toLowerCase();
    const all = [...document.querySelectorAll(
        'button, a, summary, label, [role=button], [role=tab], [role=menuitem], [role=radio]'
    )].filter(one => one.checkVisibility()).reverse();
    const words = arguments[0].toLowerCase();
    return all.find(one => name(one) === words) || all.find(one => name(one).includes(words))";

/// The three screens every page is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    Phone,
    Tablet,
    Desk,
}

impl Width {
    pub const ALL: [Width; 3] = [Width::Phone, Width::Tablet, Width::Desk];

    /// Width and height in CSS pixels.
    pub fn size(self) -> (u32, u32) {
        match self {
            Width::Phone => (390, 844),
            Width::Tablet => (820, 1180),
            Width::Desk => (1280, 800),
        }
    }
}

/// What the device says that its owner prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Theme; 2] = [Theme::Light, Theme::Dark];

    pub fn name(self) -> &'static str {
        match self {
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }
}

/// A key that is more than a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Tab,
    BackTab,
    Enter,
    Escape,
    Space,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
}

/// A request that the page made, and what came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub url: String,
    /// Bytes on the wire; nothing for what a cache or the service worker answered.
    pub bytes: u64,
    /// How many of them were the head of the answer.
    pub head: u64,
}

/// A window with a profile of its own.
#[derive(Debug)]
pub struct Browser {
    session: Session,
    // On a device of its own; ends after the window.
    _device: Option<Driver>,
    _place: quiet::Place,
}

#[derive(Debug)]
struct Driver {
    port: u16,
    whole: PathBuf,
    engine: PathBuf,
    // Kept so that it is not dropped; it ends with this process.
    _server: Server,
}

/// Opens a window of 1280 × 800 in light colours, or says that the test is skipped.
pub fn open() -> Option<Browser> {
    let driver = driver()?;
    Some(window(driver, &driver.engine, &[]))
}

fn driver() -> Option<&'static Driver> {
    static DRIVER: OnceLock<Driver> = OnceLock::new();
    let tools = require::available(Part::Chromium)?;
    Some(DRIVER.get_or_init(|| start(&tools, &folder("chromedriver"))))
}

/// The camera of a device.
#[derive(Clone, Copy, Debug)]
pub enum Camera<'a> {
    /// It shows this film (see [`super::film`]), over and over, from its beginning whenever it is opened.
    Shows(&'a Path),
    /// There is one, and the person does not allow it.
    Refused,
}

/// The same in the whole browser, with a camera: whether a page may use it is asked by what is around the engine.
pub fn open_with(camera: Camera<'_>) -> Option<Browser> {
    let mut flags = vec!["--use-fake-device-for-media-stream".to_owned()];
    match camera {
        Camera::Shows(film) => {
            flags.push("--use-fake-ui-for-media-stream".to_owned());
            flags.push(format!("--use-file-for-fake-video-capture={}", film.display()));
        }
        Camera::Refused => flags.push("--deny-permission-prompts".to_owned()),
    }
    let driver = driver()?;
    Some(window(driver, &driver.whole, &flags))
}

/// The same, again in the whole browser, on a device of its own, which has a camera, finds `name` at this machine,
/// and was told to trust an authority (PEM), or none.
pub fn open_device(name: &str, authority: Option<&str>) -> Option<Browser> {
    let tools = require::available(Part::Chromium)?;
    let keys = require::available(Part::Certutil)?;
    let home = folder("device");
    if let Some(authority) = authority {
        trust(keys.path("certutil"), &home, authority);
    }
    let driver = start(&tools, &home);
    let camera = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"].map(str::to_owned);
    let found = format!("MAP {name} 127.0.0.1, ");
    let mut browser = window(&driver, &driver.whole, &[camera.to_vec(), vec![found]].concat());
    browser._device = Some(driver);
    Some(browser)
}

/// Does what a person does in the list of certificates.
fn trust(certutil: &Path, home: &Path, authority: &str) {
    let keys = home.join(".pki/nssdb");
    fs::create_dir_all(&keys).expect("a folder for keys");
    let file = home.join("authority.pem");
    fs::write(&file, authority).expect("a file");
    let database = format!("sql:{}", keys.display());
    let run = |args: &[&str]| {
        let done = Command::new(certutil).args(["-d", &database]).args(args).output().expect("certutil runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    run(&["-N", "--empty-password"]);
    run(&["-A", "-n", "house", "-t", "C,,", "-i", &file.display().to_string()]);
}

/// `wishes` are further flags, but for a rule about names, which has no dashes.
fn window(driver: &Driver, chromium: &Path, wishes: &[String]) -> Browser {
    let place = quiet::enter();
    let (more, names): (Vec<String>, Vec<String>) =
        wishes.iter().cloned().partition(|wish| wish.starts_with("--"));
    let mut flags: Vec<String> = FLAGS.map(str::to_owned).into_iter().chain(more).collect();
    flags.push(format!(
        "--host-resolver-rules={}MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
        names.concat()
    ));
    let wishes = json!({"capabilities": {"alwaysMatch": {
        "browserName": "chrome",
        "goog:chromeOptions": {
            "binary": chromium, "args": flags, "perfLoggingPrefs": {"enablePage": false},
        },
        "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        "timeouts": {"script": 60_000, "pageLoad": 60_000, "implicit": 0},
    }}});
    let session = Session::open(driver.port, &wishes);
    let browser = Browser { session, _device: None, _place: place };
    browser.resize(Width::Desk);
    browser.prefer(Theme::Light);
    browser.go("about:blank");
    browser.requests(); // Chromium's own first page is no business of the test
    browser
}

/// Looking around.
impl Browser {
    /// Goes to `url` and waits until it has loaded.
    pub fn go(&self, url: &str) {
        self.session.post("url", &json!({ "url": url }));
    }

    pub fn reload(&self) {
        self.session.post("refresh", &json!({}));
    }

    pub fn back(&self) {
        self.session.post("back", &json!({}));
    }

    pub fn url(&self) -> String {
        word(&self.session.get("url"))
    }

    /// Runs the body of a function in the page and gives what it returns; `arguments` are `args`. A
    /// promise is waited for.
    pub fn eval(&self, body: &str, args: &[Value]) -> Value {
        self.session.post("execute/sync", &json!({"script": body, "args": args}))
    }

    /// What the page shows, as text.
    pub fn text(&self) -> String {
        word(&self.eval("return document.body.innerText", &[]))
    }

    /// Waits until the JavaScript expression `truth` is true, or the promise of something true.
    pub fn until(&self, truth: &str) {
        let ask = json!({"script": watching(&format!("return Boolean(await ({truth}))")), "args": []});
        // A page that is being replaced has no place to evaluate in: that is a no, not a failure.
        if !patiently(|| self.session.try_post("execute/sync", &ask) == Ok(Value::Bool(true))) {
            self.give_up(&format!("waited for {truth}"));
        }
    }

    /// Waits until the page shows `words`, in whatever case the style sheet gives them.
    pub fn sees(&self, words: &str) {
        self.until(&format!(
            "document.body.innerText.toLowerCase().includes({})",
            Value::String(words.to_lowercase())
        ));
    }

    /// Waits until the page no longer shows `words`.
    pub fn sees_no(&self, words: &str) {
        self.until(&format!(
            "!document.body.innerText.toLowerCase().includes({})",
            Value::String(words.to_lowercase())
        ));
    }

    /// Waits until something visible matches `selector`.
    pub fn finds(&self, selector: &str) {
        let selector = Value::String(selector.to_owned());
        self.until(&format!("[...document.querySelectorAll({selector})].some(one => one.checkVisibility())"));
    }

    /// The violations that axe finds on the page as it stands, a paragraph each.
    pub fn axe(&self) -> Vec<String> {
        axe::violations(self, &[])
    }

    /// Those of them that depend on colours.
    pub fn axe_of_colours(&self) -> Vec<String> {
        axe::violations(self, &["color-contrast", "link-in-text-block"])
    }

    /// The errors on the console since the last call.
    pub fn errors(&self) -> Vec<String> {
        let entries = self.session.post("se/log", &json!({"type": "browser"}));
        let entries = entries.as_array().cloned().unwrap_or_default();
        let severe = entries.iter().filter(|entry| entry["level"] == "SEVERE");
        severe.map(|entry| word(&entry["message"])).collect()
    }

    /// The requests of the page that were finished since the last call, in the order they began.
    pub fn requests(&self) -> Vec<Request> {
        wire::requests(&self.session.post("se/log", &json!({"type": "performance"})))
    }

    /// Writes `name.png` where screenshots go, if they go anywhere.
    pub fn screenshot(&self, name: &str) {
        if let Some(folder) = std::env::var_os(SCREENSHOTS).map(PathBuf::from) {
            self.screenshot_to(&folder.join(format!("{name}.png")));
        }
    }

    fn screenshot_to(&self, path: &Path) {
        let shot = word(&self.cdp("Page.captureScreenshot", &json!({"format": "png"}))["data"]);
        let png = base64::prelude::BASE64_STANDARD.decode(shot).expect("a screenshot is base64");
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder for screenshots");
        fs::write(path, png).expect("a screenshot can be written");
    }

    /// Fails the test with what a person would want to know: what was on the screen, and the console.
    fn give_up(&self, what: &str) -> ! {
        let (url, text, errors) = (self.url(), self.text(), self.errors());
        self.screenshot("failure");
        panic!("{what}, at {url}\n--- the page:\n{text}\n--- the console:\n{}", errors.join("\n"))
    }
}

/// Doing things.
impl Browser {
    /// Clicks the first visible thing that matches `selector`, once there is one.
    pub fn click(&self, selector: &str) {
        self.act(selector, BY_SELECTOR, |element| {
            self.session.try_post(&format!("element/{element}/click"), &json!({}))
        });
    }

    /// Clicks the button, link, tab or label that carries the words, exactly or else within its text.
    pub fn click_on(&self, words: &str) {
        self.act(words, BY_WORDS, |element| {
            self.session.try_post(&format!("element/{element}/click"), &json!({}))
        });
    }

    /// Replaces what is in the field.
    pub fn fill(&self, selector: &str, text: &str) {
        self.act(selector, BY_SELECTOR, |element| {
            self.session.try_post(&format!("element/{element}/clear"), &json!({}))?;
            self.session.try_post(&format!("element/{element}/value"), &json!({ "text": text }))
        });
    }

    /// Gives a file to the field that takes one.
    pub fn hand_over(&self, selector: &str, file: &Path) {
        let file = file.display().to_string();
        self.act(selector, BY_SELECTOR, |element| {
            self.session.try_post(&format!("element/{element}/value"), &json!({ "text": file }))
        });
    }

    /// Types letters to whatever has the focus.
    pub fn type_text(&self, text: &str) {
        let strokes: Vec<Value> = text.chars().flat_map(|letter| stroke(&letter.to_string())).collect();
        self.keys(&strokes);
    }

    /// Presses one key, to whatever has the focus.
    pub fn press(&self, key: Key) {
        let shift = "\u{E008}";
        let mut strokes = stroke(match key {
            Key::Tab | Key::BackTab => "\u{E004}",
            Key::Enter => "\u{E007}",
            Key::Escape => "\u{E00C}",
            Key::Space => " ",
            Key::Up => "\u{E013}",
            Key::Down => "\u{E015}",
            Key::Left => "\u{E012}",
            Key::Right => "\u{E014}",
            Key::Home => "\u{E011}",
            Key::End => "\u{E010}",
        })
        .to_vec();
        if key == Key::BackTab {
            strokes.insert(0, json!({"type": "keyDown", "value": shift}));
            strokes.push(json!({"type": "keyUp", "value": shift}));
        }
        self.keys(&strokes);
    }

    /// What has the focus: its tag, and the words that name it to a screen reader.
    pub fn focus(&self) -> String {
        word(&self.eval(
            "let one = document.activeElement;
             while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
             if (!one || one === document.body) return 'body';
             const name = one.getAttribute('aria-label') || one.labels?.[0]?.innerText || one.innerText || '';
             return `${one.localName} ${name.trim().replace(/\\s+/g, ' ')}`.trim()",
            &[],
        ))
    }

    fn keys(&self, strokes: &[Value]) {
        self.session
            .post("actions", &json!({"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]}));
    }

    /// Finds an element and does something with it, and both again for as long as it does not work:
    /// what is drawn anew, moves or is covered for a moment settles soon.
    fn act(&self, what: &str, finder: &str, deed: impl Fn(&str) -> Result<Value, String>) {
        let mut last = String::new();
        let find = json!({"script": watching(finder), "args": [what]});
        let done = patiently(|| {
            let found = self.session.try_post("execute/sync", &find);
            let element = found.as_ref().ok().and_then(|found| found.as_object()?.values().next()?.as_str());
            let outcome = element.map_or_else(|| Err("there is none".to_owned()), &deed);
            last = outcome.err().unwrap_or_default();
            last.is_empty()
        });
        if !done {
            self.give_up(&format!("{what}: {last}"));
        }
    }
}

/// Changing the world around the page.
impl Browser {
    pub fn resize(&self, width: Width) {
        let (wide, high) = width.size();
        let mobile = width != Width::Desk;
        let size = json!({"width": wide, "height": high, "deviceScaleFactor": 1, "mobile": mobile});
        self.cdp("Emulation.setDeviceMetricsOverride", &size);
    }

    pub fn prefer(&self, theme: Theme) {
        // Motion is reduced as well: a screenshot in the middle of a transition tells nothing.
        let features = json!([
            {"name": "prefers-color-scheme", "value": theme.name()},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]);
        self.cdp("Emulation.setEmulatedMedia", &json!({ "features": features }));
    }

    /// Takes the network away from the page, which learns of it as on a train.
    pub fn go_offline(&self) {
        self.network(&json!({"offline": true, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}));
    }

    pub fn go_online(&self) {
        self.network(
            &json!({"offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}),
        );
    }

    /// A command of the browser's own protocol, for what a person does with the machine and not the page.
    pub fn cdp(&self, command: &str, params: &Value) -> Value {
        self.session.post("goog/cdp/execute", &json!({"cmd": command, "params": params}))
    }

    fn network(&self, conditions: &Value) {
        self.cdp("Network.emulateNetworkConditions", conditions);
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.session.close();
    }
}

fn start(tools: &Tools, home: &Path) -> Driver {
    let profiles = folder_in_memory("profiles");
    for _ in 0..5 {
        let port = free_port();
        // Through env(1), so that Chromium's temporary files are ours to remove. The profiles are among them.
        let args = [
            format!("TMPDIR={}", profiles.display()),
            format!("HOME={}", home.display()),
            tools.path("chromedriver").display().to_string(),
            format!("--port={port}"),
            "--log-level=WARNING".into(),
        ];
        let env = Path::new("env");
        let mut server = Server::start(env, &args, None, &home.join("log"), Signal::Terminate)
            .expect("chromedriver can be run");
        let mut gone = false;
        let up = within(Duration::from_secs(20), || {
            gone = !server.runs();
            gone || wire::ready(port)
        });
        if up && !gone {
            let whole = tools.path("chromium").to_owned();
            let engine = Some(PathBuf::from(ENGINE)).filter(|path| path.exists()).unwrap_or(whole.clone());
            return Driver { port, whole, engine, _server: server };
        }
        assert!(gone, "chromedriver does not answer: {}", server.last_words());
    }
    panic!("chromedriver did not start in five attempts")
}

/// A script that asks `body`, again and again for a second, until what it returns is something. Asked in the page: each
/// question from outside goes through three processes, and thousands of them were most of what a test cost.
fn watching(body: &str) -> String {
    format!(
        "const given = arguments, end = performance.now() + 1000;
         const ask = async function () {{ {body} }};
         return (async () => {{
             for (;;) {{
                 const said = await ask.apply(null, given).catch(() => null);
                 if (said || performance.now() > end) return said;
                 await new Promise(again => setTimeout(again, 20));
             }}
         }})()"
    )
}

fn patiently(mut done: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while !done() {
        if start.elapsed() > PATIENCE {
            return false;
        }
        thread::sleep(Duration::from_millis(20));
    }
    true
}

fn stroke(key: &str) -> [Value; 2] {
    [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})]
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
