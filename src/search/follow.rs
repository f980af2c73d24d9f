//! Following a search: `POST /search/follow` with the words of the query, `q`, and `follow` yes or no. Filters are words of the
//! query like any other; the order of the results is not part of it.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::query::Asked;
use crate::app::App;
use crate::clock::Millis;
use crate::db::DbError;
use crate::follows::{self, Wanted};
use crate::members::{Member, MemberId, Posted};
use crate::web::{Error, frame, redirect};

/// Characters of a search that can be followed. It stands in notices and mails.
const LONGEST: usize = 200;

#[derive(Deserialize)]
pub struct Following {
    q: String,
    follow: Wanted,
    /// The page to go back to.
    #[serde(default)]
    back: String,
}

/// `POST /search/follow`
pub async fn set(app: web::Data<App>, posted: Posted<Member, Following>) -> Result<HttpResponse, Error> {
    let Posted { by, form, .. } = posted;
    let (words, now) = (plain(&form.q), app.clock.now());
    if form.follow == Wanted::Yes {
        can_be_followed(&words, now).map_err(|why| Error::BadRequest(why.to_owned()))?;
    }
    let wanted = form.follow;
    let set = app.db.write(move |tx| match wanted {
        Wanted::No => follows::unfollow_search(tx, by.id, &words).map(|()| true),
        Wanted::Yes => follows::follow_search(tx, by.id, &words, now),
    });
    match set.await? {
        true => Ok(redirect(frame::local_path(Some(form.back.as_str())))),
        false => Err(Error::Forbidden(follows::enough_searches())),
    }
}

/// Whether they follow the search for these words; `None`: it cannot be followed, or nobody is there to be told.
pub(super) async fn load(app: &App, by: Option<MemberId>, query: &str) -> Result<Option<bool>, DbError> {
    let words = plain(query);
    let Some(by) = by.filter(|_| can_be_followed(&words, app.clock.now()).is_ok()) else { return Ok(None) };
    app.db.read(move |conn| follows::is_following_search(conn, by, &words)).await.map(Some)
}

/// The same words are the same search, whatever stands between them. No database takes every control character.
fn plain(query: &str) -> String {
    let apart = |c: char| c.is_whitespace() || c.is_control();
    query.split(apart).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// `Err`: why not. One that finds everything (`is:open`) can be: whoever wants every new question may have it.
fn can_be_followed(words: &str, now: Millis) -> Result<(), &'static str> {
    let asked = Asked::read(words);
    if asked.is_empty() || words.chars().count() > LONGEST {
        return Err(follows::NO_SEARCH);
    }
    if asked.can_be_new(now) { Ok(()) } else { Err(follows::NEVER_NEW) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_find_a_new_question_can_be_followed() {
        let now = Millis(1_800_000_000_000);
        for words in ["router drops", "is:open", "tag:wifi -evening", "router -is:verified", "路由器", "before:2030 a"]
        {
            assert_eq!(can_be_followed(words, now), Ok(()), "{words}");
        }
        for words in ["", "\"\"", "-- (( ::", &"long ".repeat(41)] {
            assert_eq!(can_be_followed(&plain(words), now), Err(follows::NO_SEARCH), "{words}");
        }
        for words in ["router is:verified", "is:accepted", "before:2020 router", "-is:open", "-after:2020"] {
            assert_eq!(can_be_followed(words, now), Err(follows::NEVER_NEW), "{words}");
        }
        assert_eq!(plain("  router\t \u{0}drops\n"), "router drops");
    }
}
