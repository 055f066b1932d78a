//! A house with two hundred products and a hub that speaks TLS, and somebody who sees its stock change.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use hearth_hub::auth::Actor;
use hearth_hub::clock::Clock;
use hearth_hub::config::reach::{Reach, Tls};
use hearth_hub::db::Tx;
use hearth_hub::error::Result;
use hearth_hub::kitchen::codes;
use hearth_hub::kitchen::products::{self, Fields, NewProduct};
use hearth_hub::testing::hub::{Setup, TestHub};
use hearth_hub::testing::program::{self, Program};
use hearth_shared::gs1;
use hearth_shared::id::Id;
use hearth_station::link::calls::{Calls, client};
use hearth_station::link::live::{Heard, Position, listen};
use hearth_station::link::membership::Membership;
use hearth_station::link::trust::Trust;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

const PRODUCTS: usize = 200;

/// The hub: the program that was named, or the one of the suite.
enum Hub {
    Named(Program),
    Here(TestHub),
}

pub(crate) struct House {
    hub: Option<Hub>,
    folder: PathBuf,
    fridge: Membership,
    calls: Calls,
    /// When something has changed.
    news: Receiver<Instant>,
    runtime: Runtime,
}

impl House {
    pub(crate) fn start(folder: &Path, program: Option<&Path>) -> House {
        let folder = folder.join("hub");
        std::fs::create_dir_all(&folder).unwrap();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (hub, fridge, other) = runtime.block_on(furnished(&folder));
        let (hub, url) = match program {
            None => {
                let url = format!("https://localhost:{}", hub.address().port());
                (Hub::Here(hub), url)
            }
            Some(program) => {
                runtime.block_on(hub.stop());
                let mut command = program::command(program.to_str().unwrap(), &folder);
                command.env("HEARTH_TLS", "household").env("HEARTH_RATE_ACTOR", "10000000");
                let program = Program::start(&mut command);
                let port = program.url().rsplit(':').next().unwrap().trim_end_matches('/').to_owned();
                (Hub::Named(program), format!("https://localhost:{port}"))
            }
        };
        let (fridge, other) = (Membership { url: url.clone(), ..fridge }, Membership { url, ..other });
        let calls = Calls::new(client(&other.trust()).unwrap(), &other.url, &other.token);
        let news = watched(&runtime, other);
        House { hub: Some(hub), folder, fridge, calls, news, runtime }
    }

    pub(crate) fn member(&self) -> Membership {
        self.fridge.clone()
    }

    /// The same house where nobody answers.
    pub(crate) fn away(&self) -> Membership {
        Membership { url: "https://localhost:9".to_owned(), ..self.member() }
    }

    /// The code of one of its products.
    pub(crate) fn code(&self, number: usize) -> String {
        code(number % PRODUCTS)
    }

    /// Waits until the stock has changed, and a little longer, so that it has been told in full. The moment.
    pub(crate) fn changed(&self) -> Instant {
        let at = self.news.recv_timeout(Duration::from_secs(60)).expect("the stock changes");
        while self.news.recv_timeout(Duration::from_millis(60)).is_ok() {}
        at
    }

    /// The same scan, sent by nobody but this test. The moment before.
    pub(crate) fn scan_without_a_station(&self, number: usize) -> Instant {
        let now = Clock::System.now();
        let id = Id::v7(now, number as u16, [5; 8]);
        let request = json!({
            "boot_id": "bare", "monotonic_ms": 1, "queued": 1,
            "scans": [{
                "scan_id": id, "code": self.code(number), "mode": "add", "scanned_at": now, "seq": number + 1,
                "monotonic_ms": 1,
            }],
        });
        let request = serde_json::from_value(request).unwrap();
        let begin = Instant::now();
        self.runtime.block_on(self.calls.sync(&request)).unwrap();
        begin
    }

    /// How many scans it has, each row one of them.
    pub(crate) fn scans(&self) -> usize {
        let path = self.folder.join("hearth.db");
        let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        db.busy_timeout(Duration::from_secs(30)).unwrap();
        let count: i64 = db.query_row("SELECT COUNT(*) FROM scans", [], |row| row.get(0)).unwrap();
        count as usize
    }
}

impl Drop for House {
    fn drop(&mut self) {
        match self.hub.take() {
            Some(Hub::Here(hub)) => self.runtime.block_on(hub.stop()),
            Some(Hub::Named(program)) => drop(program.terminate()),
            None => {}
        }
    }
}

/// Thirteen digits with a right check digit.
fn code(number: usize) -> String {
    let body = format!("40{number:010}");
    let weighed = body.bytes().enumerate().map(|(place, digit)| u32::from(digit - b'0') * [1, 3][place % 2]);
    format!("{body}{}", (10 - weighed.sum::<u32>() % 10) % 10)
}

/// A hub with products and two stations; where it is reached is not known yet.
async fn furnished(folder: &Path) -> (TestHub, Membership, Membership) {
    let reach = Reach { tls: Tls::Household, ..Reach::default() };
    let folder = Some(folder.to_owned());
    let setup = Setup { folder, reach, clock: Clock::System, rehearse: false, ..Setup::default() };
    let hub = TestHub::start(setup).await;
    hub.owner().await;
    let furnish = |tx: &mut Tx| (0..PRODUCTS).try_for_each(|number| make(tx, number));
    hub.app().db().write(&Actor::System, furnish).await.unwrap();
    let authority = hub.app().reach().card().unwrap().pem.clone();
    let browser = client(&Trust::Pinned(authority.clone())).unwrap();
    let mut stations = Vec::new();
    for name in ["Fridge", "Other"] {
        let token = hub.station(name).await.token();
        let me = format!("https://localhost:{}/api/devices/me", hub.address().port());
        let me = browser.get(me).bearer_auth(&token).send().await.unwrap();
        let me: Value = me.json().await.unwrap();
        let (device, authority) = (me["id"].as_str().unwrap().to_owned(), Some(authority.clone()));
        stations.push(Membership { url: String::new(), token, device, authority });
    }
    let other = stations.pop().unwrap();
    (hub, stations.pop().unwrap(), other)
}

fn make(tx: &mut Tx, number: usize) -> Result<()> {
    let product = products::create(tx, &NewProduct::of(Fields::called(format!("Thing {number}"))))?;
    let today = gs1::Date::new(2026, 11, 20).expect("a day");
    let key = codes::key_of(&gs1::parse(code(number).as_bytes(), &gs1::Context::on(today))).expect("a code");
    codes::attach(tx, &key, product.id, None, "").map(drop)
}

/// The moments at which another station hears that something has changed.
fn watched(runtime: &Runtime, member: Membership) -> Receiver<Instant> {
    let (tell, news) = channel();
    let (here, stands) = channel();
    let tls = Arc::new(member.trust().config().unwrap());
    runtime.spawn(async move {
        let mut position = Position::default();
        let mut hear = |heard: Heard| match heard {
            Heard::Here => drop(here.send(())),
            Heard::Names => drop(tell.send(Instant::now())),
            Heard::Station(_) => {}
        };
        listen(&member, &tls, &mut position, &mut hear).await
    });
    stands.recv_timeout(Duration::from_secs(60)).expect("the live connection stands");
    news
}
