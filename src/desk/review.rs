//! What arrived and waits for staff: `POST /desk/held/{id}` publishes or refuses a held post, `POST /desk/gaps/{id}` says
//! that somebody looked after posts which could not be read, `POST /desk/unreadable` tries again what could not be placed.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use crate::app::App;
use crate::audit::{self, Entry};
use crate::bridge::inbound::{self, review};
use crate::bridge::{self, GapId, RemotePostId};
use crate::db::{DbError, Tx};
use crate::members::{Posted, Staff};
use crate::web::{Error, redirect};

#[derive(Deserialize)]
pub struct Reviewing {
    act: Act,
    /// The versions that its sender saw: newer words are for another look.
    seen: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Act {
    Publish,
    Refuse,
}

/// `POST /desk/held/{id}`
pub async fn decide(
    app: web::Data<App>,
    id: web::Path<RemotePostId>,
    posted: Posted<Staff, Reviewing>,
) -> Result<HttpResponse, Error> {
    let Posted { by, form: Reviewing { act, seen }, .. } = posted;
    let (id, by, now) = (id.into_inner(), by.0.id, app.clock.now());
    let line = Entry::new(by, audit::Act::DecideHeld, format!("remote-post-{id}"), now);
    let done = match act {
        Act::Publish => review::publish(&app, id, seen, Entry { words: "published".to_owned(), ..line }).await?,
        Act::Refuse => {
            let refused = move |tx: &mut Tx<'_>| {
                let done = review::refuse(tx, id, &seen, now)?;
                if done {
                    audit::record(tx, &Entry { words: "refused".to_owned(), ..line })?;
                }
                Ok::<_, DbError>(done)
            };
            app.db.write(refused).await?
        }
    };
    Ok(redirect(if done { "/desk/held" } else { "/desk/held?faster=1" }))
}

#[derive(Deserialize)]
pub struct Looked {}

/// `POST /desk/unreadable`: what could not be read or placed is tried again.
pub async fn try_again(app: web::Data<App>, posted: Posted<Staff, Looked>) -> Result<HttpResponse, Error> {
    inbound::try_failed_again(&app, posted.by.0.id).await?;
    Ok(redirect("/desk"))
}

/// `POST /desk/gaps/{id}`: a colleague may have been faster, which is as well.
pub async fn dismiss_gap(
    app: web::Data<App>,
    id: web::Path<GapId>,
    posted: Posted<Staff, Looked>,
) -> Result<HttpResponse, Error> {
    let (id, by, now) = (id.into_inner(), posted.by.0.id, app.clock.now());
    app.db
        .write(move |tx| {
            if bridge::dismiss_gap(tx, id)? {
                audit::record(tx, &Entry::new(by, audit::Act::Gap, format!("gap-{id}"), now))?;
            }
            Ok::<_, DbError>(())
        })
        .await?;
    Ok(redirect("/desk"))
}
