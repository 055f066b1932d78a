//! The catalogue: what others know of a product by its number.
//!
//! ```text
//! let found = catalogue::look_up(&app, &gtin).await?;          // what is known at once: no network
//! catalogue::want(tx, &gtin)?;                                 // asks for it to be looked up later
//! ```
//!
//! There are three places to look, in this order: the catalogue file of this hub, made from a public dump
//! ([`import`]) and read in place ([`file`]); what was answered before ([`answers`]); and, where the house
//! has named one, a service on the internet ([`service`]). Only work in the background ([`work`]) asks that,
//! so no scan ever waits for it, and it is asked no oftener than it wants to be.
//!
//! What comes back is written by strangers and believed only so far ([`facts`]). It is a proposal: names and
//! amounts that the house gives win. What is to become of it is decided in [`enriched`], in the transaction
//! in which it is written down.

mod allergens;
pub mod answers;
pub mod command;
mod countries;
pub mod facts;
pub mod file;
pub mod http;
pub mod import;
mod names;
pub mod quantity;
pub mod raw;
mod rows;
pub mod service;
mod shelf;
mod sort;
mod text;
pub mod uploads;
pub mod work;

#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use hearth_shared::gs1::Gtin;

use crate::app::App;
use crate::config::Settings;
use crate::db::Tx;
use crate::error::Result;
use crate::media::{self, Media, NewFile};
use crate::words;

use self::answers::AnswerState;
pub use self::answers::want;
use self::facts::Facts;
use self::service::Service;
pub use self::shelf::{Shelf, Standing};

/// Who knew of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The catalogue file of a hub.
    File,
    /// The service on the internet.
    Service,
}
words!(Origin { File = "file", Service = "service" });

/// A product that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub facts: Facts,
    pub origin: Origin,
    /// The answer of the service as it came, as JSON. There is none of the file, nor of one that is too long.
    pub off_data: Option<String>,
}

/// What all that is known here comes from, as its licence wants it said.
pub const SOURCE: &str = "Open Food Facts";
pub const SOURCE_URL: &str = "https://world.openfoodfacts.org";
pub const LICENCE: &str = "Open Database License 1.0 (pictures: CC BY-SA 3.0)";
pub const LICENCE_URL: &str = "https://opendatacommons.org/licenses/odbl/1-0/";

/// What a hub looks products up with.
pub struct Catalogue {
    shelf: Shelf,
    service: OnceLock<Option<Service>>,
}

impl Catalogue {
    pub fn of(settings: &Settings) -> Catalogue {
        Catalogue { shelf: Shelf::of(folder(settings)), service: OnceLock::new() }
    }

    /// The catalogue file.
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// The service that may be asked, if there is one. The demo asks nobody.
    pub fn service(&self, settings: &Settings) -> Option<&Service> {
        let make = || match settings.catalogue_url.as_deref().filter(|_| !settings.demo) {
            None => None,
            Some(url) => Service::new(url, settings.catalogue_contact.as_deref())
                .inspect_err(|error| {
                    tracing::warn!(error = error.chain(), "the catalogue's service cannot be asked");
                })
                .ok(),
        };
        self.service.get_or_init(make).as_ref()
    }
}

/// Where the catalogue file lies.
pub fn folder(settings: &Settings) -> std::path::PathBuf {
    settings.data.join("catalogue")
}

/// What is known of a product without asking anybody: from the file, or from earlier answers.
pub async fn look_up(app: &App, gtin: &Gtin) -> Result<Option<Found>> {
    if let Some(facts) = in_file(app, gtin).await? {
        app.metrics().catalogue.looked_up("file");
        return Ok(Some(Found { facts, origin: Origin::File, off_data: None }));
    }
    let number = *gtin;
    let answer = app.db().read(move |tx| answers::find(tx, &number)).await?;
    let found = answer.filter(|answer| answer.state == AnswerState::Found).map(answers::Answer::found);
    app.metrics().catalogue.looked_up(if found.is_some() { "answer" } else { "unknown" });
    Ok(found)
}

/// What the catalogue file knows of a product.
async fn in_file(app: &App, gtin: &Gtin) -> Result<Option<Facts>> {
    let (app, number) = (app.clone(), gtin.as_str().parse().unwrap_or(0));
    media::store::blocking(move || app.catalogue().shelf().look_up(number)).await
}

/// The catalogue file itself, if there is one.
async fn in_file_at_all(app: &App) -> Result<Option<file::About>> {
    Ok(standing(app).await?.file.map(|(about, _)| about))
}

/// How the catalogue file is.
pub async fn standing(app: &App) -> Result<Standing> {
    let app = app.clone();
    media::store::blocking(move || app.catalogue().shelf().standing()).await
}

/// A product was looked up and found: what that means for the house.
///
/// Called once for each answer, in the transaction that keeps it.
pub fn enriched(tx: &mut Tx, gtin: &str, found: &Found) -> Result<()> {
    names::fill(tx, gtin, found)
}

/// The picture of a product was fetched: what that means for the house, which may want a hold on it
/// ([`hold_picture`]). Called once for each picture, in the transaction that keeps it.
pub fn pictured(tx: &mut Tx, gtin: &str) -> Result<()> {
    names::show(tx, gtin)
}

/// A hold of one's own on the picture of a product, if there is one: to be claimed within a day, and released
/// without regard to the catalogue's.
pub fn hold_picture(tx: &mut Tx, gtin: &Gtin) -> Result<Option<Media>> {
    let Some(picture) = answers::find(tx, gtin)?.and_then(|answer| answer.picture) else { return Ok(None) };
    let Media { place, digest, kind, width, height, bytes, .. } = media::get(tx, picture)?;
    media::add(tx, &NewFile { place, digest, kind, width, height, bytes }).map(Some)
}
