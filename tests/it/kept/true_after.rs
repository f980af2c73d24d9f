//! One write after the other, each seen by the very next stranger on every page that showed what was before.

use answerwell::clock::{Clock, Millis};
use answerwell::members::Role;

use super::{House, is_kept};
use crate::forum::{TITLE, answer, ask, insert_topic};
use crate::support::Person;

const THREAD: &str = "/questions/1/my-router-drops-the-wi-fi-every-evening";

/// Has these pages kept, lets something happen, and holds the next look at each against what it must say then.
macro_rules! after {
    ($house:expr, $act:expr, $($path:expr => $words:expr),+ $(,)?) => {{
        for (path, words) in [$(($path, $words)),+] {
            let before = $house.keep(path).await;
            assert!(!before.says(words), "{path} says {words:?} before anything happened");
        }
        $act;
        for (path, words) in [$(($path, $words)),+] {
            let page = $house.read(path).await;
            assert!(page.says(words) && !is_kept(&page), "{path} does not say {words:?}: {}", page.text());
            assert!($house.keep(path).await.says(words), "{path}, kept anew");
        }
    }};
}

/// Posts the form of a thread's page.
async fn press(who: &Person, action: &str, filled: &[(&str, &str)]) {
    who.post_form(action, filled).await.expect(200);
}

#[tokio::test]
async fn what_members_and_guests_do_is_seen_at_once() {
    let house = House::start().await;
    let app = &house.app;
    let (customer, peer, guest) = (app.customer().await, app.peer().await, app.visitor());
    house.keep("/").await.expect_text("No questions yet");
    ask(&customer, TITLE).await;
    house.read("/").await.expect_text(TITLE);
    after!(house, answer(&peer, "Change the channel to 11.").await,
        THREAD => "Change the channel to 11.", "/" => "1 answer", "/unanswered" => "Every question has an answer");
    let comment = [("body", "Which channel, please?")];
    after!(house, press(&customer, "/questions/1/comments", &comment).await, THREAD => "Which channel, please?");
    after!(house, press(&customer, "/votes", &[("post", "answer-1"), ("value", "1")]).await,
        "/people?period=all" => "Parker Peer");
    after!(house, press(&peer, "/votes", &[("post", "question-1"), ("value", "1")]).await, "/" => "1 vote");
    after!(house, press(&customer, "/answers/1/accept", &[("accepted", "yes")]).await,
        THREAD => "Helped the person who asked", "/" => "Accepted");
    let saying = [("affected", "yes")];
    after!(house, { guest.post_form("/questions/1/affected", &saying).await.expect(200); },
        THREAD => "1 person has this too", "/affected" => TITLE);
    after!(house, { guest.post_form("/answers/1/helped", &[("helped", "yes")]).await.expect(200); },
        THREAD => "1 person said this helped");
    let place = "/answers/1/edit";
    let form = peer.get(place).await.expect(200);
    after!(house, peer.submit(&form, place, &[("body", "Change the channel to 13.")]).await.expect(200),
        THREAD => "Change the channel to 13.");
    let form = customer.get("/questions/1/details").await.expect(200);
    after!(house, customer.submit(&form, "/questions/1/details", &[("tags", "wifi-evening")]).await.expect(200),
        THREAD => "wifi-evening", "/" => "wifi-evening");
    house.keep("/tags/wifi-evening").await.expect_text(TITLE);
    let handle = format!("/members/{}", handle_of(&peer).await);
    let form = peer.get("/account/profile").await.expect(200);
    after!(house, peer.submit(&form, "/account/profile", &[("name", "Robin Renamed"), ("title", "Plumber")]).await.expect(200),
        THREAD => "Robin Renamed", handle.as_str() => "Plumber");
}

async fn handle_of(person: &Person) -> String {
    let page = person.get("/").await.expect(200);
    let link = page.links().into_iter().find_map(|link| link.strip_prefix("/members/").map(str::to_owned));
    link.expect("their own page")
}

#[tokio::test]
async fn what_staff_do_is_seen_at_once() {
    let house = House::start().await;
    let app = &house.app;
    insert_topic(app, "wifi", "Wi-Fi").await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let admin = app.person("Ali Admin", Role::Admin).await;
    let form = customer.get("/ask?topic=wifi").await.expect(200);
    let filled = [("title", TITLE), ("body", "Since last week.")];
    customer.submit(&form, "/ask", &filled).await.expect(200);
    answer(&peer, "Change the channel to 11.").await;

    let place = "/desk/answers/1/verify";
    let form = staff.get(place).await.expect(200);
    after!(house, staff.submit(&form, place, &[("evidence", "Tried on two routers.")]).await.expect(200),
        THREAD => "verified by Sam Staff", "/" => "Verified", "/topics/wifi" => "Verified");
    let shown = staff.get(place).await.expect(200);
    let mut actions = shown.body.split("action=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let action = actions.find(|action| action.ends_with("/withdraw")).expect("the way back").to_owned();
    house.keep(THREAD).await.expect_text("verified by Sam Staff");
    staff.submit(&shown, &action, &[("why", "It was wrong.")]).await.expect(200);
    assert!(!house.read(THREAD).await.says("verified by Sam Staff"));

    let moderate = async |post: &str, act: &str| {
        let place = format!("/desk/moderate/{post}");
        staff.post_form(&place, &[("act", act), ("reason", "It breaks our rules.")]).await.expect(200);
    };
    house.keep(THREAD).await.expect_text("Change the channel");
    moderate("answer-1", "hide").await;
    assert!(!house.read(THREAD).await.says("Change the channel"));
    after!(house, moderate("answer-1", "restore").await, THREAD => "Change the channel");
    for list in ["/", "/newest", "/topics/wifi", "/sitemap.xml"] {
        house.read(list).await.expect(200);
    }
    house.keep("/").await.expect_text(TITLE);
    moderate("question-1", "hide").await;
    house.read(THREAD).await.expect(410);
    assert!(!house.read("/").await.says(TITLE) && !house.read("/topics/wifi").await.says(TITLE));
    moderate("question-1", "restore").await;
    house.read(THREAD).await.expect(200);
    after!(house, staff.post_form("/desk/questions/1/lock", &[("act", "lock"), ("reason", "Enough was said.")]).await.expect(200),
        THREAD => "Enough was said.");

    let form = admin.get("/admin/topics/1").await.expect(200);
    after!(house, admin.submit(&form, "/admin/topics/1", &[("name", "Wireless things")]).await.expect(200),
        THREAD => "Wireless things", "/" => "Wireless things", "/topics/wifi" => "Wireless things");
    let form = admin.get("/admin/site").await.expect(200);
    after!(house, admin.submit(&form, "/admin/site", &[("site_name", "Zebra Help")]).await.expect(200),
        THREAD => "Zebra Help", "/" => "Zebra Help");
    let member = format!("/desk/members/{}/label", handle_of(&peer).await);
    let seen = [("label", "champion"), ("seen", "")];
    after!(house, staff.post_form(&member, &seen).await.expect(200), THREAD => "Champion");
}

#[tokio::test]
async fn a_merged_thread_is_seen_in_the_other_and_again_by_itself() {
    let house = House::start().await;
    let app = &house.app;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&customer, TITLE).await;
    ask(&peer, "The wireless network goes away at night").await;
    let other = "/questions/2/the-wireless-network-goes-away-at-night";
    house.keep(other).await;
    after!(house, staff.post_form("/desk/questions/2/merge", &[("into", "1")]).await.expect(200), THREAD => "Also asked");
    let moved = house.read(other).await;
    assert!(moved.path.starts_with("/questions/1/"), "{}", moved.path);
    // What changes in the part is another thread's matter, and shown here.
    house.keep(THREAD).await.expect_text("The wireless network goes away at night");
    staff.post_form("/desk/questions/2/unmerge", &[]).await.expect(200);
    assert!(!house.read(THREAD).await.says("Also asked"));
    assert_eq!(house.read(other).await.path, other);
}

/// 20 November 2025, in milliseconds.
const NOW: i64 = 1_763_600_000_000;

#[tokio::test]
async fn a_verification_ends_on_a_kept_page_by_time_alone() {
    let clock = Clock::fixed(Millis(NOW));
    let house = House::start_at(clock.clone()).await;
    let app = &house.app;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&customer, TITLE).await;
    answer(&peer, "Change the channel to 11.").await;
    let place = "/desk/answers/1/verify";
    let form = staff.get(place).await.expect(200);
    let filled = [("evidence", "Tried on two routers."), ("until", "2025-11-25")];
    staff.submit(&form, place, &filled).await.expect(200);
    assert!(!house.keep(THREAD).await.says("Its end date has passed"));
    clock.advance(std::time::Duration::from_secs(3 * 24 * 3600));
    // Nothing on it has ended yet.
    house.keep(THREAD).await;
    clock.advance(std::time::Duration::from_secs(4 * 24 * 3600));
    let page = house.read(THREAD).await;
    assert!(!is_kept(&page));
    page.expect_text("Its end date has passed");
}
