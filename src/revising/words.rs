//! Every sentence that this slice says to people. No rule, no query.

use crate::db::PostKind;

/// What the page of an edit says for one kind of post.
pub struct Said {
    /// Of the page, before the thread's own title.
    pub page: &'static str,
    pub heading: &'static str,
    pub back: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub reason_hint: String,
    /// The words as their writer's, to go on with what is wrong with them.
    pub yours: &'static str,
}

const READ_BY_EVERYBODY: &str = "Everybody reads this in the history.";
const READ_BY_ASKER_AND_STAFF: &str = "The person who asked and our staff read this in the history.";

impl Said {
    /// `private`: in a thread that only its asker and staff read.
    pub fn of(kind: PostKind, private: bool) -> Self {
        let who_reads = if private { READ_BY_ASKER_AND_STAFF } else { READ_BY_EVERYBODY };
        match kind {
            PostKind::Question => Self {
                page: "Edit",
                heading: "Edit the question",
                back: "Back to the question",
                label: "What happens?",
                hint: "Lists, links and **bold** work.",
                reason_hint: format!("As in: added the model. {who_reads}"),
                yours: "Your question",
            },
            PostKind::Answer => Self {
                page: "Edit an answer to",
                heading: "Edit the answer",
                back: "Back to the answer",
                label: "The answer",
                hint: "Say what to do, step by step, and how you know that it works. Lists, links and **bold** work.",
                reason_hint: format!("As in: corrected the channel. {who_reads}"),
                yours: "Your answer",
            },
            PostKind::Comment => Self {
                page: "Edit a comment on",
                heading: "Edit the comment",
                back: "Back to the comment",
                label: "The comment",
                hint: "Up to 1,000 characters.",
                reason_hint: who_reads.to_owned(),
                yours: "Your comment",
            },
        }
    }
}

/// For somebody who may not edit a post. `is_remote`: it was written on a network.
pub fn not_theirs(kind: PostKind, is_remote: bool) -> &'static str {
    match (kind, is_remote) {
        (PostKind::Question, true) => {
            "This question was asked on a network: its author edits it there, and the change is followed here. Staff can \
             give it another title."
        }
        (PostKind::Question, false) => {
            "Only who asked it and staff can edit a question, and trusted members where no colleague of ours asked it. You can \
             comment on it."
        }
        (PostKind::Answer, true) => {
            "This answer was written on a network: its author edits it there, and the change is followed here. You can \
             comment on it, or write an answer of your own."
        }
        (PostKind::Answer, false) => {
            "Only its author and staff can edit an answer, and trusted members where no colleague of ours wrote it. You \
             can comment on it, or write one of your own."
        }
        (PostKind::Comment, true) => {
            "This comment was written on a network: its author edits it there, and the change is followed here. You can \
             write one of your own."
        }
        (PostKind::Comment, false) => {
            "Only its author and staff can edit a comment, and trusted members where no colleague of ours wrote it. You \
             can write one of your own."
        }
    }
}

/// For somebody who was overtaken.
pub fn changed(kind: PostKind) -> String {
    format!(
        "Somebody changed the {} since you opened this page. What it says now stands here beside your version. Put your \
         change into it.",
        kind.as_str()
    )
}

/// For the log of what staff did.
pub fn version(number: i64) -> String {
    format!("version {number}")
}
