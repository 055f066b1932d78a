//! Sending pictures, looking at them, and taking back what was sent in vain.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hearth_shared::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Actor;
use crate::error::{Error, Result};
use crate::http::Created;
use crate::http::extract::{Path, Query};
use crate::http::idempotency::once;

use super::store::Object;
use super::{Media, MediaId, MediaKind, MediaSize, PAPER, PHOTO, Visibility, find, get, release, take};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(send)).routes(routes!(look, take_back)).routes(routes!(serve))
}

/// A picture or a document that is kept.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Media)]
pub struct MediaBody {
    pub id: MediaId,
    pub kind: MediaKind,
    /// In pixels; 0 for a document.
    pub width: i64,
    pub height: i64,
    pub bytes: i64,
    pub visibility: Visibility,
    /// What it belongs to, such as `product:…`. What belongs to nothing is let go after a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Where it is served.
    #[schema(example = "/media/0198…/full")]
    pub url: String,
    /// The same, 320 pixels at most; pictures only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumb_url: Option<String>,
    /// The same, 96 pixels at most; pictures only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub small_url: Option<String>,
}

impl From<Media> for MediaBody {
    fn from(media: Media) -> MediaBody {
        let url = |variant: MediaSize| address(media.id, variant);
        let small = |variant| (media.kind != MediaKind::Pdf).then(|| url(variant));
        MediaBody {
            id: media.id,
            kind: media.kind,
            width: media.width,
            height: media.height,
            bytes: media.bytes,
            visibility: media.visibility,
            owner: media.owner.as_ref().map(ToString::to_string),
            created_at: media.created_at,
            url: url(MediaSize::Full),
            thumb_url: small(MediaSize::Thumb),
            small_url: small(MediaSize::Small),
        }
    }
}

/// Where a picture is served.
pub fn address(id: MediaId, variant: MediaSize) -> String {
    format!("/media/{id}/{variant}")
}

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Use {
    /// A picture to look at: JPEG, PNG or WebP; kept with 2,000 pixels at most.
    #[default]
    Photo,
    /// A paper to be read: a picture, kept with 3,200 pixels at most, or a PDF.
    Paper,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Sending {
    #[serde(default)]
    #[param(inline)]
    r#use: Use,
}

/// Send a picture or a document: the file as the body, with its content type, or a form with the file
/// in it. It is unpacked, turned upright and packed anew; where and by what it was taken is left out.
#[utoipa::path(post, path = "/api/media", tag = "Pictures", params(Sending),
    request_body(content(
        ("image/jpeg"), ("image/png"), ("image/webp"), ("application/pdf"), ("multipart/form-data")
    )),
    responses((status = 201, body = MediaBody)))]
async fn send(
    State(app): State<App>,
    actor: Actor,
    Query(sending): Query<Sending>,
    request: Request,
) -> Result<Created<MediaBody>> {
    let (parts, body) = request.into_parts();
    let rules = if sending.r#use == Use::Paper { PAPER } else { PHOTO };
    let taken = take(&app, &parts.headers, body, &rules).await?;
    let key = taken.key(parts.uri.path(), &parts.headers)?;
    let media = taken
        .keep(&actor, move |tx, row| once(tx, key.as_ref(), |tx| row.add(tx).map(MediaBody::from)))
        .await?;
    Ok(Created(media))
}

/// What is known of a picture or a document.
#[utoipa::path(get, path = "/api/media/{id}", tag = "Pictures", params(("id" = MediaId, Path)),
    responses((status = 200, body = MediaBody)))]
async fn look(State(app): State<App>, Path(id): Path<MediaId>) -> Result<axum::Json<MediaBody>> {
    Ok(axum::Json(app.db().read(move |tx| get(tx, id)).await?.into()))
}

/// Take back what belongs to nothing yet.
#[utoipa::path(delete, path = "/api/media/{id}", tag = "Pictures", params(("id" = MediaId, Path)),
    responses((status = 204)))]
async fn take_back(State(app): State<App>, actor: Actor, Path(id): Path<MediaId>) -> Result<StatusCode> {
    let take_back = move |tx: &mut crate::db::Tx| match get(tx, id)?.owner {
        None => release(tx, id),
        Some(_) => Err(Error::conflict("media-owned", "This belongs to something; remove it there.")),
    };
    app.db().write(&actor, take_back).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A picture or a document itself. What it shows never changes.
#[utoipa::path(get, path = "/media/{id}/{variant}", tag = "Pictures",
    params(("id" = MediaId, Path), ("variant" = MediaSize, Path)),
    responses((status = 200, content(("image/jpeg"), ("image/png"), ("application/pdf")))))]
async fn serve(
    State(app): State<App>,
    actor: Actor,
    headers: HeaderMap,
    Path((id, variant)): Path<(MediaId, MediaSize)>,
) -> Result<Response> {
    let media = app.db().read(move |tx| find(tx, id)).await?;
    let media = admit(media, &actor)?;
    let served = media.served(variant);
    let tag = format!("\"{}-{served}\"", media.digest.get(..24).unwrap_or_default());
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    if known.flat_map(|list| list.split(',')).any(|one| one.trim().trim_start_matches("W/") == tag) {
        return Ok((StatusCode::NOT_MODIFIED, labels(&media, variant, served, &tag)).into_response());
    }
    let missing = || Error::not_found("media-missing", "This picture is known and its file is not there.");
    let Object { bytes, body } =
        app.media().store().get(&media.place.file(served)).await?.ok_or_else(missing)?;
    Ok(answer(labels(&media, variant, served, &tag), bytes, body))
}

/// Strangers see what is public; of the rest they do not even hear whether it is there.
fn admit(media: Option<Media>, actor: &Actor) -> Result<Media> {
    let stranger = matches!(actor, Actor::Stranger);
    // A screen on the wall shows pictures, and nobody's papers.
    let media = media.filter(|it| it.kind != MediaKind::Pdf || !matches!(actor, Actor::Device { .. }));
    match media {
        Some(media) if !stranger || media.visibility == Visibility::Public => Ok(media),
        _ if stranger => {
            Err(Error::unauthenticated("sign-in-needed", "Sign in first, or send a bearer token."))
        }
        _ => Err(Error::not_found("unknown-media", "There is no such picture or document.")),
    }
}

impl Media {
    /// The size that can be had: until the small ones are made, and of documents, the full one.
    fn served(&self, wanted: MediaSize) -> MediaSize {
        if self.small_at.is_some() { wanted } else { MediaSize::Full }
    }

    fn content_type(&self, served: MediaSize) -> &'static str {
        if served == MediaSize::Full { self.kind.content_type() } else { MediaKind::Jpeg.content_type() }
    }
}

/// The headers of an answer. Whatever it holds, a browser runs nothing of it and shows no document.
fn labels(media: &Media, wanted: MediaSize, served: MediaSize, tag: &str) -> HeaderMap {
    let keep = match (media.visibility, wanted == served || media.kind == MediaKind::Pdf) {
        // A small one is on its way to this address.
        (_, false) => "private, no-cache",
        (Visibility::House, true) => "private, max-age=31536000, immutable",
        (Visibility::Public, true) => "public, max-age=31536000, immutable",
    };
    let shown = if media.kind == MediaKind::Pdf { "attachment; filename=\"document.pdf\"" } else { "inline" };
    let fixed = [
        (header::CONTENT_TYPE, media.content_type(served)),
        (header::CACHE_CONTROL, keep),
        (header::CONTENT_DISPOSITION, shown),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox; frame-ancestors 'none'"),
    ];
    let mut headers = HeaderMap::new();
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
    headers
}

fn answer(mut headers: HeaderMap, bytes: u64, body: Body) -> Response {
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
    (headers, body).into_response()
}
