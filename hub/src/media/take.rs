//! Taking in what is sent: streamed, bounded, looked at, developed, and put into the store.

use std::fs::File;
use std::io::{self, Write as _};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, Method, header};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::auth::Actor;
use crate::clock;
use crate::db::Tx;
use crate::error::{Error, Kind as Class, Result};
use crate::http::idempotency::Key;

use super::room::Draft;
use super::store::{Source, blocking, create_private, on_disk};
use super::{Documents, Media, MediaKind, MediaSize, NewFile, Place, Rules, add};

/// How long nothing may come.
const SILENCE: Duration = Duration::from_secs(20);
/// What is gathered before it is written.
const PART: usize = 256 * 1024;
/// What a form may weigh beside the file in it.
const WRAPPING: u64 = 16 * 1024;
/// How much of what is refused is still read, so that whoever sends it gets to hear why.
const HEARD_OUT: usize = 64 * 1024 * 1024;
const HEARD_OUT_FOR: Duration = Duration::from_secs(5);

/// Something that lies in the store and has no row yet. It is removed again unless it is kept.
pub struct Taken {
    app: App,
    file: NewFile,
    /// SHA-256 of what was sent.
    sent: String,
    /// Whether somebody else sees to it that nothing stays in vain.
    settled: bool,
}

/// Takes in the body of a request: the file itself, or a form with one file in it.
pub async fn take(app: &App, headers: &HeaderMap, body: Body, rules: &Rules) -> Result<Taken> {
    let body = Pipe::of(body);
    let taken = take_in(app, headers, &body, rules).await;
    let outcome = taken.as_ref().map_or_else(Error::code, |_| "taken");
    app.metrics().media.uploaded(outcome, taken.as_ref().map_or(0, |taken| taken.file.bytes.unsigned_abs()));
    if taken.as_ref().is_err_and(|error| error.kind() != Class::Unavailable) {
        body.hear_out();
    }
    taken
}

async fn take_in(app: &App, headers: &HeaderMap, body: &Pipe, rules: &Rules) -> Result<Taken> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| length > rules.bytes + WRAPPING) {
        return Err(too_large(rules));
    }
    let room = app.media();
    let _place = room.enter()?;
    room.disk().for_bytes(announced.unwrap_or(rules.bytes))?;
    let (draft, print) = (room.draft(), room.draft());
    let sent = receive(headers, body, rules, &draft).await?;
    let developed = room.darkroom().develop(draft.path().to_owned(), print.path().to_owned(), *rules).await?;
    if developed.kind == MediaKind::Pdf && rules.documents == Documents::Refused {
        return Err(super::darkroom::refused(super::sniff::Refusal::Unknown("a PDF document")));
    }
    let place = Place::new(&developed.digest, clock::random());
    let source = Source::File {
        path: print.path().to_owned(),
        bytes: developed.bytes,
        digest: developed.digest.clone(),
    };
    room.store().put(&place.file(MediaSize::Full), source).await?;
    let file = NewFile {
        place,
        digest: developed.digest,
        kind: developed.kind,
        width: i64::from(developed.width),
        height: i64::from(developed.height),
        bytes: i64::try_from(developed.bytes).unwrap_or(i64::MAX),
    };
    Ok(Taken { app: app.clone(), file, sent, settled: false })
}

impl Taken {
    /// What an `Idempotency-Key` is held against: the same file sent again under the same key.
    pub fn key(&self, path: &str, headers: &HeaderMap) -> Result<Option<Key>> {
        Key::of(&Method::POST, path, headers, self.sent.as_bytes())
    }

    /// Gives it a row, in the transaction in which `then` makes use of it. What is not kept in the end,
    /// because that failed or because the content was there already, is removed.
    pub async fn keep<T, F>(mut self, actor: &Actor, then: F) -> Result<T>
    where
        F: Fn(&mut Tx, Row<'_>) -> Result<T> + Send + 'static,
        T: std::fmt::Debug + Send + 'static,
    {
        // Whoever waits for this may go in the middle of it; then nobody knows, and a sweep will find out.
        self.settled = true;
        let file = self.file.clone();
        let kept = move |tx: &mut Tx| {
            let then = then(tx, Row(&file))?;
            Ok((then, super::keeping::serves(tx, &file)?))
        };
        let written = self.app.db().write(actor, kept).await;
        let keep = match &written {
            Ok((_, serves)) => *serves,
            // Nobody knows whether it was written; if it was not, the file is found and swept later.
            Err(error) => error.code() == "outcome-unknown",
        };
        if !keep {
            discard(&self.app, &self.file.place).await;
        }
        written.map(|(then, _)| then)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if !self.settled
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let (app, place) = (self.app.clone(), self.file.place.clone());
            runtime.spawn(async move { discard(&app, &place).await });
        }
    }
}

async fn discard(app: &App, place: &Place) {
    if let Err(error) = app.media().store().remove(&place.file(MediaSize::Full)).await {
        tracing::warn!(error = error.chain(), "a file that is not needed could not be removed");
    }
}

/// What was taken in, inside the transaction that gives it a row.
#[derive(Clone, Copy)]
pub struct Row<'a>(&'a NewFile);

impl Row<'_> {
    pub fn add(self, tx: &mut Tx) -> Result<Media> {
        add(tx, self.0)
    }
}

/// Writes what comes into the draft; the digest of it.
async fn receive(headers: &HeaderMap, body: &Pipe, rules: &Rules, draft: &Draft) -> Result<String> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "multipart/form-data" => {
            let boundary = multer::parse_boundary(kind).map_err(|error| bad_form(&error))?;
            from_form(body, boundary, rules, draft).await
        }
        "application/pdf" | "application/octet-stream" => {
            write(body.bounded(rules.bytes), rules, draft).await
        }
        _ if essence.starts_with("image/") => write(body.bounded(rules.bytes), rules, draft).await,
        _ => Err(Error::unsupported(
            "not-an-upload",
            "Send the file itself with its content type, or a form (multipart/form-data) with the file in it.",
        )),
    }
}

/// The one file of a form; other fields are passed over.
async fn from_form(body: &Pipe, boundary: String, rules: &Rules, draft: &Draft) -> Result<String> {
    let mut form = multer::Multipart::new(body.bounded(rules.bytes + WRAPPING), boundary);
    while let Some(mut field) = form.next_field().await.map_err(|error| of_form(&error, rules))? {
        if field.file_name().is_none() && field.content_type().is_none() {
            continue;
        }
        let parts = parts_of(&mut field, rules);
        return write(parts, rules, draft).await;
    }
    Err(Error::invalid("upload-empty", "The form holds no file."))
}

/// A file of a form, in parts.
fn parts_of<'a>(
    field: &'a mut multer::Field<'_>,
    rules: &'a Rules,
) -> impl Stream<Item = Result<Bytes>> + Unpin + 'a {
    Box::pin(stream::unfold(field, move |field| async move {
        match field.chunk().await {
            Ok(part) => part.map(|part| (Ok(part), field)),
            Err(error) => Some((Err(of_form(&error, rules)), field)),
        }
    }))
}

fn bad_form(error: &multer::Error) -> Error {
    Error::invalid("upload-broken-off", "The form cannot be read to its end.").because(error.to_string())
}

/// A failure of the body below the form keeps what it was.
fn of_form(error: &multer::Error, rules: &Rules) -> Error {
    if let multer::Error::StreamReadFailed(cause) = error
        && let Some(ours) = cause.downcast_ref::<Error>()
    {
        return if ours.code() == "too-large" { too_large(rules) } else { ours.again() };
    }
    bad_form(error)
}

async fn write(
    mut parts: impl Stream<Item = Result<Bytes>> + Unpin,
    rules: &Rules,
    draft: &Draft,
) -> Result<String> {
    let path = draft.path().to_owned();
    let mut file = blocking(move || create_private(&path)).await?.map_err(on_disk)?;
    let (mut gathered, mut bytes, mut digest) = (Vec::with_capacity(PART), 0_u64, Sha256::new());
    while let Some(part) = parts.next().await {
        let part =
            part.map_err(|error| if error.code() == "too-large" { too_large(rules) } else { error })?;
        bytes += part.len() as u64;
        if bytes > rules.bytes {
            return Err(too_large(rules));
        }
        digest.update(&part);
        gathered.extend_from_slice(&part);
        if gathered.len() >= PART {
            (file, gathered) = flush(file, gathered).await?;
        }
    }
    flush(file, gathered).await?;
    if bytes == 0 {
        return Err(Error::invalid("upload-empty", "Nothing was sent."));
    }
    Ok(crate::auth::hex(&digest.finalize()))
}

async fn flush(mut file: File, mut gathered: Vec<u8>) -> Result<(File, Vec<u8>)> {
    let written = blocking(move || {
        file.write_all(&gathered)?;
        gathered.clear();
        Ok::<_, io::Error>((file, gathered))
    });
    written.await?.map_err(on_disk)
}

fn too_large(rules: &Rules) -> Error {
    let detail = format!("A file may have {} MiB at most.", rules.bytes / (1024 * 1024));
    Error::too_large("too-large", detail)
}

/// The body of a request. Clones share it: what a form's reader leaves can still be heard out.
#[derive(Clone)]
struct Pipe(Arc<Mutex<BodyDataStream>>);

impl Pipe {
    fn of(body: Body) -> Pipe {
        Pipe(Arc::new(Mutex::new(body.into_data_stream())))
    }

    /// The same, bounded in length and in silence.
    fn bounded(&self, bytes: u64) -> impl Stream<Item = Result<Bytes>> + Send + Unpin + 'static {
        let broken_off = || Error::invalid("upload-broken-off", "The upload broke off before its end.");
        let state = (self.clone(), bytes);
        Box::pin(stream::unfold(state, move |(mut pipe, left)| async move {
            let part = match tokio::time::timeout(SILENCE, pipe.next()).await {
                Err(_) => Err(broken_off().because("nothing came for a while")),
                Ok(None) => return None,
                Ok(Some(Err(error))) => Err(broken_off().because(error)),
                Ok(Some(Ok(part))) if part.len() as u64 > left => Err(Error::too_large("too-large", "")),
                Ok(Some(Ok(part))) => Ok(part),
            };
            let left = left.saturating_sub(part.as_ref().map_or(0, |part| part.len() as u64));
            Some((part, (pipe, left)))
        }))
    }

    /// Reads on for a while and forgets it: most clients listen only when they have said all, or at least
    /// go on until they are cut off.
    fn hear_out(mut self) {
        tokio::spawn(tokio::time::timeout(HEARD_OUT_FOR, async move {
            let mut heard = 0;
            while let Some(Ok(part)) = self.next().await {
                heard += part.len();
                if heard > HEARD_OUT {
                    break;
                }
            }
        }));
    }
}

impl Stream for Pipe {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        body.poll_next_unpin(context)
    }
}
