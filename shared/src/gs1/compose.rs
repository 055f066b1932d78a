//! Writing elements: as bracketed text, as an element string, as a Digital Link.
//!
//! What is written here reads back as the same elements. Our own labels are made this way.

use std::fmt::Write as _;

use super::date::Date;
use super::dictionary::{self, Row};
use super::scan::{MAX_BYTES, MAX_ELEMENTS, Scan};
use super::sets::{self, UNRESERVED};
use super::split::{self, GS};
use super::{Ai, Code, Problem};

/// Elements to be written. Each was checked when it was added.
#[derive(Clone, Debug, Default)]
pub struct Message {
    elements: Vec<(u8, Ai, String)>,
}

impl Message {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an element, if it follows its rules. `at` of a problem counts from the beginning of the value.
    pub fn add(&mut self, ai: &str, value: &str, today: Date) -> Result<&mut Self, Problem> {
        let wrong = |code, at, ai| Problem { code, at, ai };
        let found = dictionary::find_exactly(ai.as_bytes()).ok_or(wrong(Code::AiUnknown, 0, None))?;
        let ai = Some(Ai(found.ai));
        let contents = split::contents(dictionary::get(found.row), value.as_bytes(), today.year());
        if let Some((code, at)) = contents.map_err(|code| wrong(code, 0, ai))? {
            return Err(wrong(code, at, ai));
        }
        if self.elements.len() == MAX_ELEMENTS {
            return Err(wrong(Code::TooManyElements, 0, ai));
        }
        self.elements.push((found.row, Ai(found.ai), value.to_owned()));
        Ok(self)
    }

    /// The elements of a scan that was accepted.
    pub fn of(scan: &Scan<'_>) -> Result<Self, Problem> {
        let mut message = Self::new();
        scan.error().map_or(Ok(()), Err)?;
        for element in scan.elements() {
            element.problem().map_or(Ok(()), Err)?;
            message.add(&element.ai().to_string(), &element.value().to_string(), scan.context.today)?;
        }
        Ok(message)
    }

    /// As people read it: `(01)09501101530003(10)AB-123`.
    pub fn bracketed(&self) -> String {
        let mut text = String::new();
        for (_, ai, value) in &self.elements {
            let _ = write!(text, "({ai}){}", value.replace('(', "\\("));
        }
        text
    }

    /// As a symbol carries it behind its first FNC1: what needs no separator first, separators only where they
    /// must be.
    pub fn element_string(&self) -> Result<String, Problem> {
        let separated = |row: u8| dictionary::get(row).predefined == 0;
        let mut ordered: Vec<_> = self.elements.iter().collect();
        ordered.sort_by_key(|(row, ..)| separated(*row));
        let mut text = String::new();
        for (i, (row, ai, value)) in ordered.iter().enumerate() {
            let _ = write!(text, "{ai}{value}");
            if separated(*row) && i + 1 < ordered.len() {
                text.push(char::from(GS));
            }
        }
        within_limits(text)
    }

    /// As an address below `stem`, for instance `https://example.org`.
    pub fn digital_link(&self, stem: &str) -> Result<String, Problem> {
        let (key, qualifiers) = self.path()?;
        let mut text = stem.trim_end_matches('/').to_owned();
        let in_path = |ai: Ai| ai == key || qualifiers.contains(&ai);
        for ai in std::iter::once(&key).chain(&qualifiers) {
            let value = self.elements.iter().find(|(_, other, _)| other == ai).map(|(.., value)| value);
            let _ = write!(text, "/{ai}/");
            escape(&mut text, value.map_or("", |value| value));
        }
        let mut joint = '?';
        for (row, ai, value) in self.elements.iter().filter(|(_, ai, _)| !in_path(*ai)) {
            if !dictionary::get(*row).attribute {
                return Err(Problem { code: Code::LinkAttribute, at: 0, ai: Some(*ai) });
            }
            let _ = write!(text, "{joint}{ai}=");
            escape(&mut text, value);
            joint = '&';
        }
        within_limits(text)
    }

    /// The first element that can be a key, and those that qualify it, in the order of the path.
    fn path(&self) -> Result<(Ai, Vec<Ai>), Problem> {
        let keyed = self.elements.iter().find(|(row, ..)| dictionary::get(*row).key);
        let &(row, key, _) = keyed.ok_or(Problem { code: Code::LinkWithoutKey, at: 0, ai: None })?;
        for (i, (_, ai, _)) in self.elements.iter().enumerate() {
            if self.elements[..i].iter().any(|(_, other, _)| other == ai) {
                return Err(Problem { code: Code::LinkRepeated, at: 0, ai: Some(*ai) });
            }
        }
        let row: &Row = dictionary::get(row);
        let present = |list: &[u16]| -> Vec<Ai> {
            let here =
                |number: &&u16| **number != 0 && self.elements.iter().any(|(_, ai, _)| ai.0 == **number);
            list.iter().filter(here).map(|number| Ai(*number)).collect()
        };
        let lists = row.qualifier_lists().iter().map(|list| present(list));
        Ok((key, lists.max_by_key(Vec::len).unwrap_or_default()))
    }
}

fn within_limits(text: String) -> Result<String, Problem> {
    match text.len() {
        0 => Err(Problem { code: Code::Empty, at: 0, ai: None }),
        1..=MAX_BYTES => Ok(text),
        _ => Err(Problem { code: Code::TooLong, at: MAX_BYTES, ai: None }),
    }
}

fn escape(text: &mut String, value: &str) {
    for byte in value.bytes() {
        if sets::is(byte, UNRESERVED) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
}
