//! How a request came in: from which address, by which name, and whether anybody could read along.
//!
//! What a proxy says of its client counts only if the settings name that proxy; from everybody else such
//! headers are taken off. They are read from the right, where the nearest proxy writes. `Forwarded`
//! (RFC 7239) is not read: the usual proxies hand a client's own one through untouched.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::config::Settings;
use crate::error::{Error, Result};

const CLIENTS: HeaderName = HeaderName::from_static("x-forwarded-for");
const SCHEME: HeaderName = HeaderName::from_static("x-forwarded-proto");
const NAME: HeaderName = HeaderName::from_static("x-forwarded-host");

/// On a request that came over our own TLS.
#[derive(Debug, Clone, Copy)]
pub struct Encrypted;

/// Between whom a request was protected on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cover {
    /// From the client to us.
    Ours,
    /// From the client to a proxy that we trust.
    Proxy,
    /// From the client to itself, or to a proxy that we trust and that says it was plain.
    Near,
    None,
}

#[derive(Debug, Clone)]
pub struct Arrival {
    client: Option<IpAddr>,
    cover: Cover,
    host: Option<String>,
}

impl Arrival {
    /// Reads it off the request, and takes off what must not be believed.
    pub fn of(settings: &Settings, request: &mut Request) -> Arrival {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let peer = peer.map(|peer| peer.to_canonical());
        let encrypted = request.extensions().get::<Encrypted>().is_some();
        let trusted = peer.is_some_and(|peer| settings.reach.trusts(peer));
        let headers = request.headers_mut();
        let said = trusted.then(|| Said::by_proxy(settings, headers));
        for name in [CLIENTS, SCHEME, NAME] {
            headers.remove(name);
        }
        // From here on the name is the one that the person sees.
        if let Some(name) = said.as_ref().and_then(|said| said.name.clone()) {
            headers.insert(header::HOST, name);
        }
        let cover = match &said {
            _ if encrypted => Cover::Ours,
            Some(said) if said.encrypted => Cover::Proxy,
            None if !peer.is_none_or(|peer| peer.is_loopback()) => Cover::None,
            _ => Cover::Near,
        };
        let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
        let host = host.or_else(|| request.uri().authority().map(|authority| authority.as_str()));
        let client = said.and_then(|said| said.client).or(peer);
        Arrival { client, cover, host: host.map(str::to_owned) }
    }

    /// Whoever asks, beyond the proxies.
    pub fn client(&self) -> Option<IpAddr> {
        self.client
    }

    /// The name by which they ask, with its port.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    pub fn is_encrypted(&self) -> bool {
        matches!(self.cover, Cover::Ours | Cover::Proxy)
    }

    /// Whether the encryption is the hub's own.
    pub fn is_over_our_tls(&self) -> bool {
        self.cover == Cover::Ours
    }

    /// Refuses what came plainly from another machine, unless the settings allow that by name.
    pub fn check(&self, settings: &Settings) -> Result<()> {
        if self.cover == Cover::None && !settings.allow_plain_http {
            let detail =
                "Other machines reach this hub through its proxy only; without it nothing is encrypted.";
            return Err(Error::forbidden("plain-http", detail));
        }
        Ok(())
    }

    /// The address of the hub as whoever asks sees it.
    pub fn base(&self, settings: &Settings) -> String {
        match (&settings.public_url, &self.host) {
            (None, Some(host)) => {
                format!("{}://{host}", if self.is_encrypted() { "https" } else { "http" })
            }
            _ => settings.address(),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Arrival {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Arrival> {
        let arrival = parts.extensions.get::<Arrival>().cloned();
        arrival.ok_or_else(|| Error::broken("unanswered", "The request did not come in by the door."))
    }
}

/// What a proxy says.
struct Said {
    client: Option<IpAddr>,
    encrypted: bool,
    name: Option<HeaderValue>,
}

impl Said {
    fn by_proxy(settings: &Settings, headers: &HeaderMap) -> Said {
        let words = |name: HeaderName| {
            let lines = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
            lines.flat_map(|line| line.split(',')).map(str::trim).map(str::to_owned).collect::<Vec<_>>()
        };
        let mut client = None;
        for word in words(CLIENTS).iter().rev() {
            let Some(address) = read_address(word) else { break };
            client = Some(address);
            if !settings.reach.trusts(address) {
                break;
            }
        }
        let name = words(NAME).pop().filter(|name| !name.is_empty());
        Said {
            client,
            encrypted: words(SCHEME).pop().is_some_and(|scheme| scheme.eq_ignore_ascii_case("https")),
            name: name.and_then(|name| HeaderValue::from_str(&name).ok()),
        }
    }
}

/// An address, of which some proxies write the port too.
fn read_address(word: &str) -> Option<IpAddr> {
    let bare = || word.trim_start_matches('[').trim_end_matches(']').parse().ok();
    let with_port = || word.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare().or_else(with_port).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    /// A request from `peer` with headers, on a hub behind proxies at 10.0.0.0/8.
    fn arrive(peer: &str, lines: &[(&'static str, &str)]) -> (Arrival, Request) {
        let mut settings = crate::config::tests::settings("--trusted-proxies 10.0.0.0/8,::1").unwrap();
        settings.listen = "0.0.0.0:80".parse().unwrap();
        let mut request = Request::get("/").header("host", "hub:80");
        for (name, value) in lines {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::empty()).unwrap();
        let peer: IpAddr = peer.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((peer, 5000))));
        let arrival = Arrival::of(&settings, &mut request);
        assert_eq!(arrival.check(&settings).is_err(), arrival.cover == Cover::None);
        (arrival, request)
    }

    fn client(peer: &str, said: &str) -> String {
        arrive(peer, &[("x-forwarded-for", said)]).0.client.unwrap().to_string()
    }

    #[test]
    fn only_named_proxies_speak_for_others() {
        assert_eq!(client("10.0.0.2", "203.0.113.7"), "203.0.113.7");
        assert_eq!(client("::ffff:10.0.0.2", "203.0.113.7"), "203.0.113.7");
        assert_eq!(client("192.168.1.9", "203.0.113.7"), "192.168.1.9");
        let lies = [("x-forwarded-proto", "https"), ("x-forwarded-host", "evil.example")];
        let (arrival, request) = arrive("192.168.1.9", &lies);
        assert_eq!((arrival.is_encrypted(), arrival.host()), (false, Some("hub:80")));
        assert_eq!(arrival.cover, Cover::None);
        assert!(!request.headers().contains_key("x-forwarded-host"));
    }

    #[test]
    fn the_client_is_the_last_one_whom_no_proxy_of_ours_is() {
        assert_eq!(client("10.0.0.2", "1.2.3.4, 203.0.113.7"), "203.0.113.7", "the first may be invented");
        assert_eq!(client("10.0.0.2", "1.2.3.4, 203.0.113.7, 10.9.9.9"), "203.0.113.7");
        assert_eq!(client("10.0.0.2", "203.0.113.7:4711"), "203.0.113.7");
        assert_eq!(client("10.0.0.2", "[2001:db8::7]:4711"), "2001:db8::7");
        assert_eq!(client("10.0.0.2", "203.0.113.7, unknown"), "10.0.0.2");
        assert_eq!(client("10.0.0.2", "203.0.113.7, x, 10.1.1.1"), "10.1.1.1");
        assert_eq!(client("10.0.0.2", ""), "10.0.0.2");
    }

    #[test]
    fn scheme_and_name_are_those_that_the_person_sees() {
        let said = [("x-forwarded-proto", "https"), ("x-forwarded-host", "kitchen.example")];
        let (arrival, request) = arrive("10.0.0.2", &said);
        assert_eq!((arrival.is_encrypted(), arrival.is_over_our_tls()), (true, false));
        assert_eq!(request.headers()["host"], "kitchen.example");
        let settings = crate::config::tests::settings("").unwrap();
        assert_eq!(arrival.base(&settings), "https://kitchen.example");
        let (arrival, _) = arrive("10.0.0.2", &[("x-forwarded-proto", "http")]);
        assert_eq!(arrival.base(&settings), "http://hub:80");
        let (arrival, _) = arrive("127.0.0.1", &[]);
        assert_eq!(arrival.cover, Cover::Near, "this machine is no stranger");
    }
}
