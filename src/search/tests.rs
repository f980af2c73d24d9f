//! What must be found and in which order, on an index without a database.

use std::path::Path;

use tempfile::TempDir;

use super::document::{Document, marks};
use super::find::{COUNTED_THROUGH, Sort, Wish};
use super::index::{Followed, OpenIndex};
use super::language::Language;
use super::look_up;
use super::plan::{Column, Narrow, Test};
use super::query::Asked;
use super::similar::{self, Among};
use super::spelling;
use crate::clock::Millis;
use crate::db::{PostKind, PostRef};
use crate::members::MemberId;
use crate::posts::Author;
use crate::questions::QuestionId;

fn question(id: i64, title: &str, body: &str) -> Document {
    Document {
        post: PostRef { kind: PostKind::Question, id },
        thread: id,
        title: title.to_owned(),
        body: body.to_owned(),
        language: Language::of(&format!("{title}\n{body}")).unwrap_or(Language::ENGLISH),
        author: Author::Member(MemberId(1)),
        topic: 0,
        tags: Vec::new(),
        marks: marks::QUESTION,
        score: 0,
        created_at: Millis(id),
    }
}

fn answer(id: i64, thread: i64, body: &str) -> Document {
    Document { post: PostRef { kind: PostKind::Answer, id }, thread, marks: 0, ..question(id, "", body) }
}

fn comment(id: i64, thread: i64, body: &str) -> Document {
    Document { post: PostRef { kind: PostKind::Comment, id }, ..answer(id, thread, body) }
}

fn up_to(change: i64) -> Followed {
    Followed { epoch: "first".to_owned(), change }
}

fn index_of(folder: &Path, documents: &[Document]) -> OpenIndex {
    let index = OpenIndex::create(&folder.join("index")).unwrap();
    index.follow(&[], documents, &up_to(1)).unwrap();
    index
}

const WISH: Wish = Wish { sort: Sort::Relevance, most: 1_000, counted: Some(COUNTED_THROUGH), except: None };

/// The best posts, best first.
fn found(index: &OpenIndex, query: &str) -> Vec<String> {
    let hits = look_up(index, &Asked::read(query), &Narrow::default(), WISH).unwrap().hits;
    hits.best.iter().map(|hit| hit.post.to_string()).collect()
}

fn some_threads() -> Vec<Document> {
    vec![
        question(1, "My router drops the Wi-Fi every evening", "It is an Acme X3. Is it just me?"),
        answer(1, 1, "Hold the reset button for ten seconds, then set the channel to 6."),
        comment(1, 1, "That did it, merci beaucoup! Café is online again."),
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
    let before = index.list_held().unwrap();
    let files = || {
        std::fs::read_dir(folder.path().join("index"))
            .unwrap()
            .filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|ending| ending == "idx"))
            .count()
    };
    let parts = files();
    let threads: Vec<i64> = (1..=8).collect();
    for change in 2..6 {
        index.follow(&threads, &some_threads(), &up_to(change)).unwrap();
    }
    assert_eq!(index.list_held().unwrap(), before, "no document twice");
    assert_eq!(files(), parts, "what is as it should be is not written again");
    index.follow(&[1], &[question(1, "About printers", "Nothing of the old words")], &up_to(6)).unwrap();
    assert_eq!(found(&index, "evening"), Vec::<String>::new(), "the old text is gone");
    assert_eq!(found(&index, "merci"), Vec::<String>::new(), "and what stood in its thread");
    assert_eq!(found(&index, "printers"), ["question-1"]);
}

#[test]
fn a_thread_that_is_read_elsewhere_is_found_there() {
    let folder = TempDir::new().unwrap();
    let index = index_of(folder.path(), &some_threads());
    let thread = |query: &str| {
        let hits = look_up(&index, &Asked::read(query), &Narrow::default(), WISH).unwrap().hits;
        hits.best.first().map(|hit| (hit.thread, hit.post.to_string()))
    };
    assert_eq!(thread("invoice"), Some((2, "question-2".to_owned())));
    let merged: Vec<Document> =
        some_threads().into_iter().filter(|one| one.thread <= 2).map(|one| Document { thread: 1, ..one }).collect();
    index.follow(&[1, 2], &merged, &up_to(2)).unwrap();
    assert_eq!(thread("invoice"), Some((1, "question-2".to_owned())), "the part is read in the whole");
    index.follow(&[1], &some_threads()[..3], &up_to(3)).unwrap();
    index.follow(&[2], &some_threads()[3..5], &up_to(4)).unwrap();
    assert_eq!(thread("invoice"), Some((2, "question-2".to_owned())), "and by itself again");
    index.follow(&[2], &[], &up_to(5)).unwrap();
    assert_eq!(found(&index, "invoice"), Vec::<String>::new(), "a thread that is not shown any more goes whole");
    assert_eq!(found(&index, "evening"), ["question-1"], "another thread is not touched");
}

#[test]
fn posts_are_found_in_any_form_of_their_language() {
    let folder = TempDir::new().unwrap();
    let index = index_of(
        folder.path(),
        &[
            question(
                1,
                "My router loses the connection",
                "It happens each evening when everybody is at home and streaming films.",
            ),
            question(
                2,
                "Mein Router verliert die Verbindung",
                "Das passiert jeden Abend, wenn alle zu Hause sind und die Geräte laufen.",
            ),
            question(
                3,
                "Mon routeur perd la connexion",
                "Cela arrive chaque soir quand tout le monde est à la maison, les appareils connectés.",
            ),
        ],
    );
    for (query, expected) in [
        ("verbindungen", "question-2"),
        ("gerät", "question-2"),
        ("GERATE", "question-2"),
        ("appareil", "question-3"),
        ("maisons", "question-3"),
        ("connections", "question-1"),
        ("der die das verliert", "question-2"),
        ("why does the router lose", "question-1"),
    ] {
        assert_eq!(found(&index, query).first().map(String::as_str), Some(expected), "{query}");
    }
}

fn narrowed(index: &OpenIndex, query: &str, tests: &[(Column, bool)]) -> (Vec<String>, usize) {
    let tests = tests.iter().cloned().map(|(what, without)| Test { what, without }).collect();
    let hits = look_up(index, &Asked::read(query), &Narrow { tests }, WISH).unwrap().hits;
    (hits.best.iter().map(|hit| hit.post.to_string()).collect(), hits.total)
}

#[test]
fn searches_are_narrowed_down_and_counted_by_thread() {
    let folder = TempDir::new().unwrap();
    let tags = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
    let first = Document {
        topic: 7,
        tags: tags(&["wifi", "r7"]),
        marks: marks::VERIFIED | marks::QUESTION,
        ..question(1, "Router drops", "Every evening")
    };
    let of_first = Document {
        topic: 7,
        tags: tags(&["wifi", "r7"]),
        marks: marks::VERIFIED | marks::VOUCHED,
        author: Author::Member(MemberId(9)),
        ..answer(1, 1, "Move the router")
    };
    let second = Document {
        topic: 8,
        tags: tags(&["wifi"]),
        marks: marks::OPEN | marks::FROM_X | marks::MIRRORED | marks::QUESTION,
        score: 5,
        ..question(2, "Router red light", "Since this evening")
    };
    let third = Document { marks: marks::OPEN | marks::QUESTION, ..question(3, "Invoice", "Where is it") };
    let index = index_of(folder.path(), &[first, of_first, second, third]);
    let hits = look_up(&index, &Asked::read("router"), &Narrow::default(), WISH).unwrap().hits;
    assert_eq!(hits.total, 2, "threads, not posts");
    assert_eq!((hits.tags["wifi"], hits.tags["r7"]), (2, 1));
    assert_eq!((hits.topics[&7], hits.topics[&8]), (1, 1));
    assert_eq!((hits.marks[&marks::VERIFIED], hits.marks[&marks::OPEN], hits.marks[&marks::FROM_X]), (1, 1, 1));
    let marked = |mark| Column::Marks(mark);
    for (query, tests, expected) in [
        ("router", vec![(marked(marks::VERIFIED), false)], 1),
        ("router", vec![(marked(marks::VERIFIED), true)], 1),
        ("router", vec![(Column::Tag("wifi".to_owned()), false)], 2),
        ("router", vec![(Column::Tag("wifi".to_owned()), false), (Column::Tag("r7".to_owned()), true)], 1),
        ("router", vec![(Column::Tag("nothing".to_owned()), false)], 0),
        ("router", vec![(Column::Topic(vec![8]), false)], 1),
        ("router", vec![(Column::Topic(vec![]), false)], 0),
        ("router", vec![(Column::Author(vec![18]), false)], 1),
        ("router", vec![(Column::After(2), false)], 1),
        ("router", vec![(Column::Before(2), false)], 1),
        ("", vec![(Column::Topic(vec![7, 8]), false)], 2),
        ("tag:wifi -drops", vec![(Column::Tag("wifi".to_owned()), false)], 1),
        // Not by an answer that does not say it either: the thread does.
        ("tag:wifi -evening", vec![(Column::Tag("wifi".to_owned()), false)], 0),
    ] {
        assert_eq!(narrowed(&index, query, &tests).1, expected, "{query} {tests:?}");
    }
    assert_eq!(narrowed(&index, "router", &[(Column::Author(vec![18]), false)]).0, ["answer-1"], "what they wrote");
    let sorted = |sort| {
        look_up(&index, &Asked::read("router"), &Narrow::default(), Wish { sort, ..WISH }).unwrap().hits.best[0].thread
    };
    assert_eq!((sorted(Sort::Newest), sorted(Sort::Votes)), (2, 2));
}

#[test]
fn what_is_still_being_typed_is_found_by_its_beginning() {
    let folder = TempDir::new().unwrap();
    let index = index_of(folder.path(), &some_threads());
    let typed = |text: &str| {
        let hits = look_up(&index, &Asked::typed(text), &Narrow::default(), WISH).unwrap().hits;
        hits.best.into_iter().map(|hit| hit.post.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(typed("inv")[0], "question-2");
    assert_eq!(typed("router eve")[0], "question-1");
    assert_eq!(typed("inv "), Vec::<String>::new(), "a space ends the word");
    assert_eq!(typed("forg")[0], "question-7");
    assert!(!typed("r").is_empty(), "one letter");
    assert_eq!(typed("路由")[0], "question-3");
}

#[test]
fn misspelt_words_are_mended_by_words_that_are_shown() {
    let folder = TempDir::new().unwrap();
    let index = index_of(folder.path(), &some_threads());
    let mended = |query: &str| spelling::mend(query, &Asked::read(query), &index).unwrap().unwrap_or_default();
    assert_eq!(mended("ruoter drops"), "router drops");
    assert_eq!(mended("\"reset buton\" invioce tag:wifi"), "\"reset buton\" invoice tag:wifi");
    assert_eq!(mended("router drops"), "", "nothing to mend");
    assert_eq!(mended("routers dropping"), "", "another form of a word is found by it");
    assert_eq!(mended("0x80070058"), "", "a number is no misspelt word");
    assert_eq!(mended("zzzzzzzz"), "", "near to nothing");
    index.follow(&[7], &[], &up_to(2)).unwrap();
    assert_eq!(mended("pasword"), "", "a word of a post that is not shown any more is not offered");
}

#[test]
fn a_long_text_finds_what_is_about_the_same() {
    let folder = TempDir::new().unwrap();
    let index = index_of(folder.path(), &some_threads());
    let text =
        "Hello, since the last update my router always drops the wifi in the evening, can anybody help please? @acme";
    let hits = look_up(&index, &Asked::about(text, ""), &similar::narrow(Among::All), similar::wish(QuestionId(0), 3))
        .unwrap()
        .hits;
    assert_eq!(hits.best[0].thread, 1);
    let hits = look_up(&index, &Asked::about(text, ""), &similar::narrow(Among::All), similar::wish(QuestionId(1), 3))
        .unwrap()
        .hits;
    assert!(hits.best.iter().all(|hit| hit.thread != 1), "never itself");
    let hits =
        look_up(&index, &Asked::about(text, ""), &similar::narrow(Among::Vouched), similar::wish(QuestionId(0), 3))
            .unwrap()
            .hits;
    assert!(hits.best.is_empty(), "nobody vouches for anything here");
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

#[test]
fn of_very_many_threads_the_choices_are_told_from_an_even_part() {
    let folder = TempDir::new().unwrap();
    let threads: Vec<Document> = (1..=20_000)
        .map(|id| Document {
            topic: id / 10_001 + 1,
            marks: if id % 4 == 0 { marks::OPEN } else { marks::VERIFIED },
            tags: vec![if id % 10 == 0 { "rare" } else { "wifi" }.to_owned()],
            ..question(id, "Router", "")
        })
        .collect();
    let index = index_of(folder.path(), &threads);
    let hits = look_up(&index, &Asked::read("router"), &Narrow::default(), WISH).unwrap().hits;
    assert!(hits.estimated);
    assert_eq!(hits.total, 20_000);
    let near = |count: usize, really: usize| assert!(count.abs_diff(really) < really / 10, "{count} for {really}");
    near(hits.topics[&1], 10_000);
    near(hits.marks[&marks::OPEN], 5_000);
    near(hits.tags["rare"], 2_000);
    let all = Wish { most: 20, ..WISH };
    let a_part = Wish { counted: Some(0), ..all };
    let [all, a_part] =
        [all, a_part].map(|wish| look_up(&index, &Asked::read("router"), &Narrow::default(), wish).unwrap().hits);
    assert_eq!(a_part.best, all.best, "what is found does not hang on what is counted");
    near(a_part.total, 20_000);
    near(a_part.tags["rare"], 2_000);
    near(a_part.marks[&marks::OPEN], 5_000);
    let of_topic = Narrow { tests: vec![Test { what: Column::Topic(vec![1]), without: false }] };
    let few = look_up(&index, &Asked::read("router tag"), &of_topic, Wish { most: 300, ..WISH }).unwrap().hits;
    assert_eq!((few.total, few.best.len()), (10_000, 300));
}

#[test]
fn what_is_found_of_very_many_does_not_hang_on_what_is_counted() {
    let folder = TempDir::new().unwrap();
    let some = |ids: std::ops::Range<i64>| -> Vec<Document> {
        let of = |id| {
            let title = if id % 3 == 0 { "Modem" } else { "Router" };
            let body = if id % 700 == 0 { "It drops, says the flibber" } else { "Its router drops" };
            Document { score: id % 97, ..question(id, title, body) }
        };
        ids.map(of).collect()
    };
    let index = index_of(folder.path(), &some(1..6_000));
    index.follow(&[], &some(6_000..17_000), &up_to(2)).unwrap();
    index.follow(&[], &some(17_000..21_000), &up_to(3)).unwrap();
    let gone: Vec<i64> = (500..1_000).chain(6_000..6_500).collect();
    index.follow(&gone, &[], &up_to(4)).unwrap();
    let mut totals = Vec::new();
    for query in ["router", "\"router drops\"", "router flibber", "flibber", "modem -its"] {
        for sort in [Sort::Relevance, Sort::Newest, Sort::Votes] {
            let [all, a_part] = [COUNTED_THROUGH, 0].map(|through| {
                let wish = Wish { sort, most: 20, counted: Some(through), ..WISH };
                look_up(&index, &Asked::read(query), &Narrow::default(), wish).unwrap().hits
            });
            assert_eq!(a_part.best, all.best, "{query} {sort:?}");
            let few = all.total < 4_000;
            let off = a_part.total.abs_diff(all.total);
            assert!(off <= if few { 0 } else { all.total / 10 }, "{query}: {} of {}", a_part.total, all.total);
            totals.push(all.total);
        }
    }
    assert_eq!(totals[0], 19_991, "what is gone is not counted");
    assert!(totals.iter().all(|total| *total > 0), "{totals:?}");
}

#[test]
fn a_title_is_marked_by_its_own_language_above_an_answer_in_another() {
    let folder = TempDir::new().unwrap();
    let spoken = |language, document: Document| Document { language, ..document };
    let german = Language::Stemmed(tantivy::tokenizer::Language::German);
    let index = index_of(
        folder.path(),
        &[
            spoken(german, question(1, "Verbindungen fallen aus", "Der Router verliert sie")),
            spoken(Language::ENGLISH, answer(1, 1, "Try the zeppelin firmware, whose connections hold")),
        ],
    );
    let hits = look_up(&index, &Asked::read("zeppelin"), &Narrow::default(), WISH).unwrap().hits;
    assert_eq!((hits.best[0].language, hits.best[0].asked_in), (Language::ENGLISH, german));
}

#[test]
fn whoever_is_told_of_one_question_is_told_where_all_words_are_there() {
    let folder = TempDir::new().unwrap();
    let index = index_of(folder.path(), &some_threads());
    let all = |query: &str| {
        let asked = Asked { all: true, ..Asked::read(query) };
        let hits = look_up(&index, &asked, &Narrow::default(), WISH).unwrap().hits;
        let mut posts: Vec<String> = hits.best.iter().map(|hit| hit.post.to_string()).collect();
        posts.sort();
        posts.join(" ")
    };
    for (query, expected) in [
        ("router", "answer-2 question-1"),
        ("router drops", "question-1"),
        ("ROUTERS dropping", "question-1"),
        ("Why does my router drop every evening?", "question-1"),
        ("router zeppelin", ""),
        ("zeppelin", ""),
        ("wi-fi router", "question-1"),
        ("understand the router", "answer-2 question-1"),
        ("change", ""),
        ("router -billing", "question-1"),
        ("\"reset button\" channel", "answer-1"),
        ("\"reset button\" router", ""),
        ("路由器断线", "question-3"),
        ("路由器换线", ""),
        ("型号断线器", ""),
        ("ルーター 切れる X3", ""),
        ("роутер 192.168.1.1", "question-6"),
        ("роутер 192.168.1.2", ""),
    ] {
        assert_eq!(all(query), expected, "{query}");
    }
    let narrow = |ids: &[u64]| {
        let keys = ids.iter().map(|id| id << 2).collect();
        narrowed(&index, "router", &[(Column::Post(keys), false)]).0
    };
    assert_eq!(narrow(&[1, 2, 3]), ["question-1"], "a post by itself, not its thread");
    assert!(narrow(&[4]).is_empty());
}

#[test]
fn what_nobody_wrote_is_not_held_against_the_rest() {
    let folder = TempDir::new().unwrap();
    let mut posts = some_threads();
    posts.extend((20..60).map(|id| question(id, "Router", "Its light is at 10 or 9 or 8 or 7")));
    let index = index_of(folder.path(), &posts);
    for (query, expected) in [
        ("\"reset button\" xyzzy", "answer-1"),
        ("billing 10.99.98.97", "answer-2"),
        ("router 10.9.8.7", "question-59"),
        ("xyzzy-router", "question-59"),
        ("router xyzzy-plugh", "question-59"),
    ] {
        assert_eq!(found(&index, query).first().map(String::as_str), Some(expected), "{query}");
    }
    assert!(found(&index, "xyzzy").is_empty() && found(&index, "10.99.98.97").is_empty());
}
