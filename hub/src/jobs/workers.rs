//! Those who do the work: one task that looks for it, and one for each job in hand.
//!
//! The looking task wakes when something was enqueued in this process, when a job ends, and once a second
//! for what other processes enqueued and what has become due. It takes no more than there are free hands for,
//! so what it holds is being done.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinHandle, JoinSet};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use crate::app::App;
use crate::auth::{Actor, hex};
use crate::clock;
use crate::db::Tx;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::trail;

use super::schedule::{self, Chore};
use super::{
    Failure, Held, JobId, Kind, Settle, claim, fail, finish, free_the_dead, give_back, mend_times, next_due,
};

/// How often the database is looked at for work that nothing here told of.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long work in hand may go on when the hub stops. What is not done then is given back.
const DRAIN: Duration = Duration::from_secs(5);
/// A clock that is this much earlier than it should be was set back.
const SET_BACK: i64 = 30_000;
/// The pauses between attempts to write down how a job ended, while the database is away.
const SETTLE_PAUSES: [u64; 4] = [1, 5, 15, 30];

/// What there is to be done here.
#[derive(Clone, Copy)]
pub struct Plan {
    pub kinds: &'static [&'static Kind],
    pub chores: &'static [Chore],
}

/// The workers of a hub. They stop when told to, and with the runtime otherwise.
pub struct Workers {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Workers {
    pub fn start(app: &App, plan: Plan) -> Workers {
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(Office::new(app.clone(), plan).serve(stopped));
        Workers { stop, task }
    }

    /// Lets what is in hand end within a few seconds and gives the rest back.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the workers did not end in order");
        }
    }
}

/// The task that looks for work.
struct Office {
    app: App,
    plan: Plan,
    /// The name under which this process holds jobs; another one after each start.
    holder: String,
    hands: JoinSet<()>,
    in_hand: HashMap<Id, (JobId, &'static str)>,
    /// A claim whose answer was lost may have left us jobs that we do not know of.
    in_doubt: bool,
    /// The latest moment seen, to notice when the clock is set back.
    latest: i64,
}

impl Office {
    fn new(app: App, plan: Plan) -> Office {
        let latest = app.clock().now().millis();
        let holder = hex(&clock::random::<8>());
        Office { app, plan, holder, hands: JoinSet::new(), in_hand: HashMap::new(), in_doubt: false, latest }
    }

    async fn serve(mut self, mut stop: watch::Receiver<bool>) {
        self.begin().await;
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let app = self.app.clone();
        while !*stop.borrow() {
            tokio::select! {
                // An error means that the sender is gone, and with it the hub.
                changed = stop.changed() => if changed.is_err() { break },
                () = app.db().workers().notified() => {}
                _ = look.tick() => {}
                Some(ended) = self.hands.join_next_with_id() => self.ended(ended),
            }
            while let Some(ended) = self.hands.try_join_next_with_id() {
                self.ended(ended);
            }
            if let Err(error) = self.look().await {
                self.in_doubt = true;
                tracing::debug!(error = error.chain(), "work cannot be looked for now");
            }
        }
        self.end().await;
    }

    /// What the process before us held is free when there can be no other.
    async fn begin(&mut self) {
        let alone = self.app.settings().database_url.is_none();
        let free = move |tx: &mut Tx| {
            let freed = if alone { free_the_dead(tx)? } else { 0 };
            Ok(freed + mend_times(tx)?)
        };
        match self.app.db().write(&Actor::System, free).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "work that a dead process left behind is taken up again"),
            Err(error) => tracing::warn!(error = error.chain(), "the jobs could not be looked through"),
        }
    }

    fn ended(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
        self.in_hand.remove(&id);
    }

    /// Brings what is due into free hands.
    async fn look(&mut self) -> Result<()> {
        self.mend().await?;
        let (kinds, chores, settings) = (self.plan.kinds, self.plan.chores, self.app.settings().clone());
        let planned = settings.clone();
        let look = move |tx: &Tx| {
            let due: Vec<bool> = kinds
                .iter()
                .map(|kind| Ok(next_due(tx, kind.name)?.is_some_and(|due| due <= tx.now())))
                .collect::<Result<_>>()?;
            let chore = schedule::plan(tx, chores, &planned)?.iter().any(|it| it.is_due(tx.now()));
            Ok((due, chore))
        };
        let (due, chore) = self.app.db().read(look).await?;
        if chore {
            let put = move |tx: &mut Tx| schedule::put_to_work(tx, chores, &settings);
            self.app.db().write(&Actor::System, put).await?;
        }
        for (kind, due) in kinds.iter().zip(due) {
            let busy = self.in_hand.values().filter(|(_, name)| *name == kind.name).count();
            if due && busy < kind.at_once {
                self.take(kind, kind.at_once - busy).await?;
            }
        }
        Ok(())
    }

    async fn take(&mut self, kind: &'static Kind, free: usize) -> Result<()> {
        let (engine, holder) = (self.app.db().engine(), self.holder.clone());
        let limit = i64::try_from(free).unwrap_or(1);
        let taken =
            self.app.db().write(&Actor::System, move |tx| claim(tx, engine, kind, &holder, limit)).await?;
        for held in taken {
            let (id, app) = (held.id, self.app.clone());
            let hand = self.hands.spawn(trail::follow(&held.request.clone(), carry_out(app, kind, held)));
            self.in_hand.insert(hand.id(), (id, kind.name));
        }
        Ok(())
    }

    /// After a doubt, gives back what we hold without knowing it; after the clock was set back, lets what
    /// waits begin anew.
    async fn mend(&mut self) -> Result<()> {
        if self.in_doubt {
            let (holder, known) = (self.holder.clone(), self.known());
            self.app.db().write(&Actor::System, move |tx| give_back(tx, &holder, &known)).await?;
            self.in_doubt = false;
        }
        let now = self.app.clock().now().millis();
        if now < self.latest.saturating_sub(SET_BACK) {
            self.app.db().write(&Actor::System, mend_times).await?;
            tracing::warn!("the clock was set back; what waits began to wait anew");
            self.latest = now;
        }
        self.latest = self.latest.max(now);
        Ok(())
    }

    fn known(&self) -> Vec<JobId> {
        self.in_hand.values().map(|(id, _)| *id).collect()
    }

    async fn end(&mut self) {
        let all = async { while self.hands.join_next().await.is_some() {} };
        if timeout(DRAIN, all).await.is_err() {
            self.hands.shutdown().await;
        }
        let holder = self.holder.clone();
        match self.app.db().write(&Actor::System, move |tx| give_back(tx, &holder, &[])).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "unfinished work was given back"),
            Err(error) => tracing::warn!(error = error.chain(), "unfinished work could not be given back"),
        }
    }
}

/// One job from the hand to its settlement.
async fn carry_out(app: App, kind: &'static Kind, held: Held) {
    let began = Instant::now();
    let outcome = match perform(&app, kind, &held).await {
        Ok(settle) => conclude(&app, &held, settle).await,
        Err(failure) => Err(failure),
    };
    let word = match &outcome {
        Ok(true) => "done",
        Ok(false) => "lost",
        Err(_) => "failed",
    };
    app.metrics().jobs.settled(kind.name, word, began.elapsed());
    let (id, attempt) = (held.id, held.attempt);
    let request_id = trail::current().map_or_else(|| "-".to_owned(), |id| id.to_string());
    match outcome {
        Ok(true) => tracing::debug!(job = %id, kind = kind.name, attempt, request_id, "work is done"),
        Ok(false) => {
            tracing::info!(job = %id, kind = kind.name, attempt, request_id, "somebody else has done this work");
        }
        Err(failure) => {
            let error = failure.error().chain();
            tracing::warn!(job = %id, kind = kind.name, attempt, request_id, error, "work failed");
            note_failure(&app, kind, held, failure).await;
        }
    }
}

/// Does the work itself, apart, so that a panic or endless work harms nobody else.
async fn perform(app: &App, kind: &'static Kind, held: &Held) -> Result<Settle, Failure> {
    if held.attempt > kind.tries() {
        let detail = "The hub ended in the middle of this, each time. It may be what ended it.";
        return Err(Failure::Final(Error::broken("job-interrupted", detail)));
    }
    let work = trail::follow(&held.request, (kind.run)(app.clone(), held.clone()));
    let mut apart = Apart(tokio::spawn(work));
    match timeout(kind.within, &mut apart.0).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(ended)) => {
            let said = ended.try_into_panic().ok().map(|panic| said(panic.as_ref())).unwrap_or_default();
            let error = Error::broken("panicked", "Something broke inside; it has been noted.");
            Err(Failure::Again(error.because(format!("{} panicked: {said}", kind.name))))
        }
        Err(_) => {
            let detail = format!("This took longer than the {} s it may take.", kind.within.as_secs());
            Err(Failure::Again(Error::broken("job-too-slow", detail)))
        }
    }
}

fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

/// A task that ends with whoever waits for it.
struct Apart(JoinHandle<Result<Settle, Failure>>);

impl Drop for Apart {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Settles; false when the job was not ours any more.
async fn conclude(app: &App, held: &Held, settle: Settle) -> Result<bool, Failure> {
    let held = held.clone();
    stubbornly(move || {
        let (held, settle) = (held.clone(), settle.clone());
        app.db().write(&Actor::System, move |tx| finish(tx, &held, &settle))
    })
    .await
    .map_err(Failure::Again)
}

async fn note_failure(app: &App, kind: &'static Kind, held: Held, failure: Failure) {
    let (id, failure) = (held.id, Arc::new(failure));
    let noted = stubbornly(move || {
        let (held, failure) = (held.clone(), failure.clone());
        app.db().write(&Actor::System, move |tx| fail(tx, kind, &held, &failure))
    });
    if let Err(error) = noted.await {
        // The lease runs out, and it is tried again.
        tracing::warn!(job = %id, error = error.chain(), "a failure could not be noted");
    }
}

/// Tries a write again while the database is away.
async fn stubbornly<T, F: Future<Output = Result<T>>>(write: impl Fn() -> F) -> Result<T> {
    for pause in SETTLE_PAUSES {
        match write().await {
            Err(error) if error.kind() == ErrorKind::Unavailable => sleep(Duration::from_secs(pause)).await,
            answer => return answer,
        }
    }
    write().await
}
