//! Webhooks: the challenge, the signature over escaped bytes, batches, retries, and who stops being told.

use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use answerwell::sim::facebook::{FIELDS, Fault, FaultKind, With};
use reqwest::Method;
use serde_json::{Value, json};

use super::{APP, NOW, PAGE, SECRET, Stage, answered, eventually, hmac_hex};

/// The receiver of the company: answers challenges and keeps what it is sent.
#[derive(Clone, Default)]
pub struct Receiver {
    got: Arc<Mutex<Vec<Value>>>,
    raw: Arc<Mutex<Vec<Vec<u8>>>>,
    refused: Arc<Mutex<usize>>,
    lies: Arc<AtomicBool>,
    unwell: Arc<AtomicBool>,
}

impl Receiver {
    pub fn listen(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hooks/facebook", listener.local_addr().unwrap());
        let data = web::Data::new(self.clone());
        let app = move || {
            let route = web::resource("/hooks/facebook").route(web::get().to(challenge)).route(web::post().to(receive));
            App::new().app_data(data.clone()).service(route)
        };
        tokio::spawn(HttpServer::new(app).workers(1).disable_signals().listen(listener).unwrap().run());
        url
    }

    /// Registers the receiver for the app and subscribes the page to everything.
    pub async fn subscribe(&self, stage: &Stage) {
        let app = format!("{APP}|{SECRET}");
        let url = self.listen();
        let fields = FIELDS.join(",");
        let form = [("object", "page"), ("callback_url", &url), ("verify_token", "word"), ("fields", fields.as_str())];
        let made = answered(stage.request(Method::POST, &format!("/{APP}/subscriptions"), &app).form(&form)).await;
        assert_eq!(made.body, json!({"success": true}));
        let path = format!("/{PAGE}/subscribed_apps?subscribed_fields={fields}");
        assert_eq!(stage.post(&path, json!({})).await.body, json!({"success": true}));
    }

    pub fn bodies(&self) -> Vec<Value> {
        self.got.lock().unwrap().clone()
    }

    pub async fn wait_for(&self, count: usize) -> Vec<Value> {
        eventually("webhook bodies", || Some(self.bodies()).filter(|bodies| bodies.len() >= count)).await
    }

    /// What all bodies say, one after the other: the values of changes, and messages.
    fn values(&self) -> Vec<Value> {
        let bodies = self.bodies();
        let entries = bodies.iter().flat_map(|body| body["entry"].as_array().unwrap());
        let values = entries.flat_map(|entry| {
            let changes = entry["changes"].as_array().into_iter().flatten().map(|change| change["value"].clone());
            changes.chain(entry["messaging"].as_array().into_iter().flatten().cloned())
        });
        values.collect()
    }

    async fn wait_for_values(&self, count: usize) -> Vec<Value> {
        eventually("webhook values", || Some(self.values()).filter(|values| values.len() >= count)).await
    }
}

async fn challenge(request: HttpRequest, receiver: web::Data<Receiver>) -> HttpResponse {
    let query = web::Query::<std::collections::HashMap<String, String>>::from_query(request.query_string()).unwrap();
    if query["hub.mode"] != "subscribe" || query["hub.verify_token"] != "word" {
        return HttpResponse::Forbidden().finish();
    }
    let lies = receiver.lies.load(Ordering::SeqCst);
    HttpResponse::Ok().body(if lies { "another".to_owned() } else { query["hub.challenge"].clone() })
}

async fn receive(request: HttpRequest, body: web::Bytes, receiver: web::Data<Receiver>) -> HttpResponse {
    if receiver.unwell.load(Ordering::SeqCst) {
        *receiver.refused.lock().unwrap() += 1;
        return HttpResponse::ServiceUnavailable().finish();
    }
    let signature = request.headers().get("x-hub-signature-256").and_then(|value| value.to_str().ok());
    if signature != Some(format!("sha256={}", hmac_hex(SECRET, &body)).as_str()) {
        *receiver.refused.lock().unwrap() += 1;
        return HttpResponse::Ok().finish();
    }
    receiver.got.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
    receiver.raw.lock().unwrap().push(body.to_vec());
    HttpResponse::Ok().finish()
}

#[actix_web::test]
async fn a_receiver_must_prove_itself_and_a_page_must_subscribe() {
    let stage = Stage::open().await;
    let receiver = Receiver::default();
    let url = receiver.listen();
    receiver.lies.store(true, Ordering::SeqCst);
    let refused = stage.twin.set_webhook(&url, "word", &FIELDS).await.unwrap_err().to_string();
    assert!(refused.contains("does not match challenge"), "{refused}");
    receiver.lies.store(false, Ordering::SeqCst);
    for (wrong, word) in [("nonsense", "word"), ("http://example.com/hook", "word"), (url.as_str(), "another word")] {
        assert!(stage.twin.set_webhook(wrong, word, &FIELDS).await.is_err(), "{wrong}");
    }
    let form = [("object", "page"), ("callback_url", &url), ("verify_token", "wrong"), ("fields", "feed")];
    let app = format!("{APP}|{SECRET}");
    let path = format!("/{APP}/subscriptions");
    assert_eq!(answered(stage.request(Method::POST, &path, &app).form(&form)).await.code(), (2_200, None));
    assert_eq!(stage.get(&path).await.code(), (15, None), "only the app's own token");

    receiver.subscribe(&stage).await;
    let listed = stage.get("/me/subscribed_apps").await.body;
    assert_eq!(
        (&listed["data"][0]["id"], &listed["data"][0]["subscribed_fields"]),
        (&json!(APP.to_string()), &json!(FIELDS))
    );
    let unknown = stage.post("/me/subscribed_apps?subscribed_fields=feed,rain", json!({})).await;
    assert_eq!(unknown.code(), (100, None));
    let feed_only = stage.twin.grant("olga", &["pages_manage_metadata"]).unwrap().page_token;
    let messages = stage.request(Method::POST, "/me/subscribed_apps?subscribed_fields=messages", &feed_only);
    assert_eq!(answered(messages).await.code(), (200, None));
    stage.page_post("heard");
    receiver.wait_for(1).await;
    assert_eq!(stage.delete("/me/subscribed_apps").await.body, json!({"success": true}));
    assert_eq!(stage.get("/me/subscribed_apps").await.body, json!({"data": []}));
    stage.page_post("not heard");
    receiver.subscribe(&stage).await;
    stage.page_post("heard again");
    let values = receiver.wait_for_values(2).await;
    assert_eq!(values[1]["message"], "heard again");
    assert_eq!(values.len(), 2);
}

#[actix_web::test]
async fn what_happens_on_the_page_is_told_in_metas_shapes() {
    let stage = Stage::open().await;
    let receiver = Receiver::default();
    receiver.subscribe(&stage).await;
    stage.twin.deliver_in_batches(1);
    let post = stage.page_post("New release");
    let question = stage.says("jo", &post, "¿Cómo?");
    let answer = stage.post(&format!("/{question}/comments"), json!({"message": "So"})).await.id();
    stage.twin.edit("jo", &question, "¿Cómo, bitte?").unwrap();
    stage.twin.hide(&question, true).unwrap();
    stage.twin.hide(&question, false).unwrap();
    stage.twin.react("jo", &question).unwrap();
    stage.twin.post("jo", "jo", "@Acme help", With::default()).unwrap();
    stage.clock.advance(Duration::from_secs(60));
    stage.twin.delete("jo", &question).unwrap();
    let values = receiver.wait_for_values(9).await;
    let told: Vec<_> = values
        .iter()
        .map(|value| (value["item"].as_str().unwrap_or_default(), value["verb"].as_str().unwrap_or_default()))
        .collect();
    assert_eq!(
        told,
        [
            ("status", "add"),
            ("comment", "add"),
            ("comment", "add"),
            ("comment", "edited"),
            ("comment", "hide"),
            ("comment", "unhide"),
            ("reaction", "add"),
            ("post", "add"),
            ("comment", "remove"),
        ]
    );
    assert_eq!((&values[1]["parent_id"], &values[1]["post_id"]), (&json!(post), &json!(post)), "top level");
    assert_eq!((&values[2]["parent_id"], &values[2]["comment_id"]), (&json!(question), &json!(answer)), "a reply");
    assert_eq!(values[2]["from"]["id"], PAGE.to_string());
    assert_eq!(values[1]["created_time"], NOW.0 / 1000 + 2);
    assert_eq!(values[8]["created_time"], NOW.0 / 1000 + 62, "a removal has its own time");
    assert!(values[8].get("message").is_none());
    assert_eq!(values[7]["sender_name"], "Jo Miller");
    let fields: Vec<_> = receiver.bodies().iter().map(|body| body["entry"][0]["changes"][0]["field"].clone()).collect();
    assert_eq!(fields[7], "mention");
    let raw = String::from_utf8(receiver.raw.lock().unwrap()[1].clone()).unwrap();
    assert!(raw.contains(r"\u00bfC\u00f3mo?") && raw.contains(r"http:\/\/127.0.0.1"), "{raw}");
}

#[actix_web::test]
async fn messages_are_told_with_milliseconds_echoes_edits_and_what_was_taken_back() {
    let stage = Stage::open().await;
    let receiver = Receiver::default();
    receiver.subscribe(&stage).await;
    let jo = stage.twin.psid("jo").unwrap();
    let first = stage.twin.message("jo", "order 42 never came", With::default()).unwrap();
    stage.twin.edit_message(&first, "order 43 never came").unwrap();
    let body = json!({"recipient": {"id": jo}, "message": {"text": "Sorry!", "metadata": "outbox:17"}});
    let sent = stage.post("/me/messages", body).await.body["message_id"].clone();
    stage.twin.message_from_page("jo", "By hand", With::default()).unwrap();
    stage.twin.unsend(&first).unwrap();
    stage.twin.message("jo", "", With { sticker: true, ..With::default() }).unwrap();
    let values = receiver.wait_for_values(9).await;
    assert_eq!(values[0]["message"], json!({"mid": first, "text": "order 42 never came"}));
    assert_eq!((&values[0]["sender"]["id"], &values[0]["timestamp"]), (&json!(jo), &json!(NOW.0)));
    assert_eq!(values[1]["message_edit"], json!({"mid": first, "text": "order 43 never came", "num_edit": 1}));
    let echo = json!({"mid": sent, "is_echo": true, "app_id": APP, "metadata": "outbox:17", "text": "Sorry!"});
    assert_eq!((&values[2]["message"], &values[2]["sender"]["id"]), (&echo, &json!(PAGE.to_string())));
    assert_eq!(values[3]["delivery"]["mids"], json!([sent]));
    assert_ne!(values[4]["message"]["app_id"], APP, "a colleague's is another app's");
    assert_eq!(values[6]["message"], json!({"mid": first, "is_deleted": true}));
    assert_eq!(values[7]["message"]["attachments"][0]["type"], "image");
    assert_eq!(values[8]["read"]["watermark"], NOW.0);
    let entry = &receiver.bodies()[0]["entry"][0];
    assert_eq!(entry["messaging"].as_array().unwrap().len(), 1, "one message an entry");
    assert!(entry["time"].as_i64().unwrap() > 1_000_000_000_000, "in milliseconds");
}

#[actix_web::test]
async fn what_gathers_comes_in_one_body() {
    let stage = Stage::open().await;
    stage.twin.page("other", "Other", "olga").unwrap();
    let receiver = Receiver::default();
    receiver.subscribe(&stage).await;
    let post = stage.page_post("New release");
    receiver.wait_for(1).await;
    stage.twin.pause_webhooks(true);
    let question = stage.twin.comment("jo", &post, "one", With::default()).unwrap();
    stage.twin.comment("jo", &post, "two", With::default()).unwrap();
    stage.clock.advance(Duration::from_secs(5));
    stage.twin.delete("jo", &question).unwrap();
    assert!(!stage.twin.is_told());
    stage.twin.pause_webhooks(false);
    let bodies = receiver.wait_for(2).await;
    let entries = bodies[1]["entry"].as_array().unwrap();
    let lengths: Vec<usize> = entries.iter().map(|entry| entry["changes"].as_array().unwrap().len()).collect();
    assert_eq!(lengths, [2, 1]);
    eventually("everything to be told", || stage.twin.is_told().then_some(())).await;
}

#[actix_web::test]
async fn what_fails_comes_again_for_a_day_and_a_half() {
    let stage = Stage::open().await;
    let receiver = Receiver::default();
    receiver.subscribe(&stage).await;
    receiver.unwell.store(true, Ordering::SeqCst);
    stage.page_post("missed at first");
    let refused = || *receiver.refused.lock().unwrap();
    eventually("the immediate second try", || (refused() == 2).then_some(())).await;
    eventually("rest", || stage.twin.is_told().then_some(())).await;
    stage.clock.advance(Duration::from_secs(60));
    eventually("the third try", || (refused() == 3).then_some(())).await;
    eventually("rest", || stage.twin.is_told().then_some(())).await;
    receiver.unwell.store(false, Ordering::SeqCst);
    stage.clock.advance(Duration::from_secs(300));
    assert_eq!(receiver.wait_for_values(1).await[0]["message"], "missed at first");

    receiver.unwell.store(true, Ordering::SeqCst);
    stage.page_post("missed for ever");
    eventually("two more tries", || (refused() == 5).then_some(())).await;
    eventually("rest", || stage.twin.is_told().then_some(())).await;
    stage.clock.advance(Duration::from_secs(37 * 3600));
    eventually("the last try", || (refused() == 6).then_some(())).await;
    eventually("the end of patience", || {
        let journal = std::fs::read_to_string(stage.journal()).unwrap();
        (journal.matches("\"status\":503").count() == 6).then_some(())
    })
    .await;
    receiver.unwell.store(false, Ordering::SeqCst);
    stage.clock.advance(Duration::from_secs(3600));
    stage.page_post("heard");
    let values = receiver.wait_for_values(2).await;
    assert_eq!(values[1]["message"], "heard");
    assert_eq!(stage.twin.subscribed().len(), FIELDS.len(), "comments cost no subscription");
}

#[actix_web::test]
async fn an_hour_of_lost_messages_costs_the_subscription() {
    let stage = Stage::open().await;
    let receiver = Receiver::default();
    receiver.subscribe(&stage).await;
    receiver.unwell.store(true, Ordering::SeqCst);
    stage.twin.message("jo", "hello?", With::default()).unwrap();
    eventually("two tries", || (*receiver.refused.lock().unwrap() == 2).then_some(())).await;
    assert_eq!(stage.twin.subscribed().len(), FIELDS.len());
    stage.clock.advance(Duration::from_secs(3601));
    eventually("the silent end", || stage.twin.subscribed().is_empty().then_some(())).await;
    assert_eq!(stage.get("/me/subscribed_apps").await.body, json!({"data": []}));
    assert!(stage.reopen().unwrap().subscribed().is_empty(), "also after a restart");
    receiver.unwell.store(false, Ordering::SeqCst);
    stage.twin.message("jo", "nobody hears", With::default()).unwrap();
    receiver.subscribe(&stage).await;
    stage.twin.message("jo", "heard", With::default()).unwrap();
    assert_eq!(receiver.wait_for_values(1).await[0]["message"]["text"], "heard");
}

#[actix_web::test]
async fn webhooks_come_late_twice_in_disorder_and_from_strangers() {
    let stage = Stage::open().await;
    let receiver = Receiver::default();
    receiver.subscribe(&stage).await;
    stage.twin.deliver_in_batches(1);
    let once = |kind| stage.twin.set_fault(Fault::new(kind, 1));
    for kind in [FaultKind::WebhookSwapped, FaultKind::DuplicateWebhook, FaultKind::WebhookOff, FaultKind::OldSignature]
    {
        once(kind);
    }
    for text in ["first", "second", "lost", "badly signed"] {
        stage.page_post(text);
    }
    eventually("all of it", || stage.twin.is_told().then_some(())).await;
    let texts =
        || receiver.values().iter().map(|value| value["message"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(texts(), ["second", "second", "first"]);
    assert_eq!(*receiver.refused.lock().unwrap(), 1);
    once(FaultKind::ForeignWebhook);
    once(FaultKind::HugeWebhook);
    stage.page_post("with a stranger's");
    stage.page_post("after something huge");
    receiver.wait_for_values(6).await;
    let pages: Vec<_> = receiver.bodies().iter().map(|body| body["entry"][0]["id"].clone()).collect();
    assert_eq!(pages[3], "900000000000009");
    stage.twin.set_fault(Fault::new(FaultKind::WebhookLate, 1).seconds(1));
    stage.page_post("late");
    stage.page_post("punctual");
    receiver.wait_for_values(8).await;
    assert_eq!(texts()[6..], ["punctual", "late"]);
}

#[actix_web::test]
async fn events_that_waited_are_sent_after_a_restart() {
    let stage = Stage::open().await;
    let receiver = Receiver::default();
    receiver.subscribe(&stage).await;
    stage.page_post("first");
    receiver.wait_for(1).await;
    eventually("the attempt to be noted", || {
        std::fs::read_to_string(stage.journal()).unwrap().contains("\"attempt\"").then_some(())
    })
    .await;
    // A copy of the journal on which nobody delivers, as after a crash right after acceptance.
    let stopped = stage.reopen().unwrap();
    stopped.post("acme", "acme", "second", With::default()).unwrap();
    drop(stopped);
    let again = stage.reopen().unwrap();
    tokio::spawn(again.serve(TcpListener::bind("127.0.0.1:0").unwrap()).unwrap());
    let values = receiver.wait_for_values(2).await;
    assert_eq!(values[1]["message"], "second");
    eventually("rest", || again.is_told().then_some(())).await;
    assert_eq!(receiver.values().len(), 2, "the first is not sent again");
}
