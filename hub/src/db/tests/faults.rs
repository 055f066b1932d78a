//! What happens when the ground gives way: full disks, locked and damaged files, servers that go.

use std::fs;
use std::time::Duration;

use super::*;
use crate::testing::postgres::{Disk, Stop, cluster};

fn refused(target: Target) -> Error {
    match Bench::try_open(target, true) {
        Ok(_) => panic!("the database opened"),
        Err(error) => error,
    }
}

#[test]
fn a_full_disk_fails_who_filled_it_and_nobody_else() {
    hub::run(async {
        let bench = Bench::open(file());
        bench.write(|tx| add(tx, "n", 1)).await.unwrap();
        bench.write(disk_of(60)).await.unwrap();
        let fill = bench.write(|tx| {
            for n in 0..200 {
                let id = format!("{n}");
                tx.run(
                    sql!("INSERT INTO scratch_values (id, words) VALUES ($1, $2)"),
                    (id, "x".repeat(4_000)),
                )?;
            }
            Ok(())
        });
        let small = (0..20).map(|_| bench.write(|tx| add(tx, "n", 1)));
        let (fill, small) = tokio::join!(fill, futures_util::future::join_all(small));
        let error = fill.unwrap_err();
        assert_eq!((error.code(), error.retry_after()), ("disk-full", Some(30)));
        assert!(small.iter().all(Result::is_ok), "{small:?}");
        bench.write(disk_of(100_000)).await.unwrap();
        assert_eq!(bench.count("n").await, 21);
        let left: i64 =
            bench.db.read(|tx| tx.one(sql!("SELECT COUNT(*) FROM scratch_values"), ())).await.unwrap();
        assert_eq!(left, 0);
    });
}

#[test]
fn a_file_that_is_no_database_is_not_touched() {
    let path = process::folder("db").join("hearth.db");
    let text = "Dear diary, ".repeat(1_000);
    fs::write(&path, &text).unwrap();
    let error = refused(Target::File(path.clone()));
    assert_eq!(error.code(), "database-damaged");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_database_of_something_else_is_left_alone() {
    let path = process::folder("db").join("hearth.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE songs (title TEXT)").unwrap();
    assert_eq!(refused(Target::File(path)).code(), "foreign-database");
}

#[test]
fn a_database_of_a_newer_version_is_refused_by_name() {
    on_each_target(|target, again| {
        let bench = Bench::open(target);
        hub::run(async {
            let add_step = |tx: &mut Tx| {
                tx.run(
                    sql!("INSERT INTO migrations (number, name, digest, applied_at) VALUES (9999, '9999_later', 'x', 0)"),
                    (),
                )
            };
            bench.write(add_step).await.unwrap();
        });
        bench.db.close();
        let error = refused(again);
        assert_eq!(error.code(), "newer-database");
        assert!(error.detail().contains("9999_later"), "{error}");
    });
}

#[test]
fn a_step_that_was_edited_after_its_release_is_refused() {
    on_each_target(|target, again| {
        let bench = Bench::open(target);
        hub::run(async {
            bench
                .write(|tx| tx.run(sql!("UPDATE migrations SET digest = 'x' WHERE number = 1"), ()))
                .await
                .unwrap();
        });
        bench.db.close();
        assert_eq!(refused(again).code(), "changed-migration");
    });
}

/// Hands a test the same place twice, on each engine.
fn on_each_target(test: impl Fn(Target, Target)) {
    let path = process::folder("db").join("hearth.db");
    test(Target::File(path.clone()), Target::File(path));
    if let Some(database) = postgres::database() {
        test(Target::Server(database.url()), Target::Server(database.url()));
    }
}

#[test]
fn a_damaged_page_is_named_and_ends_in_an_error() {
    let path = process::folder("db").join("hearth.db");
    let bench = Bench::open(Target::File(path.clone()));
    hub::run(async {
        for n in 0..2000 {
            let store = move |tx: &mut Tx| {
                let id = format!("{n:04}");
                tx.run(sql!("INSERT INTO scratch_values (id, words) VALUES ($1, $2)"), (id, "x".repeat(500)))
            };
            bench.write(store).await.unwrap();
        }
    });
    bench.db.close();
    // Who closes last may be a reader, and leave the log to the next; all is to be in the one file.
    let whole = rusqlite::Connection::open(&path).unwrap();
    whole.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| row.get::<_, i64>(0)).unwrap();
    drop(whole);
    let mut bytes = fs::read(&path).unwrap();
    let end = bytes.len();
    // The pages that were filled last: those of the rows above.
    bytes[end * 3 / 4..].fill(0xab);
    fs::write(&path, bytes).unwrap();
    let bench = Bench::open(Target::File(path));
    hub::run(async {
        let damage = bench.db.read(|tx| damage(tx, Engine::Sqlite)).await;
        let found = damage.as_ref().map(|found| !found.is_empty());
        assert!(found.unwrap_or(true), "{damage:?}");
        let read: Result<Vec<(String, String)>> =
            bench.db.read(|tx| tx.all(sql!("SELECT id, words FROM scratch_values ORDER BY id"), ())).await;
        let error = read.map(|rows| rows.len()).unwrap_err();
        assert_eq!(error.code(), "database-damaged", "{error:?}");
    });
}

#[test]
fn a_file_locked_by_another_program_is_waited_for_and_then_refused() {
    let path = process::folder("db").join("hearth.db");
    let bench = Bench::open(Target::File(path.clone()));
    let other = rusqlite::Connection::open(&path).unwrap();
    hub::run(async {
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let error = bench.write(|tx| add(tx, "n", 1)).await.unwrap_err();
        assert_eq!((error.code(), error.retry_after()), ("database-busy", Some(2)));
        let release = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            other.execute_batch("COMMIT").unwrap();
        };
        let (added, ()) = tokio::join!(bench.write(|tx| add(tx, "n", 1)), release);
        assert_eq!(added.unwrap(), 1);
    });
}

#[test]
fn an_address_without_a_server_is_a_clear_line() {
    let port = process::free_port();
    let error = refused(Target::Server(format!("postgres://anna@127.0.0.1:{port}/hearth")));
    assert_eq!(error.code(), "database-unavailable");
    let error = refused(Target::Server("postgres://anna@127.0.0.1/hearth?sslmode=require".into()));
    assert_eq!(error.code(), "bad-database-url");
}

#[test]
fn a_server_that_goes_and_comes_back_loses_nothing() {
    let Some(cluster) = cluster(Disk::Forgetful) else { return };
    let database = cluster.database();
    let bench = Bench::open(Target::Server(database.url()));
    hub::run(async {
        bench.write(|tx| add(tx, "n", 1)).await.unwrap();
        for how in [Stop::Fast, Stop::Immediate] {
            process::aside(|| cluster.stop(how));
            let error = bench.write(|tx| add(tx, "n", 100)).await.unwrap_err();
            assert_eq!((error.code(), error.retry_after()), ("database-unavailable", Some(2)), "{error:?}");
            let error = bench.db.read(|tx| count(tx, "n")).await.unwrap_err();
            assert_eq!(error.code(), "database-unavailable");
            process::aside(|| cluster.start());
            bench.write(|tx| add(tx, "n", 1)).await.unwrap();
        }
        assert_eq!(bench.count("n").await, 3);
        assert_eq!(bench.published().len(), 0);
    });
    bench.db.close();
}

#[test]
fn two_processes_on_one_hot_row_queue_instead_of_colliding() {
    let Some(database) = postgres::database() else { return };
    let one = Bench::try_open(Target::Server(database.url()), false).unwrap();
    let two = Bench::try_open(Target::Server(database.url()), false).unwrap();
    hub::run(async {
        let callers = (0..32).map(|n| {
            let bench = if n % 2 == 0 { &one } else { &two };
            async move {
                for _ in 0..20 {
                    let change = |tx: &mut Tx| {
                        let n = add(tx, "hot", 1)?;
                        tx.publish(Channel::HOUSE, "test.added", "hot", &n)
                    };
                    bench.write(change).await.unwrap();
                }
            }
        });
        futures_util::future::join_all(callers).await;
        assert_eq!(one.count("hot").await, 640);
    });
    let mut numbers: Vec<i64> =
        one.published().into_iter().chain(two.published()).map(|(seq, _)| seq).collect();
    for bench in [&one, &two] {
        let own: Vec<i64> = bench.published().into_iter().map(|(seq, _)| seq).collect();
        assert!(own.is_sorted(), "each process publishes in the order of its commits");
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=640).collect::<Vec<_>>());
    let retries = one.metrics.database.retries() + two.metrics.database.retries();
    assert!(retries <= 6, "{retries} retries of 640 changes");
    one.db.close();
    two.db.close();
}

#[test]
fn changes_that_do_collide_are_tried_again_and_lose_nothing() {
    let Some(database) = postgres::database() else { return };
    let bench = Bench::try_open(Target::Server(database.url()), false).unwrap();
    hub::run(async {
        // Different keys go to different lanes, so these do not queue before each other.
        let callers = (0..16).map(|n| {
            let bench = &bench;
            async move {
                for _ in 0..10 {
                    let key = format!("venue-{n}");
                    bench.db.write_keyed(&key, &Actor::System, |tx| add(tx, "hot", 1)).await.unwrap();
                }
            }
        });
        futures_util::future::join_all(callers).await;
        assert_eq!(bench.count("hot").await, 160);
    });
    assert!(bench.metrics.database.retries() > 0, "nothing collided: the test shows nothing");
    bench.db.close();
}

#[test]
fn one_change_tells_of_thousands_and_is_bounded_by_what_they_weigh() {
    on_each(async |bench| {
        let tell = |count: usize, bytes: usize| {
            move |tx: &mut Tx| {
                let data = "x".repeat(bytes);
                (0..count).try_for_each(|n| tx.publish(Channel::HOUSE, "test.added", n, &data))
            }
        };
        bench.write(tell(3_000, 10)).await.unwrap();
        assert_eq!(bench.published().len(), 3_000);
        for (count, bytes) in [(20_001, 1), (1, 64 * 1024), (300, 60 * 1024)] {
            let error = bench.write(tell(count, bytes)).await.unwrap_err();
            assert_eq!(error.code(), "too-many-changes", "{count} of {bytes}");
        }
        // What a part announced and took back weighs nothing.
        let again = |tx: &mut Tx| {
            for _ in 0..3 {
                let part = |tx: &mut Tx| {
                    (0..200)
                        .try_for_each(|n| tx.publish(Channel::HOUSE, "test.added", n, &"x".repeat(60_000)))?;
                    Err::<(), Error>(Error::conflict("stale-version", "once more"))
                };
                tx.attempt(part).unwrap_err();
            }
            tx.publish(Channel::HOUSE, "test.added", "last", &1)
        };
        bench.write(again).await.unwrap();
        assert_eq!(bench.published().len(), 3_001);
    });
}
