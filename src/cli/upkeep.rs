//! `migrate` and `reindex`: one piece of work, then the end.

use super::args::Settings;
use super::{Ended, open_folder, say};
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
