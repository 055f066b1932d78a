//! Receipts: from a photograph to the shelf, what cannot be read, what two say of one line, and without a network.

use std::path::PathBuf;

use hearth_hub::testing::browser::{Browser, Key};
use hearth_hub::testing::papers;
use hearth_hub::testing::process::folder;
use hearth_hub::testing::require::{Part, available};
use serde_json::{Value, json};

use crate::house::{House, ask, faults, is_live, visit};
use crate::kitchen::{scan, tell};
use crate::offline::{lose, regain, visited_once};

pub(crate) const PAPER: &str = "       SPARFUCHS\n\nH-Milch 1,5%              1,05 A\nRispentomaten 500g        1,89 A\n\
     Zeitung                   2,40 B\nSumme EUR                 5,34\nBar                      10,00\n19.11.2026 17:40\n";

/// Milk by the piece and tomatoes by weight.
pub(crate) fn known(browser: &Browser) {
    for product in
        [json!({ "name": "H-Milch" }), json!({ "name": "Rispentomaten", "base_unit": "g", "pack_size": 500 })]
    {
        tell(browser, "POST", "/api/products", &product);
    }
}

/// A receipt that was sent as a text and is read; answers its address.
pub(crate) fn sent(browser: &Browser, text: &str) -> String {
    let sent = tell(browser, "POST", "/api/receipts", &json!({ "text": text }));
    let path = format!("/api/receipts/{}", sent["id"].as_str().expect("a receipt has an id"));
    let read = format!("fetch('{path}').then(one => one.json()).then(one => one.state !== 'processing')");
    browser.until(&read);
    path
}

/// Where a receipt is looked at.
pub(crate) fn screen_of(path: &str) -> String {
    path.replace("/api/", "/app/")
}

fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder("receipt").join(name);
    std::fs::write(&path, bytes).expect("a file can be written");
    path
}

/// How much of each product there is.
fn levels(browser: &Browser) -> Vec<(String, f64)> {
    let groups = ask(browser, "/api/inventory?group=product");
    let level = |it: &Value| {
        (it["product_name"].as_str().unwrap_or("").to_owned(), it["quantity"].as_f64().unwrap_or(0.0))
    };
    let mut levels: Vec<_> = groups["items"].as_array().into_iter().flatten().map(level).collect();
    levels.sort_by(|a, b| a.0.cmp(&b.0));
    levels
}

fn product(browser: &Browser, name: &str) -> Value {
    let page = ask(browser, "/api/products?limit=100");
    let found = page["items"].as_array().into_iter().flatten().find(|it| it["name"] == name);
    found.expect("there is such a product")["id"].clone()
}

fn states(browser: &Browser) -> Vec<String> {
    let page = ask(browser, "/api/receipts");
    let all = page["items"].as_array().into_iter().flatten();
    all.map(|it| it["state"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_photographed_receipt_is_read_put_right_booked_and_taken_back() {
    let (Some(_), Some(poppler)) = (available(Part::Tesseract), available(Part::Poppler)) else { return };
    let Some((_house, ida)) = House::with_owner() else { return };
    let picture = file("bon.png", &papers::picture(poppler.path("pdftoppm"), PAPER));
    let jonas = House::with_guest(&ida, "Jonas");
    known(&ida);
    visit(&jonas, "/app/stock");
    visit(&ida, "/app/receipts");
    ida.sees("No receipts yet");
    ida.hand_over("#receipt-photo", &picture);
    ida.sees("To check");
    ida.click("main a[href^='/app/receipts/']");
    ida.sees("The lines come to the total");
    ida.until("document.querySelector('.paper-frame img').naturalWidth > 100");

    // Two were bought; Enter saves, and the keyboard is at the next line, which is left as it is.
    ida.click_on("H-Milch");
    ida.fill(".line-form [name=quantity]", "2");
    ida.press(Key::Enter);
    ida.until("document.activeElement.matches('.line-open') && document.activeElement.innerText.includes('Rispentomaten')");
    ida.sees("2 into stock");
    ida.press(Key::Down);
    ida.until("document.activeElement.innerText.includes('Zeitung')");
    ida.click("#confirm-receipt");
    ida.sees("1 line still asks something");
    ida.click_on("Look at them");
    ida.until("document.activeElement.innerText === 'Which product is it?'");
    ida.press(Key::Escape);
    ida.click("[aria-label='Leave it out: Zeitung']");
    ida.sees("Left out");
    ida.click("#confirm-receipt");
    ida.sees("2 things were booked");
    jonas.until("document.querySelectorAll('li.lot').length === 2");
    jonas.sees("500 g");
    assert_eq!(levels(&ida), [("H-Milch".to_owned(), 2.0), ("Rispentomaten".to_owned(), 500.0)]);

    ida.click_on("Take it back");
    ida.sees("Take back all that it brought?");
    ida.click("dialog[open] .primary");
    ida.sees("What it brought was taken back");
    jonas.until("document.querySelectorAll('li.lot').length === 0");

    // It is open again. Three were bought after all; and one of them is used before that, too, is taken back.
    ida.until("document.activeElement.id === 'reopened'");
    ida.sees("This receipt is open again");
    ida.click_on("H-Milch");
    ida.fill(".line-form [name=quantity]", "3");
    ida.press(Key::Enter);
    ida.sees("3 into stock");
    ida.sees("Book it again");
    ida.click("#confirm-receipt");
    ida.sees("2 things were booked");
    assert_eq!(levels(&ida), [("H-Milch".to_owned(), 3.0), ("Rispentomaten".to_owned(), 500.0)]);
    let milk = product(&ida, "H-Milch");
    tell(&ida, "POST", "/api/inventory/consume", &json!({ "product_master_id": milk, "quantity": 1 }));
    ida.click_on("Take it back");
    ida.click("dialog[open] .primary");
    ida.sees("Take back what is left?");
    ida.sees("H-Milch: 1");
    ida.click("dialog[open] .primary");
    ida.sees("This receipt is open again");
    ida.click("#confirm-receipt");
    ida.sees("2 things were booked");
    assert_eq!(levels(&ida), [("H-Milch".to_owned(), 2.0), ("Rispentomaten".to_owned(), 500.0)]);
    ida.back();
    ida.finds("#receipt-photo");
    assert_eq!(faults(&ida), Vec::<String>::new());
    assert_eq!(faults(&jonas), Vec::<String>::new());
}

#[test]
fn a_paper_that_two_sent_is_booked_twice_only_where_somebody_says_so() {
    let Some((_house, ida)) = House::with_owner() else { return };
    known(&ida);
    let paper = PAPER.replace("Zeitung                   2,40 B\n", "").replace("5,34", "2,94");
    let book = |text: &str| {
        let path = sent(&ida, text);
        visit(&ida, "/app/receipts");
        ida.click(&format!("main a[href='{}']", screen_of(&path)));
        ida.click("#confirm-receipt");
        ida.until("document.querySelector('#booked-head, dialog[open]')");
        path
    };
    book(&paper);
    let second = book(&paper.replace("Bar ", "\nBar "));
    ida.sees("Is this the same receipt?");
    ida.sees("One of the same minute");
    ida.press(Key::Escape);
    ida.until("!document.querySelector('dialog[open]')");
    assert_eq!(levels(&ida), [("H-Milch".to_owned(), 1.0), ("Rispentomaten".to_owned(), 500.0)]);
    // The question is answered where it is asked.
    ida.click("#confirm-receipt");
    ida.click_on("Throw this one away");
    ida.sees("The receipt is thrown away");
    ida.until("location.pathname === '/app/receipts'");
    ida.until(&format!("fetch('{second}').then(one => one.status === 404)"));
    assert_eq!(levels(&ida), [("H-Milch".to_owned(), 1.0), ("Rispentomaten".to_owned(), 500.0)]);
    book(&paper.replace("Bar ", "\n\nBar "));
    ida.click_on("Book it, it is another");
    ida.sees("2 things were booked");
    assert_eq!(levels(&ida), [("H-Milch".to_owned(), 2.0), ("Rispentomaten".to_owned(), 1_000.0)]);
    assert!(
        faults(&ida).iter().all(|fault| fault.contains("409") || fault.contains("404")),
        "{:?}",
        faults(&ida)
    );
}

#[test]
fn what_cannot_be_read_says_why_is_tried_again_and_typed_in() {
    let Some((_house, ida)) = House::with_owner() else { return };
    visit(&ida, "/app/receipts");
    ida.click_on("Paste a text");
    ida.fill("#field-text", "Dear Ida, come on Thursday.");
    ida.click_on("Have it read");
    ida.sees("Nothing on it looks like a line with a price.");
    visit(&ida, "/app/");
    ida.sees("could not be read");
    ida.click("main a[href^='/app/receipts/']");
    ida.sees("It could not be read");
    ida.eval(
        "window.heard = 0; new MutationObserver(() => {
            if (document.querySelector('main').innerText.includes('It is being read.')) window.heard += 1;
        }).observe(document.body, {subtree: true, childList: true, characterData: true})",
        &[],
    );
    ida.click_on("Try again");
    ida.until("window.heard > 0");
    ida.sees("It could not be read");

    // Lines are typed one after the other, and one of them becomes a product.
    ida.fill("#new-wording", "Ziegenkäse");
    ida.fill("#new-total", "3,49");
    ida.press(Key::Enter);
    ida.sees("1 line");
    ida.until("document.querySelector('#new-wording').value === ''");
    ida.fill("#new-wording", "Brot");
    ida.fill("#new-total", "nothing");
    ida.press(Key::Enter);
    ida.sees("Say a sum, such as 2.49.");
    ida.fill("#new-total", "2");
    ida.press(Key::Enter);
    ida.sees("2 lines");
    ida.sees("No total was found");
    ida.click("[aria-label='Which product is it?: Ziegenkäse']");
    ida.sees("Nothing is called");
    ida.click_on("It is a new product");
    ida.click_on("Make it a product");
    ida.sees("1 into stock");
    ida.click("#confirm-receipt");
    ida.click_on("Book without them");
    ida.sees("1 thing was booked");
    assert_eq!(levels(&ida), [("Ziegenkäse".to_owned(), 1.0)]);
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn a_receipt_without_a_paper_takes_the_whole_width() {
    let Some((house, ida)) = House::with_owner() else { return };
    let columns = "getComputedStyle(document.querySelector('.desk')).gridTemplateColumns.split(' ').length";
    visit(&ida, "/app/receipts");
    ida.click_on("Type it in");
    ida.sees("This one is typed in, without a paper.");
    ida.until(&format!("{columns} === 1"));
    ida.go(&house.url(&screen_of(&sent(&ida, PAPER))));
    ida.finds(".paper-text");
    ida.until(&format!("{columns} === 2"));
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn two_who_put_one_line_right_see_both_sides_and_lose_nothing() {
    let Some((_house, ida)) = House::with_owner() else { return };
    known(&ida);
    let path = sent(&ida, PAPER);
    let patch = |line: usize, mut body: Value| {
        let now = ask(&ida, &path);
        body["version"] = now["version"].clone();
        let line = now["lines"][line]["id"].as_str().expect("a line has an id").to_owned();
        tell(&ida, "PATCH", &format!("{path}/lines/{line}"), &body);
    };
    visit(&ida, "/app/");
    // Of the day it was bought on, not of the one it was sent on.
    ida.sees("The receipt of Nov 19, 2026 from SPARFUCHS");
    ida.sees("waits to be checked");
    ida.click("main a[href^='/app/receipts/']");
    ida.until(&format!("location.pathname === '{}'", screen_of(&path)));
    ida.click_on("H-Milch");
    ida.fill(".line-form [name=quantity]", "3");
    ida.fill(".line-form [name=total]", "3,15");
    // Somebody says something else about another line: nobody has to choose.
    patch(1, json!({ "quantity": 2 }));
    ida.click(".line-form [type=submit]");
    ida.sees("3 into stock");
    let lines = ask(&ida, &path)["lines"].clone();
    assert_eq!([&lines[0]["quantity"], &lines[0]["total"], &lines[1]["quantity"]], [3, 315, 2]);

    ida.click_on("H-Milch");
    ida.fill(".line-form [name=quantity]", "5");
    patch(0, json!({ "quantity": 4, "total": 420 }));
    ida.click(".line-form [type=submit]");
    ida.sees("Somebody else changed the same while you were typing.");
    ida.sees("you say “5”, now it is “4”");
    ida.until("document.querySelector('.line-form [name=total]').value === '4.20'");
    ida.click_on("Keep “5”");
    ida.click(".line-form [type=submit]");
    ida.sees("5 into stock");

    // A line that goes while it is changed is there again on request.
    ida.click_on("H-Milch");
    ida.fill(".line-form [name=total]", "5,25");
    let now = ask(&ida, &path);
    let line = now["lines"][0]["id"].as_str().expect("an id");
    let gone = format!("fetch('{path}/lines/{line}?version={}', {{method: 'DELETE'}})", now["version"]);
    ida.eval(&format!("return {gone}.then(one => one.status)"), &[]);
    ida.sees("Somebody removed this line while you were changing it.");
    ida.click_on("Add it again");
    ida.sees_no("Somebody removed this line");
    let lines = ask(&ida, &path)["lines"].clone();
    assert_eq!(
        [&lines[2]["wording"], &lines[2]["quantity"], &lines[2]["total"]],
        [&json!("H-Milch 1,5%"), &json!(5), &json!(525)]
    );
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn who_leaves_in_the_middle_of_a_line_finds_it_as_it_was_typed() {
    let Some((_house, ida)) = House::with_owner() else { return };
    known(&ida);
    let path = sent(&ida, PAPER);
    visit(&ida, "/app/receipts");
    ida.click(&format!("main a[href='{}']", screen_of(&path)));
    ida.click_on("Rispentomaten");
    ida.fill(".line-form [name=arrives]", "450");
    visit(&ida, "/app/stock");
    ida.back();
    ida.until("document.querySelector('.line-form [name=arrives]')?.value === '450'");
    ida.reload();
    ida.until("document.querySelector('.line-form [name=arrives]')?.value === '450'");
    ida.click("#confirm-receipt");
    ida.sees("A line is still being changed. Save it first.");
    ida.click(".line-form [type=submit]");
    ida.sees("450 g into stock");
    ida.click_on("More to do with this receipt");
    ida.click_on("Throw this receipt away");
    ida.sees("This cannot be taken back.");
    ida.click("dialog[open] .danger");
    ida.sees("No receipts yet");
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn what_is_no_receipt_is_refused_before_and_after_it_is_sent() {
    let Some((_house, ida)) = House::with_owner() else { return };
    visit(&ida, "/app/receipts");
    ida.hand_over("#receipt-file", &file("letter.docx", b"PK"));
    ida.sees("This is neither a picture, nor a PDF, nor a text.");
    ida.hand_over("#receipt-file", &file("empty.pdf", b""));
    ida.sees("There is nothing in it.");
    ida.hand_over("#receipt-file", &file("endless.txt", &vec![b'x'; 256 * 1024 + 1]));
    ida.sees("This text is longer than any receipt.");
    ida.hand_over("#receipt-file", &file("giant.pdf", &vec![b'%'; 25 * 1024 * 1024 + 1]));
    ida.sees("This is larger than 25 MB.");
    assert_eq!(states(&ida), Vec::<String>::new());
    ida.hand_over("#receipt-file", &file("fake.png", b"a picture of nothing"));
    ida.sees("This is no picture or PDF that can be opened.");
    ida.click("[aria-label='Do not send fake.png']");
    ida.sees_no("fake.png");
    assert_eq!(states(&ida), Vec::<String>::new());
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn what_is_sent_without_a_network_waits_on_the_device_and_is_sent_once() {
    let Some((_house, cable, ida)) = visited_once() else { return };
    known(&ida);
    visit(&ida, "/app/receipts");
    ida.sees("No receipts yet");
    lose(&cable, &ida);
    ida.sees("You are offline.");
    ida.hand_over("#receipt-file", &file("bon.txt", PAPER.as_bytes()));
    ida.sees("It is sent once your house answers.");
    ida.click_on("Paste a text");
    ida.fill("#field-text", &PAPER.replace("17:40", "08:15"));
    ida.click_on("Have it read");
    ida.sees("Not in your house yet (2)");
    ida.click_on("Paste a text");
    ida.fill("#field-text", "half a rec");
    ida.click_on("Type it in");
    ida.sees("This can be done once your house answers again.");
    // All of it survives the page, and is sent from wherever one is when the house answers.
    ida.reload();
    ida.sees("Not in your house yet (2)");
    assert_eq!(ida.eval("return document.querySelector('#field-text').value", &[]), "half a rec");
    visit(&ida, "/app/");
    ida.reload();
    ida.sees("You are offline.");
    regain(&cable, &ida);
    is_live(&ida);
    ida.until("fetch('/api/receipts').then(one => one.json()).then(one => one.items.length === 2)");
    visit(&ida, "/app/receipts");
    ida.sees_no("Not in your house yet");
    ida.until("document.querySelectorAll('main a[href^=\"/app/receipts/\"]').length === 2");
    assert_eq!(states(&ida).len(), 2, "nothing was lost and nothing came twice");
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn a_code_that_nobody_knows_may_be_what_the_receipt_of_that_shopping_brought() {
    let Some((_house, ida)) = House::with_owner() else { return };
    known(&ida);
    scan(&ida, "4006381333931", "add");
    let line = json!({ "wording": "H-Milch", "total": 105, "product_id": product(&ida, "H-Milch") });
    let typed = tell(&ida, "POST", "/api/receipts", &json!({ "lines": [line] }));
    let path = format!("/api/receipts/{}/confirm", typed["id"].as_str().expect("an id"));
    tell(&ida, "POST", &path, &json!({}));
    visit(&ida, "/app/inbox");
    ida.sees("The receipt of that shopping brought this, and nobody scanned it.");
    ida.click_on("It is H-Milch");
    ida.sees("H-Milch is known now");
    assert_eq!(levels(&ida), [("H-Milch".to_owned(), 1.0)]);
    assert_eq!(faults(&ida), Vec::<String>::new());
}
