//! Connecting an account: the way to X's page on which its owner lets us in, and the way back with a code.
//!
//! OAuth 2.0 with PKCE. State and verifier belong to one session, live fifteen minutes and count once; the code lives 30
//! seconds at X, so it is exchanged before anything else.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::keys::error_page;
use super::page::{self, Told};
use super::{SealError, Tokens, give_back, keep_account, upkeep};
use crate::app::App;
use crate::bridge::store::access::{self as store, NewAttempt};
use crate::bridge::store::channels::Mode;
use crate::members::{Admin, session_mark};
use crate::networks::x::{GrantError, XApp};
use crate::posts::Origin;
use crate::secret::Secret;
use crate::web::{Error, Frame, Page, Problems, redirect};

/// How long somebody may take on X's page.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// X's handles have at most 15 characters; a few very old ones have more.
const LONGEST_HANDLE: usize = 30;
/// Accounts that are new here show nothing to the public until an administrator says so.
const FIRST_MODE: Mode = Mode::Hold;

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    account: String,
}

/// The last page before X's.
#[derive(Template)]
#[template(path = "bridge/connect.html")]
struct ConnectPage {
    frame: Frame,
    problems: Problems,
    account: String,
    /// X's page; none before somebody said which account it is about.
    place: Option<String>,
}

/// `GET /admin/channels/x/connect?account=acme`: leads to X by a link, because a page may not let forms lead to other
/// sites.
pub async fn begin(
    app: web::Data<App>,
    frame: Frame,
    _admin: Admin,
    asked: web::Query<Asked>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (Some(x), Some(session)) = (app.bridge.x_app(), session_mark(&request)) else {
        return page::with_trouble(&app, frame, "Enter the keys of your app first.".to_owned(), &request).await;
    };
    let account = asked.into_inner().account.trim().trim_start_matches('@').to_owned();
    let mut problems = Problems::default();
    if account.is_empty() {
        return Page::ok(ConnectPage { frame, problems, account, place: None }).render(&request);
    }
    if account.len() > LONGEST_HANDLE || !account.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        problems.add("account", "This is no account of X's: its name has letters, digits and _ only, as in @acme.");
        let page = ConnectPage { frame, problems, account, place: None };
        return Page::unprocessable(page).render(&request);
    }
    let (state, verifier) = (random()?, random()?);
    let state_hash = hash(&state);
    let key = app.bridge.channels.key.find().map_err(|error| error_page(SealError::from(error).into()))?;
    let sealed = key.seal(&verifier_place(&state_hash), &verifier);
    let sealed = sealed.map_err(|error| error_page(SealError::from(error).into()))?;
    let (handle, now) = (account.clone(), app.clock.now());
    app.db
        .write(move |tx| {
            let attempt = NewAttempt {
                network: Origin::X,
                state_hash: &state_hash,
                session_hash: &session,
                verifier: &sealed,
                handle: &handle,
            };
            store::insert_attempt(tx, &attempt, now.minus(PATIENCE), now)
        })
        .await?;
    let place = x.consent_url(&callback_address(&app), state.expose(), &verifier);
    let place = place.map_err(|failure| Error::Internal(failure.to_string()))?;
    Page::ok(ConnectPage { frame, problems, account, place: Some(place) }).render(&request)
}

/// What X's page sends back.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Back {
    state: String,
    code: String,
    error: String,
}

/// `GET /admin/channels/x/callback`
pub async fn end(
    app: web::Data<App>,
    frame: Frame,
    _admin: Admin,
    back: web::Query<Back>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    match connect(&app, back.into_inner(), session_mark(&request)).await? {
        Ok(place) => Ok(redirect(place)),
        Err(trouble) => page::with_trouble(&app, frame, trouble, &request).await,
    }
}

/// Where to look at the connected account, or what went wrong, in words.
async fn connect(app: &web::Data<App>, back: Back, session: Option<String>) -> Result<Result<String, String>, Error> {
    let state_hash = hash(&Secret::new(back.state));
    let (place, after) = (verifier_place(&state_hash), app.clock.now().minus(PATIENCE));
    let attempt = match session {
        Some(session) => app.db.write(move |tx| store::take_attempt(tx, &state_hash, &session, after)).await?,
        None => None,
    };
    let (Some((sealed, wanted)), Some(x)) = (attempt, app.bridge.x_app()) else {
        return Ok(Err(
            "This way back from X does not belong to a connection that was begun here, by you, in the last 15 \
                       minutes, or it was used already. Nothing was changed. Press Connect an account to begin anew."
                .to_owned(),
        ));
    };
    if back.code.is_empty() {
        return Ok(Err(not_allowed(&back.error)));
    }
    let key = app.bridge.channels.key.find().map_err(|error| error_page(SealError::from(error).into()))?;
    let verifier = key.open(&place, &sealed).map_err(|error| error_page(SealError::from(error).into()))?;
    let granted = match x.exchange(&back.code, &verifier, &callback_address(app)).await {
        Ok(granted) => granted,
        Err(error) => return Ok(Err(not_exchanged(&error))),
    };
    let tokens = Tokens {
        access: granted.access_token,
        refresh: granted.refresh_token,
        expires_at: granted.expires_at,
        scopes: granted.scopes,
    };
    take_in(app, &x, &wanted, tokens).await
}

/// Finds out whose tokens these are, and connects the account if it is the one that was meant. X lets in whoever is signed
/// in there, and what that account reads is not for staff to see.
async fn take_in(
    app: &web::Data<App>,
    x: &XApp,
    wanted: &str,
    tokens: Tokens,
) -> Result<Result<String, String>, Error> {
    let known = match x.who(&tokens.access).await {
        Ok(known) if known.account.handle.eq_ignore_ascii_case(wanted) => known,
        Ok(other) => {
            let given_back = if give_back(x, &tokens.access).await {
                ", and the access was given back."
            } else {
                ". X could not be told: take the access away in its settings, under Apps and sessions."
            };
            return Ok(Err(format!(
                "At X you were signed in as @{}, not as @{wanted}. Nothing was read or connected{given_back} Change to \
                 @{wanted} on x.com, then connect it again; or connect @{0} if that is what you want.",
                other.account.handle
            )));
        }
        Err(failure) => {
            give_back(x, &tokens.access).await;
            return Ok(Err(format!(
                "X let us in, and then did not say which account it is ({failure}). Nothing was stored. If X's credits are \
                 used up, buy some in its console; then press Connect an account again."
            )));
        }
    };
    let id = keep_account(app, known, tokens, FIRST_MODE).await.map_err(error_page)?;
    upkeep::look_for_page(app, false).await?;
    Ok(Ok(format!("{}#channel-{id}", Told::Connected.place())))
}

fn not_allowed(error: &str) -> String {
    if error == "access_denied" {
        return "On X's page, access was refused. Nothing was changed. To connect the account, press Connect an account again, \
                sign in at X as the account that people mention, and allow access."
            .to_owned();
    }
    let said: String = error.chars().filter(|c| !c.is_control()).take(100).collect();
    format!(
        "X sent you back without letting us in{}. See in X's console that the app's callback address is exactly the one \
         below and that it may read, write and use direct messages; then press Connect an account again.",
        if said.is_empty() { String::new() } else { format!(" ({said})") }
    )
}

fn not_exchanged(error: &GrantError) -> String {
    match error {
        GrantError::Refused(why) => format!(
            "X did not take the code that it gave a moment ago ({why}). A code lives 30 seconds: press Connect an account again, \
             and let the browser come back at once. If it happens again, compare the callback address in X's console with \
             the one below, letter by letter."
        ),
        GrantError::WrongClient(_) => {
            format!("{error}. Copy both from X's console again, enter them below, and connect anew.")
        }
        GrantError::NotSent(_) | GrantError::Lost(_) => {
            format!("{error}. Nothing was stored. Wait a moment, then press Connect an account again.")
        }
    }
}

/// The address to which X sends people back; it must stand in X's console letter by letter.
pub(super) fn callback_address(app: &App) -> String {
    format!("{}/admin/channels/x/callback", app.config.site.address)
}

fn verifier_place(state_hash: &str) -> String {
    format!("access_attempt.verifier:{state_hash}")
}

fn hash(state: &Secret) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(state.expose().as_bytes()))
}

/// 256 random bits.
fn random() -> Result<Secret, Error> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::Internal(format!("no random numbers: {error}")))?;
    Ok(Secret::new(BASE64_URL_SAFE_NO_PAD.encode(bytes)))
}
