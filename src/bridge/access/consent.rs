//! Connecting an account: the way to the network's page on which its owner lets us in, and the way back with a code.
//!
//! OAuth 2.0. State and verifier belong to one session, live fifteen minutes and count once; a code lives for seconds, so
//! it is exchanged before anything else. What a grant opens is connected at once where that is clear; else somebody
//! chooses (`choice`).

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::keys::error_page;
use super::page::{self, Told};
use super::words;
use super::{SealError, choice, give_back, keep_account, upkeep};
use crate::app::App;
use crate::bridge::store::attempts::{self, NewAttempt, Step, Way};
use crate::bridge::store::channels::Mode;
use crate::members::{Admin, MemberId, session_mark};
use crate::networks::{AppKeys, Failure, GrantError, Granted, Network, Offer, Words};
use crate::posts::Origin;
use crate::secret::Secret;
use crate::web::{Error, Frame, Page, Problems, redirect};

/// How long somebody may take on the network's page, and for a choice.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// Handles have at most 15 characters on X; a few very old ones have more.
const LONGEST_HANDLE: usize = 30;
/// Where accounts have names instead of handles: as many characters as a name may have.
const LONGEST_NAME: usize = 200;
/// Accounts that are new here show nothing to the public until an administrator says so.
const FIRST_MODE: Mode = Mode::Hold;

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    account: String,
}

/// The last page before the network's.
#[derive(Template)]
#[template(path = "bridge/connect.html")]
struct ConnectPage {
    frame: Frame,
    problems: Problems,
    origin: Origin,
    words: &'static Words,
    /// The account must be named before the network is asked.
    names_first: bool,
    /// Which account it is about; empty: whichever its owner chooses.
    account: String,
    /// The network's page; none before somebody said which account it is about.
    place: Option<String>,
}

impl ConnectPage {
    /// As people type it.
    fn home(&self) -> &'static str {
        self.words.home_url.trim_start_matches("https://")
    }
}

/// `GET /admin/channels/{network}/connect?account=acme`: leads to the network by a link, because a page may not let forms
/// lead to other sites.
pub async fn begin(
    app: web::Data<App>,
    frame: Frame,
    _admin: Admin,
    origin: web::Path<String>,
    asked: web::Query<Asked>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let origin = page::origin(&origin)?;
    let network = app.bridge.network(origin);
    let (Some(keys), Some(session)) = (app.bridge.keys(origin), session_mark(&request)) else {
        return page::with_trouble(&app, frame, words::KEYS_FIRST.to_owned(), &request).await;
    };
    let account = asked.into_inner().account.trim().trim_start_matches('@').chars().take(LONGEST_NAME).collect();
    let (words, names_first) = (network.words(), network.abilities().names_account_first);
    let mut page =
        ConnectPage { frame, problems: Problems::default(), origin, words, names_first, account, place: None };
    if names_first && page.account.is_empty() {
        return Page::ok(page).render(&request);
    }
    if names_first && !is_handle(&page.account) {
        page.problems.add("account", words::no_account(network.label()));
        return Page::unprocessable(page).render(&request);
    }
    let verifier = random()?;
    let state = note(&app, origin, Step::Consent, session, &verifier, &page.account).await?;
    let place = network.consent_url(&keys, &callback_address(&app, origin), state.expose(), &verifier);
    page.place = Some(place.map_err(|failure| Error::Internal(failure.to_string()))?);
    Page::ok(page).render(&request)
}

fn is_handle(account: &str) -> bool {
    account.len() <= LONGEST_HANDLE && account.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Notes where this session stands, with what it needs for the next step; the state that it must show then.
pub(super) async fn note(
    app: &App,
    network: Origin,
    step: Step,
    session: String,
    secret: &Secret,
    handle: &str,
) -> Result<Secret, Error> {
    let state = random()?;
    let state_hash = hash(&state);
    let key = app.bridge.channels.key.find().map_err(|error| error_page(SealError::from(error).into()))?;
    let sealed = key.seal(&secret_place(step, &state_hash), secret);
    let sealed = sealed.map_err(|error| error_page(SealError::from(error).into()))?;
    let (handle, now) = (handle.to_owned(), app.clock.now());
    app.db
        .write(move |tx| {
            let attempt = NewAttempt {
                network,
                step,
                state_hash: &state_hash,
                session_hash: &session,
                secret: &sealed,
                handle: &handle,
            };
            attempts::insert_attempt(tx, &attempt, now.minus(PATIENCE), now)
        })
        .await?;
    Ok(state)
}

/// What was noted for this state and session, with the handle; it counts once. `None`: nothing, or not any more.
pub(super) async fn take_note(
    app: &App,
    network: Origin,
    step: Step,
    session: Option<String>,
    state: &Secret,
) -> Result<Option<(Secret, String)>, Error> {
    let Some(session_hash) = session else { return Ok(None) };
    let (state_hash, after) = (hash(state), app.clock.now().minus(PATIENCE));
    let place = secret_place(step, &state_hash);
    let way = Way { network, step, state_hash, session_hash };
    let Some((sealed, handle)) = app.db.write(move |tx| attempts::take_attempt(tx, &way, after)).await? else {
        return Ok(None);
    };
    let key = app.bridge.channels.key.find().map_err(|error| error_page(SealError::from(error).into()))?;
    let secret = key.open(&place, &sealed).map_err(|error| error_page(SealError::from(error).into()))?;
    Ok(Some((secret, handle)))
}

/// The address of [`begin`] for an account.
pub(super) fn place(origin: Origin, account: &str) -> String {
    let account = utf8_percent_encode(account, NON_ALPHANUMERIC);
    format!("/admin/channels/{}/connect?account={account}", origin.as_str())
}

/// What the network's page sends back.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Back {
    state: String,
    code: String,
    error: String,
}

/// How a way back ends.
enum End {
    /// Where the connected account is looked at.
    Connected(String),
    /// Somebody must choose first.
    Choose(Vec<Offer>, Granted),
    /// What went wrong, in words.
    Trouble(String),
}

/// `GET /admin/channels/{network}/callback`
pub async fn end(
    app: web::Data<App>,
    frame: Frame,
    admin: Admin,
    origin: web::Path<String>,
    back: web::Query<Back>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let origin = page::origin(&origin)?;
    match connect(&app, origin, back.into_inner(), session_mark(&request), admin.0.id).await? {
        End::Connected(place) => Ok(redirect(place)),
        End::Choose(offers, granted) => choice::show(&app, frame, origin, offers, &granted, &request).await,
        End::Trouble(trouble) => page::with_trouble(&app, frame, trouble, &request).await,
    }
}

async fn connect(
    app: &web::Data<App>,
    origin: Origin,
    back: Back,
    session: Option<String>,
    by: MemberId,
) -> Result<End, Error> {
    let network = app.bridge.network(origin).as_ref();
    let noted = take_note(app, origin, Step::Consent, session, &Secret::new(back.state)).await?;
    let (Some((verifier, wanted)), Some(keys)) = (noted, app.bridge.keys(origin)) else {
        return Ok(End::Trouble(words::way_back_is_dead(network.label(), network.words().an_account)));
    };
    if back.code.is_empty() {
        return Ok(End::Trouble(not_allowed(network, &back.error)));
    }
    let granted = match network.exchange(&keys, &back.code, &verifier, &callback_address(app, origin)).await {
        Ok(granted) => granted,
        Err(error) => return Ok(End::Trouble(not_exchanged(network, &error))),
    };
    let offers = match network.offers(&keys, &granted).await {
        Ok(offers) => offers,
        Err(failure) => {
            give_back(network, &keys, None, &granted.access_token).await;
            return Ok(End::Trouble(unknown_account(network, &failure)));
        }
    };
    if network.abilities().names_account_first {
        return only_the_wanted(app, origin, &keys, &wanted, (offers, &granted), by).await;
    }
    let is_free = |offer: &&Offer| offer.obstacle.is_none();
    let named: Vec<&Offer> = offers.iter().filter(is_free).filter(|offer| offer.us.handle == wanted).collect();
    match (offers.as_slice(), named.as_slice()) {
        ([], _) => {
            give_back(network, &keys, None, &granted.access_token).await;
            Ok(End::Trouble(nothing_offered(network)))
        }
        // What was meant, or all that there is.
        (_, [one]) => Ok(End::Connected(take_in(app, origin, (*one).clone(), by).await?)),
        ([one], _) if one.obstacle.is_none() && wanted.is_empty() => {
            Ok(End::Connected(take_in(app, origin, one.clone(), by).await?))
        }
        _ => Ok(End::Choose(offers, granted)),
    }
}

/// Connects the account that was meant, and no other: the network lets in whoever is signed in there, and what that
/// account reads is not for staff to see.
async fn only_the_wanted(
    app: &web::Data<App>,
    origin: Origin,
    keys: &AppKeys,
    wanted: &str,
    (offers, granted): (Vec<Offer>, &Granted),
    by: MemberId,
) -> Result<End, Error> {
    let network = app.bridge.network(origin).as_ref();
    let other = offers.first().map(|offer| offer.us.handle.clone()).unwrap_or_default();
    if let Some(meant) = offers.into_iter().find(|offer| offer.us.handle.eq_ignore_ascii_case(wanted)) {
        return Ok(End::Connected(take_in(app, origin, meant, by).await?));
    }
    let (label, words) = (network.label(), network.words());
    let given_back = if give_back(network, keys, None, &granted.access_token).await {
        words::GIVEN_BACK.to_owned()
    } else {
        words::not_told(label, words.take_away)
    };
    let home = words.home_url.trim_start_matches("https://");
    Ok(End::Trouble(words::signed_in_as_another(label, &other, wanted, &given_back, home)))
}

/// Connects an account, and looks at it; where it is shown.
pub(super) async fn take_in(app: &web::Data<App>, origin: Origin, offer: Offer, by: MemberId) -> Result<String, Error> {
    let id = keep_account(app, origin, offer, FIRST_MODE, by).await.map_err(error_page)?;
    upkeep::look_for_page(app, &[origin], false).await?;
    Ok(format!("{}#channel-{id}", Told::Connected.place(origin)))
}

fn not_allowed(network: &dyn Network, error: &str) -> String {
    let (label, words) = (network.label(), network.words());
    if error == "access_denied" {
        let who = if network.abilities().names_account_first { words::AS_THE_ACCOUNT } else { "" };
        return words::refused(label, words.an_account, who);
    }
    let said: String = error.chars().filter(|c| !c.is_control()).take(100).collect();
    let said = if said.is_empty() { said } else { format!(" ({said})") };
    words::not_let_in(label, &said, words.console, words.must_have, words.an_account)
}

fn not_exchanged(network: &dyn Network, error: &GrantError) -> String {
    let (label, Words { console, an_account, .. }) = (network.label(), network.words());
    match error {
        GrantError::Refused { why, .. } => words::code_not_taken(label, why, an_account, console),
        GrantError::WrongClient { .. } => words::copy_both_again(error, console),
        GrantError::NotSent { .. } | GrantError::Lost { .. } => words::wait_and_connect(error, an_account),
    }
}

fn unknown_account(network: &dyn Network, failure: &Failure) -> String {
    let (label, words) = (network.label(), network.words());
    let credits = match network.abilities().has_prices {
        true => words::buy_credits(label),
        false => words::WAIT_A_MOMENT.to_owned(),
    };
    words::account_unknown(label, failure, &credits, words.an_account)
}

fn nothing_offered(network: &dyn Network) -> String {
    let (label, words) = (network.label(), network.words());
    words::nothing_offered(label, words.an_account, words.must_have)
}

/// The address to which a network sends people back; it must stand in its console letter by letter.
pub(super) fn callback_address(app: &App, origin: Origin) -> String {
    format!("{}/admin/channels/{}/callback", app.identity.now().address, origin.as_str())
}

/// A sealed secret opens at its own step alone.
fn secret_place(step: Step, state_hash: &str) -> String {
    format!("access_attempt.{}:{state_hash}", step.as_str())
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
