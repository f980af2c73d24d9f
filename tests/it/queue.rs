//! The queue through the eyes of staff, over real HTTP: who works on what, what waits where, and that of two who act at
//! once one wins and the other sees it.

use std::time::Duration;

use answerwell::clock::{Clock, Millis};
use answerwell::comments::{self, NewComment};
use answerwell::db::{Conn, DbError, Tx};
use answerwell::hours::calendar::Written;
use answerwell::hours::{self, Hours};
use answerwell::members::{Role, RoleChange, change_role};
use answerwell::posts::Author;
use answerwell::questions::{self, QuestionId};
use answerwell::queue::{self, Subject, Wanted, Whose};
use answerwell::web::markdown;
use reqwest::Method;

use crate::support::{Answer, Person, TestApp, TestLoop, eventually};

const QUESTION: &str = "@acme my router drops wifi every evening, is it just me?";
const FIX: &str = "It is not just you. Set the channel to 40 under Wi-Fi, Advanced, then restart.";

/// How the forms of this page name a thread: `question-1.0`.
fn token(page: &Answer, question: i64) -> String {
    let begin = format!("value=\"question-{question}.");
    let at = page.body.find(&begin).unwrap_or_else(|| panic!("{} has no form for {question}", page.path));
    page.body[at + 7..].split('"').next().unwrap().to_owned()
}

/// Does something to one thing, from the page on which it was seen.
async fn act(who: &Person, page: &Answer, question: i64, fields: &[(&str, &str)]) -> Answer {
    let token = token(page, question);
    let mut sent = vec![("item", token.as_str()), ("back", page.path.as_str())];
    sent.extend_from_slice(fields);
    who.post_form("/desk/work", &sent).await
}

async fn ask_here(who: &Person, title: &str) -> i64 {
    let page = who.get("/ask").await.expect(200);
    let words = [("title", title), ("body", "Every evening, on all devices."), ("seen", "yes")];
    let thread = who.submit(&page, "/ask", &words).await;
    thread.expect(200).path.split('/').nth(2).and_then(|id| id.parse().ok()).expect("the thread")
}

async fn answer(who: &Person, question: i64, text: &str) {
    who.post_form(&format!("/questions/{question}/answers"), &[("body", text)]).await.expect(200);
}

#[tokio::test]
async fn of_two_who_claim_at_once_one_wins_and_the_other_sees_who() {
    let ends = TestLoop::start().await;
    let (ana, ben) = (ends.person("Ana Staff", Role::Staff).await, ends.person("Ben Staff", Role::Staff).await);
    let (_, question) = ends.asks("mara_w", QUESTION).await;
    let place = format!("/desk/questions/{question}");
    let (page, same) = (ana.get(&place).await.expect(200), ben.get(&place).await.expect(200));
    let (first, second) =
        tokio::join!(act(&ana, &page, question, &[("act", "claim")]), act(&ben, &same, question, &[("act", "claim")]));
    let (first, second) = (first.expect(200), second.expect(200));
    let ana_won = first.says("You work on this");
    let (loser, winner) = if ana_won { (second, "Ana Staff") } else { (first, "Ben Staff") };
    loser.expect_text("your button changed nothing").expect_text(&format!("{winner} works on this"));
    assert!(!loser.says("You work on this"));
    ben.get("/desk").await.expect_text(if ana_won { "Ana Staff" } else { "Yours" });
    // A claim that is one's own may be given back, another's may not.
    let (owner, other) = if ana_won { (&ana, &ben) } else { (&ben, &ana) };
    let page = other.get(&place).await;
    act(other, &page, question, &[("act", "release")]).await.expect(200).expect_text("your button changed nothing");
    let page = owner.get(&place).await;
    let page = act(owner, &page, question, &[("act", "release")]).await.expect(200);
    assert!(!page.says("You work on this"));
}

#[tokio::test]
async fn a_claim_that_is_lost_while_typing_keeps_the_text_and_may_be_taken_over() {
    let ends = TestLoop::start().await;
    let (ana, ben) = (ends.person("Ana Staff", Role::Staff).await, ends.person("Ben Staff", Role::Staff).await);
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let place = format!("/desk/questions/{question}");
    let page = ana.get(&place).await.expect(200);
    let mine = act(&ana, &page, question, &[("act", "claim")]).await.expect(200);
    let theirs = ben.get(&place).await.expect(200);
    theirs.expect_text("Ana Staff works on this");
    act(&ben, &theirs, question, &[("act", "take_over")]).await.expect(200).expect_text("You work on this");
    let action = format!("{place}/messages");
    let back = ana.submit(&mine, &action, &[("text", "Which firmware is it?")]).await.expect(422);
    back.expect_text("Ben Staff has claimed this.").expect_text("Take over and send");
    assert_eq!(back.field("text").as_deref(), Some("Which firmware is it?"));
    assert!(ends.ours_under(&post).is_empty());
    ana.submit(&back, &action, &[("take_over", "1")]).await.expect(200);
    ends.replies(&post, 1).await;
    // What was answered is nobody's any more.
    ana.get("/desk").await.expect_text("Nobody waits");
}

#[tokio::test]
async fn what_anybody_wrote_meanwhile_is_told_before_anything_goes() {
    let ends = TestLoop::start().await;
    let (peer, staff) = (ends.peer().await, ends.staff().await);
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let place = format!("/desk/questions/{question}");
    let page = staff.get(&place).await.expect(200);
    answer(&peer, question, FIX).await;
    let action = format!("{place}/messages");
    let back = staff.submit(&page, &action, &[("text", "We are looking into it.")]).await.expect(422);
    back.expect_text("Somebody wrote an answer in this thread").expect_text("Set the channel to 40");
    assert_eq!(back.field("text").as_deref(), Some("We are looking into it."));
    assert!(ends.ours_under(&post).is_empty());
    staff.submit(&back, &action, &[]).await.expect(200);
    ends.replies(&post, 1).await;
}

#[tokio::test]
async fn a_thread_stands_in_each_list_that_something_in_it_belongs_to() {
    let ends = TestLoop::start().await;
    let (peer, staff) = (ends.peer().await, ends.staff().await);
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    answer(&peer, question, FIX).await;
    let place = format!("/desk/questions/{question}");
    let page = staff.get(&place).await.expect(200);
    staff.submit(&page, &format!("{place}/messages"), &[("text", "Which model is it?")]).await.expect(200);
    let ours = ends.replies(&post, 1).await[0].id.clone();
    let more = ends.says("mara_w", "@acme it is the white one that you sent us in spring", Some(&ours));
    ends.waiting_for(&more).await;
    // The answer to verify is due before the asker's new words, and is in no language.
    let all = staff.get("/desk").await.expect(200);
    all.expect_text("Answer to verify");
    staff.get("/desk?lang=en").await.expect(200).expect_text("it is the white one").expect_text("Answer to verify");
    assert!(!staff.get("/desk?lang=de").await.says("white one"));
}

#[tokio::test]
async fn what_went_out_of_an_answer_that_is_hidden_holds_up_no_reply() {
    let ends = TestLoop::start().await;
    let (peer, staff) = (ends.peer().await, ends.staff().await);
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    answer(&peer, question, FIX).await;
    let verify = "/desk/answers/1/verify";
    let form = staff.get(verify).await.expect(200);
    staff.submit(&form, verify, &[("evidence", "Tried on two routers")]).await.expect(200);
    let ours = ends.replies(&post, 1).await[0].id.clone();
    let hide = [("act", "hide"), ("reason", "It was wrong.")];
    staff.post_form("/desk/moderate/answer-1", &hide).await.expect(200);
    let more = ends.says("mara_w", "@acme that did not help at all", Some(&ours));
    ends.waiting_for(&more).await;
    let place = format!("/desk/questions/{question}");
    let page = staff.get(&place).await.expect(200);
    let sent = staff.submit(&page, &format!("{place}/messages"), &[("text", "Sorry, here is another way.")]).await;
    sent.expect(200);
    ends.replies(&more, 1).await;
}

#[tokio::test]
async fn forged_fields_are_refused_and_the_same_form_untouched_is_not() {
    let ends = TestLoop::start().await;
    let (customer, staff) = (ends.customer().await, ends.staff().await);
    let trainee = ends.person("Tara Trainee", Role::Trainee).await;
    let (_, question) = ends.asks("mara_w", QUESTION).await;
    let item = format!("question-{question}.0");
    let cases: [(&[(&str, &str)], u16); 9] = [
        (&[("act", "claim"), ("item", "question-999.0")], 404),
        (&[("act", "claim"), ("item", "private-1.0")], 404),
        (&[("act", "claim"), ("item", "remote-post-1.0")], 404),
        (&[("act", "claim"), ("item", "question-1")], 400),
        (&[("act", "claim")], 400),
        (&[("act", "rob"), ("item", &item)], 400),
        (&[("act", "assign"), ("to", "person-999"), ("item", &item)], 400),
        (&[("act", "snooze"), ("when", "yesterday"), ("item", &item)], 400),
        (&[("act", "snooze"), ("day", "2001-01-01"), ("item", &item)], 400),
    ];
    for (fields, status) in cases {
        assert_eq!(staff.post_form("/desk/work", fields).await.status, status, "{fields:?}");
    }
    let to_customer = format!("person-{}", customer.id);
    let given = staff.post_form("/desk/work", &[("act", "assign"), ("to", &to_customer), ("item", &item)]).await;
    given.expect(400).expect_text("Nobody with this name may work on it");
    customer.post_form("/desk/work", &[("act", "claim"), ("item", &item)]).await.expect(403);
    // A trainee works on threads, but decides nothing.
    let settle = [("act", "settle"), ("item", item.as_str())];
    trainee.post_form("/desk/work", &settle).await.expect(403).expect_text("Ask staff to do this");
    trainee.post_form("/desk/work", &[("act", "claim"), ("item", "private-1.0")]).await.expect(403);
    trainee.post_form("/desk/work", &[("act", "claim"), ("item", &item)]).await.expect(200);
    let to_staff = format!("person-{}", staff.id);
    let page = staff.get(&format!("/desk/questions/{question}")).await;
    page.expect_text("Tara Trainee works on this");
    act(&staff, &page, question, &[("act", "assign"), ("to", &to_staff)]).await.expect(200);
    // Who names no post of the asker's has seen none, and decides about none.
    let unseen = staff.post_form("/desk/work", &settle).await.expect(200);
    unseen.expect_text("your button changed nothing");
    let queue = staff.get("/desk").await;
    act(&staff, &queue, question, &[("act", "settle")]).await.expect(200);
    staff.get("/desk").await.expect_text("Nobody waits");
}

#[tokio::test]
async fn no_reply_needed_is_said_of_what_was_seen() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let (_, other) = ends.asks("tom_k", "@acme thanks for the quick help yesterday").await;
    let queue = staff.get("/desk").await.expect(200);
    let late = ends.says("mara_w", "@acme and now it smells of smoke", Some(&post));
    assert_eq!(ends.waiting_for(&late).await.question_id, question);
    let tokens = [token(&queue, question), token(&queue, other)];
    let mut fields = vec![("act", "settle"), ("back", "/desk")];
    fields.extend(tokens.iter().map(|token| ("item", token.as_str())));
    let page = staff.post_form("/desk/work", &fields).await.expect(200);
    page.expect_text("1 thing is closed: no reply needed. With 1, there is something new: look at it again.");
    page.expect_text("smells of smoke").expect_text("Everything 1");
    // With these words seen, too, it may be said.
    act(&staff, &page, question, &[("act", "settle")]).await.expect(200).expect_text("Nobody waits");
}

#[tokio::test]
async fn where_no_reply_is_needed_the_next_one_opens() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    let (_, first) = ends.asks("mara_w", "@acme thank you, it works again").await;
    let (_, second) = ends.asks("tom_k", "@acme the second of two, please").await;
    let page = staff.get(&format!("/desk/questions/{first}?queue=network%3Dx")).await.expect(200);
    let next = staff.submit(&page, &format!("/desk/questions/{first}/settle"), &[]).await.expect(200);
    assert_eq!(next.path, format!("/desk/questions/{second}?queue=network%3Dx"));
    let end = staff.submit(&next, &format!("/desk/questions/{second}/settle"), &[]).await.expect(200);
    assert_eq!(end.path, "/desk?network=x");
}

#[tokio::test]
async fn a_morning_is_one_of_the_site() {
    let clock = Clock::fixed(Millis::parse_rfc3339("2026-11-22T17:00:00Z").unwrap());
    let ends = TestLoop::start_on(clock, |_| {}).await;
    let staff = ends.staff().await;
    let (_, question) = ends.asks("mara_w", QUESTION).await;
    let place = format!("/desk/questions/{question}");
    let snooze = async |when: &'static str| {
        let page = staff.get(&place).await.expect(200);
        act(&staff, &page, question, &[("act", "snooze"), ("when", when)]).await.expect(200)
    };
    staff.get("/desk").await.expect_text("Tomorrow, 08:00").expect_text("UTC");
    snooze("tomorrow").await.expect_text("put off until Monday 23 Nov 2026, 08:00 (UTC)");
    let mut written = Written { zone: "Pacific/Auckland".to_owned(), ..Written::default() };
    written.week[0] = "09:00-17:00".to_owned();
    let office = Hours::read(&written, Millis(0)).unwrap();
    ends.db().write(move |tx| hours::insert(tx, "Office", &office)).await.unwrap();
    // There it is Monday already.
    let page = snooze("tomorrow").await;
    page.expect_text("put off until Tuesday 24 Nov 2026, 08:00 (Pacific/Auckland)");
    snooze("monday").await.expect_text("put off until Monday 30 Nov 2026, 08:00 (Pacific/Auckland)");
    staff.get("/desk?whose=snoozed").await.expect_text("until Monday 30 Nov 2026, 08:00 (Pacific/Auckland)");
}

#[tokio::test]
async fn what_is_put_off_comes_back_with_its_moment_or_with_news() {
    let clock = Clock::fixed(Clock::Real.now());
    let ends = TestLoop::start_on(clock.clone(), |_| {}).await;
    let staff = ends.staff().await;
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let snooze = async || {
        let page = staff.get(&format!("/desk/questions/{question}")).await.expect(200);
        act(&staff, &page, question, &[("act", "snooze"), ("when", "hour")]).await.expect(200);
        staff.get("/desk").await.expect_text("Nobody waits").expect_text("Snoozed 1");
        staff.get("/desk?whose=snoozed").await.expect_text("router drops wifi");
    };
    snooze().await;
    clock.advance(Duration::from_secs(3_700));
    let late = staff.get("/desk").await.expect(200);
    late.expect_text("router drops wifi").expect_text("over by");
    assert!(!late.says(", over by"), "how long over the time is all that counts by then");
    snooze().await;
    ends.says("mara_w", "@acme it is an R7, by the way", Some(&post));
    eventually("the news brings it back", async || staff.get("/desk").await.says("it is an R7")).await;
}

#[tokio::test]
async fn of_many_at_once_each_goes_or_does_not_for_itself() {
    let app = TestApp::start().await;
    let (customer, ana) = (app.customer().await, app.person("Ana Staff", Role::Staff).await);
    let ben = app.person("Ben Staff", Role::Staff).await;
    let mut questions = Vec::new();
    for number in 1..=3 {
        questions.push(ask_here(&customer, &format!("My router drops wifi, case number {number}")).await);
    }
    let queue = ana.get("/desk").await.expect(200);
    queue.expect_text("Everything 3").expect_text("Asked here").expect_text("Nobody's 3");
    let tokens: Vec<String> = questions.iter().map(|id| token(&queue, *id)).collect();
    // Meanwhile somebody takes one of them.
    act(&ben, &ben.get("/desk").await, questions[1], &[("act", "claim")]).await.expect(200);
    let to = format!("person-{}", ana.id);
    let mut fields = vec![("act", "assign"), ("to", to.as_str()), ("back", "/desk")];
    fields.extend(tokens.iter().map(|token| ("item", token.as_str())));
    let page = ana.post_form("/desk/work", &fields).await.expect(200);
    page.expect_text("2 things are given away. With 1, somebody was faster: look at it again.");
    page.expect_text("Mine 2").expect_text("Nobody's 0");
    ana.get("/desk?whose=mine").await.expect_text("case number 1").expect_text("case number 3");
    assert!(!ana.get("/desk?whose=mine").await.says("case number 2"));
    let fresh = ana.get("/desk").await;
    let mut fields = vec![("act", "settle"), ("back", "/desk")];
    let tokens: Vec<String> = questions.iter().map(|id| token(&fresh, *id)).collect();
    fields.extend(tokens.iter().map(|token| ("item", token.as_str())));
    ana.post_form("/desk/work", &fields).await.expect(200).expect_text("Nobody waits");
}

#[tokio::test]
async fn a_question_asked_here_waits_until_somebody_of_us_speaks() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let question = ask_here(&customer, "My router drops wifi every evening").await;
    ask_here(&staff, "A question that a colleague asks is no work").await;
    answer(&peer, question, FIX).await;
    staff.get("/desk?what=reply").await.expect_text("My router drops wifi every evening").expect_text("1 answer");
    assert!(!staff.get("/desk").await.says("A question that a colleague asks"));
    staff.post_form(&format!("/questions/{question}/comments"), &[("body", "Which model is it?")]).await.expect(200);
    staff.get("/desk?what=reply").await.expect_text("Nothing waits in this list");
}

#[tokio::test]
async fn lists_are_narrowed_saved_and_paged() {
    let ends = TestLoop::start().await;
    let (customer, ana) = (ends.customer().await, ends.person("Ana Staff", Role::Staff).await);
    let ben = ends.person("Ben Staff", Role::Staff).await;
    ends.asks("mara_w", QUESTION).await;
    ask_here(&customer, "A question that was asked here and nowhere else").await;
    let x = ana.get("/desk?network=x").await.expect(200);
    assert!(x.says("router drops wifi") && !x.says("asked here and nowhere else"));
    let here = ana.get("/desk?network=here").await.expect(200);
    assert!(!here.says("router drops wifi") && here.says("asked here and nowhere else"));
    // What an address says wrongly counts as not said.
    ana.get("/desk?network=%27&whose=x&topic=y&after=z&lang=1").await.expect(200).expect_text("router drops wifi");
    let save =
        |name: &'static str, shared: &'static str| vec![("name", name), ("query", "network=here"), ("shared", shared)];
    ana.post_form("/desk/views", &save("From the forum", "")).await.expect(200);
    ana.post_form("/desk/views", &save("Forum for all", "1")).await.expect(200);
    ana.post_form("/desk/views", &save(" ", "")).await.expect(400).expect_text("Give the view a name");
    ana.get("/desk").await.expect_text("From the forum").expect_text("Forum for all");
    let theirs = ben.get("/desk").await;
    theirs.expect_text("Forum for all");
    assert!(!theirs.says("From the forum"));
    ben.post_form("/desk/views/2/delete", &[]).await.expect(404);
    ana.post_form("/desk/views/2/delete", &[]).await.expect(200);
    assert!(!ben.get("/desk").await.says("Forum for all"));

    for number in 1..=55 {
        ask_here(&customer, &format!("One of many questions, number {number}.")).await;
    }
    let first = ana.get("/desk").await.expect(200);
    first.expect_text("Later ones").expect_text("Everything 57");
    assert_eq!(first.body.matches("class=\"desk-row").count(), 50);
    let next = first.links().into_iter().find(|link| link.contains("after=")).expect("the second page");
    let second = ana.get(&next).await.expect(200);
    assert_eq!(second.body.matches("class=\"desk-row").count(), 7);
    second.expect_text("number 55.");
    assert!(!second.says("number 1."));
}

#[tokio::test]
async fn after_sending_the_next_one_opens() {
    let ends = TestLoop::start().await;
    let (ana, ben) = (ends.person("Ana Staff", Role::Staff).await, ends.person("Ben Staff", Role::Staff).await);
    let (_, first) = ends.asks("mara_w", "@acme the first of three questions, please").await;
    let (_, second) = ends.asks("tom_k", "@acme the second of three questions, please").await;
    let (_, third) = ends.asks("lea_p", "@acme the third of three questions, please").await;
    // What a colleague works on is left out.
    act(&ben, &ben.get("/desk").await, second, &[("act", "claim")]).await.expect(200);
    let page = ana.get(&format!("/desk/questions/{first}?queue=what%3Dreply")).await.expect(200);
    let action = format!("/desk/questions/{first}/messages");
    let next = ana.submit(&page, &action, &[("text", "Which model is it?"), ("then", "next")]).await.expect(200);
    assert_eq!(next.path, format!("/desk/questions/{third}?queue=what%3Dreply"));
    let action = format!("/desk/questions/{third}/messages");
    let end = ana.submit(&next, &action, &[("text", "Which model is it?"), ("then", "next")]).await.expect(200);
    assert_eq!(end.path, "/desk?what=reply");
}

#[tokio::test]
async fn an_open_page_hears_of_news_of_colleagues_and_of_its_end() {
    let ends = TestLoop::start().await;
    let (ana, ben) = (ends.person("Ana Staff", Role::Staff).await, ends.person("Ben Staff", Role::Staff).await);
    let customer = ends.customer().await;
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let place = format!("/desk/live?on=question-{question}");
    customer.get(&place).await.expect(403);
    ends.visitor().get(&place).await.expect(401);
    let mut mine = Stream::open(&ana, &place).await;
    mine.until("event: work").await;
    let theirs = Stream::open(&ben, &place).await;
    mine.until(r#"["Ben Staff"]"#).await;
    drop(theirs);
    mine.until("data: []").await;
    ends.says("mara_w", "@acme it is an R7, by the way", Some(&post));
    mine.until("event: thread").await;
    // Whoever signs out hears no more.
    ana.post_form("/sign-out", &[]).await.expect(200);
    mine.until("event: end").await;
    assert!(mine.is_over().await);
    // Whoever is at the desk no more neither: in mid-session the page hears its end, and a button does nothing.
    let page = ben.get(&format!("/desk/questions/{question}")).await.expect(200);
    let mut theirs = Stream::open(&ben, "/desk/live").await;
    theirs.until("event: work").await;
    let (id, now) = (ben.id, ends.app.clock.now());
    let demoted = ends.db().write(move |tx| change_role(tx, id, Role::Staff, Role::Member, now)).await.unwrap();
    assert_eq!(demoted, RoleChange::Done);
    theirs.until("event: end").await;
    assert!(theirs.is_over().await);
    act(&ben, &page, question, &[("act", "claim")]).await.expect(403);
    let messages = format!("/desk/questions/{question}/messages");
    let refused = ben.submit(&page, &messages, &[("text", "Half a page of good advice")]).await.expect(403);
    refused.expect_text("This is for staff").expect_text("Half a page of good advice");
}

/// An event stream, read as it comes.
struct Stream {
    response: reqwest::Response,
    heard: String,
}

impl Stream {
    async fn open(who: &Person, path: &str) -> Self {
        let response = who.request(Method::GET, path).send().await.expect("a stream");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, heard: String::new() }
    }

    /// Reads until these words were heard, and forgets what came before them.
    async fn until(&mut self, words: &str) {
        let deadline = Duration::from_secs(180);
        loop {
            if let Some(at) = self.heard.find(words) {
                self.heard.drain(..at + words.len());
                return;
            }
            let chunk = tokio::time::timeout(deadline, self.response.chunk()).await;
            let chunk = chunk.unwrap_or_else(|_| panic!("not heard: {words}, but {}", self.heard));
            let chunk = chunk.expect("a stream").unwrap_or_else(|| panic!("the stream ended without {words}"));
            self.heard.push_str(&String::from_utf8_lossy(&chunk));
        }
    }

    async fn is_over(&mut self) -> bool {
        self.response.chunk().await.expect("an end").is_none()
    }
}

#[tokio::test]
async fn whoever_leaves_the_desk_gives_back_what_they_had() {
    let app = TestApp::start().await;
    let (customer, ana) = (app.customer().await, app.person("Ana Staff", Role::Staff).await);
    let staff = app.staff().await;
    let question = ask_here(&customer, "My router drops wifi every evening").await;
    act(&ana, &ana.get("/desk").await, question, &[("act", "claim")]).await.expect(200);
    staff.get("/desk").await.expect_text("Nobody's 0");
    let id = ana.id;
    app.db().write(move |tx: &mut Tx<'_>| queue::release_member(tx, id)).await.unwrap();
    staff.get("/desk").await.expect_text("Nobody's 1");
}

#[tokio::test]
async fn a_thread_that_is_gone_waits_no_more() {
    let app = TestApp::start().await;
    let (customer, staff) = (app.customer().await, app.staff().await);
    let question = ask_here(&customer, "My router drops wifi every evening").await;
    let now = app.app.clock.now();
    app.db().write(move |tx| questions::remove(tx, QuestionId(question), now)).await.unwrap();
    staff.get("/desk").await.expect_text("Nobody waits").expect_text("Everything 0");
    let wanted = Wanted {
        reader: staff.id,
        teams: Vec::new(),
        sees_private: true,
        whose: Whose::All,
        kinds: Vec::new(),
        topic: None,
        network: None,
        lang: None,
        now,
    };
    let read = move |conn: &mut Conn| {
        let left = queue::list_of_subjects(conn, &[Subject::Question(question)])?.len();
        Ok::<_, DbError>((left, queue::list(conn, &wanted, None, 10)?.len()))
    };
    assert_eq!(app.db().read(read).await.unwrap(), (0, 0));
}

#[tokio::test]
async fn a_thread_with_ten_thousand_posts_stays_usable() {
    const POSTS: usize = 10_000;
    let app = TestApp::start().await;
    let (customer, staff) = (app.customer().await, app.staff().await);
    let question = ask_here(&customer, "My router drops wifi every evening").await;
    let (author, now) = (Author::Member(customer.id), app.app.clock.now());
    for begin in (0..POSTS).step_by(1_000) {
        let write = move |tx: &mut Tx<'_>| {
            for number in begin..begin + 1_000 {
                let body = format!("Remark number {number}.");
                let body_html = markdown::from_plain(&body);
                let created_at = now.plus(Duration::from_millis(number as u64));
                let question_id = QuestionId(question);
                comments::insert(
                    tx,
                    &NewComment { question_id, answer_id: None, author, body, body_html, created_at },
                )?;
            }
            Ok::<_, DbError>(())
        };
        app.db().write(write).await.unwrap();
    }
    let place = format!("/desk/questions/{question}");
    let page = staff.get(&place).await.expect(200);
    page.expect_text("9900 earlier posts")
        .expect_text("Remark number 9999.")
        .expect_text("Every evening, on all devices.");
    assert!(!page.says("Remark number 9899.") && page.body.len() < 300_000, "{} bytes", page.body.len());
    let earlier = page.links().into_iter().find(|link| link.contains("back=1")).expect("the way back");
    let page = staff.get(earlier.split('#').next().unwrap()).await.expect(200);
    page.expect_text("9800 earlier posts").expect_text("100 later posts").expect_text("Remark number 9850.");
    page.expect_text("Every evening, on all devices.");
    let first = staff.get(&format!("{place}?back=100000")).await.expect(200);
    first.expect_text("Remark number 0.").expect_text("later posts");
    assert!(!first.says("earlier posts"));
}
