//! The queue on its own: files, limits, and what is in the way.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use hearth_shared::scanning::NamedCode;

use super::keeper::{Keeper, Task};
use super::names::Book;
use super::*;
use crate::core::Event;

struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Folder(std::env::temp_dir().join(format!("hearth-queue-{}-{number}", std::process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn open(folder: &Folder) -> Opened {
    Queue::open(&folder.0, "boot", LIMIT, 1_000).unwrap()
}

fn draft(seq: i64, code: &str) -> Draft {
    Draft {
        id: ScanId(Id::v7(Timestamp::from_millis(seq), 0, [7; 8])),
        seq,
        code: code.as_bytes().to_vec(),
        key: code.to_owned(),
        scanner: "scanner".to_owned(),
        mode: Mode::Add,
        quantity: Some(Amount::whole(2)),
        person: None,
        place: None,
        undoes: None,
        undoable: true,
        up: seq,
        wall: 5_000,
    }
}

fn drafts(seqs: std::ops::Range<i64>) -> Vec<Draft> {
    seqs.map(|seq| draft(seq, "4006381333931")).collect()
}

#[test]
fn what_was_stored_is_there_after_a_restart_and_numbers_go_on() {
    let folder = Folder::new();
    let Opened { mut queue, recovered, set_aside } = open(&folder);
    assert_eq!((recovered.last, recovered.waiting, set_aside), (1_000, 0, None));
    queue.fix_time(100_000).unwrap();
    queue.store(&drafts(1_001..1_004)).unwrap();
    queue.settle(&[1_001], 0).unwrap();
    let sent = queue.fetch(10).unwrap();
    drop(queue);
    let Opened { queue, recovered, .. } = open(&folder);
    assert_eq!((recovered.last, recovered.waiting, recovered.started), (1_003, 2, Some(100_000)));
    assert_eq!(recovered.undoable.len(), 3);
    assert_eq!(queue.fetch(10).unwrap(), sent, "the same words again");
    assert_eq!(sent.scans.iter().map(|scan| scan.seq.unwrap()).collect::<Vec<_>>(), [1_002, 1_003]);
    assert_eq!(sent.scans[0].scanned_at, Some(Timestamp::from_millis(101_002)));
}

#[test]
fn a_queue_has_one_station() {
    let folder = Folder::new();
    let first = open(&folder);
    assert!(matches!(Queue::open(&folder.0, "boot", LIMIT, 0), Err(Closed::InUse)));
    drop(first);
    open(&folder);
}

#[test]
fn scans_without_a_time_wait_for_it() {
    let folder = Folder::new();
    let mut queue = open(&folder).queue;
    queue.store(&drafts(1..3)).unwrap();
    assert!(queue.fetch(10).unwrap().scans.is_empty());
    queue.fix_time(50).unwrap();
    assert_eq!(queue.fetch(10).unwrap().scans.len(), 2);
    queue.fix_time(99).unwrap();
    assert_eq!(queue.fetch(1).unwrap().scans[0].scanned_at, Some(Timestamp::from_millis(51)));
}

#[test]
fn a_batch_is_bounded_in_bytes_and_holds_one_start() {
    let folder = Folder::new();
    let mut queue = open(&folder).queue;
    queue.fix_time(0).unwrap();
    let long = "1".repeat(8_000);
    let many: Vec<Draft> = (1..100).map(|seq| draft(seq, &long)).collect();
    queue.store(&many).unwrap();
    assert_eq!(queue.fetch(500).unwrap().scans.len(), BATCH_BYTES / 8_000);
    drop(queue);
    let Opened { mut queue, .. } = Queue::open(&folder.0, "next", LIMIT, 0).unwrap();
    queue.settle(&(1..98).collect::<Vec<_>>(), 0).unwrap();
    queue.store(&drafts(100..103)).unwrap();
    queue.fix_time(1_000).unwrap();
    let (first, second) = (queue.fetch(500).unwrap(), 2);
    assert_eq!((first.boot_id.as_deref(), first.scans.len()), (Some("boot"), second));
    queue.settle(&[98, 99], 0).unwrap();
    assert_eq!(queue.fetch(500).unwrap().boot_id.as_deref(), Some("next"));
}

#[test]
fn only_what_the_hub_has_is_pruned_and_the_latest_is_kept() {
    let folder = Folder::new();
    let mut queue = open(&folder).queue;
    queue.fix_time(0).unwrap();
    queue.store(&drafts(1..2_001)).unwrap();
    queue.settle(&(501..2_001).collect::<Vec<_>>(), 0).unwrap();
    queue.set_aside(3, "no", 0).unwrap();
    assert!(!queue.prune().unwrap());
    let counts = Look::open(&folder.0).unwrap().unwrap().counts().unwrap();
    assert_eq!(counts, Counts { waiting: 499, acknowledged: 1_000, set_aside: 1 });
}

#[test]
fn what_was_set_aside_is_shown_with_its_reason_and_sent_again_when_asked() {
    let folder = Folder::new();
    let mut queue = open(&folder).queue;
    queue.fix_time(0).unwrap();
    queue.store(&drafts(1..4)).unwrap();
    queue.set_aside(2, "cannot be read", 0).unwrap();
    let look = Look::open(&folder.0).unwrap().unwrap();
    let mut seen = Vec::new();
    look.each(Waits::SetAside, |scan, why| seen.push((scan.seq, why))).unwrap();
    assert_eq!(seen, [(Some(2), Some("cannot be read".to_owned()))]);
    assert_eq!(look.send_again().unwrap(), 1);
    assert_eq!(queue.fetch(10).unwrap().scans.len(), 3);
}

#[test]
fn there_is_room_for_so_many_and_no_more() {
    let folder = Folder::new();
    let mut queue = Queue::open(&folder.0, "boot", 3, 0).unwrap().queue;
    queue.fix_time(0).unwrap();
    let stored = queue.store(&drafts(1..6)).unwrap();
    assert_eq!(stored, [None, None, None, Some(NotStored::Full), Some(NotStored::Full)]);
    queue.settle(&[1], 0).unwrap();
    assert_eq!(queue.store(&drafts(6..8)).unwrap(), [None, Some(NotStored::Full)]);
}

fn keeper(folder: &Folder) -> (Keeper, Receiver<Event>) {
    let (tell, told) = channel();
    let book = Book::open(&folder.0).unwrap();
    let tell = move |event| drop(tell.send(event));
    let keeper = Keeper::start(open(folder).queue, Some(book), channel(), || 9_000, tell, |_| {});
    (keeper.unwrap(), told)
}

fn next(told: &Receiver<Event>) -> Event {
    loop {
        match told.recv_timeout(Duration::from_secs(60)).unwrap() {
            Event::Called { .. } => {}
            event => return event,
        }
    }
}

#[test]
fn the_keeper_commits_and_then_says_so_and_by_which_name() {
    let folder = Folder::new();
    let (keeper, told) = keeper(&folder);
    let milk = NamedCode {
        code: "4006381333931".into(),
        name: "Oat milk".into(),
        product_id: None,
        quantity: Some(Amount::whole(3)),
        unit: Some("piece".into()),
    };
    let names = hearth_shared::scanning::Names {
        next: 4,
        after: None,
        whole: true,
        more: false,
        codes: vec![milk.clone()],
        places: Vec::new(),
        people: Vec::new(),
        language: None,
    };
    keeper.ask(Task::Learn(Box::new(names)));
    keeper.ask(Task::Store(draft(1, "4006381333931")));
    keeper.ask(Task::Store(draft(2, "x")));
    assert_eq!(next(&told), Event::Stored { seq: 1, named: Some(milk) });
    assert_eq!(next(&told), Event::Stored { seq: 2, named: None });
    let counts = Look::open(&folder.0).unwrap().unwrap().counts().unwrap();
    assert_eq!(counts.waiting, 2);
}

#[test]
fn what_is_found_is_said_and_then_goes_to_the_hub_without_a_word_from_anybody() {
    let folder = Folder::new();
    let (both, seen) = channel();
    let (tell, send) = (both.clone(), both);
    let tell = move |event| drop(tell.send(Ok(event)));
    let send = move |request| drop(send.send(Err(request)));
    let keeper = Keeper::start(open(&folder).queue, None, channel(), || 0, tell, send).unwrap();
    keeper.ask(Task::FixTime(0));
    keeper.ask(Task::Store(draft(1, "x")));
    keeper.ask(Task::Store(draft(2, "y")));
    keeper.ask(Task::Fetch { most: 1 });
    let next = || seen.recv_timeout(Duration::from_secs(60)).unwrap();
    for seq in 1..=2 {
        assert_eq!(next(), Ok(Event::Stored { seq, named: None }));
    }
    let Ok(Event::Found(found)) = next() else { panic!("what is found") };
    assert_eq!(next(), Err(SyncRequest { queued: Some(2), ..found }));
    // Nothing is not sent.
    keeper.ask(Task::Settle(vec![1, 2]));
    keeper.ask(Task::Fetch { most: 1 });
    keeper.ask(Task::Store(draft(3, "z")));
    assert_eq!(next(), Ok(Event::Settled { left: 0 }));
    assert!(matches!(next(), Ok(Event::Found(found)) if found.scans.is_empty()));
    assert_eq!(next(), Ok(Event::Stored { seq: 3, named: None }));
}

#[test]
fn a_disk_that_stalls_delays_the_word_and_loses_nothing() {
    let folder = Folder::new();
    let (keeper, told) = keeper(&folder);
    let other = Connection::open(folder.0.join(NAME)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    (1..=20).for_each(|seq| keeper.ask(Task::Store(draft(seq, "x"))));
    assert!(told.try_iter().all(|event| matches!(event, Event::Called { .. })));
    std::thread::sleep(Duration::from_millis(500));
    assert!(told.try_iter().all(|event| matches!(event, Event::Called { .. })));
    other.execute_batch("COMMIT").unwrap();
    for seq in 1..=20 {
        assert_eq!(next(&told), Event::Stored { seq, named: None });
    }
}

#[test]
fn a_file_that_breaks_while_it_is_used_is_set_aside_and_the_scan_is_stored() {
    let folder = Folder::new();
    let (keeper, told) = keeper(&folder);
    keeper.ask(Task::FixTime(0));
    keeper.ask(Task::Store(draft(1, "x")));
    assert_eq!(next(&told), Event::Stored { seq: 1, named: None });
    // Every page but none of what is remembered: the next look at them finds rubbish.
    let other = Connection::open(folder.0.join(NAME)).unwrap();
    other.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(other);
    let size = std::fs::metadata(folder.0.join(NAME)).unwrap().len() as usize;
    let file = File::options().write(true).open(folder.0.join(NAME)).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, &vec![0xa5; size - 100], 100).unwrap();
    // A write by another, so that nothing remembered counts.
    keeper.ask(Task::Settle(vec![1]));
    keeper.ask(Task::Store(draft(2, "y")));
    let mut told_of_trouble = false;
    loop {
        match next(&told) {
            Event::Stored { seq, .. } => break assert_eq!(seq, 2),
            Event::QueueTrouble(why) => told_of_trouble |= why.contains("queue-malformed-"),
            Event::Settled { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(told_of_trouble);
}

/// What the hub says where nothing is new but the language.
fn spoken(language: Option<&str>) -> hearth_shared::scanning::Names {
    hearth_shared::scanning::Names {
        next: 4,
        after: None,
        whole: false,
        more: false,
        codes: Vec::new(),
        places: Vec::new(),
        people: Vec::new(),
        language: language.map(str::to_owned),
    }
}

#[test]
fn the_language_of_the_house_is_kept_until_the_hub_says_another_or_none() {
    let folder = Folder::new();
    let language = || Book::open(&folder.0).unwrap().called().unwrap().language;
    assert_eq!(language(), Language::English);
    for (said, kept) in [(Some("de"), Language::German), (Some("fr"), Language::English)] {
        Book::open(&folder.0).unwrap().learn(&spoken(said)).unwrap();
        assert_eq!(language(), kept);
    }
    Book::open(&folder.0).unwrap().learn(&spoken(Some("de"))).unwrap();
    // An older hub in its place.
    Book::open(&folder.0).unwrap().learn(&spoken(None)).unwrap();
    assert_eq!(language(), Language::English);
}

#[test]
fn a_copy_of_before_learns_the_language_and_keeps_what_it_knew() {
    let folder = Folder::new();
    std::fs::create_dir_all(&folder.0).unwrap();
    let old = Connection::open(folder.0.join("names.db")).unwrap();
    old.execute_batch(
        "CREATE TABLE codes (code TEXT PRIMARY KEY, name TEXT NOT NULL, product TEXT, quantity INTEGER,
             unit TEXT) STRICT, WITHOUT ROWID;
         CREATE INDEX codes_by_product ON codes (product);
         CREATE TABLE kept (only INTEGER PRIMARY KEY CHECK (only = 1), next INTEGER NOT NULL,
             places TEXT NOT NULL, people TEXT NOT NULL) STRICT;
         INSERT INTO kept VALUES (1, 3, '[]', '[]');
         INSERT INTO codes (code, name) VALUES ('x', 'Oat milk');
         PRAGMA user_version = 1;",
    )
    .unwrap();
    drop(old);
    let mut book = Book::open(&folder.0).unwrap();
    assert_eq!(book.next().unwrap(), 3);
    book.learn(&spoken(Some("de"))).unwrap();
    drop(book);
    let book = Book::open(&folder.0).unwrap();
    assert_eq!(book.called().unwrap().language, Language::German);
    assert_eq!(book.find("x").unwrap().unwrap().name, "Oat milk");
}
