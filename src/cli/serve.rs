//! `serve`: the forum of a real site. Refuses what belongs to the demo.

use actix_web::web::Data;

use super::args::Settings;
use super::{Ended, listen, open_folder, say, serve_until_stopped};
use crate::admin::first_run;
use crate::app::{self, App};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{self, Place};
use crate::demo::folder;

pub(super) async fn run(settings: &Settings) -> Result<(), Ended> {
    let config = Config::read(settings.config.as_deref())?;
    refuse_demo(&config)?;
    open_folder(&config.data, "data.folder")?;
    let listener = listen(config.server.bind, "server.bind")?;
    let bind = config.server.bind;
    let app = Data::new(App::build(config, Clock::Real).await?);
    if app.db.read(db::is_demo).await? {
        return Err(Ended::Usage(
            "this database was filled by a demo: its people are made up and their passwords are known to everybody. \
             `serve` will not use it. Set database.url to one of your own."
                .to_owned(),
        ));
    }
    let jobs = App::start(&app);
    let server = app::server(app.clone(), listener)
        .map_err(|error| Ended::Trouble(format!("the server cannot start: {error}")))?;
    let site = app.identity.now();
    say(format_args!("{} listens on http://{bind}; its public address is {}.", site.name, site.address));
    let link = first_run::invite(&app).await.map_err(|error| Ended::Trouble(error.to_string()))?;
    if let Some(link) = link {
        // The one secret that the log ever holds: it is dead as soon as somebody used it, or at the next start.
        tracing::warn!("nobody runs this site yet. Open {link} in a browser: whoever does becomes its administrator");
    }
    serve_until_stopped(server, jobs, Vec::new(), std::future::pending()).await
}

/// A demo's folder holds made-up people whose passwords everybody knows.
fn refuse_demo(config: &Config) -> Result<(), Ended> {
    let beside_database = match &config.database {
        Place::Sqlite(file) => file.parent(),
        Place::Postgres(_) => None,
    };
    for place in [Some(config.data.as_path()), beside_database].into_iter().flatten() {
        if folder::is_demo(place) {
            return Err(Ended::Usage(format!(
                "{} is the data folder of a demo: its people are made up and their passwords are known to everybody. \
                 `serve` will not use it. Set data.folder (and database.url) to a folder of your own.",
                place.display()
            )));
        }
    }
    Ok(())
}
