//! The rooms of an administrator, over real HTTP: who is let in, what each act does, and what happens to two at once.

mod coming_in;
mod dates;
mod people;
mod site;
mod topic_fields;
mod topics;

use answerwell::audit;
use answerwell::hours::calendar::{Hours, Written};
use answerwell::hours::{self, Target};
use answerwell::members::invitations::{self, Token};
use answerwell::members::{self, MemberId, Role};
use answerwell::settings;
use answerwell::teams;
use answerwell::topics::{self as topic_store};

use crate::support::{Person, TestApp, Visitor};

async fn admin(app: &TestApp) -> Person {
    app.person("Ada Admin", Role::Admin).await
}

/// The role that a member has in the database.
async fn role_of(app: &TestApp, id: MemberId) -> Role {
    let cards = app.db().read(move |conn| members::load_cards(conn, &[id])).await.unwrap();
    cards[&id].role
}

/// Office hours in Berlin.
fn office() -> Hours {
    let week = ["09:00-17:00", "09:00-17:00", "09:00-17:00", "09:00-17:00", "09:00-17:00", "", ""].map(str::to_owned);
    let written = Written { zone: "Europe/Berlin".to_owned(), week, holidays: "12-25 Christmas Day".to_owned() };
    Hours::read(&written, answerwell::clock::Millis(1_790_000_000_000)).unwrap()
}

/// What stands in the rooms, to see that nothing was changed.
async fn rooms(app: &TestApp) -> String {
    let now = app.app.clock.now();
    app.db()
        .read(move |conn| {
            let topics = topic_store::list(conn)?;
            let rules = topic_store::find_rules(conn, topics[0].id)?;
            let (hours, targets) = (hours::list(conn)?, hours::list_rules(conn)?);
            let (teams, desk) = (teams::list(conn)?, members::list_desk(conn)?);
            let (invitations, site) = (invitations::list_open(conn, now)?, settings::load(conn)?);
            let all = format!("{topics:?}{rules:?}{hours:?}{targets:?}{teams:?}{desk:?}{invitations:?}{site:?}");
            Ok::<_, answerwell::db::DbError>(all)
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn only_administrators_come_in_and_nobody_else_changes_anything() {
    let app = TestApp::start().await;
    let ada = admin(&app).await;
    let victim = app.person("Vera Verifier", Role::Staff).await;
    let by = ada.id;
    let now = app.app.clock.now();
    let (topic, other, team, calendar, invitation) = app
        .db()
        .write(move |tx| {
            let topic = topic_store::insert(tx, "wifi", "Wi-Fi", "")?;
            let other = topic_store::insert(tx, "billing", "Billing", "")?;
            let team = teams::insert(tx, "Night shift", &[])?;
            let calendar = hours::insert(tx, "Berlin", &office())?;
            hours::set_rule(tx, None, Some(topic.0), Target { minutes: 30, hours: None })?;
            let invitation = invitations::invite(tx, &Token::read("a-token"), Role::Staff, "", by, now)?;
            Ok::<_, answerwell::db::DbError>((topic, other, team, calendar, invitation))
        })
        .await
        .unwrap();
    let rule = app.db().read(hours::list_rules).await.unwrap()[0].id;
    let pages = [
        "/admin".to_owned(),
        "/admin/topics".to_owned(),
        "/admin/topics/new".to_owned(),
        format!("/admin/topics/{topic}"),
        format!("/admin/topics/{topic}/delete"),
        "/admin/people".to_owned(),
        "/admin/teams".to_owned(),
        "/admin/teams/new".to_owned(),
        format!("/admin/teams/{team}"),
        "/admin/hours".to_owned(),
        "/admin/hours/new".to_owned(),
        format!("/admin/hours/{calendar}"),
        "/admin/targets".to_owned(),
        "/admin/site".to_owned(),
    ];
    let (person, seen) = (victim.id, ("seen_role", "staff"));
    let topic_form = [("name", "Taken over"), ("slug", "mine"), ("hold_first", "0"), ("revision", "1")];
    let hours_form = [("name", "Mine"), ("zone", "UTC"), ("monday", "0-24"), ("revision", "1"), ("act", "save")];
    let site_form = [("site_name", "Mine"), ("address", "http://127.0.0.1:1"), ("sure", "yes"), ("revision", "0")];
    let role_form = [seen, ("seen_title", ""), ("role", "admin"), ("title", "Boss")];
    let target_form = [("minutes", "5"), ("topic", ""), ("channel", ""), ("hours", ""), ("seen", "0/0/none")];
    // The acts, each with a form that is good where an administrator sends it; what deletes comes last.
    let acts: Vec<(String, &[(&str, &str)])> = vec![
        ("/admin/topics/new".to_owned(), &topic_form),
        (format!("/admin/topics/{other}"), &[("name", "Bills"), ("slug", "bills"), ("revision", "1")]),
        (format!("/admin/topics/{topic}/order"), &[("to", "down")]),
        ("/admin/people/invitations".to_owned(), &[("role", "admin"), ("title", "")]),
        (format!("/admin/people/invitations/{invitation}/revoke"), &[]),
        (format!("/admin/people/{person}"), &role_form),
        (format!("/admin/people/{person}/remove"), &[("seen_role", "admin")]),
        ("/admin/teams/new".to_owned(), &[("name", "Mine")]),
        (format!("/admin/teams/{team}"), &[("name", "Renamed"), ("revision", "1")]),
        ("/admin/hours/new".to_owned(), &hours_form),
        (format!("/admin/hours/{calendar}"), &[("name", "B"), ("zone", "UTC"), ("monday", "0-24"), ("revision", "1")]),
        ("/admin/targets".to_owned(), &target_form),
        ("/admin/site".to_owned(), &site_form),
        (format!("/admin/targets/{rule}/delete"), &[]),
        (format!("/admin/hours/{calendar}/delete"), &[]),
        (format!("/admin/teams/{team}/delete"), &[]),
        (format!("/admin/topics/{topic}/delete"), &[("to", "")]),
    ];
    let others: [(Visitor, u16); 4] = [
        (app.visitor(), 401),
        (as_visitor(&app, app.customer().await), 403),
        (as_visitor(&app, app.person("Tia Trainee", Role::Trainee).await), 403),
        (as_visitor(&app, app.staff().await), 403),
    ];
    let before = rooms(&app).await;
    for (who, status) in &others {
        for page in &pages {
            who.get(page).await.expect(*status);
        }
        for (place, form) in &acts {
            who.post_form(place, form).await.expect(*status);
        }
    }
    assert_eq!(rooms(&app).await, before);
    for page in &pages {
        ada.get(page).await.expect(200);
    }
    let mut state = before;
    for (place, form) in &acts {
        let answer = ada.post_form(place, form).await.expect(200);
        assert!(!answer.says("Nothing was changed"), "{place}: {}", answer.text());
        let after = rooms(&app).await;
        assert_ne!(after, state, "{place} changed nothing");
        state = after;
    }
    // Each act stands in the audit log, by whom it was done.
    let subjects = ["site", "team-1", "hours-1", "invitation-1", "invitation-2"].map(str::to_owned);
    let named =
        [format!("topic-{topic}"), format!("topic-{other}"), format!("member-{person}"), format!("target-{rule}")];
    for subject in subjects.into_iter().chain(named) {
        let about = [subject.clone()];
        let lines = app.db().read(move |conn| audit::list_about(conn, &about, 10)).await.unwrap();
        assert!(!lines.is_empty() && lines.iter().all(|line| line.entry.by == Some(by)), "{subject}: {lines:?}");
    }
    // Ids that name nothing.
    for place in ["/admin/topics/999", "/admin/topics/999/delete", "/admin/teams/999", "/admin/hours/999"] {
        ada.get(place).await.expect(404);
    }
    for (place, form) in [
        ("/admin/topics/999", &topic_form[..]),
        ("/admin/topics/999/order", &[("to", "up")]),
        ("/admin/teams/999", &[("name", "Nobody"), ("revision", "1")]),
        ("/admin/hours/999", &hours_form),
        ("/admin/people/999", &[seen, ("seen_title", ""), ("role", "admin"), ("title", "")]),
        ("/admin/people/999/remove", &[seen]),
        ("/admin/teams/999/delete", &[]),
        ("/admin/hours/999/delete", &[]),
        ("/admin/targets/999/delete", &[]),
        ("/admin/people/invitations/999/revoke", &[]),
    ] {
        let answer = ada.post_form(place, form).await;
        assert!(answer.status == 404 || answer.says("Nothing was changed"), "{place}: {}", answer.text());
    }
    assert_eq!(rooms(&app).await, state);
}

/// The same person, as the list of all of them needs it.
fn as_visitor(app: &TestApp, person: Person) -> Visitor {
    let visitor = app.visitor();
    visitor.set_cookie("answerwell_session", &person.cookie("answerwell_session").expect("a session"));
    visitor
}

#[tokio::test]
async fn the_overview_says_what_a_new_site_needs() {
    let app = TestApp::start().await;
    let ada = admin(&app).await;
    let page = ada.get("/admin").await.expect(200);
    page.expect_text("What next").expect_text("no topics yet").expect_text("12 minutes, around the clock");
    app.db().write(|tx| topic_store::insert(tx, "wifi", "Wi-Fi", "")).await.unwrap();
    ada.get("/admin").await.expect_text("1 topic");
    let home = ada.get("/").await.expect(200);
    assert!(home.links().contains(&"/admin".to_owned()));
    assert!(!app.staff().await.get("/").await.links().contains(&"/admin".to_owned()));
}
