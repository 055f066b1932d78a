//! What lasts until soon, and what is over: read by date from the lots, told when a day begins.

use hearth_shared::amount::Amount;
use hearth_shared::time::Day;
use serde::Serialize;
use utoipa::ToSchema;

use crate::bus::Channel;
use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::kitchen::categories::{self, Warned};
use crate::kitchen::ledger::DueKind;
use crate::kitchen::products::BaseUnit;
use crate::kitchen::summary::summary;
use crate::kitchen::{LotId, PlaceId, ProductId};
use crate::{row, sql};

/// The most products that the event of a day names, of each sort.
const MOST_TOLD: i64 = 100;

/// Something that is due.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DueItem {
    pub product_id: ProductId,
    pub product_name: String,
    pub lot_id: LotId,
    pub place_id: PlaceId,
    /// Where it is.
    pub place: String,
    #[schema(value_type = f64)]
    pub quantity: Amount,
    pub unit: BaseUnit,
    /// `best-before`: good at least until then. `use-by`: not to be eaten afterwards.
    pub kind: DueKind,
    #[schema(value_type = String, format = Date)]
    pub due_on: Day,
    /// Whether the date was reckoned and not read.
    pub estimated: bool,
    /// 0 is today; negative once it is over.
    pub days_left: i64,
}

struct Line {
    id: LotId,
    product_id: ProductId,
    product_name: String,
    base_unit: BaseUnit,
    place_id: PlaceId,
    place_name: String,
    quantity: Amount,
    due_on: Day,
    due_kind: DueKind,
    due_estimated: bool,
}
row!(Line {
    id,
    product_id,
    product_name,
    base_unit,
    place_id,
    place_name,
    quantity,
    due_on,
    due_kind,
    due_estimated
});

impl Line {
    fn item(self, today: Day) -> DueItem {
        DueItem {
            product_id: self.product_id,
            product_name: self.product_name,
            lot_id: self.id,
            place_id: self.place_id,
            place: self.place_name,
            quantity: self.quantity,
            unit: self.base_unit,
            kind: self.due_kind,
            due_on: self.due_on,
            estimated: self.due_estimated,
            days_left: self.due_on.since(today),
        }
    }
}

/// What lasts until one of the days of which one is warned, from today on; the earliest first.
pub fn soon(
    tx: &Tx,
    today: Day,
    warned: &[Warned],
    kind: Option<DueKind>,
    limit: i64,
) -> Result<Vec<DueItem>> {
    let mut lines: Vec<Line> = Vec::new();
    for warned in warned {
        let part: Vec<Line> = tx.all(
            sql!(
                "SELECT l.id, l.product_id, p.name AS product_name, p.base_unit, l.place_id, s.name AS place_name,
                     l.quantity, l.due_on, l.due_kind, l.due_estimated
                 FROM lots l JOIN products p ON p.id = l.product_id JOIN places s ON s.id = l.place_id
                 WHERE l.quantity > 0 AND l.due_on IS NOT NULL AND l.due_on >= $1 AND l.due_on <= $2
                     AND ($3 = '' OR l.due_kind = $3)
                     AND (CAST($4 AS BIGINT) = -2 OR COALESCE((SELECT c.warning_days FROM categories c
                         WHERE c.id = p.category_id AND c.archived_at IS NULL), -1) = $4)
                 ORDER BY l.due_on, l.id LIMIT $5"
            ),
            (today, today.plus(warned.days), kind.map_or("", DueKind::as_str), warned.of, limit),
        )?;
        lines.extend(part);
    }
    lines.sort_by_key(|line| (line.due_on, line.id));
    lines.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(lines.into_iter().map(|line| line.item(today)).collect())
}

/// What is past its date; what passed it last comes first.
pub fn over(tx: &Tx, today: Day, kind: Option<DueKind>, limit: i64) -> Result<Vec<DueItem>> {
    let lines: Vec<Line> = tx.all(
        sql!(
            "SELECT l.id, l.product_id, p.name AS product_name, p.base_unit, l.place_id, s.name AS place_name,
                 l.quantity, l.due_on, l.due_kind, l.due_estimated
             FROM lots l JOIN products p ON p.id = l.product_id JOIN places s ON s.id = l.place_id
             WHERE l.quantity > 0 AND l.due_on IS NOT NULL AND l.due_on < $1
                 AND ($2 = '' OR l.due_kind = $2)
             ORDER BY l.due_on DESC, l.id LIMIT $3"
        ),
        (today, kind.map_or("", DueKind::as_str), limit),
    )?;
    Ok(lines.into_iter().map(|line| line.item(today)).collect())
}

/// How many lots of a kind are due soon, and how many are over.
pub fn counts(tx: &Tx, today: Day, warned: &[Warned], kind: DueKind) -> Result<(i64, i64)> {
    let mut soon = 0;
    for warned in warned {
        let part: i64 = tx.one(
            sql!(
                "SELECT COUNT(*) FROM lots l WHERE l.quantity > 0 AND l.due_on IS NOT NULL AND l.due_on >= $1
                     AND l.due_on <= $2 AND l.due_kind = $3
                     AND (CAST($4 AS BIGINT) = -2 OR COALESCE((SELECT c.warning_days FROM products p
                         JOIN categories c ON c.id = p.category_id
                         WHERE p.id = l.product_id AND c.archived_at IS NULL), -1) = $4)"
            ),
            (today, today.plus(warned.days), kind, warned.of),
        )?;
        soon += part;
    }
    let over = tx.one(
        sql!(
            "SELECT COUNT(*) FROM lots WHERE quantity > 0 AND due_on IS NOT NULL AND due_on < $1
                 AND due_kind = $2"
        ),
        (today, kind),
    )?;
    Ok((soon, over))
}

/// The earliest lot of each product, in the order in which they came.
fn of_each(items: Vec<DueItem>) -> Vec<DueItem> {
    let mut seen = std::collections::HashSet::new();
    items.into_iter().filter(|item| seen.insert(item.product_id)).collect()
}

/// Tells everybody, and those who asked for it by letter, what is due as a day begins. On a day on which nothing
/// is, nothing is told.
pub fn announce(tx: &mut Tx, today: Day) -> Result<()> {
    let mut items = of_each(soon(tx, today, &categories::warned(tx)?, None, MOST_TOLD)?);
    items.extend(of_each(over(tx, today, None, MOST_TOLD)?));
    if items.is_empty() {
        return Ok(());
    }
    let summary = summary(tx)?;
    let data = serde_json::json!({
        "day": today,
        "due_soon": summary.due_soon,
        "expired": summary.expired,
        "items": items,
    });
    tx.publish(Channel::HOUSE, "stock.due", today, &data)
}
