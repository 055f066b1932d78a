//! Whatever comes in from outside: random keys, bytes and texts end no program and become no code that is none.
//! Always the same ones, so that what fails once fails again.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests, too")]

#[path = "often/often.rs"]
mod often;

use hearth_shared::gs1::Separators;
use hearth_shared::scanning::{Names, SyncAnswer};
use hearth_shared::time::Timestamp;
use hearth_station::config::Config;
use hearth_station::core::burst::{Burst, Bursts, MAX_BYTES, Profile, Suffix};
use hearth_station::core::keys::{Case, Press, Separator, Typing};
use hearth_station::core::layout::Layout;
use hearth_station::core::reading::read;
use often::often;

/// A generator of numbers that is good enough for rubbish (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }

    fn bytes(&mut self, most: u64) -> Vec<u8> {
        (0..self.below(most)).map(|_| u8::try_from(self.below(256)).unwrap()).collect()
    }

    fn profile(&mut self) -> Profile {
        let separator = self.of(&[Separator::Control, Separator::Key(66), Separator::Character('#')]);
        let typing =
            Typing { layout: self.of(&Layout::ALL), case: self.of(&[Case::Kept, Case::Swapped]), separator };
        let prefix = self.of(&["", "]d2", "\r"]).to_owned();
        Profile { typing, suffix: self.of(&Suffix::ALL), gap_ms: self.of(&[20, 100, 5_000]), prefix }
    }
}

/// One thing that a scanner does, at a time that may also be before that of the one before.
fn anything(random: &mut Random, bursts: &mut Bursts, at: &mut i64) -> Vec<Burst> {
    *at += random.of(&[0, 1, 3, 3, 3, 3, 99, 101, 1_001, -50]);
    match random.below(40) {
        0 => bursts.overrun(*at),
        1 => bursts.unplugged(*at).into_iter().collect(),
        2 => bursts.tick(*at).into_iter().collect(),
        3 => bursts.bytes(&random.bytes(64), *at),
        4 => bursts.bytes(&vec![b'a'; MAX_BYTES], *at),
        _ => {
            // Mostly keys that mean something.
            let key = if random.below(10) == 0 { random.below(1 << 16) } else { random.below(128) };
            let press = random.of(&[Press::Down, Press::Down, Press::Up, Press::Repeat]);
            bursts.key(u16::try_from(key).unwrap(), press, *at)
        }
    }
}

#[test]
fn whatever_a_scanner_does_no_code_is_empty_or_too_long_or_holds_its_end() {
    let mut random = Random(0x5eed_0001);
    let (mut codes, mut lost) = (0, 0);
    for _ in 0..often(150) {
        let (mut bursts, mut at) = (Bursts::new(random.profile()), 1_000);
        for _ in 0..400 {
            for burst in anything(&mut random, &mut bursts, &mut at) {
                let Burst::Code(code) = burst else {
                    lost += 1;
                    continue;
                };
                codes += 1;
                assert!(!code.bytes.is_empty() && code.bytes.len() <= MAX_BYTES && code.at <= at + 50);
                assert!(!code.bytes.ends_with(b"\r") && !code.bytes.ends_with(b"\n"), "{code:?}");
                read(&code.bytes, Timestamp::from_millis(at), Separators::Unproven);
            }
        }
    }
    assert!(
        codes > often(500) && lost > often(500),
        "{codes} codes and {lost} lost: too tame to mean anything"
    );
}

#[test]
fn whatever_a_code_holds_it_is_read_and_whatever_the_clock_says() {
    let mut random = Random(0x5eed_0002);
    for _ in 0..often(10_000) {
        let mut code = random.bytes(80);
        // As if it were one of those that mean something.
        let begin =
            random.of(&["", "]d2", "]C1", "01", "17", "HEARTHC", "https://id.gs1.org/01/", "(01)", "\u{1d}"]);
        code.splice(0..0, begin.bytes());
        let wall = random.of(&[0, 1_795_000_000_000, i64::MAX, i64::MIN]);
        read(&code, Timestamp::from_millis(wall), Separators::Proven);
    }
}

/// A text in which something was taken out, put in or changed.
fn worn(random: &mut Random, text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=random.below(3) {
        let place = usize::try_from(random.below(bytes.len() as u64)).unwrap();
        match random.below(3) {
            0 => drop(bytes.remove(place)),
            1 => bytes.insert(place, u8::try_from(random.below(256)).unwrap()),
            _ => bytes[place] = random.of(b"\"{}[],:0-9eE.\\\n#= "),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn settings_and_answers_that_are_worn_are_refused_or_understood() {
    let example = include_str!("../../systemd/station.toml").replace("#: ", "");
    let answer = r#"{"outcomes":[{"scan_id":"01890a5d-ac96-774b-bcce-b302099a8057","status":"applied","before":3,
        "after":2.5,"unit":"piece","warnings":[],"lines":[],"tone":"ok"}],
        "acknowledged":["01890a5d-ac96-774b-bcce-b302099a8057"],"later":true}"#;
    let names = r#"{"next":7,"whole":true,"more":false,"codes":[{"code":"1","name":"Milk","quantity":-0.125}],
        "places":[],"people":[]}"#;
    assert!(
        serde_json::from_str::<SyncAnswer>(answer).is_ok() && serde_json::from_str::<Names>(names).is_ok()
    );
    let mut random = Random(0x5eed_0003);
    let (mut refused, mut understood) = (0, 0);
    for _ in 0..often(2_000) {
        let config = Config::read(&worn(&mut random, &example)).is_ok();
        let answer = serde_json::from_str::<SyncAnswer>(&worn(&mut random, answer)).is_ok();
        let names = serde_json::from_str::<Names>(&worn(&mut random, names)).is_ok();
        for fine in [config, answer, names] {
            if fine { understood += 1 } else { refused += 1 }
        }
    }
    assert!(refused > often(100) && understood > often(100), "{refused} refused, {understood} understood");
}
