//! What `/metrics` says, held against the format, the manual, the alerts and the dashboard.

mod exposition;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use yaml_rust2::{Yaml, YamlLoader};

use self::exposition::{Family, parse};
use super::Metrics;
use crate::testing::hub::{TestHub, on_each_engine};

const MANUAL: &str = include_str!("../../../docs/metrics.md");
const ALERTS: &str = include_str!("../../../docs/alerts.yml");
const ALERTS_IN_PROSE: &str = include_str!("../../../docs/alerts.md");
const DASHBOARD: &str = include_str!("../../../docs/grafana-hearth.json");

/// A metric as the manual describes it.
#[derive(Debug, PartialEq, Eq)]
struct Described {
    kind: String,
    labels: BTreeSet<String>,
}

/// The rows of the manual's tables.
fn described() -> BTreeMap<String, Described> {
    let words = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let rows = MANUAL.lines().filter(|line| line.starts_with("| `"));
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, kind, labels, says] = cells[..] else { panic!("four cells: {line}") };
        assert!(says.len() > 5, "{line}");
        let labels = words(labels).into_iter().collect();
        (words(name)[0].clone(), Described { kind: kind.to_owned(), labels })
    };
    rows.map(row).collect()
}

/// A hub on which everything that is counted has happened once.
async fn busy(hub: &TestHub) -> BTreeMap<String, Family> {
    let owner = hub.owner().await;
    let mut live = owner.live("").await;
    live.expect("hello").await;
    owner.patch("/api/house", json!({ "version": 1, "name": "Other" })).await.is(200);
    live.expect("house.updated").await;
    for _ in 0..2 {
        owner.post_with_key("/api/invites", "again", json!({ "role": "member" })).await.is(201);
    }
    let wrong = json!({ "name": "Anna", "password": "not hers" });
    hub.stranger().post("/api/session", wrong).await.is_problem(401, "wrong-credentials");
    hub.stranger().with_token(&"x".repeat(43)).get("/api/house").await.is_problem(401, "bad-token");
    live.say(json!({ "type": "nonsense" })).await;
    owner.get("/health/detailed").await.is(200);
    let metrics = &hub.app().metrics();
    metrics.database.answered("test", std::time::Duration::ZERO, 3, false);
    metrics.live.closed(4008);
    metrics.jobs.settled("test", "done", std::time::Duration::ZERO);
    metrics.media.uploaded("taken", 1);
    metrics.post.sent("mail", "sent");
    metrics.catalogue.looked_up("file");
    metrics.catalogue.answered("found", None);
    let text = String::from_utf8(owner.get("/metrics").await.bytes).unwrap();
    parse(&text).unwrap_or_else(|wrong| panic!("{wrong} in\n{text}"))
}

#[test]
fn everything_said_is_well_formed_and_in_the_manual() {
    on_each_engine(async |hub| {
        let families = busy(&hub).await;
        let said: BTreeMap<String, Described> = families
            .values()
            .map(|family| {
                let labels = family.samples.iter().flat_map(|sample| sample.labels.keys().cloned());
                let labels = labels.filter(|label| label != "le").collect();
                (family.queried(), Described { kind: family.kind.clone(), labels })
            })
            .collect();
        assert_eq!(said, described());
    });
}

#[test]
fn what_happened_is_counted() {
    on_each_engine(async |hub| {
        let families = busy(&hub).await;
        let value = |name: &str, labels: &[(&str, &str)]| {
            let family = families.values().find(|family| family.samples.iter().any(|one| one.name == name));
            let samples = family.into_iter().flat_map(|family| &family.samples);
            let fits = |have: &BTreeMap<String, String>| {
                labels.iter().all(|(label, value)| have.get(*label).is_some_and(|it| it == value))
            };
            samples.filter(|one| one.name == name && fits(&one.labels)).map(|one| one.value).sum::<f64>()
        };
        let renamed = [("method", "PATCH"), ("route", "/api/house"), ("status", "200")];
        assert_eq!(value("hearth_http_request_duration_seconds_count", &renamed), 1.0);
        let transaction = [("name", "house::http::change_house"), ("outcome", "ok")];
        assert_eq!(value("hearth_db_transaction_duration_seconds_count", &transaction), 1.0);
        assert_eq!(value("hearth_idempotent_replays_total", &[]), 1.0, "counted once, however often it ran");
        assert_eq!(value("hearth_sign_in_failures_total", &[("reason", "password")]), 1.0);
        assert_eq!(value("hearth_sign_in_failures_total", &[("reason", "token")]), 1.0);
        assert_eq!(value("hearth_http_problems_total", &[("code", "wrong-credentials")]), 1.0);
        assert_eq!(value("hearth_live_events_total", &[("type", "house.updated")]), 1.0);
        assert_eq!(value("hearth_live_clients", &[]), 1.0);
        assert_eq!(value("hearth_http_requests_in_flight", &[]), 1.0, "the one that asks");
        assert!(value("hearth_db_readers", &[]) >= 2.0);
        assert!(value("process_resident_memory_bytes", &[]) > 1e6);
        assert!(value("process_open_fds", &[]) > 5.0);
        assert!(value("process_cpu_seconds_total", &[]) > 0.0);
        assert!(value("hearth_disk_free_bytes", &[]) > 0.0);
    });
}

#[test]
fn words_of_others_are_bounded() {
    let metrics = Metrics::new();
    for number in 0..1_000 {
        metrics.live.delivered(&format!("invented.{number}"), 1, 0);
    }
    let families = parse(&metrics.text()).unwrap();
    let types = &families["hearth_live_events"].samples;
    assert_eq!(types.len(), super::Bounded::MOST + 1);
    assert!(types.iter().any(|one| one.labels["type"] == "other" && one.value == 900.0));
}

#[test]
fn methods_of_others_are_bounded() {
    on_each_engine(async |hub| {
        for method in ["BREW", "PROPFIND", "X"] {
            let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
            crate::testing::hub::Answer::of(hub.stranger().request(method, "/health")).await.is(405);
        }
        let families = parse(&hub.app().metrics().text()).unwrap();
        let samples = families["hearth_http_request_duration_seconds"].samples.iter();
        let methods: BTreeSet<&str> = samples.map(|one| one.labels["method"].as_str()).collect();
        assert!(methods.contains("other") && methods.len() == 1, "{methods:?}");
    });
}

/// The metrics that an expression names, each with the labels it is asked by.
fn named(expression: &str) -> Vec<(String, BTreeSet<String>)> {
    let mut found = Vec::new();
    let mut rest = expression;
    while let Some(at) = ["hearth_", "process_"].iter().filter_map(|prefix| rest.find(prefix)).min() {
        let word =
            |text: &str| text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
        let end = at + word(&rest[at..]);
        let (name, after) = (&rest[at..end], &rest[end..]);
        let inside = after.strip_prefix('{').and_then(|text| text.split_once('}')).map(|(inside, _)| inside);
        let matchers = inside.into_iter().flat_map(|inside| inside.split("\","));
        let label = |matcher: &str| matcher.trim()[..word(matcher.trim())].to_owned();
        found.push((name.to_owned(), matchers.filter(|one| !one.trim().is_empty()).map(label).collect()));
        rest = after;
    }
    found
}

/// Whether an expression asks only for what there is.
#[track_caller]
fn check_expression(expression: &str, known: &BTreeMap<String, Described>) {
    let (open, close) = (expression.matches('(').count(), expression.matches(')').count());
    assert_eq!(open, close, "{expression}");
    let uses = named(expression);
    assert!(!uses.is_empty() || expression.contains("up{job=\"hearth\"}"), "{expression} asks for nothing");
    for (name, labels) in uses {
        let parts = ["_bucket", "_sum", "_count"].iter().filter_map(|suffix| name.strip_suffix(suffix));
        let described = parts
            .filter_map(|base| known.get(base).filter(|it| it.kind == "histogram"))
            .chain(known.get(&name).filter(|it| it.kind != "histogram"))
            .next();
        let described = described.unwrap_or_else(|| panic!("{name} of {expression} does not exist"));
        // What Prometheus adds itself.
        let strange = labels.iter().find(|label| {
            !described.labels.contains(*label) && !["job", "instance", "le"].contains(&label.as_str())
        });
        assert!(strange.is_none(), "{name} has no label {strange:?}: {expression}");
    }
}

#[test]
fn expressions_are_read_as_they_are_meant() {
    let names = |text: &str| named(text).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names("rate(hearth_a_total[5m]) / hearth_b"), ["hearth_a_total", "hearth_b"]);
    let (name, labels) = named("sum(hearth_a{x=\"1,2\", y=~\"5..\"})").remove(0);
    assert_eq!((name.as_str(), labels), ("hearth_a", BTreeSet::from(["x".to_owned(), "y".to_owned()])));
}

#[test]
fn alerts_ask_for_what_there_is_and_say_what_to_do() {
    let known = described();
    let documents = YamlLoader::load_from_str(ALERTS).unwrap();
    let text = |rule: &Yaml, path: &[&str]| {
        let found = path.iter().fold(rule, |yaml, key| &yaml[*key]);
        found.as_str().unwrap_or_else(|| panic!("{path:?} is missing in {rule:?}")).to_owned()
    };
    let mut names = BTreeSet::new();
    for group in documents[0]["groups"].as_vec().unwrap() {
        for rule in group["rules"].as_vec().unwrap() {
            let name = text(rule, &["alert"]);
            check_expression(&text(rule, &["expr"]), &known);
            assert!(["page", "look"].contains(&text(rule, &["labels", "severity"]).as_str()), "{name}");
            assert!(text(rule, &["annotations", "summary"]).len() > 10, "{name}");
            let runbook = text(rule, &["annotations", "runbook"]);
            assert_eq!(runbook, format!("docs/alerts.md#{}", name.to_lowercase()));
            assert!(names.insert(name.clone()), "{name} stands twice");
        }
    }
    let told: BTreeSet<String> = ALERTS_IN_PROSE
        .lines()
        .filter_map(|line| line.strip_prefix("## Hearth"))
        .map(|rest| format!("Hearth{rest}"))
        .collect();
    assert_eq!(told, names);
}

#[test]
fn the_dashboard_asks_for_what_there_is() {
    let known = described();
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    assert_eq!(dashboard["uid"], "hearth");
    let (mut ids, mut asked) = (BTreeSet::new(), BTreeSet::new());
    for panel in dashboard["panels"].as_array().unwrap() {
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "an id twice: {panel}");
        let place = &panel["gridPos"];
        assert!(place["x"].as_u64().unwrap() + place["w"].as_u64().unwrap() <= 24, "{panel}");
        for target in panel["targets"].as_array().into_iter().flatten() {
            let expression = target["expr"].as_str().unwrap();
            check_expression(expression, &known);
            asked.extend(named(expression).into_iter().map(|(name, _)| name));
            assert_eq!(target["datasource"]["uid"], "${source}", "{target}");
        }
    }
    assert!(asked.len() >= 15, "{asked:?}");
}
