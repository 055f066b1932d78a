//! Labels over HTTP: `GET /api/labels/commands.pdf` and its like.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Actor;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::house::{self, Language, members};
use crate::http::extract::{Path, Query};
use crate::words;

use super::super::LotId;
use super::sheets::{PaperKind, SHEETS, Sheet};
use super::{How, MOST_LABELS, Printed, What};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(print))
}

/// What is printed, and in which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelFile {
    CommandsPdf,
    CommandsSvg,
    ScannerTestPdf,
    ScannerTestSvg,
    PlacesPdf,
    PlacesSvg,
    PeoplePdf,
    PeopleSvg,
    LotsPdf,
    LotsSvg,
}
words!(LabelFile {
    CommandsPdf = "commands.pdf",
    CommandsSvg = "commands.svg",
    ScannerTestPdf = "scanner-test.pdf",
    ScannerTestSvg = "scanner-test.svg",
    PlacesPdf = "places.pdf",
    PlacesSvg = "places.svg",
    PeoplePdf = "people.pdf",
    PeopleSvg = "people.svg",
    LotsPdf = "lots.pdf",
    LotsSvg = "lots.svg",
});

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Printing {
    /// The paper: `a4` or `letter` to cut out, sheets of labels such as `a4-3x8`, or a roll such as
    /// `roll-62x29`.
    #[param(example = "a4-3x8")]
    sheet: Option<String>,
    /// How many labels of the first sheet are used already.
    #[param(minimum = 0)]
    skip: Option<usize>,
    /// The language of the labels; the reader's own unless said.
    language: Option<Language>,
    /// Which page an SVG shows; the first is 1. `Link` names the next.
    #[param(minimum = 1)]
    page: Option<usize>,
    /// Which lots, separated by commas; lots only.
    ids: Option<String>,
    /// How many labels for each lot.
    #[param(minimum = 1, maximum = 24)]
    copies: Option<usize>,
}

/// Labels and cards to print: commands for stations, places, people, lots, and the scanner test. A PDF has
/// all pages, an SVG one.
#[utoipa::path(get, path = "/api/labels/{file}", tag = "Labels", params(("file" = LabelFile, Path), Printing),
    responses((status = 200, content(("application/pdf"), ("image/svg+xml")))))]
async fn print(
    State(app): State<App>,
    actor: Actor,
    Path(file): Path<LabelFile>,
    Query(query): Query<Printing>,
) -> Result<Response> {
    let (sheet, page) = (query.sheet()?, query.page.unwrap_or(1));
    let (skip, copies, ids) = (query.skip(sheet)?, query.copies()?, query.ids(file)?);
    let language = query.language;
    let found = move |tx: &Tx| Ok((what(tx, file, &ids, copies)?, spoken(tx, &actor, language)?));
    let (what, language) = app.db().read(found).await?;
    // Fitting text and packing takes a while for many labels: not on the threads that answer others.
    let work = move || {
        let printed = super::print(&what, How { sheet, skip, language })?;
        answer(&printed, file, &query, page)
    };
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|e| Error::broken("labels-stopped", "The labels could not be made.").because(e))?
}

impl Printing {
    fn sheet(&self) -> Result<&'static Sheet> {
        let Some(word) = &self.sheet else { return Ok(&SHEETS[0]) };
        Sheet::named(word).ok_or_else(|| {
            let known: Vec<&str> = SHEETS.iter().map(|sheet| sheet.word).collect();
            Error::field("sheet", format!("There is no such paper; there are {}.", known.join(", ")))
        })
    }

    fn skip(&self, sheet: &Sheet) -> Result<usize> {
        let skip = self.skip.unwrap_or(0);
        if skip > 0 && (sheet.kind != PaperKind::Labels || skip >= sheet.labels()) {
            let detail = "Only labels of a sheet can be skipped, and fewer than it has.";
            return Err(Error::field("skip", detail));
        }
        Ok(skip)
    }

    fn copies(&self) -> Result<usize> {
        match self.copies.unwrap_or(1) {
            copies @ 1..=24 => Ok(copies),
            _ => Err(Error::field("copies", "There are 1 to 24 labels for each lot.")),
        }
    }

    fn ids(&self, file: LabelFile) -> Result<Vec<LotId>> {
        if !matches!(file, LabelFile::LotsPdf | LabelFile::LotsSvg) {
            return Ok(Vec::new());
        }
        let words = self.ids.as_deref().unwrap_or_default().split(',').filter(|word| !word.is_empty());
        let ids = words.map(str::parse);
        let ids: Vec<LotId> = ids
            .collect::<Result<_, _>>()
            .map_err(|_| Error::field("ids", "These are not the ids of lots, separated by commas."))?;
        match ids.len() * self.copies()? {
            0 => Err(Error::field("ids", "Say which lots, by their ids, separated by commas.")),
            labels if labels > MOST_LABELS => {
                Err(Error::field("ids", format!("A document has at most {MOST_LABELS} labels.")))
            }
            _ => Ok(ids),
        }
    }
}

fn what(tx: &Tx, file: LabelFile, ids: &[LotId], copies: usize) -> Result<What> {
    Ok(match file {
        LabelFile::CommandsPdf | LabelFile::CommandsSvg => What::Commands,
        LabelFile::ScannerTestPdf | LabelFile::ScannerTestSvg => What::ScannerTest,
        LabelFile::PlacesPdf | LabelFile::PlacesSvg => What::Places(super::places(tx)?),
        LabelFile::PeoplePdf | LabelFile::PeopleSvg => What::People(super::people(tx)?),
        LabelFile::LotsPdf | LabelFile::LotsSvg => {
            let (lots, today) = super::lots(tx, ids)?;
            What::Lots { lots, copies, today }
        }
    })
}

/// The language that was asked for, or the reader's, or the house's.
fn spoken(tx: &Tx, actor: &Actor, asked: Option<Language>) -> Result<Language> {
    match (asked, actor) {
        (Some(language), _) => Ok(language),
        (None, Actor::Person { id, .. }) => Ok(members::get(tx, *id)?.language),
        (None, _) => Ok(house::get(tx)?.language),
    }
}

fn answer(printed: &Printed, file: LabelFile, query: &Printing, page: usize) -> Result<Response> {
    let name = file.as_str();
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(&format!("inline; filename=\"hearth-{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if name.ends_with(".pdf") {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
        return Ok((headers, printed.pdf()?).into_response());
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"));
    let picture = printed.svg(page)?;
    if page < printed.pages.len()
        && let Ok(value) = HeaderValue::from_str(&query.next(name, page + 1))
    {
        headers.insert(header::LINK, value);
    }
    Ok((headers, picture).into_response())
}

impl Printing {
    /// Where the next page is, as `Link` says it. What was read is made of words and numbers alone.
    fn next(&self, name: &str, page: usize) -> String {
        let language = self.language.map(|language| language.to_string());
        let skip = self.skip.map(|skip| skip.to_string());
        let copies = self.copies.map(|copies| copies.to_string());
        let ids = self.ids.as_ref().filter(|_| name.starts_with("lots"));
        let parts = [
            ("sheet", self.sheet.as_ref()),
            ("skip", skip.as_ref()),
            ("language", language.as_ref()),
            ("ids", ids),
            ("copies", copies.as_ref()),
        ];
        let said = parts.iter().filter_map(|(key, value)| Some(format!("&{key}={}", (*value)?)));
        format!("</api/labels/{name}?page={page}{}>; rel=\"next\"", said.collect::<String>())
    }
}
