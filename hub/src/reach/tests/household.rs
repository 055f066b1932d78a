//! The house's own authority: made once, kept safe, and believed about the house alone.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use hearth_shared::time::Timestamp;
use rcgen::{CertificateParams, Issuer, KeyPair};
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::ServerCertVerifier as _;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{CertificateError, Error, RootCertStore};

use super::{DAY, own};
use crate::clock::Clock;
use crate::reach::household::Household;
use crate::reach::pair::Pair;
use crate::testing::process;

fn now() -> Timestamp {
    Clock::System.now()
}

fn names(words: &str) -> BTreeSet<String> {
    words.split_whitespace().map(str::to_owned).collect()
}

fn open(folder: &Path) -> Household {
    Household::open(folder, &names("kitchen-pi hearth.example"), now()).unwrap()
}

/// Whether a browser that trusts `authority` believes `leaf` for `name`.
fn believed(authority: &[u8], leaf: &CertificateDer<'_>, name: &str) -> Result<(), Error> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(authority.to_vec())).unwrap();
    let verifier = WebPkiServerVerifier::builder_with_provider(
        roots.into(),
        std::sync::Arc::new(ring::default_provider()),
    );
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let seconds = u64::try_from(now().millis() / 1000).unwrap();
    let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
    verifier.build().unwrap().verify_server_cert(leaf, &[], &name, &[], time).map(|_| ())
}

#[test]
fn it_is_made_once_and_kept_for_the_owners_eyes_only() {
    let folder = process::folder("authority").join("keys");
    let mut first = open(&folder);
    let leaf = first.leaf(&names("hearth.local 192.168.1.5"), now()).unwrap();
    for (name, mode) in [("", 0o700), ("authority.key", 0o600), ("leaf.pem", 0o600)] {
        let path = folder.join(name);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode, "{name}");
    }
    let mut second = open(&folder);
    assert_eq!(second.card().fingerprint, first.card().fingerprint);
    let again = second.leaf(&names("hearth.local 192.168.1.5"), now()).unwrap();
    assert_eq!(again.shown.cert, leaf.shown.cert, "a restart changes nothing");
    assert_eq!(first.card().fingerprint.len(), 32 * 3 - 1);
    assert!(first.card().name.starts_with("Hearth household "), "{}", first.card().name);
}

#[test]
fn what_it_signs_lasts_half_a_year_and_is_renewed_before() {
    let folder = process::folder("leaf");
    let mut household = open(&folder);
    let first = household.leaf(&names("hearth.local"), now()).unwrap();
    let lasts = (first.facts.not_after.millis() - first.facts.not_before.millis()) / 1000 / DAY;
    assert!((150..200).contains(&lasts), "{lasts} days: no browser refuses that");
    let mut at = |days: i64| household.leaf(&names("hearth.local"), now().plus_seconds(days * DAY)).unwrap();
    assert_eq!(at(110).shown.cert, first.shown.cert);
    let second = at(125);
    assert_ne!(second.shown.cert, first.shown.cert);
    assert!(second.facts.not_after > first.facts.not_after);
    // A clock that was wrong when it was signed, and is right now.
    let third = at(0);
    assert!(third.facts.not_before <= now(), "{:?}", third.facts);
}

#[test]
fn a_new_address_or_name_gets_into_a_new_certificate() {
    let mut household = open(&process::folder("addresses"));
    let first = household.leaf(&names("hearth.local 192.168.1.5"), now()).unwrap();
    let wanted = names("hearth.local hearth-2.local 192.168.1.77 kitchen-pi fd00::7");
    let second = household.leaf(&wanted, now()).unwrap();
    assert_eq!(second.facts.names.iter().cloned().collect::<BTreeSet<_>>(), wanted);
    assert_ne!(first.shown.cert, second.shown.cert);
    let authority = household.card().der.clone();
    for name in &wanted {
        assert_eq!(believed(&authority, &second.shown.cert[0], name), Ok(()), "{name}");
    }
}

#[test]
fn it_vouches_for_the_house_and_for_nobody_else() {
    let folder = process::folder("constraints");
    let mut household = open(&folder);
    let card = household.card().clone();
    for ours in [
        "hearth.local",
        "localhost",
        "pi.lan",
        "box.home.arpa",
        "kitchen-pi",
        "hearth.example",
        "10.0.0.7",
        "172.31.0.1",
        "192.168.178.20",
        "127.0.0.1",
        "::1",
        "fd12::1",
    ] {
        assert!(card.vouches_for(ours), "{ours}");
    }
    for not in ["bank.example", "example", "evillocal", "8.8.8.8", "172.32.0.1", "2001:db8::1", "other-pi"] {
        assert!(!card.vouches_for(not), "{not}");
    }
    // It leaves them out; and whoever stole its key and signs them all the same is not believed.
    let leaf = household.leaf(&names("hearth.local bank.example 8.8.8.8"), now()).unwrap();
    assert_eq!(leaf.facts.names, ["hearth.local"]);
    let stolen = KeyPair::from_pem(&fs::read_to_string(folder.join("authority.key")).unwrap()).unwrap();
    let thief = Issuer::from_ca_cert_pem(&card.pem, stolen).unwrap();
    for (name, fine) in [("hearth.local", true), ("bank.example", false), ("8.8.8.8", false)] {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let forged = params.signed_by(&key, &thief).unwrap();
        let verdict = believed(&card.der, forged.der(), name);
        assert_eq!(verdict.is_ok(), fine, "{name}: {verdict:?}");
        if !fine {
            assert!(
                matches!(verdict, Err(Error::InvalidCertificate(CertificateError::Other(_)))),
                "{verdict:?}"
            );
        }
    }
}

#[test]
fn a_damaged_authority_is_named_and_never_replaced_in_silence() {
    let refused = |damage: &dyn Fn(&Path)| {
        let folder = process::folder("damaged");
        open(&folder);
        damage(&folder);
        let error = Household::open(&folder, &BTreeSet::new(), now()).err().expect("it is not opened");
        assert_eq!(error.code(), "bad-authority");
        error.detail().to_owned()
    };
    let key = |folder: &Path| folder.join("authority.key");
    let why = refused(&|folder| fs::remove_file(key(folder)).unwrap());
    assert!(why.contains("authority.key is missing") && why.contains("backup"), "{why}");
    let why = refused(&|folder| {
        fs::remove_file(key(folder)).unwrap();
        fs::create_dir(key(folder)).unwrap();
    });
    assert!(why.contains("authority.key cannot be read"), "{why}");
    let why = refused(&|folder| fs::write(key(folder), "Dear diary").unwrap());
    assert!(why.contains("authority.key holds no private key"), "{why}");
    let why = refused(&|folder| fs::write(key(folder), own(&["a"], 0, 9, now()).1).unwrap());
    assert!(why.contains("authority.key does not belong"), "{why}");
    let why = refused(&|folder| fs::write(folder.join("authority.crt"), "Dear diary").unwrap());
    assert!(why.contains("authority.crt holds no certificate"), "{why}");
}

#[test]
fn a_damaged_certificate_is_just_signed_again() {
    let folder = process::folder("damaged-leaf");
    let mut household = open(&folder);
    household.leaf(&names("hearth.local"), now()).unwrap();
    fs::write(folder.join("leaf.pem"), "Dear diary").unwrap();
    household.leaf(&names("hearth.local"), now()).unwrap();
    Pair::read_file(&folder.join("leaf.pem")).unwrap();
    // One that another authority signed, too.
    let (certificate, key) = own(&["hearth.local"], -1, 100, now());
    fs::write(folder.join("leaf.pem"), format!("{key}{certificate}")).unwrap();
    let leaf = household.leaf(&names("hearth.local"), now()).unwrap();
    assert_eq!(believed(&household.card().der, &leaf.shown.cert[0], "hearth.local"), Ok(()));
}
