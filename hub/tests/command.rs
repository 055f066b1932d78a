//! The program as a person or a service manager starts it: what it prints, what it refuses, how it ends.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use hearth_hub::testing::hub::{Client, run};
use hearth_hub::testing::program::{self, Program};
use hearth_hub::testing::{postgres, process};
use serde_json::{Value, json};

const BINARY: &str = env!("CARGO_BIN_EXE_hearth-hub");

fn hub(data: &Path) -> Command {
    program::command(BINARY, data)
}

fn said(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

fn house(data: &Path) {
    let program = Program::start(&mut hub(data));
    run(async {
        let stranger = Client::at(&program.url());
        let setup = json!({ "token": program.secret(), "house_name": "House", "name": "Anna", "password": "long enough" });
        stranger.post("/api/links/accept", setup).await.is(201);
    });
    assert!(program.terminate().success());
}

#[test]
fn the_demo_is_one_command_and_one_line() {
    let data = process::folder("demo");
    let program = Program::start(hub(&data).arg("--demo"));
    assert!(program.line.starts_with("Hearth is at http://127.0.0.1:"), "{}", program.line);
    assert!(program.line.contains("/app/enter#"), "{}", program.line);
    run(async {
        let stranger = Client::at(&program.url());
        let visitor = stranger
            .with_cookie_of(&stranger.post("/api/links/accept", json!({ "token": program.secret() })).await);
        assert_eq!(visitor.get("/api/house").await.is(200)["demo"], true);
        assert_eq!(visitor.get("/app").await.status, 200);
    });
    assert!(program.terminate().success());
    let again = Program::start(hub(&data).arg("--demo"));
    assert!(again.line.contains("/app/enter#"), "each start gives a fresh link: {}", again.line);
    assert!(again.terminate().success());
    let (code, text, _) = said(&program::run(hub(&data).arg("check")));
    assert_eq!((code, text.ends_with("Everything holds.")), (0, true), "{text}");
}

#[test]
fn an_empty_house_prints_a_set_up_link_until_it_is_used() {
    let data = process::folder("empty");
    let program = Program::start(&mut hub(&data));
    assert!(program.line.contains("/app/setup#"), "{}", program.line);
    program.kill();
    house(&data);
    let program = Program::start(&mut hub(&data));
    assert_eq!(program.line, format!("Hearth is at {}", program.url()));
}

#[test]
fn people_are_let_in_beside_a_running_hub() {
    let data = process::folder("user");
    let (code, _, error) = said(&program::run(hub(&data).args(["user", "add", "Mila"])));
    assert_eq!((code, error.contains("There is no house in")), (1, true), "{error}");
    house(&data);
    let program = Program::start(&mut hub(&data));
    let url = program.url();
    let (code, link, _) = said(&program::run(hub(&data).args(["user", "add", "Mila", "--role", "staff"])));
    assert_eq!((code, link.contains("/app/reset#")), (0, true), "{link}");
    let (code, _, error) = said(&program::run(hub(&data).args(["user", "add", "mila"])));
    assert_eq!((code, error.contains("has this name already")), (1, true), "{error}");
    let (_, second, _) = said(&program::run(hub(&data).args(["user", "reset", "Mila"])));
    run(async {
        let stranger = Client::at(&url);
        let token = |link: &str| link.split_once('#').unwrap().1.to_owned();
        let old = json!({ "token": token(&link), "password": "long enough" });
        stranger.post("/api/links/accept", old).await.is_problem(404, "link-unknown");
        let new = json!({ "token": token(&second), "password": "long enough" });
        assert_eq!(stranger.post("/api/links/accept", new).await.is(201)["me"]["role"], "staff");
    });
    let (code, _, error) = said(&program::run(hub(&data).args(["user", "reset", "Nobody"])));
    assert_eq!((code, error.contains("Nobody here has this name")), (1, true), "{error}");
}

#[test]
fn tokens_are_made_listed_and_revoked_and_live_clients_notice() {
    let data = process::folder("token");
    house(&data);
    let program = Program::start(&mut hub(&data));
    let (code, token, _) = said(&program::run(hub(&data).args(["token", "add", "script"])));
    assert_eq!((code, token.len()), (0, 43), "{token}");
    let (code, _, error) = said(&program::run(hub(&data).args(["token", "add", "script"])));
    assert_eq!((code, error.contains("already")), (1, true), "{error}");
    run(async {
        let script = Client::at(&program.url()).with_token(&token);
        script.get("/api/house").await.is(200);
        let mut live = script.live("").await;
        live.expect("hello").await;
        let listed = process::aside(|| said(&program::run(hub(&data).args(["token", "list"]))).1);
        assert!(listed.starts_with("script\tmade ") && !listed.contains(&token), "{listed}");
        process::aside(|| {
            assert_eq!(said(&program::run(hub(&data).args(["token", "revoke", "script"]))).0, 0);
        });
        // Another process changed it: this one looks once a second.
        live.closes_with(4011).await;
        script.get("/api/house").await.is_problem(401, "bad-token");
    });
}

#[test]
fn devices_are_listed_and_sent_off_beside_a_running_hub() {
    let data = process::folder("device");
    let program = Program::start(&mut hub(&data));
    run(async {
        let stranger = Client::at(&program.url());
        let setup = json!({ "token": program.secret(), "house_name": "House", "name": "Anna", "password": "long enough" });
        let anna = stranger.with_cookie_of(&stranger.post("/api/links/accept", setup).await);
        let wish = json!({ "kind": "station", "device_id": "pi-1" });
        let made = stranger.post("/api/pairing", wish).await.is(201);
        anna.post("/api/devices", json!({ "code": made["code"], "name": "By the fridge" })).await.is(201);
        let asking = stranger.with_token(made["secret"].as_str().unwrap());
        let claim = format!("/api/pairing/{}/claim", made["pairing_id"].as_str().unwrap());
        let token = asking.post(&claim, json!({})).await.is(201)["token"].as_str().unwrap().to_owned();
        let station = stranger.with_token(&token);
        let mut live = station.live("").await;
        live.expect("hello").await;
        live.expect("station.online").await;
        process::aside(|| {
            let (code, listed, _) = said(&program::run(hub(&data).args(["device", "list"])));
            assert_eq!((code, listed.ends_with("\tstation\tBy the fridge\tonline")), (0, true), "{listed}");
            assert_eq!(said(&program::run(hub(&data).args(["device", "revoke", "by the fridge"]))).0, 0);
            let (code, _, error) =
                said(&program::run(hub(&data).args(["device", "revoke", "By the fridge"])));
            assert_eq!((code, error.contains("There is no device named")), (1, true), "{error}");
        });
        live.closes_with(4011).await;
        station.get("/api/devices/me").await.is_problem(401, "bad-token");
    });
}

#[test]
fn the_check_says_what_holds_and_what_does_not() {
    let data = process::folder("check");
    house(&data);
    let (code, text, _) = said(&program::run(hub(&data).arg("check")));
    assert_eq!((code, text.ends_with("Everything holds.")), (0, true), "{text}");
    assert!(text.contains("ok   pictures are where their rows say, and as they were"), "{text}");
    let file = data.join("hearth.db");
    let sql = "UPDATE members SET role = 'member'";
    rusqlite::Connection::open(&file).unwrap().execute_batch(sql).unwrap();
    let (code, text, _) = said(&program::run(hub(&data).arg("check")));
    assert_eq!((code, text.contains("the house has no owner")), (1, true), "{text}");
}

#[test]
fn after_a_server_was_restored_a_new_history_begins_by_a_word() {
    let Some(database) = postgres::database() else { return };
    let data = process::folder("restored");
    let hub = || {
        let mut command = hub(&data);
        command.env("HEARTH_DATABASE_URL", database.url()).env("HEARTH_COMMAND", "sudo hearth");
        command
    };
    let program = Program::start(&mut hub());
    let (_, token, _) = said(&program::run(hub().args(["token", "add", "script"])));
    let stands = |program: &Program| {
        let script = Client::at(&program.url()).with_token(&token);
        run(async move { script.live("").await.expect("hello").await["data"]["heads"][0].clone() })
    };
    let before = stands(&program);
    assert!(program.terminate().success());
    let (code, _, error) = said(&program::run(hub().args(["restore", "all.tar"])));
    assert_eq!((code, error.contains("then say: sudo hearth restored")), (1, true), "{error}");
    let (code, told, _) = said(&program::run(hub().arg("restored")));
    assert_eq!((code, told.starts_with("A new history begins; 0 pieces of work")), (0, true), "{told}");
    let program = Program::start(&mut hub());
    let after = stands(&program);
    // Whoever comes back with the old one fetches everything anew.
    assert_eq!(before["ch"], after["ch"]);
    assert!(before["epoch"].is_string() && before["epoch"] != after["epoch"], "{before} {after}");
}

#[test]
fn the_hub_is_asked_whether_it_serves() {
    let data = process::folder("health");
    let program = Program::start(&mut hub(&data));
    let address = program.url().replace("http://", "");
    let ask = || said(&program::run(hub(&data).env("HEARTH_LISTEN", &address).arg("health")));
    let (code, text, _) = ask();
    assert_eq!((code, text.as_str()), (0, "{\"status\":\"ok\"}"));
    program.kill();
    let (code, _, error) = ask();
    assert_eq!((code, error.contains("cannot be asked")), (1, true), "{error}");
}

#[test]
fn a_request_can_be_followed_by_its_id() {
    let data = process::folder("trail");
    let mut command = hub(&data);
    command.env("HEARTH_LOG", "hearth_hub=debug").env("HEARTH_LOG_FORMAT", "json");
    let program = Program::start(&mut command);
    let (renamed, wrong) = run(async {
        let stranger = Client::at(&program.url());
        let setup = json!({ "token": program.secret(), "house_name": "House", "name": "Anna", "password": "long enough" });
        let owner = stranger.with_cookie_of(&stranger.post("/api/links/accept", setup).await);
        let renamed = owner.patch("/api/house", json!({ "version": 1, "name": "Other" })).await;
        let wrong = owner.patch("/api/house", json!({ "version": 1, "name": "Third" })).await;
        assert_eq!(
            (renamed.status, wrong.is(409)["request_id"].as_str()),
            (200, Some(&*wrong.header("x-request-id")))
        );
        (renamed.header("x-request-id"), wrong.header("x-request-id"))
    });
    let told = |id: &str| -> Vec<Value> {
        let log = program.log();
        let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).expect("each line is JSON"));
        lines.filter(|line| line["request_id"] == id).collect()
    };
    // The event goes its way after the answer.
    let messages = |id: &str| -> Vec<String> {
        let mut all: Vec<_> =
            told(id).iter().map(|line| line["message"].as_str().unwrap().to_owned()).collect();
        all.dedup();
        all
    };
    assert!(process::within(Duration::from_secs(10), || messages(&renamed).iter().any(|it| it == "event")));
    let lines = told(&renamed);
    let of = |message: &str| lines.iter().find(|line| line["message"] == message).expect(message).clone();
    assert_eq!(of("event")["kind"], "house.updated");
    assert_eq!(of("event")["ch"], "house");
    let write =
        lines.iter().find(|line| line["name"] == "house::http::change_house").expect("its transaction");
    assert_eq!((&write["outcome"], &write["retries"]), (&json!("ok"), &json!(0)));
    assert_eq!(of("request")["route"], "/api/house");
    let refused = told(&wrong);
    assert!(refused.iter().any(|line| line["outcome"] == "stale-version"), "{refused:?}");
    assert!(refused.iter().all(|line| line["message"] != "event"), "nothing happened: {refused:?}");
    assert!(!program.log().contains("Anna"), "no personal text");
}

#[test]
fn settings_are_printed_without_their_secrets() {
    let data = process::folder("config");
    let mut command = hub(&data);
    command.env("HEARTH_DATABASE_URL", "postgres://anna:secret@db/hearth").arg("config");
    let (code, text, _) = said(&program::run(&mut command));
    assert_eq!(code, 0);
    assert!(text.contains("HEARTH_DATABASE_URL=postgres://anna:***@db/hearth"), "{text}");
    assert!(!text.contains("secret") && !data.join("hearth.db").exists(), "{text}");
}

#[test]
fn the_description_is_printed_as_it_is_served() {
    let data = process::folder("openapi");
    let (code, text, _) = said(&program::run(hub(&data).arg("openapi")));
    let printed: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &printed["info"]["title"]), (0, &json!("Hearth")));
    let program = Program::start(&mut hub(&data));
    let served = run(async { Client::at(&program.url()).get("/api/openapi.json").await.json() });
    assert_eq!(printed, served);
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let data = process::folder("unset");
    let printed = |command: &mut Command| {
        let (code, printed, error) = said(&program::run(command.arg("config")));
        assert_eq!(code, 0, "{error}");
        printed
    };
    let usual = printed(&mut hub(&data));
    let mut command = hub(&data);
    for line in usual.lines() {
        let name = line.split('=').next().unwrap();
        if !["HEARTH_DATA", "HEARTH_LISTEN", "HEARTH_LOG"].contains(&name) {
            command.env(name, "");
        }
    }
    assert_eq!(printed(&mut command), usual);
}

#[test]
fn what_cannot_work_is_said_before_anything_opens() {
    let data = process::folder("refused").join("new");
    let refused = |name: &str, value: &str| said(&program::run(hub(&data).env(name, value)));
    let (code, _, error) = refused("HEARTH_LISTEN", "0.0.0.0:0");
    assert_eq!((code, error.contains("--allow-plain-http")), (2, true), "{error}");
    let (code, _, error) = refused("HEARTH_DATABASE_URL", "mysql://x");
    assert_eq!((code, error.as_str()), (2, "hearth-hub: HEARTH_DATABASE_URL: must begin with postgres://"));
    let (code, _, error) = refused("HEARTH_RATE_ACTOR", "many");
    assert_eq!((code, error.contains("--rate-actor")), (2, true), "{error}");
    assert!(!data.exists(), "nothing was opened");
    let (code, _, error) = refused("HEARTH_DATA", "/proc/nowhere");
    assert_eq!((code, error.contains("/proc/nowhere cannot be used")), (1, true), "{error}");
}

#[test]
fn one_folder_has_one_hub() {
    let data = process::folder("twice");
    let first = Program::start(&mut hub(&data));
    let error = Program::try_start(&mut hub(&data)).err().expect("a second hub is refused");
    assert!(error.contains("Another hub uses the data folder"), "{error}");
    let mut taken = hub(&data.join("other"));
    let address = first.url().replace("http://", "");
    let error = Program::try_start(taken.env("HEARTH_LISTEN", &address)).err().expect("the address is taken");
    assert!(error.contains("cannot be listened on"), "{error}");
    first.kill();
    Program::start(&mut hub(&data));
}

#[test]
fn files_that_are_no_house_are_named_and_left_alone() {
    let data = process::folder("strange");
    fs::write(data.join("hearth.db"), "Dear diary, ".repeat(500)).unwrap();
    let error = Program::try_start(&mut hub(&data)).err().expect("no hub on a diary");
    assert!(error.contains("damaged"), "{error}");
    fs::remove_file(data.join("hearth.db")).unwrap();
    house(&data);
    let error = Program::try_start(hub(&data).arg("--demo")).err().expect("no demo in a real house");
    assert!(error.contains("the demo will not touch it"), "{error}");
}

#[test]
fn a_house_of_a_newer_version_is_left_to_it() {
    let data = process::folder("newer");
    house(&data);
    let later = "INSERT INTO migrations VALUES (9999, '9999_later', 'x', 0)";
    rusqlite::Connection::open(data.join("hearth.db")).unwrap().execute_batch(later).unwrap();
    let error = Program::try_start(&mut hub(&data)).err().expect("an older hub does not start");
    assert!(error.contains("made by a newer version of Hearth") && error.contains("9999_later"), "{error}");
}

#[test]
fn the_data_folder_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let data = process::folder("private").join("data");
    Program::start(&mut hub(&data)).kill();
    assert_eq!(fs::metadata(&data).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_catalogue_is_made_of_a_dump_and_looked_into() {
    let data = process::folder("catalogue");
    let dump = data.join("dump.jsonl");
    let rows = [
        json!({ "code": "4006381333931", "lang": "de", "product_name": "Tee", "quantity": "20 x 2 g" }),
        json!({ "code": "7394376616228", "lang": "sv", "product_name": "Havredryck" }),
    ];
    fs::write(&dump, rows.map(|row| row.to_string()).join("\n")).unwrap();
    let catalogue = |words: &[&str]| said(&program::run(hub(&data).arg("catalogue").args(words)));
    let (code, _, error) = catalogue(&["check"]);
    assert_eq!((code, error.contains("import one")), (1, true), "{error}");
    let file = dump.to_str().unwrap();
    let (code, told, progress) = catalogue(&["import", file, "--language", "de,en"]);
    assert_eq!((code, told.starts_with("1 products of 2 rows")), (0, true), "{told}{progress}");
    assert!(progress.contains("100 % writing, 2 rows, 1 kept"), "{progress}");
    let (code, told, error) = catalogue(&["check"]);
    assert_eq!(
        (code, told.contains("languages  de, en") && told.contains("It is whole.")),
        (0, true),
        "{told}{error}"
    );
    let (code, told, _) = catalogue(&["show", "4006381333931"]);
    assert_eq!((code, told.contains("\"amount\": 40")), (0, true), "{told}");
    assert_eq!(catalogue(&["show", "7394376616228"]).0, 1);
    fs::write(&dump, "<html>").unwrap();
    let (code, _, error) = catalogue(&["import", file]);
    assert_eq!((code, error.contains("no dump of Open Food Facts")), (1, true), "{error}");
    assert_eq!(catalogue(&["import", file, "--country", "nowhereland,qq"]).0, 1);
    assert_eq!(catalogue(&["show", "4006381333931"]).0, 0, "what was there stays");
}
