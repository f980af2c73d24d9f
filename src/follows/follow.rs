//! Following: `POST /follow` with `what=question-12` and `follow` yes or no. The button says what it will do, so that a
//! double click does not undo itself.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::words;
use super::{Kind, What, follow, is_following, unfollow};
use crate::app::App;
use crate::db::Conn;
use crate::members::{self, Member, MemberId, Posted};
use crate::posts;
use crate::topics::{self, TopicId};
use crate::web::{Error, frame, redirect};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wanted {
    Yes,
    No,
}

#[derive(Deserialize)]
pub struct Following {
    what: String,
    follow: Wanted,
    /// The page to go back to.
    #[serde(default)]
    back: String,
}

/// `POST /follow`
pub async fn set(app: web::Data<App>, posted: Posted<Member, Following>) -> Result<HttpResponse, Error> {
    let Posted { by, form, .. } = posted;
    let what = What::parse(&form.what).ok_or(Error::NotFound)?;
    let now = app.clock.now();
    app.db
        .write(move |tx| match form.follow {
            // What is gone can be left.
            Wanted::No => unfollow(tx, by.id, what).map_err(Error::from),
            Wanted::Yes => {
                if what == What::member(by.id) {
                    return Err(Error::Forbidden(words::NOT_YOURSELF.to_owned()));
                }
                if !is_there(tx, what, &by)? {
                    return Err(Error::NotFound);
                }
                follow(tx, by.id, what, now).map_err(Error::from)
            }
        })
        .await?;
    Ok(redirect(frame::local_path(Some(form.back.as_str()))))
}

/// Whether they see it.
fn is_there(conn: &mut Conn, what: What, by: &Member) -> Result<bool, Error> {
    Ok(match what.kind {
        Kind::Question => posts::load_titles(conn, &[what.id])?.for_reader(what.id, by.id, by.role).is_some(),
        Kind::Topic => topics::find(conn, TopicId(what.id))?.is_some(),
        Kind::Member => members::load_cards(conn, &[MemberId(what.id)])?.contains_key(&MemberId(what.id)),
        // Its words are whose who followed it: by its number nobody gets at them.
        Kind::Search => is_following(conn, by.id, what)?,
        Kind::Tag => !posts::list_shown_tags(conn, &[what.id])?.is_empty(),
    })
}
