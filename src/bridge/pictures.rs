//! The pictures of a remote post as pages show them: those that we have, and a word about those that only the network
//! shows.

use std::collections::HashMap;

use super::RemotePostId;
use super::store::pictures::{self, Kind, PictureRow};
use super::words;
use crate::db::{Conn, DbError};
use crate::networks::{MediaKind, RemoteMedia};
use crate::posts::Called;

/// Width and height that a picture may take on a page, alone and beside others, in CSS pixels.
const ALONE: (i64, i64) = (560, 440);
const BESIDE: (i64, i64) = (320, 220);

/// The pictures of one post, in its author's order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pictures {
    /// Those that we serve.
    pub shown: Vec<PictureView>,
    /// Photos and films that we have no picture of (yet).
    elsewhere: (usize, usize),
}

/// A picture that we serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureView {
    /// Its path here.
    pub path: String,
    /// In CSS pixels, as it is shown.
    pub width: i64,
    pub height: i64,
    /// The still of a film, which only the network plays.
    pub film: bool,
    alt: String,
}

impl Pictures {
    fn of(rows: Vec<PictureRow>) -> Self {
        let mut pictures = Self::default();
        let most = if rows.len() > 1 { BESIDE } else { ALONE };
        for row in rows {
            let film = row.kind == Kind::Film;
            match (row.hash, row.size) {
                (Some(hash), (Some(width), Some(height))) => {
                    let (width, height) = within(most, width, height);
                    let path = format!("/pictures/{hash}.jpg");
                    pictures.shown.push(PictureView { path, width, height, film, alt: row.alt });
                }
                _ if film => pictures.elsewhere.1 += 1,
                _ => pictures.elsewhere.0 += 1,
            }
        }
        pictures
    }

    /// Of a post that is not stored here.
    pub(super) fn unseen(media: &[RemoteMedia]) -> Self {
        let films = media.iter().filter(|one| one.kind == MediaKind::Film).count();
        Self { shown: Vec::new(), elsewhere: (media.len() - films, films) }
    }

    pub fn is_empty(&self) -> bool {
        self.shown.is_empty() && self.elsewhere == (0, 0)
    }

    /// What only the network shows, as in "1 picture and 2 videos"; `None`: we show all.
    pub fn elsewhere(&self) -> Option<String> {
        let count = |many: usize, word: &str| match many {
            0 => None,
            1 => Some(format!("1 {word}")),
            many => Some(format!("{many} {word}s")),
        };
        match (count(self.elsewhere.0, "picture"), count(self.elsewhere.1, "video")) {
            (Some(photos), Some(films)) => Some(words::pictures_and_videos(&photos, &films)),
            (photos, films) => photos.or(films),
        }
    }
}

impl PictureView {
    /// What is to be seen, in its author's words; where they gave none, that.
    pub fn alt(&self, by: &Called) -> String {
        let what = if self.film { words::A_STILL } else { "Picture" };
        match (self.alt.is_empty(), by.is_named()) {
            (false, _) => self.alt.clone(),
            (true, true) => words::picture_of_somebody(what, by),
            (true, false) => words::picture_of_this_post(what),
        }
    }
}

/// The pictures of these posts, whoever may see them.
pub(super) fn load(conn: &mut Conn, posts: &[RemotePostId]) -> Result<HashMap<RemotePostId, Pictures>, DbError> {
    Ok(dress(pictures::list(conn, posts)?))
}

/// The pictures of the public posts of these threads.
pub(super) fn load_public(conn: &mut Conn, threads: &[i64]) -> Result<HashMap<RemotePostId, Pictures>, DbError> {
    Ok(dress(pictures::list_of_threads(conn, threads)?))
}

fn dress(rows: Vec<PictureRow>) -> HashMap<RemotePostId, Pictures> {
    let mut posts: HashMap<RemotePostId, Vec<PictureRow>> = HashMap::new();
    for row in rows {
        posts.entry(row.post).or_default().push(row);
    }
    posts.into_iter().map(|(id, rows)| (id, Pictures::of(rows))).collect()
}

/// A size made to fit, never enlarged, in its own shape.
fn within((most_wide, most_high): (i64, i64), width: i64, height: i64) -> (i64, i64) {
    let (width, height) = (width.max(1), height.max(1));
    if width <= most_wide && height <= most_high {
        (width, height)
    } else if width * most_high >= height * most_wide {
        (most_wide, (height * most_wide / width).max(1))
    } else {
        ((width * most_high / height).max(1), most_high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_keeps_its_shape_within_its_place() {
        for (size, shown) in [
            ((1600, 900), (560, 315)),
            ((900, 1600), (247, 440)),
            ((300, 200), (300, 200)),
            ((1600, 1), (560, 1)),
            ((1, 1600), (1, 440)),
        ] {
            assert_eq!(within(ALONE, size.0, size.1), shown);
        }
    }

    #[test]
    fn what_is_missing_is_counted_in_words() {
        let words = |photos, films| Pictures { shown: Vec::new(), elsewhere: (photos, films) }.elsewhere();
        assert_eq!(words(0, 0), None);
        assert_eq!(words(1, 0).as_deref(), Some("1 picture"));
        assert_eq!(words(3, 1).as_deref(), Some("3 pictures and 1 video"));
        assert_eq!(words(0, 2).as_deref(), Some("2 videos"));
    }
}
