//! The ground of the crash stories: a twin in this process, and a program that comes and goes over one database.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::time::Duration;

use answerwell::clock::Clock;
use answerwell::db::Db;
use answerwell::members::create::{NewAccount, create_in};
use answerwell::members::{Hasher, Role};
use answerwell::posts::Origin;
use answerwell::sim::x::{Fault, FaultKind};
use tempfile::TempDir;

use super::Sending;
use super::twin::Twin;
use crate::support::{TestDatabase, Visitor, eventually, program};

const PASSWORD: &str = "three odd words";

/// The twin in this process, and the database of a program that comes and goes.
pub struct Ground {
    pub twin: Twin,
    twin_address: String,
    database: TestDatabase,
    folder: TempDir,
    /// How many seconds the program lets staff take back what they wrote.
    pub undo_window: u64,
}

impl Ground {
    pub async fn lay(network: Origin) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let twin_address = format!("http://{}", listener.local_addr().unwrap());
        let twin = Twin::open(network, folder.path(), &twin_address, listener);
        let database = TestDatabase::copy();
        let db = Db::open_migrated(database.place.clone()).unwrap();
        for (name, email, role) in
            [("Parker Peer", "peer@example.com", Role::Member), ("Sam Staff", "staff@example.com", Role::Staff)]
        {
            let account = NewAccount {
                name: name.to_owned(),
                email: email.to_owned(),
                password: PASSWORD.to_owned(),
                title: String::new(),
                role,
            };
            create_in(&db, &Hasher::default(), &Clock::Real, account).await.unwrap().unwrap();
        }
        Self { twin, twin_address, database, folder, undo_window: 0 }
    }

    /// Starts the program and waits until it serves.
    pub async fn start(&self) -> Program {
        let log = File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        let mut child = program()
            .args(["demo", "--port", "0", "--database", &self.database.address()])
            .args(["--undo-window", &self.undo_window.to_string()])
            .args(self.twin.flags(&self.twin_address))
            .arg("--data")
            .arg(self.folder.path().join("data"))
            .env("ANSWERWELL_LOG", "info")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let said = tokio::task::spawn_blocking(move || {
            let mut said = String::new();
            for line in lines.map_while(Result::ok) {
                said.push_str(&line);
                said.push('\n');
                if let Some(address) = line.split_whitespace().find(|word| word.starts_with("http://127.0.0.1:")) {
                    return Ok(address.trim_end_matches(['/', '.', ',']).to_owned());
                }
            }
            Err(said)
        });
        let said = said.await.unwrap();
        let address = said.unwrap_or_else(|said| panic!("it did not start: {said}{}", self.log()));
        assert_ne!(address, self.twin_address, "the forum's address is told first");
        let program = Program { child, visitor: Visitor::at(&address), address };
        eventually("the twin knows where to send events", async || self.events_go_to(&program).await).await;
        program
    }

    async fn events_go_to(&self, program: &Program) -> bool {
        self.twin.events_go_to(&self.twin_address, &program.address).await
    }

    /// Every event that waits is told.
    pub async fn comes_to_rest(&self) {
        eventually("the twin has told everything", async || self.twin.is_told()).await;
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    pub fn complain(&self, text: &str) -> String {
        self.twin.complain(text)
    }

    pub fn hold_sends(&self, point: Sending) {
        let kind = match point {
            Sending::Queued | Sending::Answered => return,
            Sending::HeldThenLost | Sending::HeldThenTaken => FaultKind::HoldBefore,
            Sending::Taken => FaultKind::HoldAfter,
        };
        self.twin.set_fault(Fault::new(kind, 1).on("POST", self.twin.sends()));
    }

    pub async fn webhooks_delivered(&self) -> usize {
        let state = Visitor::at(&self.twin_address).get("/sim/state").await.json();
        let all = |name: &str| state[name].as_array().cloned().unwrap_or_default();
        let tried = |event: &serde_json::Value| {
            !event["attempt"].is_null() || event["attempts"].as_u64().is_some_and(|attempts| attempts > 0)
        };
        all("deliveries").iter().chain(&all("events")).filter(|event| tried(event)).count()
    }

    /// Every post of a customer on the twin is mirrored in exactly one place of the public pages, at the latest when
    /// the poller has looked: no webhook tells of a reply that does not name us.
    pub async fn check_every_post_is_there_once(&self, program: &Program) {
        let mut wrong = Vec::new();
        let patience = std::time::Instant::now() + Duration::from_secs(120);
        while std::time::Instant::now() < patience {
            wrong = self.posts_not_there_once(program).await;
            if wrong.is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("not in exactly one thread: {wrong:?}; log:\n{}", self.log());
    }

    async fn posts_not_there_once(&self, program: &Program) -> Vec<String> {
        let mut pages = Vec::new();
        for thread in &program.threads().await {
            // Beside a thread stand the titles of others, which of a short post are all of its words.
            pages.push(program.visitor.get(thread).await.without_asides());
        }
        let mut wrong = Vec::new();
        for (text, original) in self.twin.originals(&self.twin_address) {
            // A reply begins with the handles it answers, which are no words of its author.
            let words: Vec<&str> = text.split_whitespace().skip_while(|word| word.starts_with('@')).collect();
            let words = words.join(" ");
            let here = pages.iter().filter(|page| page.links().contains(&original)).count();
            let said = pages.iter().filter(|page| page.says(&words)).count();
            if (here, said) != (1, 1) {
                wrong.push(format!("{text:?}: {here} originals, said in {said}"));
            }
        }
        wrong
    }
}

/// The program as it runs now. Dropping it kills it.
pub struct Program {
    child: Child,
    visitor: Visitor,
    address: String,
}

impl Program {
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub async fn sign_in(&self, email: &str) -> Visitor {
        let visitor = Visitor::at(&self.address);
        visitor.post_form("/sign-in", &[("email", email), ("password", PASSWORD), ("next", "/")]).await.expect(200);
        assert!(visitor.cookie("answerwell_session").is_some(), "{email} is not signed in");
        visitor
    }

    /// The addresses of all public threads, from every page of the list.
    async fn threads(&self) -> Vec<String> {
        let mut threads = Vec::new();
        let mut next = Some("/newest".to_owned());
        while let Some(path) = next {
            let list = self.visitor.get(&path).await;
            threads.extend(list.links().into_iter().filter(|link| link.starts_with("/questions/")));
            next = list.links().into_iter().find(|link| link.contains("after="));
        }
        threads.sort();
        threads.dedup();
        threads
    }

    /// The address of the thread with this title, as soon as there is one.
    pub async fn thread_of(&self, title: &str) -> String {
        let mut found = String::new();
        eventually(&format!("{title:?} is a question"), async || {
            let slug = answerwell::posts::slug(title);
            found = self.threads().await.into_iter().find(|link| link.contains(&slug)).unwrap_or_default();
            !found.is_empty()
        })
        .await;
        found
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Killed already is as good.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}
