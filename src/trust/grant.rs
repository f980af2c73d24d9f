//! Staff say how far a member is trusted: `POST /desk/members/{handle}/trust`. They had seen a level; whoever was faster
//! wins, and the other sees it.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::words;
use super::{Level, find, set_by_staff};
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::members::{self, Posted, Staff};
use crate::web::{Error, redirect};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Wanted {
    Trusted,
    New,
}

#[derive(Deserialize)]
pub struct Trusting {
    level: Wanted,
}

/// `POST /desk/members/{handle}/trust`
pub async fn set(
    app: web::Data<App>,
    handle: web::Path<String>,
    posted: Posted<Staff, Trusting>,
) -> Result<HttpResponse, Error> {
    let (handle, by, now) = (handle.into_inner(), posted.by.0, app.clock.now());
    let (seen, level) = match posted.form.level {
        Wanted::Trusted => (Level::New, Level::Trusted),
        Wanted::New => (Level::Trusted, Level::New),
    };
    let place = format!("/desk/members/{handle}");
    let done = app
        .db
        .write(move |tx| {
            let whom = members::find_by_handle(tx, &handle)?.ok_or(Error::NotFound)?;
            if whom.role.is_at_desk() {
                return Err(Error::Forbidden(words::NOT_OF_STAFF.to_owned()));
            }
            if find(tx, whom.id)?.level != seen || !set_by_staff(tx, whom.id, seen, level, now)? {
                return Ok(false);
            }
            let words = level.label().to_lowercase();
            let line = Entry::new(by.id, Act::Trust, format!("member-{}", whom.id), now);
            audit::record(tx, &Entry { words, ..line })?;
            Ok::<_, Error>(true)
        })
        .await?;
    Ok(redirect(if done { place } else { format!("{place}?faster=1") }))
}
