//! Pictures and documents: taken in, kept, shown, and let go.
//!
//! ```text
//! let taken = media::take(&app, &headers, body, &media::PHOTO).await?;    // no transaction: files, pixels
//! let product = taken.keep(&actor, move |tx, row| {                 // one transaction
//!     let media = row.add(tx)?;
//!     media::claim(tx, media.id, &Owner::new("product", product))?;
//!     products::show(tx, product, media.id)
//! }).await?;
//! ```
//!
//! What is sent is streamed into a temporary file, looked at, unpacked within a budget and packed
//! anew ([`image`]); only then is it kept, under the digest of its bytes. The same content sent twice
//! is one file with two rows. A row belongs to nobody until a domain [`claim`]s it; what nobody claims
//! within a day is let go, and a file goes some time after its last row: it stays for as long as a
//! nightly backup may name it, since those hold no pictures.
//!
//! How a file and its row stay together: the file is written, and on the disk, before its row is; it is
//! removed after its row is gone. The name of a file ends in a word of its own, so that a file which is
//! being removed and the same content coming in anew never meet. What a crash leaves behind is a file
//! without a row, which [`keeping::sweep`] finds; never a row without its file.

pub mod check;
pub mod darkroom;
pub mod http;
pub mod image;
pub mod keeping;
mod room;
pub mod sniff;
pub mod store;
mod tail;
mod take;

#[cfg(test)]
mod tests;

use std::fmt;

use hearth_shared::id::Id;
use hearth_shared::time::Timestamp;

use crate::db::{Bind, Cell, Column, Param, Tx, Verbs};
use crate::error::{Error, Result};
use crate::{id_columns, row, sql, words};

pub use self::room::Room;
pub(crate) use self::take::Row;
pub use self::take::{Taken, take};

hearth_shared::id! {
    /// A picture or a document, as one holder knows it.
    MediaId,
}
id_columns!(MediaId);

/// What is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediaKind {
    Jpeg,
    /// Only for what is see-through.
    Png,
    /// A document, as it came.
    Pdf,
}
words!(MediaKind { Jpeg = "jpeg", Png = "png", Pdf = "pdf" });

impl MediaKind {
    pub fn content_type(self) -> &'static str {
        match self {
            MediaKind::Jpeg => "image/jpeg",
            MediaKind::Png => "image/png",
            MediaKind::Pdf => "application/pdf",
        }
    }
}

/// Who may look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Who belongs to the house.
    House,
    /// Anybody who has the address: what stands on a menu.
    Public,
}
words!(Visibility { House = "house", Public = "public" });

/// A size in which a picture can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediaSize {
    Full,
    /// 320 pixels: a card.
    Thumb,
    /// 96 pixels: a line of a list.
    Small,
}
words!(MediaSize { Full = "full", Thumb = "thumb", Small = "small" });

impl MediaSize {
    /// The sizes that are made from the full one, with their longer edge.
    pub const MADE: [(MediaSize, u32); 2] = [(MediaSize::Thumb, 320), (MediaSize::Small, 96)];
}

const MIB: u64 = 1024 * 1024;

/// What a route takes.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// The most bytes that may be sent.
    pub bytes: u64,
    /// The longer edge of the picture that is kept.
    pub edge: u32,
    /// The most memory that unpacking it may take.
    pub memory: u64,
    pub documents: Documents,
}

/// Whether a PDF will do in place of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Documents {
    Taken,
    Refused,
}

/// Pictures to look at.
pub const PHOTO: Rules =
    Rules { bytes: 25 * MIB, edge: 2_000, memory: 52 * MIB, documents: Documents::Refused };
/// Papers that are to be read, photographed or not. Small print needs its pixels, so a photo of twelve
/// megapixels is unpacked as it is, and that takes more.
pub const PAPER: Rules =
    Rules { bytes: 25 * MIB, edge: 3_200, memory: 72 * MIB, documents: Documents::Taken };

/// How long a picture waits for its owner.
const UNOWNED_SECONDS: i64 = 24 * 3600;
/// The most pictures that may wait for an owner, by who sent them.
const MOST_UNOWNED: i64 = 200;

/// What a picture belongs to: a word for the domain, and its id there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner(String);

impl Owner {
    pub fn new(domain: &'static str, id: impl fmt::Display) -> Owner {
        Owner(format!("{domain}:{id}"))
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Bind for Owner {
    fn bind(&self) -> Param<'_> {
        self.0.bind()
    }
}

impl Column for Owner {
    fn read(cell: Cell<'_>) -> Option<Owner> {
        String::read(cell).map(Owner)
    }
}

/// Where a file lies in the store: the first letters of its digest, the digest, and a word of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place(String);

impl Place {
    fn new(digest: &str, word: [u8; 4]) -> Place {
        let shelf = digest.get(..2).unwrap_or("00");
        Place(format!("{shelf}/{digest}-{}", crate::auth::hex(&word)))
    }

    /// The name of the file that holds a variant.
    pub fn file(&self, variant: MediaSize) -> String {
        format!("{}.{variant}", self.0)
    }

    /// The place in a file's name, if it is one that we give.
    pub fn of_file(name: &str) -> Option<Place> {
        let (place, variant) = name.rsplit_once('.')?;
        variant.parse::<MediaSize>().ok()?;
        let (shelf, rest) = place.split_once('/')?;
        let (digest, word) = rest.split_once('-')?;
        let hex = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let fits = digest.len() == 64 && word.len() == 8 && digest.starts_with(shelf) && shelf.len() == 2;
        (fits && hex(digest) && hex(word)).then(|| Place(place.to_owned()))
    }
}

impl Bind for Place {
    fn bind(&self) -> Param<'_> {
        self.0.bind()
    }
}

impl Column for Place {
    fn read(cell: Cell<'_>) -> Option<Place> {
        String::read(cell).map(Place)
    }
}

/// A picture as one holder knows it, with what is known of its file.
#[derive(Debug, Clone, PartialEq)]
pub struct Media {
    pub id: MediaId,
    pub digest: String,
    pub visibility: Visibility,
    pub owner: Option<Owner>,
    pub added_by: String,
    pub created_at: Timestamp,
    pub place: Place,
    pub kind: MediaKind,
    pub width: i64,
    pub height: i64,
    pub bytes: i64,
    pub small_at: Option<Timestamp>,
}
row!(Media {
    id,
    digest,
    visibility,
    owner,
    added_by,
    created_at,
    place,
    kind,
    width,
    height,
    bytes,
    small_at,
});

/// A file that lies in the store and has no row yet.
#[derive(Debug, Clone)]
pub struct NewFile {
    pub place: Place,
    pub digest: String,
    pub kind: MediaKind,
    pub width: i64,
    pub height: i64,
    pub bytes: i64,
}

/// Gives a file its row, and the actor a hold on it that lasts a day. When the content is there
/// already, the older file serves for both: compare `place`.
pub fn add(tx: &mut Tx, file: &NewFile) -> Result<Media> {
    let sender = tx.actor().key();
    let waiting: i64 =
        tx.one(sql!("SELECT COUNT(*) FROM media WHERE added_by = $1 AND owner IS NULL"), (&sender,))?;
    if waiting >= MOST_UNOWNED {
        let detail =
            "Too many of your pictures belong to nothing yet; they are let go a day after they came.";
        return Err(Error::conflict("too-many-unowned", detail));
    }
    let (place,): (Place,) = tx.one(
        sql!(
            "INSERT INTO media_files (digest, place, kind, width, height, bytes, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (digest) DO UPDATE SET unheld_at = NULL
             RETURNING place"
        ),
        (&file.digest, &file.place, file.kind, file.width, file.height, file.bytes, tx.now()),
    )?;
    let id: MediaId = tx.new_id();
    tx.run(
        sql!("INSERT INTO media (id, digest, visibility, added_by, created_at) VALUES ($1, $2, $3, $4, $5)"),
        (id, &file.digest, Visibility::House, sender, tx.now()),
    )?;
    if place == file.place && file.kind != MediaKind::Pdf {
        keeping::want_small(tx, &file.place)?;
    }
    get(tx, id)
}

pub fn find(tx: &Tx, id: MediaId) -> Result<Option<Media>> {
    tx.maybe(
        sql!(
            "SELECT m.id, m.digest, m.visibility, m.owner, m.added_by, m.created_at,
                 f.place, f.kind, f.width, f.height, f.bytes, f.small_at
             FROM media m JOIN media_files f ON f.digest = m.digest WHERE m.id = $1"
        ),
        (id,),
    )
}

pub fn get(tx: &Tx, id: MediaId) -> Result<Media> {
    find(tx, id)?.ok_or_else(|| Error::not_found("unknown-media", "There is no such picture or document."))
}

/// All that belongs to somebody, in the order in which it came.
pub fn of(tx: &Tx, owner: &Owner) -> Result<Vec<Media>> {
    tx.all(
        sql!(
            "SELECT m.id, m.digest, m.visibility, m.owner, m.added_by, m.created_at,
                 f.place, f.kind, f.width, f.height, f.bytes, f.small_at
             FROM media m JOIN media_files f ON f.digest = m.digest
             WHERE m.owner = $1 ORDER BY m.id LIMIT 1000"
        ),
        (owner,),
    )
}

/// Gives a picture to its owner, who keeps it until they [`release`] it. Claiming twice is claiming once.
pub fn claim(tx: &mut Tx, id: MediaId, owner: &Owner) -> Result<Media> {
    let media = get(tx, id)?;
    match &media.owner {
        Some(present) if present == owner => Ok(media),
        Some(_) => Err(Error::conflict("media-owned", "This picture belongs to something else already.")),
        None => {
            tx.run(sql!("UPDATE media SET owner = $2 WHERE id = $1"), (id, owner))?;
            tx.run(sql!("UPDATE media_files SET claimed = TRUE WHERE digest = $1"), (&media.digest,))?;
            Ok(Media { owner: Some(owner.clone()), ..media })
        }
    }
}

/// Says who may look at it.
pub fn show(tx: &mut Tx, id: MediaId, to: Visibility) -> Result<()> {
    let media = get(tx, id)?;
    if media.kind == MediaKind::Pdf && to == Visibility::Public {
        return Err(Error::invalid("document-public", "Documents are for the house only."));
    }
    tx.run(sql!("UPDATE media SET visibility = $2 WHERE id = $1"), (id, to))?;
    Ok(())
}

/// Lets go of a picture, whoever it belonged to. When nobody holds on to its file any more, that stays
/// for as long as a backup may name it, and then it goes.
pub fn release(tx: &mut Tx, id: MediaId) -> Result<()> {
    let gone: Option<(String,)> =
        tx.maybe(sql!("DELETE FROM media WHERE id = $1 RETURNING digest"), (id,))?;
    match gone {
        Some((digest,)) => keeping::let_go(tx, &digest),
        None => Err(Error::not_found("unknown-media", "There is no such picture or document.")),
    }
}

/// Lets go of all that belongs to somebody.
pub fn release_all(tx: &mut Tx, owner: &Owner) -> Result<()> {
    let gone: Vec<(String,)> =
        tx.all(sql!("DELETE FROM media WHERE owner = $1 RETURNING digest"), (owner,))?;
    gone.iter().try_for_each(|(digest,)| keeping::let_go(tx, digest))
}

/// An id that was read from elsewhere, such as a field of a request.
impl From<MediaId> for Id {
    fn from(id: MediaId) -> Id {
        id.0
    }
}
