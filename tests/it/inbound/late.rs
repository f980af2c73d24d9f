//! What no webhook brought: read by the poller in as many turns as it takes, and looked up again as it grows old.

use std::time::Duration;

use answerwell::bridge::{ChannelId, list_waiting, meter};
use answerwell::clock::Clock;
use answerwell::sim::x::{Fault, FaultKind};
use serde_json::json;

use super::hook::{US, send};
use crate::support::{Answer, Person, TestLoop, eventually};

pub const MINUTE: Duration = Duration::from_secs(60);

/// Both sides on a clock that only the test moves. It begins now: sessions of the test's people are real.
pub async fn start() -> (TestLoop, Clock) {
    let clock = Clock::fixed(Clock::Real.now());
    let ends = TestLoop::start_on(clock.clone(), |config| config.bridge.poll_every = MINUTE).await;
    (ends, clock)
}

pub fn lose_webhooks(ends: &TestLoop, events: u32) {
    ends.twin.set_fault(Fault::new(FaultKind::WebhookOff, events));
}

pub fn calls(ends: &TestLoop, path: &str) -> usize {
    ends.twin.calls().iter().filter(|(_, called, status)| called.contains(path) && *status == 200).count()
}

pub fn look_ups(ends: &TestLoop) -> usize {
    ends.twin.calls().iter().filter(|(method, path, _)| method == "GET" && path == "/2/tweets").count()
}

pub async fn waiting(ends: &TestLoop) -> Vec<String> {
    let rows = ends.db().read(|conn| list_waiting(conn, None, 2_000)).await.unwrap();
    rows.into_iter().map(|row| row.text).collect()
}

/// Lets the poller take its next turn, to the end.
pub async fn next_turn(ends: &TestLoop, clock: &Clock) {
    let before = calls(ends, "/2/users/1111111111111111111/tweets");
    clock.advance(MINUTE);
    eventually("a turn was taken", async || calls(ends, "/2/users/1111111111111111111/tweets") > before).await;
}

#[tokio::test]
async fn more_than_a_page_between_two_turns_is_read_to_the_last_post_and_the_desk_says_what_is_missing() {
    let (ends, clock) = start().await;
    let staff = ends.staff().await;
    ends.asks("mara_w", "@acme the very first words of all").await;
    next_turn(&ends, &clock).await;
    lose_webhooks(&ends, 230);
    for number in 0..230 {
        ends.says(&format!("c{number}"), &format!("@acme complaint number {number} of the evening"), None);
    }
    // The last thing a gap asks is whether the search knows more than the timeline shows.
    ends.twin.set_fault(Fault::new(FaultKind::ServerError, 1).on("GET", "/2/tweets/search/recent"));
    next_turn(&ends, &clock).await;
    eventually("all are here", async || waiting(&ends).await.len() == 231).await;
    eventually("the desk says it", async || {
        staff.get("/desk").await.says("Not all mentions of @acme on X are here yet")
    })
    .await;
    clock.advance(MINUTE * 10);
    eventually("nothing is missing", async || !staff.get("/desk").await.says("are here yet")).await;
    let mut texts = waiting(&ends).await;
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), 231, "each once");
}

#[tokio::test]
async fn a_mention_that_the_network_shows_late_is_found_below_newer_ones() {
    let (ends, clock) = start().await;
    ends.asks("mara_w", "@acme the newer words").await;
    next_turn(&ends, &clock).await;
    lose_webhooks(&ends, 1);
    ends.twin.user("tom_h", "Tom", 12).unwrap();
    let then = clock.now().minus(MINUTE * 5);
    ends.twin.post_at("tom_h", "@acme the older words, shown late", None, then).unwrap();
    next_turn(&ends, &clock).await;
    eventually("it is here", async || waiting(&ends).await.iter().any(|text| text.contains("shown late"))).await;
    // What is known already is not taken again, turn after turn.
    let question = waiting(&ends).await.len();
    next_turn(&ends, &clock).await;
    next_turn(&ends, &clock).await;
    assert_eq!(waiting(&ends).await.len(), question);
}

/// Writes to the asker, from the page of the desk as it is now.
async fn write(staff: &Person, question: i64, text: &str) -> Answer {
    let place = format!("/desk/questions/{question}");
    let page = staff.get(&place).await.expect(200);
    staff.submit(&page, &format!("{place}/messages"), &[("text", text)]).await.expect(200)
}

#[tokio::test]
async fn words_that_come_late_wait_only_if_nobody_has_answered_later_ones() {
    let (ends, clock) = start().await;
    let (staff, visitor) = (ends.staff().await, ends.visitor());
    let (post, question) = ends.asks("mara_w", "@acme my router hums").await;
    let says = |text: &str| {
        clock.advance(Duration::from_secs(1));
        ends.says("mara_w", text, Some(&post))
    };
    lose_webhooks(&ends, 1);
    let first = says("@acme it is the small one");
    let second = says("@acme and it still hums");
    ends.waiting_for(&second).await;
    // Nobody has answered: the newest stays the newest, whatever comes last, and the reply goes to it.
    next_turn(&ends, &clock).await;
    let is_here = async |text: &str| {
        let place = format!("/questions/{question}");
        eventually(&format!("{text:?} is here"), async || visitor.get(&place).await.says(text)).await;
    };
    is_here("it is the small one").await;
    ends.waiting_for(&second).await;
    lose_webhooks(&ends, 1);
    says("@acme since the update of Monday");
    let fourth = says("@acme are you there?");
    ends.waiting_for(&fourth).await;
    write(&staff, question, "We are. What does it say at the back?").await;
    ends.replies(&fourth, 1).await;
    // Who answered the later words has answered the asker.
    next_turn(&ends, &clock).await;
    is_here("since the update of Monday").await;
    staff.get("/desk").await.expect_text("Nobody waits");
    // What is said after the answer waits, however late it comes.
    lose_webhooks(&ends, 1);
    let fifth = says("@acme it says R7");
    next_turn(&ends, &clock).await;
    ends.waiting_for(&fifth).await;
    write(&staff, question, "Thank you. Please go to 4.3.").await;
    ends.replies(&fifth, 1).await;
    for other in [&post, &first, &second] {
        assert!(ends.ours_under(other).is_empty());
    }
}

#[tokio::test]
async fn what_was_deleted_while_nobody_told_us_goes_at_the_second_look_and_the_rest_stays() {
    let (ends, clock) = start().await;
    let visitor = ends.visitor();
    let (gone, gone_here) = ends.asks("mara_w", "@acme my router drops wifi every evening").await;
    let (_, stays_here) = ends.asks("tom_h", "@acme the bill of March is wrong").await;
    lose_webhooks(&ends, 1);
    ends.twin.delete("mara_w", &gone).unwrap();
    clock.advance(MINUTE * 61);
    eventually("they were looked up", async || look_ups(&ends) == 1).await;
    visitor.get(&format!("/questions/{gone_here}")).await.expect(200);
    clock.advance(MINUTE * 11);
    eventually("the thread is gone", async || visitor.get(&format!("/questions/{gone_here}")).await.status == 410)
        .await;
    visitor.get(&format!("/questions/{stays_here}")).await.expect(200);
    // The other is looked up again when it is a day old, and not before.
    clock.advance(MINUTE * 60 * 20);
    clock.advance(MINUTE * 60 * 3);
    eventually("it was looked up once more", async || look_ups(&ends) == 3).await;
}

#[tokio::test]
async fn where_all_is_missing_at_once_nothing_is_taken_away_for_a_day() {
    let (ends, clock) = start().await;
    let visitor = ends.visitor();
    let (mut posts, mut threads) = (Vec::new(), Vec::new());
    for handle in ["mara_w", "tom_h", "nora_p"] {
        let words = format!("@acme the router of {handle} drops wifi every evening");
        let (post, question) = ends.asks(handle, &words).await;
        posts.push((handle, post));
        threads.push(format!("/questions/{question}"));
    }
    lose_webhooks(&ends, 3);
    for (handle, post) in &posts {
        ends.twin.delete(handle, post).unwrap();
    }
    clock.advance(MINUTE * 61);
    for looks in 1..=3 {
        eventually("they were looked up", async || look_ups(&ends) == looks).await;
        clock.advance(MINUTE * 31);
    }
    for thread in &threads {
        visitor.get(thread).await.expect(200);
    }
    clock.advance(MINUTE * 60 * 24);
    for thread in &threads {
        eventually("what stays away for a day is gone", async || visitor.get(thread).await.status == 410).await;
    }
}

#[tokio::test]
async fn a_limit_on_looking_up_delays_no_mention() {
    let (ends, clock) = start().await;
    ends.asks("mara_w", "@acme my router drops wifi every evening").await;
    ends.twin.set_fault(Fault::new(FaultKind::TooManyRequests, 1).on("GET", "/2/tweets").seconds(24 * 3_600));
    clock.advance(MINUTE * 61);
    eventually("it was looked up, in vain", async || look_ups(&ends) == 1).await;
    lose_webhooks(&ends, 1);
    ends.says("tom_h", "@acme the bill of March is wrong", None);
    next_turn(&ends, &clock).await;
    next_turn(&ends, &clock).await;
    eventually("it is here", async || waiting(&ends).await.iter().any(|text| text.contains("bill of March"))).await;
}

#[tokio::test]
async fn looks_stop_at_the_ceiling_and_go_on_when_it_is_raised() {
    let (ends, clock) = start().await;
    let (post, question) = ends.asks("mara_w", "@acme my router drops wifi every evening").await;
    ends.asks("tom_h", "@acme the bill of March is wrong").await;
    set_ceiling(&ends, Some(0)).await;
    lose_webhooks(&ends, 1);
    ends.twin.delete("mara_w", &post).unwrap();
    clock.advance(MINUTE * 61);
    // Turns go on, since mentions are read whatever they cost.
    next_turn(&ends, &clock).await;
    next_turn(&ends, &clock).await;
    assert_eq!(look_ups(&ends), 0, "{:?}", ends.twin.calls());
    set_ceiling(&ends, None).await;
    eventually("it was looked up", async || look_ups(&ends) == 1).await;
    clock.advance(MINUTE * 11);
    let thread = format!("/questions/{question}");
    eventually("the thread is gone", async || ends.visitor().get(&thread).await.status == 410).await;
}

async fn set_ceiling(ends: &TestLoop, ceiling: Option<i64>) {
    let change = move |tx: &mut answerwell::db::Tx<'_>| {
        let allowance = meter::find_allowance(tx, ChannelId(1))?;
        meter::set_allowance(tx, ChannelId(1), meter::Allowance { ceiling, ..allowance })
    };
    ends.db().write(change).await.unwrap();
}

#[tokio::test]
async fn anybody_may_ask_for_a_few_looks_at_an_original_and_x_is_asked_no_more() {
    let ends = TestLoop::start().await;
    let (_, question) = ends.asks("mara_w", "@acme my router drops wifi every evening").await;
    let (anybody, place) = (ends.visitor(), format!("/questions/{question}/remove"));
    let page = anybody.get(&place).await.expect(200);
    for _ in 0..3 {
        anybody
            .submit(&page, &format!("{place}/deleted"), &[])
            .await
            .expect(409)
            .expect_text("still shows the original");
    }
    for _ in 0..3 {
        anybody.submit(&page, &format!("{place}/deleted"), &[]).await.expect(429).expect_text("Wait a minute");
    }
    assert_eq!(look_ups(&ends), 3);
}

#[tokio::test]
async fn the_older_bodies_are_read_too() {
    let ends = TestLoop::start().await;
    let visitor = ends.visitor();
    let user = json!({ "id_str": "2222222222222222222", "screen_name": "mara_w", "name": "Mara W" });
    let tweet = json!({
        "id_str": "2080765813578191303", "text": "@acme my router drops wif…", "truncated": true, "user": user,
        "extended_tweet": { "full_text": "@acme my router drops wifi &amp; sound every evening" },
        "entities": { "user_mentions": [{ "screen_name": "acme", "id_str": US, "indices": [0, 5] }] },
    });
    send(&ends, &json!({ "for_user_id": US, "tweet_create_events": [tweet] })).await;
    eventually("it is a question", async || {
        visitor.get("/newest").await.says("My router drops wifi & sound every evening")
    })
    .await;
    let deleted = json!({ "status": { "id": "2080765813578191303", "user_id": "2222222222222222222" } });
    send(&ends, &json!({ "for_user_id": US, "tweet_delete_events": [deleted] })).await;
    eventually("it is gone", async || !visitor.get("/newest").await.says("wifi & sound")).await;
}
