//! Pure rules of the mirror: what a remote post becomes, and what its title is.

use unicode_segmentation::UnicodeSegmentation;

use super::words;
use crate::posts::Called;

/// What a title may be long; cut at a word.
const LONGEST_TITLE: usize = 90;
/// A sentence of fewer characters says too little alone.
const SHORTEST_SENTENCE: usize = 20;

/// Where the post that this one replies to stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parent {
    /// It replies to nothing, or to something that nobody can show us, or to a post that is no part of a thread.
    Outside,
    /// It waits for staff.
    Held,
    /// It is part of a thread: the question, and the answer that it is or is about.
    InThread { question_id: i64, answer_id: Option<i64> },
    /// Its thread was removed.
    Removed,
}

/// Who wrote the post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// The one who asked this thread's question.
    Asker,
    /// Our own account, but no delivery: a colleague in the network's own app.
    Colleague,
    Somebody,
}

/// What a remote post becomes here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placement {
    Question,
    Answer { question_id: i64 },
    Comment { question_id: i64, answer_id: Option<i64> },
    Hold,
    Ignore(&'static str),
}

/// Decides what a post becomes. `hold`: the channel shows nothing that staff have not seen; what our own account said
/// in public is public.
pub fn place(writer: Writer, parent: Parent, hold: bool) -> Placement {
    match (writer, parent) {
        (_, Parent::Removed) => Placement::Ignore(words::THREAD_REMOVED),
        (Writer::Colleague, Parent::InThread { question_id, .. }) => Placement::Answer { question_id },
        (Writer::Colleague, Parent::Outside) => Placement::Ignore(words::OUTSIDE_OF_ANY_THREAD),
        (_, Parent::Held) => Placement::Hold,
        _ if hold => Placement::Hold,
        (_, Parent::Outside) => Placement::Question,
        (Writer::Asker, Parent::InThread { question_id, answer_id }) => Placement::Comment { question_id, answer_id },
        (Writer::Somebody, Parent::InThread { question_id, .. }) => Placement::Answer { question_id },
    }
}

/// The title of a mirrored question: the first sentence of its text, without the handles it is addressed to, cut at a
/// word.
pub fn title(text: &str, by: Option<&Called>) -> String {
    let words = spoken_words(text);
    let end = words
        .char_indices()
        .zip(words.chars().skip(1).map(Some).chain([None]))
        .find(|((_, c), next)| {
            matches!(c, '。' | '！' | '？') || (matches!(c, '.' | '!' | '?') && next.is_none_or(char::is_whitespace))
        })
        .map_or(words.len(), |((at, c), _)| at + c.len_utf8());
    // A first sentence of a word or two ("Hi there!") says nothing: then the text goes on.
    let sentence = if words[..end].chars().count() < SHORTEST_SENTENCE { words.as_str() } else { &words[..end] };
    let mut title = cut_at_word(without_called(sentence.trim_end_matches(['.', ' ', ',', ':'])), LONGEST_TITLE);
    if !title.chars().any(char::is_alphanumeric) {
        let by = by.filter(|by| by.is_named());
        let by = by.map_or_else(|| words::A_POST_WITHOUT_WORDS.to_owned(), words::a_post_by);
        let holds_emoji = title.graphemes(true).any(|one| emojis::get(one).is_some());
        return if holds_emoji { format!("{by}: {title}") } else { by };
    }
    if let Some(first) = title.chars().next().filter(|c| c.is_lowercase()) {
        title = first.to_uppercase().chain(title.chars().skip(1)).collect();
    }
    title
}

/// The words of a text without addresses, and without the handles that it opens with, unless the first sentence is about
/// the one it opens with: "@acme is down".
fn spoken_words(text: &str) -> String {
    let all: Vec<&str> = text.split_whitespace().filter(|word| !is_address(word)).collect();
    // The dot in `.@acme` was X's old way to say it to everybody.
    let opening = all.iter().take_while(|word| word.trim_start_matches('.').starts_with('@')).count();
    let (handles, rest) = all.split_at(opening);
    let about = match (handles.last(), rest.first(), rest.get(1)) {
        (Some(handle), Some(verb), Some(next)) if is_said_of(verb, next) => Some(handle.trim_start_matches(['.', '@'])),
        _ => None,
    };
    about.into_iter().chain(rest.iter().copied()).collect::<Vec<_>>().join(" ")
}

/// A sentence without the handles at its end, to which it is called: "my router is dead @acme @help". What would break
/// off without them ("disappointed with @acme"), or be too short, stays as it is.
fn without_called(sentence: &str) -> &str {
    const LEADS_ON: [&str; 24] = [
        "with", "at", "from", "by", "to", "for", "of", "in", "on", "and", "or", "the", "my", "your", "is", "a", "an",
        "than", "like", "against", "about", "via", "thank", "thanks",
    ];
    let mut rest = sentence;
    while let Some((before, _)) = rest.rsplit_once(' ').filter(|(_, last)| last.starts_with('@')) {
        rest = before.trim_end();
    }
    let breaks_off = rest.split(' ').next_back().is_some_and(|word| LEADS_ON.contains(&word.to_lowercase().as_str()));
    if breaks_off || rest.chars().count() < SHORTEST_SENTENCE { sentence } else { rest }
}

fn is_address(word: &str) -> bool {
    word.starts_with("https://") || word.starts_with("http://")
}

/// Whether these words say something of what stands before them: "is down", and not "is there …", which asks.
fn is_said_of(verb: &str, next: &str) -> bool {
    const VERBS: [&str; 22] = [
        "is",
        "are",
        "was",
        "were",
        "has",
        "had",
        "does",
        "isn't",
        "aren't",
        "isn’t",
        "aren’t",
        "doesn't",
        "doesn’t",
        "wasn't",
        "wasn’t",
        "won't",
        "won’t",
        "keeps",
        "needs",
        "makes",
        "sucks",
        "and",
    ];
    const ASKED: [&str; 20] = [
        "there", "it", "this", "that", "these", "those", "the", "my", "your", "our", "you", "i", "we", "he", "she",
        "they", "anyone", "anybody", "a", "any",
    ];
    let asks = ASKED.contains(&next.to_lowercase().as_str()) && !matches!(verb, "and" | "keeps" | "needs" | "makes");
    VERBS.contains(&verb) && (!asks || (matches!(verb, "is" | "was") && matches!(next, "the" | "a")))
}

fn cut_at_word(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.trim().to_owned();
    }
    let cut: String = text.chars().take(most).collect();
    // A text without spaces (or in a script without them) is cut where it must be.
    let at = cut.rfind(' ').filter(|at| *at > most / 2).unwrap_or(cut.len());
    format!("{}…", cut[..at].trim_end_matches([' ', ',', ';', ':', '-']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::posts::Origin;

    #[test]
    fn what_a_post_becomes() {
        use Parent as P;
        use Placement as L;
        use Writer as W;
        let thread = P::InThread { question_id: 7, answer_id: Some(3) };
        for (writer, parent, hold, expected) in [
            (W::Somebody, P::Outside, false, L::Question),
            (W::Somebody, P::Outside, true, L::Hold),
            (W::Asker, thread, false, L::Comment { question_id: 7, answer_id: Some(3) }),
            (W::Somebody, thread, false, L::Answer { question_id: 7 }),
            (W::Somebody, thread, true, L::Hold),
            (W::Asker, P::Held, false, L::Hold),
            (W::Colleague, thread, true, L::Answer { question_id: 7 }),
            (W::Colleague, P::Outside, false, L::Ignore("our own post outside of any thread")),
            (W::Asker, P::Removed, false, L::Ignore("its thread was removed")),
        ] {
            assert_eq!(place(writer, parent, hold), expected, "{writer:?} {parent:?} hold: {hold}");
        }
    }

    #[test]
    fn titles_are_the_first_sentence_cut_at_a_word() {
        let long = "word ".repeat(40);
        let by = Origin::X.called("maria", "Maria");
        let cut = title(&long, Some(&by));
        assert!(cut.chars().count() <= LONGEST_TITLE + 1 && cut.ends_with("word…"), "{cut}");
        for (text, expected) in [
            (
                "@acme my router drops wifi every evening, is it just me?",
                "My router drops wifi every evening, is it just me?",
            ),
            ("@acme @help Since the update nothing prints. What now? Thanks", "Since the update nothing prints"),
            ("Hi! My bill for March is wrong.", "Hi! My bill for March is wrong"),
            ("Version 2.4.1 of the app crashes at start. Help", "Version 2.4.1 of the app crashes at start"),
            ("@acme", "A post by @maria"),
            ("@acme is the worst at answering mails", "Acme is the worst at answering mails"),
            ("@acme is there a way to print from the phone?", "Is there a way to print from the phone?"),
            ("My keyboard is so slow after the update @acme @help", "My keyboard is so slow after the update"),
            ("So disappointed with @acme", "So disappointed with @acme"),
            (".@acme app does not work any more", "App does not work any more"),
            ("@acme look at this https://t.co/abc it never loads", "Look at this it never loads"),
            ("", "A post by @maria"),
            ("@acme 😡😡 👎🏽", "A post by @maria: 😡😡 👎🏽"),
            ("@acme ???", "A post by @maria"),
            (
                "路由器每天晚上都会断线，怎么办？请帮忙看一下，谢谢大家的帮助！",
                "路由器每天晚上都会断线，怎么办？请帮忙看一下，谢谢大家的帮助！",
            ),
        ] {
            assert_eq!(title(text, Some(&by)), expected);
        }
    }
}
