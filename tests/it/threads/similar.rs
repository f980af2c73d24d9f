//! Questions like one, listed beside it: found while nobody waits, the same for everybody, and gone at once with what they
//! lead to.

use std::time::Duration;

use answerwell::alike::Beside;
use answerwell::app::App;
use answerwell::clock::{Clock, Millis};
use answerwell::db::newest_change;
use answerwell::jobs::Jobs;

use crate::moderation::moderate;
use crate::support::{Answer, Person, TestApp, eventually};
use crate::tools::{answer, desk_place, verify};
use crate::verifying::ask_about;

const TITLE: &str = "Wifi drops every evening at nine";
const LIKE_IT: &str = "The wifi of my router drops in the evening";
const OTHER: &str = "Where do I find the invoice of last month?";
/// A moment longer than a list is kept.
const AN_HOUR: Duration = Duration::from_secs(3601);
/// 20 November 2025, in milliseconds.
const NOW: i64 = 1_763_600_000_000;

/// Three questions, two of them alike.
struct Forum {
    app: TestApp,
    customer: Person,
    peer: Person,
    staff: Person,
    clock: Clock,
    jobs: Option<Jobs>,
}

impl Forum {
    async fn open() -> Self {
        let clock = Clock::fixed(Millis(NOW));
        let app = TestApp::start_with(clock.clone(), |_| {}).await;
        let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
        let jobs = Some(App::start(&app.app));
        let forum = Self { app, customer, peer, staff, clock, jobs };
        for (title, body) in [
            (TITLE, "The router is new. What can I do?"),
            (LIKE_IT, "It is a router of last year."),
            (OTHER, "I looked under the orders."),
        ] {
            ask_about(&forum.customer, title, body).await;
        }
        forum.is_searched().await;
        // Their asker saw each before the others were there.
        forum.clock.advance(AN_HOUR);
        forum
    }

    /// Returns once the search knows all that was asked.
    async fn is_searched(&self) {
        let newest = self.app.db().read(newest_change).await.unwrap();
        self.app.app.search.wait_for(newest).await;
    }

    /// What a stranger reads beside a question.
    async fn beside(&self, question: i64) -> String {
        beside(&self.app.visitor().get(&format!("/questions/{question}")).await.expect(200))
    }

    async fn lists(&self, question: i64, title: &str) {
        eventually("it is listed", async || self.beside(question).await.contains(title)).await;
    }
}

/// The list on a page; empty where there is none.
fn beside(page: &Answer) -> String {
    let list = page.body.split("id=\"similar\"").nth(1).and_then(|rest| rest.split("</section>").next());
    list.unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_thread_lists_what_is_like_it_and_how_far_that_is() {
    let forum = Forum::open().await;
    forum.lists(1, LIKE_IT).await;
    forum.lists(2, TITLE).await;
    let list = forum.beside(1).await;
    assert!(list.contains("Similar questions") && list.contains("Open") && !list.contains(OTHER), "{list}");
    assert_eq!(forum.beside(3).await, "", "nothing is like it");
    // The same for everybody.
    assert_eq!(beside(&forum.peer.get("/questions/1").await.expect(200)), list);
    assert_eq!(beside(&forum.staff.get("/questions/1").await.expect(200)), list);
    // What becomes of it is seen with the next request, on the page that is kept, too.
    let id = answer(&forum.peer, 2, "Change the channel to 11.").await;
    let list = forum.beside(1).await;
    assert!(list.contains("1 answer") && list.contains("Answered"), "{list}");
    verify(&forum.staff, id, &[]).await.expect(200);
    forum.peer.post_form("/questions/2/affected", &[("affected", "yes")]).await.expect(200);
    let list = forum.beside(1).await;
    assert!(list.contains("Verified") && list.contains("1 person has it too"), "{list}");
}

#[tokio::test]
async fn what_is_put_out_of_sight_leaves_the_lists_at_once_and_comes_back() {
    let forum = Forum::open().await;
    forum.lists(1, LIKE_IT).await;
    let (customer, staff) = (&forum.customer, &forum.staff);
    moderate(staff, "question-2", "hide", "It names a neighbour.").await.expect(200);
    assert_eq!(forum.beside(1).await, "");
    moderate(staff, "question-2", "restore", "").await.expect(200);
    assert!(forum.beside(1).await.contains(LIKE_IT));
    let readers = |who| [("readers", who), ("reason", "It names a neighbour.")];
    staff.post_form("/desk/questions/2/readers", &readers("asker")).await.expect(200);
    assert_eq!(forum.beside(1).await, "");
    assert_eq!(beside(&customer.get("/questions/1").await), "", "nor for its asker, who has it in their own list");
    assert_eq!(beside(&customer.get("/questions/2").await.expect(200)), "", "what is private is looked for nowhere");
    staff.post_form("/desk/questions/2/readers", &readers("everybody")).await.expect(200);
    assert!(forum.beside(1).await.contains(LIKE_IT));
    // Part of another thread, it is listed by itself no more; part of this one neither.
    for into in ["3", "1"] {
        staff.post_form(&format!("{}/merge", desk_place(2)), &[("into", into)]).await.expect(200);
        assert!(!forum.beside(1).await.contains(LIKE_IT), "in {into}");
        staff.post_form(&format!("{}/unmerge", desk_place(2)), &[]).await.expect(200);
        assert!(forum.beside(1).await.contains(LIKE_IT));
    }
}

#[tokio::test]
async fn an_index_that_lags_brings_nothing_back() {
    let mut forum = Forum::open().await;
    forum.lists(1, LIKE_IT).await;
    // Nothing follows the feed from here on, while lists are made.
    forum.jobs.take().unwrap().shut_down(Duration::from_secs(60)).await;
    let mut jobs = Jobs::default();
    Beside::start(&forum.app.app, &mut jobs);
    let (customer, staff) = (&forum.customer, &forum.staff);
    moderate(staff, "question-2", "hide", "It names a neighbour.").await.expect(200);
    let third = ask_about(&forum.peer, "My wifi drops at nine", "Every evening, the router is old.").await;
    eventually("a list is made from the old index", async || {
        forum.app.visitor().get(&format!("/questions/{third}")).await.expect(200).says(TITLE)
    })
    .await;
    let list = forum.beside(third).await;
    assert!(!list.contains(LIKE_IT), "{list}");
    assert!(!forum.app.visitor().get("/ask/similar?title=router+wifi+drops+evening").await.says(LIKE_IT));
    assert!(!staff.get(&desk_place(third)).await.expect(200).says(LIKE_IT));
    assert!(!customer.get(&format!("/questions/{third}")).await.says(LIKE_IT));
}

#[tokio::test]
async fn what_is_asked_later_is_listed_within_the_hour_and_another_title_at_once() {
    let forum = Forum::open().await;
    forum.lists(1, LIKE_IT).await;
    let later = "Why does wifi drop every evening at nine?";
    let fourth = ask_about(&forum.peer, later, "A new router.").await;
    forum.is_searched().await;
    forum.lists(fourth, TITLE).await;
    assert!(!forum.beside(1).await.contains(later), "its list is kept");
    forum.clock.advance(AN_HOUR);
    forum.lists(1, later).await;
    // About something else now, it is beside something else.
    let retitled = [("title", "Where is the invoice of last month, please?"), ("reason", "Says it better")];
    forum.staff.post_form("/questions/1/title", &retitled).await.expect(200);
    forum.lists(1, OTHER).await;
}

#[tokio::test]
async fn without_a_search_the_page_is_what_it_was() {
    let app = TestApp::start().await;
    let customer = app.customer().await;
    ask_about(&customer, TITLE, "The router is new.").await;
    ask_about(&customer, LIKE_IT, "It is of last year.").await;
    let page = app.visitor().get("/questions/1").await.expect(200);
    page.expect_text(TITLE);
    assert_eq!(beside(&page), "");
}
