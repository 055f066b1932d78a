//! Reading a receipt in the background.

use std::time::Duration;

use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Kind as Class, Result};
use crate::jobs::{Failure, Held, Kind, Pauses, Reach, Settle, nothing, settle};
use crate::media::store::blocking;
use crate::media::{self, MediaSize};

use super::matching::{decide, gather};
use super::parse::{self, Refusal};
use super::reader::Read;
use super::{Receipt, ReceiptId, ReceiptState, booking, complete, fail, find, refusal, text};

/// The largest picture or document that is read.
const LARGEST: usize = 32 * 1024 * 1024;

/// Reads a receipt and finds its products.
pub static READ: Kind = Kind {
    name: "receipt.read",
    pauses: Pauses::QUICK,
    within: Duration::from_secs(900),
    at_once: 1,
    // A service in the house is asked, and asking twice is of no consequence.
    reach: Reach::Inward,
    run: |app, held| Box::pin(async move { run(&app, &held).await }),
};

pub(super) fn ask(tx: &mut Tx, id: ReceiptId) -> Result<()> {
    tx.enqueue(&READ, &id).map(|_| ())
}

async fn run(app: &App, held: &Held) -> Result<Settle, Failure> {
    let id: ReceiptId = held.read()?;
    let known = app.db().read(move |tx| find(tx, id)).await?;
    let Some(receipt) = known.filter(|receipt| receipt.state == ReceiptState::Processing) else {
        return Ok(nothing());
    };
    match read(app, &receipt).await {
        Ok(read) => understand(app, receipt, read).await.map_err(Failure::from),
        Err(error) if error.kind() == Class::Unavailable && held.attempt < READ.tries() => Err(error.into()),
        Err(error) => {
            tracing::warn!(receipt = %id, error = error.chain(), "a receipt could not be read");
            let (code, detail) = (error.code(), error.detail().to_owned());
            Ok(settle(move |tx| fail(tx, id, code, &detail, None)))
        }
    }
}

/// The text of a receipt, wherever it is.
async fn read(app: &App, receipt: &Receipt) -> Result<Read> {
    let id = receipt.id;
    let Some(picture) = receipt.media_id else {
        let text = app.db().read(move |tx| text(tx, id)).await?;
        return Ok(Read { text, reader: "" });
    };
    let media = app.db().read(move |tx| media::get(tx, picture)).await?;
    let missing = || Error::not_found("media-missing", "The picture of this receipt is gone.");
    let bytes =
        app.media().store().read(&media.place.file(MediaSize::Full), LARGEST).await?.ok_or_else(missing)?;
    app.readers().read(media.kind, bytes).await
}

/// Makes sense of a text, and says what that means for the house.
async fn understand(app: &App, receipt: Receipt, read: Read) -> Result<Settle> {
    let (id, sent_at) = (receipt.id, receipt.created_at);
    let input = read.text.clone();
    let parsed: Result<parse::Receipt, Refusal> = blocking(move || parse::parse(&input)).await?;
    let parsed = match parsed {
        Ok(parsed) => parsed,
        Err(why) => {
            let (code, detail) = refusal(why);
            return Ok(settle(move |tx| fail(tx, id, code, detail, Some(&read))));
        }
    };
    let asked = parsed.clone();
    let look = move |tx: &Tx| {
        let day = asked.day.as_ref().and_then(|day| day.parse().ok());
        let bought_at = booking::bought_at(tx, day, asked.time.as_deref(), sent_at)?;
        gather(tx, asked.shop.as_deref().unwrap_or_default(), &asked.lines, booking::trip(bought_at))
    };
    let known = app.db().read(look).await?;
    let (parsed, found) = blocking(move || {
        let found = decide(&parsed.lines, &known);
        (parsed, found)
    })
    .await?;
    Ok(settle(move |tx| complete(tx, id, &read, &parsed, &found)))
}
