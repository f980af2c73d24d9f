//! The rows of the queue as pages show them: what waits, who wrote it, how long, and who holds it. A number of queries
//! that does not grow with the rows.

use std::collections::HashMap;
use std::time::Duration;

use super::filter::{Filter, Reader};
use super::words;
use crate::bridge::inbound::review;
use crate::bridge::view::{RemoteCard, load_authors, load_delivery_chips};
use crate::bridge::{self, Bridge, DeliveryId, Path, RemotePostId, WaitingRow};
use crate::clock::Millis;
use crate::db::{Conn, DbError};
use crate::desk::lists::{first_words, in_words, language};
use crate::members::{AtDesk, Card, Cards, Member, MemberId, Staff, load_cards};
use crate::posts::{Author, Called, Origin, RemoteAuthorId};
use crate::private::{self, PrivateThreadId, ThreadRow};
use crate::questions::{self, QuestionId, State};
use crate::queue::{self, Handling, Kind, Subject, Work};
use crate::{teams, topics};

/// Later than this after it was written, a row says so apart.
const WORTH_TELLING: Duration = Duration::from_secs(60);

/// A row of the queue.
pub struct DeskRow {
    pub work: Work,
    /// Where it is worked on.
    pub place: String,
    pub words: String,
    pub who: Option<Who>,
    pub topic: Option<String>,
    /// Only its asker and the desk read it.
    pub is_private: bool,
    /// The original on its network.
    pub url: Option<String>,
    /// Our account that was addressed, where we have more than one.
    pub account: Option<Called>,
    /// How far the best answer of the thread has come.
    pub best: Option<(&'static str, String)>,
    /// Whether a reply goes by the API or by hand.
    pub path: Option<Path>,
    /// What else waits in the same thread.
    pub also: Vec<&'static str>,
    pub handling: Handling,
    /// The asker's newest post that waits for a word from us.
    waiting: Option<RemotePostId>,
    pub holder: Option<String>,
    pub assignee: Option<String>,
    pub team: Option<String>,
    /// The reader holds it.
    pub is_mine: bool,
}

/// Who wrote what waits.
#[derive(Clone)]
pub enum Who {
    Remote(RemoteCard),
    Member(Card),
}

impl Who {
    pub fn name(&self) -> &str {
        match self {
            Self::Remote(card) => card.name(),
            Self::Member(card) => &card.name,
        }
    }

    pub fn picture(&self) -> &str {
        match self {
            Self::Remote(card) => card.picture.as_deref().unwrap_or_default(),
            Self::Member(_) => "",
        }
    }

    pub fn handle(&self) -> Option<String> {
        match self {
            Self::Remote(card) => card.at_handle(),
            Self::Member(_) => None,
        }
    }

    pub fn followers(&self) -> Option<String> {
        match self {
            Self::Remote(card) => crate::desk::lists::followers(card),
            Self::Member(_) => None,
        }
    }
}

impl DeskRow {
    pub fn kind(&self) -> &'static str {
        label(self.work.item.kind)
    }

    pub fn network(&self) -> Option<Origin> {
        self.work.item.network
    }

    pub fn language(&self) -> Option<&str> {
        self.work.item.lang.as_deref().and_then(language)
    }

    /// The item as the forms name it: the subject, the state in which its reader sees it, and the asker's newest post.
    pub fn token(&self) -> String {
        let token = token(self.work.item.subject, &self.handling);
        self.waiting.map_or(token.clone(), |post| format!("{token}.{post}"))
    }

    /// The chip of the clock: its kind, and how long somebody waits against the target; once that has passed, by how much.
    pub fn clock(&self, now: &Millis) -> (&'static str, String) {
        let Work { item, soon_at, due_at, .. } = &self.work;
        let waited = in_words(now.since(item.since));
        match () {
            () if now > due_at => ("late", format!("over by {}", in_words(now.since(*due_at)))),
            () if now >= soon_at => ("soon", format!("{waited}, due in {}", in_words(due_at.since(*now)))),
            () => ("waiting", format!("{waited}, due in {}", in_words(due_at.since(*now)))),
        }
    }

    /// Whether a reply goes by the API; else by hand.
    pub fn by_api(&self) -> Option<bool> {
        self.path.map(|path| path == Path::Api)
    }

    /// How much later than it was written we learned of it, where that is worth telling.
    pub fn lag(&self) -> Option<String> {
        let lag = self.work.item.arrived_at.since(self.work.item.since);
        (lag > WORTH_TELLING).then(|| in_words(lag))
    }
}

/// An item as forms name it: `question-12.3`.
pub fn token(subject: Subject, handling: &Handling) -> String {
    format!("{subject}.{}", handling.revision)
}

/// What waits, for people.
pub fn label(kind: Kind) -> &'static str {
    match kind {
        Kind::Mirrored => "Waits for a reply",
        Kind::Asked => "Asked here",
        Kind::Verify => "Answer to verify",
        Kind::Second => "Needs a second person",
        Kind::Recheck => "To check again",
        Kind::Result => "What the asker said",
        Kind::Private => "Private message",
        Kind::Held | Kind::HeldPost => "Held for review",
        Kind::Delivery => "Delivery",
        Kind::Removal => "Removal request",
        Kind::Draft => "Draft to approve",
        Kind::Flag => "Reported",
    }
}

/// Where something is worked on.
fn place(work: &Work) -> String {
    let (subject, id) = (work.item.subject, work.item.ref_id);
    let thread = match subject {
        Subject::Question(question) => format!("/desk/questions/{question}"),
        Subject::Private(thread) => format!("/desk/private/{thread}"),
        Subject::RemotePost(post) => format!("/desk/held#post-{post}"),
    };
    match work.item.kind {
        Kind::Verify => format!("/desk/answers/{id}/verify"),
        Kind::Held => format!("/desk/held#post-{id}"),
        Kind::HeldPost => format!("/desk/posts-held#hold-{id}"),
        Kind::Flag => format!("/desk/flags#flag-{id}"),
        Kind::Removal => format!("/desk/removals#request-{id}"),
        Kind::Draft => format!("/desk/drafts/{id}"),
        Kind::Delivery => format!("{thread}#delivery-{id}"),
        _ => thread,
    }
}

/// What the rows are dressed with.
struct Around {
    waiting: HashMap<i64, WaitingRow>,
    private: HashMap<i64, ThreadRow>,
    held: HashMap<i64, (Option<RemoteAuthorId>, String)>,
    deliveries: HashMap<DeliveryId, (&'static str, &'static str)>,
    threads: HashMap<i64, questions::Row>,
    askers: HashMap<QuestionId, Author>,
    authors: HashMap<RemoteAuthorId, RemoteCard>,
    cards: Cards,
    topics: HashMap<i64, String>,
    teams: HashMap<i64, String>,
    handling: HashMap<Subject, Handling>,
    siblings: Vec<Work>,
}

/// Dresses rows for their reader. Where several things wait in one thread, it stands in the list once, with the first of
/// them; of a list of one sort, its other sorts are told beside.
pub fn dress(
    conn: &mut Conn,
    bridge: &Bridge,
    member: &Member,
    reader: &Reader,
    filter: &Filter,
    works: Vec<Work>,
    now: Millis,
) -> Result<Vec<DeskRow>, DbError> {
    let around = load_around(conn, member, &works, now)?;
    let several = bridge.channels().len() > 1;
    let is_first = |work: &Work| {
        let mut same = around.siblings.iter().filter(|other| other.item.subject == work.item.subject);
        same.find(|other| filter.shows(&other.item)).is_none_or(|first| first.id == work.id)
    };
    let rows = works.into_iter().filter(is_first).map(|work| {
        let account =
            if several { work.item.channel_id.and_then(|id| bridge.account_of(bridge::ChannelId(id))) } else { None };
        around.row(work, reader, filter, account)
    });
    Ok(rows.collect())
}

fn load_around(conn: &mut Conn, member: &Member, works: &[Work], now: Millis) -> Result<Around, DbError> {
    let of_kind = |kind: Kind| works.iter().filter(move |work| work.item.kind == kind).map(|work| work.item.ref_id);
    let mut subjects: Vec<Subject> = works.iter().map(|work| work.item.subject).collect();
    subjects.dedup();
    let threads: Vec<QuestionId> = subjects.iter().filter_map(|one| one.question_id()).map(QuestionId).collect();
    let siblings = queue::list_of_subjects(conn, &subjects)?;
    // Those, too, of which another sort of work is the row.
    let mirrored: Vec<i64> =
        siblings.iter().filter(|one| one.item.kind == Kind::Mirrored).map(|one| one.item.ref_id).collect();
    let waiting = bridge::list_waiting_of(conn, &mirrored)?;
    let conversations: Vec<PrivateThreadId> = of_kind(Kind::Private).map(PrivateThreadId).collect();
    let private = if member.role.is_staff() {
        private::list_of(conn, &conversations, &Staff(member.clone()))?
    } else {
        Vec::new()
    };
    let held: Vec<RemotePostId> = of_kind(Kind::Held).map(RemotePostId).collect();
    let held = review::list_words(conn, &held)?;
    let deliveries: Vec<DeliveryId> = of_kind(Kind::Delivery).map(DeliveryId).collect();
    let askers = questions::list_askers(conn, &threads)?;
    let handling = queue::load_handling(conn, &subjects, now)?;
    let mut authors: Vec<RemoteAuthorId> = askers.values().filter_map(|author| author.remote()).collect();
    authors.extend(waiting.iter().filter_map(|row| row.author_id));
    authors.extend(private.iter().map(|row| row.thread.with));
    authors.extend(held.iter().filter_map(|(_, author, _)| *author));
    let mut people: Vec<MemberId> = askers.values().filter_map(|author| author.member()).collect();
    people.extend(handling.values().flat_map(|one| [one.claim.map(|claim| claim.by), one.assignee]).flatten());
    Ok(Around {
        threads: questions::rows_at_desk(conn, &threads, &AtDesk(member.clone()))?
            .into_iter()
            .map(|row| (row.id.0, row))
            .collect(),
        authors: load_authors(conn, &authors)?,
        cards: load_cards(conn, &people)?,
        topics: topics::list(conn)?.into_iter().map(|topic| (topic.id.0, topic.name)).collect(),
        teams: teams::list(conn)?.into_iter().map(|team| (team.id.0, team.name)).collect(),
        deliveries: load_delivery_chips(conn, &deliveries)?,
        siblings,
        waiting: waiting.into_iter().map(|row| (row.question_id, row)).collect(),
        private: private.into_iter().map(|row| (row.thread.id.0, row)).collect(),
        held: held.into_iter().map(|(id, author, text)| (id.0, (author, text))).collect(),
        askers,
        handling,
    })
}

impl Around {
    fn row(&self, work: Work, reader: &Reader, filter: &Filter, account: Option<Called>) -> DeskRow {
        let id = work.item.ref_id;
        let thread = work.item.subject.question_id().and_then(|id| self.threads.get(&id));
        let remote = |author: Option<RemoteAuthorId>| Some(Who::Remote(self.authors.get(&author?)?.clone()));
        let title = || thread.map_or_else(|| words::THREAD_NOT_SHOWN.to_owned(), |row| row.title.clone());
        let (words, who) = match work.item.kind {
            Kind::Mirrored => match self.waiting.get(&id) {
                Some(row) => (first_words(&row.text), remote(row.author_id)),
                None => (title(), self.asker(&work)),
            },
            Kind::Private => match self.private.get(&id) {
                Some(row) => (first_words(&row.last_text), remote(Some(row.thread.with))),
                None => (words::PRIVATE_CONVERSATION.to_owned(), None),
            },
            Kind::Held => match self.held.get(&id) {
                Some((author, text)) => (first_words(text), remote(*author)),
                None => (title(), None),
            },
            // Its thread may be the one that is held.
            Kind::HeldPost if thread.is_none() => (words::QUESTION_OF_A_NEW_MEMBER.to_owned(), self.asker(&work)),
            _ => (title(), self.asker(&work)),
        };
        let mut also: Vec<&'static str> = self
            .siblings
            .iter()
            .filter(|other| other.item.subject == work.item.subject && other.id != work.id)
            .map(|other| label(other.item.kind))
            .filter(|label| *label != self::label(work.item.kind))
            .collect();
        also.dedup();
        let best = match work.item.kind {
            Kind::Delivery => self.deliveries.get(&DeliveryId(id)).map(|chip| (chip.0, chip.1.to_owned())),
            _ => thread.map(best),
        };
        let handling = self.handling.get(&work.item.subject).copied().unwrap_or_default();
        let name = |id: MemberId| self.cards.get(&id).map(|card| card.name.clone());
        DeskRow {
            is_private: thread.is_some_and(|row| row.private),
            place: filter.beside(place(&work)),
            words,
            who,
            topic: work.item.topic_id.and_then(|id| self.topics.get(&id).cloned()),
            url: if work.item.kind == Kind::Mirrored { self.waiting.get(&id).map(|row| row.url.clone()) } else { None },
            account,
            best,
            path: if work.item.kind == Kind::Mirrored { self.waiting.get(&id).map(|row| row.path) } else { None },
            also,
            holder: handling.claim.and_then(|claim| name(claim.by)),
            assignee: handling.assignee.and_then(name),
            team: handling.team.and_then(|team| self.teams.get(&team).cloned()),
            is_mine: handling.claim.is_some_and(|claim| claim.by == reader.id),
            waiting: work.item.subject.question_id().and_then(|id| Some(self.waiting.get(&id)?.newest)),
            handling,
            work,
        }
    }

    fn asker(&self, work: &Work) -> Option<Who> {
        match self.askers.get(&QuestionId(work.item.subject.question_id()?))? {
            Author::Member(id) => self.cards.get(id).cloned().map(Who::Member),
            Author::Remote { author, .. } => self.authors.get(author).cloned().map(Who::Remote),
        }
    }
}

/// How far the best answer has come.
fn best(row: &questions::Row) -> (&'static str, String) {
    let state = row.state();
    let words = match (state, row.answer_count) {
        (State::Open, _) => "No answer yet".to_owned(),
        (State::Answered, 1) => "1 answer".to_owned(),
        (State::Answered, many) => format!("{many} answers"),
        (State::Accepted | State::Verified, _) => state.label().to_owned(),
    };
    (state.as_str(), words)
}
