//! Forms: reading them within bounds, telling what is wrong with them, and posting each once.
//!
//! What a person typed is never lost: a form that fails is shown again as it was, and one that met an ended session or
//! a busy server travels with the page that says so.

use std::borrow::Cow;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use diesel::prelude::*;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

use super::Error;
use super::words;
use crate::clock::Millis;
use crate::db::schema::submission;
use crate::db::{Conn, DbError, Tx};

/// The largest body that any form or webhook may have.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// A posted form that could not be carried out now: the page that says so holds it, ready to be sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub path: String,
    /// The fields as they were posted.
    pub fields: Vec<(String, String)>,
}

impl Kept {
    /// A form without fields.
    pub fn nothing(path: &str) -> Self {
        Self { path: path.to_owned(), fields: Vec::new() }
    }

    /// Gives a field this value, whatever it had before.
    pub fn set(&mut self, name: &str, value: &str) {
        match self.fields.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => value.clone_into(known),
            None => self.fields.push((name.to_owned(), value.to_owned())),
        }
    }

    /// Reads the fields of a posted body. Bytes that are no UTF-8 become replacement characters.
    pub fn read(path: &str, body: &[u8]) -> Self {
        let fields = serde_urlencoded::from_bytes(body).unwrap_or_default();
        Self { path: path.to_owned(), fields }
    }

    /// The fields as one form value, to travel through the sign-in. Secrets stay out.
    pub fn encoded(&self) -> String {
        serde_urlencoded::to_string(self.sendable().collect::<Vec<_>>()).unwrap_or_default()
    }

    /// Every field that may stand in a page, hidden or not: name and value.
    pub fn sendable(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().filter(|(name, _)| !is_secret(name)).map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// What a person wrote, without the ids, marks and places that the form carries along.
    pub fn written(&self) -> impl Iterator<Item = (&str, &str)> {
        let carried = |name: &str, value: &str| {
            name.starts_with("hash_")
                || matches!(
                    name,
                    "submission"
                        | "next"
                        | "back"
                        | "kept_path"
                        | "kept_fields"
                        | "post"
                        | "value"
                        | "accepted"
                        | "item"
                        | "act"
                        | "queue"
                        | "at"
                        | "known"
                        | "then"
                        | "also"
                        | "guest_email"
                        | "seen"
                        | "fields_of"
                )
                || (value.bytes().all(|byte| byte.is_ascii_digit()) && !is_typed(name))
        };
        self.sendable().filter(move |(name, value)| !value.trim().is_empty() && !carried(name, value))
    }

    /// The names of the fields that must be typed again.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(name, _)| name.as_str()).filter(|name| is_secret(name))
    }
}

/// Whether a number in this field is what a person typed, and not the id of something.
fn is_typed(name: &str) -> bool {
    name.starts_with("field_") || matches!(name, "title" | "body" | "tags")
}

/// Whether a field holds what no page may show or hold.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    // `code`: of a second factor.
    name == "code" || ["password", "secret", "token", "api_key"].iter().any(|word| name.contains(word))
}

/// A form read from a request: at most [`BODY_LIMIT`] bytes, `application/x-www-form-urlencoded`.
pub struct Form<T> {
    pub value: T,
    /// The same form, to be kept when it cannot be carried out.
    pub kept: Kept,
}

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let path = request.path().to_owned();
        let is_form = request
            .headers()
            .get(actix_web::http::header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        let body = body(request, payload);
        Box::pin(async move {
            if !is_form {
                return Err(Error::BadRequest(words::NO_FORM.to_owned()));
            }
            let body = without_nul(&body.await?);
            let kept = Kept::read(&path, &body);
            let value = serde_urlencoded::from_bytes(&body)
                .map_err(|error| Error::BadRequest(words::unreadable_form(error)))?;
            Ok(Self { value, kept })
        })
    }
}

/// A form's body without NUL, raw or encoded: no text may hold one, and PostgreSQL refuses every statement that does.
fn without_nul(body: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((first, after)) = rest.split_first() {
        rest = match (first, after) {
            (0, _) => after,
            (b'%', [b'0', b'0', after @ ..]) => after,
            _ => {
                kept.push(*first);
                after
            }
        };
    }
    kept
}

/// The whole body, refused with a clear answer when it is larger than [`BODY_LIMIT`].
pub fn body(request: &HttpRequest, payload: &mut Payload) -> LocalBoxFuture<'static, Result<web::Bytes, Error>> {
    let bytes = web::Payload::from_request(request, payload).into_inner();
    Box::pin(async move {
        let payload = bytes.map_err(|error| Error::BadRequest(error.to_string()))?;
        let read = payload.to_bytes_limited(BODY_LIMIT).await;
        let too_large = || Error::TooLarge(words::TOO_MUCH_AT_ONCE.to_owned());
        read.map_err(|_| too_large())?.map_err(|error| Error::BadRequest(words::broke_off(error)))
    })
}

/// What is wrong with a form, field by field, each with how to mend it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    list: Vec<(Cow<'static, str>, String)>,
}

impl Problems {
    /// Notes what is wrong with the field of this name.
    pub fn add(&mut self, field: impl Into<Cow<'static, str>>, message: impl Into<String>) {
        self.list.push((field.into(), message.into()));
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The message for one field, for the place beside it.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.list.iter().find(|(name, _)| *name == field).map(|(_, message)| message.as_str())
    }

    /// All of them, for the summary on top.
    pub fn all(&self) -> &[(Cow<'static, str>, String)] {
        &self.list
    }

    /// Checks a text that must be there and must not be longer than `most` characters; returns it trimmed.
    pub fn text(&mut self, field: impl Into<Cow<'static, str>>, name: &str, value: &str, most: usize) -> String {
        let (field, text) = (field.into(), clean(value));
        if is_blank(&text) {
            self.add(field, words::missing(name));
        } else {
            self.at_most(field, name, &text, most);
        }
        text
    }

    /// As [`Self::text`], for a text that may be left out.
    pub fn optional_text(
        &mut self,
        field: impl Into<Cow<'static, str>>,
        name: &str,
        value: &str,
        most: usize,
    ) -> String {
        let text = clean(value);
        self.at_most(field.into(), name, &text, most);
        text
    }

    fn at_most(&mut self, field: Cow<'static, str>, name: &str, text: &str, most: usize) {
        let length = text.chars().count();
        if length > most {
            self.add(field, words::too_long(name, length, most, length - most));
        }
    }
}

/// A text as it may be stored: line ends alike, no NUL (PostgreSQL has none), no direction overrides that could make
/// text read differently from what it says, no spaces that nobody sees, no white space around it.
pub fn clean(value: &str) -> String {
    printable(value).trim().to_owned()
}

/// As [`clean`], with the white space around it: what stands before the first letter may be a mark.
pub fn printable(value: &str) -> String {
    let unwanted = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200B}' | '\u{2060}' | '\u{FEFF}')
    };
    value.replace("\r\n", "\n").chars().filter(|c| !unwanted(*c)).collect()
}

/// Whether a reader would see nothing: white space and characters without width.
fn is_blank(text: &str) -> bool {
    let has_no_width = |c: char| matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{00AD}' | '\u{180E}' | '\u{FE00}'..='\u{FE0F}' | '\u{034F}' | '\u{3164}' | '\u{2800}');
    text.chars().all(|c| c.is_whitespace() || has_no_width(c))
}

/// A new one-use id for a form.
pub fn new_submission() -> String {
    let mut bytes = [0u8; 16];
    match getrandom::fill(&mut bytes) {
        Ok(()) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        // Without an id the form still works; only a double click is not caught.
        Err(_) => String::new(),
    }
}

/// Where an earlier post of the same form landed, if there was one. Call it first in the transaction.
pub fn earlier_submission(conn: &mut Conn, token: &str) -> Result<Option<String>, DbError> {
    if token.is_empty() {
        return Ok(None);
    }
    Ok(submission::table.find(token).select(submission::place).first(conn).optional()?)
}

/// Notes where the post of this form landed. Two at once: the later one's transaction fails on the key.
pub fn note_submission(tx: &mut Tx<'_>, token: &str, place: &str, now: Millis) -> Result<(), DbError> {
    if token.is_empty() {
        return Ok(());
    }
    diesel::insert_into(submission::table)
        .values((submission::token.eq(token), submission::place.eq(place), submission::at.eq(now)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Throws away at most `limit` forms that were carried out before `before`: nobody sends those again.
pub fn prune_submissions(tx: &mut Tx<'_>, before: Millis, limit: i64) -> Result<usize, DbError> {
    let old = submission::table.filter(submission::at.lt(before)).limit(limit).select(submission::token);
    let old: Vec<String> = old.load(&mut **tx)?;
    Ok(diesel::delete(submission::table.filter(submission::token.eq_any(old))).execute(&mut **tx)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_loses_its_nuls_and_nothing_else() {
        assert_eq!(without_nul(b"a=%00x\0y%2500&b=%0%00"), b"a=xy%2500&b=%0");
    }

    #[test]
    fn kept_fields_travel_whole_but_for_secrets() {
        let kept = Kept::read(
            "/ask",
            b"title=Drops+%26+more&body=a%0Ab&submission=00ff&topic=3&Password=hunter2&client_secret=x&api_key=y",
        );
        let again = Kept::read("/ask", kept.encoded().as_bytes());
        assert_eq!(again.fields[0], ("title".to_owned(), "Drops & more".to_owned()));
        assert_eq!(again.fields.len(), 4);
        assert_eq!(kept.written().collect::<Vec<_>>(), [("title", "Drops & more"), ("body", "a\nb")]);
        let numbers = Kept::read("/ask", b"title=42&field_3=2024&topic=3&post=7");
        assert_eq!(numbers.written().collect::<Vec<_>>(), [("title", "42"), ("field_3", "2024")]);
        assert_eq!(kept.secrets().collect::<Vec<_>>(), ["Password", "client_secret", "api_key"]);
    }
}
