//! Bracketed text: `(01)09501101530003(10)AB-123`, as printed below symbols and typed by people.
//!
//! Brackets stand in for separators; a bracket that belongs to a value is written `\(`.

use super::dictionary;
use super::pairing;
use super::scan::{Scan, Slot};
use super::split;
use super::value::{Form, MAX_VALUE, Value};
use super::{Ai, Code, Problem};

/// Whether a message begins as bracketed text does: two to four digits in brackets.
pub(super) fn begins(raw: &[u8]) -> bool {
    let Some(rest) = raw.strip_prefix(b"(") else { return false };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (2..=4).contains(&digits) && rest.get(digits) == Some(&b')')
}

pub(super) fn elements(scan: &mut Scan<'_>) {
    let mut at = 0;
    while at < scan.raw.len() {
        match element(scan, at) {
            Ok((slot, next)) => {
                if !scan.push(slot) {
                    break;
                }
                at = next;
            }
            Err(problem) => {
                scan.error = Some(problem);
                break;
            }
        }
    }
    pairing::judge(scan);
}

fn element(scan: &Scan<'_>, at: usize) -> Result<(Slot, usize), Problem> {
    let (raw, year) = (scan.raw, scan.today.year());
    let bracket = |at| Problem { code: Code::BracketMissing, at, ai: None };
    if raw[at] != b'(' {
        return Err(bracket(at));
    }
    let digits = raw[at + 1..].iter().position(|&byte| byte == b')').ok_or(bracket(at))?;
    let start = at + digits + 2;
    let found = dictionary::find_exactly(&raw[at + 1..start - 1]);
    let found = found.ok_or(Problem { code: Code::AiUnknown, at: at + 1, ai: None })?;
    let mut end = start;
    while end < raw.len() && (raw[end] != b'(' || end > start && raw[end - 1] == b'\\') {
        end += 1;
    }
    let written = &raw[start..end];
    let form = if written.contains(&b'\\') { Form::Bracketed } else { Form::Plain };
    let value = Value::new(written, form);
    let mut buffer = [0; MAX_VALUE];
    let contents = match value.len() {
        0..=MAX_VALUE => split::contents(dictionary::get(found.row), value.read(&mut buffer), year),
        _ => Err(Code::ValueTooLong),
    };
    match contents {
        Ok(problem) => Ok((Slot::new(found, start, end, form).with_problem(problem), end)),
        Err(code) => Err(Problem { code, at: start, ai: Some(Ai(found.ai)) }),
    }
}
