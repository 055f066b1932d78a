//! The value of an element, which a Digital Link or bracketed text may write otherwise than it reads.

use super::sets;

/// Longest value of any identifier.
pub const MAX_VALUE: usize = 90;

/// How a value is written in the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Form {
    /// As it reads.
    Plain,
    /// With percent escapes, in the path of an address.
    Path,
    /// With percent escapes, and `+` for a space, in the query of an address.
    Query,
    /// With `\(` for an opening bracket.
    Bracketed,
    /// A short GTIN, to be filled up with zeros on the left.
    Short,
}

/// The value of an element.
#[derive(Clone, Copy)]
pub struct Value<'s> {
    written: &'s [u8],
    form: Form,
}

impl<'s> Value<'s> {
    pub(super) const fn new(written: &'s [u8], form: Form) -> Self {
        Self { written, form }
    }

    /// The value where it reads as it is written.
    pub(super) fn plain(self) -> Option<&'s [u8]> {
        (self.form == Form::Plain).then_some(self.written)
    }

    /// Whether zeros were put before what is written.
    pub(super) fn is_padded(self) -> bool {
        self.form == Form::Short
    }

    /// The characters of the value.
    pub fn bytes(self) -> impl Iterator<Item = u8> + use<'s> {
        Bytes {
            value: self,
            at: 0,
            padding: if self.form == Form::Short { 14 - self.written.len() } else { 0 },
        }
    }

    /// The value in one piece: out of the message where it is written as it reads, else through `buffer`.
    #[inline]
    pub fn read<'b>(self, buffer: &'b mut [u8; MAX_VALUE]) -> &'b [u8]
    where
        's: 'b,
    {
        match self.form {
            Form::Plain => self.written,
            _ => {
                let mut length = 0;
                for (place, byte) in buffer.iter_mut().zip(self.bytes()) {
                    *place = byte;
                    length += 1;
                }
                &buffer[..length]
            }
        }
    }

    /// How many characters the value has.
    pub fn len(self) -> usize {
        match self.form {
            Form::Plain => self.written.len(),
            _ => self.bytes().count(),
        }
    }

    pub fn is_empty(self) -> bool {
        self.written.is_empty()
    }
}

struct Bytes<'s> {
    value: Value<'s>,
    at: usize,
    padding: usize,
}

impl Iterator for Bytes<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        if self.padding > 0 {
            self.padding -= 1;
            return Some(b'0');
        }
        let left = self.value.written.get(self.at..)?;
        let (byte, used) = match (self.value.form, left) {
            (Form::Path | Form::Query, [b'%', high, low, ..]) => match (sets::hex(*high), sets::hex(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, 3),
                _ => (b'%', 1),
            },
            (Form::Query, [b'+', ..]) => (b' ', 1),
            (Form::Bracketed, [b'\\', b'(', ..]) => (b'(', 2),
            (_, [byte, ..]) => (*byte, 1),
            (_, []) => return None,
        };
        self.at += used;
        Some(byte)
    }
}

impl PartialEq for Value<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes().eq(other.bytes())
    }
}

impl PartialEq<&str> for Value<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.bytes().eq(other.bytes())
    }
}

/// The value as text; bytes that are no text are shown as replacement characters.
impl std::fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut buffer = [0; MAX_VALUE];
        self.read(&mut buffer).utf8_chunks().try_for_each(|chunk| {
            f.write_str(chunk.valid())?;
            if chunk.invalid().is_empty() { Ok(()) } else { f.write_str("\u{fffd}") }
        })
    }
}

impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}
