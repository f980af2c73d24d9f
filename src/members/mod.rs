//! Members: who they are, how they sign up, in and out, and the proof of it that other slices ask for.
//!
//! `Viewer`, `Member`, `AtDesk`, `Staff` and `Admin` are extractors: a handler that takes `Staff` cannot be reached by
//! anybody else. Owns the tables `member`, `session`, `invitation`
//! and `one_time`. Passwords and tokens never leave this folder.

pub mod account;
pub mod confirm;
pub mod create;
pub mod email;
mod guest;
pub mod imported;
pub mod invitations;
pub mod link;
pub mod new_password;
pub mod one_time;
mod password;
mod prove;
pub mod reset;
mod roles;
pub mod second;
mod session;
pub mod sessions;
pub mod sign_in;
pub mod sign_out;
pub mod sign_up;
mod store;
mod token;
mod words;

use std::collections::HashMap;

pub use guest::{Counted, Guests, Known, Person};
pub use password::Hasher;
pub use prove::owner as prove_owner;
pub use roles::{RoleChange, change_role, raise_role};
pub use session::{Posted, PostedWithFiles, begin as begin_session, load_viewer, session_mark};
pub use store::account::{
    Account, NewProfile, Profile, erase, load_account, load_profile, save_profile, set_label, set_photo,
};
pub use store::one_time::prune as prune_one_time;
pub use store::sessions::{OpenSession, find_holder, list_sessions, list_sessions_at_desk, prune_sessions};
pub use store::{
    ban, email_is_taken, find_ban, find_by_handle, find_role, has_any, has_other_admin, lift_ban, list_by_handles,
    list_called, list_desk, list_ids_after, load_cards, load_member, set_title,
};

use crate::clock::Millis;
use crate::db::{id_type, text_enum};
use crate::pictures::PictureName;

id_type!(
    /// The id of a member.
    MemberId
);

text_enum! {
    /// What a member may do. A trainee works at the desk, but what they write waits for the approval of staff; staff
    /// verify and send; an admin also runs the site.
    pub enum Role {
        Member = "member",
        Trainee = "trainee",
        Staff = "staff",
        Admin = "admin",
    }
}

impl Role {
    /// Those that work at the desk, the lowest first.
    pub const DESK: [Self; 3] = [Self::Trainee, Self::Staff, Self::Admin];
    /// Those that may verify and send.
    pub const STAFF: [Self; 2] = [Self::Staff, Self::Admin];

    /// For people, beside a name.
    pub fn label(self) -> &'static str {
        match self {
            Self::Member => "Member",
            Self::Trainee => "Trainee",
            Self::Staff => "Staff",
            Self::Admin => "Administrator",
        }
    }

    pub fn is_at_desk(self) -> bool {
        Self::DESK.contains(&self)
    }

    pub fn is_staff(self) -> bool {
        Self::STAFF.contains(&self)
    }
}

text_enum! {
    /// What staff call a member beside their name.
    pub enum Label {
        /// They speak for the company.
        Official = "official",
        /// A customer who helps others, much and well.
        Champion = "champion",
    }
}

impl Label {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Official => "Official",
            Self::Champion => "Champion",
        }
    }
}

/// A signed-in member. As a handler's argument: nobody else gets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub id: MemberId,
    pub handle: String,
    pub name: String,
    pub role: Role,
    /// The second level of trust: the slice `trust` says how it is earned.
    pub trusted: bool,
}

/// A signed-in member at what is their own: their account, which stays theirs where a ban keeps them from writing. As a
/// handler's argument: nobody else gets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own(pub Member);

/// A signed-in member who works at the desk, be it only to draft. As a handler's argument: nobody else gets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtDesk(pub Member);

/// A signed-in member who may verify. As a handler's argument: nobody else gets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff(pub Member);

/// A signed-in member who runs the site. As a handler's argument: nobody else gets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admin(pub Member);

/// Whoever looks: a member, or somebody unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Viewer(pub Option<Member>);

impl Viewer {
    pub fn id(&self) -> Option<MemberId> {
        self.0.as_ref().map(|member| member.id)
    }

    pub fn is_at_desk(&self) -> bool {
        self.0.as_ref().is_some_and(|member| member.role.is_at_desk())
    }

    pub fn is_staff(&self) -> bool {
        self.0.as_ref().is_some_and(|member| member.role.is_staff())
    }
}

/// What is shown of a member beside a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    pub id: MemberId,
    pub handle: String,
    pub name: String,
    pub title: String,
    pub role: Role,
    pub label: Option<Label>,
    /// The name of their photo among the files.
    pub photo: Option<String>,
}

impl Card {
    /// What they write is the word of the company.
    pub fn speaks_for_us(&self) -> bool {
        self.role.is_at_desk() || self.label == Some(Label::Official)
    }

    /// The address of their photo; empty: there is none.
    pub fn photo_place(&self) -> String {
        photo_place(self.photo.as_deref())
    }
}

fn photo_place(name: Option<&str>) -> String {
    name.and_then(PictureName::parse).map(|name| name.place()).unwrap_or_default()
}

/// A member may read and sign in, and writes nothing until a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ban {
    pub until: Millis,
    /// As staff told them.
    pub reason: String,
}

impl Ban {
    /// For somebody who would write.
    pub fn refusal(&self) -> String {
        words::banned(&self.until.to_words(), &self.sentence())
    }

    /// The reason with its full stop.
    fn sentence(&self) -> String {
        let stop = if self.reason.ends_with(['.', '!', '?', '…']) { "" } else { "." };
        format!("{}{stop}", self.reason)
    }
}

/// Cards by id; a member that is gone is simply not there.
pub type Cards = HashMap<MemberId, Card>;
