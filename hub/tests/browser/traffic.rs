//! What the web app asks for: nothing from elsewhere, and little of it.

use std::io::Write as _;

use hearth_hub::testing::browser::Request;
use serde_json::json;

use crate::house::{House, at_home, faults, is_live, visit};

/// What the first visit to the signed-in app may weigh, compressed, in bytes: until it can be used, and with
/// what home shows of the kitchen, which comes afterwards; and its font.
const FIRST_VISIT: u64 = 60_000;
const WITH_KITCHEN: u64 = 80_000;
const FONT: u64 = 45_000;

#[test]
fn no_request_leaves_the_house() {
    let Some((house, ida)) = House::with_owner() else { return };
    for place in ["/app/people", "/app/you", "/app/system", "/app/"] {
        visit(&ida, place);
    }
    ida.go(&house.url("/api/docs"));
    ida.finds("main h1");
    let (own, live) = (house.url("/"), house.url("/").replace("http:", "ws:"));
    let requests = ida.requests();
    assert!(requests.len() > 20, "{requests:#?}");
    assert!(requests.iter().any(|one| one.url.starts_with(&live)), "{requests:#?}");
    let strangers: Vec<_> =
        requests.iter().filter(|one| !one.url.starts_with(&own) && !one.url.starts_with(&live)).collect();
    assert!(strangers.is_empty(), "{strangers:#?}");
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn the_first_visit_is_light() {
    let Some((house, ida)) = House::with_owner() else { return };
    ida.go("about:blank");
    ida.cdp("Network.clearBrowserCache", &json!({}));
    let kept = json!({"origin": house.url(""), "storageTypes": "service_workers,cache_storage,indexeddb"});
    ida.cdp("Storage.clearDataForOrigin", &kept);
    ida.requests();
    ida.go(&house.url("/app/"));
    at_home(&ida);
    is_live(&ida);
    ida.sees("First steps");
    let (fonts, rest): (Vec<_>, Vec<_>) =
        ida.requests().into_iter().partition(|one| one.url.ends_with(".woff2"));
    let sum = |requests: &[Request], part: fn(&Request) -> u64| -> u64 { requests.iter().map(part).sum() };
    // What the kitchen is made of, and what only its screens and those behind the scenes need.
    let late = ["/kitchen/", "/kitchen.css", "/system/", "/gently.js"];
    let (kitchen, shell): (Vec<_>, Vec<_>) =
        rest.iter().cloned().partition(|one| late.iter().any(|part| one.url.contains(part)));
    let weight = sum(&shell, |one| one.bytes.saturating_sub(one.head));
    let with_kitchen = weight + sum(&kitchen, |one| one.bytes.saturating_sub(one.head));
    let (heads, font) = (sum(&rest, |one| one.head), sum(&fonts, |one| one.bytes));
    let line = format!(
        "{} requests: {weight} bytes, {with_kitchen} with the kitchen, {heads} of headers, font {font}",
        rest.len()
    );
    let _ = writeln!(std::io::stderr(), "first visit: {line}");
    assert!(rest.iter().any(|one| one.url == house.url("/app/") && one.bytes > 0), "{rest:#?}");
    assert!(weight <= FIRST_VISIT && with_kitchen <= WITH_KITCHEN, "{line} in {rest:#?}");
    assert!(font <= FONT, "{fonts:#?}");
}
