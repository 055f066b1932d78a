//! What was saved comes back, whole or not at all.

use std::fs;
use std::path::{Path, PathBuf};

use reqwest::Method;
use serde_json::{Value, json};

use super::restore::{UNFINISHED, restore};
use super::*;
use crate::auth::Actor;
use crate::bus::log;
use crate::db::{self, Tx};
use crate::testing::hub::{Answer, Setup, TestHub, run};
use crate::testing::{postgres, process, scratch};

fn now() -> Timestamp {
    crate::testing::hub::BEGINNING.parse().unwrap()
}

/// Runs what blocks where it may.
async fn aside<T: Send + 'static>(body: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(body).await.unwrap()
}

async fn save_all(hub: &TestHub, file: &Path) -> Result<u64> {
    let (settings, file) = (hub.app().settings().clone(), file.to_owned());
    aside(move || save(&settings, &file, now())).await
}

/// A saved house, and the settings of an empty folder to restore it into.
async fn saved() -> (PathBuf, Settings) {
    let hub = TestHub::start(Setup::default()).await;
    hub.owner().await;
    let file = hub.folder().join("all.tar");
    save_all(&hub, &file).await.unwrap();
    let settings = Settings { data: process::folder("restored"), ..hub.app().settings().clone() };
    hub.stop().await;
    (file, settings)
}

#[test]
fn everything_comes_back_and_begins_a_new_history() {
    run(async {
        let folder = process::folder("hub");
        let again = || Setup { folder: Some(folder.clone()), ..Setup::default() };
        let hub = TestHub::start(again()).await;
        let owner = hub.owner().await;
        fs::create_dir_all(folder.join("media/ab")).unwrap();
        fs::write(folder.join("media/ab/cdef"), b"a picture").unwrap();
        fs::write(folder.join("media/ab/draft-1"), b"half a pic").unwrap();
        fs::create_dir_all(folder.join("keys")).unwrap();
        fs::write(folder.join("keys/authority.pem"), b"a key").unwrap();
        let file = folder.join("all.tar");
        save_all(&hub, &file).await.unwrap();
        assert_eq!(save_all(&hub, &file).await.unwrap_err().code(), "file-exists");

        let before = hub.app().db().read(log::heads).await.unwrap();
        let version = owner.get("/api/house").await.is(200)["version"].clone();
        let change = json!({ "version": version, "name": "Changed since" });
        owner.patch("/api/house", change).await.is(200);
        fs::remove_file(folder.join("media/ab/cdef")).unwrap();
        fs::remove_file(folder.join("media/ab/draft-1")).unwrap();
        fs::write(folder.join("media/ab/later"), b"a later picture").unwrap();
        fs::write(folder.join("keys/authority.pem"), b"another key").unwrap();
        let settings = hub.app().settings().clone();
        let refused = restore(&settings, &file, now()).await.unwrap_err();
        assert_eq!(refused.code(), "hub-running");
        hub.stop().await;

        let done = restore(&settings, &file, now()).await.unwrap();
        assert_eq!((done.label.made_at, done.label.pictures, done.set_aside), (now(), true, 0));
        let replaced = done.replaced.unwrap();
        db::verify(&replaced.join("hearth.db")).unwrap();
        assert_eq!(fs::read(replaced.join("keys/authority.pem")).unwrap(), b"another key");
        assert_eq!(fs::read(folder.join("keys/authority.pem")).unwrap(), b"a key");
        assert_eq!(fs::read(folder.join("media/ab/cdef")).unwrap(), b"a picture");
        assert!(folder.join("media/ab/later").exists(), "pictures are never taken away");
        assert!(!folder.join("media/ab/draft-1").exists(), "half a picture is not saved");

        let hub = TestHub::start(again()).await;
        // The same session still works, and the house has its old name.
        let back = owner.moved_to(&hub.url());
        assert_eq!(back.get("/api/house").await.is(200)["name"], "Test house");
        let after = hub.app().db().read(log::heads).await.unwrap();
        assert_eq!(after[0].seq, before[0].seq);
        assert_ne!(after[0].epoch, before[0].epoch);
        let lost = format!("?since={}&epoch={}", before[0].seq + 1, before[0].epoch);
        let mut socket = back.live(&lost).await;
        socket.expect("hello").await;
        socket.expect("snapshot").await;
        hub.stop().await;
    });
}

#[test]
fn a_copy_is_one_moment_however_much_is_written_meanwhile() {
    run(async {
        let hub =
            TestHub::start(Setup { rehearse: false, migrations: scratch::migrations(), ..Setup::default() })
                .await;
        hub.owner().await;
        let fill = |tx: &mut Tx| {
            for n in 0..4_000 {
                scratch::add(tx, &format!("{n:0>2000}"), 1)?;
            }
            scratch::add(tx, "left", 0)
        };
        hub.app().db().write(&Actor::System, fill).await.unwrap();
        let (settings, file) = (hub.app().settings().clone(), hub.folder().join("copy.db"));
        let copy = file.clone();
        let copying = aside(move || db::snapshot(&app::target(&settings), &copy));
        tokio::pin!(copying);
        let mut rounds = 0;
        let both = |tx: &mut Tx| {
            scratch::add(tx, "left", 1)?;
            scratch::add(tx, "right", 1)
        };
        loop {
            tokio::select! {
                copied = &mut copying => break copied.unwrap(),
                written = hub.app().db().write(&Actor::System, both) => rounds = written.unwrap(),
            }
        }
        assert!(rounds > 10, "only {rounds} changes while it was copied: the test shows nothing");
        aside(move || {
            let copy = rusqlite::Connection::open(&file).unwrap();
            let count = |name| {
                let text = "SELECT COALESCE(MAX(n), 0) FROM scratch_counters WHERE name = ?1";
                copy.query_row(text, (name,), |row| row.get::<_, i64>(0)).unwrap()
            };
            assert_eq!(count("left"), count("right"));
            let whole: String = copy.query_row("PRAGMA integrity_check", (), |row| row.get(0)).unwrap();
            assert_eq!(whole, "ok");
        })
        .await;
        hub.stop().await;
    });
}

#[test]
fn what_is_cut_off_or_altered_changes_nothing() {
    run(async {
        let (file, settings) = saved().await;
        let whole = fs::read(&file).unwrap();
        let spoilt = file.with_file_name("spoilt.tar");
        let mut damaged: Vec<Vec<u8>> =
            (0..10).map(|tenth| whole[..whole.len() * tenth / 10].to_vec()).collect();
        for at in [600, 5_000, whole.len() / 2] {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x40;
            damaged.push(bytes);
        }
        for bytes in damaged {
            fs::write(&spoilt, &bytes).unwrap();
            let refused = restore(&settings, &spoilt, now()).await.unwrap_err();
            assert!(["backup-damaged", "not-a-backup"].contains(&refused.code()), "{refused:?}");
            let left: Vec<_> =
                fs::read_dir(&settings.data).unwrap().map(|it| it.unwrap().file_name()).collect();
            assert_eq!(left, ["hub.lock"], "after {} bytes", bytes.len());
        }
        restore(&settings, &file, now()).await.unwrap();
    });
}

/// A file of an archive: name, content, kind.
type Forged<'a> = (&'a str, &'a [u8], tar::EntryType);

/// An archive with these files, as somebody else might write it.
fn forged(file: &Path, entries: &[Forged<'_>]) {
    let mut archive = tar::Builder::new(fs::File::create(file).unwrap());
    for (name, bytes, kind) in entries {
        let mut header = tar::Header::new_gnu();
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_entry_type(*kind);
        if *kind == tar::EntryType::Symlink {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_cksum();
        archive.append(&header, *bytes).unwrap();
    }
    archive.finish().unwrap();
}

#[test]
fn archives_of_others_and_of_the_future_are_refused_by_name() {
    run(async {
        let (good, settings) = saved().await;
        let file = good.with_file_name("forged.tar");
        let label = |format: u32| {
            let label =
                json!({ "format": format, "version": "9", "schema": 1, "made_at": now(), "pictures": true });
            label.to_string().into_bytes()
        };
        let plain = tar::EntryType::Regular;
        let (one, two) = (label(1), label(2));
        let mut cases: Vec<(&str, Vec<Forged<'_>>)> = vec![
            ("not-a-backup", vec![("holiday.jpg", b"x", plain)]),
            ("not-a-backup", vec![("hearth-backup.json", b"[]", plain)]),
            ("newer-backup", vec![("hearth-backup.json", &two, plain)]),
            ("backup-damaged", vec![("hearth-backup.json", &one, plain)]),
        ];
        for name in ["../outside", "media/../../outside", "/etc/outside", "elsewhere/x", "hearth.db/x"] {
            cases.push(("backup-damaged", vec![("hearth-backup.json", &one, plain), (name, b"x", plain)]));
        }
        let link = tar::EntryType::Symlink;
        cases.push(("backup-damaged", vec![("hearth-backup.json", &one, plain), ("hearth.db", b"", link)]));
        for (code, entries) in cases {
            forged(&file, &entries);
            let refused = restore(&settings, &file, now()).await.unwrap_err();
            assert_eq!(refused.code(), code, "{:?}", entries.last());
        }
        fs::write(&file, "no archive at all").unwrap();
        let refused = restore(&settings, &file, now()).await.unwrap_err();
        assert!(["backup-damaged", "not-a-backup"].contains(&refused.code()), "{refused:?}");
        let missing = restore(&settings, Path::new("/nowhere/x.tar"), now()).await.unwrap_err();
        assert_eq!(missing.code(), "backup-unreadable");

        // Of a version that knows more.
        let hub = TestHub::start(Setup { migrations: scratch::migrations(), ..Setup::default() }).await;
        let newer = hub.folder().join("newer.tar");
        assert_eq!(save_all(&hub, &newer).await.unwrap_err().code(), "newer-backup");
        hub.stop().await;
    });
}

#[test]
fn a_restore_that_was_interrupted_is_not_lived_in() {
    run(async {
        let (file, settings) = saved().await;
        fs::create_dir_all(&settings.data).unwrap();
        fs::write(settings.data.join(UNFINISHED), "").unwrap();
        let refused = App::start(settings.clone(), app::Surroundings::default()).await.err();
        assert_eq!(refused.map(|error| error.code()), Some("restore-unfinished"));
        restore(&settings, &file, now()).await.unwrap();
        let app = App::start(settings, app::Surroundings::default()).await.unwrap();
        app.stop().await;
    });
}

#[test]
fn owners_make_list_and_fetch_backups() {
    run(async {
        let hub = TestHub::start(Setup::default()).await;
        let owner = hub.owner().await;
        let mut socket = owner.live("?types=backup.*").await;
        socket.expect("hello").await;
        let left = hub.folder().join("backups/hearth-20261101T000000Z.tar.part-db");
        fs::create_dir_all(hub.folder().join("backups")).unwrap();
        fs::write(&left, "what a killed process left").unwrap();
        for _ in 0..10 {
            owner.post("/api/backups", json!({})).await.is(202);
            socket.expect("backup.made").await;
            hub.advance(24 * 3600);
        }
        let listed: Value = owner.get("/api/backups").await.is(200);
        assert_eq!(listed["command"], "hearth-hub");
        let names: Vec<&str> =
            listed["items"].as_array().unwrap().iter().filter_map(|item| item["name"].as_str()).collect();
        // Ten nights: the newest seven, and the first of the week before.
        assert_eq!(names.len(), 8, "{names:?}");
        assert!(!left.exists());
        assert_eq!(names[0], "hearth-20261129T180000Z.tar");
        assert_eq!((&listed["here"], &listed["keep"]), (&json!(true), &json!(7)));

        let fetched = owner.get(&format!("/api/backups/{}", names[0])).await;
        assert_eq!(fetched.header("content-type"), "application/x-tar");
        // A browser asks for it compressed and is told how long it is all the same.
        let asked = owner.request(Method::GET, &format!("/api/backups/{}", names[0]));
        let browser = Answer::of(asked.header("accept-encoding", "gzip, br")).await;
        assert_eq!((&browser.bytes, browser.status), (&fetched.bytes, 200));
        assert_eq!(browser.header("content-length"), fetched.bytes.len().to_string());
        let file = hub.folder().join("fetched.tar");
        fs::write(&file, &fetched.bytes).unwrap();
        let settings = Settings { data: process::folder("restored"), ..hub.app().settings().clone() };
        assert!(!restore(&settings, &file, now()).await.unwrap().label.pictures);
        for name in ["..%2Fhearth.db", "hearth.db", "hearth-20260101T000000Z.tar"] {
            owner.get(&format!("/api/backups/{name}")).await.is_problem(404, "unknown-backup");
        }
        hub.stop().await;
    });
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    run(async {
        let hub = TestHub::start(Setup::default()).await;
        let wrong = save_all(&hub, Path::new("/nowhere/at/all.tar")).await.unwrap_err();
        assert_eq!(wrong.code(), "backup-unwritable");
        let full = save_all(&hub, Path::new("/dev/full/x.tar")).await.unwrap_err();
        assert_eq!(full.code(), "backup-unwritable");
        fs::write(hub.folder().join("backups"), "a file where a folder should be").unwrap();
        let owner = hub.owner().await;
        owner.get("/api/backups").await.is_problem(503, "backup-unreadable");
        hub.stop().await;
    });
}

#[test]
fn a_server_is_saved_with_its_own_tools() {
    let Some(database) = postgres::database() else { return };
    run(async {
        let hub = TestHub::start(Setup { database_url: Some(database.url()), ..Setup::default() }).await;
        let owner = hub.owner().await;
        owner.post("/api/backups", json!({})).await.is_problem(409, "use-server-tools");
        assert_eq!(owner.get("/api/backups").await.is(200)["here"], false);
        let refused = save_all(&hub, &hub.folder().join("x.tar")).await.unwrap_err();
        assert_eq!(refused.code(), "use-server-tools");
        // Restored with its own tools, it begins a new history when told.
        let before = hub.app().db().read(log::heads).await.unwrap();
        hub.app().db().write(&Actor::System, super::restore::begin_anew).await.unwrap();
        let after = hub.app().db().read(log::heads).await.unwrap();
        assert_ne!(before[0].epoch, after[0].epoch);
        hub.stop().await;
    });
}
