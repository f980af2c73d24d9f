//! Pure rules of the words that leave: the short form of an answer, and whether a post of ours is a certain delivery.

use std::time::Duration;

use crate::bridge::store::deliveries::DeliveryRow;
use crate::clock::Millis;
use crate::networks::{RemotePost, looks_like_address};
use crate::web::markdown;

/// Clocks of two machines may differ by this much.
pub(super) const CLOCK_SKEW: Duration = Duration::from_secs(120);

/// The first draft of a short form: the answer's words without Markdown. It is never cut: what is too long is for a
/// person to shorten.
pub fn short_form(answer: &str) -> String {
    let text = markdown::to_text(answer);
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        if !(line.is_empty() && lines.last().is_some_and(|last| last.is_empty())) {
            lines.push(line);
        }
    }
    lines.join("\n").trim().to_owned()
}

/// Which of the deliveries towards its parent a post of ours is. Parent and author are given; time decides, and where
/// several fit the words do: networks rewrite texts, so words alone prove nothing.
pub(super) fn which<'a>(post: &RemotePost, candidates: &'a [DeliveryRow]) -> Option<&'a DeliveryRow> {
    let fits = |row: &&DeliveryRow| {
        let right_parent = row.reply().is_some_and(|reply| post.parent.as_ref() == Some(&reply.target));
        right_parent && is_not_before(post.posted_at, row)
    };
    let fitting: Vec<&DeliveryRow> = candidates.iter().filter(fits).collect();
    fitting.iter().find(|row| same_words(&row.text, &post.text)).or(fitting.first()).copied()
}

/// Whether something of this time may be the delivery. What was never tried is for a person to post, who could not have
/// done it before it was written.
pub(super) fn is_not_before(time: Millis, row: &DeliveryRow) -> bool {
    time >= row.attempted_at.unwrap_or(row.created_at).minus(CLOCK_SKEW)
}

/// Whether two texts say the same, apart from what networks change.
pub(super) fn same_words(a: &str, b: &str) -> bool {
    words(a) == words(b)
}

/// The words of a text without what networks change: case, spaces, marks, leading mentions, and links, which come back
/// with a scheme that nobody typed.
fn words(text: &str) -> Vec<String> {
    let is_link = |word: &str| word.starts_with("http") || (word.contains('.') && looks_like_address(word));
    text.split_whitespace()
        .filter(|word| !word.starts_with('@') && !is_link(word))
        .map(|word| word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>())
        .filter(|word| !word.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bridge::outbound::state::State;
    use crate::bridge::store::deliveries::{Errand, Reply};
    use crate::bridge::{ChannelId, DeliveryId, RemotePostId};
    use crate::db::{PostKind, PostRef};
    use crate::networks::RemoteAuthor;

    fn delivery(id: i64, text: &str, state: State) -> DeliveryRow {
        DeliveryRow {
            id: DeliveryId(id),
            channel_id: ChannelId(1),
            errand: Errand::Reply(Reply {
                question_id: 1,
                carries: PostRef { kind: PostKind::Answer, id: 1 },
                answer_id: None,
                target_id: RemotePostId(1),
                target: "10".to_owned(),
            }),
            text: text.to_owned(),
            state,
            attempts: 1,
            attempted_at: Some(Millis(1_000_000)),
            created_at: Millis(900_000),
            revoked: false,
        }
    }

    fn uncertain() -> State {
        State::Uncertain { look_at: None, reason: "lost".to_owned() }
    }

    fn ours(parent: &str, text: &str, at: i64) -> RemotePost {
        let author = RemoteAuthor {
            id: "1".to_owned(),
            handle: "acme".to_owned(),
            name: "Acme".to_owned(),
            picture_url: None,
            followers: None,
        };
        RemotePost {
            id: "99".to_owned(),
            author,
            text: text.to_owned(),
            posted_at: Millis(at),
            parent: Some(parent.to_owned()),
            conversation: "10".to_owned(),
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
    fn a_post_of_ours_is_known_by_parent_and_time_and_only_then_by_words() {
        let rows =
            [delivery(1, "Which model is it?", uncertain()), delivery(2, "Update to 2.4 & restart.", uncertain())];
        let id = |post: RemotePost| which(&post, &rows).map(|row| row.id.0);
        assert_eq!(id(ours("10", "@maria update to 2.4 & restart", 1_000_500)), Some(2));
        assert_eq!(id(ours("10", "something a network rewrote", 1_000_500)), Some(1));
        assert_eq!(id(ours("11", "Which model is it?", 1_000_500)), None);
        assert_eq!(id(ours("10", "Which model is it?", 1_000_000 - 600_000)), None);
    }

    #[test]
    fn an_address_is_the_same_however_the_network_writes_it() {
        for (ours, theirs) in [
            ("See acme.com/wifi, please", "See http://acme.com/wifi, please"),
            ("See https://acme.com/wifi please", "see https://acme.com/wifi please"),
            ("(acme.com)", "(http://acme.com)"),
        ] {
            assert!(same_words(ours, theirs), "{ours}");
        }
        assert!(!same_words("See acme.com/wifi, please", "See acme.com/wifi, thanks"));
        assert!(!same_words("Restart it. Then wait", "Restart it. Then call"));
    }

    #[test]
    fn a_short_form_is_the_words_of_the_answer_whole() {
        let long = "word ".repeat(400);
        assert_eq!(short_form(&long), long.trim());
        assert_eq!(
            short_form("**Hold** reset for\n10 s.\n\n\n\n- then wait\n- then call"),
            "Hold reset for 10 s.\n\n- then wait\n- then call"
        );
    }
}
