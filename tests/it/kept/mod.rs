//! Pages that are kept for those who are not signed in: true after everything that happens, on the node where it happened at
//! once, and on the others within the delay of the change feed; never shown to, and never made of, somebody in particular.

mod beside;
mod carried;
pub(crate) mod nodes;
mod seeded;
mod true_after;

use answerwell::clock::Clock;

use crate::support::{Answer, TestApp, Visitor, eventually};

/// An app whose pages are looked at as strangers get them. It keeps them as every test's app does.
struct House {
    app: TestApp,
}

impl House {
    async fn start() -> Self {
        Self::start_at(Clock::Real).await
    }

    async fn start_at(clock: Clock) -> Self {
        Self { app: TestApp::start_with(clock, |_| {}).await }
    }

    /// Has the page at this address kept, and returns it as it was kept.
    async fn keep(&self, path: &str) -> Answer {
        keep(&self.app.visitor(), path).await
    }

    /// The page as a stranger gets it with a single request.
    async fn read(&self, path: &str) -> Answer {
        self.app.visitor().get(path).await
    }
}

fn is_kept(answer: &Answer) -> bool {
    answer.header("cache-status") == Some("answerwell; hit")
}

async fn keep(visitor: &Visitor, path: &str) -> Answer {
    let mut kept = None;
    eventually("the page is kept", async || {
        let page = visitor.get(path).await.expect(200);
        kept = Some(page.clone());
        is_kept(&page)
    })
    .await;
    kept.expect("the kept page")
}
