//! What staff call a member beside their name: `POST /desk/members/{handle}/label`. Nobody names themselves.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::words;
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::clock::Millis;
use crate::db::Tx;
use crate::members::{self, Label, Member, Posted, Staff, find_by_handle};
use crate::posts;
use crate::web::{Error, redirect};

#[derive(Deserialize)]
pub struct LabelForm {
    /// What the page showed; empty: none.
    #[serde(default)]
    seen: String,
    #[serde(default)]
    label: String,
}

/// `POST /desk/members/{handle}/label`
pub async fn give(
    app: web::Data<App>,
    handle: web::Path<String>,
    posted: Posted<Staff, LabelForm>,
) -> Result<HttpResponse, Error> {
    let (handle, now) = (handle.into_inner(), app.clock.now());
    let (Staff(by), form) = (posted.by, posted.form);
    let (seen, label) = (parse(&form.seen)?, parse(&form.label)?);
    let to = handle.clone();
    let done = app.db.write(move |tx| set(tx, &handle, &by, (seen, label), now)).await?;
    Ok(redirect(format!("/desk/members/{to}{}", if done { "" } else { "?faster=1" })))
}

fn parse(word: &str) -> Result<Option<Label>, Error> {
    let unknown = || Error::BadRequest(words::NO_LABEL.to_owned());
    if word.is_empty() { Ok(None) } else { Label::parse(word).map(Some).ok_or_else(unknown) }
}

/// `false`: a colleague was faster.
fn set(
    tx: &mut Tx<'_>,
    handle: &str,
    by: &Member,
    (seen, label): (Option<Label>, Option<Label>),
    now: Millis,
) -> Result<bool, Error> {
    let whom = find_by_handle(tx, handle)?.ok_or(Error::NotFound)?;
    if whom.id == by.id {
        return Err(Error::Forbidden(words::NO_LABEL_FOR_YOURSELF.to_owned()));
    }
    if seen == label {
        return Ok(true);
    }
    if !members::set_label(tx, whom.id, seen, label)? {
        return Ok(false);
    }
    let words = label.map_or("none", Label::as_str);
    let entry = Entry::new(by.id, Act::Label, format!("member-{}", whom.id), now);
    audit::record(tx, &Entry { words: words.to_owned(), ..entry })?;
    posts::author_changed(tx, whom.id, now)?;
    Ok(true)
}
