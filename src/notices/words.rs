//! What a notice says and where it leads. Pure.

use super::{Kind, Notice};
use crate::db::{PostKind, PostRef};
use crate::posts;

/// Who wrote on a network and has no name here.
const SOMEBODY: &str = "Somebody";

/// The sentence of a notice. `by`: the name of whoever did it; `title`: of its thread, where its reader sees that.
pub(super) fn sentence(notice: &Notice, by: Option<&str>, title: Option<&str>) -> String {
    let who = by.unwrap_or("Our staff");
    let (yours, thread) = (yours(notice.post), within(notice.post, title));
    match notice.kind {
        Kind::Verified => format!("{who} verified your answer{thread}"),
        Kind::Sent => format!("Your answer was sent to the person who asked{thread}"),
        Kind::Seen => format!("{who} looked at your answer{thread}"),
        Kind::Refused => format!("{who} did not verify your answer{thread}"),
        Kind::NotConfirmed => format!("{who} did not confirm what you vouched for{thread}"),
        Kind::Withdrawn => format!("{who} no longer vouches for your answer{thread}"),
        Kind::Stale => format!("Your verified answer is being checked again{thread}"),
        Kind::Mentioned => format!("{who} mentioned you in a note{}", about(title)),
        Kind::TakenOver => format!("{who} took over {}", named(title, "what you had claimed")),
        Kind::Assigned => format!("{who} asked you to look after {}", named(title, "something")),
        Kind::Reminder => format!("You wanted to be reminded of {}", named(title, "something")),
        Kind::DraftSent => format!("{who} sent what you drafted{}", about(title)),
        Kind::DraftReturned => format!("{who} gave your draft back{}", about(title)),
        Kind::Hidden if notice.post.is_none() => format!("{who} hid your posts"),
        Kind::Hidden => format!("{who} hid {yours}{thread}"),
        Kind::Restored if notice.post.is_none() => format!("{who} showed your posts again"),
        Kind::Restored => format!("{who} showed {yours} again{thread}"),
        Kind::Locked => format!("{who} locked your thread{}", on(title)),
        Kind::Unlocked => format!("{who} unlocked your thread{}", on(title)),
        Kind::Closed => format!("{who} closed your thread{} to further answers", on(title)),
        Kind::Reopened => format!("{who} opened your thread{} to answers again", on(title)),
        Kind::Moved => format!("{who} moved your question{} to another topic", on(title)),
        Kind::MadePrivate => format!("{who} made your question{} private: only you and staff read it", on(title)),
        Kind::MadePublic => format!("{who} made your private question{} public: everybody reads it", on(title)),
        Kind::Merged => format!("{who} merged a question of yours into {}", named(title, "another one")),
        Kind::Unmerged => format!("{who} made your question{} stand for itself again", on(title)),
        Kind::Split => format!("{who} made {yours} a question of its own{thread}"),
        Kind::Held => format!("{}{thread} waits until our staff have looked at it", capital(yours)),
        Kind::Approved => format!("{who} let {yours} through{thread}"),
        Kind::Rejected => format!("{who} did not let {yours} through{thread}"),
        Kind::Warned => format!("{who} warned you"),
        Kind::Banned => format!("{who} stopped you from writing here for a while"),
        Kind::Unbanned => format!("{who} let you write here again"),
        Kind::NewAnswer => format!("{} answered {}", by.unwrap_or(SOMEBODY), named(title, "a question")),
        Kind::NewComment => format!("{} commented on {}", by.unwrap_or(SOMEBODY), named(title, "a question")),
        Kind::NewQuestion | Kind::Found => format!("{} asked {}", by.unwrap_or(SOMEBODY), named(title, "a question")),
        Kind::Named => format!("{} mentioned you in {}", by.unwrap_or(SOMEBODY), named(title, "a post")),
        Kind::Edited => format!("{} edited {yours}{thread}", by.unwrap_or(SOMEBODY)),
        Kind::Accepted => format!("{} said that your answer{thread} helped", by.unwrap_or(SOMEBODY)),
        Kind::Trusted => {
            "You are a trusted member now: your links and pictures show at once, and you may write more and mend what \
             other members wrote"
                .to_owned()
        }
        Kind::ReportUpheld => format!("{who} hid what you reported. Thank you for telling us"),
        Kind::ReportDismissed => {
            format!("{who} looked at what you reported{} and let it stand. Thank you for telling us", on(title))
        }
    }
}

/// What the words of a notice are.
pub(super) fn words_are(kind: Kind) -> &'static str {
    match kind {
        Kind::Mentioned | Kind::TakenOver | Kind::Assigned => "They wrote",
        Kind::Reminder => "You wrote",
        Kind::Moved => "New topic",
        Kind::Merged => "Yours was",
        Kind::Unmerged => "It was part of",
        Kind::Found => "Found by your search",
        _ => "Why",
    }
}

/// After a sentence that stands among others, where the words of the notice are not told: which search it was.
pub(super) fn found_by(notice: &Notice) -> String {
    match notice.kind {
        Kind::Found => format!(" (found by your search “{}”)", notice.words),
        _ => String::new(),
    }
}

/// The icon beside it.
pub(super) fn icon(kind: Kind) -> &'static str {
    match kind {
        Kind::Verified | Kind::Sent => "verified",
        Kind::Seen | Kind::Approved | Kind::Restored | Kind::Unlocked | Kind::Reopened | Kind::Unbanned => {
            "check-circle"
        }
        Kind::Refused
        | Kind::NotConfirmed
        | Kind::Withdrawn
        | Kind::Stale
        | Kind::Warned
        | Kind::Banned
        | Kind::Rejected => "warning",
        Kind::Mentioned | Kind::NewComment | Kind::Named => "comment",
        Kind::NewAnswer => "reply",
        Kind::NewQuestion => "question",
        Kind::Found => "search",
        Kind::Accepted | Kind::Trusted => "check-circle",
        Kind::TakenOver | Kind::Assigned => "hand",
        Kind::Reminder | Kind::Held => "clock",
        Kind::DraftSent => "send",
        Kind::DraftReturned | Kind::Edited => "edit",
        Kind::Hidden => "eye-off",
        Kind::Locked | Kind::Closed | Kind::MadePrivate => "lock",
        Kind::MadePublic => "people",
        Kind::Moved | Kind::Merged | Kind::Unmerged | Kind::Split => "link",
        Kind::ReportUpheld | Kind::ReportDismissed => "flag",
    }
}

/// Where a notice leads. `own`: the page of its reader, where they see what nobody else does.
pub(super) fn place(notice: &Notice, title: Option<&str>, own: &str) -> String {
    match notice.kind {
        Kind::Mentioned | Kind::TakenOver | Kind::Assigned | Kind::Reminder | Kind::DraftSent | Kind::DraftReturned => {
            desk_place(notice)
        }
        Kind::Warned | Kind::Banned | Kind::Unbanned | Kind::Hidden | Kind::Held | Kind::Rejected => {
            format!("{own}#not-shown")
        }
        _ => match (notice.question_id, notice.post) {
            // An address that stays: the thread may be part of another by then.
            (Some(question), Some(post)) => posts::permalink(question, title.unwrap_or_default(), post),
            (Some(question), None) => posts::question_place(question, title.unwrap_or_default()),
            (None, _) => own.to_owned(),
        },
    }
}

/// The place of a subject of the queue.
fn desk_place(notice: &Notice) -> String {
    let named = notice.subject.as_deref().and_then(|subject| subject.rsplit_once('-'));
    match (named, notice.question_id) {
        (Some(("private", id)), _) => format!("/desk/private/{id}"),
        (Some(("remote-post", _)), _) => "/desk/held".to_owned(),
        (Some(("question", id)), _) => format!("/desk/questions/{id}"),
        (_, Some(id)) => format!("/desk/questions/{id}"),
        (_, None) => "/desk".to_owned(),
    }
}

fn yours(post: Option<PostRef>) -> &'static str {
    match post.map(|post| post.kind) {
        Some(PostKind::Question) => "your question",
        Some(PostKind::Answer) => "your answer",
        Some(PostKind::Comment) => "your comment",
        None => "what you wrote",
    }
}

/// The title, after "your question" or after what stands in its thread.
fn within(post: Option<PostRef>, title: Option<&str>) -> String {
    match (title, post.map(|post| post.kind)) {
        (None, _) => String::new(),
        (Some(title), Some(PostKind::Question)) => format!(" “{title}”"),
        (Some(title), _) => format!(" in “{title}”"),
    }
}

fn about(title: Option<&str>) -> String {
    title.map(|title| format!(" on “{title}”")).unwrap_or_default()
}

fn named(title: Option<&str>, otherwise: &str) -> String {
    title.map_or_else(|| otherwise.to_owned(), |title| format!("“{title}”"))
}

fn on(title: Option<&str>) -> String {
    title.map(|title| format!(" “{title}”")).unwrap_or_default()
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

// The mail that gathers
pub fn many_are_new(many: usize, site: &str) -> String {
    format!("{many} things are new at {site}")
}

pub fn and_more(more: usize) -> String {
    format!("And {more} more, on your page of notices.")
}

pub const SEE_YOUR_NOTICES: &str = "See your notices";
pub const WHY_GATHERED: &str = "You get this mail because you chose to hear of some things once a day or once a week.";

// What each kind of notice is about, and why a mail of it comes
pub const MENTIONS: &str = "Mentions of you";
pub const OUTCOMES: &str = "What becomes of your answers";
pub const MODERATION: &str = "What our staff did with your posts";
pub const DESK: &str = "Work at the desk";
pub const ANSWERS_HINT: &str = "In the questions that you follow, and from people you follow";
pub const COMMENTS_HINT: &str = "In the questions that you follow";
pub const QUESTIONS_HINT: &str = "In topics and tags, from people, and found by searches that you follow";
pub const MENTIONS_HINT: &str = "Somebody writes @ and your name";
pub const OUTCOMES_HINT: &str = "Accepted, verified, sent on to whoever asked";
pub const MODERATION_HINT: &str = "Held, moved, merged, hidden, and what became of your reports";
pub const DESK_HINT: &str = "Given to you, taken over, reminders, drafts, notes that name you";
pub const WHY_ANSWERS: &str = "You get this mail because you follow this question or its author.";
pub const WHY_QUESTIONS: &str =
    "You get this mail because you follow its topic, one of its tags, its author or a search that found it.";
pub const WHY_MENTIONS: &str = "You get this mail because somebody named you.";
pub const WHY_YOURS: &str = "You get this mail because it is about what you wrote.";
pub const WHY_DESK: &str = "You get this mail because you work at the desk.";

// Choosing what comes, and stopping it
pub const NO_SUCH_TIME: &str = "Choose one of the times that the page offers.";

pub fn mail_about(matter: &str) -> String {
    format!("mail about “{matter}”")
}

pub const GATHERED_MAIL: &str = "the mail that gathers what is new";
pub const EVERY_MAIL: &str = "every mail about what happens here";
pub const LINK_IS_DEAD: &str = "This link does not hold any more. Sign in, and choose on the page of notices.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Millis;
    use crate::notices::NoticeId;

    fn notice(kind: Kind, post: Option<(PostKind, i64)>) -> Notice {
        Notice {
            id: NoticeId(1),
            kind,
            question_id: Some(7),
            post: post.map(|(kind, id)| PostRef { kind, id }),
            subject: None,
            by: None,
            words: String::new(),
            created_at: Millis(0),
            read_at: None,
        }
    }

    #[test]
    fn a_notice_says_who_did_what_to_which_post() {
        let answer = Some((PostKind::Answer, 3));
        let question = Some((PostKind::Question, 7));
        let said = |kind, post, by, title| sentence(&notice(kind, post), by, title);
        assert_eq!(
            said(Kind::Verified, answer, Some("Sam"), Some("Wifi drops")),
            "Sam verified your answer in “Wifi drops”"
        );
        assert_eq!(said(Kind::Hidden, question, Some("Sam"), None), "Sam hid your question");
        assert_eq!(said(Kind::Hidden, None, Some("Sam"), None), "Sam hid your posts");
        assert_eq!(
            said(Kind::Held, answer, None, Some("Wifi drops")),
            "Your answer in “Wifi drops” waits until our staff have looked at it"
        );
        assert_eq!(said(Kind::Banned, None, None, None), "Our staff stopped you from writing here for a while");
        assert_eq!(
            said(Kind::Assigned, None, Some("Sam"), Some("Wifi drops")),
            "Sam asked you to look after “Wifi drops”"
        );
        assert_eq!(said(Kind::Mentioned, None, Some("Sam"), None), "Sam mentioned you in a note");
    }

    #[test]
    fn a_notice_leads_to_what_it_is_about() {
        let to = |kind, subject: Option<&str>| {
            let notice = Notice { subject: subject.map(str::to_owned), ..notice(kind, Some((PostKind::Answer, 3))) };
            place(&notice, Some("Wifi drops"), "/members/mara")
        };
        assert_eq!(to(Kind::Verified, None), "/answers/3");
        assert_eq!(to(Kind::Hidden, None), "/members/mara#not-shown");
        assert_eq!(to(Kind::Assigned, Some("question-12")), "/desk/questions/12");
        assert_eq!(to(Kind::Mentioned, Some("private-4")), "/desk/private/4");
        assert_eq!(to(Kind::TakenOver, Some("remote-post-4")), "/desk/held");
        assert_eq!(to(Kind::Reminder, None), "/desk/questions/7");
    }
}
