//! What was accepted, written in each form, reads back as the same elements.
#![no_main]

use hearth_shared::gs1::{Context, Date, Input, MAX_BYTES, Message, Scan, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let today = Date::new(2026, 11, 20).expect("a day");
    let context = Context::on(today);
    let scan = parse(data, &context);
    let Ok(message) = Message::of(&scan) else { return };
    if scan.elements().len() == 0 {
        return;
    }
    let text = message.bracketed();
    if text.len() > MAX_BYTES {
        return;
    }
    let back = parse(text.as_bytes(), &Context { input: Input::Bracketed, ..context });
    assert!(back.is_accepted());
    assert_eq!(elements(&back), elements(&scan));
    if let Ok(text) = message.element_string() {
        let text = format!("]d2{text}");
        let back = parse(text.as_bytes(), &context);
        assert!(back.is_accepted());
        assert_eq!(sorted(&back), sorted(&scan));
    }
    if let Ok(text) = message.digital_link("https://example.org") {
        let back = parse(text.as_bytes(), &context);
        assert!(back.is_accepted());
        assert_eq!(sorted(&back), sorted(&scan));
    }
});

fn elements(scan: &Scan<'_>) -> Vec<(u16, String)> {
    scan.elements().map(|element| (element.ai().number(), element.value().to_string())).collect()
}

fn sorted(scan: &Scan<'_>) -> Vec<(u16, String)> {
    let mut elements = elements(scan);
    elements.sort();
    elements
}
