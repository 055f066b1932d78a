//! The few packets of MQTT 3.1.1 that a house needs: bytes to packets and back, nothing else.

use bytes::{Buf as _, Bytes, BytesMut};

/// The largest packet that is taken in. What the house listens to is a word or two.
const LARGEST: usize = 64 * 1024;
/// The largest packet there can be.
const MOST: usize = 268_435_455;

/// Something for everybody who follows a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub topic: String,
    pub payload: Bytes,
    /// Whether the broker keeps it for those who come later.
    pub retain: bool,
}

impl Message {
    /// One that stays until there is another. An empty one takes the one before away.
    pub fn kept(topic: impl Into<String>, payload: impl Into<Bytes>) -> Message {
        Message { topic: topic.into(), payload: payload.into(), retain: true }
    }
}

/// How a conversation begins.
#[derive(Debug, Clone)]
pub struct Hello<'a> {
    pub client: &'a str,
    /// A name and its password.
    pub login: Option<(&'a str, &'a str)>,
    pub keep_alive_seconds: u16,
    /// What the broker says for us when we are gone without a word.
    pub will: Option<&'a Message>,
}

/// What a broker says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packet {
    /// Whether we are let in; 0 is yes.
    Welcome(u8),
    Message(Message, Option<u16>),
    /// A message of ours arrived.
    Arrived(u16),
    /// What we asked to follow is followed; the worst of the answers, 128 is no.
    Followed(u16, u8),
    Alive,
}

/// Bytes that are no packet, or none that a broker sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Garbled;

impl std::fmt::Display for Garbled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("these bytes are no MQTT")
    }
}

impl std::error::Error for Garbled {}

pub const PING: [u8; 2] = [0xC0, 0];
pub const GOODBYE: [u8; 2] = [0xE0, 0];

fn text(out: &mut Vec<u8>, text: &[u8]) {
    let text = &text[..text.len().min(usize::from(u16::MAX))];
    out.extend(u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend(text);
}

/// A packet of a first byte and what follows.
fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![first];
    let mut left = body.len().min(MOST);
    loop {
        let part = u8::try_from(left % 128).unwrap_or(0);
        left /= 128;
        out.push(if left > 0 { part | 128 } else { part });
        if left == 0 {
            break;
        }
    }
    out.extend(body);
    out
}

impl Hello<'_> {
    pub fn bytes(&self) -> Vec<u8> {
        let mut body = Vec::new();
        text(&mut body, b"MQTT");
        // Level 4 is 3.1.1; always a clean session: what is told is kept by the broker as it is.
        let mut flags = 0b10;
        if let Some(will) = self.will {
            flags |= 0b100 | 0b1000 | if will.retain { 0b10_0000 } else { 0 };
        }
        if self.login.is_some() {
            flags |= 0b1100_0000;
        }
        body.extend([4, flags]);
        body.extend(self.keep_alive_seconds.to_be_bytes());
        text(&mut body, self.client.as_bytes());
        if let Some(will) = self.will {
            text(&mut body, will.topic.as_bytes());
            text(&mut body, &will.payload);
        }
        if let Some((user, password)) = self.login {
            text(&mut body, user.as_bytes());
            text(&mut body, password.as_bytes());
        }
        packet(0x10, &body)
    }
}

/// A message that the other side confirms under a number.
pub fn publish(message: &Message, number: u16) -> Vec<u8> {
    let mut body = Vec::with_capacity(message.topic.len() + message.payload.len() + 4);
    text(&mut body, message.topic.as_bytes());
    body.extend(number.to_be_bytes());
    body.extend(&message.payload);
    packet(if message.retain { 0x33 } else { 0x32 }, &body)
}

/// Asks for every message of these topics.
pub fn follow(topics: &[&str], number: u16) -> Vec<u8> {
    let mut body = number.to_be_bytes().to_vec();
    for topic in topics {
        text(&mut body, topic.as_bytes());
        body.push(1);
    }
    packet(0x82, &body)
}

/// Says that a message arrived here.
pub fn arrived(number: u16) -> Vec<u8> {
    packet(0x40, &number.to_be_bytes())
}

/// Takes the next packet out of what has come in; none while it is not all there.
pub fn take(buffer: &mut BytesMut) -> Result<Option<Packet>, Garbled> {
    let Some(first) = buffer.first().copied() else { return Ok(None) };
    if !matches!(first, 0x20 | 0x30..=0x3F | 0x40 | 0x90 | 0xD0) {
        return Err(Garbled);
    }
    let Some((length, header)) = length(buffer)? else { return Ok(None) };
    if buffer.len() < header + length {
        return Ok(None);
    }
    buffer.advance(header);
    let body = buffer.split_to(length).freeze();
    read(first, body).map(Some)
}

/// How long the body is, and how long what stands before it.
fn length(buffer: &[u8]) -> Result<Option<(usize, usize)>, Garbled> {
    let mut length = 0;
    for place in 0..4 {
        let Some(byte) = buffer.get(1 + place) else { return Ok(None) };
        length |= usize::from(byte & 127) << (7 * place);
        if byte & 128 == 0 {
            return if length > LARGEST { Err(Garbled) } else { Ok(Some((length, 2 + place))) };
        }
    }
    Err(Garbled)
}

fn number(body: &mut Bytes) -> Result<u16, Garbled> {
    if body.len() < 2 { Err(Garbled) } else { Ok(body.get_u16()) }
}

fn read(first: u8, mut body: Bytes) -> Result<Packet, Garbled> {
    match (first >> 4, body.len()) {
        (2, 2) => Ok(Packet::Welcome(body[1])),
        (3, _) => read_message(first, body),
        (4, 2) => number(&mut body).map(Packet::Arrived),
        (9, 3..) => {
            let number = number(&mut body)?;
            Ok(Packet::Followed(number, body.iter().copied().max().unwrap_or(128)))
        }
        (13, 0) => Ok(Packet::Alive),
        _ => Err(Garbled),
    }
}

fn read_message(first: u8, mut body: Bytes) -> Result<Packet, Garbled> {
    let length = usize::from(number(&mut body)?);
    if body.len() < length {
        return Err(Garbled);
    }
    let topic = String::from_utf8(body.split_to(length).to_vec()).map_err(|_| Garbled)?;
    let confirm = match (first >> 1) & 3 {
        0 => None,
        1 => Some(number(&mut body)?),
        _ => return Err(Garbled),
    };
    let message = Message { topic, payload: body, retain: first & 1 == 1 };
    Ok(Packet::Message(message, confirm))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Result<Vec<Packet>, Garbled> {
        let (mut buffer, mut found) = (BytesMut::from(bytes), Vec::new());
        while let Some(packet) = take(&mut buffer)? {
            found.push(packet);
        }
        Ok(found)
    }

    #[test]
    fn what_is_said_is_as_the_standard_writes_it() {
        let will = Message::kept("h/status", "offline");
        let hello =
            Hello { client: "h", login: Some(("anna", "pw")), keep_alive_seconds: 30, will: Some(&will) };
        let expected = b"\x10\x2a\x00\x04MQTT\x04\xee\x00\x1e\x00\x01h\x00\x08h/status\x00\x07offline\
                         \x00\x04anna\x00\x02pw";
        assert_eq!(hello.bytes(), expected);
        let plain = Hello { client: "h", login: None, keep_alive_seconds: 30, will: None };
        assert_eq!(plain.bytes(), b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x1e\x00\x01h");
        assert_eq!(publish(&Message::kept("a", "1"), 7), b"\x33\x06\x00\x01a\x00\x071");
        assert_eq!(follow(&["a", "b"], 1), b"\x82\x0a\x00\x01\x00\x01a\x01\x00\x01b\x01");
        assert_eq!(arrived(258), b"\x40\x02\x01\x02");
        let long = publish(&Message::kept("a", vec![0; 200]), 1);
        assert_eq!(&long[..3], b"\x33\xcd\x01");
    }

    #[test]
    fn what_a_broker_says_is_read_however_it_is_cut() {
        let said = b"\x20\x02\x00\x00\x90\x03\x00\x01\x01\x40\x02\x00\x07\xd0\x00\
                     \x31\x05\x00\x01aon\x32\x07\x00\x01a\x00\x09on";
        let message = |retain| Message { topic: "a".to_owned(), payload: Bytes::from("on"), retain };
        let expected = [
            Packet::Welcome(0),
            Packet::Followed(1, 1),
            Packet::Arrived(7),
            Packet::Alive,
            Packet::Message(message(true), None),
            Packet::Message(message(false), Some(9)),
        ];
        assert_eq!(all(said).unwrap(), expected);
        for cut in 0..said.len() {
            let (mut buffer, mut found) = (BytesMut::from(&said[..cut]), Vec::new());
            while let Some(packet) = take(&mut buffer).unwrap() {
                found.push(packet);
            }
            buffer.extend_from_slice(&said[cut..]);
            while let Some(packet) = take(&mut buffer).unwrap() {
                found.push(packet);
            }
            assert_eq!(found, expected, "cut at {cut}");
        }
    }

    #[test]
    fn what_is_no_packet_is_refused_and_never_breaks() {
        for bad in [
            &b"\x00\x00"[..],
            b"\x20\x01\x00",
            b"\x30\x01\x00",
            b"\x30\x04\x00\x09ab",
            b"\x30\x03\x00\x01\xff",
            b"\x32\x03\x00\x01a",
            b"\x36\x05\x00\x01a\x00\x01",
            b"\x30\xff\xff\xff\xff",
            b"\x30\xff\xff\x7f",
            b"HTTP/1.1 400 Bad Request\r\n",
        ] {
            assert_eq!(all(bad), Err(Garbled), "{bad:?}");
        }
        // Any bytes at all, from a generator that is always the same.
        let mut seed = 1_u64;
        for _ in 0..20_000 {
            let bytes: Vec<u8> = (0..12)
                .map(|_| {
                    seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    seed.to_be_bytes()[0]
                })
                .collect();
            drop(all(&bytes));
        }
    }
}
