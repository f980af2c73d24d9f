//! What was asked before, while one asks: what is verified first, then what is answered, then what is open, which one has, too,
//! instead of asking again. Nothing that was written is lost on the way.

use answerwell::app::App;
use answerwell::jobs::Jobs;

use crate::support::{Answer, Person, TestApp, eventually};
use crate::tools::{answer, verify};
use crate::verifying::ask_about;

const VERIFIED: &str = "Wifi drops every evening at nine";
const ANSWERED: &str = "My wifi drops in the evening";
const OPEN: &str = "Why does the wifi drop each evening?";
const OTHER: &str = "Where do I find the invoice of last month?";
const PLACE: &str = "/ask/similar?title=The+wifi+drops+in+the+evening";

struct Forum {
    app: TestApp,
    customer: Person,
    peer: Person,
    _jobs: Jobs,
}

impl Forum {
    /// Asked in the order that is not the one of the list.
    async fn open() -> Self {
        let app = TestApp::start().await;
        let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
        for (title, body) in [(OPEN, "Help."), (ANSWERED, "Since May."), (VERIFIED, "So it is."), (OTHER, "Help.")] {
            ask_about(&customer, title, body).await;
        }
        answer(&peer, 2, "Restart it.").await;
        let id = answer(&peer, 3, "Set the channel to 40 under Wi-Fi, Advanced.").await;
        verify(&staff, id, &[("product", "R7")]).await.expect(200);
        let _jobs = App::start(&app.app);
        let forum = Self { app, customer, peer, _jobs };
        eventually("all are found", async || {
            let found = forum.app.visitor().get(PLACE).await.expect(200);
            [VERIFIED, ANSWERED, OPEN].iter().all(|title| found.says(title))
        })
        .await;
        forum
    }
}

#[track_caller]
fn order(page: &Answer) -> Vec<usize> {
    let text = page.text();
    let at = |title: &str| text.find(title).unwrap_or_else(|| panic!("{title:?} is not in: {text}"));
    [VERIFIED, ANSWERED, OPEN].map(at).to_vec()
}

#[tokio::test]
async fn what_helps_most_likely_comes_first() {
    let forum = Forum::open().await;
    forum.peer.post_form("/questions/1/affected", &[("affected", "yes")]).await.expect(200);
    let found = forum.app.visitor().get(PLACE).await.expect(200);
    assert!(order(&found).is_sorted(), "{}", found.text());
    found.expect_text("Verified by Sam Staff").expect_text("for R7").expect_text("Set the channel to 40");
    found.expect_text("1 answer").expect_text("1 person has this too").expect_text("I have this too");
    assert!(!found.says(OTHER));
    let links = found.links();
    assert!(links.iter().any(|link| link.ends_with("#answer-2")), "to the answer that staff stand by: {links:?}");
    assert!(links.iter().any(|link| link.starts_with("/questions/2/")), "{links:?}");
    // Whoever asked it themselves is shown the way to it.
    forum.customer.get(PLACE).await.expect(200).expect_text("You asked this: see it");
    for nothing in ["/ask/similar?title=", "/ask/similar?title=wifi", "/ask/similar?title=a+wifi+invoice+question"] {
        assert!(!forum.app.visitor().get(nothing).await.expect(200).says(OPEN), "{nothing}: too little in common");
    }
}

#[tokio::test]
async fn to_have_it_too_is_one_button_and_what_was_written_stays() {
    let forum = Forum::open().await;
    let rita = forum.app.person("Rita Reader", answerwell::members::Role::Member).await;
    let filled = [("title", "The wifi drops in the evening"), ("body", "Since **last week**."), ("tags", "wifi")];
    for who in [&rita, &forum.peer] {
        let form = who.get("/ask").await.expect(200);
        let step = who.submit(&form, "/ask", &filled).await.expect(200);
        step.expect_text("Not asked yet").expect_text("Is one of these your problem?");
        assert!(order(&step)[..].is_sorted());
        for (name, value) in filled {
            assert_eq!(step.field(name).as_deref(), Some(value));
        }
        // The button stands among the words of the question, and posts none of them: it opens beside them.
        assert!(
            step.body.contains("form=\"too\" formaction=\"/questions/1/affected\" name=\"affected\" value=\"yes\"")
        );
        assert!(step.body.contains("<form id=\"too\" method=\"post\" target=\"_blank\"></form>"));
        who.post_form("/questions/1/affected", &[("affected", "yes")]).await.expect(200);
        let again = who.submit(&step, "/ask", &[]).await.expect(200);
        again.expect_text("The wifi drops in the evening").expect_text("No answer yet");
    }
    let counted = forum.app.visitor().get("/questions/1").await.expect(200);
    counted.expect_text("2 people have this too");
    // A guest says so without an account.
    let guest = forum.app.visitor();
    guest.get(PLACE).await.expect(200).expect_text("I have this too");
    guest.post_form("/questions/1/affected", &[("affected", "yes")]).await.expect(200);
    guest.get("/questions/1").await.expect_text("3 people have this too");
}

#[tokio::test]
async fn a_second_press_of_the_button_leads_to_what_was_asked_and_not_to_what_is_like_it() {
    let app = TestApp::start().await;
    let (ada, _jobs) = (app.customer().await, App::start(&app.app));
    let form = ada.get("/ask").await.expect(200);
    let filled = [("title", OPEN), ("body", "Help.")];
    let asked = ada.submit(&form, "/ask", &filled).await.expect(200);
    eventually("it is found", async || app.visitor().get(PLACE).await.expect(200).says(OPEN)).await;
    let again = ada.submit(&form, "/ask", &filled).await.expect(200);
    assert_eq!(again.path, asked.path, "{}", again.text());
}
