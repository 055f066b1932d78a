//! What the house sends to the world: letters by e-mail, and calls of other programs' addresses.
//!
//! ```text
//! post::mail(tx, &Mail { to, language, subject, body, sort })?;   // leaves when this is committed
//! post::call(tx, webhook, "stock.due", &data)?;
//! ```
//!
//! Both are jobs, written in the transaction of the change that they tell of: a change that is taken back
//! tells nobody. What the other side cannot take now is tried again for two days and more; what it refuses
//! is given up and shown to people under *Work*. After a restored backup nothing leaves by itself
//! ([`Reach::Outward`]): a person decides.
//!
//! Whatever is sent twice, because an answer was lost, can be told apart by the one who gets it: a letter
//! keeps its `Message-ID`, a call its `Hearth-Delivery`.

pub mod delivery;
pub mod letter;
pub mod smtp;
pub mod webhooks;

#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::config::Settings;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::jobs::{JobId, Kind, Pauses, Reach};

pub use self::letter::{Mail, MailAddress, Piece, Sort};
use self::webhooks::WebhookId;

/// Hands a letter to the mail server.
pub static MAIL: Kind = Kind {
    name: "post.mail",
    pauses: Pauses::STUBBORN,
    within: Duration::from_secs(120),
    at_once: 2,
    reach: Reach::Outward,
    run: |app, held| Box::pin(async move { smtp::hand_over(&app, &held).await }),
};

/// Calls an address of another program.
pub static CALL: Kind = Kind {
    name: "post.webhook",
    pauses: Pauses::STUBBORN,
    within: Duration::from_secs(60),
    at_once: 4,
    reach: Reach::Outward,
    run: |app, held| Box::pin(async move { delivery::call(&app, &held).await }),
};

/// Whether a kind of work is one of these: what tells of failures must not tell of its own.
pub fn is_post(kind: &str) -> bool {
    kind == MAIL.name || kind == CALL.name
}

/// Whether there is a server that takes mail.
pub fn takes_mail(settings: &Settings) -> bool {
    settings.outward.smtp.is_some()
}

/// A letter that waits to be handed over.
#[derive(Serialize, Deserialize)]
struct Waiting {
    mail: Mail,
    /// When it was written, in milliseconds.
    at: i64,
}

/// Sends a letter as soon as this is committed.
pub fn mail(tx: &mut Tx, mail: &Mail) -> Result<JobId> {
    let waiting = Waiting { mail: mail.clone(), at: tx.now().millis() };
    tx.enqueue(&MAIL, &waiting)
}

/// A call that waits to be made. The address and its secret are looked up when it is made: what was removed
/// in the meantime is not called any more.
#[derive(Serialize, Deserialize)]
struct Call {
    webhook: WebhookId,
    event: String,
    at: i64,
    data: Box<RawValue>,
}

/// Calls a webhook with an event as soon as this is committed.
pub fn call(tx: &mut Tx, webhook: WebhookId, event: &str, data: &impl Serialize) -> Result<JobId> {
    let data = serde_json::value::to_raw_value(data)
        .map_err(|e| Error::broken("event-shape", "A change could not be announced.").because(e))?;
    let call = Call { webhook, event: event.to_owned(), at: tx.now().millis(), data };
    tx.enqueue(&CALL, &call)
}
