//! The bell counts while a page is open: by the one stream of a browser, whichever node it speaks to, and for nobody else.

use std::time::Duration;

use answerwell::app::App;
use answerwell::arrivals::Arrivals;
use answerwell::jobs::Jobs;

use crate::forum::{TITLE, ask};
use crate::kept::nodes::Node;
use crate::support::{Browser, Person, TestApp, eventually};
use crate::threads::arriving::Listening;

const LOCK: &str = "/desk/questions/1/lock";

/// Runs the tail of a node.
fn tail(app: &actix_web::web::Data<App>) -> Jobs {
    let mut jobs = Jobs::default();
    Arrivals::start(app, &mut jobs);
    jobs
}

/// Tells the asker of question 1 something, and nobody else: staff lock it, or unlock it.
async fn tell_asker(staff: &Person, act: &str) {
    staff.post_form(LOCK, &[("act", act), ("reason", "We look into it.")]).await.expect(200);
}

fn rings(unread: i64) -> String {
    format!("event: bell\ndata: {{\"to\":\"caseycustomer\",\"unread\":{unread}}}\n\n")
}

#[tokio::test]
async fn the_bell_rings_in_every_browser_of_whom_it_is_for_and_nobody_else_hears_of_it() {
    let app = TestApp::start().await;
    let (casey, parker, staff) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&casey, TITLE).await;
    let node = Node::beside(&app).await;
    let jobs = [tail(&app.app), tail(&node.app)];
    // At a second browser, which speaks to another node.
    let phone = node.visitor();
    let who = [("email", casey.email.as_str()), ("password", casey.password.as_str())];
    phone.post_form("/sign-in", &who).await.expect(200);
    let mut desk = Listening::begin_as(&casey).await;
    let mut pocket = Listening::begin_as(&phone).await;
    let (stranger, far) = (app.visitor(), node.visitor());
    let mut others = Vec::new();
    for who in [&*parker, &stranger, &far] {
        others.push(Listening::begin_as(who).await);
    }

    tell_asker(&staff, "lock").await;
    desk.until(&rings(1)).await;
    pocket.until(&rings(1)).await;
    assert_eq!(casey.get("/notices/count").await.expect(200).json()["unread"].as_i64(), Some(1));
    stranger.get("/notices/count").await.expect(401);

    // What is read in one browser is read in all.
    phone.post_form("/notices/1", &[]).await.expect(200);
    desk.until(&rings(0)).await;
    pocket.until(&rings(0)).await;

    // Whoever signed out hears of nothing more, in that browser alone.
    phone.post_form("/sign-out", &[]).await.expect(200);
    tell_asker(&staff, "unlock").await;
    desk.until(&rings(1)).await;
    let rest = pocket.until_its_end().await;
    assert!(!rest.contains("bell"), "{rest}");

    // Everybody hears that somebody has this too, and nobody else heard of a bell before.
    parker.post_form("/questions/1/affected", &[("affected", "yes")]).await.expect(200);
    for other in &mut others {
        let heard = other.until("\"affected\":1").await;
        assert!(!heard.contains("bell") && !heard.contains("casey"), "{heard}");
    }
    for jobs in jobs {
        jobs.shut_down(Duration::from_secs(5)).await;
    }
    node.stop().await;
}

async fn said(browser: &Browser, script: &str) -> String {
    let told = browser.execute(script, vec![]).await.expect("a script that runs");
    told.json().as_str().unwrap_or_default().to_owned()
}

/// Waits until the bell of this tab is called so and shows this number.
async fn expect_bell(browser: &Browser, called: &str, shows: &str) {
    const BELL: &str = "const bell = document.querySelector('.bell'); \
                        return `${bell.getAttribute('aria-label')}|${bell.innerText.trim()}`";
    let wanted = format!("{called}|{shows}");
    eventually(&format!("the bell says {wanted}"), async || said(browser, BELL).await == wanted).await;
}

#[tokio::test]
async fn the_bell_of_every_tab_counts_over_one_connection() {
    let Some(browser) = Browser::open(true).await else { return };
    let app = TestApp::start().await;
    let jobs = tail(&app.app);
    let (casey, staff) = (app.customer().await, app.staff().await);
    ask(&casey, TITLE).await;
    browser
        .tell("the bell", async |browser| {
            // Two pages on which nothing else arrives.
            browser.visit(&format!("{}/sign-in?next=/notices", app.address)).await;
            browser.fill("E-mail", &casey.email).await;
            browser.fill("Password", &casey.password).await;
            browser.press("Sign in").await;
            browser.expect_text("Nothing to tell you yet").await;
            expect_bell(browser, "Notices", "").await;
            let first = browser.window().await.expect("a tab");
            let second = browser.new_tab().await.expect("another tab");
            browser.switch_to_window(second.clone()).await.expect("the other tab");
            browser.visit(&format!("{}/account", app.address)).await;
            expect_bell(browser, "Notices", "").await;
            let streams = "return navigator.locks.query().then(({ held, pending }) => \
                           `${held.length} listens, ${pending.length} waits`)";
            let is_one = async || said(browser, streams).await == "1 listens, 1 waits";
            eventually("one tab listens, and the other waits for its turn", is_one).await;

            tell_asker(&staff, "lock").await;
            for tab in [&second, &first] {
                browser.switch_to_window(tab.clone()).await.expect("a tab");
                expect_bell(browser, "Notices, 1 unread", "1").await;
            }
            // The tab that listened is closed: the other one takes its place, and misses nothing.
            browser.close_window().await.expect("a tab that closes");
            browser.switch_to_window(second.clone()).await.expect("the tab that is left");
            tell_asker(&staff, "unlock").await;
            expect_bell(browser, "Notices, 2 unread", "2").await;
            // Read somewhere else.
            casey.post_form("/notices/1", &[]).await.expect(200);
            casey.post_form("/notices/2", &[]).await.expect(200);
            expect_bell(browser, "Notices", "").await;
        })
        .await;
    jobs.shut_down(Duration::from_secs(5)).await;
}
