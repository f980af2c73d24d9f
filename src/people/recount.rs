//! Reputation counted anew, from the votes, the marks and the results themselves: a member after the other, each in a
//! transaction of its own, while the site runs.

use crate::answers;
use crate::clock::Millis;
use crate::db::{Conn, Db, DbError, Tx};
use crate::members::{self, MemberId};
use crate::posts::{self, Author, Readers};
use crate::reputation::{self, Counted, Event};
use crate::results;
use crate::votes;

/// Members looked up at once.
const BATCH: i64 = 500;

/// What a recount found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recounted {
    pub members: u64,
    /// Those whose events or sum had been others.
    pub mended: u64,
}

/// Counts everybody anew. `now`: of events whose own time is not known any more.
pub async fn recount(db: &Db, now: Millis) -> Result<Recounted, DbError> {
    let mut found = Recounted::default();
    let mut after = MemberId(0);
    loop {
        let ids = db.read(move |conn| members::list_ids_after(conn, after, BATCH)).await?;
        let Some(last) = ids.last() else { return Ok(found) };
        after = *last;
        for id in ids {
            found.members += 1;
            if db.write(move |tx| recount_one(tx, id, now)).await? {
                found.mended += 1;
            }
        }
    }
}

/// `true`: something was mended.
fn recount_one(tx: &mut Tx<'_>, id: MemberId, now: Millis) -> Result<bool, DbError> {
    // Held first: what is counted meanwhile waits, and is seen by neither too little nor twice.
    reputation::hold(tx, id)?;
    let counted = gather(tx, id, now)?;
    reputation::replace(tx, id, &counted)
}

fn gather(conn: &mut Conn, id: MemberId, now: Millis) -> Result<Vec<Counted>, DbError> {
    let mut counted = Vec::new();
    for cast in votes::list_for_author(conn, id)? {
        counted.push(Counted::of(Event::Vote { post: cast.post, by: cast.by, value: cast.value }, cast.at));
    }
    let merits = answers::list_merits(conn, id)?;
    for merit in &merits {
        let answer = merit.id.0;
        if let Some(at) = merit.accepted_at
            && merit.accepted_by != Some(id)
            && posts::find_author(conn, merit.question_id.post())? != Some(Author::Member(id))
            && posts::find_readers(conn, merit.question_id.0)? == Readers::Everybody
        {
            counted.push(Counted::of(Event::Accepted { answer }, at));
        }
        counted.extend(merit.vouched.then(|| Counted::of(Event::Verified { answer }, now)));
    }
    let answers: Vec<_> = merits.iter().map(|merit| merit.id).collect();
    for (result, at) in results::list_solved(conn, &answers)? {
        counted.push(Counted::of(Event::Solved { result: result.0 }, at));
    }
    Ok(counted)
}
