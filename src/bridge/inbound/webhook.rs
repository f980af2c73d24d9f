//! `/webhooks/{network}`: a network's question whether this address is ours, and its events. A body whose signature holds
//! is stored as it came, in a part for each account that it is for, and that is all: reading it is the worker's work.

use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};

use super::words;
use crate::app::App;
use crate::bridge::ChannelId;
use crate::bridge::access::hook_address;
use crate::bridge::store::apps;
use crate::networks::{AppKeys, NoProof, Part};
use crate::posts::Origin;
use crate::web::{Error, form};

/// `GET /webhooks/{network}?…`: proves that we know what only we and the network know.
pub async fn challenge(
    app: web::Data<App>,
    origin: web::Path<String>,
    query: web::Query<Vec<(String, String)>>,
) -> Result<HttpResponse, Error> {
    let (origin, keys) = known(&app, &origin)?;
    let network = app.bridge.network(origin);
    let proof = network.prove(&keys, &query).map_err(|no_proof| match no_proof {
        NoProof::NotAChallenge => Error::BadRequest(words::no_challenge(network.label())),
        NoProof::Stranger => Error::Forbidden(words::WRONG_VERIFY_TOKEN.to_owned()),
    })?;
    // Only who shows the token is known to be the network; where it shows none, we ask it how it finds the address.
    if network.hook_token(&keys).is_some() {
        let (hook, now) = (hook_address(&app, origin), app.clock.now());
        app.db
            .write(move |tx| {
                apps::mark_hook_valid(tx, origin, &hook, now)?;
                // Whoever entered the address there looks here next.
                apps::set_upkeep_due(tx, origin, now)
            })
            .await?;
    }
    Ok(HttpResponse::Ok().content_type(proof.media_type).body(proof.body))
}

/// `POST /webhooks/{network}`: one signed body.
pub async fn receive(
    app: web::Data<App>,
    origin: web::Path<String>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Error> {
    let (origin, keys) = known(&app, &origin)?;
    let network = app.bridge.network(origin);
    let body = form::body(&request, &mut payload.into_inner()).await?;
    let signature = request.headers().get(network.signature_header()).and_then(|value| value.to_str().ok());
    if !network.is_genuine(&keys, signature, &body) {
        return Err(Error::Forbidden(words::WRONG_SIGNATURE.to_owned()));
    }
    let parts = network.parts(&body).map_err(|error| Error::BadRequest(words::body_unreadable(error.0)))?;
    let (now, total) = (app.clock.now(), parts.len());
    let ours: Vec<(ChannelId, Bytes)> = parts.into_iter().filter_map(|part| addressed(&app, origin, part)).collect();
    // Nobody is told to send again what is for none of our accounts.
    if ours.len() < total {
        let (network, parts) = (origin.as_str(), total - ours.len());
        tracing::info!(network, parts, "a webhook of {network} for an account that is not connected was let go");
    }
    if !ours.is_empty() {
        app.bridge.intake.store(&app.db, ours, now).await?;
        app.bridge.wake_inbox();
    }
    Ok(HttpResponse::Ok().finish())
}

/// The channel that a part is for, with its body.
fn addressed(app: &App, origin: Origin, part: Part) -> Option<(ChannelId, Bytes)> {
    let channel = match &part.account {
        Some(account) => app.bridge.channel_of(origin, account),
        None => app.bridge.channels().into_iter().find(|channel| channel.origin == origin),
    };
    Some((channel?.id, Bytes::from(part.body)))
}

/// The network that an address names, if our app is there.
fn known(app: &App, name: &str) -> Result<(Origin, AppKeys), Error> {
    let origin = Origin::parse(name).ok_or(Error::NotFound)?;
    Ok((origin, app.bridge.keys(origin).ok_or(Error::NotFound)?))
}
