//! Work that is done later, and surely.
//!
//! ```text
//! tx.enqueue(&THUMBNAILS, &Wish { picture })?;      // stored with the change that asks for it
//! ```
//!
//! A job is a row. It is written in the transaction of the change that asks for it, so there is never one
//! without the other. A worker takes it for a while (a lease), does what has to be done outside of the
//! database, and answers with a closure, the *settlement*: what the work means for the house. That closure
//! runs in the transaction that deletes the row. So the outside part happens at least once, and what it
//! means for the house exactly once, even when a process dies in between, when a lease runs out under a slow
//! worker, or when the answer of a commit is lost.
//!
//! * Many processes may work on one database: a claim takes rows that nobody holds, and whoever settles must
//!   still hold the row.
//! * What fails waits and is tried again, by the pauses of its [`Kind`]; then it is given up and shown to
//!   people with the reason, who try it again or drop it. Nothing disappears by itself.
//! * A process that ends in order gives its jobs back and no attempt is counted. One that is killed costs an
//!   attempt, so that work which kills whoever does it comes to an end.
//! * A clock that is set back does not put work off: a row that began to wait in the future begins again.
//! * A restored backup knows of work that may have been done since. What stays inside the house is simply
//!   done again; what leaves it ([`Reach::Outward`]) is set aside for a person to decide.

pub mod chores;
pub mod http;
pub mod schedule;
mod workers;

#[cfg(test)]
mod tests;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use hearth_shared::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use crate::app::App;
use crate::bus::Channel;
use crate::db::{Tx, Verbs};
use crate::error::{Error, Result};
use crate::{id_columns, row, sql, words};

pub use self::workers::{Plan, Workers};

hearth_shared::id! {
    /// A piece of work.
    JobId,
}
id_columns!(JobId);

/// The most bytes of a job's payload: it names what to work on and does not carry it.
pub const LARGEST: usize = 16 * 1024;
/// How long what was given up stays to be looked at.
pub const FAILED_KEPT_SECONDS: i64 = 90 * 24 * 3600;

/// A kind of work: how it is done, and how often it is tried.
pub struct Kind {
    /// Such as `house.tidy`. Never changes once released: rows carry it.
    pub name: &'static str,
    pub pauses: Pauses,
    /// How long one attempt may take. Then it is stopped and counts as failed.
    pub within: Duration,
    /// How many of this kind one process does at a time.
    pub at_once: usize,
    pub reach: Reach,
    pub run: fn(App, Held) -> Run,
}

/// Whether doing it is felt outside of the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Doing it once more is of no consequence.
    Inward,
    /// A message, an order, a payment. After a restored backup a person decides.
    Outward,
}

/// How long to wait after each failure, in seconds. After the last one it is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pauses(pub &'static [i64]);

impl Pauses {
    /// For what fails by accident and inside the house.
    pub const QUICK: Pauses = Pauses(&[1, 5, 30, 120]);
    /// For a service in the neighbourhood that somebody is waiting for.
    pub const PATIENT: Pauses = Pauses(&[30, 120, 480, 1_920]);
    /// For the world outside, which may be away for a day.
    pub const STUBBORN: Pauses = Pauses(&[10, 60, 300, 1_800, 7_200, 21_600, 43_200, 86_400]);
}

impl Kind {
    /// How often it is tried before it is given up.
    pub fn tries(&self) -> i64 {
        i64::try_from(self.pauses.0.len()).unwrap_or(i64::MAX).saturating_add(1)
    }

    /// A lease is longer than an attempt may take, by the time it takes to settle.
    fn lease_seconds(&self) -> i64 {
        i64::try_from(self.within.as_secs()).unwrap_or(i64::MAX / 4_000) + 60
    }
}

/// What a worker answers when it is done: what the work means for the house.
pub type Settle = Arc<dyn Fn(&mut Tx) -> Result<()> + Send + Sync>;
pub type Run = Pin<Box<dyn Future<Output = Result<Settle, Failure>> + Send>>;

/// The work was all; nothing of the house changes by it.
pub fn nothing() -> Settle {
    Arc::new(|_| Ok(()))
}

/// A settlement from a closure.
pub fn settle(change: impl Fn(&mut Tx) -> Result<()> + Send + Sync + 'static) -> Settle {
    Arc::new(change)
}

/// Why an attempt failed.
#[derive(Debug)]
pub enum Failure {
    /// It may go better later.
    Again(Error),
    /// It may go better, and the other side said when: after so many seconds.
    After(i64, Error),
    /// It will never go.
    Final(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        match error.retry_after() {
            Some(seconds) => Failure::After(i64::from(seconds), error),
            None => Failure::Again(error),
        }
    }
}

impl Failure {
    fn error(&self) -> &Error {
        match self {
            Failure::Again(error) | Failure::After(_, error) | Failure::Final(error) => error,
        }
    }
}

/// A job in the hands of the one who does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub id: JobId,
    pub kind: &'static str,
    /// 1 the first time.
    pub attempt: i64,
    /// Whose change asked for it.
    pub actor: String,
    /// The request that asked for it; empty when none did.
    pub request: String,
    holder: String,
    payload: String,
}

impl Held {
    /// What the work needs to know. One that cannot be read will never be.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_str(&self.payload).map_err(|e| {
            Failure::Final(Error::broken("job-shape", "What this work is about cannot be read.").because(e))
        })
    }
}

impl Tx {
    /// Asks for work to be done as soon as this is committed.
    pub fn enqueue(&mut self, kind: &Kind, payload: &impl Serialize) -> Result<JobId> {
        self.enqueue_in(0, kind, payload)
    }

    /// The same, not before so many seconds from now.
    pub fn enqueue_in(&mut self, seconds: i64, kind: &Kind, payload: &impl Serialize) -> Result<JobId> {
        let shape = |e| Error::broken("job-shape", "Work could not be written down.").because(e);
        let payload = serde_json::to_string(payload).map_err(shape)?;
        if payload.len() > LARGEST {
            return Err(Error::too_large(
                "job-too-large",
                "This is too much for one piece of work; split it.",
            ));
        }
        let (id, now): (JobId, _) = (self.new_id(), self.now());
        let (actor, due) = (self.actor().key(), now.plus_seconds(seconds.max(0)));
        let request = self.request().map(ToString::to_string).unwrap_or_default();
        self.run(
            sql!(
                "INSERT INTO jobs (id, kind, payload, actor, request, enqueued_at, since_at, due_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $6, $7)"
            ),
            (id, kind.name, payload, actor, request, now, due),
        )?;
        self.wake_workers();
        Ok(id)
    }
}

/// When the next job of a kind may be taken; in the past when one waits to be.
fn next_due(tx: &Tx, kind: &str) -> Result<Option<Timestamp>> {
    tx.maybe(
        sql!("SELECT due_at FROM jobs WHERE kind = $1 AND failed_at IS NULL ORDER BY due_at, id LIMIT 1"),
        (kind,),
    )
}

/// A claimed row: id, payload, attempts, actor, request.
pub(crate) type Claimed = (JobId, String, i64, String, String);

/// Takes jobs of a kind whose time has come.
fn claim(tx: &mut Tx, engine: crate::db::Engine, kind: &Kind, holder: &str, limit: i64) -> Result<Vec<Held>> {
    let until = tx.now().plus_seconds(kind.lease_seconds());
    let mut rows = crate::db::claim_jobs(tx, engine, kind.name, holder, until, limit)?;
    rows.sort_unstable_by_key(|(id, ..)| *id);
    let held = |(id, payload, attempt, actor, request)| {
        let holder = holder.to_owned();
        Held { id, kind: kind.name, attempt, actor, request, holder, payload }
    };
    Ok(rows.into_iter().map(held).collect())
}

/// Ends a job and does what it means for the house. False when somebody else holds it by now, or it is
/// gone: then nothing is done.
fn finish(tx: &mut Tx, held: &Held, settle: &Settle) -> Result<bool> {
    let ended = tx.run(
        sql!("DELETE FROM jobs WHERE id = $1 AND holder = $2 AND attempts = $3"),
        (held.id, &held.holder, held.attempt),
    )?;
    if ended == 1 {
        settle(tx)?;
    }
    Ok(ended == 1)
}

/// Puts a job off after a failure, or gives it up.
fn fail(tx: &mut Tx, kind: &Kind, held: &Held, failure: &Failure) -> Result<()> {
    let step = usize::try_from(held.attempt - 1).unwrap_or(usize::MAX);
    let pause = match failure {
        Failure::Final(_) => None,
        Failure::Again(_) => kind.pauses.0.get(step).copied(),
        Failure::After(seconds, _) => kind.pauses.0.get(step).map(|pause| (*pause).max(*seconds)),
    };
    let error = failure.error();
    let Some(pause) = pause else { return give_up(tx, held, error) };
    tx.run(
        sql!(
            "UPDATE jobs SET holder = NULL, since_at = $4, due_at = $5, error_code = $6, error = $7
             WHERE id = $1 AND holder = $2 AND attempts = $3"
        ),
        (
            held.id,
            &held.holder,
            held.attempt,
            tx.now(),
            tx.now().plus_seconds(pause),
            error.code(),
            error.detail(),
        ),
    )?;
    Ok(())
}

fn give_up(tx: &mut Tx, held: &Held, error: &Error) -> Result<()> {
    let given_up: Option<Job> = tx.maybe(
        sql!(
            "UPDATE jobs SET holder = NULL, failed_at = $4, error_code = $5, error = $6
             WHERE id = $1 AND holder = $2 AND attempts = $3
             RETURNING id, kind, actor, request, enqueued_at, since_at, due_at, attempts, holder, failed_at,
                error_code, error"
        ),
        (held.id, &held.holder, held.attempt, tx.now(), error.code(), error.detail()),
    )?;
    match given_up {
        Some(job) => tx.publish(Channel::HOUSE, "job.failed", job.id, &job.view()),
        None => Ok(()),
    }
}

/// Gives back what a process holds that stops in order; `but` are those it is still at.
fn give_back(tx: &mut Tx, holder: &str, but: &[JobId]) -> Result<u64> {
    let held: Vec<(JobId,)> = tx.all(sql!("SELECT id FROM jobs WHERE holder = $1"), (holder,))?;
    let mut given = 0;
    for (id,) in held.into_iter().filter(|(id,)| !but.contains(id)) {
        given += tx.run(
            sql!(
                "UPDATE jobs SET holder = NULL, attempts = attempts - 1, since_at = $3, due_at = $3
                 WHERE id = $1 AND holder = $2"
            ),
            (id, holder, tx.now()),
        )?;
    }
    Ok(given)
}

/// Frees what a dead process held, when there can be no other than this one.
fn free_the_dead(tx: &mut Tx) -> Result<u64> {
    tx.run(
        sql!("UPDATE jobs SET holder = NULL, since_at = $1, due_at = $1 WHERE holder IS NOT NULL"),
        (tx.now(),),
    )
}

/// Lets what began to wait in the future, because the clock was set back since, begin anew.
fn mend_times(tx: &mut Tx) -> Result<u64> {
    let now = tx.now();
    let mended = tx.run(
        sql!(
            "UPDATE jobs SET due_at = $1 + (due_at - since_at), since_at = $1
             WHERE failed_at IS NULL AND since_at > $2"
        ),
        (now, now.plus_seconds(60)),
    )?;
    schedule::mend_times(tx).map(|chores| mended + chores)
}

/// After a restored backup: what would be felt outside is set aside. Answers how much that was.
pub fn set_outward_aside(tx: &mut Tx, kinds: &[&Kind]) -> Result<u64> {
    let mut aside = 0;
    let waiting: Vec<(String, i64)> = tx.all(
        sql!("SELECT kind, CAST(COUNT(*) AS BIGINT) FROM jobs WHERE failed_at IS NULL GROUP BY kind ORDER BY kind"),
        (),
    )?;
    for (name, _) in waiting {
        let known = kinds.iter().find(|kind| kind.name == name);
        if known.is_some_and(|kind| kind.reach == Reach::Inward) {
            continue;
        }
        aside += tx.run(
            sql!(
                "UPDATE jobs SET holder = NULL, failed_at = $2, error_code = 'restored', error = $3
                 WHERE kind = $1 AND failed_at IS NULL"
            ),
            (
                name,
                tx.now(),
                "This waited when the backup was made and may have been done since. Try it again if it was not.",
            ),
        )?;
    }
    Ok(aside)
}

/// Forgets what was given up long ago.
pub fn prune(tx: &mut Tx) -> Result<u64> {
    tx.run(
        sql!("DELETE FROM jobs WHERE failed_at IS NOT NULL AND failed_at <= $1"),
        (tx.now().plus_seconds(-FAILED_KEPT_SECONDS),),
    )
}

/// A job as it stands in the database.
#[derive(Debug)]
pub struct Job {
    id: JobId,
    kind: String,
    actor: String,
    request: String,
    enqueued_at: Timestamp,
    since_at: Timestamp,
    due_at: Timestamp,
    attempts: i64,
    holder: Option<String>,
    failed_at: Option<Timestamp>,
    error_code: Option<String>,
    error: Option<String>,
}
row!(Job {
    id,
    kind,
    actor,
    request,
    enqueued_at,
    since_at,
    due_at,
    attempts,
    holder,
    failed_at,
    error_code,
    error,
});

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    Waiting,
    Running,
    Failed,
}
words!(JobState { Waiting = "waiting", Running = "running", Failed = "failed" });

/// A job as people see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
pub struct View {
    pub id: JobId,
    /// Such as `house.tidy`.
    pub kind: String,
    pub state: JobState,
    /// Whose change asked for it.
    pub actor: String,
    /// The request that asked for it; empty when none did.
    pub request: String,
    #[schema(value_type = String, format = DateTime)]
    pub enqueued_at: Timestamp,
    /// Since when it waits or runs, or when it was given up.
    #[schema(value_type = String, format = DateTime)]
    pub since_at: Timestamp,
    /// When it is tried next, while it waits.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// How often it was begun.
    pub attempts: i64,
    /// Why the last attempt failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobReason)]
pub struct Reason {
    pub code: String,
    pub detail: String,
}

impl Job {
    fn state(&self) -> JobState {
        match (&self.failed_at, &self.holder) {
            (Some(_), _) => JobState::Failed,
            (None, Some(_)) => JobState::Running,
            (None, None) => JobState::Waiting,
        }
    }

    pub fn view(self) -> View {
        let state = self.state();
        let detail = self.error.unwrap_or_default();
        View {
            id: self.id,
            kind: self.kind,
            state,
            actor: self.actor,
            request: self.request,
            enqueued_at: self.enqueued_at,
            since_at: self.failed_at.unwrap_or(self.since_at),
            due_at: (state == JobState::Waiting).then_some(self.due_at),
            attempts: self.attempts,
            reason: self.error_code.map(|code| Reason { code, detail }),
        }
    }
}

/// What was given up, newest first.
pub fn failed(tx: &Tx, before: Option<(Timestamp, JobId)>, limit: i64) -> Result<Vec<Job>> {
    let (at, id) =
        before.map_or((Timestamp::from_millis(i64::MAX), String::new()), |(at, id)| (at, id.to_string()));
    tx.all(
        sql!(
            "SELECT id, kind, actor, request, enqueued_at, since_at, due_at, attempts, holder, failed_at,
                error_code, error
             FROM jobs WHERE failed_at IS NOT NULL AND (failed_at < $1 OR (failed_at = $1 AND id < $2))
             ORDER BY failed_at DESC, id DESC LIMIT $3"
        ),
        (at, id, limit),
    )
}

/// What waits or runs, in the order in which it was asked for.
pub fn open(tx: &Tx, after: Option<JobId>, limit: i64) -> Result<Vec<Job>> {
    tx.all(
        sql!(
            "SELECT id, kind, actor, request, enqueued_at, since_at, due_at, attempts, holder, failed_at,
                error_code, error
             FROM jobs WHERE failed_at IS NULL AND id > $1 ORDER BY id LIMIT $2"
        ),
        (after.map(|id| id.to_string()).unwrap_or_default(), limit),
    )
}

/// How many jobs there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Counts {
    pub waiting: i64,
    pub running: i64,
    pub failed: i64,
}

pub fn counts(tx: &Tx) -> Result<Counts> {
    let open: i64 = tx.one(sql!("SELECT COUNT(*) FROM jobs WHERE failed_at IS NULL"), ())?;
    let running: i64 = tx.one(sql!("SELECT COUNT(*) FROM jobs WHERE holder IS NOT NULL"), ())?;
    let failed: i64 = tx.one(sql!("SELECT COUNT(*) FROM jobs WHERE failed_at IS NOT NULL"), ())?;
    Ok(Counts { waiting: open - running, running, failed })
}

/// When the job that should have been begun first was due; none when nothing waits.
pub fn longest_due(tx: &Tx, kinds: &[&Kind]) -> Result<Option<Timestamp>> {
    let due = kinds.iter().map(|kind| next_due(tx, kind.name)).collect::<Result<Vec<_>>>()?;
    Ok(due.into_iter().flatten().min())
}

/// What waits since before a moment waits since then: what was asked for in an invented past was asked for today.
pub fn wait_since(tx: &mut Tx, at: Timestamp) -> Result<()> {
    tx.run(
        sql!(
            "UPDATE jobs SET since_at = $1, due_at = $1
             WHERE kind > '' AND failed_at IS NULL AND holder IS NULL AND due_at < $1"
        ),
        (at,),
    )?;
    Ok(())
}

/// Begins what was given up from the start.
pub fn try_again(tx: &mut Tx, id: JobId) -> Result<View> {
    let begun: Option<Job> = tx.maybe(
        sql!(
            "UPDATE jobs SET failed_at = NULL, attempts = 0, since_at = $2, due_at = $2
             WHERE id = $1 AND failed_at IS NOT NULL
             RETURNING id, kind, actor, request, enqueued_at, since_at, due_at, attempts, holder, failed_at,
                error_code, error"
        ),
        (id, tx.now()),
    )?;
    let view = begun.ok_or_else(not_failed)?.view();
    tx.publish(Channel::HOUSE, "job.retried", id, &view)?;
    tx.wake_workers();
    Ok(view)
}

/// Drops what was given up.
pub fn drop_failed(tx: &mut Tx, id: JobId) -> Result<()> {
    let dropped = tx.run(sql!("DELETE FROM jobs WHERE id = $1 AND failed_at IS NOT NULL"), (id,))?;
    if dropped == 0 {
        return Err(not_failed());
    }
    tx.publish(Channel::HOUSE, "job.dropped", id, &serde_json::json!({ "id": id }))
}

fn not_failed() -> Error {
    Error::not_found("unknown-job", "There is no failed work with this id; perhaps somebody was faster.")
}

/// Forgets an earlier failure of a chore that is about to be done anew.
fn forget_failures(tx: &mut Tx, kind: &Kind) -> Result<()> {
    let forgotten: Vec<(JobId,)> = tx.all(
        sql!(
            "SELECT id FROM jobs WHERE kind = $1 AND failed_at IS NOT NULL AND failed_at > 0
             ORDER BY failed_at, id LIMIT 500"
        ),
        (kind.name,),
    )?;
    forgotten.into_iter().try_for_each(|(id,)| drop_failed(tx, id))
}

/// Rows that contradict themselves.
pub fn violations(tx: &Tx) -> Result<Vec<String>> {
    let odd: Vec<(String, String)> = tx.all(
        sql!(
            "SELECT CAST(id AS TEXT), kind FROM jobs
             WHERE (holder IS NOT NULL AND failed_at IS NOT NULL) OR attempts < 0
                OR (failed_at IS NOT NULL AND error_code IS NULL)
             ORDER BY id LIMIT 100"
        ),
        (),
    )?;
    Ok(odd.into_iter().map(|(id, kind)| format!("job {id} ({kind}) is in no state there is")).collect())
}
