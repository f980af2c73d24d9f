//! Pictures of remote people, made ours: fetched once through the guarded client and written anew (a portrait as a small
//! square, anything else whole), so that nothing of the stranger's file is ever served.
//!
//! Owns no storage; every way to fail is a value, and the caller falls back to initials.

use reqwest::Url;

use super::http::{Guarded, NoAnswer};
use crate::pictures::{Photo, Picture, Unusable, photo, square};

/// Longest file that is fetched, in bytes.
const FILE_LIMIT: usize = 2 * 1024 * 1024;

/// Why there is no picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    #[error("the picture's address is not one")]
    Address,
    #[error("the picture could not be fetched: {0}")]
    Fetch(#[from] NoAnswer),
    #[error("the picture could not be fetched: status {0}")]
    Status(u16),
    #[error(transparent)]
    Unusable(#[from] Unusable),
}

/// Fetches the picture at `url` and makes it ours.
pub async fn fetch(http: &Guarded, url: &str) -> Result<Picture, PictureError> {
    bring(http, url, FILE_LIMIT, square).await
}

async fn bring<T: Send + 'static>(
    http: &Guarded,
    url: &str,
    limit: usize,
    make: fn(&[u8]) -> Result<T, Unusable>,
) -> Result<T, PictureError> {
    let url = Url::parse(url).map_err(|_| PictureError::Address)?;
    let answer = http.get_following(&url, limit).await?;
    if answer.status != 200 {
        return Err(PictureError::Status(answer.status));
    }
    let made = tokio::task::spawn_blocking(move || make(&answer.body)).await;
    Ok(made.unwrap_or_else(|_| Err(Unusable::gave_up()))?)
}

/// Longest file of one that is fetched, in bytes: X takes photos of 5 MB and moving pictures of 15.
const PHOTO_FILE_LIMIT: usize = 15 * 1024 * 1024;

/// Fetches the picture at `url` whole and makes it ours.
pub async fn fetch_photo(http: &Guarded, url: &str) -> Result<Photo, PictureError> {
    bring(http, url, PHOTO_FILE_LIMIT, photo).await
}
