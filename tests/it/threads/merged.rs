//! The same question asked twice: its answers stand together in one order, each with what was said and voted about it, and
//! go back with their question when the merge is taken back.

use answerwell::db::DbError;
use answerwell::members::{Role, Viewer};
use answerwell::questions::QuestionId;

use super::at;
use crate::forum::count_queries;
use crate::support::{Answer, Person, TestApp};
use crate::tools::{answer, ask_here, desk_place, verify};

pub(super) const OTHER: &str = "Zephyrquill network goes away at night";
const CABLE: &str = "Buy a cable.";
const CHANNEL: &str = "Change the channel to 11.";

/// Two threads that ask the same, each with an answer of its own: Olga's to the customer's, Rita's to the peer's.
pub(super) struct Twice {
    pub app: TestApp,
    pub customer: Person,
    pub peer: Person,
    pub staff: Person,
    pub olga: Person,
    pub rita: Person,
    pub main: i64,
    pub part: i64,
    pub cable: i64,
    pub channel: i64,
}

impl Twice {
    pub async fn set() -> Self {
        let app = TestApp::start().await;
        let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
        let olga = app.person("Olga Other", Role::Member).await;
        let rita = app.person("Rita Reader", Role::Member).await;
        let main = ask_here(&customer, "Wifi drops every evening at nine").await;
        let part = ask_here(&peer, OTHER).await;
        let cable = answer(&olga, main, CABLE).await;
        let channel = answer(&rita, part, CHANNEL).await;
        Self { app, customer, peer, staff, olga, rita, main, part, cable, channel }
    }

    pub async fn merge(&self) {
        let into = self.main.to_string();
        self.staff.post_form(&format!("{}/merge", desk_place(self.part)), &[("into", into.as_str())]).await.expect(200);
    }

    pub async fn unmerge(&self) {
        self.staff.post_form(&format!("{}/unmerge", desk_place(self.part)), &[]).await.expect(200);
    }

    /// What a stranger reads at the address of a question.
    pub async fn read(&self, question: i64) -> Answer {
        let page = self.app.visitor().get(&format!("/questions/{question}")).await;
        page.expect(200)
    }

    /// The answers in their order, as strangers see them.
    async fn order(&self) -> Vec<&'static str> {
        let page = self.read(self.main).await.text();
        let mut order = vec![CABLE, CHANNEL];
        order.sort_by_key(|words| at(&page, words));
        order
    }
}

#[tokio::test]
async fn the_answers_of_a_merged_question_stand_among_the_others_as_if_given_here() {
    let twice = Twice::set().await;
    let Twice { app, customer, peer, olga, main, part, cable, channel, .. } = &twice;
    let on_channel = channel.to_string();
    let ask_back = [("body", "On both bands?"), ("answer_id", on_channel.as_str())];
    peer.post_form(&format!("/questions/{part}/comments"), &ask_back).await.expect(200);
    let aside = [("body", "It is the white one.")];
    peer.post_form(&format!("/questions/{part}/comments"), &aside).await.expect(200);
    assert_eq!(twice.read(*main).await.text().matches("1 answer").count(), 1);
    twice.merge().await;

    let page = twice.read(*main).await;
    page.expect_text("2 answers").expect_text(&format!("from: {OTHER}")).expect_text("On both bands?");
    assert!(page.body.contains("\"answerCount\":2"), "search engines read as many");
    assert!(
        page.body.contains(&format!("id=\"answer-{channel}\"")) && page.body.contains(&format!("answer-{cable}\""))
    );
    // The question itself and what was said about it are folded, and unfold where a link leads to them.
    let folded = page.body.split("class=\"card also\"").nth(1).and_then(|rest| rest.split("</details>").next());
    let folded = folded.expect("a fold");
    assert!(folded.contains("It is the white one.") && folded.contains(&format!("id=\"question-{part}\"")));
    assert!(!folded.contains(CHANNEL) && !folded.contains("On both bands?"), "{folded}");
    app.visitor().get("/").await.expect_text("2 answers");

    // Votes, "Did this help?", comments and the permalink, from the page of the whole.
    assert_eq!(twice.order().await, [CABLE, CHANNEL], "by age");
    let voted = customer.post_form("/votes", &[("post", &format!("answer-{channel}")), ("value", "1")]).await;
    assert_eq!(voted.expect(200).path, page.path);
    assert_eq!(twice.order().await, [CHANNEL, CABLE], "by votes");
    let helped = app.visitor().post_form(&format!("/answers/{channel}/helped"), &[("helped", "yes")]).await;
    assert_eq!(helped.expect(200).expect_text("1 person said this helped").path, page.path);
    let reply = [("body", "Only on one."), ("answer_id", on_channel.as_str())];
    let said = olga.post_form(&format!("/questions/{main}/comments"), &reply).await;
    assert_eq!(said.expect(200).path, page.path);
    let link = app.visitor().get(&format!("/answers/{channel}")).await.expect(200);
    assert_eq!(link.path, page.path);
    let hers = app.visitor().get("/members/ritareader").await.expect(200).links();
    assert!(hers.contains(&format!("{}#answer-{channel}", page.path)), "her page leads to it: {hers:?}");
    let edit = twice.rita.get(&format!("/answers/{channel}/edit")).await.expect(200);
    let words = [("body", "Change the channel to 11. Then restart.")];
    let edited = twice.rita.submit(&edit, &format!("/answers/{channel}/edit"), &words).await.expect(200);
    assert_eq!(edited.path, page.path);
    let report = customer.get(&format!("/report/answer-{channel}")).await.expect(200);
    customer.submit(&report, &format!("/report/answer-{channel}"), &[("reason", "rude")]).await.expect(200);
    twice.staff.get("/desk/flags").await.expect_text("Then restart.");

    // All of it belongs to the question that it was given to.
    twice.unmerge().await;
    let again = twice.read(*part).await;
    again.expect_text("1 answer").expect_text("Then restart.").expect_text("Only on one.").expect_text("1 person said");
    assert!(again.path.starts_with(&format!("/questions/{part}/")));
    let alone = twice.read(*main).await;
    alone.expect_text("1 answer");
    assert!(!alone.says("Change the channel") && !alone.says("from: ") && !alone.says("On both bands?"));
}

#[tokio::test]
async fn who_asked_the_whole_or_that_part_says_what_helped() {
    let twice = Twice::set().await;
    let Twice { app, customer, peer, staff, olga, main, part, cable, channel, .. } = &twice;
    let accept = |id: &i64| format!("/answers/{id}/accept");
    let yes = [("accepted", "yes")];
    peer.post_form(&accept(channel), &yes).await.expect(200);
    twice.merge().await;
    assert_eq!(twice.order().await, [CHANNEL, CABLE], "what helped one who asked comes first");
    twice.read(*main).await.expect_text("Helped the person who asked").expect_text("Accepted");
    app.visitor().get("/").await.expect_text("Accepted");
    // Who asked the part says so of what was given to them, and of nothing else.
    assert!(peer.get(&format!("/questions/{main}")).await.says("It did not help after all"));
    peer.post_form(&accept(channel), &[("accepted", "no")]).await.expect(200);
    peer.post_form(&accept(cable), &yes).await.expect(403);
    olga.post_form(&accept(channel), &yes).await.expect(403);
    app.visitor().get("/").await.expect_text("Answered");
    // Who asked the whole says so of every answer there.
    let thread = customer.get(&format!("/questions/{main}")).await.expect(200);
    let said = customer.submit(&thread, &accept(channel), &yes).await.expect(200);
    assert!(said.expect_text("Helped the person who asked").path.starts_with(&format!("/questions/{main}/")));
    app.visitor().get("/").await.expect_text("Accepted");
    // Who asked the other question says nothing of it any more.
    staff.post_form(&format!("{}/unmerge", desk_place(*part)), &[]).await.expect(200);
    for question in [main, part] {
        assert!(!twice.read(*question).await.says("Helped the person who asked"));
    }
}

#[tokio::test]
async fn what_staff_vouched_for_in_a_merged_question_comes_first() {
    let twice = Twice::set().await;
    let Twice { customer, staff, main, cable, channel, .. } = &twice;
    verify(staff, *channel, &[]).await.expect(200);
    customer.post_form(&format!("/answers/{cable}/accept"), &[("accepted", "yes")]).await.expect(200);
    twice.merge().await;
    assert_eq!(twice.order().await, [CHANNEL, CABLE]);
    let page = twice.read(*main).await;
    page.expect_text("verified by Sam Staff");
    assert!(page.body.contains("chip verified"), "the state of the thread says so");
    // Who wrote it is told where it is read, should it help there, too.
    customer.post_form(&format!("/answers/{channel}/accept"), &[("accepted", "yes")]).await.expect(200);
    twice.rita.get("/notices").await.expect(200).expect_text("Wifi drops every evening");
    // The desk works on each thread by itself.
    let desk = staff.get(&desk_place(*main)).await.expect(200);
    desk.expect_text("Also asked").expect_text(CHANNEL).expect_text(CABLE);
    staff.get(&desk_place(twice.part)).await.expect(200).expect_text(CHANNEL);
}

#[tokio::test]
async fn lists_count_what_a_thread_shows() {
    let twice = Twice::set().await;
    let Twice { app, main, part, cable, channel, staff, .. } = &twice;
    let hide = [("act", "hide"), ("reason", "It advertises.")];
    staff.post_form(&format!("/desk/moderate/answer-{cable}"), &hide).await.expect(200);
    app.visitor().get("/unanswered").await.expect_text("Wifi drops every evening");
    twice.merge().await;
    assert!(!app.visitor().get("/unanswered").await.says("Wifi drops every evening"), "it has the other's answer");
    let back = [("act", "restore"), ("reason", "It does not.")];
    staff.post_form(&format!("/desk/moderate/answer-{cable}"), &back).await.expect(200);
    app.visitor().get("/").await.expect_text("2 answers");
    staff.post_form(&format!("/desk/moderate/answer-{channel}"), &hide).await.expect(200);
    app.visitor().get("/").await.expect_text("1 answer");
    twice.read(*main).await.expect_text("1 answer");
    twice.unmerge().await;
    let unanswered = app.visitor().get("/unanswered").await;
    assert!(unanswered.says(OTHER) && !unanswered.says("Wifi drops every evening"), "{}", unanswered.text());
    twice.read(*part).await.expect_text("No answer yet");
}

#[tokio::test]
async fn a_thread_takes_as_many_queries_with_four_merged_questions_as_with_one() {
    let twice = Twice::set().await;
    let Twice { app, rita, olga, staff, main, .. } = &twice;
    twice.merge().await;
    let count = async || {
        let (id, viewer) = (QuestionId(*main), Viewer::default());
        let count = count_queries(app, move |conn| {
            answerwell::threads::load(conn, id, &viewer).map(drop).map_err(|_| DbError::Busy)
        });
        count.await
    };
    let before = count().await;
    for number in 1..=3 {
        let more = ask_here(rita, &format!("Number {number}: no network at night")).await;
        answer(olga, more, "Which router is it?").await;
        let into = main.to_string();
        staff.post_form(&format!("{}/merge", desk_place(more)), &[("into", into.as_str())]).await.expect(200);
    }
    twice.read(*main).await.expect_text("5 answers");
    assert_eq!(count().await, before);
    assert!(before <= 8, "{before} queries");
}
