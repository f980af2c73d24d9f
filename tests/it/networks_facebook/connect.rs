//! How a page is connected, and what is found out about its connection.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use answerwell::networks::{
    AccountState, Addressee, AppState, Finding, GrantError, Granted, Key, Looked, Network, Stretch, Timeline,
};
use answerwell::secret::Secret;
use answerwell::sim::facebook::{End, FIELDS, Task, With};
use serde_json::json;

use super::{APP, HOUR, NOW, PAGE, SECRET, Stage, keys, network, seat};

const BACK: &str = "https://forum.example/channels/facebook/back";

impl Stage {
    /// The owner says yes in the dialog that we send them to; the code that comes back.
    async fn consents(&self, who: &str, pages: &[u64]) -> String {
        let url = self.network.consent_url(&self.keys, BACK, "s1", &Secret::new("verifier")).unwrap();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let page = http.get(&url).send().await.unwrap();
        assert_eq!(page.status(), 200, "{url}");
        let asked = reqwest::Url::parse(&url).unwrap();
        let mut form: Vec<(String, String)> = asked.query_pairs().into_owned().collect();
        let scopes = form.iter().find(|(name, _)| name == "scope").unwrap().1.clone();
        form.extend([("as".to_owned(), who.to_owned()), ("decision".to_owned(), "allow".to_owned())]);
        form.extend(pages.iter().map(|page| ("page".to_owned(), page.to_string())));
        form.extend(scopes.split(',').map(|scope| ("allowed".to_owned(), scope.to_owned())));
        let posted = http.post(asked.as_str().split('?').next().unwrap()).header("sec-fetch-site", "same-origin");
        let answer = posted.form(&form).send().await.unwrap();
        let back = answer.headers()["location"].to_str().unwrap().to_owned();
        assert!(back.starts_with(BACK) && back.contains("state=s1"), "{back}");
        back.split("code=").nth(1).unwrap().split(['&', '#']).next().unwrap().to_owned()
    }

    async fn exchange(&self, code: &str) -> Result<Granted, GrantError> {
        self.network.exchange(&self.keys, code, &Secret::new("verifier"), BACK).await
    }

    async fn look(&self) -> Vec<Finding> {
        self.network.look_at_account(&self.keys, self.page.as_ref(), &account_state(self)).await.findings
    }
}

fn account_state(stage: &Stage) -> AccountState {
    let now = stage.clock.now();
    AccountState { now, scopes: String::new(), webhook_id: None, thorough: true, first_today: true }
}

fn app_state(hook: &str, valid: Option<&str>) -> AppState {
    AppState {
        now: NOW,
        hook: hook.to_owned(),
        webhook_id: None,
        valid_hook: valid.map(|hook| (hook.to_owned(), NOW)),
        events_until: None,
        begins: false,
        nobody_listens: false,
        thorough: true,
    }
}

#[track_caller]
fn finding(findings: &[Finding], what: Looked) -> &Finding {
    findings.iter().find(|finding| finding.what == what).unwrap_or_else(|| panic!("no {what:?} among {findings:?}"))
}

#[actix_web::test]
async fn an_owner_says_yes_and_each_page_comes_with_its_own_access() {
    let stage = Stage::open().await;
    let other = stage.twin.page("gadgets", "Gadgets", "olga").unwrap();
    let granted = stage.exchange(&stage.consents("olga", &[PAGE, other]).await).await.unwrap();
    assert!(granted.refresh_token.is_none());
    assert_eq!(granted.expires_at.unwrap(), NOW.plus(60 * 24 * HOUR), "the long-lived token");
    let offers = stage.network.offers(&stage.keys, &granted).await.unwrap();
    let names: Vec<_> = offers.iter().map(|offer| (offer.us.id.clone(), offer.us.handle.clone())).collect();
    assert_eq!(names, [(PAGE.to_string(), "Acme".to_owned()), (other.to_string(), "Gadgets".to_owned())]);
    let acme = &offers[0];
    assert_eq!((&acme.obstacle, acme.longest_post), (&None, None));
    assert_ne!(acme.granted.access_token, granted.access_token, "the page's own");
    assert_eq!(acme.granted.expires_at, Some(NOW.plus(90 * 24 * HOUR)), "our access to data ends before");
    assert!(acme.granted.scopes.split(' ').any(|scope| scope == "pages_manage_engagement"), "{}", acme.granted.scopes);
    let page = stage.seat(acme.granted.access_token.expose(), Some(keys()));
    let me = page.me().await.unwrap();
    assert_eq!((me.id, me.name), (PAGE.to_string(), "Acme".to_owned()));
}

#[actix_web::test]
async fn a_page_that_somebody_may_not_speak_for_says_what_to_do() {
    let stage = Stage::open().await;
    stage.twin.person("ann", "Ann Lyst").unwrap();
    for (tasks, words) in [
        (vec![Task::Analyze], "write, moderate or answer"),
        (vec![Task::CreateContent, Task::Moderate], "private messages"),
        (vec![Task::Messaging], "write and moderate"),
    ] {
        stage.twin.set_role("ann", "acme", &tasks).unwrap();
        let granted = stage.exchange(&stage.consents("ann", &[PAGE]).await).await.unwrap();
        let offers = stage.network.offers(&stage.keys, &granted).await.unwrap();
        let obstacle = offers[0].obstacle.clone().unwrap();
        assert!(obstacle.contains(words) && obstacle.contains("full control"), "{obstacle}");
    }
}

#[actix_web::test]
async fn what_is_wrong_with_keys_and_codes_is_said() {
    let stage = Stage::open().await;
    assert_eq!(stage.network.try_keys(&mut keys()).await, []);
    let wrong = |id: &str, secret: &str| {
        let mut keys = keys();
        (keys.client_id, keys.signing_secret) = (id.to_owned(), Secret::new(secret));
        keys
    };
    let found = stage.network.try_keys(&mut wrong("77", SECRET)).await;
    assert_eq!(found[0].0, Key::ClientId, "{found:?}");
    let found = stage.network.try_keys(&mut wrong(&APP.to_string(), "guess")).await;
    assert_eq!(found[0].0, Key::SigningSecret, "{found:?}");

    assert!(matches!(stage.exchange("nonsense").await, Err(GrantError::Refused { .. })));
    let code = stage.consents("olga", &[PAGE]).await;
    let verifier = Secret::new("verifier");
    let by = async |keys| stage.network.exchange(&keys, &code, &verifier, BACK).await;
    assert!(matches!(by(wrong("77", SECRET)).await, Err(GrantError::WrongClient { .. })));
    assert!(matches!(by(wrong(&APP.to_string(), "guess")).await, Err(GrantError::WrongClient { .. })));
    let elsewhere = stage.network.exchange(&keys(), &code, &verifier, "https://evil.example/").await;
    assert!(matches!(elsewhere, Err(GrantError::Refused { .. })), "{elsewhere:?}");
    assert!(by(keys()).await.is_ok(), "none of these used the code up");
    assert!(matches!(by(keys()).await, Err(GrantError::Refused { .. })), "a code is good for one use");
    let renewed = stage.network.renew(&keys(), &verifier).await;
    assert!(matches!(renewed, Err(GrantError::Refused { .. })), "there is nothing to renew with");

    let nowhere = network("http://127.0.0.1:9", &stage.clock);
    assert_eq!(nowhere.try_keys(&mut keys()).await, [], "what cannot be asked finds nothing wrong");
    let unsent = nowhere.exchange(&keys(), &code, &verifier, BACK).await;
    assert!(matches!(unsent, Err(GrantError::NotSent { .. })), "{unsent:?}");
}

#[actix_web::test]
async fn events_that_meta_ended_without_a_word_are_asked_for_again() {
    let stage = Stage::open().await;
    let events = stage.look().await;
    assert!(finding(&events, Looked::Events).is_good, "{events:?}");
    let heard = stage.twin.subscribed();
    for field in ["feed", "mention", "messages", "message_echoes", "message_edits", "messaging_postbacks"] {
        assert!(heard.iter().any(|known| known == field), "{heard:?}");
    }
    assert!(finding(&stage.look().await, Looked::Events).words.contains("Facebook sends what happens"));
    stage.twin.drop_subscription().unwrap();
    let again = stage.look().await;
    assert!(finding(&again, Looked::Events).words.contains("again"), "{again:?}");
    assert!(!stage.twin.subscribed().is_empty());

    stage.network.give_back(&keys(), Some(&PAGE.to_string()), stage.page.access_token()).await.unwrap();
    assert_eq!(stage.twin.subscribed(), Vec::<String>::new(), "what was given back is not heard of");

    let told = stage.twin.grant("olga", &["pages_manage_metadata", "pages_read_engagement"]).unwrap();
    let page = stage.seat(&told.page_token, Some(keys()));
    let look = stage.network.look_at_account(&keys(), page.as_ref(), &account_state(&stage)).await;
    assert!(finding(&look.findings, Looked::Events).is_good, "{look:?}");
    assert_eq!(stage.twin.subscribed(), ["feed", "mention"], "without the permission for messages");
    let lacking = finding(&look.findings, Looked::Permissions);
    assert!(!lacking.is_good && lacking.words.contains("pages_messaging"), "{lacking:?}");
    assert_eq!(look.scopes.as_deref(), Some("pages_manage_metadata pages_read_engagement"));
}

#[actix_web::test]
async fn an_access_that_ends_is_announced_and_one_that_ended_is_named() {
    let stage = Stage::open().await;
    let findings = stage.look().await;
    let names: Vec<String> = findings.iter().map(|finding| finding.what.to_string()).collect();
    assert_eq!(names, ["Access", "Renewal", "Permissions", "Events"]);
    assert!(findings.iter().all(|finding| finding.is_good), "{findings:?}");
    assert!(finding(&findings, Looked::Renewal).words.contains("does not end"));

    let granted = stage.twin.grant("olga", &["pages_read_engagement"]).unwrap();
    let page = stage.seat(&granted.page_token, Some(keys()));
    let look = async || stage.network.look_at_account(&keys(), page.as_ref(), &account_state(&stage)).await;
    let fresh = look().await;
    assert_eq!((fresh.works, fresh.expires_at), (true, Some(Some(NOW.plus(90 * 24 * HOUR)))));
    assert!(finding(&fresh.findings, Looked::Renewal).is_good);
    stage.clock.advance(77 * 24 * HOUR);
    let late = look().await;
    assert!(finding(&late.findings, Looked::Renewal).words.contains("ends in 13 days"), "{late:?}");

    for (end, words) in [(End::PasswordChanged, "password"), (End::AppRemoved, "authorized")] {
        let granted = stage.twin.grant("olga", &["pages_read_engagement"]).unwrap();
        let page = stage.seat(&granted.page_token, Some(keys()));
        stage.twin.end_tokens("olga", end).unwrap();
        let ended = stage.network.look_at_account(&keys(), page.as_ref(), &account_state(&stage)).await;
        assert!(!ended.works && ended.refused.as_ref().is_some_and(|said| said.contains(words)), "{ended:?}");
        assert!(!finding(&ended.findings, Looked::Access).is_good);
    }
}

#[actix_web::test]
async fn the_app_is_looked_at() {
    let stage = Stage::open().await;
    let hook = "https://forum.example/hooks/facebook";
    let look = stage.network.look_at_app(&keys(), &app_state(hook, Some(hook))).await;
    assert!(look.findings.len() == 2 && look.findings.iter().all(|finding| finding.is_good), "{look:?}");
    let mut wrong = keys();
    wrong.signing_secret = Secret::new("another");
    let look = stage.network.look_at_app(&wrong, &app_state(hook, None)).await;
    assert!(!finding(&look.findings, Looked::AppKeys).is_good && !finding(&look.findings, Looked::Webhook).is_good);
    let token = stage.network.hook_token(&wrong).unwrap();
    assert!(finding(&look.findings, Looked::Webhook).words.contains(&token));
    let nowhere = network("http://127.0.0.1:9", &stage.clock);
    let look = nowhere.look_at_app(&keys(), &app_state(hook, Some(hook))).await;
    assert!(finding(&look.findings, Looked::AppKeys).is_unasked, "{look:?}");
    assert_eq!(stage.network.hook_obstacle("http://127.0.0.1:8080/hooks/facebook"), None, "a twin calls it");
}

/// One request as it arrived: method, path, query, authorization, body.
type Seen = (String, String, String, String, String);

/// A Facebook that notes what it is asked and answers each with the same.
async fn recorder(body: &'static str) -> (String, Arc<Mutex<Vec<Seen>>>) {
    let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
    let log = seen.clone();
    let server = HttpServer::new(move || {
        let log = log.clone();
        App::new().default_service(web::to(move |request: HttpRequest, sent: web::Bytes| {
            let token = request.headers().get("authorization").map(|value| value.to_str().unwrap().to_owned());
            let sent = String::from_utf8(sent.to_vec()).unwrap();
            let (path, query) = (request.path().to_owned(), request.query_string().to_owned());
            log.lock().unwrap().push((request.method().to_string(), path, query, token.unwrap_or_default(), sent));
            async move { HttpResponse::Ok().content_type("application/json").body(body) }
        }))
    });
    let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", server.addrs()[0]);
    tokio::spawn(server.run());
    (base, seen)
}

#[actix_web::test]
async fn every_call_is_proven_and_no_token_stands_in_an_address() {
    // Each list goes on, at an address that carries a token.
    const MORE: &str = r#"{"id":"1_2","data":[{"id":"1_2","created_time":"2026-07-24T21:23:23+0000","messages":{"data":[
        {"id":"m_1","created_time":"2026-07-24T21:23:23+0000"}],
        "paging":{"next":"https://graph.facebook.com/v25.0/t_1/messages?access_token=page-token&after=x"}},
        "comments":{"data":[],"paging":{"next":"https://graph.facebook.com/v25.0/1_2/comments?access_token=page-token"}}}],
        "paging":{"next":"https://graph.facebook.com/v25.0/7/feed?access_token=page-token&appsecret_proof=00&after=y"}}"#;
    let (base, seen) = recorder(MORE).await;
    let clock = answerwell::clock::Clock::fixed(NOW);
    let network = network(&base, &clock);
    let page = network.seat(seat("page-token", Some(keys()), &Arc::default()));
    let since = network.mark_at(NOW.minus(Duration::from_secs(60)));
    let _ = page.timeline(Timeline::Mentions, Stretch { since: Some(&since), until: None }).await;
    let _ = page.conversation("7_1", None).await;
    let _ = page.posts(&["7_1".to_owned(), "7_2".to_owned(), "1_2".to_owned()]).await;
    let _ = page.sent_since(NOW, &["1_2".to_owned()]).await;
    let messages = page.messages(None).await.unwrap();
    let token = page.parse_messages(&messages).unwrap().next_token.unwrap();
    assert!(!token.contains("page-token"), "{token}");
    let _ = page.messages(Some(&token)).await;
    let _ = page.messages_with("55").await;
    let _ = page.me().await;
    let _ = page.was_written_to("1_2").await;
    page.reply("1_2", "hello", &[], "k").await;
    page.edit("1_2", "hello").await;
    page.hide("1_2", true).await;
    page.delete("1_2").await;
    page.message(Addressee::AuthorOf { post: "1_2" }, "hello", "k").await;
    let _ = network.look_at_account(&keys(), page.as_ref(), &account_state_at(NOW)).await;
    let _ = network.offers(&keys(), &granted()).await;
    let _ = network.give_back(&keys(), Some("7"), &Secret::new("page-token")).await;
    let seen = seen.lock().unwrap().clone();
    assert!(seen.len() > 25, "{}", seen.len());
    for (method, path, query, token, body) in seen {
        let told = format!("{method} {path}?{query}");
        assert!(path.starts_with("/v25.0/"), "{told}");
        assert!(!query.contains("access_token=") && !query.contains(SECRET), "{told}");
        // What Facebook is asked about stands in the question; it has no other place for it.
        assert!(!query.contains("page-token") || path == "/v25.0/debug_token", "{told}");
        assert!(!body.contains("page-token") && !body.contains(SECRET), "{told}: {body}");
        let token = token.strip_prefix("Bearer ").unwrap_or_else(|| panic!("{told}: {token}"));
        let proof = super::webhooks::hmac_hex(SECRET, token.as_bytes());
        assert_eq!(query.matches(&format!("appsecret_proof={proof}")).count(), 1, "{told}");
        assert_eq!(query.matches("appsecret_proof").count(), 1, "{told}");
    }
}

fn account_state_at(now: answerwell::clock::Millis) -> AccountState {
    AccountState { now, scopes: String::new(), webhook_id: None, thorough: true, first_today: true }
}

fn granted() -> Granted {
    let access_token = Secret::new("page-token");
    Granted { access_token, refresh_token: None, expires_at: None, scopes: String::new() }
}

#[actix_web::test]
async fn codes_and_secrets_are_sent_in_bodies() {
    let (base, seen) = recorder(r#"{"access_token":"short","expires_in":5400}"#).await;
    let clock = answerwell::clock::Clock::fixed(NOW);
    network(&base, &clock).exchange(&keys(), "the-code", &Secret::new("v"), BACK).await.unwrap();
    let seen = seen.lock().unwrap().clone();
    let told: Vec<_> =
        seen.iter().map(|(method, path, query, ..)| (method.as_str(), path.as_str(), query.as_str())).collect();
    assert_eq!(told, [("POST", "/v25.0/oauth/access_token", ""); 2]);
    assert!(seen[0].4.contains("code=the-code") && seen[0].4.contains("client_secret=app_secret"), "{}", seen[0].4);
    assert!(seen[1].4.contains("grant_type=fb_exchange_token&fb_exchange_token=short"), "{}", seen[1].4);
}

#[actix_web::test]
async fn the_twin_hears_of_what_our_look_subscribed() {
    let stage = Stage::open().await;
    stage.look().await;
    let heard = super::webhooks::Receiver::listen(&stage).await;
    stage.twin.set_webhook(&heard.url, &heard.token, &FIELDS).await.unwrap();
    let post = stage.twin.post("acme", "acme", "A release", With::default()).unwrap();
    stage.says(&post, "How?");
    assert!(heard.events(&stage, 2).await.len() >= 2);
    assert_eq!(json!(stage.twin.subscribed()).as_array().unwrap().len(), 6);
}
