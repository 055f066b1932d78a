//! What wants somebody's attention: what is due, what is over, what is missing, and what only a person knows.

use hearth_shared::amount::Amount;
use hearth_shared::time::Day;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::house::{self, Language};
use crate::kitchen::categories::{self, Warned};
use crate::kitchen::ledger::DueKind;
use crate::kitchen::products::{self, BaseUnit};
use crate::kitchen::questions::{self, Question};
use crate::kitchen::{ProductId, day_of, inbox, summary};
use crate::{row, sql};

use super::due::{self, DueItem};
use super::forecast::{Forecast, forecast};

/// How many entries of each sort are named; all are counted.
pub const MOST_NAMED: i64 = 50;
/// Of how many products that are due the forecast is made.
const MOST_FORECASTS: usize = 10;

/// What is due of one kind of date.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Dates {
    /// How many lots last until soon.
    pub due_soon: i64,
    /// How many lots are past their date.
    pub expired: i64,
    /// The first of those that last until soon.
    pub soon: Vec<DueItem>,
    /// The last of those that are over.
    pub over: Vec<DueItem>,
}

/// Something of which there is too little.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Missing {
    pub product_id: ProductId,
    pub product_name: String,
    #[schema(value_type = f64)]
    pub quantity: Amount,
    #[schema(value_type = f64)]
    pub minimum: Amount,
    pub unit: BaseUnit,
}
row!(Missing { product_id, product_name, quantity, minimum, unit });

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Attention {
    /// Today, in the house.
    #[schema(value_type = String, format = Date)]
    pub day: Day,
    /// What lasts so many days more is due soon, unless its category says otherwise.
    pub within: i64,
    /// What is good at least until its date.
    pub best_before: Dates,
    /// What is not to be eaten after its date.
    pub use_by: Dates,
    /// Of how many products there is less than the house wants to have.
    pub below_minimum: i64,
    pub missing: Vec<Missing>,
    /// How many questions wait for a person.
    pub open_questions: i64,
    pub questions: Vec<Question>,
    /// How many entries the inbox has: codes without a name, and scans of which nobody has said what they were.
    pub inbox: i64,
    /// What is due soon and will not be used in time, at the pace at which it is used.
    pub too_slow: Vec<Forecast>,
}

fn dates(tx: &Tx, today: Day, warned: &[Warned], kind: DueKind) -> Result<Dates> {
    let (due_soon, expired) = due::counts(tx, today, warned, kind)?;
    Ok(Dates {
        due_soon,
        expired,
        soon: due::soon(tx, today, warned, Some(kind), MOST_NAMED)?,
        over: due::over(tx, today, Some(kind), MOST_NAMED)?,
    })
}

/// What wants attention now. What lasts `within` days more is due soon; unless that is said, as many as the house or
/// the category says.
pub fn attention(tx: &Tx, within: Option<i64>, language: Language) -> Result<Attention> {
    let today = day_of(tx, tx.now())?;
    let (within, warned) = match within {
        Some(days) => (days, vec![Warned { days, of: Warned::ALL }]),
        None => (house::warning_days(tx)?, categories::warned(tx)?),
    };
    let best_before = dates(tx, today, &warned, DueKind::BestBefore)?;
    let use_by = dates(tx, today, &warned, DueKind::UseBy)?;
    let missing = tx.all(
        sql!(
            "SELECT l.product_id, p.name AS product_name, l.quantity, l.minimum, p.base_unit AS unit
             FROM levels l JOIN products p ON p.id = l.product_id
             WHERE l.quantity < l.minimum AND p.state = 'active' AND l.product_id > ''
             ORDER BY l.product_id LIMIT $1"
        ),
        (MOST_NAMED,),
    )?;
    let too_slow = too_slow(tx, [&use_by, &best_before], language)?;
    Ok(Attention {
        day: today,
        within,
        best_before,
        use_by,
        below_minimum: summary::below_minimum(tx)?,
        missing,
        open_questions: summary::open_questions(tx)?,
        questions: questions::open_ones(tx, None, MOST_NAMED)?,
        inbox: inbox::count(tx)?,
        too_slow,
    })
}

/// The forecasts of what is due soonest, where something of it will be lost.
fn too_slow(tx: &Tx, dates: [&Dates; 2], language: Language) -> Result<Vec<Forecast>> {
    let mut soon: Vec<(i64, ProductId)> =
        dates.iter().flat_map(|dates| &dates.soon).map(|item| (item.days_left, item.product_id)).collect();
    soon.sort_unstable();
    let mut seen = std::collections::HashSet::new();
    let ids = soon.into_iter().map(|(_, id)| id).filter(|id| seen.insert(*id));
    let ids: Vec<ProductId> = ids.take(MOST_FORECASTS).collect();
    let forecasts = ids.into_iter().map(|id| forecast(tx, &products::get(tx, id)?, language));
    let forecasts: Vec<Forecast> = forecasts.collect::<Result<_>>()?;
    Ok(forecasts.into_iter().filter(|forecast| forecast.wasted > Amount::ZERO).collect())
}
