//! A certificate by ACME, from an authority that looks for itself.

use std::time::Duration;

use super::{DAY, clock, shown};
use crate::clock::Clock;
use crate::config::reach::{Acme, Reach as Wanted, Tls};
use crate::reach::Reach;
use crate::testing::acme::{Authority, Broken};
use crate::testing::hub::{Setup, TestHub, run};
use crate::testing::secure::Visitor;

const DOMAINS: [&str; 2] = ["kitchen.example", "www.kitchen.example"];

/// A hub that asks `authority`.
async fn hub(authority: &Authority, clock: Clock) -> (TestHub, String) {
    let (trusted, root) = authority.root();
    let acme = Acme {
        domains: DOMAINS.map(str::to_owned).to_vec(),
        directory: authority.directory(),
        contact: Some("anna@kitchen.example".to_owned()),
        root: Some(root),
    };
    let reach = Wanted { tls: Tls::Acme(acme), ..Wanted::default() };
    let hub = TestHub::start(Setup { reach, clock, ..Setup::default() }).await;
    authority.names_lead_to(hub.address());
    (hub, trusted)
}

#[test]
fn a_certificate_is_fetched_kept_and_renewed_in_time() {
    run(async {
        let clock = clock();
        let authority = Authority::start(clock.now(), Duration::from_secs(90 * 24 * 3600)).await;
        // Nobody can know the hub's port before it has one; the first look may come too early.
        let (hub, trusted) = hub(&authority, clock.clone()).await;
        fetched(&hub).await;
        let first = shown(&hub, &trusted, DOMAINS[0]).await;
        assert_eq!(first.names, DOMAINS);
        let seen = Visitor::trusting(&trusted, hub.now()).get(hub.address(), DOMAINS[1], "/health").await;
        assert_eq!(seen.unwrap().status, 200, "its names are ours");
        let orders = authority.orders();

        hub.advance(50 * DAY);
        hub.app().reach().look().await;
        assert_eq!(authority.orders(), orders, "there is time");
        hub.advance(15 * DAY);
        authority.set_time(hub.now());
        hub.app().reach().look().await;
        let second = shown(&hub, &trusted, DOMAINS[0]).await;
        assert!(second.not_after.millis() - first.not_after.millis() >= 64 * DAY * 1000, "{second:?}");
        assert_eq!(authority.accounts(), 1);

        // A restart asks nobody.
        let folder = hub.folder().to_owned();
        let secret = |name: &str| {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::metadata(folder.join("keys/acme").join(name)).unwrap().permissions().mode() & 0o777
        };
        assert_eq!((secret("account.json"), secret("certificate.pem")), (0o600, 0o600));
        let asked = authority.requests().len();
        let again = Reach::open(hub.app().settings(), &clock).unwrap();
        again.look().await;
        assert_eq!(again.keyring().unwrap().facts(), Some(second));
        assert_eq!(authority.requests().len(), asked);
    });
}

/// Waits until the hub has a certificate.
async fn fetched(hub: &TestHub) {
    for _ in 0..20 {
        hub.app().reach().look().await;
        if hub.app().reach().keyring().unwrap().pair().is_some() {
            return;
        }
        hub.advance(7 * 3600);
    }
    panic!("no certificate was fetched");
}

#[test]
fn an_authority_that_fails_is_asked_more_and_more_seldom_and_the_old_certificate_stays() {
    run(async {
        let clock = clock();
        let authority = Authority::start(clock.now(), Duration::from_secs(90 * 24 * 3600)).await;
        let (hub, trusted) = hub(&authority, clock).await;
        fetched(&hub).await;
        let first = shown(&hub, &trusted, DOMAINS[0]).await;

        hub.advance(70 * DAY);
        authority.fail(Broken::Yes);
        let mut tries = Vec::new();
        let before = authority.requests().len();
        // A look a minute, for a day.
        for minute in 0..24 * 60 {
            let asked = authority.requests().len();
            hub.app().reach().look().await;
            if authority.requests().len() > asked {
                tries.push(minute);
            }
            hub.advance(60);
        }
        assert_eq!(tries, [0, 1, 6, 36, 156, 516, 876, 1236], "one minute, five, thirty, two hours, six");
        assert!(authority.requests().len() - before < 20);
        assert_eq!(shown(&hub, &trusted, DOMAINS[0]).await, first, "it is still good");

        authority.fail(Broken::No);
        authority.set_time(hub.now());
        hub.advance(6 * 3600);
        hub.app().reach().look().await;
        assert!(shown(&hub, &trusted, DOMAINS[0]).await.not_after > first.not_after);
    });
}

#[test]
fn a_name_that_leads_elsewhere_is_not_certified() {
    run(async {
        let clock = clock();
        let authority = Authority::start(clock.now(), Duration::from_secs(90 * 24 * 3600)).await;
        let elsewhere = TestHub::start(super::household()).await;
        let (hub, _) = hub(&authority, clock).await;
        authority.names_lead_to(elsewhere.address());
        hub.advance(7 * 3600);
        hub.app().reach().look().await;
        let requests = authority.requests();
        assert!(requests.iter().any(|path| path.starts_with("/challenge/")), "{requests:?}");
        assert!(!requests.iter().any(|path| path.starts_with("/finalize/")), "{requests:?}");
        assert!(hub.app().reach().keyring().unwrap().pair().is_none());
        // Without any certificate there is no connection, and no pretence of one.
        let visitor = Visitor::trusting(&super::authority(&elsewhere), hub.now());
        assert!(visitor.get(hub.address(), DOMAINS[0], "/health").await.is_err());
        // Plainly, people are led to the address where it will be.
        let lead = hub.stranger().get("/app/people?x=1").await;
        assert_eq!(lead.status, 307);
        let there = format!("https://127.0.0.1:{}/app/people?x=1", hub.address().port());
        assert_eq!(lead.header("location"), there);
    });
}
