//! The loop that tells the followers. Whom a post names by handle comes first: of several reasons they hear that one.

use std::time::Duration;

use actix_web::web::Data;

use super::store::{self, Item, NAMED, NAMES_ALONE};
use crate::app::App;
use crate::clock::Millis;
use crate::db::{Conn, DbError, PostKind, Tx};
use crate::follows::{self, What};
use crate::jobs::{Jobs, Progress, repeat};
use crate::members::{self, MemberId};
use crate::mentions;
use crate::notices::{self, Kind, NewNotice};
use crate::posts::{self, Readable, Readers};

/// Other nodes' posts wake nobody here.
const LOOK: Duration = Duration::from_secs(2);
/// Members told in one transaction: others wait for it.
const BATCH: i64 = 200;

/// Starts the loop.
pub fn start(app: &Data<App>, jobs: &mut Jobs) {
    let (data, stop) = (app.clone(), jobs.stop());
    jobs.spawn(async move {
        repeat("news", stop, data.db.changed(), LOOK, || step(&data)).await;
    });
}

/// One batch of the oldest news.
async fn step(app: &App) -> Result<Progress, DbError> {
    let Some((item, found)) = app.db.read(load).await? else { return Ok(Progress::Idle) };
    // Its words are read outside the transaction: they may be long. A handle on a network is somebody else's here.
    let named = match &found {
        Some(post) if item.told_up_to <= 0 && item.by.is_some() => mentions::names(&post.body),
        _ => Vec::new(),
    };
    let now = app.clock.now();
    app.db.write(move |tx| tell_some(tx, &item, found.as_ref(), &named, now)).await?;
    app.mail.wake.notify_one();
    Ok(Progress::More)
}

fn load(conn: &mut Conn) -> Result<Option<(Item, Option<Readable>)>, DbError> {
    let Some(item) = store::find_first(conn)? else { return Ok(None) };
    Ok(Some((item, posts::find_readable(conn, item.post)?)))
}

fn tell_some(
    tx: &mut Tx<'_>,
    item: &Item,
    found: Option<&Readable>,
    named: &[String],
    now: Millis,
) -> Result<(), DbError> {
    let Some(post) = found else { return store::end(tx, item).map(drop) };
    if item.told_up_to <= 0 {
        let is_ours = match item.told_up_to {
            NAMES_ALONE => store::end(tx, item)?,
            _ => store::go_on(tx, item, NAMED)?,
        };
        if !is_ours {
            return Ok(());
        }
        for to in mentions::find(tx, named)? {
            tell(tx, item, post, to, Kind::Named, "", now)?;
        }
        return Ok(());
    }
    let words = match item.search_id {
        0 => None,
        // What everybody is shown was found: since then the thread became private, or nobody follows the search.
        search if post.readers == Readers::Everybody => follows::find_search(tx, search)?,
        _ => None,
    };
    if item.search_id != 0 && words.is_none() {
        return store::end(tx, item).map(drop);
    }
    let after = MemberId(if item.told_up_to == NAMED { 0 } else { item.told_up_to });
    let sources = sources(tx, item, post)?;
    let followers = follows::list_followers(tx, &sources, after, BATCH)?;
    let Some(last) = followers.last() else { return store::end(tx, item).map(drop) };
    // Member 1 would leave the mark where it was.
    if !store::go_on(tx, item, last.0.max(NAMED + 1))? {
        return Ok(());
    }
    for to in followers {
        tell(tx, item, post, to, kind(item), words.as_deref().unwrap_or_default(), now)?;
    }
    Ok(())
}

/// Whose followers hear of it.
fn sources(conn: &mut Conn, item: &Item, post: &Readable) -> Result<Vec<What>, DbError> {
    if item.search_id != 0 {
        return Ok(vec![What::search(item.search_id)]);
    }
    let mut sources = Vec::new();
    if item.post.kind == PostKind::Question {
        sources.extend(post.topic_id.map(What::topic));
        sources.extend(posts::list_tags_of(conn, post.question_id)?.into_iter().map(What::tag));
    } else {
        sources.push(What::question(post.question_id));
    }
    if item.post.kind != PostKind::Comment {
        sources.extend(item.by.map(What::member));
    }
    Ok(sources)
}

fn kind(item: &Item) -> Kind {
    match item.post.kind {
        PostKind::Question if item.search_id != 0 => Kind::Found,
        PostKind::Question => Kind::NewQuestion,
        PostKind::Answer => Kind::NewAnswer,
        PostKind::Comment => Kind::NewComment,
    }
}

/// Whoever does not read the thread hears nothing of it. `words`: of the search that found it.
fn tell(
    tx: &mut Tx<'_>,
    item: &Item,
    post: &Readable,
    to: MemberId,
    kind: Kind,
    words: &str,
    now: Millis,
) -> Result<(), DbError> {
    if post.readers != Readers::Everybody
        && !members::find_role(tx, to)?.is_some_and(|role| post.readers.include(to, role))
    {
        return Ok(());
    }
    let new = NewNotice {
        to,
        kind,
        question_id: Some(post.question_id),
        post: Some(item.post),
        subject: None,
        by: item.by,
        words: words.to_owned(),
        at: now,
    };
    notices::tell_once(tx, &new, &item.post.to_string()).map(drop)
}
