//! Rough days, told through HTTP: events that could not reach us, an account without money, a body that never ends, and
//! clocks that do not agree.

use std::time::Duration;

use answerwell::bridge::count_waiting;
use answerwell::clock::{Clock, Millis};
use answerwell::db::DbError;
use answerwell::members::Role;
use answerwell::sim::x::{Fault, FaultKind};
use diesel::RunQueryDsl;
use diesel::sql_types::Text;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{Person, TestLoop, eventually};

const HOUR: Duration = Duration::from_secs(3600);

/// Staff write back to whoever posted this; returns the id of the post and the place of its thread on the desk.
async fn written_back(ends: &TestLoop, staff: &Person, handle: &str) -> (String, String) {
    let (post, question) = ends.asks(handle, "@acme my router drops wifi every evening").await;
    let place = format!("/desk/questions/{question}");
    let thread = staff.get(&place).await.expect(200);
    staff.submit(&thread, &format!("{place}/messages"), &[("text", "Which model is it?")]).await.expect(200);
    (post, place)
}

fn calls(ends: &TestLoop, path: &str) -> usize {
    ends.twin.calls().iter().filter(|call| call.1 == path).count()
}

#[tokio::test]
async fn what_the_webhook_could_not_bring_is_asked_for_again() {
    let clock = Clock::fixed(Millis::parse_rfc3339("2026-11-22T09:00:00Z").unwrap());
    // Nobody polls: what arrives comes by the webhook.
    let ends = TestLoop::start_on(clock.clone(), |config| config.bridge.poll_every = 1_000 * HOUR).await;
    eventually("the only poll is over", async || ends.twin.calls().iter().any(|call| call.1.ends_with("/tweets")))
        .await;
    ends.asks("mara_w", "@acme my router drops wifi every evening").await;

    clock.advance(Duration::from_secs(60));
    ends.twin.set_fault(Fault::new(FaultKind::WebhookOff, 2));
    let lost = [
        ends.says("tom_k", "@acme and mine does so every morning", None),
        ends.says("ida_r", "@acme mine needs an update, it says", None),
    ];
    eventually("both events are lost", async || ends.twin.count_faults() == 0 && ends.twin.is_told()).await;
    assert_eq!(ends.db().read(count_waiting).await.unwrap(), 1);
    assert_eq!(calls(&ends, "/2/webhooks/replay"), 0);

    // What was not heard of for ten minutes is asked for from the last time on.
    clock.advance(Duration::from_secs(11 * 60));
    for post in &lost {
        ends.waiting_for(post).await;
    }
    eventually("X has sent all of it", async || ends.twin.is_told()).await;
    assert_eq!(calls(&ends, "/2/webhooks/replay"), 1);
    assert_eq!(ends.db().read(count_waiting).await.unwrap(), 3, "the first came twice, and stands once");
    let list = ends.visitor().get("/newest").await.expect(200);
    assert_eq!(list.links().into_iter().filter(|link| link.starts_with("/questions/")).count(), 3);
}

#[tokio::test]
async fn a_channel_that_broke_is_brought_back_by_looking_again() {
    let ends = TestLoop::start().await;
    let (admin, staff) = (ends.person("Ada Admin", Role::Admin).await, ends.staff().await);
    ends.twin.set_fault(Fault::new(FaultKind::CreditsDepleted, 1).on("POST", "/2/tweets"));
    let (post, _) = written_back(&ends, &staff, "mara_w").await;
    let told = "no credits left at X";
    eventually("the channel page says so", async || admin.get("/admin/channels").await.says(told)).await;
    staff
        .get("/desk/deliveries")
        .await
        .expect(200)
        .expect_text("The credits for @acme at X are used up; 1 reply waits");
    // The reason is for people alone: in whatever language it stands there, the same is known and done about it.
    let reason = "Das Guthaben ist aufgebraucht.";
    ends.db()
        .write(move |tx| {
            let update = diesel::sql_query("UPDATE channel SET reason = $1");
            Ok::<_, DbError>(update.bind::<Text, _>(reason).execute(&mut **tx)?)
        })
        .await
        .unwrap();
    staff.get("/desk/deliveries").await.expect_text("The credits for @acme at X are used up; 1 reply waits");
    let page = admin.get("/admin/channels").await;
    page.expect_text("Needs you")
        .expect_text("1 reply waits for X")
        .expect_text(reason)
        .expect_text("Open X's console");
    assert!(ends.ours_under(&post).is_empty());

    let checked = admin.submit(&page, "/admin/channels/check", &[]).await.expect(200);
    checked.expect_text("X knows us as @acme");
    assert!(!checked.says(told) && !checked.says(reason), "{}", checked.text());
    ends.replies(&post, 1).await;
    assert!(!staff.get("/desk/deliveries").await.says("are used up"));
}

#[tokio::test]
async fn a_body_of_a_hundred_megabytes_is_refused_after_the_first() {
    const ALL: usize = 100 * 1024 * 1024;
    /// The megabyte that is read, and one more: nobody is asked for the rest.
    const FIRST: usize = 2 * 1024 * 1024;
    let ends = TestLoop::start().await;
    let address = ends.address.strip_prefix("http://").unwrap().to_owned();
    for length in [format!("content-length: {ALL}"), "transfer-encoding: chunked".to_owned()] {
        let head = format!(
            "POST /webhooks/x HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n{length}\r\n\r\n"
        );
        let chunk = [b"10000\r\n".as_slice(), &[b'x'; 0x1_0000], b"\r\n"].concat();
        let part = if length.ends_with("chunked") { &chunk[..] } else { &chunk[7..7 + 0x1_0000] };
        let mut line = TcpStream::connect(&address).await.unwrap();
        line.write_all(head.as_bytes()).await.unwrap();
        for _ in 0..FIRST / 0x1_0000 {
            line.write_all(part).await.unwrap();
        }
        // Who waited for the end of the body would wait for ever.
        let mut answer = vec![0; 64 * 1024];
        let read = timeout(Duration::from_secs(60), line.read(&mut answer)).await;
        let read = read.unwrap_or_else(|_| panic!("{length}: no answer")).unwrap();
        let answer = String::from_utf8_lossy(&answer[..read]);
        assert!(answer.starts_with("HTTP/1.1 413"), "{length}: {answer}");
    }
    ends.asks("mara_w", "@acme my router drops wifi every evening").await;
}

#[tokio::test]
async fn clocks_that_do_not_agree_lose_nothing_and_send_nothing_twice() {
    let right = Clock::Real.now();
    for ours in [right.plus(HOUR), right.minus(HOUR)] {
        let ends = TestLoop::start_by(Clock::fixed(ours), Clock::fixed(right)).await;
        let staff = ends.staff().await;
        let (post, _) = written_back(&ends, &staff, "mara_w").await;
        ends.replies(&post, 1).await;
        // X takes it, and its answer is lost: whether it is seen among our posts, clocks decide; that it is not sent
        // again, they do not.
        ends.twin.set_fault(Fault::new(FaultKind::DropAfter, 1).on("POST", "/2/tweets"));
        let (post, place) = written_back(&ends, &staff, "tom_k").await;
        eventually("the desk says how it stands", async || {
            let page = staff.get(&place).await;
            page.says("Not sure it arrived") || page.says("Sent")
        })
        .await;
        ends.replies(&post, 1).await;
        ends.asks("ida_r", "@acme mine works, thank you").await;
        assert_eq!(ends.ours_under(&post).len(), 1, "ours is {}, X's is {}", ours.to_words(), right.to_words());
    }
}
