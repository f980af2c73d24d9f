//! How one is told: `GET` and `POST /notices/settings`; and the way out that stands in each mail, `GET` and `POST
//! /mail/stop/{key}/{matter}`, which needs no sign-in: the key proves whose mail it was. A mail program posts there with
//! one click (RFC 8058) and sends no cookie, so that address alone is exempt from the check for other sites.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::store::mailing::{self as store, Choices};
use super::words;
use super::{Matter, Pace};
use crate::app::App;
use crate::db::{Conn, DbError, Tx};
use crate::follows;
use crate::members::{Member, MemberId, Posted};
use crate::web::form::Kept;
use crate::web::{Error, Frame, Page, redirect};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    saved: Option<String>,
}

#[derive(Template)]
#[template(path = "notices/settings.html")]
struct SettingsPage {
    frame: Frame,
    choices: Choices,
    matters: Vec<Matter>,
    follows_own: bool,
    /// Where mail goes; `None`: their address is not confirmed, and gets none.
    address: Option<String>,
    /// The site mails at all.
    can_mail: bool,
    saved: bool,
}

impl SettingsPage {
    fn is_chosen(&self, matter: &Matter, pace: &Pace) -> bool {
        self.choices.of(*matter) == *pace
    }
}

/// The matters that somebody hears of.
fn matters_of(member: &Member) -> Vec<Matter> {
    Matter::EVERY.iter().copied().filter(|matter| *matter != Matter::Desk || member.role.is_at_desk()).collect()
}

/// `GET /notices/settings`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    member: Member,
    asked: web::Query<Asked>,
) -> Result<Page<impl Template>, Error> {
    let (matters, id) = (matters_of(&member), member.id);
    let (choices, follows_own, address) = app
        .db
        .read(move |conn| {
            let choices = store::load_choices(conn, &[id])?.remove(&id).unwrap_or_default();
            Ok::<_, DbError>((choices, follows::follows_own(conn, id)?, store::find_address(conn, id)?))
        })
        .await?;
    let (can_mail, saved) = (app.mail.is_on(), asked.saved.is_some());
    Ok(Page::ok(SettingsPage { frame, choices, matters, follows_own, address, can_mail, saved }))
}

/// A field for each matter, and `follows_own` where that is ticked.
#[derive(Deserialize)]
pub struct Chosen {
    #[serde(default)]
    follows_own: Option<String>,
}

/// `POST /notices/settings`
pub async fn change(app: web::Data<App>, posted: Posted<Member, Chosen>) -> Result<HttpResponse, Error> {
    let Posted { by, form, kept } = posted;
    let chosen = read(&kept, &matters_of(&by))?;
    app.db
        .write(move |tx| {
            for (matter, pace) in &chosen {
                store::choose(tx, by.id, *matter, *pace)?;
            }
            follows::set_follows_own(tx, by.id, form.follows_own.is_some())
        })
        .await?;
    Ok(redirect("/notices/settings?saved=1"))
}

/// What is chosen for each of these matters; one that the form does not name stays as it is.
fn read(kept: &Kept, matters: &[Matter]) -> Result<Vec<(Matter, Pace)>, Error> {
    let mut chosen = Vec::new();
    for matter in matters {
        let Some((_, value)) = kept.fields.iter().find(|(name, _)| name == matter.as_str()) else { continue };
        let wrong = || Error::BadRequest(words::NO_SUCH_TIME.to_owned());
        chosen.push((*matter, Pace::parse(value).ok_or_else(wrong)?));
    }
    Ok(chosen)
}

/// What a link in a mail stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stopping {
    One(Matter),
    /// The mail that gathers notices.
    Gathered,
    Everything,
}

impl Stopping {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "gathered" => Some(Self::Gathered),
            "everything" => Some(Self::Everything),
            _ => Matter::parse(word).map(Self::One),
        }
    }

    /// What is stopped, for people.
    fn words(self) -> String {
        match self {
            Self::One(matter) => words::mail_about(matter.label()),
            Self::Gathered => words::GATHERED_MAIL.to_owned(),
            Self::Everything => words::EVERY_MAIL.to_owned(),
        }
    }

    fn carry_out(self, tx: &mut Tx<'_>, id: MemberId) -> Result<(), DbError> {
        let choices = store::load_choices(tx, &[id])?.remove(&id).unwrap_or_default();
        for matter in Matter::EVERY {
            let stops = match self {
                Self::One(one) => one == *matter,
                Self::Gathered => matches!(choices.of(*matter), Pace::Daily | Pace::Weekly),
                Self::Everything => true,
            };
            if stops {
                store::choose(tx, id, *matter, Pace::Never)?;
            }
        }
        Ok(())
    }
}

#[derive(Template)]
#[template(path = "notices/stop.html")]
struct StopPage {
    frame: Frame,
    /// This very page; the one that stops everything.
    place: String,
    everything: String,
    words: String,
    done: bool,
}

/// Whose key this is, and what its link stops. The same answer for a key that never was as for an unknown matter.
fn read_link(conn: &mut Conn, key: &str, word: &str) -> Result<(MemberId, Stopping), Error> {
    let over = || Error::Gone(words::LINK_IS_DEAD.to_owned());
    let stopping = Stopping::parse(word).ok_or_else(over)?;
    Ok((store::find_by_key(conn, key)?.ok_or_else(over)?, stopping))
}

fn page(frame: Frame, key: &str, word: &str, stopping: Stopping, done: bool) -> Page<StopPage> {
    let (place, everything) = (format!("/mail/stop/{key}/{word}"), format!("/mail/stop/{key}/everything"));
    Page::ok(StopPage { frame, place, everything, words: stopping.words(), done })
}

/// `GET /mail/stop/{key}/{matter}`: mail programs open links by themselves, so this changes nothing.
pub async fn ask_stop(
    app: web::Data<App>,
    frame: Frame,
    link: web::Path<(String, String)>,
) -> Result<Page<impl Template>, Error> {
    let (key, word) = link.into_inner();
    let sought = (key.clone(), word.clone());
    let (_, stopping) = app.db.read(move |conn| read_link(conn, &sought.0, &sought.1)).await?;
    Ok(page(frame, &key, &word, stopping, false))
}

/// `POST /mail/stop/{key}/{matter}`: by the button of that page, or by a mail program, whatever it sends along.
pub async fn stop(
    app: web::Data<App>,
    frame: Frame,
    link: web::Path<(String, String)>,
) -> Result<Page<impl Template>, Error> {
    let (key, word) = link.into_inner();
    let sought = (key.clone(), word.clone());
    let stopping = app
        .db
        .write(move |tx| {
            let (id, stopping) = read_link(tx, &sought.0, &sought.1)?;
            stopping.carry_out(tx, id)?;
            Ok::<_, Error>(stopping)
        })
        .await?;
    Ok(page(frame, &key, &word, stopping, true))
}
