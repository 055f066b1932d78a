//! Who is there, and what they may do.
//!
//! A request arrives as a [`Stranger`](Actor::Stranger), a person with a session cookie, a script with a
//! service token, or a station or screen with the token it earned by pairing. Secrets are 256 random bits, shown once and kept as their SHA-256 only;
//! passwords are argon2id. What each kind of actor may do stands in one table, [`policy`].

pub mod http;
pub mod links;
pub mod passwords;
pub mod policy;
pub mod sessions;
pub mod tokens;

#[cfg(test)]
mod tests;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hearth_shared::time::Timestamp;
use sha2::{Digest, Sha256};

use crate::devices::{DeviceId, DeviceKind};
use crate::error::{Error, Result};
use crate::house::members::MemberId;
use crate::{id_columns, words};

hearth_shared::id! {
    /// A person signed in on one device.
    SessionId,
    /// A service token.
    TokenId,
}
id_columns!(SessionId, TokenId);

/// What a person is to the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Decides who belongs to the house and how it is set up.
    Owner,
    /// Lives here.
    Member,
    /// Works here.
    Staff,
}
words!(Role { Owner = "owner", Member = "member", Staff = "staff" });

/// Who does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The hub itself.
    System,
    /// Nobody we know.
    Stranger,
    Person {
        id: MemberId,
        role: Role,
        session: SessionId,
        expires_at: Timestamp,
    },
    Service {
        id: TokenId,
    },
    Device {
        id: DeviceId,
        kind: DeviceKind,
    },
}

impl Actor {
    /// A name for this actor that never changes and is nobody else's; holds no personal text.
    pub fn key(&self) -> String {
        match self {
            Actor::System => "system".to_owned(),
            Actor::Stranger => "stranger".to_owned(),
            Actor::Person { id, .. } => format!("member:{id}"),
            Actor::Service { id } => format!("service:{id}"),
            Actor::Device { id, kind } => format!("{kind}:{id}"),
        }
    }

    pub fn is_same(&self, other: &Actor) -> bool {
        match (self, other) {
            (Actor::Person { id, .. }, Actor::Person { id: other, .. }) => id == other,
            (Actor::Service { id }, Actor::Service { id: other }) => id == other,
            _ => self == other,
        }
    }

    /// The member, for what only a person can do.
    pub fn person(&self) -> Result<MemberId> {
        match self {
            Actor::Person { id, .. } => Ok(*id),
            _ => Err(Error::forbidden("people-only", "Only a person who is signed in can do this.")),
        }
    }

    pub fn session(&self) -> Option<SessionId> {
        match self {
            Actor::Person { session, .. } => Some(*session),
            _ => None,
        }
    }

    pub fn expires_at(&self) -> Option<Timestamp> {
        match self {
            Actor::Person { expires_at, .. } => Some(*expires_at),
            _ => None,
        }
    }

    /// Whether the end of `entity` (a session, a member, a token, a device) is the end of this actor.
    pub fn is_ended_by(&self, entity: &str) -> bool {
        match self {
            Actor::Person { id, session, .. } => id.to_string() == entity || session.to_string() == entity,
            Actor::Service { id } => id.to_string() == entity,
            Actor::Device { id, .. } => id.to_string() == entity,
            Actor::System | Actor::Stranger => false,
        }
    }
}

/// A secret that its owner carries and we do not keep: 256 random bits as text.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn from_bytes(bytes: &[u8; 32]) -> Secret {
        Secret(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What somebody showed us. Anything of a wrong form is simply unknown.
    pub fn shown(text: &str) -> Option<Secret> {
        let fits =
            text.len() == 43 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        fits.then(|| Secret(text.to_owned()))
    }

    /// The text itself, for the one who is to carry it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The form in which it is kept. The secret is random, so a plain digest is enough.
    pub fn digest(&self) -> String {
        hex(&Sha256::digest(self.0.as_bytes()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Rehearsals compare answers as text: two different secrets must look different.
        write!(f, "Secret(sha256:{})", &self.digest()[..16])
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}
