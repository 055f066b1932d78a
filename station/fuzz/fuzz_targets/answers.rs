//! Whatever a hub answers, or somebody in its place: refused or understood, and the station goes on.
#![no_main]

use hearth_shared::scanning::{Names, SyncAnswer};
use hearth_station::core::{Event, Input, Moment, Output, Recovered, Setup, State, step};
use hearth_station::link::calls::Station;
use hearth_station::queue::Queue;
use hearth_station::queue::names::Book;
use libfuzzer_sys::fuzz_target;

/// A station that has sent a scan and waits for the answer. What it sent.
fn asked(state: &mut State, queue: &mut Queue) -> String {
    let mut sent = String::new();
    let mut waiting =
        vec![Event::Started, Event::Greeted { hub: None }, Event::Typed(b"4006381333931".to_vec())];
    while !waiting.is_empty() {
        let at = Moment { up: 1_000, wall: 1_795_000_000_000, right: true };
        for output in step(state, Input { at, event: waiting.remove(0) }) {
            match output {
                Output::FixTime { started } => queue.fix_time(started).expect("a time"),
                Output::Store(draft) => {
                    sent = draft.id.to_string();
                    queue.store(&[draft.clone()]).expect("a scan");
                    waiting.push(Event::Stored { seq: draft.seq, named: None });
                }
                Output::Fetch { most } => waiting.push(Event::Found(queue.fetch(most).expect("scans"))),
                _ => {}
            }
        }
    }
    sent
}

fuzz_target!(|text: &str| {
    let folder = std::path::PathBuf::from(format!("/dev/shm/hearth-fuzz-answers-{}", std::process::id()));
    drop(std::fs::remove_dir_all(&folder));
    let mut queue = Queue::open(&folder, "boot", 100, 3).expect("a queue").queue;
    let mut state = State::new(Setup::default(), Recovered::default(), 1);
    let id = asked(&mut state, &mut queue);
    // ID stands for the scan that was sent.
    let text = text.replace("ID", &id);
    let mut events = Vec::new();
    if let Ok(answer) = serde_json::from_str::<SyncAnswer>(&text) {
        events.push(Event::Answered(answer));
    }
    if let Ok(station) = serde_json::from_str::<Station>(&text) {
        events.push(station.event());
    }
    for event in events {
        let at = Moment { up: 1_100, wall: 1_795_000_000_100, right: true };
        for output in step(&mut state, Input { at, event }) {
            // Only what was sent is settled.
            if let Output::Settle(seqs) = output {
                assert_eq!(seqs.len(), 1);
                queue.settle(&seqs, 4).expect("settled");
            }
        }
    }
    if let Ok(names) = serde_json::from_str::<Names>(&text) {
        let mut book = Book::open(&folder).expect("a book");
        if book.learn(&names).is_ok() {
            for named in names.codes.iter().take(20) {
                book.find(&named.code).expect("it is asked");
            }
            book.called().expect("names");
        }
    }
    drop(std::fs::remove_dir_all(&folder));
});
