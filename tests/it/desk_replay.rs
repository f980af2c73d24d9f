//! Real posts stream in while two of us work the queue: each is answered once, by whoever has claimed it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use answerwell::db::{Conn, DbError};
use answerwell::members::Role;
use answerwell::questions::{QuestionId, list_texts_after};

use crate::support::{Person, TestLoop, eventually};

/// Askers of the file who are played.
const POSTS: usize = 40;
const QUEUE: &str = "/desk/next?queue=what%3Dreply";

/// The first posts of conversations in a file of real ones: author and words.
fn first_posts(file: &Path) -> Vec<(String, String)> {
    let mut reader = csv::Reader::from_path(file).expect("the file of posts");
    let rows = reader.records().map(|row| row.expect("a row"));
    let first = rows.filter(|row| &row[2] == "True" && row[6].is_empty() && row[4].chars().count() < 240);
    let mut posts: Vec<(String, String)> = first.map(|row| (format!("asker{}", &row[1]), row[4].to_owned())).collect();
    posts.dedup_by(|one, other| one.0 == other.0);
    posts.truncate(POSTS);
    posts
}

/// Works what is next, again and again, until nothing waits and nothing more comes. Returns how many this one answered.
async fn work(who: &Person, all_here: &AtomicBool) -> usize {
    let mut answered = 0;
    loop {
        let over = all_here.load(Ordering::SeqCst);
        let page = who.get(QUEUE).await.expect(200);
        let Some(id) =
            page.path.strip_prefix("/desk/questions/").map(|rest| rest.split('?').next().unwrap().to_owned())
        else {
            if over {
                return answered;
            }
            continue;
        };
        let claimed = who.submit(&page, "/desk/work", &[("act", "claim")]).await;
        // A colleague was faster, with the claim or with the whole of it.
        if claimed.status != 200 || !claimed.says("You work on this") || !claimed.says("The asker waits") {
            continue;
        }
        let action = format!("/desk/questions/{id}/messages");
        // X takes the same words of ours once.
        let text = format!("We are looking into it, as case {id}.");
        let sent = who.submit(&claimed, &action, &[("text", text.as_str()), ("then", "next")]).await;
        answered += usize::from(sent.status == 200);
    }
}

#[tokio::test]
async fn two_of_us_work_a_stream_of_real_posts_and_each_is_answered_once() {
    let Some(data) = std::env::var_os("ANSWERWELL_TEST_DATA").map(PathBuf::from) else {
        eprintln!("left out: ANSWERWELL_TEST_DATA does not name the folder of the test data");
        return;
    };
    let ends = TestLoop::start().await;
    let (ana, ben) = (ends.person("Ana Staff", Role::Staff).await, ends.person("Ben Staff", Role::Staff).await);
    let all_here = AtomicBool::new(false);
    let asking = async {
        let mut posts = Vec::new();
        for (asker, words) in first_posts(&data.join("data/tweets/support_tweets_2000.csv")) {
            posts.push(ends.says(&asker, &format!("@acme {words}"), None));
            tokio::task::yield_now().await;
        }
        let wanted = posts.len();
        eventually("every post is a question", async || ends.db().read(count_questions).await.unwrap() == wanted).await;
        all_here.store(true, Ordering::SeqCst);
        posts
    };
    let (posts, by_ana, by_ben) = tokio::join!(asking, work(&ana, &all_here), work(&ben, &all_here));
    assert_eq!(posts.len(), POSTS);
    assert_eq!(by_ana + by_ben, POSTS, "Ana answered {by_ana}, Ben {by_ben}");
    for post in &posts {
        ends.replies(post, 1).await;
    }
    ana.get("/desk?what=reply").await.expect_text("Nothing waits in this list");
}

fn count_questions(conn: &mut Conn) -> Result<usize, DbError> {
    Ok(list_texts_after(conn, QuestionId(0), 1_000)?.len())
}
