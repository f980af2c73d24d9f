//! Search over HTTP and through its handle: what is written is found, what is gone is not, and an index that is deleted,
//! damaged or foreign heals while search goes on.

use std::path::PathBuf;
use std::time::Duration;

use answerwell::answers::{self, AnswerId, NewAnswer};
use answerwell::clock::{Clock, Millis};
use answerwell::comments::{self, CommentId, NewComment};
use answerwell::db::{self, DbError, Tx, schema};
use answerwell::jobs::Jobs;
use answerwell::members::MemberId;
use answerwell::posts::Author;
use answerwell::questions::{self, NewQuestion, QuestionId};
use answerwell::search::{Search, Sort};
use answerwell::tags;
use answerwell::web::markdown;
use diesel::prelude::*;
use reqwest::Method;

use crate::support::{Answer, TestApp, eventually};

/// Longer than any test needs; a search that never catches up fails here.
const DEADLINE: Duration = Duration::from_secs(120);

/// A site whose search runs.
struct Site {
    app: TestApp,
    author: MemberId,
    /// `None` while nothing follows the feed.
    jobs: Option<Jobs>,
}

impl Site {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let author = app.person("Casey Customer", answerwell::members::Role::Member).await.id;
        let mut site = Self { app, author, jobs: None };
        site.follow();
        site
    }

    fn follow(&mut self) {
        let mut jobs = Jobs::default();
        let (search, stop) = (self.search().clone(), jobs.stop());
        jobs.spawn(async move { search.run(stop).await });
        self.jobs = Some(jobs);
    }

    async fn stop_following(&mut self) {
        self.jobs.take().unwrap().shut_down(DEADLINE).await;
    }

    fn search(&self) -> &Search {
        &self.app.app.search
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, DbError> + Send + 'static,
    ) -> T {
        self.app.db().write(work).await.unwrap()
    }

    async fn ask(&self, title: &str, body: &str) -> QuestionId {
        let new = NewQuestion {
            topic_id: None,
            author: Author::Member(self.author),
            title: title.to_owned(),
            body: body.to_owned(),
            body_html: markdown::to_html(body),
            private: false,
            created_at: Clock::Real.now(),
        };
        self.write(move |tx| questions::insert(tx, &new)).await
    }

    async fn answer(&self, question_id: QuestionId, body: &str) -> AnswerId {
        let new = NewAnswer {
            question_id,
            author: Author::Member(self.author),
            body: body.to_owned(),
            body_html: markdown::to_html(body),
            created_at: Clock::Real.now(),
        };
        self.write(move |tx| answers::insert(tx, &new)).await
    }

    async fn comment(&self, question_id: QuestionId, answer_id: Option<AnswerId>, body: &str) -> CommentId {
        let new = NewComment {
            question_id,
            answer_id,
            author: Author::Member(self.author),
            body: body.to_owned(),
            body_html: markdown::to_html(body),
            created_at: Clock::Real.now(),
        };
        self.write(move |tx| comments::insert(tx, &new)).await
    }

    /// Returns when the search has seen everything that was written.
    async fn caught_up(&self) {
        let newest = self.app.db().read(db::newest_change).await.unwrap();
        let waiting = self.search().wait_for(newest);
        tokio::time::timeout(DEADLINE, waiting).await.expect("the search follows the feed");
    }

    async fn found(&self, query: &str) -> Vec<String> {
        let results = self.search().search(query, Sort::Relevance, 1).await.unwrap();
        results.found.iter().map(|found| found.post.to_string()).collect()
    }

    async fn page(&self, query: &str) -> Answer {
        self.app.visitor().get(&format!("/search?{}", serde_urlencoded::to_string([("q", query)]).unwrap())).await
    }

    fn folder(&self) -> PathBuf {
        self.app.folder().join("index-v3")
    }
}

#[tokio::test]
async fn what_is_written_is_found_where_it_stands() {
    let site = Site::start().await;
    let question = site.ask("My router drops the Wi-Fi every evening", "Is it **just** me?").await;
    let answer = site.answer(question, "Hold the `reset` button for [ten seconds](https://acme.example/reset).").await;
    let comment = site.comment(question, Some(answer), "That did it, _merci_ beaucoup").await;
    let other = site.ask("Where is the invoice of last month", "Not under billing.").await;
    site.caught_up().await;
    assert_eq!(site.found("dropping wifi").await, [question.post().to_string()]);
    assert_eq!(site.found("\"reset button\"").await, [answer.post().to_string()]);
    assert_eq!(site.found("merci").await, [comment.post().to_string()]);
    assert_eq!(site.found("invoices").await, [other.post().to_string()]);

    let page = site.page("reset button").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("<mark>reset</mark> <mark>button</mark>"), "{}", page.body);
    assert!(page.body.contains(&format!("#{}", answer.post())), "leads to the answer: {}", page.body);
    assert!(page.body.contains("found in an answer"), "{}", page.body);
    assert!(page.body.contains("value=\"reset button\""), "the query stays in the field: {}", page.body);
}

#[tokio::test]
async fn a_snippet_is_never_markup() {
    let site = Site::start().await;
    let question =
        site.ask("Does <b>bold</b> work & how?", "`<script>alert(1)</script>` \"quoted\" <img src=x onerror=y>").await;
    site.caught_up().await;
    for query in ["alert", "bold", "<script>", "onerror quoted"] {
        let page = site.page(query).await;
        assert!(
            page.body.contains(&question.post().to_string()) || page.body.contains("Does"),
            "{query}: {}",
            page.body
        );
        for raw in ["<script>alert", "<b>bold", "<img src=x"] {
            assert!(!page.body.contains(raw), "{query}: {}", page.body);
        }
    }
    let page = site.page("\"><script>alert(2)</script>").await;
    assert!(!page.body.contains("<script>alert(2)"), "{}", page.body);
}

#[tokio::test]
async fn nothing_found_leads_on() {
    let site = Site::start().await;
    site.caught_up().await;
    let page = site.page("quantum toaster & more").await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Nothing found"), "{}", page.text());
    assert!(page.body.contains("/ask?title=quantum%20toaster%20%26%20more"), "{}", page.body);
    for query in ["", "   ", "🎉", "\"((", "^^"] {
        let page = site.page(query).await;
        assert_eq!(page.status, 200, "{query}");
        assert!(page.body.contains("name=\"q\""), "{query}: the form is there");
        assert!(!page.text().contains("Nothing found"), "{query}");
    }
}

#[tokio::test]
async fn odd_requests_get_a_page() {
    let site = Site::start().await;
    site.ask("My router drops the Wi-Fi every evening", "Is it just me?").await;
    site.caught_up().await;
    let long = format!("/search?q={}", "router+".repeat(4_000));
    for (path, status) in [
        ("/search", 200),
        ("/search?q=router&page=0", 200),
        ("/search?q=router&page=-1", 200),
        ("/search?q=router&page=99999999999999999999999", 200),
        ("/search?q=router&page=51", 200),
        ("/search?q=router&page=x", 200),
        ("/search?q=%ff%fe", 200),
        ("/search?q=a%00b", 200),
        ("/search?q=router&q=drops", 400),
        (&long, 200),
    ] {
        let shown = &path[..path.len().min(60)];
        assert_eq!(site.app.visitor().get(path).await.status, status, "{shown}");
    }
    let beyond = site.app.visitor().get("/search?q=router&page=7").await;
    assert!(beyond.text().contains("no such page"), "{}", beyond.text());
}

#[tokio::test]
async fn programs_get_json() {
    let site = Site::start().await;
    let question = site.ask("My router drops the Wi-Fi every evening", "Is it <i>just</i> me?").await;
    site.caught_up().await;
    let visitor = site.app.visitor();
    let request = visitor.request(Method::GET, "/search?q=evening").header("accept", "application/json");
    let answer = visitor.send(request).await;
    let json: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(json["total"], 1);
    assert_eq!(json["results"][0]["kind"], "question");
    assert_eq!(json["results"][0]["question"]["id"], question.0);
    let marked: Vec<&serde_json::Value> =
        json["results"][0]["title_pieces"].as_array().unwrap().iter().filter(|piece| piece["marked"] == true).collect();
    assert_eq!(marked, [&serde_json::json!({ "text": "evening", "marked": true })]);
}

#[tokio::test]
async fn pages_hold_ten_threads_each_once() {
    let site = Site::start().await;
    for number in 0..23 {
        let question = site.ask(&format!("The printer number {number} is jammed"), "Paper everywhere.").await;
        site.answer(question, "Turn the printer off. The printer must be off.").await;
    }
    site.caught_up().await;
    let mut threads = Vec::new();
    for (page, expected) in [(1, 10), (2, 10), (3, 3), (4, 0)] {
        let results = site.search().search("printer", Sort::Relevance, page).await.unwrap();
        assert_eq!((results.total, results.pages, results.found.len()), (23, 3, expected), "page {page}");
        threads.extend(results.found.iter().map(|found| found.row.id));
    }
    threads.sort();
    threads.dedup();
    assert_eq!(threads.len(), 23, "no thread twice");
    let second = site.app.visitor().get("/search?q=printer&page=2").await;
    assert!(second.body.contains("/search?q=printer&#38;page=3") || second.body.contains("q=printer&amp;page=3"));
}

#[tokio::test]
async fn what_is_removed_vanishes_even_from_an_index_that_lags() {
    let mut site = Site::start().await;
    let question = site.ask("My router drops the Wi-Fi every evening", "Is it just me?").await;
    let answer = site.answer(question, "Hold the reset button.").await;
    site.comment(question, Some(answer), "Merci beaucoup").await;
    site.comment(question, None, "Same here in Lyon").await;
    let other = site.ask("The reset of my password fails", "Again and again, dear people.").await;
    site.caught_up().await;
    site.stop_following().await;

    // Nothing follows the feed now: what is shown comes from the database all the same.
    let now = Clock::Real.now();
    site.write(move |tx| answers::remove(tx, answer, now)).await;
    assert_eq!(site.found("reset").await, [other.post().to_string()]);
    assert_eq!(site.found("merci").await, Vec::<String>::new(), "a comment goes with its answer");
    site.write(move |tx| questions::remove(tx, question, now)).await;
    assert_eq!(site.found("router").await, Vec::<String>::new());
    assert_eq!(site.found("lyon").await, Vec::<String>::new(), "a comment goes with its question");

    // And once the feed is followed, the index does not count it either.
    site.follow();
    site.caught_up().await;
    for query in ["router", "merci", "lyon", "\"reset button\""] {
        assert_eq!(site.search().search(query, Sort::Relevance, 1).await.unwrap().total, 0, "{query}");
    }
}

#[tokio::test]
async fn a_new_title_is_found_instead_of_the_old_one() {
    let site = Site::start().await;
    let question = site.ask("It does not work at all, help", "See the title.").await;
    site.caught_up().await;
    site.write(move |tx| questions::set_title(tx, question, "Firmware update fails at 70 %", Clock::Real.now())).await;
    site.caught_up().await;
    assert_eq!(site.found("firmware").await, [question.post().to_string()]);
    assert_eq!(site.search().search("work", Sort::Relevance, 1).await.unwrap().total, 0);
}

#[tokio::test]
async fn a_deleted_folder_heals_while_search_goes_on() {
    let mut site = Site::start().await;
    let question = site.ask("My router drops the Wi-Fi every evening", "Is it just me?").await;
    site.caught_up().await;
    std::fs::remove_dir_all(site.folder()).unwrap();
    assert_eq!(site.found("router").await, [question.post().to_string()], "what is open still serves");
    let later = site.ask("The printer is jammed once again", "Paper everywhere.").await;
    site.caught_up().await;
    assert_eq!(site.found("printer").await, [later.post().to_string()]);
    let folder = site.folder();
    eventually("the folder is there again", async || folder.join("meta.json").exists()).await;
    assert_eq!(site.found("router").await, [question.post().to_string()]);
    site.stop_following().await;
    let reopened = Search::open(site.app.folder().to_owned(), site.app.db().clone()).await;
    assert_eq!(reopened.indexed_up_to(), site.app.app.search.indexed_up_to(), "the new folder holds it all");
    assert_eq!(reopened.search("printer", Sort::Relevance, 1).await.unwrap().total, 1);
}

/// What befalls a file of the index.
type Damage<'a> = &'a dyn Fn(&PathBuf);

#[tokio::test]
async fn a_damaged_folder_is_put_aside_and_built_anew() {
    let mut site = Site::start().await;
    let question = site.ask("My router drops the Wi-Fi every evening", "Is it just me?").await;
    site.caught_up().await;
    site.stop_following().await;
    let files = |ending: &str| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(site.app.folder().join("index-v3")).unwrap();
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.to_string_lossy().ends_with(ending)).collect()
    };
    let damages: [(&str, Damage); 4] = [
        ("meta.json", &|file| std::fs::write(file, "").unwrap()),
        ("meta.json", &|file| std::fs::write(file, "{\"segments\": [").unwrap()),
        (".idx", &|file| std::fs::remove_file(file).unwrap()),
        (".idx", &|file| {
            let mut bytes = std::fs::read(file).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0xff;
            std::fs::remove_file(file).unwrap();
            std::fs::write(file, bytes).unwrap();
        }),
    ];
    for (number, (ending, damage)) in damages.into_iter().enumerate() {
        files(ending).iter().for_each(damage);
        let search = Search::open(site.app.folder().to_owned(), site.app.db().clone()).await;
        let mut jobs = Jobs::default();
        let (following, stop) = (search.clone(), jobs.stop());
        jobs.spawn(async move { following.run(stop).await });
        eventually("the question is found", async || {
            search
                .search("router", Sort::Relevance, 1)
                .await
                .is_ok_and(|results| results.found.iter().any(|one| one.row.id == question))
        })
        .await;
        let aside = site.app.folder().join("index-v3.damaged");
        eventually("the damaged folder is put aside", async || aside.exists()).await;
        jobs.shut_down(DEADLINE).await;
        std::fs::remove_dir_all(aside).unwrap();
        let reopened = Search::open(site.app.folder().to_owned(), site.app.db().clone()).await;
        assert_eq!(reopened.search("router", Sort::Relevance, 1).await.unwrap().total, 1, "after damage {number}");
    }
}

#[tokio::test]
async fn two_processes_on_one_folder_do_not_fight() {
    let mut site = Site::start().await;
    site.ask("My router drops the Wi-Fi every evening", "Is it just me?").await;
    site.caught_up().await;
    let second = Search::open(site.app.folder().to_owned(), site.app.db().clone()).await;
    let refusal = second.rebuild().await.unwrap_err().to_string();
    assert!(refusal.contains("another process"), "{refusal}");
    let mut jobs = Jobs::default();
    let (following, stop) = (second.clone(), jobs.stop());
    jobs.spawn(async move { following.run(stop).await });
    site.ask("The printer is jammed once again", "Paper everywhere.").await;
    eventually("the second sees what the first has committed", async || {
        second.search("printer", Sort::Relevance, 1).await.unwrap().total == 1
    })
    .await;
    site.stop_following().await;
    site.ask("Where is the invoice of last month", "Not under billing.").await;
    eventually("the second takes over", async || {
        second.search("invoice", Sort::Relevance, 1).await.unwrap().total == 1
    })
    .await;
    jobs.shut_down(DEADLINE).await;
}

#[tokio::test]
async fn another_life_of_the_database_builds_anew() {
    let site = Site::start().await;
    site.ask("My router drops the Wi-Fi every evening", "Is it just me?").await;
    site.caught_up().await;
    // A backup from before comes back: other rows under the same ids, and another epoch.
    site.write(|tx| {
        diesel::update(schema::question::table)
            .set((schema::question::title.eq("The printer is jammed"), schema::question::body.eq("Paper")))
            .execute(&mut **tx)?;
        diesel::update(schema::feed::table).set(schema::feed::epoch.eq("another")).execute(&mut **tx)?;
        Ok(())
    })
    .await;
    eventually("the new rows are found", async || site.found("printer").await.len() == 1).await;
    assert_eq!(
        site.search().search("router", Sort::Relevance, 1).await.unwrap().total,
        0,
        "nothing of the other life is left"
    );
}

#[tokio::test]
async fn a_cursor_older_than_the_feed_builds_anew() {
    let mut site = Site::start().await;
    site.ask("My router drops the Wi-Fi every evening", "Is it just me?").await;
    site.caught_up().await;
    site.stop_following().await;
    let missed = site.ask("The printer is jammed once again", "Paper everywhere.").await;
    site.ask("Where is the invoice of last month", "Not under billing.").await;
    site.write(move |tx| {
        let of_missed = schema::change::table.filter(schema::change::post_id.le(missed.0));
        diesel::delete(of_missed).execute(&mut **tx)?;
        Ok(())
    })
    .await;
    site.follow();
    site.caught_up().await;
    assert_eq!(site.found("printer").await, [missed.post().to_string()], "though its change is not kept");
}

#[tokio::test]
async fn a_restart_goes_on_where_it_was() {
    let mut site = Site::start().await;
    site.ask("My router drops the Wi-Fi every evening", "Is it just me?").await;
    site.caught_up().await;
    let reached = site.search().indexed_up_to();
    site.stop_following().await;
    let search = Search::open(site.app.folder().to_owned(), site.app.db().clone()).await;
    assert_eq!(search.indexed_up_to(), reached);
    assert_eq!(search.search("router", Sort::Relevance, 1).await.unwrap().total, 1, "before anything runs");
}

#[tokio::test]
async fn a_burst_of_writes_is_found_whole_and_once() {
    let site = Site::start().await;
    let at = Millis(Clock::Real.now().0);
    let author = site.author;
    for batch in 0..8 {
        site.write(move |tx| {
            for number in 0..100 {
                let new = NewQuestion {
                    topic_id: None,
                    author: Author::Member(author),
                    title: format!("Burst {batch} question {number} of many"),
                    body: "text".to_owned(),
                    body_html: markdown::to_html("text"),
                    private: false,
                    created_at: at,
                };
                questions::insert(tx, &new)?;
            }
            Ok(())
        })
        .await;
    }
    site.caught_up().await;
    assert_eq!(site.search().search("burst", Sort::Relevance, 1).await.unwrap().total, 800);
    site.search().rebuild().await.unwrap();
    let results = site.search().search("burst", Sort::Relevance, 50).await.unwrap();
    assert_eq!((results.total, results.pages, results.found.len()), (800, 50, 10));
}

#[tokio::test]
async fn results_are_narrowed_down_by_what_is_typed_and_by_a_click() {
    let site = Site::start().await;
    let first = site.ask("My router drops the connection", "Each evening at nine.").await;
    let second = site.ask("Router with a red light", "Since the storm.").await;
    site.write(move |tx| questions::set_tags(tx, first, &[tags::TagName::parse("wifi").unwrap()], Clock::Real.now()))
        .await;
    site.caught_up().await;
    assert_eq!(site.found("router tag:wifi").await, [first.post().to_string()]);
    assert_eq!(site.found("router -tag:wifi").await, [second.post().to_string()]);
    assert_eq!(site.found("router is:open").await.len(), 2);
    assert_eq!(site.found("author:\"casey customer\" storm").await, [second.post().to_string()]);
    assert_eq!(site.found("router before:2020").await, Vec::<String>::new());

    let page = site.page("router").await;
    page.expect_text("Narrow down");
    assert!(page.body.contains("/search?q=router%20tag%3Awifi"), "a choice is an address: {}", page.body);
    let narrowed = site.page("router tag:wifi").await;
    assert!(narrowed.body.contains("href=\"/search?q=router\""), "and is taken off by one: {}", narrowed.body);
    site.page("router is:purple").await.expect_text("narrows nothing down");
    site.page("router author:nobody").await.expect_text("Nobody here is called");
}

#[tokio::test]
async fn a_misspelt_search_is_mended_and_one_that_finds_nothing_is_counted() {
    let site = Site::start().await;
    let question = site.ask("My router drops the connection", "Each evening at nine.").await;
    site.caught_up().await;
    let page = site.page("ruoter conection").await;
    page.expect_text("This is what was found for");
    assert!(page.body.contains(&format!("/questions/{}/", question.0)), "{}", page.body);
    site.page("zeppelin").await.expect_text("Ask this as a question");
    site.page("ZEPPELIN ").await;
    site.page("mail to mara@example.com").await;
    let staff = site.app.person("Sam Staff", answerwell::members::Role::Staff).await;
    let list = staff.get("/desk/unfound").await.expect(200);
    list.expect_text("zeppelin");
    list.expect_text("2 times");
    assert!(!list.body.contains("mara@example.com"), "nobody's address is kept: {}", list.body);
}

#[tokio::test]
async fn what_is_not_for_everybody_is_in_no_result_count_choice_or_spelling() {
    let site = Site::start().await;
    let shown = site.ask("My router drops the connection", "Each evening at nine.").await;
    let secret = site.ask("My router and my password swordfish", "Please nobody else.").await;
    site.caught_up().await;
    assert_eq!(site.found("swordfish").await, [secret.post().to_string()]);
    site.write(move |tx| questions::remove(tx, secret, Clock::Real.now())).await;
    site.caught_up().await;
    let results = site.search().search("router", Sort::Relevance, 1).await.unwrap();
    assert_eq!((results.total, results.found.len()), (1, 1));
    assert_eq!(results.found[0].row.id, shown);
    for query in ["swordfish", "sword", "swordfich", "password"] {
        let results = site.search().search(query, Sort::Relevance, 1).await.unwrap();
        assert!(results.total == 0 && results.mended.is_none() && results.facets.is_empty(), "{query}: {results:?}");
        assert!(site.search().suggest(query).await.unwrap().is_empty(), "{query}");
    }
}

#[tokio::test]
async fn what_was_not_read_as_it_was_meant_is_said_and_left_out_is_the_whole_thread() {
    let site = Site::start().await;
    let evening = site.ask("My router drops the connection", "Each evening at nine.").await;
    let storm = site.ask("Router with a red light", "Since the storm.").await;
    site.answer(evening, "Move it away from the shelf, the router is too hot there.").await;
    site.caught_up().await;
    assert_eq!(site.found("router -evening").await, [storm.post().to_string()], "nor by an answer without the word");
    for (query, said) in [
        ("router AND light", "AND was looked for as a word"),
        ("rout*", "rout* was looked for as a word"),
        ("-router", "nothing here but what to leave out"),
        ("router tag:nosuch", "No question has the tag nosuch"),
        ("\"light router\"", "This comes near"),
        ("rou", "This comes near"),
        ("\"red light\" xyzzy", "Router with a red light"),
        ("author:\"no\u{0}body\" router", "Nobody here is called"),
    ] {
        site.page(query).await.expect_text(said);
    }
    // Counted is what somebody might ask: no filter, no mark without a word.
    for query in ["***", "zeppelin"] {
        site.page(query).await;
    }
    let staff = site.app.person("Sam Staff", answerwell::members::Role::Staff).await;
    let list = staff.get("/desk/unfound").await.expect(200);
    assert!(list.says("zeppelin") && !list.says("nosuch") && !list.says("***"), "{}", list.text());
}
