//! Choosing among the accounts that a grant opens, where its owner let us into several, or where something hinders.
//!
//! What was granted waits sealed for fifteen minutes, for this session and one choice; the network is asked again then, so
//! that nothing is connected that it does not offer at that moment.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::consent::{note, take_in, take_note};
use super::page;
use super::words;
use crate::app::App;
use crate::bridge::store::attempts::Step;
use crate::clock::Millis;
use crate::members::{Admin, Posted, session_mark};
use crate::networks::{Granted, Offer, Words};
use crate::posts::Origin;
use crate::secret::Secret;
use crate::web::{Error, Frame, Page, redirect};

#[derive(Template)]
#[template(path = "bridge/choose.html")]
struct ChoosePage {
    frame: Frame,
    origin: Origin,
    words: &'static Words,
    offers: Vec<Offer>,
    /// The accounts that are connected already, by their ids.
    connected: Vec<String>,
    state: String,
}

impl ChoosePage {
    fn is_connected(&self, offer: &Offer) -> bool {
        self.connected.contains(&offer.us.id)
    }

    fn none_can_be(&self) -> bool {
        self.offers.iter().all(|offer| offer.obstacle.is_some())
    }
}

/// The page on which somebody chooses.
pub(super) async fn show(
    app: &App,
    frame: Frame,
    origin: Origin,
    offers: Vec<Offer>,
    granted: &Granted,
    request: &HttpRequest,
) -> Result<HttpResponse, Error> {
    let session = session_mark(request).ok_or_else(|| Error::BadRequest(words::SIGN_IN_AGAIN.to_owned()))?;
    let state = note(app, origin, Step::Choice, session, &written(granted), "").await?;
    let channels = app.bridge.channels();
    let connected = offers.iter().filter(|offer| {
        channels.iter().any(|channel| channel.origin == origin && channel.account.us().id == offer.us.id)
    });
    let connected = connected.map(|offer| offer.us.id.clone()).collect();
    let words = app.bridge.network(origin).words();
    let page = ChoosePage { frame, origin, words, offers, connected, state: state.expose().to_owned() };
    Page::ok(page).render(request)
}

#[derive(Deserialize)]
pub struct Choice {
    state: String,
    account: String,
}

/// `POST /admin/channels/{network}/choose`
pub async fn choose(
    app: web::Data<App>,
    frame: Frame,
    origin: web::Path<String>,
    posted: Posted<Admin, Choice>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let origin = page::origin(&origin)?;
    let network = app.bridge.network(origin);
    let (label, an_account) = (network.label(), network.words().an_account);
    let Posted { by: Admin(by), form: Choice { state, account }, .. } = posted;
    let noted = take_note(&app, origin, Step::Choice, session_mark(&request), &Secret::new(state)).await?;
    let granted = noted.and_then(|(granted, _)| read(&granted));
    let (Some(granted), Some(keys)) = (granted, app.bridge.keys(origin)) else {
        let trouble = words::choice_is_dead(an_account);
        return page::with_trouble(&app, frame, trouble, &request).await;
    };
    let trouble = match network.offers(&keys, &granted).await {
        Ok(offers) => match offers.into_iter().find(|offer| offer.us.id == account) {
            Some(Offer { us, obstacle: Some(obstacle), .. }) => {
                words::cannot_be_connected(&origin.name_of(&us.handle), &obstacle)
            }
            Some(offer) => return Ok(redirect(take_in(&app, origin, offer, by.id).await?)),
            None => words::no_longer_offered(label, an_account),
        },
        Err(failure) => words::not_asked_once_more(label, failure, an_account),
    };
    page::with_trouble(&app, frame, trouble, &request).await
}

/// What was granted, as it is sealed.
fn written(granted: &Granted) -> Secret {
    let text = json!({
        "access_token": granted.access_token.expose(),
        "refresh_token": granted.refresh_token.as_ref().map(Secret::expose),
        "expires_at": granted.expires_at.map(|at| at.0),
        "scopes": granted.scopes,
    });
    Secret::new(text.to_string())
}

fn read(written: &Secret) -> Option<Granted> {
    #[derive(Deserialize)]
    struct Written {
        access_token: Secret,
        refresh_token: Option<Secret>,
        expires_at: Option<i64>,
        scopes: String,
    }
    let Written { access_token, refresh_token, expires_at, scopes } = serde_json::from_str(written.expose()).ok()?;
    Some(Granted { access_token, refresh_token, expires_at: expires_at.map(Millis), scopes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_granted_is_read_as_it_was_written() {
        let granted = Granted {
            access_token: Secret::new("a token"),
            refresh_token: None,
            expires_at: Some(Millis(1_795_341_600_000)),
            scopes: "pages_show_list pages_messaging".to_owned(),
        };
        let again = read(&written(&granted)).unwrap();
        assert_eq!((again.access_token, again.refresh_token), (granted.access_token, None));
        assert_eq!((again.expires_at, again.scopes), (granted.expires_at, granted.scopes));
        assert!(read(&Secret::new("anything else")).is_none());
    }
}
