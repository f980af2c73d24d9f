//! Reading a body and what belongs around it: the parents that make the conversation whole, and authors who were named
//! by id only. All HTTP of a placing happens here, before its transaction.

use std::collections::{HashMap, HashSet};

use super::mirror::{Batch, Prepared};
use crate::app::App;
use crate::bridge::meter::{self, prices::Kind};
use crate::bridge::store::inbox::{Claimed, Source};
use crate::bridge::store::{deliveries, remote};
use crate::bridge::{Channel, access};
use crate::clock::Millis;
use crate::db::DbError;
use crate::networks::watch::{Item, ItemKind};
use crate::networks::{Failure, Inbound, RemoteAuthor, RemoteMessage, RemotePost, Unreadable};

/// How far up a conversation is followed; a longer chain begins in its middle.
const MOST_PARENTS: usize = 30;
/// How many pages of a conversation that began without us are read; a longer one is a storm, not a question.
const CONVERSATION_PAGES: usize = 5;

/// What a parent may cost, and what a page of a conversation may: a hundred posts. Millionths of a US dollar.
const PARENT: i64 = Kind::Post.price(false) + Kind::User.price(false);
const CONVERSATION: i64 = 100 * PARENT;

pub(super) enum Read {
    Batch(Batch),
    /// No trying will make it readable.
    Malformed(String),
    /// The network must be asked again later.
    Later(Failure),
}

/// Reads bodies of one channel. Not `patient`: what the network does not say now is left out.
pub(super) async fn read(app: &App, channel: &Channel, group: &[Claimed], patient: bool) -> Result<Read, DbError> {
    let mut arrived = Arrived::default();
    for claimed in group {
        let one = match parse(channel, claimed) {
            Ok(one) => one,
            Err(reason) => return Ok(Read::Malformed(reason)),
        };
        if claimed.source == Source::Webhook {
            let items = one.posts.iter().map(|post| Item { kind: ItemKind::Post, id: post.id.clone() });
            let messages = one.messages.iter().filter(|message| !message.ours);
            let messages = messages.map(|message| Item { kind: ItemKind::Message, id: message.id.clone() });
            app.bridge.meter.note_arrived(channel.id, items.chain(messages).collect());
        }
        arrived.posts.extend(one.posts);
        arrived.beside.extend(one.beside);
        arrived.messages.extend(one.messages);
        arrived.deleted.extend(one.deleted);
        arrived.changed.extend(one.changed);
        arrived.hidden.extend(one.hidden);
        arrived.altered.extend(one.altered);
        arrived.read_at.extend(one.read_at);
        arrived.revoked |= one.revoked;
    }
    if arrived.revoked
        && let Err(failure) = access::doubt(app, channel).await?
        && patient
    {
        return Ok(Read::Later(failure));
    }
    match look_up_changed(channel, &arrived.changed).await {
        Ok(posts) => {
            let now = app.clock.now();
            arrived.read_at.extend(posts.iter().map(|post| (post.id.clone(), now)));
            // What was told before the change is out of date.
            arrived.posts.retain(|old| posts.iter().all(|post| post.id != old.id));
            arrived.posts.extend(posts);
        }
        Err(failure) if patient => return Ok(Read::Later(failure)),
        Err(failure) => tracing::warn!(%failure, "placed without what changed: {failure}"),
    }
    if channel.abilities().hides {
        let read = arrived.posts.iter().filter(|post| arrived.read_at.contains_key(&post.id));
        arrived.hidden.extend(read.map(|post| (post.id.clone(), post.hidden)));
    }
    let mut posts = unknown(app, channel, arrived.posts, &arrived.read_at).await?;
    // What a search found stands alone: nobody asked us into its conversation.
    if group.iter().all(|claimed| claimed.search.is_none())
        && let Err(failure) = fetch_parents(app, channel, &mut posts, arrived.beside).await?
    {
        if patient {
            return Ok(Read::Later(failure));
        }
        tracing::warn!(%failure, "placed without the posts above it: {failure}");
    }
    if let Err(failure) = fetch_quoted(app, channel, &mut posts).await?
        && patient
    {
        return Ok(Read::Later(failure));
    }
    let authors = posts.iter_mut().map(|post| &mut post.author);
    let authors = authors.chain(arrived.messages.iter_mut().map(|message| &mut message.with)).collect();
    if let Err(failure) = name_authors(app, channel, authors).await?
        && patient
    {
        return Ok(Read::Later(failure));
    }
    let prepare = |post: RemotePost| {
        let read_at = arrived.read_at.get(&post.id).copied();
        Prepared::of(channel, post, read_at)
    };
    let posts = parents_first(posts).into_iter().map(prepare).collect();
    Ok(Read::Batch(Batch {
        channel_id: channel.id,
        scope: channel.scope(),
        account_id: channel.us().to_owned(),
        posts,
        messages: arrived.messages,
        deleted: arrived.deleted,
        hidden: arrived.hidden,
        altered: arrived.altered,
        search: group.first().and_then(|claimed| claimed.search),
    }))
}

/// Whether a body can be read at all: one that cannot is no part of a group.
pub(super) fn is_readable(channel: &Channel, claimed: &Claimed) -> bool {
    parse(channel, claimed).is_ok()
}

#[derive(Default)]
struct Arrived {
    posts: Vec<RemotePost>,
    /// Those of them that a page showed beside its own, because they are parents of these.
    beside: HashSet<String>,
    messages: Vec<RemoteMessage>,
    deleted: Vec<String>,
    /// Posts that changed, and how they are now must be asked.
    changed: Vec<String>,
    hidden: Vec<(String, bool)>,
    /// Private messages as they are now, and whether they were taken back.
    altered: Vec<(RemoteMessage, bool)>,
    /// When the posts were read that we asked for.
    read_at: HashMap<String, Millis>,
    /// The network says that our access was taken back.
    revoked: bool,
}

fn parse(channel: &Channel, claimed: &Claimed) -> Result<Arrived, String> {
    let mut arrived = Arrived::default();
    match claimed.source {
        Source::Webhook => {
            for event in channel.account.parse_webhook(&claimed.body).map_err(|error| error.to_string())? {
                match event {
                    Inbound::Post(post) => arrived.posts.push(post),
                    Inbound::Message(message) => arrived.messages.push(message),
                    Inbound::Deleted { id } => arrived.deleted.push(id),
                    Inbound::Changed { id } => arrived.changed.push(id),
                    Inbound::Hidden { id, hidden } => arrived.hidden.push((id, hidden)),
                    Inbound::MessageEdited(message) => arrived.altered.push((message, false)),
                    Inbound::MessageDeleted(message) => arrived.altered.push((message, true)),
                    Inbound::Revoked => arrived.revoked = true,
                    Inbound::Ignored(event) => {
                        tracing::debug!(
                            inbox = claimed.ticket.id.0,
                            event,
                            "an event that does not concern us: {event}"
                        );
                    }
                }
            }
        }
        Source::Messages => {
            let page = channel.account.parse_messages(&claimed.body).map_err(|error| error.to_string())?;
            only_unreadable(page.messages.is_empty(), page.unreadable)?;
            arrived.messages = page.messages;
        }
        // Posts that came along beside a page are its posts' parents: only those are taken, when they are asked for.
        Source::Poll => {
            let page = channel.account.parse_page(&claimed.body).map_err(|error| error.to_string())?;
            only_unreadable(page.posts.is_empty(), page.unreadable)?;
            let wanted: HashSet<String> = page.posts.iter().filter_map(|post| post.parent.clone()).collect();
            let told: HashSet<String> = page.posts.iter().map(|post| post.id.clone()).collect();
            let parents =
                page.included.into_iter().filter(|post| wanted.contains(&post.id) && !told.contains(&post.id));
            let parents: Vec<RemotePost> = parents.collect();
            arrived.beside = parents.iter().map(|post| post.id.clone()).collect();
            arrived.posts = page.posts;
            arrived.posts.extend(parents);
            arrived.read_at = arrived.posts.iter().map(|post| (post.id.clone(), claimed.received_at)).collect();
        }
    }
    Ok(arrived)
}

/// What could not be read of a page was kept apart from it when it came; a body with nothing else is such a part.
fn only_unreadable(nothing_else: bool, unreadable: Vec<Unreadable>) -> Result<(), String> {
    match unreadable.into_iter().next().filter(|_| nothing_else) {
        Some(part) => Err(part.reason),
        None => Ok(()),
    }
}

/// The posts that changed, as they are now; those that are gone are told of as deleted.
async fn look_up_changed(channel: &Channel, ids: &[String]) -> Result<Vec<RemotePost>, Failure> {
    let mut posts = Vec::new();
    for ids in ids.chunks(100) {
        let body = channel.account.versions(ids).await?;
        let page = channel.account.parse_page(&body).map_err(|error| Failure::Unavailable(error.to_string()))?;
        posts.extend(page.posts);
    }
    Ok(posts)
}

/// Drops what is stored already, and what stands in the batch twice. An edit is placed each time it comes: its key may be
/// that of a deletion which overtook it, and which its earlier versions do not know of. Where edits keep their ids,
/// everything that was read may be one.
async fn unknown(
    app: &App,
    channel: &Channel,
    posts: Vec<RemotePost>,
    read_at: &HashMap<String, Millis>,
) -> Result<Vec<RemotePost>, DbError> {
    let ids: Vec<String> = posts.iter().map(|post| post.id.clone()).collect();
    let known = known(app, channel, ids).await?;
    let mut seen = HashSet::new();
    let keeps_ids = channel.abilities().edits_keep_ids;
    let may_be_edit = |post: &RemotePost| !post.earlier_ids.is_empty() || (keeps_ids && read_at.contains_key(&post.id));
    let is_new = |post: &RemotePost| !known.contains(&post.id) || may_be_edit(post);
    Ok(posts.into_iter().filter(|post| is_new(post) && seen.insert(post.id.clone())).collect())
}

/// Those of these ids that are stored here.
async fn known(app: &App, channel: &Channel, ids: Vec<String>) -> Result<HashSet<String>, DbError> {
    let scope = channel.scope();
    app.db.read(move |conn| Ok(remote::list_known(conn, scope, &ids)?.into_iter().collect())).await
}

/// Follows each conversation up until it meets something stored, its root, or a post that nobody can show us. Where
/// parents had to be fetched, or came along `beside` a post that speaks to us, the conversation began without us: then its
/// other replies are asked for as well.
async fn fetch_parents(
    app: &App,
    channel: &Channel,
    posts: &mut Vec<RemotePost>,
    beside: HashSet<String>,
) -> Result<Result<(), Failure>, DbError> {
    let mut joined = begun_without_us(app, channel, posts, beside).await?;
    // Gone, hidden from us, or not shown yet: asked for once a body, and no reason to bar it for ever.
    let mut missing: HashSet<String> = HashSet::new();
    for _ in 0..MOST_PARENTS {
        let here: HashSet<&String> = posts.iter().map(|post| &post.id).chain(missing.iter()).collect();
        let mut wanted: Vec<String> =
            posts.iter().filter_map(|post| post.parent.clone()).filter(|id| !here.contains(id)).collect();
        wanted.sort();
        wanted.dedup();
        let stored = known(app, channel, wanted.clone()).await?;
        let (id, asked) = (channel.id, wanted.clone());
        let sent = app.db.read(move |conn| deliveries::list_sent_ids(conn, id, &asked)).await?;
        wanted.retain(|id| !stored.contains(id) && !sent.contains(id));
        wanted.truncate(100);
        if wanted.is_empty() {
            break;
        }
        if !may_spend(app, channel, PARENT * i64::try_from(wanted.len()).unwrap_or(100)).await? {
            break;
        }
        let page = match channel.account.posts(&wanted).await.map(|body| channel.account.parse_page(&body)) {
            Ok(Ok(page)) => page,
            Ok(Err(malformed)) => return Ok(Err(Failure::Unavailable(malformed.to_string()))),
            Err(failure) => return Ok(Err(failure)),
        };
        // Who replies to what we said ourselves tells us so; all replies to a promotion would be a dear page to read.
        let theirs = page.posts.iter().filter(|post| post.author.id != channel.us());
        joined.extend(theirs.map(|post| post.conversation.clone()));
        // What was asked for and not shown is gone or not ours to see, whether the network says so or not.
        missing.extend(wanted.into_iter().filter(|id| !page.posts.iter().any(|post| post.id == *id)));
        posts.extend(page.posts);
    }
    let us = channel.us().to_owned();
    let askers = posts.iter().filter(|post| post.addressed.contains(&us)).map(|post| post.author.id.clone());
    let concerned: HashSet<String> = askers.chain([us.clone()]).collect();
    for conversation in joined {
        let mut token: Option<String> = None;
        for _ in 0..CONVERSATION_PAGES {
            if !may_spend(app, channel, CONVERSATION).await? {
                break;
            }
            let body = channel.account.conversation(&conversation, token.as_deref()).await;
            let page = match body.map(|body| channel.account.parse_page(&body)) {
                Ok(Ok(page)) => page,
                Ok(Err(malformed)) => return Ok(Err(Failure::Unavailable(malformed.to_string()))),
                Err(failure) => return Ok(Err(failure)),
            };
            let more = unknown(app, channel, page.posts, &HashMap::new()).await?;
            let here: HashSet<String> = posts.iter().map(|post| post.id.clone()).collect();
            let more: Vec<RemotePost> = more.into_iter().filter(|post| !here.contains(&post.id)).collect();
            // Many talk under a post that went round the world: what they say to each other is not paid for.
            let concerns_us = more.iter().any(|post| concerned.contains(&post.author.id));
            posts.extend(more);
            token = page.next_token;
            if token.is_none() || !concerns_us {
                break;
            }
        }
    }
    Ok(Ok(()))
}

/// The conversations in which these posts speak to us below somebody else's, which came along beside them and is not
/// stored. Of our own replies, of which a page of ours is full, none is asked for what stands around it.
async fn begun_without_us(
    app: &App,
    channel: &Channel,
    posts: &[RemotePost],
    beside: HashSet<String>,
) -> Result<HashSet<String>, DbError> {
    if beside.is_empty() {
        return Ok(HashSet::new());
    }
    let stored = known(app, channel, beside.iter().cloned().collect()).await?;
    let is_theirs = |post: &&RemotePost| post.author.id != channel.us();
    let is_new = |post: &&RemotePost| beside.contains(&post.id) && !stored.contains(&post.id);
    let above: HashSet<&String> = posts.iter().filter(is_theirs).filter(is_new).map(|post| &post.id).collect();
    let speaks_to_us = |post: &&RemotePost| {
        is_theirs(post)
            && post.addressed.iter().any(|id| id == channel.us())
            && post.parent.as_ref().is_some_and(|parent| above.contains(parent))
    };
    Ok(posts.iter().filter(speaks_to_us).map(|post| post.conversation.clone()).collect())
}

/// Whether what is good to have may cost this much; otherwise a post is placed without what belongs around it.
async fn may_spend(app: &App, channel: &Channel, micros: i64) -> Result<bool, DbError> {
    let (id, now) = (channel.id, app.clock.now());
    let may = app.db.read(move |conn| meter::may_spend(conn, id, micros, now)).await?;
    if !may {
        tracing::info!(channel = id.0, "the month's ceiling is used up: what belongs around a post is not asked for");
    }
    Ok(may)
}

/// Brings along our own posts that are quoted: a question about one cannot be understood without it.
async fn fetch_quoted(
    app: &App,
    channel: &Channel,
    posts: &mut Vec<RemotePost>,
) -> Result<Result<(), Failure>, DbError> {
    let here: HashSet<&String> = posts.iter().map(|post| &post.id).collect();
    let ours = |post: &&RemotePost| post.addressed.iter().any(|id| id == channel.us());
    let mut wanted: Vec<String> =
        posts.iter().filter(ours).filter_map(|post| post.quoted.clone()).filter(|id| !here.contains(id)).collect();
    wanted.sort();
    wanted.dedup();
    let stored = known(app, channel, wanted.clone()).await?;
    wanted.retain(|id| !stored.contains(id));
    for ids in wanted.chunks(100) {
        if !may_spend(app, channel, PARENT * i64::try_from(ids.len()).unwrap_or(100)).await? {
            break;
        }
        match channel.account.posts(ids).await.map(|body| channel.account.parse_page(&body)) {
            Ok(Ok(page)) => posts.extend(page.posts.into_iter().filter(|post| post.author.id == channel.us())),
            Ok(Err(malformed)) => return Ok(Err(Failure::Unavailable(malformed.to_string()))),
            Err(failure) => return Ok(Err(failure)),
        }
    }
    Ok(Ok(()))
}

/// Names the authors who were named by id only: as they are known here, else the network is asked.
async fn name_authors(
    app: &App,
    channel: &Channel,
    mut authors: Vec<&mut RemoteAuthor>,
) -> Result<Result<(), Failure>, DbError> {
    let mut known: HashMap<String, RemoteAuthor> = authors
        .iter()
        .filter(|author| !is_nameless(author))
        .map(|author| (author.id.clone(), (**author).clone()))
        .collect();
    let mut nameless: Vec<String> = authors
        .iter()
        .map(|author| &author.id)
        .filter(|id| !known.contains_key(*id) && id.as_str() != channel.us())
        .cloned()
        .collect();
    nameless.sort();
    nameless.dedup();
    if !nameless.is_empty() {
        let (scope, asked) = (channel.scope(), nameless.clone());
        let here = app.db.read(move |conn| remote::list_named(conn, scope, &asked)).await?;
        known.extend(here.into_iter().map(|author| (author.id.clone(), author)));
        nameless.retain(|id| !known.contains_key(id));
    }
    for ids in nameless.chunks(100) {
        if !may_spend(app, channel, Kind::User.price(false) * i64::try_from(ids.len()).unwrap_or(100)).await? {
            break;
        }
        match channel.account.users(ids).await {
            Ok(authors) => known.extend(authors.into_iter().map(|author| (author.id.clone(), author))),
            Err(failure) => return Ok(Err(failure)),
        }
    }
    for author in authors.iter_mut().filter(|author| is_nameless(author)) {
        if let Some(found) = known.get(&author.id) {
            (**author).clone_from(found);
        } else if author.id == channel.us() {
            author.handle.clone_from(&channel.account.us().handle);
            author.name.clone_from(&channel.account.us().handle);
        }
    }
    Ok(Ok(()))
}

/// Named by id only. Where nobody has a handle, a name is enough.
fn is_nameless(author: &RemoteAuthor) -> bool {
    author.handle.is_empty() && author.name.is_empty()
}

/// Oldest first, and no reply before its parent: ids and times of a real conversation are not always in order.
fn parents_first(mut posts: Vec<RemotePost>) -> Vec<RemotePost> {
    posts.sort_by(|a, b| b.posted_at.cmp(&a.posted_at).then_with(|| b.id.cmp(&a.id)));
    let mut waiting: HashMap<String, RemotePost> = posts.iter().map(|post| (post.id.clone(), post.clone())).collect();
    let mut ordered = Vec::with_capacity(posts.len());
    while let Some(post) = posts.pop() {
        let mut chain = Vec::new();
        let mut next = waiting.remove(&post.id);
        while let Some(post) = next {
            next = post.parent.as_ref().and_then(|parent| waiting.remove(parent));
            chain.push(post);
        }
        ordered.extend(chain.into_iter().rev());
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Millis;

    fn post(id: &str, parent: Option<&str>, at: i64) -> RemotePost {
        let author = RemoteAuthor {
            id: "1".to_owned(),
            handle: String::new(),
            name: String::new(),
            picture_url: None,
            followers: None,
        };
        RemotePost {
            id: id.to_owned(),
            author,
            text: String::new(),
            posted_at: Millis(at),
            parent: parent.map(str::to_owned),
            conversation: "1".to_owned(),
            addressed: Vec::new(),
            quoted: None,
            lang: None,
            media: Vec::new(),
            earlier_ids: Vec::new(),
            later_ids: Vec::new(),
            url: None,
            hidden: false,
            raw: String::new(),
        }
    }

    #[test]
    fn no_reply_comes_before_its_parent() {
        // The reply is older than its parent by the clock, and one chain is a circle.
        let posts = vec![
            post("3", Some("2"), 5),
            post("2", Some("1"), 20),
            post("1", None, 10),
            post("8", Some("9"), 1),
            post("9", Some("8"), 2),
        ];
        let order: Vec<String> = parents_first(posts).into_iter().map(|post| post.id).collect();
        assert_eq!(order, ["9", "8", "1", "2", "3"]);
    }
}
