//! What may not hold any more is checked again: it says so on the page, waits on the desk, and does not go out.

use std::time::Duration;

use answerwell::answers::{self, AnswerId};
use answerwell::clock::{Clock, Millis};
use answerwell::desk::recheck::{end_gone, put_up_due};
use answerwell::members::Role;
use answerwell::sim::x::{Fault, FaultKind};

use super::{
    EVIDENCE, FIX, action, acts, answer, ask, ask_for_two, colleague, kinds_told, states, thread, told, verify,
    verify_place, waiting,
};
use crate::support::{Answer, Person, TestApp, TestLoop, eventually};

/// 20 November 2025, in milliseconds.
const NOW: i64 = 1_763_600_000_000;
const DAY: Duration = Duration::from_secs(24 * 3600);

async fn enter(staff: &Person, product: &str, version: &str) -> Answer {
    let page = staff.get("/desk/releases").await.expect(200);
    staff.submit(&page, "/desk/releases", &[("product", product), ("version", version)]).await
}

#[tokio::test]
async fn a_release_puts_up_what_names_its_product_and_not_its_version() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let mut ids = Vec::new();
    for (product, version) in [("Hub 4", "4.1"), ("hub  4", ""), ("Hub 4", "4.2"), ("Hub 3", "4.1"), ("", "")] {
        let question = ask(&customer).await;
        let id = answer(&peer, question, FIX).await;
        verify(&staff, id, &[("product", product), ("version", version)]).await.expect(200);
        ids.push((question, id));
    }
    assert!(enter(&staff, "", "4.2").await.expect(422).says("The product is missing"));
    customer.post_form("/desk/releases", &[("product", "Hub 4"), ("version", "4.2")]).await.expect(403);
    let entered = enter(&staff, "HUB 4", "4.2").await.expect(200);
    entered.expect_text("2 verifications wait on the desk for a check").expect_text("HUB 4 4.2");
    let mut now = Vec::new();
    for (_, id) in &ids {
        now.extend(states(app.db(), *id).await);
    }
    assert_eq!(now, ["stale", "stale", "standing", "standing", "standing"]);
    assert_eq!(waiting(app.db(), "recheck").await.len(), 2);
    let shown = thread(&app, ids[0].0).await;
    shown.expect_text("Was verified by Sam Staff").expect_text("being checked again since");
    shown.expect_text("release HUB 4 4.2 came out");
    app.visitor().get("/newest").await.expect(200);
    enter(&staff, "hub 4", " 4.2 ").await.expect(422).expect_text("was entered before");
    // What is verified after it came out was looked at with it in mind.
    let question = ask(&customer).await;
    let id = answer(&peer, question, FIX).await;
    verify(&staff, id, &[("product", "Hub 4"), ("version", "4.1")]).await.expect(200);
    let later = app.app.clock.now();
    app.db().write(move |tx| put_up_due(tx, later, 100)).await.unwrap();
    assert_eq!(states(app.db(), id).await, ["standing"]);
}

#[tokio::test]
async fn what_ended_is_put_up_and_who_checks_it_takes_its_place() {
    let clock = Clock::fixed(Millis(NOW));
    let app = TestApp::start_with(clock.clone(), |_| {}).await;
    let (customer, peer) = (app.customer().await, app.peer().await);
    let question = ask(&customer).await;
    let id = answer(&peer, question, FIX).await;
    let staff = app.staff().await;
    verify(&staff, id, &[("until", "2025-11-25"), ("product", "Hub 4")]).await.expect(200);
    let due = async || {
        let now = app.app.clock.now();
        app.db().write(move |tx| put_up_due(tx, now, 100)).await.unwrap()
    };
    assert_eq!(due().await, 0);
    clock.advance(DAY * 7);
    assert_eq!(due().await, 1);
    assert_eq!(due().await, 0, "once");
    let verification = waiting(app.db(), "recheck").await;
    assert_eq!(verification.len(), 1);
    thread(&app, question).await.expect_text("its end date, 25 Nov 2025, has passed");
    assert_eq!(kinds_told(app.db(), peer.id).await, ["seen", "verified", "stale"]);
    assert_eq!(acts(app.db()).await, ["verify", "put_up"]);

    let other = colleague(&app).await;
    let page = other.get(&verify_place(id)).await.expect(200);
    page.expect_text("Check an answer again").expect_text("With yours, that one ends");
    let form = page.form(&verify_place(id));
    let said = ["evidence", "product", "until"].map(|name| {
        let field = form.iter().find(|(field, _)| field == name);
        field.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    });
    assert_eq!(said, [EVIDENCE, "Hub 4", ""]);
    verify(&other, id, &[]).await.expect(200);
    assert_eq!(states(app.db(), id).await, ["superseded", "standing"]);
    assert!(waiting(app.db(), "recheck").await.is_empty());
    let shown = thread(&app, question).await;
    shown.expect_text("Verified by Kim Colleague");
    assert!(!shown.says("being checked again"), "{}", shown.text());
}

#[tokio::test]
async fn an_end_that_nobody_has_noted_yet_is_no_obstacle() {
    let clock = Clock::fixed(Millis(NOW));
    let app = TestApp::start_with(clock.clone(), |_| {}).await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let question = ask(&customer).await;
    let id = answer(&peer, question, FIX).await;
    verify(&staff, id, &[("until", "2025-11-25")]).await.expect(200);
    clock.advance(DAY * 7);
    thread(&app, question).await.expect_text("verified until a day that has passed");
    verify(&staff, id, &[]).await.expect(200);
    assert_eq!(states(app.db(), id).await, ["superseded", "standing"]);
}

#[tokio::test]
async fn what_is_checked_again_does_not_leave() {
    let ends = TestLoop::start().await;
    let (peer, staff) = (ends.peer().await, ends.staff().await);
    let (post, question) = ends.asks("mara_w", "@acme my hub drops wifi, is it just me?").await;
    let id = answer(&peer, question, FIX).await;
    // X puts it off: it waits in the outbox.
    ends.twin.set_fault(Fault::new(FaultKind::TooManyRequests, 1).on("POST", "/2/tweets"));
    verify(&staff, id, &[("product", "Hub 4")]).await.expect(200);
    let place = format!("/desk/questions/{question}");
    eventually("it was put off", async || staff.get(&place).await.says("Waiting to be sent")).await;
    enter(&staff, "Hub 4", "5.0").await.expect(200);
    let desk = staff.get(&place).await.expect(200);
    desk.expect_text("Withdrawn").expect_text("It does not go out").expect_text("The asker waits");
    assert!(ends.ours_under(&post).is_empty());
}

#[tokio::test]
async fn a_release_ends_what_awaits_its_second_person() {
    let ends = TestLoop::start().await;
    let (peer, staff, other) = (ends.peer().await, ends.staff().await, colleague(&ends).await);
    let (post, question) = ends.asks("mara_w", "@acme my hub smells of smoke, may I leave it on?").await;
    ask_for_two(&ends, question).await;
    let id = answer(&peer, question, FIX).await;
    verify(&staff, id, &[("product", "Hub 4"), ("version", "4.2")]).await.expect(200);
    let page = other.get(&verify_place(id)).await.expect(200);
    let confirm = action(&page, "/desk/verifications/", "/confirm");
    // Of another product, nothing happens to it.
    enter(&other, "Hub 3", "5.0").await.expect(200);
    assert_eq!(states(ends.db(), id).await, ["awaiting"]);
    enter(&other, "Hub 4", "5.0").await.expect(200).expect_text("One verification waits");
    assert_eq!(states(ends.db(), id).await, ["withdrawn"]);
    let why = ("not_confirmed".to_owned(), "release Hub 4 5.0 came out".to_owned());
    assert_eq!(told(ends.db(), staff.id).await, [why]);
    assert_eq!(kinds_told(ends.db(), peer.id).await, ["seen"], "nobody told its author of a verification before");
    assert_eq!((waiting(ends.db(), "second").await, waiting(ends.db(), "verify").await), (vec![], vec![id]));
    other.submit(&page, &confirm, &[]).await.expect(422).expect_text("this verification is withdrawn by now");
    assert!(ends.ours_under(&post).is_empty());
    // Looked at with the release in mind, it goes out.
    verify(&staff, id, &[("product", "Hub 4"), ("version", "5.0")]).await.expect(200);
    let page = other.get(&verify_place(id)).await.expect(200);
    other.submit(&page, &action(&page, "/desk/verifications/", "/confirm"), &[]).await.expect(200);
    ends.replies(&post, 1).await;
    thread(&ends, question).await.expect_text("for Hub 4 5.0");
}

#[tokio::test]
async fn what_has_arrived_is_not_sent_again_by_a_check() {
    let ends = TestLoop::start().await;
    let (peer, staff) = (ends.peer().await, ends.staff().await);
    let (post, question) = ends.asks("mara_w", "@acme my hub drops wifi, is it just me?").await;
    let id = answer(&peer, question, FIX).await;
    verify(&staff, id, &[("product", "Hub 4")]).await.expect(200);
    ends.replies(&post, 1).await;
    eventually("it is known to have arrived", async || {
        kinds_told(ends.db(), peer.id).await.contains(&"sent".to_owned())
    })
    .await;
    enter(&staff, "Hub 4", "5.0").await.expect(200);
    let page = staff.get(&verify_place(id)).await.expect(200);
    page.expect_text("Nothing is sent unless you say so");
    verify(&staff, id, &[("version", "5.0")]).await.expect(200);
    ends.replies(&post, 1).await;
    // Said so, it goes out once more.
    enter(&staff, "Hub 4", "5.1").await.expect(200);
    verify(&staff, id, &[("version", "5.1"), ("send", "1"), ("short_form", "Still true in 5.1.")]).await.expect(200);
    ends.replies(&post, 2).await;
}

#[tokio::test]
async fn the_verification_of_a_removed_answer_ends() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let question = ask(&customer).await;
    let id = answer(&peer, question, FIX).await;
    verify(&staff, id, &[("product", "Hub 4")]).await.expect(200);
    enter(&staff, "Hub 4", "5.0").await.expect(200);
    let now = app.app.clock.now();
    app.db()
        .write(move |tx| {
            answers::remove(tx, AnswerId(id), now)?;
            end_gone(tx, now, 100)
        })
        .await
        .unwrap();
    assert_eq!(states(app.db(), id).await, ["withdrawn"]);
    assert!(waiting(app.db(), "recheck").await.is_empty());
}

#[tokio::test]
async fn evidence_with_a_dead_link_and_a_version_of_nothing_come_back() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let admin = app.person("Ada Admin", Role::Admin).await;
    let question = ask(&customer).await;
    let id = answer(&peer, question, FIX).await;
    for (filled, words) in [
        (
            [("evidence", "see https://intranet/notes"), ("product", "R7")],
            "The link https://intranet/notes in the evidence",
        ),
        ([("evidence", "see javascript://alert(1)"), ("product", "R7")], "in the evidence leads nowhere"),
        ([("product", ""), ("version", "4.2")], "A version alone says nothing"),
    ] {
        let back = verify(&staff, id, &filled).await.expect(422);
        back.expect_text(words);
        for (name, value) in filled {
            assert_eq!(back.field(name).unwrap_or_default(), value, "{name}");
        }
    }
    verify(&admin, id, &[("evidence", "https://acme.example/notes/4.2.1"), ("region", "Europe")]).await.expect(200);
    let shown = thread(&app, question).await;
    shown.expect_text("for Europe");
    assert!(shown.links().contains(&"https://acme.example/notes/4.2.1".to_owned()));
    let page = admin.get(&verify_place(id)).await.expect(200);
    let withdraw = action(&page, "/desk/verifications/", "/withdraw");
    admin.submit(&page, &withdraw, &[("why", "Wrong test")]).await.expect(200);
    let late = staff.post_form(&withdraw, &[]).await.expect(200);
    late.expect_text("faster");
    let words = ("withdrawn".to_owned(), "Wrong test".to_owned());
    assert_eq!(told(app.db(), peer.id).await.last(), Some(&words));
}
