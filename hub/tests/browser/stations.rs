//! Stations as those see them who look after them: what they do, what waits, what was scanned; and what is printed for
//! them.

use hearth_hub::testing::browser::Browser;
use serde_json::{Value, json};

use crate::house::{House, ask, faults, is_live, visit};
use crate::kitchen::{MILK, product, tell};
use crate::offline::{lose, regain, visited_once};

/// A station that was let in, with its token.
pub(crate) struct Station {
    pub(crate) id: String,
    token: String,
}

/// A station pairs, and whoever is at the browser lets it in.
pub(crate) fn station(ida: &Browser, name: &str) -> Station {
    let pair = "
        const [name] = arguments;
        const post = (path, body, more) => fetch(path, {method: 'POST', body: JSON.stringify(body),
            headers: {'content-type': 'application/json', 'idempotency-key': crypto.randomUUID()}, ...more})
            .then(one => one.json());
        const mine = secret => ({credentials: 'omit', headers: {'content-type': 'application/json',
            ...(secret && {authorization: `Bearer ${secret}`})}});
        return (async () => {
            const wish = {kind: 'station', device_id: name.replaceAll(' ', '-'), name, version: '1.2.0'};
            const asked = await post('/api/pairing', wish, mine());
            const device = await post('/api/devices', {code: asked.code, name});
            const given = await post(`/api/pairing/${asked.pairing_id}/claim`, {}, mine(asked.secret));
            return [device.id, given.token];
        })()";
    let made = ida.eval(pair, &[json!(name)]);
    let text = |at: usize| made[at].as_str().unwrap_or_else(|| panic!("a station: {made}")).to_owned();
    Station { id: text(0), token: text(1) }
}

impl Station {
    /// Sends something as the station's own program would.
    fn send(&self, through: &Browser, path: &str, body: &Value) -> Value {
        let send = "
            const [token, path, body] = arguments;
            const headers = {'content-type': 'application/json', authorization: `Bearer ${token}`};
            return fetch(path, {method: 'POST', credentials: 'omit', headers, body: JSON.stringify(body)})
                .then(one => one.json())";
        let answer = through.eval(send, &[json!(self.token), json!(path), body.clone()]);
        assert_eq!(answer["request_id"], Value::Null, "{path}: {answer}");
        answer
    }

    pub(crate) fn scan(&self, through: &Browser, code: &str) -> Value {
        let body = json!({ "scan_id": fresh_id(through), "code": code });
        self.send(through, "/api/scanner/scan", &body)
    }
}

/// An id that was made just now.
fn fresh_id(browser: &Browser) -> String {
    let id = browser.eval(
        "const time = Date.now().toString(16).padStart(12, '0');
         const rest = crypto.randomUUID();
         return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(15)}`",
        &[],
    );
    id.as_str().expect("an id").to_owned()
}

/// Chooses in a field, as a finger does.
fn choose(browser: &Browser, field: &str, word: &str) {
    browser.until(&format!(
        "[...(document.querySelector('{field}:enabled')?.options ?? [])].some(one => one.text === {})",
        json!(word)
    ));
    browser.eval(
        "const field = document.querySelector(arguments[0]);
         field.value = [...field.options].find(one => one.text === arguments[1]).value;
         field.dispatchEvent(new Event('change', {bubbles: true}))",
        &[json!(field), json!(word)],
    );
}

/// What stands in the list of the last scans, a line for each.
const SCANS: &str = "[...document.querySelectorAll('.pair-detail .scan-row')]
    .map(row => ['.row-title', '.row-sub > span'].map(one => row.querySelector(one).innerText).join(': ')).join(' | ')";

fn scans_are(browser: &Browser, wanted: &str) {
    browser.until(&format!("{SCANS} === {}", json!(wanted)));
}

#[test]
fn two_people_see_what_a_station_does_and_turn_it_from_afar() {
    let Some((_house, ida)) = House::with_owner() else { return };
    let jonas = House::with_guest(&ida, "Jonas");
    product(&ida, "Milk", MILK);
    let fridge = station(&ida, "Fridge door");
    for person in [&ida, &jonas] {
        visit(person, "/app/devices");
        person.click(".pair-list a[href^='/app/devices/']");
        person.sees("Nothing was scanned here yet.");
        person.sees("This is its usual.");
    }
    assert_eq!(fridge.scan(&ida, MILK)["after"], 1);
    scans_are(&ida, "Milk: Put in · 0 → 1");
    scans_are(&jonas, "Milk: Put in · 0 → 1");

    choose(&ida, "#field-station-mode", "Use");
    ida.sees("Fridge door: Use");
    jonas.until("document.querySelector('#field-station-mode').value === 'consume'");
    jonas.sees("Goes back at");
    choose(&jonas, "#field-station-person", "Jonas");
    ida.until("document.querySelector('#field-station-person').selectedOptions[0].text === 'Jonas'");
    // The station does what was chosen for it.
    assert_eq!(fridge.scan(&ida, MILK)["after"], 0);
    scans_are(&ida, "Milk: Use · 1 → 0 · Jonas | Milk: Put in · 0 → 1");
    jonas.click("button[aria-label='Undo Milk']");
    scans_are(&ida, "Milk: This was taken back. | Milk: Put in · 0 → 1");
    scans_are(&jonas, "Milk: This was taken back. | Milk: Put in · 0 → 1");
    ida.click_on("Go back now");
    jonas.sees("This is its usual.");

    // What waits there is said by the station itself.
    let scans = [json!({ "scan_id": fresh_id(&ida), "code": MILK, "seq": 1 })];
    fridge.send(&ida, "/api/scanner/sync", &json!({ "boot_id": "b", "queued": 4, "scans": scans }));
    jonas.sees("3 scans wait at the station");
    ida.sees("3 scans wait");
    ida.fill("#device-name", "Larder door");
    ida.click(".pair-detail button[type=submit]");
    jonas.until("document.querySelector('.pair-detail h2').innerText === 'Larder door'");
    assert_eq!((faults(&ida), faults(&jonas)), (Vec::<String>::new(), Vec::new()));
}

#[test]
fn all_stations_are_turned_at_once_when_somebody_asks_for_it_by_name() {
    let Some((house, ida)) = House::with_owner() else { return };
    let (fridge, cellar) = (station(&ida, "Fridge"), station(&ida, "Cellar"));
    ida.go(&house.url(&format!("/app/devices/{}", fridge.id)));
    ida.sees("This is its usual.");
    ida.sees_no("The same at all stations");
    choose(&ida, "#field-station-mode", "Throw away");
    ida.click_on("The same at all stations");
    ida.sees("Change all 2 stations?");
    ida.sees("From now on each of them does this: Throw away.");
    ida.click("dialog[open] .primary");
    ida.sees("2 stations: Throw away");
    ida.until("document.querySelectorAll('.pair-list .card-row').length > 1");
    let told = ask(&ida, &format!("/api/scanner/mode?station_id={}", cellar.id));
    assert_eq!((&told["mode"], &told["usual_mode"]), (&json!("spoil"), &json!("add")));

    // What one goes back to is its own, and holds from then on.
    ida.click(".pair-detail .folded summary");
    choose(&ida, "#field-usual-mode", "Count");
    ida.until("document.querySelector('.pair-detail .folded summary').innerText.includes('Count')");
    ida.click_on("Go back now");
    ida.until("document.querySelector('#field-station-mode').value === 'count'");
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn a_station_is_looked_at_without_a_network_and_turned_when_it_is_back() {
    let Some((_house, cable, ida)) = visited_once() else { return };
    product(&ida, "Milk", MILK);
    let fridge = station(&ida, "Fridge");
    fridge.scan(&ida, MILK);
    visit(&ida, "/app/devices");
    ida.click(".pair-list a[href^='/app/devices/']");
    scans_are(&ida, "Milk: Put in · 0 → 1");
    ida.click("a[href='/app/labels']");
    ida.finds("img.print-sheet");
    lose(&cable, &ida);
    ida.sees("You are offline.");
    ida.click("main a[href='/app/labels/places']");
    ida.sees("It is shown once your house answers.");
    ida.sees_no("Open to print");
    visit(&ida, "/app/devices");
    ida.click(".pair-list a[href^='/app/devices/']");
    scans_are(&ida, "Milk: Put in · 0 → 1");
    ida.finds("#field-station-mode:disabled");
    regain(&cable, &ida);
    is_live(&ida);
    choose(&ida, "#field-station-mode", "Use");
    ida.sees("Fridge: Use");
}

/// What begins a file that the page would open.
fn opened(browser: &Browser, selector: &str) -> String {
    let head = "const link = document.querySelector(arguments[0]);
        return fetch(link.href).then(one => one.arrayBuffer())
            .then(bytes => new TextDecoder('latin1').decode(bytes.slice(0, 5)))";
    browser.eval(head, &[json!(selector)]).as_str().unwrap_or_default().to_owned()
}

/// The codes on the sheet that is shown, as the app's own camera reads them.
fn read_from_sheet(browser: &Browser) -> Vec<String> {
    browser.finds("img.print-sheet");
    let read = "
        const sheet = document.querySelector('img.print-sheet');
        return (async () => {
            await sheet.decode();
            const canvas = document.createElement('canvas');
            [canvas.width, canvas.height] = [1240, Math.round(1240 * sheet.naturalHeight / sheet.naturalWidth)];
            const ink = canvas.getContext('2d');
            ink.fillStyle = 'white';
            ink.fillRect(0, 0, canvas.width, canvas.height);
            ink.drawImage(sheet, 0, 0, canvas.width, canvas.height);
            const picture = await new Promise(done => canvas.toBlob(done, 'image/png'));
            const main = document.querySelector('script[type=module][src]').src;
            const {codesOf} = await import(new URL('kitchen/camera/photograph.js', main));
            const {take, among} = await codesOf(new File([picture], 'sheet.png', {type: 'image/png'}));
            return [take, ...among].filter(Boolean).map(({message}) => message);
        })()";
    let codes = browser.eval(read, &[]);
    codes.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[test]
fn what_is_printed_is_a_pdf_and_a_station_reads_what_stands_on_it() {
    let Some((house, ida)) = House::with_owner() else { return };
    let milk = product(&ida, "Milk", MILK);
    let fridge = station(&ida, "Fridge");
    let lot = json!({ "product_master_id": milk, "initial_quantity": 3, "use_by": "2031-01-02" });
    tell(&ida, "POST", "/api/inventory", &lot);
    // From the devices to the cards, and on to another paper.
    visit(&ida, "/app/devices");
    ida.click("a[href='/app/labels']");
    ida.finds("img.print-sheet");
    assert_eq!(opened(&ida, "a[target=_blank]"), "%PDF-");
    ida.click("main a[href='/app/labels/scanner-test']");
    ida.until("location.pathname === '/app/labels/scanner-test'");
    ida.until("![...document.querySelector('#field-paper').options].some(one => one.value === 'roll-40x30')");
    assert_eq!(opened(&ida, "a[download]"), "%PDF-");
    ida.click("main a[href='/app/labels/people']");
    choose(&ida, "#field-paper", "Roll of labels, 62 × 29 mm");
    ida.until("document.querySelector('a[download]')?.href.includes('people.pdf?sheet=roll-62x29')");
    ida.sees("Choose this size of label");

    // From a product to a label for what is there of it, which is that very lot for a station.
    ida.go(&house.url(&format!("/app/product/{milk}")));
    ida.click_on("Print labels");
    ida.finds("input[name=lot]:checked");
    choose(&ida, "#field-paper", "Roll of labels, 62 × 29 mm");
    ida.until("document.querySelector('a[download]')?.href.includes('lots.pdf?sheet=roll-62x29')");
    ida.until("document.querySelector('img.print-sheet')?.naturalWidth > 0");
    let codes = read_from_sheet(&ida);
    let [code] = &codes[..] else { panic!("one code is on a label: {codes:?}") };
    tell(&ida, "POST", "/api/scanner/mode", &json!({ "station_id": fridge.id, "mode": "consume" }));
    let used = fridge.scan(&ida, code);
    assert_eq!((&used["status"], &used["after"]), (&json!("applied"), &json!(2)), "{code}: {used}");
    // Nothing is chosen any more: nothing can be printed.
    ida.click("input[name=lot]");
    ida.sees("Choose what gets a label");
    ida.sees_no("Open to print");
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn a_whole_count_is_taken_back_from_the_story_of_one_thing_after_a_look() {
    let Some((house, ida)) = House::with_owner() else { return };
    let (milk, bread) = (product(&ida, "Milk", MILK), product(&ida, "Bread", "9780201379624"));
    let place = ask(&ida, "/api/places")["items"][0]["id"].clone();
    let take = tell(&ida, "POST", "/api/stocktakes", &json!({ "place_id": place }));
    let path = format!("/api/stocktakes/{}", take["id"].as_str().expect("a count"));
    for (thing, quantity) in [(&milk, 4), (&bread, 2)] {
        tell(&ida, "POST", &format!("{path}/count"), &json!({ "product_id": thing, "quantity": quantity }));
    }
    tell(&ida, "POST", &format!("{path}/commit"), &json!({}));
    ida.go(&house.url(&format!("/app/product/{milk}")));
    ida.sees("What happened to it");
    ida.click(".story button");
    ida.sees("Booked at once with others");
    ida.finds("dialog[open] [aria-label='from 4 to 0']");
    ida.click("dialog[open] .notice button");
    ida.until("document.querySelectorAll('dialog[open] .undo-line').length === 2");
    ida.sees("Bread");
    ida.click("dialog[open] .primary");
    ida.until("!document.querySelector('dialog[open]')");
    ida.sees("There is none in the house.");
    assert_eq!(ask(&ida, &format!("/api/products/{bread}"))["level"]["quantity"], 0);
    assert_eq!(ask(&ida, &path)["state"], "undone");
    assert_eq!(faults(&ida), Vec::<String>::new());
}

#[test]
fn whether_a_pack_is_another_one_is_answered_on_the_card_or_in_the_inbox() {
    let Some((_house, ida)) = House::with_owner() else { return };
    product(&ida, "Milk", MILK);
    let fridge = station(&ida, "Fridge");
    let pack = format!("]d201{MILK:0>14}21A7");
    visit(&ida, "/app/scan");
    let typed = |code: &str| {
        ida.eval(
            "const field = document.querySelector('#field-code'); field.value = arguments[0];
             field.form.requestSubmit()",
            &[json!(code)],
        )
    };
    typed(&pack);
    ida.sees("Booked");
    typed(&pack);
    ida.sees("This very pack is here already");
    assert_eq!(ida.axe(), Vec::<String>::new());
    ida.click_on("It is another one");
    ida.until("document.querySelector('.scan-card')?.innerText.includes('2')");
    ida.sees_no("It is another one");

    assert_eq!(fridge.scan(&ida, &pack)["warnings"][0], "already-here");
    visit(&ida, "/app/inbox");
    ida.sees("by its number. It was not added again.");
    assert_eq!(ida.axe(), Vec::<String>::new());
    ida.click_on("It is the same one");
    ida.sees("Nothing is waiting");
    assert_eq!(ask(&ida, "/api/inbox")["items"], json!([]));
    assert_eq!(ask(&ida, "/api/inventory?group=product")["items"][0]["quantity"], 2);
    assert_eq!(faults(&ida), Vec::<String>::new());
}
