//! `answerwell bench`: what pages, search and webhooks cost, on this machine, now.
//!
//! Times on a shared machine are noisy, so each is told beside the time of a small static file in the same run: the
//! ratio is what can be compared. Everything goes through the product's own functions and over HTTP.

pub mod desk;
pub mod inbound;
pub mod pages;
pub mod search;
pub mod seed;
mod wire;

use std::io::{self, Write};
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::web;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::digest::InvalidLength;
use hmac::{Hmac, KeyInit, Mac};
use rustix::time::{ClockId, clock_gettime};

use crate::answers::{self, NewAnswer};
use crate::app::{self, App};
use crate::bridge::Mode;
use crate::bridge::access::{self, NewAccess, Tokens};
use crate::clock::{Clock, Millis};
use crate::config::{Bridge, Config, FacebookPlace, Server, Site, XPlace};
use crate::db::{self, DbError, Place};
use crate::jobs::Jobs;
use crate::members::{Role, create};
use crate::networks::{AppKeys, Us};
use crate::posts::{Author, Origin};
use crate::questions::{self, NewQuestion, QuestionId};
use crate::queue::{self, Kind};
use crate::secret::Secret;
use crate::web::assets::Assets;
use crate::web::client::Proxies;
use crate::web::markdown;

const WARM_UP: usize = 50;
/// For the background work under way at the end.
const REST: Duration = Duration::from_secs(10);
/// Questions written in one transaction.
const BATCH: usize = 500;
const ACCOUNT: &str = "1000";
const SECRET: &str = "bench";
/// Nothing listens there: the bench measures what does not need the network.
const NOWHERE: &str = "http://127.0.0.1:9";

pub struct Settings {
    pub questions: usize,
    pub rounds: usize,
    /// An empty database; without it a SQLite file in a temporary folder.
    pub database: Option<Place>,
    pub folder: std::path::PathBuf,
}

/// A forum that is served on this machine, with all its background work.
struct Ground {
    app: web::Data<App>,
    jobs: Jobs,
    server: ServerHandle,
    address: String,
    client: reqwest::Client,
}

impl Ground {
    async fn lay(settings: &Settings, workers: usize) -> Result<Self, Box<dyn std::error::Error>> {
        let place = settings.database.clone().unwrap_or_else(|| Place::Sqlite(settings.folder.join("bench.db")));
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = format!("http://{}", listener.local_addr()?);
        let app = web::Data::new(App::build(config(place, &settings.folder, &address, workers), Clock::Real).await?);
        access::connect(&app, access()).await?;
        let mut jobs = App::start(&app);
        let running = app::server(app.clone(), listener)?;
        let server = running.handle();
        jobs.spawn(async move {
            if let Err(error) = running.await {
                tracing::error!(%error, "the server ended: {error}");
            }
        });
        Ok(Self { app, jobs, server, address, client: client()? })
    }

    async fn clear(self) {
        // The folder is removed next: nobody may write into it any more.
        self.server.stop(false).await;
        self.jobs.shut_down(REST).await;
    }
}

/// Fills a database, serves it on this machine and reports to `out`.
pub async fn run(settings: Settings, out: &mut impl Write) -> Result<(), Box<dyn std::error::Error>> {
    let begun = Instant::now();
    let ground = Ground::lay(&settings, 1).await?;
    let (app, address, client) = (ground.app.clone(), ground.address.clone(), ground.client.clone());
    let client = &client;
    get(client, &format!("{address}/")).await?;
    writeln!(out, "first page after {:.0} ms, {} MB resident", millis(begun.elapsed()), resident_mb()?)?;

    let filled = Instant::now();
    let first = fill(&app, settings.questions).await?;
    let newest = app.db.read(db::newest_change).await?;
    writeln!(
        out,
        "{} questions with 3 answers each written in {:.1} s",
        settings.questions,
        filled.elapsed().as_secs_f64()
    )?;
    app.search.wait_for(newest).await;
    writeln!(out, "all of it findable after {:.1} s, {} MB resident", filled.elapsed().as_secs_f64(), resident_mb()?)?;

    let asset = Assets::load().path("favicon.svg");
    let base = measure(client, settings.rounds, |_| format!("{address}{asset}")).await?;
    writeln!(out, "{:<34} {:>9} {:>9} {:>9} {:>7}", "per request", "median ms", "p99 ms", "CPU ms", "ratio")?;
    base.report(out, "a static file", &base)?;
    let count = i64::try_from(settings.questions)?;
    let pages: [(&str, AddressOf<'_>); 4] = [
        ("question page", Box::new(|n| format!("{address}/questions/{}/{}", nth(first, count, n), SLUG))),
        ("home, active", Box::new(|_| format!("{address}/"))),
        ("home, unanswered", Box::new(|_| format!("{address}/unanswered"))),
        ("search, two words", Box::new(|n| format!("{address}/search?q=router+word{}", n % 97))),
    ];
    for (name, url) in &pages {
        measure(client, settings.rounds, url).await?.report(out, name, &base)?;
    }
    webhooks(client, &address, settings.rounds).await?.report(out, "webhook accepted", &base)?;
    ground.clear().await;
    Ok(())
}

/// The address of the request with this number.
type AddressOf<'a> = Box<dyn Fn(usize) -> String + 'a>;

const SLUG: &str = "the-router-drops-its-connection-every-evening";

fn nth(first: i64, count: i64, n: usize) -> i64 {
    first + i64::try_from(n).unwrap_or(0).wrapping_mul(7919) % count.max(1)
}

/// Writes the questions with three answers each and returns the first one's id.
async fn fill(app: &web::Data<App>, count: usize) -> Result<i64, Box<dyn std::error::Error>> {
    fill_by(app, count, Role::Member).await
}

/// As [`fill`], all by a member with this role: what staff ask waits for nobody.
async fn fill_by(app: &web::Data<App>, count: usize, role: Role) -> Result<i64, Box<dyn std::error::Error>> {
    let account = create::NewAccount {
        name: "Bench".to_owned(),
        email: format!("bench-{}@example.com", role.as_str()),
        password: "a password for the bench".to_owned(),
        title: String::new(),
        role,
    };
    let member = create::create(app, account).await?.map_err(|problems| format!("{problems:?}"))?;
    let mut first = None;
    for begin in (0..count).step_by(BATCH) {
        let end = (begin + BATCH).min(count);
        let now = app.clock.now();
        let threads: Vec<_> = (begin..end).map(|number| thread(Author::Member(member), number, now)).collect();
        let written = app.db.write(move |tx| write_all(tx, threads)).await?;
        first = first.or(written);
    }
    Ok(first.unwrap_or(1))
}

/// One thread, rendered before the transaction that writes it.
fn thread(author: Author, number: usize, now: Millis) -> (NewQuestion, Vec<(String, markdown::CleanHtml)>) {
    let body = format!(
        "Every evening the router drops its connection. Word{} seems to matter, word{} does not.\n\n- restarted\n- updated",
        number % 97,
        number % 31
    );
    let created_at = now.minus(Duration::from_secs(number as u64));
    let title = "The router drops its connection every evening".to_owned();
    let body_html = markdown::to_html(&body);
    let answers = (0..3).map(|answer| {
        let body = format!("Answer {answer}: choose **channel {}** and restart it. That helped me.", number % 13);
        let html = markdown::to_html(&body);
        (body, html)
    });
    (NewQuestion { topic_id: None, author, title, body, body_html, private: false, created_at }, answers.collect())
}

fn write_all(
    tx: &mut db::Tx<'_>,
    threads: Vec<(NewQuestion, Vec<(String, markdown::CleanHtml)>)>,
) -> Result<Option<i64>, DbError> {
    let mut first = None;
    for (question, texts) in threads {
        let (author, created_at) = (question.author, question.created_at);
        let question_id = questions::insert(tx, &question)?;
        first = first.or(Some(question_id.0));
        for (body, body_html) in texts {
            let answer = answers::insert(tx, &NewAnswer { question_id, author, body, body_html, created_at })?;
            // As if staff had looked at it: what is open is the questions.
            queue::close(tx, Kind::Verify, answer.0)?;
        }
    }
    Ok(first)
}

/// What one kind of request took.
struct Measured {
    sorted: Vec<Duration>,
    cpu: Duration,
}

impl Measured {
    fn at(&self, share: f64) -> f64 {
        let index = (self.sorted.len() as f64 * share) as usize;
        self.sorted.get(index.min(self.sorted.len().saturating_sub(1))).copied().map_or(0.0, millis)
    }

    fn report(&self, out: &mut impl Write, name: &str, base: &Self) -> io::Result<()> {
        let cpu = millis(self.cpu) / self.sorted.len().max(1) as f64;
        let ratio = self.at(0.5) / base.at(0.5).max(0.001);
        writeln!(out, "{name:<34} {:>9.3} {:>9.3} {cpu:>9.3} {ratio:>7.1}", self.at(0.5), self.at(0.99))
    }
}

async fn measure(
    client: &reqwest::Client,
    rounds: usize,
    url: impl Fn(usize) -> String,
) -> Result<Measured, Box<dyn std::error::Error>> {
    for n in 0..WARM_UP {
        get(client, &url(n)).await?;
    }
    let cpu = cpu_time();
    let mut times = Vec::with_capacity(rounds);
    for n in 0..rounds {
        let url = url(n);
        let begun = Instant::now();
        get(client, &url).await?;
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    Ok(Measured { sorted: times, cpu: cpu_time().saturating_sub(cpu) })
}

async fn get(client: &reqwest::Client, url: &str) -> Result<(), Box<dyn std::error::Error>> {
    let answer = client.get(url).send().await?;
    if !answer.status().is_success() {
        return Err(format!("{url} answered {}", answer.status()).into());
    }
    answer.bytes().await?;
    Ok(())
}

/// Signed events of a kind that is stored and then set aside, one after the other.
async fn webhooks(
    client: &reqwest::Client,
    address: &str,
    rounds: usize,
) -> Result<Measured, Box<dyn std::error::Error>> {
    let cpu = cpu_time();
    let mut times = Vec::with_capacity(rounds);
    for n in 0..rounds {
        let body = serde_json::json!({ "data": {
            "event_uuid": n.to_string(), "event_type": "post.like", "filter": { "user_id": ACCOUNT }, "payload": {},
        }})
        .to_string();
        let request = signed(client, address, body)?;
        let begun = Instant::now();
        let answer = request.send().await?;
        times.push(begun.elapsed());
        if !answer.status().is_success() {
            return Err(format!("a webhook was answered {}", answer.status()).into());
        }
    }
    times.sort_unstable();
    Ok(Measured { sorted: times, cpu: cpu_time().saturating_sub(cpu) })
}

/// A webhook as X sends it.
fn signed(client: &reqwest::Client, address: &str, body: String) -> Result<reqwest::RequestBuilder, InvalidLength> {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET.as_bytes())?;
    mac.update(body.as_bytes());
    let signature = format!("sha256={}", BASE64_STANDARD.encode(mac.finalize().into_bytes()));
    let request = client.post(format!("{address}/webhooks/x")).header("content-type", "application/json");
    Ok(request.header("x-twitter-webhooks-signature", signature).body(body))
}

fn client() -> Result<reqwest::Client, Box<dyn std::error::Error>> {
    // Another part of the process may have chosen the same provider before.
    let _chosen_before = rustls::crypto::ring::default_provider().install_default();
    Ok(reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?)
}

fn config(database: Place, folder: &Path, address: &str, workers: usize) -> Config {
    Config {
        site: Site { name: "Bench".to_owned(), address: address.to_owned(), single_staff: false, demo: false },
        server: Server { bind: ([127, 0, 0, 1], 0).into(), workers, trusted_proxies: Proxies::default() },
        database,
        data: folder.to_owned(),
        bridge: Bridge {
            send_timeout: Duration::from_secs(1),
            lease: Duration::from_secs(5),
            read_back_lag: Duration::from_secs(5),
            poll_every: Duration::from_secs(24 * 3600),
            read_messages_every: Duration::from_secs(24 * 3600),
            undo_window: Duration::ZERO,
        },
        secret_key: None,
        x: XPlace::twin(NOWHERE),
        facebook: FacebookPlace::twin(NOWHERE),
        mail: crate::mail::Way::None,
    }
}

fn access() -> NewAccess {
    NewAccess {
        network: Origin::X,
        app: AppKeys {
            client_id: "bench".to_owned(),
            client_secret: None,
            api_key: Some(Secret::new(SECRET)),
            signing_secret: Secret::new(SECRET),
            earlier_signing_secret: None,
            app_token: None,
            may_answer_late: false,
        },
        account: Us { id: ACCOUNT.to_owned(), handle: "bench".to_owned() },
        tokens: Tokens { access: Secret::new(SECRET), refresh: None, expires_at: None, scopes: String::new() },
        mode: Mode::Mirror,
        topic: None,
    }
}

/// Public questions from all over the forum, at most so many.
fn list_sample(conn: &mut db::Conn, most: i64) -> Result<Vec<(QuestionId, String)>, DbError> {
    let end = questions::newest_public(conn)?.map_or(0, |newest| newest.0) + 1;
    let step = (end / most).max(1);
    let mut sample = Vec::new();
    for nth in 0..most {
        let after = QuestionId(nth * step);
        let next = questions::list_public_after(conn, after, QuestionId(end), 1)?.pop();
        sample.extend(next.map(|(id, title, _)| (id, title)));
    }
    sample.dedup();
    Ok(sample)
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// The processor time of this process, which here is server and client together.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// The processor time of the process with this file below `/proc`.
fn cpu_of(stat: &Path) -> io::Result<Duration> {
    const TICKS_PER_SECOND: u64 = 100;
    let stat = std::fs::read_to_string(stat)?;
    // The name in parentheses may hold spaces; the numbers follow it.
    let numbers = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = numbers.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
}

fn resident_mb() -> io::Result<u64> {
    status_mb("VmRSS:")
}

/// A figure of `/proc/self/status`.
fn status_mb(name: &str) -> io::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    Ok(line.split_whitespace().next().and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024)
}
