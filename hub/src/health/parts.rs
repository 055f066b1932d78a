//! The looks at each part. What a figure means is decided by a function of its own without input or
//! output, so that tests can hold any figure against it.

use std::time::{Duration, Instant};

use hearth_shared::time::Timestamp;
use serde_json::json;

use crate::app::App;
use crate::auth::Actor;
use crate::bus::{Channel, log};
use crate::kitchen::catalogue;
use crate::mqtt::Standing;
use crate::{backup, db, jobs};

use super::Finding;

/// How long the database may take before somebody should look.
const SLOW: Duration = Duration::from_secs(1);
/// How far back live clients may be for how long: a commit is answered before its events go out.
const CATCH_UP: Duration = Duration::from_secs(2);
/// How late work may be begun.
const LATE_SECONDS: i64 = 600;
/// How old the newest of the nightly backups may be.
const STALE_SECONDS: i64 = 50 * 3600;
/// How far the newest event may lie ahead of the clock: clocks of several machines differ a little.
const AHEAD_SECONDS: i64 = 60;

const MIB: u64 = 1024 * 1024;

/// The database: one read, and one transaction that changes nothing, each timed.
pub(super) async fn database(app: App) -> Finding {
    let engine = app.db().engine();
    let begun = Instant::now();
    let version = app.db().read(move |tx| db::version(tx, engine)).await;
    let read = begun.elapsed();
    let begun = Instant::now();
    let written = app.db().write(&Actor::System, |_| Ok(())).await;
    let write = begun.elapsed();
    let finding = match version.and_then(|version| written.map(|()| version)) {
        Ok(version) => judge_database(read, write).with("version", version),
        Err(error) => Finding::down(error.detail()),
    };
    finding
        .with("engine", engine.name())
        .with("schema", app.db().schema())
        .with("read_ms", millis(read))
        .with("write_ms", millis(write))
}

pub(super) fn judge_database(read: Duration, write: Duration) -> Finding {
    if read.max(write) < SLOW {
        return Finding::ok("It reads and writes.");
    }
    Finding::warn(format!(
        "It answers slowly: reading took {} ms, writing {} ms. Look at the disk, and at what else this \
         machine does.",
        millis(read),
        millis(write)
    ))
}

fn millis(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

/// What waits for the database.
pub(super) async fn lanes(app: App) -> Finding {
    let (lanes, reads) = app.db().waiting();
    let most = lanes.iter().copied().chain([reads]).max().unwrap_or(0);
    judge_waiting(most).with("writes_waiting", lanes).with("reads_waiting", reads).with("limit", db::QUEUE)
}

pub(super) fn judge_waiting(most: usize) -> Finding {
    if most >= db::QUEUE {
        let detail = "The queue is full and callers are refused. Find out who asks so much, or what holds \
                      the database up.";
        return Finding::down(detail);
    }
    if most >= db::QUEUE / 4 {
        let detail = format!("{most} wait for the database, of {} at most. It does not keep up.", db::QUEUE);
        return Finding::warn(detail);
    }
    Finding::ok("Nobody waits long.")
}

/// Whether what was committed is delivered.
pub(super) async fn live(app: App) -> Finding {
    let begun = Instant::now();
    let committed = match app.db().read(log::heads).await {
        Ok(heads) => heads,
        Err(_) => {
            return Finding::warn("What it should have delivered is not known while the database is away.");
        }
    };
    while app.bus().behind(&committed) > 0 && begun.elapsed() < CATCH_UP {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let behind = app.bus().behind(&committed);
    let heads = |heads: Vec<hearth_shared::live::Head>| {
        serde_json::Map::from_iter(heads.into_iter().map(|head| (head.ch, json!(head.seq))))
    };
    judge_live(behind)
        .with("behind", behind)
        .with("clients", app.bus().clients())
        .with("committed", heads(committed))
        .with("delivered", heads(app.bus().heads()))
}

pub(super) fn judge_live(behind: i64) -> Finding {
    match behind {
        0 => Finding::ok("Everything that was committed has been delivered."),
        behind => Finding::warn(format!(
            "{behind} events were committed and not delivered. Screens show old things until they are; if \
             this stays, restart the hub."
        )),
    }
}

/// Work that is done later.
pub(super) async fn jobs(app: App) -> Finding {
    let kinds = app.plan().kinds;
    let look = move |tx: &db::Tx| {
        let late = jobs::longest_due(tx, kinds)?.map_or(0, |due| (tx.now().millis() - due.millis()) / 1000);
        Ok((jobs::counts(tx)?, late.max(0)))
    };
    let (counts, late) = match app.db().read(look).await {
        Ok(found) => found,
        Err(_) => return Finding::warn("What waits is not known while the database is away."),
    };
    app.metrics().jobs.set(counts.waiting, counts.running, counts.failed, late);
    judge_jobs(counts.failed, late)
        .with("waiting", counts.waiting)
        .with("running", counts.running)
        .with("failed", counts.failed)
        .with("late_seconds", late)
}

pub(super) fn judge_jobs(failed: i64, late: i64) -> Finding {
    if late > LATE_SECONDS {
        let minutes = late / 60;
        return Finding::warn(format!(
            "Work has been waiting for {minutes} minutes beyond its time. Somebody may have asked for very \
             much, or a piece of it hangs."
        ));
    }
    match failed {
        0 => Finding::ok("Nothing waits long, and nothing was given up."),
        failed => Finding::warn(format!(
            "{failed} pieces of work were given up. The page on work tells why; try them again, or drop them."
        )),
    }
}

/// Backups: whether the newest is as new as it should be.
pub(super) async fn backup(app: App) -> Finding {
    let settings = app.settings();
    if backup::nightly(settings).is_none() {
        return Finding::ok("No backups are made here: by the settings, or because a server keeps the data.");
    }
    let folder = settings.backup_folder();
    let newest = match tokio::task::spawn_blocking(move || backup::newest(&folder)).await {
        Ok(Ok(newest)) => newest,
        Ok(Err(error)) => return Finding::warn(error.detail().to_owned()),
        Err(_) => return Finding::warn("The backups could not be looked at."),
    };
    let counted_from = newest.as_ref().map_or(app.started_at(), |made| made.made_at);
    let age = (app.clock().now().millis() - counted_from.millis()) / 1000;
    let finding = judge_backup(age, newest.is_some());
    match newest {
        Some(made) => finding.with("age_seconds", age).with("bytes", made.bytes).with("name", made.name),
        None => finding,
    }
}

/// What the age of the newest backup means, or where there is none, how long the hub has been running.
pub(super) fn judge_backup(age_seconds: i64, is_one: bool) -> Finding {
    let hours = age_seconds / 3600;
    match (is_one, age_seconds > STALE_SECONDS) {
        (true, false) => Finding::ok(format!("The newest backup is {hours} hours old.")),
        (true, true) => Finding::warn(format!(
            "The newest backup is {hours} hours old, though one is made each night. The page on work names the reason."
        )),
        (false, false) => Finding::ok("No backup was made yet; the first comes in the night."),
        (false, true) => Finding::warn(format!(
            "No backup was made in the {hours} hours since the start. The page on work names the reason."
        )),
    }
}

/// Where pictures are kept.
pub(super) async fn pictures(app: App) -> Finding {
    let store = if app.settings().s3.is_some() { "bucket" } else { "folder" };
    let finding = match app.media().look().await {
        Ok(()) => Finding::ok("They can be kept and shown."),
        Err(error) => {
            let cause = error.root().map(|cause| format!(" ({cause})")).unwrap_or_default();
            Finding::down(format!(
                "{}{cause} Until that is mended pictures are neither taken in nor shown.",
                error.detail()
            ))
        }
    };
    finding.with("store", store)
}

/// The catalogue file, by which products are known without asking anybody.
pub(super) async fn catalogue(app: App) -> Finding {
    match catalogue::standing(&app).await {
        Ok(standing) => judge_catalogue(standing),
        Err(_) => Finding::warn("The catalogue file could not be looked at."),
    }
}

pub(super) fn judge_catalogue(standing: catalogue::Standing) -> Finding {
    match (standing.trouble, standing.file) {
        (Some(trouble), _) => Finding::warn(trouble),
        (None, None) => Finding::ok("There is no catalogue file; the house does without."),
        (None, Some((about, bytes))) => {
            let knows = format!("It knows {} products.", about.products);
            Finding::ok(knows).with("products", about.products).with("bytes", bytes)
        }
    }
}

/// Redis, where there is one.
pub(super) async fn redis(app: App) -> Finding {
    let finding = match app.redis() {
        "off" => Finding::ok("None is configured; one hub needs none."),
        "up" => Finding::ok("It is there."),
        _ => Finding::warn(
            "It cannot be reached. Nothing is lost, but changes take a second to reach the screens of \
             other hubs. Start it, or correct HEARTH_REDIS_URL.",
        ),
    };
    finding.with("state", app.redis())
}

/// The MQTT broker, where there is one.
pub(super) async fn mqtt(app: App) -> Finding {
    judge_mqtt(&app.mqtt().standing())
}

pub(super) fn judge_mqtt(standing: &Standing) -> Finding {
    let (finding, state) = match standing {
        Standing::Off => (Finding::ok("None is configured."), "off"),
        Standing::Beginning => (Finding::ok("Nothing was said to it yet."), "beginning"),
        Standing::Elsewhere => (Finding::ok("Another hub of this house talks to it."), "elsewhere"),
        Standing::Up => (Finding::ok("It is told how the house is."), "up"),
        Standing::Down(why) => {
            let detail = format!(
                "It cannot be reached ({why}). Home Assistant shows the house as unavailable until it is; look \
                 at the broker and at HEARTH_MQTT_URL."
            );
            (Finding::warn(detail), "down")
        }
    };
    finding.with("state", state)
}

/// What reads receipts.
pub(super) async fn receipts(app: App) -> Finding {
    app.readers().finding().await
}

/// The disk of the data folder.
pub(super) async fn disk(app: App) -> Finding {
    let folder = app.settings().data.clone();
    // A file system that hangs must not hang a thread that serves.
    let asked = tokio::task::spawn_blocking(move || rustix::fs::statvfs(&folder)).await;
    let Ok(Ok(disk)) = asked else {
        return Finding::down("The data folder cannot be looked at. Is its disk there?");
    };
    let (free, size) = (disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize);
    app.metrics().health.set_disk(free, size);
    judge_disk(free, size).with("free_bytes", free).with("size_bytes", size)
}

/// On a small disk less must stay free than on a large one.
pub(super) fn judge_disk(free: u64, size: u64) -> Finding {
    let (warn, down) = ((size / 10).min(1024 * MIB), (size / 50).min(100 * MIB));
    let left = free / MIB;
    let finding = if free < down {
        Finding::down(format!("{left} MiB are left; changes will be refused. Free some space now."))
    } else if free < warn {
        Finding::warn(format!("{left} MiB are left. Free some space, or move the data to a larger disk."))
    } else {
        Finding::ok(format!("{left} MiB are free."))
    };
    finding.with("warn_below_bytes", warn).with("down_below_bytes", down)
}

/// The clock, by which links end and days begin.
pub(super) async fn clock(app: App) -> Finding {
    let newest = app.db().read(|tx| log::newest(tx, &Channel::HOUSE)).await.ok().flatten();
    let (now, kept) = (app.clock().now(), app.clock().is_kept());
    let finding = judge_clock(now, app.clock().earliest(), newest, kept);
    let finding = finding.with("now", now.to_string()).with("synchronized", kept);
    match newest {
        Some(at) => finding.with("newest_event_at", at.to_string()),
        None => finding,
    }
}

pub(super) fn judge_clock(
    now: Timestamp,
    built: Timestamp,
    newest: Option<Timestamp>,
    kept: Option<bool>,
) -> Finding {
    if now < built {
        return Finding::warn(format!(
            "It shows {now}, but this program was built at {built}. Set the clock; sign-ins and links end \
             by it."
        ));
    }
    if let Some(newest) = newest.filter(|newest| *newest > now.plus_seconds(AHEAD_SECONDS)) {
        return Finding::warn(format!(
            "It shows {now}, but something happened at {newest} already. It was set back, or was ahead \
             before; set it right."
        ));
    }
    match kept {
        Some(false) => Finding::warn(
            "Nothing keeps it right. Let the machine ask a time server (timedatectl set-ntp true).",
        ),
        Some(true) => Finding::ok("It is kept right by a time server."),
        None => Finding::ok("It is plausible."),
    }
}
