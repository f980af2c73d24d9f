//! "Did this help?": `POST /answers/{id}/helped` with `helped` yes, no, or nothing to take it back. Asked of everybody who
//! reads, one word each; not of who wrote it. In a private thread whoever asked says it, and staff hear when it did not help.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::accept::{find_asked, judge};
use super::words;
use super::{AnswerId, hold, load_seen, say_helped};
use crate::app::App;
use crate::members::{Counted, Posted, Viewer};
use crate::posts;
use crate::questions;
use crate::web::{Error, redirect};

/// What a reader says of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    Helped,
    DidNot,
}

impl Said {
    /// As it is stored.
    pub fn value(self) -> i64 {
        match self {
            Self::Helped => 1,
            Self::DidNot => -1,
        }
    }
}

/// The button says what the word shall be, so that a double click is one word.
#[derive(Deserialize)]
pub struct Saying {
    helped: String,
}

/// `POST /answers/{id}/helped`
pub async fn say(
    app: web::Data<App>,
    Viewer(reader): Viewer,
    id: web::Path<AnswerId>,
    posted: Posted<Counted, Saying>,
) -> Result<HttpResponse, Error> {
    let (id, now) = (id.into_inner(), app.clock.now());
    let Posted { by, form, .. } = posted;
    let wanted = match form.helped.as_str() {
        "yes" => Some(Said::Helped),
        "no" => Some(Said::DidNot),
        "" => None,
        _ => return Err(Error::BadRequest(words::YES_OR_NO.to_owned())),
    };
    let who = by.clone();
    let place = app
        .db
        .write(move |tx| {
            hold(tx, id)?;
            let (answer, question) = load_seen(tx, id, reader.as_ref())?;
            if answer.author.member().is_some() && answer.author.member() == who.member() {
                let why = words::YOU_WROTE_THIS;
                return Err(Error::Forbidden(why.to_owned()));
            }
            let is_asker = who.member().is_some() && question.author.member() == who.member();
            if question.private && !is_asker {
                return Err(Error::Forbidden(words::ASKER_SAYS_IT.to_owned()));
            }
            who.brake(tx, now)?;
            say_helped(tx, id, &who.to_string(), wanted, now)?;
            if wanted == Some(Said::DidNot) {
                questions::heard_privately(tx, &question, question.author, now)?;
            }
            // Whoever asked says that it did not, and no more that it did.
            if let Some(asker) = reader.filter(|_| wanted == Some(Said::DidNot) && answer.accepted_at.is_some()) {
                let asked = find_asked(tx, &answer, &asker)?.or(is_asker.then_some(question.clone()));
                if let Some(asked) = asked {
                    judge(tx, &answer, &asked, false, &asker, now)?;
                }
            }
            Ok(posts::place(question.id.0, &question.title, id.post()))
        })
        .await?;
    by.known_from_now_on(&app, redirect(place))
}

/// "12 of 15 said this helped"; nothing where nobody said anything.
pub fn rate(helped: i64, not_helped: i64) -> Option<String> {
    match helped + not_helped {
        ..1 => None,
        1 if helped == 1 => Some(words::ONE_WAS_HELPED.to_owned()),
        all => Some(words::were_helped(helped, all)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_said_in_people() {
        assert_eq!(rate(0, 0), None);
        assert_eq!(rate(1, 0).as_deref(), Some("1 person said this helped"));
        assert_eq!(rate(0, 1).as_deref(), Some("0 of 1 said this helped"));
        assert_eq!(rate(12, 3).as_deref(), Some("12 of 15 said this helped"));
    }
}
