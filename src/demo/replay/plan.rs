//! The plan of a replay: whose conversations are played, what each post says when it is typed, and when.
//!
//! Pure. Posts come in the order of time and never before what they reply to, whatever their ids in the file say.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::file::Said;
use crate::clock::Millis;

/// Brands that are played if none is named.
const LARGEST: usize = 4;
/// The longest handle of X.
const LONGEST_HANDLE: usize = 15;

/// All that is played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The accounts that get connected, largest first.
    pub brands: Vec<String>,
    /// Everybody who posts, by handle.
    pub people: Vec<String>,
    /// In the order of time.
    pub posts: Vec<Planned>,
}

/// One post to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    pub handle: String,
    /// The brand that the conversation is with, by handle: the first of those played that speaks in it.
    pub brand: String,
    /// What its author typed: without the names that X puts before a reply.
    pub typed: String,
    /// The number of the post in [`Plan::posts`] that it replies to.
    pub parent: Option<usize>,
    pub at: Millis,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    #[error("nobody called {name:?} answers in this file; it has {known}")]
    NoSuchBrand { name: String, known: String },
    #[error("no brand answers in this file: in no row is inbound False")]
    NoBrand,
}

impl Plan {
    /// Plans the conversations of these brands (of the four largest, if none is named) so that the last post is of `now`.
    pub fn of(said: &[Said], brands: &[String], now: Millis) -> Result<Self, PlanError> {
        let brands = chosen(said, brands)?;
        let by_id: HashMap<&str, usize> = said.iter().enumerate().map(|(at, one)| (one.id.as_str(), at)).collect();
        let parent = |at: usize| said[at].parent.as_deref().and_then(|id| by_id.get(id)).copied();
        let roots: Vec<usize> = (0..said.len()).map(|at| root(at, parent)).collect();
        let taken: HashSet<usize> = (0..said.len())
            .filter(|&at| !said[at].inbound && brands.contains(&said[at].author))
            .map(|at| roots[at])
            .collect();
        let mut order: Vec<usize> = (0..said.len()).filter(|&at| taken.contains(&roots[at])).collect();
        let times: HashMap<usize, (Millis, usize)> = order.iter().map(|&at| (at, moment(said, at, parent))).collect();
        order.sort_by_key(|at| (times[at], *at));
        let last = order.last().map_or(now, |at| times[at].0);
        let shift = now.0 - last.0;
        let mut whose: HashMap<usize, String> = HashMap::new();
        for &at in order.iter().filter(|&&at| !said[at].inbound && brands.contains(&said[at].author)) {
            whose.entry(roots[at]).or_insert_with(|| handle(&said[at].author));
        }
        let places: HashMap<usize, usize> = order.iter().enumerate().map(|(place, &at)| (at, place)).collect();
        let posts: Vec<Planned> = order
            .iter()
            .map(|&at| Planned {
                handle: handle(&said[at].author),
                brand: whose.get(&roots[at]).cloned().unwrap_or_default(),
                typed: typed(&said[at].text, parent(at).map(|above| &said[above])),
                parent: parent(at).and_then(|above| places.get(&above)).copied(),
                at: Millis(times[&at].0.0 + shift),
            })
            .collect();
        let mut people: Vec<String> = posts.iter().map(|post| post.handle.clone()).collect();
        people.sort();
        people.dedup();
        Ok(Self { brands: brands.iter().map(|brand| handle(brand)).collect(), people, posts })
    }

    /// How long the conversations took when they were real.
    pub fn span(&self) -> Duration {
        match (self.posts.first(), self.posts.last()) {
            (Some(first), Some(last)) => last.at.since(first.at),
            _ => Duration::ZERO,
        }
    }
}

/// The authors in the file who answer, those with most posts first; those that were named, if any were.
fn chosen(said: &[Said], named: &[String]) -> Result<Vec<String>, PlanError> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for one in said.iter().filter(|one| !one.inbound) {
        *counts.entry(&one.author).or_default() += 1;
    }
    let mut all: Vec<(&str, usize)> = counts.into_iter().collect();
    all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    if all.is_empty() {
        return Err(PlanError::NoBrand);
    }
    if named.is_empty() {
        return Ok(all.into_iter().take(LARGEST).map(|(name, _)| name.to_owned()).collect());
    }
    let mut brands: Vec<String> = Vec::new();
    for name in named {
        let wanted = name.trim_start_matches('@');
        let found = all.iter().find(|(known, _)| known.eq_ignore_ascii_case(wanted));
        let Some((brand, _)) = found else {
            let known = all.iter().take(12).map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
            return Err(PlanError::NoSuchBrand { name: name.clone(), known });
        };
        if !brands.iter().any(|one| one == brand) {
            brands.push((*brand).to_owned());
        }
    }
    Ok(brands)
}

/// The first post of the conversation; of a circle, the one that stands first in the file.
fn root(mut at: usize, parent: impl Fn(usize) -> Option<usize>) -> usize {
    let mut path = vec![at];
    while let Some(above) = parent(at) {
        if let Some(begin) = path.iter().position(|one| *one == above) {
            return path[begin..].iter().copied().min().unwrap_or(at);
        }
        path.push(above);
        at = above;
    }
    at
}

/// When a post is written, and how deep it stands: no earlier than what it replies to.
fn moment(said: &[Said], at: usize, parent: impl Fn(usize) -> Option<usize>) -> (Millis, usize) {
    let mut latest = said[at].at;
    let (mut depth, mut here, mut seen) = (0, at, HashSet::from([at]));
    while let Some(above) = parent(here).filter(|above| seen.insert(*above)) {
        latest = latest.max(said[above].at);
        depth += 1;
        here = above;
    }
    (latest, depth)
}

/// A handle that X could have given: letters, digits and underscores, at most fifteen.
fn handle(author: &str) -> String {
    author.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(LONGEST_HANDLE).collect()
}

/// What was typed: entities decoded, and without the names that X itself puts before a reply.
fn typed(text: &str, above: Option<&Said>) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    let text = text.replace("&amp;", "&");
    let Some(above) = above else { return text };
    let named: HashSet<String> = std::iter::once(above.author.to_lowercase())
        .chain(above.text.split_whitespace().filter_map(mentioned).map(str::to_lowercase))
        .collect();
    let mut rest = text.as_str();
    while let Some(word) = rest.split_whitespace().next().filter(|word| rest.starts_with(word))
        && mentioned(word).is_some_and(|name| word.len() == name.len() + 1 && named.contains(&name.to_lowercase()))
    {
        rest = rest[word.len()..].trim_start();
    }
    // Nothing but names: then they were typed.
    if rest.is_empty() { text } else { rest.to_owned() }
}

/// The handle that a word begins with: `@acme,` names acme.
fn mentioned(word: &str) -> Option<&str> {
    let rest = word.strip_prefix('@')?;
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
    Some(&rest[..end]).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(id: &str, author: &str, second: i64, text: &str, parent: &str) -> Said {
        Said {
            id: id.to_owned(),
            author: author.to_owned(),
            inbound: author.parse::<u64>().is_ok(),
            at: Millis(second * 1000),
            text: text.to_owned(),
            parent: Some(parent.to_owned()).filter(|parent| !parent.is_empty()),
        }
    }

    #[test]
    fn conversations_are_whole_and_end_now() {
        let file = [
            said("1", "tunes", 60, "@700 Which model?", "3"),
            said("2", "700", 120, "@tunes the small one", "1"),
            said("3", "700", 30, "@tunes it hums &amp; clicks", ""),
            said("4", "800", 40, "no answer for me", ""),
            // Written by the clock of another machine: before what it replies to.
            said("5", "900", 50, "same @tunes", "1"),
        ];
        let plan = Plan::of(&file, &[], Millis(1_000_000)).unwrap();
        assert_eq!((plan.brands.as_slice(), plan.people.len()), (["tunes".to_owned()].as_slice(), 3));
        let told: Vec<(&str, &str, Option<usize>, i64)> =
            plan.posts.iter().map(|post| (post.handle.as_str(), post.typed.as_str(), post.parent, post.at.0)).collect();
        assert_eq!(
            told,
            [
                ("700", "@tunes it hums & clicks", None, 910_000),
                ("tunes", "Which model?", Some(0), 940_000),
                ("900", "same @tunes", Some(1), 940_000),
                ("700", "the small one", Some(1), 1_000_000),
            ]
        );
        assert_eq!(plan.span(), Duration::from_secs(90));
        assert!(plan.posts.iter().all(|post| post.brand == "tunes"));
    }

    #[test]
    fn a_brand_that_is_not_there_is_said_with_those_that_are() {
        let file = [said("1", "tunes", 60, "hello", "")];
        assert_eq!(Plan::of(&file, &["@TUNES".to_owned()], Millis(0)).unwrap().brands, ["tunes"]);
        let told = Plan::of(&file, &["acme".to_owned()], Millis(0)).unwrap_err().to_string();
        assert_eq!(told, "nobody called \"acme\" answers in this file; it has tunes");
        assert_eq!(Plan::of(&[said("1", "7", 0, "hi", "")], &[], Millis(0)), Err(PlanError::NoBrand));
    }

    #[test]
    fn names_that_x_puts_before_a_reply_were_not_typed() {
        let above = said("1", "700", 0, "@tunes and @other, why?", "");
        for (text, expected) in [
            ("@700 @other hello", "hello"),
            ("@700 @third hello", "@third hello"),
            ("@700's is fine", "@700's is fine"),
            ("@700", "@700"),
            ("hello @700", "hello @700"),
        ] {
            assert_eq!(typed(text, Some(&above)), expected);
        }
    }

    #[test]
    fn a_circle_is_no_trap() {
        let file = [said("1", "tunes", 1, "a", "2"), said("2", "7", 2, "b", "1")];
        assert_eq!(Plan::of(&file, &[], Millis(0)).unwrap().posts.len(), 2);
    }
}
