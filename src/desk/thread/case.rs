//! A thread with all that stands around it on the desk, loaded on one snapshot. What is a room of its own (the notes, the
//! customer card, moderation, what is being written) loads itself.

use super::entries::{Entry, Part, has_word_of_ours, in_order, offer, part_of};
use crate::app::App;
use crate::bridge::outbound::{Target, find_target};
use crate::bridge::{self, RemotePostId, Trouble};
use crate::db::{Conn, DbError};
use crate::desk::card::CustomerCard;
use crate::desk::notes::Notes;
use crate::desk::talk::known_of;
use crate::desk::writing::{self, Writing};
use crate::drafts::{DraftId, Place};
use crate::members::{AtDesk, Member, Staff, Viewer};
use crate::merges::{self, Split};
use crate::moderation::room::{self, Room};
use crate::private::{self, PrivateThread};
use crate::questions::{self, Question, QuestionId};
use crate::queue::Subject;
use crate::results::{self, Outcome};
use crate::threads::{self, AlsoAsked, MovedOut, Thread};
use crate::verifications;
use crate::web::Error;

/// The thread and its asker, loaded on one snapshot.
pub(super) struct Case {
    pub question: Question,
    /// Of a long thread, a part.
    pub entries: Vec<Entry>,
    pub part: Part,
    /// The newest delivery of the thread; 0 without one.
    pub last_delivery: i64,
    pub target: Option<Target>,
    /// The asker's newest post that waits for a word from us.
    pub waiting: Option<RemotePostId>,
    /// Our private conversations with the asker.
    pub private: Vec<PrivateThread>,
    /// The newest answer and comment, as the forms carry them.
    pub known: String,
    /// What keeps a reply from leaving now.
    pub troubles: Vec<Trouble>,
    pub room: Room,
    /// Somebody of us has said something, or something of ours is on its way.
    pub has_word: bool,
    pub writing: Writing,
    pub notes: Notes,
    pub card: CustomerCard,
    pub parts: Parts,
    /// What the asker said after an answer had reached them.
    pub results: Vec<Outcome>,
    /// Answers whose verification waits for a second person.
    pub awaiting: Vec<i64>,
}

/// The threads that belong together with this one.
pub(super) struct Parts {
    /// The thread that this one is part of.
    pub whole: Option<Question>,
    pub also: Vec<AlsoAsked>,
    pub moved: Vec<MovedOut>,
    /// It began as a post of another thread.
    pub began: Option<Split>,
}

impl Parts {
    /// Takes what a thread was loaded with, and adds what only the desk is shown.
    fn load(conn: &mut Conn, thread: &mut Thread) -> Result<Self, DbError> {
        let id = thread.question.id;
        Ok(Self {
            whole: match questions::find_merged_into(conn, id)? {
                Some(whole) => questions::find(conn, whole)?,
                None => None,
            },
            also: std::mem::take(&mut thread.also),
            moved: std::mem::take(&mut thread.moved),
            began: merges::find_split_of(conn, id)?,
        })
    }
}

/// What of a thread is opened.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::desk) struct Opened {
    /// Which part of a long one: so many windows back from the newest post.
    pub back: usize,
    /// The draft that is looked at for approval.
    pub draft: Option<DraftId>,
}

/// Loads a thread for somebody at the desk. Unknown and removed questions are [`Error::NotFound`] and [`Error::Gone`].
pub(super) fn load_case(conn: &mut Conn, app: &App, id: QuestionId, by: Member, opened: Opened) -> Result<Case, Error> {
    // Private words are for staff alone.
    let staff = by.role.is_staff().then(|| Staff(by.clone()));
    let writing = writing::load(conn, Place::message(id.0), &by, opened.draft)?;
    let notes = Notes::load(conn, Subject::Question(id.0), &by)?;
    let at_desk = AtDesk(by.clone());
    let reader = Viewer(Some(by));
    let mut thread = threads::load_at_desk(conn, id, &reader)?;
    let room = room::load(conn, id.0, &reader)?;
    let parts = Parts::load(conn, &mut thread)?;
    let target = find_target(conn, id.0)?;
    let waiting = bridge::find_waiting(conn, id.0)?;
    let private = match (bridge::find_asker(conn, id.0)?, &staff) {
        (Some(asker), Some(staff)) => private::list_with(conn, asker, staff)?,
        _ => Vec::new(),
    };
    let question = thread.question.clone();
    let channel = target.as_ref().map(|target| target.channel_id);
    let mut troubles = bridge::list_troubles(conn, app.clock.now())?;
    troubles.retain(|trouble| Some(trouble.channel_id) == channel);
    let entries = in_order(app, thread);
    let has_word = has_word_of_ours(&entries, &question);
    let (mut entries, part) = part_of(entries, opened.back);
    if let Some(staff) = &staff {
        offer(conn, app, &mut entries, staff)?;
    }
    let known = known_of(conn, id)?;
    let card = CustomerCard::load(conn, question.author, Some(id), &at_desk, staff.as_ref())?;
    let results = results::list_of_thread(conn, id)?;
    let awaiting = verifications::list_awaiting(conn, id)?;
    Ok(Case {
        private,
        question,
        entries,
        part,
        last_delivery: bridge::newest_delivery(conn, id.0)?,
        has_word,
        target,
        waiting,
        known,
        troubles,
        writing,
        notes,
        card,
        parts,
        results,
        awaiting,
        room,
    })
}
