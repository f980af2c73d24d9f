//! Letting the app in: the consent page, codes and tokens, scopes, and how it ends.

use std::time::Duration;

use answerwell::sim::x::SCOPES;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use reqwest::header::LOCATION;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::webhooks::Receiver;
use super::{APP, CLIENT_ID, CLIENT_SECRET, CONSUMER_KEY, Reply, SECRET, Stage, USER, answered};

const VERIFIER: &str = "a-verifier-that-is-at-least-forty-three-characters-long";
const CALLBACK: &str = "http://127.0.0.1:9/admin/channels/x/callback";
const WISH: &str = "tweet.read users.read tweet.write offline.access";

impl Stage {
    fn wish<'a>(&self, challenge: &'a str) -> Vec<(&'a str, &'a str)> {
        vec![
            ("response_type", "code"),
            ("client_id", CLIENT_ID),
            ("redirect_uri", CALLBACK),
            ("scope", WISH),
            ("state", "s t&te"),
            ("code_challenge", challenge),
            ("code_challenge_method", "S256"),
        ]
    }

    /// Sends the consent form as a browser does; gives where it leads.
    async fn decide(&self, handle: &str, decision: &str) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let mut form = self.wish(&challenge);
        form.extend([("as", handle), ("decision", decision)]);
        let sent = self.http.post(format!("{}/i/oauth2/authorize", self.base)).header("sec-fetch-site", "same-origin");
        let reply = answered(sent.form(&form)).await;
        assert_eq!(reply.status, 303, "{}", reply.body);
        reply.headers[LOCATION].to_str().unwrap().to_owned()
    }

    async fn code(&self, handle: &str) -> String {
        let back = reqwest::Url::parse(&self.decide(handle, "allow").await).unwrap();
        let said: Vec<(String, String)> = back.query_pairs().into_owned().collect();
        assert_eq!(said[0], ("state".to_owned(), "s t&te".to_owned()));
        assert_eq!(said[1].0, "code");
        said[1].1.clone()
    }

    async fn token(&self, form: &[(&str, &str)]) -> Reply {
        let sent = self.http.post(format!("{}/2/oauth2/token", self.base));
        answered(sent.basic_auth(CLIENT_ID, Some(CLIENT_SECRET)).form(form)).await
    }

    async fn exchange(&self, code: &str, verifier: &str, redirect: &str) -> Reply {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect),
            ("code_verifier", verifier),
        ];
        self.token(&form).await
    }

    async fn refresh(&self, token: &str) -> Reply {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    async fn me(&self, token: &str) -> Reply {
        answered(self.request(Method::GET, "/2/users/me", token)).await
    }
}

fn word(reply: &Reply, key: &str) -> String {
    reply.body[key].as_str().unwrap_or_else(|| panic!("no {key} in {}", reply.body)).to_owned()
}

#[actix_web::test]
async fn any_user_lets_the_app_in_through_the_page() {
    let stage = Stage::open().await;
    let query = serde_urlencoded::to_string(stage.wish("challenge")).unwrap();
    let page = answered(stage.http.get(format!("{}/i/oauth2/authorize?{query}", stage.base))).await;
    assert!(page.status == 200 && page.body.as_str().unwrap().contains("Acme forum wants to access"));
    assert!(
        page.headers["content-security-policy"].to_str().unwrap().contains("form-action 'self' http://127.0.0.1:9;")
    );
    assert!(stage.decide("brandnew", "refuse").await.ends_with("state=s+t%26te&error=access_denied"));

    let code = stage.code("@brandnew").await;
    let given = stage.exchange(&code, VERIFIER, CALLBACK).await;
    assert_eq!((given.status, &given.body["token_type"], &given.body["scope"]), (200, &json!("bearer"), &json!(WISH)));
    assert_eq!(given.body["expires_in"], 7200);
    let me = stage.me(&word(&given, "access_token")).await;
    assert_eq!((me.status, &me.body["data"]["username"]), (200, &json!("brandnew")));
    assert_eq!(stage.exchange(&code, VERIFIER, CALLBACK).await.status, 400, "a code works once");

    // It acts for itself, and only X's rules hold for it.
    let summons = stage.says("jo", "@brandnew help", None);
    let reply = json!({"text": "On it", "reply": {"in_reply_to_tweet_id": summons}});
    let sent = stage.request(Method::POST, "/2/tweets", &word(&given, "access_token")).json(&reply);
    assert_eq!(answered(sent).await.status, 201);
    assert_eq!(stage.twin.replies_to(&summons)[0].handle, "brandnew");
    assert_eq!(stage.reply(&summons, "Me too").await.status, 403, "acme was not asked");
}

#[actix_web::test]
async fn codes_are_for_whoever_asked_for_them_and_for_half_a_minute() {
    let stage = Stage::open().await;
    let code = stage.code("jo").await;
    for (verifier, redirect, said) in [
        ("another-verifier-that-is-also-long-enough-for-everybody", CALLBACK, "code verifier"),
        (VERIFIER, "http://127.0.0.1:9/elsewhere", "redirect uri"),
    ] {
        let refused = stage.exchange(&code, verifier, redirect).await;
        assert_eq!((refused.status, &refused.body["error"]), (400, &json!("invalid_request")));
        assert!(word(&refused, "error_description").contains(said), "{}", refused.body);
    }
    stage.clock.advance(Duration::from_secs(31));
    assert!(word(&stage.exchange(&code, VERIFIER, CALLBACK).await, "error_description").contains("authorization code"));
    let code = stage.code("jo").await;
    stage.clock.advance(Duration::from_secs(29));
    assert_eq!(stage.exchange(&code, VERIFIER, CALLBACK).await.status, 200);

    let form = [("grant_type", "authorization_code"), ("client_id", CLIENT_ID)];
    let token = format!("{}/2/oauth2/token", stage.base);
    assert_eq!(word(&answered(stage.http.post(&token).form(&form)).await, "error"), "unauthorized_client");
    let wrong = stage.http.post(&token).basic_auth(CLIENT_ID, Some("wrong")).form(&form);
    assert_eq!(answered(wrong).await.status, 401);
    for (key, value) in [("client_id", "x"), ("state", ""), ("redirect_uri", "elsewhere"), ("scope", "rain.make")] {
        let mut wish = stage.wish("challenge");
        wish.retain(|(known, _)| *known != key);
        wish.push((key, value));
        let page = answered(stage.http.get(format!("{}/i/oauth2/authorize", stage.base)).query(&wish)).await;
        assert!(page.status == 400 && page.body.as_str().unwrap().contains("able to give access"), "{key}");
    }
}

#[actix_web::test]
async fn a_refresh_gives_new_tokens_and_ends_the_old_ones() {
    let stage = Stage::open().await;
    let first = stage.twin.grant("jo", &SCOPES).unwrap();
    let old = first.refresh_token.unwrap();
    stage.clock.advance(Duration::from_secs(first.expires_in));
    let expired = stage.me(&first.access_token).await;
    let unauthorized = json!({"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"});
    assert_eq!((expired.status, expired.body), (401, unauthorized));
    let renewed = stage.refresh(&old).await;
    let (access, refresh) = (word(&renewed, "access_token"), word(&renewed, "refresh_token"));
    assert_eq!(stage.me(&access).await.status, 200);
    let again = stage.refresh(&old).await;
    assert_eq!((again.status, word(&again, "error").as_str()), (400, "invalid_request"));
    assert_eq!(stage.me(&access).await.status, 200, "a used refresh token costs nothing else");
    let restarted = stage.reopen().unwrap();
    assert_eq!(restarted.expire_access("jo").unwrap(), 1, "the grant is in the journal");
    let third = stage.refresh(&refresh).await;
    assert_eq!(third.status, 200);
    assert_eq!(stage.me(&access).await.status, 401, "only the newest access token opens");
    assert!(stage.twin.grant("jo", &["tweet.read"]).unwrap().refresh_token.is_none());
}

#[actix_web::test]
async fn a_grant_opens_what_it_names_until_it_is_taken_back() {
    let stage = Stage::open().await;
    let receiver = Receiver::default();
    let url = receiver.listen();
    let created = answered(stage.request(Method::POST, "/2/webhooks", APP).json(&json!({ "url": url }))).await;
    let body = json!({"event_type": "oauth.revoke", "filter": {}, "webhook_id": created.body["data"]["id"]});
    assert_eq!(answered(stage.request(Method::POST, "/2/activity/subscriptions", APP).json(&body)).await.status, 200);
    let reader = stage.twin.grant("jo", &["tweet.read", "users.read"]).unwrap().access_token;
    assert_eq!(stage.me(&reader).await.status, 200);
    let refused = answered(stage.request(Method::POST, "/2/tweets", &reader).json(&json!({"text": "hi"}))).await;
    assert_eq!((refused.status, &refused.body["detail"]), (403, &json!("Forbidden")));

    let writer = stage.twin.grant("jo", &SCOPES).unwrap();
    let revoke = stage.http.post(format!("{}/2/oauth2/revoke", stage.base));
    let revoke = revoke.basic_auth(CLIENT_ID, Some(CLIENT_SECRET)).form(&[("token", &writer.access_token)]);
    assert_eq!(answered(revoke).await.body, json!({"revoked": true}));
    assert_eq!(stage.me(&writer.access_token).await.status, 401);
    assert_eq!(stage.refresh(&writer.refresh_token.unwrap()).await.status, 400);
    assert_eq!(stage.me(&reader).await.status, 200, "the other grant stands");

    let page = format!("{}/settings/connected_apps/jo/revoke", stage.base);
    assert_eq!(answered(stage.http.post(page)).await.status, 303);
    assert_eq!(stage.me(&reader).await.status, 401);
    assert_eq!(stage.me(USER).await.status, 200, "acme's own token is not jo's");
    let told = receiver.wait_for(1).await;
    assert_eq!(told[0]["data"]["event_type"], "oauth.revoke");
    assert_eq!(told.len(), 1, "only what the user did is told");
}

#[actix_web::test]
async fn the_app_gets_its_bearer_for_key_and_secret() {
    let stage = Stage::open().await;
    let bearer = async |key: &str, secret: &str| {
        let sent = stage.http.post(format!("{}/oauth2/token", stage.base)).basic_auth(key, Some(secret));
        answered(sent.form(&[("grant_type", "client_credentials")])).await
    };
    assert_eq!(bearer(CONSUMER_KEY, SECRET).await.body, json!({"token_type": "bearer", "access_token": APP}));
    let refused = bearer(CONSUMER_KEY, "wrong").await;
    assert_eq!((refused.status, &refused.body["errors"][0]["code"]), (403, &json!(99)));
    stage.twin.rotate_consumer_secret("next").unwrap();
    assert_eq!(bearer(CONSUMER_KEY, SECRET).await.status, 403);
    assert_eq!(bearer(CONSUMER_KEY, "next").await.status, 200);
}
