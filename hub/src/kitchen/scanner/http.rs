//! Scans and stations over HTTP. Stations, cameras and typed codes use the same.

use axum::Json as Answer;
use axum::extract::State;
use hearth_shared::amount::Amount;
use hearth_shared::gs1;
use hearth_shared::id::Id;
use hearth_shared::scanning::{
    MOST_SCANS, Mode, Names, Outcome, Refusal, ScanId, Scanned, Status, SyncAnswer, SyncRequest, Tone,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Actor;
use crate::db::Tx;
use crate::error::{Error, Flaw, Kind, Result};
use crate::house::members::MemberId;
use crate::house::{self, Language};
use crate::http::extract::{Json, Query};
use crate::kitchen::codes;
use crate::kitchen::products::Product;
use crate::kitchen::{PlaceId, ProductId};

use super::patterns::{self, Choice};
use super::stations::{self, Change, Station};
use super::{apply, apply_listed, meaning, names, say};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(scan))
        .routes(routes!(sync))
        .routes(routes!(take_back))
        .routes(routes!(mode, set_mode))
        .routes(routes!(list))
        .routes(routes!(decode))
        .routes(routes!(known_names))
        .merge(super::past::http::routes())
        .merge(super::patterns::http::routes())
}

/// Apply one scan. Its id is made where it is scanned; the same scan again has no effect and the same answer, with
/// the status `duplicate`. What cannot be booked is answered with the status `refused`, and kept.
#[utoipa::path(post, path = "/api/scanner/scan", tag = "Scanning", request_body = Scanned,
    responses((status = 200, body = Outcome)))]
async fn scan(State(app): State<App>, actor: Actor, Json(sent): Json<Scanned>) -> Result<Answer<Outcome>> {
    app.db().write(&actor, move |tx| apply(tx, &sent)).await.map(Answer)
}

/// How many scans of a batch are booked in one transaction: others get their turn in between.
const TOGETHER: usize = 100;

/// Apply the scans of a station that was away, 500 at most, in the order of their numbers. Each has an outcome of
/// its own; what is `acknowledged` is settled for good, and the station may forget it.
#[utoipa::path(post, path = "/api/scanner/sync", tag = "Scanning", request_body = SyncRequest,
    responses((status = 200, body = SyncAnswer)))]
async fn sync(
    State(app): State<App>,
    actor: Actor,
    Json(sent): Json<SyncRequest>,
) -> Result<Answer<SyncAnswer>> {
    if sent.scans.len() > MOST_SCANS {
        let detail = "A batch has 500 scans at most.";
        return Err(Error::too_large("too-many-scans", detail).and_field("/scans", detail));
    }
    let mut scans = sent.scans;
    for scan in &mut scans {
        scan.station_id = scan.station_id.or(sent.station_id);
    }
    let mut order: Vec<usize> = (0..scans.len()).collect();
    order.sort_by_key(|&n| scans[n].seq);
    let mut outcomes: Vec<Option<Outcome>> = vec![None; scans.len()];
    for part in order.chunks(TOGETHER) {
        let batch: Vec<(i64, Scanned)> =
            part.iter().map(|&n| (i64::try_from(n).unwrap_or(0), scans[n].clone())).collect();
        let done = app.db().write(&actor, move |tx| apply_all(tx, &batch)).await?;
        for (&n, outcome) in part.iter().zip(done) {
            outcomes[n] = Some(outcome);
        }
    }
    note_queue(&app, &actor, sent.station_id, sent.queued, scans.len()).await?;
    let outcomes: Vec<Outcome> = outcomes.into_iter().flatten().collect();
    let acknowledged = outcomes.iter().map(|outcome| outcome.scan_id).collect();
    Ok(Answer(SyncAnswer { outcomes, acknowledged }))
}

fn apply_all(tx: &mut Tx, scans: &[(i64, Scanned)]) -> Result<Vec<Outcome>> {
    scans.iter().map(|(listed, scan)| one_of_many(tx, scan, *listed)).collect()
}

/// One scan that cannot be applied for good does not block the others; a fault of ours does.
fn one_of_many(tx: &mut Tx, scan: &Scanned, listed: i64) -> Result<Outcome> {
    let applied = tx.attempt(|tx| apply_listed(tx, scan, listed));
    applied.or_else(|error| match error.kind() {
        Kind::Conflict | Kind::Forbidden | Kind::Invalid | Kind::NotFound => Ok(refused(tx, scan, &error)?),
        _ => Err(error),
    })
}

fn refused(tx: &Tx, scan: &Scanned, error: &Error) -> Result<Outcome> {
    let language = house::find(tx)?.map_or(Language::English, |house| house.language);
    Ok(Outcome {
        scan_id: scan.scan_id,
        status: Status::Refused,
        product: None,
        lot: None,
        before: None,
        after: None,
        unit: None,
        expiry: None,
        warnings: Vec::new(),
        lines: say::refused(language, error.code(), &scan.code),
        tone: Tone::Bad,
        problem: Some(Refusal { code: error.code().to_owned(), detail: error.detail().to_owned() }),
        setting: None,
    })
}

async fn note_queue(
    app: &App,
    actor: &Actor,
    named: Option<Id>,
    queued: Option<i64>,
    sent: usize,
) -> Result<()> {
    let Some(queued) = queued else { return Ok(()) };
    let left = queued.max(0).saturating_sub(i64::try_from(sent).unwrap_or(0)).max(0);
    let station = super::station_of(actor, named)?;
    app.db().write(actor, move |tx| stations::queued(tx, &station, left)).await
}

#[derive(Deserialize, ToSchema)]
pub struct UndoWish {
    /// The scan of this undoing itself, made where it is asked for.
    #[schema(value_type = String)]
    scan_id: ScanId,
    /// Whose last scan; the one that asks, for a station.
    #[schema(value_type = Option<String>)]
    station_id: Option<Id>,
    /// The scan to take back; the last one when left out.
    #[schema(value_type = Option<String>)]
    undoes: Option<ScanId>,
}

/// Take back a scan: the one that is named, or the last of a station.
#[utoipa::path(post, path = "/api/scanner/undo", tag = "Scanning", request_body = UndoWish,
    responses((status = 200, body = Outcome)))]
async fn take_back(
    State(app): State<App>,
    actor: Actor,
    Json(wish): Json<UndoWish>,
) -> Result<Answer<Outcome>> {
    let code = gs1::command(gs1::Verb::Undo, "").unwrap_or_default();
    let sent =
        Scanned { station_id: wish.station_id, undoes: wish.undoes, ..Scanned::of(wish.scan_id, code) };
    app.db().write(&actor, move |tx| apply(tx, &sent)).await.map(Answer)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StationQuery {
    /// The device's id, or one that a browser made; a station may leave it out.
    #[param(value_type = Option<String>)]
    station_id: Option<Id>,
}

/// What the scans of a station mean now.
#[utoipa::path(get, path = "/api/scanner/mode", tag = "Scanning", params(StationQuery),
    responses((status = 200, body = Station)))]
async fn mode(
    State(app): State<App>,
    actor: Actor,
    Query(query): Query<StationQuery>,
) -> Result<Answer<Station>> {
    let station = named(&actor, query.station_id, "station_id")?;
    app.db().read(move |tx| stations::find(tx, &station)).await.map(Answer)
}

/// The station that is meant; `at` is where in the request it would have been said.
pub(super) fn named(actor: &Actor, id: Option<Id>, at: &'static str) -> Result<String> {
    let station = super::station_of(actor, id)?;
    if station.is_empty() {
        return Err(Error::field(at, "Say which station is meant."));
    }
    Ok(station)
}

/// What is to be different about a station; what is left out stays, null takes away.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct ModeChange {
    #[schema(value_type = Option<String>)]
    station_id: Option<Id>,
    /// Every station at once. Has to be asked for by name.
    #[serde(default)]
    all: bool,
    version: Option<i64>,
    name: Option<String>,
    /// `add`, `consume`, `open`, `spoil`, `shop`, `count`, `transfer` or `lookup`.
    #[schema(value_type = Option<String>)]
    mode: Option<Mode>,
    #[serde(default, deserialize_with = "crate::kitchen::present")]
    #[schema(value_type = Option<String>)]
    person_id: Option<Option<MemberId>>,
    #[serde(default, deserialize_with = "crate::kitchen::present")]
    #[schema(value_type = Option<String>)]
    place_id: Option<Option<PlaceId>>,
    /// What it goes back to.
    #[schema(value_type = Option<String>)]
    usual_mode: Option<Mode>,
    #[serde(default, deserialize_with = "crate::kitchen::present")]
    #[schema(value_type = Option<String>)]
    usual_place_id: Option<Option<PlaceId>>,
    /// After so much quiet.
    back_after_seconds: Option<i64>,
}

/// The stations that were changed.
#[derive(Serialize, ToSchema)]
#[schema(as = ScanningStations)]
pub struct Stations {
    items: Vec<Station>,
}

/// Say what the scans of one station mean, or, with `all`, of every one.
#[utoipa::path(post, path = "/api/scanner/mode", tag = "Scanning", request_body = ModeChange,
    responses((status = 200, body = Stations)))]
async fn set_mode(
    State(app): State<App>,
    actor: Actor,
    Json(body): Json<ModeChange>,
) -> Result<Answer<Stations>> {
    if body.all && (body.station_id.is_some() || matches!(actor, Actor::Device { .. })) {
        return Err(Error::field(
            "/all",
            "Either one station or all of them, and all of them by people alone.",
        ));
    }
    let name = body.name.as_deref().map(str::trim);
    if name.is_some_and(|name| name.chars().count() > 60 || name.chars().any(char::is_control)) {
        return Err(Error::field(
            "/name",
            (Flaw::TooLong, "A name has 60 characters at most, and no control characters."),
        ));
    }
    let change = Change {
        version: body.version,
        name: name.map(str::to_owned),
        mode: body.mode,
        person_id: body.person_id,
        place_id: body.place_id,
        usual_mode: body.usual_mode,
        usual_place_id: body.usual_place_id,
        back_after_seconds: body.back_after_seconds,
    };
    let station = if body.all { None } else { Some(named(&actor, body.station_id, "/station_id")?) };
    let changed = app.db().write(&actor, move |tx| match &station {
        Some(id) => Ok(vec![stations::change(tx, id, &change)?]),
        None => stations::change_all(tx, &change),
    });
    Ok(Answer(Stations { items: changed.await? }))
}

/// Every station that scanned or was set: its mode, what waits there, when it scanned last.
#[utoipa::path(get, path = "/api/scanner/stations", tag = "Scanning", responses((status = 200, body = Stations)))]
async fn list(State(app): State<App>) -> Result<Answer<Stations>> {
    Ok(Answer(Stations { items: app.db().read(stations::all).await? }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CodeQuery {
    /// The message as a scanner sends it; the separator is U+001D.
    code: String,
    /// The shop whose label it is, where shops use the same numbers in different ways.
    shop: Option<String>,
}

/// What a code says.
#[derive(Debug, Serialize, ToSchema)]
pub struct Decoded {
    /// `gs1`, `digital-link`, `gtin`, `sscc`, `in-store`, `epc`, `own`, `command` or `text`.
    kind: &'static str,
    /// Whether everything in it can be trusted.
    accepted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    gtin: Option<String>,
    elements: Vec<DecodedElement>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiry: Option<DecodedExpiry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    batch: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<String>,
    /// What a label of a shop says: as it is read, and then as other shops would have it.
    labels: Vec<DecodedLabel>,
    /// What of it is wrong, or worth knowing: stable words.
    problems: Vec<String>,
    /// What it may stand for in this house.
    products: Vec<DecodedProduct>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DecodedElement {
    /// The application identifier, for instance `17`.
    ai: String,
    title: &'static str,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DecodedExpiry {
    date: String,
    kind: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DecodedLabel {
    /// The shop that taught it; empty for the usual of the region.
    shop: String,
    /// What the article is looked up by: the number with zeros for what varies.
    item: String,
    /// `price`, `weight` or `count`.
    says: &'static str,
    /// The value without its point, and how many of its digits are decimals: of kilograms, or of the currency.
    value: u64,
    decimals: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'static str>,
}

/// What is said by a reading.
fn labelled(code: &str, shop: &str, context: &gs1::Context) -> Option<DecodedLabel> {
    let label = gs1::parse(code.as_bytes(), context).in_store()?;
    Some(DecodedLabel {
        shop: shop.to_owned(),
        item: label.item.to_string(),
        says: label.says.word(),
        value: label.value,
        decimals: label.decimals,
        currency: label.currency,
    })
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DecodedProduct {
    product: Product,
    /// What one scan stands for, in base units.
    #[schema(value_type = f64)]
    quantity: Amount,
}

/// Explain a code. Changes nothing.
#[utoipa::path(get, path = "/api/scanner/decode", tag = "Scanning", params(CodeQuery),
    responses((status = 200, body = Decoded)))]
async fn decode(State(app): State<App>, Query(query): Query<CodeQuery>) -> Result<Answer<Decoded>> {
    if query.code.is_empty() || query.code.len() > super::LONGEST_CODE {
        return Err(Error::field("code", "A code has 1 to 8191 bytes."));
    }
    app.db().read(move |tx| explain(tx, &query.code, query.shop.as_deref())).await.map(Answer)
}

fn explain(tx: &Tx, code: &str, shop: Option<&str>) -> Result<Decoded> {
    let base = meaning::context(tx, tx.now())?;
    let readings = patterns::readings(tx, code, &base, shop)?;
    let (context, is_sure) = match patterns::choose(tx, code, &base, shop)? {
        Choice::One { context, is_sure } => (context, is_sure),
        Choice::Several(_) => (readings.first().map_or(base, |first| first.context), false),
    };
    let scan = gs1::parse(code.as_bytes(), &context);
    let (chosen, others): (Vec<_>, Vec<_>) =
        readings.iter().partition(|reading| reading.context.layout == context.layout);
    let mut labels: Vec<DecodedLabel> =
        chosen.into_iter().chain(others).filter_map(|it| labelled(code, &it.shop, &it.context)).collect();
    if readings.is_empty() {
        labels.extend(labelled(code, "", &context));
    }
    let element = |element: gs1::Element<'_>| DecodedElement {
        ai: element.ai().to_string(),
        title: element.ai().title(),
        value: element.value().to_string(),
        problem: element.problem().map(|problem| problem.code.to_string()),
    };
    let expiry = scan.expiry().map(|it| DecodedExpiry { date: it.date.to_string(), kind: it.kind.word() });
    let key = codes::content_of(&scan).map(|(key, _)| key).or_else(|| codes::key_of(&scan));
    let mut matches = key.map(|key| codes::matches(tx, &key)).transpose()?.unwrap_or_default();
    for reading in readings.iter().filter(|_| !is_sure) {
        let other = codes::key_of(&gs1::parse(code.as_bytes(), &reading.context));
        matches.extend(other.map(|key| codes::matches(tx, &key)).transpose()?.unwrap_or_default());
    }
    matches.sort_by_key(|found| found.product.id);
    matches.dedup_by_key(|found| found.product.id);
    let problems = scan.error().into_iter().chain(scan.warnings());
    Ok(Decoded {
        kind: scan.kind().word(),
        accepted: scan.is_accepted(),
        gtin: scan.gtin().map(|gtin| gtin.to_string()),
        elements: scan.elements().map(element).collect(),
        expiry,
        batch: scan.batch().map(gs1::unescape),
        serial: scan.serial().map(gs1::unescape),
        labels,
        problems: problems
            .map(|problem| problem.code.to_string())
            .chain((!is_sure).then(|| "several-shops".to_owned()))
            .collect(),
        products: matches
            .into_iter()
            .map(|it| DecodedProduct { quantity: it.amount(), product: it.product })
            .collect(),
    })
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NamesQuery {
    /// `next` of the answer before; 0 for everything.
    since: Option<i64>,
    /// `after` of the answer before, if it had one.
    #[param(value_type = Option<String>)]
    after: Option<Id>,
}

/// The codes and names that a station keeps for when the hub cannot be reached: all of them, or what changed.
#[utoipa::path(get, path = "/api/scanner/names", tag = "Scanning", params(NamesQuery),
    responses((status = 200, body = Names)))]
async fn known_names(State(app): State<App>, Query(query): Query<NamesQuery>) -> Result<Answer<Names>> {
    let after: Option<ProductId> = names::cursor(query.after);
    app.db().read(move |tx| super::names(tx, query.since.unwrap_or(0), after)).await.map(Answer)
}
