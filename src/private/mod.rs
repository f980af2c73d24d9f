//! Private messages: conversations between one of our accounts and one person, for staff alone.
//!
//! Owns `private_thread`, `private_message` and `private_attachment`, and is the only one that loads their words; who
//! shows them must hold a `Staff`. No post of it stands in the change feed, so no index, cache or public page learns of it:
//! only the queue of the desk does.
//! Knows no network: the bridge brings messages in and carries them out.

mod store;

pub use store::{
    alter, begin_about, count_waiting, exists, find, find_about, find_due_picture, find_picture, has_thread_with, hold,
    is_known, last_word, list, list_about, list_addressees, list_messages, list_of, list_with, meet, name,
    put_off_picture, set_picture, settle, take_in, withdraw, write,
};

use crate::clock::Millis;
use crate::db::{id_type, text_enum};
use crate::members::MemberId;
use crate::posts::{Origin, RemoteAuthorId};

id_type!(
    /// The id of a private thread.
    PrivateThreadId
);
id_type!(
    /// The id of a private message.
    PrivateMessageId
);
id_type!(
    /// The id of what came with a private message.
    AttachmentId
);

text_enum! {
    /// Who wrote a message.
    pub enum Side {
        Theirs = "theirs",
        Ours = "ours",
    }
}

text_enum! {
    /// What came with a message.
    pub enum AttachmentKind {
        /// A picture that can be shown.
        Photo = "photo",
        /// A film, a sound or a card: only the network's own app shows it.
        Other = "other",
    }
}

/// A message that the network brought: theirs, or one that a colleague wrote in the network's own app.
pub struct Arrival<'a> {
    /// The account of ours whose conversation it is, as the bridge counts.
    pub channel_id: i64,
    pub network: Origin,
    /// The conversation, as the network names it.
    pub conversation: &'a str,
    /// The other person of the conversation, whoever wrote this message.
    pub with: RemoteAuthorId,
    pub remote_id: &'a str,
    pub side: Side,
    pub text: &'a str,
    pub raw: &'a str,
    pub sent_at: Millis,
    pub attachments: Vec<NewAttachment<'a>>,
}

pub struct NewAttachment<'a> {
    pub kind: AttachmentKind,
    /// Where the network keeps it, for our own account alone.
    pub url: Option<&'a str>,
    /// What it shows, in the words of its sender; empty where they gave none.
    pub alt: &'a str,
}

/// A conversation as the lists of the desk show it, without its words.
#[derive(Clone, Debug, PartialEq, Eq, diesel::Queryable)]
pub struct PrivateThread {
    pub id: PrivateThreadId,
    pub channel_id: i64,
    pub with: RemoteAuthorId,
    /// The time of their oldest message that nobody answered.
    pub waits_since: Option<Millis>,
    pub last_at: Millis,
    /// The remote post whose author was written to, where that is how it began.
    pub about: Option<i64>,
}

/// A conversation with the words of its newest message, for a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadRow {
    pub thread: PrivateThread,
    pub last_side: Side,
    pub last_text: String,
}

/// One message as staff see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateMessage {
    pub id: PrivateMessageId,
    pub side: Side,
    /// Who of us wrote it here; none: they did, or a colleague in the network's own app.
    pub member: Option<MemberId>,
    pub text: String,
    pub sent_at: Millis,
    pub withdrawn: bool,
    /// Its sender took it back on the network: nothing is left of it.
    pub taken_back: bool,
    pub attachments: Vec<Attachment>,
}

#[derive(Clone, Debug, PartialEq, Eq, diesel::Queryable)]
pub struct Attachment {
    pub id: AttachmentId,
    pub kind: AttachmentKind,
    pub alt: String,
    /// We hold it and can show it.
    pub is_here: bool,
    /// It is still to be fetched.
    pub is_due: bool,
}

/// To whom a message of ours goes, without its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addressee {
    pub thread_id: PrivateThreadId,
    pub with: RemoteAuthorId,
    /// The remote post whose author was written to, where that is how the conversation began.
    pub about: Option<i64>,
    /// The network has named the person; until then they are only the author of that post.
    pub is_met: bool,
}

/// Which conversations a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those that wait for a word from us, longest waiting first.
    Waiting,
    /// All, the newest first.
    All,
}
