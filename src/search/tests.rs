//! What must be found and in which order, on an index without a database.

use std::collections::HashSet;
use std::path::Path;

use tempfile::TempDir;

use super::find::find;
use super::index::{Document, Followed, OpenIndex};
use super::query::Asked;
use crate::clock::Millis;
use crate::db::{PostKind, PostRef};

fn question(id: i64, title: &str, body: &str) -> Document {
    let post = PostRef { kind: PostKind::Question, id };
    let (title, body) = (title.to_owned(), body.to_owned());
    Document { post, question_id: id, answer_id: None, title, body, vouched: false, created_at: Millis(id) }
}

fn answer(id: i64, question_id: i64, body: &str) -> Document {
    let post = PostRef { kind: PostKind::Answer, id };
    Document { post, question_id, ..question(id, "", body) }
}

fn comment(id: i64, question_id: i64, answer_id: Option<i64>, body: &str) -> Document {
    let post = PostRef { kind: PostKind::Comment, id };
    Document { post, question_id, answer_id, ..question(id, "", body) }
}

fn up_to(change: i64) -> Followed {
    Followed { epoch: "first".to_owned(), change }
}

fn index_of(folder: &Path, documents: &[Document]) -> OpenIndex {
    let index = OpenIndex::create(&folder.join("index")).unwrap();
    index.follow(&[], documents, &up_to(1)).unwrap();
    index
}

/// The keys of the best posts, best first.
fn found(index: &OpenIndex, query: &str) -> Vec<String> {
    let Some(asked) = Asked::read(query) else { return Vec::new() };
    find(index, &asked).unwrap().iter().map(|hit| hit.post.to_string()).collect()
}

fn some_threads() -> Vec<Document> {
    vec![
        question(1, "My router drops the Wi-Fi every evening", "It is an Acme X3. Is it just me?"),
        answer(1, 1, "Hold the reset button for ten seconds, then set the channel to 6."),
        comment(1, 1, Some(1), "That did it, merci beaucoup! Café is online again."),
        question(2, "Where is the invoice of last month", "I cannot find it under billing."),
        answer(2, 2, "Invoices are under Account, then Billing. The router page has none."),
        question(3, "路由器每天晚上断线怎么办", "型号是X3，重启以后也一样"),
        question(4, "ルーターがつながらない", "夜になると切れます。"),
        question(5, "공유기가 매일 저녁 끊겨요", "모델은 X3 입니다"),
        question(6, "Роутер не работает", "Ошибка 0x80070057 на 192.168.1.1"),
        question(7, "Resetting a forgotten password", "<script>alert(1)</script> does the button reset it? don't know"),
        question(8, "เราเตอร์หลุดทุกเย็น", "ช่วยด้วย"),
    ]
}

#[test]
fn what_must_be_found_is_found() {
    let folder = TempDir::new().unwrap();
    let index = index_of(folder.path(), &some_threads());
    for (query, expected) in [
        ("router drops", "answer-2 question-1"),
        ("ROUTERS DROPPING", "answer-2 question-1"),
        ("Why does my router drop the wifi every evening?", "question-1"),
        ("wifi", "question-1"),
        ("wi-fi", "question-1"),
        ("\"reset button\"", "answer-1"),
        ("\"button reset\"", "question-7"),
        ("\"reset button", "answer-1 question-7"),
        ("reset -password", "answer-1"),
        ("reset -\"ten seconds\"", "question-7"),
        ("cafe", "comment-1"),
        ("CAFÉ", "comment-1"),
        ("invoices billing", "question-2"),
        ("路由器", "question-3"),
        ("路由器断线", "question-3"),
        ("线", "question-3"),
        ("\"每天晚上\"", "question-3"),
        ("\"晚上每天\"", ""),
        ("ルーター", "question-4"),
        ("공유기", "question-5"),
        ("เราเตอร์", "question-8"),
        ("роутер", "question-6"),
        ("РОУТЕР", "question-6"),
        ("0x80070057", "question-6"),
        ("192.168.1.1", "question-6"),
        ("<script>", "question-7"),
        ("dont know", "question-7"),
        ("6", "answer-1"),
        ("x3", "question-1 question-3 question-5"),
        ("nowhere", ""),
    ] {
        let mut keys = found(&index, query);
        // The order is another test's matter.
        keys.sort();
        assert_eq!(keys.join(" "), expected, "{query}");
    }
}

#[test]
fn no_query_is_an_error() {
    let folder = TempDir::new().unwrap();
    let index = index_of(folder.path(), &some_threads());
    let long = "router ".repeat(3_000);
    let nested = "(".repeat(5_000);
    for query in [
        "a:b^^ \"((",
        "*",
        "router*",
        "-",
        "--",
        "\"",
        "\"\"",
        "- \"",
        "title:router",
        "router~99",
        "[a TO b]",
        "{",
        "\\",
        "AND OR NOT",
        "router AND",
        "+router",
        "/.*/",
        "\u{0}",
        "\u{202e}router",
        "' or 1=1 --",
        "🎉",
        "-router",
        "\"-\" -\"\"",
        "a",
        "é",
        "\"a\"",
        "-a -b",
        &long,
        &nested,
        "a-b-c-d-e-f-g",
        "\"路\"",
        "路 -由",
    ] {
        found(&index, query);
    }
    assert_eq!(found(&index, "a:b^^ \"((  router drops")[0], "question-1");
    assert_eq!(found(&index, &long)[0], "question-1");
}

#[test]
fn the_better_post_comes_first() {
    let folder = TempDir::new().unwrap();
    let index = index_of(
        folder.path(),
        &[
            question(
                1,
                "Something else",
                "The router is near the window, and there are a few more words to read here.",
            ),
            question(2, "Router near the window", "Is that bad?"),
            question(3, "Window cleaning", "Not about networks. Window, window, window, window."),
            question(4, "Placement", "The window is far away, but a router may stand near it."),
            question(5, "Dropped", "The call dropped."),
            question(6, "Drops", "The call drops."),
        ],
    );
    assert_eq!(found(&index, "router window")[0], "question-2", "the title counts most");
    let all = found(&index, "router window");
    assert!(all.ends_with(&["question-3".to_owned()]), "all of the words before one of them: {all:?}");
    let near = found(&index, "near the window");
    assert!(near[0] == "question-2" && near[1] == "question-1", "words together before words apart: {near:?}");
    assert_eq!(found(&index, "drops")[0], "question-6", "the exact word before its forms");
    assert_eq!(found(&index, "dropped")[0], "question-5", "the exact word before its forms");
}

#[test]
fn a_thread_is_found_once_and_by_its_best_post() {
    let folder = TempDir::new().unwrap();
    let documents = [
        question(1, "Firmware", "About the firmware of the router, among other things that are not short."),
        answer(1, 1, "Firmware update: hold reset."),
        answer(2, 1, "No idea about firmware update, sorry, but here is a long story about it and some more words."),
        question(2, "Other", "Firmware?"),
    ];
    let index = index_of(folder.path(), &documents);
    assert_eq!(found(&index, "firmware update hold"), ["answer-1"]);
    assert_eq!(found(&index, "firmware").len(), 2);
}

#[test]
fn the_same_changes_again_change_nothing() {
    let folder = TempDir::new().unwrap();
    let index = index_of(folder.path(), &some_threads());
    let before = index.searcher().num_docs();
    for change in 2..6 {
        index.follow(&[], &some_threads(), &up_to(change)).unwrap();
    }
    assert_eq!(index.searcher().num_docs(), before, "no document twice");
    index.follow(&[], &[question(1, "About printers", "Nothing of the old words")], &up_to(6)).unwrap();
    assert_eq!(found(&index, "evening"), Vec::<String>::new(), "the old text is gone");
    assert_eq!(found(&index, "printers"), ["question-1"]);
}

#[test]
fn what_goes_takes_along_what_stands_under_it() {
    let folder = TempDir::new().unwrap();
    let mut documents = some_threads();
    documents.push(comment(2, 1, None, "On the question itself: merci"));
    let index = index_of(folder.path(), &documents);
    let keys = |query| found(&index, query).into_iter().collect::<HashSet<_>>();
    assert_eq!(keys("cafe"), HashSet::from(["comment-1".to_owned()]));
    index.follow(&[PostRef { kind: PostKind::Answer, id: 1 }], &[], &up_to(2)).unwrap();
    assert_eq!(keys("cafe"), HashSet::new(), "the comment went with its answer");
    assert_eq!(keys("\"reset button\""), HashSet::new());
    assert_eq!(keys("merci"), HashSet::from(["comment-2".to_owned()]), "the one on the question stays");
    index.follow(&[PostRef { kind: PostKind::Question, id: 1 }], &[], &up_to(3)).unwrap();
    assert_eq!(keys("merci"), HashSet::new());
    assert_eq!(keys("invoice"), HashSet::from(["question-2".to_owned()]), "another thread is not touched");
}

#[test]
fn a_reopened_index_knows_how_far_it_was() {
    let folder = TempDir::new().unwrap();
    let place = folder.path().join("index");
    let index = OpenIndex::create(&place).unwrap();
    assert_eq!(index.followed().unwrap(), None);
    index.follow(&[], &some_threads(), &up_to(41)).unwrap();
    index.rest().unwrap();
    index.follow(&[], &[], &up_to(42)).unwrap();
    drop(index);
    let index = OpenIndex::open(&place).unwrap();
    assert_eq!(index.followed().unwrap(), Some(up_to(42)));
    assert_eq!(found(&index, "invoice"), ["question-2"]);
    assert!(!index.is_damaged());
}

#[test]
fn damage_is_seen_while_what_is_open_goes_on() {
    let folder = TempDir::new().unwrap();
    let index = index_of(folder.path(), &some_threads());
    index.rest().unwrap();
    let files = |ending: &str| -> Vec<std::path::PathBuf> {
        let all = std::fs::read_dir(folder.path().join("index")).unwrap().map(|entry| entry.unwrap().path());
        all.filter(|path| path.extension().is_some_and(|found| found == ending)).collect()
    };
    let [postings] = files("idx").try_into().unwrap();
    let whole = std::fs::read(&postings).unwrap();
    let mut turned = whole.clone();
    turned[whole.len() / 3] ^= 0xff;
    // Beside it and renamed: what is mapped already must stay as it is.
    let replace = |bytes: &[u8]| {
        let beside = folder.path().join("beside");
        std::fs::write(&beside, bytes).unwrap();
        std::fs::rename(&beside, &postings).unwrap();
    };
    replace(&turned);
    assert!(index.is_damaged(), "a turned byte");
    replace(&whole[..whole.len() / 2]);
    assert!(index.is_damaged(), "half a file");
    std::fs::remove_file(&postings).unwrap();
    assert!(index.is_damaged(), "no file");
    assert_eq!(found(&index, "invoice"), ["question-2"]);
}
