//! Pairing rules: which elements ask for others, and which exclude each other.
//!
//! The rules speak of all symbols on an item together, and labels on food break them daily; so what is found
//! here is a remark and never a refusal. The dictionary gives every identifier bits, and a rule is a mask.

use super::dictionary::{Need, Row};
use super::digits::pair;
use super::scan::Scan;
use super::{Gtin, date};

/// Judges all elements of a scan.
#[inline]
pub(super) fn judge(scan: &mut Scan<'_>) {
    // A number in a primary symbol stands for 01.
    let mut present = if scan.number.is_some() { super::dictionary::GTIN_CLASS } else { 0 };
    let (mut rows, mut repeated, mut special) = ([0_u64; 4], false, false);
    for slot in scan.slots() {
        present |= slot.row().class;
        let (word, bit) = (usize::from(slot.row / 64), 1 << (slot.row % 64));
        repeated |= rows[word] & bit != 0;
        rows[word] |= bit;
        special |= matches!(slot.ai, 1..=3 | 8030 | 7007);
    }
    let (mut missing, mut excluded) = (0, 0);
    for (i, slot) in scan.slots().iter().enumerate() {
        let row = slot.row();
        missing |= u64::from(!satisfied(row, present)) << i;
        excluded |= u64::from(row.bars & present != 0) << i;
    }
    scan.remarks.companion_missing = missing;
    scan.remarks.excluded = excluded;
    if repeated {
        judge_repeats(scan);
    }
    if special {
        judge_special(scan, present);
    }
}

#[inline]
fn satisfied(row: &Row, present: u64) -> bool {
    row.needs.iter().all(|need| is_met(need, present))
}

#[inline]
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
            if one.ai == other.ai && scan.value(one) != scan.value(other) {
                differ |= both;
            } else if one.ai != other.ai && one.row == other.row && one.row().bars_siblings {
                excluded |= both;
            }
        }
    }
    scan.remarks.differ = differ;
    scan.remarks.excluded |= excluded;
}

/// Rules that are no pairing of identifiers but of what they hold.
fn judge_special(scan: &mut Scan<'_>, present: u64) {
    let signed = scan.slots().iter().any(|slot| slot.ai == 8030);
    let mut remarks = scan.remarks;
    let mut buffer = [0; super::value::MAX_VALUE];
    for (i, slot) in scan.slots().iter().enumerate() {
        if slot.problem().is_some() {
            continue;
        }
        let value = scan.value(slot).read(&mut buffer);
        match slot.ai {
            1..=3 => {
                let usage = Gtin::of_element(value).map(|gtin| gtin.usage());
                remarks.restricted |= u64::from(usage.is_some_and(|usage| usage.is_restricted())) << i;
                let measured = present & super::dictionary::MEASURE_CLASSES != 0;
                remarks.measure_missing |= u64::from(slot.ai != 3 && value[0] == b'9' && !measured) << i;
            }
            7007 if value.len() == 12 => {
                let year = |at| date::full_year(pair(value, at), scan.today.year());
                let (from, to) = ((year(0), &value[2..6]), (year(6), &value[8..]));
                remarks.reversed |= u64::from(from > to) << i;
            }
            253 | 255 | 8003 if signed => {
                remarks.serial_missing |= u64::from(value.len() == usize::from(slot.row().min)) << i;
            }
            _ => {}
        }
    }
    scan.remarks = remarks;
}
