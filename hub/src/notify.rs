//! Who wants to hear of what, when, and where.
//!
//! A person gives an address for mail and chooses for each [`Topic`] whether it comes at once, with the daily
//! letter, or not at all; in quiet hours nothing comes, and what was due comes at their end. Other programs
//! are called at once ([`webhooks`](crate::post::webhooks)).
//!
//! What is told follows from the committed events, by one table ([`sources`]), and not from calls out of other
//! domains: whoever publishes an event need not know that somebody is told. How far the events were read is
//! a row, moved in the same transaction that writes down what is to be told ([`follow`]); so a crash loses
//! and doubles nothing, and several hub processes tell once.
//!
//! * What waits for a person is folded: the newest word on a product replaces the one before.
//! * What is over before it was told (a station that came back) is not told.
//! * A history that begins anew, after a restored backup, tells nothing of the time before.
//! * What tells of failures does not tell of its own: letters that cannot be sent stand under *Work*.

pub mod follow;
pub mod http;
mod letters;
mod sources;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use hearth_shared::time::Timestamp;
use jiff::tz::TimeZone;

use crate::auth::Role;
use crate::db::{Tx, Verbs};
use crate::error::Result;
use crate::house::members::MemberId;
use crate::house::{Language, stale};
use crate::jobs::schedule::{self, Rhythm, TimeOfDay};
use crate::post::MailAddress;
use crate::{row, sql, words};

/// How long what is told at once waits for more of it: ten things in a moment are one letter.
pub const GATHER_SECONDS: i64 = 20;

/// Something that people may want to hear of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    DueSoon,
    Expired,
    BelowMinimum,
    Question,
    ReceiptFailed,
    StationOffline,
    JobFailed,
    BackupFailed,
}
words!(Topic {
    DueSoon = "due-soon",
    Expired = "expired",
    BelowMinimum = "below-minimum",
    Question = "question",
    ReceiptFailed = "receipt-failed",
    StationOffline = "station-offline",
    JobFailed = "job-failed",
    BackupFailed = "backup-failed",
});

impl Topic {
    /// Whether it is any business of this role: the same as on the live channel.
    pub fn is_for(self, role: Role) -> bool {
        match (self, role) {
            (_, Role::Owner) => true,
            (Topic::BackupFailed, _) => false,
            (Topic::StationOffline | Topic::JobFailed, role) => role == Role::Member,
            _ => true,
        }
    }

    fn usual(self) -> When {
        match self {
            Topic::DueSoon | Topic::Expired | Topic::BelowMinimum | Topic::Question => When::Digest,
            Topic::BackupFailed => When::AtOnce,
            Topic::ReceiptFailed | Topic::StationOffline | Topic::JobFailed => When::Off,
        }
    }
}

/// When something is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Off,
    /// With the daily letter.
    Digest,
    AtOnce,
}
words!(When { Off = "off", Digest = "digest", AtOnce = "at-once" });

/// What somebody chose about a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = NotificationChoice)]
pub struct Choice {
    pub about: Topic,
    pub when: When,
}

/// Hours in which no letter comes; over midnight when the end is before the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    pub from: TimeOfDay,
    pub until: TimeOfDay,
}

impl Quiet {
    /// The end of the quiet hours that `at` is in; none when it is in none.
    pub fn end(self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let moment = jiff::Timestamp::from_millisecond(at.millis()).ok()?.to_zoned(zone.clone());
        let now = format!("{:02}:{:02}", moment.hour(), moment.minute());
        let (from, until) = (self.from.to_string(), self.until.to_string());
        let within = match from <= until {
            true => from <= now && now < until,
            false => from <= now || now < until,
        };
        within.then(|| Rhythm::Daily(self.until).next(at, zone))
    }
}

/// What a person wants to be told, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wishes {
    pub mail: Option<MailAddress>,
    pub digest_at: TimeOfDay,
    pub quiet: Option<Quiet>,
    pub choices: Vec<Choice>,
    /// 0 for somebody who never said anything.
    pub version: i64,
}

impl Default for Wishes {
    fn default() -> Wishes {
        let digest_at = TimeOfDay::parse("07:30").unwrap_or(TimeOfDay::MIDNIGHT);
        Wishes { mail: None, digest_at, quiet: None, choices: usual(&[]), version: 0 }
    }
}

/// Every topic, with what was chosen or else is usual.
fn usual(chosen: &[Choice]) -> Vec<Choice> {
    let choice = |about: &Topic| chosen.iter().rev().find(|choice| choice.about == *about).copied();
    let one = |about: &Topic| choice(about).unwrap_or(Choice { about: *about, when: about.usual() });
    Topic::ALL.iter().map(one).collect()
}

impl Wishes {
    pub fn when(&self, topic: Topic) -> When {
        self.choices.iter().find(|choice| choice.about == topic).map_or(When::Off, |choice| choice.when)
    }

    /// When a letter goes that tells of something that happens now; none when it is not wanted.
    fn due(&self, topic: Topic, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let due = match self.when(topic) {
            When::Off => return None,
            When::Digest => Rhythm::Daily(self.digest_at).next(now, zone),
            When::AtOnce => now.plus_seconds(GATHER_SECONDS),
        };
        Some(self.quiet.and_then(|quiet| quiet.end(due, zone)).unwrap_or(due))
    }
}

struct Kept {
    mail: Option<MailAddress>,
    digest_at: String,
    quiet_from: Option<String>,
    quiet_until: Option<String>,
    choices: String,
    version: i64,
}
row!(Kept { mail, digest_at, quiet_from, quiet_until, choices, version });

impl Kept {
    fn wishes(self) -> Wishes {
        let time = |text: Option<String>| text.as_deref().and_then(TimeOfDay::parse);
        let quiet = match (time(self.quiet_from), time(self.quiet_until)) {
            (Some(from), Some(until)) => Some(Quiet { from, until }),
            _ => None,
        };
        let choice = |word: &str| {
            let (about, when) = word.split_once('=')?;
            Some(Choice { about: about.parse().ok()?, when: when.parse().ok()? })
        };
        let chosen: Vec<Choice> = self.choices.split_whitespace().filter_map(choice).collect();
        let digest_at = time(Some(self.digest_at)).unwrap_or(Wishes::default().digest_at);
        Wishes { mail: self.mail, digest_at, quiet, choices: usual(&chosen), version: self.version }
    }
}

/// What a person wants; what is usual where they never said.
pub fn wishes(tx: &Tx, member: MemberId) -> Result<Wishes> {
    let kept: Option<Kept> = tx.maybe(
        sql!(
            "SELECT mail, digest_at, quiet_from, quiet_until, choices, version FROM wishes
             WHERE member_id = $1"
        ),
        (member,),
    )?;
    Ok(kept.map(Kept::wishes).unwrap_or_default())
}

/// Changes what a person wants. What waits for them follows: its time is reckoned anew, and what is not
/// wanted any more is dropped.
pub fn wish(tx: &mut Tx, member: MemberId, new: &Wishes) -> Result<Wishes> {
    let current = wishes(tx, member)?;
    if current.version != new.version {
        return Err(stale(&http::Preferences::of(&current, Role::Owner, true)));
    }
    follow::begin(tx)?;
    let choices: Vec<String> =
        new.choices.iter().map(|choice| format!("{}={}", choice.about, choice.when)).collect();
    let (from, until) = (new.quiet.map(|it| it.from.to_string()), new.quiet.map(|it| it.until.to_string()));
    tx.run(
        sql!(
            "INSERT INTO wishes (member_id, mail, digest_at, quiet_from, quiet_until, choices, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (member_id) DO UPDATE
                SET mail = excluded.mail, digest_at = excluded.digest_at, quiet_from = excluded.quiet_from,
                    quiet_until = excluded.quiet_until, choices = excluded.choices,
                    version = excluded.version"
        ),
        (member, &new.mail, new.digest_at.to_string(), from, until, choices.join(" "), current.version + 1),
    )?;
    let wishes = wishes(tx, member)?;
    reckon_anew(tx, member, &wishes)?;
    Ok(wishes)
}

fn reckon_anew(tx: &mut Tx, member: MemberId, wishes: &Wishes) -> Result<()> {
    let (now, zone) = (tx.now(), schedule::zone(tx)?);
    for topic in Topic::ALL {
        match wishes.due(*topic, now, &zone).filter(|_| wishes.mail.is_some()) {
            Some(due) => tx.run(
                sql!("UPDATE notices SET due_at = $3 WHERE member_id = $1 AND topic = $2"),
                (member, *topic, due),
            )?,
            None => {
                tx.run(sql!("DELETE FROM notices WHERE member_id = $1 AND topic = $2"), (member, *topic))?
            }
        };
    }
    Ok(())
}

/// Somebody who is to be told something.
struct Listener {
    id: MemberId,
    role: Role,
    language: Language,
    wishes: Wishes,
}

/// Everybody of the house who has an address for mail.
fn listeners(tx: &Tx) -> Result<Vec<Listener>> {
    struct Person {
        id: MemberId,
        role: Role,
        language: Language,
    }
    row!(Person { id, role, language });
    let people: Vec<Person> = tx.all(
        sql!(
            "SELECT m.id, m.role, m.language FROM members m JOIN wishes w ON w.member_id = m.id
             WHERE m.revoked_at IS NULL AND w.mail IS NOT NULL ORDER BY m.id LIMIT 1000"
        ),
        (),
    )?;
    let listener = |Person { id, role, language }: Person| {
        wishes(tx, id).map(|wishes| Listener { id, role, language, wishes })
    };
    people.into_iter().map(listener).collect()
}
