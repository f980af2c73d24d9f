//! All SQL of notes.

use diesel::prelude::*;

use super::{NewNote, Note, NoteId};
use crate::audit::{self, Act, Entry};
use crate::clock::Millis;
use crate::db::schema::note;
use crate::db::{Conn, DbError, Tx};
use crate::members::{self, Card, MemberId};
use crate::notices::{self, NewNotice};
use crate::queue::Subject;

/// Writes a note, and tells whom it names. Who does not work at the desk any more is not told.
pub fn insert(tx: &mut Tx<'_>, new: &NewNote, now: Millis) -> Result<NoteId, DbError> {
    let subject = new.subject.to_string();
    let id: NoteId = diesel::insert_into(note::table)
        .values((
            note::subject.eq(&subject),
            note::member_id.eq(new.by),
            note::body.eq(&new.body),
            note::body_html.eq(new.body_html.as_str()),
            note::created_at.eq(now),
        ))
        .returning(note::id)
        .get_result(&mut **tx)?;
    for card in members::load_cards(tx, &new.mentioned)?.into_values().filter(|card| may_read(new.subject, card)) {
        let told = NewNotice {
            to: card.id,
            kind: notices::Kind::Mentioned,
            question_id: new.subject.question_id(),
            post: None,
            subject: Some(subject.clone()),
            by: Some(new.by),
            words: String::new(),
            at: now,
        };
        notices::tell(tx, &told)?;
    }
    let question_id = new.subject.question_id();
    let entry = Entry { by: Some(new.by), act: Act::Note, subject, question_id, words: String::new(), at: now };
    audit::record(tx, &entry)?;
    Ok(id)
}

/// Whether somebody may be called to a subject: private conversations are for staff alone.
fn may_read(subject: Subject, card: &Card) -> bool {
    match subject {
        Subject::Private(_) => card.role.is_staff(),
        Subject::Question(_) | Subject::RemotePost(_) => card.role.is_at_desk(),
    }
}

/// Those of these handles that can be mentioned in a note about this subject.
pub fn find_mentioned(conn: &mut Conn, subject: Subject, handles: &[String]) -> Result<Vec<Card>, DbError> {
    let mut found = Vec::new();
    for handle in handles {
        if let Some(member) = members::find_by_handle(conn, handle)? {
            found.push(member.id);
        }
    }
    let cards = members::load_cards(conn, &found)?;
    Ok(cards.into_values().filter(|card| may_read(subject, card)).collect())
}

/// The notes about a subject, oldest first, in one query.
pub fn list(conn: &mut Conn, subject: Subject) -> Result<Vec<Note>, DbError> {
    let rows: Vec<(NoteId, MemberId, String, Millis)> = note::table
        .filter(note::subject.eq(subject.to_string()))
        .filter(note::removed_at.is_null())
        .order((note::created_at, note::id))
        .select((note::id, note::member_id, note::body_html, note::created_at))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, by, body_html, created_at)| Note { id, by, body_html, created_at }).collect())
}

/// Takes a note away, its words with it, and returns what it was about. `None`: it is not there, or somebody else's.
pub fn remove(tx: &mut Tx<'_>, id: NoteId, by: MemberId, now: Millis) -> Result<Option<Subject>, DbError> {
    let subject: Option<String> = diesel::update(note::table.find(id))
        .filter(note::member_id.eq(by))
        .filter(note::removed_at.is_null())
        .set((note::body.eq(""), note::body_html.eq(""), note::removed_at.eq(Some(now))))
        .returning(note::subject)
        .get_result(&mut **tx)
        .optional()?;
    let Some(subject) = subject.as_deref().and_then(Subject::parse) else { return Ok(None) };
    let line = Entry::new(by, Act::Note, subject, now);
    audit::record(tx, &Entry { question_id: subject.question_id(), words: "taken away".to_owned(), ..line })?;
    Ok(Some(subject))
}
