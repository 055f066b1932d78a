//! The house and its people, as they are changed and as they are told.

use serde_json::{Value, json};

use super::*;
use crate::auth::{Actor, Role};
use crate::command;
use crate::testing::hub::{Client, Setup, TestHub, on_each_engine, run};

async fn id_of(client: &Client) -> String {
    client.get("/api/profile").await.is(200)["id"].as_str().unwrap().to_owned()
}

#[test]
fn the_house_changes_by_version_and_everybody_hears_of_it() {
    on_each_engine(async |hub| {
        let (owner, mila) = (hub.owner().await, hub.member().await);
        let mut live = mila.live("").await;
        live.expect("hello").await;
        let house = owner.get("/api/house").await.is(200);
        let change =
            json!({ "version": house["version"], "name": "  Villa   Kastanje ", "time_zone": "Asia/Tokyo" });
        let changed = owner.patch("/api/house", change.clone()).await.is(200);
        assert_eq!(
            (&changed["name"], &changed["time_zone"]),
            (&json!("Villa Kastanje"), &json!("Asia/Tokyo"))
        );
        assert_eq!(live.expect("house.updated").await["data"], changed);
        let stale = owner.patch("/api/house", change).await.is_problem(409, "stale-version");
        assert_eq!(stale["current"], changed);

        let wrong = json!({ "version": 2, "name": "", "time_zone": "Mars/Olympus" });
        let problem = owner.patch("/api/house", wrong).await.is_problem(400, "invalid-request");
        let pointers: Vec<&Value> =
            problem["errors"].as_array().unwrap().iter().map(|e| &e["pointer"]).collect();
        assert_eq!(pointers, [&json!("/name"), &json!("/time_zone")]);
        live.is_silent_for(std::time::Duration::from_millis(100)).await;
    });
}

#[test]
fn of_many_who_change_the_same_version_one_wins() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let change = |n: i32| {
            let owner = owner.clone();
            async move {
                owner.patch("/api/house", json!({ "version": 1, "name": format!("Name {n}") })).await.status
            }
        };
        let answers = futures_util::future::join_all((0..20).map(change)).await;
        assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1);
        assert_eq!(answers.iter().filter(|status| **status == 409).count(), 19);
    });
}

#[test]
fn people_change_themselves_and_owners_change_roles() {
    on_each_engine(async |hub| {
        let (owner, mila) = (hub.owner().await, hub.member().await);
        let mut live = owner.live("").await;
        live.expect("hello").await;
        let me = mila
            .patch("/api/profile", json!({ "version": 1, "theme": "dark", "language": "de" }))
            .await
            .is(200);
        assert_eq!(
            (&me["theme"], &me["language"], &me["version"]),
            (&json!("dark"), &json!("de"), &json!(2))
        );
        assert_eq!(live.expect("member.updated").await["data"]["theme"], "dark");
        mila.patch("/api/profile", json!({ "version": 2, "name": "ANNA" }))
            .await
            .is_problem(409, "name-taken");
        mila.patch("/api/profile", json!({ "version": 2, "theme": "pink" }))
            .await
            .is_problem(400, "invalid-request");

        let path = format!("/api/members/{}", id_of(&mila).await);
        let mut milas = mila.live("").await;
        milas.expect("hello").await;
        owner.patch(&path, json!({ "version": 2, "role": "owner" })).await.is(200);
        // Her socket comes back under the new role.
        milas.closes_with(4010).await;
        mila.patch("/api/house", json!({ "version": 1, "name": "Ours" })).await.is(200);
    });
}

#[test]
fn who_is_revoked_is_out_at_once_and_their_name_is_free() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        hub.advance(1);
        let mila = hub.member().await;
        let path = format!("/api/members/{}", id_of(&mila).await);
        let mut live = mila.live("").await;
        live.expect("hello").await;
        owner.delete(&path).await.is(204);
        live.closes_with(4011).await;
        mila.get("/api/house").await.is_problem(401, "sign-in-needed");
        owner.delete(&path).await.is_problem(404, "unknown-member");
        owner.patch(&path, json!({ "version": 2, "name": "Back" })).await.is_problem(404, "unknown-member");
        assert_eq!(owner.get("/api/members").await.is(200)["items"].as_array().unwrap().len(), 1);
        let all = owner.get("/api/members?revoked=true").await.is(200);
        assert_eq!(all["items"][1]["revoked_at"], hub.now().to_string());
        // Another Mila may come.
        assert_ne!(id_of(&hub.member().await).await, path);
    });
}

#[test]
fn the_last_owner_stays() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        let path = format!("/api/members/{}", id_of(&owner).await);
        owner.delete(&path).await.is_problem(409, "last-owner");
        owner.patch(&path, json!({ "version": 1, "role": "member" })).await.is_problem(409, "last-owner");
        let second = hub.person("Jonas", Role::Owner).await;
        second.delete(&path).await.is(204);
        let path = format!("/api/members/{}", id_of(&second).await);
        second.delete(&path).await.is_problem(409, "last-owner");
    });
}

#[test]
fn lists_come_in_pages_without_a_gap() {
    on_each_engine(async |hub| {
        let owner = hub.owner().await;
        for name in ["B", "C", "D", "E", "F", "G"] {
            hub.advance(1);
            hub.person(name, Role::Member).await;
        }
        let (mut names, mut next) = (Vec::new(), String::new());
        loop {
            let page = owner.get(&format!("/api/members?limit=3{next}")).await.is(200);
            names.extend(
                page["items"].as_array().unwrap().iter().map(|m| m["name"].as_str().unwrap().to_owned()),
            );
            match page["next"].as_str() {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(names, ["Anna", "B", "C", "D", "E", "F", "G"]);
        owner.get("/api/members?limit=0").await.is_problem(400, "invalid-request");
        owner.get("/api/members?limit=501").await.is_problem(400, "invalid-request");
        owner.get("/api/members?limit=x").await.is_problem(400, "invalid-request");
        owner.get("/api/members?cursor=!").await.is_problem(400, "bad-cursor");
    });
}

#[test]
fn the_check_finds_what_is_wrong() {
    run(async {
        let hub = TestHub::start(Setup::default()).await;
        hub.owner().await;
        let engine = hub.app().db().engine();
        let look = async || hub.app().db().read(move |tx| command::violations(tx, engine)).await.unwrap();
        assert!(look().await.iter().all(|(_, found)| found.is_empty()));
        let path = hub.folder().join("hearth.db");
        crate::testing::process::aside(|| {
            let other = rusqlite::Connection::open(path).unwrap();
            other
                .execute_batch("UPDATE members SET role = 'member'; UPDATE channels SET seq = seq + 5")
                .unwrap();
        });
        let found: Vec<String> = look().await.into_iter().flat_map(|(_, found)| found).collect();
        assert_eq!(found, ["channel house: head 6, but 1 events from 1 to 1", "the house has no owner"]);
    });
}

#[test]
fn the_demo_does_not_move_into_a_real_house() {
    run(async {
        let hub = TestHub::start(Setup::default()).await;
        hub.owner().await;
        let error = hub.app().db().write(&Actor::System, demo::move_in).await.unwrap_err();
        assert_eq!(error.code(), "not-a-demo");
    });
}

#[test]
fn names_have_a_measure() {
    let name = |text: &str| Name::parse(text).map(|name| name.to_string());
    assert_eq!(name(" Anna\n Lindqvist ").unwrap(), "Anna Lindqvist");
    assert_eq!(name(&"ä".repeat(60)).unwrap().chars().count(), 60);
    for bad in ["", "  ", "a\u{7}b", "a\0b", &"x".repeat(61)] {
        assert!(name(bad).is_err(), "{bad:?}");
    }
    assert_eq!(Name::parse("ÅSA").unwrap().key(), Name::parse("åsa").unwrap().key());
}
