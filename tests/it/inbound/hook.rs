//! Webhooks as X signs them, made by hand: for what the twin does not do, or not in this order.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::TestLoop;

pub const US: &str = "1111111111111111111";
const SECRET: &[u8] = b"consumer_secret";

/// Sends a body to the app's webhook as X does.
pub async fn send(ends: &TestLoop, body: &Value) {
    let raw = body.to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET).unwrap();
    mac.update(raw.as_bytes());
    let signature = format!("sha256={}", STANDARD.encode(mac.finalize().into_bytes()));
    let visitor = ends.visitor();
    let request =
        visitor.request(reqwest::Method::POST, "/webhooks/x").header("x-twitter-webhooks-signature", signature);
    visitor.send(request.header("content-type", "application/json").body(raw)).await.expect(200);
}

/// A post of somebody who is known to nobody else, as the payload of an event.
pub struct Told {
    pub id: &'static str,
    pub text: &'static str,
    pub versions: &'static [&'static str],
    pub parent: Option<&'static str>,
    pub by: (&'static str, &'static str),
}

pub const MARA: (&str, &str) = ("2222222222222222222", "mara_w");
pub const TOM: (&str, &str) = ("3333333333333333333", "tom_h");

/// Tells the app of a post that mentions us.
pub async fn tell(ends: &TestLoop, told: &Told) {
    let mut post = json!({
        "id": told.id, "text": told.text, "author_id": told.by.0, "created_at": "2026-07-24T21:23:23.000Z",
        "edit_history_tweet_ids": told.versions, "conversation_id": told.versions.first().unwrap_or(&told.id),
    });
    if let Some(parent) = told.parent {
        post["referenced_tweets"] = json!([{ "type": "replied_to", "id": parent }]);
    }
    let users = json!([{ "id": told.by.0, "username": told.by.1, "name": told.by.1 }]);
    let filter = json!({ "user_id": US });
    let event = if told.parent.is_some() { "post.reply.create" } else { "post.mention.create" };
    let data = json!({ "event_type": event, "filter": filter, "payload": post, "includes": { "users": users } });
    send(ends, &json!({ "data": data })).await;
}

/// Tells the app that a post was deleted.
pub async fn tell_deleted(ends: &TestLoop, id: &str) {
    let data = json!({ "event_type": "post.delete", "filter": { "user_id": US }, "payload": { "id": id } });
    send(ends, &json!({ "data": data })).await;
}
