//! The starter itself, against a page of a few lines: what it reports must be true before anything
//! it says about the web app means something.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};

use hearth_hub::testing::browser::{self, Key, Theme, Width};

/// A page with a fault that axe must see, an error on the console, and a request that leaves.
const PAGE: &str = r#"<!doctype html><html lang="en"><title>Pantry</title>
<meta name="viewport" content="width=device-width">
<style>body { background: light-dark(#fff, #111); color-scheme: light dark }</style>
<main><h1>Pantry</h1>
<button id="add" onclick="document.querySelector('output').textContent = 'added ' + innerWidth">Add bread</button>
<label>Name <input id="name" name="name"></label><output></output>
<img src="http://elsewhere.example/picture.png">
</main><script>console.error('burnt toast')</script></html>"#;

/// Serves the page to whoever asks, until the test ends.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = format!("http://{}/", listener.local_addr().expect("a bound port"));
    // A thread for each: browsers open connections ahead of need and leave them idle.
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(|| answer(stream));
        }
    });
    address
}

fn answer(mut stream: TcpStream) {
    let head = BufReader::new(&stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    if head.count() > 0 {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n";
        let _ = write!(stream, "{head}content-length: {}\r\n\r\n{PAGE}", PAGE.len());
    }
}

#[test]
fn reports_what_is_on_the_page() {
    let Some(browser) = browser::open() else { return };
    let address = serve();
    browser.go(&address);
    browser.sees("add bread");
    let errors = browser.errors().join("\n");
    assert!(errors.contains("burnt toast"), "{errors}");
    let found = browser.axe();
    assert!(found.iter().any(|violation| violation.starts_with("image-alt (critical)")), "{found:#?}");
    let requests = browser.requests();
    assert_eq!(requests[0].url, address);
    assert!(requests[0].bytes > PAGE.len() as u64, "{requests:?}");
    assert!(requests.iter().any(|one| one.url == "http://elsewhere.example/picture.png" && one.bytes == 0));
}

#[test]
fn clicks_types_and_moves_the_focus() {
    let Some(browser) = browser::open() else { return };
    browser.go(&serve());
    for (width, says) in
        [(Width::Phone, "added 390"), (Width::Tablet, "added 820"), (Width::Desk, "added 1280")]
    {
        browser.resize(width);
        browser.click_on("Add bread");
        browser.sees(says);
    }
    browser.fill("#name", "rye");
    browser.press(Key::BackTab);
    assert_eq!(browser.focus(), "button Add bread");
    browser.press(Key::Tab);
    assert_eq!(browser.focus(), "input Name");
    browser.press(Key::End);
    browser.type_text("-bread");
    assert_eq!(browser.eval("return document.querySelector('#name').value", &[]), "rye-bread");
}

#[test]
fn has_the_theme_and_the_network_it_is_told() {
    let Some(browser) = browser::open() else { return };
    browser.go(&serve());
    for (theme, colour) in [(Theme::Dark, "rgb(17, 17, 17)"), (Theme::Light, "rgb(255, 255, 255)")] {
        browser.prefer(theme);
        let found = browser.eval("return getComputedStyle(document.body).backgroundColor", &[]);
        assert_eq!(found, colour);
    }
    let fetch = "return fetch('/').then(() => navigator.onLine, () => navigator.onLine ? 'lost' : 'offline')";
    browser.go_offline();
    assert_eq!(browser.eval(fetch, &[]), "offline");
    browser.go_online();
    assert_eq!(browser.eval(fetch, &[]), true);
}

#[test]
fn two_windows_share_nothing() {
    let (Some(one), Some(other)) = (browser::open(), browser::open()) else { return };
    let address = serve();
    one.go(&address);
    other.go(&address);
    one.eval("localStorage.setItem('who', 'one')", &[]);
    assert_eq!(one.eval("return localStorage.getItem('who')", &[]), "one");
    assert_eq!(other.eval("return localStorage.getItem('who')", &[]), serde_json::Value::Null);
}
