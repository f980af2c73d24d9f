//! The versions of a question's words: each stays readable, with who wrote it and why. Of a mirrored question only the titles
//! stand here: its words are its author's, who may take them back.

use diesel::prelude::*;

use super::{changed, is_open};
use crate::clock::Millis;
use crate::db::schema::{member, question, question_revision};
use crate::db::{Conn, DbError, Tx};
use crate::files;
use crate::members::MemberId;
use crate::news;
use crate::posts::HiddenAs;
use crate::posts::history::Written;
use crate::questions::QuestionId;
use crate::web::markdown::CleanHtml;

/// The words of a next version.
#[derive(Clone, Copy, Debug)]
pub struct NewVersion<'a> {
    pub title: &'a str,
    /// `None`: the words stay.
    pub body: Option<(&'a str, &'a CleanHtml)>,
    pub by: MemberId,
    /// Why; may be empty.
    pub reason: &'a str,
}

/// Gives a question that is shown to its readers, be it as a part of another thread, the words of a next version; the first time,
/// what was there first is noted, too. `false`: somebody changed it since revision `seen`, or it is not shown.
pub fn revise(
    tx: &mut Tx<'_>,
    id: QuestionId,
    seen: i64,
    version: &NewVersion<'_>,
    now: Millis,
) -> Result<bool, DbError> {
    let done = diesel::update(question::table.find(id))
        .filter(is_open!().or(question::hidden_as.assume_not_null().eq(HiddenAs::Merged)))
        .filter(question::revision.eq(seen))
        .set(question::revision.eq(question::revision + 1))
        .execute(&mut **tx)?;
    if done == 0 {
        return Ok(false);
    }
    let (title, body, member, created_at): (String, String, Option<MemberId>, Millis) = question::table
        .find(id)
        .select((question::title, question::body, question::member_id, question::created_at))
        .first(&mut **tx)?;
    let kept = |body: &str| if member.is_some() { body.to_owned() } else { String::new() };
    if seen == 1 {
        insert(tx, (id, 1), (&title, &kept(&body)), (member, ""), created_at)?;
    }
    let after = kept(version.body.map_or(body.as_str(), |(body, _)| body));
    insert(tx, (id, seen + 1), (version.title, &after), (Some(version.by), version.reason), now)?;
    diesel::update(question::table.find(id)).set(question::title.eq(version.title)).execute(&mut **tx)?;
    if let Some((body, html)) = version.body {
        diesel::update(question::table.find(id))
            .set((question::body.eq(body), question::body_html.eq(html.as_str())))
            .execute(&mut **tx)?;
        files::used(tx, files::Place::Post(id.post()), Some(version.by), &html.pictures(), now)?;
        news::edited(tx, id.post(), version.by)?;
    }
    changed(tx, id, now);
    Ok(true)
}

fn insert(
    tx: &mut Tx<'_>,
    (id, revision): (QuestionId, i64),
    (title, body): (&str, &str),
    (by, reason): (Option<MemberId>, &str),
    at: Millis,
) -> Result<(), DbError> {
    diesel::insert_into(question_revision::table)
        .values((
            question_revision::question_id.eq(id),
            question_revision::revision.eq(revision),
            question_revision::title.eq(title),
            question_revision::body.eq(body),
            question_revision::member_id.eq(by),
            question_revision::reason.eq(reason),
            question_revision::created_at.eq(at),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

type Row = (i64, String, String, Option<(String, String)>, String, Millis);

/// Every version of a question, newest first; none where it never was changed. `author`: how its remote author is
/// called. Not rendered yet.
pub fn list_versions(conn: &mut Conn, id: QuestionId, author: &str) -> Result<Vec<Written>, DbError> {
    let rows: Vec<Row> = question_revision::table
        .left_join(member::table.on(question_revision::member_id.eq(member::id.nullable())))
        .filter(question_revision::question_id.eq(id))
        .order(question_revision::revision.desc())
        .select((
            question_revision::revision,
            question_revision::title,
            question_revision::body,
            (member::name, member::handle).nullable(),
            question_revision::reason,
            question_revision::created_at,
        ))
        .load(conn)?;
    let written = |(number, title, body, by, reason, written_at): Row| {
        let (by, handle) = by.unzip();
        let by = by.unwrap_or_else(|| author.to_owned());
        Written { number, by, handle, written_at, reason, title, body, body_html: String::new() }
    };
    Ok(rows.into_iter().map(written).collect())
}

/// Empties every version: the question is gone for good.
pub(super) fn forget(tx: &mut Tx<'_>, id: QuestionId) -> Result<(), DbError> {
    diesel::update(question_revision::table.filter(question_revision::question_id.eq(id)))
        .set((question_revision::title.eq(""), question_revision::body.eq(""), question_revision::reason.eq("")))
        .execute(&mut **tx)?;
    Ok(())
}
