//! The way out over HTTP: `GET /api/export.json` and `GET /api/export/products.csv`.

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::error::{Error, Result};
use crate::http::extract::{Path, Query};
use crate::kitchen::day_of;
use crate::words;

use super::{TABLES, csv};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(export_all)).routes(routes!(export_table))
}

/// A table as a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFile {
    Places,
    Categories,
    Units,
    Products,
    ProductUnits,
    Codes,
    ProductJoins,
    Scans,
    Lots,
    Acts,
    Movements,
    Questions,
    Shopping,
    Receipts,
    ReceiptLines,
    Stocktakes,
    StocktakeLines,
    Prices,
}
words!(ExportFile {
    Places = "places.csv",
    Categories = "categories.csv",
    Units = "units.csv",
    Products = "products.csv",
    ProductUnits = "product-units.csv",
    Codes = "codes.csv",
    ProductJoins = "product-joins.csv",
    Scans = "scans.csv",
    Lots = "lots.csv",
    Acts = "acts.csv",
    Movements = "movements.csv",
    Questions = "questions.csv",
    Shopping = "shopping.csv",
    Receipts = "receipts.csv",
    ReceiptLines = "receipt-lines.csv",
    Stocktakes = "stocktakes.csv",
    StocktakeLines = "stocktake-lines.csv",
    Prices = "prices.csv",
});

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Marking {
    /// A mark before the first line, by which some spreadsheets know that letters are UTF-8.
    #[serde(default)]
    bom: bool,
}

async fn today(app: &App) -> Result<String> {
    Ok(app.db().read(|tx| day_of(tx, tx.now())).await?.to_string())
}

/// Everything the kitchen knows, as one JSON document: `format`, `version`, and a list for each table. All of it is
/// the house at one moment.
#[utoipa::path(get, path = "/api/export.json", tag = "Stock",
    responses((status = 200, content_type = "application/json", body = serde_json::Value)))]
async fn export_all(State(app): State<App>) -> Result<Response> {
    let name = format!("attachment; filename=\"hearth-{}.json\"", today(&app).await?);
    let headers = [
        (header::CONTENT_TYPE, "application/json; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    let laid = super::document(&app, app.clock().now()).await?;
    Ok((headers, [(header::CONTENT_LENGTH, laid.bytes)], Body::from_stream(laid.pieces())).into_response())
}

/// A table as CSV. A text that a spreadsheet could take for a formula, and one that begins with an apostrophe, has
/// an apostrophe before it.
#[utoipa::path(get, path = "/api/export/{file}", tag = "Stock", params(("file" = ExportFile, Path), Marking),
    responses((status = 200, content_type = "text/csv", body = String)))]
async fn export_table(
    State(app): State<App>,
    Path(file): Path<ExportFile>,
    Query(query): Query<Marking>,
) -> Result<Response> {
    let name = file.as_str().trim_end_matches(".csv");
    let missing = || Error::not_found("not-found", "There is nothing at this address.");
    let table = TABLES.iter().find(|table| table.name == name).ok_or_else(missing)?;
    let saved = format!("attachment; filename=\"hearth-{name}-{}.csv\"", today(&app).await?);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present".to_owned()),
        (header::CONTENT_DISPOSITION, saved),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    let laid = super::table(&app, table, if query.bom { csv::MARK } else { "" }).await?;
    Ok((headers, [(header::CONTENT_LENGTH, laid.bytes)], Body::from_stream(laid.pieces())).into_response())
}
