//! Posts as the pages show them, and conversations in reading order.

use super::posts::Post;
use super::text::Piece;
use super::world::{World, time_of};
use crate::clock::Millis;

/// Answers are set in by so many steps at most: a phone is narrow.
const DEEPEST: u8 = 3;

/// One post on a page.
pub(super) struct Card {
    pub id: u64,
    pub author: u64,
    pub handle: String,
    pub name: String,
    pub company: bool,
    pub parts: Vec<Part>,
    pub at: Millis,
    pub at_words: String,
    /// Address and description.
    pub pictures: Vec<(String, String)>,
    /// Who is quoted, and what they said.
    pub quoted: Option<(String, String, u64)>,
    pub edited: bool,
    pub editable: bool,
    /// As it was typed, to be edited.
    pub typed: String,
    pub ago: String,
    pub deleted: bool,
    pub depth: u8,
    pub replies: usize,
    /// Who most likely answers: the one who is answered, or the company.
    pub reply_as: String,
    /// Whether it can be answered and deleted where it is shown.
    pub actions: bool,
}

pub(super) enum Part {
    Plain(String),
    /// A name that X put in front of a reply.
    To(String),
    Mention {
        shown: String,
        handle: String,
    },
    Link {
        href: String,
        shown: String,
    },
}

pub(super) fn card(world: &World, post: &Post, company: u64, depth: u8, now: Millis) -> Card {
    let handle = |id: u64| world.users.get(&id).map_or_else(String::new, |user| user.handle.clone());
    let asker = post.parent.and_then(|parent| world.posts.get(&parent)).map(|parent| handle(parent.author));
    let parts = post.text.pieces.iter().enumerate().map(|(at, piece)| match piece {
        _ if at < post.text.lead => Part::To(piece.shown().to_owned()),
        Piece::Plain(text) | Piece::Hashtag(text) => Part::Plain(text.clone()),
        Piece::Mention { shown, handle, .. } => Part::Mention { shown: shown.clone(), handle: handle.clone() },
        Piece::Picture { .. } => Part::Plain(String::new()),
        Piece::Link { expanded, display, .. } => Part::Link { href: expanded.clone(), shown: display.clone() },
    });
    let brand = |id: u64| world.grants.has_been_given_by(id);
    let named_brand = post.text.mentions().find(|id| brand(*id)).map(handle);
    let at = time_of(post.id);
    let pictures = post.media.iter().filter_map(|id| world.media.get(*id));
    let pictures =
        pictures.map(|picture| (format!("/media/{}", picture.file_name()), picture.alt.clone().unwrap_or_default()));
    Card {
        id: post.id,
        author: post.author,
        handle: handle(post.author),
        name: world.users.get(&post.author).map_or_else(String::new, |user| user.name.clone()),
        company: world.grants.has_been_given_by(post.author),
        parts: parts.collect(),
        at,
        at_words: at.to_words(),
        pictures: pictures.collect(),
        quoted: post
            .quoted
            .and_then(|id| world.post(id))
            .map(|quoted| (handle(quoted.author), quoted.text.readable(), quoted.id)),
        edited: post.first != post.id,
        editable: world.may_be_edited(post.id, now),
        typed: post.text.typed(),
        ago: at.ago(now),
        deleted: post.deleted.is_some(),
        depth,
        replies: world.replies(post.id).count(),
        reply_as: if brand(post.author) {
            asker.unwrap_or_default()
        } else {
            named_brand.unwrap_or_else(|| handle(company))
        },
        actions: true,
    }
}

/// A conversation from its first post, each answer under what it answers, whichever version of that. A deleted post shows
/// only where others hang on it.
pub(super) fn conversation(world: &World, root: u64, company: u64, now: Millis) -> Vec<Card> {
    let members: Vec<&Post> = world.conversation(root).collect();
    let first = |id: u64| world.posts.get(&id).map_or(id, |post| post.first);
    let mut thread = Vec::new();
    let mut waiting = vec![(root, 0)];
    while let Some((id, depth)) = waiting.pop() {
        let answers = members.iter().filter(|post| post.parent.map(first) == Some(id));
        let answers: Vec<u64> = answers.map(|post| post.first).collect();
        if let Some(post) =
            members.iter().find(|post| post.first == id && (post.deleted.is_none() || !answers.is_empty()))
        {
            thread.push(card(world, post, company, depth, now));
        }
        waiting.extend(answers.into_iter().rev().map(|answer| (answer, DEEPEST.min(depth + 1))));
    }
    thread
}
