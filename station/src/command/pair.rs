//! `pair`: becoming part of a house.

use std::path::Path;
use std::time::Duration;

use super::{Failed, print};
use crate::core::words::Language;
use crate::link::find::{Found, find};
use crate::link::membership::{Membership, own_key};
use crate::link::pair::{NotPaired, Progress, Wish, pair};

/// How long the local network is listened to.
const LISTEN: Duration = Duration::from_secs(8);

/// What is known beforehand.
#[derive(Debug, Default)]
pub struct Known {
    /// The hub's address; it is looked for in the local network where there is none.
    pub hub: Option<String>,
    pub name: Option<String>,
    /// The fingerprint that the house's authority must have.
    pub fingerprint: Option<String>,
    /// Whether to leave a house that the station belongs to already.
    pub again: bool,
}

/// Pairs, and says on the way what is to be done; `show` is told the six digits and the language of the house.
pub fn run(state: &Path, known: &Known, mut show: impl FnMut(&str, Language)) -> Result<(), Failed> {
    let before = Membership::load(state).map_err(|error| error.to_string())?;
    if let Some(before) = before.filter(|_| !known.again) {
        return Err(format!("this station belongs to {} already; --again pairs it anew", before.url));
    }
    let key = own_key(state).map_err(|error| format!("{} cannot be written: {error}", state.display()))?;
    let name = known.name.clone().unwrap_or_else(host_name);
    let (urls, fingerprint) = match &known.hub {
        Some(hub) => (addresses(hub), known.fingerprint.clone()),
        None => {
            print("Looking for a hub in the local network …");
            let Some(Found { urls, authority }) = find(LISTEN)? else {
                return Err(
                    "no hub was heard; name it: hearth-station pair https://hearth.local:8443".to_owned()
                );
            };
            (urls, known.fingerprint.clone().or(authority))
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let mut tell = |progress: Progress| match progress {
        Progress::Authority { fingerprint } => {
            print("The house's own authority, as the web app shows it under Trust:");
            print(format_args!("  {fingerprint}"));
        }
        Progress::Code(code, language) => {
            print(format_args!("Type this in the web app, under Devices:  {code}"));
            print("Waiting for that …");
            show(&code, language);
        }
        Progress::Confirmed => print("Confirmed."),
    };
    let mut last = NotPaired::NotReached("there is no address".to_owned());
    for url in urls {
        let wish = Wish { url, name: name.clone(), key: key.clone(), authority: fingerprint.clone() };
        match runtime.block_on(pair(&wish, &mut tell)) {
            Ok(member) => {
                member.keep(state).map_err(|error| format!("{}: {error}", state.display()))?;
                print(format_args!(
                    "This station belongs to {} now. A service that runs takes it over by itself;",
                    member.url
                ));
                print(
                    "hearth-station doctor says how it is, and hearth-station simulate scans without a scanner.",
                );
                return Ok(());
            }
            Err(NotPaired::NotReached(why)) => last = NotPaired::NotReached(why),
            Err(other) => return Err(other.to_string()),
        }
    }
    Err(format!("{last}. Is the hub running, and is that its address? It prints it when it starts."))
}

/// What somebody means who names a hub.
fn addresses(hub: &str) -> Vec<String> {
    let hub = hub.trim().trim_end_matches('/');
    if hub.contains("://") {
        return vec![hub.to_owned()];
    }
    match hub.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) {
        true => vec![format!("https://{hub}"), format!("http://{hub}")],
        false => vec![format!("https://{hub}:8443"), format!("https://{hub}")],
    }
}

fn host_name() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    if name.is_empty() { "Scanning station".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_be_as_short_as_people_say_it() {
        assert_eq!(addresses("https://hearth.local:8443/"), ["https://hearth.local:8443"]);
        assert_eq!(addresses("hearth.local"), ["https://hearth.local:8443", "https://hearth.local"]);
        assert_eq!(addresses("10.0.0.2:8080"), ["https://10.0.0.2:8080", "http://10.0.0.2:8080"]);
    }
}
