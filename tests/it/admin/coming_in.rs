//! The first administrator: one link while nobody is at the desk, dead once it was used or a newer one was made.

use answerwell::admin::first_run;
use answerwell::clock::{Clock, Millis};
use answerwell::members::{self, Role};
use reqwest::Method;

use crate::support::{TestApp, Visitor};

const PASSWORD: &str = "three odd words";

async fn link(app: &TestApp) -> Option<String> {
    let link = first_run::invite(&app.app).await.unwrap();
    link.map(|link| link.strip_prefix(&app.address).expect("our address").to_owned())
}

async fn desk(app: &TestApp) -> Vec<(String, Role)> {
    let cards = app.db().read(members::list_desk).await.unwrap();
    cards.into_iter().map(|card| (card.name, card.role)).collect()
}

#[tokio::test]
async fn the_first_link_makes_the_administrator_and_names_the_site() {
    let app = TestApp::start().await;
    let dead = link(&app).await.unwrap();
    let link = link(&app).await.unwrap();
    let visitor = app.visitor();
    // A newer link kills the older one; none can be made up, nor used as an invitation.
    for place in [&dead, "/first-run/made-up", &link.replace("first-run", "invitations")] {
        visitor.get(place).await.expect(410).expect_text("does not hold any more");
    }
    let page = visitor.get(&link).await.expect(200);
    assert_eq!(page.field("site_name").as_deref(), Some("Acme Help"));
    assert_eq!(page.field("address").as_deref(), Some(app.address.as_str()));
    // What is wrong is said of everything at once, and all but the password is kept.
    let filled =
        [("name", "Sam Stone"), ("email", "sam"), ("password", PASSWORD), ("site_name", ""), ("address", "acme")];
    let wrong = visitor.submit(&page, &link, &filled).await.expect(422);
    wrong.expect_text("3 things need a change").expect_text("looks like name@example.com");
    assert_eq!(wrong.field("name").as_deref(), Some("Sam Stone"));
    assert!(!wrong.body.contains(PASSWORD) && desk(&app).await.is_empty());
    let filled = [("email", "sam@acme.example"), ("password", PASSWORD), ("site_name", "Stone Help")];
    let mut filled = filled.to_vec();
    filled.push(("address", "https://help.stone.example"));
    // Nobody shuts themselves out by a slip: another address than the one they are at is asked twice.
    let unsure = visitor.submit(&wrong, &link, &filled).await.expect(422);
    unsure.expect_text("does not lead here yet");
    assert!(desk(&app).await.is_empty());
    filled.push(("sure", "yes"));
    let home = visitor.submit(&unsure, &link, &filled).await.expect(200);
    home.expect_text("Welcome").expect_text("What next").expect_text("Stone Help");
    assert_eq!(home.path, "/admin?told=welcome");
    for room in ["/admin/topics", "/admin/channels", "/admin/people", "/admin/hours"] {
        assert!(home.links().contains(&room.to_owned()), "{room}");
    }
    assert_eq!(desk(&app).await, [("Sam Stone".to_owned(), Role::Admin)]);
    assert_eq!(app.app.identity.now().address, "https://help.stone.example");
    // Used: nobody comes in by it again, and no other is made.
    app.visitor().get(&link).await.expect(410).expect_text("sign in, or ask them for an invitation");
    app.visitor()
        .submit(&page, &link, &[("name", "Eve"), ("email", "eve@acme.example"), ("password", PASSWORD)])
        .await
        .expect(410);
    assert_eq!(first_run::invite(&app.app).await.unwrap(), None);
}

#[tokio::test]
async fn of_two_who_open_the_first_link_one_wins() {
    let app = TestApp::start().await;
    let link = link(&app).await.unwrap();
    let form = |name: &'static str, email: &'static str| {
        [
            ("name", name),
            ("email", email),
            ("password", PASSWORD),
            ("site_name", "Help"),
            ("address", app.address.as_str()),
        ]
    };
    let send = async |who: &Visitor, fields: &[(&str, &str)]| {
        let request = who.request(Method::POST, &link).header("sec-fetch-site", "same-origin").form(fields);
        who.send(request).await
    };
    let (one, two) = (app.visitor(), app.visitor());
    let (sam, eve) = (form("Sam", "sam@acme.example"), form("Eve", "eve@acme.example"));
    let (first, second) = tokio::join!(send(&one, &sam), send(&two, &eve));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 410]);
    let winner = if first.status == 303 { "Sam" } else { "Eve" };
    assert_eq!(desk(&app).await, [(winner.to_owned(), Role::Admin)]);
    // Nothing of the other one was kept.
    let loser = if winner == "Sam" { "eve@acme.example" } else { "sam@acme.example" };
    app.visitor().post_form("/sign-in", &[("email", loser), ("password", PASSWORD)]).await.expect(422);
}

#[tokio::test]
async fn a_site_with_somebody_at_the_desk_has_no_first_link() {
    let app = TestApp::start().await;
    let link = link(&app).await.unwrap();
    let page = app.visitor().get(&link).await.expect(200);
    // Meanwhile somebody was made at the terminal.
    app.person("Tia Trainee", Role::Trainee).await;
    app.visitor().get(&link).await.expect(410);
    let filled = [("name", "Eve"), ("email", "eve@acme.example"), ("password", PASSWORD)];
    app.visitor().submit(&page, &link, &filled).await.expect(410);
    assert_eq!(desk(&app).await, [("Tia Trainee".to_owned(), Role::Trainee)]);
    assert_eq!(first_run::invite(&app.app).await.unwrap(), None);
}

#[tokio::test]
async fn the_first_link_is_over_after_seven_days() {
    let clock = Clock::fixed(Millis(1_790_000_000_000));
    let app = TestApp::start_with(clock.clone(), |_| {}).await;
    let link = link(&app).await.unwrap();
    clock.advance(std::time::Duration::from_secs(7 * 24 * 3600 + 1));
    app.visitor().get(&link).await.expect(410);
}
