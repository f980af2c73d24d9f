//! Posts with their comments as the pages show them, in reading order.

use super::items::Item;
use super::journal::Shown;
use super::told::shown_url;
use super::world::World;
use crate::clock::Millis;

/// One post or comment on a page.
pub(super) struct Card {
    pub id: String,
    /// The part of the id that stands in addresses behind a `#`.
    pub anchor: String,
    pub author: u64,
    pub handle: String,
    pub name: String,
    /// Whether a page wrote it.
    pub by_page: bool,
    /// Whether it came through the API.
    pub app: bool,
    /// On whose wall a post stands, if it is not the author's own.
    pub on: String,
    pub text: String,
    pub picture: String,
    pub sticker: bool,
    pub link: String,
    pub address: String,
    pub at: Millis,
    pub at_words: String,
    pub ago: String,
    pub edited: bool,
    pub hidden: bool,
    /// Whether a page can hide it.
    pub hideable: bool,
    /// Who may remove it besides the author: the page on whose wall it stands.
    pub moderator: String,
    pub removed: bool,
    pub depth: u8,
    pub replies: usize,
    /// Who most likely answers: the one who is answered, or the page.
    pub reply_as: String,
}

/// A post and all that was ever said below it.
pub(super) fn thread(world: &World, post: &Item, now: Millis) -> Vec<Card> {
    let mut cards = vec![card(world, post, 0, now)];
    if cards.iter().any(|card| card.removed) {
        return cards;
    }
    let below = |parent: Option<u64>| {
        let all = world.under.get(&post.number).into_iter().flatten();
        all.filter_map(|(_, number)| world.items.get(number)).filter(move |item| item.parent() == parent)
    };
    for comment in below(None) {
        cards.push(card(world, comment, 1, now));
        if comment.removed.is_none() {
            cards.extend(below(Some(comment.number)).map(|reply| card(world, reply, 2, now)));
        }
    }
    cards
}

fn card(world: &World, item: &Item, depth: u8, now: Millis) -> Card {
    let wall = world.wall_of(item);
    let page = world.pages.get(&wall);
    let hideable = page.is_some() && item.author != wall;
    let asker = item.parent().or((!item.is_post()).then_some(item.post())).and_then(|above| world.items.get(&above));
    let reply_as = match (page, asker) {
        (Some(page), _) if item.author != wall => page.handle.clone(),
        (_, Some(asker)) => world.handle(asker.author).to_owned(),
        _ => String::new(),
    };
    Card {
        id: item.id.clone(),
        anchor: item.last_part().to_owned(),
        author: item.author,
        handle: world.handle(item.author).to_owned(),
        name: world.name(item.author).to_owned(),
        by_page: world.pages.contains_key(&item.author),
        app: item.app,
        on: if item.is_post() && wall != item.author { world.name(wall).to_owned() } else { String::new() },
        text: item.text.clone(),
        picture: match item.shown {
            Some(shown @ Shown::Photo(_)) => path_of(shown_url(world, shown), &world.base),
            _ => String::new(),
        },
        sticker: item.shown == Some(Shown::Sticker),
        link: item.link.clone().unwrap_or_default(),
        address: path_of(Some(world.permalink(item)), &world.base),
        at: item.at,
        at_words: item.at.to_words(),
        ago: item.at.ago(now),
        edited: item.edited.is_some(),
        hidden: item.hidden,
        hideable,
        moderator: page.filter(|_| hideable).map(|page| page.handle.clone()).unwrap_or_default(),
        removed: item.removed.is_some(),
        depth,
        replies: world.replies(item).count(),
        reply_as,
    }
}

/// An address of the twin without the host, so that it holds wherever a browser reached the twin.
pub(super) fn path_of(url: Option<String>, base: &str) -> String {
    let url = url.unwrap_or_default();
    url.strip_prefix(base).map_or_else(|| url.clone(), str::to_owned)
}
