//! Taking everything along, and leaving: the file is whole, and the threads stay so.

use answerwell::members::Role;
use answerwell::people::recount;

use super::start;
use crate::moderation::count;
use crate::support::{MailServer, Person, TestApp};

async fn write_some(ada: &Person, parker: &Person) {
    let words = [("title", "My router drops the Wi-Fi"), ("body", "Every evening, **every** one.")];
    ada.post_form("/ask", &words).await.expect(200);
    parker.post_form("/questions/1/answers", &[("body", "Try channel 40.")]).await.expect(200);
    let page = parker.get("/answers/1/edit").await.expect(200);
    parker.submit(&page, "/answers/1/edit", &[("body", "Try channel 44.")]).await.expect(200);
    parker.post_form("/questions/1/comments", &[("body", "It \"helped\" me, too: 50 % \u{1f98a}")]).await.expect(200);
    parker.post_form("/votes", &[("post", "question-1"), ("value", "1")]).await.expect(200);
    let report = [("reason", "spam"), ("words", "Sells routers.")];
    parker.post_form("/report/question-1", &report).await.expect(200);
}

#[tokio::test]
async fn everything_that_one_wrote_comes_as_one_file() {
    let app = TestApp::start().await;
    let (ada, parker) = (app.customer().await, app.peer().await);
    write_some(&ada, &parker).await;
    let file = parker.get("/account/export").await.expect(200);
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"parkerpeer.json\""));
    assert!(file.header("cache-control").is_some_and(|cache| cache.contains("no-store")));
    let all = file.json();
    assert_eq!(all["account"]["email"], parker.email.as_str());
    assert_eq!(all["account"]["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(all["questions"].as_array().unwrap().len(), 0, "what others wrote is theirs");
    let answer = &all["answers"][0];
    assert_eq!(
        (answer["text"].as_str(), answer["question"].as_str()),
        (Some("Try channel 44."), Some("My router drops the Wi-Fi"))
    );
    let texts: Vec<&str> =
        answer["revisions"].as_array().unwrap().iter().filter_map(|one| one["text"].as_str()).collect();
    assert_eq!(texts, ["Try channel 40.", "Try channel 44."]);
    assert_eq!(all["comments"][0]["revisions"][0]["revision"], 1, "a comment that was never changed");
    assert_eq!(all["comments"][0]["text"], "It \"helped\" me, too: 50 % \u{1f98a}");
    assert_eq!((all["votes"][0]["on"].as_str(), all["votes"][0]["vote"].as_i64()), (Some("question-1"), Some(1)));
    assert_eq!(all["reports"][0]["text"], "Sells routers.");
    assert!(!file.body.contains("argon2") && !file.body.contains("three odd words"), "nothing that opens the account");
    let edit = ada.get("/questions/1/edit").await.expect(200);
    ada.submit(&edit, "/questions/1/edit", &[("body", "Each evening.")]).await.expect(200);
    ada.get("/account/profile").await.expect(200).expect_text("What you know about");
    let profile = ada.get("/account/profile").await;
    ada.submit(&profile, "/account/profile", &[("expertise", "Smart Home, wifi")]).await.expect(200);
    for search in ["router", "tag:wifi drops"] {
        ada.post_form("/search/follow", &[("q", search), ("follow", "yes")]).await.expect(200);
    }
    let own = ada.get("/account/export").await.expect(200).json();
    assert_eq!(own["account"]["follows_searches"], serde_json::json!(["router", "tag:wifi drops"]));
    assert_eq!(own["account"]["knows_about"], serde_json::json!(["smart-home", "wifi"]));
    let versions = own["questions"][0]["revisions"].as_array().unwrap();
    let texts: Vec<&str> = versions.iter().filter_map(|one| one["text"].as_str()).collect();
    assert_eq!(texts, ["Every evening, **every** one.", "Each evening."]);
    app.visitor().get("/account/export").await.expect(401);
}

#[tokio::test]
async fn a_file_holds_more_than_one_batch_and_is_not_asked_for_without_end() {
    let app = TestApp::start().await;
    let (ada, parker, sam) = (app.customer().await, app.peer().await, app.staff().await);
    write_some(&ada, &parker).await;
    // Nobody counts how much our own staff write within an hour.
    for number in 0..205 {
        let words = format!("Remark {number}");
        sam.post_form("/questions/1/comments", &[("body", words.as_str())]).await.expect(200);
    }
    let all = sam.get("/account/export").await.expect(200).json();
    let comments = all["comments"].as_array().unwrap();
    assert_eq!(comments.len(), 205);
    assert_eq!(comments[204]["text"], "Remark 204");
    for _ in 0..9 {
        sam.get("/account/export").await.expect(200).json();
    }
    sam.get("/account/export").await.expect(200).expect_text("You downloaded this several times");
}

#[tokio::test]
async fn who_leaves_is_nobody_and_the_thread_stays_whole() {
    let server = MailServer::start().await;
    let (app, _jobs, _) = start(&server).await;
    let (ada, parker) = (app.customer().await, app.peer().await);
    write_some(&ada, &parker).await;
    // What others thought of their answer counts for somebody without a name from now on.
    ada.post_form("/votes", &[("post", "answer-1"), ("value", "1")]).await.expect(200);
    app.visitor().get("/people?period=all").await.expect(200).expect_text("Parker Peer");
    let profile = parker.get("/account/profile").await.expect(200);
    parker.submit(&profile, "/account/profile", &[("expertise", "wifi")]).await.expect(200);
    // What they followed, who followed them, and what they wanted to hear of.
    let ids = (format!("member-{}", ada.id), format!("member-{}", parker.id));
    for (who, what) in [(&parker, ids.0.as_str()), (&parker, "question-1"), (&ada, ids.1.as_str())] {
        who.post_form("/follow", &[("what", what), ("follow", "yes")]).await.expect(200);
    }
    for (who, search) in [(&parker, "router"), (&parker, "my own words"), (&ada, "router")] {
        who.post_form("/search/follow", &[("q", search), ("follow", "yes")]).await.expect(200);
    }
    parker.post_form("/notices/settings", &[("answers", "daily"), ("comments", "never")]).await.expect(200);
    let theirs = |of: &str| format!("{of} WHERE member_id = {}", parker.id);
    let of_them = format!("follow WHERE kind = 'member' AND ref_id = {}", parker.id);
    for kept in [theirs("follow"), theirs("notice_choice"), of_them.clone()] {
        assert!(count(&app, &kept).await > 0, "{kept}");
    }
    let other_window = app.visitor();
    let fields = [("email", parker.email.as_str()), ("password", parker.password.as_str())];
    other_window.post_form("/sign-in", &fields).await.expect(200);
    let page = parker.get("/account/leave").await.expect(200);
    let wrong = parker.submit(&page, "/account/leave", &[("password", "not mine")]).await.expect(422);
    wrong.expect_text("This is not your password");
    let gone = parker.submit(&wrong, "/account/leave", &[("password", &parker.password)]).await.expect(200);
    gone.expect_text("Your account is gone");
    assert!(gone.says("Sign in"), "signed out with it");
    other_window.get("/account").await.expect(401);
    parker.get("/account").await.expect(401);
    app.visitor().post_form("/sign-in", &fields).await.expect(422);
    app.visitor().get("/members/parkerpeer").await.expect(404);
    let thread = app.visitor().get("/questions/1").await.expect(200);
    for words in ["Try channel 44.", "It \"helped\" me, too", "Former member"] {
        thread.expect_text(words);
    }
    assert!(!thread.body.contains("Parker") && !thread.body.contains("parkerpeer"), "{}", thread.body);
    let history = app.visitor().get("/answers/1/history").await.expect(200);
    assert!(!history.body.contains("Parker") && history.says("former member"), "{}", history.text());
    for gone in [theirs("follow"), theirs("notice_choice"), theirs("notice"), theirs("expertise"), of_them] {
        assert_eq!(count(&app, &gone).await, 0, "{gone}");
    }
    assert_eq!(count(&app, "followed_search").await, 1, "what others follow, too, stays");
    for left in
        ["name LIKE '%Parker%'", "email <> '' AND left_at IS NOT NULL", "password_hash <> '' AND left_at IS NOT NULL"]
    {
        assert_eq!(count(&app, &format!("member WHERE {left}")).await, 0, "{left}");
    }
    let counted = recount::recount(app.db(), app.app.clock.now()).await.unwrap();
    assert_eq!(counted.mended, 0, "what counts is counted alike, whoever left");
    let leaders = app.visitor().get("/people?period=all").await.expect(200);
    assert!(!leaders.says("Parker") && !leaders.says("Former member"), "{}", leaders.text());
    // The address is free again, and a link to a new password goes nowhere.
    app.visitor().post_form("/reset", &[("email", &parker.email)]).await.expect(200);
    let fields = [("name", "Parker Peer"), ("email", parker.email.as_str()), ("password", "three odd words")];
    app.visitor().post_form("/sign-up", &fields).await.expect(200);
    assert_eq!(count(&app, "one_time WHERE purpose = 'reset'").await, 0);
}

#[tokio::test]
async fn the_last_administrator_stays_and_a_colleague_leaves_nothing_claimed() {
    let app = TestApp::start().await;
    let admin = app.person("Abe Admin", Role::Admin).await;
    let leave = async |who: &Person| {
        let page = who.get("/account/leave").await.expect(200);
        who.submit(&page, "/account/leave", &[("password", &who.password)]).await
    };
    leave(&admin).await.expect(422).expect_text("You are the only administrator");
    admin.get("/admin").await.expect(200);
    let second = app.person("Bea Boss", Role::Admin).await;
    // Both at once: one stays.
    let (left, right) = tokio::join!(leave(&admin), leave(&second));
    let mut met = [left.status, right.status];
    met.sort_unstable();
    assert_eq!(met, [200, 422]);
    assert_eq!(count(&app, "member WHERE role = 'admin'").await, 1);
    assert_eq!(count(&app, "audit WHERE words = 'admin -> left'").await, 1);
}
