//! The two levels of trust: what new members may do, how they become trusted, and that staff have the last word.

use std::time::Duration;

use answerwell::app::App;
use answerwell::clock::{Clock, Millis};
use answerwell::db::DbError;
use answerwell::mail::Way;
use answerwell::members::Role;
use answerwell::trust::raise_due;
use diesel::prelude::*;

use super::confirm;
use crate::forum::{TITLE, ask};
use crate::support::{TestApp, eventually};

const THREE_LINKS: &str = "See https://a.example and https://b.example and https://c.example about it.";

#[tokio::test]
async fn a_new_member_posts_two_links_and_a_trusted_one_more() {
    let app = TestApp::start().await;
    let (casey, parker, staff) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&casey, TITLE).await;
    let thread = parker.get("/questions/1").await.expect(200);
    let refused = parker.submit(&thread, "/questions/1/answers", &[("body", THREE_LINKS)]).await.expect(422);
    refused.expect_text("This has 3 links, and new members may use 2 in one post");
    assert_eq!(refused.field("body").as_deref(), Some(THREE_LINKS), "nothing is lost");
    parker.post_form("/questions/1/comments", &[("body", THREE_LINKS)]).await.expect(422);
    let asked = [("title", "Where do these links lead to?"), ("body", THREE_LINKS)];
    parker.post_form("/ask", &asked).await.expect(422).expect_text("new members may use 2");
    let two = "See https://a.example and https://b.example, not `https://c.example`, @caseycustomer.";
    let answered = parker.submit(&refused, "/questions/1/answers", &[("body", two)]).await.expect(200);
    assert!(answered.body.contains("nofollow"));
    // Staff trust somebody: it counts from the next post on.
    let page = staff.get("/desk/members/parkerpeer").await.expect(200);
    page.expect_text("New member");
    let page = staff.submit(&page, "/desk/members/parkerpeer/trust", &[("level", "trusted")]).await.expect(200);
    page.expect_text("Trusted member").expect_text("(staff said so)");
    parker.post_form("/questions/1/comments", &[("body", THREE_LINKS)]).await.expect(200);
    parker.get("/notices").await.expect_text("You are a trusted member now");
    // Two at once: the second sees what the first did.
    let again = staff.post_form("/desk/members/parkerpeer/trust", &[("level", "trusted")]).await.expect(200);
    again.expect_text("Somebody or something was faster");
    staff.submit(&page, "/desk/members/parkerpeer/trust", &[("level", "new")]).await.expect(200);
    parker.post_form("/questions/1/comments", &[("body", THREE_LINKS)]).await.expect(422);
    staff.post_form("/questions/1/comments", &[("body", THREE_LINKS)]).await.expect(200);
    parker.post_form("/desk/members/parkerpeer/trust", &[("level", "trusted")]).await.expect(403);
    staff.post_form("/desk/members/samstaff/trust", &[("level", "new")]).await.expect(403);
    staff.post_form("/desk/members/nobody/trust", &[("level", "new")]).await.expect(404);
    staff.post_form("/desk/members/parkerpeer/trust", &[("level", "king")]).await.expect(400);
    // A report stays possible from the first day.
    parker.post_form("/report/question-1", &[("reason", "spam")]).await.expect(200);
}

async fn raise(app: &TestApp, now: Millis) -> usize {
    let can_mail = app.app.mail.is_on();
    app.db().write(move |tx| raise_due(tx, now, 100, can_mail)).await.unwrap()
}

#[tokio::test]
async fn trust_is_earned_and_the_member_reads_what_is_missing() {
    let clock = Clock::fixed(Millis(1_800_000_000_000));
    let app = TestApp::start_with(clock.clone(), |config| config.mail = Way::Page).await;
    let parker = app.peer().await;
    let other = app.person("Olga Other", Role::Member).await;
    let own = parker.get("/members/parkerpeer").await.expect(200);
    own.expect_text("Gain 50 more points").expect_text("Be here for 3 days.");
    let seen = other.get("/members/parkerpeer").await.expect(200);
    assert!(!seen.says("Gain 50 more points"), "that is between them and us");
    let give = |tx: &mut answerwell::db::Tx<'_>| {
        Ok::<_, DbError>(diesel::sql_query("UPDATE member SET reputation = 60").execute(&mut **tx)?)
    };
    app.db().write(give).await.unwrap();
    confirm(&app, &parker).await;
    assert_eq!(raise(&app, clock.now()).await, 0, "three days have not passed");
    clock.advance(Duration::from_secs(3 * 24 * 3_600));
    parker.sign_in().await;
    let take = format!("UPDATE member SET confirmed_at = NULL WHERE id = {}", other.id);
    let take = move |tx: &mut answerwell::db::Tx<'_>| Ok::<_, DbError>(diesel::sql_query(take).execute(&mut **tx)?);
    app.db().write(take).await.unwrap();
    other.sign_in().await;
    other.get("/members/olgaother").await.expect(200).expect_text("Confirm your e-mail address.");
    assert_eq!(raise(&app, clock.now()).await, 1, "whose address is not confirmed is not trusted");
    assert_eq!(raise(&app, clock.now()).await, 0, "once");
    parker.get("/members/parkerpeer").await.expect(200).expect_text("Trusted member");
    parker.get("/notices").await.expect_text("You are a trusted member now");
}

/// No link can be mailed there, so none is asked for: the rest of the rule holds.
#[tokio::test]
async fn a_site_without_a_mail_server_trusts_whoever_earned_it_and_asks_nobody_to_confirm_an_address() {
    let clock = Clock::fixed(Millis(1_800_000_000_000));
    let app = TestApp::start_with(clock.clone(), |config| config.mail = Way::None).await;
    let parker = app.peer().await;
    let take = |tx: &mut answerwell::db::Tx<'_>| {
        Ok::<_, DbError>(
            diesel::sql_query("UPDATE member SET reputation = 60, confirmed_at = NULL").execute(&mut **tx)?,
        )
    };
    app.db().write(take).await.unwrap();
    let own = parker.get("/members/parkerpeer").await.expect(200);
    own.expect_text("You are a new member").expect_text("Be here for 3 days.");
    assert!(!own.says("Confirm your e-mail address"), "{}", own.text());
    assert_eq!(raise(&app, clock.now()).await, 0, "three days have not passed");
    clock.advance(Duration::from_secs(3 * 24 * 3_600));
    // By the work that every server does each minute, which knows whether the site can mail.
    let jobs = App::start(&app.app);
    parker.sign_in().await;
    eventually("the rule trusts them", async || parker.get("/members/parkerpeer").await.says("Trusted member")).await;
    parker.get("/notices").await.expect_text("You are a trusted member now");
    jobs.shut_down(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn somebody_whom_staff_do_not_trust_does_not_earn_it_back_by_votes() {
    let clock = Clock::fixed(Millis(1_800_000_000_000));
    let app = TestApp::start_with(clock.clone(), |_| {}).await;
    let (parker, staff) = (app.peer().await, app.staff().await);
    for level in ["trusted", "new"] {
        staff.post_form("/desk/members/parkerpeer/trust", &[("level", level)]).await.expect(200);
    }
    confirm(&app, &parker).await;
    let give = |tx: &mut answerwell::db::Tx<'_>| {
        Ok::<_, DbError>(diesel::sql_query("UPDATE member SET reputation = 60").execute(&mut **tx)?)
    };
    app.db().write(give).await.unwrap();
    clock.advance(Duration::from_secs(30 * 24 * 3_600));
    assert_eq!(raise(&app, clock.now()).await, 0);
}
