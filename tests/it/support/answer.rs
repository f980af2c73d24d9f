//! What came back, and how a test looks at it: as a reader (`text`), as somebody who fills in a form (`form`, `field`),
//! as a program (`json`, `header`).

use reqwest::header::HeaderMap;
use reqwest::{Response, Url};

/// An answer of a server, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// Bytes that are no UTF-8 became replacement characters.
    pub body: String,
    pub bytes: Vec<u8>,
    /// Path and query that gave this answer, after redirects.
    pub path: String,
}

impl Answer {
    pub(super) async fn read(response: Response) -> Self {
        let path = path_and_query(response.url());
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.expect("an answer read to its end").to_vec();
        Self { status, headers, body: String::from_utf8_lossy(&bytes).into_owned(), bytes, path }
    }

    /// Fails with the page's text if the status is another; returns itself, so that it can stand in a chain.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{} answered {}: {}", self.path, self.status, self.text());
        self
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Where a redirect leads.
    pub fn location(&self) -> Option<&str> {
        self.header("location")
    }

    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{} is no JSON ({error})", self.body))
    }

    /// Whether a reader finds these words on the page (white space apart).
    pub fn says(&self, words: &str) -> bool {
        self.text().contains(&one_line(words))
    }

    /// Fails with the page's text unless the words are on it.
    #[track_caller]
    pub fn expect_text(&self, words: &str) -> &Self {
        assert!(self.says(words), "{} does not say {words:?}. It says: {}", self.path, self.text());
        self
    }

    /// The page without what stands beside its matter, such as the titles of other questions.
    pub fn without_asides(&self) -> Self {
        let mut parts = self.body.split("<aside");
        let mut body = parts.next().unwrap_or_default().to_owned();
        body.extend(parts.filter_map(|part| part.split_once("</aside>")).map(|(_, after)| after));
        Self { body, ..self.clone() }
    }

    /// What a reader sees: no tags, entities as characters, white space as single spaces.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut rest = self.body.as_str();
        while let Some(begin) = rest.find('<') {
            text.push_str(&rest[..begin]);
            text.push(' ');
            rest = &rest[begin..];
            let hidden = ["script", "style", "title"].iter().find(|name| rest[1..].starts_with(**name));
            let end = match hidden {
                Some(name) => rest.find(&format!("</{name}")).unwrap_or(rest.len()),
                None => tag_end(rest),
            };
            rest = &rest[end..];
        }
        text.push_str(rest);
        one_line(&decoded(&text))
    }

    /// The value that a field of any form on this page holds.
    pub fn field(&self, name: &str) -> Option<String> {
        self.tags().into_iter().find(|tag| tag.is_field() && tag.attribute("name") == Some(name)).map(|tag| tag.value())
    }

    /// The fields that a browser would send for the form with this action, untouched.
    #[track_caller]
    pub fn form(&self, action: &str) -> Vec<(String, String)> {
        let fields = self.form_tags(action).unwrap_or_else(|| {
            let actions: Vec<_> = self.tags().iter().filter_map(Tag::action).map(str::to_owned).collect();
            panic!("{} has no form that goes to {action}; its forms go to {actions:?}", self.path)
        });
        let sent = fields.iter().filter(|tag| tag.is_field() && tag.is_sent());
        sent.filter_map(|tag| Some((tag.attribute("name")?.to_owned(), tag.value()))).collect()
    }

    /// Whether a form has a field (or a button) of this name, sent untouched or not.
    pub fn has_field(&self, action: &str, name: &str) -> bool {
        let tags = self.form_tags(action).unwrap_or_default();
        tags.iter().any(|tag| (tag.is_field() || tag.name == "button") && tag.attribute("name") == Some(name))
    }

    /// The addresses of all links on the page.
    pub fn links(&self) -> Vec<String> {
        let tags = self.tags();
        tags.iter().filter(|tag| tag.name == "a").filter_map(|tag| tag.attribute("href")).map(str::to_owned).collect()
    }

    /// Every opening tag in document order.
    fn tags(&self) -> Vec<Tag> {
        let mut tags = Vec::new();
        let mut rest = self.body.as_str();
        while let Some(begin) = rest.find('<') {
            rest = &rest[begin..];
            let end = tag_end(rest);
            let after = &rest[end..];
            if let Some(mut tag) = Tag::read(&rest[1..end.saturating_sub(1).max(1)]) {
                if tag.name == "textarea" {
                    let inner = after.split("</textarea").next().unwrap_or_default();
                    // A browser leaves out the line end that follows the tag.
                    tag.inner = decoded(inner.strip_prefix('\n').unwrap_or(inner));
                } else if tag.name == "select" {
                    let options =
                        Self { body: after.split("</select").next().unwrap_or_default().to_owned(), ..self.clone() };
                    let options: Vec<Tag> = options.tags().into_iter().filter(|tag| tag.name == "option").collect();
                    let chosen = options.iter().find(|tag| tag.attribute("selected").is_some()).or(options.first());
                    tag.inner = chosen.and_then(|tag| tag.attribute("value")).unwrap_or_default().to_owned();
                }
                tags.push(tag);
            }
            rest = after;
        }
        tags
    }

    /// The tags inside the form with this action.
    fn form_tags(&self, action: &str) -> Option<Vec<Tag>> {
        let tags = self.tags();
        let begin = tags.iter().position(|tag| tag.action() == Some(action))?;
        Some(tags.into_iter().skip(begin + 1).take_while(|tag| tag.name != "/form").collect())
    }
}

/// A tag of a page: its name (`/form` for an end) and its attributes.
struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
    /// What a textarea or a select holds.
    inner: String,
}

impl Tag {
    fn read(text: &str) -> Option<Self> {
        let name_end = text.find(|c: char| c.is_whitespace()).unwrap_or(text.len());
        let name = text[..name_end].to_lowercase();
        if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') {
            return None;
        }
        let mut attributes = Vec::new();
        let mut rest = text[name_end..].trim_start();
        while !rest.is_empty() && rest != "/" {
            let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
            let key = rest[..end].to_lowercase();
            rest = rest[end..].trim_start();
            let mut value = String::new();
            if let Some(after) = rest.strip_prefix('=') {
                let after = after.trim_start();
                let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
                let (inner, left) = match quote {
                    Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
                    None => after.split_at(after.find(char::is_whitespace).unwrap_or(after.len())),
                };
                value = decoded(inner);
                rest = left.trim_start();
            }
            attributes.push((key, value));
        }
        Some(Self { name, attributes, inner: String::new() })
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn action(&self) -> Option<&str> {
        if self.name == "form" { self.attribute("action") } else { None }
    }

    fn is_field(&self) -> bool {
        matches!(self.name.as_str(), "input" | "textarea" | "select")
    }

    /// Whether a browser sends this field when nobody touched it.
    fn is_sent(&self) -> bool {
        let tickable = matches!(self.attribute("type"), Some("checkbox" | "radio"));
        let button = matches!(self.attribute("type"), Some("submit" | "button" | "reset"));
        !button && self.attribute("disabled").is_none() && (!tickable || self.attribute("checked").is_some())
    }

    fn value(&self) -> String {
        if self.name == "input" { self.attribute("value").unwrap_or_default().to_owned() } else { self.inner.clone() }
    }
}

/// The part of an address that a server sees.
pub(super) fn path_and_query(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

/// Where a tag that begins at the front of `text` ends: after its `>`, quotes respected.
fn tag_end(text: &str) -> usize {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (None, '>') => return at + 1,
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
    }
    text.len()
}

/// White space as single spaces, as a page shows it.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Entities as characters: the named ones that HTML needs, and all numbers.
fn decoded(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(begin) = rest.find('&') {
        out.push_str(&rest[..begin]);
        rest = &rest[begin..];
        let entity = rest.find(';').filter(|end| *end <= 10).map(|end| (&rest[1..end], end + 1));
        let character = entity.and_then(|(name, end)| Some((character(name)?, end)));
        let (character, end) = character.unwrap_or(('&', 1));
        out.push(character);
        rest = &rest[end..];
    }
    out + rest
}

fn character(entity: &str) -> Option<char> {
    let number = match entity.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        },
        None => {
            let named = [("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\''), ("nbsp", '\u{a0}')];
            return named.iter().find(|(name, _)| *name == entity).map(|(_, character)| *character);
        }
    };
    char::from_u32(number)
}
