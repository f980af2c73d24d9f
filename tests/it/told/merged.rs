//! Notices of a question that is part of another: they name the question that their reader knows, and lead to what they tell of.

use answerwell::members::Role;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;

use super::{Site, confirm, count, is_told};
use crate::forum::TITLE;
use crate::support::{Answer, Person, eventually};
use crate::tools::{answer, ask_here, desk_place};

const OTHER: &str = "The network is gone each evening at eight";

async fn merge(staff: &Person, question: i64, into: i64) {
    let into = into.to_string();
    staff.post_form(&format!("{}/merge", desk_place(question)), &[("into", into.as_str())]).await.expect(200);
}

async fn unmerge(staff: &Person, question: i64) {
    staff.post_form(&format!("{}/unmerge", desk_place(question)), &[]).await.expect(200);
}

/// Where a notice of the page leads; it is read then.
async fn open(who: &Person, notice: &str) -> String {
    let request = who.request(Method::POST, notice).header("sec-fetch-site", "same-origin");
    let opened = who.send(request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body("")).await.expect(303);
    opened.location().unwrap_or_default().to_owned()
}

/// The addresses of the notices of the page, newest first.
fn notices(page: &Answer) -> Vec<String> {
    let begun = page.body.split("action=\"/notices/").skip(1).filter_map(|rest| rest.split('"').next());
    begun.filter(|id| id.parse::<i64>().is_ok()).map(|id| format!("/notices/{id}")).collect()
}

#[tokio::test]
async fn a_notice_names_the_question_one_followed_and_leads_to_the_answer() {
    let site = Site::start().await;
    let (casey, parker, nora) = (site.app.customer().await, site.app.peer().await, site.app.staff().await);
    let olga = site.app.person("Olga Other", Role::Member).await;
    confirm(&site.app, &parker).await;
    let main = ask_here(&casey, TITLE).await;
    let other = ask_here(&parker, OTHER).await;
    let id = answer(&olga, other, "Change the channel to 11.").await;
    is_told(&parker, &format!("Olga Other answered “{OTHER}”")).await;
    eventually("everybody was told", async || count(&site.app, "news").await == 0).await;
    // Merged before anybody read it, or had it mailed.
    merge(&nora, other, main).await;
    let told = parker.get("/notices").await.expect(200);
    told.expect_text(&format!("Olga Other answered “{OTHER}”"));
    told.expect_text(&format!("merged a question of yours into “{TITLE}”"));
    site.settle().await;
    let mails = site.mails_to(&parker);
    let mail = mails.iter().find(|mail| mail.contains("answered")).expect("a mail");
    assert!(mail.contains(&format!("Re: {OTHER}")) && mail.contains(&format!("/answers/{id}")), "{mail}");

    // From the page and from the mail alike: to the answer, in the thread where it stands now.
    let listed = notices(&told);
    assert_eq!(open(&parker, listed.last().expect("the first one")).await, format!("/answers/{id}"));
    let led = parker.send(parker.request(Method::GET, &format!("/answers/{id}"))).await;
    let place = led.location().unwrap_or_default().to_owned();
    assert!(place.starts_with(&format!("/questions/{main}/")) && place.ends_with(&format!("#answer-{id}")), "{place}");
    // A new one is of the thread that they follow now.
    let more = answer(&olga, main, "Or restart it.").await;
    is_told(&parker, &format!("Olga Other answered “{TITLE}”")).await;
    // What is gone by then leads to its thread.
    let hide = [("act", "hide"), ("reason", "It advertises.")];
    nora.post_form(&format!("/desk/moderate/answer-{more}"), &hide).await.expect(200);
    let told = parker.get("/notices").await.expect(200);
    let led = open(&parker, &notices(&told)[0]).await;
    assert!(led.starts_with(&format!("/questions/{main}/")) && !led.contains('#'), "{led}");
}

#[tokio::test]
async fn whose_question_was_merged_hears_once_that_it_stands_for_itself_again() {
    let site = Site::start().await;
    let (casey, parker, nora) = (site.app.customer().await, site.app.peer().await, site.app.staff().await);
    let main = ask_here(&casey, TITLE).await;
    let other = ask_here(&parker, OTHER).await;
    merge(&nora, other, main).await;
    unmerge(&nora, other).await;
    // A double click undoes nothing more, and tells nobody.
    nora.post_form(&format!("{}/unmerge", desk_place(other)), &[]).await.expect(200);
    let told = parker.get("/notices").await.expect(200);
    told.expect_text(&format!("Sam Staff made your question “{OTHER}” stand for itself again"));
    told.expect_text(&format!("It was part of: {TITLE}"));
    assert_eq!(count(&site.app, &format!("notice WHERE kind = 'unmerged' AND member_id = {}", parker.id)).await, 1);
    assert_eq!(count(&site.app, "notice WHERE kind = 'unmerged'").await, 1, "nobody else was told of the merge");
    // Who did it themselves needs no word of it.
    let own = ask_here(&nora, "The lamp of the router blinks all day").await;
    merge(&nora, own, main).await;
    unmerge(&nora, own).await;
    assert_eq!(count(&site.app, "notice WHERE kind = 'unmerged'").await, 1);
}
