//! Forms that carry files, as a browser sends them without script. Reading one never loses what was typed: a file that is
//! too large is left out and told, the fields beside it stay.

use actix_multipart::{Field, Multipart};
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest};
use futures_util::TryStreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::Error;
use super::form::{BODY_LIMIT, Form, Kept};
use super::words;

/// The largest file that a form may carry, in bytes.
pub const FILE_LIMIT: usize = 10 * 1024 * 1024;
/// Files of one form that are held in memory; no form of ours has room for more.
const MOST_FILES: usize = 4;
/// Of everything that one form sends; what is beyond is not even thrown away.
const WHOLE_LIMIT: usize = 100 * 1024 * 1024;

/// Megabytes of files that all forms together hold in memory: each slow upload alone is bounded, a hundred of them would not
/// be. Who comes when it is full is told to come back.
static FREE_MEGABYTES: Semaphore = Semaphore::const_new(256);

/// A file that somebody chose.
#[derive(Debug)]
pub struct File {
    /// The name of its field.
    pub field: String,
    /// `None`: it was larger than [`FILE_LIMIT`], or one too many.
    pub bytes: Option<Vec<u8>>,
    /// Of [`FREE_MEGABYTES`], until the file is dealt with.
    _room: Option<SemaphorePermit<'static>>,
}

/// A form and the files that came with it; one without files may be an ordinary form.
pub struct FormWithFiles<T> {
    pub value: T,
    /// The fields, to be kept when the form cannot be carried out; files are not among them.
    pub kept: Kept,
    pub files: Vec<File>,
}

/// The fields alone, for somebody who may not send files (yet): what they send of them is passed over.
pub async fn read_fields(request: &HttpRequest, payload: &mut Payload) -> Result<Kept, Error> {
    if !is_multipart(request) {
        let form = Form::<Vec<(String, String)>>::from_request(request, payload).await?;
        return Ok(form.kept);
    }
    let parts = Multipart::new(request.headers(), payload.take());
    let (fields, _) = read(parts, 0).await?;
    Ok(Kept { path: request.path().to_owned(), fields })
}

fn is_multipart(request: &HttpRequest) -> bool {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.starts_with("multipart/form-data")
}

impl<T: DeserializeOwned + 'static> FromRequest for FormWithFiles<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if !is_multipart(request) {
            let form = Form::<T>::from_request(request, payload);
            return Box::pin(async move {
                let Form { value, kept } = form.await?;
                Ok(Self { value, kept, files: Vec::new() })
            });
        }
        let path = request.path().to_owned();
        let parts = Multipart::new(request.headers(), payload.take());
        Box::pin(async move {
            let (fields, files) = read(parts, FILE_LIMIT).await?;
            let kept = Kept { path, fields };
            let body = serde_urlencoded::to_string(&kept.fields).map_err(|error| unreadable(&error))?;
            let value = serde_urlencoded::from_str(&body).map_err(|error| unreadable(&error))?;
            Ok(Self { value, kept, files })
        })
    }
}

/// The fields and the files, of which each longer than `most` is passed over. A file field in which nothing was chosen is
/// neither.
async fn read(mut parts: Multipart, most: usize) -> Result<(Vec<(String, String)>, Vec<File>), Error> {
    let (mut fields, mut files) = (Vec::new(), Vec::new());
    let (mut whole, mut typed) = (0, 0);
    while let Some(mut part) = parts.try_next().await.map_err(|error| unreadable(&error))? {
        let name = part.name().unwrap_or_default().to_owned();
        let is_file = part.content_disposition().is_some_and(|said| said.get_filename().is_some());
        let limit = match is_file {
            true if files.len() < MOST_FILES => most,
            true => 0,
            false => BODY_LIMIT - typed,
        };
        let mut room = None;
        let bytes = read_part(&mut part, limit, &mut whole, is_file.then_some(&mut room)).await?;
        match bytes {
            bytes if is_file && bytes.as_ref().is_none_or(|bytes| !bytes.is_empty()) => {
                files.push(File { field: name, bytes, _room: room });
            }
            _ if is_file => {}
            Some(bytes) => {
                typed += bytes.len();
                // No text may hold a NUL, and PostgreSQL refuses every statement that does.
                fields.push((name, String::from_utf8_lossy(&bytes).replace('\0', "")));
            }
            None => return Err(too_large(words::TOO_MUCH_TEXT)),
        }
    }
    Ok((fields, files))
}

/// The bytes of one part; `None`: there are more than `limit`, and they were passed over. What a file takes of the room for
/// all is taken into `room`, megabyte by megabyte as it comes.
async fn read_part(
    part: &mut Field,
    limit: usize,
    whole: &mut usize,
    mut room: Option<&mut Option<SemaphorePermit<'static>>>,
) -> Result<Option<Vec<u8>>, Error> {
    let mut bytes = Some(Vec::new());
    while let Some(piece) = part.try_next().await.map_err(|error| unreadable(&error))? {
        *whole += piece.len();
        if *whole > WHOLE_LIMIT {
            return Err(too_large(words::TOO_MANY_FILES));
        }
        bytes = bytes.filter(|known: &Vec<u8>| known.len() + piece.len() <= limit);
        if let Some(bytes) = &mut bytes {
            if let Some(room) = &mut room {
                make_room(room, bytes.len() + piece.len())?;
            }
            bytes.extend_from_slice(&piece);
        }
    }
    Ok(bytes)
}

fn make_room(room: &mut Option<SemaphorePermit<'static>>, bytes: usize) -> Result<(), Error> {
    const MEGABYTE: usize = 1024 * 1024;
    while room.as_ref().map_or(0, SemaphorePermit::num_permits) * MEGABYTE < bytes {
        let more = FREE_MEGABYTES.try_acquire().map_err(|_| Error::Busy { kept: None })?;
        match room {
            Some(room) => room.merge(more),
            None => *room = Some(more),
        }
    }
    Ok(())
}

fn too_large(what: &str) -> Error {
    Error::TooLarge(words::choose_less(what))
}

fn unreadable(error: &dyn std::fmt::Display) -> Error {
    Error::BadRequest(words::unreadable_form(error))
}
