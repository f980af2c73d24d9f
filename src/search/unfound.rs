//! What was looked for and not found, for staff: `GET /desk/unfound`. It says what the forum lacks.
//!
//! Kept are the words, never who asked. Words that look like somebody's data are not kept.

use std::sync::{Mutex, PoisonError};

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::results::encoded;
pub use super::store::prune;
use super::store::{self, Unfound};
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::members::Staff;
use crate::web::{Error, Frame, Page, redirect};

/// Characters of a search that are kept.
const LONGEST: usize = 120;
/// Rows of the page.
const LISTED: i64 = 100;
/// More different searches than this are not kept: somebody else makes them up.
const MOST: i64 = 10_000;
/// Searches that are counted in a minute. Whoever makes more of them in vain is no customer, and each costs a write.
const A_MINUTE: u32 = 120;

/// How many were counted in which minute.
#[derive(Default)]
pub(super) struct Pace(Mutex<(i64, u32)>);

impl Pace {
    fn allows(&self, now: Millis) -> bool {
        let minute = now.0 / 60_000;
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, times) = *counted;
        *counted = (minute, if of == minute { times.saturating_add(1) } else { 1 });
        counted.1 <= A_MINUTE
    }
}

/// Counts a search that found nothing. That it cannot be counted keeps nobody from the page.
pub(super) async fn note(app: &App, query: &str) {
    let words = query.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    if words.chars().count() > LONGEST || is_personal(&words) {
        return;
    }
    let now = app.clock.now();
    if !app.search.inner.pace.allows(now) {
        return;
    }
    let note = move |tx: &mut Tx<'_>| match store::again(tx, &words, now)? {
        false if store::count(tx)? < MOST => store::note(tx, &words, now),
        _ => Ok::<_, DbError>(()),
    };
    if let Err(error) = app.db.write(note).await {
        tracing::warn!(%error, "a search that found nothing is not counted: {error}");
    }
}

/// Addresses and long numbers: of accounts, telephones, orders.
fn is_personal(words: &str) -> bool {
    let is_number = |word: &&str| word.chars().all(|c| c.is_ascii_digit() || "+-/.()".contains(c));
    let digits = words.split_whitespace().filter(is_number).flat_map(str::bytes).filter(u8::is_ascii_digit).count();
    digits >= 7 || words.split_whitespace().any(|word| word.contains('@') && word.contains('.'))
}

impl Unfound {
    /// The same search once more.
    fn place(&self) -> String {
        format!("/search?q={}", encoded(&self.words))
    }
}

#[derive(Template)]
#[template(path = "search/unfound.html")]
struct UnfoundPage {
    frame: Frame,
    rows: Vec<Unfound>,
}

/// `GET /desk/unfound`.
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    _staff: Staff,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let rows = app.db.read(|conn| store::list(conn, LISTED)).await?;
    Page::ok(UnfoundPage { frame, rows }).render(&request)
}

#[derive(Deserialize)]
pub struct SeenTo {
    words: String,
}

/// `POST /desk/unfound`: takes one off the list.
pub async fn forget(app: web::Data<App>, staff: Staff, form: web::Form<SeenTo>) -> Result<HttpResponse, Error> {
    let (by, now, words) = (staff.0.id, app.clock.now(), form.into_inner().words);
    let forget = move |tx: &mut Tx<'_>| {
        if store::forget(tx, &words)? {
            let line = Entry::new(by, Act::SeeToUnfound, "search", now);
            audit::record(tx, &Entry { words, ..line })?;
        }
        Ok::<_, DbError>(())
    };
    app.db.write(forget).await?;
    Ok(redirect("/desk/unfound"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_somebodys_data_is_not_kept() {
        for personal in ["mara@example.com", "order 1234567", "+49 170 1234567", "de89 3704 0044 0532"] {
            assert!(is_personal(personal), "{personal}");
        }
        for words in ["router r7 drops", "error 0x80070057", "@mara", "version 4.2.1"] {
            assert!(!is_personal(words), "{words}");
        }
    }
}
