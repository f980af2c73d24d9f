//! People: roles that count at the next request, the last administrator, invitations that hold once, and teams.

use std::time::Duration;

use answerwell::clock::{Clock, Millis};
use answerwell::members::Role;
use answerwell::queue::{self, Handling, Subject, To};
use answerwell::teams;
use reqwest::Method;

use super::{admin, role_of};
use crate::support::{Answer, Person, TestApp};

/// The form of somebody on the page, filled in.
async fn give(admin: &Person, to: &Person, role: &str, title: &str) -> Answer {
    let page = admin.get("/admin/people").await.expect(200);
    let place = format!("/admin/people/{}", to.id);
    admin.submit(&page, &place, &[("role", role), ("title", title)]).await.expect(200)
}

/// Makes an invitation through the form, and gives the path of its link.
async fn invite(admin: &Person, app: &TestApp, role: &str, title: &str) -> String {
    let page = admin.get("/admin/people").await.expect(200);
    let filled = [("role", role), ("title", title)];
    let shown = admin.submit(&page, "/admin/people/invitations", &filled).await.expect(200);
    let begin = format!("value=\"{}/invitations/", app.address);
    let token = shown.body.split(&begin).nth(1).expect("the link").split('"').next().unwrap().to_owned();
    // It is shown once: neither the list nor the same form sent again says it.
    assert!(!admin.get("/admin/people").await.body.contains(&token));
    let again = admin.submit(&page, "/admin/people/invitations", &filled).await.expect(200);
    assert!(
        again.says("its link was shown") && !again.body.contains("/invitations/ey") && !again.body.contains(&token)
    );
    format!("/invitations/{token}")
}

#[tokio::test]
async fn a_role_counts_from_the_next_request_on() {
    let app = TestApp::start().await;
    let (ada, sam) = (admin(&app).await, app.staff().await);
    sam.get("/desk/searches").await.expect(200);
    let page = give(&ada, &sam, "trainee", "Learning").await;
    page.expect_text("Saved.").expect_text("Learning");
    assert_eq!(role_of(&app, sam.id).await, Role::Trainee);
    sam.get("/desk/searches").await.expect(403);
    give(&ada, &sam, "admin", "Learning").await;
    sam.get("/admin").await.expect(200);
    // In the middle of their own work: the page is open, the form is filled in, and nobody takes it any more.
    let form = sam.get("/admin/teams/new").await.expect(200);
    let mut link = invite(&sam, &app, "admin", "").await;
    let page = ada.get("/admin/people").await.expect(200);
    ada.submit(&page, &format!("/admin/people/{}/remove", sam.id), &[]).await.expect(200).expect_text("Saved.");
    sam.submit(&form, "/admin/teams/new", &[("name", "Mine")]).await.expect(403);
    sam.get("/desk").await.expect(403);
    sam.get("/").await.expect(200).expect_text("Sam Staff");
    assert!(app.db().read(teams::list).await.unwrap().is_empty());
    // Nor do they come back by a link of their own.
    sam.get(&link).await.expect(410);
    link = invite(&ada, &app, "staff", "Back again").await;
    let page = sam.get(&link).await.expect(200);
    page.expect_text("Ada Admin invites you").expect_text("Take it as Sam Staff");
    sam.submit(&page, &link, &[]).await.expect(200);
    assert_eq!(role_of(&app, sam.id).await, Role::Staff);
    ada.get("/admin/people").await.expect_text("Back again");
}

#[tokio::test]
async fn who_leaves_the_desk_gives_back_what_they_held() {
    let app = TestApp::start().await;
    let (ada, sam) = (admin(&app).await, app.staff().await);
    let (id, now) = (sam.id, app.app.clock.now());
    let (claimed, given, teams_own) = (Subject::Question(1), Subject::Question(2), Subject::Question(3));
    let team = app
        .db()
        .write(move |tx| {
            queue::claim(tx, claimed, id, now)?;
            queue::assign(tx, given, To::Person(id), 0, now)?;
            let team = teams::insert(tx, "Night shift", &[id])?;
            queue::assign(tx, teams_own, To::Team(team.0), 0, now)?;
            Ok::<_, answerwell::db::DbError>(team)
        })
        .await
        .unwrap();
    let held = async |subject: Subject| {
        let read = move |conn: &mut _| queue::load_handling(conn, &[subject], now);
        let Handling { claim, assignee, team, .. } =
            app.db().read(read).await.unwrap().remove(&subject).unwrap_or_default();
        (claim.map(|claim| claim.by), assignee, team)
    };
    assert_eq!(held(claimed).await, (Some(id), None, None));
    assert_eq!(held(given).await, (None, Some(id), None));
    // A trainee may still hold a claim: only who leaves loses it.
    give(&ada, &sam, "trainee", "").await;
    assert_eq!(held(claimed).await, (Some(id), None, None));
    let page = ada.get("/admin/people").await;
    ada.submit(&page, &format!("/admin/people/{id}/remove"), &[]).await.expect(200);
    assert_eq!([held(claimed).await, held(given).await], [(None, None, None); 2]);
    assert_eq!(held(teams_own).await, (None, None, Some(team.0)));
    ada.post_form(&format!("/admin/teams/{team}/delete"), &[]).await.expect(200);
    assert_eq!(held(teams_own).await, (None, None, None));
}

#[tokio::test]
async fn the_last_administrator_stays_one() {
    let app = TestApp::start().await;
    let ada = admin(&app).await;
    let leave = format!("/admin/people/{}/remove", ada.id);
    ada.get("/admin/people").await.expect_text("The last administrator stays one");
    ada.post_form(&leave, &[("seen_role", "admin")]).await.expect(200).expect_text("this is the last administrator");
    give(&ada, &ada, "staff", "").await.expect_text("this is the last administrator");
    assert_eq!(role_of(&app, ada.id).await, Role::Admin);
    // With another one it may go; of two who take each other's role at once, one stays.
    let eve = app.person("Eve Admin", Role::Admin).await;
    let (of_ada, of_eve) = (format!("/admin/people/{}/remove", ada.id), format!("/admin/people/{}/remove", eve.id));
    let seen = [("seen_role", "admin")];
    tokio::join!(eve.post_form(&of_ada, &seen), ada.post_form(&of_eve, &seen));
    let roles = [role_of(&app, ada.id).await, role_of(&app, eve.id).await];
    assert_eq!(roles.iter().filter(|role| **role == Role::Admin).count(), 1, "{roles:?}");
}

#[tokio::test]
async fn what_two_administrators_do_at_once_or_forge_is_refused() {
    let app = TestApp::start().await;
    let (ada, sam, casey) = (admin(&app).await, app.staff().await, app.customer().await);
    let page = ada.get("/admin/people").await.expect(200);
    let place = format!("/admin/people/{}", sam.id);
    ada.submit(&page, &place, &[("role", "trainee"), ("title", "New")]).await.expect(200).expect_text("Saved.");
    // The page is old now: neither its role nor its title counts.
    ada.submit(&page, &place, &[("role", "admin")]).await.expect_text("somebody else gave another role");
    ada.submit(&page, &place, &[("role", "staff"), ("title", "Old")])
        .await
        .expect_text("somebody else gave another role");
    assert_eq!(role_of(&app, sam.id).await, Role::Trainee);
    // Nobody becomes somebody at the desk without an invitation, and no word is a role.
    let member = format!("/admin/people/{}", casey.id);
    let forged = [("seen_role", "member"), ("seen_title", ""), ("role", "admin"), ("title", "")];
    ada.post_form(&member, &forged).await.expect(400);
    let forged = [("seen_role", "staff"), ("seen_title", ""), ("role", "admin"), ("title", "")];
    ada.post_form(&member, &forged).await.expect_text("somebody else gave another role");
    for role in ["member", "root", ""] {
        ada.post_form(&place, &[("seen_role", "trainee"), ("seen_title", "New"), ("role", role)]).await.expect(400);
    }
    ada.post_form("/admin/people/invitations", &[("role", "member"), ("title", "")]).await.expect(422);
    let long = "x".repeat(81);
    ada.post_form("/admin/people/invitations", &[("role", "staff"), ("title", &long)]).await.expect(422);
    assert_eq!((role_of(&app, sam.id).await, role_of(&app, casey.id).await), (Role::Trainee, Role::Member));
}

#[tokio::test]
async fn an_invitation_holds_once_for_seven_days_and_until_it_is_taken_back() {
    let clock = Clock::fixed(Millis(1_790_000_000_000));
    let app = TestApp::start_with(clock.clone(), |_| {}).await;
    let ada = admin(&app).await;
    let link = invite(&ada, &app, "staff", "Network engineer").await;
    let (nina, late) = (app.visitor(), app.visitor());
    let page = nina.get(&link).await.expect(200);
    page.expect_text("as staff with the title").expect_text("Network engineer");
    let open = late.get(&link).await.expect(200);
    let filled = [("name", "Nina New"), ("email", "nina@acme.example"), ("password", "short")];
    let wrong = nina.submit(&page, &link, &filled).await.expect(422);
    wrong.expect_text("at least 8 characters");
    assert_eq!(wrong.field("email").as_deref(), Some("nina@acme.example"));
    nina.submit(&wrong, &link, &[("password", "three odd words")]).await.expect(200);
    nina.get("/desk/searches").await.expect(200);
    ada.get("/admin/people").await.expect_text("Nina New");
    // Used: to read, and for a form that was open before.
    nina.get(&link).await.expect(410).expect_text("does not hold any more");
    let filled = [("name", "Late"), ("email", "late@acme.example"), ("password", "three odd words")];
    late.submit(&open, &link, &filled).await.expect(410);
    late.post_form("/sign-in", &[("email", "late@acme.example"), ("password", "three odd words")]).await.expect(422);

    // Taken back.
    let link = invite(&ada, &app, "admin", "").await;
    let page = ada.get("/admin/people").await.expect(200);
    ada.submit(&page, "/admin/people/invitations/2/revoke", &[]).await.expect(200).expect_text("Saved.");
    ada.submit(&page, "/admin/people/invitations/2/revoke", &[]).await.expect_text("somebody else was faster");
    late.get(&link).await.expect(410);
    // Over.
    let link = invite(&ada, &app, "staff", "").await;
    clock.advance(Duration::from_secs(7 * 24 * 3600 - 1));
    late.get(&link).await.expect(200);
    clock.advance(Duration::from_secs(2));
    late.get(&link).await.expect(410);
    // Never was; and the first administrator's page is no invitation's.
    late.get("/invitations/made-up").await.expect(410);
    // Who may do it already leaves it to whom it is for.
    ada.sign_in().await;
    let link = invite(&ada, &app, "staff", "").await;
    ada.get(&link).await.expect(200).expect_text("may do that already");
    ada.post_form(&link, &[]).await.expect(422);
    assert_eq!(role_of(&app, ada.id).await, Role::Admin);
    late.get(&link).await.expect(200);
}

#[tokio::test]
async fn of_two_who_take_an_invitation_at_once_one_gets_it() {
    let app = TestApp::start().await;
    let ada = admin(&app).await;
    let (one, two) = (app.customer().await, app.peer().await);
    for _ in 0..3 {
        let link = invite(&ada, &app, "staff", "").await;
        let post = |who: &Person| {
            let request = who.request(Method::POST, &link).header("sec-fetch-site", "same-origin");
            request.header("content-type", "application/x-www-form-urlencoded").body("")
        };
        let (first, second) = tokio::join!(one.send(post(&one)), two.send(post(&two)));
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 410]);
        let (winner, loser) = if first.status == 303 { (&one, &two) } else { (&two, &one) };
        assert_eq!((role_of(&app, winner.id).await, role_of(&app, loser.id).await), (Role::Staff, Role::Member));
        let page = ada.get("/admin/people").await;
        ada.submit(&page, &format!("/admin/people/{}/remove", winner.id), &[]).await.expect(200);
    }
}

#[tokio::test]
async fn a_team_is_made_of_people_at_the_desk() {
    let app = TestApp::start().await;
    let (ada, sam, casey) = (admin(&app).await, app.staff().await, app.customer().await);
    let page = ada.get("/admin/teams/new").await.expect(200);
    page.expect_text("Sam Staff");
    let (sams, caseys) = (sam.id.to_string(), casey.id.to_string());
    // A member's id is forged into the form, and one is sent twice.
    let submission = page.field("submission").unwrap();
    let form = [
        ("name", "Night shift"),
        ("member", &sams),
        ("member", &sams),
        ("member", &caseys),
        ("member", "999"),
        ("submission", &submission),
    ];
    ada.post_form("/admin/teams/new", &form).await.expect(200).expect_text("Night shift").expect_text("Sam Staff");
    let team = app.db().read(teams::list).await.unwrap().remove(0);
    assert_eq!(team.members, [sam.id]);
    // The name is taken; then two at once.
    let again = ada.get("/admin/teams/new").await;
    let taken = ada.submit(&again, "/admin/teams/new", &[("name", "Night shift")]).await.expect(422);
    taken.expect_text("Another team has this name");
    let place = format!("/admin/teams/{}", team.id);
    let page = ada.get(&place).await.expect(200);
    ada.submit(&page, &place, &[("name", "Nights")]).await.expect(200).expect_text("Nights");
    let late = ada.submit(&page, &place, &[("name", "Owls")]).await.expect(422);
    late.expect_text("Somebody else saved this team").expect_text("\"Nights\"");
    assert_eq!(late.field("name").as_deref(), Some("Owls"));
    // Who leaves the desk leaves the team.
    let people = ada.get("/admin/people").await;
    people.expect_text("Nights");
    ada.submit(&people, &format!("/admin/people/{}/remove", sam.id), &[]).await.expect(200);
    assert!(app.db().read(teams::list).await.unwrap()[0].members.is_empty());
    let page = ada.get(&place).await.expect(200);
    ada.submit(&page, &format!("{place}/delete"), &[]).await.expect(200).expect_text("Deleted.");
    ada.post_form(&format!("{place}/delete"), &[]).await.expect_text("somebody else was faster");
}
