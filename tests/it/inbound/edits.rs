//! Edits: the thread says what its author says now, under the one address, whatever arrives first.

use answerwell::bridge::Mode;

use super::hook::{MARA, TOM, Told, tell, tell_deleted};
use crate::support::{Answer, Person, TestLoop, Visitor, eventually};

const FIRST: Told = Told {
    id: "2080765813578191303",
    text: "@acme my ruter drops wifi every evening, is it just me?",
    versions: &["2080765813578191303"],
    parent: None,
    by: MARA,
};
const SECOND: Told = Told {
    id: "2080765813578191400",
    text: "@acme my router drops wifi every single evening, is it just me?",
    versions: &["2080765813578191303", "2080765813578191400"],
    parent: None,
    by: MARA,
};
const THIRD: Told = Told {
    id: "2080765813578191500",
    text: "@acme my router drops wifi at nine sharp, is it just me?",
    versions: &["2080765813578191303", "2080765813578191400", "2080765813578191500"],
    parent: None,
    by: MARA,
};

async fn shown(visitor: &Visitor, path: &str, words: &str) -> Answer {
    eventually(&format!("{path} says {words:?}"), async || visitor.get(path).await.says(words)).await;
    visitor.get(path).await
}

/// Where the only question stands.
async fn only_thread(visitor: &Visitor) -> String {
    let list = visitor.get("/newest").await.expect(200);
    let threads: Vec<String> =
        list.links().into_iter().filter(|link| link.starts_with("/questions/") && link != "/questions/ask").collect();
    let mut ids: Vec<&str> = threads.iter().filter_map(|link| link.split('/').nth(2)).collect();
    ids.dedup();
    assert_eq!(ids.len(), 1, "{threads:?}");
    format!("/questions/{}", ids[0])
}

#[tokio::test]
async fn an_edit_changes_the_question_and_replies_to_any_version_land_in_its_thread() {
    let ends = TestLoop::start().await;
    let visitor = ends.visitor();
    tell(&ends, &FIRST).await;
    shown(&visitor, "/newest", "My ruter drops wifi").await;
    let thread = only_thread(&visitor).await;
    tell(&ends, &SECOND).await;
    let page = shown(&visitor, &thread, "My router drops wifi every single evening").await;
    page.expect_text(", edited 24 Jul 2026");
    assert!(!page.says("ruter"), "{}", page.text());
    assert_eq!(only_thread(&visitor).await, thread, "still one question");
    // The index reads the new words as well.
    shown(&visitor, "/search?q=single", "router drops wifi every single evening").await;

    let reply = |id, text, parent| Told { id, text, versions: &[], parent: Some(parent), by: TOM };
    tell(&ends, &reply("2080765813578191600", "@mara_w it is the update of last week", FIRST.id)).await;
    tell(&ends, &reply("2080765813578191601", "@mara_w mine does that on channel 12", SECOND.id)).await;
    shown(&visitor, &thread, "it is the update of last week").await;
    shown(&visitor, &thread, "mine does that on channel 12").await.expect_text("2 answers");
    assert_eq!(only_thread(&visitor).await, thread);
}

#[tokio::test]
async fn versions_may_arrive_in_any_order_and_twice() {
    let ends = TestLoop::start().await;
    let visitor = ends.visitor();
    tell(&ends, &SECOND).await;
    shown(&visitor, "/newest", "every single evening").await;
    let thread = only_thread(&visitor).await;
    tell(&ends, &FIRST).await;
    tell(&ends, &THIRD).await;
    tell(&ends, &SECOND).await;
    shown(&visitor, &thread, "at nine sharp").await;
    // Whatever was told before this one has been read by now.
    tell(
        &ends,
        &Told { id: "2080765813578191700", text: "@acme hello there, my bill is wrong", versions: &[], ..FIRST },
    )
    .await;
    shown(&visitor, "/newest", "my bill is wrong").await;
    let list = visitor.get("/newest").await;
    assert!(!list.says("ruter") && !list.says("single evening"), "{}", list.text());
    list.expect_text("at nine sharp");
}

#[tokio::test]
async fn what_was_deleted_in_one_version_is_deleted_in_all() {
    let ends = TestLoop::start().await;
    let visitor = ends.visitor();
    tell(&ends, &FIRST).await;
    shown(&visitor, "/newest", "My ruter").await;
    let thread = only_thread(&visitor).await;
    tell(&ends, &SECOND).await;
    shown(&visitor, &thread, "single evening").await;
    tell_deleted(&ends, SECOND.id).await;
    eventually("the thread is gone", async || visitor.get(&thread).await.status == 410).await;
    // An edit that was under way does not bring it back.
    tell(&ends, &THIRD).await;
    tell(
        &ends,
        &Told { id: "2080765813578191700", text: "@acme hello there, my bill is wrong", versions: &[], ..FIRST },
    )
    .await;
    shown(&visitor, "/newest", "my bill is wrong").await;
    visitor.get(&thread).await.expect(410);
    assert!(!visitor.get("/newest").await.says("nine sharp"));
}

#[tokio::test]
async fn a_deletion_that_overtakes_the_edit_takes_the_original_too() {
    let ends = TestLoop::start().await;
    let visitor = ends.visitor();
    tell(&ends, &FIRST).await;
    shown(&visitor, "/newest", "My ruter").await;
    let thread = only_thread(&visitor).await;
    tell_deleted(&ends, SECOND.id).await;
    tell(&ends, &SECOND).await;
    eventually("the thread is gone", async || visitor.get(&thread).await.status == 410).await;
}

#[tokio::test]
async fn an_edited_answer_says_that_it_changed_after_it_was_verified_and_a_title_of_staff_stays() {
    let ends = TestLoop::start().await;
    let (visitor, staff) = (ends.visitor(), ends.staff().await);
    tell(&ends, &FIRST).await;
    shown(&visitor, "/newest", "My ruter").await;
    let thread = only_thread(&visitor).await;
    let reply = Told {
        id: "2080765813578191600",
        text: "@mara_w use chanel 40",
        versions: &[],
        parent: Some(FIRST.id),
        by: TOM,
    };
    tell(&ends, &reply).await;
    let page = shown(&visitor, &thread, "use chanel 40").await;
    let answer = page
        .links()
        .into_iter()
        .find_map(|link| Some(link.strip_prefix("/answers/")?.parse::<i64>().ok()?.to_string()))
        .unwrap();
    let place = format!("/desk/answers/{answer}/verify");
    let form = staff.get(&place).await.expect(200);
    let filled = [("evidence", "Tried on two routers"), ("short_form", "Use channel 40.")];
    staff.submit(&form, &place, &filled).await.expect(200);
    retitle(&staff, &thread, "Wifi of the X200 drops every evening").await;

    let edited = Told {
        id: "2080765813578191610",
        text: "@mara_w use channel 44",
        versions: &["2080765813578191600", "2080765813578191610"],
        ..reply
    };
    tell(&ends, &edited).await;
    tell(&ends, &SECOND).await;
    let page = shown(&visitor, &thread, "A newer version waits for verification").await;
    page.expect_text("use chanel 40");
    assert!(!page.says("use channel 44"), "what staff vouched for stays in sight: {}", page.text());
    let page = shown(&visitor, &thread, "every single evening").await;
    page.expect_text("Wifi of the X200 drops every evening").expect_text("1 answer");
}

async fn retitle(staff: &Person, thread: &str, title: &str) {
    let page = staff.get(thread).await.expect(200);
    staff.submit(&page, &format!("{thread}/title"), &[("title", title)]).await.expect(200);
}

#[tokio::test]
async fn where_staff_see_everything_first_they_see_the_edit_first() {
    let ends = TestLoop::start_connected(|_| {}, |access| access.mode = Mode::Hold).await;
    let (visitor, staff) = (ends.visitor(), ends.staff().await);
    tell(&ends, &FIRST).await;
    let list = shown(&staff, "/desk/held", "my ruter drops wifi").await;
    decide(&staff, &list, "publish").await;
    let thread = only_thread(&visitor).await;
    visitor.get(&thread).await.expect_text("my ruter drops wifi");

    tell(&ends, &SECOND).await;
    let list = shown(&staff, "/desk/held", "every single evening").await;
    list.expect_text("edited after it was published");
    let page = visitor.get(&thread).await.expect(200);
    assert!(!page.says("ruter") && !page.says("single evening"), "{}", page.text());
    page.expect_text("The new words wait for review");
    decide(&staff, &list, "publish").await;
    visitor.get(&thread).await.expect_text("My router drops wifi every single evening");

    tell(&ends, &THIRD).await;
    let list = shown(&staff, "/desk/held", "at nine sharp").await;
    decide(&staff, &list, "refuse").await;
    visitor.get(&thread).await.expect(410);
}

#[tokio::test]
async fn what_was_edited_while_staff_read_it_is_neither_published_nor_refused_unseen() {
    let ends = TestLoop::start_connected(|_| {}, |access| access.mode = Mode::Hold).await;
    let (visitor, staff) = (ends.visitor(), ends.staff().await);
    tell(&ends, &FIRST).await;
    let reply = Told {
        id: "2080765813578191600",
        text: "@mara_w try channel 40",
        versions: &[],
        parent: Some(FIRST.id),
        by: TOM,
    };
    tell(&ends, &reply).await;
    let stale = shown(&staff, "/desk/held", "try channel 40").await;
    stale.expect_text("my ruter drops wifi");
    tell(&ends, &SECOND).await;
    let fresh = shown(&staff, "/desk/held", "every single evening").await;

    let forms: Vec<String> =
        stale.body.split('"').filter(|one| one.starts_with("/desk/held/")).map(str::to_owned).collect();
    let [question, answer] = forms.as_slice() else { panic!("{forms:?}") };
    // The reply was not edited, but publishing it would publish what stands above it.
    for (form, act) in [(question, "publish"), (question, "refuse"), (answer, "publish")] {
        let page = staff.submit(&stale, form, &[("act", act)]).await.expect(200);
        page.expect_text("your button changed nothing").expect_text("every single evening");
    }
    visitor.get("/newest").await.expect_text("No questions yet");
    staff.submit(&fresh, answer, &[("act", "publish")]).await.expect(200).expect_text("Nothing is held");
    let page = visitor.get(&only_thread(&visitor).await).await;
    page.expect_text("every single evening").expect_text("try channel 40");
}

async fn decide(staff: &Person, list: &Answer, act: &str) {
    let at = list.body.find("/desk/held/").expect("a form");
    let action = list.body[at..].split('"').next().unwrap().to_owned();
    staff.submit(list, &action, &[("act", act)]).await.expect(200).expect_text("Nothing is held");
}
