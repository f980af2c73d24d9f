//! Pictures that members upload: taken in within limits, written anew, kept in a folder and served under the hash of what
//! they are.
//!
//! Owns the tables `upload` and `upload_use`, and the folder `files` under the data folder. Whoever shows a picture says so
//! by [`used`], and takes it back by [`released`]; what nobody uses goes. Knows of a post only its name (a [`Place`]) and who
//! may read it: a picture is seen by whoever may see one of its places.

pub mod serve;
mod store;
mod sweep;
pub mod take;
mod words;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{ObjectStoreExt, PutPayload};
use tokio::sync::{Mutex, OnceCell, Semaphore};

pub use store::{prune_drafts, released, used};
pub use sweep::{start, sweep};

use crate::app::App;
use crate::db::PostRef;
use crate::members::{Member, MemberId};
use crate::pictures::{self, Own, PictureName, Shape, Unusable};
use crate::web::Error;

/// The folder under the data folder.
pub const FOLDER: &str = "files";
/// Decodings at once: one may take 128 MB for a moment.
const AT_ONCE: usize = 2;
/// Uploads that wait for their turn, each with its file in memory; more are told to come back.
const WAITING: usize = 16;
/// Pictures that one member may have uploaded without having posted them.
const MOST_DRAFTS: i64 = 60;

/// Who uses a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Post(PostRef),
    /// The photo of a member.
    Member(MemberId),
    /// A form that this member has not sent yet.
    Draft(MemberId),
}

impl Place {
    fn parse(text: &str) -> Option<Self> {
        if let Some(post) = PostRef::parse(text) {
            return Some(Self::Post(post));
        }
        let (kind, id) = text.split_once('-')?;
        let id = MemberId(id.parse().ok()?);
        match kind {
            "member" => Some(Self::Member(id)),
            "draft" => Some(Self::Draft(id)),
            _ => None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Post(post) => post.fmt(f),
            Self::Member(id) => write!(f, "member-{id}"),
            Self::Draft(id) => write!(f, "draft-{id}"),
        }
    }
}

/// Where the pictures are kept. Clones share it.
#[derive(Clone)]
pub struct Files {
    folder: PathBuf,
    /// Opened when it is first needed, so that trouble with it keeps nobody from the pages.
    store: Arc<OnceCell<LocalFileSystem>>,
    turns: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    /// Held while a picture comes or goes: what is uploaded again at the moment of its end would be lost. It holds for this
    /// node; where nodes share the folder, such a picture may lose its file, and has to be uploaded once more.
    moving: Arc<Mutex<()>>,
}

impl Files {
    /// The pictures under this data folder.
    pub fn under(data: &Path) -> Self {
        Self {
            folder: data.join(FOLDER),
            store: Arc::default(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            queue: Arc::new(Semaphore::new(WAITING)),
            moving: Arc::default(),
        }
    }

    async fn store(&self) -> Result<&LocalFileSystem, Error> {
        let folder = self.folder.clone();
        let open = || async move {
            let opened = tokio::task::spawn_blocking(move || {
                std::fs::create_dir_all(&folder).map_err(|error| trouble(&error))?;
                let store = LocalFileSystem::new_with_prefix(&folder).map_err(|error| trouble(&error))?;
                // The row that names a picture survives a power cut; so must the picture.
                Ok(store.with_fsync(true))
            });
            opened.await.map_err(|error| trouble(&error))?
        };
        self.store.get_or_try_init(open).await
    }

    /// Decodes and encodes, off the async threads and a few at a time.
    async fn written_anew(&self, file: Vec<u8>, shape: Shape) -> Result<Result<Own, Unusable>, Error> {
        let busy = |_| Error::Busy { kept: None };
        let waiting = Arc::clone(&self.queue).try_acquire_owned().map_err(|_| Error::Busy { kept: None })?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(busy)?;
        let made = tokio::task::spawn_blocking(move || {
            let made = pictures::own(&file, shape);
            drop((turn, waiting));
            made
        });
        Ok(made.await.unwrap_or_else(|_| Err(Unusable::gave_up())))
    }

    async fn put(&self, own: &Own) -> Result<(), Error> {
        let store = self.store().await?;
        if let Some(small) = &own.small {
            let payload = PutPayload::from(small.clone());
            store.put(&key(&own.name, Size::Small), payload).await.map_err(|error| trouble(&error))?;
        }
        let payload = PutPayload::from(own.bytes.clone());
        store.put(&key(&own.name, Size::Whole), payload).await.map_err(|error| trouble(&error))?;
        Ok(())
    }
}

/// One of the two files of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Size {
    Whole,
    Small,
}

fn key(name: &PictureName, size: Size) -> Key {
    let path = match size {
        Size::Whole => format!("{}/{name}", name.shelf()),
        Size::Small => format!("small/{}/{name}", name.shelf()),
    };
    Key::from(path)
}

fn trouble(error: &dyn fmt::Display) -> Error {
    Error::Internal(format!("the folder of uploaded pictures: {error}"))
}

/// Takes in one picture of a member: writes it anew and keeps it for the form that it was chosen in, for a week. `file`:
/// its bytes as [`crate::web::upload`] read them; `None`: there were too many. `Err`: what to tell the member, to go after
/// "The picture".
pub async fn keep(
    app: &App,
    by: &Member,
    file: Option<Vec<u8>>,
    shape: Shape,
) -> Result<Result<PictureName, String>, Error> {
    let Some(file) = file else {
        return Ok(Err(words::TOO_LARGE.to_owned()));
    };
    let (id, now) = (by.id, app.clock.now());
    if app.db.read(move |conn| store::count_drafts(conn, id)).await? >= MOST_DRAFTS {
        return Ok(Err(words::too_many(MOST_DRAFTS)));
    }
    let own = match app.files.written_anew(file, shape).await? {
        Ok(own) => own,
        Err(why) => {
            tracing::info!(member = id.0, %why, "an upload was refused: {why}");
            return Ok(Err(words::UNREADABLE.to_owned()));
        }
    };
    let _moving = app.files.moving.lock().await;
    app.files.put(&own).await?;
    let (name, bytes) = (own.name.clone(), i64::try_from(own.bytes.len()).unwrap_or(i64::MAX));
    app.db.write(move |tx| store::insert(tx, &name, bytes, id, now)).await?;
    Ok(Ok(own.name))
}
