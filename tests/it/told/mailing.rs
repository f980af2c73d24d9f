//! Notices by mail: as each reader chose, once, with a way out, and never of what is out of sight.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;

use super::{Site, confirm, count, is_told};
use crate::forum::{TITLE, answer, ask};
use crate::support::eventually;

#[tokio::test]
async fn an_answer_is_mailed_to_whoever_asked_and_one_click_stops_that() {
    let site = Site::start().await;
    let (casey, parker) = (site.app.customer().await, site.app.peer().await);
    confirm(&site.app, &casey).await;
    confirm(&site.app, &parker).await;
    ask(&casey, TITLE).await;
    answer(&parker, "Change the *channel* to 11.").await;
    is_told(&casey, &format!("Parker Peer answered “{TITLE}”")).await;
    site.settle().await;
    let mail = site.mails_to(&casey).pop().expect("a mail");
    let host = "help.acme.test";
    for line in [
        &format!("Subject: Re: {TITLE}"),
        &format!("References: <question-1@{host}>"),
        &format!("In-Reply-To: <question-1@{host}>"),
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "Change the channel to 11.",
        "text/html",
        "text/plain",
        "because you follow this question",
    ] {
        assert!(mail.contains(line), "{line}\n{mail}");
    }
    assert_eq!(site.mails_to(&parker).len(), 0, "nobody is told of what they did themselves");

    // A mail program follows the header: no cookie, from wherever it is, with the words of the standard.
    let begin = mail.find("List-Unsubscribe: <").expect("the header") + "List-Unsubscribe: <".len();
    let link = mail[begin..].split('>').next().unwrap().strip_prefix(&site.app.address).expect("ours").to_owned();
    let anybody = site.app.visitor();
    anybody.get(&link).await.expect(200).expect_text("The button stops mail about “New answers”");
    parker.get("/questions/1").await;
    answer(&parker, "Or to 6.").await;
    site.settle().await;
    assert_eq!(site.mails_to(&casey).len(), 2, "opening the link stopped nothing");
    let click = anybody.request(Method::POST, &link).header("sec-fetch-site", "cross-site");
    let click = click.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body("List-Unsubscribe=One-Click");
    anybody.send(click).await.expect(200).expect_text("You get no more of mail about “New answers”");
    answer(&parker, "Or restart it.").await;
    site.settle().await;
    assert_eq!(site.mails_to(&casey).len(), 2);
    casey.get("/notices").await.expect_text("3 unread");
    let settings = casey.get("/notices/settings").await.expect(200);
    assert_eq!(settings.field("answers").as_deref(), Some("never"));
    // Nobody guesses such a link, and no other form may come from elsewhere.
    anybody.get("/mail/stop/made-up/answers").await.expect(410);
    anybody.post_form("/mail/stop/made-up/answers", &[]).await.expect(410);
    let forged = anybody.request(Method::POST, "/notices/settings").header("sec-fetch-site", "cross-site");
    anybody.send(forged.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body("")).await.expect(403);
}

#[tokio::test]
async fn what_was_read_on_the_page_is_not_mailed() {
    let site = Site::start().await;
    let (casey, parker) = (site.app.customer().await, site.app.peer().await);
    confirm(&site.app, &casey).await;
    ask(&casey, TITLE).await;
    answer(&parker, "Change the channel.").await;
    let page = is_told(&casey, "Parker Peer answered").await;
    casey.submit(&page, "/notices/read", &[]).await.expect(200);
    site.settle().await;
    assert_eq!(site.mails_to(&casey).len(), 0);
    answer(&parker, "Or restart it.").await;
    site.settle().await;
    assert_eq!(site.mails_to(&casey).len(), 1, "what was not read is");
}

#[tokio::test]
async fn an_address_that_is_not_confirmed_gets_no_mail() {
    let site = Site::start().await;
    let (casey, parker) = (site.app.customer().await, site.app.peer().await);
    let casey_id = casey.id.0;
    let unconfirm = move |tx: &mut answerwell::db::Tx<'_>| {
        use diesel::RunQueryDsl;
        let update = format!("UPDATE member SET confirmed_at = NULL WHERE id = {casey_id}");
        Ok::<_, answerwell::db::DbError>(diesel::sql_query(update).execute(&mut **tx)?)
    };
    site.app.db().write(unconfirm).await.unwrap();
    casey.get("/notices/settings").await.expect(200).expect_text("Your e-mail address is not confirmed");
    ask(&casey, TITLE).await;
    answer(&parker, "Change the channel.").await;
    is_told(&casey, "Parker Peer answered").await;
    site.settle().await;
    assert_eq!(site.mails_to(&casey).len(), 0);
}

#[tokio::test]
async fn what_is_gathered_comes_in_one_mail_a_day_and_none_where_nothing_happened() {
    let site = Site::start().await;
    let (casey, parker) = (site.app.customer().await, site.app.peer().await);
    confirm(&site.app, &casey).await;
    let page = casey.get("/notices/settings").await.expect(200);
    casey.submit(&page, "/notices/settings", &[("answers", "daily")]).await.expect(200).expect_text("Saved.");
    ask(&casey, TITLE).await;
    for text in ["Change the channel.", "Or restart it.", "Or move it."] {
        answer(&parker, text).await;
    }
    parker.post_form("/questions/1/comments", &[("body", "Which model is it?")]).await.expect(200);
    site.settle().await;
    assert_eq!(site.mails_to(&casey).len(), 0, "a day has not passed");
    site.clock.advance(Duration::from_secs(24 * 3_600));
    eventually("one mail comes", async || site.mails_to(&casey).len() == 1).await;
    let mail = site.mails_to(&casey).remove(0);
    assert!(mail.contains("Subject: 4 things are new at Acme Help"), "{mail}");
    assert!(mail.contains("Parker Peer commented on") && mail.contains("/mail/stop/") && mail.contains("/gathered"));
    assert_eq!(count(&site.app, "notice WHERE mailed_at IS NULL").await, 0);
    // A week in which nothing happens: nothing is mailed. What is read meanwhile is left out.
    site.clock.advance(Duration::from_secs(7 * 24 * 3_600));
    answer(&parker, "Or buy a cable.").await;
    site.settle().await;
    let page = casey.get("/notices").await;
    casey.submit(&page, "/notices/read", &[]).await.expect(200);
    site.clock.advance(Duration::from_secs(24 * 3_600));
    eventually("it is decided", async || count(&site.app, "notice WHERE mailed_at IS NULL").await == 0).await;
    assert_eq!(site.mails_to(&casey).len(), 1);
    casey.post_form("/notices/settings", &[("answers", "hourly")]).await.expect(400);
}

#[tokio::test]
async fn a_post_that_went_out_of_sight_is_told_to_nobody_any_more() {
    let site = Site::start().await;
    let (casey, parker, staff) = (site.app.customer().await, site.app.peer().await, site.app.staff().await);
    confirm(&site.app, &casey).await;
    ask(&casey, TITLE).await;
    answer(&parker, "Buy pills at https://spam.example").await;
    is_told(&casey, "Parker Peer answered").await;
    let page = staff.get("/desk/moderate/answer-1").await.expect(200);
    let hidden = [("act", "hide"), ("reason", "Spam")];
    staff.submit(&page, "/desk/moderate/answer-1", &hidden).await.expect(200);
    site.settle().await;
    assert_eq!(site.mails_to(&casey).len(), 0);
    answer(&parker, "Change the channel.").await;
    site.settle().await;
    assert_eq!(site.mails_to(&casey).len(), 1);
}

#[tokio::test]
async fn two_nodes_mail_each_notice_once() {
    let site = Site::start().await;
    let _other_node = answerwell::app::App::start(&site.app.app);
    let (casey, parker) = (site.app.customer().await, site.app.peer().await);
    confirm(&site.app, &casey).await;
    ask(&casey, TITLE).await;
    for number in 0..12 {
        answer(&parker, &format!("Try channel {number}.")).await;
    }
    site.settle().await;
    assert_eq!(site.mails_to(&casey).len(), 12);
}
