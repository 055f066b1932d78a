//! From characters to codes: where one ends and the next begins, and what must not become one.
//!
//! A code ends with the key that the scanner sends behind it, or with a pause where it sends none. Half a code
//! is worse than no code: what was cut off by an unplugged cable, by keys that the kernel could not keep, or by
//! a pause where the end is known to be a key, is thrown away and said to be.

use super::keys::{GS, Press, Typing, Typist};

/// How long a pause ends a code, unless a scanner's profile says otherwise.
pub const GAP_MS: i64 = 100;
/// How long a pause in the middle of a code may be where its end is known to be a key.
const PATIENCE_MS: i64 = 1000;
/// How long a key may take from the kernel to here. A pause that only the clock has seen is longer by this.
const GRACE_MS: i64 = 30;
/// The longest code.
pub const MAX_BYTES: usize = hearth_shared::gs1::MAX_BYTES;

/// What a scanner sends behind a code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Suffix {
    /// Not known: Enter, Tab, a new line or a pause, whichever comes first.
    #[default]
    Any,
    Enter,
    Tab,
    Line,
    /// Nothing: a pause.
    Pause,
}

impl Suffix {
    pub const ALL: [Suffix; 5] = [Suffix::Any, Suffix::Enter, Suffix::Tab, Suffix::Line, Suffix::Pause];

    pub const fn word(self) -> &'static str {
        match self {
            Suffix::Any => "any",
            Suffix::Enter => "enter",
            Suffix::Tab => "tab",
            Suffix::Line => "line",
            Suffix::Pause => "pause",
        }
    }

    pub fn of(word: &str) -> Option<Suffix> {
        Suffix::ALL.into_iter().find(|suffix| suffix.word() == word)
    }

    fn ends(self, character: char) -> bool {
        match self {
            Suffix::Any => matches!(character, '\r' | '\n' | '\t'),
            Suffix::Enter => character == '\r',
            Suffix::Tab => character == '\t',
            Suffix::Line => character == '\n',
            Suffix::Pause => false,
        }
    }

    const fn is_a_key(self) -> bool {
        matches!(self, Suffix::Enter | Suffix::Tab | Suffix::Line)
    }
}

/// How one scanner sends codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub typing: Typing,
    pub suffix: Suffix,
    pub gap_ms: i64,
    /// What the scanner puts before every code and is not part of it.
    pub prefix: String,
}

impl Default for Profile {
    fn default() -> Profile {
        Profile {
            typing: Typing::default(),
            suffix: Suffix::default(),
            gap_ms: GAP_MS,
            prefix: String::new(),
        }
    }
}

/// A code as it was scanned. `at` is the moment of its last key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    pub bytes: Vec<u8>,
    pub at: i64,
}

/// Why something that was scanned did not become a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The kernel had no room for more keys. How many milliseconds before this no key was read, if one ever was:
    /// what is lost was pressed in them.
    Overrun(Option<i64>),
    /// The scanner was unplugged in the middle.
    Unplugged,
    /// The key that ends a code did not come.
    CutOff,
    /// More than [`MAX_BYTES`].
    TooLong,
}

impl Loss {
    pub const fn sentence(self) -> &'static str {
        match self {
            Loss::Overrun(_) => "some keys were lost",
            Loss::Unplugged => "the scanner was unplugged in the middle",
            Loss::CutOff => "the end did not come",
            Loss::TooLong => "it is too long",
        }
    }

    /// How long the hole is, where there is one.
    pub const fn span(self) -> Option<i64> {
        match self {
            Loss::Overrun(span) => span,
            _ => None,
        }
    }
}

/// What became of what was scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Burst {
    Code(Code),
    Lost(Loss),
}

/// The code that is just coming in from one scanner.
#[derive(Clone, Debug)]
pub struct Bursts {
    profile: Profile,
    typist: Typist,
    bytes: Vec<u8>,
    /// When the last key came, while anything is open.
    last: Option<i64>,
    /// When the last key came, ever.
    latest: Option<i64>,
    /// What comes until the next end belongs to a code that is lost.
    spoilt: bool,
}

impl Bursts {
    pub fn new(profile: Profile) -> Bursts {
        let typist = Typist::new(profile.typing);
        Bursts { profile, typist, bytes: Vec::new(), last: None, latest: None, spoilt: false }
    }

    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// One event of one key, at the kernel's time.
    pub fn key(&mut self, key: u16, press: Press, at: i64) -> Vec<Burst> {
        let mut found: Vec<Burst> = self.pause(at).into_iter().collect();
        self.heard(at);
        for character in self.typist.key(key, press).into_iter().flatten() {
            found.extend(self.character(character, at));
        }
        found
    }

    /// What a scanner on a serial line has sent.
    pub fn bytes(&mut self, bytes: &[u8], at: i64) -> Vec<Burst> {
        let mut found: Vec<Burst> = self.pause(at).into_iter().collect();
        self.heard(at);
        for &byte in bytes {
            let character = char::from(byte);
            found.extend(if self.ends(character) { self.end(at) } else { self.push(&[byte]) });
        }
        found
    }

    fn heard(&mut self, at: i64) {
        (self.last, self.latest) = (Some(at), Some(at));
    }

    fn character(&mut self, character: char, at: i64) -> Option<Burst> {
        if self.ends(character) {
            return self.end(at);
        }
        let mut utf8 = [0; 4];
        self.push(character.encode_utf8(&mut utf8).as_bytes())
    }

    /// Whether this character ends a code, or stands between two as part of the end of the one before.
    fn ends(&self, character: char) -> bool {
        let between = self.bytes.is_empty() && !self.spoilt && matches!(character, '\r' | '\n' | '\t');
        self.profile.suffix.ends(character) || between
    }

    fn push(&mut self, bytes: &[u8]) -> Option<Burst> {
        if self.spoilt {
            return None;
        }
        if self.bytes.len() + bytes.len() > MAX_BYTES {
            return self.spoil(Loss::TooLong);
        }
        self.bytes.extend_from_slice(bytes);
        None
    }

    fn spoil(&mut self, loss: Loss) -> Option<Burst> {
        self.spoilt = true;
        self.bytes = Vec::new();
        Some(Burst::Lost(loss))
    }

    /// The end of a code. An end after nothing (the line feed behind a carriage return) means nothing.
    fn end(&mut self, at: i64) -> Option<Burst> {
        let bytes = std::mem::take(&mut self.bytes);
        if std::mem::take(&mut self.spoilt) {
            return None;
        }
        let bytes = match bytes.strip_prefix(self.profile.prefix.as_bytes()) {
            Some(rest) => rest.to_vec(),
            None => bytes,
        };
        // Keys that end some codes stand at the end of this one where its profile names another.
        let ends = bytes.iter().rev().take_while(|byte| matches!(byte, b'\r' | b'\n' | b'\t')).count();
        let bytes = bytes[..bytes.len() - ends].to_vec();
        (!bytes.is_empty()).then_some(Burst::Code(Code { bytes, at }))
    }

    /// Whether a code has begun and not ended.
    pub fn is_open(&self) -> bool {
        !self.bytes.is_empty()
    }

    /// When it has to be looked whether a pause has ended what is open.
    pub fn deadline(&self) -> Option<i64> {
        self.last.map(|last| last + self.patience() + GRACE_MS)
    }

    /// Time passed, and no key is on its way: a pause may have ended what is open.
    pub fn tick(&mut self, now: i64) -> Option<Burst> {
        self.pause(now - GRACE_MS)
    }

    fn patience(&self) -> i64 {
        let waits_for_key = self.profile.suffix.is_a_key() && !self.bytes.is_empty();
        if waits_for_key { self.profile.gap_ms.max(PATIENCE_MS) } else { self.profile.gap_ms }
    }

    /// What is open and paused for long enough is at its end.
    fn pause(&mut self, now: i64) -> Option<Burst> {
        let last = self.last?;
        if now < last + self.patience() {
            return None;
        }
        self.last = None;
        self.typist.let_go();
        let cut_off = self.profile.suffix.is_a_key() && !self.bytes.is_empty() && !self.spoilt;
        if cut_off {
            self.bytes = Vec::new();
            return Some(Burst::Lost(Loss::CutOff));
        }
        self.end(last)
    }

    /// The kernel lost keys of this scanner: the code they belong to is lost, to its end.
    pub fn overrun(&mut self, at: i64) -> Vec<Burst> {
        let mut found: Vec<Burst> = self.pause(at).into_iter().collect();
        let span = self.latest.map(|latest| (at - latest).max(0));
        self.heard(at);
        self.typist.forget();
        found.extend(self.spoil(Loss::Overrun(span)));
        found
    }

    /// The scanner was unplugged.
    pub fn unplugged(&mut self, at: i64) -> Option<Burst> {
        let paused = self.pause(at);
        let open = !self.bytes.is_empty();
        self.typist.forget();
        self.last = None;
        self.spoilt = false;
        self.bytes = Vec::new();
        paused.or_else(|| open.then_some(Burst::Lost(Loss::Unplugged)))
    }
}

/// A code as text: what is UTF-8 is that, anything else byte by byte.
pub fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}

/// Whether the separator came through.
pub fn has_separator(bytes: &[u8]) -> bool {
    bytes.iter().any(|&byte| char::from(byte) == GS)
}

#[cfg(test)]
mod tests;
