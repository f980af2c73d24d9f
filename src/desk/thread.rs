//! A thread as staff see it: `GET /desk/questions/{id}`. The whole conversation in the order in which it was said, what
//! went where, and what may be done now.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::Pressed;
use super::attach::Attaching;
use super::card::CustomerCard;
use super::notes::Notes;
use super::preview::{Preview, count_url};
use super::queue::{Filter, Pane, load_pane};
use super::suggest::{self, Suggestion};
use super::talk::{Talking, known_of, newest_of};
use super::writing::{self, Writing};
use crate::answers::AnswerId;
use crate::app::App;
use crate::bridge::outbound::{Target, find_target, private_word};
use crate::bridge::view::{DeliveryView, MirrorView};
use crate::bridge::{self, Path, RemotePostId, Trouble, TroubleKind};
use crate::clock::Millis;
use crate::db::{Conn, DbError, PostKind, PostRef};
use crate::drafts::{Draft, DraftId, Place};
use crate::members::{AtDesk, Member, Staff, Viewer};
use crate::merges::{self, Split};
use crate::moderation::room::{self, Room};
use crate::posts::load_for;
use crate::private::{self, PrivateThread, PrivateThreadId};
use crate::questions::{self, Question, QuestionId};
use crate::queue::Subject;
use crate::results::{self, Outcome, Verdict};
use crate::threads::{self, AlsoAsked, AnswerView, AuthorView, CommentView, MovedOut, PostView, Thread};
use crate::verifications::{self, Standing, Success};
use crate::web::form::new_submission;
use crate::web::markdown::{self, direction};
use crate::web::{Error, Frame, Page, Problems, redirect};

/// Posts of a long thread that are shown at once, beside the question and what staff vouch for.
const WINDOW: usize = 100;

/// The thread and its asker, loaded on one snapshot.
pub(super) struct Case {
    question: Question,
    /// Of a long thread, a part.
    entries: Vec<Entry>,
    part: Part,
    /// The newest delivery of the thread; 0 without one.
    last_delivery: i64,
    target: Option<Target>,
    /// The asker's newest post that waits for a word from us.
    waiting: Option<RemotePostId>,
    /// Our private conversations with the asker.
    private: Vec<PrivateThread>,
    /// The newest answer and comment, as the forms carry them.
    known: String,
    /// What keeps a reply from leaving now.
    troubles: Vec<Trouble>,
    room: Room,
    /// Somebody of us has said something, or something of ours is on its way.
    has_word: bool,
    writing: Writing,
    notes: Notes,
    card: CustomerCard,
    parts: Parts,
    /// What the asker said after an answer had reached them.
    results: Vec<Outcome>,
    /// Answers whose verification waits for a second person.
    awaiting: Vec<i64>,
}

/// The threads that belong together with this one.
pub(super) struct Parts {
    /// The thread that this one is part of.
    whole: Option<Question>,
    also: Vec<AlsoAsked>,
    moved: Vec<MovedOut>,
    /// It began as a post of another thread.
    began: Option<Split>,
}

/// What of a thread is opened.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Opened {
    /// Which part of a long one: so many windows back from the newest post.
    pub back: usize,
    /// The draft that is looked at for approval.
    pub draft: Option<DraftId>,
}

/// Which part of a long thread is shown: so many windows back from the newest post.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Part {
    back: usize,
    /// Posts before the ones that are shown, and after them.
    earlier: usize,
    later: usize,
}

/// One post of the conversation.
pub(super) struct Entry {
    post: PostRef,
    author: AuthorView,
    body_html: String,
    written_at: Millis,
    mirror: Option<MirrorView>,
    by_asker: bool,
    /// The answer that a comment is about.
    about: Option<AnswerId>,
    accepted: bool,
    standing: Option<Standing>,
    changed_since: bool,
    /// A newer version waits until staff have verified it.
    has_newer: bool,
    success: Option<Success>,
    deliveries: Vec<Parcel>,
    /// Its network lets us hide it, and show it again.
    may_be_hidden: bool,
    private: Option<PrivateWord>,
}

/// A private word to the author of a post.
#[derive(Clone, Copy)]
enum PrivateWord {
    /// It may be written until then.
    Open { until: Millis },
    /// It was written, and began this conversation.
    Begun(PrivateThreadId),
}

/// A delivery, with what a person needs who decides about it.
pub(super) struct Parcel {
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

#[derive(Template)]
#[template(path = "desk/thread.html")]
pub(super) struct ThreadPage {
    frame: Frame,
    problems: Problems,
    /// For the forms that go elsewhere.
    no_problems: Problems,
    pane: Pane,
    case: Case,
    form: Talking,
    pictures: Attaching,
    preview: Option<Preview>,
    used: usize,
    limit: usize,
    /// What a timeline shows of a longer post.
    cut_after: Option<usize>,
    /// Its network's replies carry pictures.
    takes_pictures: bool,
    /// What was not hidden, or not shown again, and why.
    not_hidden: Option<(RemotePostId, String)>,
    /// Verified answers of other threads that may fit.
    suggestions: Vec<Suggestion>,
    /// A button did nothing because somebody or something was faster.
    faster: bool,
    /// What another button did.
    told: Option<String>,
}

/// `GET /desk/questions/{id}`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    by: AtDesk,
    id: web::Path<QuestionId>,
    asked: web::Query<Pressed>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, reader) = (id.into_inner(), Viewer(Some(by.0.clone())));
    let opened = Opened { back: asked.back, draft: asked.draft };
    let mut page = match ThreadPage::asked(&app, frame, by.0, id, asked.filter(), opened).await {
        // What is hidden or held is looked at where it is decided about.
        Err(gone @ Error::Gone(_)) => {
            let found = app.db.read(move |conn| load_for(conn, id.post(), &reader)).await;
            let is_put_away = found.is_ok_and(|post| post.is_hidden() || post.is_held());
            return if is_put_away { Ok(redirect(format!("/desk/moderate/{}", id.post()))) } else { Err(gone) };
        }
        other => other?,
    };
    if asked.take != 0 {
        page = page.taking(&app, asked.take).await?;
    }
    (page.faster, page.told) = (asked.was_late(), asked.told());
    page.case.writing.undo = asked.undo();
    Page::ok(page).render(&request)
}

impl ThreadPage {
    pub(super) async fn of(
        app: &web::Data<App>,
        frame: Frame,
        by: Member,
        id: QuestionId,
        filter: Filter,
        back: usize,
    ) -> Result<Self, Error> {
        Self::asked(app, frame, by, id, filter, Opened { back, draft: None }).await
    }

    /// As [`Self::of`], perhaps with a draft that is opened for approval.
    pub(super) async fn asked(
        app: &web::Data<App>,
        frame: Frame,
        by: Member,
        id: QuestionId,
        filter: Filter,
        opened: Opened,
    ) -> Result<Self, Error> {
        let (data, now) = (app.clone(), frame.now);
        let (pane, case) = app
            .db
            .read(move |conn| {
                let case = load_case(conn, &data, id, by.clone(), opened)?;
                let pane = load_pane(conn, &data.bridge, &by, filter, Subject::Question(id.0), now)?;
                Ok::<_, Error>((pane, case))
            })
            .await?;
        let form = case.writing.begun().map(Draft::form).unwrap_or_default();
        let pictures = case.writing.pictures();
        let page = Self {
            frame,
            problems: Problems::default(),
            no_problems: Problems::default(),
            pane,
            case,
            form: Talking::default(),
            pictures: Attaching::nothing(),
            preview: None,
            used: 0,
            limit: 0,
            cut_after: None,
            takes_pictures: false,
            not_hidden: None,
            suggestions: Vec::new(),
            faster: false,
            told: None,
        };
        let page = page.with_suggestions(app).await?;
        Ok(page.with_form(app, form, pictures, Problems::default()))
    }

    /// With the verified answers that may fit, where nobody of us has said a word yet.
    async fn with_suggestions(self, app: &App) -> Result<Self, Error> {
        if self.case.has_word {
            return Ok(self);
        }
        let question = &self.case.question;
        let words = format!("{} {}", question.title, question.body);
        let suggestions = suggest::offer(app, question.id, words).await?;
        Ok(Self { suggestions, ..self })
    }

    /// With the words of a suggestion in the reply; `0`: of none.
    async fn taking(self, app: &App, suggestion: i64) -> Result<Self, Error> {
        let mut problems = Problems::default();
        let taken = suggest::load_taken(app, &self.frame, self.case.question.id, suggestion, &mut problems).await?;
        let text = taken.map(|taken| taken.text).unwrap_or_default();
        let form = Talking { text, suggestion, ..Talking::default() };
        Ok(self.with_form(app, form, Attaching::nothing(), problems))
    }

    /// The page with what was written, and the marks of what its reader sees now.
    pub(super) fn with_form(mut self, app: &App, form: Talking, pictures: Attaching, problems: Problems) -> Self {
        self.form = Talking {
            target: self.case.target.as_ref().map_or(0, |target| target.remote_post_id.0),
            last_delivery: self.case.last_delivery,
            newest: self.case.target.as_ref().map_or(0, newest_of),
            submission: new_submission(),
            text: form.text,
            draft: self.case.writing.draft_id(),
            queue: self.pane.filter.query(),
            at: self.pane.at.clone(),
            known: self.case.known.clone(),
            then: String::new(),
            take_over: String::new(),
            suggestion: form.suggestion,
        };
        (self.problems, self.pictures) = (problems, pictures);
        if let Some(target) = &self.case.target {
            let length = app.bridge.length(target.channel_id, &self.form.text);
            (self.used, self.limit) = (length.used, length.limit);
            self.cut_after = app.bridge.cut_after(target.channel_id);
            self.takes_pictures = app.bridge.abilities(target.origin).most_pictures > 0;
            self.preview = Some(Preview::to(&app.bridge, target, &self.form.text, &self.pictures));
        }
        self
    }

    /// The page with why a post was not hidden, or not shown again.
    pub(super) fn not_hidden(self, post: RemotePostId, why: String) -> Self {
        Self { not_hidden: Some((post, why)), ..self }
    }

    /// Why this post was not hidden, or not shown again, when its button was pressed.
    fn why_not_hidden(&self, mirror: &MirrorView) -> Option<&str> {
        let (_, why) = self.not_hidden.as_ref().filter(|(post, _)| *post == mirror.remote_post_id)?;
        Some(why)
    }

    /// When the post before this one was written.
    fn before(&self, index: &usize) -> Option<&Millis> {
        self.case.entries[..*index].last().map(|entry| &entry.written_at)
    }

    fn last_written(&self) -> Option<&Millis> {
        self.case.entries.last().map(|entry| &entry.written_at)
    }

    /// Where the words of a suggestion are put into the reply.
    fn take_url(&self, suggestion: &Suggestion) -> String {
        format!("/desk/questions/{}?take={}#reply", self.case.question.id, suggestion.standing.id)
    }

    fn count_url(&self) -> String {
        self.case.target.as_ref().map(|target| count_url(target, &self.pictures)).unwrap_or_default()
    }

    /// Something left a moment ago, and nobody knows yet what became of it.
    fn is_moving(&self) -> bool {
        let moving = |parcel: &Parcel| matches!(parcel.delivery.chip().0, "queued" | "sending");
        self.case.entries.iter().flat_map(|entry| &entry.deliveries).any(moving)
    }

    /// The text of a quoted post, which is plain.
    fn quoted(&self, text: &str) -> String {
        markdown::from_plain(text).into_string()
    }

    fn is_expired(&self, standing: &Standing) -> bool {
        standing.expired(self.frame.now)
    }

    /// What this comment may say about an answer that had reached its writer.
    fn result_of(&self, entry: &Entry) -> Option<&Outcome> {
        let comment = Some(entry.post.id).filter(|_| entry.post.kind == PostKind::Comment)?;
        self.case.results.iter().find(|outcome| outcome.comment_id == comment)
    }

    /// Somebody vouched for this answer, and a second person has to.
    fn awaits_second(&self, entry: &Entry) -> bool {
        self.case.awaiting.contains(&entry.post.id)
    }

    fn verdicts(&self) -> [Verdict; 3] {
        [Verdict::Worked, Verdict::Broken, Verdict::Neither]
    }

    /// The same page with an earlier or later part of the thread.
    fn part_url(&self, back: usize) -> String {
        let id = self.case.question.id;
        let place = self.pane.filter.beside(format!("/desk/questions/{id}"));
        let join = if place.contains('?') { "&" } else { "?" };
        format!("{place}{join}back={back}#thread")
    }

    fn draft_key(&self) -> String {
        format!("message-{}", self.case.question.id)
    }

    fn verify_place(&self, entry: &Entry) -> String {
        format!("/desk/answers/{}/verify", entry.post.id)
    }

    /// Where the forms about reported posts lead back to.
    fn here(&self) -> String {
        format!("/desk/questions/{}", self.case.question.id)
    }

    /// Where a post becomes a question of its own; none for what we vouch for, or sent.
    fn split_place(&self, entry: &Entry) -> Option<String> {
        let stays = entry.post.kind == PostKind::Question || entry.standing.is_some() || !entry.deliveries.is_empty();
        (!stays && self.frame.staff()).then(|| format!("/desk/posts/{}/split", entry.post))
    }

    fn kind(&self, entry: &Entry) -> &'static str {
        match (entry.post.kind, entry.about) {
            (PostKind::Question, _) => "Question",
            (PostKind::Answer, _) => "Answer",
            (PostKind::Comment, None) => "Comment",
            (PostKind::Comment, Some(_)) => "Comment on an answer",
        }
    }
}

/// Whether somebody of us has said something in a thread, or something of ours is on its way.
fn has_word_of_ours(entries: &[Entry], question: &Question) -> bool {
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
fn part_of(entries: Vec<Entry>, back: usize) -> (Vec<Entry>, Part) {
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

fn load_case(conn: &mut Conn, app: &App, id: QuestionId, by: Member, opened: Opened) -> Result<Case, Error> {
    // Private words are for staff alone.
    let staff = by.role.is_staff().then(|| Staff(by.clone()));
    let writing = writing::load(conn, Place::message(id.0), &by, opened.draft)?;
    let notes = Notes::load(conn, Subject::Question(id.0), &by)?;
    let reader = Viewer(Some(by));
    let mut thread = threads::load_at_desk(conn, id, &reader)?;
    let room = room::load(conn, id.0, &reader)?;
    let parts = Parts {
        whole: match questions::find_merged_into(conn, id)? {
            Some(whole) => questions::find(conn, whole)?,
            None => None,
        },
        also: std::mem::take(&mut thread.also),
        moved: std::mem::take(&mut thread.moved),
        began: merges::find_split_of(conn, id)?,
    };
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
    // What went to others who asked the same is no part of what the form answers.
    let sent = entries.iter().flat_map(|entry| &entry.deliveries);
    let sent_here = sent.filter(|parcel| parcel.delivery.question_id == Some(id.0));
    let last_delivery = sent_here.map(|parcel| parcel.delivery.id.0).max().unwrap_or(0);
    let has_word = has_word_of_ours(&entries, &question);
    let (mut entries, part) = part_of(entries, opened.back);
    if let Some(staff) = &staff {
        offer(conn, app, &mut entries, staff)?;
    }
    let known = known_of(conn, id)?;
    let card = CustomerCard::load(conn, question.author, Some(id), staff.as_ref())?;
    let results = results::list_of_thread(conn, id)?;
    let awaiting = verifications::list_awaiting(conn, id)?;
    Ok(Case {
        private,
        question,
        entries,
        part,
        last_delivery,
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

/// Notes what their network lets us do about the posts of others.
fn offer(conn: &mut Conn, app: &App, entries: &mut [Entry], reader: &Staff) -> Result<(), DbError> {
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
fn in_order(app: &App, thread: Thread) -> Vec<Entry> {
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
    let comments = post.comments.into_iter().map(|comment| of_comment(comment, about)).collect();
    let entry = Entry {
        post: post.post,
        author: post.author,
        body_html: post.body_html,
        written_at: post.written_at,
        mirror: post.mirror,
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
    };
    (entry, comments)
}

fn of_comment(comment: CommentView, about: Option<AnswerId>) -> Entry {
    Entry {
        post: comment.post,
        author: comment.author,
        body_html: comment.body_html,
        written_at: comment.written_at,
        mirror: comment.mirror,
        by_asker: comment.by_asker,
        about,
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
