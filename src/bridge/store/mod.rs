//! All SQL of the bridge, one file per table it owns.

pub mod access;
pub mod apps;
pub mod attached;
pub mod attempts;
pub mod authors;
pub mod breaker;
pub mod channels;
pub mod deliveries;
pub mod expenses;
pub mod gaps;
pub mod inbox;
pub mod limits;
pub mod lost_access;
pub mod originals;
pub mod pictures;
pub mod places;
mod portraits;
pub mod queued;
pub mod recheck;
pub mod remote;
pub mod requests;
pub mod restored;
pub mod searches;
pub mod versions;
pub mod waiting;

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use diesel::connection::InstrumentationEvent;
    use diesel::prelude::*;

    use super::{deliveries, inbox, originals, recheck, remote, waiting};
    use crate::bridge::{ChannelId, RemotePostId};
    use crate::clock::Millis;
    use crate::db::{Conn, Db, DbError, Place, PostKind, PostRef, Tx};
    use crate::posts::RemoteAuthorId;

    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = diesel::sql_types::Text)]
        detail: String,
    }

    /// How SQLite would run the queries that `work` makes, one after the other.
    fn plans_of(
        tx: &mut Tx<'_>,
        work: impl FnOnce(&mut Tx<'_>) -> Result<(), DbError>,
    ) -> Result<Vec<String>, DbError> {
        let queries = Arc::new(Mutex::new(Vec::new()));
        let list = Arc::clone(&queries);
        let conn: &mut Conn = tx;
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                list.lock().unwrap().push(query.to_string());
            }
        });
        let done = work(tx);
        let conn: &mut Conn = tx;
        conn.set_instrumentation(|_: InstrumentationEvent<'_>| {});
        done?;
        let queries = queries.lock().unwrap().clone();
        let mut plans = Vec::new();
        for query in queries.iter().filter_map(|query| query.split(" -- binds").next()) {
            if ["SELECT", "UPDATE", "DELETE"].iter().any(|verb| query.starts_with(verb)) {
                let steps: Vec<Step> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {query}")).load(conn)?;
                plans.push(steps.into_iter().map(|step| step.detail).collect::<Vec<_>>().join("; "));
            }
        }
        Ok(plans)
    }

    /// What public pages and the workers ask again and again, in SQLite's own words: the range of an index each time, however
    /// much is stored.
    #[tokio::test]
    async fn no_question_walks_through_all_that_was_ever_stored() {
        let folder = tempfile::TempDir::new().unwrap();
        let db = Db::open(Place::Sqlite(folder.path().join("plans.db"))).unwrap();
        type Work = fn(&mut Tx<'_>) -> Result<(), DbError>;
        const CHANNEL: ChannelId = ChannelId(1);
        const NOW: Millis = Millis(1_800_000_000_000);
        let questions: [(&str, Work); 10] = [
            ("who asked what", |tx| remote::list_asked_by(tx, RemoteAuthorId(1)).map(drop)),
            ("the original of a post", |tx| {
                remote::find_by_post(tx, PostRef { kind: PostKind::Answer, id: 7 }).map(drop)
            }),
            ("whether an author is still shown", |tx| remote::forget_author_if_unused(tx, RemoteAuthorId(1))),
            ("the originals of a thread", |tx| originals::load_mirrors(tx, &[7]).map(drop)),
            ("what a thread quotes", |tx| originals::load_ours(tx, "x", "x", vec!["7", "8"]).map(drop)),
            ("what was sent to a post", |tx| waiting::reopen(tx, 7, RemotePostId(7))),
            ("replies of open fate", |tx| deliveries::list_open_towards(tx, CHANNEL, "7").map(drop)),
            ("messages of open fate", |tx| deliveries::list_open_messages(tx, CHANNEL).map(drop)),
            ("old bodies", |tx| inbox::prune(tx, NOW, 100).map(drop)),
            ("looks that are due", |tx| recheck::list_due(tx, CHANNEL, NOW, 100).map(drop)),
        ];
        for (what, work) in questions {
            let plans = db.write(move |tx| plans_of(tx, work)).await.unwrap();
            assert!(plans.iter().any(|plan| plan.contains("SEARCH")), "{what}: {plans:?}");
            for plan in plans {
                // What is asked of no table, as for the time.
                let plan = plan.replace("SCAN CONSTANT ROW", "");
                assert!(!plan.contains("SCAN"), "{what}: {plan}");
            }
        }
    }
}
