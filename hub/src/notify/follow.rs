//! Reading the committed events, writing down what is to be told, and sending what is due.
//!
//! Once a second the numbers are compared; only where an event has come that somebody may want to hear of,
//! or a letter is due, is there a transaction. It reads on from the row `followed`, writes notices and jobs,
//! and moves the row: all or nothing. Of several processes the second finds the row moved.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::app::App;
use crate::auth::Actor;
use crate::bus::{Channel, log};
use crate::db::{Db, Tx, Verbs};
use crate::error::Result;
use crate::house::members::MemberId;
use crate::jobs::schedule;
use crate::post::webhooks::{self, Webhook};
use crate::post::{self, MailAddress};
use crate::{house, sql};

use super::letters::{self, Addresses};
use super::sources::{Facts, Happened, News, source};
use super::{Listener, Topic, When, listeners};

const EVERY: Duration = Duration::from_secs(1);
/// How many events one transaction reads.
const PAGE: i64 = 500;
/// The largest event that is given to a webhook whole.
const WHOLE_BYTES: usize = 12 * 1024;

/// What is known about the outside.
#[derive(Debug, Clone)]
pub struct Means {
    /// Whether there is a server that takes mail.
    mail: bool,
    addresses: Addresses,
}

impl Means {
    pub fn of(app: &App) -> Means {
        let base = app.settings().address();
        let addresses = Addresses { house: format!("{base}/app/"), wishes: format!("{base}/app/you") };
        Means { mail: post::takes_mail(app.settings()), addresses }
    }

    pub(super) fn addresses(&self) -> &Addresses {
        &self.addresses
    }
}

/// Looks every second, until the database is closed.
pub async fn keep_following(db: Db, means: Means) {
    let mut look = tokio::time::interval(EVERY);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        let done = match db.read(is_needed).await {
            Ok(false) => continue,
            Ok(true) => {
                let means = means.clone();
                db.write(&Actor::System, move |tx| follow(tx, &means)).await
            }
            Err(error) => Err(error),
        };
        match done {
            Ok(()) => {}
            Err(error) if error.code() == "shutting-down" => return,
            Err(error) => tracing::debug!(error = error.chain(), "nobody could be told anything"),
        }
    }
}

/// Where reading goes on.
struct Position {
    epoch: String,
    seq: i64,
}
crate::row!(Position { epoch, seq });

fn position(tx: &Tx) -> Result<Option<Position>> {
    tx.maybe(sql!("SELECT epoch, seq FROM followed WHERE channel = $1"), (Channel::HOUSE.as_str(),))
}

fn stand(tx: &mut Tx, epoch: &str, seq: i64) -> Result<()> {
    tx.run(
        sql!(
            "INSERT INTO followed (channel, epoch, seq) VALUES ($1, $2, $3)
             ON CONFLICT (channel) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq"
        ),
        (Channel::HOUSE.as_str(), epoch, seq),
    )?;
    Ok(())
}

/// Whether anybody listens.
fn is_heard(tx: &Tx) -> Result<bool> {
    let people: i64 = tx.one(sql!("SELECT COUNT(*) FROM wishes WHERE mail IS NOT NULL"), ())?;
    let programs: i64 = tx.one(sql!("SELECT COUNT(*) FROM webhooks"), ())?;
    Ok(people + programs > 0)
}

/// Before the first one listens: what was before is not told.
pub(super) fn begin(tx: &mut Tx) -> Result<()> {
    if is_heard(tx)? {
        return Ok(());
    }
    match log::head(tx, &Channel::HOUSE)? {
        Some(head) => stand(tx, &head.epoch, head.seq),
        None => Ok(()),
    }
}

/// Whether there is anything to be done.
fn is_needed(tx: &Tx) -> Result<bool> {
    if !is_heard(tx)? {
        return Ok(false);
    }
    let due: Option<(i64,)> =
        tx.maybe(sql!("SELECT due_at FROM notices WHERE due_at <= $1 ORDER BY due_at LIMIT 1"), (tx.now(),))?;
    let Some(head) = log::head(tx, &Channel::HOUSE)? else { return Ok(false) };
    let Some(at) = position(tx)?.filter(|at| at.epoch == head.epoch && at.seq <= head.seq) else {
        return Ok(true);
    };
    if due.is_some() || head.seq - at.seq >= PAGE {
        return Ok(true);
    }
    let kinds: Vec<(String,)> = tx.all(
        sql!("SELECT type FROM events WHERE channel = $1 AND seq > $2 ORDER BY seq LIMIT $3"),
        (Channel::HOUSE.as_str(), at.seq, PAGE),
    )?;
    Ok(kinds.iter().any(|(kind,)| source(kind).is_some()))
}

/// Reads on, and sends what is due.
pub fn follow(tx: &mut Tx, means: &Means) -> Result<()> {
    let Some(head) = log::head(tx, &Channel::HOUSE)? else { return Ok(()) };
    match position(tx)?.filter(|at| at.epoch == head.epoch && at.seq <= head.seq) {
        Some(at) => read_on(tx, at.seq, &head.epoch, means)?,
        // Another history: what waited may have been told in the one before.
        None => {
            tx.run(sql!("DELETE FROM notices"), ())?;
            stand(tx, &head.epoch, head.seq)?;
        }
    }
    send_due(tx, means)
}

fn read_on(tx: &mut Tx, after: i64, epoch: &str, means: &Means) -> Result<()> {
    let events: Vec<(i64, String, String, String)> = tx.all(
        sql!(
            "SELECT seq, type, entity_id, data FROM events WHERE channel = $1 AND seq > $2
             ORDER BY seq LIMIT $3"
        ),
        (Channel::HOUSE.as_str(), after, PAGE),
    )?;
    let Some(last) = events.last().map(|(seq, ..)| *seq) else { return Ok(()) };
    let people = if means.mail { listeners(tx)? } else { Vec::new() };
    let programs: Vec<Webhook> = webhooks::list(tx)?.into_iter().filter(|it| !it.paused).collect();
    for (_, kind, entity, data) in events {
        let Some(source) = source(&kind) else { continue };
        let data = serde_json::from_str(&data).unwrap_or_default();
        let happened = Happened { kind, entity, data };
        let news = (source.read)(&happened);
        tell_people(tx, &people, &news)?;
        tell_programs(tx, &programs, &happened, &news)?;
    }
    stand(tx, epoch, last)
}

fn tell_people(tx: &mut Tx, people: &[Listener], news: &[News]) -> Result<()> {
    let (now, zone) = (tx.now(), schedule::zone(tx)?);
    for one in news {
        match one {
            News::Over(topic, fold) => {
                tx.run(sql!("DELETE FROM notices WHERE topic = $1 AND fold = $2"), (*topic, fold))?;
            }
            News::Told(topic, fold, facts) => {
                for person in people.iter().filter(|person| topic.is_for(person.role)) {
                    if let Some(due) = person.wishes.due(*topic, now, &zone) {
                        note(tx, person.id, (*topic, fold, facts), due)?;
                    }
                }
            }
        }
    }
    Ok(())
}

/// Writes down what is to be told; the newest word on a thing counts, at the time of the first.
fn note(
    tx: &mut Tx,
    member: MemberId,
    (topic, fold, facts): (Topic, &str, &Facts),
    due: hearth_shared::time::Timestamp,
) -> Result<()> {
    let facts = json!(facts).to_string();
    tx.run(
        sql!(
            "INSERT INTO notices (member_id, topic, fold, facts, at, due_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (member_id, topic, fold) DO UPDATE SET facts = excluded.facts, at = excluded.at"
        ),
        (member, topic, fold, facts, tx.now(), due),
    )?;
    Ok(())
}

/// Calls every program that wants to hear of any of this, once for the event.
fn tell_programs(tx: &mut Tx, programs: &[Webhook], it: &Happened, news: &[News]) -> Result<()> {
    let told = |one: &News| if let News::Told(topic, ..) = one { Some(topic.as_str()) } else { None };
    let topics: BTreeSet<&str> = news.iter().filter_map(told).collect();
    let wants = |program: &&Webhook| program.kinds.iter().any(|kind| topics.contains(kind.as_str()));
    for program in programs.iter().filter(wants) {
        let whole = it.data.to_string().len() <= WHOLE_BYTES;
        let event = if whole { &it.data } else { &Value::Null };
        let data = json!({ "topics": topics, "entity_id": it.entity, "event": event, "whole": whole });
        post::call(tx, program.id, &it.kind, &data)?;
    }
    Ok(())
}

/// Writes one letter for each person to whom something is due.
fn send_due(tx: &mut Tx, means: &Means) -> Result<()> {
    let due: Vec<(MemberId,)> = tx.all(
        sql!(
            "SELECT member_id FROM notices WHERE due_at <= $1 GROUP BY member_id ORDER BY member_id LIMIT 100"
        ),
        (tx.now(),),
    )?;
    if due.is_empty() {
        return Ok(());
    }
    let (people, zone) = (listeners(tx)?, schedule::zone(tx)?);
    for (member,) in due {
        let person = people.iter().find(|person| person.id == member).filter(|_| means.mail);
        let quiet = person.and_then(|person| person.wishes.quiet);
        match (person, quiet.and_then(|quiet| quiet.end(tx.now(), &zone))) {
            (Some(_), Some(end)) => put_off(tx, member, end)?,
            (Some(person), None) => send(tx, person, means)?,
            (None, _) => {
                tx.run(sql!("DELETE FROM notices WHERE member_id = $1"), (member,))?;
            }
        }
    }
    Ok(())
}

fn put_off(tx: &mut Tx, member: MemberId, until: hearth_shared::time::Timestamp) -> Result<()> {
    tx.run(
        sql!("UPDATE notices SET due_at = $3 WHERE member_id = $1 AND due_at <= $2"),
        (member, tx.now(), until),
    )?;
    Ok(())
}

fn send(tx: &mut Tx, person: &Listener, means: &Means) -> Result<()> {
    let rows: Vec<(Topic, String)> = tx.all(
        sql!(
            "SELECT topic, facts FROM notices WHERE member_id = $1 AND due_at <= $2
             ORDER BY at, topic, fold LIMIT 5000"
        ),
        (person.id, tx.now()),
    )?;
    tx.run(sql!("DELETE FROM notices WHERE member_id = $1 AND due_at <= $2"), (person.id, tx.now()))?;
    let wanted = |topic: &Topic| topic.is_for(person.role) && person.wishes.when(*topic) != When::Off;
    let notices: Vec<(Topic, Facts)> = rows
        .into_iter()
        .filter(|(topic, _)| wanted(topic))
        .map(|(topic, facts)| (topic, serde_json::from_str(&facts).unwrap_or_default()))
        .collect();
    let address: Option<MailAddress> = person.wishes.mail.clone();
    let Some(to) = address.filter(|_| !notices.is_empty()) else { return Ok(()) };
    let house = house::get(tx)?.name;
    let letter = letters::letter(to, person.language, &house, &notices, &means.addresses);
    post::mail(tx, &letter).map(drop)
}
