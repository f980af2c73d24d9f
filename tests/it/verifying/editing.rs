//! Versions of an answer: what staff vouched for stays on the page until they have verified the new words.

use answerwell::answers::{self, AnswerId};
use answerwell::db::DbError;

use super::{
    EVIDENCE, FIX, action, answer, ask, colleague, edit, states, thread, verify, verify_place, versions, waiting,
};
use crate::inbound::hook::{MARA, TOM, Told, tell};
use crate::support::{TestApp, TestLoop, eventually};

const NEWER: &str = "It is not just you. Set the channel to 44 under Wi-Fi, Expert, then restart.";

#[tokio::test]
async fn an_edit_leaves_the_verified_words_until_the_new_ones_are_verified() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let other = colleague(&app).await;
    let question = ask(&customer).await;
    let id = answer(&peer, question, FIX).await;
    // Not verified yet: the new words are shown at once.
    edit(&peer, id, "Set the channel to 40.").await.expect(200);
    thread(&app, question).await.expect_text("Set the channel to 40.");
    edit(&peer, id, FIX).await.expect(200);
    verify(&staff, id, &[("product", "R7"), ("version", "4.2")]).await.expect(200);
    edit(&peer, id, NEWER).await.expect(200);
    let shown = thread(&app, question).await;
    shown.expect_text("Verified by Sam Staff").expect_text(FIX).expect_text("A newer version waits for verification");
    assert!(!shown.says("channel to 44"), "{}", shown.text());
    assert!(shown.links().contains(&format!("/answers/{id}/history")), "{:?}", shown.links());
    assert_eq!(waiting(app.db(), "verify").await, [id]);
    assert_eq!(states(app.db(), id).await, ["standing"]);

    let history = app.visitor().get(&format!("/answers/{id}/history")).await.expect(200);
    history.expect_text("Version 4").expect_text("Waits for verification").expect_text("by Parker Peer");
    assert!(history.body.contains("<del>40</del><ins>44</ins>"), "{}", history.body);

    // Staff read the new words beside what they stand for, in a form that knows what was said the last time.
    let page = other.get(&verify_place(id)).await.expect(200);
    page.expect_text("What changed since it was verified").expect_text("channel to 44");
    let said = ["evidence", "product", "version"].map(|name| page.field(name).unwrap_or_default());
    assert_eq!(said, [EVIDENCE, "R7", "4.2"]);
    verify(&other, id, &[("evidence", "Tried it again with 44")]).await.expect(200);
    assert_eq!(states(app.db(), id).await, ["superseded", "standing"]);
    let shown = thread(&app, question).await;
    shown.expect_text("Verified by Kim Colleague").expect_text("channel to 44");
    assert!(!shown.says("A newer version waits") && !shown.says("Sam Staff"), "{}", shown.text());
    assert!(waiting(app.db(), "verify").await.is_empty());

    // Taken back: the newest words are shown, and nobody vouches.
    edit(&peer, id, "Set the channel to 52.").await.expect(200);
    let page = other.get(&verify_place(id)).await.expect(200);
    let back = action(&page, "/desk/verifications/", "/withdraw");
    other.submit(&page, &back, &[]).await.expect(200);
    let shown = thread(&app, question).await;
    shown.expect_text("Set the channel to 52.");
    assert!(!shown.says("Verified by"), "{}", shown.text());
}

#[tokio::test]
async fn only_its_author_and_staff_write_a_version() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let question = ask(&customer).await;
    let id = answer(&peer, question, FIX).await;
    let place = format!("/answers/{id}/edit");
    customer.get(&place).await.expect(403).expect_text("Only its author and staff");
    let forged = [("body", "Buy my routers instead, they are better"), ("revision", "1")];
    customer.post_form(&place, &forged).await.expect(403);
    app.visitor().get(&place).await.expect(401);
    assert_eq!(versions(app.db(), id).await, [FIX]);
    let page = staff.get(&place).await.expect(200);
    staff.submit(&page, &place, &[("body", " ")]).await.expect(422).expect_text("Your answer is missing");
    // The same words are no new version.
    staff.submit(&page, &place, &[]).await.expect(200);
    assert_eq!(versions(app.db(), id).await, [FIX]);
    staff.submit(&page, &place, &[("body", NEWER)]).await.expect(200);
    let history = peer.get(&format!("/answers/{id}/history")).await.expect(200);
    history.expect_text("by Sam Staff").expect_text("by Parker Peer");
    assert!(thread(&app, question).await.links().contains(&format!("/answers/{id}/history")));
    peer.get("/answers/999999/history").await.expect(404);
}

#[tokio::test]
async fn search_finds_what_is_shown() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let _jobs = answerwell::app::App::start(&app.app);
    let question = ask(&customer).await;
    let id = answer(&peer, question, "Turn the hedgehog switch twice.").await;
    verify(&staff, id, &[]).await.expect(200);
    edit(&peer, id, "Turn the porcupine switch twice.").await.expect(200);
    let visitor = app.visitor();
    let found = async |word: &str| visitor.get(&format!("/search?q={word}")).await.says("Wifi drops in the evening");
    eventually("the verified words are found", async || found("hedgehog").await).await;
    assert!(!found("porcupine").await, "nobody vouches for those yet");
    verify(&staff, id, &[]).await.expect(200);
    eventually("the new ones are found", async || found("porcupine").await).await;
    eventually("the old ones are not", async || !found("hedgehog").await).await;
}

#[tokio::test]
async fn the_words_of_a_removed_answer_are_gone_in_every_version() {
    let app = TestApp::start().await;
    let (customer, peer) = (app.customer().await, app.peer().await);
    let question = ask(&customer).await;
    let id = answer(&peer, question, FIX).await;
    edit(&peer, id, NEWER).await.expect(200);
    let now = app.app.clock.now();
    app.db().write(move |tx| answers::remove(tx, AnswerId(id), now)).await.unwrap();
    assert_eq!(versions(app.db(), id).await, ["", ""]);
    assert!(waiting(app.db(), "verify").await.is_empty());
    peer.get(&format!("/answers/{id}/history")).await.expect(410);
    peer.get(&format!("/answers/{id}/edit")).await.expect(410);
    let gone: Result<bool, DbError> = app.db().read(move |conn| Ok(answers::find(conn, AnswerId(id))?.is_none())).await;
    assert!(gone.unwrap());
}

const QUESTION: Told = Told {
    id: "2080765813578191303",
    text: "@acme my router drops wifi every evening, is it just me?",
    versions: &["2080765813578191303"],
    parent: None,
    by: MARA,
};
const REPLY: Told = Told {
    id: "2080765813578191400",
    text: "@mara_w set the channel to 40, that helped me",
    versions: &["2080765813578191400"],
    parent: Some("2080765813578191303"),
    by: TOM,
};
const EDITED: Told = Told {
    id: "2080765813578191500",
    text: "@mara_w set the channel to 44, that helped me",
    versions: &["2080765813578191400", "2080765813578191500"],
    parent: Some("2080765813578191303"),
    by: TOM,
};

#[tokio::test]
async fn an_edit_on_the_network_goes_the_same_way() {
    let ends = TestLoop::start().await;
    let (staff, visitor) = (ends.staff().await, ends.visitor());
    tell(&ends, &QUESTION).await;
    tell(&ends, &REPLY).await;
    eventually("the reply waits to be verified", async || waiting(ends.db(), "verify").await.len() == 1).await;
    let id = waiting(ends.db(), "verify").await[0];
    verify(&staff, id, &[("short_form", "Channel 40 helps.")]).await.expect(200);
    tell(&ends, &EDITED).await;
    eventually("the edit waits to be verified", async || !waiting(ends.db(), "verify").await.is_empty()).await;
    let page = staff.get(&verify_place(id)).await.expect(200);
    page.expect_text("channel to 44");
    let place = page.links().into_iter().find(|link| link.starts_with("/desk/questions/")).unwrap();
    let shown = visitor.get(place.trim_start_matches("/desk")).await.expect(200);
    shown.expect_text("channel to 40").expect_text("A newer version waits for verification");
    assert!(!shown.says("channel to 44"), "{}", shown.text());
    // Only its author edits it, on the network, and the pages of staff say so.
    staff.get(&place).await.expect_text("Only edited on X");
    let shown = staff.get(place.trim_start_matches("/desk")).await.expect(200);
    shown.expect_text("Only edited where it was written");
    assert!(!shown.links().contains(&format!("/answers/{id}/edit")));
    staff.get(&format!("/answers/{id}/edit")).await.expect(403).expect_text("its author edits it there");
}

const BYSTANDER: Told = Told {
    id: "2080765813578191450",
    text: "@mara_w same here, following",
    versions: &["2080765813578191450"],
    parent: Some("2080765813578191303"),
    by: TOM,
};

#[tokio::test]
async fn what_bystanders_say_beside_a_verified_answer_is_no_work() {
    let ends = TestLoop::start().await;
    let (peer, staff) = (ends.peer().await, ends.staff().await);
    tell(&ends, &QUESTION).await;
    tell(&ends, &REPLY).await;
    eventually("the reply waits to be verified", async || waiting(ends.db(), "verify").await.len() == 1).await;
    let page = staff.get(&verify_place(waiting(ends.db(), "verify").await[0])).await.expect(200);
    let place = page.links().into_iter().find(|link| link.starts_with("/desk/questions/")).unwrap();
    let digits: String = place["/desk/questions/".len()..].chars().take_while(char::is_ascii_digit).collect();
    let question: i64 = digits.parse().expect("the thread");
    let id = answer(&peer, question, FIX).await;
    assert_eq!(waiting(ends.db(), "verify").await.len(), 2);
    verify(&staff, id, &[("short_form", "Channel 40 helps.")]).await.expect(200);
    assert!(waiting(ends.db(), "verify").await.is_empty());
    tell(&ends, &BYSTANDER).await;
    eventually("it stands in the thread", async || thread(&ends, question).await.says("same here, following")).await;
    assert!(waiting(ends.db(), "verify").await.is_empty());
    // A member's answer is looked at in any case.
    let other = answer(&peer, question, "Or set it to 36, which also worked here.").await;
    assert_eq!(waiting(ends.db(), "verify").await, [other]);
}

#[tokio::test]
async fn what_nobody_vouches_for_any_more_comes_back_with_its_newest_words() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let question = ask(&customer).await;
    let id = answer(&peer, question, FIX).await;
    verify(&staff, id, &[]).await.expect(200);
    edit(&peer, id, NEWER).await.expect(200);
    let page = staff.get(&verify_place(id)).await.expect(200);
    let withdraw = action(&page, "/desk/verifications/", "/withdraw");
    let moderate = format!("/desk/moderate/answer-{id}");
    staff.post_form(&moderate, &[("act", "hide"), ("reason", "Let us look.")]).await.expect(200);
    staff.post_form(&withdraw, &[]).await;
    assert_eq!(states(app.db(), id).await, ["withdrawn"]);
    staff.post_form(&moderate, &[("act", "restore")]).await.expect(200);
    let shown = thread(&app, question).await;
    shown.expect_text("channel to 44");
    assert!(!shown.says("A newer version waits") && !shown.says("Verified by"), "{}", shown.text());
    assert_eq!(waiting(app.db(), "verify").await, [id], "somebody may verify it again");
}
