//! What is missing, cut short or altered is found, and nothing else is said.

use std::fs;

use super::*;
use crate::media::store::tests::Shelf;
use crate::testing::hub::{Client, Setup, TestHub, on_each_engine, run};
use crate::testing::pictures::jpeg;
use crate::testing::postgres;

/// Sends a picture and waits until its small ones are made; answers where the full one lies.
async fn kept(hub: &TestHub, mila: &Client, width: u32) -> String {
    let body = jpeg(width, 48);
    let sent = mila.request(reqwest::Method::POST, "/api/media").header("content-type", "image/jpeg");
    let sent = crate::testing::hub::Answer::of(sent.body(body)).await.is(201);
    let id: super::super::MediaId = sent["id"].as_str().unwrap().parse().unwrap();
    loop {
        let media = hub.app().db().read(move |tx| super::super::get(tx, id)).await.unwrap();
        if media.small_at.is_some() {
            return media.place.file(MediaSize::Full);
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

async fn looked(hub: &TestHub) -> Looked {
    look(hub.app().db(), &Store::named(hub.app().settings()).unwrap()).await.unwrap()
}

#[test]
fn what_is_missing_cut_short_or_altered_is_found() {
    on_each_engine(async |hub| {
        let mila = hub.member().await;
        let room = hub.folder().join("media");
        let [gone, cut, altered, thumb, well] = [64, 65, 66, 67, 68];
        let mut paths = Vec::new();
        for width in [gone, cut, altered, thumb, well] {
            paths.push(kept(&hub, &mila, width).await);
        }
        let whole = looked(&hub).await;
        assert_eq!((whole.files, whole.wrong.len(), whole.rowless), (5, 0, 0), "{:?}", whole.wrong);

        fs::remove_file(room.join(&paths[0])).unwrap();
        let bytes = fs::read(room.join(&paths[1])).unwrap();
        fs::write(room.join(&paths[1]), &bytes[1..]).unwrap();
        let mut bytes = fs::read(room.join(&paths[2])).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(room.join(&paths[2]), &bytes).unwrap();
        fs::remove_file(room.join(paths[3].replace(".full", ".thumb"))).unwrap();
        // What nobody knows does no harm.
        let stray = paths[4].rsplit_once('-').unwrap().0.to_owned() + "-00000000.full";
        fs::write(room.join(stray), "nobody's").unwrap();
        let found = looked(&hub).await;
        let mut wrong = found.wrong.clone();
        wrong.sort();
        let mut expected = vec![
            format!("media/{} is missing.", paths[0]),
            format!(
                "media/{} is {} bytes long; it was {}.",
                paths[1],
                bytes_of(&paths[1], &room),
                1 + bytes_of(&paths[1], &room)
            ),
            format!("media/{} is not what it was: its digest is another.", paths[2]),
            format!("Small pictures of media/{} are missing.", paths[3]),
        ];
        expected.sort();
        assert_eq!((wrong, found.rowless), (expected, 1));

        fs::remove_dir_all(&room).unwrap();
        fs::write(&room, "in the way").unwrap();
        let found = looked(&hub).await;
        assert!(found.wrong[0].starts_with("The folder for pictures cannot be used"), "{:?}", found.wrong);
        let health = crate::health::look(hub.app()).await;
        let health = serde_json::to_value(&health.parts).unwrap();
        let part = health.as_array().unwrap().iter().find(|part| part["name"] == "pictures").unwrap();
        assert_eq!(part["status"], "down", "{part}");
    });
}

fn bytes_of(path: &str, room: &std::path::Path) -> u64 {
    fs::metadata(room.join(path)).unwrap().len()
}

#[test]
fn a_bucket_is_compared_by_length_and_told_of_when_it_refuses() {
    let Some(database) = postgres::database() else { return };
    run(async {
        let shelf = Shelf::start().await;
        let setup = Setup { database_url: Some(database.url()), s3: Some(shelf.keys()), ..Setup::default() };
        let hub = TestHub::start(setup).await;
        let mila = hub.member().await;
        let path = kept(&hub, &mila, 64).await;
        let other = kept(&hub, &mila, 65).await;
        assert!(looked(&hub).await.wrong.is_empty());
        shelf.put(&format!("media/{path}"), b"short");
        shelf.remove(&format!("media/{other}"));
        let mut wrong = looked(&hub).await.wrong;
        wrong.sort_by_key(|line| line.contains("missing"));
        assert!(wrong[0].starts_with(&format!("media/{path} is 5 bytes long; it was ")), "{wrong:?}");
        assert_eq!(wrong[1], format!("media/{other} is missing."));

        let owner = hub.owner().await;
        let part = async |status| {
            let report = owner.get("/health/detailed").await.is(status);
            let parts = report["parts"].as_array().unwrap().clone();
            parts.into_iter().find(|part| part["name"] == "pictures").unwrap()
        };
        assert_eq!(
            (&part(200).await["status"], &part(200).await["facts"]["store"]),
            (&"ok".into(), &"bucket".into())
        );
        hub.stop().await;

        let away =
            crate::media::store::Keys { url: "http://127.0.0.1:9/pictures".to_owned(), ..shelf.keys() };
        let away = Store::Bucket(crate::media::store::Bucket::open(&away).unwrap()).try_out().await;
        let root = away.unwrap_err().root().unwrap();
        assert!(root.contains("refused"), "{root}");

        let keys = crate::media::store::Keys { secret: "another".to_owned(), ..shelf.keys() };
        let setup =
            Setup { database_url: Some(database.url()), s3: Some(keys), folder: None, ..Setup::default() };
        let hub = TestHub::start(setup).await;
        let found = crate::health::look(hub.app()).await;
        let found = serde_json::to_value(&found.parts).unwrap();
        let part = found.as_array().unwrap().iter().find(|part| part["name"] == "pictures").unwrap();
        assert_eq!(part["status"], "down");
        assert!(part["detail"].as_str().unwrap().contains("SignatureDoesNotMatch"), "{part}");
        hub.stop().await;
    });
}
