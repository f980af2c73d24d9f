//! The loop that holds each new question against the searches that members follow, and notes what was found for the news,
//! which tell the followers.
//!
//! How far a question is stands in its row. It moves on with what was found, in one transaction: two nodes at once, or a
//! process that dies, tell nobody twice and leave no search out. Without an index the questions wait.

use std::time::Duration;

use actix_web::web::Data;

use super::SearchError;
use crate::app::App;
use crate::db::{self, Conn, DbError};
use crate::follows::{self, Search};
use crate::jobs::{Jobs, Progress, Stop, repeat};
use crate::news::{self, Find, ToSearch};
use crate::questions::QuestionId;

/// Other nodes' posts wake nobody here.
const LOOK: Duration = Duration::from_secs(2);
/// The index follows within a second, where it is not being built.
const PATIENCE: Duration = Duration::from_secs(30);
/// Questions that are held against a search at once: it costs about the same for one and for many.
const QUESTIONS: i64 = 100;
/// Searches between two looks at the database.
const SEARCHES: i64 = 50;

/// Starts the loop.
pub fn start(app: &Data<App>, jobs: &mut Jobs) {
    let (data, stop) = (app.clone(), jobs.stop());
    jobs.spawn(async move {
        repeat("followed searches", stop.clone(), data.db.changed(), LOOK, || step(&data, stop.clone())).await;
    });
}

/// What one step does.
struct Round {
    new: ToSearch,
    searches: Vec<Search>,
    /// The newest change that these questions may have come with.
    change: i64,
}

async fn step(app: &App, mut stop: Stop) -> Result<Progress, SearchError> {
    let Some(Round { new, searches, change }) = app.db.read(load).await? else { return Ok(Progress::Idle) };
    tokio::select! {
        () = app.search.wait_for(change) => {}
        () = tokio::time::sleep(PATIENCE) => {
            tracing::warn!("new questions wait for the search index, which has not read them yet");
            return Ok(Progress::Idle);
        }
        () = stop.stopped() => return Ok(Progress::Idle),
    }
    let mut finds = Vec::new();
    for search in &searches {
        let shown_since = new.questions.iter().filter(|question| question.last_search >= search.id);
        let ids: Vec<QuestionId> = shown_since.map(|question| QuestionId(question.question_id)).collect();
        if ids.is_empty() {
            continue;
        }
        let found = app.search.finds(&search.words, &ids).await?;
        let found = new.questions.iter().filter(|question| found.contains(&QuestionId(question.question_id)));
        finds.extend(found.map(|question| Find {
            search_id: search.id,
            question_id: question.question_id,
            by: question.by,
        }));
    }
    let is_last = searches.len() < SEARCHES as usize;
    let up_to = searches.last().filter(|_| !is_last).map_or(i64::MAX, |search| search.id);
    news::searched(&app.db, new, up_to, finds).await?;
    Ok(Progress::More)
}

fn load(conn: &mut Conn) -> Result<Option<Round>, DbError> {
    let Some(new) = news::list_to_search(conn, QUESTIONS)? else { return Ok(None) };
    let searches = follows::list_searches(conn, new.asked_up_to, SEARCHES)?;
    Ok(Some(Round { change: db::newest_change(conn)?, new, searches }))
}
