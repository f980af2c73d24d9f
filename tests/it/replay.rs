//! Real conversations: played from a file through a twin, and shown as the talk that they were.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use answerwell::bridge::count_waiting;

use crate::support::{TestLoop, eventually};

const HEAD: &str = "tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id";

/// Two brands. Ids run against time, a reply is split, a promotion is answered, a root names nobody, and what a brand
/// said elsewhere is no part of a thread.
const TALK: [&str; 12] = [
    "20,TuneShop,False,Tue Oct 31 09:00:00 +0000 2017,New speakers &amp; cables this week https://t.co/abc,21,",
    "21,7001,True,Tue Oct 31 09:05:00 +0000 2017,@TuneShop do they work with the old remote?,22,20",
    "22,TuneShop,False,Tue Oct 31 09:09:00 +0000 2017,@7001 They do. ^AB,,21",
    "9,7002,True,Tue Oct 31 10:00:00 +0000 2017,My amplifier hums since the update. Anybody?,8,",
    "8,TuneShop,False,Tue Oct 31 10:20:00 +0000 2017,@7002 Sorry to hear that! Which firmware is it? 1/2,7,9",
    "6,TuneShop,False,Tue Oct 31 10:20:04 +0000 2017,@7002 You find it under Settings. 2/2,,9",
    "7,7002,True,Tue Oct 31 10:31:00 +0000 2017,\"@TuneShop 4.2, and my mail is __email__\",5,8",
    "5,TuneShop,False,Tue Oct 31 10:40:00 +0000 2017,@7002 Thanks! Please go to 4.3.,,7",
    "30,7003,True,Wed Nov 01 08:00:00 +0000 2017,@RailDesk is the worst at refunds,31,",
    "31,RailDesk,False,Wed Nov 01 08:30:00 +0000 2017,@7003 We can look into it.,,30",
    "32,7004,True,Wed Nov 01 08:40:00 +0000 2017,@7003 @RailDesk same for me,,30",
    "40,Elsewhere,False,Wed Nov 01 08:41:00 +0000 2017,a brand that is not connected,,",
];

const BRANDS: [&str; 4] = ["--brand", "TuneShop", "--brand", "raildesk"];

#[test]
fn a_file_of_conversations_is_played_and_every_post_is_on_a_page_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("talk.csv");
    std::fs::write(&file, format!("{HEAD}\n{}\n", TALK.join("\n"))).unwrap();
    let played = replay(folder.path(), &file, &BRANDS);
    let told = String::from_utf8_lossy(&played.stdout);
    assert!(played.status.success(), "{told}{}", String::from_utf8_lossy(&played.stderr));
    for line in [
        "sent on the twin 11 (5 by customers, 6 by brands)",
        "questions made 3",
        "follow-ups placed 2",
        "recognised as the brand's own 5",
        "ignored 1",
        "missing 0",
        "doubled 0",
    ] {
        assert!(words(&told).contains(line), "{line}: {told}");
    }
}

#[test]
fn the_same_conversations_are_played_as_comments_and_each_is_on_a_page_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("talk.csv");
    std::fs::write(&file, format!("{HEAD}\n{}\n", TALK.join("\n"))).unwrap();
    let played = replay(folder.path(), &file, &[&BRANDS[..], &["--network", "facebook"]].concat());
    let told = String::from_utf8_lossy(&played.stdout);
    assert!(played.status.success(), "{told}{}", String::from_utf8_lossy(&played.stderr));
    for line in [
        "on Facebook",
        "sent on the twin 11 (5 by customers, 6 by brands)",
        "questions made 3",
        "follow-ups placed 2",
        "recognised as the brand's own 5",
        "ignored 1",
        "missing 0",
        "doubled 0",
    ] {
        assert!(words(&told).contains(line), "{line}: {told}");
    }
}

#[test]
fn a_brand_that_does_not_answer_in_the_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("talk.csv");
    std::fs::write(&file, format!("{HEAD}\n{}\n", TALK[0])).unwrap();
    let refused = replay(folder.path(), &file, &["--brand", "acme"]);
    assert_eq!(refused.status.code(), Some(2));
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("nobody called \"acme\" answers in this file; it has TuneShop"), "{told}");
}

#[test]
fn real_conversations_arrive_once_each_on_x() {
    play_real_conversations("x");
}

#[test]
fn real_conversations_arrive_once_each_on_facebook() {
    play_real_conversations("facebook");
}

fn play_real_conversations(network: &str) {
    let Some(data) = std::env::var_os("ANSWERWELL_TEST_DATA").map(PathBuf::from) else {
        eprintln!("left out: ANSWERWELL_TEST_DATA does not name the folder of the test data");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let played = replay(folder.path(), &data.join("data/tweets/support_tweets_2000.csv"), &["--network", network]);
    let told = String::from_utf8_lossy(&played.stdout);
    assert!(played.status.success(), "{told}{}", String::from_utf8_lossy(&played.stderr));
    assert!(words(&told).contains("missing 0 doubled 0"), "{told}");
}

fn replay(folder: &Path, file: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_answerwell"))
        .args(["demo", "--port", "0", "--twin-port", "0", "--facebook-port", "0", "--report-only", "--data"])
        .arg(folder.join("demo"))
        .arg("--replay")
        .arg(file)
        .args(more)
        .output()
        .expect("the program runs")
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_talk_on_the_network_reads_as_one_and_a_promotion_is_quoted() {
    let ends = TestLoop::start_with(|config| config.bridge.poll_every = std::time::Duration::from_secs(1)).await;
    let promotion = ends.says("acme", "New: speakers & cables, all week.", None);
    let (post, question) = {
        let post = ends.says("mara_w", "Do they work with the old remote?", Some(&promotion));
        let question = ends.waiting_for(&post).await.question_id;
        (post, question)
    };
    let part = ends.says("acme", "They do, with firmware 4.3", Some(&post));
    ends.says("acme", "and with the new one of course", Some(&post));
    ends.says("mara_w", "@acme thank you, that is good to know", Some(&part));
    let place = format!("/questions/{question}");
    eventually("the whole talk stands on the page", async || {
        let page = ends.visitor().get(&place).await.text();
        page.contains("good to know") && page.contains("of course")
    })
    .await;
    let page = ends.visitor().get(&place).await;
    page.expect_text("In reply to @acme");
    page.expect_text("New: speakers & cables, all week.");
    page.expect_text("The conversation on X");
    page.expect_text("Original, part 2");
    let text = page.text();
    assert_eq!(text.matches("in reply to @mara_w").count(), 1, "the two parts are one turn: {text}");
    assert_eq!(text.matches("by the asker, in reply to @acme").count(), 1, "{text}");
}

#[tokio::test]
async fn a_burst_is_placed_in_groups_and_each_post_once() {
    let ends = TestLoop::start().await;
    for number in 0..60 {
        ends.says(&format!("user{number}"), &format!("@acme my router number {number} drops wifi"), None);
    }
    eventually("all of them wait on the desk", async || ends.db().read(count_waiting).await.expect("a count") == 60)
        .await;
}
