//! Work in the background: looking a product up, and fetching its picture.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hearth_shared::gs1::Gtin;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::auth::Actor;
use crate::db::Tx;
use crate::error::{Error, Kind as Class, Result};
use crate::house::{self, Language};
use crate::jobs::{Failure, Held, Kind, Pauses, Reach, Settle, nothing, settle};
use crate::media::{self, Owner, PHOTO};

use super::answers::{self, Turn, Unknown};
use super::service::Reply;
use super::{Found, Origin, enriched, in_file, pictured};

/// Looks a product up: in the file, then at the service.
pub static LOOK_UP: Kind = Kind {
    name: "catalogue.look-up",
    pauses: Pauses::PATIENT,
    within: Duration::from_secs(60),
    at_once: 2,
    // Asking once more is of no consequence.
    reach: Reach::Inward,
    run: |app, held| Box::pin(async move { look_up(&app, &held).await }),
};

/// Fetches the picture of a product.
pub static PICTURE: Kind = Kind {
    name: "catalogue.picture",
    pauses: Pauses::PATIENT,
    within: Duration::from_secs(120),
    // One at a time, as the service wishes.
    at_once: 1,
    reach: Reach::Inward,
    run: |app, held| Box::pin(async move { fetch_picture(&app, &held).await }),
};

/// Which product to look up.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Question {
    pub gtin: String,
    /// Whether its turn at the service was taken already.
    #[serde(default)]
    pub booked: bool,
}

fn readable(question: &Question) -> Result<Gtin, Failure> {
    let odd = || Failure::Final(Error::broken("job-shape", "What this work is about cannot be read."));
    Gtin::of(&question.gtin).ok_or_else(odd)
}

async fn look_up(app: &App, held: &Held) -> Result<Settle, Failure> {
    let question: Question = held.read()?;
    let gtin = readable(&question)?;
    if let Some(facts) = in_file(app, &gtin).await? {
        app.metrics().catalogue.answered("file", None);
        return Ok(keep(app, gtin, Found { facts, origin: Origin::File, off_data: None }));
    }
    let Some(service) = app.catalogue().service(app.settings()) else {
        app.metrics().catalogue.answered("nobody-asked", None);
        return Ok(settle(move |tx| answers::keep_absent(tx, gtin.as_str(), Unknown::Nobody)));
    };
    let (name, booked) = (service.name().to_owned(), question.booked);
    let service_name = name.clone();
    let turn =
        app.db().write(&Actor::System, move |tx| answers::take_turn(tx, &service_name, booked)).await?;
    let (seconds, booked) = match turn {
        Turn::Now => (0, true),
        Turn::Booked(seconds) => (seconds, true),
        Turn::Resting(seconds) => (seconds, false),
    };
    if turn != Turn::Now {
        let again = Question { booked, ..question };
        return Ok(settle(move |tx| answers::put_off(tx, seconds, again.clone())));
    }
    let languages: Vec<String> = Language::ALL.iter().map(ToString::to_string).collect();
    let begun = Instant::now();
    let reply = service.ask(&gtin, &languages).await;
    let outcome = match &reply {
        Ok(Reply::Found(_)) => "found",
        Ok(Reply::Absent) => "absent",
        Err(trouble) => trouble.word(),
    };
    app.metrics().catalogue.answered(outcome, Some(begun.elapsed()));
    Ok(match reply {
        Ok(Reply::Found(found)) => {
            let keep = keep(app, gtin, *found);
            settle(move |tx| answers::is_well(tx, &name).and_then(|()| keep(tx)))
        }
        Ok(Reply::Absent) => settle(move |tx| {
            answers::is_well(tx, &name)?;
            answers::keep_absent(tx, gtin.as_str(), Unknown::Asked)
        }),
        Err(trouble) => {
            tracing::info!(reason = trouble.word(), "the service that knows products gave no answer");
            settle(move |tx| answers::keep_trouble(tx, &name, gtin.as_str(), &trouble))
        }
    })
}

/// Keeps what was found, tells the house, and asks for the picture.
fn keep(app: &App, gtin: Gtin, found: Found) -> Settle {
    let service = app.catalogue().service(app.settings());
    let pictured =
        found.facts.image.as_deref().is_some_and(|it| service.is_some_and(|service| service.owns(it)));
    settle(move |tx| {
        answers::keep(tx, gtin.as_str(), &found)?;
        enriched(tx, gtin.as_str(), &found)?;
        let has_one = answers::find(tx, &gtin)?.is_some_and(|answer| answer.picture.is_some());
        if pictured && !has_one {
            tx.enqueue(&PICTURE, &Question { gtin: gtin.to_string(), booked: true })?;
        }
        Ok(())
    })
}

async fn fetch_picture(app: &App, held: &Held) -> Result<Settle, Failure> {
    let gtin = readable(&held.read()?)?;
    let answer = app.db().read(move |tx| answers::find(tx, &gtin)).await?;
    let Some(answer) = answer.filter(|answer| answer.picture.is_none()) else { return Ok(nothing()) };
    let (address, service) = (answer.found().facts.image, app.catalogue().service(app.settings()));
    let (Some(address), Some(service)) = (address, service) else { return Ok(nothing()) };
    if !service.owns(&address) {
        return Ok(nothing());
    }
    let fetched = match service.picture(&address).await {
        Ok((headers, body)) => media::take(app, &headers, body, &PHOTO).await,
        Err(trouble) => {
            app.metrics().catalogue.answered("no-picture", None);
            let detail = format!("The picture could not be fetched ({}).", trouble.word());
            Err(Error::unavailable("catalogue-picture", detail, 30))
        }
    };
    match fetched {
        Ok(taken) => {
            let keep = move |tx: &mut Tx, row: media::Row<'_>| hang(tx, &gtin, row);
            taken.keep(&Actor::System, keep).await?;
            Ok(nothing())
        }
        // A product without its picture is no reason to trouble anybody.
        Err(error) if error.kind() != Class::Unavailable || held.attempt >= PICTURE.tries() => {
            tracing::info!(error = error.chain(), "the picture of a product could not be had");
            Ok(nothing())
        }
        Err(error) => Err(error.into()),
    }
}

/// Gives a picture to the product that it shows, unless that has one by now.
fn hang(tx: &mut Tx, gtin: &Gtin, row: media::Row<'_>) -> Result<()> {
    if answers::find(tx, gtin)?.is_none_or(|answer| answer.picture.is_some()) {
        return Ok(());
    }
    let picture = row.add(tx)?;
    media::claim(tx, picture.id, &Owner::new("catalogue", gtin))?;
    answers::set_picture(tx, gtin.as_str(), picture.id)?;
    pictured(tx, gtin.as_str())
}

/// The language of the house, in which names are shown first.
pub(super) fn language(tx: &Tx) -> Result<Arc<str>> {
    Ok(house::find(tx)?.map_or("en", |house| house.language.as_str()).into())
}
