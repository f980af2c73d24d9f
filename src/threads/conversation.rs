//! A thread as the talk that it was on its network: turns in the order of time, each saying whom it replies to, and the
//! parts of one split reply joined.
//!
//! Pure. What staff vouch for, what helped the asker and what members answered here is no part of the talk: it stands
//! among the answers, where it is found first.

use std::time::Duration;

use super::{AnswerView, AuthorView, CommentView, Thread};
use crate::answers::AnswerId;
use crate::bridge::view::{MirrorView, ParentView, Pictures};
use crate::clock::Millis;
use crate::db::PostRef;
use crate::posts::{Author, RemoteAuthorId};
use crate::votes::Vote;

/// Parts of one reply are written in one go.
const ONE_GO: Duration = Duration::from_secs(90);

/// What somebody said in one go.
pub struct Turn {
    pub author: AuthorView,
    /// When it was begun.
    pub written_at: Millis,
    /// By the person who asked.
    pub by_asker: bool,
    /// The post of this thread that it replied to on the network.
    pub reply_to: Option<ParentView>,
    /// In reading order, never empty.
    pub parts: Vec<Part>,
}

/// One post of a turn.
pub struct Part {
    pub post: PostRef,
    pub body_html: String,
    pub written_at: Millis,
    /// Its author changed it since.
    pub edited: bool,
    /// The original on the network; `None`: written here.
    pub url: Option<String>,
    pub answer: Option<Answered>,
    pub pictures: Pictures,
    remote_id: String,
    parent: Option<ParentView>,
    mark: Option<u32>,
}

/// What only answers have.
pub struct Answered {
    pub id: AnswerId,
    pub score: i64,
    pub vote: Option<Vote>,
}

impl Turn {
    pub fn post(&self) -> PostRef {
        self.parts[0].post
    }

    /// The answer that votes and verification are about; of several parts the first.
    pub fn answer(&self) -> Option<&Answered> {
        self.parts.iter().find_map(|part| part.answer.as_ref())
    }
}

/// Takes the talk out of a thread that holds one: its asker wrote again, or a colleague replied on the network. Of any
/// other thread nothing is taken, and the result is empty.
pub fn take(thread: &mut Thread) -> Vec<Turn> {
    // What was spoken below a merged question was no part of this talk.
    let is_own = |answer: &AnswerView| answer.given_to.is_none();
    let own = thread.answers.iter().filter(|answer| is_own(answer));
    if !is_talk(thread.question.author, &thread.post.comments, own) {
        return Vec::new();
    }
    let is_told = |answer: &AnswerView| is_own(answer) && is_spoken(answer);
    let (spoken, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut thread.answers).into_iter().partition(is_told);
    thread.answers = kept;
    let mut turns: Vec<Turn> = std::mem::take(&mut thread.post.comments).into_iter().map(of_comment).collect();
    for AnswerView { id, mut post, .. } in spoken {
        turns.extend(std::mem::take(&mut post.comments).into_iter().map(of_comment));
        let by_asker = author_id(&post.author).is_some_and(|author| thread.question.author.remote() == Some(author));
        let answer = Some(Answered { id, score: post.score, vote: post.vote });
        let part = Part::of(post.post, post.body_html, post.written_at, post.mirror, answer);
        turns.push(Turn::of(post.author, by_asker, part));
    }
    joined(turns)
}

/// Whether a thread holds a talk, by the comments on its question and by its answers.
pub(super) fn is_talk<'a>(
    asker: Author,
    comments: &[CommentView],
    answers: impl Iterator<Item = &'a AnswerView>,
) -> bool {
    let is_answered_in_talk = |answer: &AnswerView| {
        matches!(&answer.post.author, AuthorView::Remote(card) if card.ours)
            || answer.post.comments.iter().any(is_of_asker)
    };
    asker.remote().is_some()
        && (comments.iter().any(is_of_asker) || answers.filter(|answer| is_spoken(answer)).any(is_answered_in_talk))
}

impl Turn {
    fn of(author: AuthorView, by_asker: bool, part: Part) -> Self {
        Self { author, written_at: part.written_at, by_asker, reply_to: part.parent.clone(), parts: vec![part] }
    }
}

impl Part {
    fn of(
        post: PostRef,
        body_html: String,
        written_at: Millis,
        mirror: Option<MirrorView>,
        answer: Option<Answered>,
    ) -> Self {
        Self {
            post,
            mark: mark(&body_html),
            body_html,
            written_at,
            edited: mirror.as_ref().is_some_and(|mirror| mirror.edited_at.is_some()),
            url: mirror.as_ref().map(|mirror| mirror.url.clone()),
            answer,
            pictures: mirror.as_ref().map(|mirror| mirror.pictures.clone()).unwrap_or_default(),
            remote_id: mirror.as_ref().map(|mirror| mirror.remote_id.clone()).unwrap_or_default(),
            parent: mirror.and_then(|mirror| mirror.parent),
        }
    }
}

fn of_comment(comment: CommentView) -> Turn {
    let part = Part::of(comment.post, comment.body_html, comment.written_at, comment.mirror, None);
    Turn::of(comment.author, comment.by_asker, part)
}

fn is_of_asker(comment: &CommentView) -> bool {
    comment.by_asker && comment.mirror.is_some()
}

/// Said on the network, and nothing more than that.
pub(super) fn is_spoken(answer: &AnswerView) -> bool {
    answer.post.mirror.is_some() && answer.standing.is_none() && !answer.accepted
}

fn author_id(author: &AuthorView) -> Option<RemoteAuthorId> {
    match author {
        AuthorView::Remote(card) => Some(card.id),
        AuthorView::Member(_) | AuthorView::Gone => None,
    }
}

/// Sorts by time and joins the parts of split replies: one author, in one go, each part a reply to the same post or to
/// another part. Ids say nothing about the order, and X's times are whole seconds: then the writer's own "1/2" decides.
fn joined(mut turns: Vec<Turn>) -> Vec<Turn> {
    turns.sort_by(|a, b| {
        let (first, second) = (&a.parts[0], &b.parts[0]);
        let ids =
            first.remote_id.len().cmp(&second.remote_id.len()).then_with(|| first.remote_id.cmp(&second.remote_id));
        a.written_at.cmp(&b.written_at).then(ids).then(first.post.id.cmp(&second.post.id))
    });
    let mut talk: Vec<Turn> = Vec::with_capacity(turns.len());
    for turn in turns {
        // Others may have written between two parts.
        let before = talk.iter_mut().rev().take_while(|one| turn.written_at.since(one.written_at) <= ONE_GO);
        match before.into_iter().find(|one| continues(one, &turn)) {
            // Of one second, and the later one came first: what it replies to stands before it.
            Some(one) if is_to(one, &turn) => {
                one.reply_to = turn.reply_to;
                one.parts.splice(0..0, turn.parts);
            }
            Some(one) => one.parts.extend(turn.parts),
            None => talk.push(turn),
        }
    }
    for turn in &mut talk {
        if turn.parts.iter().all(|part| part.mark.is_some()) {
            turn.parts.sort_by_key(|part| part.mark);
        }
    }
    talk
}

fn continues(one: &Turn, next: &Turn) -> bool {
    let same = author_id(&one.author).is_some() && author_id(&one.author) == author_id(&next.author);
    let Some(to) = &next.reply_to else { return false };
    let same_parent = one.reply_to.as_ref().is_some_and(|parent| parent.remote_id == to.remote_id);
    same && (same_parent || is_to(next, one) || is_to(one, next))
}

/// Whether a turn replies to a part of another.
fn is_to(turn: &Turn, other: &Turn) -> bool {
    turn.reply_to.as_ref().is_some_and(|to| other.parts.iter().any(|part| part.remote_id == to.remote_id))
}

/// The number of a part as its writer gave it: `1/2`, `(2/3)` at the beginning or the end.
fn mark(html: &str) -> Option<u32> {
    let text = html.replace("<p>", " ").replace("</p>", " ").replace("<br>", " ");
    let words: Vec<&str> = text.split_whitespace().collect();
    let at_an_end = words.first().into_iter().chain(words.iter().rev().take(3));
    at_an_end.copied().find_map(|word| {
        let (number, of) = word.trim_matches(|c: char| !c.is_ascii_digit()).split_once('/')?;
        let (number, of): (u32, u32) = (number.parse().ok()?, of.parse().ok()?);
        (1..=of).contains(&number).then_some(number).filter(|_| (2..=9).contains(&of))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bridge::view::RemoteCard;
    use crate::db::PostKind;
    use crate::posts::Origin;

    fn card(id: i64) -> AuthorView {
        let handle = format!("user{id}");
        let card = RemoteCard {
            id: RemoteAuthorId(id),
            origin: Origin::X,
            name: handle.clone(),
            handle,
            followers: None,
            picture: None,
            ours: id == 1,
        };
        AuthorView::Remote(card)
    }

    fn turn(id: i64, by: i64, to: i64, second: i64, text: &str) -> Turn {
        let post = |id| PostRef { kind: PostKind::Answer, id };
        let parent = ParentView { remote_id: to.to_string(), post: post(to), by: Origin::X.called("", "") };
        let part = Part {
            post: post(id),
            mark: mark(text),
            body_html: text.to_owned(),
            written_at: Millis(second * 1000),
            edited: false,
            url: None,
            answer: None,
            pictures: Pictures::default(),
            remote_id: id.to_string(),
            parent: Some(parent),
        };
        Turn::of(card(by), false, part)
    }

    fn order(turns: Vec<Turn>) -> Vec<Vec<i64>> {
        joined(turns).iter().map(|turn| turn.parts.iter().map(|part| part.post.id).collect()).collect()
    }

    #[test]
    fn a_split_reply_is_one_turn_whatever_its_ids_say() {
        // The first part has the greater id; a stranger wrote between the two.
        let talk = vec![
            turn(983, 1, 900, 24, "and restart it."),
            turn(986, 1, 900, 20, "Please unplug it"),
            turn(984, 5, 900, 22, "Me too"),
        ];
        assert_eq!(order(talk), [vec![986, 983], vec![984]]);
        // Chained parts of one second, told apart by what their writer put behind them.
        let talk = vec![turn(7, 1, 8, 30, "<p>then wait 2/2</p>"), turn(8, 1, 900, 30, "<p>Unplug it, 1/2</p>")];
        assert_eq!(order(talk), [vec![8, 7]]);
    }

    #[test]
    fn what_is_not_one_reply_is_not_joined() {
        let two_minutes_later = vec![turn(1, 1, 900, 0, "Hi"), turn(2, 1, 900, 120, "Still there?")];
        assert_eq!(order(two_minutes_later), [vec![1], vec![2]]);
        let to_two_people = vec![turn(1, 1, 900, 0, "Hi"), turn(2, 1, 901, 5, "Hi")];
        assert_eq!(order(to_two_people), [vec![1], vec![2]]);
        let two_people = vec![turn(1, 4, 900, 0, "Hi"), turn(2, 5, 900, 5, "Hi")];
        assert_eq!(order(two_people), [vec![1], vec![2]]);
    }

    #[test]
    fn marks_are_read_and_dates_are_not() {
        for (text, expected) in [
            ("<p>1/2 Hello</p>", Some(1)),
            ("<p>and so on (2/3) ^AB</p>", Some(2)),
            ("<p>on 31/10 it broke</p>", None),
            ("<p>24/7 support</p>", None),
            ("<p>plain</p>", None),
        ] {
            assert_eq!(mark(text), expected, "{text}");
        }
    }
}
