//! The end of pictures that nobody uses: first their row, then their files. A crash between the two leaves files that no row
//! names: they are served to nobody.

use std::time::Duration;

use actix_web::web::Data;
use object_store::ObjectStoreExt;
use tokio::sync::Notify;

use super::{Size, key, store, trouble};
use crate::app::App;
use crate::jobs::{Jobs, Progress, repeat};
use crate::pictures::PictureName;
use crate::web::Error;

const HOUR: Duration = Duration::from_secs(3600);
/// Pictures that one step ends.
const BATCH: usize = 100;

/// Starts what this slice does in the background.
pub fn start(app: &Data<App>, jobs: &mut Jobs) {
    let (data, stop) = (app.clone(), jobs.stop());
    jobs.spawn(async move {
        repeat("uploads", stop, &Notify::new(), HOUR, || sweep(&data)).await;
    });
}

/// Ends a batch of pictures that nobody uses.
pub async fn sweep(app: &App) -> Result<Progress, Error> {
    let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
    let names = app.db.read(move |conn| store::list_unused(conn, limit)).await?;
    let mut ended = 0;
    for name in names {
        let _moving = app.files.moving.lock().await;
        let gone = name.clone();
        if app.db.write(move |tx| store::delete_unused(tx, &gone)).await? {
            ended += 1;
            delete(app, &name).await?;
        }
    }
    if ended > 0 {
        tracing::info!(ended, "{ended} uploaded pictures that nobody used went");
    }
    Ok(if ended == BATCH { Progress::More } else { Progress::Idle })
}

async fn delete(app: &App, name: &str) -> Result<(), Error> {
    let Some(name) = PictureName::parse(name) else { return Ok(()) };
    let store = app.files.store().await?;
    for size in [Size::Whole, Size::Small] {
        match store.delete(&key(&name, size)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(trouble(&error)),
        }
    }
    Ok(())
}
