//! Bracketed text: `(01)09501101530003(10)AB-123`, as printed below symbols and typed by people.
//!
//! Brackets stand in for separators; a bracket that belongs to a value is written `\(`.

use super::dictionary;
use super::pairing;
use super::scan::{Scan, Writing};
use super::value::{Form, MAX_VALUE, Value};
use super::{Ai, Code, Problem};

/// Whether a message begins as bracketed text does: two to four digits in brackets.
pub(super) fn begins(raw: &[u8]) -> bool {
    let Some(rest) = raw.strip_prefix(b"(") else { return false };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (2..=4).contains(&digits) && rest.get(digits) == Some(&b')')
}

pub(super) fn elements(scan: &mut Scan<'_>) {
    scan.writing = Writing::Brackets;
    let mut at = 0;
    while at < scan.raw.len() {
        match element(scan, at) {
            Ok(next) => at = next,
            Err(problem) => {
                scan.error = Some(problem);
                break;
            }
        }
    }
    pairing::judge(scan);
}

/// Where a value that begins at `start` ends: at the next bracket that is not part of it.
fn end(raw: &[u8], start: usize) -> usize {
    let mut end = start;
    while end < raw.len() && (raw[end] != b'(' || end > start && raw[end - 1] == b'\\') {
        end += 1;
    }
    end
}

/// The value at the beginning of `rest`.
pub(super) fn value(rest: &[u8]) -> Value<'_> {
    let written = &rest[..end(rest, 0)];
    Value::new(written, if written.contains(&b'\\') { Form::Bracketed } else { Form::Plain })
}

/// Reads the element at `at`, and says where the next one is.
fn element(scan: &mut Scan<'_>, at: usize) -> Result<usize, Problem> {
    let raw = scan.raw;
    let bracket = |at| Problem { code: Code::BracketMissing, at, ai: None };
    if raw[at] != b'(' {
        return Err(bracket(at));
    }
    let digits = raw[at + 1..].iter().position(|&byte| byte == b')').ok_or(bracket(at))?;
    let start = at + digits + 2;
    let found = dictionary::find_exactly(&raw[at + 1..start - 1]);
    let found = found.ok_or(Problem { code: Code::AiUnknown, at: at + 1, ai: None })?;
    let (value, end) = (value(&raw[start..]), end(raw, start));
    let mut buffer = [0; MAX_VALUE];
    match value.len() {
        0..=MAX_VALUE => scan.keep(found, start, value.read(&mut buffer))?,
        _ => return Err(Problem { code: Code::ValueTooLong, at: start, ai: Some(Ai(found.ai)) }),
    }
    Ok(end)
}
