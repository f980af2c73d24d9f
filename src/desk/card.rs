//! The customer card: what somebody asked before, here and on their network, and whether it was solved, what was sent to
//! them, and our private conversations with them. One query for each part; private messages are for staff alone, private
//! questions for all who work here.

use std::collections::HashMap;

use crate::bridge;
use crate::bridge::view::{DeliveryView, list_sent_to};
use crate::clock::Millis;
use crate::db::{Conn, DbError};
use crate::members::{AtDesk, Card, MemberId, Staff, load_cards};
use crate::posts::{Author, RemoteAuthorId};
use crate::private::{self, PrivateThread};
use crate::questions::{self, QuestionId, Row};
use crate::results::{self, Verdict};

/// The newest of each kind that are shown.
const SHOWN: i64 = 10;

/// What is known of somebody, beside the thread that is open.
#[derive(Default)]
pub(super) struct CustomerCard {
    /// Who has an account here.
    pub member: Option<Card>,
    pub asked: Vec<Row>,
    /// What staff decided last about their replies to our answers, by thread.
    pub results: HashMap<i64, Verdict>,
    pub sent: Vec<DeliveryView>,
    pub private: Vec<PrivateThread>,
}

impl CustomerCard {
    /// Of the author of a question. `open`: the thread that is shown anyway; `staff`: none for who may not read private
    /// messages.
    pub fn load(
        conn: &mut Conn,
        author: Author,
        open: Option<QuestionId>,
        reader: &AtDesk,
        staff: Option<&Staff>,
    ) -> Result<Self, DbError> {
        let mut card = match author {
            Author::Member(id) => Self::of_member(conn, id, reader)?,
            Author::Remote { author, .. } => Self::of_remote(conn, author, staff)?,
        };
        card.asked.retain(|row| Some(row.id) != open);
        let asked: Vec<QuestionId> = card.asked.iter().map(|row| row.id).collect();
        let decided = results::list_decided_in(conn, &asked)?.into_iter();
        card.results =
            decided.filter(|(_, verdict)| *verdict != Verdict::Neither).map(|(id, verdict)| (id.0, verdict)).collect();
        Ok(card)
    }

    fn of_member(conn: &mut Conn, id: MemberId, reader: &AtDesk) -> Result<Self, DbError> {
        let member = load_cards(conn, &[id])?.remove(&id);
        let asked = questions::list_by_member_at_desk(conn, id, SHOWN, reader)?;
        Ok(Self { member, asked, ..Self::default() })
    }

    /// Of somebody on a network.
    pub fn of_remote(conn: &mut Conn, author: RemoteAuthorId, staff: Option<&Staff>) -> Result<Self, DbError> {
        let asked: Vec<QuestionId> = bridge::list_asked_by(conn, author)?.into_iter().map(QuestionId).collect();
        let private = match staff {
            Some(staff) => private::list_with(conn, author, staff)?,
            None => Vec::new(),
        };
        Ok(Self {
            asked: if asked.is_empty() { Vec::new() } else { questions::rows(conn, &asked)? },
            sent: list_sent_to(conn, author, SHOWN)?,
            private,
            ..Self::default()
        })
    }

    /// For a page that lists what they asked anyway.
    pub fn without_asked(self) -> Self {
        Self { asked: Vec::new(), ..self }
    }

    pub fn is_empty(&self) -> bool {
        self.member.is_none() && self.asked.is_empty() && self.sent.is_empty() && self.private.is_empty()
    }

    /// Whether what they asked was solved, as staff decided.
    pub fn result(&self, row: &Row) -> Option<&'static str> {
        self.results.get(&row.id.0).map(|verdict| verdict.label())
    }

    /// When something was sent, or written if it is not there yet.
    pub fn moment(&self, delivery: &DeliveryView) -> Millis {
        delivery.sent_at().unwrap_or(delivery.created_at)
    }
}
