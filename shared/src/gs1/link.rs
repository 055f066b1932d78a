//! GS1 Digital Links: addresses whose path holds a key and its qualifiers, and whose query may hold more.
//!
//! The path is walked from its end, in pairs, until a key is found; what stands before it belongs to the
//! address of the server. Values keep the escapes they are written with and are read through them.

use super::dictionary::{self, Found};
use super::pairing;
use super::scan::{Notes, Scan, Writing};
use super::sets::{self, ADDRESS, DIGIT, DOMAIN};
use super::value::{Form, MAX_VALUE, Value};
use super::{Ai, Code, Problem};

/// Most identifiers in the path: a key and its qualifiers.
const MAX_PATH: usize = 4;

/// Length of the scheme, in small or in capital letters but not in a mixture.
fn scheme(raw: &[u8]) -> usize {
    let schemes: [&[u8]; 4] = [b"https://", b"HTTPS://", b"http://", b"HTTP://"];
    schemes.iter().find(|scheme| raw.starts_with(scheme)).map_or(0, |scheme| scheme.len())
}

pub(super) fn begins(raw: &[u8]) -> bool {
    scheme(raw) > 0
}

fn problem(code: Code, at: usize) -> Problem {
    Problem { code, at, ai: None }
}

pub(super) fn elements(scan: &mut Scan<'_>, from: usize) {
    scan.writing = Writing::Link;
    scan.error = address(scan, from).err();
    pairing::judge(scan);
}

fn address(scan: &mut Scan<'_>, from: usize) -> Result<(), Problem> {
    let raw = scan.raw;
    if let Some(at) = sets::first_outside(&raw[from..], ADDRESS) {
        return Err(problem(Code::LinkCharacter, from + at));
    }
    let domain = from + scheme(&raw[from..]);
    let length = raw[domain..].iter().position(|&byte| byte == b'/');
    let checked = &raw[domain..domain + length.unwrap_or(raw.len() - domain)];
    if let Some(at) = sets::first_outside(checked, DOMAIN) {
        return Err(problem(Code::LinkDomain, domain + at));
    }
    let path = domain + length.filter(|&length| length > 0).ok_or(problem(Code::LinkDomain, domain))?;
    let end = position(raw, path, raw.len(), b'#');
    let query = position(raw, path, end, b'?');
    let key = key(raw, path, query).ok_or(problem(Code::LinkWithoutKey, path))?;
    let path = read_path(scan, key, query)?;
    read_query(scan, (query + 1).min(end), end, &path)
}

/// Where `byte` stands in `raw[from..to]`, or else `to`.
fn position(raw: &[u8], from: usize, to: usize, byte: u8) -> usize {
    raw[from..to].iter().position(|&other| other == byte).map_or(to, |at| from + at)
}

/// The slash before the last key of a path.
fn key(raw: &[u8], path: usize, end: usize) -> Option<usize> {
    let slash_before = |at: usize| raw[path..at].iter().rposition(|&byte| byte == b'/').map(|at| path + at);
    let mut value = slash_before(end)?;
    loop {
        let start = slash_before(value)?;
        let found = dictionary::find_exactly(&raw[start + 1..value])?;
        if dictionary::get(found.row).key {
            return Some(start);
        }
        value = slash_before(start)?;
    }
}

/// The identifiers of a path.
struct Path {
    ais: [u16; MAX_PATH],
    rows: [u8; MAX_PATH],
    length: usize,
}

/// Reads the pairs from the slash at `at` to `end`.
fn read_path(scan: &mut Scan<'_>, mut at: usize, end: usize) -> Result<Path, Problem> {
    let (raw, key_at) = (scan.raw, at);
    let mut path = Path { ais: [0; MAX_PATH], rows: [0; MAX_PATH], length: 0 };
    while at < end {
        let slash = position(raw, at + 1, end, b'/');
        let found = dictionary::find_exactly(&raw[at + 1..slash]);
        let found = found.ok_or(problem(Code::AiUnknown, at + 1))?;
        if path.length == MAX_PATH {
            return Err(problem(Code::LinkQualifiers, at + 1));
        }
        if slash == end {
            return Err(Problem { code: Code::ValueEmpty, at: end, ai: Some(Ai(found.ai)) });
        }
        read_value(scan, found, slash + 1)?;
        at = position(raw, slash + 1, end, b'/');
        path.ais[path.length] = found.ai;
        path.rows[path.length] = found.row;
        path.length += 1;
    }
    let key = dictionary::get(path.rows[0]);
    if !key.allows_path(&path.ais[1..path.length]) {
        return Err(problem(Code::LinkQualifiers, key_at + 1));
    }
    Ok(path)
}

/// Reads `AI=value` between ampersands. What has no value or no numeric name is somebody else's.
fn read_query(scan: &mut Scan<'_>, from: usize, end: usize, path: &Path) -> Result<(), Problem> {
    let raw = scan.raw;
    let mut at = from;
    while at < end {
        let stop = position(raw, at, end, b'&');
        let equals = position(raw, at, stop, b'=');
        let name = &raw[at..equals];
        if equals < stop && sets::first_outside(name, DIGIT).is_none() {
            let found = dictionary::find_exactly(name).ok_or(problem(Code::AiUnknown, at))?;
            let wrong = |code| Err(Problem { code, at, ai: Some(Ai(found.ai)) });
            if scan.slots().iter().any(|slot| slot.ai() == found.ai) {
                return wrong(Code::LinkRepeated);
            }
            if !dictionary::get(found.row).attribute {
                return wrong(Code::LinkAttribute);
            }
            if belongs_in(path, found.ai) {
                return wrong(Code::LinkBelongsInPath);
            }
            read_value(scan, found, equals + 1)?;
        }
        at = stop + 1;
    }
    Ok(())
}

/// Whether the path could hold this identifier too, at some place behind its key.
fn belongs_in(path: &Path, ai: u16) -> bool {
    let key = dictionary::get(path.rows[0]);
    (1..=path.length).any(|place| {
        let mut longer = [0; MAX_PATH + 1];
        longer[..place].copy_from_slice(&path.ais[..place]);
        longer[place] = ai;
        longer[place + 1..=path.length].copy_from_slice(&path.ais[place..path.length]);
        key.allows_path(&longer[1..=path.length])
    })
}

/// The value at `start`: in the path up to the next slash, in the query up to the next ampersand.
pub(super) fn value(raw: &[u8], start: usize, ai: u16) -> Value<'_> {
    let in_query = raw[start - 1] == b'=';
    let rest = &raw[start..];
    let (mut length, mut escaped) = (0, false);
    for &byte in rest {
        match byte {
            b'#' => break,
            b'&' if in_query => break,
            b'/' | b'?' if !in_query => break,
            b'%' | b'+' => escaped = true,
            _ => {}
        }
        length += 1;
    }
    let written = &rest[..length];
    let form = match () {
        () if escaped && in_query => Form::Query,
        () if escaped => Form::Path,
        () if ai == 1 && matches!(written.len(), 8 | 12 | 13) => Form::Short,
        () => Form::Plain,
    };
    Value::new(written, form)
}

fn read_value(scan: &mut Scan<'_>, found: Found, start: usize) -> Result<(), Problem> {
    let wrong = |code| Problem { code, at: start, ai: Some(Ai(found.ai)) };
    let value = value(scan.raw, start, found.ai);
    if value.is_padded() {
        scan.notes.add(Notes::GTIN_PADDED);
    }
    if let Some(plain) = value.plain() {
        return scan.keep(found, start, plain);
    }
    let (mut buffer, mut length) = ([0; MAX_VALUE], 0);
    for byte in value.bytes() {
        if byte == 0 {
            return Err(wrong(Code::LinkNul));
        }
        *buffer.get_mut(length).ok_or(wrong(Code::ValueTooLong))? = byte;
        length += 1;
    }
    scan.keep(found, start, &buffer[..length])
}
