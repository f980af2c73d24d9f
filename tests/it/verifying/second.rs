//! Two people: nothing is shown as verified and nothing leaves before the second one has confirmed.

use answerwell::members::Role;

use super::{
    EVIDENCE, FIX, action, acts, answer, ask, ask_for_two, colleague, edit, kinds_told, states, thread, told, verify,
    verify_place, waiting,
};
use crate::support::{TestApp, TestLoop};

const QUESTION: &str = "@acme my router smells of smoke, may I leave it on?";
const SHORT: &str = "Unplug it now and write to us: we replace it.";

#[tokio::test]
async fn the_second_person_sends_what_the_first_one_vouched_for() {
    let ends = TestLoop::start().await;
    let (peer, staff, other) = (ends.peer().await, ends.staff().await, colleague(&ends).await);
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    ask_for_two(&ends, question).await;
    let id = answer(&peer, question, FIX).await;
    let page = staff.get(&verify_place(id)).await.expect(200);
    page.expect_text("Vouch for it and ask for a second person").expect_text("nothing is sent before a colleague");
    verify(&staff, id, &[("short_form", SHORT), ("product", "R7")]).await.expect(200);
    assert_eq!(states(ends.db(), id).await, ["awaiting"]);
    assert!(waiting(ends.db(), "verify").await.is_empty());
    let [verification] = waiting(ends.db(), "second").await[..] else { panic!("one waits for its second person") };
    assert!(!thread(&ends, question).await.says("Verified by"));
    staff.get(&format!("/desk/questions/{question}")).await.expect_text("Confirm as second person");

    // Who vouched first is not their own second person, however they say it.
    let own = staff.get(&verify_place(id)).await.expect(200);
    own.expect_text("You vouched for it first");
    let confirm = format!("/desk/verifications/{verification}/confirm");
    let marks = other.get(&verify_place(id)).await.expect(200);
    let fields: Vec<(String, String)> = marks.form(&confirm);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let forged = staff.post_form(&confirm, &fields).await.expect(403);
    forged.expect_text("The second person must be somebody else");
    // A second form of one's own is no second person either.
    verify_again_is_refused(&staff, id).await;
    assert!(ends.ours_under(&post).is_empty());

    marks.expect_text("Sam Staff vouches for it").expect_text(EVIDENCE).expect_text("Confirm and send to @mara_w");
    marks.expect_text(SHORT);
    other.submit(&marks, &confirm, &[]).await.expect(200);
    let replies = ends.replies(&post, 1).await;
    assert!(replies[0].text.ends_with(SHORT), "{}", replies[0].text);
    thread(&ends, question).await.expect_text("Verified by Sam Staff and Kim Colleague").expect_text("for R7");
    assert!(waiting(ends.db(), "second").await.is_empty());
    assert_eq!(acts(ends.db()).await[..2], ["verify", "confirm"]);
    crate::support::eventually("the author is told that it arrived", async || {
        kinds_told(ends.db(), peer.id).await == ["seen", "verified", "sent"]
    })
    .await;
    // Once more changes nothing and sends nothing.
    let late = other.submit(&marks, &confirm, &[]).await;
    assert!([200, 422].contains(&late.status), "{}", late.status);
    assert_eq!(ends.ours_under(&post).len(), 1);
}

async fn verify_again_is_refused(staff: &crate::support::Person, id: i64) {
    let fields = [("evidence", EVIDENCE), ("short_form", SHORT), ("revision", "1")];
    let again = staff.post_form(&verify_place(id), &fields).await.expect(422);
    again.expect_text("Now a second person confirms or refuses");
}

#[tokio::test]
async fn the_author_is_no_second_person_and_a_third_one_is() {
    let app = TestApp::start().await;
    let (customer, author, staff) =
        (app.customer().await, app.person("Ada Author", Role::Staff).await, app.staff().await);
    let (editor, third) = (app.person("Eve Editor", Role::Staff).await, colleague(&app).await);
    let question = ask(&customer).await;
    ask_for_two(&app, question).await;
    let id = answer(&author, question, FIX).await;
    edit(&editor, id, "Set the channel to 44.").await.expect(200);
    verify(&staff, id, &[]).await.expect(200);
    let page = third.get(&verify_place(id)).await.expect(200);
    let confirm = action(&page, "/desk/verifications/", "/confirm");
    let fields = page.form(&confirm);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    for own in [&author, &editor] {
        own.get(&verify_place(id)).await.expect(200).expect_text("You wrote this answer");
        own.post_form(&confirm, &fields).await.expect(403).expect_text("nobody verifies their own");
        let refuse = confirm.replace("/confirm", "/refuse");
        own.post_form(&refuse, &[("why", "I do not like it")]).await.expect(403);
    }
    customer.post_form(&confirm, &fields).await.expect(403);
    assert_eq!(states(app.db(), id).await, ["awaiting"]);
    third.post_form(&confirm, &fields).await.expect(200);
    thread(&app, question).await.expect_text("Verified by Sam Staff and Kim Colleague");
}

#[tokio::test]
async fn the_second_person_may_say_no_and_why() {
    let app = TestApp::start().await;
    let (customer, peer, staff, other) =
        (app.customer().await, app.peer().await, app.staff().await, colleague(&app).await);
    let question = ask(&customer).await;
    ask_for_two(&app, question).await;
    let id = answer(&peer, question, FIX).await;
    verify(&staff, id, &[]).await.expect(200);
    let page = other.get(&verify_place(id)).await.expect(200);
    let refuse = action(&page, "/desk/verifications/", "/refuse");
    other.submit(&page, &refuse, &[("why", "")]).await.expect(422).expect_text("The reason is missing");
    other.submit(&page, &refuse, &[("why", "The test was on an R8")]).await.expect(200);
    assert_eq!(states(app.db(), id).await, ["refused"]);
    assert_eq!(waiting(app.db(), "verify").await, [id], "whoever verifies it is asked again");
    let why = ("not_confirmed".to_owned(), "The test was on an R8".to_owned());
    assert_eq!(told(app.db(), staff.id).await, [why]);
    assert_eq!(kinds_told(app.db(), peer.id).await, ["seen"], "nobody told its author of a verification before");
    // What was refused is not confirmed by an old page.
    let confirm = refuse.replace("/refuse", "/confirm");
    let late = other.post_form(&confirm, &[("revision", "1")]).await.expect(422);
    late.expect_text("this verification is refused by now");
    // The first one vouches anew, and takes it back.
    verify(&staff, id, &[]).await.expect(200);
    let page = staff.get(&verify_place(id)).await.expect(200);
    let back = action(&page, "/desk/verifications/", "/withdraw");
    staff.submit(&page, &back, &[]).await.expect(200);
    assert_eq!(states(app.db(), id).await, ["refused", "withdrawn"]);
    assert!(waiting(app.db(), "second").await.is_empty());
}

#[tokio::test]
async fn what_changed_meanwhile_is_not_confirmed() {
    let ends = TestLoop::start().await;
    let (peer, staff, other) = (ends.peer().await, ends.staff().await, colleague(&ends).await);
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    ask_for_two(&ends, question).await;
    let id = answer(&peer, question, FIX).await;
    verify(&staff, id, &[("short_form", SHORT)]).await.expect(200);
    // The asker writes again.
    let page = other.get(&verify_place(id)).await.expect(200);
    let confirm = action(&page, "/desk/verifications/", "/confirm");
    let more = ends.says("mara_w", "@acme it stopped by itself, forget it", Some(&post));
    ends.waiting_for(&more).await;
    let late = other.submit(&page, &confirm, &[]).await.expect(422);
    late.expect_text("another one now").expect_text("it stopped by itself");
    // The author writes another version.
    edit(&peer, id, "Unplug it, and do not open it.").await.expect(200);
    let late = other.submit(&late, &confirm, &[]).await.expect(422);
    late.expect_text("The answer changed since you opened this page");
    let fields = [("revision", "2"), ("target", "0"), ("last_delivery", "0"), ("newest", "0")];
    other.post_form(&confirm, &fields).await.expect(422);
    assert!(ends.ours_under(&post).is_empty() && ends.ours_under(&more).is_empty());
    // Whoever verifies the new words ends what was vouched for before.
    other.get(&verify_place(id)).await.expect_text("was changed before a second person had confirmed");
    verify(&other, id, &[("short_form", SHORT)]).await.expect(200);
    assert_eq!(states(ends.db(), id).await, ["withdrawn", "awaiting"]);
    let page = staff.get(&verify_place(id)).await.expect(200);
    let confirm = action(&page, "/desk/verifications/", "/confirm");
    staff.submit(&page, &confirm, &[]).await.expect(200);
    ends.replies(&more, 1).await;
}
