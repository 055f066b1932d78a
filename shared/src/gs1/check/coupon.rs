//! North American coupons: fields that say their own length. They are checked, not decoded.

use super::{Verdict, company_prefix};
use crate::gs1::Code;
use crate::gs1::{date, sets};

/// Walks over the fields of a coupon, all of them digits.
struct Fields<'a> {
    all: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    fn of(value: &'a [u8]) -> Result<Self, (Code, usize)> {
        match sets::first_outside(value, sets::DIGIT) {
            None => Ok(Self { all: value, at: 0 }),
            Some(at) => Err((Code::Coupon, at)),
        }
    }

    fn wrong<T>(&self) -> Result<T, (Code, usize)> {
        Err((Code::Coupon, self.at))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], (Code, usize)> {
        let Some(field) = self.all.get(self.at..self.at + length) else { return self.wrong() };
        self.at += length;
        Ok(field)
    }

    /// A single digit that is one of `allowed`.
    fn digit(&mut self, allowed: &[u8]) -> Result<u8, (Code, usize)> {
        match self.all.get(self.at) {
            Some(digit) if allowed.contains(digit) => {
                self.at += 1;
                Ok(*digit)
            }
            _ => self.wrong(),
        }
    }

    /// A field led by a digit from `allowed` that, plus `more`, is its length.
    fn led(&mut self, allowed: &[u8], more: usize) -> Result<&'a [u8], (Code, usize)> {
        let length = usize::from(self.digit(allowed)? - b'0') + more;
        self.take(length)
    }

    /// Whether the optional field with this number follows; its number is stepped over.
    fn option(&mut self, number: u8) -> bool {
        self.digit(&[number]).is_ok()
    }

    fn prefix(&mut self, allowed: &[u8]) -> Verdict {
        let start = self.at;
        let prefix = self.led(allowed, 6)?;
        company_prefix(prefix, 0).map_err(|_| (Code::Coupon, start))
    }

    /// What must be bought: how much, of what kind, from which family.
    fn purchase(&mut self) -> Verdict {
        self.led(b"12345", 0)?;
        self.digit(b"012349")?;
        self.take(3)?;
        Ok(())
    }

    /// The maker of a further purchase; 9 stands for the maker of the first.
    fn maker(&mut self) -> Verdict {
        if self.option(b'9') { Ok(()) } else { self.prefix(b"0123456") }
    }

    fn date(&mut self, year: u16) -> Result<&'a [u8], (Code, usize)> {
        let start = self.at;
        let date = self.take(6)?;
        date::check(date, year, 1).map_err(|_| (Code::Coupon, start))?;
        Ok(date)
    }

    fn end(&self) -> Verdict {
        if self.at == self.all.len() { Ok(()) } else { self.wrong() }
    }
}

const ANY: &[u8] = b"0123456789";

/// 8110: who gives, which offer, what is saved, what must be bought; then fields that may be there.
pub(super) fn code(value: &[u8], year: u16) -> Verdict {
    let mut fields = Fields::of(value)?;
    fields.prefix(b"0123456")?;
    fields.take(6)?;
    fields.led(b"12345", 0)?;
    fields.purchase()?;
    if fields.option(b'1') {
        fields.digit(b"0123")?;
        fields.purchase()?;
        fields.maker()?;
    }
    if fields.option(b'2') {
        fields.purchase()?;
        fields.maker()?;
    }
    let expiry = if fields.option(b'3') { Some(fields.date(year)?) } else { None };
    if fields.option(b'4') {
        let start = fields.date(year)?;
        if expiry.is_some_and(|expiry| start > expiry) {
            return fields.wrong();
        }
    }
    if fields.option(b'5') {
        fields.led(ANY, 6)?;
    }
    if fields.option(b'6') {
        fields.prefix(b"1234567")?;
    }
    if fields.option(b'9') {
        fields.digit(b"01256")?;
        fields.digit(b"012")?;
        fields.digit(ANY)?;
        fields.digit(b"01")?;
    }
    fields.end()
}

/// 8112: format, funder, offer, serial number.
pub(super) fn positive_offer(value: &[u8]) -> Verdict {
    let mut fields = Fields::of(value)?;
    fields.digit(b"01")?;
    fields.led(b"0123456", 6)?;
    fields.take(6)?;
    fields.led(ANY, 6)?;
    fields.end()
}
