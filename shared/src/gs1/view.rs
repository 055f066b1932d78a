//! What a kitchen wants to know of a scan, as types.
//!
//! A view never trusts a value that something is wrong with, and never falls back from it to a second choice.

use super::date::Date;
use super::instore::{self, InStore, Says};
use super::scan::{Element, Kind, Scan};
use super::value::{MAX_VALUE, Value};
use super::{Gtin, codes, digits, sets};

/// Which date counts as the end of a product's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpiryKind {
    /// 17: not to be eaten afterwards.
    UseBy,
    /// 7003: the same to the hour.
    ExpiryTime,
    /// 15: good at least until then.
    BestBefore,
    /// 16: to be sold until then.
    SellBy,
}

impl ExpiryKind {
    pub const fn word(self) -> &'static str {
        match self {
            Self::UseBy => "use-by",
            Self::ExpiryTime => "expiry-time",
            Self::BestBefore => "best-before",
            Self::SellBy => "sell-by",
        }
    }
}

/// The date that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    pub date: Date,
    pub kind: ExpiryKind,
    /// Whether the label named the day; otherwise it is the last of the month.
    pub day_given: bool,
    /// Hour and minute of an expiry time.
    pub time: Option<(u8, u8)>,
}

/// How much of something there is: `value` with `scale` decimals of `unit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    pub value: u64,
    pub scale: u8,
    /// A short word, for instance `kg`, `l`, `piece`.
    pub unit: &'static str,
}

/// An amount of money: `value` with `scale` decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    pub value: u64,
    pub scale: u8,
    /// The letters of ISO 4217, if the label names a currency.
    pub currency: Option<&'static str>,
}

/// What is measured or counted on a trade item. Measures of its packing for transport have words of their own in
/// the table and are no answer here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Net weight.
    Weight,
    /// Net volume.
    Volume,
    Length,
    Width,
    Height,
    Area,
    /// How many, where that varies.
    Count,
    /// How many items a case or pallet holds.
    ContainedCount,
}

impl Quantity {
    /// The word of the table.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Weight => "weight",
            Self::Volume => "volume",
            Self::Length => "length",
            Self::Width => "width",
            Self::Height => "height",
            Self::Area => "area",
            Self::Count => "count",
            Self::ContainedCount => "contained-count",
        }
    }
}

/// The order in which one quantity stands for all.
const QUANTITIES: [Quantity; 5] =
    [Quantity::Weight, Quantity::Volume, Quantity::Length, Quantity::Area, Quantity::Count];

impl<'a> Scan<'a> {
    /// The trade item: the number alone, or that of 01, 03 or 8006. Not that of restricted circulation in a
    /// shop, nor the content of a case.
    pub fn gtin(&self) -> Option<Gtin> {
        if let (Some(number), Kind::Gtin) = (self.number, self.kind) {
            return Some(number);
        }
        self.gtin_of(&[1, 3, 8006])
    }

    /// The trade item that a case or pallet holds: 02 or 8026.
    pub fn content(&self) -> Option<Gtin> {
        self.gtin_of(&[2, 8026])
    }

    fn gtin_of(&self, numbers: &[u16]) -> Option<Gtin> {
        let element = numbers.iter().find_map(|&number| self.element(number))?;
        let mut buffer = [0; MAX_VALUE];
        Gtin::of_element(trusted(element)?.read(&mut buffer))
    }

    /// The number of a message that is one number, restricted or not.
    pub fn number(&self) -> Option<Gtin> {
        self.number
    }

    /// What an in-store number says by the layout or in the region given with the context.
    pub fn in_store(&self) -> Option<InStore> {
        let number = self.number.filter(|_| self.kind == Kind::InStore)?;
        instore::read(&number, self.context.layout, self.context.region)?.ok()
    }

    /// The batch or lot.
    pub fn batch(&self) -> Option<Value<'_>> {
        self.element(10).and_then(trusted)
    }

    /// The serial number, or the third-party controlled one.
    pub fn serial(&self) -> Option<Value<'_>> {
        self.element(21).or(self.element(235)).and_then(trusted)
    }

    /// The logistic unit.
    pub fn sscc(&self) -> Option<Value<'_>> {
        self.element(0).and_then(trusted)
    }

    /// The date that counts: use by before expiry time before best before before sell by. Made and packed
    /// never count.
    pub fn expiry(&self) -> Option<Expiry> {
        use ExpiryKind::{BestBefore, ExpiryTime, SellBy, UseBy};
        let order = [(17, UseBy), (7003, ExpiryTime), (15, BestBefore), (16, SellBy)];
        let (element, kind) = order.iter().find_map(|&(ai, kind)| Some((self.element(ai)?, kind)))?;
        let mut buffer = [0; MAX_VALUE];
        let value = trusted(element)?.read(&mut buffer);
        let (date, day_given) = Date::of_digits(value, self.context.today)?;
        let time = (kind == ExpiryTime).then(|| (digits::pair(value, 6), digits::pair(value, 8)));
        Some(Expiry { date, kind, day_given, time })
    }

    /// When the product was made: 11, or 8008 to the hour.
    pub fn production_date(&self) -> Option<Date> {
        self.date_of(&[11, 8008])
    }

    /// When the product was packed.
    pub fn packing_date(&self) -> Option<Date> {
        self.date_of(&[13])
    }

    fn date_of(&self, numbers: &[u16]) -> Option<Date> {
        let element = numbers.iter().find_map(|&number| self.element(number))?;
        let mut buffer = [0; MAX_VALUE];
        Some(Date::of_digits(trusted(element)?.read(&mut buffer), self.context.today)?.0)
    }

    /// How much of one quantity there is.
    pub fn quantity(&self, wanted: Quantity) -> Option<Measure> {
        self.elements().find_map(|element| {
            let (quantity, unit) = element.row().measure.split_once(' ')?;
            if quantity != wanted.word() {
                return None;
            }
            let mut buffer = [0; MAX_VALUE];
            let value = digits::long_number(trusted(element)?.read(&mut buffer));
            let scale = if unit == "piece" { 0 } else { (element.ai().number() % 10) as u8 };
            Some(Measure { value, scale, unit })
        })
    }

    /// How much there is: net weight before volume before length before area before count, or what an
    /// in-store number says.
    pub fn measure(&self) -> Option<Measure> {
        if let Some(label) = self.in_store() {
            let unit = match label.says {
                Says::Kilograms => "kg",
                Says::Pieces => "piece",
                Says::Price => return None,
            };
            return Some(Measure { value: label.value, scale: label.decimals, unit });
        }
        QUANTITIES.into_iter().find_map(|quantity| self.quantity(quantity))
    }

    /// What it costs: 393n with a currency, 392n in the currency of the place, or what an in-store number says.
    pub fn price(&self) -> Option<Price> {
        if let Some(label) = self.in_store() {
            let price = Price { value: label.value, scale: label.decimals, currency: label.currency };
            return matches!(label.says, Says::Price).then_some(price);
        }
        self.money(393, 3).or_else(|| self.money(392, 0))
    }

    /// The amount to pay: 391n or 390n.
    pub fn amount_payable(&self) -> Option<Price> {
        self.money(391, 3).or_else(|| self.money(390, 0))
    }

    /// The price of one unit of measure: 395n.
    pub fn unit_price(&self) -> Option<Price> {
        self.money(395, 0)
    }

    /// Money of the identifiers with these three first digits, behind so many digits of currency.
    fn money(&self, family: u16, currency: usize) -> Option<Price> {
        let element = self.elements().find(|element| element.ai().number() / 10 == family)?;
        let mut buffer = [0; MAX_VALUE];
        let (currency, amount) = trusted(element)?.read(&mut buffer).split_at_checked(currency)?;
        Some(Price {
            value: digits::long_number(amount),
            scale: (element.ai().number() % 10) as u8,
            currency: codes::currency(digits::number(currency) as u16),
        })
    }

    /// Numeric countries of origin (422), or of full (426), initial (423) or any (424) processing, whichever
    /// the label names first in this order.
    pub fn origins(&self) -> impl Iterator<Item = u16> {
        let element = [422, 426, 423, 424].iter().find_map(|&ai| self.element(ai)).and_then(trusted);
        let mut buffer = [0; MAX_VALUE];
        let mut countries = [None; 5];
        if let Some(value) = element {
            for (place, country) in countries.iter_mut().zip(value.read(&mut buffer).chunks_exact(3)) {
                *place = Some(digits::number(country) as u16);
            }
        }
        countries.into_iter().flatten()
    }
}

/// The value of an element that nothing is wrong with.
fn trusted(element: Element<'_>) -> Option<Value<'_>> {
    element.problem().is_none().then(|| element.value())
}

/// Text of an address, with percent escapes turned into the characters they stand for.
pub fn unescape(value: Value<'_>) -> String {
    let bytes: Vec<u8> = value.bytes().collect();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = &bytes[..];
    while let [first, tail @ ..] = rest {
        let escaped = match rest {
            [b'%', high, low, ..] => sets::hex(*high).zip(sets::hex(*low)),
            _ => None,
        };
        plain.push(escaped.map_or(*first, |(high, low)| high << 4 | low));
        rest = if escaped.is_some() { &rest[3..] } else { tail };
    }
    String::from_utf8_lossy(&plain).into_owned()
}
