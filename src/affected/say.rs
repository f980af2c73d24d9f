//! `POST /questions/{id}/affected` with `affected` yes or no, by members and by guests.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::store;
use super::words;
use crate::app::App;
use crate::members::{Counted, Posted};
use crate::questions::{self, QuestionId};
use crate::web::{Error, redirect};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Answer {
    Yes,
    No,
}

/// The button says what shall be, so that a double click is one person.
#[derive(Deserialize)]
pub struct Saying {
    affected: Answer,
}

/// `POST /questions/{id}/affected`
pub async fn say(
    app: web::Data<App>,
    id: web::Path<QuestionId>,
    posted: Posted<Counted, Saying>,
) -> Result<HttpResponse, Error> {
    let (id, now) = (id.into_inner(), app.clock.now());
    let Posted { by, form, .. } = posted;
    let (who, is_affected) = (by.clone(), form.affected == Answer::Yes);
    let place = app
        .db
        .write(move |tx| {
            // Said of the thread that this one is part of, where it was merged meanwhile.
            let question = questions::load_whole(tx, id, None)?;
            let id = question.id;
            if who.member().is_some() && question.author.member() == who.member() {
                let why = words::YOU_ASKED_THIS;
                return Err(Error::Forbidden(why.to_owned()));
            }
            let whole = questions::list_whole(tx, id)?;
            let askers = questions::list_askers(tx, &whole)?;
            if who.member().is_some() && askers.values().any(|asker| asker.member() == who.member()) {
                return Err(Error::Forbidden(words::YOU_ASKED_THE_SAME.to_owned()));
            }
            who.brake(tx, now)?;
            store::say(tx, id, &who.to_string(), is_affected, now)?;
            Ok(format!("{}#affected", question.place()))
        })
        .await?;
    by.known_from_now_on(&app, redirect(place))
}
