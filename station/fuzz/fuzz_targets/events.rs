//! Whatever two scanners do, at whatever times: no panic, and no code that is empty, too long or holds its end.
#![no_main]

use hearth_shared::scanning::SyncRequest;
use hearth_station::core::burst::{MAX_BYTES, Profile, Suffix};
use hearth_station::core::keys::{Case, Press, Separator, Typing};
use hearth_station::core::layout::Layout;
use hearth_station::core::{Button, Event, Input, Moment, Output, Recovered, Setup, State, step};
use libfuzzer_sys::fuzz_target;

fn profile(byte: u8) -> Profile {
    let layout = Layout::ALL[usize::from(byte & 3)];
    let case = if byte & 4 == 0 { Case::Kept } else { Case::Swapped };
    let separator =
        [Separator::Control, Separator::Key(66), Separator::Character('#')][usize::from(byte >> 3) % 3];
    let suffix = Suffix::ALL[usize::from(byte >> 5) % Suffix::ALL.len()];
    let prefix = if byte & 128 == 0 { String::new() } else { "]d2".to_owned() };
    Profile { typing: Typing { layout, case, separator }, suffix, prefix, ..Profile::default() }
}

fn event(number: u32, kind: u8, one: u8, two: u8, at: i64) -> Event {
    match kind % 16 {
        0 => Event::Overrun { number, at },
        1 => Event::Unplugged { number, at },
        2 => Event::Plugged { number, name: "again".to_owned(), profile: profile(one) },
        3 => Event::Bytes { number, bytes: vec![one; usize::from(two) * 40], at },
        4 => Event::Bytes { number, bytes: vec![one, two, b'\r'], at },
        5 => Event::Button(if one & 1 == 0 { Button::Short } else { Button::Long }),
        6 => Event::Tick,
        7 => Event::Typed(vec![one, two]),
        _ => Event::Key {
            number,
            key: u16::from(one) | u16::from(two & 8) << 5,
            press: Press::of(i32::from(two % 4)),
            at,
        },
    }
}

fuzz_target!(|data: &[u8]| {
    let [first, second, rest @ ..] = data else { return };
    let mut state = State::new(Setup::default(), Recovered::default(), 1);
    let mut up = 1_000;
    let mut waiting: Vec<Event> = vec![
        Event::Started,
        Event::Plugged { number: 0, name: "one".to_owned(), profile: profile(*first) },
        Event::Plugged { number: 1, name: "two".to_owned(), profile: profile(*second) },
        Event::Greeted { hub: None },
    ];
    let (mut seq, mut steps) = (0, rest.chunks_exact(4));
    loop {
        let next = if waiting.is_empty() {
            let Some(&[kind, one, two, pause]) = steps.next() else { break };
            up += i64::from(pause) * i64::from(pause) / 16;
            // The kernel's time may be behind, or before.
            event(u32::from(kind >> 7), kind & 127, one, two, up - i64::from(one % 5) + 2)
        } else {
            waiting.remove(0)
        };
        let at = Moment { up, wall: up + 1_795_000_000_000, right: seq % 2 == 0 };
        for output in step(&mut state, Input { at, event: next }) {
            match output {
                Output::Store(draft) => {
                    assert!(draft.seq > seq && draft.up <= up);
                    assert!(!draft.code.is_empty() && draft.code.len() <= MAX_BYTES);
                    seq = draft.seq;
                    waiting.push(Event::Stored { seq, named: None });
                }
                Output::Fetch { .. } => waiting.push(Event::Found(SyncRequest {
                    station_id: None,
                    boot_id: None,
                    monotonic_ms: None,
                    queued: None,
                    scans: Vec::new(),
                })),
                _ => {}
            }
        }
        assert!(state.storing() <= waiting.len());
    }
});
