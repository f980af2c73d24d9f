//! `/admin/mail`: what leaves by e-mail, what waits, and what failed and why; a person tries a stuck one again or gives it
//! up. The words of a mail are not shown: some hold a link into somebody's account.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::note;
use super::words;
use crate::app::App;
use crate::audit::Act;
use crate::mail::{self, MailId, MailRow, State, Way};
use crate::members::{Admin, Posted};
use crate::web::{Error, Frame, Page, redirect};

const PAGE_SIZE: usize = 30;

/// Which mails are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Which {
    /// Those that wait for a person.
    #[default]
    Stuck,
    /// Those that will be tried by themselves.
    Waiting,
    /// Those that arrived or were given up.
    Done,
}

impl Which {
    const ALL: [Self; 3] = [Self::Stuck, Self::Waiting, Self::Done];

    fn as_str(self) -> &'static str {
        match self {
            Self::Stuck => "stuck",
            Self::Waiting => "waiting",
            Self::Done => "done",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Stuck => "Stuck",
            Self::Waiting => "Waiting",
            Self::Done => "Done",
        }
    }

    fn states(self) -> &'static [State] {
        match self {
            Self::Stuck => &[State::Uncertain, State::Failed],
            Self::Waiting => &[State::Queued, State::Sending],
            Self::Done => &[State::Sent, State::GivenUp],
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    which: Which,
    before: Option<MailId>,
    told: Option<Done>,
}

/// What was done a moment ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Done {
    Again,
    Left,
    /// It was settled meanwhile.
    Late,
}

#[derive(Template)]
#[template(path = "admin/mail.html")]
struct MailsPage {
    frame: Frame,
    told: Option<Done>,
    which: Which,
    rows: Vec<MailRow>,
    next: Option<String>,
    /// How mail leaves, in a sentence.
    way: String,
    is_on: bool,
}

/// `GET /admin/mail`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    _admin: Admin,
    asked: web::Query<Asked>,
) -> Result<Page<impl Template>, Error> {
    let Asked { which, before, told } = asked.into_inner();
    let (before, most) = (before.unwrap_or(MailId(i64::MAX)), PAGE_SIZE + 1);
    let mut rows = app.db.read(move |conn| mail::list_newest(conn, which.states(), before, most as i64)).await?;
    let more = rows.len() == most;
    rows.truncate(PAGE_SIZE);
    let next =
        rows.last().filter(|_| more).map(|last| format!("/admin/mail?which={}&before={}", which.as_str(), last.id));
    let (way, is_on) = (way(&app.mail.way), app.mail.is_on());
    Ok(Page::ok(MailsPage { frame, told, which, rows, next, way, is_on }))
}

fn way(way: &Way) -> String {
    match way {
        Way::None => words::NO_MAIL_LEAVES.to_owned(),
        Way::Page => words::MAIL_OF_A_DEMO.to_owned(),
        Way::Server { relay, from } => words::mail_leaves(from, &relay.host),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Decision {
    Again,
    GiveUp,
}

#[derive(Deserialize)]
pub struct Deciding {
    act: Decision,
    #[serde(default)]
    which: Which,
}

/// `POST /admin/mail/{id}`
pub async fn decide(
    app: web::Data<App>,
    id: web::Path<MailId>,
    posted: Posted<Admin, Deciding>,
) -> Result<HttpResponse, Error> {
    let (id, by, now) = (id.into_inner(), posted.by.0.id, app.clock.now());
    let Deciding { act, which } = posted.form;
    let told = app
        .db
        .write(move |tx| {
            mail::find(tx, id)?.ok_or(Error::NotFound)?;
            let (done, words, told) = match act {
                Decision::Again => (mail::again(tx, id, now)?, "try again", "again"),
                Decision::GiveUp => (mail::give_up(tx, id)?, "give up", "left"),
            };
            if !done {
                return Ok::<_, Error>("late");
            }
            note(tx, by, Act::Mail, format!("mail-{id}"), words, now)?;
            Ok(told)
        })
        .await?;
    app.mail.wake.notify_one();
    Ok(redirect(format!("/admin/mail?which={}&told={told}", which.as_str())))
}
