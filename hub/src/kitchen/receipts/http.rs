//! Receipts over HTTP: sent, looked at, put right, confirmed.

use axum::Json as Answer;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State as Given};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use hearth_shared::amount::Amount;
use hearth_shared::time::Day;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Actor;
use crate::db::Tx;
use crate::error::{Error, Flaw, Result};
use crate::http::Created;
use crate::http::extract::{BODY_BYTES, Json, Path, Query, Submit, parse_json};
use crate::http::idempotency::{Key, once};
use crate::http::page::{Page, PageQuery};
use crate::kitchen::stock::Shortage;
use crate::kitchen::{NO_AMOUNT, NO_DATE, PlaceId, ProductId};
use crate::media::{self, MediaKind, PAPER};

use super::booking::{SamePaper, UnknownItems, confirm as book};
use super::editing::{self, HeadChange, LineChange};
use super::parse::{LineKind, PrintedUnit};
use super::view::ReceiptView;
use super::{
    Head, LineId, MOST_LINES, NewLine, ReceiptId, ReceiptSource, ReceiptState, begin_by_hand, get, page,
    reopening, take_in,
};

/// A form that is smaller is looked into before it is taken for a picture.
const SMALL_FORM: usize = BODY_BYTES + 16 * 1024;
/// The most that a line or a receipt comes to, in minor units.
const MOST_MONEY: i64 = 100_000_000;
/// The longest wording and the longest name of a shop.
const LONGEST: usize = 120;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(send, list))
        .routes(routes!(look, change, delete))
        .routes(routes!(add_line))
        .routes(routes!(change_line, remove_line))
        .routes(routes!(confirm))
        .routes(routes!(take_back))
        .routes(routes!(retry))
}

/// A receipt to be read, or one that is typed in.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct ReceiptWish {
    /// Its text, to be read; then nothing else is needed.
    text: Option<String>,
    shop: Option<String>,
    #[schema(value_type = Option<String>, format = Date)]
    day: Option<Day>,
    /// By the clock of the shop.
    #[schema(example = "18:23")]
    time: Option<String>,
    /// Three letters.
    #[schema(example = "EUR")]
    currency: Option<String>,
    /// In minor units.
    total: Option<i64>,
    #[serde(default)]
    lines: Vec<LineWish>,
}

/// A line that is typed in.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct LineWish {
    wording: String,
    kind: Option<LineKind>,
    code: Option<String>,
    /// 1 when left out.
    #[schema(value_type = Option<f64>)]
    quantity: Option<Amount>,
    unit: Option<PrintedUnit>,
    /// In minor units.
    total: i64,
    /// Of a discount: it is on everything, and not on the item above it.
    #[serde(default)]
    for_all: bool,
    product_id: Option<ProductId>,
    /// What arrives, in the product's base unit; reckoned from quantity and unit when left out.
    #[schema(value_type = Option<f64>)]
    arrives: Option<Amount>,
    place_id: Option<PlaceId>,
    #[schema(value_type = Option<String>, format = Date)]
    best_before: Option<Day>,
}

fn short(pointer: &'static str, text: &str) -> Result<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() > LONGEST || text.chars().any(char::is_control) {
        return Err(Error::field(
            pointer,
            (Flaw::TooLong, "This has 120 characters at most, and no control characters."),
        ));
    }
    Ok(text)
}

fn named(pointer: &'static str, text: &str) -> Result<String> {
    match short(pointer, text)? {
        text if text.is_empty() => Err(Error::field(pointer, (Flaw::Required, "A name is needed."))),
        text => Ok(text),
    }
}

fn money(pointer: &'static str, minor: i64) -> Result<i64> {
    if (-MOST_MONEY..=MOST_MONEY).contains(&minor) {
        return Ok(minor);
    }
    Err(Error::field(
        pointer,
        (
            Flaw::OutOfRange,
            "This is more than any receipt comes to; it counts in minor units, such as cents.",
        ),
    ))
}

fn usable(pointer: &'static str, amount: Option<Amount>) -> Result<Option<Amount>> {
    match amount {
        Some(amount) if !amount.is_usable() => Err(Error::field(pointer, NO_AMOUNT)),
        amount => Ok(amount),
    }
}

fn real_day(pointer: &'static str, day: Option<Day>) -> Result<Option<Day>> {
    match day {
        Some(day) if !(2000..=2100).contains(&day.year()) => Err(Error::field(pointer, NO_DATE)),
        day => Ok(day),
    }
}

fn clock(pointer: &'static str, time: Option<String>) -> Result<Option<String>> {
    let is_time = |text: &String| {
        let parts = text.split_once(':').filter(|(hours, minutes)| hours.len() == 2 && minutes.len() == 2);
        let number = |text: &str| text.parse::<u8>().ok();
        parts.is_some_and(|(h, m)| number(h).is_some_and(|h| h < 24) && number(m).is_some_and(|m| m < 60))
    };
    match time {
        Some(time) if !is_time(&time) => {
            Err(Error::field(pointer, (Flaw::ImpossibleTime, "A time is written as 18:23.")))
        }
        time => Ok(time),
    }
}

fn currency(pointer: &'static str, currency: Option<String>) -> Result<Option<String>> {
    match currency {
        Some(text) if text.len() != 3 || !text.bytes().all(|b| b.is_ascii_uppercase()) => {
            Err(Error::field(pointer, "A currency is three capital letters, such as EUR."))
        }
        currency => Ok(currency),
    }
}

impl ReceiptWish {
    fn head(&self) -> Result<Head> {
        Ok(Head {
            shop: short("/shop", self.shop.as_deref().unwrap_or_default())?,
            day: real_day("/day", self.day)?,
            time: clock("/time", self.time.clone())?,
            currency: currency("/currency", self.currency.clone())?,
            total: self.total.map(|total| money("/total", total)).transpose()?,
        })
    }

    /// Takes it in, as a text to be read or as it was typed.
    fn begin(&self, tx: &mut Tx) -> Result<ReceiptId> {
        if let Some(text) = &self.text {
            return take_in(tx, ReceiptSource::Text, None, &printable(text));
        }
        if self.lines.len() > MOST_LINES {
            return Err(Error::too_large("receipt-too-long", "A receipt has 300 lines at most."));
        }
        let id = begin_by_hand(tx, &self.head()?, &[])?;
        for line in &self.lines {
            let version = get(tx, id)?.version;
            editing::add(tx, id, version, &line.line()?, &line.change()?)?;
        }
        Ok(id)
    }
}

impl LineWish {
    fn line(&self) -> Result<NewLine> {
        let code = self.code.as_deref().map(|code| short("/code", code)).transpose()?;
        Ok(NewLine {
            kind: self.kind.unwrap_or(LineKind::Item),
            wording: named("/wording", &self.wording)?,
            code: code.filter(|code| !code.is_empty()),
            quantity: usable("/quantity", self.quantity)?.unwrap_or(Amount::ONE),
            unit: self.unit.unwrap_or(PrintedUnit::Piece),
            unit_price: None,
            total: money("/total", self.total)?,
            doubtful: false,
            for_all: self.for_all,
            found: None,
        })
    }

    fn change(&self) -> Result<LineChange> {
        Ok(LineChange {
            product: self.product_id.map(Some),
            arrives: usable("/arrives", self.arrives)?.map(Some),
            place: self.place_id.map(Some),
            due_on: real_day("/best_before", self.best_before)?.map(Some),
            ..LineChange::default()
        })
    }
}

/// One engine keeps a NUL inside text and the other refuses it.
fn printable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// Send a receipt: a picture (JPEG, PNG, WebP) or a PDF as the body or in a form, or a text; or type one in as
/// JSON. It is read in the background; `receipt.completed` or `receipt.failed` tells when that is done.
#[utoipa::path(post, path = "/api/receipts", tag = "Receipts",
    request_body(content(
        (ReceiptWish = "application/json"), (String = "text/plain"), ("image/jpeg"), ("image/png"), ("image/webp"),
        ("application/pdf"), ("multipart/form-data")
    )),
    responses((status = 201, body = ReceiptView)))]
async fn send(Given(app): Given<App>, actor: Actor, request: Request) -> Result<Created<ReceiptView>> {
    let (parts, body) = request.into_parts();
    let wish = match arrived(&parts.headers, body).await? {
        Arrived::Picture(body) => return send_picture(&app, &actor, &parts, body).await.map(Created),
        Arrived::Text(bytes) => {
            let text = Some(String::from_utf8_lossy(&bytes).into_owned());
            (ReceiptWish { text, ..ReceiptWish::default() }, bytes)
        }
        Arrived::Json(bytes) => (parse_json::<ReceiptWish>(&bytes)?, bytes),
    };
    let (wish, bytes) = wish;
    let key = Key::of(&Method::POST, parts.uri.path(), &parts.headers, &bytes)?;
    let begun = app.db().write(&actor, move |tx| {
        once(tx, key.as_ref(), |tx| {
            let id = wish.begin(tx)?;
            ReceiptView::with_lines(tx, get(tx, id)?)
        })
    });
    begun.await.map(Created)
}

async fn send_picture(app: &App, actor: &Actor, parts: &Parts, body: Body) -> Result<ReceiptView> {
    let taken = media::take(app, &parts.headers, body, &PAPER).await?;
    let key = taken.key(parts.uri.path(), &parts.headers)?;
    let begun = taken.keep(actor, move |tx, row| {
        once(tx, key.as_ref(), |tx| {
            let media = row.add(tx)?;
            let source =
                if media.kind == MediaKind::Pdf { ReceiptSource::Document } else { ReceiptSource::Picture };
            let id = take_in(tx, source, Some(media.id), "")?;
            ReceiptView::with_lines(tx, get(tx, id)?)
        })
    });
    begun.await
}

/// What somebody sent.
enum Arrived {
    Picture(Body),
    Text(Bytes),
    Json(Bytes),
}

async fn arrived(headers: &HeaderMap, body: Body) -> Result<Arrived> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let length =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    match essence.as_str() {
        "text/plain" => whole(body).await.map(Arrived::Text),
        "application/json" => whole(body).await.map(Arrived::Json),
        "multipart/form-data" if length.is_some_and(|length| length <= SMALL_FORM) => {
            let bytes = to_bytes(body, SMALL_FORM).await.map_err(broken_off)?;
            Ok(text_of_form(kind, &bytes)
                .await
                .map_or_else(|| Arrived::Picture(Body::from(bytes)), Arrived::Text))
        }
        _ => Ok(Arrived::Picture(body)),
    }
}

async fn whole(body: Body) -> Result<Bytes> {
    // What is longer than a text may be is refused as such; what breaks off is told apart by its length only.
    to_bytes(body, BODY_BYTES).await.map_err(|error| {
        Error::too_large("too-large", format!("A text may have {} KiB at most.", BODY_BYTES / 1024))
            .because(error)
    })
}

fn broken_off(error: axum::Error) -> Error {
    Error::invalid("upload-broken-off", "The upload broke off before its end.").because(error)
}

/// The text in a form whose file is one, or that has a field of that name.
async fn text_of_form(kind: &str, bytes: &Bytes) -> Option<Bytes> {
    let boundary = multer::parse_boundary(kind).ok()?;
    let input = bytes.clone();
    let parts = futures_util::stream::once(async move { Ok::<_, std::io::Error>(input) });
    let mut form = multer::Multipart::new(parts, boundary);
    while let Ok(Some(field)) = form.next_field().await {
        let typed = field.content_type().is_some_and(|kind| kind.type_() == "text");
        let named = field.name() == Some("text") && field.file_name().is_none();
        let ends = field.file_name().is_some_and(|name| name.to_ascii_lowercase().ends_with(".txt"));
        if typed || named || ends {
            return field.bytes().await.ok();
        }
    }
    None
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReceiptsQuery {
    /// Only those that stand there.
    #[param(inline)]
    state: Option<ReceiptState>,
    // Repeated here because query strings do not flatten numbers.
    limit: Option<i64>,
    cursor: Option<String>,
}

/// Receipts, the latest first, without their lines.
#[utoipa::path(get, path = "/api/receipts", tag = "Receipts", params(ReceiptsQuery),
    responses((status = 200, body = Page<ReceiptView>)))]
async fn list(
    Given(app): Given<App>,
    Query(query): Query<ReceiptsQuery>,
) -> Result<Answer<Page<ReceiptView>>> {
    let wanted = PageQuery { limit: query.limit, cursor: query.cursor };
    let (limit, before) = (wanted.limit()?, wanted.after::<ReceiptId>()?);
    let found = app.db().read(move |tx| page(tx, before, query.state, limit + 1)).await?;
    let found = found.into_iter().map(ReceiptView::from).collect();
    Ok(Answer(Page::of(found, limit, |receipt: &ReceiptView| receipt.id.to_string())))
}

/// One receipt with its lines, and the text that was read.
#[utoipa::path(get, path = "/api/receipts/{id}", tag = "Receipts", params(("id" = ReceiptId, Path)),
    responses((status = 200, body = ReceiptView)))]
async fn look(Given(app): Given<App>, Path(id): Path<ReceiptId>) -> Result<Answer<ReceiptView>> {
    Ok(Answer(app.db().read(move |tx| ReceiptView::whole(tx, get(tx, id)?)).await?))
}

/// What is to be different about a receipt. `version` is the one that was looked at.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct ReceiptChange {
    version: i64,
    shop: Option<String>,
    /// Null for unknown.
    #[serde(default, deserialize_with = "crate::kitchen::present")]
    #[schema(value_type = Option<String>, format = Date)]
    day: Option<Option<Day>>,
    #[serde(default, deserialize_with = "crate::kitchen::present")]
    #[schema(value_type = Option<String>, example = "18:23")]
    time: Option<Option<String>>,
    #[schema(example = "EUR")]
    currency: Option<String>,
    #[serde(default, deserialize_with = "crate::kitchen::present")]
    #[schema(value_type = Option<i64>)]
    total: Option<Option<i64>>,
}

impl ReceiptChange {
    fn parse(self) -> Result<HeadChange> {
        Ok(HeadChange {
            shop: self.shop.map(|shop| short("/shop", &shop)).transpose()?,
            day: self.day.map(|day| real_day("/day", day)).transpose()?,
            time: self.time.map(|time| clock("/time", time)).transpose()?,
            currency: currency("/currency", self.currency)?,
            total: self.total.map(|total| total.map(|it| money("/total", it)).transpose()).transpose()?,
        })
    }
}

/// Runs a change and answers with the receipt as it is then.
async fn changed(
    app: &App,
    actor: &Actor,
    id: ReceiptId,
    change: impl Fn(&mut Tx) -> Result<()> + Send + 'static,
) -> Result<Answer<ReceiptView>> {
    let write = move |tx: &mut Tx| {
        change(tx)?;
        ReceiptView::with_lines(tx, get(tx, id)?)
    };
    Ok(Answer(app.db().write(actor, write).await?))
}

/// Put right what the receipt says of itself.
#[utoipa::path(patch, path = "/api/receipts/{id}", tag = "Receipts", params(("id" = ReceiptId, Path)),
    request_body = ReceiptChange, responses((status = 200, body = ReceiptView)))]
async fn change(
    Given(app): Given<App>,
    actor: Actor,
    Path(id): Path<ReceiptId>,
    Json(body): Json<ReceiptChange>,
) -> Result<Answer<ReceiptView>> {
    let (version, change) = (body.version, body.parse()?);
    changed(&app, &actor, id, move |tx| editing::change_head(tx, id, version, &change)).await
}

/// A line that was missed, with the version of the receipt that was looked at.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct NewLineBody {
    version: i64,
    line: LineWish,
}

/// Add a line that reading missed.
#[utoipa::path(post, path = "/api/receipts/{id}/lines", tag = "Receipts", params(("id" = ReceiptId, Path)),
    request_body = NewLineBody, responses((status = 201, body = ReceiptView)))]
async fn add_line(
    Given(app): Given<App>,
    actor: Actor,
    Path(id): Path<ReceiptId>,
    submit: Submit<NewLineBody>,
) -> Result<Created<ReceiptView>> {
    let Submit { body, key } = submit;
    let (version, line, change) = (body.version, body.line.line()?, body.line.change()?);
    let added = app.db().write(&actor, move |tx| {
        once(tx, key.as_ref(), |tx| {
            editing::add(tx, id, version, &line, &change)?;
            ReceiptView::with_lines(tx, get(tx, id)?)
        })
    });
    added.await.map(Created)
}

/// What is to be different about a line. `version` is that of the receipt that was looked at.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct LineBody {
    version: i64,
    wording: Option<String>,
    #[schema(value_type = Option<f64>)]
    quantity: Option<Amount>,
    unit: Option<PrintedUnit>,
    /// In minor units.
    total: Option<i64>,
    /// Whether it stays out of stock.
    ignored: Option<bool>,
    /// Null for none.
    #[serde(default, deserialize_with = "crate::kitchen::present")]
    #[schema(value_type = Option<ProductId>)]
    product_id: Option<Option<ProductId>>,
    /// What arrives, in the product's base unit; null to reckon it from quantity and unit.
    #[serde(default, deserialize_with = "crate::kitchen::present")]
    #[schema(value_type = Option<f64>)]
    arrives: Option<Option<Amount>>,
    /// Null for the product's usual place.
    #[serde(default, deserialize_with = "crate::kitchen::present")]
    #[schema(value_type = Option<PlaceId>)]
    place_id: Option<Option<PlaceId>>,
    #[serde(default, deserialize_with = "crate::kitchen::present")]
    #[schema(value_type = Option<String>, format = Date)]
    best_before: Option<Option<Day>>,
}

impl LineBody {
    fn parse(self) -> Result<LineChange> {
        Ok(LineChange {
            wording: self.wording.map(|wording| named("/wording", &wording)).transpose()?,
            quantity: usable("/quantity", self.quantity)?,
            unit: self.unit,
            total: self.total.map(|total| money("/total", total)).transpose()?,
            ignored: self.ignored,
            product: self.product_id,
            arrives: self.arrives.map(|arrives| usable("/arrives", arrives)).transpose()?,
            place: self.place_id,
            due_on: self.best_before.map(|day| real_day("/best_before", day)).transpose()?,
        })
    }
}

/// Put a line right: say which product it is, how much of it, what it cost; or that it stays out of stock.
#[utoipa::path(patch, path = "/api/receipts/{id}/lines/{line}", tag = "Receipts",
    params(("id" = ReceiptId, Path), ("line" = LineId, Path)),
    request_body = LineBody, responses((status = 200, body = ReceiptView)))]
async fn change_line(
    Given(app): Given<App>,
    actor: Actor,
    Path((id, line)): Path<(ReceiptId, LineId)>,
    Json(body): Json<LineBody>,
) -> Result<Answer<ReceiptView>> {
    let (version, change) = (body.version, body.parse()?);
    changed(&app, &actor, id, move |tx| editing::change_line(tx, id, line, version, &change)).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct VersionQuery {
    /// That of the receipt that was looked at.
    version: i64,
}

/// Remove a line that is none.
#[utoipa::path(delete, path = "/api/receipts/{id}/lines/{line}", tag = "Receipts",
    params(("id" = ReceiptId, Path), ("line" = LineId, Path), VersionQuery),
    responses((status = 200, body = ReceiptView)))]
async fn remove_line(
    Given(app): Given<App>,
    actor: Actor,
    Path((id, line)): Path<(ReceiptId, LineId)>,
    Query(query): Query<VersionQuery>,
) -> Result<Answer<ReceiptView>> {
    changed(&app, &actor, id, move |tx| editing::remove_line(tx, id, line, query.version)).await
}

/// How a receipt is confirmed.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct Confirmation {
    /// The version that was looked at; left out, it is confirmed as it is.
    version: Option<i64>,
    /// What becomes of items whose product nobody knows: `refuse` to confirm, or `ignore` them.
    #[serde(default)]
    unknown: UnknownItems,
    /// What becomes of a receipt where one of the same minute and total is booked already: `refuse` it, or `book` it as
    /// another one.
    #[serde(default)]
    same: SamePaper,
}

/// Confirm a receipt: what it holds arrives in stock with its prices, and its wordings are remembered. Once:
/// confirming again changes nothing.
#[utoipa::path(post, path = "/api/receipts/{id}/confirm", tag = "Receipts", params(("id" = ReceiptId, Path)),
    request_body = Confirmation, responses((status = 200, body = ReceiptView)))]
async fn confirm(
    Given(app): Given<App>,
    actor: Actor,
    Path(id): Path<ReceiptId>,
    submit: Submit<Confirmation>,
) -> Result<Answer<ReceiptView>> {
    let Confirmation { version, unknown, same } = submit.body;
    changed(&app, &actor, id, move |tx| book(tx, id, version, unknown, same)).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReceiptUndo {
    /// Take back what is left, where some of what it brought was used since.
    #[serde(default)]
    partial: bool,
}

/// Take back all that a receipt brought, and open it again: its lines may be put right, and it be confirmed once more.
/// The ledger keeps all of it.
#[utoipa::path(post, path = "/api/receipts/{id}/undo", tag = "Receipts",
    params(("id" = ReceiptId, Path), ReceiptUndo), responses((status = 200, body = ReceiptView)))]
async fn take_back(
    Given(app): Given<App>,
    actor: Actor,
    Path(id): Path<ReceiptId>,
    Query(query): Query<ReceiptUndo>,
) -> Result<Answer<ReceiptView>> {
    let shortage = if query.partial { Shortage::Ask } else { Shortage::Refuse };
    changed(&app, &actor, id, move |tx| reopening::undo(tx, id, shortage)).await
}

/// Have a receipt read again that could not be.
#[utoipa::path(post, path = "/api/receipts/{id}/retry", tag = "Receipts", params(("id" = ReceiptId, Path)),
    responses((status = 200, body = ReceiptView)))]
async fn retry(
    Given(app): Given<App>,
    actor: Actor,
    Path(id): Path<ReceiptId>,
) -> Result<Answer<ReceiptView>> {
    changed(&app, &actor, id, move |tx| editing::retry(tx, id)).await
}

/// Take a receipt away. What it brought into stock stays there.
#[utoipa::path(delete, path = "/api/receipts/{id}", tag = "Receipts", params(("id" = ReceiptId, Path)),
    responses((status = 204)))]
async fn delete(Given(app): Given<App>, actor: Actor, Path(id): Path<ReceiptId>) -> Result<StatusCode> {
    app.db().write(&actor, move |tx| editing::delete(tx, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
