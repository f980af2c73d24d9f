//! What our app does at X for itself: OAuth 2.0 with PKCE for an account, its own bearer, its webhook and the activity
//! subscriptions. None of it belongs to the limits or the bill of one account.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use reqwest::Url;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::network::LABEL;
use super::wire::Id;
use super::words;
use super::{XNetwork, length, outcome};
use crate::clock::Millis;
use crate::networks::http::{Answer, NoAnswer};
use crate::networks::{AppKeys, Failure, GrantError, Granted, Mend, Us};
use crate::secret::Secret;

/// What we ask an account's owner for.
pub const SCOPES: [&str; 7] =
    ["tweet.read", "tweet.write", "users.read", "offline.access", "media.write", "dm.read", "dm.write"];

const BODY_LIMIT: usize = 1024 * 1024;

/// Our app's connection to X.
#[derive(Clone, Copy, Debug)]
pub struct XApp<'a> {
    pub x: &'a XNetwork,
    pub keys: &'a AppKeys,
}

/// What X says of the account that a token stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub us: Us,
    /// The longest post that it may write, in weighted characters.
    pub longest_post: usize,
}

/// Our address at X.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    pub id: String,
    pub url: String,
    /// X found it in order when it last looked.
    pub is_valid: bool,
}

/// One kind of event of one account that X sends to a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    pub id: String,
    pub event_type: String,
    pub user_id: Option<String>,
    pub webhook_id: Option<String>,
}

impl XApp<'_> {
    /// X's page on which the owner of an account lets us in. `verifier` stays here until the code comes back.
    pub fn consent_url(&self, redirect_uri: &str, state: &str, verifier: &Secret) -> Result<String, Failure> {
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose().as_bytes()));
        let mut url = address(&self.x.place.web_url, &["i", "oauth2", "authorize"])?;
        url.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &self.keys.client_id),
            ("redirect_uri", redirect_uri),
            ("scope", &SCOPES.join(" ")),
            ("state", state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        // A plus would be read as one by a page that decodes only percent signs.
        url.set_query(url.query().map(|query| query.replace('+', "%20")).as_deref());
        Ok(url.into())
    }

    /// The tokens for a code, which lives 30 seconds.
    pub async fn exchange(&self, code: &str, verifier: &Secret, redirect_uri: &str) -> Result<Granted, GrantError> {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier.expose()),
        ];
        self.grant(&fields).await
    }

    /// New tokens for a refresh token, which is used up by this.
    pub async fn refresh(&self, refresh_token: &Secret) -> Result<Granted, GrantError> {
        self.grant(&[("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose())]).await
    }

    /// Whether X knows our client id and secret: it is shown a refresh token that it never gave, so nothing is used up.
    pub async fn knows_client(&self) -> Result<(), GrantError> {
        match self.refresh(&Secret::new("never-given")).await {
            Ok(_) | Err(GrantError::Refused { .. }) => Ok(()),
            Err(other) => Err(other),
        }
    }

    /// The account that a token stands for.
    pub async fn who(&self, token: &Secret) -> Result<Known, Failure> {
        let mut url = address(&self.x.place.base_url, &["2", "users", "me"])?;
        url.query_pairs_mut().append_pair("user.fields", "subscription_type,verified_type");
        let body = self.success(self.x.http.get(&url, Some(token), BODY_LIMIT).await)?;
        body.get("data").and_then(read_known).ok_or_else(unreadable)
    }

    /// Gives an account's access back.
    pub async fn revoke(&self, token: &Secret) -> Result<(), Failure> {
        let answer = self.ask_token("revoke", &[("token", token.expose())]).await;
        let answer = answer.map_err(|error| Failure::Unavailable(error.to_string()))?;
        if answer.status == 200 { Ok(()) } else { Err(outcome::of_read(&answer, self.x.clock.now())) }
    }

    /// The app's own token, for the key and secret; the one way to find out whether they are right.
    pub async fn bearer(&self) -> Result<Secret, Failure> {
        #[derive(Deserialize)]
        struct Bearer {
            access_token: Secret,
        }
        let url = address(&self.x.place.base_url, &["oauth2", "token"])?;
        let no_key = || Failure::ChannelBroken(Mend::EnterKeys, words::API_KEY_MISSING.to_owned());
        let key = self.keys.api_key.as_ref().ok_or_else(no_key)?;
        let basic = (key.expose(), &self.keys.signing_secret);
        let answer =
            self.x.http.post_form(&url, Some(basic), &[("grant_type", "client_credentials")], BODY_LIMIT).await;
        let body = self.success(answer)?;
        let bearer: Bearer = serde_json::from_value(body).map_err(|_| unreadable())?;
        Ok(bearer.access_token)
    }

    pub async fn webhooks(&self) -> Result<Vec<Webhook>, Failure> {
        let url = address(&self.x.place.base_url, &["2", "webhooks"])?;
        let body = self.success(self.x.http.get(&url, Some(self.app_token()?), BODY_LIMIT).await)?;
        Ok(list(&body, read_webhook))
    }

    /// Makes X call this address, which must answer its challenge at once.
    pub async fn register_webhook(&self, hook: &str) -> Result<Webhook, Failure> {
        let url = address(&self.x.place.base_url, &["2", "webhooks"])?;
        let wanted = json!({ "url": hook });
        let body = self.success(self.x.http.post(&url, Some(self.app_token()?), &wanted, BODY_LIMIT).await)?;
        body.get("data").and_then(read_webhook).ok_or_else(unreadable)
    }

    /// Makes X look at a webhook again; whether it found it in order.
    pub async fn check_webhook(&self, id: &str) -> Result<bool, Failure> {
        let url = address(&self.x.place.base_url, &["2", "webhooks", id])?;
        let body = self.success(self.x.http.put(&url, Some(self.app_token()?), BODY_LIMIT).await)?;
        Ok(body.pointer("/data/valid").and_then(Value::as_bool).unwrap_or(false))
    }

    pub async fn delete_webhook(&self, id: &str) -> Result<(), Failure> {
        let url = address(&self.x.place.base_url, &["2", "webhooks", id])?;
        self.success(self.x.http.delete(&url, Some(self.app_token()?), BODY_LIMIT).await).map(drop)
    }

    pub async fn subscriptions(&self) -> Result<Vec<Subscription>, Failure> {
        let url = address(&self.x.place.base_url, &["2", "activity", "subscriptions"])?;
        let body = self.success(self.x.http.get(&url, Some(self.app_token()?), BODY_LIMIT).await)?;
        Ok(list(&body, read_subscription))
    }

    /// Asks X to send one kind of event of an account to a webhook; the account's own token is its owner's consent.
    pub async fn subscribe(&self, event: &str, account: &str, token: &Secret, webhook: &str) -> Result<(), Failure> {
        let url = address(&self.x.place.base_url, &["2", "activity", "subscriptions"])?;
        let wanted = json!({
            "event_type": event, "filter": { "user_id": account }, "tag": "answerwell", "webhook_id": webhook,
        });
        self.success(self.x.http.post(&url, Some(token), &wanted, BODY_LIMIT).await).map(drop)
    }

    pub async fn unsubscribe(&self, id: &str) -> Result<(), Failure> {
        let url = address(&self.x.place.base_url, &["2", "activity", "subscriptions", id])?;
        self.success(self.x.http.delete(&url, Some(self.app_token()?), BODY_LIMIT).await).map(drop)
    }

    /// Asks X to send the events of a time (at most the last 24 hours) once more.
    pub async fn replay(&self, webhook: &str, from: Millis, to: Millis) -> Result<(), Failure> {
        let url = address(&self.x.place.base_url, &["2", "webhooks", "replay"])?;
        let wanted = json!({ "webhook_id": webhook, "from_date": minute(from), "to_date": minute(to) });
        self.success(self.x.http.post(&url, Some(self.app_token()?), &wanted, BODY_LIMIT).await).map(drop)
    }

    async fn grant(&self, fields: &[(&str, &str)]) -> Result<Granted, GrantError> {
        #[derive(Deserialize)]
        struct Body {
            access_token: Secret,
            refresh_token: Option<Secret>,
            expires_in: Option<u64>,
            #[serde(default)]
            scope: String,
        }
        let network = LABEL;
        let answer = match self.ask_token("token", fields).await {
            Ok(answer) => answer,
            Err(NoAnswer::NeverLeft(why)) => return Err(GrantError::NotSent { network, why }),
            Err(NoAnswer::MaybeSent(why)) => return Err(GrantError::Lost { network, why }),
        };
        match answer.status {
            200 => {
                let body: Body = serde_json::from_slice(&answer.body)
                    .map_err(|_| GrantError::Lost { network, why: words::NOT_X_JSON.to_owned() })?;
                let life = body.expires_in.map(std::time::Duration::from_secs);
                Ok(Granted {
                    access_token: body.access_token,
                    refresh_token: body.refresh_token,
                    expires_at: life.map(|life| self.x.clock.now().plus(life)),
                    scopes: body.scope,
                })
            }
            401 => Err(GrantError::WrongClient { network, why: objection(&answer) }),
            400 | 403 if is_json(&answer) => Err(GrantError::Refused { network, why: objection(&answer) }),
            // Turned away before it was read.
            403 | 429 => Err(GrantError::NotSent { network, why: words::it_answered(answer.status) }),
            status => Err(GrantError::Lost { network, why: words::it_answered(status) }),
        }
    }

    async fn ask_token(&self, what: &str, fields: &[(&str, &str)]) -> Result<Answer, NoAnswer> {
        let url = address(&self.x.place.base_url, &["2", "oauth2", what]);
        let url = url.map_err(|error| NoAnswer::NeverLeft(error.to_string()))?;
        let id = self.keys.client_id.as_str();
        match &self.keys.client_secret {
            Some(secret) => self.x.http.post_form(&url, Some((id, secret)), fields, BODY_LIMIT).await,
            None => self.x.http.post_form(&url, None, &[fields, &[("client_id", id)]].concat(), BODY_LIMIT).await,
        }
    }

    fn app_token(&self) -> Result<&Secret, Failure> {
        let missing = || Failure::ChannelBroken(Mend::EnterKeys, words::NO_APP_TOKEN.to_owned());
        self.keys.app_token.as_ref().ok_or_else(missing)
    }

    /// The JSON of a success, or what the failure means.
    fn success(&self, answer: Result<Answer, NoAnswer>) -> Result<Value, Failure> {
        let answer = answer.map_err(|error| Failure::Unavailable(error.to_string()))?;
        if !(200..300).contains(&answer.status) {
            return Err(outcome::of_read(&answer, self.x.clock.now()));
        }
        serde_json::from_slice(&answer.body).map_err(|_| unreadable())
    }
}

fn address(base: &str, path: &[&str]) -> Result<Url, Failure> {
    let wrong = || Failure::ChannelBroken(Mend::Connect, words::base_is_no_address(base));
    let mut url = Url::parse(base).map_err(|_| wrong())?;
    url.path_segments_mut().map_err(|()| wrong())?.pop_if_empty().extend(path);
    Ok(url)
}

fn unreadable() -> Failure {
    Failure::Unavailable(words::NOT_ITS_JSON.to_owned())
}

fn is_json(answer: &Answer) -> bool {
    serde_json::from_slice::<Value>(&answer.body).is_ok_and(|body| body.is_object())
}

/// What a token endpoint says is wrong; its words differ from those of the rest of the API.
fn objection(answer: &Answer) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let said = body["error_description"].as_str().or(body["error"].as_str()).unwrap_or(words::NO_REASON);
    said.chars().filter(|c| !c.is_control()).take(200).collect()
}

fn list<T>(body: &Value, read: fn(&Value) -> Option<T>) -> Vec<T> {
    body["data"].as_array().into_iter().flatten().filter_map(read).collect()
}

fn id_of(value: &Value) -> Option<String> {
    Id::deserialize(value).ok().map(|Id(id)| id)
}

fn read_known(value: &Value) -> Option<Known> {
    let us = Us { id: id_of(&value["id"])?, handle: value["username"].as_str()?.to_owned() };
    let longest_post = length::longest(value["subscription_type"].as_str(), value["verified_type"].as_str());
    Some(Known { us, longest_post })
}

fn read_webhook(value: &Value) -> Option<Webhook> {
    let url = value["url"].as_str()?.to_owned();
    Some(Webhook { id: id_of(&value["id"])?, url, is_valid: value["valid"].as_bool().unwrap_or(false) })
}

fn read_subscription(value: &Value) -> Option<Subscription> {
    let id = id_of(&value["subscription_id"]).or_else(|| id_of(&value["id"]))?;
    Some(Subscription {
        id,
        event_type: value["event_type"].as_str()?.to_owned(),
        user_id: id_of(&value["filter"]["user_id"]),
        webhook_id: id_of(&value["webhook_id"]),
    })
}

/// `202611220930`, in UTC.
fn minute(at: Millis) -> String {
    at.to_rfc3339().chars().filter(char::is_ascii_digit).take(12).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_written_as_x_reads_them() {
        assert_eq!(minute(Millis::parse_rfc3339("2026-11-22T09:30:59.999Z").unwrap()), "202611220930");
    }
}
