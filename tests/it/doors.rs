//! Who gets in where: every page and every form of the desk and of the administrator's rooms, asked for by whom it is not for
//! and by whom it is. A route that is new stands in the table of routes, and so is asked for here.

use answerwell::db::DbError;
use answerwell::members::{MemberId, Role};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;

use crate::support::{Person, TestApp, Visitor};

const ROUTES: &str = include_str!("../../src/routes.rs");

/// What a trainee may open and do, beside what is for staff alone.
const FOR_TRAINEES: [(Method, &str); 28] = [
    (Method::GET, "/desk"),
    (Method::GET, "/desk/rows"),
    (Method::GET, "/desk/next"),
    (Method::GET, "/desk/live"),
    (Method::POST, "/desk/work"),
    (Method::POST, "/desk/views"),
    (Method::POST, "/desk/views/{id}/delete"),
    (Method::GET, "/desk/questions/{id}"),
    (Method::POST, "/desk/questions/{id}/draft"),
    (Method::POST, "/desk/questions/{id}/hand-in"),
    (Method::POST, "/desk/questions/{id}/insert"),
    (Method::POST, "/desk/questions/{id}/notes"),
    (Method::POST, "/desk/notes/{id}/remove"),
    (Method::GET, "/desk/answers/{id}/verify"),
    (Method::POST, "/desk/answers/{id}/verify/draft"),
    (Method::POST, "/desk/answers/{id}/verify/hand-in"),
    (Method::POST, "/desk/answers/{id}/verify/insert"),
    (Method::GET, "/desk/drafts/{id}"),
    (Method::POST, "/desk/drafts/{id}/take-back"),
    (Method::GET, "/desk/macros"),
    (Method::GET, "/desk/macros/{id}/text"),
    (Method::GET, "/desk/suggestions"),
    (Method::GET, "/desk/flags"),
    (Method::GET, "/desk/posts-held"),
    (Method::GET, "/desk/moderate/{post}"),
    (Method::GET, "/desk/members/{handle}"),
    (Method::GET, "/desk/remote-authors/{id}"),
    (Method::GET, "/desk/pictures/{hash}"),
];

/// A route and the lowest role that gets in.
struct Door {
    method: Method,
    route: &'static str,
    lowest: Role,
}

impl Door {
    /// An address behind it: of things that are there, where there are any.
    fn place(&self) -> String {
        let filled = [("{id}", "1"), ("{post}", "question-1"), ("{handle}", "caseycustomer"), ("{hash}", "ab")];
        let place = filled.iter().fold(self.route.to_owned(), |place, (name, value)| place.replace(name, value));
        let place = place.replace("{network}", "x");
        if self.route.ends_with("/text") { format!("{place}?question=1") } else { place }
    }

    /// The status with which somebody is met. What stands behind is not read: one of them never ends.
    async fn knock(&self, who: &Visitor) -> u16 {
        let mut request = who.request(self.method.clone(), &self.place()).header("sec-fetch-site", "same-origin");
        if self.method == Method::POST {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body("");
        }
        request.send().await.unwrap_or_else(|error| panic!("{}: {error}", self.place())).status().as_u16()
    }
}

fn doors() -> Vec<Door> {
    let door = |line: &'static str| {
        let route = line.split('"').nth(1)?;
        let method = if line.contains("post()") { Method::POST } else { Method::GET };
        let for_trainees = FOR_TRAINEES.iter().any(|(of, open)| (of, *open) == (&method, route));
        let lowest = match route {
            _ if for_trainees => Role::Trainee,
            _ if route == "/admin" || route.starts_with("/admin/") => Role::Admin,
            _ if route == "/desk" || route.starts_with("/desk/") || route == "/questions/{id}/title" => Role::Staff,
            _ => return None,
        };
        Some(Door { method, route, lowest })
    };
    ROUTES.lines().filter(|line| line.contains(".route(")).filter_map(door).collect()
}

async fn demote(app: &TestApp, member: MemberId) {
    app.db()
        .write(move |tx| {
            let update = diesel::sql_query("UPDATE member SET role = 'member' WHERE id = $1");
            update.bind::<BigInt, _>(member.0).execute(&mut **tx)?;
            Ok::<_, DbError>(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn nobody_gets_in_where_they_may_not_and_whom_it_is_for_does() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let trainee = app.person("Tara Trainee", Role::Trainee).await;
    let (admin, demoted) = (app.person("Ada Admin", Role::Admin).await, app.person("Dan Demoted", Role::Admin).await);
    let words = [("title", "My router drops the Wi-Fi"), ("body", "Every evening.")];
    customer.post_form("/ask", &words).await.expect(200);
    peer.post_form("/questions/1/answers", &[("body", "Try channel 40.")]).await.expect(200);
    // Signed in as an administrator, and one no more: a role counts from the next request on.
    demoted.get("/admin").await.expect(200);
    demote(&app, demoted.id).await;

    let (visitor, doors) = (app.visitor(), doors());
    assert!(doors.len() > 130, "the table of routes is read as it is written: {}", doors.len());
    let known =
        FOR_TRAINEES.iter().all(|(of, open)| doors.iter().any(|door| (&door.method, door.route) == (of, *open)));
    assert!(known, "each route that is open to trainees is one");
    for door in &doors {
        let what = format!("{} {}", door.method, door.route);
        assert_eq!(door.knock(&visitor).await, 401, "{what}, of a stranger");
        let below: Vec<(&Person, &str)> = match door.lowest {
            Role::Admin => {
                vec![(&customer, "a customer"), (&demoted, "demoted"), (&trainee, "a trainee"), (&staff, "staff")]
            }
            Role::Staff => vec![(&customer, "a customer"), (&demoted, "demoted"), (&trainee, "a trainee")],
            Role::Trainee | Role::Member => vec![(&customer, "a customer"), (&demoted, "demoted")],
        };
        for (who, called) in below {
            assert_eq!(door.knock(who).await, 403, "{what}, of {called}");
        }
        let allowed = match door.lowest {
            Role::Admin => &admin,
            Role::Staff => &staff,
            Role::Trainee | Role::Member => &trainee,
        };
        let met = door.knock(allowed).await;
        assert!(![401, 403, 405, 500].contains(&met), "{what}: {met} for whom it is for");
    }
}
