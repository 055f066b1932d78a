//! Whatever lies where the queue should be: it is opened, or set aside and a new one begun, and scans are safe in it.
//! Give it a whole queue file to begin with.
#![no_main]

use hearth_shared::id::Id;
use hearth_shared::scanning::{Mode, ScanId};
use hearth_shared::time::Timestamp;
use hearth_station::core::burst::Loss;
use hearth_station::core::{Draft, Lost};
use hearth_station::queue::{Look, Opened, Queue, Waits, is_malformed};
use libfuzzer_sys::fuzz_target;

fn draft(seq: i64) -> Draft {
    Draft {
        id: ScanId(Id::v7(Timestamp::from_millis(1_795_000_000_000), 0, seq.to_be_bytes())),
        seq,
        code: b"4006381333931".to_vec(),
        key: "04006381333931".to_owned(),
        scanner: "one".to_owned(),
        mode: Mode::Add,
        quantity: None,
        person: None,
        place: None,
        undoes: None,
        undoable: true,
        up: 1,
        wall: 2,
    }
}

fuzz_target!(|data: &[u8]| {
    let folder = std::path::PathBuf::from(format!("/dev/shm/hearth-fuzz-{}", std::process::id()));
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("queue.db"), data).expect("a file");
    // What another program's file holds that is whole is not ours to judge: it is said, and nothing is lost.
    if let Ok(Opened { mut queue, recovered, .. }) = Queue::open(&folder, "boot", 1_000_000, 3) {
        drop(queue.fix_time(5));
        drop(queue.note(&Lost { scanner: "one".to_owned(), loss: Loss::CutOff, wall: 4 }));
        let next = recovered.last.saturating_add(1);
        let mut stored = queue.store(&[draft(next)]);
        if stored.as_ref().is_err_and(is_malformed) {
            queue.begin_anew(6).expect("a new one");
            stored = queue.store(&[draft(next)]);
            assert!(matches!(stored.as_deref(), Ok([None])), "{stored:?}");
        }
        drop((queue.fetch(500), queue.settle(&[next], 7), queue.prune(), queue.tidy()));
        if let Ok(Some(look)) = Look::open(&folder) {
            drop((look.counts(), look.losses(10), look.each(Waits::Yes, |_, _| {})));
        }
    }
    drop(std::fs::remove_dir_all(&folder));
});
