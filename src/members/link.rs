//! Mailed one-time links, whatever they are for: the one way to ask for the mail, to open what it brought, and to use it up. A
//! link that does not hold any more leads to one page, which says why and what to do instead. What a link does is the act of
//! its purpose alone.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::one_time::{self, OneTime, Purpose, Token};
use super::{sign_in, words};
use crate::app::App;
use crate::brakes::{self, Limit};
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::web::{Error, Frame, Page};

/// Mails to one address, by whoever asks for them: the first may have gone astray.
const OF_ACCOUNT: Limit = Limit { free: 3, pause: Duration::from_secs(900), longest: Duration::from_secs(24 * 3_600) };
const OF_ADDRESS: Limit = Limit { free: 20, pause: Duration::from_secs(900), longest: Duration::from_secs(3_600) };

/// Somebody who is not signed in asks for a mail to `email`, to do `what`; why they have to wait first.
pub async fn brake(app: &App, what: &str, email: &str, request: &HttpRequest) -> Result<Option<String>, Error> {
    let now = app.clock.now();
    let household = sign_in::address(request).map(|address| (brakes::of_address(what, address), OF_ADDRESS));
    let limits: Vec<_> = household.into_iter().chain([(brakes::of_account(what, email), OF_ACCOUNT)]).collect();
    let refused = app.db.write(move |tx| {
        for (what, limit) in limits {
            if let Some(until) = brakes::try_once(tx, &what, limit, now)? {
                return Ok::<_, DbError>(Some(until));
            }
        }
        Ok(None)
    });
    Ok(refused.await?.map(|until| words::asked_too_often(&brakes::wait_in_words(until, now))))
}

/// What the link with this token is good for, for the page behind it; `None`: it does not hold any more.
pub async fn find(app: &App, purpose: Purpose, token: &str) -> Result<Option<OneTime>, DbError> {
    let (token, now) = (Token::read(token), app.clock.now());
    app.db.read(move |conn| one_time::find(conn, &token, purpose, now)).await
}

/// Uses the link with this token up and does what it is for, both or neither. `None`: it does not hold any more, or the act
/// finds that there is nothing to do.
pub async fn take<T: Send + 'static>(
    app: &App,
    purpose: Purpose,
    token: &str,
    act: impl FnOnce(&mut Tx<'_>, OneTime, Millis) -> Result<Option<T>, DbError> + Send + 'static,
) -> Result<Option<T>, DbError> {
    let (token, now) = (Token::read(token), app.clock.now());
    app.db
        .write(move |tx| match one_time::take(tx, &token, purpose, now)? {
            Some(found) => act(tx, found, now),
            None => Ok(None),
        })
        .await
}

/// What is behind a link that does not hold any more: why, and the way on.
#[derive(Template)]
#[template(path = "members/dead_link.html")]
struct DeadLink {
    frame: Frame,
    why: &'static str,
    /// A path, and what is there.
    on: (&'static str, &'static str),
}

/// The page of a link that does not hold any more.
pub fn dead(frame: Frame, purpose: Purpose, request: &HttpRequest) -> Result<HttpResponse, Error> {
    let (why, on) = match purpose {
        Purpose::Confirm => (words::CONFIRM_LINK_IS_DEAD, ("/account", words::OPEN_YOUR_ACCOUNT)),
        Purpose::Change => (words::NEW_EMAIL_LINK_IS_DEAD, ("/account", words::OPEN_YOUR_ACCOUNT)),
        Purpose::Reset => (words::RESET_LINK_IS_DEAD, ("/reset", words::ASK_FOR_ANOTHER)),
        Purpose::Guest => (words::GUEST_LINK_IS_DEAD, ("/sign-in", words::SIGN_IN)),
        Purpose::Second => (words::STEP_TOO_OLD, ("/sign-in", words::SIGN_IN)),
    };
    Page::with_status(DeadLink { frame, why, on }, StatusCode::GONE).render(request)
}
