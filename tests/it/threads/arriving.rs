//! What arrives while somebody reads: one stream for everybody, with figures and without words, and nothing of what not
//! everybody sees.

use std::time::Duration;

use answerwell::app::App;
use answerwell::arrivals::Arrivals;
use answerwell::jobs::Jobs;
use diesel::prelude::*;
use reqwest::{Method, Response};

use super::Scene;
use crate::forum::answer;
use crate::support::{TestApp, Visitor};

/// Hearing is given up after so long; what is waited for comes within seconds.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Listening {
    response: Response,
    heard: String,
}

impl Listening {
    async fn begin(app: &TestApp) -> Self {
        Self::begin_as(&app.visitor()).await
    }

    pub(crate) async fn begin_as(who: &Visitor) -> Self {
        let response = who.request(Method::GET, "/live").send().await.expect("a stream");
        assert_eq!(response.status(), 200);
        let mut listening = Self { response, heard: String::new() };
        listening.until("event: look\ndata:\n\n").await;
        listening
    }

    /// Reads until these words were heard, and returns what came before them.
    pub(crate) async fn until(&mut self, words: &str) -> String {
        loop {
            if let Some(at) = self.heard.find(words) {
                return self.heard.drain(..at + words.len()).collect();
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
            let chunk = chunk.unwrap_or_else(|_| panic!("not heard: {words}, but {}", self.heard));
            let chunk = chunk.expect("a stream").unwrap_or_else(|| panic!("the stream ended without {words}"));
            self.heard.push_str(&String::from_utf8_lossy(&chunk));
        }
    }

    /// What is still said before the stream ends.
    pub(crate) async fn until_its_end(mut self) -> String {
        loop {
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
            let chunk = chunk.unwrap_or_else(|_| panic!("the stream goes on: {}", self.heard));
            let Some(chunk) = chunk.expect("a stream") else { return self.heard };
            self.heard.push_str(&String::from_utf8_lossy(&chunk));
        }
    }
}

async fn set_private(app: &TestApp, question: i64) {
    app.db()
        .write(move |tx| {
            let change = diesel::sql_query(format!("UPDATE question SET private = 1 WHERE id = {question}"));
            change.execute(&mut **tx)?;
            Ok::<_, answerwell::db::DbError>(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn an_answer_and_a_person_arrive_as_figures_and_never_as_words() {
    let scene = Scene::set().await;
    let jobs = tail(&scene.app);
    let mut listening = Listening::begin(&scene.app).await;
    let mut other = Listening::begin(&scene.app).await;
    // The tail begins with the first stream: from the moment of its first look on, everything is told.
    answer_until_heard(&scene, &mut listening).await;
    scene.peer.post_form("/questions/1/affected", &[("affected", "yes")]).await.expect(200);
    let heard = listening.until("\"affected\":1}]").await;
    assert!(heard.contains("event: threads") && !heard.contains("cable"), "{heard}");
    other.until("\"affected\":1}]").await;
    let figures = scene.app.visitor().get("/live/figures?thread=1").await.expect(200).json();
    assert_eq!((figures[0]["id"].as_i64(), figures[0]["affected"].as_i64()), (Some(1), Some(1)));
    jobs.shut_down(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn nothing_of_a_private_or_hidden_thread_is_told() {
    let scene = Scene::set().await;
    let jobs = tail(&scene.app);
    let secret = crate::tools::ask_here(&scene.customer, "A question that stays between us").await;
    let hidden = crate::tools::ask_here(&scene.customer, "A question that staff will hide").await;
    set_private(&scene.app, secret).await;
    let mut listening = Listening::begin(&scene.app).await;
    answer_until_heard(&scene, &mut listening).await;
    let hide = format!("/desk/moderate/question-{hidden}");
    scene.staff.post_form(&hide, &[("act", "hide"), ("reason", "No.")]).await.expect(200);
    scene
        .app
        .db()
        .write(move |tx| {
            answerwell::questions::touched(tx, answerwell::questions::QuestionId(secret), answerwell::clock::Millis(1))
        })
        .await
        .unwrap();
    scene.peer.post_form("/questions/1/affected", &[("affected", "yes")]).await.expect(200);
    let heard = listening.until("\"affected\":1}").await;
    for id in [secret, hidden] {
        assert!(!heard.contains(&format!("\"id\":{id},")), "{heard}");
        let figures = scene.app.visitor().get(&format!("/live/figures?thread={id}")).await.expect(200);
        assert_eq!(figures.body, "[]");
    }
    jobs.shut_down(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn in_a_private_thread_its_asker_and_staff_hear_of_an_answer_and_nobody_else() {
    let scene = Scene::set().await;
    let Scene { app, customer, peer, staff } = &scene;
    let jobs = tail(app);
    let form = customer.get("/ask").await.expect(200);
    let words = [
        ("title", "A question that stays between us"),
        ("body", "Which amount is right?"),
        ("private", "yes"),
        ("seen", "yes"),
    ];
    let thread = customer.submit(&form, "/ask", &words).await.expect(200);
    let secret: i64 = thread.path.split('/').nth(2).and_then(|id| id.parse().ok()).expect("the thread");
    let own = thread.body.split("data-live-thread=").nth(1).and_then(|rest| rest.split('>').next()).expect("a line");
    assert!(own.contains("data-answers=\"0\""), "{own}");

    let (mut asker, mut desk) = (Listening::begin_as(customer).await, Listening::begin_as(staff).await);
    let (mut member, mut stranger) = (Listening::begin_as(peer).await, Listening::begin(app).await);
    answer_until_heard(&scene, &mut asker).await;
    crate::tools::answer(staff, secret, "The smaller one.").await;
    let look = format!("event: look\ndata: {secret}\n\n");
    for readers in [&mut asker, &mut desk] {
        let heard = readers.until(&look).await;
        assert!(!heard.contains("smaller"), "{heard}");
    }
    // What they are told to look at is told to them, and to them alone.
    let figures = format!("/live/figures?thread={secret}");
    for reader in [customer, staff] {
        let found = reader.get(&figures).await.expect(200).json();
        assert_eq!((found[0]["id"].as_i64(), found[0]["answers"].as_i64()), (Some(secret), Some(1)));
    }
    let comments = format!("/questions/{secret}/comments");
    customer.post_form(&comments, &[("body", "Thank you.")]).await.expect(200);
    for readers in [&mut asker, &mut desk] {
        let heard = readers.until(&look).await;
        assert!(!heard.contains("Thank"), "{heard}");
    }
    let found = staff.get(&figures).await.expect(200).json();
    assert_eq!(found[0]["comments"].as_i64(), Some(1));
    assert_eq!(peer.get(&figures).await.expect(200).body, "[]");
    assert_eq!(app.visitor().get(&figures).await.expect(200).body, "[]");
    // The others go on to hear of public threads, and heard nothing of this one.
    peer.post_form("/questions/1/affected", &[("affected", "yes")]).await.expect(200);
    for other in [&mut member, &mut stranger] {
        let heard = other.until("\"affected\":1}").await;
        assert!(!heard.contains(&look) && !heard.contains(&format!("\"id\":{secret},")), "{heard}");
    }
    jobs.shut_down(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_comment_arrives_as_a_figure_and_goes_as_one_wherever_it_stands() {
    let scene = Scene::set().await;
    let Scene { app, customer, peer, staff } = &scene;
    let jobs = tail(app);
    let mut listening = Listening::begin(app).await;
    answer_until_heard(&scene, &mut listening).await;
    let said = [("body", "Which cable, this one?"), ("answer_id", "1")];
    peer.post_form("/questions/1/comments", &said).await.expect(200);
    let heard = listening.until("\"comments\":1,\"newest_comment\":1,").await;
    assert!(!heard.contains("this one"), "{heard}");
    customer.post_form("/questions/1/comments", &[("body", "The grey one.")]).await.expect(200);
    listening.until("\"comments\":2,\"newest_comment\":2,").await;
    // A thread that says what was said a moment ago has nothing to tell.
    let page = app.visitor().get("/questions/1").await.expect(200);
    assert!(page.body.contains("data-comments=\"2\" data-newest-comment=\"2\""), "{}", page.body);

    // It goes: by itself, and with the answer that it hangs on.
    let hide = [("act", "hide"), ("reason", "It helps nobody.")];
    staff.post_form("/desk/moderate/comment-2", &hide).await.expect(200);
    listening.until("\"comments\":1,\"newest_comment\":1,").await;
    staff.post_form("/desk/moderate/answer-1", &hide).await.expect(200);
    listening.until("\"comments\":0,\"newest_comment\":0,").await;
    let page = app.visitor().get("/questions/1").await.expect(200);
    assert!(page.body.contains("data-comments=\"0\""), "{}", page.body);
    jobs.shut_down(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_comment_in_a_question_that_is_part_of_another_arrives_in_the_whole() {
    let scene = Scene::set().await;
    let Scene { app, customer, peer, staff } = &scene;
    let part = crate::tools::ask_here(peer, "Zephyrquill network goes away at night").await;
    let given = crate::tools::answer(customer, part, "Mine stays.").await;
    let merge = format!("{}/merge", crate::tools::desk_place(part));
    staff.post_form(&merge, &[("into", "1")]).await.expect(200);
    let jobs = tail(app);
    let mut listening = Listening::begin(app).await;
    answer_until_heard(&scene, &mut listening).await;
    let on = given.to_string();
    let said = [("body", "On which band?"), ("answer_id", on.as_str())];
    peer.post_form("/questions/1/comments", &said).await.expect(200);
    let heard = listening.until("\"comments\":1,").await;
    assert!(heard.contains("{\"id\":1,") && !heard.contains(&format!("\"id\":{part},")), "{heard}");
    let page = app.visitor().get("/questions/1").await.expect(200);
    assert!(page.body.contains("data-comments=\"1\""), "{}", page.body);
    jobs.shut_down(Duration::from_secs(5)).await;
}

/// Runs the tail of this node.
fn tail(app: &TestApp) -> Jobs {
    let mut jobs = Jobs::default();
    Arrivals::start(&data(app), &mut jobs);
    jobs
}

fn data(app: &TestApp) -> actix_web::web::Data<App> {
    app.app.clone()
}

/// Answers until the stream says so: what was written before the tail's first look is not told.
async fn answer_until_heard(scene: &Scene, listening: &mut Listening) {
    for number in 0.. {
        answer(&scene.peer, &format!("Buy a cable, number {number}.")).await.expect(200);
        let heard = tokio::time::timeout(Duration::from_secs(2), listening.until("event: threads")).await;
        if heard.is_ok() {
            return;
        }
        assert!(number < 20, "nothing is heard");
    }
}
