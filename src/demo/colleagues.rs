//! What happens at the desk before anything leaves: notes, drafts, reports, warnings and merged threads, each by the function
//! that its form calls.

use super::company::StoryError;
use super::play::PlayError;
use super::stage::{Scene, Stage};
use crate::desk::{hand_in, notes};
use crate::drafts::{self, Fields, Place};
use crate::members::{Member, MemberId, load_cards};
use crate::merges;
use crate::moderation::{Reason, report, sanctions};
use crate::queue::Subject;
use crate::web;

impl Stage<'_> {
    pub async fn note(&self, scene: &Scene, by: &str, text: &str) -> Result<(), PlayError> {
        let (subject, by, now) = (Subject::Question(scene.question()?.0), self.member(by)?, self.now());
        let note = notes::compose(&self.app, subject, by, text.trim().to_owned()).await?;
        self.app.db.write(move |tx| crate::notes::insert(tx, &note, now)).await?;
        Ok(())
    }

    pub async fn draft(&self, scene: &Scene, by: &str, text: &str, handed_in: bool) -> Result<(), PlayError> {
        let (place, by, now) = (Place::message(scene.question()?.0), self.member(by)?, self.now());
        let fields = Fields::from([("text".to_owned(), text.trim().to_owned())]);
        let written = self.app.db.write(move |tx| {
            if handed_in {
                return hand_in::put_up(tx, by, place, &fields, now).map(|()| true);
            }
            drafts::save(tx, by, place, &fields, now)
        });
        if written.await? { Ok(()) } else { Err(StoryError("a draft was not saved".to_owned()).into()) }
    }

    pub async fn report(
        &self,
        scene: &Scene,
        by: &str,
        on: Option<&str>,
        reason: &str,
        words: &str,
    ) -> Result<(), PlayError> {
        let (post, by, now, words) = (scene.post(on)?, self.somebody(by)?, self.now(), words.to_owned());
        let reason = Reason::parse(reason).ok_or_else(|| StoryError(format!("{reason:?} is no reason to report")))?;
        let reported = self.app.db.write(move |tx| report::write(tx, post, &by, reason, words, now)).await;
        Ok(reported.map_err(web::Error::from)?)
    }

    pub async fn warn(&self, by: &str, whom: &str, reason: &str) -> Result<(), PlayError> {
        let (by, whom, reason, now) = (self.staff(by)?.0, self.member(whom)?, reason.to_owned(), self.now());
        let handle = self.handle(whom).await?;
        Ok(self.app.db.write(move |tx| sanctions::issue_warning(tx, &handle, &by, reason, now)).await?)
    }

    pub async fn merge(&self, scene: &Scene, by: &str, into: &str) -> Result<(), PlayError> {
        let (question, by, now) = (scene.question()?, self.staff(by)?.0.id, self.now());
        let into = *self.keys.get(into).ok_or_else(|| StoryError(format!("no thread is called {into:?}")))?;
        let merged = self.app.db.write(move |tx| merges::merge(tx, question, into, by, now)).await;
        merged.map(drop).map_err(|why| StoryError(why.to_string()).into())
    }

    fn somebody(&self, key: &str) -> Result<Member, StoryError> {
        self.members.get(key).cloned().ok_or_else(|| StoryError(format!("nobody is {key:?}")))
    }

    /// As the address of their page names them; the story has a key of its own for everybody.
    async fn handle(&self, id: MemberId) -> Result<String, PlayError> {
        let found = self.app.db.read(move |conn| load_cards(conn, &[id])).await?.remove(&id);
        found.map(|card| card.handle).ok_or_else(|| StoryError("somebody is gone".to_owned()).into())
    }
}
