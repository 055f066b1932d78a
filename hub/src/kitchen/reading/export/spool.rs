//! One state of the house, however long it takes to send: read in one transaction, laid down in a file, and sent
//! from there.
//!
//! The reader hands over piece by piece to a thread that writes, through a channel that holds a few of them: as
//! little memory is used for a large house as for a small one, and the database is left alone as soon as the disk
//! has everything, whoever takes it however slowly. The file has no name once it is open, so nothing is left of it
//! whatever happens.

use std::fs::{File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::Stream;
use tokio::io::AsyncReadExt as _;
use tokio::sync::{Semaphore, mpsc};

use crate::app::App;
use crate::clock;
use crate::db::Tx;
use crate::error::{Error, Result};

/// How many pieces may wait to be written.
const WAITING: usize = 4;
/// How much is sent at a time.
const SENT: usize = 64 * 1024;
/// How many are laid down at the same time: each holds one of the connections that read.
static AT_ONCE: Semaphore = Semaphore::const_new(1);

enum Piece {
    /// What was written before is void: the transaction began again.
    Anew,
    Text(String),
}

/// Where a reader leaves what it read.
#[derive(Clone)]
pub(super) struct Spool(mpsc::Sender<Piece>);

impl Spool {
    fn put(&self, piece: Piece) -> Result<()> {
        let gone = |_| Error::broken("export-lost", "What was read could not be laid down.");
        self.0.blocking_send(piece).map_err(gone)
    }

    /// Lays down the next piece; waits while the disk is busy with those before.
    pub(super) fn text(&self, text: String) -> Result<()> {
        self.put(Piece::Text(text))
    }
}

/// What was laid down.
#[derive(Debug)]
pub(super) struct Laid {
    file: File,
    pub(super) bytes: u64,
}

/// Reads in one transaction and lays down what `read` leaves.
pub(super) async fn lay_down<F>(app: &App, read: F) -> Result<Laid>
where
    F: Fn(&Tx, &Spool) -> Result<()> + Send + 'static,
{
    let closed = |e| Error::broken("export-lost", "An export was not made.").because(e);
    let _turn = AT_ONCE.acquire().await.map_err(closed)?;
    let (sender, pieces) = mpsc::channel(WAITING);
    let folder = app.settings().data.clone();
    let writing = tokio::task::spawn_blocking(move || write(&folder, pieces));
    let spool = Spool(sender);
    let reading = app.db().read(move |tx| {
        spool.put(Piece::Anew)?;
        read(tx, &spool)
    });
    let read = reading.await;
    let written =
        writing.await.map_err(|e| Error::broken("export-lost", "An export was not made.").because(e))?;
    // Where the disk was full, reading failed for that.
    let laid = written?;
    read.map(|()| laid)
}

fn write(folder: &Path, mut pieces: mpsc::Receiver<Piece>) -> Result<Laid> {
    let mut file = nameless(folder).map_err(unwritable)?;
    while let Some(piece) = pieces.blocking_recv() {
        match piece {
            Piece::Anew => file.set_len(0).and_then(|()| file.rewind()),
            Piece::Text(text) => file.write_all(text.as_bytes()),
        }
        .map_err(unwritable)?;
    }
    let bytes = file.seek(SeekFrom::End(0)).map_err(unwritable)?;
    file.rewind().map_err(unwritable)?;
    Ok(Laid { file, bytes })
}

fn nameless(folder: &Path) -> std::io::Result<File> {
    let path: PathBuf = folder.join(format!(".export-{:016x}", u64::from_le_bytes(clock::random())));
    let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

fn unwritable(error: std::io::Error) -> Error {
    if error.kind() == std::io::ErrorKind::StorageFull {
        return Error::unavailable("disk-full", "The disk is full; nothing was made.", 60).because(error);
    }
    Error::unavailable("export-unwritable", "The export cannot be written beside the house's data.", 60)
        .because(error)
}

impl Laid {
    /// What was laid down, piece by piece.
    pub(super) fn pieces(self) -> impl Stream<Item = std::io::Result<Bytes>> {
        futures_util::stream::unfold(Some(tokio::fs::File::from_std(self.file)), async |file| {
            let mut file = file?;
            let mut piece = vec![0; SENT];
            match file.read(&mut piece).await {
                Ok(0) => None,
                Ok(read) => {
                    piece.truncate(read);
                    Some((Ok(Bytes::from(piece)), Some(file)))
                }
                Err(error) => Some((Err(error), None)),
            }
        })
    }
}
