//! The first minutes of a new site, as its administrator has them: the link in the log of `serve`, the page behind it, and
//! what next. In a browser with and without script.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::support::{Browser, TestDatabase, Visitor, program};

/// A fresh `serve`, read until its log names the link.
pub struct Fresh {
    server: Child,
    link: String,
    log: String,
    database: TestDatabase,
    folder: TempDir,
    port: u16,
    /// What it is told beside where it is.
    settings: Vec<(String, String)>,
}

impl Fresh {
    async fn start() -> Self {
        Self::start_with(Vec::new()).await
    }

    /// With these in its environment.
    pub async fn start_with(settings: Vec<(String, String)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let (database, folder) = (TestDatabase::empty(), tempfile::tempdir().unwrap());
        let (server, link, log) = run(&database, &folder, port, &settings).await;
        Self { server, link, log, database, folder, port, settings }
    }

    /// Ends it and starts it once more.
    async fn again(mut self) -> Self {
        self.end();
        let (server, link, log) = run(&self.database, &self.folder, self.port, &self.settings).await;
        (self.server, self.link, self.log) = (server, link, log);
        self
    }

    fn end(&mut self) {
        // One that has ended already cannot be killed, and need not be.
        let _ended = self.server.kill().and_then(|()| self.server.wait());
    }

    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Of the link.
    pub fn path(&self) -> &str {
        self.link.strip_prefix(&self.address()).unwrap()
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        self.end();
    }
}

async fn run(
    database: &TestDatabase,
    folder: &TempDir,
    port: u16,
    settings: &[(String, String)],
) -> (Child, String, String) {
    let mut command: Command = program();
    command
        .arg("serve")
        .env("ANSWERWELL_DATABASE__URL", database.address())
        .env("ANSWERWELL_DATA__FOLDER", folder.path().join("data"))
        .env("ANSWERWELL_SERVER__BIND", format!("127.0.0.1:{port}"))
        .envs(settings.iter().map(|(name, value)| (name, value)))
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut server = command.spawn().unwrap();
    let mut lines = BufReader::new(server.stderr.take().unwrap()).lines();
    let read = tokio::task::spawn_blocking(move || {
        let mut log = String::new();
        for line in lines.by_ref().map_while(Result::ok) {
            log.push_str(&line);
            log.push('\n');
            if line.contains("becomes its administrator") || line.contains("INFO GET") {
                break;
            }
        }
        // What it writes later must go somewhere.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        log
    });
    let log = read.await.unwrap();
    let link = log.split_whitespace().find(|word| word.contains("/first-run/")).unwrap_or_default().to_owned();
    (server, link, log)
}

#[tokio::test]
async fn each_start_writes_another_link_while_nobody_is_at_the_desk() {
    let fresh = Fresh::start().await;
    assert!(!fresh.link.is_empty(), "{}", fresh.log);
    let first = fresh.path().to_owned();
    Visitor::at(&fresh.address()).get(&first).await.expect(200);
    let fresh = fresh.again().await;
    let visitor = Visitor::at(&fresh.address());
    visitor.get(&first).await.expect(410).expect_text("the newest link stands in the server's log");
    visitor.get(fresh.path()).await.expect(200).expect_text("Nobody runs this site yet");
}

async fn begin(javascript: bool) {
    let Some(browser) = Browser::open(javascript).await else { return };
    let fresh = Fresh::start().await;
    let name = if javascript { "first_run_with_script" } else { "first_run_without_script" };
    browser
        .tell(name, async |browser: &Browser| {
            browser.visit(&fresh.link).await;
            browser.expect_text("Nobody runs this site yet").await;
            browser.fill("Your name", "Sam Stone").await;
            browser.fill("E-mail address", "sam@acme.example").await;
            browser.fill("Password", "short").await;
            browser.fill("Name of the site", "Stone Help").await;
            browser.press("Begin").await;
            browser.expect_text("The password is too short: it needs at least 8 characters").await;
            browser.fill("Password", "three odd words").await;
            browser.press_twice("Begin").await;
            browser.expect_text("Welcome. The site is yours.").await;
            browser.expect_text("What next").await;
            browser.expect_text("Stone Help").await;
            browser.follow("Topics").await;
            browser.expect_text("No topics yet").await;
            browser.follow("New topic").await;
            browser.fill("Name", "Wi-Fi").await;
            browser.press("Create the topic").await;
            browser.expect_text("Saved.").await;
            browser.follow("People").await;
            browser.press("Make the link").await;
            browser.expect_text("Pass this link on").await;
            browser.follow("Business hours").await;
            browser.follow("New hours").await;
            browser.fill("Name", "Berlin").await;
            browser.fill("Time zone", "Europe/Berlin").await;
            browser.fill("Saturday", "10:00-14:00").await;
            browser.press("Show what they mean").await;
            browser.expect_text("Not saved yet").await;
            browser.press("Save").await;
            browser.expect_text("Saturday 10:00-14:00").await;
        })
        .await;
}

#[tokio::test]
async fn a_new_site_begins_in_a_browser_without_script() {
    begin(false).await;
}

#[tokio::test]
async fn a_new_site_begins_in_a_browser_with_script() {
    begin(true).await;
}
