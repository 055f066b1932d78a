//! Stocktakes over HTTP.

use axum::Json as Answer;
use axum::extract::State as Given;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use hearth_shared::amount::Amount;
use hearth_shared::id::Id;
use hearth_shared::scanning::{Mode, Outcome, ScanId, Scanned};
use hearth_shared::time::{Day, Timestamp};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Actor;
use crate::db::Tx;
use crate::error::{Error, Flaw, Result};
use crate::http::Created;
use crate::http::extract::{Json, Path, Query, Submit};
use crate::http::idempotency::once;
use crate::http::page::{Page, PageQuery};
use crate::kitchen::stock::Shortage;
use crate::kitchen::stock::http::due;
use crate::kitchen::stock::http::ledger::undo_whole;
use crate::kitchen::{NO_AMOUNT, PlaceId, ProductId, StocktakeId, StocktakeLineId, products, scanner, units};

use super::review::{self, Entry};
use super::{
    Begun, Committed, Count, Counted, LineView, Much, Stocktake, Uncounted, Which, abandon, begin, book_part,
    booked, commit, correct, count, get, lines, open_one, remove, reopen,
};

/// The longest batch number.
const LONGEST_BATCH: usize = 60;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, start))
        .routes(routes!(read, give_up))
        .routes(routes!(list_lines))
        .routes(routes!(change_line, remove_line))
        .routes(routes!(scan))
        .routes(routes!(count_product))
        .routes(routes!(difference))
        .routes(routes!(confirm))
        .routes(routes!(take_back))
        .routes(routes!(go_on))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StocktakeQuery {
    /// `true` for those that go on; all of them without it.
    #[serde(default)]
    open: bool,
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
    cursor: Option<String>,
}

/// Counts, the newest first.
#[utoipa::path(get, path = "/api/stocktakes", tag = "Stocktakes", params(StocktakeQuery),
    responses((status = 200, body = Page<Stocktake>)))]
async fn list(
    Given(app): Given<App>,
    Query(query): Query<StocktakeQuery>,
) -> Result<Answer<Page<Stocktake>>> {
    let wanted = PageQuery { limit: query.limit, cursor: query.cursor };
    let (limit, before) = (wanted.limit()?, wanted.after::<StocktakeId>()?);
    let which = if query.open { Which::Open } else { Which::All };
    let found = app.db().read(move |tx| super::page(tx, which, before, limit + 1)).await?;
    Ok(Answer(Page::of(found, limit, |take| take.id.to_string())))
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct StocktakeWish {
    place_id: PlaceId,
}

/// Begin to count a place. A place has one open count: where one goes on already, the answer is that (200).
#[utoipa::path(post, path = "/api/stocktakes", tag = "Stocktakes", request_body = StocktakeWish,
    responses((status = 201, body = Stocktake), (status = 200, body = Stocktake)))]
async fn start(Given(app): Given<App>, actor: Actor, submit: Submit<StocktakeWish>) -> Result<Response> {
    let place = submit.body.place_id;
    let start = move |tx: &mut Tx| once(tx, submit.key.as_ref(), |tx| begin(tx, place));
    let (take, begun) = app.db().write(&actor, start).await?;
    Ok(match begun {
        Begun::Now => Created(take).into_response(),
        Begun::Before => (StatusCode::OK, Answer(take)).into_response(),
    })
}

/// One count.
#[utoipa::path(get, path = "/api/stocktakes/{id}", tag = "Stocktakes", params(("id" = StocktakeId, Path)),
    responses((status = 200, body = Stocktake)))]
async fn read(Given(app): Given<App>, Path(id): Path<StocktakeId>) -> Result<Answer<Stocktake>> {
    app.db().read(move |tx| get(tx, id)).await.map(Answer)
}

/// Give a count up. Nothing is booked.
#[utoipa::path(delete, path = "/api/stocktakes/{id}", tag = "Stocktakes", params(("id" = StocktakeId, Path)),
    responses((status = 200, body = Stocktake)))]
async fn give_up(
    Given(app): Given<App>,
    actor: Actor,
    Path(id): Path<StocktakeId>,
) -> Result<Answer<Stocktake>> {
    app.db().write(&actor, move |tx| abandon(tx, id)).await.map(Answer)
}

/// What was found, line by line, in the order in which it was first counted; of counts that are over, too.
#[utoipa::path(get, path = "/api/stocktakes/{id}/lines", tag = "Stocktakes",
    params(("id" = StocktakeId, Path), PageQuery), responses((status = 200, body = Page<LineView>)))]
async fn list_lines(
    Given(app): Given<App>,
    Path(id): Path<StocktakeId>,
    Query(page): Query<PageQuery>,
) -> Result<Answer<Page<LineView>>> {
    let (limit, after) = (page.limit()?, page.after::<StocktakeLineId>()?);
    let found = app.db().read(move |tx| {
        get(tx, id)?;
        lines::page(tx, id, after, limit + 1)
    });
    Ok(Answer(Page::of(found.await?, limit, |line| line.id.to_string())))
}

/// A code that was scanned or typed while a place is counted.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct StocktakeScan {
    /// Made where it is scanned; the same scan again counts nothing.
    #[schema(value_type = String)]
    scan_id: ScanId,
    /// The message as the scanner sent it; the separator is U+001D.
    code: String,
    /// How many, or how much of `unit`. One of what the code stands for when left out.
    #[schema(value_type = Option<f64>)]
    quantity: Option<Amount>,
    unit: Option<String>,
    /// A browser's own id; a station may leave it out.
    #[schema(value_type = Option<String>)]
    station_id: Option<Id>,
    #[schema(value_type = Option<String>, format = DateTime)]
    scanned_at: Option<Timestamp>,
    /// The kind of symbol, as an AIM identifier such as `]d2`.
    symbology: Option<String>,
}

/// Count by a code: it adds up. The same as a scan in the mode `count` at the place, and settled like one: an
/// unknown code waits in the inbox, one of several products asks which.
#[utoipa::path(post, path = "/api/stocktakes/{id}/scan", tag = "Stocktakes",
    params(("id" = StocktakeId, Path)), request_body = StocktakeScan,
    responses((status = 200, body = Outcome)))]
async fn scan(
    Given(app): Given<App>,
    actor: Actor,
    Path(id): Path<StocktakeId>,
    Json(body): Json<StocktakeScan>,
) -> Result<Answer<Outcome>> {
    let scanned = move |tx: &mut Tx| {
        let place = get(tx, id)?.place_id;
        let sent = Scanned {
            scan_id: body.scan_id,
            code: body.code.clone(),
            mode: Some(Mode::Count),
            quantity: body.quantity,
            unit: body.unit.clone(),
            station_id: body.station_id,
            person_id: None,
            place_id: Some(place.0),
            scanned_at: body.scanned_at,
            symbology: body.symbology.clone(),
            shop: None,
            undoes: None,
            seq: None,
            monotonic_ms: None,
        };
        if !scanner::is_known(tx, body.scan_id)? {
            open_one(tx, id)?;
        }
        scanner::apply(tx, &sent)
    };
    app.db().write(&actor, scanned).await.map(Answer)
}

/// Something that was found. Say `quantity` for so much besides what was counted before, or `counted` for so much
/// and no more; 0 for "it is not there".
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct StocktakeCount {
    product_id: ProductId,
    #[schema(value_type = Option<f64>)]
    quantity: Option<Amount>,
    #[schema(value_type = Option<f64>)]
    counted: Option<Amount>,
    /// The product's base unit when left out.
    unit: Option<String>,
    /// The date on it, where it was read.
    #[schema(value_type = Option<String>, format = Date)]
    best_before: Option<Day>,
    #[schema(value_type = Option<String>, format = Date)]
    use_by: Option<Day>,
    batch: Option<String>,
    /// When it was found; now, when left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    counted_at: Option<Timestamp>,
}

impl StocktakeCount {
    fn parse(&self, tx: &Tx) -> Result<Count> {
        let product = products::get(tx, self.product_id)?;
        let unit = self.unit.as_deref();
        let much = match (self.quantity, self.counted) {
            (Some(more), None) if more.is_usable() => Much::More(units::to_base(tx, &product, more, unit)?),
            (None, Some(all)) => Much::Exactly(base(tx, &product, all, unit, "/counted")?),
            (Some(_), None) => {
                return Err(Error::field("/quantity", NO_AMOUNT));
            }
            _ => return Err(Error::field("/quantity", "Say either quantity or counted.")),
        };
        let batch = self.batch.as_deref().unwrap_or_default().trim().to_owned();
        if batch.chars().count() > LONGEST_BATCH || batch.chars().any(char::is_control) {
            return Err(Error::field(
                "/batch",
                (Flaw::TooLong, "This has 60 characters at most, and no control characters."),
            ));
        }
        let due = due(self.best_before, self.use_by)?;
        Ok(Count { product: product.id, told_of: None, due, batch, much, at: self.counted_at })
    }
}

/// An amount that may be nothing, in base units.
fn base(
    tx: &Tx,
    product: &products::Product,
    amount: Amount,
    unit: Option<&str>,
    pointer: &'static str,
) -> Result<Amount> {
    if amount == Amount::ZERO {
        return Ok(amount);
    }
    if !amount.is_usable() {
        return Err(Error::field(
            pointer,
            (Flaw::OutOfRange, "An amount is not less than nothing, and a billion at most."),
        ));
    }
    units::to_base(tx, product, amount, unit)
}

/// Count by product: so much more of it, or so much and no more.
#[utoipa::path(post, path = "/api/stocktakes/{id}/count", tag = "Stocktakes",
    params(("id" = StocktakeId, Path)), request_body = StocktakeCount,
    responses((status = 200, body = Counted)))]
async fn count_product(
    Given(app): Given<App>,
    actor: Actor,
    Path(id): Path<StocktakeId>,
    submit: Submit<StocktakeCount>,
) -> Result<Answer<Counted>> {
    let found = submit.body;
    let counted = move |tx: &mut Tx| {
        once(tx, submit.key.as_ref(), |tx| {
            let what = found.parse(tx)?;
            count(tx, id, &what)
        })
    };
    app.db().write(&actor, counted).await.map(Answer)
}

/// How much of a line was found after all.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct StocktakeLineChange {
    /// That of the line that was looked at.
    version: i64,
    #[schema(value_type = f64)]
    quantity: Amount,
    /// The product's base unit when left out.
    unit: Option<String>,
}

/// Put a line right.
#[utoipa::path(patch, path = "/api/stocktakes/{id}/lines/{line}", tag = "Stocktakes",
    params(("id" = StocktakeId, Path), ("line" = StocktakeLineId, Path)),
    request_body = StocktakeLineChange, responses((status = 200, body = Counted)))]
async fn change_line(
    Given(app): Given<App>,
    actor: Actor,
    Path((id, line)): Path<(StocktakeId, StocktakeLineId)>,
    submit: Submit<StocktakeLineChange>,
) -> Result<Answer<Counted>> {
    let change = submit.body;
    let changed = move |tx: &mut Tx| {
        once(tx, submit.key.as_ref(), |tx| {
            let product = products::get(tx, lines::get(tx, id, line)?.product_id)?;
            let amount = base(tx, &product, change.quantity, change.unit.as_deref(), "/quantity")?;
            correct(tx, id, line, change.version, amount)
        })
    };
    app.db().write(&actor, changed).await.map(Answer)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LineQuery {
    /// That of the line that was looked at.
    version: i64,
}

/// Take a line out: it was not counted.
#[utoipa::path(delete, path = "/api/stocktakes/{id}/lines/{line}", tag = "Stocktakes",
    params(("id" = StocktakeId, Path), ("line" = StocktakeLineId, Path), LineQuery),
    responses((status = 200, body = Stocktake)))]
async fn remove_line(
    Given(app): Given<App>,
    actor: Actor,
    Path((id, line)): Path<(StocktakeId, StocktakeLineId)>,
    Query(query): Query<LineQuery>,
) -> Result<Answer<Stocktake>> {
    app.db().write(&actor, move |tx| remove(tx, id, line, query.version)).await.map(Answer)
}

/// What the count would come to as things are now, product by product: those that were counted, and those believed
/// to be there. Nothing is booked.
#[utoipa::path(get, path = "/api/stocktakes/{id}/difference", tag = "Stocktakes",
    params(("id" = StocktakeId, Path), PageQuery), responses((status = 200, body = Page<Entry>)))]
async fn difference(
    Given(app): Given<App>,
    Path(id): Path<StocktakeId>,
    Query(page): Query<PageQuery>,
) -> Result<Answer<Page<Entry>>> {
    let (limit, after) = (page.limit()?, page.after::<ProductId>()?);
    let found = app.db().read(move |tx| review::page(tx, &open_one(tx, id)?, after, limit + 1)).await?;
    Ok(Answer(Page::of(found, limit, |entry| entry.product_id.to_string())))
}

/// How a count is committed.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct StocktakeCommit {
    /// That of the count that was looked at; left out, it is committed as it is.
    version: Option<i64>,
    /// What is believed to be there and was not counted: `leave` it as it is, or it is `gone`.
    #[serde(default)]
    uncounted: Uncounted,
}

/// Book a count. It can be taken back as a whole. A large one is booked in parts; where that is interrupted, the same
/// again goes on.
#[utoipa::path(post, path = "/api/stocktakes/{id}/commit", tag = "Stocktakes",
    params(("id" = StocktakeId, Path)), request_body = StocktakeCommit,
    responses((status = 200, body = Committed)))]
async fn confirm(
    Given(app): Given<App>,
    actor: Actor,
    Path(id): Path<StocktakeId>,
    submit: Submit<StocktakeCommit>,
) -> Result<Answer<Committed>> {
    let StocktakeCommit { version, uncounted } = submit.body;
    while app.db().write(&actor, move |tx| book_part(tx, id, version, uncounted)).await? {}
    let done = move |tx: &mut Tx| once(tx, submit.key.as_ref(), |tx| commit(tx, id, version, uncounted));
    app.db().write(&actor, done).await.map(Answer)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StocktakeUndo {
    /// Take back what is left, where some of a surplus was used since.
    #[serde(default)]
    partial: bool,
}

/// Take a committed count back. The ledger keeps both. A large one is taken back in parts; where that is interrupted, the
/// same again takes back the rest.
#[utoipa::path(post, path = "/api/stocktakes/{id}/undo", tag = "Stocktakes",
    params(("id" = StocktakeId, Path), StocktakeUndo), responses((status = 200, body = Stocktake)))]
async fn take_back(
    Given(app): Given<App>,
    actor: Actor,
    Path(id): Path<StocktakeId>,
    Query(query): Query<StocktakeUndo>,
) -> Result<Answer<Stocktake>> {
    let shortage = if query.partial { Shortage::Ask } else { Shortage::Refuse };
    let group = app.db().read(move |tx| booked(tx, id)).await?;
    undo_whole(&app, &actor, group, shortage).await?;
    app.db().read(move |tx| get(tx, id)).await.map(Answer)
}

/// Go on with a count that was given up, or committed and taken back: with its lines, and with what moved at the place
/// since.
#[utoipa::path(post, path = "/api/stocktakes/{id}/reopen", tag = "Stocktakes",
    params(("id" = StocktakeId, Path)), responses((status = 200, body = Stocktake)))]
async fn go_on(
    Given(app): Given<App>,
    actor: Actor,
    Path(id): Path<StocktakeId>,
) -> Result<Answer<Stocktake>> {
    app.db().write(&actor, move |tx| reopen(tx, id)).await.map(Answer)
}
