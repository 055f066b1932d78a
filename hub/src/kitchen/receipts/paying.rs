//! What was really paid for each line: its price, less what was taken off.
//!
//! A discount right below an item, with nothing but deposits and other discounts between, is on that item. One
//! that is on everything (it stands below a subtotal, there is no item above it, or it is more than the item
//! cost) is spread over all items by what they cost, to the last cent. Deposits, taxes on top and roundings are
//! no part of what a thing cost.

use super::Line;
use super::parse::LineKind;

/// What was paid for each line, in minor units, in the order of the lines; 0 for those that are no items.
pub fn paid(lines: &[Line]) -> Vec<i64> {
    let mut paid: Vec<i64> =
        lines.iter().map(|line| if line.kind == LineKind::Item { line.total.max(0) } else { 0 }).collect();
    let (mut item, mut for_all) = (None, 0_i64);
    for (at, line) in lines.iter().enumerate() {
        match line.kind {
            LineKind::Item => item = Some(at),
            LineKind::Discount => {
                let off = line.total.saturating_neg().max(0);
                match item.filter(|at| !line.for_all && paid[*at] >= off) {
                    Some(at) => paid[at] -= off,
                    None => for_all = for_all.saturating_add(off),
                }
            }
            LineKind::Deposit => {}
            LineKind::Tax | LineKind::Rounding => item = None,
        }
    }
    spread(&mut paid, for_all);
    paid
}

/// Takes `off` from all of these by what they are; no one ends below nothing, and nothing is lost by rounding.
fn spread(paid: &mut [i64], off: i64) {
    let sum: i128 = paid.iter().map(|each| i128::from(*each)).sum();
    let off = i128::from(off).min(sum);
    if off <= 0 {
        return;
    }
    let (mut before, mut taken) = (0_i128, 0_i128);
    for each in paid {
        before += i128::from(*each);
        let share = off * before / sum - taken;
        taken += share;
        *each -= i64::try_from(share).unwrap_or(0);
    }
}

#[cfg(test)]
mod tests {
    use hearth_shared::amount::Amount;

    use super::*;
    use crate::kitchen::receipts::LineId;
    use crate::kitchen::receipts::parse::PrintedUnit;
    use hearth_shared::id::Id;
    use hearth_shared::time::Timestamp;

    fn line(kind: LineKind, total: i64) -> Line {
        Line {
            id: LineId(Id::v7(Timestamp::from_millis(0), 0, [0; 8])),
            position: 1,
            kind,
            wording: String::new(),
            code: None,
            quantity: Amount::ONE,
            unit: PrintedUnit::Piece,
            unit_price: None,
            total,
            doubtful: false,
            ignored: false,
            product_id: None,
            pack: None,
            amount: None,
            place_id: None,
            due_on: None,
            reason: String::new(),
            confidence: 0,
            lot_id: None,
            for_all: false,
            product_name: None,
            base_unit: None,
            pack_size: None,
        }
    }

    fn item(total: i64) -> Line {
        line(LineKind::Item, total)
    }

    fn off(total: i64) -> Line {
        line(LineKind::Discount, -total)
    }

    fn off_all(total: i64) -> Line {
        Line { for_all: true, ..off(total) }
    }

    #[test]
    fn what_is_taken_off_below_an_item_is_on_that_item() {
        assert_eq!(paid(&[item(200), off(50), item(300), off(10), off(5)]), [150, 0, 285, 0, 0]);
        assert_eq!(paid(&[item(200), line(LineKind::Deposit, 25), off(50)]), [150, 0, 0]);
        assert_eq!(paid(&[]), [0; 0]);
    }

    #[test]
    fn what_is_on_everything_is_spread_by_what_things_cost_to_the_last_cent() {
        assert_eq!(paid(&[item(100), item(300), off_all(40)]), [90, 270, 0]);
        // More than the item above cost, or nothing above it: it is on everything.
        assert_eq!(paid(&[item(300), item(100), off(200)]), [150, 50, 0]);
        assert_eq!(paid(&[off(40), item(100), item(300)]), [0, 90, 270]);
        assert_eq!(paid(&[item(100), item(100), item(100), off_all(100)]), [67, 67, 66, 0]);
        assert_eq!(paid(&[item(100), off_all(900)]), [0, 0]);
        for sum in 1..60 {
            let paid = paid(&[item(333), item(1), item(99), item(7), off_all(sum)]);
            assert_eq!(paid.iter().sum::<i64>(), 440 - sum, "{paid:?}");
            assert!(paid.iter().all(|each| *each >= 0), "{paid:?}");
        }
    }

    #[test]
    fn strange_amounts_break_nothing() {
        assert_eq!(paid(&[item(i64::MAX), item(i64::MAX), off_all(i64::MAX)]).len(), 3);
        assert_eq!(paid(&[item(-5), line(LineKind::Discount, 5), off(i64::MAX)]), [0, 0, 0]);
    }
}
