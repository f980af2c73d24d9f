//! The posts of a thread as the desk shows them: in the order in which they were said, each with what went where and what
//! may be done about it. Of a long thread, a part.

use crate::answers::AnswerId;
use crate::app::App;
use crate::bridge::RemotePostId;
use crate::bridge::outbound::private_word;
use crate::bridge::view::{DeliveryView, MirrorView};
use crate::clock::Millis;
use crate::db::{Conn, DbError, PostKind, PostRef};
use crate::members::Staff;
use crate::private::PrivateThreadId;
use crate::questions::Question;
use crate::threads::{AnswerView, AuthorView, CommentView, PostView, Thread};
use crate::verifications::{Standing, Success};

/// Posts of a long thread that are shown at once, beside the question and what staff vouch for.
const WINDOW: usize = 100;

/// One post of the conversation.
pub(super) struct Entry {
    pub post: PostRef,
    pub author: AuthorView,
    pub body_html: String,
    pub written_at: Millis,
    pub mirror: Option<MirrorView>,
    pub by_asker: bool,
    /// The answer that a comment is about.
    pub about: Option<AnswerId>,
    pub accepted: bool,
    pub standing: Option<Standing>,
    pub changed_since: bool,
    /// A newer version waits until staff have verified it.
    pub has_newer: bool,
    pub success: Option<Success>,
    pub deliveries: Vec<Parcel>,
    /// Its network lets us hide it, and show it again.
    pub may_be_hidden: bool,
    pub private: Option<PrivateWord>,
}

/// A private word to the author of a post.
#[derive(Clone, Copy)]
pub(super) enum PrivateWord {
    /// It may be written until then.
    Open { until: Millis },
    /// It was written, and began this conversation.
    Begun(PrivateThreadId),
}

/// A delivery, with what a person needs who decides about it.
pub(in crate::desk) struct Parcel {
    pub delivery: DeliveryView,
    /// The network's own page for posting it by hand, its text filled in.
    pub by_hand_url: Option<String>,
    /// Where its thread, or our private conversation, is to be found on the network.
    pub target_url: String,
    /// Its words stand right above it.
    pub is_beside_its_words: bool,
}

impl Parcel {
    pub fn of(app: &App, delivery: DeliveryView) -> Self {
        let DeliveryView { channel_id, ref target_remote_id, ref text, .. } = delivery;
        let by_hand_url = || match delivery.message {
            None => Some(app.bridge.by_hand_url(delivery.origin, target_remote_id, &delivery.target_url, text)),
            Some(_) => app.bridge.message_by_hand_url(channel_id, target_remote_id, text),
        };
        let by_hand_url = delivery.may_be_posted().then(by_hand_url).flatten();
        let target_url = match delivery.message {
            None => delivery.target_url.clone(),
            Some(_) => app.bridge.conversation_url(channel_id, target_remote_id).unwrap_or_default(),
        };
        Self { delivery, by_hand_url, target_url, is_beside_its_words: false }
    }
}

/// Which part of a long thread is shown: so many windows back from the newest post.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    pub back: usize,
    /// Posts before the ones that are shown, and after them.
    pub earlier: usize,
    pub later: usize,
}

/// Whether somebody of us has said something in a thread, or something of ours is on its way.
pub(super) fn has_word_of_ours(entries: &[Entry], question: &Question) -> bool {
    let ours = |entry: &Entry| match &entry.author {
        AuthorView::Member(card) => card.role.is_at_desk() && !entry.by_asker,
        AuthorView::Remote(card) => card.ours,
        AuthorView::Gone => false,
    };
    let sent = |parcel: &Parcel| parcel.delivery.counts();
    entries.iter().any(|entry| ours(entry) || entry.deliveries.iter().any(sent))
        || question.verified_answer_id.is_some()
}

/// The newest posts of a long thread, or those so many windows before them; always the question and what staff vouch for.
pub(super) fn part_of(entries: Vec<Entry>, back: usize) -> (Vec<Entry>, Part) {
    let all = entries.len();
    let back = back.min(all.saturating_sub(2) / WINDOW);
    let end = all - back * WINDOW;
    let begin = end.saturating_sub(WINDOW);
    let shown = |(at, entry): (usize, Entry)| {
        (at == 0 || (begin..end).contains(&at) || entry.standing.is_some()).then_some(entry)
    };
    let part = Part { back, earlier: begin.saturating_sub(1), later: all - end };
    (entries.into_iter().enumerate().filter_map(shown).collect(), part)
}

/// Notes what their network lets us do about the posts of others.
pub(super) fn offer(conn: &mut Conn, app: &App, entries: &mut [Entry], reader: &Staff) -> Result<(), DbError> {
    let posts: Vec<RemotePostId> =
        entries.iter().filter_map(|entry| Some(entry.mirror.as_ref()?.remote_post_id)).collect();
    let begun = private_word::list_begun(conn, &posts, reader)?;
    let now = app.clock.now();
    for entry in entries {
        let (Some(mirror), AuthorView::Remote(card)) = (&entry.mirror, &entry.author) else { continue };
        if card.ours {
            continue;
        }
        entry.may_be_hidden = app.bridge.abilities(card.origin).hides;
        let until = private_word::until(&app.bridge, card.origin, mirror.posted_at).filter(|until| *until > now);
        entry.private = match begun.get(&mirror.remote_post_id) {
            Some(thread) => Some(PrivateWord::Begun(*thread)),
            None => until.map(|until| PrivateWord::Open { until }),
        };
    }
    Ok(())
}

/// The posts of a thread in the order in which they were written.
pub(super) fn in_order(app: &App, thread: Thread) -> Vec<Entry> {
    let Thread { post, answers, deliveries, .. } = thread;
    let (question, mut entries) = entries_of(post, None);
    entries.push(Entry { by_asker: true, ..question });
    for view in answers {
        let has_newer = view.has_newer();
        let AnswerView { id, post, accepted, standing, changed_since, success, deliveries, .. } = view;
        let (answer, comments) = entries_of(post, Some(id));
        let deliveries = deliveries.into_iter().map(|delivery| Parcel::of(app, delivery)).collect();
        entries.push(Entry { accepted, standing, changed_since, has_newer, success, deliveries, ..answer });
        entries.extend(comments);
    }
    entries.sort_by_key(|entry| entry.written_at);
    for delivery in deliveries {
        let carrier = delivery.comment_id.map(|id| PostRef { kind: PostKind::Comment, id });
        // Where the comment is gone, what was sent of it is still to be seen.
        let at = entries.iter().position(|entry| Some(entry.post) == carrier).unwrap_or(0);
        entries[at].deliveries.push(Parcel::of(app, delivery));
    }
    entries
}

/// A question or an answer without what only answers have, and its comments.
fn entries_of(post: PostView, about: Option<AnswerId>) -> (Entry, Vec<Entry>) {
    let PostView { post, author, body_html, written_at, mirror, comments, .. } = post;
    let comments = comments.into_iter().map(|comment| of_comment(comment, about)).collect();
    (plain(post, author, body_html, written_at, mirror), comments)
}

fn of_comment(comment: CommentView, about: Option<AnswerId>) -> Entry {
    let CommentView { post, author, body_html, written_at, mirror, by_asker, .. } = comment;
    Entry { by_asker, about, ..plain(post, author, body_html, written_at, mirror) }
}

/// What every kind of post has.
fn plain(
    post: PostRef,
    author: AuthorView,
    body_html: String,
    written_at: Millis,
    mirror: Option<MirrorView>,
) -> Entry {
    Entry {
        post,
        author,
        body_html,
        written_at,
        mirror,
        by_asker: false,
        about: None,
        accepted: false,
        standing: None,
        changed_since: false,
        has_newer: false,
        success: None,
        deliveries: Vec::new(),
        may_be_hidden: false,
        private: None,
    }
}
