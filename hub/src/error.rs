//! The one error of the hub. A `kind` decides the HTTP status and nothing else; a `code` is what
//! clients and translations hold on to and never changes once released; `detail` is a sentence for
//! people. The cause, if there is one, goes to the log and never over the wire.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use serde::Serialize;

use crate::words;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, as coarsely as a client can act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// 400: the request cannot mean anything.
    Invalid,
    /// 401: nobody is signed in, or not any more.
    Unauthenticated,
    /// 403: somebody is, and may not.
    Forbidden,
    /// 404: not here, or not for this actor's eyes.
    NotFound,
    /// 405: the address exists, the method does not.
    MethodNotAllowed,
    /// 409: the world moved on since the client looked.
    Conflict,
    /// 413: more than fits.
    TooLarge,
    /// 415: not a form we read.
    Unsupported,
    /// 422: an idempotency key used again for something else.
    KeyReused,
    /// 429: too often.
    TooMany,
    /// 500: our fault.
    Broken,
    /// 503: not now; try again.
    Unavailable,
}

/// What may be wrong with a field, for programs and for other languages. Released words never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing was said, and something has to be.
    Required,
    TooShort,
    TooLong,
    BadCharacters,
    /// A number, or an amount, that is less or more than it may be.
    OutOfRange,
    NotANumber,
    /// More decimals than are kept.
    TooFine,
    ImpossibleDate,
    ImpossibleTime,
    /// Of mail, or of a page.
    BadAddress,
    /// What is named does not exist, or not any more.
    Gone,
}
words!(Flaw {
    Required = "required",
    TooShort = "too-short",
    TooLong = "too-long",
    BadCharacters = "bad-characters",
    OutOfRange = "out-of-range",
    NotANumber = "not-a-number",
    TooFine = "too-fine",
    ImpossibleDate = "impossible-date",
    ImpossibleTime = "impossible-time",
    BadAddress = "bad-address",
    Gone = "gone",
});

/// What is said of a wrong field: a sentence, with the word for it where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    flaw: Option<Flaw>,
    detail: Cow<'static, str>,
}

impl From<&'static str> for Wrong {
    fn from(detail: &'static str) -> Wrong {
        Wrong { flaw: None, detail: detail.into() }
    }
}

impl From<String> for Wrong {
    fn from(detail: String) -> Wrong {
        Wrong { flaw: None, detail: detail.into() }
    }
}

impl<T: Into<Cow<'static, str>>> From<(Flaw, T)> for Wrong {
    fn from((flaw, detail): (Flaw, T)) -> Wrong {
        Wrong { flaw: Some(flaw), detail: detail.into() }
    }
}

/// One wrong field of a request. `pointer` is a JSON pointer into its body, or the name of a
/// parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    pub pointer: Cow<'static, str>,
    #[serde(rename = "code", skip_serializing_if = "Option::is_none")]
    pub flaw: Option<Flaw>,
    pub detail: Cow<'static, str>,
}

pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    code: &'static str,
    detail: Cow<'static, str>,
    fields: Vec<Field>,
    /// The current state of what a stale request wanted to change.
    current: Option<serde_json::Value>,
    retry_after: Option<u32>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

macro_rules! constructors {
    ($($name:ident $kind:ident),+ $(,)?) => {$(
        pub fn $name(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Error {
            Error::new(Kind::$kind, code, detail)
        }
    )+};
}

impl Error {
    pub fn new(kind: Kind, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Error {
        Error(Box::new(Inner {
            kind,
            code,
            detail: detail.into(),
            fields: Vec::new(),
            current: None,
            retry_after: None,
            source: None,
        }))
    }

    constructors! {
        invalid Invalid, unauthenticated Unauthenticated, forbidden Forbidden, not_found NotFound,
        conflict Conflict, too_large TooLarge, unsupported Unsupported, key_reused KeyReused,
        broken Broken,
    }

    /// Not now: the client should come back after `seconds`.
    pub fn unavailable(code: &'static str, detail: impl Into<Cow<'static, str>>, seconds: u32) -> Error {
        let mut error = Error::new(Kind::Unavailable, code, detail);
        error.0.retry_after = Some(seconds);
        error
    }

    pub fn too_many(code: &'static str, detail: impl Into<Cow<'static, str>>, seconds: u32) -> Error {
        let mut error = Error::new(Kind::TooMany, code, detail);
        error.0.retry_after = Some(seconds.max(1));
        error
    }

    /// One field is wrong; for several, see [`Error::and_field`].
    pub fn field(pointer: impl Into<Cow<'static, str>>, wrong: impl Into<Wrong>) -> Error {
        Error::invalid("invalid-request", "Some of what was sent cannot be used.").and_field(pointer, wrong)
    }

    pub fn and_field(mut self, pointer: impl Into<Cow<'static, str>>, wrong: impl Into<Wrong>) -> Error {
        let Wrong { flaw, detail } = wrong.into();
        self.0.fields.push(Field { pointer: pointer.into(), flaw, detail });
        self
    }

    /// The state that a stale request should have been made against.
    pub fn with_current(mut self, current: &impl serde::Serialize) -> Error {
        self.0.current = serde_json::to_value(current).ok();
        self
    }

    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        self.0.source = Some(source.into());
        self
    }

    pub fn kind(&self) -> Kind {
        self.0.kind
    }
    pub fn code(&self) -> &'static str {
        self.0.code
    }
    pub fn detail(&self) -> &str {
        &self.0.detail
    }
    pub fn fields(&self) -> &[Field] {
        &self.0.fields
    }
    pub fn current(&self) -> Option<&serde_json::Value> {
        self.0.current.as_ref()
    }
    pub fn retry_after(&self) -> Option<u32> {
        self.0.retry_after
    }

    /// The same error for another caller. Its cause becomes text: causes cannot be copied.
    pub fn again(&self) -> Error {
        let inner = &self.0;
        Error(Box::new(Inner {
            kind: inner.kind,
            code: inner.code,
            detail: inner.detail.clone(),
            fields: inner.fields.clone(),
            current: inner.current.clone(),
            retry_after: inner.retry_after,
            source: inner.source.as_ref().map(|source| source.to_string().into()),
        }))
    }

    /// The first of what led to it, in its own words: what somebody who mends it looks for.
    pub fn root(&self) -> Option<String> {
        let mut root = StdError::source(self)?;
        while let Some(cause) = root.source() {
            root = cause;
        }
        Some(root.to_string())
    }

    /// The whole chain in one line, for the log.
    pub fn chain(&self) -> String {
        let mut line = format!("{}: {}", self.0.code, self.0.detail);
        let mut cause = StdError::source(self);
        while let Some(error) = cause {
            line.push_str(": ");
            line.push_str(&error.to_string());
            cause = error.source();
        }
        line
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.detail)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.0.kind, self.chain())?;
        self.0.fields.iter().try_for_each(|field| write!(f, " [{}: {}]", field.pointer, field.detail))
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
