//! Scans of what nobody has named yet: they count for packs until then, and what they say of how much there is waits in
//! its own words.
//!
//! What is understood of it then is what the same scan would mean of a product with that name: `0.452 kg` on the label
//! is 452 g of what is counted in grams, and a pack of what is counted in pieces. A count on the label (30) is so many
//! pieces; where a card says three of it, it is three times that. Where a case says how many of the code it holds (02
//! and 37), it is so many packs. A 37 beside 01 says nothing here: 01 names the case itself then, and what a case stands
//! for is said with its code.

use hearth_shared::amount::Amount;
use hearth_shared::gs1::{self, Context};
use hearth_shared::scanning::{Mode, ScanId};

use super::{PACK, Scan, anew, meaning, patterns};
use crate::db::Tx;
use crate::error::Result;
use crate::kitchen::codes::Match;
use crate::kitchen::products::{BaseUnit, Product, ProductState};
use crate::kitchen::units;

/// Whether it is counted in packs. What the catalogue believes of it is no word of the house, and may come between two
/// scans. A wish is kept as it is understood.
pub(super) fn is_in_packs(scan: &Scan<'_>, product: &Product) -> bool {
    product.state == ProductState::Unknown && scan.setting.mode != Mode::Shop
}

/// What one scan stands for.
pub(super) fn each(scan: &Scan<'_>, found: &Match) -> Amount {
    if is_in_packs(scan, &found.product) { Amount::ONE } else { found.amount() }
}

/// How many packs so much of a unit is: one, where only the catalogue knows the unit.
pub(super) fn packs(tx: &Tx, product: &Product, quantity: Amount, unit: &str) -> Result<Amount> {
    let unnamed = Product { base_unit: BaseUnit::Piece, pack_size: Amount::ONE, ..product.clone() };
    units::to_base(tx, &unnamed, quantity, Some(unit)).or_else(|error| {
        let is_believed = units::to_base(tx, product, quantity, Some(unit)).is_ok();
        if is_believed { Ok(Amount::ONE) } else { Err(error) }
    })
}

/// How much there is by the label, or else by the second codes behind it, as it is printed there.
pub(super) fn printed(
    scan: &Scan<'_>,
    code: &gs1::Scan<'_>,
    context: &Context,
) -> Option<(Amount, &'static str)> {
    let more = |(_, message): &(_, String)| meaning::printed(&meaning::more(message, context));
    meaning::printed(code).or_else(|| scan.more.messages.iter().find_map(more))
}

/// How much a scan says: in its own words, or so many of what the label says, by a card before it or a station that keeps
/// count by itself. `packs` is what it counts for until then.
pub(super) fn said(
    scan: &Scan<'_>,
    packs: Amount,
    printed: Option<(Amount, &'static str)>,
) -> (Amount, String) {
    let times = match (scan.sent.quantity, scan.sent.unit.as_deref()) {
        (Some(quantity), Some(PACK)) => quantity,
        (Some(quantity), unit) => return (quantity, unit.unwrap_or(BaseUnit::Piece.as_str()).to_owned()),
        (None, _) => scan.times.unwrap_or(Amount::ONE),
    };
    let all = |(amount, unit): (Amount, &'static str)| {
        Some((amount.times(times.as_thousandths(), 1000)?, unit.to_owned()))
    };
    printed.and_then(all).unwrap_or_else(|| (packs, PACK.to_owned()))
}

/// How much a scan said in the count of a place, where it is more than so many packs.
pub(in crate::kitchen) fn counted(tx: &Tx, id: ScanId, packs: Amount) -> Result<Option<(Amount, String)>> {
    let Some(kept) = anew::find(tx, id)? else { return Ok(None) };
    let (sent, standing) = (kept.sent()?, kept.standing(tx)?);
    if sent.quantity.is_some() && sent.unit.is_none() {
        return Ok(None);
    }
    let was = sent.mode.unwrap_or(standing.mode);
    let scan = kept.scan(tx, &sent, standing, was)?;
    let message = meaning::message(&sent);
    let base = meaning::context(tx, scan.at)?;
    let context = patterns::context_by(tx, &message, &base, sent.shop.as_deref())?;
    let code = gs1::parse(message.as_bytes(), &context);
    Ok(Some(said(&scan, packs, printed(&scan, &code, &base))))
}
