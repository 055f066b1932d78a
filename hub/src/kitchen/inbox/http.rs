//! The inbox over HTTP.

use axum::Json as Answer;
use axum::extract::State;
use hearth_shared::amount::Amount;
use hearth_shared::id::Id;
use hearth_shared::scanning::Outcome;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Actor;
use crate::error::{Error, Result};
use crate::http::extract::{Json, Path, Query};
use crate::http::page::{Page, PageQuery};
use crate::kitchen::ledger::DueKind;
use crate::kitchen::products::{BaseUnit, Change, Product};
use crate::kitchen::{CategoryId, PlaceId, ProductId};

use super::{Entry, Resolved, Word};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(resolve))
}

/// What waits for somebody to say what it is, oldest first.
#[utoipa::path(get, path = "/api/inbox", tag = "Scanning", params(PageQuery),
    responses((status = 200, body = Page<Entry>)))]
async fn list(State(app): State<App>, Query(query): Query<PageQuery>) -> Result<Answer<Page<Entry>>> {
    let (limit, after) = (query.limit()?, query.after::<Id>()?);
    let found = app.db().read(move |tx| super::page(tx, after, limit + 1)).await?;
    Ok(Answer(Page::of(found, limit, |entry| entry.id.to_string())))
}

/// What it is: a name and what else is known; or `into`, a product that the house has already; or `another` pack of
/// what it is; or `nothing`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Saying {
    name: Option<String>,
    brand: Option<String>,
    category_id: Option<CategoryId>,
    place_id: Option<PlaceId>,
    base_unit: Option<BaseUnit>,
    /// What one scan stands for, in base units.
    #[schema(value_type = Option<f64>)]
    pack_size: Option<Amount>,
    #[schema(value_type = Option<f64>)]
    minimum: Option<Amount>,
    due_kind: Option<DueKind>,
    shelf_days: Option<i64>,
    opened_days: Option<i64>,
    frozen_days: Option<i64>,
    thawed_days: Option<i64>,
    /// It is this product; for several products with one code, this one of them.
    into: Option<ProductId>,
    /// With `into`: what one scan stands for there, in its base units; its pack when left out.
    #[schema(value_type = Option<f64>)]
    each: Option<Amount>,
    /// It is another pack, with the same number as one that is here.
    #[serde(default)]
    another: bool,
    /// It is nothing to keep.
    #[serde(default)]
    nothing: bool,
}

impl Saying {
    fn parse(self) -> Result<Word> {
        match (self.name, self.into, self.another, self.nothing) {
            (None, None, false, true) => Ok(Word::Nothing),
            (None, None, true, false) => Ok(Word::Another),
            (None, Some(product), false, false) => Ok(Word::Is { product, each: self.each }),
            (Some(name), None, false, false) => Ok(Word::Named(Box::new(Change {
                name: Some(name),
                brand: self.brand,
                category_id: self.category_id.map(Some),
                place_id: self.place_id.map(Some),
                base_unit: self.base_unit,
                pack_size: self.pack_size,
                minimum: self.minimum,
                due_kind: self.due_kind,
                shelf_days: self.shelf_days.map(Some),
                opened_days: self.opened_days.map(Some),
                frozen_days: self.frozen_days.map(Some),
                thawed_days: self.thawed_days.map(Some),
                ..Change::default()
            }))),
            _ => Err(Error::field("/name", "Say one of these: name, into, another, or nothing.")),
        }
    }
}

/// What became of the entry: the product with its name, or the outcome of the scan.
#[derive(Serialize, ToSchema)]
#[schema(as = InboxAnswer)]
pub struct Told {
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<Product>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<Outcome>,
}

/// Say what an entry is. All its scans are booked as they happened.
#[utoipa::path(post, path = "/api/inbox/{id}/resolve", tag = "Scanning", params(("id" = String, Path)),
    request_body = Saying, responses((status = 200, body = Told)))]
async fn resolve(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<Id>,
    Json(body): Json<Saying>,
) -> Result<Answer<Told>> {
    let word = body.parse()?;
    let resolved = app.db().write(&actor, move |tx| super::resolve(tx, id, &word)).await?;
    Ok(Answer(match resolved {
        Resolved::Product(product) => Told { product: Some(*product), outcome: None },
        Resolved::Scan(outcome) => Told { product: None, outcome: Some(*outcome) },
    }))
}
