//! Macros: texts that staff send again and again, with placeholders, one text for each language.
//!
//! Owns the table `macro_text`. A text that names a placeholder which does not exist is refused when it is saved; one that
//! has no value where it is inserted stays as it stands, and no such text leaves.

pub mod edit;
mod store;
mod words;

use std::borrow::Cow;

pub use store::{NewText, find, insert, list};

use crate::clock::Millis;
use crate::db::id_type;
use crate::members::MemberId;

id_type!(
    /// The id of one text of a macro.
    MacroId
);

/// Every placeholder, and what stands for it.
pub const PLACEHOLDERS: [(&str, &str); 7] = [
    ("asker", "how the asker is called on their network"),
    ("question.title", "the title of the question"),
    ("question.link", "the address of the question's page here"),
    ("staff.name", "your name"),
    ("topic", "the topic of the question"),
    ("product", "the topic of the question, or this site's name where it has none"),
    ("site", "the name of this site"),
];
/// What a macro without a text in the wanted language is shown in, if it can be.
const FALLBACK: &str = "en";

/// One text of a macro.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Macro {
    pub id: MacroId,
    pub name: String,
    pub lang: String,
    pub body: String,
    /// Counts the edits from 1: whoever saves says which one they saw.
    pub revision: i64,
    pub edited_by: MemberId,
    pub edited_at: Millis,
}

/// What stands for the placeholders in one thread; empty: nothing does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filling {
    pub asker: String,
    pub question_title: String,
    pub question_link: String,
    pub staff_name: String,
    pub topic: String,
    pub site: String,
}

impl Filling {
    fn value(&self, name: &str) -> Option<&str> {
        let value = match name {
            "asker" => &self.asker,
            "question.title" => &self.question_title,
            "question.link" => &self.question_link,
            "staff.name" => &self.staff_name,
            "topic" => &self.topic,
            "product" if self.topic.is_empty() => &self.site,
            "product" => &self.topic,
            "site" => &self.site,
            _ => return None,
        };
        Some(value.as_str()).filter(|value| !value.is_empty())
    }
}

/// A text with what stands for its placeholders. One without a value stays as it is written.
pub fn fill(body: &str, filling: &Filling) -> String {
    pieces(body)
        .into_iter()
        .map(|piece| match piece {
            Piece::Words(words) => Cow::Borrowed(words),
            Piece::Placeholder { whole, name } => Cow::Borrowed(filling.value(name).unwrap_or(whole)),
        })
        .collect()
}

/// The first placeholder that a text still holds, as it is written.
pub fn find_unfilled(text: &str) -> Option<&str> {
    pieces(text).into_iter().find_map(|piece| match piece {
        Piece::Placeholder { whole, name } if is_known(name) => Some(whole),
        _ => None,
    })
}

/// The placeholders of a text that do not exist.
pub fn list_unknown(body: &str) -> Vec<&str> {
    let unknown = pieces(body).into_iter().filter_map(|piece| match piece {
        Piece::Placeholder { whole, name } => (!is_known(name)).then_some(whole),
        // Two braces that open nothing are a slip of the pen.
        Piece::Words(words) => words.find("{{").map(|at| &words[at..words.len().min(at + 2)]),
    });
    unknown.collect()
}

fn is_known(name: &str) -> bool {
    PLACEHOLDERS.iter().any(|(known, _)| *known == name)
}

enum Piece<'a> {
    Words(&'a str),
    Placeholder { whole: &'a str, name: &'a str },
}

fn pieces(body: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = body;
    while let Some(begin) = rest.find("{{") {
        let Some(length) = rest[begin..].find("}}") else { break };
        let end = begin + length + 2;
        pieces.push(Piece::Words(&rest[..begin]));
        pieces.push(Piece::Placeholder { whole: &rest[begin..end], name: rest[begin + 2..end - 2].trim() });
        rest = &rest[end..];
    }
    pieces.push(Piece::Words(rest));
    pieces
}

/// The text of each macro in the language that suits an asker best: theirs, else the fallback, else whichever there is.
/// Those in their own language stand first, each part by name.
pub fn choose(all: Vec<Macro>, lang: Option<&str>) -> Vec<Macro> {
    let wanted = lang.map(|lang| lang.split(['-', '_']).next().unwrap_or(lang).to_ascii_lowercase());
    let rank = |one: &Macro| match &wanted {
        Some(wanted) if one.lang == *wanted => 0,
        _ if one.lang == FALLBACK => 1,
        _ => 2,
    };
    let mut all = all;
    all.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| rank(a).cmp(&rank(b))).then_with(|| a.lang.cmp(&b.lang)));
    all.dedup_by(|later, first| later.name == first.name);
    all.sort_by_key(|one| rank(one).min(1));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str, lang: &str) -> Macro {
        let (id, edited_by, edited_at) = (MacroId(1), MemberId(1), Millis(0));
        Macro {
            id,
            name: name.to_owned(),
            lang: lang.to_owned(),
            body: String::new(),
            revision: 1,
            edited_by,
            edited_at,
        }
    }

    #[test]
    fn placeholders_are_filled_and_those_without_a_value_stay() {
        let filling = Filling { asker: "@mara_w".to_owned(), site: "Acme Help".to_owned(), ..Filling::default() };
        let body = "Hi {{asker}}, about {{ product }} and {{topic}}: {{ nobody }}";
        assert_eq!(fill(body, &filling), "Hi @mara_w, about Acme Help and {{topic}}: {{ nobody }}");
        assert_eq!(find_unfilled("About {{topic}}, {{x}}"), Some("{{topic}}"));
        assert_eq!(find_unfilled("A brace {{ and {{nobody}} are no placeholder of ours"), None);
        // What somebody is called is never read as a placeholder.
        let odd = Filling { asker: "{{staff.name}}".to_owned(), staff_name: "Sam".to_owned(), ..Filling::default() };
        assert_eq!(fill("Hi {{asker}}", &odd), "Hi {{staff.name}}");
    }

    #[test]
    fn what_does_not_exist_is_named() {
        assert_eq!(list_unknown("Hi {{asker}}, {{ customer }} and {{}}"), ["{{ customer }}", "{{}}"]);
        assert_eq!(list_unknown("Hi {{asker"), ["{{"]);
        assert!(list_unknown("Hi {asker}, {{question.link}}").is_empty());
    }

    #[test]
    fn the_askers_language_first_then_the_fallback() {
        let all = || vec![text("b", "en"), text("a", "de"), text("a", "en"), text("c", "fr"), text("b", "de")];
        let chosen = |lang| choose(all(), lang).into_iter().map(|one| one.name + one.lang.as_str()).collect::<Vec<_>>();
        assert_eq!(chosen(Some("de-AT")), ["ade", "bde", "cfr"]);
        assert_eq!(chosen(Some("fr")), ["cfr", "aen", "ben"]);
        assert_eq!(chosen(None), ["aen", "ben", "cfr"]);
    }
}
