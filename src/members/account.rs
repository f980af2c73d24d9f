//! One's own account: `GET /account`, from which everything about it is changed.

use actix_web::{HttpRequest, web};
use askama::Template;
use serde::Deserialize;

use super::sessions::device;
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
        "confirm-sent" => "A mail with the link is on its way. It holds for two days; earlier ones end.",
        "confirm-enough" => {
            "That was asked for several times. Look into your mail, also among the unwanted, or try again later."
        }
        "email-asked" => "A mail is on its way to the new address. Until you press its button the old one counts.",
        "email-changed" => "Your address is changed. Sign in with the new one from now on.",
        "password-changed" => "Your password is changed, and you are signed out everywhere else.",
        "export-enough" => "You downloaded this several times just now. Try again in some minutes.",
        "ended" => "Done: that device has to sign in again.",
        "profile" => "Your profile is saved.",
        "second-on" => "From now on a code of your phone is asked for as well.",
        "second-off" => "The second step is off: the password alone signs you in.",
        _ => return None,
    })
}
