//! The X adapter against X's own words: every request it makes is checked against X's OpenAPI files, every recorded
//! answer and webhook sample goes through it. Those files lie outside the tree, in the folder that
//! `ANSWERWELL_TEST_DATA` names; the same requests and answers, written by hand, are checked without it.

use std::io::Read;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use answerwell::clock::{Clock, Millis};
use answerwell::networks::http::{GuardSettings, Guarded};
use answerwell::networks::watch::Watch;
use answerwell::networks::x::{EVERYBODYS_LONGEST, X, time_of};
use answerwell::networks::{Account, Failure, Inbound, Outcome, PostPage, ReplyPath, Stretch, Timeline, Us};
use answerwell::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use serde_json::{Value, json};

const US: &str = "1111111111111111111";
const NOW: Millis = Millis(1_784_928_203_000);
const NOTHING: &str = r#"{"meta":{"result_count":0}}"#;

/// One request as it arrived.
#[derive(Clone, Debug)]
struct Seen {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    authorization: String,
    content_type: String,
    body: String,
}

impl Seen {
    fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A server that records requests and gives every one the same answer.
struct Recorder {
    x: X,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Recorder {
    async fn start(status: u16, body: impl Into<Vec<u8>>, headers: &'static [(&'static str, &'static str)]) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, body) = (seen.clone(), web::Bytes::from(body.into()));
        let server = HttpServer::new(move || {
            let (log, body) = (log.clone(), body.clone());
            App::new().default_service(web::to(move |request: HttpRequest, sent: web::Bytes| {
                log.lock().unwrap().push(record(&request, &sent));
                let mut answer = HttpResponse::build(StatusCode::from_u16(status).unwrap());
                for header in headers {
                    answer.insert_header(*header);
                }
                let body = body.clone();
                async move { answer.body(body) }
            }))
        });
        let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}", server.addrs()[0]);
        actix_web::rt::spawn(server.run());
        let settings = GuardSettings { allowed_origins: vec![base_url.clone()], ..GuardSettings::default() };
        let x = X {
            http: Guarded::new(settings).unwrap(),
            web_url: base_url.clone(),
            base_url,
            account: Us { id: US.to_owned(), handle: "acme".to_owned() },
            longest_post: EVERYBODYS_LONGEST,
            access_token: Secret::new("access"),
            bearer_token: Some(Secret::new("bearer")),
            clock: Clock::fixed(NOW),
            watch: Watch::nobody(),
        };
        Self { x, seen }
    }

    fn only(&self) -> Seen {
        let seen = self.seen.lock().unwrap();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen[0].clone()
    }
}

fn record(request: &HttpRequest, body: &[u8]) -> Seen {
    let header = |name| request.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    Seen {
        method: request.method().to_string(),
        path: request.path().to_owned(),
        query: serde_urlencoded::from_str(request.query_string()).unwrap(),
        authorization: header(AUTHORIZATION),
        content_type: header(CONTENT_TYPE),
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

/// Every call that the adapter makes, each once with all that it can carry.
async fn every_request() -> Vec<Seen> {
    let ids: Vec<String> = (1..=100).map(|n| (2_080_765_813_578_191_000_u64 + n).to_string()).collect();
    let to = Recorder::start(200, NOTHING, &[]).await;
    to.x.timeline(Timeline::Mentions, Stretch::default()).await.unwrap();
    let stretch = Stretch { since: Some("2080765813578191303"), until: Some("2080765813578191999") };
    to.x.timeline(Timeline::Mentions, stretch).await.unwrap();
    to.x.timeline(Timeline::Own, stretch).await.unwrap();
    to.x.sent_since(time_of("2080765813578191303"), &[]).await.unwrap();
    to.x.conversation("2080765813578191303", None).await.unwrap();
    to.x.conversation("2080765813578191303", Some("7140dibdnow9c7btw42")).await.unwrap();
    to.x.posts(&ids).await.unwrap();
    to.x.users(&ids).await.unwrap_err();
    to.x.me().await.unwrap_err();
    to.x.reply("2080765813578191303", "Turn off “smart connect” – then restart. 👋\n", &[], "").await;
    to.x.delete("2080765813578191303").await;
    to.x.search("(widget OR router) -from:acme", Some("2080765813578191303"), None, 25).await.unwrap();
    to.x.search("widget", Some("1000000000000000000"), Some("7140dibdnow9c7btw42"), 1_000).await.unwrap();
    to.x.beyond_timeline(stretch).await.unwrap();
    to.x.versions(&ids).await.unwrap();
    let seen = to.seen.lock().unwrap().clone();
    assert_eq!(seen.len(), 15);
    seen
}

#[actix_web::test]
async fn requests_are_those_that_x_describes_in_prose() {
    let seen = every_request().await;
    let expected = [
        ("GET", "/2/users/1111111111111111111/mentions", "access", vec![("max_results", "100")]),
        (
            "GET",
            "/2/users/1111111111111111111/mentions",
            "access",
            vec![("since_id", "2080765813578191303"), ("until_id", "2080765813578191999")],
        ),
        (
            "GET",
            "/2/users/1111111111111111111/tweets",
            "access",
            vec![("since_id", "2080765813578191303"), ("until_id", "2080765813578191999")],
        ),
        ("GET", "/2/users/1111111111111111111/tweets", "access", vec![("max_results", "100")]),
        (
            "GET",
            "/2/tweets/search/recent",
            "bearer",
            vec![("query", "conversation_id:2080765813578191303"), ("sort_order", "recency")],
        ),
        (
            "GET",
            "/2/tweets/search/recent",
            "bearer",
            vec![("next_token", "7140dibdnow9c7btw42"), ("max_results", "100")],
        ),
        ("GET", "/2/tweets", "bearer", vec![("user.fields", "username,name,profile_image_url,public_metrics")]),
        ("GET", "/2/users", "bearer", vec![("user.fields", "username,name,profile_image_url,public_metrics")]),
        ("GET", "/2/users/me", "access", vec![]),
        ("POST", "/2/tweets", "access", vec![]),
        ("DELETE", "/2/tweets/2080765813578191303", "access", vec![]),
        (
            "GET",
            "/2/tweets/search/recent",
            "bearer",
            vec![
                ("query", "(widget OR router) -from:acme"),
                ("since_id", "2080765813578191303"),
                ("max_results", "25"),
                ("expansions", "author_id,attachments.media_keys"),
            ],
        ),
        (
            "GET",
            "/2/tweets/search/recent",
            "bearer",
            vec![("next_token", "7140dibdnow9c7btw42"), ("max_results", "100")],
        ),
        (
            "GET",
            "/2/tweets/search/recent",
            "bearer",
            vec![("query", "@acme -from:acme"), ("until_id", "2080765813578191999")],
        ),
        ("GET", "/2/tweets", "bearer", vec![]),
    ];
    for (request, (method, path, token, parameters)) in seen.iter().zip(expected) {
        assert_eq!((request.method.as_str(), request.path.as_str()), (method, path));
        assert_eq!(request.authorization, format!("Bearer {token}"), "{path}");
        for (name, value) in parameters {
            assert_eq!(request.parameter(name), Some(value), "{path} {name}");
        }
        let reads_posts = method == "GET" && !["/2/users", "/2/users/me"].contains(&path);
        let fields = request.parameter("tweet.fields").unwrap_or_default();
        for field in
            ["author_id", "conversation_id", "referenced_tweets", "display_text_range", "note_tweet", "entities"]
        {
            assert_eq!(fields.split(',').any(|known| known == field), reads_posts, "{path} {field}");
        }
    }
    assert_eq!(seen[6].parameter("ids").unwrap().split(',').count(), 100);
    let sent: Value = serde_json::from_str(&seen[9].body).unwrap();
    let text = "Turn off “smart connect” – then restart. 👋\n";
    assert_eq!(sent, json!({ "text": text, "reply": { "in_reply_to_tweet_id": "2080765813578191303" } }));
    assert_eq!(seen[9].content_type, "application/json");
    assert_eq!(seen[12].parameter("since_id"), None, "X refuses an id that is older than what it searches");
}

/// What is asked of X for a reply with a picture, in order.
async fn picture_requests() -> Vec<Seen> {
    let id = "1880000000000000001";
    let to = Recorder::start(200, format!(r#"{{"data":{{"id":"{id}"}}}}"#), &[]).await;
    assert_eq!(to.x.upload("image/png", b"the bytes of a picture").await.unwrap().id, id);
    assert_eq!(to.x.upload_state(id).await.unwrap().look_after, None);
    to.x.describe(id, "Two lights, the left one is “on”").await.unwrap();
    to.x.reply("2080765813578191303", "The left one.", &[id.to_owned()], "").await;
    let seen = to.seen.lock().unwrap().clone();
    assert_eq!(seen.len(), 4);
    seen
}

#[actix_web::test]
async fn a_picture_is_uploaded_described_and_posted() {
    let seen = picture_requests().await;
    assert!(seen.iter().all(|request| request.authorization == "Bearer access"), "{seen:?}");
    let [upload, state, describe, reply] = &seen[..] else { panic!("{seen:?}") };
    assert_eq!((upload.method.as_str(), upload.path.as_str()), ("POST", "/2/media/upload"));
    assert!(upload.content_type.starts_with("multipart/form-data; boundary="), "{}", upload.content_type);
    for part in
        ["name=\"media_category\"\r\n", "\r\ntweet_image\r\n", "name=\"media\"; filename=", "the bytes of a picture"]
    {
        assert!(upload.body.contains(part), "{part}: {}", upload.body);
    }
    assert_eq!((state.method.as_str(), state.parameter("media_id")), ("GET", Some("1880000000000000001")));
    assert_eq!(state.parameter("command"), Some("STATUS"));
    let body = |request: &Seen| serde_json::from_str::<Value>(&request.body).unwrap();
    let alt = json!({ "alt_text": { "text": "Two lights, the left one is “on”" } });
    assert_eq!(describe.path, "/2/media/metadata");
    assert_eq!(body(describe), json!({ "id": "1880000000000000001", "metadata": alt }));
    assert_eq!(body(reply)["media"], json!({ "media_ids": ["1880000000000000001"] }));
}

#[actix_web::test]
async fn requests_keep_to_the_openapi_files() {
    for version in ["2.159", "2.167"] {
        let Some(file) = test_data(&format!("platforms/x/openapi-{version}.json"), "requests against X's OpenAPI file")
        else {
            continue;
        };
        let spec: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        // An upload is a form, which the file describes, too, but not as JSON.
        let pictures = picture_requests().await.into_iter().skip(1);
        for request in every_request().await.into_iter().chain(pictures) {
            check_request(&spec, version, &request);
        }
    }
}

/// Checks path, parameters and body. From 2.167 on X describes `post.fields` where we send `tweet.fields`, which it
/// still takes: there the fields of posts, and what is named after them, are not compared.
fn check_request(spec: &Value, version: &str, request: &Seen) {
    let what = format!("{version}: {} {}", request.method, request.path);
    let (template, operation) = operation(spec, request).unwrap_or_else(|| panic!("{what}: no such call"));
    let renamed = |name: &str| version == "2.167" && ["tweet.fields", "expansions"].contains(&name);
    let parameters: Vec<&Value> =
        operation["parameters"].as_array().into_iter().flatten().map(|p| resolved(spec, p)).collect();
    let described = |place: &str, name: &str| parameters.iter().find(|p| p["in"] == place && p["name"] == name);
    for (name, value) in &request.query {
        match described("query", name) {
            _ if renamed(name) => {}
            Some(parameter) => {
                check_value(spec, &parameter["schema"], &typed(spec, parameter, value), &format!("{what} {name}"))
            }
            None => panic!("{what}: unknown parameter {name}"),
        }
    }
    for (part, value) in template.split('/').zip(request.path.split('/')).filter(|(part, _)| part.starts_with('{')) {
        let name = part.trim_matches(['{', '}']);
        check_value(spec, &described("path", name).unwrap()["schema"], &json!(value), &format!("{what} {name}"));
    }
    for parameter in parameters.iter().filter(|p| p["in"] == "query" && p["required"] == true) {
        assert!(
            request.parameter(parameter["name"].as_str().unwrap()).is_some(),
            "{what}: lacks {}",
            parameter["name"]
        );
    }
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(body.is_object(), !request.body.is_empty(), "{what}: a body where one belongs");
    if body.is_object() {
        check_value(spec, body, &serde_json::from_str(&request.body).unwrap(), &what);
    }
}

/// The operation with the most literal path that fits.
fn operation<'a>(spec: &'a Value, request: &Seen) -> Option<(&'a str, &'a Value)> {
    let parts: Vec<&str> = request.path.split('/').collect();
    let fits = |template: &str| {
        let own: Vec<&str> = template.split('/').collect();
        own.len() == parts.len() && own.iter().zip(&parts).all(|(own, part)| own.starts_with('{') || own == part)
    };
    let paths = spec["paths"].as_object().unwrap().iter().filter(|(template, _)| fits(template));
    let (template, item) = paths.min_by_key(|(template, _)| template.matches('{').count())?;
    item.get(request.method.to_lowercase()).map(|operation| (template.as_str(), operation))
}

fn resolved<'a>(spec: &'a Value, value: &'a Value) -> &'a Value {
    value["$ref"].as_str().map_or(value, |reference| resolved(spec, spec.pointer(&reference[1..]).unwrap()))
}

/// A parameter's text as the value that its schema speaks of.
fn typed(spec: &Value, parameter: &Value, text: &str) -> Value {
    match resolved(spec, &parameter["schema"])["type"].as_str() {
        Some("array") => text.split(',').collect(),
        Some("integer") => json!(text.parse::<i64>().unwrap()),
        _ => json!(text),
    }
}

fn check_value(spec: &Value, schema: &Value, value: &Value, what: &str) {
    let mut schema = schema.clone();
    schema["components"] = spec["components"].clone();
    let errors: Vec<String> =
        jsonschema::validator_for(&schema).unwrap().iter_errors(value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{what}: {errors:?} in {value}");
}

#[actix_web::test]
async fn recorded_answers_are_understood() {
    let Some(folder) = test_data("platforms/x/recorded", "the recorded answers of X") else { return };
    let mut used = Vec::new();
    for file in files(&folder, "yaml") {
        let recording: serde_yaml_ng::Value = serde_yaml_ng::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        for exchange in recording["interactions"].as_sequence().unwrap() {
            let method = exchange["request"]["method"].as_str().unwrap();
            let uri = exchange["request"]["uri"].as_str().unwrap();
            let path = uri.split_once(".com").unwrap().1.split('?').next().unwrap();
            let status = u16::try_from(exchange["response"]["status"]["code"].as_u64().unwrap()).unwrap();
            if understand(method, path, status, recorded_body(&exchange["response"]["body"]["string"])).await {
                used.push(format!("{method} {path}"));
            } else {
                eprintln!("left out: {method} {path}, which the adapter does not call");
            }
        }
    }
    assert_eq!(used.len(), 8, "{used:?}");
}

/// Plays one recorded answer to the adapter; false if it makes no such call.
async fn understand(method: &str, path: &str, status: u16, body: Vec<u8>) -> bool {
    let recorder = Recorder::start(status, body.clone(), &[]).await;
    let recorded: Value = serde_json::from_slice(&body).unwrap();
    let parts: Vec<&str> = path.split('/').skip(2).collect();
    let raw = match (method, parts.as_slice()) {
        ("GET", ["users", _, "mentions"]) => recorder.x.timeline(Timeline::Mentions, Stretch::default()).await,
        ("GET", ["users", _, "tweets"]) => recorder.x.timeline(Timeline::Own, Stretch::default()).await,
        ("GET", ["tweets", "search", "recent"]) => recorder.x.conversation("1", None).await,
        ("GET", ["tweets"] | ["tweets", _]) => recorder.x.posts(&["1293593516040269825".to_owned()]).await,
        ("GET", ["users", "me"]) => {
            let me = recorder.x.me().await.unwrap();
            assert_eq!((me.id.as_str(), me.handle.as_str()), ("1072250532645998596", "TweepyDev"));
            return true;
        }
        ("POST", ["tweets"]) => {
            let accepted = Outcome::Accepted { remote_id: "1456012973835788293".to_owned(), person: None };
            assert_eq!(recorder.x.reply("1", "Test Tweet", &[], "").await, accepted);
            return true;
        }
        ("DELETE", ["tweets", id]) => {
            assert_eq!(recorder.x.delete(id).await, Outcome::Accepted { remote_id: (*id).to_owned(), person: None });
            return true;
        }
        _ => return false,
    };
    let raw = raw.unwrap();
    assert_eq!(raw, body, "the body comes back as it arrived");
    let page = recorder.x.parse_page(&raw).unwrap();
    assert!(page.unreadable.is_empty(), "{:?}", page.unreadable);
    let ids: Vec<&Value> = match &recorded["data"] {
        Value::Array(posts) => posts.iter().map(|post| &post["id"]).collect(),
        post => vec![&post["id"]],
    };
    assert!(!ids.is_empty());
    assert_eq!(page.posts.iter().map(|post| json!(post.id)).collect::<Vec<_>>().iter().collect::<Vec<_>>(), ids);
    assert!(page.posts.iter().all(|post| !post.text.is_empty() && post.posted_at > Millis(1_577_836_800_000)));
    assert_eq!(json!(page.next_token), recorded["meta"]["next_token"]);
    true
}

fn recorded_body(text: &serde_yaml_ng::Value) -> Vec<u8> {
    let text = match text {
        serde_yaml_ng::Value::Tagged(tagged) => tagged.value.as_str().unwrap(),
        plain => plain.as_str().unwrap(),
    };
    let Ok(packed) = STANDARD.decode(text.split_whitespace().collect::<String>()) else {
        return text.as_bytes().to_vec();
    };
    let mut body = Vec::new();
    GzDecoder::new(packed.as_slice()).read_to_end(&mut body).unwrap();
    body
}

#[test]
fn webhook_samples_are_understood() {
    let Some(folder) = test_data("platforms/x/webhooks", "X's webhook samples") else { return };
    let x = adapter();
    let mut seen = 0;
    for file in files(&folder, "json") {
        let read = x.parse_webhook(&std::fs::read(&file).unwrap());
        let name = file.file_name().unwrap().to_str().unwrap();
        match name {
            "post.mention.create.json" => {
                let [Inbound::Post(post)] = read.as_deref().unwrap() else { panic!("{read:?}") };
                assert_eq!((post.text.as_str(), post.author.handle.as_str()), ("hey @ExampleUser", "OtherUser"));
                assert_eq!((post.author.followers, x.reply_path(post)), (Some(97), ReplyPath::Api));
                assert_eq!((post.posted_at, post.lang.as_deref()), (NOW, None));
            }
            "post.reply.create.json" => {
                let [Inbound::Post(post)] = read.as_deref().unwrap() else { panic!("{read:?}") };
                assert_eq!(post.text, "Great post — thanks for sharing!");
                assert_eq!(post.parent.as_deref(), Some("2080761390344937796"));
                assert_eq!((post.author.id.as_str(), post.author.handle.as_str()), ("2222222222222222222", ""));
                assert_eq!((post.addressed.len(), x.reply_path(post)), (0, ReplyPath::ByHand));
            }
            "post.delete.json" => {
                assert_eq!(read.unwrap(), [Inbound::Deleted { id: "2080761269309813134".to_owned() }]);
            }
            "dm.received.json" => {
                let [Inbound::Message(message)] = read.as_deref().unwrap() else { panic!("{read:?}") };
                assert_eq!(
                    (message.text.as_str(), message.with.handle.as_str(), message.ours),
                    ("hello!", "OtherUser", false)
                );
            }
            "oauth.revoke.json" => assert_eq!(read.unwrap(), [Inbound::Revoked]),
            // An envelope around nothing at all.
            "Event_envelope.json" => assert!(read.is_err()),
            other => assert_eq!(read.unwrap(), [Inbound::Ignored(other.trim_end_matches(".json").to_owned())]),
        }
        seen += 1;
    }
    assert_eq!(seen, 6);
}

#[actix_web::test]
async fn answers_that_are_none_are_failures() {
    let cases = [
        (200, "<!doctype html><p>Sign in", "the network could not be read"),
        (200, r#"{"data":[{"id":"#, "the network could not be read"),
        (200, "{}", "the network could not be read"),
        (200, r#"{"errors":[{"detail":"User has been suspended"}]}"#, "the network refused: User has been suspended"),
        (503, "over capacity", "the network could not be read"),
        (
            401,
            r#"{"title":"Unauthorized","status":401,"detail":"Unauthorized"}"#,
            "the access token is refused: X does not take our access any more. Connect the account again. X says: “Unauthorized” (401)",
        ),
        (302, "", "the network could not be read"),
    ];
    for (status, body, expected) in cases {
        let recorder = Recorder::start(status, body, &[("location", "https://example.com/")]).await;
        let failure = recorder.x.timeline(Timeline::Mentions, Stretch::default()).await.unwrap_err().to_string();
        assert!(failure.starts_with(expected), "{status} {body}: {failure}");
        recorder.only();
    }
    let gone = r#"{"errors":[{"value":"7","resource_type":"tweet","type":"https://api.x.com/2/problems/resource-not-found"}]}"#;
    let recorder = Recorder::start(200, gone, &[]).await;
    let raw = recorder.x.posts(&["7".to_owned()]).await.unwrap();
    assert_eq!(recorder.x.parse_page(&raw).unwrap(), PostPage { missing: vec!["7".to_owned()], ..PostPage::default() });
    assert!(matches!(recorder.x.posts(&[]).await, Err(Failure::Refused(_))));
    recorder.only();
}

#[actix_web::test]
async fn a_send_is_made_once_and_its_wait_is_x_s() {
    let reset = &[("x-rate-limit-reset", "1784928323"), ("location", "/2/tweets")];
    for (status, body) in [(429, "{}"), (500, "{}"), (307, ""), (201, "<html>")] {
        let recorder = Recorder::start(status, body, reset).await;
        match recorder.x.reply("7", "hello", &[], "").await {
            Outcome::RetryAfter { wait, .. } => assert_eq!((status, wait.as_secs()), (429, 120)),
            Outcome::Unknown { .. } => assert_ne!(status, 429),
            other => panic!("{status}: {other:?}"),
        }
        assert_eq!(recorder.only().method, "POST");
    }
}

#[actix_web::test]
async fn ids_cannot_leave_their_place_in_the_address() {
    let recorder = Recorder::start(200, r#"{"data":{"deleted":true}}"#, &[]).await;
    recorder.x.delete("../users/me?x=1#").await;
    assert_eq!(recorder.only().path, "/2/tweets/..%2Fusers%2Fme%3Fx=1%23");
}

fn adapter() -> X {
    X {
        http: Guarded::new(GuardSettings::default()).unwrap(),
        base_url: "https://api.x.com".to_owned(),
        web_url: "https://x.com".to_owned(),
        account: Us { id: US.to_owned(), handle: "ExampleUser".to_owned() },
        longest_post: EVERYBODYS_LONGEST,
        access_token: Secret::new("access"),
        bearer_token: None,
        clock: Clock::fixed(NOW),
        watch: Watch::nobody(),
    }
}

/// A file or folder of the test data; says what is left out when there is none.
fn test_data(path: &str, what: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("ANSWERWELL_TEST_DATA") else {
        eprintln!("left out: {what} (ANSWERWELL_TEST_DATA names no folder)");
        return None;
    };
    Some(PathBuf::from(folder).join(path))
}

fn files(folder: &PathBuf, extension: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|known| known == extension));
    files.sort();
    files
}
