//! One's own account: `GET /account`, from which everything about it is changed.

use actix_web::{HttpRequest, web};
use askama::Template;
use serde::Deserialize;

use super::sessions::device;
use super::words;
use super::{Account, OpenSession, Own, list_sessions, load_account, session_mark};
use crate::app::App;
use crate::db::DbError;
use crate::web::{Error, Frame, Page};

#[derive(Deserialize)]
pub struct Asked {
    /// What was just done, by [`told`].
    told: Option<String>,
}

#[derive(Template)]
#[template(path = "members/account.html")]
struct AccountPage {
    frame: Frame,
    account: Account,
    sessions: Vec<OpenSession>,
    /// The session of this request.
    mark: Option<String>,
    can_mail: bool,
    told: Option<&'static str>,
}

impl AccountPage {
    fn device(&self, session: &OpenSession) -> String {
        device(session)
    }

    fn is_this(&self, session: &OpenSession) -> bool {
        session.is(self.mark.as_deref())
    }
}

/// `GET /account`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    Own(member): Own,
    asked: web::Query<Asked>,
    request: HttpRequest,
) -> Result<Page<impl Template>, Error> {
    let (now, told) = (frame.now, asked.told.as_deref().and_then(told));
    let (account, sessions) = app
        .db
        .read(move |conn| Ok::<_, DbError>((load_account(conn, member.id)?, list_sessions(conn, member.id, now)?)))
        .await?;
    let (mark, can_mail) = (session_mark(&request), app.mail.is_on());
    Ok(Page::ok(AccountPage { frame, account, sessions, mark, can_mail, told }))
}

/// What is said on top after something was done.
fn told(word: &str) -> Option<&'static str> {
    Some(match word {
        "confirm-sent" => words::CONFIRM_MAIL_SENT,
        "confirm-enough" => words::CONFIRM_MAIL_ENOUGH,
        "email-asked" => words::NEW_EMAIL_ASKED,
        "email-changed" => words::EMAIL_CHANGED,
        "password-changed" => words::PASSWORD_CHANGED,
        "export-enough" => words::EXPORTED_ENOUGH,
        "ended" => words::SESSION_ENDED,
        "profile" => words::PROFILE_SAVED,
        "second-on" => words::SECOND_ON,
        "second-off" => words::SECOND_OFF,
        _ => return None,
    })
}
