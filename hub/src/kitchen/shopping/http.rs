//! The shopping list over HTTP.

use axum::Json as Answer;
use axum::extract::State;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use axum::http::StatusCode;
use hearth_shared::amount::Amount;
use hearth_shared::time::Day;

use crate::app::App;
use crate::auth::{Actor, hex};
use crate::db::Tx;
use crate::error::{Flaw, Result};
use crate::house::http::Wording;
use crate::http::Created;
use crate::http::extract::{Path, Query, Submit};
use crate::http::idempotency::once;
use crate::http::page::{Page, PageQuery};
use crate::kitchen::stock::http::{PaidWish, due};
use crate::kitchen::{CategoryId, PlaceId, ProductId};

use super::{
    Change, Cleared, Clearing, Entry, EntryId, Filter, Listed, Priority, Purchase, Purchased, PutAway, Said,
    Spot, Wish,
};

const LONGEST_NAME: usize = 120;
const LONGEST_UNIT: usize = 20;
const LONGEST_NOTE: usize = 500;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create, clear))
        .routes(routes!(urgent))
        .routes(routes!(get, change, replace, delete))
        .routes(routes!(purchase))
}

/// A word of one line; empty is nothing said.
fn line(wording: &mut Wording, pointer: &'static str, text: Option<&str>, longest: usize) -> Option<String> {
    let line = text?.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > longest {
        wording.wrong(pointer, (Flaw::TooLong, format!("This has at most {longest} characters.")));
    }
    if line.chars().any(char::is_control) {
        wording.wrong(pointer, (Flaw::BadCharacters, "This has no control characters."));
    }
    Some(line)
}

fn note(wording: &mut Wording, text: Option<&str>) -> Option<String> {
    let note = text?.trim().to_owned();
    if note.chars().count() > LONGEST_NOTE {
        wording.wrong("/note", (Flaw::TooLong, format!("A note has at most {LONGEST_NOTE} characters.")));
    }
    if note.chars().any(|c| c.is_control() && c != '\n') {
        wording.wrong("/note", (Flaw::BadCharacters, "A note has no control characters."));
    }
    Some(note)
}

/// A quantity with its unit. The two belong together: a unit without a quantity means nothing.
fn said(wording: &mut Wording, quantity: Option<Amount>, unit: Option<&str>) -> Option<Said> {
    let unit = line(wording, "/unit", unit, LONGEST_UNIT).filter(|unit| !unit.is_empty());
    let Some(quantity) = quantity else {
        if unit.is_some() {
            wording.wrong("/unit", "A unit needs its quantity; send both.");
        }
        return None;
    };
    if !quantity.is_usable() {
        wording.wrong("/quantity", (Flaw::OutOfRange, "A quantity is more than 0 and at most a billion."));
    }
    Some(Said { quantity, unit })
}

/// Something to write down: a product, a word of one's own, or a product by another name. A word alone that is exactly
/// what one product in use is called means that product; a number alone is then so many packs of it.
#[derive(Deserialize, ToSchema)]
pub struct EntryWish {
    /// Made by the client, a UUIDv7: whatever happens to the request or its answer, the entry is written down
    /// once, and never again when it was taken off the list.
    id: Option<EntryId>,
    product_id: Option<ProductId>,
    name: Option<String>,
    #[schema(value_type = Option<f64>)]
    quantity: Option<Amount>,
    /// Without one it is the product's base unit.
    unit: Option<String>,
    priority: Option<Priority>,
    /// The aisle; without one it is the product's.
    category_id: Option<CategoryId>,
    note: Option<String>,
}

impl EntryWish {
    fn parse(&self) -> Result<Wish> {
        let mut wording = Wording::new();
        let name = line(&mut wording, "/name", self.name.as_deref(), LONGEST_NAME);
        let name = name.filter(|name| !name.is_empty());
        if name.is_none() && self.product_id.is_none() {
            wording.wrong("/name", (Flaw::Required, "Say what it is: a name or a product."));
        }
        if self.id.is_some_and(|id| id.0.as_bytes()[6] >> 4 != 7) {
            wording.wrong("/id", "An id is a UUID of version 7.");
        }
        let said = said(&mut wording, self.quantity, self.unit.as_deref());
        let note = note(&mut wording, self.note.as_deref()).unwrap_or_default();
        wording.finish()?;
        let priority = self.priority.unwrap_or(Priority::Normal);
        let mut wish = Wish {
            own: None,
            product: self.product_id,
            name,
            said,
            priority,
            category: self.category_id,
            note,
        };
        wish.own = self.id.map(|id| (id, fingerprint(&wish)));
        Ok(wish)
    }
}

/// What tells a repetition from another entry under the same id.
fn fingerprint(wish: &Wish) -> String {
    let Wish { own: _, product, name, said, priority, category, note } = wish;
    let words = format!("{product:?} {name:?} {said:?} {priority:?} {category:?} {note:?}");
    hex(&Sha256::digest(words.as_bytes()))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ShoppingQuery {
    /// `false` for what is still to be bought, `true` for what was bought; both without it.
    checked: Option<bool>,
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
    cursor: Option<String>,
}

async fn listed(app: &App, filter: Filter, page: PageQuery) -> Result<Answer<Page<Entry>>> {
    let (limit, after) = (page.limit()?, page.after::<Spot>()?);
    let found = app.db().read(move |tx| super::page(tx, filter, after.as_ref(), limit + 1)).await?;
    let page = Page::of(found, limit, |listed: &Listed| listed.spot.to_string());
    Ok(Answer(Page { items: page.items.into_iter().map(|listed| listed.entry).collect(), next: page.next }))
}

/// The shopping list: what is open before what was bought, along the aisles, by name.
#[utoipa::path(get, path = "/api/shopping", tag = "Shopping", params(ShoppingQuery),
    responses((status = 200, body = Page<Entry>)))]
async fn list(State(app): State<App>, Query(query): Query<ShoppingQuery>) -> Result<Answer<Page<Entry>>> {
    let filter = match query.checked {
        None => Filter::All,
        Some(true) => Filter::Bought,
        Some(false) => Filter::Open,
    };
    listed(&app, filter, PageQuery { limit: query.limit, cursor: query.cursor }).await
}

/// What is urgent and not bought yet.
#[utoipa::path(get, path = "/api/shopping/urgent", tag = "Shopping", params(PageQuery),
    responses((status = 200, body = Page<Entry>)))]
async fn urgent(State(app): State<App>, Query(page): Query<PageQuery>) -> Result<Answer<Page<Entry>>> {
    listed(&app, Filter::Urgent, page).await
}

/// One entry.
#[utoipa::path(get, path = "/api/shopping/{id}", tag = "Shopping", params(("id" = EntryId, Path)),
    responses((status = 200, body = Entry)))]
async fn get(State(app): State<App>, Path(id): Path<EntryId>) -> Result<Answer<Entry>> {
    Ok(Answer(app.db().read(move |tx| super::get(tx, id)).await?))
}

/// Write something down. With an `id` of the client's own the same request may be sent any number of times;
/// once the entry was taken off the list the answer is 404 `entry-deleted`, and that settles it.
#[utoipa::path(post, path = "/api/shopping", tag = "Shopping", request_body = EntryWish,
    responses((status = 201, body = Entry)))]
async fn create(State(app): State<App>, actor: Actor, submit: Submit<EntryWish>) -> Result<Created<Entry>> {
    let wish = submit.body.parse()?;
    let add = move |tx: &mut Tx| once(tx, submit.key.as_ref(), |tx| super::add(tx, &wish));
    Ok(Created(app.db().write(&actor, add).await?))
}

/// What is to be different. What is left out stays as it is, whatever others made of it in the meantime.
#[derive(Deserialize, ToSchema)]
pub struct EntryChange {
    /// The version that was looked at. With it, a change that others were faster than is refused (409, with the
    /// entry as it is); without it, it is made field by field.
    version: Option<i64>,
    /// `null` for no product any more; then a name is needed.
    #[serde(default, deserialize_with = "crate::kitchen::present")]
    #[schema(value_type = Option<ProductId>)]
    product_id: Option<Option<ProductId>>,
    /// Empty for the product's name.
    name: Option<String>,
    /// `null` for no amount.
    #[serde(default, deserialize_with = "crate::kitchen::present")]
    #[schema(value_type = Option<f64>)]
    quantity: Option<Option<Amount>>,
    /// Belongs to the quantity: send both. A quantity alone keeps the unit.
    unit: Option<String>,
    priority: Option<Priority>,
    /// `null` for the product's.
    #[serde(default, deserialize_with = "crate::kitchen::present")]
    #[schema(value_type = Option<CategoryId>)]
    category_id: Option<Option<CategoryId>>,
    note: Option<String>,
    /// Whether it was bought.
    checked: Option<bool>,
}

impl EntryChange {
    fn parse(&self) -> Result<Change> {
        let mut wording = Wording::new();
        let name = line(&mut wording, "/name", self.name.as_deref(), LONGEST_NAME);
        let unit = self.unit.as_deref().filter(|_| self.quantity != Some(None));
        let said = said(&mut wording, self.quantity.flatten(), unit);
        let note = note(&mut wording, self.note.as_deref());
        wording.finish()?;
        Ok(Change {
            version: self.version,
            product: self.product_id,
            name,
            said: self.quantity.map(|_| said),
            priority: self.priority,
            category: self.category_id,
            note,
            checked: self.checked,
        })
    }
}

async fn changed(
    app: &App,
    actor: &Actor,
    id: EntryId,
    submit: Submit<EntryChange>,
) -> Result<Answer<Entry>> {
    let change = submit.body.parse()?;
    let change = move |tx: &mut Tx| once(tx, submit.key.as_ref(), |tx| super::change(tx, id, &change));
    Ok(Answer(app.db().write(actor, change).await?))
}

/// Change an entry, tick it, or want it again. Changes of several people meet field by field, the later one to
/// arrive wins; an entry that was taken off the list stays off it (404 `entry-deleted`). An `Idempotency-Key`
/// keeps a change that is sent twice from undoing what others changed in between.
#[utoipa::path(patch, path = "/api/shopping/{id}", tag = "Shopping", params(("id" = EntryId, Path)),
    request_body = EntryChange, responses((status = 200, body = Entry)))]
async fn change(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<EntryId>,
    submit: Submit<EntryChange>,
) -> Result<Answer<Entry>> {
    changed(&app, &actor, id, submit).await
}

/// The same as `PATCH`: what is left out stays, so that no phone that was away unticks what it did not know of.
#[utoipa::path(put, path = "/api/shopping/{id}", tag = "Shopping", params(("id" = EntryId, Path)),
    request_body = EntryChange, responses((status = 200, body = Entry)))]
async fn replace(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<EntryId>,
    submit: Submit<EntryChange>,
) -> Result<Answer<Entry>> {
    changed(&app, &actor, id, submit).await
}

/// What was bought.
#[derive(Deserialize, ToSchema)]
pub struct PurchaseWish {
    /// How much; without it, what was wanted.
    #[schema(value_type = Option<f64>)]
    quantity: Option<Amount>,
    unit: Option<String>,
    /// Whether it goes into the stock at once; what follows is about that.
    put_away: Option<bool>,
    /// The product's usual place when left out.
    place_id: Option<PlaceId>,
    #[schema(value_type = Option<String>, format = Date)]
    best_before: Option<Day>,
    #[schema(value_type = Option<String>, format = Date)]
    use_by: Option<Day>,
    price: Option<PaidWish>,
}

impl PurchaseWish {
    fn parse(&self) -> Result<Purchase> {
        let mut wording = Wording::new();
        let said = said(&mut wording, self.quantity, self.unit.as_deref());
        let facts = [
            ("/place_id", self.place_id.is_some()),
            ("/best_before", self.best_before.is_some()),
            ("/use_by", self.use_by.is_some()),
            ("/price", self.price.is_some()),
        ];
        if self.put_away != Some(true) {
            for (pointer, _) in facts.iter().filter(|(_, is_said)| *is_said) {
                wording.wrong(pointer, "This is about what is put away; say \"put_away\": true with it.");
            }
        }
        wording.finish()?;
        if self.put_away != Some(true) {
            return Ok(Purchase { said, put_away: None });
        }
        let paid = self.price.as_ref().map(|price| price.price(Amount::ZERO)).transpose()?;
        let paid = paid.map(|price| (price.minor, price.currency));
        let due = due(self.best_before, self.use_by)?;
        Ok(Purchase { said, put_away: Some(PutAway { place: self.place_id, due, paid }) })
    }
}

/// Tick an entry, say how much was bought, and put it away if you like. What was ticked in the shop can be put
/// away at home, once (409 `already-put-away`).
#[utoipa::path(post, path = "/api/shopping/{id}/purchase", tag = "Shopping", params(("id" = EntryId, Path)),
    request_body = PurchaseWish, responses((status = 200, body = Purchased)))]
async fn purchase(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<EntryId>,
    submit: Submit<PurchaseWish>,
) -> Result<Answer<Purchased>> {
    let bought = submit.body.parse()?;
    let purchase = move |tx: &mut Tx| once(tx, submit.key.as_ref(), |tx| super::purchase(tx, id, &bought));
    Ok(Answer(app.db().write(&actor, purchase).await?))
}

/// Take an entry off the list, for good. Doing it again changes nothing. An automatic entry does not come back
/// before the product was restocked.
#[utoipa::path(delete, path = "/api/shopping/{id}", tag = "Shopping", params(("id" = EntryId, Path)),
    responses((status = 204)))]
async fn delete(State(app): State<App>, actor: Actor, Path(id): Path<EntryId>) -> Result<StatusCode> {
    app.db().write(&actor, move |tx| super::delete(tx, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ClearQuery {
    /// `true` for what was bought, `false` for what is open; everything without it.
    checked: Option<bool>,
}

/// Clear the list, or what was bought.
#[utoipa::path(delete, path = "/api/shopping", tag = "Shopping", params(ClearQuery),
    responses((status = 200, body = Cleared)))]
async fn clear(
    State(app): State<App>,
    actor: Actor,
    Query(query): Query<ClearQuery>,
) -> Result<Answer<Cleared>> {
    let which = match query.checked {
        None => Clearing::All,
        Some(true) => Clearing::Bought,
        Some(false) => Clearing::Open,
    };
    Ok(Answer(app.db().write(&actor, move |tx| super::clear(tx, which)).await?))
}
