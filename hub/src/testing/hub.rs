//! A whole hub in the test's own process, on a real database, behind a real socket.
//!
//! ```text
//! on_each_engine(async |hub: TestHub| {
//!     let owner = hub.owner().await;
//!     owner.get("/api/members").await.is(200);
//! });
//! ```
//!
//! Every write is rehearsed (run, rolled back, run again), the clock stands still until the test moves
//! it, and the whole stops when the test ends.

mod socket;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hearth_shared::live::Head;
use hearth_shared::time::Timestamp;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::app::{App, Surroundings};
use crate::auth::{Actor, Role, sessions, tokens};
use crate::bus::log;
use crate::clock::Clock;
use crate::config::outward::Outward;
use crate::config::reach::Reach;
use crate::config::receipts::{Choice, Receipts};
use crate::config::{LogFormat, Settings};
use crate::db::{MIGRATIONS, Migration, Tx};
use crate::devices::DeviceKind;
use crate::devices::pairing::{self, Confirmation};
use crate::house::members::{Name, NewMember};
use crate::house::{self, Language, NewHouse, TimeZone, members};
use crate::http::guard::COOKIE;
use crate::jobs::{Plan, chores};
use crate::media::store::Keys;

use super::{fresh, postgres, process};

pub use socket::{Heard, Socket};

/// When every test begins: a Friday evening.
pub const BEGINNING: &str = "2026-11-20T18:00:00.000Z";

/// How a hub is to be.
pub struct Setup {
    pub database_url: Option<String>,
    pub redis_url: Option<String>,
    pub s3: Option<Keys>,
    pub folder: Option<PathBuf>,
    pub rate_stranger: u32,
    pub rate_actor: u32,
    pub heartbeat: Duration,
    pub cors_origins: Vec<&'static str>,
    pub migrations: &'static [Migration],
    pub rehearse: bool,
    /// Nothing recurs unless a test asks for it: a chore's event would be one that it does not expect.
    pub work: Plan,
    pub demo: bool,
    pub catalogue_url: Option<String>,
    pub receipts: Receipts,
    pub reach: Reach,
    pub outward: Outward,
    pub hosts: Vec<&'static str>,
    /// Stands still at [`BEGINNING`] unless a test wants the present: a browser has a clock of its own.
    pub clock: Clock,
}

impl Default for Setup {
    fn default() -> Setup {
        Setup {
            database_url: None,
            redis_url: None,
            s3: None,
            folder: None,
            rate_stranger: 100_000,
            rate_actor: 1_000_000,
            heartbeat: Duration::from_secs(20),
            cors_origins: Vec::new(),
            migrations: MIGRATIONS,
            rehearse: true,
            work: Plan { kinds: chores::KINDS, chores: &[] },
            demo: false,
            catalogue_url: None,
            // Nothing is run on the machine unless a test asks for it.
            receipts: Receipts { reader: Choice::Off, ..Receipts::default() },
            reach: Reach::default(),
            outward: Outward::default(),
            hosts: Vec::new(),
            clock: Clock::manual(BEGINNING.parse().expect("a time")),
        }
    }
}

impl Setup {
    /// Whether its database is to have the form of this version and no other.
    fn is_of_today(&self) -> bool {
        std::ptr::eq(self.migrations, MIGRATIONS)
    }
}

pub struct TestHub {
    app: App,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    served: tokio::task::JoinHandle<()>,
    folder: PathBuf,
    _database: Option<postgres::Database>,
}

/// Runs a test on SQLite, and again on Postgres where there is one.
pub fn on_each_engine(test: impl AsyncFn(TestHub)) {
    on_each_engine_with(Setup::default, test);
}

pub fn on_each_engine_with(setup: impl Fn() -> Setup, test: impl AsyncFn(TestHub)) {
    run(async {
        test(TestHub::start(setup()).await).await;
        let mut setup = setup();
        let fresh = if setup.is_of_today() { fresh::database } else { postgres::database };
        if let Some(database) = process::aside(fresh) {
            setup.database_url = Some(database.url());
            let mut hub = TestHub::start(setup).await;
            hub._database = Some(database);
            test(hub).await;
        }
    });
}

/// Runs something on a runtime as the program has it.
pub fn run<T>(body: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(body)
}

impl TestHub {
    pub async fn start(setup: Setup) -> TestHub {
        let folder = setup.folder.clone().unwrap_or_else(|| process::folder("hub"));
        if setup.is_of_today() && setup.database_url.is_none() {
            process::aside(|| fresh::file(&folder.join("hearth.db")));
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let settings = Settings {
            listen: address,
            data: folder.clone(),
            demo: setup.demo,
            database_url: setup.database_url,
            redis_url: setup.redis_url,
            s3: setup.s3,
            public_url: None,
            hosts: setup.hosts.iter().map(|host| (*host).to_owned()).collect(),
            cors_origins: setup.cors_origins.iter().map(|o| o.parse().expect("an origin")).collect(),
            allow_plain_http: false,
            backup_at: None,
            backup_folder: None,
            backup_keep: 7,
            catalogue_url: setup.catalogue_url,
            catalogue_contact: None,
            receipts: setup.receipts,
            reach: setup.reach,
            command: "hearth-hub".to_owned(),
            outward: setup.outward,
            rate_stranger: setup.rate_stranger,
            rate_actor: setup.rate_actor,
            heartbeat: setup.heartbeat,
            log: "warn".to_owned(),
            log_format: LogFormat::Human,
        };
        let (rehearse, migrations, work, clock) = (setup.rehearse, setup.migrations, setup.work, setup.clock);
        let around = Surroundings { clock, rehearse, migrations, work };
        let app =
            App::start(settings, around).await.unwrap_or_else(|error| panic!("the hub starts: {error:?}"));
        let (stop, stopped) = oneshot::channel::<()>();
        let (house, door) = (crate::http::router(&app), crate::http::door::router(&app));
        let entrance = app.reach().entrance(house, door).expect("this machine can encrypt");
        let goodbye = app.clone();
        let served = tokio::spawn(async move {
            let stopped = async { drop(stopped.await) };
            crate::http::server::serve(listener, entrance, stopped, move || goodbye.say_goodbye()).await;
        });
        TestHub { app, address, stop: Some(stop), served, folder, _database: None }
    }

    pub fn app(&self) -> &App {
        &self.app
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn now(&self) -> Timestamp {
        self.app.clock().now()
    }

    /// Moves the hub's clock.
    pub fn advance(&self, seconds: i64) {
        self.app.clock().advance(seconds);
        self.app.db().workers().notify_one();
    }

    /// Stops as the program does on SIGTERM, and waits for it.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        (&mut self.served).await.expect("the server ends by itself");
        self.app.stop().await;
    }

    /// Waits until everything committed so far was delivered to live clients: a commit is answered before
    /// its events go out, and a busy machine takes its time between the two.
    pub async fn settled(&self) {
        let committed = self.app.db().read(log::heads).await.expect("the heads");
        let patience = Instant::now() + Duration::from_secs(30);
        let behind = |delivered: &[Head]| {
            let reached = |ours: &Head| delivered.iter().any(|it| it.ch == ours.ch && it.seq >= ours.seq);
            !committed.iter().all(reached)
        };
        while behind(&self.app.bus().heads()) {
            assert!(Instant::now() < patience, "{committed:?} was never delivered");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// The house with its first owner, Anna, if it is not set up yet; and a session for her.
    pub async fn owner(&self) -> Client {
        self.person("Anna", Role::Owner).await
    }

    pub async fn member(&self) -> Client {
        self.person("Mila", Role::Member).await
    }

    pub async fn staff(&self) -> Client {
        self.person("Priya", Role::Staff).await
    }

    /// Somebody, signed in; they join the house when they are not in it. Without a password: that is
    /// another test's affair, and hashing takes its time.
    pub async fn person(&self, name: &'static str, role: Role) -> Client {
        let begin = move |tx: &mut Tx| {
            let name = Name::parse(name).expect("a name");
            if house::find(tx)?.is_none() {
                let house = Name::parse("Test house").expect("a name");
                let time_zone = TimeZone::parse("Europe/Berlin").expect("a zone");
                let language = Language::English;
                house::found(tx, &NewHouse { name: house, language, time_zone, demo: false })?;
            }
            let id = match members::credentials(tx, &name.key())? {
                Some((id, _)) => id,
                None => {
                    let password_hash = "$argon2id$v=19$m=8,t=1,p=1$bm9ib2R5bm9ib2R5$bm9ib2R5".to_owned();
                    let language = Language::English;
                    members::join(tx, &NewMember { name, role, language, password_hash })?.id
                }
            };
            sessions::begin(tx, id, "Test")
        };
        let (_, secret) = self.app.db().write(&Actor::System, begin).await.expect("a session");
        self.settled().await;
        Client { pass: Pass::Cookie(secret.reveal().to_owned()), ..self.stranger() }
    }

    /// A script with a token of its own.
    pub async fn service(&self, name: &'static str) -> Client {
        let add = move |tx: &mut Tx| tokens::add(tx, name);
        let secret = self.app.db().write(&Actor::System, add).await.expect("a token");
        Client { pass: Pass::Bearer(secret.reveal().to_owned()), ..self.stranger() }
    }

    /// A station that was let in, with its token.
    pub async fn station(&self, name: &'static str) -> Client {
        let secret = self.device(DeviceKind::Station, name).await;
        Client { pass: Pass::Bearer(secret), ..self.stranger() }
    }

    /// A screen that was let in, with its cookie.
    pub async fn screen(&self, name: &'static str) -> Client {
        let secret = self.device(DeviceKind::Screen, name).await;
        Client { pass: Pass::Cookie(secret), ..self.stranger() }
    }

    async fn device(&self, kind: DeviceKind, name: &'static str) -> String {
        let pair = move |tx: &mut Tx| {
            let (address, device_key) = ("127.0.0.1".to_owned(), name.replace(' ', "-"));
            let wish = pairing::Wish { kind, device_key, address, name: None, program: String::new() };
            let opened = pairing::open(tx, &wish)?;
            let name = Name::parse(name).expect("a name");
            pairing::confirm(tx, &Confirmation { code: opened.code, name, place: String::new() })?;
            Ok(pairing::claim(tx, opened.pairing.id, &opened.secret)?.1)
        };
        let token = self.app.db().write(&Actor::System, pair).await.expect("a device");
        self.settled().await;
        token.reveal().to_owned()
    }

    pub fn stranger(&self) -> Client {
        Client::at(&self.url())
    }
}

/// Somebody who talks to the hub.
#[derive(Clone)]
pub struct Client {
    base: String,
    http: reqwest::Client,
    pass: Pass,
}

#[derive(Clone)]
enum Pass {
    None,
    Cookie(String),
    Bearer(String),
}

impl Client {
    /// A stranger to the hub at this address.
    pub fn at(base: &str) -> Client {
        // The client insists on one, whether it encrypts or not; a second one changes nothing.
        drop(rustls::crypto::ring::default_provider().install_default());
        // Nor does it need to know the authorities of the world, which take longer to read than many an answer.
        let known = reqwest::Client::builder().tls_certs_only([]);
        let http = known.redirect(reqwest::redirect::Policy::none()).build();
        Client { base: base.to_owned(), http: http.expect("a client"), pass: Pass::None }
    }

    /// The same client at another address.
    pub fn moved_to(&self, base: &str) -> Client {
        Client { base: base.to_owned(), ..self.clone() }
    }

    /// The same client with a service token.
    pub fn with_token(&self, token: &str) -> Client {
        Client { pass: Pass::Bearer(token.to_owned()), ..self.clone() }
    }

    /// Begins a request with this client's credentials.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.pass {
            Pass::None => request,
            Pass::Cookie(secret) => request.header("cookie", format!("{COOKIE}={secret}")),
            Pass::Bearer(secret) => request.header("authorization", format!("Bearer {secret}")),
        }
    }

    /// What a browser sends along for this client.
    pub fn cookie_line(&self) -> String {
        match &self.pass {
            Pass::Cookie(secret) => format!("{COOKIE}={secret}"),
            _ => panic!("no browser"),
        }
    }

    /// The bearer token of this client.
    pub fn token(&self) -> String {
        match &self.pass {
            Pass::Bearer(secret) => secret.clone(),
            _ => panic!("no script"),
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// As `get`, of a hub that may go away in the middle.
    pub async fn try_get(&self, path: &str) -> Option<Answer> {
        Client::tried(self.request(Method::GET, path)).await
    }

    /// As `patch`, of a hub that may go away in the middle.
    pub async fn try_patch(&self, path: &str, body: Value) -> Option<Answer> {
        Client::tried(self.request(Method::PATCH, path).json(&body)).await
    }

    async fn tried(request: RequestBuilder) -> Option<Answer> {
        let answer = request.send().await.ok()?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Some(Answer { status, headers, bytes: answer.bytes().await.ok()?.to_vec() })
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn post_with_key(&self, path: &str, key: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::POST, path).header("idempotency-key", key).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::PATCH, path).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::PUT, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path)).await
    }

    /// The same client with the cookie that an answer set.
    pub fn with_cookie_of(&self, answer: &Answer) -> Client {
        let cookie = answer.cookie().expect("the answer sets a cookie");
        Client { pass: Pass::Cookie(cookie), ..self.clone() }
    }

    /// A live channel; `query` begins with `?` or is empty.
    pub async fn live(&self, query: &str) -> Socket {
        self.try_live(query).await.unwrap_or_else(|status| panic!("no live channel: {status}"))
    }

    /// The same on a connection that takes in little: for clients that stall.
    pub async fn live_with_small_buffer(&self, query: &str) -> Socket {
        let request = self.live_request(query);
        let host = request.uri().authority().expect("an address").as_str().to_owned();
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4 * 1024).expect("a small buffer");
        let stream = socket.connect(host.parse().expect("an address")).await.expect("a connection");
        let (stream, _) = tokio_tungstenite::client_async(request, MaybeTlsStream::Plain(stream))
            .await
            .unwrap_or_else(|error| panic!("no live channel: {error}"));
        Socket(stream)
    }

    /// The same, or the status with which it was refused.
    pub async fn try_live(&self, query: &str) -> Result<Socket, u16> {
        Socket::open(self.live_request(query)).await
    }

    /// A live channel opened by a page of this origin.
    pub async fn live_from(&self, origin: &str) -> Result<Socket, u16> {
        let mut request = self.live_request("");
        request.headers_mut().insert("origin", origin.parse().expect("a header"));
        Socket::open(request).await
    }

    fn live_request(&self, query: &str) -> tokio_tungstenite::tungstenite::handshake::client::Request {
        let address = format!("{}/api/ws{query}", self.base.replace("http://", "ws://"));
        let mut request = address.into_client_request().expect("an address");
        let headers = request.headers_mut();
        match &self.pass {
            Pass::None => {}
            Pass::Cookie(secret) => {
                headers.insert("cookie", format!("{COOKIE}={secret}").parse().expect("a header"));
                headers.insert("origin", self.base.parse().expect("a header"));
            }
            Pass::Bearer(secret) => {
                headers.insert("authorization", format!("Bearer {secret}").parse().expect("a header"));
            }
        }
        request
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub async fn of(request: RequestBuilder) -> Answer {
        let answer = request.send().await.unwrap_or_else(|error| panic!("the hub answers: {error:?}"));
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let bytes = answer.bytes().await.map(|bytes| bytes.to_vec()).unwrap_or_default();
        Answer { status, headers, bytes }
    }

    /// Insists on a status; gives the body.
    #[track_caller]
    pub fn is(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        self.json()
    }

    /// Insists on a problem with this status and code; gives it.
    #[track_caller]
    pub fn is_problem(&self, status: u16, code: &str) -> Value {
        let body = self.is(status);
        assert_eq!(self.header("content-type"), "application/problem+json", "{body}");
        assert_eq!(body["code"], code, "{body}");
        assert_eq!(body["type"], format!("/problems/{code}"));
        assert_eq!(body["status"], status);
        assert_eq!(body["request_id"], self.header("x-request-id"));
        body
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }

    fn cookie(&self) -> Option<String> {
        let line = self.header("set-cookie");
        let (name, rest) = line.split_once('=')?;
        (name == COOKIE).then(|| rest.split(';').next().unwrap_or_default().to_owned())
    }
}
