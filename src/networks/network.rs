//! What the bridge and the desk ask of a network, whichever it is: [`Network`] for what belongs to our app there, and
//! [`Account`] for one account of ours.
//!
//! Adding a network is a folder here that implements both, a twin under `sim`, and a line in [`super::all`]. Whatever one
//! network alone has (X's weighted lengths, Facebook's proof of each call) stays in its folder; what it cannot do it says
//! in its [`Abilities`], and nobody asks it to. Nothing here knows a question or a database: what is to be kept comes back
//! as a value.
//!
//! Checked on paper against two more. Mastodon: a send carries its key as `Idempotency-Key`, so `idempotent_sends`; an edit
//! keeps its id; marks are the ids of notifications; `conversation` is the root that its context names; pictures are
//! uploaded and described as X's are. Bluesky: the key becomes the record's `rkey`, which makes a send idempotent; ids are
//! `at://` addresses; a reply names root and parent with their hashes, and its links by byte offsets: the adapter looks the
//! post up and counts, and nobody else learns of it; marks are moments; `hide` is a thread gate. Neither pushes to a server:
//! their `pushes` is false. What is missing for both is a place of its own for each account (a host), from which the scope
//! of its ids would come.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::watch::Watch;
use super::words;
use super::{Failure, Inbound, Length, Malformed, MessagePage, Outcome, PostPage, RemoteAuthor, RemotePost, ReplyPath};
use crate::clock::Millis;
use crate::secret::Secret;

/// What a network can do, and the rules that are the same for all our accounts there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// It tells us by webhooks what happens. Elsewhere it is only asked.
    pub pushes: bool,
    /// The account is named before its owner is asked, because the network lets in whoever is signed in there. Elsewhere
    /// the owner chooses among the accounts that the grant opens.
    pub names_account_first: bool,
    /// Sending twice with the same key sends once: what is of unknown fate is simply sent again. Elsewhere it is looked for.
    pub idempotent_sends: bool,
    /// An edited post keeps its id, so that of two readings the later one counts. Elsewhere each edit has an id of its own.
    pub edits_keep_ids: bool,
    /// Its search can be asked for what nobody addressed to us, of this long ago at most.
    pub searches: Option<Duration>,
    /// What is read and written costs money.
    pub has_prices: bool,
    /// Posts of others under ours can be hidden there.
    pub hides: bool,
    /// The author of a post may be written to privately once, within this time of the post.
    pub private_reply_within: Option<Duration>,
    /// Most pictures of a reply; 0: its replies carry none.
    pub most_pictures: usize,
}

/// What administrators read of a network while they connect it, where only its own words will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// What is connected there, as in "Connect an X account".
    pub an_account: &'static str,
    /// Where our app is set up, as in "Copy it from X's console".
    pub console: &'static str,
    pub console_url: &'static str,
    /// Where owners see which account they are signed in with.
    pub home_url: &'static str,
    /// What the network will ask an owner, after "X will ask".
    pub asks: &'static str,
    /// What our app must have there so that owners can let us in, after "See".
    pub must_have: &'static str,
    /// Where an owner takes an app's access away, after "in".
    pub take_away: &'static str,
    /// Where the network can allow our staff to answer private messages later than others: what an administrator
    /// confirms, and what it means.
    pub late_answers: Option<(&'static str, &'static str)>,
}

/// One key of our app, as it is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyField {
    pub key: Key,
    /// As the network's console calls it.
    pub label: &'static str,
    pub hint: &'static str,
    pub is_needed: bool,
}

/// The keys of our app that somebody enters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    ClientId,
    ClientSecret,
    ApiKey,
    SigningSecret,
}

/// The keys of our app on a network. Each network uses those that it names as its key fields.
#[derive(Clone, Debug)]
pub struct AppKeys {
    /// Known to everybody.
    pub client_id: String,
    pub client_secret: Option<Secret>,
    pub api_key: Option<Secret>,
    /// What webhooks are signed with.
    pub signing_secret: Secret,
    /// While the signing secret is rotated, the network may sign with either.
    pub earlier_signing_secret: Option<Secret>,
    /// The app's own token, got with the keys, where the network has such.
    pub app_token: Option<Secret>,
    /// The network has approved our staff to answer private messages for longer than others.
    pub may_answer_late: bool,
}

/// Who we are on a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Us {
    pub id: String,
    /// How people name the account, without a leading `@`; where a network has no such names, the account's name.
    pub handle: String,
}

/// What the owner of accounts granted us.
#[derive(Clone, Debug)]
pub struct Granted {
    pub access_token: Secret,
    /// Good for one use. `None`: the access ends when it ends.
    pub refresh_token: Option<Secret>,
    /// `None`: it does not end by itself.
    pub expires_at: Option<Millis>,
    /// Separated by spaces.
    pub scopes: String,
}

/// An account that a grant opens.
#[derive(Clone, Debug)]
pub struct Offer {
    pub us: Us,
    /// The account's own access, which may be another than the owner's.
    pub granted: Granted,
    /// The longest post that it may write, in the network's units, where the network tells accounts apart.
    pub longest_post: Option<usize>,
    /// Why it cannot be connected, for its owner.
    pub obstacle: Option<String>,
}

/// Why no access came of a code or a refresh token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// The network does not take the code or the refresh token: it never will.
    #[error("{network} says: {why}")]
    Refused { network: &'static str, why: String },
    /// The network does not take our app's id and secret.
    #[error("{network} does not accept the id and secret of the app: {why}")]
    WrongClient { network: &'static str, why: String },
    /// Nothing came of it, and nothing was used up.
    #[error("{network} cannot be reached: {why}")]
    NotSent { network: &'static str, why: String },
    /// The network may have given tokens that never arrived here: what was shown to it may be used up.
    #[error("{network}'s answer was lost: {why}")]
    Lost { network: &'static str, why: String },
}

/// One thing that was looked at about a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// As in "Webhook".
    pub what: String,
    pub is_good: bool,
    /// The network could not be asked: nothing that a person must mend, and it is asked again by itself.
    #[serde(default)]
    pub is_unasked: bool,
    /// How it is; where it is wrong, what to do.
    pub words: String,
}

/// What is known of our app's connection before it is looked at.
#[derive(Clone, Debug)]
pub struct AppState {
    pub now: Millis,
    /// Our address for the network's events.
    pub hook: String,
    pub webhook_id: Option<String>,
    /// The address that the network found in order last, and when.
    pub valid_hook: Option<(String, Millis)>,
    /// Up to when events could reach us.
    pub events_until: Option<Millis>,
    /// Events that could not reach us are to be asked for, whatever the state says: this process has just begun.
    pub begins: bool,
    /// Nobody is there to receive what would be sent again.
    pub nobody_listens: bool,
    /// Ask also what costs something.
    pub thorough: bool,
}

/// What a look at our app's connection found, and what is to be kept of it.
#[derive(Clone, Debug, Default)]
pub struct AppLook {
    pub findings: Vec<Finding>,
    /// A new token of the app's own.
    pub app_token: Option<Secret>,
    /// The webhook that calls `AppState::hook` and is in order.
    pub webhook_id: Option<String>,
    pub events_until: Option<Millis>,
}

/// What is known of one account's connection before it is looked at.
#[derive(Clone, Debug)]
pub struct AccountState {
    pub now: Millis,
    /// What was granted, separated by spaces.
    pub scopes: String,
    pub webhook_id: Option<String>,
    /// Ask also what costs something.
    pub thorough: bool,
    /// Ask what changes rarely: today nobody did.
    pub first_today: bool,
}

/// What a look at one account's connection found, and what is to be kept of it.
#[derive(Clone, Debug, Default)]
pub struct AccountLook {
    pub findings: Vec<Finding>,
    /// The network was asked whose access it is, and it works.
    pub works: bool,
    /// The network does not take the access; its words.
    pub refused: Option<String>,
    /// As far as the network said it now.
    pub longest_post: Option<usize>,
    /// When the access ends, as far as the network said it now; `Some(None)`: not by itself.
    pub expires_at: Option<Option<Millis>>,
    /// What is granted, as far as the network said it now, separated by spaces.
    pub scopes: Option<String>,
}

/// What is to be answered to a network that asks whether our address is ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    pub media_type: &'static str,
    pub body: String,
}

/// Why a challenge is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoProof {
    /// It is none of the network's.
    NotAChallenge,
    /// Whoever asks does not know what the network was told.
    Stranger,
}

/// A part of a webhook's body, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The account that it is for; `None`: any of ours.
    pub account: Option<String>,
    pub body: Vec<u8>,
}

/// Everything that a connected account needs to speak.
#[derive(Clone, Debug)]
pub struct Seat {
    pub us: Us,
    pub access_token: Secret,
    /// The keys of our app.
    pub keys: Option<AppKeys>,
    /// What the network said of the account's longest post, in its units.
    pub longest_post: Option<usize>,
    /// Sees every call.
    pub watch: Watch,
}

/// A network as this server reaches it.
#[async_trait]
pub trait Network: Debug + Send + Sync {
    /// Its stable name, as it stands in the database and in addresses: "x".
    fn name(&self) -> &'static str;

    /// Its name for people.
    fn label(&self) -> &'static str;

    fn abilities(&self) -> &'static Abilities;

    fn words(&self) -> &'static Words;

    /// Of its API, without a trailing slash.
    fn base_url(&self) -> &str;

    /// It is elsewhere than the real one: a twin, for a demo or a test.
    fn is_twin(&self) -> bool;

    /// Which keys of our app somebody must enter, in the order of the form.
    fn key_fields(&self) -> &'static [KeyField];

    /// Asks the network whether the keys are right; what it gives for them is put in. What is wrong comes back in words,
    /// each with its key. A network that cannot be asked finds nothing wrong.
    async fn try_keys(&self, keys: &mut AppKeys) -> Vec<(Key, String)>;

    /// The network's page on which an owner lets us in. `verifier` stays here until the code comes back.
    fn consent_url(
        &self,
        keys: &AppKeys,
        redirect_uri: &str,
        state: &str,
        verifier: &Secret,
    ) -> Result<String, Failure>;

    /// What the owner granted, for the code that came back.
    async fn exchange(
        &self,
        keys: &AppKeys,
        code: &str,
        verifier: &Secret,
        redirect_uri: &str,
    ) -> Result<Granted, GrantError>;

    /// The accounts that a grant opens.
    async fn offers(&self, keys: &AppKeys, granted: &Granted) -> Result<Vec<Offer>, Failure>;

    /// New tokens for a refresh token, which is used up by this.
    async fn renew(&self, keys: &AppKeys, refresh_token: &Secret) -> Result<Granted, GrantError>;

    /// Gives an access back. `account`: the one that we leave, and its events end, too; `None`: nobody here uses this
    /// access, but others to the same account may be in use.
    async fn give_back(&self, keys: &AppKeys, account: Option<&str>, token: &Secret) -> Result<(), Failure>;

    /// Why the network would not call this address of ours, where that is known without asking.
    fn hook_obstacle(&self, hook: &str) -> Option<String>;

    /// What an administrator enters at the network so that it calls us, beside the address; `None`: we tell it ourselves.
    fn hook_token(&self, keys: &AppKeys) -> Option<String>;

    /// The answer to a network that asks whether our address is ours. `query`: as decoded, in its order.
    fn prove(&self, keys: &AppKeys, query: &[(String, String)]) -> Result<Proof, NoProof>;

    /// The header that carries the signature of a webhook's body, in small letters.
    fn signature_header(&self) -> &'static str;

    /// Whether `raw`, byte for byte as it arrived, was signed with a secret of ours.
    fn is_genuine(&self, keys: &AppKeys, signature: Option<&str>, raw: &[u8]) -> bool;

    /// The parts of a genuine body by the accounts that they are for. A body that is for one stays as it came.
    fn parts(&self, raw: &[u8]) -> Result<Vec<Part>, Malformed>;

    /// Looks at everything about our app there, and mends what can be mended by itself.
    async fn look_at_app(&self, keys: &AppKeys, state: &AppState) -> AppLook;

    /// Looks at everything about one account, and mends what can be mended by itself.
    async fn look_at_account(&self, keys: &AppKeys, account: &dyn Account, state: &AccountState) -> AccountLook;

    /// An account of ours that is connected.
    fn seat(&self, seat: Seat) -> Arc<dyn Account>;

    /// The network's own page for writing a reply by hand.
    fn by_hand_url(&self, target: &str, target_url: &str, text: &str) -> String;

    /// The id of the post that a link leads to; `None`: it is no link of this network's.
    fn id_in_link(&self, url: &str) -> Option<String>;

    /// Whether the network would take something in this text for an address.
    fn holds_link(&self, text: &str) -> bool;

    /// Why the network's search would not take a query, in words for who wrote it.
    fn check_query(&self, query: &str) -> Result<(), String>;

    /// The first mark of a moment.
    fn mark_at(&self, moment: Millis) -> String;

    /// The moment of a mark.
    fn moment_of(&self, mark: &str) -> Millis;
}

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

impl Finding {
    pub fn good(what: &str, words: impl Into<String>) -> Self {
        Self { what: what.to_owned(), is_good: true, is_unasked: false, words: words.into() }
    }

    pub fn wrong(what: &str, words: impl Into<String>) -> Self {
        Self { what: what.to_owned(), is_good: false, is_unasked: false, words: words.into() }
    }

    /// `network`: its name for people.
    pub fn unasked(what: &str, network: &str, failure: &Failure) -> Self {
        let words = words::could_not_be_asked(network, failure);
        Self { is_unasked: true, ..Self::wrong(what, words) }
    }
}
