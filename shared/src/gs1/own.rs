//! Codes of this house: labels for lots and places, and command cards.
//!
//! `HEARTH`, a letter for the kind, what it carries, and the check pair that GS1 gives to letters and digits.
//! There are only capitals and digits in it, because those arrive whole whatever layout a scanner is set to;
//! the pair tells when Y and Z were swapped; and no GS1 code can begin with a letter. A scanner that folds
//! case does no harm.
//!
//! | begins with | carries |
//! |---|---|
//! | `HEARTHL` | the id of a label |
//! | `HEARTHC` | a command: its letter and what it is about |

use super::check;
use super::scan::{Scan, Span};
use super::{Code, Kind};

const PREFIX: &[u8] = b"HEARTH";
/// Longest code of ours, check pair included.
const LONGEST: usize = 48;

/// What a command card asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Change what a scan does; the argument names the mode.
    Mode,
    /// The next scan counts this often.
    Quantity,
    /// Things go to, or come from, this place.
    Place,
    /// This person is scanning.
    Person,
    Undo,
    Confirm,
    Cancel,
}

const VERBS: [(u8, Verb); 7] = [
    (b'M', Verb::Mode),
    (b'Q', Verb::Quantity),
    (b'P', Verb::Place),
    (b'W', Verb::Person),
    (b'U', Verb::Undo),
    (b'Y', Verb::Confirm),
    (b'N', Verb::Cancel),
];

impl Verb {
    fn of(letter: u8) -> Option<Self> {
        VERBS.iter().find(|(known, _)| known.eq_ignore_ascii_case(&letter)).map(|&(_, verb)| verb)
    }

    pub(super) fn letter(self) -> u8 {
        VERBS[self as usize].0
    }
}

/// Reads one of our codes, if the message is one.
pub(super) fn code(scan: &mut Scan<'_>, from: usize) {
    let message = &scan.raw[from..];
    let Some((prefix, rest)) = message.split_at_checked(PREFIX.len()) else { return };
    if !prefix.eq_ignore_ascii_case(PREFIX) || !message.iter().all(u8::is_ascii_alphanumeric) {
        return;
    }
    let Some((carried, _)) = rest.split_last_chunk::<2>() else { return };
    let [kind, payload @ ..] = carried else { return };
    let fits = pair_fits(message);
    let known = match kind.to_ascii_uppercase() {
        b'L' => Some(Kind::Own),
        b'C' => Some(Kind::Command),
        // A later version may know it; without the pair it is a word that begins like ours.
        _ if fits => None,
        _ => return,
    };
    scan.kind = known.unwrap_or(Kind::Own);
    let start = from + PREFIX.len() + 1;
    scan.payload = Span::new(start, start + payload.len());
    let complete = match scan.kind {
        Kind::Command => payload.first().copied().and_then(Verb::of).is_some(),
        _ => !payload.is_empty(),
    };
    if !fits {
        scan.fail(Code::OwnCheck, scan.raw.len() - 2);
    } else if known.is_none() || !complete {
        scan.fail(Code::OwnUnknown, from + PREFIX.len());
    }
}

fn pair_fits(message: &[u8]) -> bool {
    let mut capitals = [0; LONGEST];
    let Some(capitals) = capitals.get_mut(..message.len()) else { return false };
    capitals.copy_from_slice(message);
    capitals.make_ascii_uppercase();
    capitals.split_last_chunk().is_some_and(|(body, pair)| check::check_pair_for(body) == Some(*pair))
}

/// The text of one of our codes. `None` where `carried` is not made of capitals and digits, or is too long.
fn written(kind: u8, carried: &[u8]) -> Option<String> {
    let plain = carried.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if !plain || PREFIX.len() + 1 + carried.len() + 2 > LONGEST {
        return None;
    }
    let body = [PREFIX, &[kind], carried].concat();
    let pair = check::check_pair_for(&body)?;
    String::from_utf8([&body[..], &pair].concat()).ok()
}

/// The text of a label: capitals and digits, for instance an id.
pub fn label(id: &str) -> Option<String> {
    if id.is_empty() { None } else { written(b'L', id.as_bytes()) }
}

/// The text of a command card.
pub fn command(verb: Verb, argument: &str) -> Option<String> {
    written(b'C', &[&[verb.letter()], argument.as_bytes()].concat())
}

impl Scan<'_> {
    /// The command of a card, and what it is about.
    pub fn command(&self) -> Option<(Verb, &str)> {
        if self.kind != Kind::Command || self.error.is_some() {
            return None;
        }
        let (letter, argument) = self.payload().split_first()?;
        Some((Verb::of(*letter)?, std::str::from_utf8(argument).ok()?))
    }
}
