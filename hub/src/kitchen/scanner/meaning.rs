//! What a code says: of which product, how much of it, and what of its date, batch and price.

use hearth_shared::amount::Amount;
use hearth_shared::gs1::{self, Context, Date, ExpiryKind, Region};
use hearth_shared::id::Id;
use hearth_shared::scanning::Scanned;
use hearth_shared::time::{Day, Timestamp};

use crate::db::Tx;
use crate::error::Result;
use crate::house;
use crate::kitchen::ledger::{Due, DueKind, Label, Price};
use crate::kitchen::products::{BaseUnit, Product};
use crate::kitchen::{LotId, day_of};

/// The message with the symbol's identifier in front, where the scanner sent that beside it.
pub(super) fn message(sent: &Scanned) -> String {
    match &sent.symbology {
        Some(symbol) if symbol.starts_with(']') && symbol.len() == 3 && !sent.code.starts_with(']') => {
            format!("{symbol}{}", sent.code)
        }
        _ => sent.code.clone(),
    }
}

/// What the reading of a code depends on: the day, and the region whose shops print labels of their own.
pub(in crate::kitchen) fn context(tx: &Tx, at: Timestamp) -> Result<Context> {
    let day = day_of(tx, at)?;
    let today = date(day);
    let zone = house::find(tx)?.map(|house| house.time_zone.to_string()).unwrap_or_default();
    Ok(Context { region: region(&zone), ..Context::on(today) })
}

fn date(day: Day) -> Date {
    let parts = (u16::try_from(day.year()), u8::try_from(day.month()), u8::try_from(day.day()));
    let fallback = Date::new(2026, 1, 1);
    let read = match parts {
        (Ok(year), Ok(month), Ok(day)) => Date::new(year, month, day),
        _ => None,
    };
    read.or(fallback).unwrap_or_else(|| unreachable!("the first of January is a day"))
}

/// Whose in-store labels are read, by where the house is.
fn region(zone: &str) -> Option<Region> {
    let letters = match zone {
        "Europe/Berlin" | "Europe/Busingen" => "DE",
        "Europe/Stockholm" => "SE",
        "Europe/Oslo" => "NO",
        "Europe/Copenhagen" => "DK",
        "Europe/Helsinki" => "FI",
        "Europe/Tallinn" => "EE",
        "Europe/Riga" => "LV",
        "Europe/Vilnius" => "LT",
        "Europe/London" => "GB",
        _ => return None,
    };
    Region::of(letters)
}

/// The lot that a label of the house names, alone or within elements of a symbol.
pub(super) fn own_lot(scan: &gs1::Scan<'_>) -> Option<LotId> {
    let of_text = |text: &str| {
        let text = text.strip_prefix("HEARTHL").unwrap_or(text);
        let digits = text.get(..32)?.to_ascii_lowercase();
        id(&digits).map(LotId)
    };
    if scan.kind() == gs1::Kind::Own && scan.error().is_none() {
        return std::str::from_utf8(scan.payload()).ok().and_then(of_text);
    }
    let element = scan.element(91).filter(|element| element.problem().is_none())?;
    of_text(&element.value().to_string())
}

/// An id as our codes carry it: 32 letters and digits.
pub(super) fn id(digits: &str) -> Option<Id> {
    let digits = digits.to_ascii_lowercase();
    if digits.len() != 32 || !digits.is_ascii() {
        return None;
    }
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    parts.join("-").parse().ok()
}

/// What the label says besides the product, and what of it cannot be trusted.
pub(super) fn label(scan: &gs1::Scan<'_>, currency: &str, amount: Amount) -> (Label, bool) {
    let due = scan.expiry().and_then(|expiry| {
        let kind = match expiry.kind {
            ExpiryKind::UseBy | ExpiryKind::ExpiryTime => DueKind::UseBy,
            ExpiryKind::BestBefore | ExpiryKind::SellBy => DueKind::BestBefore,
        };
        let on: Day = expiry.date.to_string().parse().ok()?;
        Some(Due { on, kind, estimated: false })
    });
    let text = |value: Option<gs1::Value<'_>>| {
        let text = value.map(gs1::unescape).unwrap_or_default();
        text.chars().filter(|c| !c.is_control()).take(60).collect::<String>()
    };
    let price = scan.amount_payable().or_else(|| scan.price()).and_then(|price| {
        let minor = minor_units(price.value, price.scale)?;
        let currency = price.currency.unwrap_or(currency).to_owned();
        (!currency.is_empty()).then_some(Price { minor, currency, amount })
    });
    let is_doubtful = scan.elements().any(|element| element.problem().is_some());
    (Label { due, batch: text(scan.batch()), serial: text(scan.serial()), price }, is_doubtful)
}

/// `value` with `scale` decimals in hundredths, if that is exact.
fn minor_units(value: u64, scale: u8) -> Option<i64> {
    let value = i64::try_from(value).ok()?;
    match scale {
        0 => value.checked_mul(100),
        1 => value.checked_mul(10),
        2 => Some(value),
        _ => {
            let divisor = 10_i64.checked_pow(u32::from(scale - 2))?;
            (value % divisor == 0).then(|| value / divisor)
        }
    }
}

/// How much there is by the label itself, in the product's base unit: a weight, a volume or a count that varies.
pub(super) fn measured(scan: &gs1::Scan<'_>, product: &Product) -> Option<Amount> {
    let measure = scan.measure()?;
    let value = i64::try_from(measure.value).ok()?;
    let per_base: i64 = match (measure.unit, product.base_unit) {
        ("kg", BaseUnit::Gram) | ("l", BaseUnit::Millilitre) => 1_000_000,
        ("piece", BaseUnit::Piece) => 1000,
        _ => return None,
    };
    let scale = 10_i64.checked_pow(u32::from(measure.scale))?;
    let thousandths = value.checked_mul(per_base)?;
    (thousandths % scale == 0).then(|| Amount::thousandths(thousandths / scale)).filter(|it| it.is_usable())
}
