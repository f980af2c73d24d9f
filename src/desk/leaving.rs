//! What its reader wrote a moment ago and may still take back: a bar on whatever page of the desk comes next, since "send
//! and next" leads away from the thread where it stands.

use crate::bridge::view::{DeliveryView, list_leaving};
use crate::clock::Millis;
use crate::db::{Conn, DbError};
use crate::members::{Member, Staff};
use crate::queue::Subject;

/// One act whose words have not left yet.
pub struct Leaving {
    pub delivery: DeliveryView,
    /// How many others receive the same words.
    pub others: usize,
}

/// Loads them, the newest first. `beside`: the thread or conversation that the page shows, where its own stand already. A
/// trainee sends nothing.
pub fn load(conn: &mut Conn, reader: &Member, beside: Option<Subject>, now: Millis) -> Result<Vec<Leaving>, DbError> {
    if !reader.role.is_staff() {
        return Ok(Vec::new());
    }
    let mut acts: Vec<Leaving> = Vec::new();
    for delivery in list_leaving(conn, &Staff(reader.clone()), now)? {
        let is_same = |act: &&mut Leaving| delivery.answer_id.is_some() && act.delivery.answer_id == delivery.answer_id;
        match acts.iter_mut().find(is_same) {
            // The first of them is the one that the form was about.
            Some(act) => *act = Leaving { delivery, others: act.others + 1 },
            None => acts.push(Leaving { delivery, others: 0 }),
        }
    }
    acts.retain(|act| act.subject() != beside);
    Ok(acts)
}

impl Leaving {
    /// Where it stands.
    pub fn place(&self) -> String {
        match self.subject() {
            Some(Subject::Private(thread)) => format!("/desk/private/{thread}"),
            Some(Subject::Question(question)) => format!("/desk/questions/{question}"),
            Some(Subject::RemotePost(_)) | None => "/desk".to_owned(),
        }
    }

    fn subject(&self) -> Option<Subject> {
        let private = self.delivery.message.map(|(_, thread)| Subject::Private(thread.0));
        private.or(self.delivery.question_id.map(Subject::Question))
    }
}
