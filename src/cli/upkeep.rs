//! `migrate`, `reindex` and `bench`: one piece of work, then the end.

use std::fmt::Display;
use std::io;

use super::args::{Bench, BenchDesk, BenchInbound, BenchPages, BenchSeed, BenchWhat, Settings};
use super::{Ended, open_folder, say};
use crate::bench;
use crate::config::Config;
use crate::db::{Db, Place};
use crate::search::{Search, SearchError};

pub(super) async fn migrate(settings: &Settings) -> Result<(), Ended> {
    let config = Config::read(settings.config.as_deref())?;
    let place = config.database.clone();
    open(&config).await?;
    say(match place {
        Place::Sqlite(file) => format!("The database {} is up to date.", file.display()),
        Place::Postgres(_) => "The PostgreSQL database is up to date.".to_owned(),
    });
    Ok(())
}

pub(super) async fn reindex(settings: &Settings) -> Result<(), Ended> {
    let config = Config::read(settings.config.as_deref())?;
    open_folder(&config.data, "data.folder")?;
    let db = open(&config).await?;
    let search = Search::open(config.data.clone(), db).await;
    match search.rebuild().await {
        Ok(()) => {
            say(format_args!("The search index in {} is built anew.", config.data.display()));
            Ok(())
        }
        Err(SearchError::Held(folder)) => Err(Ended::Trouble(format!(
            "a running server holds the search index. Delete the folder {} instead, while the server runs: it builds a \
             new one within seconds, and search goes on.",
            folder.display()
        ))),
        Err(error) => Err(error.into()),
    }
}

/// Opens the database of these settings, migrating it as needed.
pub(super) async fn open(config: &Config) -> Result<Db, Ended> {
    let place = config.database.clone();
    let opened = tokio::task::spawn_blocking(move || Db::open(place)).await;
    Ok(opened.map_err(|panic| Ended::Trouble(format!("opening the database ended early: {panic}")))??)
}

pub(super) async fn bench(args: &Bench) -> Result<(), Ended> {
    let refuse = |problem: &dyn Display| Ended::Usage(problem.to_string());
    match &args.what {
        Some(BenchWhat::Seed(seed)) => return bench_seed(seed).await,
        Some(BenchWhat::Pages(pages)) => return bench_pages(pages).await,
        _ => {}
    }
    let database = args.database.as_deref().map(Place::parse).transpose().map_err(|problem| refuse(&problem))?;
    let folder = std::env::temp_dir().join(format!("answerwell-bench-{}", std::process::id()));
    open_folder(&folder, "the temporary folder")?;
    let settings = bench::Settings { questions: args.questions, rounds: args.rounds, database, folder: folder.clone() };
    let mut out = io::stdout().lock();
    let done = match args.what {
        None | Some(BenchWhat::Seed(_) | BenchWhat::Pages(_)) => bench::run(settings, &mut out).await,
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
    let file = args.data.join(SEEDED);
    if !file.exists() {
        let folder = args.data.display();
        return Err(Ended::Usage(format!(
            "there is no database in {folder}. Make one: answerwell bench seed --data {folder}"
        )));
    }
    let opened = tokio::task::spawn_blocking(move || Db::open(Place::Sqlite(file))).await;
    let db = opened.map_err(|panic| Ended::Trouble(format!("opening the database ended early: {panic}")))??;
    let done = bench::pages::run(&args.data, db, args.rounds, &mut io::stdout().lock()).await;
    done.map_err(|error| Ended::Trouble(error.to_string()))
}
