//! Members: who they are, how they sign up, in and out, and the proof of it that other slices ask for.
//!
//! `Viewer`, `Member`, `AtDesk`, `Staff` and `Admin` are extractors: a handler that takes `Staff` cannot be reached by
//! anybody else. Owns the tables `member` and `session`. Passwords and tokens never leave this folder.

pub mod create;
mod password;
mod session;
pub mod sign_in;
pub mod sign_out;
pub mod sign_up;
mod store;

use std::collections::HashMap;

pub use password::Hasher;
pub use session::{Posted, PostedWithFiles, load_viewer, session_mark};
pub use store::{
    find_by_handle, has_staff, is_at_desk, is_staff, list_at_desk, list_sessions_at_desk, load_cards, prune_sessions,
};

use crate::db::{id_type, text_enum};

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
    pub fn is_at_desk(self) -> bool {
        matches!(self, Self::Trainee | Self::Staff | Self::Admin)
    }

    pub fn is_staff(self) -> bool {
        matches!(self, Self::Staff | Self::Admin)
    }
}

/// A signed-in member. As a handler's argument: nobody else gets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub id: MemberId,
    pub handle: String,
    pub name: String,
    pub role: Role,
}

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
}

/// Cards by id; a member that is gone is simply not there.
pub type Cards = HashMap<MemberId, Card>;
