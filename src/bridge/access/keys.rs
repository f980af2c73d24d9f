//! `/admin/channels/x/keys`: the keys of our app at X. They are tried at once, sealed, and never shown again; a field that
//! is left empty keeps what it had. A consumer secret that changes leaves the earlier one good until somebody ends that.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::page::{self, Told};
use super::{keep_keys, upkeep};
use crate::app::App;
use crate::bridge::ConnectError;
use crate::bridge::store::access as store;
use crate::members::{Admin, Posted};
use crate::networks::Failure;
use crate::networks::x::{AppKeys, GrantError};
use crate::posts::Origin;
use crate::secret::Secret;
use crate::web::{Error, Frame, Problems, redirect};

/// X's keys have at most half of this.
const LONGEST_KEY: usize = 200;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct KeysForm {
    pub client_id: String,
    pub client_secret: String,
    pub api_key: String,
    pub api_key_secret: String,
    /// `yes`: the key that sealed the secrets is lost for good.
    pub anew: String,
}

/// `POST /admin/channels/x/keys`
pub async fn set(
    app: web::Data<App>,
    frame: Frame,
    posted: Posted<Admin, KeysForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let mut problems = Problems::default();
    let keys = read(&posted.form, app.bridge.app_keys().as_ref(), &mut problems);
    let Some(mut keys) = keys.filter(|_| problems.is_empty()) else {
        return page::again(&app, frame, posted.form, problems, &request).await;
    };
    let x = app.bridge.x_app_with(keys.clone());
    if let Err(error @ GrantError::WrongClient(_)) = x.knows_client().await {
        problems
            .add("client_id", format!("{error}. Copy both from X's console once more, and enter the secrets again."));
    }
    match x.bearer().await {
        Ok(bearer) => keys.bearer_token = Some(bearer),
        // They are tried again until X says something.
        Err(Failure::Unavailable(_) | Failure::RetryAfter(_)) => {}
        Err(failure) => {
            problems.add(
                "api_key",
                format!(
                    "X does not accept this API key with this secret ({failure}). Copy both from X's console once more, \
                     and enter the secrets again: making new ones there ends the old ones."
                ),
            );
        }
    }
    if !problems.is_empty() {
        return page::again(&app, frame, posted.form, problems, &request).await;
    }
    let (anew, next_look) = (posted.form.anew == "yes", app.clock.now().plus(upkeep::EVERY));
    match keep_keys(&app, keys, anew, next_look).await {
        Ok(()) => {}
        Err(ConnectError::Seal(error)) => {
            problems.add("anew", format!("Nothing was stored: {error}."));
            return page::again(&app, frame, posted.form, problems, &request).await;
        }
        Err(other) => return Err(error_page(other)),
    }
    upkeep::look_for_page(&app, false).await?;
    Ok(redirect(Told::Saved.place()))
}

/// `POST /admin/channels/x/rotated`: only the newer consumer secret counts from now on.
pub async fn end_rotation(app: web::Data<App>, _admin: Admin) -> Result<HttpResponse, Error> {
    app.db.write(|tx| store::forget_earlier_secret(tx, Origin::X)).await?;
    app.bridge.reload(&app.db).await?;
    Ok(redirect(Told::Saved.place()))
}

/// What was typed, and for the rest what is known.
fn read(form: &KeysForm, known: Option<&AppKeys>, problems: &mut Problems) -> Option<AppKeys> {
    let client_id = problems.text("client_id", "The client ID", &form.client_id, LONGEST_KEY);
    let client_secret = secret(problems, "client_secret", &form.client_secret)
        .or_else(|| known.and_then(|keys| keys.client_secret.clone()));
    let mut needed = |field, name: &str, typed: &str, known: Option<&Secret>| {
        let found = secret(problems, field, typed).or_else(|| known.cloned());
        if found.is_none() && problems.of(field).is_none() {
            problems.add(field, format!("{name} is missing. X's console shows it once, when it is made."));
        }
        found
    };
    let consumer_key = needed("api_key", "The API key", &form.api_key, known.map(|keys| &keys.consumer_key))?;
    let before = known.map(|keys| &keys.consumer_secret);
    let consumer_secret = needed("api_key_secret", "The API key secret", &form.api_key_secret, before)?;
    let earlier_consumer_secret = match known {
        Some(keys) if keys.consumer_secret != consumer_secret => Some(keys.consumer_secret.clone()),
        Some(keys) => keys.earlier_consumer_secret.clone(),
        None => None,
    };
    Some(AppKeys {
        client_id,
        client_secret,
        consumer_key,
        consumer_secret,
        earlier_consumer_secret,
        bearer_token: None,
    })
}

/// A secret that was typed; `None`: the field is empty, or what it holds is none.
fn secret(problems: &mut Problems, field: &'static str, typed: &str) -> Option<Secret> {
    let typed = typed.trim();
    if typed.len() > LONGEST_KEY || !typed.bytes().all(|byte| byte.is_ascii_graphic()) {
        problems
            .add(field, "This is no key of X's: they are short, and have no spaces. Copy it from X's console again.");
        return None;
    }
    (!typed.is_empty()).then(|| Secret::new(typed))
}

/// What cannot be sealed only an administrator can mend, and here one is.
pub(super) fn error_page(error: ConnectError) -> Error {
    match error {
        ConnectError::Db(error) => error.into(),
        ConnectError::Seal(error) => {
            tracing::error!(%error, "a secret cannot be sealed: {error}");
            Error::BadRequest(format!("Nothing was stored: {error}."))
        }
        ConnectError::Client(error) => Error::Internal(error.to_string()),
    }
}
