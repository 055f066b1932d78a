//! Products over HTTP.

mod bodies;

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use hearth_shared::amount::Amount;
use hearth_shared::gs1;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Actor;
use crate::db::Tx;
use crate::error::{Error, Flaw, Result};
use crate::house::http::Wording;
use crate::http::Created;
use crate::http::extract::{Json, Path, Query, Submit};
use crate::http::idempotency::once;
use crate::http::page::{Page, PageQuery};
use crate::kitchen::codes::{self, CodeKey, Match, ProductCode};
use crate::kitchen::search::Among;
use crate::kitchen::{CategoryId, PlaceId, ProductId};

use self::bodies::{CodeWish, ProductChange, ProductWish};
use super::{Leftovers, Product, ProductState, Shown, Spot, shown};

/// The longest query, in characters.
const LONGEST_QUERY: usize = 200;
/// The most that a search finds.
const MOST_FOUND: usize = 500;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(lookup))
        .routes(routes!(get, change, archive))
        .routes(routes!(merge))
        .routes(routes!(list_codes, add_code, remove_code))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProductsQuery {
    /// What somebody typed: words in any order, their beginnings, with typos. Best matches first.
    q: Option<String>,
    category: Option<CategoryId>,
    /// Where it is usually kept.
    place: Option<PlaceId>,
    /// `active` when nothing is said.
    state: Option<ProductState>,
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
    cursor: Option<String>,
}

/// Products by name, or those that a query may mean.
#[utoipa::path(get, path = "/api/products", tag = "Kitchen", params(ProductsQuery),
    responses((status = 200, body = Page<Shown>)))]
async fn list(State(app): State<App>, Query(query): Query<ProductsQuery>) -> Result<Answer<Page<Shown>>> {
    let wanted = PageQuery { limit: query.limit, cursor: query.cursor };
    let among = Among { category: query.category, place: query.place, state: query.state };
    let typed = query.q.filter(|typed| !typed.trim().is_empty());
    let page = match typed {
        Some(typed) if typed.chars().count() > LONGEST_QUERY => {
            return Err(Error::field("q", (Flaw::TooLong, "A query has at most 200 characters.")));
        }
        Some(typed) => app.db().read(move |tx| matching(tx, &typed, &among, &wanted)).await?,
        None => app.db().read(move |tx| by_name(tx, &among, &wanted)).await?,
    };
    Ok(Answer(page))
}

fn by_name(tx: &Tx, among: &Among, wanted: &PageQuery) -> Result<Page<Shown>> {
    let (limit, after) = (wanted.limit()?, wanted.after::<Spot>()?);
    let found = super::page(tx, among, after.as_ref(), limit + 1)?;
    show(tx, &Page::of(found, limit, |product| Spot::of(product).to_string()))
}

fn show(tx: &Tx, page: &Page<Product>) -> Result<Page<Shown>> {
    let items = page.items.iter().map(|product| shown(tx, product)).collect::<Result<_>>()?;
    Ok(Page { items, next: page.next.clone() })
}

/// A page of what a query may mean. Its place is how many came before.
fn matching(tx: &Tx, typed: &str, among: &Among, wanted: &PageQuery) -> Result<Page<Shown>> {
    let (limit, skip) = (wanted.limit()?, wanted.after::<usize>()?.unwrap_or(0));
    let end = skip.saturating_add(usize::try_from(limit).unwrap_or(0));
    let found = super::search(tx, typed, among, end.saturating_add(1).min(MOST_FOUND))?;
    let rest: Vec<Product> = found.into_iter().skip(skip).collect();
    show(tx, &Page::of(rest, limit, |_| end.to_string()))
}

/// Make a product.
#[utoipa::path(post, path = "/api/products", tag = "Kitchen", request_body = ProductWish,
    responses((status = 201, body = Shown)))]
async fn create(State(app): State<App>, actor: Actor, submit: Submit<ProductWish>) -> Result<Created<Shown>> {
    let new = submit.body.parse()?;
    let make = move |tx: &mut Tx| {
        once(tx, submit.key.as_ref(), |tx| {
            let new = super::NewProduct { codes: submit.body.codes(tx)?, ..new.clone() };
            let made = super::create(tx, &new)?;
            shown(tx, &made)
        })
    };
    Ok(Created(app.db().write(&actor, make).await?))
}

/// One product, whatever became of it.
#[utoipa::path(get, path = "/api/products/{id}", tag = "Kitchen", params(("id" = ProductId, Path)),
    responses((status = 200, body = Shown)))]
async fn get(State(app): State<App>, Path(id): Path<ProductId>) -> Result<Answer<Shown>> {
    Ok(Answer(app.db().read(move |tx| shown(tx, &super::get(tx, id)?)).await?))
}

/// Change a product.
#[utoipa::path(patch, path = "/api/products/{id}", tag = "Kitchen", params(("id" = ProductId, Path)),
    request_body = ProductChange, responses((status = 200, body = Shown)))]
async fn change(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ProductId>,
    Json(body): Json<ProductChange>,
) -> Result<Answer<Shown>> {
    let change = body.parse()?;
    let make = move |tx: &mut Tx| {
        let changed = super::change(tx, id, &change)?;
        shown(tx, &changed)
    };
    Ok(Answer(app.db().write(&actor, make).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ArchiveQuery {
    /// Archive it though there is some of it left.
    #[serde(default)]
    with_stock: bool,
}

/// End the use of a product. What happened to it stays.
#[utoipa::path(delete, path = "/api/products/{id}", tag = "Kitchen",
    params(("id" = ProductId, Path), ArchiveQuery), responses((status = 204)))]
async fn archive(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ProductId>,
    Query(query): Query<ArchiveQuery>,
) -> Result<StatusCode> {
    let leftovers = if query.with_stock { Leftovers::Keep } else { Leftovers::Refuse };
    app.db().write(&actor, move |tx| super::archive(tx, id, leftovers)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The product that another becomes a part of.
#[derive(Deserialize, ToSchema)]
pub struct MergeWish {
    into: ProductId,
}

/// Make a product a part of another, with its codes, its stock and its history. Answers the other.
#[utoipa::path(post, path = "/api/products/{id}/merge", tag = "Kitchen", params(("id" = ProductId, Path)),
    request_body = MergeWish, responses((status = 200, body = Shown)))]
async fn merge(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ProductId>,
    submit: Submit<MergeWish>,
) -> Result<Answer<Shown>> {
    let make = move |tx: &mut Tx| {
        once(tx, submit.key.as_ref(), |tx| {
            let kept = super::merge(tx, id, submit.body.into)?;
            shown(tx, &kept)
        })
    };
    Ok(Answer(app.db().write(&actor, make).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CodeQuery {
    /// As it was scanned or typed.
    code: String,
}

/// A product that a code may mean.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundProduct {
    product: Shown,
    /// What one scan stands for, in base units.
    #[schema(value_type = f64)]
    amount: Amount,
}

/// What a code may mean.
#[derive(Debug, Serialize, ToSchema)]
pub struct Lookup {
    /// What it is looked up by.
    code: CodeKey,
    /// As it stands on the pack.
    said: String,
    /// All products it may mean; none when nobody knows it.
    products: Vec<FoundProduct>,
    /// What a case with this number may hold, when nobody knows the case itself.
    inside: Vec<FoundProduct>,
}

/// What a code means. In one shop's numbers, it may be several products.
#[utoipa::path(get, path = "/api/products/lookup", tag = "Kitchen", params(CodeQuery),
    responses((status = 200, body = Lookup)))]
async fn lookup(State(app): State<App>, Query(query): Query<CodeQuery>) -> Result<Answer<Lookup>> {
    Ok(Answer(app.db().read(move |tx| look_up(tx, &query.code)).await?))
}

fn look_up(tx: &Tx, raw: &str) -> Result<Lookup> {
    let context = codes::context(tx)?;
    let scan = gs1::parse(raw.as_bytes(), &context);
    let (code, count) = match codes::content_of(&scan) {
        Some((content, count)) => (content, count),
        None => (codes::required_key(&scan)?, 1),
    };
    let found = |found: Vec<Match>| -> Result<Vec<FoundProduct>> {
        let one = |it: Match| {
            let amount = it.amount().times(count, 1).unwrap_or(Amount::MOST);
            Ok(FoundProduct { product: shown(tx, &it.product)?, amount })
        };
        found.into_iter().map(one).collect()
    };
    let products = found(codes::matches(tx, &code)?)?;
    let inner = codes::inner_of(&code).filter(|_| products.is_empty());
    let inside = inner.map_or(Ok(Vec::new()), |inner| codes::matches(tx, &inner))?;
    Ok(Lookup { said: code.for_people().to_owned(), inside: found(inside)?, code, products })
}

/// The codes of a product.
#[utoipa::path(get, path = "/api/products/{id}/codes", tag = "Kitchen", params(("id" = ProductId, Path)),
    responses((status = 200, body = Page<ProductCode>)))]
async fn list_codes(State(app): State<App>, Path(id): Path<ProductId>) -> Result<Answer<Page<ProductCode>>> {
    let look = move |tx: &Tx| {
        super::get(tx, id)?;
        codes::of_product(tx, id)
    };
    Ok(Answer(Page::whole(app.db().read(look).await?)))
}

/// Let a code stand for a product. The same again says anew how much it stands for. Answers the product.
#[utoipa::path(post, path = "/api/products/{id}/codes", tag = "Kitchen", params(("id" = ProductId, Path)),
    request_body = CodeWish, responses((status = 201, body = Shown)))]
async fn add_code(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ProductId>,
    submit: Submit<CodeWish>,
) -> Result<Created<Shown>> {
    let mut wording = Wording::new();
    submit.body.judge(&mut wording, "/amount", "/note");
    wording.finish()?;
    let make = move |tx: &mut Tx| {
        once(tx, submit.key.as_ref(), |tx| {
            let code = submit.body.parse(tx, Some(id))?;
            codes::attach(tx, &code.key, id, code.amount, &code.note)?;
            shown(tx, &super::get(tx, id)?)
        })
    };
    Ok(Created(app.db().write(&actor, make).await?))
}

/// End that a code stands for a product: the code as it is listed, or as it was scanned.
#[utoipa::path(delete, path = "/api/products/{id}/codes", tag = "Kitchen",
    params(("id" = ProductId, Path), CodeQuery), responses((status = 204)))]
async fn remove_code(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ProductId>,
    Query(query): Query<CodeQuery>,
) -> Result<StatusCode> {
    let make = move |tx: &mut Tx| {
        super::get(tx, id)?;
        let mut listed = codes::of_product(tx, id)?.into_iter().map(|it| it.code);
        let key = match listed.find(|key| key.as_str() == query.code) {
            Some(key) => key,
            None => codes::read(tx, &query.code)?,
        };
        codes::detach(tx, &key, id)
    };
    app.db().write(&actor, make).await?;
    Ok(StatusCode::NO_CONTENT)
}
