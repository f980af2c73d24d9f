//! Imports that end early and go on, that run twice, and of two sites into one forum.

use std::process::Stdio;
use std::time::Duration;

use answerwell::answers::{self, AnswerId};
use answerwell::comments::{self, CommentId};
use answerwell::db::DbError;
use answerwell::importing::list_unfinished;
use answerwell::questions::{self, QuestionId};

use super::dump::{DumpFolder, many, small};
use super::{import, imported, leads, said, score};
use crate::support::{TestApp, eventually};

#[tokio::test]
async fn an_import_that_is_killed_goes_on_where_it_was() {
    let site = TestApp::start().await;
    let (folder, questions) = (many(1, 1_500), 1_500);
    let (mut killed, mut was_told) = (0, false);
    // Each try is killed a little later than the one before, until one comes through.
    for wait in 0.. {
        let mut child = import(&site, folder.path(), &["--site", "many"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The program is to be met at work, which no condition of ours tells of.
        for _ in 0..(15 + wait * 10) {
            if child.try_wait().unwrap().is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        if child.try_wait().unwrap().is_some() {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", said(&output));
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        killed += 1;
        was_told |= site.db().read(list_unfinished).await.unwrap() == ["many"];
    }
    assert!(killed > 2 && was_told, "killed {killed} times");
    assert_eq!(site.db().read(list_unfinished).await.unwrap(), Vec::<String>::new());
    let told = imported(&site, folder.path(), &["--site", "many"]);
    assert!(told.contains("Nothing of many was new"), "{told}");
    for line in ["questions 1,500 0 1,500", "answers 1,500 0 1,500", "accepted 1,500 0 1,500", "comments 1,500 0 1,500"]
    {
        assert!(told.contains(line), "{line:?} is not in: {told}");
    }
    let counts = site.db().read(move |conn| {
        let ids: Vec<QuestionId> = (1..=questions).map(QuestionId).collect();
        let rows = questions::rows(conn, &ids)?;
        let answers = answers::load_texts_of(conn, &ids)?.len();
        let comments = comments::load_texts_of(conn, &ids)?.len();
        let right = rows.iter().all(|row| row.answer_count == 1 && row.accepted_count == 1);
        Ok::<_, DbError>((rows.len(), answers, comments, right))
    });
    assert_eq!(counts.await.unwrap(), (1_500, 1_500, 1_500, true));
    let page = site.visitor().get("/questions/7").await.expect(200);
    page.expect_text("Answer to 7.").expect_text("Thanks for 7!").expect_text("a < b");
}

#[tokio::test]
async fn a_second_run_changes_nothing_and_brings_back_nothing() {
    let site = TestApp::start().await;
    let folder = small();
    imported(&site, folder.path(), &["--site", "beer.example"]);
    let now = site.app.clock.now();
    let changed = site.db().write(move |tx| {
        answers::end_accepted(tx, AnswerId(11), now)?;
        comments::remove(tx, CommentId(1), now)?;
        questions::remove(tx, QuestionId(12), now)
    });
    changed.await.map_err(|error: DbError| error).unwrap();
    let before = site.db().read(answerwell::db::newest_change).await.unwrap();
    let told = imported(&site, folder.path(), &["--site", "beer.example"]);
    assert!(told.contains("Nothing of beer.example was new") && told.contains("nothing was changed"), "{told}");
    assert_eq!(site.db().read(answerwell::db::newest_change).await.unwrap(), before, "no page changed");
    let thread = site.visitor().get("/questions/10").await.expect(200);
    assert!(!thread.says("Accepted") && !thread.says("What about light?") && !thread.says("Linked questions"));
    for gone in ["/questions/12", "/q/12", "/a/13"] {
        site.visitor().get(gone).await.expect(410);
    }
    // More of the same site comes beside what is here.
    folder.write(
        "Posts",
        &[
            &[
                ("Id", "20"),
                ("PostTypeId", "2"),
                ("ParentId", "10"),
                ("CreationDate", "2014-03-01T00:00:00.000"),
                ("Score", "1"),
                ("Body", "<p>In a later dump.</p>"),
                ("OwnerUserId", "1"),
            ],
            &[
                ("Id", "10"),
                ("PostTypeId", "1"),
                ("CreationDate", "2014-01-21T20:26:05.383"),
                ("Score", "70"),
                ("Body", "<p>Other words.</p>"),
                ("OwnerUserId", "1"),
                ("Title", "Another title, later"),
            ],
            &[
                ("Id", "21"),
                ("PostTypeId", "2"),
                ("ParentId", "12"),
                ("CreationDate", "2014-03-01T00:00:00.000"),
                ("Score", "1"),
                ("Body", "<p>Under what was removed.</p>"),
                ("OwnerUserId", "1"),
            ],
            &[
                ("Id", "12"),
                ("PostTypeId", "1"),
                ("CreationDate", "2014-02-02T00:00:00.000"),
                ("Score", "0"),
                ("Body", "<p>x</p>"),
                ("OwnerUserId", "1"),
                ("Title", "Where do hops go?"),
            ],
        ],
    );
    let told = imported(&site, folder.path(), &["--site", "beer.example"]);
    assert!(
        told.contains("answers 2 1 0") && told.contains("answers and comments under what was removed here: 1"),
        "{told}"
    );
    let visitor = site.visitor();
    // Pages that are kept learn within a second what another process wrote.
    eventually("the new answer is shown", async || visitor.get("/questions/10").await.says("In a later dump.")).await;
    let thread = visitor.get("/questions/10").await.expect(200);
    thread.expect_text("2 answers").expect_text("How do I store hops?");
    assert_eq!(score(&thread, "question-10"), 7);
    site.visitor().get("/questions/12").await.expect(410);
}

#[tokio::test]
async fn two_sites_stand_beside_each_other_and_beside_what_was_asked_here() {
    let site = TestApp::start().await;
    let casey = site.customer().await;
    for number in 1..=3 {
        let page = casey.get("/ask").await.expect(200);
        let title = format!("Question {number} that was asked here");
        casey.submit(&page, "/ask", &[("title", &title), ("body", "Before anything came over.")]).await.expect(200);
    }
    // Its first three questions have ids that are taken here.
    let told = imported(&site, many(1, 5).path(), &["--site", "first.example"]);
    assert!(
        told.contains("questions 5 5 0")
            && told.contains("because theirs was taken; their old addresses lead to them: 3"),
        "{told}"
    );
    let visitor = site.visitor();
    visitor.get("/questions/2").await.expect(200).expect_text("Question 2 that was asked here");
    visitor.get("/questions/5").await.expect(200).expect_text("Question number 5 of many");
    let moved = leads(&visitor, "/q/2").await;
    assert!(moved.ends_with("/question-number-2-of-many") && !moved.starts_with("/questions/2/"), "{moved}");
    visitor.get(&moved).await.expect(200).expect_text("Answer to 2.").expect_text("Thanks for 2!");

    let told = imported(&site, many(4, 5).path(), &["--site", "second.example"]);
    assert!(told.contains("questions 5 5 0") && told.contains("answers 5 5 0"), "{told}");
    let again = imported(&site, many(1, 5).path(), &["--site", "first.example"]);
    assert!(again.contains("Nothing of first.example was new"), "{again}");
    // The same numbers there are other people here.
    visitor.get("/members/user1").await.expect(200).expect_text("Question number 1 of many");
    let second = visitor.get("/members/user12").await;
    assert!(second.status == 404 || !second.says("Question number 1 of many"), "{}", second.text());
    assert_eq!(visitor.get("/newest").await.expect(200).text().matches("of many").count(), 10);

    // What only its asker and the desk read is there for nobody else at its old address, either.
    let (staff, now) = (site.staff().await, site.app.clock.now());
    let hidden = site.db().write(move |tx| questions::set_private(tx, QuestionId(5), true, now)).await;
    assert!(hidden.map_err(|error: DbError| error).unwrap());
    for old in ["/q/5", "/questions/5"] {
        visitor.get(old).await.expect(404);
        staff.get(old).await.expect(200).expect_text("Question number 5 of many");
    }

    // Nothing but the posts need be there.
    let alone = DumpFolder::new();
    alone.write(
        "Posts",
        &[&[
            ("Id", "900"),
            ("PostTypeId", "1"),
            ("CreationDate", "2016-01-01T00:00:00"),
            ("Title", "All alone in its dump"),
            ("Body", "<p>Yes.</p>"),
        ]],
    );
    imported(&site, alone.path(), &[]);
    visitor.get("/q/900").await.expect(200).expect_text("All alone in its dump").expect_text("Former member");
}
