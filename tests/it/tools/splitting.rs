//! Splitting: a post becomes a question of its own, with its author, its time and its tie to the network; and goes back.

use super::{QUESTION, answer, ask_here, desk_place, say, shown, trainee};
use crate::support::{TestApp, TestLoop};

fn split_place(page: &crate::support::Answer) -> String {
    let links = page.links();
    links
        .into_iter()
        .find(|link| link.starts_with("/desk/posts/") && link.ends_with("/split"))
        .expect("the way to split")
}

#[tokio::test]
async fn a_follow_up_becomes_a_question_and_what_follows_arrives_there() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let bill = ends.says("mara_w", "@acme and my bill of October is wrong, too", Some(&post));
    assert_eq!(ends.waiting_for(&bill).await.question_id, question);
    let page = staff.get(&desk_place(question)).await.expect(200);
    let place = split_place(&page);
    let form = staff.get(&place).await.expect(200);
    assert!(form.field("title").is_some_and(|title| title.contains("bill of October")), "{:?}", form.field("title"));
    staff.submit(&form, &place, &[("title", "short")]).await.expect(422);
    let new = staff.submit(&form, &place, &[("title", "The bill of October is wrong")]).await.expect(200);
    let id: i64 = new.path.rsplit('/').next().unwrap().parse().unwrap();
    new.expect_text("@mara_w").expect_text("The asker waits for a word from us");
    let old = ends.visitor().get(&format!("/questions/{question}")).await.expect(200);
    old.expect_text("moved to The bill of October is wrong");
    assert!(!old.says("my bill of October"), "{}", old.text());
    staff.get(&desk_place(question)).await.expect_text("The asker waits for a word from us");
    // A second click finds it gone, and what is written below it arrives there.
    staff.submit(&form, &place, &[("title", "The bill of October is wrong")]).await.expect(410);
    let more = ends.says("mara_w", "@acme it says 40 instead of 20", Some(&bill));
    assert_eq!(ends.waiting_for(&more).await.question_id, id);
    // With words below it, it stays.
    staff
        .post_form(&format!("{}/unsplit", desk_place(id)), &[])
        .await
        .expect(400)
        .expect_text("Somebody wrote below it");
    say(&staff, id, "We look into it.").await.expect(200);
    ends.replies(&more, 1).await;
    assert!(ends.ours_under(&bill).is_empty(), "one reply, to what was said last");
}

#[tokio::test]
async fn a_split_is_taken_back_while_nobody_answered() {
    let app = TestApp::start().await;
    let (customer, peer, staff, trainee) =
        (app.customer().await, app.peer().await, app.staff().await, trainee(&app).await);
    let question = ask_here(&customer, "Wifi drops every evening at nine").await;
    let other = answer(&peer, question, "Mine has another trouble: the light is red since the update.").await;
    let before = app.visitor().get(&format!("/questions/{question}")).await;
    let page = staff.get(&desk_place(question)).await.expect(200);
    let place = split_place(&page);
    assert_eq!(place, format!("/desk/posts/answer-{other}/split"));
    for who in [&trainee, &customer] {
        who.get(&place).await.expect(403);
        who.post_form(&place, &[("title", "The light is red since the update")]).await.expect(403);
    }
    let title = [("title", "The light is red since the update")];
    let form = staff.get(&place).await.expect(200);
    let new = staff.submit(&form, &place, &title).await.expect(200);
    let id: i64 = new.path.rsplit('/').next().unwrap().parse().unwrap();
    let public = app.visitor().get(&format!("/questions/{id}")).await.expect(200);
    public.expect_text("Parker Peer").expect_text("the light is red");
    app.visitor().get(&format!("/questions/{question}")).await.expect_text("An answer moved to");
    trainee.post_form(&format!("{}/unsplit", desk_place(id)), &[]).await.expect(403);
    staff.submit(&new, &format!("{}/unsplit", desk_place(id)), &[]).await.expect(200);
    app.visitor().get(&format!("/questions/{id}")).await.expect(410);
    let after = app.visitor().get(&format!("/questions/{question}")).await.expect(200);
    after.expect_text("the light is red").expect_text("1 answer");
    assert!(!after.says("moved to") && before.says("1 answer"));
    // Split again and answered, it stays.
    let form = staff.get(&place).await.expect(200);
    let new = staff.submit(&form, &place, &title).await.expect(200);
    let id: i64 = new.path.rsplit('/').next().unwrap().parse().unwrap();
    answer(&customer, id, "Hold reset for ten seconds.").await;
    staff.post_form(&format!("{}/unsplit", desk_place(id)), &[]).await.expect(400).expect_text("Nothing was changed");
}

#[tokio::test]
async fn what_we_sent_stays_with_what_it_answers() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    say(&staff, question, "Which model is it?").await.expect(200);
    ends.replies(&post, 1).await;
    let page = shown(&staff, &desk_place(question), "View reply on X").await;
    let comment = page.body.split("id=\"comment-").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let place = format!("/desk/posts/comment-{comment}/split");
    staff.post_form(&place, &[("title", "Which model is it, please?")]).await.expect(422).expect_text("We sent this");
    staff.get("/desk/posts/question-1/split").await.expect(404);
    staff.get("/desk/posts/comment-999999/split").await.expect(404);
    staff.get("/desk/posts/wrong/split").await.expect(404);
}
