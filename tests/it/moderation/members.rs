//! Members who are warned or stopped for a while, and all their posts at once.

use std::time::Duration;

use answerwell::clock::{Clock, Millis};
use answerwell::members::Role;

use super::{count, logged, set_role, told};
use crate::forum::{TITLE, answer, ask};
use crate::support::{Person, TestApp, TestLoop};

const NOW: &str = "2026-07-24T21:23:23Z";

async fn still() -> (TestApp, Clock) {
    let clock = Clock::fixed(Millis::parse_rfc3339(NOW).unwrap());
    (TestApp::start_with(clock.clone(), |_| {}).await, clock)
}

async fn ban(staff: &Person, handle: &str, until: &str) {
    let place = format!("/desk/members/{handle}");
    let page = staff.get(&place).await.expect(200);
    let filled = [("until", until), ("reason", "Three insults in a week")];
    staff.submit(&page, &format!("{place}/ban"), &filled).await.expect(200).expect_text("Stopped from writing until");
}

#[tokio::test]
async fn a_warning_is_told_and_kept() {
    let app = TestApp::start().await;
    let (peer, staff) = (app.peer().await, app.staff().await);
    let page = staff.get("/desk/members/parkerpeer").await.expect(200);
    let place = "/desk/members/parkerpeer/warn";
    staff.submit(&page, place, &[("reason", " ")]).await.expect(422).expect_text("The reason is missing");
    let page = staff.submit(&page, place, &[("reason", "Please stay polite.")]).await.expect(200);
    page.expect_text("Warned by Sam Staff").expect_text("Please stay polite.");
    told(&peer).await.expect_text("Sam Staff warned you").expect_text("Please stay polite.");
    assert_eq!(logged(&app, "warn").await, 1);
}

#[tokio::test]
async fn a_banned_member_reads_and_writes_nothing_until_the_day_is_over() {
    let (app, clock) = still().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&customer, TITLE).await;
    answer(&peer, "Try another channel.").await;
    let opened = peer.get("/questions/1").await;
    ban(&staff, "parkerpeer", "2026-07-25").await;
    let why = "You cannot write here until 25 Jul 2026, 23:59 UTC. Why: Three insults in a week.";
    for path in ["/", "/questions/1", "/notices", "/members/parkerpeer"] {
        peer.get(path).await.expect(200).expect_text(why);
    }
    peer.sign_in().await;
    let thread = peer.get("/questions/1").await;
    assert!(!thread.has_field("/questions/1/answers", "body"), "the forms are gone");
    for (place, fields) in [
        ("/ask", vec![("title", "My television box does not start"), ("body", "Dark.")]),
        ("/questions/1/comments", vec![("body", "You again.")]),
        ("/votes", vec![("post", "question-1"), ("value", "1")]),
        ("/report/question-1", vec![("reason", "spam")]),
        ("/answers/1/accept", vec![("accepted", "yes")]),
    ] {
        peer.post_form(place, &fields).await.expect(403).expect_text(why);
    }
    // What they were writing meanwhile is theirs to copy, and not to send.
    let refused = peer.submit(&opened, "/questions/1/answers", &[("body", "You again.")]).await.expect(403);
    refused.expect_text(why).expect_text("What you wrote is kept").expect_text("You again.");
    assert!(!refused.has_field("/questions/1/answers", "body"), "there is no way to send it");
    assert_eq!((count(&app, "answer").await, count(&app, "comment").await, count(&app, "vote").await), (1, 0, 0));
    // Their own things stay theirs.
    let notices = told(&peer).await;
    notices.expect_text("stopped you from writing").expect_text("Until 25 Jul 2026, 23:59 UTC. Three insults");
    peer.submit(&notices, "/notices/read", &[]).await.expect(200);

    clock.advance(Duration::from_secs(2 * 24 * 3600));
    assert!(!peer.get("/questions/1").await.says("You cannot write"));
    answer(&peer, "It was the channel after all.").await.expect(200);
}

#[tokio::test]
async fn a_ban_can_be_lifted() {
    let (app, _) = still().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&customer, TITLE).await;
    ban(&staff, "parkerpeer", "2026-12-31").await;
    peer.post_form("/questions/1/comments", &[("body", "Sorry.")]).await.expect(403);
    let page = staff.get("/desk/members/parkerpeer").await;
    let lift = "/desk/members/parkerpeer/lift";
    staff.submit(&page, lift, &[("reason", "Apologised.")]).await.expect(200).expect_text("Let write again");
    peer.post_form("/questions/1/comments", &[("body", "Sorry.")]).await.expect(200);
    told(&peer).await.expect_text("let you write here again").expect_text("Apologised.");
    staff.submit(&page, lift, &[]).await.expect(200).expect_text("was faster");
    assert_eq!((logged(&app, "ban").await, logged(&app, "lift_ban").await), (1, 1));
}

#[tokio::test]
async fn a_ban_names_a_day_to_come_and_a_reason() {
    let (app, _) = still().await;
    let (_, staff) = (app.peer().await, app.staff().await);
    for (until, reason, words) in [
        ("2026-07-23", "Rude.", "That day has passed"),
        ("soon", "Rude.", "The last day is missing"),
        ("", "Rude.", "The last day is missing"),
        ("2026-07-25", "", "The reason is missing"),
    ] {
        let fields = [("until", until), ("reason", reason)];
        let back = staff.post_form("/desk/members/parkerpeer/ban", &fields).await.expect(422);
        back.expect_text(words);
    }
    assert_eq!(count(&app, "member WHERE banned_until IS NOT NULL").await, 0);
    staff.post_form("/desk/members/nobody/ban", &[("until", "2026-07-25"), ("reason", "Rude.")]).await.expect(404);
}

#[tokio::test]
async fn colleagues_are_for_administrators_and_the_last_of_these_for_nobody() {
    let (app, _) = still().await;
    let (peer, staff) = (app.peer().await, app.staff().await);
    let trainee = app.person("Tina Trainee", Role::Trainee).await;
    let admin = app.person("Ada Admin", Role::Admin).await;
    let fields = [("until", "2026-12-31"), ("reason", "Enough.")];
    let place = |handle: &str| format!("/desk/members/{handle}/ban");
    peer.get("/desk/members/samstaff").await.expect(403);
    peer.post_form(&place("samstaff"), &fields).await.expect(403);
    trainee.post_form(&place("parkerpeer"), &fields).await.expect(403);
    for colleague in ["tinatrainee", "adaadmin"] {
        staff.post_form(&place(colleague), &fields).await.expect(403).expect_text("Only an administrator");
    }
    staff.post_form(&place("samstaff"), &fields).await.expect(403).expect_text("This is you.");
    admin.post_form(&place("adaadmin"), &fields).await.expect(403).expect_text("This is you.");
    assert_eq!(count(&app, "member WHERE banned_until IS NOT NULL").await, 0);
    // The same forms, where they are allowed.
    staff.post_form(&place("parkerpeer"), &fields).await.expect(200);
    admin.post_form(&place("samstaff"), &fields).await.expect(200);
    staff.get("/desk").await.expect(200).expect_text("You cannot write here until");
    staff.post_form("/desk/members/parkerpeer/lift", &[]).await.expect(403).expect_text("You cannot write here");
    // Two administrators may stop one another, but not both.
    let other = app.person("Abe Admin", Role::Admin).await;
    other.post_form(&place("adaadmin"), &fields).await.expect(200);
    admin.post_form(&place("abeadmin"), &fields).await.expect(403).expect_text("You cannot write here");
    assert_eq!(count(&app, "member WHERE role = 'admin' AND banned_until IS NULL").await, 1);
}

#[tokio::test]
async fn of_two_administrators_who_stop_one_another_at_once_one_is_left() {
    let (app, _) = still().await;
    let (one, other) = (app.person("Ada Admin", Role::Admin).await, app.person("Abe Admin", Role::Admin).await);
    let fields = [("until", "2026-12-31"), ("reason", "Enough.")];
    let (a, b) = tokio::join!(
        one.post_form("/desk/members/abeadmin/ban", &fields),
        other.post_form("/desk/members/adaadmin/ban", &fields)
    );
    assert_eq!([a.status, b.status].iter().filter(|status| **status == 403).count(), 1, "{}\n{}", a.text(), b.text());
    assert_eq!(count(&app, "member WHERE role = 'admin' AND banned_until IS NULL").await, 1);
}

#[tokio::test]
async fn who_is_no_longer_staff_stops_nobody() {
    let (app, _) = still().await;
    let (_, staff) = (app.peer().await, app.staff().await);
    let page = staff.get("/desk/members/parkerpeer").await.expect(200);
    set_role(&app, staff.id, "trainee").await;
    for (act, fields) in [
        ("warn", vec![("reason", "Rude.")]),
        ("ban", vec![("until", "2026-12-31"), ("reason", "Rude.")]),
        ("hide-all", vec![("reason", "Rude.")]),
    ] {
        staff.submit(&page, &format!("/desk/members/parkerpeer/{act}"), &fields).await.expect(403);
    }
    assert_eq!(count(&app, "audit").await, 0);
    set_role(&app, staff.id, "staff").await;
    staff.submit(&page, "/desk/members/parkerpeer/warn", &[("reason", "Rude.")]).await.expect(200);
    assert_eq!(count(&app, "audit").await, 1);
}

#[tokio::test]
async fn all_posts_of_one_author_are_hidden_together_and_come_back_together() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&customer, TITLE).await;
    ask(&peer, "My television box does not start").await;
    for number in 0..60 {
        let text = format!("Remark number {number}");
        peer.post_form("/questions/1/comments", &[("body", &text)]).await.expect(200);
    }
    answer(&peer, "Try another channel.").await;
    answer(&staff, "Update it first.").await;
    // One that was hidden before, for a reason of its own.
    super::moderate(&staff, "comment-1", "hide", "Rude.").await.expect(200);
    let page = staff.get("/desk/members/parkerpeer").await.expect(200);
    let place = "/desk/members/parkerpeer/hide-all";
    staff.submit(&page, place, &[("reason", "")]).await.expect(422).expect_text("The reason is missing");
    let page = staff.submit(&page, place, &[("reason", "A spammer.")]).await.expect(200);
    page.expect_text("Sam Staff hid 61 posts").expect_text("0 posts shown");
    let public = app.visitor().get("/questions/1").await.expect(200);
    public.expect_text("1 answer").expect_text("Update it first.");
    assert!(!public.says("Remark number") && !public.says("another channel"));
    app.visitor().get("/questions/2").await.expect(410);
    let notices = told(&peer).await;
    notices.expect_text("Sam Staff hid your posts").expect_text("A spammer.");
    assert_eq!(notices.text().matches("A spammer.").count(), 1, "told once");
    assert_eq!(logged(&app, "hide_all").await, 1);

    let restore = "/desk/bulk-hides/1/restore";
    let back = staff.submit(&page, restore, &[]).await.expect(200);
    back.expect_text("61 posts shown");
    app.visitor().get("/questions/1").await.expect_text("2 answers").expect_text("Remark number 59");
    app.visitor().get("/questions/2").await.expect(200);
    assert_eq!(count(&app, "comment WHERE hidden_as = 'hidden'").await, 1, "the rude one stays hidden");
    staff.submit(&page, restore, &[]).await.expect(200).expect_text("was faster");
    assert_eq!(logged(&app, "restore_all").await, 1);
}

#[tokio::test]
async fn only_what_was_written_since_a_day_is_hidden() {
    let (app, clock) = still().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&customer, TITLE).await;
    peer.post_form("/questions/1/comments", &[("body", "An early remark")]).await.expect(200);
    clock.advance(Duration::from_secs(3 * 24 * 3600));
    peer.post_form("/questions/1/comments", &[("body", "A late remark")]).await.expect(200);
    let fields = [("since", "2026-07-26"), ("reason", "Since then a spammer.")];
    staff.post_form("/desk/members/parkerpeer/hide-all", &fields).await.expect(200).expect_text("hid 1 post");
    let public = app.visitor().get("/questions/1").await;
    public.expect_text("An early remark");
    assert!(!public.says("A late remark"));
    let wrong = [("since", "lately"), ("reason", "Spam.")];
    staff.post_form("/desk/members/parkerpeer/hide-all", &wrong).await.expect(422).expect_text("This is no day");
}

#[tokio::test]
async fn an_author_on_a_network_can_be_hidden_and_shown_as_well() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    let (_, first) = ends.asks("spam_bot", "@acme win a router today").await;
    let (_, second) = ends.asks("spam_bot", "@acme win two routers today").await;
    let (_, other) = ends.asks("mara_w", "@acme my router drops wifi every evening").await;
    let page = staff.get(&format!("/desk/moderate/question-{first}")).await.expect(200);
    let person = page.links().into_iter().find(|link| link.starts_with("/desk/remote-authors/")).expect("its author");
    let page = staff.get(&person).await.expect(200);
    page.expect_text("@spam_bot");
    let page = staff.submit(&page, &format!("{person}/hide-all"), &[("reason", "A spammer.")]).await.expect(200);
    page.expect_text("hid 2 posts");
    for id in [first, second] {
        ends.visitor().get(&format!("/questions/{id}")).await.expect(410);
    }
    ends.visitor().get(&format!("/questions/{other}")).await.expect(200);
    staff.submit(&page, "/desk/bulk-hides/1/restore", &[]).await.expect(200);
    ends.visitor().get(&format!("/questions/{second}")).await.expect(200);
    let customer = ends.customer().await;
    customer.get(&person).await.expect(403);
    customer.post_form(&format!("{person}/hide-all"), &[("reason", "x")]).await.expect(403);
}
