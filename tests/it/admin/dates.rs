//! Business hours and response targets: written down, previewed, and counted by what waits.

use answerwell::clock::{Clock, Millis};
use answerwell::db::DbError;
use answerwell::hours::{self, Target, Targets};
use answerwell::queue::{self, Item, Kind, Subject};

use super::{admin, office};
use crate::forum::insert_topic;
use crate::support::{Person, TestApp};

/// Sunday, 22 November 2026, noon in Berlin.
fn sunday() -> Millis {
    Millis::parse_rfc3339("2026-11-22T11:00:00Z").unwrap()
}

async fn due(app: &TestApp, since: Millis, channel: Option<i64>, topic: Option<i64>) -> String {
    let read = move |conn: &mut _| Ok::<_, DbError>(Targets::load(conn)?.due(since, channel, topic));
    app.db().read(read).await.unwrap().to_rfc3339()
}

async fn berlin(ada: &Person) {
    let page = ada.get("/admin/hours/new").await.expect(200);
    let filled = [("name", "Berlin"), ("zone", "Europe/Berlin"), ("holidays", "2026-11-23 Stocktaking")];
    ada.submit(&page, "/admin/hours/new", &filled).await.expect(200).expect_text("Saved.");
}

#[tokio::test]
async fn business_hours_are_previewed_saved_and_changed_by_one_at_a_time() {
    let app = TestApp::start_with(Clock::fixed(sunday()), |_| {}).await;
    let ada = admin(&app).await;
    let page = ada.get("/admin/hours/new").await.expect(200);
    assert!(page.body.contains("<option value=\"Europe/Berlin\">") && page.body.contains("<option value=\"UTC\">"));
    let filled = [("name", "Berlin"), ("zone", "europe/berlin"), ("saturday", "10-14"), ("act", "preview")];
    let shown = ada.submit(&page, "/admin/hours/new", &filled).await.expect(200);
    shown.expect_text("Not saved yet").expect_text("Saturday 28 Nov 2026, 23:00 is due on Monday 30 Nov 2026, 09:12");
    shown.expect_text("Friday 27 Nov 2026, 16:55 is due on Saturday 28 Nov 2026, 10:07");
    assert!(app.db().read(hours::list).await.unwrap().is_empty());
    let list = ada.submit(&shown, "/admin/hours/new", &[("act", "save")]).await.expect(200);
    list.expect_text("Monday to Friday 09:00-17:00").expect_text("Saturday 10:00-14:00").expect_text("Sunday closed");
    list.expect_text("closed now").expect_text("no target counts by them");

    let page = ada.get("/admin/hours/1").await.expect(200);
    assert_eq!(page.field("zone").as_deref(), Some("Europe/Berlin"));
    let saved = ada.submit(&page, "/admin/hours/1", &[("sunday", "00:00-24:00"), ("act", "save")]).await.expect(200);
    saved.expect_text("open now");
    let late = ada.submit(&page, "/admin/hours/1", &[("zone", "Asia/Tokyo"), ("act", "save")]).await.expect(422);
    late.expect_text("Somebody else saved these hours");
    assert_eq!(late.field("zone").as_deref(), Some("Asia/Tokyo"));
    ada.submit(&late, "/admin/hours/1", &[("act", "save")]).await.expect(200).expect_text("Asia/Tokyo");
    // A name stands for one calendar; what counts for a target is not deleted.
    let page = ada.get("/admin/hours/new").await;
    let taken = ada.submit(&page, "/admin/hours/new", &[("name", "Berlin"), ("zone", "UTC"), ("act", "save")]).await;
    taken.expect(422).expect_text("Other hours have this name");
    let page = ada.get("/admin/targets").await;
    ada.submit(&page, "/admin/targets", &[("hours", "1")]).await.expect(200);
    ada.post_form("/admin/hours/1/delete", &[]).await.expect(200).expect_text("Nothing was changed");
    assert_eq!(app.db().read(hours::list).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_wrong_with_hours_is_said_at_its_field_and_all_of_it_kept() {
    let app = TestApp::start_with(Clock::fixed(sunday()), |_| {}).await;
    let ada = admin(&app).await;
    for (field, value, said) in [
        ("name", " ", "The name is missing"),
        ("zone", "Berlin", "is no time zone"),
        ("zone", "", "The time zone is missing"),
        ("wednesday", "9 to 5", "is no opening"),
        ("wednesday", "17:00-09:00", "ends before it begins"),
        ("wednesday", "09:00-12:00, 11:00-13:00", "overlap"),
        ("holidays", "Christmas", "is no day"),
        ("holidays", "2026-02-30 Never", "is no day"),
    ] {
        let page = ada.get("/admin/hours/new").await;
        let usual = [("name", "Berlin"), ("zone", "Europe/Berlin"), ("friday", "09:00-12:00"), ("act", "save")];
        let mut filled: Vec<_> = usual.into_iter().filter(|(name, _)| *name != field).collect();
        filled.push((field, value));
        let answer = ada.submit(&page, "/admin/hours/new", &filled).await.expect(422);
        answer.expect_text(said);
        assert_eq!(answer.field(field).as_deref().map(str::trim), Some(value.trim()));
        assert_eq!(answer.field("friday").as_deref(), Some("09:00-12:00"));
        assert!(answer.body.contains(&format!("id=\"{field}-error\"")), "{field}");
    }
    // Hours that never open would never end.
    let closed = ["monday", "tuesday", "wednesday", "thursday", "friday"].map(|day| (day, ""));
    let mut form = vec![("name", "Never"), ("zone", "UTC"), ("act", "save")];
    form.extend(closed);
    ada.post_form("/admin/hours/new", &form).await.expect(422).expect_text("These hours never open");
    assert!(app.db().read(hours::list).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_narrowest_target_holds_and_counts_in_its_hours() {
    let app = TestApp::start_with(Clock::fixed(sunday()), |_| {}).await;
    let ada = admin(&app).await;
    let topic = insert_topic(&app, "wifi", "Wi-Fi").await.0;
    ada.get("/admin/targets").await.expect_text("12 minutes around the clock as shipped");
    assert_eq!(due(&app, sunday(), None, None).await, "2026-11-22T11:12:00Z");
    berlin(&ada).await;
    let page = ada.get("/admin/targets").await.expect(200);
    let saved = ada.submit(&page, "/admin/targets", &[("minutes", "90"), ("hours", "1")]).await.expect(200);
    saved.expect_text("Everything else 1 hour 30 minutes Berlin");
    let page = ada.get(&format!("/admin/targets?topic={topic}")).await.expect(200);
    ada.submit(&page, "/admin/targets", &[("minutes", "5")]).await.expect(200).expect_text("Wi-Fi 5 minutes");
    // Monday is a holiday; Wi-Fi does not wait for any.
    assert_eq!(due(&app, sunday(), None, None).await, "2026-11-24T09:30:00Z");
    assert_eq!(due(&app, sunday(), None, Some(topic)).await, "2026-11-22T11:05:00Z");

    // Two at once: the later one is told what stands there now, and may replace it.
    let late = ada.submit(&page, "/admin/targets", &[("minutes", "7")]).await.expect(422);
    late.expect_text("There is a target for this already: 5 minutes");
    assert_eq!(late.field("minutes").as_deref(), Some("7"));
    ada.submit(&late, "/admin/targets", &[]).await.expect(200).expect_text("7 minutes");
    // Another choice than the one the page began with replaces nothing unseen either.
    let page = ada.get("/admin/targets").await;
    let other = [("topic", topic.to_string()), ("minutes", "8".to_owned())];
    let other: Vec<(&str, &str)> = other.iter().map(|(name, value)| (*name, value.as_str())).collect();
    ada.submit(&page, "/admin/targets", &other).await.expect(422).expect_text("already: 7 minutes");

    for (field, value) in [
        ("minutes", "0"),
        ("minutes", "soon"),
        ("minutes", "20161"),
        ("topic", "99"),
        ("channel", "99"),
        ("hours", "99"),
    ] {
        let page = ada.get("/admin/targets").await;
        ada.submit(&page, "/admin/targets", &[(field, value)]).await.expect(422);
    }
    let page = ada.get("/admin/targets").await;
    let rule = app.db().read(hours::list_rules).await.unwrap()[0].id;
    let place = format!("/admin/targets/{rule}/delete");
    ada.submit(&page, &place, &[]).await.expect(200).expect_text("Deleted.");
    ada.post_form(&place, &[]).await.expect_text("somebody else was faster");
    assert_eq!(due(&app, sunday(), None, None).await, "2026-11-22T11:12:00Z");
}

/// Puts a question of Sunday noon into the queue.
async fn wait(app: &TestApp, question: i64, topic: Option<i64>) {
    let item = Item {
        kind: Kind::Asked,
        ref_id: question,
        subject: Subject::Question(question),
        topic_id: topic,
        channel_id: None,
        network: None,
        lang: None,
        since: sunday(),
        arrived_at: sunday(),
    };
    app.db().write(move |tx| queue::open(tx, &item)).await.unwrap();
}

/// When it is due in the queue.
async fn waits_until(app: &TestApp, question: i64) -> String {
    let read = move |conn: &mut _| queue::list_of_subjects(conn, &[Subject::Question(question)]);
    app.db().read(read).await.unwrap()[0].due_at.to_rfc3339()
}

#[tokio::test]
async fn what_waits_is_dated_anew_when_a_target_its_hours_or_its_topic_change() {
    let app = TestApp::start_with(Clock::fixed(sunday()), |_| {}).await;
    let ada = admin(&app).await;
    let topic = insert_topic(&app, "wifi", "Wi-Fi").await.0;
    wait(&app, 1, None).await;
    wait(&app, 2, Some(topic)).await;
    let both = async || [waits_until(&app, 1).await, waits_until(&app, 2).await];
    let soon = "2026-11-22T11:12:00Z";
    assert_eq!(both().await, [soon, soon]);
    berlin(&ada).await;
    let page = ada.get(&format!("/admin/targets?topic={topic}")).await;
    ada.submit(&page, "/admin/targets", &[("minutes", "60"), ("hours", "1")]).await.expect(200);
    assert_eq!(both().await, [soon, "2026-11-24T09:00:00Z"]);
    // The holiday falls away, and with it a day.
    let page = ada.get("/admin/hours/1").await;
    ada.submit(&page, "/admin/hours/1", &[("holidays", ""), ("act", "save")]).await.expect(200);
    assert_eq!(both().await, [soon, "2026-11-23T09:00:00Z"]);
    // What arrives later goes by it at once.
    wait(&app, 3, Some(topic)).await;
    assert_eq!(waits_until(&app, 3).await, "2026-11-23T09:00:00Z");
    let place = format!("/admin/topics/{topic}/delete");
    let page = ada.get(&place).await.expect(200);
    ada.submit(&page, &place, &[]).await.expect(200);
    assert_eq!(both().await, [soon, soon]);
}

#[tokio::test]
async fn stored_hours_come_back_as_they_were() {
    let app = TestApp::start().await;
    let stored = app
        .db()
        .write(|tx| {
            let id = hours::insert(tx, "Berlin", &office())?;
            hours::set_rule(tx, None, None, Target { minutes: 12, hours: Some(id) })?;
            hours::find(tx, id)
        })
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored.hours, office());
}
