//! Small durable writes: many callers through the lanes, against what one would write first.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hearth_hub::auth::Actor;
use hearth_hub::bus::Channel;
use hearth_hub::clock::Clock;
use hearth_hub::db::{Db, Options, Target, Tx, Upgrade};
use hearth_hub::telemetry::Metrics;
use hearth_hub::testing::postgres::{Disk, cluster};
use hearth_hub::testing::scratch;

use super::{Report, folder};

const CALLERS: usize = 64;
const SPAN: Duration = Duration::from_secs(3);
/// How often the two sides of a comparison take turns.
const ROUNDS: u32 = 3;

fn open(target: Target) -> (Db, Arc<Metrics>) {
    let metrics = Arc::new(Metrics::new());
    let options = Options {
        target,
        migrations: scratch::migrations(),
        upgrade: Upgrade::Apply,
        clock: Clock::System,
        metrics: metrics.clone(),
        sink: Arc::new(|_| {}),
        rehearse: false,
    };
    (Db::open(options).expect("the database opens"), metrics)
}

/// One change with its event, as every change of the hub has.
fn change(tx: &mut Tx) -> hearth_hub::error::Result<i64> {
    let n = scratch::add(tx, "hot", 1)?;
    tx.publish(Channel::HOUSE, "bench.added", "hot", &n)?;
    Ok(n)
}

/// Changes a second with many callers on one hot row.
fn through_lanes(dbs: &[Db]) -> f64 {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (done, begun) = (Arc::new(AtomicU64::new(0)), Instant::now());
        let callers = (0..CALLERS).map(|number| {
            let (db, done) = (dbs[number % dbs.len()].clone(), done.clone());
            tokio::spawn(async move {
                while begun.elapsed() < SPAN {
                    db.write(&Actor::System, change).await.expect("a change");
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
        });
        for caller in callers.collect::<Vec<_>>() {
            caller.await.expect("a caller");
        }
        done.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64()
    })
}

pub(crate) fn sqlite(report: &mut Report) {
    let folder = folder("sqlite");
    let (db, _) = open(Target::File(folder.join("lanes.db")));
    let alone = one_commit_each(&folder.join("plain.db"));
    let grouped = through_lanes(std::slice::from_ref(&db));
    let alone_again = one_commit_each(&folder.join("plain-2.db"));
    let counted = {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(db.read(|tx| scratch::count(tx, "hot"))).expect("a count")
    };
    report.add("SQLite FULL, 64 callers, one commit each", (alone + alone_again) / 2.0, "changes/s");
    report.add("SQLite FULL, 64 callers, through the lane", grouped, "changes/s");
    report.add("SQLite: lane over one commit each", grouped / ((alone + alone_again) / 2.0), "times");
    report.add("SQLite: changes in one commit", counted as f64 / db.commits().max(1) as f64, "changes");
    db.close();
    drop(std::fs::remove_dir_all(folder));
}

/// The same statements by the same number of callers, each with a commit of its own, on one connection
/// behind a lock.
fn one_commit_each(path: &std::path::Path) -> f64 {
    let connection = rusqlite::Connection::open(path).expect("a database");
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE counters (name TEXT PRIMARY KEY, n INTEGER) STRICT;
             CREATE TABLE channels (name TEXT PRIMARY KEY, seq INTEGER) STRICT;
             CREATE TABLE events (channel TEXT, seq INTEGER, type TEXT, entity_id TEXT, at INTEGER, data TEXT,
                 PRIMARY KEY (channel, seq)) STRICT;
             INSERT INTO counters VALUES ('hot', 0); INSERT INTO channels VALUES ('house', 0);",
        )
        .expect("the tables");
    let (connection, done, begun) = (Mutex::new(connection), AtomicU64::new(0), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..CALLERS {
            scope.spawn(|| {
                while begun.elapsed() < SPAN {
                    let connection = connection.lock().unwrap();
                    let run = |text: &str| {
                        connection
                            .prepare_cached(text)
                            .and_then(|mut s| s.raw_execute())
                            .expect("a statement")
                    };
                    run("BEGIN IMMEDIATE");
                    run("UPDATE counters SET n = n + 1 WHERE name = 'hot'");
                    run("UPDATE channels SET seq = seq + 1 WHERE name = 'house'");
                    run("INSERT INTO events SELECT 'house', seq, 'bench.added', 'hot', 0, '1' FROM channels");
                    run("COMMIT");
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    done.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64()
}

pub(crate) fn postgres(report: &mut Report) {
    let Some(cluster) = cluster(Disk::Faithful) else { return };
    let (plain, one, two) = (cluster.database(), cluster.database(), cluster.database());
    let (db, _) = open(Target::Server(one.url()));
    // A new cluster first has to make the files of its log; neither side shall pay for that.
    compete(&plain.url(), Isolation::Serializable);
    through_lanes(std::slice::from_ref(&db));
    // Three rounds, one after the other, so that a machine whose speed changes changes it for all.
    let (mut equal, mut weak, mut grouped, mut commits) = (0.0, 0.0, 0.0, 0);
    for _ in 0..ROUNDS {
        equal += compete(&plain.url(), Isolation::Serializable) / f64::from(ROUNDS);
        let before = db.commits();
        grouped += through_lanes(std::slice::from_ref(&db)) / f64::from(ROUNDS);
        commits += db.commits() - before;
        weak += compete(&plain.url(), Isolation::ReadCommitted) / f64::from(ROUNDS);
    }
    report.add("Postgres, 8 competing connections on one row, same guarantee", equal, "changes/s");
    report.add("Postgres, the same at READ COMMITTED", weak, "changes/s");
    report.add("Postgres, 64 callers through the lanes", grouped, "changes/s");
    report.add("Postgres: lanes over competing connections", grouped / equal, "times");
    report.add("Postgres: lanes over READ COMMITTED", grouped / weak, "times");
    report.add(
        "Postgres: changes in one commit",
        grouped * SPAN.as_secs_f64() * f64::from(ROUNDS) / commits.max(1) as f64,
        "changes",
    );
    db.close();

    let (here, measured_here) = open(Target::Server(two.url()));
    let (there, measured_there) = open(Target::Server(two.url()));
    let both = through_lanes(&[here.clone(), there.clone()]);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let counted = runtime.block_on(here.read(|tx| scratch::count(tx, "hot"))).expect("a count");
    report.add("Postgres, two processes' lanes on one row", both, "changes/s");
    let retries = measured_here.database.retries() + measured_there.database.retries();
    report.add(
        "Postgres, two processes: retries in a thousand changes",
        retries as f64 * 1e3 / counted as f64,
        "",
    );
    here.close();
    there.close();
}

/// What the eight connections are promised by the database.
#[derive(Clone, Copy)]
enum Isolation {
    /// What every change of the hub is promised. Who loses a race begins again.
    Serializable,
    /// Enough for this one change, because its statements read only what they lock.
    ReadCommitted,
}

/// The same change by eight connections that compete for the row, each in a transaction of its own.
fn compete(url: &str, isolation: Isolation) -> f64 {
    let mut setup = ::postgres::Client::connect(url, ::postgres::NoTls).expect("a connection");
    setup
        .batch_execute(
            "CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, n BIGINT);
             CREATE TABLE IF NOT EXISTS channels (name TEXT PRIMARY KEY, seq BIGINT);
             CREATE TABLE IF NOT EXISTS events (channel TEXT, seq BIGINT, type TEXT, entity_id TEXT, at BIGINT,
                 data TEXT, PRIMARY KEY (channel, seq));
             INSERT INTO counters VALUES ('hot', 0) ON CONFLICT DO NOTHING;
             INSERT INTO channels VALUES ('house', 0) ON CONFLICT DO NOTHING;",
        )
        .expect("the tables");
    let (done, begun) = (AtomicU64::new(0), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut client = ::postgres::Client::connect(url, ::postgres::NoTls).expect("a connection");
                let statements = [
                    "UPDATE counters SET n = n + 1 WHERE name = 'hot' RETURNING n",
                    "UPDATE channels SET seq = seq + 1 WHERE name = 'house' RETURNING seq",
                    "INSERT INTO events VALUES ('house', $1, 'bench.added', 'hot', 0, '1')",
                ]
                .map(|text| client.prepare(text).expect("a statement"));
                while begun.elapsed() < SPAN {
                    match compete_once(&mut client, &statements, isolation) {
                        Ok(()) => drop(done.fetch_add(1, Ordering::Relaxed)),
                        Err(error) => {
                            let code = error.code().expect("an answer of the server");
                            assert_eq!(code, &::postgres::error::SqlState::T_R_SERIALIZATION_FAILURE);
                        }
                    }
                }
            });
        }
    });
    done.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64()
}

fn compete_once(
    client: &mut ::postgres::Client,
    [count, number, store]: &[::postgres::Statement; 3],
    isolation: Isolation,
) -> Result<(), ::postgres::Error> {
    let level = match isolation {
        Isolation::Serializable => ::postgres::IsolationLevel::Serializable,
        Isolation::ReadCommitted => ::postgres::IsolationLevel::ReadCommitted,
    };
    let mut transaction = client.build_transaction().isolation_level(level).start()?;
    transaction.query_one(count, &[])?;
    let seq: i64 = transaction.query_one(number, &[])?.get(0);
    transaction.execute(store, &[&seq])?;
    transaction.commit()
}
