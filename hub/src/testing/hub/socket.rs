//! The live channel as a client of the test has it.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Message, protocol::CloseFrame};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// A live channel as a client has it.
#[derive(Debug)]
pub struct Socket(pub(super) WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What a socket brought.
#[derive(Debug)]
pub enum Heard {
    Frame(Value),
    Closed(u16),
    Nothing,
}

impl Socket {
    pub(super) async fn open(
        request: tokio_tungstenite::tungstenite::handshake::client::Request,
    ) -> Result<Socket, u16> {
        match connect_async(request).await {
            Ok((stream, _)) => Ok(Socket(stream)),
            Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(other) => panic!("no live channel: {other}"),
        }
    }

    /// Waits for the next frame, five seconds at most.
    pub async fn next(&mut self) -> Heard {
        self.next_within(Duration::from_secs(5)).await
    }

    pub async fn next_within(&mut self, patience: Duration) -> Heard {
        loop {
            let Ok(message) = tokio::time::timeout(patience, self.0.next()).await else {
                return Heard::Nothing;
            };
            match message {
                Some(Ok(Message::Text(text))) => {
                    return Heard::Frame(serde_json::from_str(&text).expect("frames are JSON"));
                }
                Some(Ok(Message::Close(Some(CloseFrame { code, .. })))) => return Heard::Closed(code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Heard::Closed(1006),
            }
        }
    }

    /// Insists on a frame.
    #[track_caller]
    pub fn frame(&mut self) -> impl Future<Output = Value> {
        let caller = std::panic::Location::caller();
        async move {
            match self.next().await {
                Heard::Frame(frame) => frame,
                other => panic!("a frame was expected at {caller}, not {other:?}"),
            }
        }
    }

    /// Insists on a frame of this type; pings are answered and passed over.
    pub async fn expect(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.frame().await;
            match frame["type"].as_str() {
                Some(found) if found == kind => return frame,
                Some("ping") => self.say(json!({ "type": "pong" })).await,
                _ => panic!("{kind} was expected, not {frame}"),
            }
        }
    }

    /// Insists on being closed with a code; frames before it are passed over.
    pub async fn closes_with(&mut self, code: u16) {
        loop {
            match self.next_within(Duration::from_secs(15)).await {
                Heard::Closed(found) => return assert_eq!(found, code),
                Heard::Frame(_) => {}
                Heard::Nothing => panic!("the socket stays open"),
            }
        }
    }

    /// Insists on silence.
    pub async fn is_silent_for(&mut self, patience: Duration) {
        match self.next_within(patience).await {
            Heard::Nothing => {}
            other => panic!("silence was expected, not {other:?}"),
        }
    }

    /// The next message as it came, without reading it.
    pub async fn next_raw(&mut self) -> Option<Message> {
        self.0.next().await?.ok()
    }

    pub async fn say(&mut self, message: Value) {
        self.say_raw(Message::text(message.to_string())).await;
    }

    pub async fn say_raw(&mut self, message: Message) {
        self.0.send(message).await.expect("the socket takes a message");
    }
}
