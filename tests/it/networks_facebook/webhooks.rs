//! Webhooks as Meta sends them: the challenge, the signature over the very bytes, and what becomes of them.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use answerwell::networks::facebook::FacebookNetwork;
use answerwell::networks::{Inbound, Network, NoProof};
use answerwell::secret::Secret;
use answerwell::sim::facebook::{FIELDS, Fault, FaultKind, With};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{PAGE, SECRET, Stage, keys};
use crate::support::eventually;

/// A body as it arrived, behind its signature.
type Body = (Option<String>, Vec<u8>);

/// Our side of a webhook, as thin as it can be: it proves itself and keeps bodies with their signatures.
#[derive(Clone)]
pub struct Receiver {
    pub url: String,
    pub token: String,
    got: Arc<Mutex<Vec<Body>>>,
}

impl Receiver {
    pub async fn listen(stage: &Stage) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hooks/facebook", listener.local_addr().unwrap());
        let token = stage.network.hook_token(&stage.keys).unwrap();
        let receiver = Self { url, token, got: Arc::default() };
        let data = web::Data::new((receiver.clone(), stage.network.clone()));
        let app = move || {
            let route = web::resource("/hooks/facebook").route(web::get().to(challenge)).route(web::post().to(receive));
            App::new().app_data(data.clone()).service(route)
        };
        tokio::spawn(HttpServer::new(app).workers(1).disable_signals().listen(listener).unwrap().run());
        receiver
    }

    /// A page whose events come here, all of them.
    async fn subscribed(stage: &Stage) -> Self {
        let receiver = Self::listen(stage).await;
        stage.twin.set_webhook(&receiver.url, &receiver.token, &FIELDS).await.unwrap();
        let body = serde_json::json!({ "subscribed_fields": FIELDS.join(",") });
        let proof = hmac_hex(SECRET, super::TOKEN.as_bytes());
        let url = format!("{}/v25.0/{PAGE}/subscribed_apps?appsecret_proof={proof}", stage.base);
        let made = reqwest::Client::builder().build().unwrap().post(url).bearer_auth(super::TOKEN).json(&body);
        assert_eq!(made.send().await.unwrap().status(), 200);
        receiver
    }

    fn bodies(&self) -> Vec<Body> {
        self.got.lock().unwrap().clone()
    }

    /// Everything that was told and was genuine, once it is so much. What does not concern us is left out.
    pub async fn events(&self, stage: &Stage, count: usize) -> Vec<Inbound> {
        let deadline = Instant::now() + Duration::from_secs(180);
        loop {
            let read = self.bodies().into_iter().flat_map(|(signature, raw)| {
                assert!(stage.network.is_genuine(&stage.keys, signature.as_deref(), &raw));
                let parts = stage.network.parts(&raw).unwrap();
                let ours = parts.into_iter().filter(|part| part.account == Some(PAGE.to_string()));
                ours.flat_map(|part| stage.page.parse_webhook(&part.body).unwrap()).collect::<Vec<_>>()
            });
            let read: Vec<Inbound> = read.filter(|event| !matches!(event, Inbound::Ignored(_))).collect();
            if read.len() >= count {
                return read;
            }
            assert!(Instant::now() < deadline, "waited in vain for {count} events: {read:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

async fn challenge(request: HttpRequest, data: web::Data<(Receiver, FacebookNetwork)>) -> HttpResponse {
    let query: Vec<(String, String)> = serde_urlencoded::from_str(request.query_string()).unwrap();
    match data.1.prove(&keys(), &query) {
        Ok(proof) => HttpResponse::Ok().content_type(proof.media_type).body(proof.body),
        Err(NoProof::Stranger | NoProof::NotAChallenge) => HttpResponse::Forbidden().finish(),
    }
}

async fn receive(request: HttpRequest, body: web::Bytes, data: web::Data<(Receiver, FacebookNetwork)>) -> HttpResponse {
    let signature = request.headers().get(data.1.signature_header()).map(|value| value.to_str().unwrap().to_owned());
    data.0.got.lock().unwrap().push((signature, body.to_vec()));
    HttpResponse::Ok().finish()
}

pub fn hmac_hex(secret: &str, bytes: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(bytes);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[actix_web::test]
async fn meta_is_proven_that_the_address_is_ours() {
    let stage = Stage::open().await;
    let receiver = Receiver::listen(&stage).await;
    stage.twin.set_webhook(&receiver.url, &receiver.token, &FIELDS).await.unwrap();
    assert!(stage.twin.set_webhook(&receiver.url, "a guess", &FIELDS).await.is_err());
}

#[actix_web::test]
async fn what_happens_on_the_page_is_heard_of() {
    let stage = Stage::open().await;
    let receiver = Receiver::subscribed(&stage).await;
    let post = stage.page_post("A new release");
    let comment = stage.says(&post, "¿Cómo? 😀 a/b");
    let reply = stage.says(&comment, "and the blue one?");
    receiver.events(&stage, 3).await;
    stage.twin.edit("jo", &comment, "How?").unwrap();
    stage.twin.hide(&reply, true).unwrap();
    receiver.events(&stage, 5).await;
    stage.twin.hide(&reply, false).unwrap();
    receiver.events(&stage, 6).await;
    stage.twin.delete("jo", &reply).unwrap();
    let events = receiver.events(&stage, 7).await;
    let [Inbound::Post(own), Inbound::Post(asked), Inbound::Post(more), rest @ ..] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!((&own.id, own.author.id.clone(), own.addressed.len()), (&post, PAGE.to_string(), 0));
    assert_eq!((&asked.id, asked.text.as_str()), (&comment, "¿Cómo? 😀 a/b"));
    assert_eq!((asked.author.name.as_str(), &asked.author.id), ("Jo Miller", &stage.twin.psid("jo").unwrap()));
    assert_eq!((asked.parent.as_ref(), &asked.conversation), (Some(&post), &post));
    assert_eq!((more.parent.as_ref(), &more.conversation), (Some(&comment), &post));
    let hidden = |hidden| Inbound::Hidden { id: reply.clone(), hidden };
    let mut rest = rest.to_vec();
    rest.sort_by_key(|event| !matches!(event, Inbound::Changed { .. }));
    let deleted = Inbound::Deleted { id: reply.clone() };
    assert_eq!(rest, [Inbound::Changed { id: comment.clone() }, hidden(true), hidden(false), deleted]);
    // The page of each is what the network itself says.
    assert_eq!(stage.one(&comment).await.url, asked.url);
    assert_eq!(stage.page.own_url(&comment), asked.url.clone().unwrap());
    let page = reqwest::get(asked.url.as_deref().unwrap()).await.unwrap();
    assert_eq!(page.status(), 200);
    assert_eq!(reqwest::get(stage.page.own_url(&post)).await.unwrap().status(), 200);
}

#[actix_web::test]
async fn whom_the_app_may_not_see_and_who_shows_no_words_are_heard_too() {
    let stage = Stage::open().await;
    let receiver = Receiver::subscribed(&stage).await;
    let post = stage.page_post("A new release");
    stage.twin.hide_person("jo", true).unwrap();
    let hidden = stage.says(&post, "who am I?");
    stage.twin.hide_person("jo", false).unwrap();
    stage.clock.advance(Duration::from_secs(1));
    let sticker = stage.twin.comment("jo", &post, "", With { sticker: true, ..With::default() }).unwrap();
    let elsewhere = stage.twin.post("jo", "jo", "Does @acme read this?", With::default()).unwrap();
    let events = receiver.events(&stage, 5).await;
    let posts: Vec<_> =
        events.iter().filter_map(|event| if let Inbound::Post(post) = event { Some(post) } else { None }).collect();
    let of = |id: &str| *posts.iter().find(|post| post.id == id).unwrap();
    assert_eq!((of(&hidden).author.id.clone(), of(&hidden).author.name.as_str()), (format!("?{hidden}"), ""));
    assert_eq!((of(&sticker).text.as_str(), of(&sticker).media.len()), ("", 0));
    assert!(events.contains(&Inbound::Changed { id: sticker.clone() }), "it is asked for, as the event shows nothing");
    assert_eq!(stage.one(&sticker).await.media.len(), 1);
    assert_eq!((of(&elsewhere).addressed.clone(), of(&elsewhere).parent.clone()), (vec![PAGE.to_string()], None));
}

#[actix_web::test]
async fn private_messages_are_heard_with_what_becomes_of_them() {
    let stage = Stage::open().await;
    let receiver = Receiver::subscribed(&stage).await;
    let mid = stage.twin.message("jo", "order 42 never came", With::default()).unwrap();
    receiver.events(&stage, 1).await;
    stage.twin.edit_message(&mid, "order 43 never came").unwrap();
    receiver.events(&stage, 2).await;
    stage.twin.unsend(&mid).unwrap();
    receiver.events(&stage, 3).await;
    let jo = stage.twin.psid("jo").unwrap();
    stage.twin.message("jo", "hello?", With::default()).unwrap();
    receiver.events(&stage, 4).await;
    let to = answerwell::networks::Addressee::Person { id: &jo, wrote_at: Some(stage.clock.now()) };
    stage.page.message(to, "Sorry! On it.", "17").await;
    let events = receiver.events(&stage, 5).await;
    let Inbound::Message(first) = &events[0] else { panic!("{events:?}") };
    assert_eq!((&first.id, &first.conversation, &first.with.id, first.ours), (&mid, &jo, &jo, false));
    let Inbound::MessageEdited(edited) = &events[1] else { panic!("{events:?}") };
    assert_eq!((&edited.id, edited.text.as_str(), &edited.with.id), (&mid, "order 43 never came", &jo));
    let Inbound::MessageDeleted(gone) = &events[2] else { panic!("{events:?}") };
    assert_eq!((&gone.id, &gone.with.id), (&mid, &jo));
    let Inbound::Message(echo) = &events[4] else { panic!("{events:?}") };
    assert_eq!((echo.ours, echo.key.as_deref(), &echo.with.id), (true, Some("17"), &jo));
}

#[actix_web::test]
async fn a_secret_that_is_rotated_signs_for_a_while_with_either() {
    let stage = Stage::open().await;
    let receiver = Receiver::subscribed(&stage).await;
    stage.page_post("before");
    receiver.events(&stage, 1).await;
    stage.twin.rotate_app_secret("newer").unwrap();
    stage.page_post("after");
    eventually("the second event is told", async || receiver.bodies().len() >= 2).await;
    let (signature, raw) = receiver.bodies().remove(1);
    assert!(!stage.network.is_genuine(&keys(), signature.as_deref(), &raw), "signed with one that we do not know");
    let mut rotated = keys();
    rotated.earlier_signing_secret = Some(std::mem::replace(&mut rotated.signing_secret, Secret::new("newer")));
    for (signature, raw) in receiver.bodies() {
        assert!(stage.network.is_genuine(&rotated, signature.as_deref(), &raw));
        assert!(!stage.network.is_genuine(&rotated, signature.as_deref(), &[&raw[..], b" "].concat()));
    }
}

#[actix_web::test]
async fn what_is_for_others_is_cut_off_and_let_go() {
    let stage = Stage::open().await;
    let receiver = Receiver::subscribed(&stage).await;
    stage.twin.set_fault(Fault::new(FaultKind::ForeignWebhook, 1));
    let post = stage.page_post("ours");
    let events = receiver.events(&stage, 1).await;
    assert!(matches!(&events[0], Inbound::Post(read) if read.id == post), "{events:?}");
    let accounts: Vec<_> = receiver
        .bodies()
        .iter()
        .flat_map(|(_, raw)| stage.network.parts(raw).unwrap())
        .map(|part| part.account)
        .collect();
    assert!(accounts.iter().any(|account| *account != Some(PAGE.to_string())), "{accounts:?}");
}

#[test]
fn the_bodies_of_metas_papers_are_read() {
    let Some(folder) = std::env::var_os("ANSWERWELL_TEST_DATA") else {
        eprintln!("left out: ANSWERWELL_TEST_DATA names no folder with Facebook's webhook bodies");
        return;
    };
    let folder = std::path::PathBuf::from(folder).join("platforms/facebook/webhooks");
    let clock = answerwell::clock::Clock::fixed(super::NOW);
    let network = super::network("http://127.0.0.1:9", &clock);
    let page = network.seat(super::seat(super::TOKEN, None, &Arc::default()));
    let mut names = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let raw = std::fs::read(&path).unwrap();
        let parts = network.parts(&raw).unwrap();
        assert_eq!((parts.len(), &parts[0].body), (1, &raw), "{name}");
        let events = page.parse_webhook(&raw).unwrap();
        let kinds: Vec<&str> = events.iter().map(kind).collect();
        let expected: &[&str] = match name.as_str() {
            "feed_batch_two_entries" => &["post", "post", "deleted"],
            "feed_comment_edited" => &["changed"],
            "feed_comment_remove" => &["deleted"],
            "messenger_edit" => &["message edited"],
            "messenger_text" | "messenger_echo" | "messenger_attachment" => &["message"],
            "feed_reaction_add" | "messenger_delivery" | "messenger_read" => &["ignored"],
            other if other.starts_with("instagram") => &["ignored"],
            _ => &["post"],
        };
        assert_eq!(kinds, expected, "{name}");
        names += 1;
    }
    assert!(names > 15, "{names}");
}

fn kind(event: &Inbound) -> &'static str {
    match event {
        Inbound::Post(_) => "post",
        Inbound::Message(_) => "message",
        Inbound::Deleted { .. } => "deleted",
        Inbound::Changed { .. } => "changed",
        Inbound::Hidden { .. } => "hidden",
        Inbound::MessageEdited(_) => "message edited",
        Inbound::MessageDeleted(_) => "message deleted",
        Inbound::Revoked => "revoked",
        Inbound::Ignored(_) => "ignored",
    }
}

#[test]
fn bytes_that_were_tampered_with_are_read_or_refused() {
    let clock = answerwell::clock::Clock::fixed(super::NOW);
    let network = super::network("http://127.0.0.1:9", &clock);
    let page = network.seat(super::seat(super::TOKEN, None, &Arc::default()));
    let at = "2026-07-24T21:23:23+0000";
    let person = serde_json::json!({"id": "55", "name": "Zo\u{eb}"});
    let comment = serde_json::json!({"id": "1_2", "message": "a \u{1f600}", "from": person, "created_time": at,
        "parent": {"id": "1_1"}, "attachment": {"type": "photo", "media": {"image": {"src": "https://a/b"}}}});
    let change = serde_json::json!({"field": "feed", "value": {"item": "comment", "verb": "add", "comment_id": "1_2",
        "post_id": "7_1", "parent_id": "7_1", "from": person, "message": "\u{1f600}", "created_time": 1_784_928_203,
        "photo": "https://a/b", "post": {"permalink_url": "https://www.facebook.com/7/posts/1"}}});
    let message = serde_json::json!({"sender": person, "recipient": {"id": PAGE.to_string()}, "timestamp": 1,
        "message": {"mid": "m_1", "text": "x", "attachments": [{"type": "image", "payload": {"url": "https://a/b"}}]}});
    let bodies = [
        serde_json::json!({"object": "page", "entry": [{"id": PAGE.to_string(), "time": 1, "changes": [change],
            "messaging": [message]}, {"id": "9", "changes": []}]}),
        serde_json::json!({"since": 1, "newest": "2", "posts": [{"id": "7_1", "created_time": at, "comments":
            {"data": [comment]}}], "comments": [comment], "post": "7_1", "missing": ["1_3"]}),
        serde_json::json!({"read_at": 5, "below": "4", "conversations": [{"updated_time": at, "participants":
            {"data": [person]}, "messages": {"data": [{"id": "m_1", "from": person, "created_time": at}]}}]}),
    ];
    let read = |raw: &[u8]| {
        for part in network.parts(raw).unwrap_or_default() {
            let _ = page.parse_webhook(&part.body);
        }
        let _ = (page.parse_webhook(raw), page.parse_page(raw), page.parse_messages(raw));
    };
    let mut tried = 0;
    for body in bodies {
        let raw = body.to_string().into_bytes();
        for at in 0..raw.len() {
            read(&raw[..at]);
            for byte in *b"\"\\{[]},:0-n\xff\x00" {
                let mut raw = raw.clone();
                raw[at] = byte;
                read(&raw);
                tried += 1;
            }
        }
    }
    assert!(tried > 10_000, "{tried}");
}
