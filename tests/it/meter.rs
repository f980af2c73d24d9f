//! Money, limits and listening, over real HTTP against the twin of X: what calls cost, the ceiling that reading stops
//! at, limits that every node obeys, and searches that staff write.

use std::time::Duration;

use answerwell::app::App;
use answerwell::bridge::inbound::poll;
use answerwell::bridge::inbound::review::list_held;
use answerwell::bridge::meter::{self, Allowance, set_allowance};
use answerwell::bridge::{ChannelId, searches};
use answerwell::clock::Clock;
use answerwell::db::DbError;
use answerwell::members::Role;
use answerwell::sim::x::{Fault, FaultKind};
use diesel::RunQueryDsl;

use crate::support::{Answer, Person, TestLoop, eventually};

const ROUTER: &str = "my new router from that shop drops wifi every evening";

/// The loop with a poller that looks every second.
async fn quick() -> TestLoop {
    TestLoop::start_with(|config| config.bridge.poll_every = Duration::from_secs(1)).await
}

async fn channel(ends: &TestLoop) -> ChannelId {
    searches::list_channels(&ends.app).first().expect("a connected account").0
}

fn spending(id: ChannelId) -> String {
    format!("/admin/channels/{id}/spending")
}

/// Waits until a page says these words, and returns it.
async fn shown(who: &Person, path: &str, words: &str) -> Answer {
    eventually(&format!("{path} says {words:?}"), async || who.get(path).await.says(words)).await;
    who.get(path).await
}

/// Writes a search, sees what it finds and saves it.
async fn search(staff: &Person, name: &str, query: &str) -> Answer {
    let page = staff.get("/desk/searches/new").await.expect(200);
    let filled = [("name", name), ("query", query), ("act", "preview")];
    let preview = staff.submit(&page, "/desk/searches", &filled).await.expect(200);
    staff.submit(&preview, "/desk/searches", &[("act", "save")]).await.expect(200);
    preview
}

/// Where the one search of the list is edited.
fn place_of(list: &Answer) -> String {
    let found = list.links().into_iter().find(|link| link.starts_with("/desk/searches/") && !link.ends_with("new"));
    found.expect("a search")
}

/// How often X was searched.
fn searched(ends: &TestLoop) -> usize {
    ends.twin.calls().iter().filter(|call| call.1 == "/2/tweets/search/recent").count()
}

#[tokio::test]
async fn what_arrives_and_what_is_sent_has_its_price_once() {
    let ends = TestLoop::start().await;
    let admin = ends.person("Ada Admin", Role::Admin).await;
    let page = spending(channel(&ends).await);
    ends.asks("mara_w", "@acme my router drops wifi every evening").await;
    let sums = shown(&admin, &page, "Posts that X sent us at once 1 $0.005 $0.005").await;
    sums.expect_text("What @acme on X costs").expect_text("Spent so far").expect_text("for the whole month");
    // Where the poller reads the same post on the same day, X charges for its author besides, and for the post once.
    let poller = quick().await;
    let admin = poller.person("Ada Admin", Role::Admin).await;
    let page = spending(channel(&poller).await);
    poller.asks("mara_w", "@acme my router drops wifi every evening").await;
    let sums = shown(&admin, &page, "People looked up 1 $0.01 $0.01").await;
    let ways = ["Posts that X sent us at once 1 $0.005 $0.005", "Mentions and own posts read 1 $0.005 $0.005"];
    assert_eq!(ways.iter().filter(|way| sums.says(way)).count(), 1, "whichever was first: {}", sums.text());
}

#[tokio::test]
async fn what_the_database_could_not_book_once_is_booked_the_next_time() {
    let ends = TestLoop::start_still(Clock::Real, |_| {}).await;
    let admin = ends.person("Ada Admin", Role::Admin).await;
    let page = spending(channel(&ends).await);
    let rename = async |statement: &'static str| {
        let renamed = ends.db().write(move |tx| {
            diesel::sql_query(statement).execute(&mut **tx)?;
            Ok::<_, DbError>(())
        });
        renamed.await.unwrap();
    };
    ends.says("mara_w", "@acme my router drops wifi every evening", None);
    poll::step(&ends.app).await.unwrap();
    rename("ALTER TABLE paid_item RENAME TO elsewhere").await;
    assert!(meter::step(&ends.app).await.is_err());
    rename("ALTER TABLE elsewhere RENAME TO paid_item").await;
    meter::step(&ends.app).await.unwrap();
    admin.get(&page).await.expect_text("Mentions and own posts read 1");
}

#[tokio::test]
async fn a_reply_costs_more_with_a_link() {
    let ends = TestLoop::start().await;
    let (admin, staff) = (ends.person("Ada Admin", Role::Admin).await, ends.staff().await);
    let page = spending(channel(&ends).await);
    for (handle, text) in [("mara_w", "Which model is it?"), ("tom_k", "See https://acme.com/wifi for a way.")] {
        let (post, question) = ends.asks(handle, "@acme my router drops wifi every evening").await;
        let place = format!("/desk/questions/{question}");
        let thread = staff.get(&place).await.expect(200);
        staff.submit(&thread, &format!("{place}/messages"), &[("text", text)]).await.expect(200);
        ends.replies(&post, 1).await;
    }
    shown(&admin, &page, "Replies posted 1 $0.01 $0.01").await;
    shown(&admin, &page, "Replies with a link posted 1 $0.20 $0.20").await;
}

#[tokio::test]
async fn a_search_is_seen_before_it_is_saved_and_what_it_finds_is_held() {
    let ends = quick().await;
    let staff = ends.staff().await;
    ends.says("nora_p", ROUTER, None);
    ends.says("nora_p", "lovely weather today", None);
    let page = staff.get("/desk/searches/new").await.expect(200);
    let filled = [("name", "Router trouble"), ("query", "router wifi -from:acme"), ("act", "save")];
    // Pressed save without having looked: it is shown, not saved.
    let unseen = staff.submit(&page, "/desk/searches", &filled).await.expect(200);
    unseen.expect_text("Not saved yet").expect_text(ROUTER).expect_text("@nora_p");
    unseen.expect_text("It finds one post in the last seven days").expect_text("About 5 posts a month, at most $0.08");
    assert!(!unseen.says("lovely weather"));
    staff.get("/desk/searches").await.expect_text("Nothing is searched for");
    // Another query than the one that was shown is shown first, too.
    let other = [("query", "weather"), ("act", "save")];
    let unseen = staff.submit(&unseen, "/desk/searches", &other).await.expect(200);
    unseen.expect_text("Not saved yet").expect_text("lovely weather");
    let back = [("query", "router wifi -from:acme"), ("act", "preview")];
    let seen = staff.submit(&unseen, "/desk/searches", &back).await.expect(200);
    let list = staff.submit(&seen, "/desk/searches", &[("act", "save")]).await.expect(200);
    list.expect_text("Router trouble").expect_text("Searching").expect_text("edited by Sam Staff");

    let held = shown(&staff, "/desk/held", ROUTER).await;
    held.expect_text("Found by the search Router trouble").expect_text("a reply goes by hand");
    staff.get("/desk/searches").await.expect_text("1 post found").expect_text("1 to review");
    assert!(!ends.visitor().get("/").await.says("drops wifi"), "nobody asked us there");
    // A second one comes later, and the first not again.
    ends.says("omar_b", "wifi router question: which one do you like?", None);
    let held = shown(&staff, "/desk/held", "which one do you like").await;
    assert_eq!(held.text().matches(ROUTER).count(), 1);
    let first = ends.db().read(|conn| list_held(conn, 1)).await.expect("what is held").remove(0).id;
    staff.submit(&held, &format!("/desk/held/{first}"), &[("act", "publish")]).await.expect(200);
    shown(&staff, "/", "drops wifi").await;
    staff.get("/desk").await.expect_text("By hand");
}

#[tokio::test]
async fn who_mentions_us_is_no_cold_hit_even_if_the_search_is_first() {
    let ends = quick().await;
    let staff = ends.staff().await;
    // No webhook comes, and the mentions cannot be read: only the search sees the post.
    ends.twin.set_fault(Fault::new(FaultKind::WebhookOff, 1_000));
    ends.twin.set_fault(Fault::new(FaultKind::ServerError, 1_000).on("GET", "/mentions"));
    search(&staff, "Widgets", "widget").await;
    ends.says("mara_w", "@acme my widget is broken", None);
    shown(&staff, "/desk", "my widget is broken").await.expect_text("Reply by API");
    staff.get("/desk/held").await.expect_text("Nothing is held");
}

#[tokio::test]
async fn a_query_that_x_would_refuse_is_mended_before_x_is_asked() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    let before = searched(&ends);
    for (query, told) in [
        ("lang:en", "Nothing here stands on its own"),
        ("(widget", "A parenthesis is not closed"),
        ("widget or router", "Write OR"),
        ("“widget”", "straight quotation marks"),
    ] {
        let page = staff.get("/desk/searches/new").await.expect(200);
        let filled = [("name", "A name"), ("query", query), ("act", "preview")];
        let again = staff.submit(&page, "/desk/searches", &filled).await.expect(422);
        again.expect_text(told);
        assert_eq!(again.field("query").as_deref(), Some(query));
    }
    assert_eq!(searched(&ends), before);
}

#[tokio::test]
async fn a_search_is_paused_edited_and_deleted() {
    let ends = quick().await;
    let staff = ends.staff().await;
    search(&staff, "Widgets", "widget").await;
    let list = staff.get("/desk/searches").await;
    let place = place_of(&list);
    let state = format!("{place}/state");
    let paused = staff.submit(&list, &state, &[("act", "pause")]).await.expect(200);
    paused.expect_text("Paused");
    ends.says("nora_p", "this widget hums", None);
    staff.get("/desk/held").await.expect_text("Nothing is held");
    // Another name needs no other look.
    let page = staff.get(&place).await.expect(200);
    let renamed = staff.submit(&page, &place, &[("name", "All widgets"), ("act", "save")]).await.expect(200);
    renamed.expect_text("All widgets").expect_text("Paused");
    let on = staff.submit(&renamed, &state, &[("act", "resume")]).await.expect(200);
    on.expect_text("Searching");
    shown(&staff, "/desk/held", "this widget hums").await.expect_text("Found by the search All widgets");
    let gone = staff.submit(&on, &state, &[("act", "delete")]).await.expect(200);
    gone.expect_text("Nothing is searched for");
    staff.get(&place).await.expect(404);
    staff.get("/desk/held").await.expect_text("Found by the search All widgets");
}

#[tokio::test]
async fn a_result_of_several_pages_is_read_to_its_end() {
    let ends = quick().await;
    let staff = ends.staff().await;
    search(&staff, "Widgets", "widget").await;
    ends.says("nora_p", "widget number 0", None);
    shown(&staff, "/desk/searches", "1 post found").await;
    let list = staff.get("/desk/searches").await;
    let state = format!("{}/state", place_of(&list));
    staff.submit(&list, &state, &[("act", "pause")]).await.expect(200);
    for number in 1..=105 {
        ends.says("nora_p", &format!("widget number {number}"), None);
    }
    staff.submit(&list, &state, &[("act", "resume")]).await.expect(200);
    shown(&staff, "/desk/searches", "106 posts found").await;
    shown(&staff, "/desk/searches", "106 to review").await;
}

#[tokio::test]
async fn paid_reading_stops_at_the_ceiling_and_mentions_do_not() {
    let ends = quick().await;
    let (admin, staff) = (ends.person("Ada Admin", Role::Admin).await, ends.staff().await);
    let id = channel(&ends).await;
    search(&staff, "Widgets", "widget").await;
    admin.get("/desk/searches").await.expect_text("What @acme costs");
    assert!(!staff.get("/desk/searches").await.says("What @acme costs"));
    let page = admin.get(&spending(id)).await.expect(200);
    let wrong = admin.submit(&page, &spending(id), &[("ceiling", "a lot")]).await.expect(422);
    wrong.expect_text("Write the ceiling in US dollars");
    assert_eq!(wrong.field("ceiling").as_deref(), Some("a lot"));
    let saved = admin.submit(&page, &spending(id), &[("ceiling", "0.10")]).await.expect(200);
    saved.expect_text("Saved").expect_text("of $0.10").expect_text("has stopped until");
    shown(&staff, "/desk/searches", "This month's ceiling is used up").await.expect_text("Finds nothing now");
    let form = staff.get("/desk/searches/new").await.expect(200);
    let filled = [("name", "More"), ("query", "router"), ("act", "preview")];
    staff.submit(&form, "/desk/searches", &filled).await.expect(422).expect_text("ceiling is used up");

    ends.says("nora_p", "this widget hums", None);
    ends.asks("mara_w", "@acme my router drops wifi every evening").await;
    staff.get("/desk/held").await.expect_text("Nothing is held");
    let now = ends.app.clock.now();
    let may = async |micros| ends.db().read(move |conn| meter::may_spend(conn, id, micros, now)).await.unwrap();
    assert!(!may(1_000_000).await);

    let page = admin.get(&spending(id)).await.expect(200);
    admin.submit(&page, &spending(id), &[("ceiling", "")]).await.expect(200);
    shown(&staff, "/desk/held", "this widget hums").await;
    assert!(may(1_000_000).await);
}

#[tokio::test]
async fn a_limit_that_is_used_up_is_obeyed_by_every_node_and_told_on_the_desk() {
    let ends = quick().await;
    let staff = ends.staff().await;
    // Another process on the same database.
    let other = App::over(ends.db().clone(), ends.app.config.clone(), Clock::Real).await.expect("a second node");
    let id = channel(&ends).await;
    let fault = Fault::new(FaultKind::TooManyRequests, 1).on("GET", "/search");
    ends.twin.set_fault(Fault { seconds: Some(600), ..fault });
    assert!(matches!(searches::preview(&other, id, "widget").await, Err(searches::NoPreview::Limit(..))));
    meter::step(&other).await.expect("the limit is booked");
    let calls = searched(&ends);

    let desk = staff.get("/desk").await.expect(200);
    desk.expect_text("X lets @acme search again at").expect_text("UTC");
    let form = staff.get("/desk/searches/new").await.expect(200);
    let filled = [("name", "More"), ("query", "router"), ("act", "preview")];
    let told = staff.submit(&form, "/desk/searches", &filled).await.expect(422);
    told.expect_text("X lets us search no more for now. It does again in 1");
    assert_eq!(searched(&ends), calls, "X was not asked again");
}

#[tokio::test]
async fn a_limit_on_replies_is_told_on_the_desk() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    let (_, question) = ends.asks("mara_w", "@acme my router drops wifi every evening").await;
    let fault = Fault::new(FaultKind::TooManyRequests, 1).on("POST", "/2/tweets");
    ends.twin.set_fault(Fault { seconds: Some(600), ..fault });
    let place = format!("/desk/questions/{question}");
    let thread = staff.get(&place).await.expect(200);
    staff.submit(&thread, &format!("{place}/messages"), &[("text", "Which model is it?")]).await.expect(200);
    shown(&staff, "/desk", "X lets @acme post replies again at").await;
}

#[tokio::test]
async fn the_month_begins_anew() {
    let ends = TestLoop::start().await;
    let id = channel(&ends).await;
    let ceiling = Allowance { ceiling: Some(1_000), owns_app: false };
    ends.db().write(move |tx| set_allowance(tx, id, ceiling)).await.expect("a ceiling");
    ends.asks("mara_w", "@acme my router drops wifi every evening").await;
    let left = async |later: u64| {
        let at = ends.app.clock.now().plus(Duration::from_secs(later));
        ends.db().read(move |conn| meter::left_to_spend(conn, id, at)).await
    };
    eventually("the post is booked", async || left(0).await.unwrap() != Some(1_000)).await;
    assert!(left(0).await.unwrap() < Some(0), "an event costs more than this ceiling");
    assert_eq!(left(32 * 24 * 3600).await.unwrap(), Some(1_000));
}

#[tokio::test]
async fn only_administrators_see_what_is_spent() {
    let ends = TestLoop::start().await;
    let page = spending(channel(&ends).await);
    let (staff, admin) = (ends.staff().await, ends.person("Ada Admin", Role::Admin).await);
    staff.get(&page).await.expect(403).expect_text("This is for administrators");
    staff.post_form(&page, &[("ceiling", "1")]).await.expect(403);
    ends.visitor().get(&page).await.expect(401);
    admin.get(&page).await.expect(200).expect_text("Nothing was spent this month yet");
    admin.get("/admin/channels/99/spending").await.expect(404);
}
