//! The station as it is shipped, under a real kernel: in an emulated machine with USB keyboards that are typed on,
//! plugged in and pulled out, with a network cable and a plug in the wall, and with a real hub on the host.
//!
//! Needs QEMU and a kernel (`.ci/kernel` fetches one); where they are missing, the tests say so and pass. A short
//! round by default. The long one, of 25 power cuts and 100 scans on two scanners at once:
//!
//! ```text
//! HEARTH_TEST_LONG=1 cargo test -p hearth-station --test kernel -- --nocapture
//! ```
//!
//! What this does not show: a disk that says it has written what it has not.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests are tests, too")]

mod kernel {
    pub(super) mod house;
    pub(super) mod image;
    pub(super) mod keys;
    pub(super) mod machine;
}

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use kernel::house::House;
use kernel::image::{Disk, Kept, Parts, Queue, careless};
use kernel::keys::{keys, reports};
use kernel::machine::{HEARD, Machine, STATION};

/// A GTIN, a date, a batch and a serial number with every kind of letter, a weight: as a scanner sends it that says
/// what it read.
const GS1: &str = "]d2010950110153000317280101\
    10aZ-09/_?!\"%&'()*+,.:\u{1d}21;<=>ABCxyz\u{1d}3103000195";

fn long() -> bool {
    std::env::var_os("HEARTH_TEST_LONG").is_some()
}

/// One part of the whole: as many as that in a long round.
fn rounds(short: usize, all: usize) -> usize {
    if long() { all } else { short }
}

#[test]
fn codes_typed_on_two_keyboards_arrive_as_they_were_scanned() {
    let Some(parts) = Parts::find() else { return };
    let house = House::start();
    let disk = Disk::new(&parts, &house.member);
    let mut machine = Machine::with_station(&parts, &disk);
    machine.types(0, GS1);
    assert_eq!(house.awaits(1), [GS1]);
    let both = ["4006381333931", "]C10109501101530003\u{1d}10Both-at-once"];
    machine.type_both(both);
    let mut arrived = house.awaits(3).split_off(1);
    arrived.sort_unstable();
    assert_eq!(arrived, both);
    // A cable that is pulled out delays scans, and does nothing else.
    machine.network(false);
    machine.types(1, "alone 1");
    machine.types(0, "alone 2");
    machine.awaits_tones(5);
    assert_eq!(house.arrived().len(), 3);
    machine.network(true);
    assert_eq!(house.awaits(5).split_off(3), ["alone 1", "alone 2"]);
}

#[test]
fn a_scanner_may_be_unplugged_even_in_the_middle_and_come_back() {
    let Some(parts) = Parts::find() else { return };
    let house = House::start();
    let disk = Disk::new(&parts, &house.member);
    let mut machine = Machine::with_station(&parts, &disk);
    let mut wanted = Vec::new();
    for round in 1..=rounds(2, 5) {
        let code = format!("before {round}");
        machine.types(0, &code);
        machine.awaits_tones(wanted.len() + 1);
        wanted.push(code);
        let half = keys("never whole");
        machine.type_keys(0, &half[..half.len() / 2]);
        machine.unplug(0);
        machine.hears("the scanner was unplugged in the middle", round);
        // The other one goes on meanwhile.
        let code = format!("other {round}");
        machine.types(1, &code);
        machine.awaits_tones(wanted.len() + 1);
        wanted.push(code);
        machine.plug_in(0);
        machine.hears("Scanner ready", 2 + round);
        let code = format!("after {round}");
        machine.types(0, &code);
        machine.awaits_tones(wanted.len() + 1);
        wanted.push(code);
    }
    assert_eq!(house.awaits(wanted.len()), wanted);
}

/// So many short codes, one after the other, as a scanner in a hurry sends them.
fn hurry(codes: &[String]) -> Vec<u8> {
    codes.iter().flat_map(|code| reports(code, 3)).collect()
}

fn names(round: usize) -> Vec<String> {
    (0..400).map(|number| format!("{round:02} {number:03}")).collect()
}

/// A moment of the seconds in which the plug is pulled.
fn soon(round: usize) -> Duration {
    Duration::from_millis(300 + RandomState::new().hash_one(round) % 2_700)
}

/// Scans until the plug is pulled. What was said by then, and what the disk holds.
fn scan_and_cut(parts: &Parts, disk: &Disk, round: usize, before: &str) -> (String, Kept) {
    let files = [("scans".to_owned(), hurry(&names(round))), ("lib/careless.so".to_owned(), careless())];
    let mut machine = Machine::boot(parts, disk, &files);
    machine.tell("scanner 0");
    machine.tell(&format!("{before} {STATION}"));
    machine.hears("Scanner ready", 3);
    machine.tell("play /scans 0 &");
    machine.awaits_tones(1);
    std::thread::sleep(soon(round));
    let said = machine.cut();
    (said, disk.look(parts))
}

/// A code of six characters and Enter takes at least so many milliseconds: a report for each key.
const QUICKEST: i64 = 7;

/// Those of a round in a queue: whole, in order, each once. Where some are missing between them, keys came faster
/// than the host had this machine take them, and the station has written that down before it took the next one. What
/// it said aloud may still have stood in the serial line when the plug was pulled; what it wrote is there. For each
/// hole there is such a note, and no more is missing than can be scanned in the time that the note names.
fn of_round(round: usize, codes: Vec<String>, losses: &[i64]) -> Vec<String> {
    let ours: Vec<String> =
        codes.into_iter().filter(|code| code.starts_with(&format!("{round:02} "))).collect();
    let typed = names(round);
    let (mut rest, mut holes, mut missing) = (typed.iter(), 0, 0);
    for code in &ours {
        let before = rest.position(|typed| typed == code);
        let before = before.unwrap_or_else(|| panic!("round {round}: {code} in {ours:?}"));
        (holes, missing) = (holes + usize::from(before > 0), missing + before);
    }
    // The code that was cut in two at either end of a hole counts as well.
    let bound: i64 = losses.iter().map(|span| span / QUICKEST + 2).sum();
    let bound = usize::try_from(bound).unwrap_or(0);
    let noted = holes <= losses.len() && missing <= bound;
    assert!(noted, "round {round}: {missing} in {holes} holes, {losses:?} noted: {ours:?}");
    if missing > 0 {
        println!("round {round}: {missing} not taken in {holes} holes, {losses:?} ms noted");
    }
    ours
}

#[test]
fn what_was_heard_before_the_plug_was_pulled_arrives_once() {
    let Some(parts) = Parts::find() else { return };
    let house = House::start();
    let disk = Disk::new(&parts, &house.member);
    let (mut wanted, mut all, mut noted): (Vec<String>, usize, usize) = (Vec::new(), 0, 0);
    for round in 0..rounds(3, 25) {
        // With and without the hub: the cut may also come while something is sent or settled.
        if round % 2 == 0 {
            house.cable.pull();
        } else {
            house.cable.plug_in();
        }
        let (said, kept) = scan_and_cut(&parts, &disk, round, "");
        let Kept::Whole(Queue { codes, losses }) = kept else { panic!("round {round}: {kept:?}") };
        let (heard, ours) = (said.matches(HEARD).count(), of_round(round, codes, &losses[noted..]));
        noted = losses.len();
        println!("cut {round}: {heard} heard, {} kept", ours.len());
        assert!(heard <= ours.len(), "round {round}: {heard} heard, and only {ours:?} kept");
        all += heard;
        wanted.extend(ours);
    }
    house.cable.plug_in();
    let machine = Machine::with_station(&parts, &disk);
    assert_eq!(house.awaits(wanted.len()), wanted);
    drop(machine);
    println!("{all} heard, {} kept and arrived, each once", wanted.len());
}

/// The other side of the test above: it would see a loss. The same program, on a disk that nobody makes keep
/// anything, which is what SQLite's `synchronous=OFF` is.
#[test]
fn where_the_disk_is_not_asked_to_keep_it_what_was_heard_is_lost() {
    let Some(parts) = Parts::find() else { return };
    let house = House::start();
    house.cable.pull();
    let disk = Disk::new(&parts, &house.member);
    let (said, kept) = scan_and_cut(&parts, &disk, 0, "LD_PRELOAD=/lib/careless.so");
    let heard = said.matches(HEARD).count();
    let left = match &kept {
        Kept::Whole(queue) => queue.codes.len(),
        Kept::Broken(_) => 0,
    };
    println!("not asked to keep it: {heard} heard, {left} kept");
    assert!(left < heard, "{heard} heard, {kept:?}");
}

#[test]
fn two_scanners_at_three_milliseconds_a_key_lose_nothing_while_the_disk_stands_still() {
    const PLAY: &str = "for round in $(seq -w ROUNDS); do fsfreeze --freeze /state; \
         play /scans/$round-0 0 & one=$!; play /scans/$round-1 1 & two=$!; \
         usleep 500000; fsfreeze --unfreeze /state; wait $one $two; done; echo machine: played";
    let Some(parts) = Parts::find() else { return };
    let house = House::start();
    house.cable.pull();
    let disk = Disk::new(&parts, &house.member);
    let (mut wanted, mut files) = (Vec::new(), Vec::new());
    let rounds = rounds(10, 100);
    let digits = rounds.to_string().len();
    for round in 1..=rounds {
        for scanner in 0..2 {
            let code =
                format!("]d20109501101530003172801011010{round:05}-{scanner}aZ/_?\u{1d}21ABCDEFGHIJKLmn");
            assert_eq!(code.len(), 60);
            files.push((format!("scans/{round:0digits$}-{scanner}"), reports(&code, 3)));
            wanted.push(code);
        }
    }
    let mut machine = Machine::boot(&parts, &disk, &files);
    machine.tell("scanner 0");
    machine.tell("scanner 1");
    machine.tell(STATION);
    machine.hears("Scanner ready", 4);
    machine.tell(&PLAY.replace("ROUNDS", &rounds.to_string()));
    machine.hears("machine: played", 1);
    machine.awaits_tones(wanted.len());
    assert!(house.arrived().is_empty());
    house.cable.plug_in();
    let mut arrived = house.awaits(wanted.len());
    arrived.sort_unstable();
    wanted.sort_unstable();
    assert!(arrived == wanted, "{} of {} arrived: {}", arrived.len(), wanted.len(), machine.said());
}
