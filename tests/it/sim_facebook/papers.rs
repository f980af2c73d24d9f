//! The twin's answers against Meta's own papers: the Graph specifications, and webhook bodies.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use answerwell::sim::facebook::{SCOPES, With};
use reqwest::Method;
use serde_json::{Value, json};

use super::webhooks::Receiver;
use super::{Stage, TOKEN, answered, png};

/// The folder with Meta's papers, if the tests have one.
fn papers(left_out: &str) -> Option<PathBuf> {
    let folder =
        std::env::var_os("ANSWERWELL_TEST_DATA").map(|folder| PathBuf::from(folder).join("platforms/facebook"));
    if folder.is_none() {
        eprintln!("ANSWERWELL_TEST_DATA is not set: {left_out} left out");
    }
    folder
}

fn read_json(path: PathBuf) -> Value {
    serde_json::from_slice(&std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))).unwrap()
}

/// The specification of one kind of object.
struct Spec(Value);

impl Spec {
    fn open(folder: &std::path::Path, name: &str) -> Self {
        Self(read_json(folder.join("graph-specs").join(format!("{name}.json"))))
    }

    fn fields(&self) -> Vec<&str> {
        self.0["fields"].as_array().unwrap().iter().map(|field| field["name"].as_str().unwrap()).collect()
    }

    /// Every field of the object must be in the specification with this type, or be an edge of it.
    fn judge(&self, object: &Value) {
        for (name, value) in object.as_object().unwrap_or_else(|| panic!("{object}")) {
            let field = self.0["fields"].as_array().unwrap().iter().find(|field| field["name"] == name.as_str());
            let Some(field) = field else {
                let mut edges = self.0["apis"].as_array().unwrap().iter();
                assert!(edges.any(|api| api["endpoint"] == name.as_str()), "{name} is no field: {object:#}");
                continue;
            };
            let kind = field["type"].as_str().unwrap();
            let fits = match kind {
                "string" => value.is_string(),
                "bool" => value.is_boolean(),
                "unsigned int" => value.is_u64(),
                "int" => value.is_i64(),
                "datetime" => value.as_str().is_some_and(is_time),
                _ if kind.starts_with("list") => value.is_array(),
                _ => value.is_object(),
            };
            assert!(fits, "{name} is no {kind}: {value}");
        }
    }
}

/// `2021-07-21T21:05:14+0000`.
fn is_time(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "0000-00-00T00:00:00+0000"
}

#[actix_web::test]
async fn objects_fit_the_graph_specifications() {
    let Some(folder) = papers("the check against the Graph specifications") else { return };
    let [comment, post, thread, page, user] =
        ["Comment", "PagePost", "UnifiedThread", "Page", "User"].map(|name| Spec::open(&folder, name));
    let stage = Stage::open().await;
    let picture = stage.twin.add_picture(&png(4, 4)).unwrap();
    let with_picture = With { picture: Some(&picture), ..With::default() };
    let own = stage.twin.post("acme", "acme", "A picture", with_picture).unwrap();
    let visitor = stage.twin.post("jo", "acme", "Help, @Acme", With::default()).unwrap();
    let question = stage.twin.comment("jo", &own, "How, @Acme?", with_picture).unwrap();
    let answer = stage.post(&format!("/{question}/comments"), json!({"message": "So"})).await.id();
    stage.twin.message("jo", "hello", With::default()).unwrap();
    let private = json!({"recipient": {"comment_id": question}, "message": {"text": "In private"}});
    assert_eq!(stage.post("/me/messages", private).await.status, 200);

    for id in [&question, &answer] {
        let whole = stage.get(&format!("/{id}?fields={},comments{{id}}", comment.fields().join(","))).await;
        assert_eq!(whole.status, 200, "{}", whole.body);
        comment.judge(&whole.body);
        comment.judge(&stage.get(&format!("/{id}")).await.body);
    }
    for id in [&own, &visitor] {
        let whole = stage.get(&format!("/{id}?fields={},comments{{id}},attachments", post.fields().join(","))).await;
        assert_eq!(whole.status, 200, "{}", whole.body);
        post.judge(&whole.body);
    }
    let fields = thread.fields().join(",");
    let talks = stage.get(&format!("/me/conversations?fields={fields},messages{{id}}")).await;
    assert_eq!(talks.status, 200, "{}", talks.body);
    thread.judge(&talks.body["data"][0]);
    page.judge(
        &stage.get("/me?fields=id,name,username,link,category,category_list,access_token,fan_count,about").await.body,
    );
    let granted = stage.twin.grant("olga", &SCOPES).unwrap();
    let accounts = answered(stage.request(Method::GET, "/me/accounts", &granted.user_token)).await.body;
    let mut account = accounts["data"][0].clone();
    assert!(account.as_object_mut().unwrap().remove("tasks").is_some(), "Meta has tasks on this edge only");
    page.judge(&account);
    user.judge(&answered(stage.request(Method::GET, "/me?fields=id,name,first_name", &granted.user_token)).await.body);
    for (name, edge) in [("Comment", &question), ("PagePost", &own)] {
        let listed = stage.get(&format!("/{edge}/comments?filter=stream")).await;
        assert_eq!(listed.status, 200, "{name}");
        for one in listed.body["data"].as_array().unwrap() {
            comment.judge(one);
        }
    }
    assert_eq!(answered(stage.request(Method::GET, "/me", TOKEN)).await.status, 200);
}

/// Every place in a body with the type of what stands there.
fn shape(value: &Value, place: &str, shapes: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                shape(inner, &format!("{place}.{name}"), shapes);
            }
        }
        Value::Array(list) => {
            for inner in list {
                shape(inner, &format!("{place}[]"), shapes);
            }
        }
        Value::String(_) => drop(shapes.insert(format!("{place} text"))),
        Value::Number(_) => drop(shapes.insert(format!("{place} number"))),
        Value::Bool(_) => drop(shapes.insert(format!("{place} bool"))),
        Value::Null => drop(shapes.insert(format!("{place} null"))),
    }
}

fn shape_of(value: &Value) -> BTreeSet<String> {
    let mut shapes = BTreeSet::new();
    shape(value, "", &mut shapes);
    shapes
}

#[actix_web::test]
async fn webhook_bodies_have_metas_shapes() {
    let Some(folder) = papers("the check against webhook bodies") else { return };
    let stage = Stage::open().await;
    let receiver = Receiver::default();
    receiver.subscribe(&stage).await;
    stage.twin.deliver_in_batches(1);
    stage.twin.person("kim", "Kim").unwrap();
    stage.twin.hide_person("kim", true).unwrap();
    let picture = stage.twin.add_picture(&png(4, 4)).unwrap();
    let with_picture = With { picture: Some(&picture), ..With::default() };
    let wall = stage.twin.post("jo", "jo", "An evening out", With::default()).unwrap();
    let jo = stage.twin.psid("jo").unwrap();

    let mut expected: Vec<&str> = Vec::new();
    let post = stage.page_post("New release");
    expected.push("feed_status_add_by_page");
    let question = stage.says("jo", &post, "¿Cómo reinicio mi widget? 😀");
    expected.push("feed_comment_add_toplevel");
    stage.says("jo", &question, "thanks, and the blue one?");
    expected.push("feed_comment_add_reply_to_comment");
    stage.post(&format!("/{question}/comments"), json!({"message": "Hold it 5s"})).await.id();
    expected.push("feed_comment_add_by_page_itself");
    stage.twin.comment("jo", &post, "", with_picture).unwrap();
    expected.push("feed_comment_add_photo_no_text");
    stage.says("kim", &post, "anonymous to us");
    expected.push("feed_comment_add_without_from");
    stage.twin.edit("jo", &question, "How do I reset my widget v2?").unwrap();
    expected.push("feed_comment_edited");
    stage.twin.react("jo", &post).unwrap();
    expected.push("feed_reaction_add");
    stage.clock.advance(Duration::from_secs(1));
    stage.twin.delete("jo", &question).unwrap();
    expected.push("feed_comment_remove");
    stage.twin.post("jo", "acme", "Your widget is broken, help?", With::default()).unwrap();
    expected.push("feed_visitor_post_add");
    stage.twin.comment("jo", &wall, "@Acme help", With::default()).unwrap();
    expected.push("mention_comment");
    let message = stage.twin.message("jo", "order 42 never came", With::default()).unwrap();
    expected.push("messenger_text");
    stage.twin.edit_message(&message, "order 43 never came").unwrap();
    expected.push("messenger_edit");
    let sent = json!({"recipient": {"id": jo}, "message": {"text": "Sorry!", "metadata": "bridge:outbox:17"}});
    assert_eq!(stage.post("/me/messages", sent).await.status, 200);
    expected.extend(["messenger_echo", "messenger_delivery"]);
    stage.twin.message("jo", "", with_picture).unwrap();
    expected.extend(["messenger_attachment", "messenger_read"]);

    let bodies = receiver.wait_for(expected.len()).await;
    for (name, body) in expected.iter().zip(&bodies) {
        let paper = read_json(folder.join("webhooks").join(format!("{name}.json")));
        assert_eq!(shape_of(body), shape_of(&paper), "{name}: {body:#}");
    }
    assert_eq!(bodies.len(), expected.len());
}
