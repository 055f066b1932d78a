//! The house under a name of its own, on devices that were told to trust it and on others.

use hearth_hub::testing::browser::{self, Browser, Theme, Width};
use serde_json::json;

use crate::house::{HOUSE, House, at_home, faults, is_live, move_in, visit};

const NAME: &str = "hearth.local";

/// A house with an authority of its own, and the address at which it is encrypted.
fn encrypted() -> (House, String) {
    let house = House::start(&["--tls", "household"]);
    let secure = format!("https://{NAME}:{}", house.port());
    (house, secure)
}

fn authority(house: &House) -> String {
    house.kept("keys/authority.crt")
}

/// The set-up link under the house's name.
fn link(house: &House) -> String {
    house.link("setup").replace("127.0.0.1", NAME)
}

fn ask(browser: &Browser, body: &str) -> serde_json::Value {
    browser.eval(body, &[])
}

#[test]
fn a_device_that_trusts_the_house_has_everything() {
    let (house, secure) = encrypted();
    let Some(ipad) = browser::open_device(NAME, Some(&authority(&house))) else { return };
    move_in(&ipad, &link(&house));
    assert!(ipad.url().starts_with(&secure), "{}", ipad.url());
    assert_eq!(ask(&ipad, "return [window.isSecureContext, location.protocol]"), json!([true, "https:"]));
    // The app is kept at hand, and the live channel runs over TLS.
    ipad.until("navigator.serviceWorker.controller?.state === 'activated'");
    is_live(&ipad);
    let camera = "return navigator.mediaDevices.getUserMedia({ video: true })
        .then(stream => stream.getVideoTracks()[0].readyState)";
    assert_eq!(ask(&ipad, camera), "live");
    assert_eq!(ask(&ipad, "return (await cookieStore.getAll()).length"), 0, "the session is out of reach");
    ipad.sees_no("This address is not secure");
    ipad.reload();
    at_home(&ipad);
    visit(&ipad, "/app/system");
    ipad.click_on("Set up trust on another device");
    ipad.sees("Fingerprint of the house");
    // An installed app has no way back of its own.
    ipad.click_on("Back to the house");
    at_home(&ipad);
    assert_eq!(faults(&ipad), Vec::<String>::new());
}

#[test]
fn a_device_that_does_not_is_warned_by_its_browser() {
    let (house, secure) = encrypted();
    let Some(stranger) = browser::open_device(NAME, None) else { return };
    let refused = |browser: &Browser| {
        browser.go(&format!("{secure}/app/"));
        browser.sees("Your connection is not private");
        browser.sees("ERR_CERT_AUTHORITY_INVALID");
    };
    refused(&stranger);
    // Another house's authority does not help.
    let (other, _) = encrypted();
    let Some(neighbour) = browser::open_device(NAME, Some(&authority(&other))) else { return };
    refused(&neighbour);
    drop(house);
}

#[test]
fn the_plain_door_explains_and_knows_when_a_device_has_learnt() {
    let (house, secure) = encrypted();
    let plain = secure.replace("https://", "http://");
    let Some(stranger) = browser::open_device(NAME, None) else { return };
    stranger.go(&plain);
    stranger.sees("Trust this house");
    assert!(stranger.url().starts_with(&format!("{plain}/app/trust")), "{}", stranger.url());
    assert_eq!(ask(&stranger, "return window.isSecureContext"), false);
    stranger.sees("Get the certificate");
    stranger.sees("Fingerprint of the house");
    for device in ["iPad and iPhone", "Android", "Windows", "Mac"] {
        stranger.click_on(device);
    }
    stranger.sees("Always Trust");
    stranger.click_on("iPad and iPhone");
    for (width, theme) in [(Width::Phone, Theme::Dark), (Width::Tablet, Theme::Light)] {
        stranger.resize(width);
        stranger.prefer(theme);
        stranger.screenshot(&format!("trust-{width:?}-{}", theme.name()).to_lowercase());
        assert_eq!(stranger.axe(), Vec::<String>::new());
    }
    let file = "return fetch('/trust/hearth.crt').then(one => one.headers.get('content-type'))";
    assert_eq!(ask(&stranger, file), "application/x-x509-ca-cert");

    // One that has learnt goes on to where it wanted to go.
    let Some(ipad) = browser::open_device(NAME, Some(&authority(&house))) else { return };
    move_in(&ipad, &link(&house));
    ipad.go(&format!("{plain}/app/people"));
    ipad.until(&format!("location.href === '{secure}/app/people'"));
    ipad.sees("Ida");
    ipad.go(&format!("{plain}/app/trust"));
    ipad.sees("This device trusts the house.");
    ipad.click_on("Open the secure address");
    at_home(&ipad);
}

#[test]
fn without_encryption_the_app_says_what_is_missing_and_leads_to_what_helps() {
    let house = House::start(&["--hosts", "kitchen.lan"]);
    let Some(phone) = browser::open_device("kitchen.lan", None) else { return };
    move_in(&phone, &house.link("setup").replace("127.0.0.1", "kitchen.lan"));
    phone.sees("This address is not secure for this device");
    phone.screenshot("guard-banner");
    assert_eq!(phone.axe(), Vec::<String>::new());
    phone.click_on("What to do");
    phone.sees("HEARTH_TLS=household");
    phone.sees_no("This address is not secure for this device");
    phone.back();
    phone.sees("This address is not secure for this device");
    phone.click_on("Dismiss");
    phone.sees_no("This address is not secure for this device");
    assert!(phone.eval("return document.title", &[]).as_str().unwrap().contains(HOUSE));
}
