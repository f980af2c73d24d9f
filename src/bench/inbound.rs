//! `answerwell bench inbound`: posts arrive at a steady pace and in bursts, beside people who read pages.
//!
//! Three things are told: how soon the sender is answered (the post is kept), how soon the post stands on a page and in
//! search, and what pages cost meanwhile against an idle forum in the same run. Arrivals keep to their times whether or
//! not the forum keeps up, as a network does.

use std::error::Error;
use std::io::Write;
use std::time::{Duration, Instant};

use actix_web::web::Data;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::{ACCOUNT, Ground, Measured, SLUG, Settings, cpu_time, fill, get, millis, nth, signed};
use crate::app::App;
use crate::bridge;
use crate::bridge::view::find_mirror;
use crate::clock::Clock;
use crate::posts::Origin;

/// How posts arrive.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// A second, over `seconds`.
    pub steady: u32,
    pub seconds: u32,
    /// A second, over `burst_seconds`.
    pub burst: u32,
    pub burst_seconds: u32,
}

/// Between two pages that somebody asks for.
const READ_EVERY: Duration = Duration::from_millis(20);
/// Between two looks for a post that was just sent.
const LOOK_EVERY: Duration = Duration::from_millis(25);
/// One post in so many is looked for.
const SAMPLE: u32 = 25;
/// A post that is not seen after this time will not be.
const PATIENCE: Duration = Duration::from_secs(60);

/// Fills a database, serves it with two workers, and reports to `out`.
pub async fn run(settings: &Settings, pace: Pace, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let ground = Ground::lay(settings, 2).await?;
    let first = fill(&ground.app, settings.questions).await?;
    let newest = ground.app.db.read(crate::db::newest_change).await?;
    ground.app.search.wait_for(newest).await;
    let readers = Readers { first, count: i64::try_from(settings.questions)? };
    writeln!(out, "{:<34} {:>9} {:>9} {:>9} {:>9}", "milliseconds", "count", "median", "p99", "slowest")?;

    let idle = readers.read_for(&ground, Duration::from_secs(5)).await?;
    tell(out, "pages, idle", &idle)?;
    let steady = arrive(&ground, &readers, pace.steady, pace.seconds, "s").await?;
    tell(out, &format!("{} posts a second: kept", pace.steady), &steady.kept)?;
    tell(out, "  on the page", &steady.on_page)?;
    tell(out, "  in search", &steady.in_search)?;
    tell(out, "  pages beside it", &steady.pages)?;
    let burst = arrive(&ground, &readers, pace.burst, pace.burst_seconds, "b").await?;
    tell(out, &format!("{} posts a second: kept", pace.burst), &burst.kept)?;
    tell(out, "  pages beside it", &burst.pages)?;
    writeln!(out, "refused or lost: {} steady, {} in bursts", steady.failed, burst.failed)?;
    let placed = Instant::now();
    while ground.app.db.read(bridge::count_unplaced).await? > 0 {
        sleep(LOOK_EVERY).await;
    }
    let newest = ground.app.db.read(crate::db::newest_change).await?;
    ground.app.search.wait_for(newest).await;
    writeln!(out, "all of the burst on pages and in search {:.1} s after its end", placed.elapsed().as_secs_f64())?;
    for (name, beside) in [("steady", &steady.pages), ("in bursts", &burst.pages)] {
        writeln!(
            out,
            "pages {name} cost {:.2} of an idle forum's median, {:.2} of its p99",
            beside.at(0.5) / idle.at(0.5).max(0.001),
            beside.at(0.99) / idle.at(0.99).max(0.001)
        )?;
    }
    ground.clear().await;
    Ok(())
}

/// What a stretch of arrivals took.
struct Arrived {
    kept: Measured,
    on_page: Measured,
    in_search: Measured,
    pages: Measured,
    failed: usize,
}

async fn arrive(
    ground: &Ground,
    readers: &Readers,
    pace: u32,
    seconds: u32,
    run: &str,
) -> Result<Arrived, Box<dyn Error>> {
    let cpu = cpu_time();
    let span = Duration::from_secs(seconds.into());
    let sending = async {
        let mut sent = JoinSet::new();
        let mut looking = JoinSet::new();
        let mut ticks = interval(Duration::from_secs(1) / pace);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        for number in 0..pace * seconds {
            ticks.tick().await;
            let word = format!("arrival{run}{number}");
            let request = signed(&ground.client, &ground.address, event(&word, run, number))
                .map_err(|error| error.to_string())?;
            sent.spawn(async move {
                let begun = Instant::now();
                let answer = request.send().await;
                answer.is_ok_and(|answer| answer.status().is_success()).then(|| begun.elapsed())
            });
            // Looking costs pages: in a burst nobody promises a second.
            if run == "s" && number % SAMPLE == 0 {
                looking.spawn(on_page(
                    ground.app.clone(),
                    ground.client.clone(),
                    ground.address.clone(),
                    id(run, number),
                ));
                let url = format!("{}/search?q={word}", ground.address);
                looking.spawn(in_search(ground.client.clone(), url, format!("<mark>{word}</mark>")));
            }
        }
        let told: Vec<Option<Duration>> = sent.join_all().await;
        let seen: Vec<(bool, Option<Duration>)> = looking.join_all().await;
        Ok::<_, String>((told, seen))
    };
    let (sent, pages) = tokio::join!(sending, readers.read_for(ground, span));
    let (told, seen) = sent?;
    let failed = told.iter().filter(|one| one.is_none()).count();
    if seen.iter().any(|(_, time)| time.is_none()) {
        return Err("a post that was kept did not show up within a minute".into());
    }
    let times = |search: bool| seen.iter().filter(|one| one.0 == search).filter_map(|one| one.1).collect();
    Ok(Arrived {
        kept: sorted(told.into_iter().flatten().collect(), cpu)?,
        on_page: sorted(times(false), cpu)?,
        in_search: sorted(times(true), cpu)?,
        pages: pages?,
        failed,
    })
}

/// How long it takes until a post has a page, and that page can be read.
async fn on_page(app: Data<App>, client: reqwest::Client, address: String, id: String) -> (bool, Option<Duration>) {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        let wanted = id.clone();
        if let Ok(Some((_, question))) = app.db.read(move |conn| find_mirror(conn, Origin::X, &wanted)).await
            && let Ok(answer) = client.get(format!("{address}/questions/{question}")).send().await
            && answer.status().is_success()
        {
            return (false, Some(begun.elapsed()));
        }
        sleep(LOOK_EVERY).await;
    }
    (false, None)
}

/// How long it takes until a search finds and marks this word.
async fn in_search(client: reqwest::Client, url: String, marked: String) -> (bool, Option<Duration>) {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if let Ok(answer) = client.get(&url).send().await
            && let Ok(page) = answer.text().await
            && page.to_lowercase().contains(&marked)
        {
            return (true, Some(begun.elapsed()));
        }
        sleep(LOOK_EVERY).await;
    }
    (true, None)
}

/// People who read.
struct Readers {
    first: i64,
    count: i64,
}

impl Readers {
    /// Question pages, lists and searches in turn.
    async fn read_for(&self, ground: &Ground, span: Duration) -> Result<Measured, Box<dyn Error>> {
        let (cpu, begun, mut times) = (cpu_time(), Instant::now(), Vec::new());
        let address = &ground.address;
        for n in 0usize.. {
            if begun.elapsed() >= span {
                break;
            }
            let url = match n % 4 {
                0 => format!("{address}/"),
                1 => format!("{address}/search?q=router+word{}", n % 97),
                _ => format!("{address}/questions/{}/{SLUG}", nth(self.first, self.count, n)),
            };
            let asked = Instant::now();
            get(&ground.client, &url).await?;
            times.push(asked.elapsed());
            sleep(READ_EVERY).await;
        }
        sorted(times, cpu)
    }
}

/// A post that mentions the account, as X's webhook tells of it. `word` stands in its first sentence, and so in its title.
fn event(word: &str, run: &str, number: u32) -> String {
    let id = id(run, number);
    let author = format!("77{:05}", number % 5_000);
    let text = format!("@bench {word} since the update my router drops its connection every evening, what now?");
    serde_json::json!({ "data": {
        "event_uuid": id, "event_type": "post.mention.create", "filter": { "user_id": ACCOUNT },
        "payload": {
            "id": id, "text": text, "author_id": author, "conversation_id": id, "created_at": Clock::Real.now().to_rfc3339(),
            "entities": { "mentions": [{ "start": 0, "end": 6, "username": "bench", "id": ACCOUNT }] },
        },
        "includes": { "users": [{ "id": author, "username": format!("user{author}"), "name": "Somebody" }] },
    }})
    .to_string()
}

fn id(run: &str, number: u32) -> String {
    format!("{}{number:09}", if run == "s" { "10000000" } else { "20000000" })
}

fn sorted(mut times: Vec<Duration>, cpu: Duration) -> Result<Measured, Box<dyn Error>> {
    times.sort_unstable();
    Ok(Measured { sorted: times, cpu: cpu_time().saturating_sub(cpu) })
}

fn tell(out: &mut impl Write, name: &str, times: &Measured) -> std::io::Result<()> {
    let slowest = times.sorted.last().copied().map_or(0.0, millis);
    writeln!(out, "{name:<34} {:>9} {:>9.1} {:>9.1} {slowest:>9.1}", times.sorted.len(), times.at(0.5), times.at(0.99))
}
