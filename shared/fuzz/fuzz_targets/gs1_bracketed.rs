//! Bracketed text: read without a panic, and what is accepted is written back as it came.
#![no_main]

use hearth_shared::gs1::{Context, Date, Input, Message, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let today = Date::new(2026, 11, 20).expect("a day");
    let scan = parse(data, &Context { input: Input::Bracketed, ..Context::on(today) });
    if scan.is_accepted() {
        let message = Message::of(&scan).expect("an accepted scan can be written");
        assert_eq!(message.bracketed().as_bytes(), data);
    }
});
