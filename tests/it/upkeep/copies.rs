//! Backup and restore, rehearsed: a copy made by the program while the forum works, brought back by the program, served.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use answerwell::db::copy::{self, CopyError};
use answerwell::db::schema::{delivery, member, topic};
use answerwell::db::{Db, DbError, Place, Tx, epoch};
use answerwell::sim::x::{Fault, FaultKind};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::{SqliteConnection, sql_query};
use diesel_migrations::{FileBasedMigrations, MigrationHarness};

use super::Run;
use crate::support::{TestApp, TestDatabase, TestLoop, Visitor, eventually, program};

const TITLE: &str = "Router drops Wi-Fi every evening \u{1F4E1} \u{7AEF}";

fn run(role: &str, file: &Path, database: &str, data: &Path) -> Output {
    let mut command = program();
    command.arg(role).arg(file).env("ANSWERWELL_DATABASE__URL", database).env("ANSWERWELL_DATA__FOLDER", data);
    command.output().unwrap()
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[track_caller]
fn said(output: &Output, code: i32) -> String {
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{said}");
    said
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn open(file: &Path) -> SqliteConnection {
    SqliteConnection::establish(&file.to_string_lossy()).unwrap()
}

fn lines(conn: &mut SqliteConnection, query: &str) -> Vec<String> {
    sql_query(query).load::<Line>(conn).unwrap().into_iter().map(|row| row.line).collect()
}

/// Every row of every table of a copy, as text; what a restore changes on purpose is left out.
fn contents(file: &Path) -> BTreeMap<String, Vec<String>> {
    let mut conn = open(file);
    let tables = "SELECT name AS line FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' \
                  AND name NOT LIKE '!_!_%' ESCAPE '!' AND name NOT IN ('feed', 'delivery', 'delivery_event', 'backup', 'periodic')";
    let tables = lines(&mut conn, tables);
    let row = |conn: &mut SqliteConnection, table: &String| {
        let columns =
            format!("SELECT 'quote(\"' || name || '\")' AS line FROM pragma_table_info('{table}') ORDER BY cid");
        let columns = lines(conn, &columns).join(" || ',' || ");
        let mut rows = lines(conn, &format!("SELECT {columns} AS line FROM \"{table}\""));
        rows.sort();
        rows
    };
    tables.into_iter().map(|table| (table.clone(), row(&mut conn, &table))).collect()
}

/// A topic and a member in one transaction: whoever sees one of them sees both.
fn write_pair(tx: &mut Tx<'_>, number: usize) -> Result<(), DbError> {
    let name = format!("pair-{number}");
    diesel::insert_into(topic::table).values((topic::slug.eq(&name), topic::name.eq(&name))).execute(&mut **tx)?;
    diesel::insert_into(member::table)
        .values((
            (member::handle.eq(&name), member::name.eq(&name), member::email.eq(&name), member::email_key.eq(&name)),
            (member::role.eq("member"), member::password_hash.eq("none"), member::created_at.eq(0)),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Writes pairs until it is told to stop, and returns how many there are.
fn keep_writing(db: Db, stop: Arc<AtomicBool>) -> tokio::task::JoinHandle<usize> {
    tokio::spawn(async move {
        let mut number = 0;
        while !stop.load(Ordering::Relaxed) {
            db.write(move |tx| write_pair(tx, number)).await.unwrap();
            number += 1;
        }
        number
    })
}

/// Two replies, one that the network holds and one that waits.
async fn leave_replies_unsent(ends: &TestLoop) {
    ends.twin.set_fault(Fault::new(FaultKind::HoldBefore, 2).on("POST", "/2/tweets"));
    let staff = ends.staff().await;
    for handle in ["maria", "jonas"] {
        let (_, question) = ends.asks(handle, &format!("@acme {handle} has no internet, what now?")).await;
        let place = format!("/desk/questions/{question}");
        let page = staff.get(&place).await.expect(200);
        let text = [("text", "Which model is it?")];
        staff.submit(&page, &format!("{place}/messages"), &text).await.expect(200);
    }
    eventually("the network holds both", async || ends.twin.held().len() == 2).await;
    let later = "UPDATE delivery SET state = 'queued', lease_until = NULL, due_at = 99999999999999 \
                 WHERE id = (SELECT max(id) FROM delivery)";
    ends.db().write(move |tx| Ok::<_, DbError>(tx.batch_execute(later)?)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_made_at_work_is_brought_back_and_served() {
    // What the network holds is given up long after the copy is made.
    let ends = TestLoop::start_with(|config| {
        config.bridge.send_timeout = Duration::from_secs(600);
        config.bridge.lease = Duration::from_secs(660);
    })
    .await;
    let customer = ends.customer().await;
    let form = customer.get("/ask").await;
    let body = "It drops.\n\nAt <b>eight</b> & \"nine\" o'clock, \\ and 100% of the time.";
    customer.submit(&form, "/ask", &[("title", TITLE), ("body", body)]).await.expect(200);
    leave_replies_unsent(&ends).await;
    let folder = tempfile::tempdir().unwrap();
    let (file, again, data) =
        (folder.path().join("copy.db"), folder.path().join("again.db"), folder.path().join("data"));
    let address = match &ends.app.config.database {
        Place::Sqlite(path) => format!("sqlite:{}", path.display()),
        Place::Postgres(address) => address.clone(),
    };

    let stop = Arc::new(AtomicBool::new(false));
    let writer = keep_writing(ends.db().clone(), Arc::clone(&stop));
    let (to, from, into) = (file.clone(), address.clone(), data.clone());
    let made = tokio::task::spawn_blocking(move || run("backup", &to, &from, &into)).await.unwrap();
    stop.store(true, Ordering::Relaxed);
    let pairs = writer.await.unwrap();
    assert!(pairs > 0);
    let told = said(&made, 0);
    assert!(told.contains("is a whole copy") && told.contains("key of the secrets is not in it"), "{told}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600, "it holds password hashes");
    let mut copied = open(&file);
    let count =
        |conn: &mut SqliteConnection, what: &str| lines(conn, &format!("SELECT count(*) || '' AS line FROM {what}"));
    let topics = count(&mut copied, "topic WHERE slug LIKE 'pair-%'");
    assert_eq!(topics, count(&mut copied, "member WHERE handle LIKE 'pair-%'"), "of one moment");
    let told = said(&run("backup", &file, &address, &data), 1);
    assert!(told.contains("is there already"), "{told}");

    let target = TestDatabase::empty();
    let told = said(&run("restore", &file, &target.address(), &data), 0);
    assert!(told.contains("2 replies had not been sent") && told.contains("secret.key"), "{told}");
    said(&run("backup", &again, &target.address(), &data), 0);
    let (before, after) = (contents(&file), contents(&again));
    assert!(before["question"].iter().any(|row| row.contains(TITLE)) && before["remote_post"].len() >= 2);
    assert!(before.keys().eq(after.keys()), "{:?} {:?}", before.keys(), after.keys());
    // What had not been sent waits for a person after it.
    let doubted = |row: &String| row.contains("'delivery'");
    assert_eq!(after["work"].iter().filter(|row| doubted(row)).count(), 2);
    for (table, rows) in before.iter().filter(|(table, _)| *table != "work") {
        assert_eq!(rows, &after[table], "{table}");
    }

    let db = Db::open(target.place.clone()).unwrap();
    let states: Vec<String> =
        db.read(|conn| Ok::<_, DbError>(delivery::table.select(delivery::state).load(conn)?)).await.unwrap();
    assert_eq!(states, ["uncertain", "uncertain"], "nothing is sent again by itself");
    assert_ne!(db.read(epoch).await.unwrap(), ends.db().read(epoch).await.unwrap());
    // New rows get new ids.
    db.write(|tx| write_pair(tx, 1_000_000)).await.unwrap();

    let mut serve = program();
    serve.arg("serve").env("ANSWERWELL_DATABASE__URL", target.address()).env("ANSWERWELL_DATA__FOLDER", &data);
    serve.env("ANSWERWELL_SERVER__BIND", format!("127.0.0.1:{}", free_port()));
    let served = Run::start(&mut serve, &folder.path().join("log")).await;
    let visitor = Visitor::at(&served.address);
    eventually("it is ready", async || visitor.get("/ready").await.status == 200).await;
    let signed_in = [("email", customer.email.as_str()), ("password", customer.password.as_str())];
    visitor.post_form("/sign-in", &signed_in).await.expect(200);
    eventually("search finds it", async || visitor.get("/search?q=router+evening").await.says(TITLE)).await;
    served.stop();
    // Used now.
    let told = said(&run("restore", &file, &target.address(), &data), 1);
    assert!(told.contains("already"), "{told}");
}

#[tokio::test]
async fn what_is_no_sound_copy_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    app.customer().await;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    copy::back_up(&app.app.config.database, &at("good.db")).unwrap();
    std::fs::write(at("note.db"), "Dear diary, today I made a backup, or so I think.".repeat(100)).unwrap();
    std::fs::write(at("empty.db"), "").unwrap();
    open(&at("other.db")).batch_execute("CREATE TABLE dear_diary (day TEXT)").unwrap();
    let mut bytes = std::fs::read(at("good.db")).unwrap();
    // Pages of tables, in the middle of the file: the list of what there is begins before them and ends after them.
    for page in bytes.chunks_mut(4_096).skip(120).take(5) {
        page[..8].fill(0x5a);
    }
    std::fs::write(at("damaged.db"), &bytes).unwrap();
    // The list of tables begins on the first page, behind the hundred bytes that say what the file is.
    let mut bytes = std::fs::read(at("good.db")).unwrap();
    bytes[100..4_096].fill(0x5a);
    std::fs::write(at("torn.db"), &bytes).unwrap();
    std::fs::copy(at("good.db"), at("newer.db")).unwrap();
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')";
    open(&at("newer.db")).batch_execute(newer).unwrap();
    for (name, words) in [
        ("note.db", "is no copy"),
        ("empty.db", "is no copy"),
        ("other.db", "is no copy"),
        ("damaged.db", "is damaged"),
        ("torn.db", "torn.db is damaged: "),
        ("newer.db", "newer Answerwell (it knows the migrations 9999)"),
        ("missing.db", "No such file"),
    ] {
        let target = TestDatabase::empty();
        let told = said(&run("restore", &at(name), &target.address(), &at("data")), 1);
        assert!(told.contains(words), "{name}: {told}");
        if let Place::Sqlite(path) = &target.place {
            assert!(!path.exists(), "{name} left something behind");
        }
    }
    let nothing = format!("sqlite:{}", at("nowhere.db").display());
    let told = said(&run("backup", &at("copy.db"), &nothing, &at("data")), 1);
    assert!(told.contains("there is no database") && !at("nowhere.db").exists() && !at("copy.db").exists(), "{told}");
}

/// A copy that the release before this table of migrations made.
#[test]
fn an_old_copy_is_brought_up_to_date_on_the_way() {
    let folder = tempfile::tempdir().unwrap();
    let (old, file) = (folder.path().join("old.db"), folder.path().join("copy.db"));
    let tree = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let mut conn = open(&old);
    let migrations = FileBasedMigrations::from_path(tree).unwrap();
    let pending = conn.pending_migrations(migrations).unwrap();
    for migration in pending.iter().take(5) {
        conn.run_migration(&**migration).unwrap();
    }
    conn.batch_execute(
        "INSERT INTO feed (id, epoch) VALUES (1, 'old'); INSERT INTO topic (id, slug, name) VALUES (41, 'a', 'A')",
    )
    .unwrap();
    copy::back_up(&Place::Sqlite(old), &file).unwrap();
    let target = TestDatabase::empty();
    copy::restore::<()>(&file, &target.place, folder.path(), |_| Ok(())).unwrap();
    let refused = copy::restore::<()>(&file, &Place::Sqlite(file.clone()), folder.path(), |_| Ok(()));
    assert!(matches!(refused, Err(CopyError::Taken(_))), "{refused:?}");
    let db = Db::open(target.place.clone()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        assert_ne!(db.read(epoch).await.unwrap(), "old");
        db.write(|tx| write_pair(tx, 1)).await.unwrap();
        let ids = db.read(|conn| Ok::<_, DbError>(topic::table.order(topic::id).select(topic::id).load::<i64>(conn)?));
        assert_eq!(ids.await.unwrap(), [41, 42]);
    });
}
