//! Every kind of work, and everything that is done again and again, in one place.

use std::time::Duration;

use crate::app::App;
use crate::auth::{Actor, links, sessions, tokens};
use crate::backup;
use crate::bus::{self, Channel};
use crate::config::Settings;
use crate::db::Tx;
use crate::devices::pairing;
use crate::error::Result;
use crate::http::idempotency;
use crate::kitchen::{catalogue, day_of, reading, receipts, shopping};
use crate::media::keeping;
use crate::post;

use super::schedule::{Chore, Rhythm, TimeOfDay};
use super::{Kind, Pauses, Reach, nothing, settle};

/// Every kind of work there is.
pub const KINDS: &[&Kind] = &[
    &TIDY,
    &NEW_DAY,
    &backup::NIGHTLY,
    &keeping::SMALL,
    &keeping::REMOVE,
    &keeping::COLLECT,
    &keeping::SWEEP,
    &post::MAIL,
    &post::CALL,
    &catalogue::work::LOOK_UP,
    &catalogue::work::PICTURE,
    &catalogue::uploads::IMPORT,
    &receipts::work::READ,
];

/// The plan of the house.
pub const CHORES: &[Chore] = &[
    Chore { name: "tidy", kind: &TIDY, rhythm: hourly },
    Chore { name: "new-day", kind: &NEW_DAY, rhythm: at_midnight },
    Chore { name: "backup", kind: &backup::NIGHTLY, rhythm: backup::nightly },
    Chore { name: "collect-pictures", kind: &keeping::COLLECT, rhythm: hourly },
    Chore { name: "sweep-pictures", kind: &keeping::SWEEP, rhythm: at_night },
];

fn hourly(_: &Settings) -> Option<Rhythm> {
    Some(Rhythm::Every(3600))
}

fn at_midnight(_: &Settings) -> Option<Rhythm> {
    Some(Rhythm::Daily(TimeOfDay::MIDNIGHT))
}

fn at_night(_: &Settings) -> Option<Rhythm> {
    TimeOfDay::parse("04:10").map(Rhythm::Daily)
}

/// Forgets what is kept for a time only.
pub static TIDY: Kind = Kind {
    name: "house.tidy",
    pauses: Pauses::QUICK,
    within: Duration::from_secs(600),
    at_once: 1,
    reach: Reach::Inward,
    run: |app, _| {
        Box::pin(async move {
            tidy(&app).await?;
            Ok(nothing())
        })
    },
};

/// Tells everybody that a day has begun, and what is due on it.
pub static NEW_DAY: Kind = Kind {
    name: "house.new-day",
    pauses: Pauses::QUICK,
    within: Duration::from_secs(60),
    at_once: 1,
    reach: Reach::Inward,
    run: |_, _| Box::pin(async { Ok(settle(announce_day)) }),
};

fn announce_day(tx: &mut Tx) -> Result<()> {
    let today = day_of(tx, tx.now())?;
    tx.publish(Channel::HOUSE, "day.changed", today, &serde_json::json!({ "day": today }))?;
    reading::due::announce(tx, today)
}

/// Forgets some of what has run out; answers how much.
type Forget = fn(&mut Tx) -> Result<u64>;

async fn tidy(app: &App) -> Result<()> {
    let drawers: [(&str, Forget); 9] = [
        ("events", bus::log::prune),
        ("answers", idempotency::prune),
        ("sessions", sessions::prune),
        ("tickets", tokens::prune),
        ("links", links::prune),
        ("pairings", pairing::prune),
        ("jobs", super::prune),
        ("shopping", shopping::prune),
        ("catalogue answers", catalogue::answers::prune),
    ];
    for (what, forget) in drawers {
        // In small parts, so that nobody waits long for the lane.
        loop {
            match app.db().write(&Actor::System, forget).await? {
                0 => break,
                count => tracing::info!(what, count, "old things were tidied away"),
            }
        }
    }
    Ok(())
}
