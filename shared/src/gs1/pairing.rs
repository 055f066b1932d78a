//! Pairing rules: which elements ask for others, and which exclude each other.
//!
//! The rules speak of all symbols on an item together, and labels on food break them daily; so what is found
//! here is a remark and never a refusal. The dictionary gives every identifier bits, and a rule is a mask.

use super::dictionary::{self, Found, GTIN_CLASS, MEASURE_CLASSES, Need};
use super::digits::pair;
use super::scan::{Scan, Slot};
use super::{Gtin, date};

/// Judges all elements of a scan.
#[inline]
pub(super) fn judge(scan: &mut Scan<'_>) {
    // A number in a primary symbol stands for 01.
    let mut present = if scan.number.is_some() { GTIN_CLASS } else { 0 };
    let (mut rows, mut repeated, mut signed) = ([0_u64; 4], false, false);
    for slot in scan.slots() {
        let row = slot.row();
        present |= row.class;
        signed |= row.first == SIGNATURE;
        let (word, bit) = (usize::from(slot.place_in_table() / 64), 1 << (slot.place_in_table() % 64));
        repeated |= rows[word] & bit != 0;
        rows[word] |= bit;
    }
    let (mut missing, mut excluded) = (0, 0);
    for (i, slot) in scan.slots().iter().enumerate() {
        let row = slot.row();
        let unmet = if row.needs_more {
            !row.needs.iter().all(|need| is_met(need, present))
        } else {
            row.needs_any != 0 && row.needs_any & present == 0
        };
        missing |= u64::from(unmet) << i;
        excluded |= u64::from(row.bars & present != 0) << i;
    }
    scan.remarks.companion_missing = missing;
    scan.remarks.excluded = excluded;
    if repeated {
        judge_repeats(scan);
    }
    if signed {
        scan.remarks.serial_missing = unserialised(scan);
    }
    if present & MEASURE_CLASSES != 0 {
        scan.remarks.measure_missing = 0;
    }
}

/// The digital signature.
const SIGNATURE: u16 = 8030;

fn is_met(need: &Need, present: u64) -> bool {
    let both = |pair: &u64| *pair != 0 && present & pair == *pair;
    (need.any == 0 && need.both[0] == 0) || need.any & present != 0 || need.both.iter().any(both)
}

/// The same identifier twice needs the same value; of some families only one member may be there.
fn judge_repeats(scan: &mut Scan<'_>) {
    let (mut differ, mut excluded) = (0_u64, 0_u64);
    for (i, one) in scan.slots().iter().enumerate() {
        for (j, other) in scan.slots().iter().enumerate().take(i) {
            let both = 1 << i | 1 << j;
            if one.ai() == other.ai() && scan.value(one) != scan.value(other) {
                differ |= both;
            } else if one.ai() != other.ai()
                && one.place_in_table() == other.place_in_table()
                && one.row().bars_siblings
            {
                excluded |= both;
            }
        }
    }
    scan.remarks.differ = differ;
    scan.remarks.excluded |= excluded;
}

/// Remarks on what the element just kept holds, by itself.
#[inline]
pub(super) fn judge_value(scan: &mut Scan<'_>, found: Found, value: &[u8]) {
    if dictionary::get(found.row).special {
        judge_special(scan, found.ai, value);
    }
}

fn judge_special(scan: &mut Scan<'_>, ai: u16, value: &[u8]) {
    let bit = 1 << (scan.count - 1);
    match (ai, value) {
        // Few numbers begin so that a closer look pays.
        (1..=3, [indicator, first, ..]) => {
            if matches!(first, b'0' | b'2')
                && Gtin::of_element(value).is_some_and(|gtin| gtin.usage().is_restricted())
            {
                scan.remarks.restricted |= bit;
            }
            if *indicator == b'9' && ai != 3 {
                // Unless a measure stands beside it, which is seen when all elements are there.
                scan.remarks.measure_missing |= bit;
            }
        }
        (7007, [_, _, from @ .., _, _, _, _, _, _]) if value.len() == 12 => {
            let year = |at| date::full_year(pair(value, at), scan.context.today.year());
            if (year(0), from) > (year(6), &value[8..]) {
                scan.remarks.reversed |= bit;
            }
        }
        _ => {}
    }
}

/// What is signed must be one thing: keys with a serial part need it.
fn unserialised(scan: &Scan<'_>) -> u64 {
    let bare = |slot: &Slot| scan.value(slot).len() == usize::from(slot.row().min);
    let missing = |slot: &Slot| matches!(slot.ai(), 253 | 255 | 8003) && bare(slot);
    scan.slots().iter().enumerate().fold(0, |bits, (i, slot)| bits | u64::from(missing(slot)) << i)
}
