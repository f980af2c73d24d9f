//! What a person decides: about a delivery that cannot go on by itself, and about a request for removal.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::words;
use crate::app::App;
use crate::audit::{self, Entry};
use crate::bridge::inbound::remove;
use crate::bridge::outbound::{self, Decision};
use crate::bridge::{DeliveryId, RequestId};
use crate::db::DbError;
use crate::members::{Posted, Staff};
use crate::web::frame::local_path;
use crate::web::{Error, redirect};

const LONGEST_LINK: usize = 500;

#[derive(Deserialize)]
pub struct Deciding {
    act: Act,
    /// Where it stands on the network, if they say.
    #[serde(default)]
    link: String,
    back: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Act {
    Posted,
    SendAgain,
    Withdraw,
}

/// `POST /desk/deliveries/{id}`
pub async fn about_delivery(
    app: web::Data<App>,
    id: web::Path<DeliveryId>,
    posted: Posted<Staff, Deciding>,
) -> Result<HttpResponse, Error> {
    let (id, now) = (id.into_inner(), app.clock.now());
    let Posted { by, form, .. } = posted;
    let decision = match form.act {
        Act::Posted => {
            let url = check_link(&form.link)?;
            Decision::Posted { remote_id: url.as_deref().and_then(|url| app.bridge.id_in_link(url)), url }
        }
        Act::SendAgain => Decision::SendAgain,
        Act::Withdraw => Decision::Withdraw,
    };
    let words = match form.act {
        Act::Posted => "posted by hand",
        Act::SendAgain => "send again",
        Act::Withdraw => "withdraw",
    };
    let decided = app
        .db
        .write(move |tx| {
            let decided = outbound::decide(tx, id, decision, by.0.id, now)?;
            if decided.is_ok() {
                let line = Entry::new(by.0.id, audit::Act::DecideDelivery, format!("delivery-{id}"), now);
                audit::record(tx, &Entry { words: words.to_owned(), ..line })?;
            }
            Ok::<_, DbError>(decided)
        })
        .await?;
    app.bridge.wake_outbox();
    let back = local_path(form.back.as_deref()).split('?').next().unwrap_or("/desk/deliveries");
    Ok(redirect(match decided {
        Ok(()) => format!("{back}#delivery-{id}"),
        Err(_) => format!("{back}?faster=1#delivery-{id}"),
    }))
}

/// The address of one post, or nothing.
fn check_link(text: &str) -> Result<Option<String>, Error> {
    let link = text.trim();
    if link.is_empty() {
        return Ok(None);
    }
    let is_address = link.starts_with("https://") || link.starts_with("http://");
    if !is_address || link.len() > LONGEST_LINK || link.contains(|c: char| c.is_whitespace() || c.is_control()) {
        let how = words::NO_ADDRESS_OF_A_POST;
        return Err(Error::BadRequest(how.to_owned()));
    }
    Ok(Some(link.to_owned()))
}

#[derive(Deserialize)]
pub struct Settling {
    act: Settle,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Settle {
    Remove,
    Keep,
}

/// `POST /desk/removals/{id}`
pub async fn about_removal(
    app: web::Data<App>,
    id: web::Path<RequestId>,
    posted: Posted<Staff, Settling>,
) -> Result<HttpResponse, Error> {
    let (id, now, by) = (id.into_inner(), app.clock.now(), posted.by.0.id);
    let is_removed = matches!(posted.form.act, Settle::Remove);
    app.db
        .write(move |tx| {
            if remove::settle(tx, id, is_removed, by, now)? {
                let words = if is_removed { "removed" } else { "kept" }.to_owned();
                let line = Entry::new(by, audit::Act::DecideRemoval, format!("removal-{id}"), now);
                audit::record(tx, &Entry { words, ..line })?;
            }
            Ok::<_, DbError>(())
        })
        .await?;
    Ok(redirect("/desk/removals"))
}
