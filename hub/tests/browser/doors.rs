//! Coming in and going out.

use hearth_hub::testing::browser;

use crate::house::{HOUSE, House, PASSWORD, at_home, faults, invitation, join, sign_in, visit};

#[test]
fn a_set_up_link_opens_the_house_once() {
    let Some((house, ida)) = House::with_owner() else { return };
    ida.sees("Ida");
    ida.sees("Invite the people you live with");
    ida.until(&format!("document.title.includes('{HOUSE}')"));
    assert_eq!(ida.url(), house.url("/app/"), "the secret has left the address");
    assert_eq!(faults(&ida), Vec::<String>::new());

    let Some(stranger) = browser::open() else { return };
    stranger.go(&house.link("setup"));
    stranger.sees("This link no longer works");
    stranger.click_on("Go to sign-in");
    stranger.finds("#field-password");
}

#[test]
fn a_wrong_password_says_so_and_the_right_one_opens() {
    let Some((_house, ida)) = House::with_owner() else { return };
    visit(&ida, "/app/you");
    ida.click_on("Sign out");
    ida.sees(HOUSE);
    sign_in(&ida, "Ida", "wrong password");
    ida.sees("Name and password do not go together.");
    ida.until("document.activeElement?.id === 'field-password'");
    sign_in(&ida, "Ida", PASSWORD);
    ida.finds("nav");
    visit(&ida, "/app/");
    at_home(&ida);
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn fields_say_what_they_miss_before_anything_is_sent() {
    let Some(browser) = browser::open() else { return };
    let house = House::empty();
    browser.go(&house.link("setup"));
    browser.fill("#field-house_name", HOUSE);
    browser.fill("#field-password", "short");
    browser.click_on("Move in");
    browser.sees("Please fill this in.");
    browser.sees("Use at least 8 characters.");
    browser.until("document.activeElement?.id === 'field-name'");
}

#[test]
fn the_name_of_another_is_refused_beside_the_field() {
    let Some((_house, ida)) = House::with_owner() else { return };
    let link = invitation(&ida);
    let Some(other) = browser::open() else { return };
    other.go(&link);
    other.fill("#field-name", "ida");
    other.fill("#field-password", PASSWORD);
    other.click_on("Join");
    other.sees("Somebody here has this name already.");
    join(&other, &link, "Jonas");
    assert_eq!(faults(&other), Vec::<String>::new());
}

#[test]
fn a_link_from_an_owner_sets_a_new_password() {
    let Some((_house, ida)) = House::with_owner() else { return };
    let jonas = House::with_guest(&ida, "Jonas");
    visit(&ida, "/app/people");
    ida.click_on("Jonas");
    ida.click_on("New password link");
    ida.finds("#share-link");
    let link = ida.eval("return document.querySelector('#share-link').value", &[]);
    let Some(phone) = browser::open() else { return };
    phone.go(link.as_str().unwrap());
    phone.sees("A new password for Jonas");
    phone.fill("#field-password", "another loaf entirely");
    phone.click_on("Save and sign in");
    at_home(&phone);
    // Whoever had the old password is out.
    jonas.finds("#field-password");
    sign_in(&jonas, "Jonas", PASSWORD);
    jonas.sees("Name and password do not go together.");
}

#[test]
fn an_answer_from_before_somebody_came_in_does_not_put_them_out() {
    let Some((house, ida)) = House::with_owner() else { return };
    let Some(phone) = browser::open() else { return };
    phone.go(&invitation(&ida));
    phone.finds("#field-password");
    // The house is asked who is there, and the answer, nobody, takes longer than joining does.
    let ask = "const { fetch } = window;
        const held = new Promise((resolve) => { window.letGo = resolve; });
        window.fetch = async (...parts) => {
          window.fetch = fetch;
          const answer = await fetch(...parts);
          await held;
          return answer;
        };
        const app = performance.getEntriesByType('resource').find((one) => /hearth[^/]*\\.js$/.test(one.name));
        return import(app.name).then(({ refresh }) => { window.asked = refresh(); });";
    phone.eval(ask, &[]);
    phone.fill("#field-name", "Jonas");
    phone.fill("#field-password", PASSWORD);
    phone.click_on("Join");
    at_home(&phone);
    phone.eval("window.letGo(); return window.asked", &[]);
    assert_eq!(phone.url(), house.url("/app/"));
    at_home(&phone);
    assert_eq!(faults(&phone), Vec::<String>::new());
}

#[test]
fn the_demo_opens_with_one_tap() {
    let Some(browser) = browser::open() else { return };
    let house = House::demo();
    browser.go(&house.link("enter"));
    browser.click_on("Come in");
    at_home(&browser);
    browser.until("document.querySelectorAll('main .card-row').length >= 3");
    assert_eq!(faults(&browser), Vec::<String>::new());
}

#[test]
fn an_address_that_leads_nowhere_says_so() {
    let Some((house, ida)) = House::with_owner() else { return };
    ida.go(&house.url("/app/cellar"));
    ida.sees("There is nothing at this address.");
    ida.click_on("Go to Home");
    at_home(&ida);
}
