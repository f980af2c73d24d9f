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

use super::account::Account;
use super::grant::{AppKeys, GrantError, Granted, Key, KeyField, Offer};
use super::look::{AccountLook, AccountState, AppLook, AppState};
use super::watch::Watch;
use super::{Failure, Malformed};
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

/// Who we are on a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Us {
    pub id: String,
    /// How people name the account, without a leading `@`; where a network has no such names, the account's name.
    pub handle: String,
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
