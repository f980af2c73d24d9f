//! How an app gets its tokens, what Facebook says of them, and every way in which they end.

use std::time::Duration;

use answerwell::sim::facebook::{End, SCOPES, Task};
use reqwest::Method;
use reqwest::header::LOCATION;
use serde_json::{Value, json};

use super::{APP, NOW, OWNER, PAGE, Reply, SECRET, Stage, answered};

const BACK: &str = "https://forum.example/connect/facebook";

impl Stage {
    /// The dialog as a browser sends it back.
    async fn decide(&self, who: &str, pages: &[u64], decision: &str) -> Reply {
        let (app, scope) = (APP.to_string(), SCOPES.join(","));
        let mut form = vec![
            ("client_id", app),
            ("redirect_uri", BACK.to_owned()),
            ("scope", scope),
            ("state", "s1".to_owned()),
            ("as", who.to_owned()),
            ("decision", decision.to_owned()),
        ];
        form.extend(pages.iter().map(|page| ("page", page.to_string())));
        form.extend(SCOPES.iter().map(|scope| ("allowed", (*scope).to_owned())));
        let request = self.http.post(format!("{}/v25.0/dialog/oauth", self.base));
        answered(request.header("sec-fetch-site", "same-origin").form(&form)).await
    }

    async fn give(&self, query: &[(&str, &str)]) -> Reply {
        let app = APP.to_string();
        let known = [("client_id", app.as_str()), ("client_secret", SECRET)];
        let url = format!("{}/v25.0/oauth/access_token", self.base);
        answered(self.http.get(url).query(&known).query(query)).await
    }

    async fn debug(&self, token: &str) -> Value {
        let app = format!("{APP}|{SECRET}");
        let reply = answered(self.request(Method::GET, &format!("/debug_token?input_token={token}"), &app)).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.body["data"].clone()
    }
}

fn code_of(reply: &Reply) -> String {
    let location = reply.headers[LOCATION].to_str().unwrap();
    assert!(location.starts_with(BACK) && location.contains("state=s1") && location.ends_with("#_=_"), "{location}");
    location.split("code=").nth(1).unwrap().split(['&', '#']).next().unwrap().to_owned()
}

#[actix_web::test]
async fn a_code_becomes_a_short_token_a_long_one_and_the_pages() {
    let stage = Stage::open().await;
    let ask = format!(
        "{}/v25.0/dialog/oauth?client_id={APP}&redirect_uri={BACK}&state=s1&scope={}",
        stage.base,
        SCOPES.join(",")
    );
    let page = answered(stage.http.get(&ask)).await;
    let html = page.body.as_str().unwrap().to_owned();
    assert!(page.status == 200 && html.contains("forum.example") && html.contains("Olga Owner"), "{html}");
    for wrong in [
        ask.replace("client_id=1", "client_id=9"),
        ask.replace("https://forum", "nowhere"),
        ask.replace("pages_messaging", "pages_everything"),
    ] {
        assert_eq!(answered(stage.http.get(&wrong)).await.status, 400, "{wrong}");
    }

    let code = code_of(&stage.decide("olga", &[PAGE], "allow").await);
    let exchange = [("redirect_uri", BACK), ("code", code.as_str())];
    let other = stage.give(&[("redirect_uri", "https://forum.example/"), ("code", &code)]).await;
    assert_eq!(other.code(), (100, Some(36_008)));
    let short = stage.give(&exchange).await;
    assert_eq!((short.status, &short.body["token_type"]), (200, &json!("bearer")), "{}", short.body);
    assert_eq!(stage.give(&exchange).await.code(), (100, Some(36_009)), "a code works once");
    let short = short.body["access_token"].as_str().unwrap().to_owned();
    let long = stage.give(&[("grant_type", "fb_exchange_token"), ("fb_exchange_token", &short)]).await;
    assert_eq!(long.body["expires_in"], 60 * 24 * 3600);
    let long = long.body["access_token"].as_str().unwrap().to_owned();

    let me = answered(stage.request(Method::GET, "/me", &long)).await;
    assert_eq!(me.body, json!({"name": "Olga Owner", "id": OWNER.to_string()}));
    let path = "/me/accounts?fields=id,name,access_token,tasks";
    let accounts = answered(stage.request(Method::GET, path, &long)).await.body;
    let account = &accounts["data"][0];
    assert_eq!((&account["id"], &account["name"]), (&json!(PAGE.to_string()), &json!("Acme")));
    let tasks = ["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"];
    assert_eq!(account["tasks"], json!(tasks));
    let token = account["access_token"].as_str().unwrap().to_owned();
    let again = answered(stage.request(Method::GET, path, &long)).await.body;
    assert_eq!(again["data"][0]["access_token"], token.as_str());
    assert_eq!(answered(stage.request(Method::GET, "/me", &token)).await.body["name"], "Acme");

    let said = stage.debug(&token).await;
    assert_eq!((&said["type"], &said["is_valid"], &said["expires_at"]), (&json!("PAGE"), &json!(true), &json!(0)));
    assert_eq!((&said["profile_id"], &said["app_id"]), (&json!(PAGE.to_string()), &json!(APP.to_string())));
    assert_eq!(said["data_access_expires_at"], NOW.0 / 1000 + 90 * 24 * 3600);
    assert_eq!(said["granular_scopes"][0]["target_ids"], json!([PAGE.to_string()]));
    assert_eq!(stage.debug(&long).await["expires_at"], NOW.0 / 1000 + 60 * 24 * 3600);
    assert_eq!(stage.debug("nonsense").await["is_valid"], false);
    let permissions = answered(stage.request(Method::GET, "/me/permissions", &long)).await.body;
    assert_eq!(permissions["data"].as_array().unwrap().len(), SCOPES.len());
}

#[actix_web::test]
async fn a_refusal_a_stranger_and_a_wrong_secret_get_nothing() {
    let stage = Stage::open().await;
    let refused = stage.decide("olga", &[PAGE], "refuse").await;
    let location = refused.headers[LOCATION].to_str().unwrap();
    assert!(location.contains("error=access_denied") && location.contains("error_reason=user_denied"), "{location}");
    let stranger = stage.decide("jo", &[PAGE], "allow").await;
    assert!(stranger.status == 422 && stranger.body.as_str().unwrap().contains("has no role on that page"));
    assert_eq!(stage.decide("nobody", &[PAGE], "allow").await.status, 422);
    let none = code_of(&stage.decide("jo", &[], "allow").await);
    let token = stage.give(&[("redirect_uri", BACK), ("code", &none)]).await.body["access_token"].clone();
    let accounts = answered(stage.request(Method::GET, "/me/accounts", token.as_str().unwrap())).await;
    assert_eq!(accounts.body, json!({"data": []}));

    let old = code_of(&stage.decide("olga", &[PAGE], "allow").await);
    stage.clock.advance(Duration::from_secs(601));
    assert_eq!(stage.give(&[("redirect_uri", BACK), ("code", &old)]).await.code(), (100, Some(36_007)));
    let url = format!("{}/v25.0/oauth/access_token?client_id={APP}&client_secret=wrong&code=x", stage.base);
    assert_eq!(answered(stage.http.get(url)).await.code(), (1, None));
    let url = format!("{}/v25.0/oauth/access_token?client_id=7&client_secret={SECRET}&code=x", stage.base);
    assert_eq!(answered(stage.http.get(url)).await.code(), (101, None));
}

#[actix_web::test]
async fn short_tokens_end_and_the_pages_tokens_with_them() {
    let stage = Stage::open().await;
    let code = code_of(&stage.decide("olga", &[PAGE], "allow").await);
    let short = stage.give(&[("redirect_uri", BACK), ("code", &code)]).await.body["access_token"].clone();
    let short = short.as_str().unwrap();
    let accounts = answered(stage.request(Method::GET, "/me/accounts", short)).await.body;
    let page = accounts["data"][0]["access_token"].as_str().unwrap();
    assert_ne!(stage.debug(page).await["expires_at"], 0);
    stage.clock.advance(Duration::from_secs(91 * 60));
    for token in [short, page] {
        assert_eq!(answered(stage.request(Method::GET, "/me", token)).await.code(), (190, Some(463)));
    }
    let said = stage.debug(page).await;
    assert_eq!((&said["is_valid"], &said["error"]["subcode"]), (&json!(false), &json!(463)));
    let long = stage.give(&[("grant_type", "fb_exchange_token"), ("fb_exchange_token", short)]).await;
    assert_eq!(long.code(), (190, Some(463)));
}

#[actix_web::test]
async fn tokens_end_in_every_way_of_facebook() {
    let stage = Stage::open().await;
    for end in End::ALL.into_iter().filter(|end| *end != End::RoleLost) {
        let granted = stage.twin.grant("olga", &SCOPES).unwrap();
        stage.twin.end_tokens("olga", end).unwrap();
        for token in [&granted.user_token, &granted.page_token] {
            let reply = answered(stage.request(Method::GET, "/me", token)).await;
            assert_eq!((reply.status, reply.code()), (400, (190, Some(end.subcode()))));
        }
    }
    stage.twin.person("ann", "Ann").unwrap();
    stage.twin.set_role("ann", "acme", &[Task::Moderate]).unwrap();
    let granted = stage.twin.grant("ann", &SCOPES).unwrap();
    stage.twin.set_role("ann", "acme", &[]).unwrap();
    let page = answered(stage.request(Method::GET, "/me", &granted.page_token)).await;
    assert_eq!(page.code(), (190, Some(492)));
    assert_eq!(answered(stage.request(Method::GET, "/me", &granted.user_token)).await.status, 200);
    let given_back = answered(stage.request(Method::DELETE, "/me/permissions", &granted.user_token)).await;
    assert_eq!(given_back.body, json!({"success": true}));
    let after = answered(stage.request(Method::GET, "/me", &granted.user_token)).await;
    assert_eq!(after.code(), (190, Some(458)));
}
