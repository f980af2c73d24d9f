//! Accounts as their owners meet them: making one, getting back in, changing what it is, and guesses that are braked.

mod brakes;
mod confirm;
mod email;
mod guest;
mod leaving;
mod own;
mod photo;
mod profile;
mod reset;
pub(crate) mod second;

use answerwell::app::App;
use answerwell::clock::{Clock, Millis};
use answerwell::jobs::Jobs;

use crate::support::{MailServer, TestApp, eventually};

const NOW: Millis = Millis(1_800_000_000_000);

/// An app that mails through this server, with its work running, at a moment that the test sets.
async fn start(server: &MailServer) -> (TestApp, Jobs, Clock) {
    let clock = Clock::fixed(NOW);
    let way = server.way();
    let app = TestApp::start_with(clock.clone(), |config| config.mail = way).await;
    let jobs = App::start(&app.app);
    (app, jobs, clock)
}

/// The mails to this reader, once there are `count`; lines are as they were written.
async fn mails(server: &MailServer, address: &str, count: usize) -> Vec<String> {
    eventually("the mail is here", async || server.mails_to(address).len() == count).await;
    // A long line is broken on its way, with `=` at its end.
    server.mails_to(address).into_iter().map(|mail| mail.replace("=\r\n", "")).collect()
}

/// The path of the link that begins so, in the newest mail to this reader, once there are `count`.
async fn link_in_mail(server: &MailServer, address: &str, begins: &str, count: usize) -> String {
    let mail = mails(server, address, count).await.pop().unwrap();
    let begin = mail.find(begins).expect("a link");
    mail[begin..].split(|sign: char| sign.is_whitespace() || sign == '"').next().unwrap().to_owned()
}
