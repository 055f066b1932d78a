//! What the kernel says of a scanner, as it was recorded (`tests/traces`), and what becomes of it.

use std::path::Path;

use expect_test::{Expect, expect};

use super::*;
use crate::core::burst::{Burst, Bursts, Profile, Suffix, text};
use crate::core::keys::{Separator, Typing};
use crate::core::layout::Layout;

#[test]
fn keys_and_what_was_lost_are_told_and_nothing_else() {
    let events = [
        (EventType::MISC, 4, 458_782),
        (EventType::KEY, 30, 1),
        (EventType::SYNCHRONIZATION, 0, 0),
        (EventType::KEY, 30, 2),
        (EventType::KEY, 30, 0),
        (EventType::SYNCHRONIZATION, 3, 0),
        (EventType::LED, 1, 1),
    ];
    let events = events.map(|(kind, code, value)| InputEvent::new(kind.0, code, value));
    let told: Vec<_> = events.iter().filter_map(|event| Raw::of(event).meaning(7, 100_000, 50)).collect();
    let key = |press| Event::Key { number: 7, key: 30, press, at: 50 };
    let lost = Event::Overrun { number: 7, at: 50 };
    assert_eq!(told, [key(Press::Down), key(Press::Repeat), key(Press::Up), lost]);
}

/// The events of a recording.
fn recorded(name: &str) -> Vec<Raw> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/traces/{name}.trace"));
    let trace = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let event = |line: &str| {
        let mut words = line.split(' ');
        let (seconds, micros) = words.next()?.split_once('.')?;
        let stamp = seconds.parse::<i64>().ok()? * 1_000 + micros.parse::<i64>().ok()? / 1_000;
        let kind = EventType(words.next()?.parse().ok()?);
        Some(Raw { stamp, kind, code: words.next()?.parse().ok()?, value: words.next()?.parse().ok()? })
    };
    let lines = trace.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| event(line).unwrap_or_else(|| panic!("{name}: {line}"))).collect()
}

/// What becomes of a recording; at its end the scanner is unplugged, or nothing comes for a while.
fn played(name: &str, profile: &Profile, unplugged: bool) -> String {
    let (mut bursts, events) = (Bursts::new(profile.clone()), recorded(name));
    let (first, mut found, mut last) = (events[0].stamp, Vec::new(), 0);
    for raw in events {
        // Read a millisecond after it was pressed, by a machine that was up for a second when it began.
        last = raw.stamp - first + 1_001;
        match raw.meaning(1, raw.stamp + 1, last) {
            Some(Event::Key { key, press, at, .. }) => found.extend(bursts.key(key, press, at)),
            Some(Event::Overrun { at, .. }) => found.extend(bursts.overrun(at)),
            _ => {}
        }
    }
    found.extend(if unplugged { bursts.unplugged(last) } else { bursts.tick(last + 10_000) });
    let line = |burst: &Burst| match burst {
        Burst::Code(code) => format!("{}\n", text(&code.bytes).replace('\u{1d}', "␝")),
        Burst::Lost(loss) => format!("lost: {}\n", loss.sentence()),
    };
    found.iter().map(line).collect()
}

fn check(name: &str, profile: Profile, expected: Expect) {
    expected.assert_eq(&played(name, &profile, false));
}

fn typing(layout: Layout, separator: Separator) -> Profile {
    Profile { typing: Typing { layout, separator, ..Typing::default() }, ..Profile::default() }
}

const GS1: &str = "]d201095011015300031728010110AB-12yZ␝21xy/(z)\n";

#[test]
fn one_code_is_the_same_in_every_language_and_with_every_separator() {
    let key = Separator::Key(crate::core::keys::function_key(8).unwrap());
    for (name, layout, separator) in [
        ("us-gs1", Layout::Us, Separator::Control),
        ("us-alt-029", Layout::Us, Separator::Control),
        ("us-f8", Layout::Us, key),
        ("de-gs1", Layout::De, Separator::Control),
        ("fr-gs1", Layout::Fr, Separator::Control),
        ("two-at-once-1", Layout::Us, Separator::Control),
    ] {
        assert_eq!(played(name, &typing(layout, separator), false), GS1, "{name}");
    }
    check(
        "two-at-once-2",
        Profile::default(),
        expect![[r#"
        4006381333931
    "#]],
    );
    check(
        "uk-hash",
        typing(Layout::Uk, Separator::Character('#')),
        expect![[r#"
            "A@B"␝C~
        "#]],
    );
}

#[test]
fn ends_keypads_and_other_keyboards() {
    check(
        "us-keypad",
        Profile::default(),
        expect![[r#"
        4006381333931
    "#]],
    );
    for suffix in [Suffix::Any, Suffix::Tab] {
        check(
            "us-tab",
            Profile { suffix, ..Profile::default() },
            expect![[r#"
            96385074
            4006381333931
        "#]],
        );
    }
    for suffix in [Suffix::Any, Suffix::Pause] {
        check(
            "us-no-end",
            Profile { suffix, ..Profile::default() },
            expect![[r#"
            4006381333931
        "#]],
        );
    }
    check(
        "usb-keyboard",
        Profile::default(),
        expect![[r#"
        4006381333931
    "#]],
    );
}

#[test]
fn a_key_that_the_kernel_repeats_is_one_key() {
    let repeats = recorded("held").iter().filter(|raw| raw.kind == EventType::KEY && raw.value == 2).count();
    assert!(repeats > 10, "{repeats}");
    check(
        "held",
        Profile { gap_ms: 5_000, ..Profile::default() },
        expect![[r#"
            1234
        "#]],
    );
}

#[test]
fn what_the_kernel_could_not_keep_and_what_was_cut_off_become_no_code() {
    check(
        "dropped",
        Profile::default(),
        expect![[r#"
        lost: some keys were lost
    "#]],
    );
    check(
        "us-no-end",
        Profile { suffix: Suffix::Enter, ..Profile::default() },
        expect![[r#"
        lost: the end did not come
    "#]],
    );
    let whole = Profile { suffix: Suffix::Enter, ..Profile::default() };
    assert_eq!(played("unplugged", &whole, true), "lost: the scanner was unplugged in the middle\n");
}
