//! `/webhooks/x`: X's challenge, and X's events. A body whose signature holds is stored as it came, and that is all:
//! reading it is the worker's work.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::app::App;
use crate::networks::x::{AppKeys, SIGNATURE_HEADER, recipient_of};
use crate::posts::Origin;
use crate::web::{Error, form};

#[derive(Deserialize)]
pub struct Challenge {
    crc_token: Option<String>,
}

/// Tokens of X are far shorter; a longer one is no challenge of X's.
const LONGEST_TOKEN: usize = 200;

/// `GET /webhooks/x?crc_token=…`: proves that we know the secret.
pub async fn challenge(app: web::Data<App>, query: web::Query<Challenge>) -> Result<HttpResponse, Error> {
    let Some(token) = query.into_inner().crc_token.filter(|token| is_challenge(token)) else {
        return Err(Error::BadRequest(
            "This address answers X's challenge: crc_token is missing, or is none.".to_owned(),
        ));
    };
    Ok(HttpResponse::Ok().content_type("application/json").body(keys(&app)?.crc(&token)))
}

/// The answer to a challenge is made with the secret that signs events, and anybody may ask for one: so nothing is
/// answered that could be an event, which is a JSON object.
fn is_challenge(token: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+/=.".contains(&byte);
    !token.is_empty() && token.len() <= LONGEST_TOKEN && token.bytes().all(plain)
}

/// `POST /webhooks/x`: one signed event.
pub async fn receive(app: web::Data<App>, request: HttpRequest, payload: web::Payload) -> Result<HttpResponse, Error> {
    let keys = keys(&app)?;
    let body = form::body(&request, &mut payload.into_inner()).await?;
    let signature = request.headers().get(SIGNATURE_HEADER).and_then(|value| value.to_str().ok());
    if !keys.verify(signature, &body) {
        return Err(Error::Forbidden("The signature does not fit the body and our secret.".to_owned()));
    }
    if serde_json::from_slice::<HashMap<String, IgnoredAny>>(&body).is_err() {
        return Err(Error::BadRequest("The body is signed, but it is no JSON object. Nothing was stored.".to_owned()));
    }
    // One address for all our accounts. Nobody is told to send again what is for none of them.
    let channel = match recipient_of(&body) {
        Some(account) => app.bridge.channel_of(Origin::X, &account),
        None => app.bridge.channels().into_iter().next(),
    };
    let Some(channel) = channel else {
        tracing::info!("a webhook for an account that is not connected was let go");
        return Ok(HttpResponse::Ok().finish());
    };
    let (id, now) = (channel.id, app.clock.now());
    app.bridge.intake.store(&app.db, id, body, now).await?;
    app.bridge.wake_inbox();
    Ok(HttpResponse::Ok().finish())
}

fn keys(app: &App) -> Result<AppKeys, Error> {
    app.bridge.app_keys().ok_or(Error::NotFound)
}
