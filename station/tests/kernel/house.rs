//! The hub that the machine's station belongs to: a real one, on the host, behind a cable that can be pulled.

use std::time::{Duration, Instant};

use hearth_hub::clock::Clock;
use hearth_hub::testing::hub::{Setup, TestHub};
use hearth_hub::testing::link::Link as Cable;
use hearth_station::link::membership::Membership;
use rusqlite::{Connection, OpenFlags};
use tokio::runtime::Runtime;

/// What the machine calls its host.
const HOST: &str = "10.0.2.2";

pub(crate) struct House {
    hub: TestHub,
    pub(crate) cable: Cable,
    pub(crate) member: Membership,
    /// Ends after what runs in it.
    _runtime: Runtime,
}

impl House {
    pub(crate) fn start() -> House {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let setup = Setup { clock: Clock::System, hosts: vec![HOST], ..Setup::default() };
        let (hub, token, device) = runtime.block_on(async {
            let hub = TestHub::start(setup).await;
            hub.member().await;
            let station = hub.station("Fridge").await;
            let device = station.get("/api/devices/me").await.is(200);
            (hub, station.token(), device["id"].as_str().unwrap().to_owned())
        });
        let cable = Cable::to(hub.address());
        let url = format!("http://{HOST}:{}", cable.address().port());
        House { hub, cable, member: Membership { url, token, device, authority: None }, _runtime: runtime }
    }

    /// The codes of all scans that have arrived, in the station's order. Each row is one scan.
    pub(crate) fn arrived(&self) -> Vec<String> {
        let path = self.hub.folder().join("hearth.db");
        let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        db.busy_timeout(Duration::from_secs(30)).unwrap();
        let mut found = db.prepare("SELECT code FROM scans ORDER BY seq, id").unwrap();
        let rows = found.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// Waits until that many scans have arrived, and a little longer for those that come twice.
    pub(crate) fn awaits(&self, count: usize) -> Vec<String> {
        let until = Instant::now() + Duration::from_secs(180);
        while self.arrived().len() < count {
            assert!(Instant::now() < until, "{} of {count} scans arrived", self.arrived().len());
            std::thread::sleep(Duration::from_millis(50));
        }
        std::thread::sleep(Duration::from_secs(1));
        self.arrived()
    }
}
