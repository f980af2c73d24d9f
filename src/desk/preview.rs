//! The outgoing text before it goes: counted by the network's rule and shown as it will appear. `POST /desk/count` does
//! it while one types.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::attach::Attaching;
use super::words;
use crate::app::App;
use crate::bridge::outbound::Target;
use crate::bridge::{Bridge, ChannelId, Path};
use crate::members::{Posted, Staff};
use crate::posts::{Called, Origin};
use crate::web::Error;

/// A text as it will stand on the network.
#[derive(Template)]
#[template(path = "desk/preview.html")]
pub struct Preview {
    /// Ours; none: no account of ours is connected.
    account: Option<Called>,
    /// Whom it answers.
    to: Called,
    text: String,
    /// The hashes of what goes along.
    pictures: Vec<String>,
    /// The network bills a post with a link dearer.
    is_dear: bool,
}

impl Preview {
    pub(super) fn to(bridge: &Bridge, target: &Target, text: &str, pictures: &Attaching) -> Self {
        let (to, by_api) = (target.to.clone(), target.path == Path::Api);
        let preview = Self::of(bridge, target.channel_id, target.origin, to, by_api, text);
        Self { pictures: pictures.shown().map(|slot| slot.hash.clone()).collect(), ..preview }
    }

    fn of(bridge: &Bridge, channel: ChannelId, origin: Origin, to: Called, by_api: bool, text: &str) -> Self {
        Self {
            account: bridge.account_of(channel),
            to,
            text: text.trim().to_owned(),
            pictures: Vec::new(),
            is_dear: by_api && bridge.abilities(origin).has_prices && bridge.holds_link(origin, text),
        }
    }
}

/// The address that counts a text for this target; with it the server shows the whole preview anew.
pub(super) fn count_url(target: &Target, pictures: &Attaching) -> String {
    let by = if target.path == Path::Api { "api" } else { "hand" };
    let to = if target.to.is_named() { target.to.letters() } else { "" };
    let to = percent_encoding::utf8_percent_encode(to, percent_encoding::NON_ALPHANUMERIC);
    let pictures: Vec<&str> = pictures.shown().map(|slot| slot.hash.as_str()).collect();
    let (channel, origin, pictures) = (target.channel_id, target.origin.as_str(), pictures.join("-"));
    format!("/desk/count?channel={channel}&origin={origin}&to={to}&by={by}&pictures={pictures}")
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Towards {
    channel: i64,
    origin: String,
    to: String,
    by: String,
    /// Hashes, with hyphens between them.
    pictures: String,
}

#[derive(Deserialize)]
pub struct Counting {
    text: String,
}

/// `POST /desk/count`: `{used, limit, over, preview_html}` of the field `text`.
pub async fn count(
    app: web::Data<App>,
    towards: web::Query<Towards>,
    posted: Posted<Staff, Counting>,
) -> Result<HttpResponse, Error> {
    let Towards { channel, origin, to, by, pictures } = towards.into_inner();
    let Some(origin) = Origin::parse(&origin) else {
        return Err(Error::BadRequest(words::no_network(&origin)));
    };
    let text = crate::web::form::clean(&posted.form.text);
    let length = app.bridge.length(ChannelId(channel), &text);
    let is_hash = |one: &&str| one.len() == 64 && one.bytes().all(|byte| byte.is_ascii_hexdigit());
    let pictures = pictures.split('-').filter(is_hash).map(str::to_owned).collect();
    let to = origin.called(&to, "");
    let preview = Preview::of(&app.bridge, ChannelId(channel), origin, to, by == "api", &text);
    let preview = Preview { pictures, ..preview }.render()?;
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(serde_json::json!({
        "used": length.used,
        "limit": length.limit,
        "over": !length.fits(),
        "preview_html": preview,
    })))
}
