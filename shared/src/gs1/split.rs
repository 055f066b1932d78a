//! Splitting an element string, the form in which FNC1 symbols carry their data.
//!
//! Two digits say how long the identifier is; the identifier says how its value ends: at a predefined length,
//! or at the next separator. What the value holds is checked component by component.

use super::dictionary::{self, Found, Row};
use super::scan::{Notes, Scan, Slot};
use super::value::{Form, Value};
use super::{Ai, Code, MAX_ELEMENTS, Problem, Separators};
use super::{check, digits, pairing, sets};

/// The separator: FNC1 inside a message arrives as this character.
pub(super) const GS: u8 = 0x1d;

/// An element found in a message.
struct Next {
    found: Found,
    start: usize,
    end: usize,
    problem: Option<(Code, usize)>,
}

/// The element at `at`, which must end before `wall`.
#[inline(always)]
fn next(data: &[u8], at: usize, wall: usize, year: u16) -> Result<Next, Problem> {
    let Some(found) = dictionary::find(&data[at..wall]) else {
        return Err(Problem { code: Code::AiUnknown, at, ai: None });
    };
    let row = dictionary::get(found.row);
    let start = at + usize::from(found.width);
    let rest = &data[start..wall];
    // No separator belongs to any character set: most values end where their set does.
    let value = match row.predefined {
        0 => &rest[..sets::run(rest, row.set())],
        length => &rest[..rest.len().min(usize::from(length))],
    };
    let end = start + value.len();
    let ends = row.predefined > 0 || end == wall || data[end] == GS;
    if ends && let Some(problem) = one_part(row, value, year) {
        return Ok(Next { found, start, end, problem });
    }
    let value = &rest[..rest.iter().position(|&byte| byte == GS).unwrap_or(rest.len())];
    let value =
        if row.predefined > 0 { &value[..value.len().min(usize::from(row.predefined))] } else { value };
    match contents(row, value, year) {
        Ok(problem) => Ok(Next { found, start, end: start + value.len(), problem }),
        Err(code) => Err(Problem { code, at: start, ai: Some(Ai(found.ai)) }),
    }
}

/// The common case of [`contents`]: one component, of the right length and of its set. `None` where that is
/// not so, or not known so quickly.
#[inline]
fn one_part(row: &Row, value: &[u8], year: u16) -> Option<Option<(Code, usize)>> {
    let [part] = row.parts() else { return None };
    let fits = (usize::from(part.min)..=usize::from(part.max)).contains(&value.len());
    // The set was looked at already, but for predefined lengths: they are all digits.
    if !fits || row.predefined > 0 && !digits::are_all(value) {
        return None;
    }
    for check in part.checks.iter().map_while(|check| *check) {
        if let Err(problem) = check.run(value, year) {
            return Some(Some(problem));
        }
    }
    Some(None)
}

/// Whether a value has the length its row asks for, and what else is wrong with it at which byte.
#[inline]
pub(super) fn contents(row: &Row, value: &[u8], year: u16) -> Result<Option<(Code, usize)>, Code> {
    if value.len() < usize::from(row.min) {
        return Err(if value.is_empty() { Code::ValueEmpty } else { Code::ValueTooShort });
    }
    if value.len() > usize::from(row.max) {
        return Err(Code::ValueTooLong);
    }
    let (mut at, mut problem) = (0, None);
    for part in row.parts() {
        let piece = &value[at..value.len().min(at + usize::from(part.max))];
        if part.optional && piece.is_empty() {
            break;
        }
        if piece.len() < usize::from(part.min) {
            return Err(Code::ValueTooShort);
        }
        if problem.is_none() {
            let mut verdict = check::characters(part.set, piece);
            for check in part.checks.iter().map_while(|check| *check) {
                verdict = verdict.and_then(|()| check.run(piece, year));
            }
            problem = verdict.err().map(|(code, offset)| (code, at + offset));
        }
        at += piece.len();
    }
    Ok(problem)
}

/// The value of a row at the beginning of `rest`, as [`next`] found it.
pub(super) fn value<'s>(rest: &'s [u8], row: &Row) -> Value<'s> {
    let length = match row.predefined {
        0 => rest.iter().position(|&byte| byte == GS).unwrap_or(rest.len()),
        length => rest.len().min(usize::from(length)),
    };
    Value::new(&rest[..length], Form::Plain)
}

/// Reads `raw[from..]` as elements. At `cut`, a value ends although no separator is there.
pub(super) fn elements(scan: &mut Scan<'_>, from: usize, cut: usize) {
    let (data, year) = (scan.raw, scan.context.today.year());
    scan.is_cut = cut != NO_CUT;
    let (mut at, mut separated) = (from, false);
    if data.get(at) == Some(&GS) {
        scan.notes.add(Notes::LEADING_SEPARATOR);
        at = after_separators(scan, at);
    }
    if at >= data.len() {
        return scan.fail(Code::Empty, from);
    }
    while at < data.len() {
        let wall = if at < cut { cut.min(data.len()) } else { data.len() };
        let next = match next(data, at, wall, year) {
            Ok(next) => next,
            Err(problem) => {
                scan.error = Some(problem);
                break;
            }
        };
        if !scan.push(Slot::new(next.found, next.start, next.problem)) {
            break;
        }
        if next.problem.is_none() {
            pairing::judge_value(scan, next.found, &data[next.start..next.end]);
        }
        at = next.end;
        if data.get(at) == Some(&GS) {
            at = after_separators(scan, at);
            separated = true;
        }
    }
    pairing::judge(scan);
    if scan.error.is_none() && data.last() != Some(&GS) && cut == NO_CUT {
        look_for_tail(scan, separated);
    }
}

/// No value is cut.
pub(super) const NO_CUT: usize = usize::MAX;

/// Steps over the separator at `at`. One is enough, more are harmless.
#[inline]
fn after_separators(scan: &mut Scan<'_>, at: usize) -> usize {
    let mut next = at + 1;
    while scan.raw.get(next) == Some(&GS) {
        scan.notes.add(Notes::DOUBLED_SEPARATOR);
        next += 1;
    }
    next
}

/// Whether `data` splits to its end.
pub(super) fn splits(data: &[u8], year: u16) -> bool {
    walk(data, year, |_| true)
}

/// Whether `data` splits to its end and nothing is wrong with any value.
pub(super) fn splits_well(data: &[u8], year: u16) -> bool {
    walk(data, year, |next| next.problem.is_none())
}

fn walk(data: &[u8], year: u16, good: impl Fn(&Next) -> bool) -> bool {
    let (mut at, mut count) = (0, 0);
    while at < data.len() {
        let Some(next) = next(data, at, data.len(), year).ok().filter(&good) else { return false };
        at = next.end + usize::from(data.get(next.end) == Some(&GS));
        count += 1;
    }
    (1..=MAX_ELEMENTS).contains(&count)
}

/// Looks for elements at the end of the last value: when a scanner drops separators, `10ABC` and `17250119`
/// arrive as one. Which reading is right cannot be known, so both are kept.
fn look_for_tail(scan: &mut Scan<'_>, separated: bool) {
    if scan.context.separators == Separators::Proven {
        return;
    }
    let Some(&last) = scan.slots().last() else { return };
    let row = last.row();
    if !row.varies() || last.problem().is_some() {
        return;
    }
    let (start, end, year) = (last.start(), scan.raw.len(), scan.context.today.year());
    let shortest = usize::from(row.min.max(1));
    for cut in start + shortest..end {
        let tail = &scan.raw[cut..end];
        if !tail[0].is_ascii_digit() || !begins_an_element(scan, tail, separated) {
            continue;
        }
        let head = contents(row, &scan.raw[start..cut], year);
        if head == Ok(None) && splits_well(tail, year) {
            scan.notes.add(Notes::AS_CUT);
            scan.cut = cut as u16;
            return;
        }
    }
}

/// Whether a tail begins so that it is more than a chance likeness. Nearly every lot number holds two digits
/// that are some identifier. None counts that is there already; of the short ones only dates, keys, lots and
/// serials do; and where other separators arrived, only those that need none.
fn begins_an_element(scan: &Scan<'_>, tail: &[u8], separated: bool) -> bool {
    let Some(found) = dictionary::find(tail) else { return false };
    let row = dictionary::get(found.row);
    let likely = match row.predefined {
        0 => !separated && (found.width == 4 || matches!(found.ai, 10 | 21) || !row.varies()),
        _ => found.ai != 20 && tail.len() >= usize::from(found.width) + usize::from(row.min),
    };
    likely && scan.slots().iter().all(|slot| slot.ai() != found.ai)
}
