//! Merging threads: a pointer that is taken back as if nothing had been; and who asked the same gets the same answer.

use super::{EVIDENCE, FIX, QUESTION, answer, ask_here, desk_place, say, trainee, verify_place};
use crate::support::{Answer, Person, TestApp, TestLoop, eventually};

async fn merge(staff: &Person, question: i64, into: &str) -> Answer {
    let page = staff.get(&desk_place(question)).await.expect(200);
    staff.submit(&page, &format!("{}/merge", desk_place(question)), &[("into", into)]).await
}

fn public(question: i64) -> String {
    format!("/questions/{question}")
}

#[tokio::test]
async fn a_merged_thread_is_found_in_the_other_and_comes_back_whole() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let main = ask_here(&customer, "Wifi drops every evening at nine").await;
    let other = ask_here(&peer, "Zephyrquill network goes away at night").await;
    answer(&customer, other, "Restarting it helped me for a day.").await;
    let before = app.visitor().get(&public(other)).await.expect(200);
    merge(&staff, other, &format!("{}/questions/{main}/wifi", app.address)).await.expect(200);

    let moved = app.visitor().send(app.visitor().request(reqwest::Method::GET, &public(other))).await;
    assert_eq!(moved.status, 301);
    assert!(moved.location().is_some_and(|place| place.starts_with(&public(main))), "{:?}", moved.location());
    assert_eq!(moved.header("cache-control"), Some("no-cache"));
    let page = app.visitor().get(&public(other)).await.expect(200);
    page.expect_text("Also asked").expect_text("Zephyrquill network goes away at night").expect_text("by Parker Peer");
    page.expect_text("Restarting it helped me for a day.");
    for list in ["/", "/newest", "/unanswered"] {
        assert!(!app.visitor().get(list).await.says("Zephyrquill"), "{list}");
    }
    eventually("the search forgot it", async || !app.visitor().get("/search?q=zephyrquill").await.says("goes away"))
        .await;
    staff.get(&desk_place(other)).await.expect(200).expect_text("is part of").expect_text("Restarting it helped");

    let page = staff.get(&desk_place(main)).await;
    staff.submit(&page, &format!("{}/unmerge", desk_place(other)), &[]).await.expect(200);
    let after = app.visitor().get(&public(other)).await.expect(200);
    assert_eq!(after.text(), before.text());
    assert!(!app.visitor().get(&public(main)).await.says("Also asked"));
    app.visitor().get("/newest").await.expect_text("Zephyrquill network");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_chains_become_one_step() {
    let app = TestApp::start().await;
    let (customer, staff, trainee) = (app.customer().await, app.staff().await, trainee(&app).await);
    let mut ids = Vec::new();
    for number in 1..=4 {
        ids.push(ask_here(&customer, &format!("The router of number {number} drops")).await);
    }
    let [a, b, c, d] = ids[..] else { panic!("four") };
    merge(&staff, a, &a.to_string()).await.expect(422).expect_text("cannot become part of itself");
    merge(&staff, a, "999999").await.expect(422).expect_text("There is no such question");
    let refused = merge(&staff, a, "the other one").await.expect(422);
    refused.expect_text("This is no thread");
    assert_eq!(refused.field("into").as_deref(), Some("the other one"));
    for who in [&trainee, &customer] {
        who.post_form(&format!("{}/merge", desk_place(a)), &[("into", &b.to_string())]).await.expect(403);
        who.post_form(&format!("{}/unmerge", desk_place(a)), &[]).await.expect(403);
    }
    // a into b, then into a: that is b already.
    merge(&staff, a, &b.to_string()).await.expect(200);
    merge(&staff, b, &a.to_string()).await.expect(422).expect_text("part of this one already");
    staff.post_form(&format!("{}/merge", desk_place(a)), &[("into", &c.to_string())]).await.expect(422);
    // b into c: a goes along. d into a: that is c by now.
    merge(&staff, b, &c.to_string()).await.expect(200);
    merge(&staff, d, &a.to_string()).await.expect(200);
    for part in [a, b, d] {
        let page = app.visitor().get(&public(part)).await.expect(200);
        assert!(page.path.starts_with(&public(c)), "{part}: {}", page.path);
    }
    // Out again, b takes a along, and d stays.
    staff.post_form(&format!("{}/unmerge", desk_place(b)), &[]).await.expect(200);
    assert!(app.visitor().get(&public(a)).await.path.starts_with(&public(b)));
    assert!(app.visitor().get(&public(d)).await.path.starts_with(&public(c)));
    staff.post_form(&format!("{}/unmerge", desk_place(b)), &[]).await.expect(200).expect_text("was faster");
}

#[tokio::test]
async fn two_who_merge_at_once_make_no_circle() {
    let app = TestApp::start().await;
    let (customer, staff) = (app.customer().await, app.staff().await);
    let colleague = app.person("Lee Lead", answerwell::members::Role::Staff).await;
    for round in 0..4 {
        let a = ask_here(&customer, &format!("Round {round}: the router drops")).await;
        let b = ask_here(&customer, &format!("Round {round}: the wifi is gone")).await;
        let (there, back) = (a.to_string(), b.to_string());
        let (into_b, into_a) = (format!("{}/merge", desk_place(a)), format!("{}/merge", desk_place(b)));
        let fields = ([("into", back.as_str())], [("into", there.as_str())]);
        let (one, two) = tokio::join!(staff.post_form(&into_b, &fields.0), colleague.post_form(&into_a, &fields.1));
        let won = [&one, &two].iter().filter(|answer| answer.status == 200).count();
        assert_eq!(won, 1, "{} {}", one.status, two.status);
        let (a_leads, b_leads) = (app.visitor().get(&public(a)).await.path, app.visitor().get(&public(b)).await.path);
        assert_eq!(a_leads, b_leads);
    }
}

#[tokio::test]
async fn an_answer_that_is_verified_goes_to_everybody_who_asked() {
    let ends = TestLoop::start().await;
    let (peer, staff) = (ends.peer().await, ends.staff().await);
    let (first, main) = ends.asks("mara_w", QUESTION).await;
    let (second, other) = ends.asks("tom_k", "@acme wifi is gone at night, why?").await;
    let (third, another) = ends.asks("lena_k", "@acme no wifi in the evening again").await;
    for part in [other, another] {
        merge(&staff, part, &main.to_string()).await.expect(200);
    }
    // Their words still arrive in their own threads, and wait.
    let more = ends.says("tom_k", "@acme it is the white one", Some(&second));
    assert_eq!(ends.waiting_for(&more).await.question_id, other);
    staff.get(&desk_place(other)).await.expect(200).expect_text("it is the white one");

    let id = answer(&peer, main, FIX).await;
    let place = verify_place(id);
    let page = staff.get(&place).await.expect(200);
    page.expect_text("Verify and send to @mara_w and whoever is ticked").expect_text("@tom_k").expect_text("@lena_k");
    assert!(page.body.contains("data-many=\"Verify and send to {} people\""), "the script says how many");
    // Somebody who writes meanwhile is read first.
    let late = ends.says("lena_k", "@acme hello?", Some(&third));
    ends.waiting_for(&late).await;
    let marks = |page: &Answer| {
        let boxes = page.form(&place).into_iter().filter(|(name, _)| name == "also").map(|(_, mark)| mark);
        boxes.collect::<Vec<_>>()
    };
    assert_eq!(marks(&page).len(), 2);
    let refused = staff.submit(&page, &place, &[("evidence", EVIDENCE)]).await.expect(422);
    refused.expect_text("One of the others who asked wrote again");
    staff.submit(&refused, &place, &[("evidence", EVIDENCE)]).await.expect(200);
    for post in [&first, &more, &late] {
        ends.replies(post, 1).await;
    }
    let thread = ends.visitor().get(&public(main)).await.expect(200);
    thread.expect_text("to @mara_w").expect_text("to @tom_k").expect_text("to @lena_k");
    staff.get("/desk").await.expect_text("Nobody waits");
    // What they say to it lands in their own threads again.
    let ours = ends.replies(&more, 1).await[0].id.clone();
    let thanks = ends.says("tom_k", "@acme Thanks, that did it", Some(&ours));
    assert_eq!(ends.waiting_for(&thanks).await.question_id, other);
    // And staff answer them there, though what went to them before is an answer of the other thread.
    say(&staff, other, "Glad to hear it!").await.expect(200);
    ends.replies(&thanks, 1).await;
    // Taken out again, each has its own.
    staff.post_form(&format!("{}/unmerge", desk_place(other)), &[]).await.expect(200);
    ends.visitor().get(&public(other)).await.expect(200).expect_text("Thanks, that did it");
}

#[tokio::test]
async fn whom_staff_leave_out_gets_nothing() {
    let ends = TestLoop::start().await;
    let (peer, staff) = (ends.peer().await, ends.staff().await);
    let (first, main) = ends.asks("mara_w", QUESTION).await;
    let (second, other) = ends.asks("tom_k", "@acme wifi is gone at night, why?").await;
    merge(&staff, other, &main.to_string()).await.expect(200);
    let id = answer(&peer, main, FIX).await;
    let page = staff.get(&verify_place(id)).await.expect(200);
    let mut fields = page.form(&verify_place(id));
    fields.retain(|(name, _)| name != "also" && name != "evidence");
    fields.push(("evidence".to_owned(), EVIDENCE.to_owned()));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    staff.post_form(&verify_place(id), &fields).await.expect(200);
    ends.replies(&first, 1).await;
    assert!(ends.ours_under(&second).is_empty());
    // A box that was made up sends nothing, and nothing is verified with it.
    let page = staff.get(&desk_place(other)).await.expect(200);
    page.expect_text("The asker waits for a word from us");
}
