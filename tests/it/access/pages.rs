//! No violation on any page: each one that a stranger, a customer, a trainee and an administrator can reach, in the demo's
//! company and on a site where nothing has happened yet; light and dark, wide and on a phone.

use answerwell::admin::first_run;
use answerwell::members::Role;

use super::axe;
use super::walk::Walk;
use crate::cli::Running;
use crate::support::{Answer, Browser, TestApp, Visitor, eventually, program};

const PASSWORD: &str = "try-answerwell";
const NEWCOMER: &str = "nora@newcomer.example";

/// Somebody, what they look at, and the forms that they send empty.
struct Reader {
    who: Visitor,
    places: Vec<String>,
    refused: &'static [&'static str],
}

#[tokio::test]
async fn every_page_of_a_busy_site_is_fit_for_everybody() {
    let Some(browser) = Browser::open(true).await else { return };
    if axe::ready(&browser, "the pages of a busy site").await.is_none() {
        return browser.close().await;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut command = program();
    command.args(["demo", "--port", "0", "--twin-port", "0", "--facebook-port", "0", "--data"]).arg(folder.path());
    let site = Running::start(command, "Ctrl-C ends it").await;
    let address = &site.forum;
    let (stranger, newcomer) = (Visitor::at(address), Visitor::at(address));
    let (customer, trainee) = (sign_in(address, "customer").await, sign_in(address, "trainee").await);
    let admin = sign_in(address, "staff").await;

    let tokens = links_that_hold_once(&stranger, &newcomer, &admin).await;
    let own = what_one_wrote(&newcomer).await;
    let few_ways_in = where_few_links_lead(&admin).await;
    let mut walk = Walk::default();
    let mut readers = Vec::new();
    for (who, begin, refused) in [
        (stranger, tokens, &["/sign-in", "/sign-up", "/reset"][..]),
        (newcomer, own, &["/ask", "/account/profile", "/account/email", "/account/password", "/account/leave"][..]),
        (customer, Vec::new(), &[][..]),
        (trainee, Vec::new(), &[][..]),
        (admin, few_ways_in, &["/admin/topics/new", "/admin/hours/new", "/admin/teams/new", "/desk/macros/new"][..]),
    ] {
        let places = walk.follow(&who, address, &begin).await;
        readers.push(Reader { who, places, refused });
    }
    // Its link holds on a new site only: see below.
    let missed: Vec<&str> = walk.missed().into_iter().filter(|kind| *kind != "/first-run/{token}").collect();
    assert!(missed.is_empty(), "nobody looked at {missed:?}: let a link lead there, or begin there");
    let faults = look(&browser, address, &readers).await;
    browser.close().await;
    assert!(faults.is_empty(), "{} faults:\n  {}\n", faults.len(), faults.join("\n  "));
}

#[tokio::test]
async fn every_page_of_a_new_site_is_fit_for_everybody() {
    let Some(browser) = Browser::open(true).await else { return };
    if axe::ready(&browser, "the pages of a new site").await.is_none() {
        return browser.close().await;
    }
    let app = TestApp::start().await;
    let first = first_run::invite(&app.app).await.unwrap().expect("a link for the first administrator");
    let first = first.strip_prefix(&app.address).unwrap().to_owned();
    let stranger = app.visitor();
    let mut walk = Walk::default();
    let places = walk.follow(&stranger, &app.address, &[first]).await;
    assert!(!walk.missed().contains(&"/first-run/{token}"), "the first administrator's page was looked at");
    let mut faults = look(&browser, &app.address, &[Reader { who: stranger, places, refused: &[] }]).await;

    let admin = app.person("Ada Admin", Role::Admin).await;
    let places = walk.follow(&admin, &app.address, &[]).await;
    axe::become_reader(&browser, &app.address, &admin).await;
    for place in places {
        faults.extend(axe::faults(&browser, &app.address, &place).await);
    }
    browser.close().await;
    assert!(faults.is_empty(), "{} faults:\n  {}\n", faults.len(), faults.join("\n  "));
}

async fn look(browser: &Browser, address: &str, readers: &[Reader]) -> Vec<String> {
    let mut faults = Vec::new();
    for reader in readers {
        axe::become_reader(browser, address, &reader.who).await;
        for place in &reader.places {
            faults.extend(axe::faults(browser, address, place).await);
        }
        for place in reader.refused {
            faults.extend(axe::faults_when_refused(browser, address, place).await);
        }
        faults.extend(menus(browser, address).await);
    }
    faults
}

/// Each menu of the frame, opened.
async fn menus(browser: &Browser, address: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let count = "return document.querySelectorAll('details.menu').length";
    browser.visit(address).await;
    let many = browser.execute(count, vec![]).await.expect("a page").json().as_u64().unwrap_or_default();
    for number in 0..many {
        let open = format!("document.querySelectorAll('details.menu')[{number}].open = true");
        browser.execute(open, vec![]).await.expect("a menu");
        faults.extend(axe::faults_here(browser, &format!("menu {number}")).await);
    }
    faults
}

async fn sign_in(address: &str, name: &str) -> Visitor {
    let visitor = Visitor::at(address);
    let email = format!("{name}@acme.example");
    visitor.post_form("/sign-in", &[("email", &email), ("password", PASSWORD)]).await.expect(200);
    visitor
}

/// Pages behind links that hold once: those of mails, and an invitation. `newcomer` has an account then.
async fn links_that_hold_once(stranger: &Visitor, newcomer: &Visitor, admin: &Visitor) -> Vec<String> {
    let account = [("name", "Nora Newcomer"), ("email", NEWCOMER), ("password", PASSWORD)];
    newcomer.post_form("/sign-up", &account).await.expect(200);
    stranger.post_form("/reset", &[("email", NEWCOMER)]).await.expect(200);
    newcomer.post_form("/account/email", &[("email", "nora@new.example"), ("password", PASSWORD)]).await.expect(200);
    let guest = [
        ("guest_email", "gus@guest.example"),
        ("title", "The box does not start after the storm"),
        ("body", "No light at all."),
        ("seen", "yes"),
    ];
    stranger.post_form("/ask/guest", &guest).await.expect(200);
    let people = admin.get("/admin/people").await.expect(200);
    let invited = admin.submit(&people, "/admin/people/invitations", &[("role", "staff")]).await.expect(200);
    let invitation = between(&invited, "/invitations/", '"');
    let mut links = vec![invitation, "/left".to_owned()];
    for kind in ["/reset/", "/email/", "/ask/guest/", "/confirm/", "/mail/stop/"] {
        links.push(mailed(stranger, kind).await);
    }
    links
}

/// The newest link of this kind in a mail, once it is there.
async fn mailed(reader: &Visitor, kind: &str) -> String {
    let mut found = None;
    eventually(&format!("a mail leads to {kind}"), async || {
        let list = reader.get("/demo/mail").await.expect(200);
        for place in list.links().into_iter().filter(|link| link.starts_with("/demo/mail/")) {
            let mail = reader.get(&place).await.expect(200);
            found = mail.body.contains(kind).then(|| between(&mail, kind, '"'));
            if found.is_some() {
                break;
            }
        }
        found.is_some()
    })
    .await;
    found.expect("found a moment ago")
}

/// What stands on a page from these words on, as far as an address goes.
fn between(page: &Answer, begin: &str, end: char) -> String {
    let from = page.body.find(begin).unwrap_or_else(|| panic!("{begin} is not on {}: {}", page.path, page.text()));
    let ends = |c: char| c == end || c == '<' || c == '&' || c.is_whitespace();
    page.body[from..].split(ends).next().unwrap_or_default().to_owned()
}

/// One's own posts, one of them held, with their forms and their histories.
async fn what_one_wrote(newcomer: &Visitor) -> Vec<String> {
    let form = newcomer.get("/ask").await.expect(200);
    let orders =
        form.body.split("<option value=\"").find(|rest| rest.contains(">Orders")).expect("the topic that holds");
    let orders = orders.split('"').next().unwrap_or_default();
    let words = [("title", "Where is the parcel that left on Monday?"), ("seen", "yes")];
    let linked = [&words[..], &[("body", "It is at https://parcels.example/77 since."), ("topic", orders)]].concat();
    let held = newcomer.post_form("/ask", &linked).await.expect(200);
    assert!(held.path.starts_with("/held/"), "{} {}", held.path, held.text());
    let words = [("title", "The hub hums all night"), ("body", "Like a **bee**."), ("tags", "hub"), ("seen", "yes")];
    let asked = newcomer.post_form("/ask", &words).await.expect(200);
    let number: String =
        asked.path.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    let comments = format!("/questions/{number}/comments");
    newcomer.post_form(&comments, &[("body", "It began in May.")]).await.expect(200);
    newcomer
        .post_form(&format!("/questions/{number}/answers"), &[("body", "A cloth under it helps.")])
        .await
        .expect(200);
    vec![held.path, asked.path, "/following".to_owned()]
}

/// Short addresses, a brand search that is saved, and a thread whose asker may be written to in private.
async fn where_few_links_lead(admin: &Visitor) -> Vec<String> {
    let fields = "/admin/topics/1/fields";
    let page = admin.get(fields).await.expect(200);
    let field = [("name", "Device"), ("kind", "choice"), ("choices", "Hub 3\nHub 4")];
    let asked = admin.submit(&page, fields, &field).await.expect(200).links();
    let field = asked.into_iter().find(|link| link.starts_with("/admin/fields/"));
    let page = admin.get("/desk/searches/new").await.expect(200);
    let wanted = [("name", "Router trouble"), ("query", "router wifi"), ("act", "preview")];
    let seen = admin.submit(&page, "/desk/searches", &wanted).await.expect(200);
    let list = admin.submit(&seen, "/desk/searches", &[("act", "save")]).await.expect(200);
    let search = list.links().into_iter().find(|link| link.starts_with("/desk/searches/") && !link.ends_with("new"));
    let mut places = ["/questions/1", "/answers/1", "/comments/1", "/desk/drafts/1"].map(str::to_owned).to_vec();
    places.push(search.expect("the search that was saved"));
    places.push(field.expect("what a topic asks"));
    let threads = admin.get("/desk?network=facebook").await.expect(200).links();
    for thread in threads.into_iter().filter(|link| link.starts_with("/desk/questions/")) {
        let links = admin.get(&thread).await.expect(200).links();
        places.extend(links.into_iter().find(|link| link.starts_with("/desk/posts/") && link.ends_with("/private")));
    }
    places
}
