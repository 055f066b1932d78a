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
use crate::kitchen::{LotId, codes, day_of, units};

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

/// What a code says that says nothing else: until when, which batch and pack, how much.
pub(super) struct Said {
    pub(super) label: Label,
    pub(super) measure: Option<gs1::Measure>,
}

pub(super) fn said(scan: &gs1::Scan<'_>) -> Said {
    Said { label: label(scan, "", Amount::ONE).0, measure: scan.measure() }
}

/// Whether a code names nothing, but says more of something: a date, a batch, a serial number, an amount or a price.
/// What the house knows as a code of a product is that.
pub(super) fn is_addition(tx: &Tx, scan: &gs1::Scan<'_>) -> Result<bool> {
    let says_more = match scan.kind() {
        gs1::Kind::Gs1 => says_more(scan) && (scan.symbology().is_some() || is_dated_or_measured(scan)),
        // No number of an item begins with 15 to 17; eight digits that do and fit are a date.
        gs1::Kind::Gtin => {
            let number = scan.number().filter(|number| number.length() == 8);
            let is_unassigned =
                number.is_some_and(|number| matches!(&number.as_str()[6..8], "15" | "16" | "17"));
            is_unassigned && scan.other_readings().any(|reading| says_more(&reading))
        }
        _ => false,
    };
    if !says_more {
        return Ok(false);
    }
    let known = codes::key_of(scan).map(|key| codes::matches(tx, &key)).transpose()?;
    Ok(known.is_none_or(|matches| matches.is_empty()))
}

/// A code that says more of something, read as that.
pub(super) fn more<'a>(message: &'a str, context: &Context) -> gs1::Scan<'a> {
    let scan = gs1::parse(message.as_bytes(), context);
    match scan.kind() {
        gs1::Kind::Gtin => scan.other_readings().find(says_more).unwrap_or(scan),
        _ => scan,
    }
}

fn says_more(scan: &gs1::Scan<'_>) -> bool {
    let may = |ai: u16| {
        matches!(ai, 10 | 11 | 13 | 15 | 16 | 17 | 20 | 21 | 30 | 235 | 240 | 241 | 422..=426)
            || matches!(ai, 3100..=3699 | 3900..=3959 | 7003 | 7006 | 7007 | 8005 | 8008)
    };
    scan.is_accepted()
        && scan.elements().all(|element| may(element.ai().number()))
        && (is_dated_or_measured(scan) || scan.batch().is_some() || scan.serial().is_some())
}

fn is_dated_or_measured(scan: &gs1::Scan<'_>) -> bool {
    scan.expiry().is_some() || scan.measure().is_some() || scan.price().is_some()
}

/// Fills in what a second code says and the first did not. Whether they agree.
pub(super) fn fill(label: &mut Label, more: &Label) -> bool {
    let agrees = label.due.is_none_or(|due| more.due.is_none_or(|other| due == other))
        && (label.batch.is_empty() || more.batch.is_empty() || label.batch == more.batch)
        && (label.serial.is_empty() || more.serial.is_empty() || label.serial == more.serial);
    label.due = label.due.or(more.due);
    for (known, said) in [(&mut label.batch, &more.batch), (&mut label.serial, &more.serial)] {
        if known.is_empty() {
            known.clone_from(said);
        }
    }
    if label.price.is_none() {
        label.price.clone_from(&more.price);
    }
    agrees
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

/// How much there is by the label itself, in the unit of the label: a weight, a volume or a count that is told exactly.
pub(super) fn printed(scan: &gs1::Scan<'_>) -> Option<(Amount, &'static str)> {
    let measure = scan.measure()?;
    let unit = match measure.unit {
        "piece" => units::COUNTED,
        unit @ ("kg" | "l") => unit,
        _ => return None,
    };
    let thousandths = i64::try_from(measure.value).ok()?.checked_mul(1000)?;
    let scale = 10_i64.checked_pow(u32::from(measure.scale))?;
    let amount = (thousandths % scale == 0).then(|| Amount::thousandths(thousandths / scale))?;
    amount.is_usable().then_some((amount, unit))
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
