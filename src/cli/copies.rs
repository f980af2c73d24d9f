//! `backup` and `restore`: a whole copy of the database, and back from one.

use std::path::Path;

use super::args::Copy;
use super::{Ended, open_folder, say};
use crate::bridge;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Db, DbError, Place, copy, migrations};
use crate::files;
use crate::upkeep::{BackupRow, insert_backup};

pub(super) async fn back_up(args: Copy) -> Result<(), Ended> {
    let config = Config::read(args.settings.config.as_deref())?;
    let (place, file) = (config.database.clone(), args.file.clone());
    // What is written after this moment is not in the copy.
    let made_at = Clock::Real.now();
    let bytes = blocking(move || Ok(copy::back_up(&place, &file)?)).await?;
    note(config.database, BackupRow { made_at, bytes: i64::try_from(bytes).unwrap_or(i64::MAX) }).await?;
    say(format_args!(
        "{} is a whole copy of the database as of {} ({}). The key of the secrets is not in it: keep {} apart from it, once.",
        args.file.display(),
        made_at.to_words(),
        size(bytes),
        config.data.join("secret.key").display()
    ));
    if config.data.join(files::FOLDER).exists() {
        say(format_args!(
            "The pictures that members uploaded are not in it either: copy the folder {} beside it, after this. A picture is a \
             file that never changes, so rsync or cp -u will do while the server runs.",
            config.data.join(files::FOLDER).display()
        ));
    }
    Ok(())
}

/// Notes for `doctor` that there is a copy. A database of another version has no place for that, and is left alone.
async fn note(place: Place, made: BackupRow) -> Result<(), Ended> {
    let db = blocking(move || Ok(Db::open_migrated(place)?)).await?;
    let known = db.read(migrations).await?;
    if known.missing.is_empty() && known.unknown.is_empty() {
        db.write(move |tx| insert_backup(tx, made)).await?;
    }
    Ok(())
}

pub(super) async fn restore(args: Copy) -> Result<(), Ended> {
    let config = Config::read(args.settings.config.as_deref())?;
    open_folder(&config.data, "data.folder")?;
    if let Place::Sqlite(file) = &config.database
        && let Some(folder) = file.parent().filter(|folder| *folder != Path::new(""))
    {
        open_folder(folder, "database.url")?;
    }
    let (place, file, folder) = (config.database.clone(), args.file.clone(), config.data.clone());
    let now = Clock::Real.now();
    let unsent = blocking(move || {
        let adapt = |tx: &mut crate::db::Tx<'_>| -> Result<usize, DbError> { bridge::doubt_unsent(tx, now) };
        Ok(copy::restore(&file, &place, &folder, adapt)?)
    })
    .await?;
    say(format_args!("The copy {} is brought back.", args.file.display()));
    if unsent > 0 {
        say(format_args!(
            "{unsent} replies had not been sent when the copy was made. They may have been since, so nothing is sent by \
             itself: they are looked for on the network, and what is not found waits on the desk for a person to decide."
        ));
    }
    say(format_args!(
        "The pictures that members uploaded are not in a copy: put your copy of their folder to {}.",
        config.data.join(files::FOLDER).display()
    ));
    say(
        "The key of the secrets is not in a copy: put secret.key back into the data folder (or set ANSWERWELL_SECRET_KEY). \
         Access to the networks may have been renewed since the copy was made; if a channel says that its access is gone, \
         connect it again. Next: answerwell doctor, then answerwell serve.",
    );
    Ok(())
}

/// Bytes as people read them.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    if bytes < 1_000 {
        return format!("{bytes} bytes");
    }
    let mut scaled = bytes;
    let mut unit = 0;
    while scaled >= 1_000_000 && unit + 1 < UNITS.len() {
        scaled /= 1_000;
        unit += 1;
    }
    format!("{}.{} {}", scaled / 1_000, scaled % 1_000 / 100, UNITS[unit])
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Ended> + Send + 'static) -> Result<T, Ended> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|panic| Ended::Trouble(format!("it ended early: {panic}")))?
}
