//! What both engines promise, checked on both, with every write rehearsed.

mod faults;
mod schema;

use std::sync::{Arc, Mutex, PoisonError};

use hearth_shared::id::Id;

use crate::bus::{Channel, Event};
use crate::sql;
use crate::testing::scratch::{self, add, count};
use crate::testing::{hub, postgres, process};

use super::*;

/// A database with the scratch tables, and what it published.
struct Bench {
    db: Db,
    published: Arc<Mutex<Vec<Event>>>,
    metrics: Arc<Metrics>,
}

impl Bench {
    fn open(target: Target) -> Bench {
        Bench::try_open(target, true).unwrap_or_else(|error| panic!("the database opens: {error:?}"))
    }

    fn try_open(target: Target, rehearse: bool) -> Result<Bench> {
        let (published, metrics) = (Arc::new(Mutex::default()), Arc::new(Metrics::new()));
        let db = Db::open(Options {
            target,
            migrations: scratch::migrations(),
            upgrade: Upgrade::Apply,
            clock: Clock::manual(hub::BEGINNING.parse().unwrap()),
            metrics: metrics.clone(),
            sink: {
                let published: Arc<Mutex<Vec<Event>>> = published.clone();
                Arc::new(move |mut events| published.lock().unwrap().append(&mut events))
            },
            rehearse,
        })?;
        Ok(Bench { db, published, metrics })
    }

    async fn write<T, F>(&self, change: F) -> Result<T>
    where
        F: Fn(&mut Tx) -> Result<T> + Send + 'static,
        T: Debug + Send + 'static,
    {
        self.db.write(&Actor::System, change).await
    }

    async fn count(&self, name: &'static str) -> i64 {
        self.db.read(move |tx| count(tx, name)).await.unwrap()
    }

    fn published(&self) -> Vec<(i64, String)> {
        let published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        published.iter().map(|event| (event.seq, event.kind.to_string())).collect()
    }
}

fn file() -> Target {
    Target::File(process::folder("db").join("hearth.db"))
}

/// Runs a test on SQLite, and again on Postgres where there is one; each with every write rehearsed,
/// and once more without, as the program runs: groups are then taken on trust.
fn on_each(test: impl AsyncFn(Bench)) {
    on_each_rehearsed(&[true, false], test);
}

fn on_each_rehearsed(ways: &[bool], test: impl AsyncFn(Bench)) {
    hub::run(async {
        for rehearse in ways {
            let open = |target| Bench::try_open(target, *rehearse).expect("the database opens");
            test(open(file())).await;
            if let Some(database) = process::aside(postgres::database) {
                let bench = open(Target::Server(database.url()));
                let db = bench.db.clone();
                test(bench).await;
                process::aside(|| db.close());
            }
        }
    });
}

#[test]
fn every_portable_type_comes_back_as_it_went() {
    on_each(async |bench| {
        type All = (Option<i64>, Option<bool>, Option<f64>, Option<String>, Option<Vec<u8>>);
        let values: [All; 3] = [
            (Some(i64::MIN), Some(true), Some(-0.1), Some("Käse 🧀 '$1'".into()), Some(vec![0, 255])),
            (Some(i64::MAX), Some(false), Some(1e300), Some(String::new()), Some(vec![])),
            (None, None, None, None, None),
        ];
        for value in values {
            let written = value.clone();
            let read: All = bench
                .write(move |tx| {
                    let id: Id = tx.new_id();
                    let (a, b, c, d, e) = &written;
                    tx.run(
                        sql!(
                            "INSERT INTO scratch_values (id, whole, truth, broken, words, bytes)
                             VALUES ($1, $2, $3, $4, $5, $6)"
                        ),
                        (id, a, b, c, d, e),
                    )?;
                    tx.one(
                        sql!("SELECT whole, truth, broken, words, bytes FROM scratch_values WHERE id = $1"),
                        (id,),
                    )
                })
                .await
                .unwrap();
            assert_eq!(read, value);
        }
    });
}

#[test]
fn arguments_are_bound_by_number_wherever_they_stand() {
    on_each(async |bench| {
        let read: (String, String, String) = bench
            .db
            .read(|tx| {
                tx.one(
                    sql!("SELECT CAST($2 AS TEXT), CAST($1 AS TEXT), CAST($2 AS TEXT)"),
                    ("first", "second"),
                )
            })
            .await
            .unwrap();
        assert_eq!(read, ("second".into(), "first".into(), "second".into()));
    });
}

#[test]
fn a_nul_in_text_is_refused_by_both() {
    on_each(async |bench| {
        let error = bench.write(|tx| add(tx, "a\0b", 1)).await.unwrap_err();
        assert_eq!(error.kind(), crate::error::Kind::Invalid);
    });
}

#[test]
fn a_failed_statement_poisons_what_follows() {
    on_each(async |bench| {
        let error = bench
            .write(|tx| {
                add(tx, "kept", 1)?;
                // Below zero: the check constraint refuses, and the closure carries on regardless.
                let refused = add(tx, "kept", -5).unwrap_err();
                assert_eq!(refused.code(), "check-violation");
                assert_eq!(add(tx, "kept", 1).unwrap_err().code(), "transaction-poisoned");
                Ok(())
            })
            .await
            .unwrap_err();
        assert_eq!(error.code(), "transaction-poisoned");
        assert_eq!(bench.count("kept").await, 0);
    });
}

#[test]
fn an_attempt_recovers_and_takes_its_events_back() {
    on_each(async |bench| {
        let after = bench
            .write(|tx| {
                add(tx, "n", 1)?;
                tx.publish(Channel::HOUSE, "test.before", "n", &1)?;
                let failed = tx.attempt(|tx| {
                    add(tx, "n", 10)?;
                    tx.publish(Channel::HOUSE, "test.undone", "n", &2)?;
                    tx.attempt(|tx| add(tx, "n", 100))?;
                    add(tx, "n", -5_000)
                });
                assert_eq!(failed.unwrap_err().code(), "check-violation");
                tx.attempt(|tx| add(tx, "n", 3))?;
                tx.publish(Channel::HOUSE, "test.after", "n", &3)?;
                count(tx, "n")
            })
            .await
            .unwrap();
        assert_eq!(after, 4);
        assert_eq!(bench.published(), [(1, "test.before".into()), (2, "test.after".into())]);
    });
}

#[test]
fn what_is_known_is_read_once_until_it_is_written_or_taken_back() {
    on_each(async |bench| {
        let seen = bench
            .write(|tx| {
                let known = |tx: &Tx, name: &str| -> Result<Vec<i64>> {
                    tx.known(sql!("SELECT n FROM scratch_counters WHERE name = $1"), (name,))
                };
                let mut seen = vec![known(tx, "n")?, known(tx, "other")?];
                add(tx, "n", 1)?;
                seen.extend([known(tx, "n")?, known(tx, "n")?, known(tx, "other")?]);
                let undone: Result<()> = tx.attempt(|tx| {
                    add(tx, "n", 10)?;
                    assert_eq!(known(tx, "n")?, [11]);
                    Err(Error::invalid("invalid-request", "No."))
                });
                assert!(undone.is_err());
                seen.push(known(tx, "n")?);
                Ok(seen)
            })
            .await
            .unwrap();
        assert_eq!(seen, [vec![], vec![], vec![1], vec![1], vec![], vec![1]]);
    });
}

#[test]
fn constraints_have_one_name_on_both_engines() {
    on_each(async |bench| {
        let code = async |change: fn(&mut Tx) -> Result<u64>| bench.write(change).await.unwrap_err().code();
        let twice = code(|tx| {
            add(tx, "a", 1)?;
            tx.run(sql!("INSERT INTO scratch_counters (name, n) VALUES ('a', 1)"), ())
        });
        assert_eq!(twice.await, "unique-violation");
        let nobody =
            code(|tx| tx.run(sql!("INSERT INTO scratch_values (id, counter) VALUES ('x', 'nobody')"), ()));
        assert_eq!(nobody.await, "foreign-key-violation");
        let nothing =
            code(|tx| tx.run(sql!("INSERT INTO scratch_counters (name, n) VALUES ('b', NULL)"), ()));
        assert_eq!(nothing.await, "not-null-violation");
        let below = code(|tx| tx.run(sql!("INSERT INTO scratch_counters (name, n) VALUES ('b', -1)"), ()));
        assert_eq!(below.await, "check-violation");
    });
}

#[test]
fn neighbours_in_a_group_do_not_suffer_from_a_failure_or_a_panic() {
    on_each(async |bench| {
        let jobs = (0..60).map(|n| {
            bench.write(move |tx| {
                let now = add(tx, "n", 1)?;
                tx.publish(Channel::HOUSE, "test.added", "n", &now)?;
                match n % 6 {
                    1 => Err(Error::conflict("name-taken", "no")),
                    2 => panic!("a closure panics"),
                    _ => Ok(n),
                }
            })
        });
        let answers = futures_util::future::join_all(jobs).await;
        for (n, answer) in answers.iter().enumerate() {
            match n % 6 {
                1 => assert_eq!(answer.as_ref().unwrap_err().code(), "name-taken"),
                2 => assert_eq!(answer.as_ref().unwrap_err().code(), "panicked"),
                _ => assert_eq!(answer.as_ref().unwrap(), &n),
            }
        }
        assert_eq!(bench.count("n").await, 40);
        let numbers: Vec<i64> = bench.published().into_iter().map(|(seq, _)| seq).collect();
        assert_eq!(numbers, (1..=40).collect::<Vec<_>>());
        assert!(bench.db.commits() < 40, "{} commits: they did not share any", bench.db.commits());
    });
}

#[test]
fn parts_that_fail_take_back_what_is_theirs_in_a_group_too() {
    on_each(async |bench| {
        let jobs = (0..60).map(|n| {
            bench.write(move |tx| {
                add(tx, "n", 1)?;
                let no = || Err(Error::conflict("name-taken", "no"));
                let part = tx.attempt(|tx| {
                    if n % 6 == 2 {
                        return no();
                    }
                    add(tx, "n", 100)?;
                    tx.publish(Channel::HOUSE, "test.part", "n", &n)?;
                    if n % 6 == 1 { no() } else { Ok(()) }
                });
                Ok(part.is_ok())
            })
        });
        let answers = futures_util::future::join_all(jobs).await;
        for (n, answer) in answers.iter().enumerate() {
            assert_eq!(*answer.as_ref().unwrap(), !matches!(n % 6, 1 | 2), "{n}");
        }
        assert_eq!(bench.count("n").await, 60 + 40 * 100);
        assert_eq!(bench.published().len(), 40);
    });
}

#[test]
fn a_part_that_fails_before_it_changes_anything_is_not_run_again() {
    on_each_rehearsed(&[false], async |bench| {
        let runs = Arc::new(std::sync::atomic::AtomicI64::new(0));
        let counted = runs.clone();
        let kept = bench.write(move |tx| {
            counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            add(tx, "n", 1)?;
            let part: Result<()> = tx.attempt(|tx| {
                tx.publish(Channel::HOUSE, "test.undone", "n", &1)?;
                count(tx, "n")?;
                Err(Error::invalid("invalid-request", "No."))
            });
            assert!(part.is_err());
            count(tx, "n")
        });
        assert_eq!(kept.await.unwrap(), 1);
        assert_eq!(runs.load(std::sync::atomic::Ordering::Relaxed), 1);
        assert!(bench.published().is_empty());
    });
}

#[test]
fn what_is_known_to_a_group_is_true_beside_a_neighbour_that_is_taken_back() {
    on_each(async |bench| {
        let jobs = (0..60).map(|n| {
            bench.write(move |tx| {
                let known = |tx: &Tx| -> Result<Vec<i64>> {
                    tx.known(sql!("SELECT n FROM scratch_counters WHERE name = $1"), ("n",))
                };
                let before = known(tx)?.first().copied().unwrap_or_default();
                add(tx, "n", 1)?;
                let seen = (before + 1, known(tx)?[0], count(tx, "n")?);
                if n % 6 == 1 { Err(Error::conflict("name-taken", "no")) } else { Ok(seen) }
            })
        });
        let answers = futures_util::future::join_all(jobs).await;
        for (expected, known, there) in answers.into_iter().flatten() {
            assert_eq!((expected, known), (there, there));
        }
        assert_eq!(bench.count("n").await, 50);
    });
}

#[test]
fn a_closure_that_does_something_else_the_second_time_is_caught() {
    on_each_rehearsed(&[true], async |bench| {
        static RUNS: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(0);
        let error = bench
            .write(|tx| add(tx, "n", RUNS.fetch_add(1, std::sync::atomic::Ordering::Relaxed)))
            .await
            .unwrap_err();
        assert_eq!(error.code(), "not-repeatable");
        assert_eq!(bench.count("n").await, 0);
    });
}

#[test]
fn time_ids_and_secrets_belong_to_the_transaction() {
    on_each(async |bench| {
        let draw = |tx: &mut Tx| {
            let ids: [Id; 3] = [tx.new_id(), tx.new_id(), tx.new_id()];
            Ok((tx.now(), ids, tx.secret()))
        };
        let (now, ids, secret) = bench.write(draw).await.unwrap();
        assert_eq!(now, hub::BEGINNING.parse().unwrap());
        assert!(ids[0] < ids[1] && ids[1] < ids[2]);
        let (_, others, other) = bench.write(draw).await.unwrap();
        assert!(secret != other && !others.contains(&ids[0]));
        // The clock stands still: what is done later sorts later all the same.
        assert!(ids[2] < others[0] && others[0] < others[1]);
        let many = |tx: &mut Tx| Ok((0..5000).map(|_| tx.new_id()).collect::<Vec<Id>>());
        assert!(bench.write(many).await.unwrap().is_sorted());
    });
}

#[test]
fn no_update_is_lost_among_many_callers() {
    on_each(async |bench| {
        let callers = (0..64).map(|_| async {
            for _ in 0..10 {
                bench.write(|tx| add(tx, "hot", 1)).await.unwrap();
            }
        });
        futures_util::future::join_all(callers).await;
        assert_eq!(bench.count("hot").await, 640);
    });
}

#[test]
fn a_read_sees_one_state_from_beginning_to_end() {
    on_each(async |bench| {
        bench.write(|tx| add(tx, "n", 1)).await.unwrap();
        let (begun, begins) = std::sync::mpsc::sync_channel::<()>(1);
        let (go, going) = std::sync::mpsc::sync_channel::<()>(1);
        let going = Mutex::new(going);
        let reading = bench.db.read(move |tx| {
            let first = count(tx, "n")?;
            begun.send(()).ok();
            going.lock().unwrap().recv().ok();
            Ok((first, count(tx, "n")?))
        });
        let writing = async {
            tokio::task::spawn_blocking(move || begins.recv()).await.unwrap().unwrap();
            bench.write(|tx| add(tx, "n", 1)).await.unwrap();
            go.send(()).unwrap();
        };
        let (read, ()) = tokio::join!(reading, writing);
        assert_eq!(read.unwrap(), (1, 1));
        assert_eq!(bench.count("n").await, 2);
    });
}

#[test]
fn more_than_the_queue_holds_is_told_to_come_back() {
    on_each(async |bench| {
        let (release, held) = std::sync::mpsc::sync_channel::<()>(0);
        let held = Mutex::new(held);
        let (begun, begins) = std::sync::mpsc::sync_channel::<()>(8);
        // The sender is dropped at the end, which lets every later run through.
        let blocker = bench.write(move |_| {
            begun.send(()).ok();
            held.lock().unwrap().recv().ok();
            Ok(())
        });
        let flood = async {
            tokio::task::spawn_blocking(move || begins.recv()).await.unwrap().unwrap();
            let jobs: Vec<_> = (0..QUEUE + 40).map(|_| Box::pin(bench.write(|tx| add(tx, "n", 1)))).collect();
            let jobs = futures_util::future::join_all(jobs);
            let release = async {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                drop(release);
            };
            tokio::join!(jobs, release).0
        };
        let (blocked, answers) = tokio::join!(blocker, flood);
        blocked.unwrap();
        let refused: Vec<&Error> = answers.iter().filter_map(|answer| answer.as_ref().err()).collect();
        assert_eq!(refused.len(), 40);
        assert!(
            refused
                .iter()
                .all(|error| error.code() == "database-overloaded" && error.retry_after() == Some(1))
        );
        assert_eq!(bench.count("n").await, QUEUE as i64);
    });
}

#[test]
fn who_went_away_before_their_turn_changes_nothing() {
    on_each(async |bench| {
        let (release, held) = std::sync::mpsc::sync_channel::<()>(0);
        let held = Mutex::new(held);
        let begun = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let beginning = begun.clone();
        let blocker = bench.write(move |_| {
            beginning.store(true, std::sync::atomic::Ordering::Relaxed);
            held.lock().unwrap().recv().ok();
            Ok(())
        });
        let gone = async {
            while !begun.load(std::sync::atomic::Ordering::Relaxed) {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            let late = bench.write(|tx| add(tx, "n", 1));
            let waited = tokio::time::timeout(std::time::Duration::from_millis(50), late).await;
            assert!(waited.is_err());
            drop(release);
        };
        drop(tokio::join!(blocker, gone));
        assert_eq!(bench.count("n").await, 0);
    });
}

#[test]
fn transactions_are_known_by_the_function_that_asked_for_them() {
    on_each(async |bench| {
        bench.write(|tx| add(tx, "n", 1)).await.unwrap();
        let text = bench.metrics.text();
        assert!(text.contains("db::tests::transactions_are_known_by_the_function"), "{text}");
    });
}

#[test]
fn the_log_begins_anew_however_long_somebody_goes_on_writing() {
    const MIB: u64 = 1024 * 1024;
    hub::run(async {
        let path = process::folder("db").join("hearth.db");
        let bench = Bench::try_open(Target::File(path.clone()), false).unwrap();
        for part in 0..40 {
            let write = move |tx: &mut Tx| {
                let text = "x".repeat(1_000_000);
                tx.run(
                    sql!("INSERT INTO scratch_values (id, words) VALUES ($1, $2)"),
                    (format!("{part}"), text),
                )
            };
            bench.write(write).await.unwrap();
        }
        let size = |ending: &str| std::fs::metadata(format!("{}{ending}", path.display())).unwrap().len();
        assert!(size("-wal") < 32 * MIB, "{} bytes of log", size("-wal"));
        assert!(size("") > 16 * MIB, "{} bytes in the file", size(""));
        bench.db.close();
        assert!(size("") > 38 * MIB, "{} bytes in the file", size(""));
        assert!(!path.with_extension("db-wal").exists(), "the last one takes the log along");
    });
}
