//! A private word to the author of a public post, where their network allows one: `GET` and `POST
//! /desk/posts/{id}/private`. What it begins is a conversation as any other; a second one about the same post leads to it.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::count_url;
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::bridge::RemotePostId;
use crate::bridge::outbound::messages::closed_until;
use crate::bridge::outbound::private_word::{self, Occasion};
use crate::clock::Millis;
use crate::db::{Conn, DbError};
use crate::desk::words;
use crate::members::{Posted, Staff};
use crate::private::PrivateThreadId;
use crate::web::form::new_submission;
use crate::web::markdown::direction;
use crate::web::once::post_once;
use crate::web::{Error, Frame, Page, Problems, grouped, redirect};

#[derive(Template)]
#[template(path = "desk/private/begin.html")]
struct BeginPage {
    frame: Frame,
    problems: Problems,
    occasion: Occasion,
    text: String,
    /// Most characters; 0: the account is not connected.
    longest: usize,
    /// Until when the network takes no private message of ours.
    closed_until: Option<Millis>,
    submission: String,
}

/// Either the form, or the conversation that there is already.
enum Found {
    Form(Box<BeginPage>),
    Begun(PrivateThreadId),
}

/// `GET /desk/posts/{id}/private`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    staff: Staff,
    id: web::Path<RemotePostId>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    match BeginPage::of(&app, frame, staff, id.into_inner()).await? {
        Found::Form(page) => Page::ok(*page).render(&request),
        Found::Begun(thread) => Ok(redirect(format!("/desk/private/{thread}"))),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Writing {
    text: String,
    #[serde(rename = "submission")]
    _submission: String,
}

/// `POST /desk/posts/{id}/private`
pub async fn send(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<RemotePostId>,
    posted: Posted<Staff, Writing>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, now) = (id.into_inner(), app.clock.now());
    let Posted { by: staff, form, kept } = posted;
    let data = app.clone();
    let find = move |conn: &mut Conn| private_word::find(conn, &data.bridge, id);
    let occasion = app.db.read(find).await?.ok_or(Error::NotFound)?;
    let mut problems = Problems::default();
    let text = check(&mut problems, &app, &occasion, &form.text, now);
    if !problems.is_empty() {
        return match BeginPage::of(&app, frame, staff, id).await? {
            Found::Form(page) => Page::unprocessable(BeginPage { text: form.text, problems, ..*page }).render(&request),
            Found::Begun(thread) => Ok(redirect(format!("/desk/private/{thread}?faster=1"))),
        };
    }
    let window = app.config.bridge.undo_window;
    let place = post_once(&app.db, kept, now, move |tx| {
        Ok(match private_word::begin(tx, &occasion, text, &staff, (now, window))? {
            Ok((thread, message)) => {
                audit::record(tx, &Entry::new(staff.0.id, Act::Send, format!("private-{thread}"), now))?;
                format!("/desk/private/{thread}#message-{message}")
            }
            Err(begun) => format!("/desk/private/{begun}?faster=1"),
        })
    })
    .await?;
    app.bridge.wake_outbox();
    Ok(redirect(place))
}

fn check(problems: &mut Problems, app: &App, occasion: &Occasion, text: &str, now: Millis) -> String {
    let longest = app.bridge.longest_message(occasion.channel_id);
    if longest == 0 {
        problems.add("text", words::NOT_CONNECTED);
        return String::new();
    }
    if !occasion.is_open(now) {
        problems.add("text", words::PRIVATE_TIME_IS_OVER);
        return String::new();
    }
    problems.text("text", "Your message", text, longest)
}

impl BeginPage {
    /// Posts that are unknown here, our own, or of somebody unknown are [`Error::NotFound`].
    async fn of(app: &web::Data<App>, frame: Frame, staff: Staff, id: RemotePostId) -> Result<Found, Error> {
        let (data, now) = (app.clone(), frame.now);
        let (occasion, begun, closed_until) = app
            .db
            .read(move |conn| {
                let occasion = private_word::find(conn, &data.bridge, id)?;
                let begun = private_word::list_begun(conn, &[id], &staff)?.remove(&id);
                let closed_until = match &occasion {
                    Some(occasion) => closed_until(conn, occasion.channel_id, now)?,
                    None => None,
                };
                Ok::<_, DbError>((occasion, begun, closed_until))
            })
            .await?;
        if let Some(thread) = begun {
            return Ok(Found::Begun(thread));
        }
        let occasion = occasion.ok_or(Error::NotFound)?;
        let longest = app.bridge.longest_message(occasion.channel_id);
        let (problems, text, submission) = (Problems::default(), String::new(), new_submission());
        Ok(Found::Form(Box::new(Self { frame, problems, occasion, text, longest, closed_until, submission })))
    }

    fn thread_place(&self) -> String {
        match self.occasion.place {
            Some((post, question)) => format!("/desk/questions/{question}#{post}"),
            None => "/desk/held".to_owned(),
        }
    }

    fn count_url(&self) -> String {
        count_url(self.occasion.channel_id.0)
    }

    fn used(&self) -> usize {
        self.text.chars().count()
    }

    fn draft_key(&self) -> String {
        format!("private-about-{}", self.occasion.post)
    }

    fn hint(&self) -> String {
        words::they_read_it(&grouped(self.longest))
    }
}
