//! Being told: what one follows, who is named, what the page of notices and the mails say, and what nobody hears of.

mod bell;
mod follows;
mod mailing;
mod mentions;
mod merged;
mod reputation;
mod searches;
mod team;
mod trust;

use std::time::Duration;

use answerwell::app::App;
use answerwell::clock::{Clock, Millis};
use answerwell::db::DbError;
use answerwell::jobs::Jobs;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

pub(crate) use crate::moderation::count;
use crate::support::{Answer, MailServer, Person, TestApp, eventually};

/// A site that mails, its work running, at a moment that the test sets.
pub(super) struct Site {
    pub app: TestApp,
    pub server: MailServer,
    pub clock: Clock,
    _jobs: Jobs,
}

impl Site {
    pub async fn start() -> Self {
        let server = MailServer::start().await;
        let clock = Clock::fixed(Millis(1_800_000_000_000));
        let way = server.way();
        let app = TestApp::start_with(clock.clone(), |config| config.mail = way).await;
        let _jobs = App::start(&app.app);
        Self { app, server, clock, _jobs }
    }

    /// Until everybody was told of what was written, and about each notice's mail something was decided.
    pub async fn settle(&self) {
        eventually("everybody was told", async || count(&self.app, "news").await == 0).await;
        self.clock.advance(Duration::from_secs(61));
        let undecided = "notice WHERE mailed_at IS NULL AND gathered IS NULL";
        eventually("all is decided", async || count(&self.app, undecided).await == 0).await;
        eventually("all mail left", async || count(&self.app, "mail WHERE state <> 'sent'").await == 0).await;
    }

    /// What somebody was mailed, readable: broken lines whole again.
    pub fn mails_to(&self, who: &Person) -> Vec<String> {
        let whole = |mail: String| mail.replace("=\r\n", "").replace("=3D", "=").replace("\r\n ", " ");
        self.server.mails_to(&who.email).into_iter().map(whole).collect()
    }
}

/// Somebody opened the link that was mailed to them.
pub(super) async fn confirm(app: &TestApp, who: &Person) {
    let id = who.id.0;
    let set = move |tx: &mut answerwell::db::Tx<'_>| {
        let update = diesel::sql_query("UPDATE member SET confirmed_at = 1 WHERE id = $1");
        Ok::<_, DbError>(update.bind::<BigInt, _>(id).execute(&mut **tx)?)
    };
    app.db().write(set).await.unwrap();
}

/// The page of notices, once it says this.
pub(super) async fn is_told(who: &Person, words: &str) -> Answer {
    eventually(&format!("{} is told: {words}", who.name), async || who.get("/notices").await.says(words)).await;
    who.get("/notices").await
}
