//! The stock over HTTP: lots, and what is done with them.

pub mod ledger;

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use hearth_shared::amount::Amount;
use hearth_shared::time::Day;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Actor;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::house::stale;
use crate::http::Created;
use crate::http::extract::{Json, Path, Query, Submit};
use crate::http::idempotency::once;
use crate::http::page::{Page, PageQuery};
use crate::kitchen::ledger::{Due, DueKind, From, Intent, Label, Price, Why};
use crate::kitchen::products::{self, BaseUnit, Product};
use crate::kitchen::reading::groups::{self, Group, Grouping};
use crate::kitchen::{ActId, CategoryId, LotId, NO_AMOUNT, NO_DATE, PlaceId, ProductId, day_of, units};

use super::{
    Arrival, Booked, LotView, NewAct, Shortage, Stock, book, counting, movements_of, moving, opening, page,
    receive, refuse_merged, taking, view,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, take_in))
        .routes(routes!(get, change, remove))
        .routes(routes!(consume_any))
        .routes(routes!(consume))
        .routes(routes!(open))
        .routes(routes!(spoil))
        .routes(routes!(transfer))
        .routes(routes!(count))
        .merge(ledger::routes())
}

/// What somebody did, and how things stand now.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Done {
    pub act_id: ActId,
    pub product_id: ProductId,
    /// How much of the product there was, and is.
    #[schema(value_type = f64)]
    pub before: Amount,
    #[schema(value_type = f64)]
    pub after: Amount,
    pub unit: BaseUnit,
    /// What was to be taken and was not there.
    #[schema(value_type = f64)]
    pub missing: Amount,
    /// Every lot that is different now.
    #[schema(value_type = Vec<super::LotView>)]
    pub lots: serde_json::Value,
    /// What was booked.
    #[schema(value_type = Vec<super::MovementView>)]
    pub movements: serde_json::Value,
}

impl Done {
    pub(super) fn of(tx: &Tx, product: &Product, act: ActId, booked: &Booked) -> Result<Done> {
        let lots: Vec<LotView> = booked.lots.iter().map(|id| view(tx, *id)).collect::<Result<_>>()?;
        let json = |e| Error::broken("answer-shape", "An answer could not be written.").because(e);
        Ok(Done {
            act_id: act,
            product_id: product.id,
            before: booked.before,
            after: booked.after,
            unit: product.base_unit,
            missing: booked.effects.short,
            lots: serde_json::to_value(lots).map_err(json)?,
            movements: serde_json::to_value(movements_of(tx, act)?).map_err(json)?,
        })
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StockQuery {
    place: Option<PlaceId>,
    category: Option<CategoryId>,
    product: Option<ProductId>,
    /// What lasts so many more days at most; 0 is today. Past dates are among it.
    expiring_within: Option<i64>,
    /// One entry for each product, by name, instead of one for each lot.
    group: Option<Grouping>,
    /// What somebody types: the products it may mean, the best first, on one page.
    q: Option<String>,
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
    cursor: Option<String>,
}

/// Lots, or products.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum Inventory {
    Lots(Page<LotView>),
    Products(Page<Group>),
}

/// What is there, lot by lot: by date where `expiring_within` is asked for, otherwise as it came. With
/// `group=product`, product by product.
#[utoipa::path(get, path = "/api/inventory", tag = "Stock", params(StockQuery),
    responses((status = 200, body = Inventory)))]
async fn list(State(app): State<App>, Query(query): Query<StockQuery>) -> Result<Answer<Inventory>> {
    if query.group.is_some() || query.q.is_some() {
        return list_otherwise(&app, query).await.map(Answer);
    }
    let wanted = PageQuery { limit: query.limit, cursor: query.cursor };
    let (limit, after) = (wanted.limit()?, wanted.after::<LotId>()?);
    let (place, category, product) = (query.place, query.category, query.product);
    let found = app.db().read(move |tx| {
        let due_until = due_until(tx, query.expiring_within)?;
        page(tx, &Stock { place, category, product, due_until, after, limit: limit + 1 })
    });
    Ok(Answer(Inventory::Lots(Page::of(found.await?, limit, |lot| lot.id.to_string()))))
}

/// The stock by product, and what somebody looks for by typing.
async fn list_otherwise(app: &App, query: StockQuery) -> Result<Inventory> {
    let wanted = PageQuery { limit: query.limit, cursor: query.cursor };
    let limit = wanted.limit()?;
    let after = if query.group.is_some() { wanted.after::<groups::Spot>()? } else { None };
    let StockQuery { place, category, product, expiring_within, q, .. } = query;
    let more = if q.is_some() { limit } else { limit + 1 };
    if q.as_ref().is_some_and(|q| q.chars().count() > LONGEST_QUERY) {
        return Err(Error::field("q", "What is looked for has 200 characters at most."));
    }
    let wanted = move |tx: &Tx| -> Result<groups::Wanted> {
        let due_until = due_until(tx, expiring_within)?;
        Ok(groups::Wanted { place, category, product, due_until, query: q.clone(), limit: more })
    };
    if query.group.is_none() {
        let found = app.db().read(move |tx| groups::lots(tx, &wanted(tx)?)).await?;
        return Ok(Inventory::Lots(Page::whole(found)));
    }
    let found = app.db().read(move |tx| groups::page(tx, &wanted(tx)?, after.as_ref())).await?;
    Ok(Inventory::Products(Page::of(found, limit, |group| group.spot.to_string())))
}

fn due_until(tx: &Tx, within: Option<i64>) -> Result<Option<Day>> {
    let Some(days) = within else { return Ok(None) };
    if !(-36_500..=36_500).contains(&days) {
        return Err(Error::field("expiring_within", "A number of days, no more than a hundred years."));
    }
    Ok(Some(day_of(tx, tx.now())?.plus(days)))
}

/// Something that came into the house.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct NewLot {
    product_master_id: ProductId,
    /// How much: a decimal number, or a string with one.
    #[schema(value_type = f64)]
    initial_quantity: Amount,
    /// The product's base unit when left out.
    unit: Option<String>,
    /// The product's usual place when left out.
    place_id: Option<PlaceId>,
    #[schema(value_type = Option<String>, format = Date)]
    best_before: Option<Day>,
    #[schema(value_type = Option<String>, format = Date)]
    use_by: Option<Day>,
    batch: Option<String>,
    serial: Option<String>,
    price: Option<PaidWish>,
}

/// What was paid for all of it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct PaidWish {
    /// In minor units of the currency.
    minor: i64,
    /// Three letters.
    #[schema(example = "EUR")]
    currency: String,
}

/// The longest text that is looked for.
const LONGEST_QUERY: usize = 200;
/// The longest batch or serial number.
const LONGEST: usize = 60;

fn short_text(pointer: &'static str, text: Option<&str>) -> Result<String> {
    let text = text.unwrap_or_default().trim();
    if text.chars().count() > LONGEST || text.chars().any(char::is_control) {
        return Err(Error::field(pointer, crate::kitchen::TOO_LONG));
    }
    Ok(text.to_owned())
}

pub(in crate::kitchen) fn due(best_before: Option<Day>, use_by: Option<Day>) -> Result<Option<Due>> {
    let due = |on, kind| Some(Due { on, kind, estimated: false });
    let due = match (best_before, use_by) {
        (Some(_), Some(_)) => {
            return Err(Error::field("/use_by", "A lot has either best_before or use_by, not both."));
        }
        (Some(on), None) => due(on, DueKind::BestBefore),
        (None, Some(on)) => due(on, DueKind::UseBy),
        (None, None) => None,
    };
    let far = |due: Due| !(2000..=2100).contains(&due.on.year());
    if due.is_some_and(far) {
        return Err(Error::field("/best_before", NO_DATE));
    }
    Ok(due)
}

impl PaidWish {
    pub(in crate::kitchen) fn price(&self, amount: Amount) -> Result<Price> {
        let letters = self.currency.len() == 3 && self.currency.bytes().all(|b| b.is_ascii_uppercase());
        if !letters {
            return Err(Error::field("/price/currency", "A currency is three capital letters, such as EUR."));
        }
        if !(0..=100_000_000_000).contains(&self.minor) {
            return Err(Error::field("/price/minor", crate::kitchen::NO_PRICE));
        }
        Ok(Price { minor: self.minor, currency: self.currency.clone(), amount })
    }
}

/// How much, in base units; more than nothing.
fn some(
    tx: &Tx,
    product: &Product,
    pointer: &'static str,
    amount: Amount,
    unit: Option<&str>,
) -> Result<Amount> {
    let amount = units::to_base(tx, product, amount, unit)?;
    if amount.is_usable() {
        return Ok(amount);
    }
    Err(Error::field(pointer, NO_AMOUNT))
}

/// Take something in.
#[utoipa::path(post, path = "/api/inventory", tag = "Stock", request_body = NewLot,
    responses((status = 201, body = LotView)))]
async fn take_in(
    State(app): State<App>,
    actor: Actor,
    submit: Submit<NewLot>,
) -> Result<Created<serde_json::Value>> {
    let Submit { body, key } = submit;
    let taken = app.db().write(&actor, move |tx| {
        once(tx, key.as_ref(), |tx| {
            let lot = body.receive(tx)?;
            serde_json::to_value(view(tx, lot)?)
                .map_err(|e| Error::broken("answer-shape", "An answer could not be written.").because(e))
        })
    });
    taken.await.map(Created)
}

impl NewLot {
    fn receive(&self, tx: &mut Tx) -> Result<LotId> {
        let product = products::get(tx, self.product_master_id)?;
        let unit = self.unit.as_deref();
        let amount = some(tx, &product, "/initial_quantity", self.initial_quantity, unit)?;
        let label = Label {
            due: due(self.best_before, self.use_by)?,
            batch: short_text("/batch", self.batch.as_deref())?,
            serial: short_text("/serial", self.serial.as_deref())?,
            price: self.price.as_ref().map(|price| price.price(amount)).transpose()?,
        };
        let arrival = Arrival { amount, place: self.place_id, label };
        let said = Some((self.initial_quantity, unit.unwrap_or(product.base_unit.as_str()).to_owned()));
        let new = NewAct { said, ..NewAct::now(tx, Intent::Undo { target: tx.new_id() }) };
        Ok(receive(tx, &product, &arrival, new)?.0)
    }
}

/// One lot, empty ones too.
#[utoipa::path(get, path = "/api/inventory/{id}", tag = "Stock", params(("id" = LotId, Path)),
    responses((status = 200, body = LotView)))]
async fn get(State(app): State<App>, Path(id): Path<LotId>) -> Result<Answer<LotView>> {
    Ok(Answer(app.db().read(move |tx| view(tx, id)).await?))
}

/// What is to be different about a lot. `version` is the one that was looked at.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct LotChange {
    version: i64,
    /// How much of it there is; books a count.
    #[schema(value_type = Option<f64>)]
    quantity: Option<Amount>,
    unit: Option<String>,
    /// Null for no date.
    #[serde(default, deserialize_with = "crate::kitchen::present")]
    #[schema(value_type = Option<String>, format = Date)]
    best_before: Option<Option<Day>>,
    #[serde(default, deserialize_with = "crate::kitchen::present")]
    #[schema(value_type = Option<String>, format = Date)]
    use_by: Option<Option<Day>>,
    batch: Option<String>,
    serial: Option<String>,
    #[serde(default, deserialize_with = "crate::kitchen::present")]
    #[schema(value_type = Option<PaidWish>)]
    price: Option<Option<PaidWish>>,
}

impl LotChange {
    fn amend(&self, lot: &LotView) -> Result<Option<Intent>> {
        let due = match (self.best_before, self.use_by) {
            (None, None) => None,
            (best_before, use_by) => Some(due(best_before.flatten(), use_by.flatten())?),
        };
        let text = |pointer, text: &Option<String>| match text {
            Some(text) => short_text(pointer, Some(text)).map(Some),
            None => Ok(None),
        };
        let (batch, serial) = (text("/batch", &self.batch)?, text("/serial", &self.serial)?);
        let price = match &self.price {
            Some(Some(price)) => {
                let amount = lot.price.as_ref().map_or(lot.quantity, |paid| paid.quantity);
                Some(Some(price.price(amount)?))
            }
            Some(None) => Some(None),
            None => None,
        };
        if due.is_none() && batch.is_none() && serial.is_none() && price.is_none() {
            return Ok(None);
        }
        Ok(Some(Intent::Amend { lot: lot.id, due, batch, serial, price, gaps_only: false }))
    }

    fn apply(&self, tx: &mut Tx, id: LotId) -> Result<LotView> {
        let lot = view(tx, id)?;
        if lot.version != self.version {
            return Err(stale(&lot));
        }
        let product = products::get(tx, lot.product_master_id)?;
        let group = tx.new_id();
        if let Some(intent) = self.amend(&lot)? {
            let new = NewAct { group, ..NewAct::now(tx, intent) };
            book(tx, &product, &new, Shortage::Ask)?;
        }
        if let Some(quantity) = self.quantity {
            let amount = units::to_base(tx, &product, quantity, self.unit.as_deref())?;
            count_lot(tx, &product, id, amount, group)?;
        }
        view(tx, id)
    }
}

fn count_lot(
    tx: &mut Tx,
    product: &Product,
    lot: LotId,
    amount: Amount,
    group: crate::kitchen::GroupId,
) -> Result<(ActId, Booked)> {
    if amount != Amount::ZERO && !amount.is_usable() {
        return Err(Error::field("/quantity", crate::kitchen::NO_COUNT));
    }
    let intent = counting(tx, product, amount, From::Lot(lot), tx.now())?;
    let new = NewAct { group, ..NewAct::now(tx, intent) };
    let booked = book(tx, product, &new, Shortage::Ask)?;
    Ok((new.id, booked))
}

/// Say otherwise of a lot: its date, batch, serial number or price; or how much of it there is.
#[utoipa::path(patch, path = "/api/inventory/{id}", tag = "Stock", params(("id" = LotId, Path)),
    request_body = LotChange, responses((status = 200, body = LotView)))]
async fn change(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<LotId>,
    Json(body): Json<LotChange>,
) -> Result<Answer<LotView>> {
    Ok(Answer(app.db().write(&actor, move |tx| body.apply(tx, id)).await?))
}

/// Write off what is left of a lot. The ledger keeps it.
#[utoipa::path(delete, path = "/api/inventory/{id}", tag = "Stock", params(("id" = LotId, Path)),
    responses((status = 204)))]
async fn remove(State(app): State<App>, actor: Actor, Path(id): Path<LotId>) -> Result<StatusCode> {
    let written_off = app.db().write(&actor, move |tx| {
        let lot = view(tx, id)?;
        if lot.quantity == Amount::ZERO {
            return Err(Error::conflict("lot-empty", "There is nothing left of this lot.").with_current(&lot));
        }
        let product = products::get(tx, lot.product_master_id)?;
        let intent = taking(&product, Why::Removed, lot.quantity, From::Lot(id));
        book(tx, &product, &NewAct::now(tx, intent), Shortage::Refuse).map(|_| ())
    });
    written_off.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How much, and why.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Portion {
    #[schema(value_type = f64)]
    quantity: Amount,
    /// The product's base unit when left out.
    unit: Option<String>,
    reason: Option<String>,
}

/// What a person does to one lot.
#[derive(Clone, Copy)]
enum Doing {
    Consume,
    Spoil,
    Open,
}

impl Portion {
    fn new_act(&self, tx: &Tx, product: &Product, intent: Intent) -> Result<NewAct> {
        let said = self.unit.clone().unwrap_or_else(|| product.base_unit.as_str().to_owned());
        let reason = short_text("/reason", self.reason.as_deref())?;
        Ok(NewAct { said: Some((self.quantity, said)), reason, ..NewAct::now(tx, intent) })
    }

    fn book(&self, tx: &mut Tx, product: &Product, from: From, doing: Doing) -> Result<Done> {
        refuse_merged(product)?;
        let amount = some(tx, product, "/quantity", self.quantity, self.unit.as_deref())?;
        let intent = match doing {
            Doing::Consume => taking(product, Why::Used, amount, from),
            Doing::Spoil => taking(product, Why::Spoiled, amount, from),
            Doing::Open => opening(tx, product, amount, from, tx.now())?,
        };
        let new = self.new_act(tx, product, intent)?;
        let booked = book(tx, product, &new, Shortage::Refuse)?;
        if booked.effects.is_nothing() {
            return Err(Error::conflict("nothing-to-open", "All of it is open already."));
        }
        Done::of(tx, product, new.id, &booked)
    }
}

async fn on_lot(
    app: &App,
    actor: &Actor,
    id: LotId,
    submit: Submit<Portion>,
    doing: Doing,
) -> Result<Answer<Done>> {
    let Submit { body, key } = submit;
    let done = app.db().write(actor, move |tx| {
        once(tx, key.as_ref(), |tx| {
            let product = products::get(tx, view(tx, id)?.product_master_id)?;
            body.book(tx, &product, From::Lot(id), doing)
        })
    });
    done.await.map(Answer)
}

/// Use some of a lot.
#[utoipa::path(post, path = "/api/inventory/{id}/consume", tag = "Stock", params(("id" = LotId, Path)),
    request_body = Portion, responses((status = 200, body = Done)))]
async fn consume(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<LotId>,
    submit: Submit<Portion>,
) -> Result<Answer<Done>> {
    on_lot(&app, &actor, id, submit, Doing::Consume).await
}

/// Throw some of a lot away.
#[utoipa::path(post, path = "/api/inventory/{id}/spoil", tag = "Stock", params(("id" = LotId, Path)),
    request_body = Portion, responses((status = 200, body = Done)))]
async fn spoil(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<LotId>,
    submit: Submit<Portion>,
) -> Result<Answer<Done>> {
    on_lot(&app, &actor, id, submit, Doing::Spoil).await
}

/// Open some of a lot; from then on it lasts no longer than the product does opened.
#[utoipa::path(post, path = "/api/inventory/{id}/open", tag = "Stock", params(("id" = LotId, Path)),
    request_body = Portion, responses((status = 200, body = Done)))]
async fn open(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<LotId>,
    submit: Submit<Portion>,
) -> Result<Answer<Done>> {
    on_lot(&app, &actor, id, submit, Doing::Open).await
}

/// Some of a product, from wherever it is best taken.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct AnyPortion {
    product_master_id: ProductId,
    #[schema(value_type = f64)]
    quantity: Amount,
    /// The product's base unit when left out.
    unit: Option<String>,
    reason: Option<String>,
    /// Only from this place.
    place_id: Option<PlaceId>,
}

/// Use some of a product: from its usual place, then what is open, then what is due first, then what came first.
#[utoipa::path(post, path = "/api/inventory/consume", tag = "Stock", request_body = AnyPortion,
    responses((status = 200, body = Done)))]
async fn consume_any(
    State(app): State<App>,
    actor: Actor,
    submit: Submit<AnyPortion>,
) -> Result<Answer<Done>> {
    let Submit { body, key } = submit;
    let done = app.db().write(&actor, move |tx| {
        once(tx, key.as_ref(), |tx| {
            let AnyPortion { product_master_id, quantity, unit, reason, place_id } = body.clone();
            let from = place_id.map_or(From::Anywhere, From::Place);
            let product = products::get(tx, product_master_id)?;
            Portion { quantity, unit, reason }.book(tx, &product, from, Doing::Consume)
        })
    });
    done.await.map(Answer)
}

/// Where to, and how much of it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Carry {
    place_id: PlaceId,
    /// All of it when left out.
    #[schema(value_type = Option<f64>)]
    quantity: Option<Amount>,
    unit: Option<String>,
}

/// Put a lot, or some of it, somewhere else. Into a freezer it lasts longer, out of it shorter.
#[utoipa::path(post, path = "/api/inventory/{id}/transfer", tag = "Stock", params(("id" = LotId, Path)),
    request_body = Carry, responses((status = 200, body = Done)))]
async fn transfer(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<LotId>,
    submit: Submit<Carry>,
) -> Result<Answer<Done>> {
    let Submit { body, key } = submit;
    let done = app.db().write(&actor, move |tx| once(tx, key.as_ref(), |tx| body.carry(tx, id)));
    done.await.map(Answer)
}

impl Carry {
    fn carry(&self, tx: &mut Tx, id: LotId) -> Result<Done> {
        let lot = view(tx, id)?;
        let product = products::get(tx, lot.product_master_id)?;
        let amount = match self.quantity {
            Some(quantity) => Some(some(tx, &product, "/quantity", quantity, self.unit.as_deref())?),
            None => None,
        };
        if lot.place_id == self.place_id {
            return Err(Error::conflict("already-there", "It is in this place already.").with_current(&lot));
        }
        let intent = moving(tx, &product, amount, From::Lot(id), self.place_id, tx.now())?;
        let new = NewAct::now(tx, intent);
        let booked = book(tx, &product, &new, Shortage::Refuse)?;
        Done::of(tx, &product, new.id, &booked)
    }
}

/// How much there is.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Counted {
    #[schema(value_type = f64)]
    quantity: Amount,
    unit: Option<String>,
}

/// Say how much there is of a lot.
#[utoipa::path(post, path = "/api/inventory/{id}/count", tag = "Stock", params(("id" = LotId, Path)),
    request_body = Counted, responses((status = 200, body = Done)))]
async fn count(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<LotId>,
    submit: Submit<Counted>,
) -> Result<Answer<Done>> {
    let Submit { body, key } = submit;
    let done = app.db().write(&actor, move |tx| {
        once(tx, key.as_ref(), |tx| {
            let product = products::get(tx, view(tx, id)?.product_master_id)?;
            let amount = units::to_base(tx, &product, body.quantity, body.unit.as_deref())?;
            let group = tx.new_id();
            let (act, booked) = count_lot(tx, &product, id, amount, group)?;
            Done::of(tx, &product, act, &booked)
        })
    });
    done.await.map(Answer)
}
