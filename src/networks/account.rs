//! What the bridge asks of one account of ours on a network, and what it says about the posts and people it means. What a network
//! cannot do stands in its abilities; nothing here asks about them.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

use super::{
    Failure, Inbound, Length, Malformed, MessagePage, Outcome, PostPage, RemoteAuthor, RemotePost, ReplyPath, Us,
};
use crate::clock::Millis;
use crate::secret::Secret;

/// Which list of posts is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timeline {
    /// What people write to us.
    Mentions,
    /// What we write. Networks that show both together show nothing here.
    Own,
}

/// A part of a timeline between two marks, neither of which is in it. A mark is a decimal number as text, of any length: a
/// greater one is later. What it counts is the network's own: X's are ids, Facebook's moments.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stretch<'a> {
    pub since: Option<&'a str>,
    pub until: Option<&'a str>,
}

/// A post that a reply goes to, as far as it is known here.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    pub id: &'a str,
    pub parent: Option<&'a str>,
    pub conversation: Option<&'a str>,
}

/// To whom a private message goes.
#[derive(Clone, Copy, Debug)]
pub enum Addressee<'a> {
    /// A person who we have a conversation with.
    Person {
        id: &'a str,
        /// When they wrote to us last.
        wrote_at: Option<Millis>,
    },
    /// The author of a post, once.
    AuthorOf { post: &'a str },
}

/// Whether a person may be written to privately now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// `None`: without an end.
    Open { until: Option<Millis> },
    /// Since when.
    Closed { since: Millis },
}

/// What a network calls a picture of ours that it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uploaded {
    pub id: String,
    /// The network works on it: when to look again. `None`: it can be used.
    pub look_after: Option<Duration>,
}

/// One account of ours on a network. Each call is made with the access of the moment in which it was taken.
#[async_trait]
pub trait Account: Debug + Send + Sync {
    fn us(&self) -> &Us;

    /// Its access token, for the network itself.
    fn access_token(&self) -> &Secret;

    // What arrived: pure, and works on bytes that were stored long ago.

    /// Reads a part of a webhook's body.
    fn parse_webhook(&self, raw: &[u8]) -> Result<Vec<Inbound>, Malformed>;

    /// Reads what the calls return that read posts.
    fn parse_page(&self, raw: &[u8]) -> Result<PostPage, Malformed>;

    /// Reads what `messages` returns.
    fn parse_messages(&self, raw: &[u8]) -> Result<MessagePage, Malformed>;

    // Rules.

    /// Whether the API may answer this post.
    fn reply_path(&self, post: &RemotePost) -> ReplyPath;

    /// The id of the post under which a reply to this one will stand: mostly its own.
    fn stands_under(&self, target: Target<'_>) -> String;

    /// Measures the text of a reply.
    fn length(&self, text: &str) -> Length;

    /// How much of a long post the network's lists show, in its units; `None`: no post is that long.
    fn cut_after(&self) -> Option<usize>;

    /// Most characters of a private message.
    fn longest_message(&self) -> usize;

    /// Whether a person who wrote to us last at this moment may be answered privately.
    fn message_window(&self, wrote_at: Option<Millis>, now: Millis) -> Window;

    /// What an account must have granted for pictures to be sent with a reply; `None`: nothing of its own.
    fn pictures_scope(&self) -> Option<&'static str>;

    // Places for people.

    fn post_url(&self, post: &RemotePost) -> String;

    /// The page of a post of ours, by its id alone.
    fn own_url(&self, id: &str) -> String;

    /// The network's own page of our private conversation with one person.
    fn conversation_url(&self, person: &str) -> String;

    /// The network's own page for writing a private message by hand.
    fn compose_url(&self, person: &str, text: &str) -> String;

    // Reading. What a call returns is read by `parse_page`, now or later.

    /// The newest page of a stretch of a timeline.
    async fn timeline(&self, timeline: Timeline, stretch: Stretch<'_>) -> Result<Vec<u8>, Failure>;

    /// What the network's search finds of a stretch of the mentions that the timeline itself does not reach.
    async fn beyond_timeline(&self, stretch: Stretch<'_>) -> Result<Vec<u8>, Failure>;

    /// How far back `beyond_timeline` reaches; `None`: nothing lies beyond a timeline.
    fn reaches_beyond(&self) -> Option<Duration>;

    /// The other posts of a conversation, a page at a time.
    async fn conversation(&self, id: &str, page: Option<&str>) -> Result<Vec<u8>, Failure>;

    /// At most 100 posts, with their authors. Those that are gone or hidden from us become `PostPage::missing`.
    async fn posts(&self, ids: &[String]) -> Result<Vec<u8>, Failure>;

    /// The same as they are now, without what belongs around them where that costs more.
    async fn versions(&self, ids: &[String]) -> Result<Vec<u8>, Failure>;

    /// At most 100 people; those that are gone are left out.
    async fn users(&self, ids: &[String]) -> Result<Vec<RemoteAuthor>, Failure>;

    /// Whose access this is.
    async fn me(&self) -> Result<RemoteAuthor, Failure>;

    /// Posts that a query finds, newest first. Only of a network that searches.
    async fn search(&self, query: &str, since: Option<&str>, page: Option<&str>, most: i64)
    -> Result<Vec<u8>, Failure>;

    /// Our own posts since a moment, to find out whether some were accepted: all of them, or those that stand under these
    /// posts. Absence proves nothing: networks lag.
    async fn sent_since(&self, since: Millis, under: &[String]) -> Result<Vec<RemotePost>, Failure>;

    /// Private messages of all our conversations, newest first.
    async fn messages(&self, page: Option<&str>) -> Result<Vec<u8>, Failure>;

    /// The newest messages of the conversation with one person, to find out whether one was accepted.
    async fn messages_with(&self, person: &str) -> Result<MessagePage, Failure>;

    /// Whether the author of a post was written to privately already: nobody may do it twice.
    async fn was_written_to(&self, post: &str) -> Result<bool, Failure>;

    /// A picture of a private message, in whatever format it was sent.
    async fn message_picture(&self, url: &str) -> Result<Vec<u8>, Failure>;

    // Writing. Every outcome but `Accepted` and `Unknown` means that nothing was done.

    /// Sends a reply once, with pictures that were uploaded before. `key`: the delivery's own, for idempotent sends.
    async fn reply(&self, under: &str, text: &str, pictures: &[String], key: &str) -> Outcome;

    /// Gives a post of ours other words; `Accepted` names the post as it is from now on.
    async fn edit(&self, id: &str, text: &str) -> Outcome;

    /// Deletes a post of ours; one that is gone already counts as deleted.
    async fn delete(&self, id: &str) -> Outcome;

    /// Hides a post of somebody else, or shows it again. Doing it twice does no harm.
    async fn hide(&self, id: &str, hidden: bool) -> Outcome;

    /// Sends a private message, once. `key`: as for a reply.
    async fn message(&self, to: Addressee<'_>, text: &str, key: &str) -> Outcome;

    /// Uploads a picture for a post. Nothing is posted by this, and doing it twice does no harm: `Err` is what it means for
    /// the post that waits for it, never `Accepted` or `Unknown`.
    async fn upload(&self, media_type: &str, bytes: &[u8]) -> Result<Uploaded, Outcome>;

    /// How far the network is with a picture that it took.
    async fn upload_state(&self, id: &str) -> Result<Uploaded, Outcome>;

    /// Tells the network what an uploaded picture shows.
    async fn describe(&self, id: &str, alt: &str) -> Result<(), Outcome>;
}

/// Orders two marks.
pub fn compare_marks(a: &str, b: &str) -> std::cmp::Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}
