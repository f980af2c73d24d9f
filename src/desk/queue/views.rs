//! Saved views of the queue: `POST /desk/views` and `POST /desk/views/{id}/delete`.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::filter::Filter;
use super::words;
use crate::app::App;
use crate::members::{AtDesk, Posted};
use crate::queue::{self, ViewId};
use crate::web::form::clean;
use crate::web::{Error, redirect};

const LONGEST_NAME: usize = 60;

#[derive(Deserialize)]
pub struct Saving {
    name: String,
    query: String,
    /// For everybody at the desk.
    #[serde(default)]
    shared: String,
}

/// `POST /desk/views`: saves the filters of the page under a name.
pub async fn save(app: web::Data<App>, posted: Posted<AtDesk, Saving>) -> Result<HttpResponse, Error> {
    let Posted { by: AtDesk(by), form, .. } = posted;
    let (name, filter, now) = (clean(&form.name), Filter::parse(&form.query), app.clock.now());
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        let how = words::NO_NAME_OF_A_VIEW;
        return Err(Error::BadRequest(how.to_owned()));
    }
    let (owner, query) = (form.shared.is_empty().then_some(by.id), filter.query());
    app.db.write(move |tx| queue::save_view(tx, owner, &name, &query, by.id, now)).await?;
    Ok(redirect(filter.url()))
}

/// `POST /desk/views/{id}/delete`: of a view of one's own making; another's is not found.
pub async fn delete(app: web::Data<App>, by: AtDesk, id: web::Path<ViewId>) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    if app.db.write(move |tx| queue::delete_view(tx, id, by.0.id)).await? {
        return Ok(redirect("/desk"));
    }
    Err(Error::NotFound)
}
