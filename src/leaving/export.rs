//! Everything that a member wrote, and what is known of them, as one JSON file: `GET /account/export`.
//!
//! It is sent while it is read, a batch at a time, each in a snapshot of its own: however much somebody wrote, no request
//! holds it, and no transaction stays open. Where something fails midway the transfer breaks off, so that half a file is
//! never taken for a whole one.

use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::{HttpResponse, web};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::answers::{self, AnswerId};
use crate::app::App;
use crate::brakes::{self, Limit};
use crate::clock::Millis;
use crate::comments::{self, CommentId};
use crate::db::{Conn, DbError, PostKind};
use crate::follows;
use crate::members::{self, MemberId, Own};
use crate::moderation;
use crate::posts::history::Written;
use crate::posts::{self, OwnWords};
use crate::profiles;
use crate::questions::{self, QuestionId};
use crate::votes;
use crate::web::{Error, redirect};

const BATCH: i64 = 200;
/// Pieces that are ready before the network takes them.
const AHEAD: usize = 2;
const TRIES: Limit = Limit { free: 10, pause: Duration::from_secs(300), longest: Duration::from_secs(3_600) };

/// Reads a batch after an id: each with its own.
type Batch = fn(&mut Conn, MemberId, i64, i64) -> Result<Vec<(i64, Value)>, DbError>;

/// What a member wrote, in the order of the file.
const PARTS: [(&str, Batch); 5] =
    [("questions", questions), ("answers", answers), ("comments", comments), ("votes", votes), ("reports", reports)];

/// `GET /account/export`
pub async fn send(app: web::Data<App>, Own(member): Own) -> Result<HttpResponse, Error> {
    let (now, what) = (app.clock.now(), brakes::of_account("export", &member.id.to_string()));
    if app.db.write(move |tx| brakes::try_once(tx, &what, TRIES, now)).await?.is_some() {
        return Ok(redirect("/account?told=export-enough"));
    }
    let (pieces, taken) = mpsc::channel(AHEAD);
    let name = format!("attachment; filename=\"{}.json\"", member.handle);
    actix_web::rt::spawn(async move {
        if let Err(error) = write(&app, member.id, &pieces).await {
            tracing::error!(%error, "an export broke off");
            // Nobody is there any more to whom it could be said.
            let _gone = pieces.send(Err(error)).await;
        }
    });
    let body = stream::unfold(taken, |mut taken| async move { taken.recv().await.map(|piece| (piece, taken)) });
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((CONTENT_DISPOSITION, name))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .streaming(body))
}

type Pieces = mpsc::Sender<Result<web::Bytes, Error>>;

async fn write(app: &App, id: MemberId, pieces: &Pieces) -> Result<(), Error> {
    let now = app.clock.now();
    let about = app.db.read(move |conn| about(conn, id, now)).await?;
    if !say(pieces, format!("{{\n\"exported_at\": {},\n\"account\": {about:#}", json!(now.to_rfc3339()))).await {
        return Ok(());
    }
    for (name, batch) in PARTS {
        if !say(pieces, format!(",\n\"{name}\": [")).await {
            return Ok(());
        }
        let mut after = 0;
        loop {
            let rows = app.db.read(move |conn| batch(conn, id, after, BATCH)).await?;
            let Some((last, _)) = rows.last() else { break };
            let texts: Vec<String> = rows.iter().map(|(_, row)| format!("{row:#}")).collect();
            let comma = if after == 0 { "\n" } else { ",\n" };
            after = *last;
            if !say(pieces, format!("{comma}{}", texts.join(",\n"))).await {
                return Ok(());
            }
        }
        if !say(pieces, "\n]".to_owned()).await {
            return Ok(());
        }
    }
    say(pieces, "\n}\n".to_owned()).await;
    Ok(())
}

/// `false`: whoever asked is gone.
async fn say(pieces: &Pieces, text: String) -> bool {
    pieces.send(Ok(web::Bytes::from(text))).await.is_ok()
}

fn about(conn: &mut Conn, id: MemberId, now: Millis) -> Result<Value, DbError> {
    let account = members::load_account(conn, id)?;
    let sessions = members::list_sessions(conn, id, now)?;
    let known: Vec<String> = profiles::list_expertise(conn, id)?.into_iter().map(|(_, name)| name).collect();
    let searches: Vec<String> = follows::list_searches_of(conn, id)?.into_iter().map(|search| search.words).collect();
    let moment = |at: Option<Millis>| at.map(Millis::to_rfc3339);
    let sessions: Vec<Value> = sessions
        .iter()
        .map(|session| {
            json!({
                "begun_at": session.created_at.to_rfc3339(),
                "last_used_at": moment(session.seen_at),
                "device": session.agent,
                "address": session.address,
            })
        })
        .collect();
    Ok(json!({
        "handle": account.handle,
        "name": account.name,
        "email": account.email,
        "email_confirmed_at": moment(account.confirmed_at),
        "title": account.title,
        "about": account.bio,
        "knows_about": known,
        "follows_searches": searches,
        "photo": account.photo_place(),
        "role": account.role.as_str(),
        "second_step_since": moment(account.second_since),
        "joined_at": account.created_at.to_rfc3339(),
        "sessions": sessions,
    }))
}

fn post(words: OwnWords) -> Value {
    json!({
        "id": words.id,
        "question_id": words.question_id,
        "question": words.title,
        "text": words.body,
        "written_at": words.created_at.to_rfc3339(),
        "not_shown_because": words.hidden_as.map(posts::HiddenAs::as_str),
    })
}

/// With every version that the member wrote.
fn questions(conn: &mut Conn, id: MemberId, after: i64, limit: i64) -> Result<Vec<(i64, Value)>, DbError> {
    let handle = members::load_account(conn, id)?.handle;
    let mut rows = Vec::new();
    for words in posts::list_words_of(conn, PostKind::Question, id, after, limit)? {
        let written = questions::list_versions(conn, QuestionId(words.id), "")?;
        rows.push((words.id, with_versions(words, written, &handle)));
    }
    Ok(rows)
}

/// As [`questions`].
fn comments(conn: &mut Conn, id: MemberId, after: i64, limit: i64) -> Result<Vec<(i64, Value)>, DbError> {
    let handle = members::load_account(conn, id)?.handle;
    let mut rows = Vec::new();
    for words in posts::list_words_of(conn, PostKind::Comment, id, after, limit)? {
        let written = comments::list_versions(conn, CommentId(words.id))?;
        rows.push((words.id, with_versions(words, written, &handle)));
    }
    Ok(rows)
}

/// `written`: newest first; none where it was never changed.
fn with_versions(words: OwnWords, written: Vec<Written>, handle: &str) -> Value {
    let own = written.iter().rev().filter(|version| version.handle.as_deref() == Some(handle));
    let mut versions: Vec<Value> = own
        .map(|version| {
            json!({
                "revision": version.number,
                "title": version.title,
                "text": version.body,
                "written_at": version.written_at.to_rfc3339(),
            })
        })
        .collect();
    if written.is_empty() {
        let written_at = words.created_at.to_rfc3339();
        versions.push(json!({ "revision": 1, "text": words.body, "written_at": written_at }));
    }
    let mut row = post(words);
    row["revisions"] = versions.into();
    row
}

/// With every version that the member wrote.
fn answers(conn: &mut Conn, id: MemberId, after: i64, limit: i64) -> Result<Vec<(i64, Value)>, DbError> {
    let mut rows = Vec::new();
    for words in posts::list_words_of(conn, PostKind::Answer, id, after, limit)? {
        let revisions = answers::list_revisions(conn, AnswerId(words.id))?;
        let own = revisions.iter().rev().filter(|revision| revision.by == Some(id));
        let own = own.map(|revision| {
            json!({
                "revision": revision.number,
                "text": revision.body,
                "written_at": revision.written_at.to_rfc3339(),
            })
        });
        let (key, own) = (words.id, own.collect::<Vec<Value>>());
        let mut row = post(words);
        row["revisions"] = own.into();
        rows.push((key, row));
    }
    Ok(rows)
}

fn votes(conn: &mut Conn, id: MemberId, after: i64, limit: i64) -> Result<Vec<(i64, Value)>, DbError> {
    let rows = votes::list_by_member(conn, id, after, limit)?;
    let row = |cast: votes::Voted| {
        (cast.id, json!({ "on": cast.post.to_string(), "vote": cast.value, "at": cast.at.to_rfc3339() }))
    };
    Ok(rows.into_iter().map(row).collect())
}

fn reports(conn: &mut Conn, id: MemberId, after: i64, limit: i64) -> Result<Vec<(i64, Value)>, DbError> {
    let rows = moderation::list_reports_by(conn, id, after, limit)?;
    let row = |(key, words, at): (i64, String, Millis)| (key, json!({ "text": words, "at": at.to_rfc3339() }));
    Ok(rows.into_iter().map(row).collect())
}
