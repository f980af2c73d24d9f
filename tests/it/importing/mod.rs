//! Another site brought over from its dump: through the command, as an administrator does it, and then seen over HTTP. The dumps
//! here are small and made up, in the format of the real ones; the real ones are read where `ANSWERWELL_TEST_DATA` names them.

mod again;
mod dump;
mod real;

use std::path::Path;
use std::process::{Command, Output};

use answerwell::db::{PostKind, PostRef};
use answerwell::importing::find_score;
use answerwell::jobs::Jobs;
use answerwell::people::recount::recount;
use answerwell::votes::list_for_author;
use reqwest::Method;

use self::dump::{DumpFolder, small};
use crate::support::{Answer, TestApp, Visitor, eventually, program};

/// The command over the database and the folder of a running site.
fn import(site: &TestApp, folder: &Path, more: &[&str]) -> Command {
    let mut command = program();
    command.args(["import", "stackexchange"]).arg(folder).args(more);
    command.env("ANSWERWELL_DATABASE__URL", site.database_address()).env("ANSWERWELL_DATA__FOLDER", site.folder());
    command
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Imports, and expects that it ends well; what it said, with single spaces.
#[track_caller]
fn imported(site: &TestApp, folder: &Path, more: &[&str]) -> String {
    let output = import(site, folder, more).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    said(&output).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where an address leads with one step, and that it does so for good.
async fn leads(visitor: &Visitor, path: &str) -> String {
    let answer = visitor.send(visitor.request(Method::GET, path)).await;
    assert_eq!(answer.status, 301, "{path}: {}", answer.text());
    answer.location().unwrap().to_owned()
}

/// The score that a page shows of a post, between its two buttons.
#[track_caller]
fn score(page: &Answer, post: &str) -> i64 {
    let form = page.body.split(&format!("name=\"post\" value=\"{post}\"")).nth(1).unwrap_or_default();
    let shown = form.split("class=\"score").nth(1).and_then(|after| after.split(['>', '<']).nth(1)).unwrap_or_default();
    shown
        .trim()
        .replace('−', "-")
        .parse()
        .unwrap_or_else(|_| panic!("{} shows no score of {post}: {shown:?}", page.path))
}

/// What a search for these words finds, once it found something.
async fn found(visitor: &Visitor, words: &str) -> Answer {
    let path = format!("/search?q={words}");
    eventually(&format!("{words} is found"), async || visitor.get(&path).await.body.contains("<mark>")).await;
    visitor.get(&path).await
}

#[tokio::test]
async fn a_dump_becomes_threads_with_all_that_hangs_on_them() {
    let site = TestApp::start().await;
    let mut jobs = Jobs::default();
    let (search, stop) = (site.app.search.clone(), jobs.stop());
    jobs.spawn(async move { search.run(stop).await });
    let folder = small();
    let told = imported(&site, folder.path(), &["--site", "beer.example"]);
    for line in [
        "Brought over beer.example: 7 questions, answers and comments",
        "questions 4 3 0",
        "answers 3 2 0",
        "accepted 1 1 0",
        "comments 4 2 0",
        "votes 6 4 0",
        "links 3 2 0",
        "users 3 2 0",
        "rows without an Id: 1",
        "rows whose Id came before: 1",
        "posts that are neither question nor answer (descriptions of tags and the like): 1",
        "answers whose question is not in the dump: 1",
        "comments on posts that are not in the dump: 1",
        "comments without words: 1",
        "links of which an end is not here or is no question, or of an unknown kind: 1",
        "votes on posts that are not here, such as deleted ones: 1",
        "votes that say nothing of a post's worth (bounties, bookmarks, closing, moderation): 1",
        "members who wrote nothing, and need no account: 1",
        "badges: 1",
        "tags that are written as tags are here (c++ is cpp): 2",
        "dates that could not be true; another one stands in their place: 1",
        "more accounts, of authors of whom the dump holds a name or a number alone: 3",
    ] {
        assert!(told.contains(line), "{line:?} is not in: {told}");
    }

    let visitor = site.visitor();
    let thread = visitor.get("/questions/10").await.expect(200);
    assert_eq!(thread.path, "/questions/10/how-do-i-store-hops");
    thread.expect_text("How do I store hops?").expect_text("In the freezer, or in a jar? The bag says nothing.");
    thread.expect_text("Always in the").expect_text("Accepted").expect_text("What about light?");
    thread.expect_text("Linked questions Where do hops go?");
    assert_eq!((score(&thread, "question-10"), score(&thread, "answer-11")), (7, 5));
    for link in ["/members/adahopper", "/members/bob", "/tags/hops", "/tags/cpp", "/tags/node-js"] {
        assert!(thread.links().iter().any(|one| one == link), "{link} is not among {:?}", thread.links());
    }
    assert!(!thread.body.contains("<img"), "no reader's browser asks another site");
    let again = visitor.get("/questions/12").await.expect(200);
    again.expect_text("no further answers here since 3 Feb 2014: It was asked before.");
    again
        .expect_text("The same was asked before: How do I store hops?")
        .expect_text("user90")
        .expect_text("Former member");
    visitor.get("/questions/16").await.expect(200).expect_text("Whatever for?");

    let ada = visitor.get("/members/adahopper").await.expect(200);
    ada.expect_text("I brew at home.").expect_text("https://ada.example").expect_text("here since 21 Jan 2014");
    ada.expect_text("How do I store hops?").expect_text("0 points");
    visitor.get("/members/bob").await.expect(200).expect_text("How do I store hops? Accepted").expect_text("15 points");
    found(&visitor, "freezer").await.expect_text("How do I store hops?");
    found(&visitor, "grapefruit").await.expect_text("Where do hops go?");

    for (old, new) in [
        ("/q/10", "/questions/10/how-do-i-store-hops"),
        ("/q/10/77", "/questions/10/how-do-i-store-hops"),
        ("/questions/10/old-title", "/questions/10/how-do-i-store-hops"),
        ("/a/11", "/questions/10/how-do-i-store-hops#answer-11"),
        ("/a/11/77", "/questions/10/how-do-i-store-hops#answer-11"),
        ("/questions/10/old-title/11", "/questions/10/how-do-i-store-hops#answer-11"),
        ("/questions/11", "/questions/10/how-do-i-store-hops#answer-11"),
    ] {
        assert_eq!(leads(&visitor, old).await, new, "{old}");
    }
    for nowhere in ["/q/14", "/a/99", "/q/word", "/questions/10/x/99", "/q/99999999999999999999"] {
        visitor.get(nowhere).await.expect(404);
    }
    jobs.shut_down(std::time::Duration::from_secs(5)).await;
}

#[tokio::test]
async fn nobody_is_told_gets_work_or_takes_an_account_over() {
    let site = TestApp::start().await;
    let staff = site.staff().await;
    imported(&site, small().path(), &["--site", "beer.example"]);
    staff.get("/desk").await.expect(200).expect_text("Nobody waits");
    staff.get("/notices").await.expect(200).expect_text("Nothing to tell you yet");
    staff
        .get("/desk/members/adahopper")
        .await
        .expect(200)
        .expect_text("Brought over from beer.example")
        .expect_text("nobody signs in with it");
    assert!(!site.visitor().get("/members/adahopper").await.expect(200).says("Brought over from"));

    let visitor = site.visitor();
    for email in ["", "imported-1-1", "adahopper", "left-1"] {
        for password in ["", "imported-1-1", "three odd words"] {
            visitor.post_form("/sign-in", &[("email", email), ("password", password)]).await.expect(422);
        }
        visitor.post_form("/reset", &[("email", email)]).await;
    }
    // Whoever signs up under the same name is somebody else.
    let other = site.person("Ada Hopper", answerwell::members::Role::Member).await;
    other.get("/members/adahopper2").await.expect(200).expect_text("Change your profile");
    let thread = other.get("/questions/10").await.expect(200);
    assert!(!thread.body.contains("action=\"/answers/11/accept\""), "it is not their question");

    // What people here think of it adds to what was thought there.
    let answer = PostRef { kind: PostKind::Answer, id: 11 };
    for (value, shown) in [("1", 6), ("-1", 4), ("0", 5), ("1", 6)] {
        let voted = other.post_form("/votes", &[("post", "answer-11"), ("value", value)]).await.expect(200);
        assert_eq!(score(&voted, "answer-11"), shown);
    }
    let (there, here) = site
        .db()
        .read(move |conn| {
            let author = answerwell::posts::find_author(conn, answer)?.unwrap().member().unwrap();
            let cast = list_for_author(conn, author)?;
            Ok::<_, answerwell::db::DbError>((
                find_score(conn, answer)?,
                cast.iter().map(|cast| cast.value).sum::<i64>(),
            ))
        })
        .await
        .unwrap();
    assert_eq!((there, here), (5, 1));
    assert_eq!(recount(site.db(), site.app.clock.now()).await.unwrap().mended, 0, "reputation is as its marks say");

    // An answer given here is a thread's like any other.
    let page = other.get("/questions/10").await.expect(200);
    other
        .submit(&page, "/questions/10/answers", &[("body", "A dark cellar does as well, for a month.")])
        .await
        .expect(200);
    visitor.get("/questions/10").await.expect(200).expect_text("2 answers").expect_text("A dark cellar");
    let asked = other.get("/ask").await.expect(200);
    let new = [("title", "Which hops keep their smell longest?"), ("body", "Asked here, after the import.")];
    let place = other.submit(&asked, "/ask", &new).await.expect(200).path;
    assert_eq!(place.split('/').nth(2), Some("17"), "ids go on behind those of the dump: {place}");
}

#[tokio::test]
async fn what_cannot_be_read_is_told_before_anything_comes_over() {
    let site = TestApp::start().await;
    let (empty, torn, early) = (DumpFolder::new(), small(), small());
    torn.write_raw(
        "Comments.xml",
        "<?xml version=\"1.0\"?>\n<comments>\n<row Id=\"7\" PostId=\"10\" Text=\"x\" />\n<row Id=\"8\" <<\n</comments>",
    );
    let whole = std::fs::read_to_string(early.path().join("Posts.xml")).unwrap();
    early.write_raw("Posts.xml", &whole[..whole.len() / 2]);
    let missing = empty.path().join("nowhere");
    for (folder, more, code, words) in [
        (missing.as_path(), &[][..], 2, &["there is no folder", "Unpack the dump"][..]),
        (empty.path(), &[], 2, &["holds no Posts.xml", "Name the folder of one site"]),
        (torn.path(), &[], 1, &["Comments.xml is broken at byte", "behind the row with the Id 7", "fetch it anew"]),
        (early.path(), &[], 1, &["Posts.xml is broken at byte", "then start the import once more"]),
        (torn.path(), &["--site", " "], 2, &["is no name of a site"]),
    ] {
        let output = import(&site, folder, more).output().unwrap();
        let last = said(&output).trim_end().lines().last().unwrap_or_default().to_owned();
        assert_eq!(output.status.code(), Some(code), "{last}");
        for words in words {
            assert!(last.starts_with("answerwell: ") && last.contains(words), "{words:?} is not in: {last}");
        }
    }
    let newest = site.db().read(answerwell::questions::newest_public).await.unwrap();
    assert_eq!(newest, None, "nothing came over");
    let unfinished = site.db().read(answerwell::importing::list_unfinished).await.unwrap();
    assert_eq!(unfinished, Vec::<String>::new(), "what never began is not unfinished");

    // Rows that cannot be used are counted, and the others come.
    let odd = DumpFolder::new();
    odd.write_raw(
        "posts.xml",
        "<posts><row Id=\"1\" PostTypeId=\"1\" Title=\"Torn &nope; one\" Body=\"x\"/><row Id=\"2\" PostTypeId=\"1\" Body=\"&lt;p&gt;a&#x1F;b&lt;/p&gt;\" Score=\"much\"></row></posts>",
    );
    let told = imported(&site, odd.path(), &["--site", "odd"]);
    for line in
        ["questions 1 1 0", "rows that cannot be read: 1", "questions without a title, named by their number: 1"]
    {
        assert!(told.contains(line), "{line:?} is not in: {told}");
    }
    site.visitor().get("/questions/2").await.expect(200).expect_text("Question 2").expect_text("ab");
}
