//! What readers say in a thread and of it: which answers helped, whom the question concerns, and the order that follows.

mod accepting;
mod addresses;
mod affected;
mod apart;
pub(crate) mod arriving;
mod at_once;
mod closing;
mod editing;
mod feeds;
mod headings;
mod helped;
mod merged;
mod outdated;
mod places;
mod similar;

use crate::forum::{TITLE, answer, ask};
use crate::support::{Person, TestApp};

/// A thread with two answers: of a customer, a peer, and a member of the staff.
pub(super) struct Scene {
    pub app: TestApp,
    pub customer: Person,
    pub peer: Person,
    pub staff: Person,
}

impl Scene {
    pub async fn set() -> Self {
        let app = TestApp::start().await;
        let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
        ask(&customer, TITLE).await;
        answer(&peer, "Change the channel to 11.").await;
        answer(&staff, "Update it to 3.2 first.").await;
        Self { app, customer, peer, staff }
    }

    /// The thread as a stranger reads it.
    pub async fn read(&self) -> String {
        self.app.visitor().get("/questions/1").await.expect(200).text()
    }
}

/// Where words stand in a page.
pub(super) fn at(page: &str, words: &str) -> usize {
    page.find(words).unwrap_or_else(|| panic!("{words:?} is not in: {page}"))
}
