//! Did it work? What the asker says after an answer reached them is offered to staff, counts for the answer, and moves the
//! thread on.

use answerwell::answers::{self, AnswerId};
use answerwell::db::{Db, DbError};

use super::{FIX, action, acts, answer, ask, colleague, kinds_told, states, thread, verify, waiting};
use crate::support::{Answer, Person, TestApp, TestLoop, eventually};

const QUESTION: &str = "@acme my router drops wifi every evening, is it just me?";

/// Comments on a question as this member.
async fn comment(who: &Person, question: i64, text: &str) {
    let page = who.get(&format!("/questions/{question}")).await.expect(200);
    who.submit(&page, &format!("/questions/{question}/comments"), &[("body", text)]).await.expect(200);
}

/// How often an answer worked and did not.
async fn numbers(db: &Db, id: i64) -> (i64, i64) {
    db.read(move |conn| {
        let answer = answers::find(conn, AnswerId(id))?.expect("the answer");
        Ok::<_, DbError>((answer.worked, answer.broken))
    })
    .await
    .unwrap()
}

async fn decide(staff: &Person, page: &Answer, verdict: &str) -> Answer {
    let decide = action(page, "/desk/results/", "");
    let mut fields = page.form(&decide);
    fields.push(("verdict".to_owned(), verdict.to_owned()));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    staff.post_form(&decide, &fields).await
}

#[tokio::test]
async fn what_the_asker_says_here_is_decided_once_and_can_be_mended() {
    let app = TestApp::start().await;
    let (customer, peer, staff, other) =
        (app.customer().await, app.peer().await, app.staff().await, colleague(&app).await);
    let question = ask(&customer).await;
    comment(&customer, question, "It is still broken, by the way").await;
    let id = answer(&peer, question, FIX).await;
    comment(&customer, question, "Thanks, I will try that").await;
    assert!(waiting(app.db(), "result").await.is_empty(), "nothing was verified yet");
    verify(&staff, id, &[]).await.expect(200);
    comment(&peer, question, "That worked for me, too").await;
    assert!(waiting(app.db(), "result").await.is_empty(), "that is not the asker");
    comment(&customer, question, "That worked, thanks a lot!").await;
    assert_eq!(waiting(app.db(), "result").await.len(), 1);
    let place = format!("/desk/questions/{question}");
    let (page, theirs) = (staff.get(&place).await.expect(200), other.get(&place).await.expect(200));
    page.expect_text("Did it work?").expect_text("It reads like: It worked.");
    decide(&customer, &page, "worked").await.expect(403);
    decide(&staff, &page, "splendid").await.expect(400);
    decide(&staff, &page, "worked").await.expect(200);
    assert_eq!(numbers(app.db(), id).await, (1, 0));
    thread(&app, question).await.expect_text("worked for the one who told us");
    assert!(waiting(app.db(), "result").await.is_empty());
    // A page that is out of date decides nothing.
    decide(&other, &theirs, "broken").await.expect(200).expect_text("Somebody or something was faster");
    assert_eq!(numbers(app.db(), id).await, (1, 0));
    assert_eq!(states(app.db(), id).await, ["standing"]);
    // Mended, the numbers follow.
    let page = other.get(&place).await.expect(200);
    page.expect_text("It worked , says Sam Staff");
    decide(&other, &page, "neither").await.expect(200);
    assert_eq!(numbers(app.db(), id).await, (0, 0));
    let page = other.get(&place).await.expect(200);
    decide(&other, &page, "broken").await.expect(200);
    assert_eq!(numbers(app.db(), id).await, (0, 1));
    assert_eq!(states(app.db(), id).await, ["stale"]);
    thread(&app, question).await.expect_text("it did not help somebody who asked");
    assert_eq!(waiting(app.db(), "asked").await, [question], "the thread waits for us again");
    assert_eq!(waiting(app.db(), "recheck").await.len(), 1);
    assert_eq!(acts(app.db()).await.iter().filter(|act| *act == "decide_result").count(), 3);
    assert!(kinds_told(app.db(), peer.id).await.contains(&"stale".to_owned()));
}

#[tokio::test]
async fn two_decide_at_once_and_it_counts_once() {
    let app = TestApp::start().await;
    let (customer, peer, staff, other) =
        (app.customer().await, app.peer().await, app.staff().await, colleague(&app).await);
    let question = ask(&customer).await;
    let id = answer(&peer, question, FIX).await;
    verify(&staff, id, &[]).await.expect(200);
    comment(&customer, question, "It works now").await;
    let page = staff.get(&format!("/desk/questions/{question}")).await.expect(200);
    let (first, second) = tokio::join!(decide(&staff, &page, "worked"), decide(&other, &page, "worked"));
    let late = [&first, &second].into_iter().filter(|answer| answer.says("was faster")).count();
    assert_eq!((first.status, second.status, late), (200, 200, 1));
    assert_eq!(numbers(app.db(), id).await, (1, 0));
}

#[tokio::test]
async fn the_askers_reply_on_the_network_closes_or_opens_the_thread() {
    let ends = TestLoop::start().await;
    let (peer, staff) = (ends.peer().await, ends.staff().await);
    for (text, verdict, waits) in
        [("@acme that did it, it works now!", "worked", false), ("@acme still broken, sorry", "broken", true)]
    {
        let (post, question) = ends.asks("mara_w", &format!("{QUESTION} Asked before {verdict}")).await;
        let id = answer(&peer, question, FIX).await;
        // X takes the same words once.
        verify(&staff, id, &[("short_form", &format!("Channel 40 helps. It is {verdict}, is it?"))]).await.expect(200);
        let reply = ends.replies(&post, 1).await.remove(0);
        eventually("it is known to have arrived", async || {
            kinds_told(ends.db(), peer.id).await.iter().any(|kind| kind == "sent")
        })
        .await;
        ends.says("mara_w", text, Some(&reply.id));
        eventually("it is offered as the result", async || !waiting(ends.db(), "result").await.is_empty()).await;
        let place = format!("/desk/questions/{question}");
        let page = staff.get(&place).await.expect(200);
        page.expect_text("Did it work?").expect_text("The asker waits");
        // What became of what they asked before stands on their card.
        let card = page.body.split("class=\"card customer\"").nth(1).and_then(|rest| rest.split("</details>").next());
        assert_eq!(card.expect("their card").contains("<span>It worked</span>"), waits, "{verdict}");
        let after = decide(&staff, &page, verdict).await.expect(200);
        assert_eq!(after.says("The asker waits"), waits, "{verdict}: {}", after.text());
        let expected = if waits { (0, 1) } else { (1, 0) };
        assert_eq!(numbers(ends.db(), id).await, expected);
        assert_eq!(states(ends.db(), id).await, [if waits { "stale" } else { "standing" }]);
    }
}

#[tokio::test]
async fn an_answer_that_helps_fewer_than_half_is_checked_again() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let question = ask(&customer).await;
    let id = answer(&peer, question, FIX).await;
    verify(&staff, id, &[]).await.expect(200);
    let place = format!("/desk/questions/{question}");
    for verdict in ["broken", "broken", "broken", "worked"] {
        if states(app.db(), id).await.last().is_some_and(|state| state == "stale") {
            verify(&staff, id, &[]).await.expect(200);
        }
        comment(&customer, question, "About that").await;
        let page = staff.get(&place).await.expect(200);
        // The newest stands last, and the earlier ones are decided.
        let open = page.body.rfind("Did it work?</strong>").expect("something to decide");
        let at = page.body[..open].rfind("/desk/results/").expect("its form");
        let decide = page.body[at..].split('"').next().unwrap().to_owned();
        staff.post_form(&decide, &[("verdict", verdict), ("was", "")]).await.expect(200);
    }
    assert_eq!(numbers(app.db(), id).await, (1, 3));
    thread(&app, question).await.expect_text("it worked for 1 of the 4 who told us in the last 90 days");
    thread(&app, question).await.expect_text("worked for 1 of 4 who told us");
}
