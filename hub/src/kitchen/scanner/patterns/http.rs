//! Patterns of shops' labels over HTTP.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use hearth_shared::amount::Amount;
use hearth_shared::gs1::{self, Example, Gtin, Says};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Lesson, Pattern, PatternId};
use crate::app::App;
use crate::auth::Actor;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::house::members::Name;
use crate::http::Created;
use crate::http::extract::{Path, Submit};
use crate::http::idempotency::once;
use crate::http::page::Page;

/// The most labels of one lesson.
const MOST_LABELS: usize = 10;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, teach)).routes(routes!(forget))
}

/// Labels of a shop, with what is printed on them.
#[derive(Deserialize, ToSchema)]
pub struct PatternLesson {
    /// What the shop is called.
    shop: String,
    /// Two of one article at least; further ones may be of others.
    labels: Vec<PrintedLabel>,
    /// How many digits the weight or price has, where the labels leave that open.
    digits: Option<i64>,
    /// Whether a check digit of their own stands before them.
    checked: Option<bool>,
    /// Of prices, as `EUR`; that of the house's region when left out.
    currency: Option<String>,
}

/// A label. One of weight, price and count is said of it, of each label the same.
#[derive(Deserialize, ToSchema)]
pub struct PrintedLabel {
    /// The number under the bars, 12 or 13 digits.
    code: String,
    /// In kilograms.
    #[schema(value_type = Option<f64>)]
    weight: Option<Amount>,
    /// In minor units of the currency: 499 for 4.99.
    price: Option<u64>,
    /// How many pieces.
    count: Option<u64>,
}

impl PrintedLabel {
    fn example(&self, place: usize) -> Result<Example> {
        let wrong = |detail: &'static str| Error::field(format!("/labels/{place}"), detail);
        let digits: String = self.code.chars().filter(|c| !c.is_whitespace()).collect();
        let number = matches!(digits.len(), 12 | 13).then(|| Gtin::of(&digits)).flatten();
        let number = number
            .ok_or_else(|| wrong("This is no number of 12 or 13 digits with the right check digit."))?;
        let weight = self.weight.map(|weight| u64::try_from(weight.as_thousandths()));
        let (says, value, decimals) = match (weight, self.price, self.count) {
            (Some(Ok(weight)), None, None) => (Says::Kilograms, weight, 3),
            (None, Some(price), None) => (Says::Price, price, 2),
            (None, None, Some(count)) => (Says::Pieces, count, 0),
            _ => return Err(wrong("Say what is printed on it: its weight, its price or its count.")),
        };
        Ok(Example { number, says, value, decimals })
    }
}

impl PatternLesson {
    fn lesson(&self) -> Result<Lesson> {
        let shop = Name::parse(&self.shop).map_err(|detail| Error::field("/shop", detail))?;
        if self.labels.len() > MOST_LABELS {
            return Err(Error::field("/labels", "Ten labels at most."));
        }
        let currency = self.currency.clone().unwrap_or_default();
        if !currency.is_empty() && gs1::currency_of(&currency).is_none() {
            return Err(Error::field("/currency", "A currency is three letters, as EUR."));
        }
        let labels = self.labels.iter().enumerate().map(|(place, label)| label.example(place));
        let labels = labels.collect::<Result<Vec<Example>>>()?;
        Ok(Lesson { shop, labels, digits: self.digits, checked: self.checked, currency })
    }
}

/// How shops write weight and price into the numbers of their labels, as far as they were taught; the last first.
#[utoipa::path(get, path = "/api/scanner/patterns", tag = "Scanning",
    responses((status = 200, body = Page<Pattern>)))]
async fn list(State(app): State<App>) -> Result<Answer<Page<Pattern>>> {
    Ok(Answer(Page::whole(app.db().read(super::all).await?)))
}

/// Teach how a shop writes its labels, by two of them. What is ambiguous is answered with 409 and the ways that are
/// left; what contradicts itself is refused. The same shop and first two digits again replaces what was known.
#[utoipa::path(post, path = "/api/scanner/patterns", tag = "Scanning", request_body = PatternLesson,
    responses((status = 201, body = Pattern)))]
async fn teach(
    State(app): State<App>,
    actor: Actor,
    submit: Submit<PatternLesson>,
) -> Result<Created<Pattern>> {
    let lesson = submit.body.lesson()?;
    let learn = move |tx: &mut Tx| once(tx, submit.key.as_ref(), |tx| super::teach(tx, &lesson));
    Ok(Created(app.db().write(&actor, learn).await?))
}

/// Forget how a shop writes its labels.
#[utoipa::path(delete, path = "/api/scanner/patterns/{id}", tag = "Scanning", params(("id" = PatternId, Path)),
    responses((status = 204)))]
async fn forget(State(app): State<App>, actor: Actor, Path(id): Path<PatternId>) -> Result<StatusCode> {
    app.db().write(&actor, move |tx| super::forget(tx, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
