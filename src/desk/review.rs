//! Held posts: `POST /desk/held/{id}` publishes or refuses one.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use crate::app::App;
use crate::bridge::RemotePostId;
use crate::bridge::inbound::review;
use crate::members::{Posted, Staff};
use crate::web::{Error, redirect};

#[derive(Deserialize)]
pub struct Reviewing {
    act: Act,
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
    let id = id.into_inner();
    match posted.form.act {
        Act::Publish => {
            review::publish(&app, id).await?;
        }
        Act::Refuse => {
            let now = app.clock.now();
            app.db.write(move |tx| review::refuse(tx, id, now)).await?;
        }
    }
    Ok(redirect("/desk/held"))
}
