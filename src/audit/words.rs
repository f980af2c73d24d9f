//! The acts as people say them, where a line leads, and what the search of them answers. Pure.

use super::Act;

impl Act {
    /// What was done, to go after a name: "Sam Staff *verified*".
    pub fn label(self) -> &'static str {
        match self {
            Self::Verify => "verified",
            Self::Confirm => "confirmed a verification",
            Self::Refuse => "refused",
            Self::Withdraw => "withdrew a verification",
            Self::PutUp => "put a verification up for a check",
            Self::DecideResult => "decided a result",
            Self::EnterRelease => "entered a release",
            Self::Edit => "edited",
            Self::Send => "sent",
            Self::Undo => "took back before it left",
            Self::Settle => "needed no reply",
            Self::DecideDelivery => "decided about a delivery",
            Self::DecideHeld => "decided about a held remote post",
            Self::DecideRemoval => "decided about a removal",
            Self::HideOnNetwork => "hid or showed on the network",
            Self::Retitle => "gave a title",
            Self::Accept => "said what helped the asker",
            Self::Claim => "claimed",
            Self::TakeOver => "took over",
            Self::Release => "released",
            Self::Assign => "assigned",
            Self::Snooze => "put off",
            Self::Note => "noted",
            Self::Macro => "changed a macro",
            Self::ReturnDraft => "gave a draft back",
            Self::Merge => "merged",
            Self::Unmerge => "undid a merge",
            Self::KeepApart => "kept apart as not the same",
            Self::SeeToUnfound => "saw to a search that found nothing",
            Self::Split => "split off",
            Self::Unsplit => "undid a split",
            Self::Hide => "hid",
            Self::Restore => "showed again",
            Self::Lock => "locked a thread",
            Self::Unlock => "unlocked a thread",
            Self::Close => "closed a thread to answers",
            Self::Reopen => "opened a thread to answers again",
            Self::Move => "moved",
            Self::MakePrivate => "made private",
            Self::MakePublic => "made public",
            Self::Approve => "let through",
            Self::Reject => "did not let through",
            Self::Dismiss => "dismissed reports",
            Self::Warn => "warned",
            Self::Ban => "banned",
            Self::LiftBan => "lifted a ban",
            Self::HideAll => "hid an author's posts",
            Self::RestoreAll => "showed an author's posts again",
            Self::Search => "changed a brand search",
            Self::Channel => "changed a channel",
            Self::Spending => "changed a spending limit",
            Self::Topic => "changed a topic",
            Self::Invite => "invited",
            Self::ChangeRole => "changed a role",
            Self::Team => "changed a team",
            Self::Hours => "changed business hours",
            Self::Target => "changed a target",
            Self::Setting => "changed a setting",
            Self::Mail => "decided about a mail",
            Self::Trust => "said how far a member is trusted",
            Self::Label => "changed a label",
            Self::Unreadable => "tried unreadable arrivals again",
            Self::Gap => "looked after a gap",
        }
    }
}

/// Where the subject of a line is to be seen. `handle`: of the member that it is, where it is one.
pub(super) fn place(subject: &str, handle: Option<&str>) -> Option<String> {
    let (kind, id) = subject.rsplit_once('-')?;
    Some(match (kind, handle) {
        ("question", _) => format!("/desk/questions/{id}"),
        ("answer" | "comment", _) => format!("/desk/moderate/{subject}"),
        ("member", Some(handle)) => format!("/desk/members/{handle}"),
        ("remote-author", _) => format!("/desk/remote-authors/{id}"),
        ("private", _) => format!("/desk/private/{id}"),
        ("channel", _) => "/admin/channels".to_owned(),
        ("search", _) => format!("/desk/searches/{id}"),
        _ => return None,
    })
}

// The search of the audit
pub fn nobody_called(handle: &str) -> String {
    format!("Nobody here has the handle {handle}. It stands on the page of each member.")
}

pub const NO_DAY: &str = "This is no day. Write it as 2027-01-31, or leave the field empty.";
pub const NO_ACT: &str = "There is no such act. Choose one from the list.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_leads_to_what_was_changed() {
        assert_eq!(place("question-12", None).as_deref(), Some("/desk/questions/12"));
        assert_eq!(place("answer-5", None).as_deref(), Some("/desk/moderate/answer-5"));
        assert_eq!(place("member-4", Some("mara")).as_deref(), Some("/desk/members/mara"));
        assert_eq!(place("member-4", None), None);
        assert_eq!(place("site", None), None);
    }
}
