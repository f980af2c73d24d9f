//! Tags: the words that a question is filed under, written by whoever asks.
//!
//! Owns the table `tag`, and what a name may look like. Which questions carry a tag is known by those; the pages of tags are
//! lists of questions and live there, too.

mod store;
mod words;

pub use store::{find, list_names, name_all};

use unicode_normalization::UnicodeNormalization;

use crate::db::id_type;
use crate::web::Problems;
use crate::web::form::clean;

id_type!(
    /// The id of a tag.
    TagId
);

/// Tags of one question.
pub const MOST: usize = 5;

/// A tag as it stands in addresses and on pages: small letters and digits, with single hyphens between them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TagName(String);

impl TagName {
    /// Characters of a tag.
    pub const LONGEST: usize = 30;

    /// Reads one tag as a person writes it: `Smart Home` and `#smart-home` are `smart-home`. `None`: no tag can be made of it.
    pub fn parse(text: &str) -> Option<Self> {
        let plain: String = clean(text).trim_start_matches('#').nfkc().collect::<String>().to_lowercase();
        let words: Vec<&str> = plain.split([' ', '-', '_', '\t', '\n']).filter(|word| !word.is_empty()).collect();
        let name = words.join("-");
        let is_tag = name.chars().all(|c| c.is_alphanumeric() || c == '-') && !name.is_empty();
        (is_tag && name.chars().count() <= Self::LONGEST).then_some(Self(name))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Reads the tags of a form: separated by commas, each once, at most [`MOST`]. What is wrong goes to `problems`.
pub fn read(problems: &mut Problems, field: &'static str, text: &str) -> Vec<TagName> {
    let mut names = Vec::new();
    for part in text.split([',', ';', '\n']).filter(|part| !clean(part).is_empty()) {
        match TagName::parse(part) {
            Some(name) if names.contains(&name) => {}
            Some(name) => names.push(name),
            None => {
                let shown: String = clean(part).chars().take(40).collect();
                problems.add(field, words::no_tag(&shown, TagName::LONGEST));
                return Vec::new();
            }
        }
    }
    if names.len() > MOST {
        problems.add(field, words::too_many(names.len(), MOST));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_written_in_one_way() {
        for (text, expected) in [
            ("wifi", Some("wifi")),
            (" Smart  Home ", Some("smart-home")),
            ("#smart_home", Some("smart-home")),
            ("--a--b--", Some("a-b")),
            ("GRÖSSE", Some("grösse")),
            ("ＷｉＦｉ", Some("wifi")),
            ("مودم", Some("مودم")),
            ("\u{200B}\u{202E}wifi", Some("wifi")),
            ("<b>", None),
            ("a/b", None),
            ("😀", None),
            ("-", None),
            ("", None),
            (&"a".repeat(30), Some(&"a".repeat(30))),
            (&"a".repeat(31), None),
        ] {
            assert_eq!(TagName::parse(text).map(|name| name.0).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_form_holds_up_to_five_different_ones() {
        let read = |text: &str| {
            let mut problems = Problems::default();
            let names = read(&mut problems, "tags", text);
            let names: Vec<String> = names.into_iter().map(|name| name.0).collect();
            (names, problems.of("tags").map(str::to_owned))
        };
        assert_eq!(read("wifi, Wi Fi; WIFI,\n,"), (vec!["wifi".to_owned(), "wi-fi".to_owned()], None));
        assert_eq!(read(" , \u{200B},").0, Vec::<String>::new());
        assert!(read("a,b,c,d,e").1.is_none());
        assert!(read("a,b,c,d,e,f").1.unwrap().contains("6 tags; 5 are allowed"));
        assert!(read("good, <script>").1.unwrap().contains("\"<script>\" cannot be a tag"));
    }
}
