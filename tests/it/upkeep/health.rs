//! Whether the process answers, and whether requests can be carried out: asked over HTTP as a supervisor would.

use std::time::Duration;

use answerwell::app::App;
use answerwell::db::{Db, DbError};
use diesel::connection::SimpleConnection;

use crate::support::{Answer, TestApp, eventually};

async fn change_tables(db: &Db, sql: &'static str) {
    db.write(move |tx| Ok::<_, DbError>(tx.batch_execute(sql)?)).await.unwrap();
}

/// The reason that `/ready` gives for one of its checks.
fn reason(answer: &Answer, name: &str) -> Option<String> {
    let checks = answer.json()["checks"].as_array().unwrap().clone();
    let check = checks.into_iter().find(|check| check["name"] == name).unwrap();
    assert_eq!(check["ok"].as_bool().unwrap(), check["reason"].is_null());
    check["reason"].as_str().map(str::to_owned)
}

#[tokio::test]
async fn ready_says_what_is_missing_while_health_says_that_we_live() {
    let app = TestApp::start().await;
    let supervisor = app.visitor();
    let unready = async || supervisor.get("/ready").await.expect(503);
    supervisor.get("/health").await.expect(200);
    assert_eq!(reason(&unready().await, "workers").unwrap(), "no background work was started");
    assert_eq!(reason(&unready().await, "search").unwrap(), "the index is being built");

    let jobs = App::start(&app.app);
    eventually("the app is ready", async || supervisor.get("/ready").await.status == 200).await;
    let ready = supervisor.get("/ready").await;
    assert_eq!(ready.json()["ready"], true);
    assert_eq!(ready.header("cache-control"), Some("no-store"));
    assert_eq!(["database", "workers", "search"].map(|name| reason(&ready, name)), [None, None, None]);

    change_tables(app.db(), "DELETE FROM __diesel_schema_migrations WHERE version = '0005'").await;
    assert!(reason(&unready().await, "database").unwrap().contains("(0005); run `answerwell migrate`"));
    change_tables(app.db(), "ALTER TABLE __diesel_schema_migrations RENAME TO gone").await;
    let unreadable = unready().await;
    assert_eq!(reason(&unreadable, "database").unwrap(), "cannot be read; the log says why");
    assert!(!unreadable.body.contains("__diesel"), "anybody may ask: {}", unreadable.body);
    supervisor.get("/health").await.expect(200);
    change_tables(app.db(), "ALTER TABLE gone RENAME TO __diesel_schema_migrations").await;
    change_tables(app.db(), "INSERT INTO __diesel_schema_migrations (version) VALUES ('0005')").await;
    supervisor.get("/ready").await.expect(200);

    // Told to stop, it takes no more requests before it is gone.
    jobs.shut_down(Duration::from_secs(60)).await;
    let reason = reason(&unready().await, "workers").unwrap();
    assert!(
        reason.contains("the inbox job has ended") && reason.contains("the search index job has ended"),
        "{reason}"
    );
    supervisor.get("/health").await.expect(200);
}
