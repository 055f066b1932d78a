//! Pictures as people send them, look at them, and let them go.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::keeping::sweep;
use super::*;
use crate::auth::Actor;
use crate::jobs::Plan;
use crate::testing::hub::{Answer, Client, Setup, TestHub, on_each_engine, on_each_engine_with, run};
use crate::testing::pictures::{Jpeg, exif, jpeg, quarters};
use crate::testing::{postgres, process};

/// Nothing is done in the background, so that a test sees what is there before.
fn idle() -> Setup {
    Setup { work: Plan { kinds: &[], chores: &[] }, ..Setup::default() }
}

async fn send(client: &Client, path: &str, kind: &str, body: impl Into<reqwest::Body>) -> Answer {
    Answer::of(client.request(Method::POST, path).header("content-type", kind).body(body)).await
}

async fn send_jpeg(client: &Client, body: Vec<u8>) -> Sent {
    Sent(send(client, "/api/media", "image/jpeg", body).await.is(201))
}

struct Sent(Value);

impl Sent {
    fn text(&self, field: &str) -> &str {
        self.0[field].as_str().unwrap()
    }
    fn id(&self) -> MediaId {
        self.text("id").parse().unwrap()
    }
}

/// The names of all kept files, and of what lies about.
fn files(hub: &TestHub) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![hub.folder().join("media")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            match entry.path().is_dir() {
                true => folders.push(entry.path()),
                false => found.push(entry.file_name().into_string().unwrap()),
            }
        }
    }
    found.sort();
    found
}

/// Waits until so many files are there.
async fn files_become(hub: &TestHub, count: usize) {
    let begun = Instant::now();
    while files(hub).len() != count {
        assert!(begun.elapsed() < Duration::from_secs(30), "{:?} are not {count}", files(hub));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn write<T: std::fmt::Debug + Send + 'static>(
    hub: &TestHub,
    change: impl Fn(&mut Tx) -> Result<T> + Send + 'static,
) -> Result<T> {
    hub.app().db().write(&Actor::System, change).await
}

#[test]
fn a_photo_is_sent_kept_and_shown() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let sent = Jpeg { exif: Some(&exif(6)), ..Jpeg::default() }.of(&quarters(800, 600), 800, 600);
        let media = send_jpeg(&mila, sent.clone()).await;
        assert_eq!(
            (&media.0["kind"], &media.0["width"], &media.0["height"]),
            (&json!("jpeg"), &json!(600), &json!(800))
        );
        assert_eq!(media.0["visibility"], "house");
        let full = mila.get(media.text("url")).await;
        assert_eq!(full.status, 200);
        assert_eq!(full.bytes.len(), usize::try_from(media.0["bytes"].as_i64().unwrap()).unwrap());
        assert_eq!(full.header("content-type"), "image/jpeg");
        assert_eq!(full.header("cache-control"), "private, max-age=31536000, immutable");
        assert_eq!(full.header("x-content-type-options"), "nosniff");
        assert!(full.header("content-security-policy").contains("sandbox"));
        assert!(!full.bytes.windows(4).any(|some| some == b"Exif" || some == b"GPS "));
        let again = mila.request(Method::GET, media.text("url")).header("if-none-match", full.header("etag"));
        assert_eq!(Answer::of(again).await.status, 304);
        files_become(&hub, 3).await;
        for (field, edge) in [("thumb_url", 320), ("small_url", 96)] {
            let begun = Instant::now();
            let small = loop {
                let small = mila.get(media.text(field)).await;
                if small.header("cache-control").contains("immutable") {
                    break small;
                }
                assert!(begun.elapsed() < Duration::from_secs(30), "{field} is never made");
                tokio::time::sleep(Duration::from_millis(10)).await;
            };
            let mut bytes = std::io::Cursor::new(&small.bytes);
            let sniff::Found::Picture(head) = sniff::look(&mut bytes).unwrap() else { panic!("no picture") };
            assert_eq!((head.width, head.height), (edge * 3 / 4, edge));
        }
        let known = mila.get(&format!("/api/media/{}", media.id())).await.is(200);
        assert_eq!(known, media.0);
        mila.get("/media/01890a5d-ac96-774b-bcce-b302099a8057/full").await.is_problem(404, "unknown-media");
        mila.get(&format!("/media/{}/huge", media.id())).await.is_problem(404, "not-found");
        let text = String::from_utf8(mila.get("/metrics").await.bytes).unwrap();
        assert!(text.contains("hearth_media_uploads_total{outcome=\"taken\"} 1"), "{text}");
        assert!(text.contains("hearth_media_develop_duration_seconds_count 3"), "{text}");
    });
}

#[test]
fn until_the_small_ones_are_made_the_full_one_serves() {
    on_each_engine_with(idle, async |hub| {
        let mila = hub.member().await;
        let media = send_jpeg(&mila, jpeg(400, 300)).await;
        let thumb = mila.get(media.text("thumb_url")).await;
        assert_eq!((thumb.status, thumb.header("cache-control").as_str()), (200, "private, no-cache"));
        assert_eq!(thumb.bytes, mila.get(media.text("url")).await.bytes);
        assert_eq!(files(&hub).len(), 1);
    });
}

#[test]
fn a_form_with_a_file_in_it_will_do() {
    on_each_engine_with(idle, async |hub| {
        let mila = hub.member().await;
        let form = |parts: &[(&str, &[u8])]| {
            let mut body = Vec::new();
            for (head, bytes) in parts {
                body.extend(format!("--edge\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes());
                body.extend(*bytes);
                body.extend(b"\r\n");
            }
            body.extend(b"--edge--\r\n");
            body
        };
        let picture = jpeg(64, 48);
        let kind = "multipart/form-data; boundary=edge";
        let file = "name=\"file\"; filename=\"photo.jpg\"\r\nContent-Type: image/jpeg";
        let with = form(&[("name=\"note\"", b"for the soup"), (file, &picture)]);
        assert_eq!(send(&mila, "/api/media", kind, with.clone()).await.is(201)["width"], 64);
        let without = form(&[("name=\"note\"", b"for the soup")]);
        send(&mila, "/api/media", kind, without).await.is_problem(400, "upload-empty");
        let cut = with[..with.len() - 200].to_vec();
        send(&mila, "/api/media", kind, cut).await.is_problem(400, "upload-broken-off");
        send(&mila, "/api/media", "multipart/form-data", with).await.is_problem(400, "upload-broken-off");
        let empty = form(&[(file, b"")]);
        send(&mila, "/api/media", kind, empty).await.is_problem(400, "upload-empty");
        assert_eq!(files(&hub).len(), 1);
    });
}

#[test]
fn what_is_no_picture_is_refused_and_leaves_nothing() {
    on_each_engine_with(idle, async |hub| {
        let mila = hub.member().await;
        let whole = jpeg(300, 200);
        let bomb = crate::testing::pictures::png_bomb(8_000, 6_250);
        for (kind, body, status, code) in [
            ("image/png", b"PK\x03\x04 a zip named .png".to_vec(), 415, "picture-unknown"),
            ("image/jpeg", b"<html><script>alert(1)</script>".to_vec(), 415, "picture-unknown"),
            ("image/heic", b"\0\0\0\x18ftypheic\0\0\0\0".to_vec(), 415, "picture-heic"),
            ("image/jpeg", whole[..whole.len() / 2].to_vec(), 400, "picture-broken"),
            ("image/jpeg", Vec::new(), 400, "upload-empty"),
            ("application/json", b"{}".to_vec(), 415, "not-an-upload"),
            ("text/plain", whole.clone(), 415, "not-an-upload"),
            ("", whole.clone(), 415, "not-an-upload"),
            ("image/png", bomb, 413, "picture-too-large"),
            ("application/pdf", b"%PDF-1.4\n%%EOF\n".to_vec(), 415, "picture-unknown"),
        ] {
            send(&mila, "/api/media", kind, body).await.is_problem(status, code);
        }
        assert_eq!(files(&hub), Vec::<String>::new());
        // What it is called does not matter.
        assert_eq!(send(&mila, "/api/media", "image/webp", whole).await.is(201)["kind"], "jpeg");
        let text = String::from_utf8(mila.get("/metrics").await.bytes).unwrap();
        assert!(text.contains("hearth_media_uploads_total{outcome=\"picture-heic\"} 1"), "{text}");
    });
}

#[test]
fn a_polyglot_is_refused_and_what_phones_add_is_left_out() {
    run(async {
        let hub = TestHub::start(idle()).await;
        let mila = hub.member().await;
        let polyglot = [&jpeg(120, 90)[..], b"<html><script>alert(1)</script></html>PK\x05\x06"].concat();
        send(&mila, "/api/media", "image/jpeg", polyglot).await.is_problem(415, "picture-hides");
        let moving = [&jpeg(120, 90)[..], b"\0\0\0\x10ftypmp42\0\0\0\0\0\0\0\x0cmdatfilm"].concat();
        let media = send_jpeg(&mila, moving).await;
        let shown = mila.get(media.text("url")).await;
        assert!(!shown.bytes.windows(4).any(|some| some == b"film"));
        assert_eq!(media.0["bytes"], send_jpeg(&mila, jpeg(120, 90)).await.0["bytes"]);
    });
}

#[test]
fn a_document_is_handed_out_and_never_shown() {
    on_each_engine_with(idle, async |hub| {
        let mila = hub.member().await;
        let sent = b"%PDF-1.4\n<script>\n%%EOF\n".to_vec();
        let media = send(&mila, "/api/media?use=paper", "application/pdf", sent.clone()).await.is(201);
        assert_eq!((&media["kind"], media.get("thumb_url")), (&json!("pdf"), None));
        let served = mila.get(media["url"].as_str().unwrap()).await;
        assert_eq!(served.bytes, sent);
        assert!(served.header("content-disposition").starts_with("attachment"));
        let id: MediaId = media["id"].as_str().unwrap().parse().unwrap();
        let shown = write(&hub, move |tx| show(tx, id, Visibility::Public)).await;
        assert_eq!(shown.unwrap_err().code(), "document-public");
        let scan = send(&mila, "/api/media?use=paper", "image/jpeg", jpeg(2_400, 300)).await.is(201);
        assert_eq!(scan["width"], 2_400);
        send(&mila, "/api/media?use=poster", "image/jpeg", sent).await.is_problem(400, "invalid-request");
    });
}

#[test]
fn strangers_see_what_is_public_and_nothing_else() {
    on_each_engine_with(idle, async |hub| {
        let (mila, stranger) = (hub.member().await, hub.stranger());
        let media = send_jpeg(&mila, jpeg(64, 48)).await;
        let id = media.id();
        stranger.get(media.text("url")).await.is_problem(401, "sign-in-needed");
        stranger
            .get("/media/01890a5d-ac96-774b-bcce-b302099a8057/full")
            .await
            .is_problem(401, "sign-in-needed");
        send(&stranger, "/api/media", "image/jpeg", jpeg(64, 48)).await.is_problem(401, "sign-in-needed");
        for friend in [hub.owner().await, hub.staff().await, hub.service("script").await] {
            assert_eq!(friend.get(media.text("url")).await.status, 200);
        }
        write(&hub, move |tx| show(tx, id, Visibility::Public)).await.unwrap();
        let shown = stranger.get(media.text("url")).await;
        assert_eq!(
            (shown.status, shown.header("cache-control").as_str()),
            (200, "public, max-age=31536000, immutable")
        );
        write(&hub, move |tx| show(tx, id, Visibility::House)).await.unwrap();
        stranger.get(media.text("url")).await.is_problem(401, "sign-in-needed");
    });
}

#[test]
fn the_same_content_is_one_file_that_goes_some_time_after_its_last_holder() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let one = send_jpeg(&mila, jpeg(200, 100)).await;
        let two = send_jpeg(&mila, jpeg(200, 100)).await;
        hub.advance(1);
        let other = send_jpeg(&mila, jpeg(100, 200)).await;
        assert_ne!(one.id(), two.id());
        files_become(&hub, 6).await;
        let soup = Owner::new("dish", "soup");
        let (a, b, c) = (one.id(), two.id(), other.id());
        let claimed = write(&hub, {
            let soup = soup.clone();
            move |tx| {
                claim(tx, a, &soup)?;
                claim(tx, c, &soup)?;
                claim(tx, a, &soup)
            }
        });
        assert_eq!(claimed.await.unwrap().owner, Some(soup.clone()));
        let taken = write(&hub, move |tx| claim(tx, a, &Owner::new("dish", "salad"))).await;
        assert_eq!(taken.unwrap_err().code(), "media-owned");
        mila.delete(&format!("/api/media/{a}")).await.is_problem(409, "media-owned");
        mila.delete(&format!("/api/media/{b}")).await.is(204);
        mila.delete(&format!("/api/media/{b}")).await.is_problem(404, "unknown-media");
        assert_eq!(mila.get(one.text("url")).await.status, 200, "the other still holds on");
        let dish = soup.clone();
        let of_soup = hub.app().db().read(move |tx| of(tx, &dish)).await.unwrap();
        assert_eq!(of_soup.iter().map(|media| media.id).collect::<Vec<_>>(), [a, c]);
        write(&hub, move |tx| release_all(tx, &soup)).await.unwrap();
        mila.get(one.text("url")).await.is_problem(404, "unknown-media");
        // The files stay for as long as a backup may name them, and serve when the content comes again.
        let days = keeping::remembered_days(hub.app().settings());
        hub.advance(days * 24 * 3600 - 1);
        assert_eq!(write(&hub, move |tx| keeping::clear(tx, days)).await.unwrap(), 0);
        let mila = hub.member().await;
        let again = send_jpeg(&mila, jpeg(200, 100)).await;
        hub.advance(1);
        assert_eq!(write(&hub, move |tx| keeping::clear(tx, days)).await.unwrap(), 1);
        files_become(&hub, 3).await;
        assert_eq!(mila.get(again.text("url")).await.status, 200);
    });
}

#[test]
fn what_nobody_claims_within_a_day_is_let_go() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let (kept, lost) = (send_jpeg(&mila, jpeg(200, 100)).await, send_jpeg(&mila, jpeg(100, 200)).await);
        files_become(&hub, 6).await;
        let id = kept.id();
        write(&hub, move |tx| claim(tx, id, &Owner::new("dish", "soup"))).await.unwrap();
        assert_eq!(write(&hub, keeping::collect).await.unwrap(), 0);
        hub.advance(24 * 3600);
        assert_eq!(write(&hub, keeping::collect).await.unwrap(), 1);
        assert_eq!(write(&hub, keeping::collect).await.unwrap(), 0);
        files_become(&hub, 3).await;
        mila.get(lost.text("url")).await.is_problem(404, "unknown-media");
        assert_eq!(mila.get(kept.text("url")).await.status, 200);
    });
}

#[test]
fn the_same_content_coming_while_it_goes_is_there_in_the_end() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        for _ in 0..8 {
            let old = send_jpeg(&mila, jpeg(200, 100)).await.id();
            let letting_go = write(&hub, move |tx| release(tx, old));
            let (gone, new) = tokio::join!(letting_go, send_jpeg(&mila, jpeg(200, 100)));
            gone.unwrap();
            assert_eq!(mila.get(new.text("url")).await.status, 200);
            let new = new.id();
            write(&hub, move |tx| release(tx, new)).await.unwrap();
        }
        files_become(&hub, 0).await;
    });
}

#[test]
fn sent_twice_under_one_key_it_is_kept_once() {
    on_each_engine_with(idle, async |hub| {
        let mila = hub.member().await;
        let keyed = |body: Vec<u8>| {
            let request = mila.request(Method::POST, "/api/media").header("content-type", "image/jpeg");
            Answer::of(request.header("idempotency-key", "one").body(body))
        };
        let first = keyed(jpeg(64, 48)).await.is(201);
        assert_eq!(keyed(jpeg(64, 48)).await.is(201), first);
        keyed(jpeg(48, 64)).await.is_problem(422, "key-reused");
        assert_eq!(files(&hub).len(), 1, "what was not needed was removed");
        let rows: i64 =
            hub.app().db().read(|tx| tx.one(sql!("SELECT COUNT(*) FROM media"), ())).await.unwrap();
        assert_eq!(rows, 1);
    });
}

#[test]
fn a_domain_that_refuses_leaves_no_file() {
    on_each_engine_with(idle, async |hub| {
        let app = hub.app();
        let mut headers = axum::http::HeaderMap::new();
        headers.insert("content-type", "image/jpeg".parse().unwrap());
        let take = async || take(app, &headers, jpeg(64, 48).into(), &PHOTO).await.unwrap();
        let refuse = |tx: &mut Tx, row: take::Row<'_>| {
            row.add(tx)?;
            Err::<(), _>(Error::conflict("media-owned", "No soup today."))
        };
        let refused = take().await.keep(&Actor::System, refuse).await;
        assert_eq!(refused.unwrap_err().code(), "media-owned");
        assert_eq!(files(&hub).len(), 0);
        drop(take().await);
        files_become(&hub, 0).await;
        let keep = |tx: &mut Tx, row: take::Row<'_>| {
            let media = row.add(tx)?;
            claim(tx, media.id, &Owner::new("dish", "soup"))
        };
        assert_eq!(take().await.keep(&Actor::System, keep).await.unwrap().width, 64);
        assert_eq!(files(&hub).len(), 1);
    });
}

#[test]
fn more_than_is_taken_is_refused_early_and_late() {
    run(async {
        let hub = TestHub::start(idle()).await;
        let mila = hub.member().await;
        let head = |how: &str| {
            let request = mila.request(Method::POST, "/x").build().unwrap();
            let cookie = request.headers()["cookie"].to_str().unwrap().to_owned();
            format!(
                "POST /api/media HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nContent-Type: image/jpeg\r\n{how}\r\n\r\n"
            )
        };
        // It says so: not a byte is waited for.
        let mut stream = TcpStream::connect(hub.address()).await.unwrap();
        stream.write_all(head("Content-Length: 10737418240").as_bytes()).await.unwrap();
        let mut answer = vec![0; 16];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, b"HTTP/1.1 413 Pay");
        drop(stream);
        // It does not say so: what came is thrown away when it becomes too much.
        let stream = TcpStream::connect(hub.address()).await.unwrap();
        let (mut reading, mut writing) = stream.into_split();
        writing.write_all(head("Transfer-Encoding: chunked").as_bytes()).await.unwrap();
        let pour = tokio::spawn(async move {
            let chunk = [b"100000\r\n".as_slice(), &vec![0xff; 0x10_0000], b"\r\n"].concat();
            while writing.write_all(&chunk).await.is_ok() {}
        });
        reading.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, b"HTTP/1.1 413 Pay");
        pour.abort();
        files_become(&hub, 0).await;
        // A form that is too large, and a client that listens when it has said all.
        let body = vec![0xff; 26 * 1024 * 1024];
        send(&mila, "/api/media", "image/jpeg", body).await.is_problem(413, "too-large");
        assert_eq!(files(&hub).len(), 0);
    });
}

/// Begins an upload and says nothing more.
async fn begin(hub: &TestHub, client: &Client) -> TcpStream {
    let request = client.request(Method::POST, "/x").build().unwrap();
    let cookie = request.headers()["cookie"].to_str().unwrap().to_owned();
    let mut stream = TcpStream::connect(hub.address()).await.unwrap();
    let head = format!(
        "POST /api/media HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nContent-Type: image/jpeg\r\n\
         Content-Length: 1000\r\n\r\n\u{ff}"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

#[test]
fn only_so_many_come_in_at_once_and_who_goes_makes_room() {
    run(async {
        let hub = TestHub::start(idle()).await;
        let mila = hub.member().await;
        let mut slow = Vec::new();
        for count in 1..=8 {
            slow.push(begin(&hub, &mila).await);
            files_become(&hub, count).await;
        }
        let busy = send(&mila, "/api/media", "image/jpeg", jpeg(64, 48)).await;
        assert_eq!(busy.header("retry-after"), "5");
        busy.is_problem(503, "media-busy");
        drop(slow);
        files_become(&hub, 0).await;
        send_jpeg(&mila, jpeg(64, 48)).await;
    });
}

#[test]
fn a_folder_that_cannot_be_used_is_a_clear_line_at_the_start_and_a_problem_later() {
    run(async {
        let folder = process::folder("hub");
        fs::write(folder.join("media"), "in the way").unwrap();
        let settings = TestHub::start(idle()).await.app().settings().clone();
        let settings = crate::config::Settings { data: folder.clone(), ..settings };
        let error =
            crate::app::App::start(settings, crate::app::Surroundings::default()).await.err().unwrap();
        assert_eq!(error.code(), "bad-setting");
        assert!(error.detail().contains("media cannot be used:"), "{error}");

        let hub = TestHub::start(idle()).await;
        let mila = hub.member().await;
        let media = send_jpeg(&mila, jpeg(64, 48)).await;
        let (here, away) = (hub.folder().join("media"), hub.folder().join("away"));
        fs::rename(&here, &away).unwrap();
        fs::write(&here, "in the way").unwrap();
        mila.get(media.text("url")).await.is_problem(503, "media-unavailable");
        let refused = send(&mila, "/api/media", "image/jpeg", jpeg(48, 64)).await;
        assert_eq!(refused.header("retry-after"), "30");
        refused.is_problem(503, "media-unavailable");
        fs::remove_file(&here).unwrap();
        fs::rename(&away, &here).unwrap();
        assert_eq!(mila.get(media.text("url")).await.status, 200);
        send_jpeg(&mila, jpeg(48, 64)).await;
        // A file that somebody removed by hand.
        fs::remove_dir_all(&here).unwrap();
        mila.get(media.text("url")).await.is_problem(404, "media-missing");
    });
}

#[test]
fn room_is_left_on_the_disk_for_the_database() {
    run(async {
        let hub = TestHub::start(idle()).await;
        let mila = hub.member().await;
        hub.app().media().disk().leave_over(u64::MAX);
        let full = send(&mila, "/api/media", "image/jpeg", jpeg(64, 48)).await;
        assert_eq!(full.header("retry-after"), "30");
        full.is_problem(503, "disk-full");
        hub.app().media().disk().leave_over(0);
        send_jpeg(&mila, jpeg(64, 48)).await;
    });
}

/// A file in the store that no row knows.
fn orphan(hub: &TestHub, number: usize) -> PathBuf {
    let digest = format!("{number:064x}");
    let shelf = hub.folder().join("media").join(&digest[..2]);
    fs::create_dir_all(&shelf).unwrap();
    let path = shelf.join(format!("{digest}-00000000.full"));
    fs::write(&path, "orphan").unwrap();
    path
}

#[test]
fn a_sweep_finds_what_a_crash_left_and_nothing_else() {
    on_each_engine_with(idle, async |hub| {
        let mila = hub.member().await;
        let media = send_jpeg(&mila, jpeg(64, 48)).await;
        let lost = orphan(&hub, 1);
        let shelf = lost.parent().unwrap();
        let strange = shelf.join("README");
        fs::write(&strange, "not ours").unwrap();
        fs::write(shelf.join("draft-0011223344556677"), "half").unwrap();
        fs::write(hub.folder().join("media/incoming/0011"), "half").unwrap();
        assert_eq!(sweep(hub.app(), keeping::ORPHANED_FOR).await.unwrap(), 0, "it is all too young");
        assert_eq!(files(&hub).len(), 5);
        assert_eq!(sweep(hub.app(), Duration::ZERO).await.unwrap(), 2);
        assert!(strange.exists() && !lost.exists());
        assert_eq!(files(&hub).len(), 2);
        assert_eq!(mila.get(media.text("url")).await.status, 200);
        // So many strangers: this is the database of another house.
        let many: Vec<PathBuf> = (0..150).map(|number| orphan(&hub, number)).collect();
        assert_eq!(sweep(hub.app(), Duration::ZERO).await.unwrap(), 0);
        assert!(many.iter().all(|path| path.exists()));
    });
}

#[test]
fn nobody_piles_up_pictures_that_belong_to_nothing() {
    on_each_engine_with(idle, async |hub| {
        let file = |number: i64| NewFile {
            place: Place::new(&format!("{number:064x}"), [0; 4]),
            digest: format!("{number:064x}"),
            kind: MediaKind::Jpeg,
            width: 1,
            height: 1,
            bytes: 1,
        };
        write(&hub, move |tx| (0..MOST_UNOWNED).try_for_each(|n| add(tx, &file(n)).map(drop))).await.unwrap();
        let more = write(&hub, move |tx| add(tx, &file(MOST_UNOWNED))).await;
        assert_eq!(more.unwrap_err().code(), "too-many-unowned");
        send_jpeg(&hub.member().await, jpeg(64, 48)).await;
    });
}

#[test]
fn two_hubs_share_one_bucket() {
    let Some(database) = postgres::database() else { return };
    run(async {
        let shelf = store::tests::Shelf::start().await;
        let setup =
            || Setup { database_url: Some(database.url()), s3: Some(shelf.keys()), ..Setup::default() };
        let (one, two) = (TestHub::start(setup()).await, TestHub::start(setup()).await);
        let mila = one.member().await;
        let media = send_jpeg(&mila, jpeg(800, 600)).await;
        let there = mila.moved_to(&two.url());
        assert_eq!(there.get(media.text("url")).await.bytes, mila.get(media.text("url")).await.bytes);
        let begun = Instant::now();
        while shelf.names().len() != 3 {
            assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", shelf.names());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!((files(&one).len(), files(&two).len()), (0, 0), "nothing stays on a hub");
        shelf.failing.store(3, std::sync::atomic::Ordering::Relaxed);
        there.get(media.text("url")).await.is_problem(503, "media-unavailable");
        there.delete(&format!("/api/media/{}", media.id())).await.is(204);
        while !shelf.names().is_empty() {
            assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", shelf.names());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        one.stop().await;
        two.stop().await;
    });
}

#[test]
fn a_place_is_read_back_from_a_files_name() {
    let place = Place::new(&"ab".repeat(32), [1, 2, 3, 0xff]);
    assert_eq!(Place::of_file(&place.file(MediaSize::Thumb)), Some(place.clone()));
    for bad in [
        "",
        "x",
        "ab/abc-1.full",
        "../../etc/passwd.full",
        &place.file(MediaSize::Full).replace(".full", ".png"),
    ] {
        assert_eq!(Place::of_file(bad), None, "{bad}");
    }
}
