//! Which questions are alike: what the search is asked, and how much two questions must have in common to be shown together,
//! while somebody asks, beside a thread, and at the desk.
//!
//! Owns no table. The search finds and weighs (`Search::similar`); whoever shows reads the rows from the database, so that
//! nothing private, hidden or merged appears however far the index lags. Never does anything about it: people do.

mod beside;

pub use beside::{Beside, Listed};

use crate::search::{About, Similar};

/// How much a question must say of what another text says.
pub struct Enough {
    /// By the weight of the words, as [`Similar::alike`].
    alike: f32,
    /// Words in common: half of what a very short text says is next to nothing.
    words: usize,
}

/// Beside a title that is being written. It says little, and a wrong guess costs its writer a step.
pub const ASKING: Enough = Enough { alike: 0.5, words: 2 };
/// The same, of a thread with an answer that staff stand by: that answer may say what the title says.
pub const VOUCHED: Enough = Enough { alike: 0.2, words: 2 };
/// Beside a thread, of its whole text, where whoever reads on chooses.
pub const BESIDE: Enough = Enough { alike: 0.2, words: 3 };
/// Asked twice, as it seems, for staff to decide. Of the first posts of 491 real support conversations with dozens of companies
/// nine had another that is so much like them, most of these about the same; with three words in common it would be 25, and
/// with less of the weight more still, nearly all about something else.
pub const TWICE: Enough = Enough { alike: 0.4, words: 4 };

impl Enough {
    pub fn is(&self, found: &Similar) -> bool {
        found.alike >= self.alike && found.words.iter().map(|word| many(word)).sum::<usize>() >= self.words
    }
}

/// As how many words this counts: in scripts that set no spaces a whole sentence may be one, and two characters are about a word.
fn many(word: &str) -> usize {
    let unspaced = |c: &char| matches!(c, '\u{e00}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..);
    (word.chars().filter(unspaced).count() / 2).max(1)
}

/// What a question is about, for the search. The title of one that came from a network is most often how its text begins, and
/// is not said twice.
pub fn about(title: &str, body: &str) -> About {
    let begins = title.trim_end_matches(['…', ' ']);
    if body.starts_with(begins) { asked(body) } else { About { title: title.to_owned(), body: body.to_owned() } }
}

/// The same of words that stand alone, such as a title that is being written.
pub fn asked(words: &str) -> About {
    About { title: words.to_owned(), body: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::questions::QuestionId;

    fn found(alike: f32, words: &[&str]) -> Similar {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        Similar { question_id: QuestionId(1), score: 9.0, alike, words }
    }

    #[test]
    fn a_share_of_very_little_is_not_enough() {
        assert!(TWICE.is(&found(0.6, &["router", "drops", "wifi", "evening"])));
        assert!(!TWICE.is(&found(1.0, &["customer", "service", "worst"])));
        assert!(!TWICE.is(&found(0.3, &["router", "drops", "wifi", "evening", "nine"])));
        assert!(ASKING.is(&found(0.5, &["router", "drops"])) && !ASKING.is(&found(1.0, &["router"])));
    }

    #[test]
    fn where_no_spaces_are_set_characters_count() {
        assert!(TWICE.is(&found(0.6, &["ルーターが毎晩切れ"])) && !TWICE.is(&found(0.6, &["ルーター"])));
        assert!(ASKING.is(&found(0.6, &["路由器断线"])) && !ASKING.is(&found(0.6, &["路由"])));
    }

    #[test]
    fn a_title_that_is_the_beginning_of_the_text_is_not_said_twice() {
        assert_eq!(about("My router drops …", "My router drops the wifi"), asked("My router drops the wifi"));
        let (title, body) = ("Wifi drops".to_owned(), "Every evening.".to_owned());
        assert_eq!(about("Wifi drops", "Every evening."), About { title, body });
    }
}
