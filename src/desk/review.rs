//! What arrived and waits for staff: `POST /desk/held/{id}` publishes or refuses a held post, `POST /desk/gaps/{id}` says
//! that somebody looked after posts which could not be read, `POST /desk/unreadable` tries again what could not be placed.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use crate::app::App;
use crate::bridge::inbound::{self, review};
use crate::bridge::{self, GapId, RemotePostId};
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
    let (id, Reviewing { act, seen }) = (id.into_inner(), posted.form);
    let done = match act {
        Act::Publish => review::publish(&app, id, seen).await?,
        Act::Refuse => {
            let now = app.clock.now();
            app.db.write(move |tx| review::refuse(tx, id, &seen, now)).await?
        }
    };
    Ok(redirect(if done { "/desk/held" } else { "/desk/held?faster=1" }))
}

#[derive(Deserialize)]
pub struct Looked {}

/// `POST /desk/unreadable`: what could not be read or placed is tried again.
pub async fn try_again(app: web::Data<App>, _posted: Posted<Staff, Looked>) -> Result<HttpResponse, Error> {
    inbound::try_failed_again(&app).await?;
    Ok(redirect("/desk"))
}

/// `POST /desk/gaps/{id}`: a colleague may have been faster, which is as well.
pub async fn dismiss_gap(
    app: web::Data<App>,
    id: web::Path<GapId>,
    _posted: Posted<Staff, Looked>,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    app.db.write(move |tx| bridge::dismiss_gap(tx, id).map(drop)).await?;
    Ok(redirect("/desk"))
}
