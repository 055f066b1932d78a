//! The hub's own services: work in the background, and backups while people write.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hearth_hub::app::App;
use hearth_hub::auth::Actor;
use hearth_hub::backup;
use hearth_hub::bus::Channel;
use hearth_hub::db::{MIGRATIONS, Tx};
use hearth_hub::jobs::{Held, Kind, Pauses, Plan, Reach, Run, counts, settle};
use hearth_hub::testing::hub::{Setup, TestHub, run};
use hearth_hub::testing::postgres::{Disk, cluster};
use hearth_hub::testing::scratch;

use super::{Report, folder, millis, percentile};

const JOBS: usize = 10_000;
const DATABASE_MIB: usize = 500;
const WRITES_PER_SECOND: u64 = 200;

static COUNT: Kind = Kind {
    name: "bench.count",
    pauses: Pauses::QUICK,
    within: Duration::from_secs(60),
    at_once: 32,
    reach: Reach::Inward,
    run: count,
};
static KINDS: &[&Kind] = &[&COUNT];

fn count(_: App, held: Held) -> Run {
    Box::pin(async move {
        let (): () = held.read()?;
        Ok(settle(|tx| scratch::add(tx, "done", 1).map(drop)))
    })
}

fn setup(name: &str) -> Setup {
    let work = Plan { kinds: KINDS, chores: &[] };
    let folder = Some(folder(name));
    Setup { rehearse: false, migrations: scratch::migrations(), folder, work, ..Setup::default() }
}

/// Seconds to drain so many jobs, each of which counts once.
async fn drain(hub: &TestHub) -> f64 {
    let db = hub.app().db();
    for _ in 0..JOBS / 500 {
        let many = |tx: &mut Tx| (0..500).try_for_each(|_| tx.enqueue_in(5, &COUNT, &()).map(drop));
        db.write(&Actor::System, many).await.expect("the jobs are written down");
    }
    let begun = Instant::now();
    hub.advance(5);
    loop {
        let left = db.read(counts).await.expect("counts");
        if left.waiting + left.running == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let took = begun.elapsed().as_secs_f64();
    let done = db.read(|tx| scratch::count(tx, "done")).await.expect("a count");
    assert_eq!(usize::try_from(done), Ok(JOBS), "each effect once");
    took
}

pub(crate) fn jobs(report: &mut Report) {
    run(async {
        let hub = TestHub::start(setup("jobs")).await;
        report.add(
            "SQLite, one process, 10,000 jobs with an effect each",
            JOBS as f64 / drain(&hub).await,
            "jobs/s",
        );
        hub.stop().await;
    });
    let Some(cluster) = cluster(Disk::Faithful) else { return };
    let database = cluster.database();
    run(async {
        let on = |name| Setup { database_url: Some(database.url()), ..setup(name) };
        let (here, there) = (TestHub::start(on("jobs-a")).await, TestHub::start(on("jobs-b")).await);
        there.advance(5);
        let took = drain(&here).await;
        report.add("Postgres, two processes, 10,000 jobs, each effect once", JOBS as f64 / took, "jobs/s");
        here.stop().await;
        there.stop().await;
    });
}

/// Writes at a steady pace until told to stop; how long each took.
async fn write_steadily(app: App, stop: Arc<AtomicBool>) -> Vec<Duration> {
    let mut pace = tokio::time::interval(Duration::from_micros(1_000_000 / WRITES_PER_SECOND));
    let mut took = tokio::task::JoinSet::new();
    while !stop.load(Ordering::Relaxed) {
        pace.tick().await;
        let app = app.clone();
        took.spawn(async move {
            let begun = Instant::now();
            let change = |tx: &mut Tx| tx.publish(Channel::HOUSE, "bench.changed", 1, &1);
            app.db().write(&Actor::System, change).await.expect("a change");
            begun.elapsed()
        });
    }
    let mut all = took.join_all().await;
    all.sort_unstable();
    all
}

async fn while_writing<T>(app: &App, what: impl Future<Output = T>) -> (T, Vec<Duration>) {
    let stop = Arc::new(AtomicBool::new(false));
    let writing = tokio::spawn(write_steadily(app.clone(), stop.clone()));
    let done = what.await;
    stop.store(true, Ordering::Relaxed);
    (done, writing.await.expect("the writer"))
}

pub(crate) fn backup(report: &mut Report) {
    run(async {
        // Only what a real house has can be saved: a table of its own would be of another version.
        let hub = TestHub::start(Setup { migrations: MIGRATIONS, ..setup("backup") }).await;
        let db = hub.app().db();
        for mib in 0..DATABASE_MIB {
            let fill = move |tx: &mut Tx| {
                let text = "x".repeat((1 << 16) - 64);
                (0..16)
                    .try_for_each(|part| tx.publish(Channel::HOUSE, "bench.filled", mib * 16 + part, &text))
            };
            db.write(&Actor::System, fill).await.expect("the database fills");
        }
        let ((), before) = while_writing(hub.app(), tokio::time::sleep(Duration::from_secs(5))).await;
        let (settings, file) = (hub.app().settings().clone(), hub.folder().join("all.tar"));
        let now = hub.now();
        let begun = Instant::now();
        let save = tokio::task::spawn_blocking(move || backup::save(&settings, &file, now));
        let (saved, during) = while_writing(hub.app(), save).await;
        let bytes = saved.expect("a thread").expect("a backup");
        report.add("Backup of the database while it is written to", bytes as f64 / 1_048_576.0, "MiB");
        report.add("Backup, verified, took", begun.elapsed().as_secs_f64(), "s");
        report.add("Writes at 200/s before, p99", millis(percentile(&before, 0.99)), "ms");
        report.add("Writes at 200/s during the backup, median", millis(percentile(&during, 0.5)), "ms");
        report.add("Writes at 200/s during the backup, p99", millis(percentile(&during, 0.99)), "ms");
        report.add("Writes at 200/s during the backup, longest", millis(percentile(&during, 1.0)), "ms");
        let folder = hub.folder().to_owned();
        hub.stop().await;
        drop(std::fs::remove_dir_all(folder));
    });
}
