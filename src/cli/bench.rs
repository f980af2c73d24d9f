//! `bench`: its arguments and their help, and what is opened for it.

use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{Ended, open_folder};
use crate::bench;
use crate::db::{Db, Place};
use crate::search::Search;

pub const ABOUT: &str = "\
Measures what pages, search and webhooks cost on this machine.

Fills an empty database with questions through the product's own functions, serves it on a free port of this machine, asks \
for pages one after the other, and prints the median, the slowest hundredth, the processor time (server and client \
together), and the ratio to a small static file of the same run: on a busy machine only that ratio can be compared.";

const BENCH_INBOUND: &str = "\
Measures how fast posts arrive.

Signed webhooks come at a steady pace, then in a burst, while somebody reads pages. Told are the times until a post is kept, \
until it stands on a page and in search, and what pages cost meanwhile against the idle forum of the same run.";

const BENCH_DESK: &str = "\
Measures what the queue of the desk costs.

Fills the forum with questions of which many wait for staff, opens the queue, its lists and a thread beside it, then opens \
many live pages at once and tells what they cost while nothing happens, against the same process without them.";

const BENCH_SEED: &str = "\
Makes a forum of any size that reads like one, the same each time.

Members, topics, tags, questions asked here and on X, answers, comments, votes, what was accepted and verified, reputation, \
and the search index over it all, in an empty database. 100,000 questions take about a minute on SQLite.";

const BENCH_PAGES: &str = "\
Measures what each public page costs.

Serves the forum in a folder by a process of its own, asks for pages that are made anew and for those that are kept, and prints \
the server's processor time for each. Then asks for one kept page as often as the server can, in turn with nginx (if it is \
installed) and a file of the same size: on a busy machine only the ratio can be compared.";

const BENCH_SEARCH: &str = "\
Measures what finding costs.

Asks the functions behind the search page, the suggestions while one types and similar questions, over the forum in a folder, \
with words of its own titles, and prints the processor time and the wait for each kind of query, how many a second, the size \
of the index beside the text, and the memory. Then builds the index anew beside the old one and prints how fast that was.";

/// What `bench` measures instead of pages one after the other.
#[derive(Debug, Subcommand)]
pub enum BenchWhat {
    /// Posts that arrive, steadily and in bursts, while people read
    #[command(long_about = BENCH_INBOUND)]
    Inbound(BenchInbound),
    /// The queue of the desk over a large forum, and pages that are open while nothing happens
    #[command(long_about = BENCH_DESK)]
    Desk(BenchDesk),
    /// A forum of any size in a folder, the same each time
    #[command(long_about = BENCH_SEED)]
    Seed(BenchSeed),
    /// What each public page costs, and how fast kept pages are shown beside nginx
    #[command(long_about = BENCH_PAGES)]
    Pages(BenchPages),
    /// What finding costs, by kind of query, and how large and how fast the index is
    #[command(long_about = BENCH_SEARCH)]
    Search(BenchSearch),
}

/// The arguments of `bench seed`.
#[derive(Debug, Args)]
pub struct BenchSeed {
    /// How many questions; there are three answers to each on the average
    #[arg(long, default_value_t = 100_000)]
    pub questions: usize,
    /// The data folder that is made; `answerwell serve` can serve it
    #[arg(long, value_name = "FOLDER", default_value = "bench-data")]
    pub data: PathBuf,
    /// An empty PostgreSQL database instead of a SQLite file in the folder
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
}

/// The arguments of `bench pages`.
#[derive(Debug, Args)]
pub struct BenchPages {
    /// A data folder with a SQLite database, as `bench seed` makes it; nobody else may serve it meanwhile
    #[arg(long, value_name = "FOLDER", default_value = "bench-data")]
    pub data: PathBuf,
    /// How many requests of each kind
    #[arg(long, default_value_t = 2_000)]
    pub rounds: usize,
}

/// The arguments of `bench search`.
#[derive(Debug, Args)]
pub struct BenchSearch {
    /// A data folder with a SQLite database, as `bench seed` makes it; nobody else may serve it meanwhile
    #[arg(long, value_name = "FOLDER", default_value = "bench-data")]
    pub data: PathBuf,
    /// How many queries of each kind
    #[arg(long, default_value_t = 1_000)]
    pub rounds: usize,
}

/// The arguments of `bench desk`.
#[derive(Clone, Copy, Debug, Args)]
pub struct BenchDesk {
    /// How many of the questions wait for staff; `--questions 250000` makes a million posts
    #[arg(long, default_value_t = 50_000)]
    pub open: usize,
    /// Pages of the desk that are open at once
    #[arg(long, default_value_t = 50)]
    pub staff: usize,
    /// For so many seconds nothing happens
    #[arg(long, default_value_t = 30)]
    pub seconds: u64,
}

/// The arguments of `bench inbound`.
#[derive(Clone, Copy, Debug, Args)]
pub struct BenchInbound {
    /// Posts a second, steadily
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub steady: u32,
    /// For so many seconds
    #[arg(long, default_value_t = 20)]
    pub seconds: u32,
    /// Posts a second, in the burst
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub burst: u32,
    /// For so many seconds
    #[arg(long, default_value_t = 4)]
    pub burst_seconds: u32,
}

/// The arguments of `bench`.
#[derive(Debug, Args)]
pub struct Bench {
    #[command(subcommand)]
    pub what: Option<BenchWhat>,
    /// How many questions, each with three answers
    #[arg(long, default_value_t = 10_000)]
    pub questions: usize,
    /// How many requests of each kind
    #[arg(long, default_value_t = 1_000)]
    pub rounds: usize,
    /// An empty PostgreSQL database instead of a SQLite file
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
}

pub(super) async fn run(args: &Bench) -> Result<(), Ended> {
    let refuse = |problem: &dyn Display| Ended::Usage(problem.to_string());
    match &args.what {
        Some(BenchWhat::Seed(seed)) => return bench_seed(seed).await,
        Some(BenchWhat::Pages(pages)) => return bench_pages(pages).await,
        Some(BenchWhat::Search(search)) => return bench_search(search).await,
        _ => {}
    }
    let database = args.database.as_deref().map(Place::parse).transpose().map_err(|problem| refuse(&problem))?;
    let folder = std::env::temp_dir().join(format!("answerwell-bench-{}", std::process::id()));
    open_folder(&folder, "the temporary folder")?;
    let settings = bench::Settings { questions: args.questions, rounds: args.rounds, database, folder: folder.clone() };
    let mut out = io::stdout().lock();
    let done = match args.what {
        None | Some(BenchWhat::Seed(_) | BenchWhat::Pages(_) | BenchWhat::Search(_)) => {
            bench::run(settings, &mut out).await
        }
        Some(BenchWhat::Inbound(BenchInbound { steady, seconds, burst, burst_seconds })) => {
            let pace = bench::inbound::Pace { steady, seconds, burst, burst_seconds };
            bench::inbound::run(&settings, pace, &mut out).await
        }
        Some(BenchWhat::Desk(BenchDesk { open, staff, seconds })) => {
            let desk = bench::desk::Desk { open, staff, seconds };
            bench::desk::run(&settings, desk, &mut out).await
        }
    };
    std::fs::remove_dir_all(&folder).map_err(|error| Ended::Trouble(format!("{}: {error}", folder.display())))?;
    done.map_err(|error| Ended::Trouble(error.to_string()))
}

/// The database of a folder that `bench seed` makes.
const SEEDED: &str = "answerwell.db";

async fn bench_seed(args: &BenchSeed) -> Result<(), Ended> {
    let place = match args.database.as_deref() {
        Some(address) => Place::parse(address).map_err(Ended::Usage)?,
        None => Place::Sqlite(args.data.join(SEEDED)),
    };
    open_folder(&args.data, "the folder")?;
    let opened = tokio::task::spawn_blocking(move || Db::open(place)).await;
    let db = opened.map_err(|panic| Ended::Trouble(format!("opening the database ended early: {panic}")))??;
    let search = Search::open(args.data.clone(), db.clone()).await;
    let made = bench::seed::run(&db, &search, args.questions, &mut io::stdout().lock()).await;
    made.map_err(|error| Ended::Trouble(error.to_string()))
}

async fn bench_pages(args: &BenchPages) -> Result<(), Ended> {
    let db = open_seeded(&args.data).await?;
    let done = bench::pages::run(&args.data, db, args.rounds, &mut io::stdout().lock()).await;
    done.map_err(|error| Ended::Trouble(error.to_string()))
}

async fn bench_search(args: &BenchSearch) -> Result<(), Ended> {
    let db = open_seeded(&args.data).await?;
    let done = bench::search::run(&args.data, &db, args.rounds, &mut io::stdout().lock()).await;
    done.map_err(|error| Ended::Trouble(error.to_string()))
}

async fn open_seeded(folder: &Path) -> Result<Db, Ended> {
    let file = folder.join(SEEDED);
    if !file.exists() {
        let folder = folder.display();
        return Err(Ended::Usage(format!(
            "there is no database in {folder}. Make one: answerwell bench seed --data {folder}"
        )));
    }
    let opened = tokio::task::spawn_blocking(move || Db::open(Place::Sqlite(file))).await;
    Ok(opened.map_err(|panic| Ended::Trouble(format!("opening the database ended early: {panic}")))??)
}
