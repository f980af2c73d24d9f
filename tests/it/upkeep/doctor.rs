//! The doctor, run as an administrator would: a line for each thing, what to mend, and an exit status for scripts.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use answerwell::app::App;
use answerwell::cli::doctor::{Finding, Reach, Verdict, examine};
use answerwell::clock::{Clock, Millis};
use answerwell::db::{self, Db, DbError, Place};
use diesel::connection::SimpleConnection;

use crate::support::{TestDatabase, TestLoop, eventually, program};

/// What it says of each thing, by name, and its exit status.
struct Told {
    lines: Vec<String>,
    code: i32,
}

impl Told {
    /// The verdict and the words about a thing; the first ill one, where there are several.
    fn about(&self, name: &str) -> String {
        let mut lines =
            self.lines.iter().filter(|line| line.split_whitespace().nth(1) == Some(name)).collect::<Vec<_>>();
        lines.sort_by_key(|line| !line.starts_with("ILL"));
        lines.first().unwrap_or_else(|| panic!("nothing about {name}: {:?}", self.lines)).to_string()
    }
}

fn ask(database: &str, data: &Path, settings: &[(&str, &str)]) -> Told {
    let mut command = program();
    command.arg("doctor").env("ANSWERWELL_DATABASE__URL", database).env("ANSWERWELL_DATA__FOLDER", data);
    let output = command.envs(settings.iter().copied()).current_dir(data).output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    Told { lines, code: output.status.code().unwrap() }
}

#[track_caller]
fn says(line: &str, verdict: &str, words: &str) {
    assert!(line.starts_with(verdict) && line.contains(words), "not {verdict} with {words:?}: {line}");
}

fn make_staff(database: &str, data: &Path) {
    let mut command = program();
    command.args(["member", "create-staff", "--name", "Sam", "--email", "sam@acme.example", "--password-stdin"]);
    command.env("ANSWERWELL_DATABASE__URL", database).env("ANSWERWELL_DATA__FOLDER", data);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"three odd words\n").unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn the_doctor_says_what_to_mend_until_all_is_well() {
    let (database, folder) = (TestDatabase::empty(), tempfile::tempdir().unwrap());
    let (address, data) = (database.address(), folder.path());
    let first = ask(&address, data, &[]);
    assert_eq!(first.code, 1);
    match &database.place {
        Place::Sqlite(file) => {
            says(&first.about("database"), "ILL", "`answerwell serve` makes it");
            assert!(!file.exists(), "it only looks");
        }
        Place::Postgres(_) => says(&first.about("database"), "ILL", "__diesel_schema_migrations"),
    }
    assert!(program().arg("migrate").env("ANSWERWELL_DATABASE__URL", &address).output().unwrap().status.success());
    let migrated = ask(&address, data, &[]);
    assert_eq!(migrated.code, 0, "{:?}", migrated.lines);
    says(&migrated.about("database"), "well", "migrations");
    says(&migrated.about("staff"), "mind", "member create-staff");
    says(&migrated.about("backup"), "mind", "none was made");
    says(&migrated.about("search"), "mind", "the running server builds it");
    says(&migrated.about("settings"), "well", "127.0.0.1:8080");
    says(&migrated.about("address"), "mind", "for a trial");
    assert!(migrated.about("disk").contains("free for"), "{}", migrated.about("disk"));

    make_staff(&address, data);
    let run = |args: &[&str]| {
        let mut command: Command = program();
        command.args(args).env("ANSWERWELL_DATABASE__URL", &address).env("ANSWERWELL_DATA__FOLDER", data);
        assert!(command.output().unwrap().status.success(), "{args:?}");
    };
    run(&["reindex"]);
    run(&["backup", &data.join("copy.db").display().to_string()]);
    std::fs::write(data.join("secret.key"), "x").unwrap();
    std::fs::set_permissions(data.join("secret.key"), std::fs::Permissions::from_mode(0o600)).unwrap();
    let well = ask(&address, data, &[]);
    for name in ["settings", "key", "database", "staff", "channels", "search", "backup"] {
        says(&well.about(name), "well", "");
    }
    assert_eq!(well.code, 0, "{:?}", well.lines);
}

#[tokio::test]
async fn the_doctor_finds_each_ill() {
    let (database, folder) = (TestDatabase::copy(), tempfile::tempdir().unwrap());
    let (address, data) = (database.address(), folder.path());
    std::fs::write(data.join("secret.key"), "x").unwrap();
    std::fs::set_permissions(data.join("secret.key"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let db = Db::open_migrated(database.place.clone()).unwrap();
    db.write(db::mark_demo).await.unwrap();
    let open = ask(&address, data, &[("ANSWERWELL_SITE__ADDRESS", "http://help.acme.example")]);
    says(&open.about("settings"), "ILL", "not encrypted");
    says(&open.about("key"), "ILL", "chmod 600");
    says(&open.about("database"), "ILL", "filled by a demo");
    assert_eq!(open.code, 1);
    // What cannot be told is no illness: this name leads nowhere from anywhere.
    let proxied = ask(&address, data, &[("ANSWERWELL_SITE__ADDRESS", "https://help.acme.invalid")]);
    says(&proxied.about("settings"), "mind", "server.trusted_proxies");
    says(&proxied.about("address"), "mind", "cannot be reached");
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')";
    db.write(move |tx| Ok::<_, DbError>(tx.batch_execute(newer)?)).await.unwrap();
    says(&ask(&address, data, &[]).about("database"), "ILL", "newer Answerwell (9999)");
    let unread = ask(&address, data, &[("ANSWERWELL_SITE__NAM", "Acme")]);
    says(&unread.about("settings"), "ILL", "nam");
    assert_eq!(unread.code, 2);
}

/// Whether this program, told to serve a database that a demo filled, does not.
#[tokio::test]
async fn serve_refuses_what_a_demo_filled() {
    let (database, folder) = (TestDatabase::copy(), tempfile::tempdir().unwrap());
    let db = Db::open_migrated(database.place.clone()).unwrap();
    db.write(db::mark_demo).await.unwrap();
    let mut command = program();
    command
        .arg("serve")
        .env("ANSWERWELL_DATABASE__URL", database.address())
        .env("ANSWERWELL_SERVER__BIND", "127.0.0.1:0");
    let output = command.env("ANSWERWELL_DATA__FOLDER", folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && said.contains("filled by a demo"), "{said}");
}

#[tokio::test]
async fn a_clock_that_is_off_and_a_channel_that_is_broken_are_ill() {
    let ends = TestLoop::start().await;
    let config = ends.app.config.clone();
    let found = |findings: &[Finding], about: &str, words: &str| {
        findings.iter().find(|one| one.about == about && one.said.contains(words)).map(|one| one.verdict)
    };
    let right = examine(&config, &Clock::Real, Reach::Networks).await;
    assert_eq!(found(&right, "clock", "X agree"), Some(Verdict::Well), "{right:?}");
    assert_eq!(found(&right, "clock", "the database agree"), Some(Verdict::Well), "{right:?}");
    assert_eq!(found(&right, "x", "@acme: Access: X knows us as @acme"), Some(Verdict::Well), "{right:?}");
    assert_eq!(found(&examine(&config, &Clock::Real, Reach::Offline).await, "x", ""), None, "nobody was asked");
    let late = Millis(Clock::Real.now().0).minus(Duration::from_secs(3_600));
    let wrong = examine(&config, &Clock::fixed(late), Reach::Networks).await;
    assert_eq!(found(&wrong, "clock", "behind X"), Some(Verdict::Ill), "{wrong:?}");
    assert_eq!(found(&wrong, "clock", "behind the database"), Some(Verdict::Ill), "{wrong:?}");
    // The index of a running server can be looked at.
    let app: &App = &ends.app;
    let newest = app.db.read(db::newest_change).await.unwrap();
    eventually("the index is there", async || app.search.indexed_up_to() >= Some(newest)).await;
    assert_eq!(
        found(&examine(&config, &Clock::Real, Reach::Networks).await, "search", "up to date"),
        Some(Verdict::Well)
    );
    let broken =
        "UPDATE channel SET state = 'broken', reason = 'X says that the token was revoked', paused_until = NULL";
    app.db.write(move |tx| Ok::<_, DbError>(tx.batch_execute(broken)?)).await.unwrap();
    let findings = examine(&config, &Clock::Real, Reach::Networks).await;
    assert_eq!(
        found(&findings, "channels", "@acme has no access: X says that the token was revoked"),
        Some(Verdict::Ill)
    );
}

#[tokio::test]
async fn a_key_that_is_lost_or_another_one_is_told_with_what_to_do() {
    let ends = TestLoop::start().await;
    let config = ends.app.config.clone();
    let about_key = async || {
        let findings = examine(&config, &Clock::Real, Reach::Networks).await;
        let ill = findings.into_iter().find(|one| one.about == "key" && one.verdict == Verdict::Ill);
        ill.map(|one| one.said).unwrap_or_default()
    };
    assert_eq!(about_key().await, "");
    let file = ends.folder().join("secret.key");
    let key = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let missing = about_key().await;
    assert!(missing.contains("secret.key is missing. Put it back from where you keep it"), "{missing}");
    std::fs::write(&file, format!("{}=\n", "A".repeat(43))).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let other = about_key().await;
    assert!(other.contains("sealed with another key. Put the right key back, or connect anew"), "{other}");
    std::fs::write(&file, key).unwrap();
    assert_eq!(about_key().await, "");
}
