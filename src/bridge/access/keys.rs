//! `/admin/channels/{network}/keys`: the keys of our app on a network. They are tried at once, sealed, and never shown
//! again; a field that is left empty keeps what it had. A signing secret that changes leaves the earlier one good until
//! somebody ends that.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::page::{self, Told};
use super::words;
use super::{keep_keys, upkeep};
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::bridge::ConnectError;
use crate::bridge::store::apps;
use crate::members::{Admin, Posted};
use crate::networks::{AppKeys, Key, KeyField, Network};
use crate::secret::Secret;
use crate::web::{Error, Frame, Problems, redirect};

/// The networks' keys have at most half of this.
const LONGEST_KEY: usize = 200;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct KeysForm {
    pub client_id: String,
    pub client_secret: String,
    pub api_key: String,
    pub signing_secret: String,
    /// `yes`: the network lets our staff answer private messages for longer than others.
    pub may_answer_late: String,
    /// `yes`: the key that sealed the secrets is lost for good.
    pub anew: String,
}

impl KeysForm {
    fn typed(&self, key: Key) -> &str {
        match key {
            Key::ClientId => &self.client_id,
            Key::ClientSecret => &self.client_secret,
            Key::ApiKey => &self.api_key,
            Key::SigningSecret => &self.signing_secret,
        }
    }
}

/// The name of a key's field in the form.
pub(super) fn name_of(key: Key) -> &'static str {
    match key {
        Key::ClientId => "client_id",
        Key::ClientSecret => "client_secret",
        Key::ApiKey => "api_key",
        Key::SigningSecret => "signing_secret",
    }
}

/// `POST /admin/channels/{network}/keys`
pub async fn set(
    app: web::Data<App>,
    frame: Frame,
    origin: web::Path<String>,
    posted: Posted<Admin, KeysForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let origin = page::origin(&origin)?;
    let network = app.bridge.network(origin).as_ref();
    let mut problems = Problems::default();
    let keys = read(&posted.form, network, app.bridge.keys(origin).as_ref(), &mut problems);
    let Some(mut keys) = keys.filter(|_| problems.is_empty()) else {
        return page::again(&app, frame, origin, posted.form, problems, &request).await;
    };
    for (key, words) in network.try_keys(&mut keys).await {
        problems.add(name_of(key), words);
    }
    if !problems.is_empty() {
        return page::again(&app, frame, origin, posted.form, problems, &request).await;
    }
    let (anew, next_look) = (posted.form.anew == "yes", app.clock.now().plus(upkeep::EVERY));
    match keep_keys(&app, origin, keys, anew, next_look, posted.by.0.id).await {
        Ok(()) => {}
        Err(ConnectError::Seal(error)) => {
            problems.add("anew", words::nothing_stored(error));
            return page::again(&app, frame, origin, posted.form, problems, &request).await;
        }
        Err(other) => return Err(error_page(other)),
    }
    upkeep::look_for_page(&app, &[origin], false).await?;
    Ok(redirect(Told::Saved.place(origin)))
}

/// `POST /admin/channels/{network}/rotated`: only the newer signing secret counts from now on.
pub async fn end_rotation(app: web::Data<App>, origin: web::Path<String>, admin: Admin) -> Result<HttpResponse, Error> {
    let (origin, now) = (page::origin(&origin)?, app.clock.now());
    app.db
        .write(move |tx| {
            apps::forget_earlier_secret(tx, origin)?;
            let line = Entry::new(admin.0.id, Act::Channel, format!("network-{}", origin.as_str()), now);
            audit::record(tx, &Entry { words: "only the newer signing secret counts".to_owned(), ..line })
        })
        .await?;
    app.bridge.reload(&app.db).await?;
    Ok(redirect(Told::Saved.place(origin)))
}

/// What was typed, and for the rest what is known.
fn read(form: &KeysForm, network: &dyn Network, known: Option<&AppKeys>, problems: &mut Problems) -> Option<AppKeys> {
    let fields = network.key_fields();
    let label = fields.iter().find(|field| field.key == Key::ClientId).map_or("client ID", |field| field.label);
    let client_id = problems.text("client_id", &format!("The {label}"), &form.client_id, LONGEST_KEY);
    let mut secret_of = |key: Key, known: Option<&Secret>| {
        let field = fields.iter().find(|field| field.key == key)?;
        entered(form, field, network, known, problems)
    };
    let client_secret = secret_of(Key::ClientSecret, known.and_then(|keys| keys.client_secret.as_ref()));
    let api_key = secret_of(Key::ApiKey, known.and_then(|keys| keys.api_key.as_ref()));
    let signing_secret = secret_of(Key::SigningSecret, known.map(|keys| &keys.signing_secret))?;
    let earlier_signing_secret = match known {
        Some(keys) if keys.signing_secret != signing_secret => Some(keys.signing_secret.clone()),
        Some(keys) => keys.earlier_signing_secret.clone(),
        None => None,
    };
    let may_answer_late = network.words().late_answers.is_some() && form.may_answer_late == "yes";
    let app_token = None;
    Some(AppKeys {
        client_id,
        client_secret,
        api_key,
        signing_secret,
        earlier_signing_secret,
        app_token,
        may_answer_late,
    })
}

/// A secret that was typed, or else the known one; `None`: there is neither, which is a problem if it is needed.
fn entered(
    form: &KeysForm,
    field: &KeyField,
    network: &dyn Network,
    known: Option<&Secret>,
    problems: &mut Problems,
) -> Option<Secret> {
    let (name, typed) = (name_of(field.key), form.typed(field.key).trim());
    let (label, console) = (network.label(), network.words().console);
    if typed.len() > LONGEST_KEY || !typed.bytes().all(|byte| byte.is_ascii_graphic()) {
        let words = words::no_key(label, console);
        problems.add(name, words);
        return None;
    }
    let found = (!typed.is_empty()).then(|| Secret::new(typed)).or_else(|| known.cloned());
    if found.is_none() && field.is_needed {
        problems.add(name, words::key_missing(field.label, console));
    }
    found
}

/// What cannot be sealed only an administrator can mend, and here one is.
pub(super) fn error_page(error: ConnectError) -> Error {
    match error {
        ConnectError::Db(error) => error.into(),
        ConnectError::Seal(error) => {
            tracing::error!(%error, "a secret cannot be sealed: {error}");
            Error::BadRequest(words::nothing_stored(error))
        }
        ConnectError::Client(error) => Error::Internal(error.to_string()),
    }
}
