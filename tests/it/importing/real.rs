//! Real dumps, where `ANSWERWELL_TEST_DATA` names the folder of them.

use std::path::PathBuf;

use answerwell::trust::raise_due;

use super::{import, imported, leads, said, score};
use crate::support::TestApp;

/// The folder of a real dump; `None`: it is not here, which is told.
fn real(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("ANSWERWELL_TEST_DATA").map(|data| PathBuf::from(data).join("data").join(name));
    let found = folder.filter(|folder| folder.is_dir());
    if found.is_none() {
        eprintln!("left out: ANSWERWELL_TEST_DATA names no folder with the dump {name}");
    }
    found
}

#[tokio::test]
async fn a_real_site_comes_over_whole() {
    let Some(folder) = real("stackexchange-alcohol") else { return };
    let site = TestApp::start().await;
    let output = import(&site, &folder, &[]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    eprintln!("{}", said(&output));
    let told = said(&output).split_whitespace().collect::<Vec<_>>().join(" ");
    for line in [
        "Brought over stackexchange-alcohol",
        "questions 1,029 1,029 0",
        "answers 2,277 2,277 0",
        "accepted 619 619 0",
        "comments 3,509 3,509 0",
        "votes 18,564",
        "links 148 141 0",
        "users 6,863 1,352 0",
    ] {
        assert!(told.contains(line), "{line:?} is not in: {told}");
    }
    let visitor = site.visitor();
    let thread = visitor.get("/questions/1").await.expect(200);
    thread.expect_text("What is a citra hop, and how does it differ from other hops?");
    assert_eq!((score(&thread, "question-1"), score(&thread, "answer-4")), (19, 14));
    thread.expect_text("Accepted");
    assert!(leads(&visitor, "/a/4").await.ends_with("#answer-4"));
    visitor.get("/questions/29").await.expect(200).expect_text("The same was asked before");
    for page in ["/", "/newest", "/unanswered", "/tags", "/people?period=all", "/tags/history"] {
        visitor.get(page).await.expect(200);
    }
    // Who wrote there and cannot sign in here is told nothing, whatever they earned.
    let now = site.app.clock.now();
    assert_eq!(site.db().write(move |tx| raise_due(tx, now, 1_000, false)).await.unwrap(), 0);
    let again = imported(&site, &folder, &[]);
    assert!(
        again.contains("Nothing of stackexchange-alcohol was new") && again.contains("answers 2,277 0 2,277"),
        "{again}"
    );
}

#[tokio::test]
async fn a_small_real_site_comes_over_beside_another() {
    let Some(folder) = real("stackexchange-conlang-meta") else { return };
    let site = TestApp::start().await;
    imported(&site, super::dump::small().path(), &["--site", "beer.example"]);
    let told = imported(&site, &folder, &["--site", "conlang.meta.example"]);
    assert!(told.contains("questions 54 54 0") && told.contains("answers 115 115 0"), "{told}");
    site.visitor().get("/questions/10").await.expect(200).expect_text("How do I store hops?");
}
