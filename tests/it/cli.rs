//! The program as a person at a terminal meets it: its help, its refusals, its roles, and the demo from its first start.

use std::collections::{BTreeSet, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use answerwell::clock::Clock;
use reqwest::Url;
use serde_json::json;

use crate::accounts::second::Phone;
use crate::support::{TestDatabase, Visitor, program};

/// The program promises to end within this time after it was told to.
const TIME_TO_END: Duration = Duration::from_secs(3);
const PASSWORD: &str = "three odd words";

#[test]
fn every_role_explains_itself() {
    for (args, said) in [
        (&["--help"][..], "answerwell demo"),
        (&["demo", "--help"], "on which you can be any customer"),
        (&["demo", "--help"], "--twin-port"),
        (&["demo", "--help"], "--facebook-port"),
        (&["demo", "--help"], "--network"),
        (&["serve", "--help"], "ANSWERWELL_SECRET_KEY"),
        (&["serve", "--help"], "single_staff"),
        (&["migrate", "--help"], "a lock lets one work"),
        (&["reindex", "--help"], "delete the folder `index-v3`"),
        (&["import", "--help"], "Stopped at any point and started again it goes on"),
        (&["import", "stackexchange", "--help"], "keep their numbers where those are free"),
        (&["import", "stackexchange", "--help"], "--site"),
        (&["member", "--help"], "create-staff"),
        (&["member", "create-staff", "--help"], "--password-stdin"),
        (&["member", "reset-password", "--help"], "end all their sessions"),
    ] {
        let output = program().args(args).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert!(text.contains(said), "{args:?} does not say {said:?}: {text}");
    }
    assert_eq!(program().output().unwrap().status.code(), Some(2));
}

#[test]
fn what_cannot_start_says_why_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let (file, foreign, demo) = (folder.path().join("file"), folder.path().join("mine"), folder.path().join("demo"));
    let alone = folder.path().join("alone");
    std::fs::write(&file, "").unwrap();
    std::fs::create_dir_all(&foreign).unwrap();
    std::fs::write(foreign.join("thesis.txt"), "years of work").unwrap();
    std::fs::create_dir_all(&demo).unwrap();
    std::fs::write(demo.join("demo"), "{}").unwrap();
    let mark = json!({"note": "", "complete": true, "twin": "http://127.0.0.1:1", "elsewhere": false,
        "facebook": {"twin": "http://127.0.0.1:2", "elsewhere": false}});
    std::fs::create_dir_all(&alone).unwrap();
    std::fs::write(alone.join("demo"), mark.to_string()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap();
    let port = taken.port().to_string();
    let below_file = file.join("data");
    let (below_file, foreign, demo, alone) = (text(&below_file), text(&foreign), text(&demo), text(&alone));
    let fresh = text(&folder.path().join("fresh"));
    let bind = taken.to_string();
    let settings_of_x = [("ANSWERWELL_X__ACCOUNT_ID", "1"), ("ANSWERWELL_X__HANDLE", "acme")];
    let sqlite_in_demo = format!("sqlite:{demo}/answerwell.db");
    let missing = ["serve", "--config", "there-is-no-such.toml"];
    type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], i32, &'a str);
    let cases: [Case<'_>; 17] = [
        (&["serve"], &[("ANSWERWELL_SERVER__BIND", &bind), ("ANSWERWELL_DATA__FOLDER", &fresh)], 1, &port),
        (&["demo", "--data", &fresh, "--port", &port], &[], 1, "choose another port with --port"),
        (&["demo", "--data", &fresh, "--port", "0", "--twin-port", &port], &[], 1, "--twin-port"),
        (
            &["demo", "--data", &fresh, "--port", "0", "--twin-port", "0", "--facebook-port", &port],
            &[],
            1,
            "--facebook-port",
        ),
        (&["serve"], &[("ANSWERWELL_DATABASE__URL", "postgres://nobody@127.0.0.1:1/no")], 1, "Connection refused"),
        (&["migrate"], &[("ANSWERWELL_DATABASE__URL", "mysql://db")], 2, "database.url"),
        (&["serve"], &[("ANSWERWELL_SERVER__BIND", "here")], 2, "server.bind"),
        (&["serve"], &[("ANSWERWELL_SITE__NAM", "Acme")], 2, "nam"),
        (&missing, &[], 2, "there-is-no-such.toml"),
        (&["serve"], &[("ANSWERWELL_DATA__FOLDER", &below_file)], 1, "cannot be written"),
        (&["serve"], &[("ANSWERWELL_DATA__FOLDER", &demo)], 2, "data folder of a demo"),
        (&["serve"], &[("ANSWERWELL_DATABASE__URL", &sqlite_in_demo)], 2, "data folder of a demo"),
        (&["serve"], &settings_of_x, 2, "connect X on the page Channels"),
        (&["demo", "--data", &foreign], &[], 1, "is not empty"),
        (&["demo", "--data", &fresh, "--twin", "https://x.com"], &[], 2, "no twin on this machine"),
        (&["demo", "--data", &fresh, "--facebook-twin", "https://facebook.com"], &[], 2, "--facebook-twin"),
        (&["demo", "--data", &alone, "--facebook-twin", "http://127.0.0.1:1"], &[], 2, "began without --facebook-twin"),
    ];
    for (args, environment, code, said) in cases {
        let output = program().args(args).envs(environment.iter().copied()).current_dir(&folder).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        let last = error.lines().last().unwrap_or_default();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {error}");
        assert!(last.starts_with("answerwell: ") && last.contains(said), "{args:?} does not say {said:?}: {error}");
    }
    assert!(Path::new(&foreign).join("thesis.txt").exists());
}

#[tokio::test]
async fn staff_are_made_at_the_terminal_and_sign_in() {
    let (database, folder) = (TestDatabase::empty(), tempfile::tempdir().unwrap());
    let settings = |command: &mut Command| {
        command
            .env("ANSWERWELL_DATABASE__URL", database.address())
            .env("ANSWERWELL_DATA__FOLDER", folder.path().join("data"))
            .env("ANSWERWELL_SERVER__BIND", format!("127.0.0.1:{}", free_port()))
            .current_dir(folder.path());
    };
    let told = |args: &[&str], stdin: &str| {
        let mut command = program();
        settings(command.args(args));
        with_input(command, stdin)
    };
    let migrated = told(&["migrate"], "");
    assert!(migrated.status.success() && said(&migrated).contains("up to date"), "{}", said(&migrated));

    let mut command = program();
    settings(command.arg("serve"));
    let server = Running::start(command, "its public address is").await;
    let staff = ["member", "create-staff", "--name", "Sam Stone", "--email", "sam@acme.example"];
    let piped = [&staff[..], &["--title", "Network engineer", "--password-stdin"]].concat();
    assert!(said(&told(&staff, "no flag\n")).contains("--password-stdin"));
    assert!(said(&told(&piped, "short\n")).contains("at least 8 characters"));
    let made = told(&piped, &format!("{PASSWORD}\n"));
    assert!(made.status.success() && said(&made).contains("/sign-in"), "{}", said(&made));
    assert!(said(&told(&piped, &format!("{PASSWORD}\n"))).contains("already"));

    let sign_in = async |password: &str| {
        let visitor = Visitor::at(&server.forum);
        let answer = visitor.post_form("/sign-in", &[("email", "sam@acme.example"), ("password", password)]).await;
        (answer.status, visitor)
    };
    let (status, sam) = sign_in(PASSWORD).await;
    assert_eq!(status, 200);
    sam.get("/desk").await.expect(200);
    let reset = ["member", "reset-password", "--password-stdin", "--email"];
    let unknown = told(&[&reset[..], &["nobody@acme.example"]].concat(), "another three words\n");
    assert!(unknown.status.code() == Some(2) && said(&unknown).contains("nobody has"), "{}", said(&unknown));
    assert!(told(&[&reset[..], &["SAM@acme.example"]].concat(), "another three words\n").status.success());
    sam.get("/desk").await.expect(401);
    assert_eq!((sign_in(PASSWORD).await.0, sign_in("another three words").await.0), (422, 200));

    // A new password leaves the second step on; who lost the phone and the codes is let in by one who says so.
    let (_, sam) = sign_in("another three words").await;
    let page = sam.get("/account/second").await.expect(200);
    let page = sam.submit(&page, "/account/second", &[("password", "another three words")]).await.expect(200);
    let code = Phone::of(&page).code(&Clock::Real);
    sam.submit(&page, "/account/second/on", &[("code", &code)]).await.expect(200).expect_text("recovery codes");
    assert!(told(&[&reset[..], &["sam@acme.example"]].concat(), "third odd lantern\n").status.success());
    let (_, halfway) = sign_in("third odd lantern").await;
    halfway.get("/desk").await.expect(401);
    let without = [&reset[..], &["sam@acme.example", "--without-second-step"]].concat();
    assert!(told(&without, "fourth odd lantern\n").status.success());
    sign_in("fourth odd lantern").await.1.get("/desk").await.expect(200);

    let held = told(&["reindex"], "");
    assert!(held.status.code() == Some(1) && said(&held).contains("a running server holds"), "{}", said(&held));
    server.stop("TERM");
    let rebuilt = told(&["reindex"], "");
    assert!(rebuilt.status.success(), "{}", said(&rebuilt));
}

#[tokio::test]
async fn the_demo_is_whole_and_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("deep/demo-data");
    let demo = |port: &str| {
        let mut command = program();
        command.args(["demo", "--port", port, "--twin-port", "0", "--facebook-port", "0", "--data"]).arg(&data);
        Running::start(command, "Ctrl-C ends it")
    };
    let first = demo("0").await;
    assert!(first.said.contains("Playing"), "{}", first.said);
    let visitor = Visitor::at(&first.forum);
    let pages = crawl(&visitor, &first.forum, 280).await;
    let questions: BTreeSet<&String> = pages.places.iter().filter(|place| place.starts_with("/questions/")).collect();
    assert!(questions.len() >= 46, "{} questions", questions.len());
    let (twin, facebook) = (Visitor::at(&first.twin), Visitor::at(&first.facebook));
    for (reader, address, least) in [(&twin, &first.twin, 50), (&facebook, &first.facebook, 20)] {
        let originals: Vec<&Url> = pages.elsewhere.iter().filter(|url| url.as_str().starts_with(address)).collect();
        assert!(originals.len() >= least, "{} links to originals and replies", originals.len());
        for original in originals {
            reader.get(&original.as_str()[address.len()..]).await.expect(200);
        }
    }
    // What the walk says: a post becomes a question, at once and once.
    twin.post_form("/posts", &[("as", "zoe"), ("name", "Zoe"), ("text", "@acme my router drops wifi every evening")])
        .await;
    wait_for_text(&visitor, "/newest", "My router drops wifi every evening").await;
    write_on_facebook(&facebook, "The same here, and the phone is dead too").await;
    wait_for_text(&visitor, "/newest", "The same here, and the phone is dead too").await;
    let people: Vec<(&str, &str)> = first.said.lines().filter_map(read_login).collect();
    assert_eq!(people.len(), 3, "{}", first.said);
    for (email, password) in &people {
        Visitor::at(&first.forum).post_form("/sign-in", &[("email", email), ("password", password)]).await.expect(200);
    }
    let second = program().args(["demo", "--port", "0", "--data"]).arg(&data).output().unwrap();
    assert!(second.status.code() == Some(1) && said(&second).contains("another demo runs"), "{}", said(&second));
    let (addresses, known) = ((first.twin.clone(), first.facebook.clone()), twin_posts(&twin).await);
    first.stop("INT");

    let again = demo("0").await;
    assert!(!again.said.contains("Playing"), "{}", again.said);
    assert_eq!((&again.twin, &again.facebook), (&addresses.0, &addresses.1), "links to originals still lead there");
    let visitor = Visitor::at(&again.forum);
    let newest = visitor.get("/newest").await.expect(200);
    newest.expect_text("My router drops wifi every evening");
    assert_eq!(newest.text().matches("My router drops wifi every evening").count(), 1);
    assert_eq!(twin_posts(&Visitor::at(&again.twin)).await, known);
    // The webhooks followed the forum to its new port.
    Visitor::at(&again.twin)
        .post_form("/posts", &[("as", "zoe"), ("text", "@acme second question, same router")])
        .await;
    wait_for_text(&visitor, "/newest", "Second question, same router").await;
    write_on_facebook(&Visitor::at(&again.facebook), "And now the television as well").await;
    wait_for_text(&visitor, "/newest", "And now the television as well").await;
    again.stop("INT");
}

/// A role that serves. Dropping it kills it.
pub struct Running {
    child: Child,
    said: String,
    pub forum: String,
    twin: String,
    /// Of a demo.
    facebook: String,
}

impl Running {
    /// Starts it and reads what it says, to the line that holds `last`.
    pub async fn start(mut command: Command, last: &'static str) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let read = tokio::task::spawn_blocking(move || {
            let mut said = String::new();
            for line in lines.by_ref().map_while(Result::ok) {
                said.push_str(&line);
                said.push('\n');
                if line.contains(last) {
                    break;
                }
            }
            said
        });
        let said = read.await.unwrap();
        let addresses: Vec<String> = said
            .split_whitespace()
            .filter(|word| word.starts_with("http://127.0.0.1:"))
            .map(|word| word.trim_end_matches(['.', ';', ',']).to_owned())
            .collect();
        if !said.contains(last) {
            let mut error = String::new();
            child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
            panic!("it did not start: {said}{error}");
        }
        let address = |at: usize| addresses.get(at).cloned().unwrap_or_default();
        Self { child, said, forum: address(0), twin: address(1), facebook: address(2) }
    }

    /// Sends the signal and sees that it ends well and in time.
    fn stop(mut self, signal: &str) {
        let begun = Instant::now();
        let sent = Command::new("kill").arg(format!("-{signal}")).arg(self.child.id().to_string()).status();
        assert!(sent.unwrap().success());
        let status = self.child.wait().unwrap();
        assert!(begun.elapsed() < TIME_TO_END, "it took {:?} to end", begun.elapsed());
        assert_eq!(status.code(), Some(0));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended already cannot be killed, and need not be.
        let _ended = self.child.kill().and_then(|()| self.child.wait());
    }
}

/// What a crawl met.
struct Crawled {
    /// Paths of pages that were opened, each 200.
    places: BTreeSet<String>,
    elsewhere: BTreeSet<Url>,
}

/// Opens the first `most` pages that can be reached from the home page, as a reader without an account would.
async fn crawl(visitor: &Visitor, address: &str, most: usize) -> Crawled {
    let base = Url::parse(address).unwrap();
    let mut found = Crawled { places: BTreeSet::new(), elsewhere: BTreeSet::new() };
    let mut waiting = VecDeque::from(["/".to_owned()]);
    while let Some(place) = waiting.pop_front().filter(|_| found.places.len() < most) {
        if !found.places.insert(place.clone()) {
            continue;
        }
        let page = visitor.get(&place).await.expect(200);
        // A picture leads nowhere, and a mail where only its reader gets in.
        if page.header("content-type").is_some_and(|kind| kind.starts_with("image/"))
            || place.starts_with("/demo/mail/")
        {
            continue;
        }
        for link in page.links() {
            let mut url =
                base.join(&place).unwrap().join(&link).unwrap_or_else(|error| panic!("{place}: {link}: {error}"));
            url.set_fragment(None);
            if url.origin() != base.origin() {
                found.elsewhere.insert(url);
                continue;
            }
            let next = match url.query() {
                Some(query) => format!("{}?{query}", url.path()),
                None => url.path().to_owned(),
            };
            let later = next.starts_with("/sign-") || next.contains("/remove");
            if later { waiting.push_back(next) } else { waiting.push_front(next) }
        }
    }
    found
}

async fn wait_for_text(visitor: &Visitor, place: &str, words: &str) {
    crate::support::eventually(&format!("{place} says {words:?}"), async || visitor.get(place).await.says(words)).await;
}

async fn write_on_facebook(facebook: &Visitor, text: &str) {
    let fields = [("as", "zoe"), ("name", "Zoe"), ("wall", "acme"), ("text", text)];
    facebook.post_form("/write", &fields).await.expect(200);
}

async fn twin_posts(twin: &Visitor) -> usize {
    twin.get("/sim/state").await.json()["posts"].as_array().unwrap().len()
}

/// The e-mail address and the password at the end of a line that tells how to sign in.
fn read_login(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split_whitespace().rev();
    let (password, email) = (words.next()?, words.next()?);
    email.contains('@').then_some((email, password)).filter(|(email, _)| email.ends_with(".example"))
}

fn with_input(mut command: Command, input: &str) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that asks for nothing may have ended before it is written to.
    let _unread = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
