//! Two threads that were one and are two again: each has what was its own, and nothing of what belonged to the other.

use answerwell::clock::Millis;
use answerwell::members::Role;
use answerwell::people::recount::recount;
use answerwell::questions::{self, List};
use answerwell::reputation;

use super::merged::{OTHER, Twice};
use crate::forum::count_queries;
use crate::support::{Person, TestApp};
use crate::tools::{answer, verify};

const HELPED: &str = "Helped the person who asked";
const MAIN: &str = "Wifi drops every evening at nine";

async fn points(app: &TestApp, of: &Person) -> i64 {
    let id = of.id;
    app.db().read(move |conn| reputation::of_members(conn, &[id])).await.unwrap()[&id]
}

async fn accept(who: &Person, answer: i64) {
    who.post_form(&format!("/answers/{answer}/accept"), &[("accepted", "yes")]).await.expect(200);
}

/// The line of a question in the list of the newest ones.
async fn listed(app: &TestApp, title: &str) -> String {
    let page = app.visitor().get("/newest").await.expect(200).text();
    let from = page.find(title).unwrap_or_else(|| panic!("{title} is not in: {page}"));
    let rest = &page[from + title.len()..];
    let end = [MAIN, OTHER].iter().filter_map(|other| rest.find(other)).min().unwrap_or(rest.len());
    rest[..end].to_owned()
}

#[tokio::test]
async fn each_thread_keeps_what_its_own_asker_and_staff_accepted() {
    let twice = Twice::set().await;
    let Twice { app, customer, peer, staff, rita, main, part, cable, channel, .. } = &twice;
    let mira = app.person("Mira Member", Role::Member).await;
    let own = answer(&mira, *part, "Move it off the floor.").await;
    let of_staff = answer(&mira, *part, "Update it first.").await;
    let hidden = answer(rita, *part, "Turn it around.").await;
    accept(peer, own).await;
    twice.merge().await;
    // Who asked the whole says it of the other's answers, staff say it in anybody's place.
    for id in [channel, &hidden, cable] {
        accept(customer, *id).await;
    }
    accept(staff, of_staff).await;
    assert_eq!((points(app, rita).await, points(app, &mira).await), (30, 30));
    assert!(listed(app, MAIN).await.contains("Accepted"));
    let hide = [("act", "hide"), ("reason", "It advertises.")];
    staff.post_form(&format!("/desk/moderate/answer-{hidden}"), &hide).await.expect(200);

    twice.unmerge().await;
    let whole = twice.read(*main).await;
    assert_eq!(whole.text().matches(HELPED).count(), 1, "who asked it accepted the cable");
    assert_eq!(twice.read(*part).await.text().matches(HELPED).count(), 2, "its asker's, and the staff's");
    assert_eq!((points(app, rita).await, points(app, &mira).await), (0, 30));
    let back = [("act", "restore"), ("reason", "It does not.")];
    staff.post_form(&format!("/desk/moderate/answer-{hidden}"), &back).await.expect(200);
    assert_eq!(twice.read(*part).await.text().matches(HELPED).count(), 2, "nor what was out of sight meanwhile");
    assert_eq!(points(app, rita).await, 0);
    // Counted anew from what is kept, it is the same.
    assert_eq!(recount(app.db(), Millis(1)).await.unwrap().mended, 0);
    // And now it is the other asker's to say.
    accept(peer, *channel).await;
    assert_eq!(points(app, rita).await, 15);
}

#[tokio::test]
async fn nobody_is_credited_for_what_they_say_of_their_own_answer() {
    let twice = Twice::set().await;
    let Twice { app, customer, main, part, .. } = &twice;
    // Given to the other's question; by the merge it answers their own.
    let own = answer(customer, *part, "I found it: channel 11.").await;
    twice.merge().await;
    accept(customer, own).await;
    twice.read(*main).await.expect_text(HELPED);
    assert_eq!(points(app, customer).await, 0);
    assert_eq!(recount(app.db(), Millis(1)).await.unwrap().mended, 0);
}

#[tokio::test]
async fn lists_show_what_staff_vouch_for_in_a_merged_question_until_it_is_taken_out() {
    let twice = Twice::set().await;
    let Twice { app, customer, peer, staff, cable, channel, .. } = &twice;
    let queries = async || {
        let list = count_queries(app, |conn| questions::list(conn, List::Active, None, None).map(drop));
        list.await
    };
    let before = queries().await;
    accept(peer, *channel).await;
    verify(staff, *channel, &[]).await.expect(200);
    assert!(listed(app, MAIN).await.contains("Answered"));
    twice.merge().await;
    assert!(listed(app, MAIN).await.contains("Verified"), "{}", listed(app, MAIN).await);
    assert_eq!(queries().await, before);
    app.visitor().get(&format!("/questions/{}", twice.main)).await.expect_text("verified by Sam Staff");

    // Hidden, it is not; shown again, it is; withdrawn, the thread is as good as its other answers.
    let hide = [("act", "hide"), ("reason", "It advertises.")];
    staff.post_form(&format!("/desk/moderate/answer-{channel}"), &hide).await.expect(200);
    assert!(listed(app, MAIN).await.contains("Answered"));
    let back = [("act", "restore"), ("reason", "It does not.")];
    staff.post_form(&format!("/desk/moderate/answer-{channel}"), &back).await.expect(200);
    assert!(listed(app, MAIN).await.contains("Verified"));
    verify(staff, *cable, &[]).await.expect(200);
    let page = staff.get(&format!("/desk/answers/{channel}/verify")).await.expect(200);
    let withdraw = crate::tools::find_action(&page, "/desk/verifications/", "/withdraw").expect("the button");
    staff.submit(&page, &withdraw, &[]).await.expect(200);
    assert!(listed(app, MAIN).await.contains("Verified"), "the cable is");
    verify(staff, *channel, &[]).await.expect(200);

    twice.unmerge().await;
    assert!(listed(app, MAIN).await.contains("Verified") && listed(app, OTHER).await.contains("Verified"));
    let page = staff.get(&format!("/desk/answers/{cable}/verify")).await.expect(200);
    let withdraw = crate::tools::find_action(&page, "/desk/verifications/", "/withdraw").expect("the button");
    staff.submit(&page, &withdraw, &[]).await.expect(200);
    assert!(listed(app, MAIN).await.contains("Answered"), "it has nothing of the other's any more");
    assert!(listed(app, OTHER).await.contains("Verified"));
    // Merged once more, and taken out: the customer's question waits for staff again, as it would have without.
    twice.merge().await;
    staff.get("/desk").await.expect(200);
    assert!(listed(app, MAIN).await.contains("Verified"));
    accept(customer, *cable).await;
    twice.unmerge().await;
    assert!(listed(app, MAIN).await.contains("Accepted"));
}

#[tokio::test]
async fn what_the_others_answer_settled_waits_for_staff_again() {
    let twice = Twice::set().await;
    let Twice { app, staff, channel, main, part, .. } = &twice;
    let waits = async |question: i64| {
        let sql = format!("work WHERE kind = 'asked' AND ref_id = {question}");
        crate::moderation::count(app, &sql).await
    };
    verify(staff, *channel, &[]).await.expect(200);
    assert_eq!((waits(*main).await, waits(*part).await), (1, 0));
    twice.merge().await;
    assert_eq!(waits(*main).await, 0, "its asker reads what staff vouch for");
    twice.unmerge().await;
    assert_eq!((waits(*main).await, waits(*part).await), (1, 0));
}

#[tokio::test]
async fn what_is_written_while_staff_merge_goes_where_the_question_went() {
    let twice = Twice::set().await;
    let Twice { app, customer, peer, olga, main, part, .. } = &twice;
    let edit = format!("/questions/{part}/edit");
    let form = peer.get(&edit).await.expect(200);
    twice.merge().await;
    let whole = twice.read(*main).await.path;

    let post = async |who: &Person, to: String, fields: &[(&str, &str)]| {
        let landed = who.post_form(&to, fields).await.expect(200);
        assert_eq!(landed.path, whole, "{to}");
        landed
    };
    let answered = post(olga, format!("/questions/{part}/answers"), &[("body", "Put it on another shelf.")]).await;
    answered.expect_text("Put it on another shelf.").expect_text("3 answers");
    let said = post(olga, format!("/questions/{part}/comments"), &[("body", "Which shelf is it on?")]).await;
    said.expect_text("Which shelf is it on?");
    let part_post = format!("question-{part}");
    post(customer, "/votes".to_owned(), &[("post", part_post.as_str()), ("value", "1")]).await;
    post(olga, format!("/questions/{part}/affected"), &[("affected", "yes")]).await.expect_text("take it back");
    let guest = app.visitor().post_form(&format!("/questions/{part}/affected"), &[("affected", "yes")]).await;
    assert_eq!(guest.expect(200).path, whole);
    let edited = peer.submit(&form, &edit, &[("body", "Since the update, every night.")]).await.expect(200);
    assert_eq!(edited.expect_text("Since the update, every night.").path, whole);
    // What cannot be taken comes back with its reason and its words.
    let long = "x".repeat(40_000);
    let refused = olga.post_form(&format!("/questions/{part}/answers"), &[("body", long.as_str())]).await;
    assert_eq!(refused.expect(422).field("body").as_deref(), Some(long.as_str()));

    // Taken apart, each question has what was written to it.
    twice.unmerge().await;
    let apart = twice.read(*part).await;
    apart.expect_text("Put it on another shelf.").expect_text("Which shelf is it on?");
    assert!(!twice.read(*main).await.says("another shelf"));
}
