//! Asking for a product, and looking after the catalogue.

use axum::Json as Answer;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use hearth_shared::gs1::{Context, Date, Gtin, parse};
use hearth_shared::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Actor;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::http::extract::Query;
use crate::http::limits::Rate;
use crate::jobs::schedule;
use crate::media::MediaId;
use crate::words;

use super::answers::{self, AnswerState};
use super::facts::Facts;
use super::file::About;
use super::import::Wish;
use super::uploads::{self, Import};
use super::{LICENCE, LICENCE_URL, Origin, SOURCE, SOURCE_URL, look_up, work};

/// Products asked for by hand, for each person or script.
const BY_HAND: Rate = Rate { per_minute: 60, burst: 20 };

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(enrich)).routes(routes!(look)).routes(routes!(send, stop))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// The number of a product in any form: EAN-13, EAN-8, UPC-A, UPC-E, GTIN-14, or what a scanner reads of a
    /// GS1 symbol or a Digital Link.
    #[param(example = "4006381333931")]
    barcode: String,
}

/// What is known of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// It is known.
    Found,
    /// It is being looked up.
    Looking,
    /// Nobody who was asked knows it.
    Absent,
    /// Nobody could be asked; it is tried again when it is asked for again.
    Failed,
    /// There is nobody to ask: no catalogue file, and no service.
    Off,
}
words!(Known { Found = "found", Looking = "looking", Absent = "absent", Failed = "failed", Off = "off" });

/// What a catalogue says of a product.
#[derive(Debug, Serialize, ToSchema)]
pub struct Enriched {
    /// Its number, as fourteen digits.
    gtin: String,
    state: Known,
    /// What it is called, in the language of the house where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    facts: Option<Facts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<MediaId>,
    /// Who knew of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<Origin>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Source>,
    /// Why nobody could be asked, as a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// From when on asking again is of use.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    next_at: Option<Timestamp>,
}

/// Where the facts come from, to be shown with them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CatalogueSource)]
pub struct Source {
    name: &'static str,
    url: &'static str,
    licence: &'static str,
    licence_url: &'static str,
}

const OPEN_FOOD_FACTS: Source =
    Source { name: SOURCE, url: SOURCE_URL, licence: LICENCE, licence_url: LICENCE_URL };

/// Ask what catalogues know of a product. What is known here is answered at once; otherwise it is looked up in
/// the background and this answers 202: ask again, or wait for `product.updated`.
#[utoipa::path(post, path = "/api/products/enrich", tag = "Catalogue", params(Asked),
    responses((status = 200, body = Enriched), (status = 202, body = Enriched)))]
async fn enrich(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<(StatusCode, Answer<Enriched>)> {
    let gtin = read_number(&asked.barcode, app.clock().now())?;
    app.limits().take(format!("catalogue {}", actor.key()), BY_HAND, app.clock().now())?;
    let body = known(&app, &actor, gtin).await?;
    let status = if body.state == Known::Looking { StatusCode::ACCEPTED } else { StatusCode::OK };
    Ok((status, Answer(body)))
}

/// The number of a product in whatever was scanned or typed.
fn read_number(barcode: &str, now: Timestamp) -> Result<Gtin> {
    let wrong = |why: &'static str| Error::invalid("bad-barcode", why).and_field("barcode", why);
    let text = barcode.trim();
    if text.len() > 200 {
        return Err(wrong("This is too long for the number of a product."));
    }
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let today = schedule::day(now, &jiff::tz::TimeZone::UTC).parse::<Date>().ok();
    let today = today.or_else(|| Date::new(2026, 1, 1)).ok_or_else(|| wrong("Today is no day."))?;
    // Eight digits may be a UPC-E as well as a label of a shop; then it is the former.
    let readings =
        [Gtin::of(&digits), parse(text.as_bytes(), &Context::on(today)).gtin(), Gtin::of_upc_e(&digits)];
    let readings: Vec<Gtin> = readings.into_iter().flatten().collect();
    match readings.iter().find(|gtin| !gtin.usage().is_restricted()) {
        Some(gtin) => Ok(*gtin),
        None if readings.is_empty() => Err(wrong(
            "This is not the number of a product, or its check digit is wrong: 8, 12, 13 or 14 digits.",
        )),
        None => Err(wrong("This is a number of a shop's own; it means something else elsewhere.")),
    }
}

async fn known(app: &App, actor: &Actor, gtin: Gtin) -> Result<Enriched> {
    let found = look_up(app, &gtin).await?;
    let is_off = found.is_none()
        && app.catalogue().service(app.settings()).is_none()
        && super::in_file_at_all(app).await?.is_none();
    let in_file = found.as_ref().is_some_and(|found| found.origin == Origin::File);
    let answer = match (is_off, in_file) {
        (true, _) => None,
        // Kept as an answer as well, so that its picture comes and the house hears of it.
        _ => Some(app.db().write(actor, move |tx| answers::want(tx, &gtin)).await?),
    };
    let language = app.db().read(work::language).await?;
    let state = match (&found, answer.as_ref().map(|answer| answer.state)) {
        (Some(_), _) => Known::Found,
        (None, None) => Known::Off,
        (None, Some(AnswerState::Found | AnswerState::Looking)) => Known::Looking,
        (None, Some(AnswerState::Absent)) => Known::Absent,
        (None, Some(AnswerState::Failed)) => Known::Failed,
    };
    let waiting = answer.as_ref().filter(|_| matches!(state, Known::Absent | Known::Failed));
    Ok(Enriched {
        gtin: gtin.to_string(),
        state,
        name: found.as_ref().and_then(|found| found.facts.name(&language)).map(str::to_owned),
        picture: answer.as_ref().and_then(|answer| answer.picture),
        origin: found.as_ref().map(|found| found.origin),
        source: found.is_some().then_some(OPEN_FOOD_FACTS),
        reason: waiting.map(|answer| answer.reason.clone()).filter(|reason| !reason.is_empty()),
        next_at: waiting.map(|answer| answer.next_at),
        facts: found.map(|found| found.facts),
    })
}

/// The catalogue of the house.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Catalogue)]
pub struct CatalogueBody {
    /// The file of this hub; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<FileBody>,
    /// Why the file cannot be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<String>,
    /// The service that is asked for what the file does not know; absent where none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<String>,
    /// The last dump that was sent to be imported.
    #[serde(skip_serializing_if = "Option::is_none")]
    import: Option<Import>,
    answers: Answers,
    source: Source,
}

/// A catalogue file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CatalogueFile)]
pub struct FileBody {
    /// What it was made of.
    name: String,
    #[schema(value_type = String, format = DateTime)]
    made_at: Timestamp,
    products: u64,
    bytes: u64,
    /// Of which products are kept; empty for all.
    languages: Vec<String>,
    countries: Vec<String>,
}

/// How many products stand how.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = CatalogueAnswers)]
pub struct Answers {
    found: i64,
    looking: i64,
    absent: i64,
    failed: i64,
}

/// What the catalogue is made of, and how it stands.
#[utoipa::path(get, path = "/api/catalogue", tag = "Catalogue", responses((status = 200, body = CatalogueBody)))]
async fn look(State(app): State<App>) -> Result<Answer<CatalogueBody>> {
    let standing = super::standing(&app).await?;
    let look = |tx: &Tx| Ok((answers::counts(tx)?, uploads::latest(tx)?));
    let (counts, import) = app.db().read(look).await?;
    Ok(Answer(CatalogueBody {
        file: standing.file.map(FileBody::from),
        trouble: standing.trouble,
        service: app.catalogue().service(app.settings()).map(|service| service.name().to_owned()),
        import,
        answers: Answers::of(&counts),
        source: OPEN_FOOD_FACTS,
    }))
}

impl From<(About, u64)> for FileBody {
    fn from((about, bytes): (About, u64)) -> FileBody {
        FileBody {
            name: about.file,
            made_at: Timestamp::from_millis(about.made_at),
            products: about.products,
            bytes,
            languages: about.languages,
            countries: about.countries,
        }
    }
}

impl Answers {
    fn of(counts: &[(AnswerState, i64)]) -> Answers {
        let of = |state| counts.iter().find(|(it, _)| *it == state).map_or(0, |(_, count)| *count);
        Answers {
            found: of(AnswerState::Found),
            looking: of(AnswerState::Looking),
            absent: of(AnswerState::Absent),
            failed: of(AnswerState::Failed),
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Sending {
    /// What the file is called.
    #[serde(default)]
    name: String,
    /// Keep products with a name in these languages, separated by commas; all unless said.
    #[serde(default)]
    #[param(example = "de,en")]
    language: String,
    /// Keep products that are sold in these countries; all unless said.
    #[serde(default)]
    #[param(example = "de")]
    country: String,
}

/// Send a dump of Open Food Facts to make the catalogue file of: the JSONL or the CSV file, packed with gzip or
/// not, as the body. It is imported in the background; `catalogue.importing` tells how far it is,
/// `catalogue.imported` or `catalogue.failed` how it ended. Until then the old file serves.
#[utoipa::path(post, path = "/api/catalogue/import", tag = "Catalogue", params(Sending),
    request_body(content(("application/gzip"), ("application/octet-stream"))),
    responses((status = 202, body = Import)))]
async fn send(
    State(app): State<App>,
    actor: Actor,
    Query(sending): Query<Sending>,
    headers: HeaderMap,
    request: Request,
) -> Result<(StatusCode, Answer<Import>)> {
    let name = super::text::line(&sending.name, 120).unwrap_or_else(|| "upload".to_owned());
    let wish = Wish::of(std::path::PathBuf::new(), name, &[sending.language], &[sending.country])?;
    app.db().read(uploads::refuse_second).await?;
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let received = uploads::receive(&app, announced, request.into_body()).await?;
    Ok((StatusCode::ACCEPTED, Answer(received.import(&app, &actor, wish).await?)))
}

/// Stop the import that is under way. What was sent for it goes; the catalogue that was there stays.
#[utoipa::path(delete, path = "/api/catalogue/import", tag = "Catalogue", responses((status = 200, body = Import)))]
async fn stop(State(app): State<App>, actor: Actor) -> Result<Answer<Import>> {
    Ok(Answer(app.db().write(&actor, uploads::stop).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_number_is_read() {
        let now: Timestamp = "2026-11-20T18:00:00.000Z".parse().unwrap();
        let read =
            |text: &str| read_number(text, now).map(|gtin| gtin.to_string()).map_err(|error| error.code());
        for (text, gtin) in [
            ("4006381333931", "04006381333931"),
            (" 4006-3813 33931 ", "04006381333931"),
            ("04006381333931", "04006381333931"),
            ("036000291452", "00036000291452"),
            ("96385074", "00000096385074"),
            ("]E04006381333931", "04006381333931"),
            ("]d20104006381333931172611301012AB", "04006381333931"),
            ("(01)04006381333931(10)AB", "04006381333931"),
            ("https://id.gs1.org/01/04006381333931/10/AB", "04006381333931"),
            ("01234565", "00012345000065"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(gtin), "{text}");
        }
        let long = "4".repeat(100_000);
        for text in [
            "",
            "4006381333932",
            "hello",
            "123",
            "2012345000008",
            "0000000000000",
            "<script>",
            "١٢٣٤٥٦٧٨",
            &long,
        ] {
            assert_eq!(read(text), Err("bad-barcode"), "{text:.20}");
        }
    }
}
