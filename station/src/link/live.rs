//! The live connection: what people change in the web app reaches the station as they do it.
//!
//! It also tells sooner than any timer that the hub is back, and when names have changed.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use hearth_shared::live::{EventFrame, Head};
use rustls::pki_types::ServerName;
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::{AUTHORIZATION, USER_AGENT};
use tokio_tungstenite::tungstenite::protocol::{Message, WebSocketConfig};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::calls::{Station, chain};
use super::membership::Membership;

const CONNECT: Duration = Duration::from_secs(10);
/// The hub is heard every twenty seconds; after this long it is not there.
const SILENCE: Duration = Duration::from_secs(45);
/// What the station wants to hear of.
const TYPES: &str = "station.*,product.*,inventory.*,house.*";
/// The largest message.
const MOST_BYTES: usize = 1 << 20;

/// What the live connection says.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// It stands.
    Here,
    /// Somebody changed what this station does.
    Station(Station),
    /// Something that has a name has changed, or the house, which has a language.
    Names,
}

/// Why the connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// It is worth coming back.
    Lost(String),
    /// It is not, for a long time.
    Stopped(String),
}

/// Where the station stands in the hub's events.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Position(Option<(i64, String)>);

#[derive(Deserialize)]
struct Kind<'a> {
    #[serde(rename = "type", borrow)]
    kind: std::borrow::Cow<'a, str>,
}

#[derive(Deserialize)]
struct Hello {
    data: Heads,
}

#[derive(Deserialize)]
struct Heads {
    #[serde(default)]
    heads: Vec<Head>,
}

/// A connection, encrypted or not.
trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

type Socket = WebSocketStream<Box<dyn Wire>>;

/// Connects, and tells what is heard until it ends.
pub async fn listen(
    member: &Membership,
    tls: &Arc<rustls::ClientConfig>,
    position: &mut Position,
    hear: &mut impl FnMut(Heard),
) -> Ended {
    let connected = timeout(CONNECT, connect(member, tls, position)).await;
    let mut socket = match connected {
        Ok(Ok(socket)) => socket,
        Ok(Err(ended)) => return ended,
        Err(_) => return Ended::Lost("no answer".to_owned()),
    };
    hear(Heard::Here);
    loop {
        let message = match timeout(SILENCE, socket.next()).await {
            Err(_) => return Ended::Lost("silence".to_owned()),
            Ok(None) => return Ended::Lost("closed".to_owned()),
            Ok(Some(Err(error))) => return Ended::Lost(chain(&error)),
            Ok(Some(Ok(message))) => message,
        };
        match message {
            Message::Text(text) => {
                if let Some(answer) = frame(&text, &member.device, position, hear)
                    && let Err(error) = socket.send(Message::text(answer)).await
                {
                    return Ended::Lost(chain(&error));
                }
            }
            Message::Close(close) => {
                let code = close.as_ref().map_or(1005, |close| u16::from(close.code));
                let why = close.map(|close| close.reason.to_string()).unwrap_or_default();
                if code == 4010 {
                    *position = Position::default();
                }
                return if code >= 4500 { Ended::Stopped(why) } else { Ended::Lost(why) };
            }
            _ => {}
        }
    }
}

/// One frame, and what is to be answered.
fn frame(
    text: &str,
    device: &str,
    position: &mut Position,
    hear: &mut impl FnMut(Heard),
) -> Option<&'static str> {
    let Kind { kind } = serde_json::from_str(text).ok()?;
    match &*kind {
        "ping" => return Some(r#"{"type":"pong","data":{}}"#),
        "hello" if position.0.is_none() => {
            let hello: Hello = serde_json::from_str(text).ok()?;
            position.0 = hello.data.heads.into_iter().next().map(|head| (head.seq, head.epoch));
            // What changed before it, since they were fetched, is not told.
            hear(Heard::Names);
        }
        // What was missed cannot be told one by one.
        "snapshot" => {
            *position = Position::default();
            hear(Heard::Names);
        }
        _ => {}
    }
    let event: EventFrame<'_> = serde_json::from_str(text).ok()?;
    position.0 = Some((event.seq, event.epoch.into_owned()));
    match &*event.kind {
        "station.mode" if event.entity_id == device => {
            let station = serde_json::from_str(event.data.get());
            station.into_iter().for_each(|station| hear(Heard::Station(station)));
        }
        kind if ["product.", "inventory.", "house."].iter().any(|family| kind.starts_with(family)) => {
            hear(Heard::Names);
        }
        _ => {}
    }
    None
}

async fn connect(
    member: &Membership,
    tls: &Arc<rustls::ClientConfig>,
    position: &Position,
) -> Result<Socket, Ended> {
    let lost = |error: &dyn std::error::Error| Ended::Lost(chain(error));
    let url = reqwest::Url::parse(&member.url).map_err(|error| lost(&error))?;
    let secure = url.scheme() == "https";
    let host = url.host_str().ok_or_else(|| Ended::Stopped("the hub's address has no name".to_owned()))?;
    let port = url.port_or_known_default().unwrap_or(443);
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((bare, port)).await.map_err(|error| lost(&error))?;
    drop(stream.set_nodelay(true));
    let stream: Box<dyn Wire> = if secure {
        let name = ServerName::try_from(bare.to_owned()).map_err(|error| lost(&error))?;
        Box::new(TlsConnector::from(tls.clone()).connect(name, stream).await.map_err(|error| lost(&error))?)
    } else {
        Box::new(stream)
    };
    let since = match &position.0 {
        Some((seq, epoch)) => format!("&since={seq}&epoch={epoch}"),
        None => String::new(),
    };
    let scheme = if secure { "wss" } else { "ws" };
    let address = format!("{scheme}://{host}:{port}/api/ws?types={TYPES}{since}");
    let mut request = address.into_client_request().map_err(|error| lost(&error))?;
    let bearer = HeaderValue::from_str(&format!("Bearer {}", member.token));
    request.headers_mut().insert(AUTHORIZATION, bearer.map_err(|error| lost(&error))?);
    let agent = HeaderValue::from_static(concat!("hearth-station/", env!("CARGO_PKG_VERSION")));
    request.headers_mut().insert(USER_AGENT, agent);
    let config = WebSocketConfig::default()
        .read_buffer_size(4 * 1024)
        .write_buffer_size(4 * 1024)
        .max_message_size(Some(MOST_BYTES))
        .max_frame_size(Some(MOST_BYTES));
    let (socket, _) = client_async_with_config(request, stream, Some(config)).await.map_err(|e| lost(&e))?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use hearth_shared::scanning::Mode;

    use super::*;
    use crate::core::Event;

    fn hear(text: &str) -> (Option<&'static str>, Position, Vec<Heard>) {
        let (mut position, mut heard) = (Position::default(), Vec::new());
        let answer = frame(text, "d1", &mut position, &mut |it| heard.push(it));
        (answer, position, heard)
    }

    fn event(kind: &str, entity: &str, data: &str) -> String {
        format!(
            r#"{{"type":"{kind}","timestamp":"2026-11-20T18:00:00.000Z","entity_id":"{entity}","data":{data},"ch":"house","seq":7,"epoch":"q"}}"#
        )
    }

    #[test]
    fn a_change_of_mode_is_heard_by_whom_it_is_for() {
        let seven = Position(Some((7, "q".into())));
        let data = r#"{"id":"d1","mode":"add","usual_mode":"consume","back_after_seconds":600,"queued":3}"#;
        let (answer, position, heard) = hear(&event("station.mode", "d1", data));
        let [Heard::Station(station)] = &heard[..] else { panic!("{heard:?}") };
        let Event::Setting { setting, usual } = station.clone().event() else { panic!() };
        assert_eq!(
            (setting.mode, usual.unwrap().mode, usual.unwrap().idle_ms),
            (Mode::Add, Mode::Consume, 600_000)
        );
        assert_eq!((answer, position), (None, seven.clone()));
        assert_eq!(hear(&event("station.mode", "d2", data)).2, []);
        assert_eq!(hear(&event("product.updated", "p", "{}")).2, [Heard::Names]);
        assert_eq!(hear(&event("house.updated", "h", "{}")).2, [Heard::Names]);
        assert_eq!(hear(&event("member.joined", "p", "{}")), (None, seven, Vec::new()));
    }

    #[test]
    fn a_frame_may_hold_anything_anywhere() {
        let frame =
            event("station.mode", "d1", r#"{"mode":"add","usual_mode":"open","back_after_seconds":6}"#);
        assert_eq!(hear(&frame).2.len(), 1);
        for place in 0..frame.len() {
            hear(&frame[..place]);
            for other in ["\"", "{", "]", ",", "9", "-", "\\", "\0", "ü", "null"] {
                let (_, position, _) = hear(&format!("{}{other}{}", &frame[..place], &frame[place + 1..]));
                assert!(position.0.is_none_or(|(_, epoch)| epoch.len() < frame.len()));
            }
        }
    }

    #[test]
    fn pings_are_answered_and_rubbish_is_not() {
        assert_eq!(hear(r#"{"type":"ping","data":{}}"#).0, Some(r#"{"type":"pong","data":{}}"#));
        assert_eq!(hear("rubbish"), (None, Position::default(), Vec::new()));
        let hello = r#"{"type":"hello","data":{"heads":[{"ch":"house","seq":3,"epoch":"e"}]}}"#;
        assert_eq!(hear(hello), (None, Position(Some((3, "e".into()))), vec![Heard::Names]));
    }
}
