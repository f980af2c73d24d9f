//! `/health` and `/ready`, for whatever looks after the process: a supervisor, a balancer, a person with curl.
//!
//! Health: the process answers; one that does not is to be restarted. Ready: requests can be carried out; one that is not
//! gets none until it is. Both say nothing about content or settings, since anybody may ask.

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde_json::json;

use crate::app::App;
use crate::db::{self, Db};

/// A database that needs longer keeps people waiting, too.
const PATIENCE: Duration = Duration::from_secs(3);

/// `GET /health`
pub async fn health() -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(json!({ "ok": true }))
}

/// `GET /ready`: 200, or 503 with the reasons.
pub async fn ready(app: web::Data<App>) -> HttpResponse {
    let database = look_at_database(&app.db).await;
    let workers = app.pulse.ailments();
    let workers = if workers.is_empty() { Ok(()) } else { Err(workers.join(", ")) };
    let checks = [("database", database), ("workers", workers), ("search", look_at_search(&app))];
    let is_ready = checks.iter().all(|(_, found)| found.is_ok());
    let told: Vec<_> = checks
        .into_iter()
        .map(|(name, found)| match found {
            Ok(()) => json!({ "name": name, "ok": true }),
            Err(reason) => json!({ "name": name, "ok": false, "reason": reason }),
        })
        .collect();
    let mut answer = if is_ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    answer.insert_header((header::CACHE_CONTROL, "no-store")).json(json!({ "ready": is_ready, "checks": told }))
}

async fn look_at_database(db: &Db) -> Result<(), String> {
    let looked = tokio::time::timeout(PATIENCE, db.read(db::migrations)).await;
    match looked {
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
        // What exactly went wrong may name a host or a user.
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready: {error}");
            Err("cannot be read; the log says why".to_owned())
        }
        Ok(Ok(found)) if found.missing.is_empty() => Ok(()),
        Ok(Ok(found)) => {
            Err(format!("migrations are missing ({}); run `answerwell migrate`", found.missing.join(", ")))
        }
    }
}

/// Pages go on without search, and an index that was lost is built while they do; but nobody should be sent to a node
/// that finds nothing.
fn look_at_search(app: &App) -> Result<(), String> {
    match app.search.indexed_up_to() {
        Some(_) => Ok(()),
        None => Err("the index is being built".to_owned()),
    }
}
