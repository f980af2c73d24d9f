//! Pictures: what was uploaded, by whom, with which description, and whether it may be used.
//!
//! The bytes lie in files beside the journal, one for each picture; the journal tells the rest.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::journal::Change;
use crate::clock::Millis;

/// What X takes of a picture; more of a moving one.
pub(super) const LARGEST_STILL: usize = 5 << 20;
pub(super) const LARGEST: usize = 15 << 20;
/// How long an upload can be used.
pub(super) const LIFETIME: Duration = Duration::from_secs(24 * 3600);

#[derive(Default)]
pub(super) struct Media {
    all: BTreeMap<u64, Picture>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Picture {
    pub id: u64,
    pub owner: u64,
    /// `image/png` and the like.
    pub mime: String,
    /// What it is for: `tweet_image`, `dm_image` and the like.
    pub category: String,
    pub width: u32,
    pub height: u32,
    pub size: usize,
    #[serde(default)]
    pub alt: Option<String>,
    pub at: Millis,
    /// X works on it until then.
    pub ready: Millis,
}

impl Picture {
    /// How posts and answers call it: 3 is a photo, 16 a moving picture.
    pub fn key(&self) -> String {
        format!("{}_{}", if self.mime == "image/gif" { 16 } else { 3 }, self.id)
    }

    pub fn kind(&self) -> &'static str {
        if self.mime == "image/gif" { "animated_gif" } else { "photo" }
    }

    /// The last part of its address.
    pub fn file_name(&self) -> String {
        format!("{}.{}", self.id, self.mime.trim_start_matches("image/").replace("jpeg", "jpg"))
    }
}

impl Media {
    pub fn apply(&mut self, change: Change) {
        match change {
            Change::Media { picture } => {
                self.all.insert(picture.id, picture);
            }
            Change::AltText { id, text } => {
                if let Some(picture) = self.all.get_mut(&id) {
                    picture.alt = Some(text).filter(|text| !text.is_empty());
                }
            }
            _ => {}
        }
    }

    pub fn get(&self, id: u64) -> Option<&Picture> {
        self.all.get(&id)
    }

    /// The pictures, if this person can put all of them into a post or a message now.
    pub fn usable(&self, ids: &[u64], owner: u64, now: Millis) -> Option<Vec<&Picture>> {
        let fine =
            |picture: &&Picture| picture.owner == owner && picture.ready <= now && now.since(picture.at) < LIFETIME;
        ids.iter().map(|id| self.all.get(id).filter(fine)).collect()
    }
}
