//! One body of a webhook, cut by the pages that it is for. Pure.
//!
//! Meta batches: a body may hold entries of several pages. What was signed is the body as it came, and what is kept is a
//! cut of its very bytes: nothing is written anew, so nothing can change on the way.

use serde::de::{Deserialize, DeserializeOwned, IgnoredAny};
use serde_json::Value;

use super::wire;
use crate::networks::{Malformed, Part};

/// The parts by the pages that they are for, in their order. An entry without a readable page is for the account "", which
/// nobody is.
pub fn parts(raw: &[u8]) -> Result<Vec<Part>, Malformed> {
    let mut entries = None;
    let mut object = None;
    for (key, value) in members(raw)? {
        match key.as_str() {
            "entry" => entries = Some(elements(value)?),
            "object" => object = Some(value),
            _ => {}
        }
    }
    let entries = entries.filter(|entries| !entries.is_empty());
    let entries = entries.ok_or_else(|| Malformed("no list of entries".to_owned()))?;
    let mut by_page: Vec<(String, Vec<&[u8]>)> = Vec::new();
    for entry in entries {
        let page = page_of(entry);
        match by_page.iter_mut().find(|(known, _)| *known == page) {
            Some((_, theirs)) => theirs.push(entry),
            None => by_page.push((page, vec![entry])),
        }
    }
    if let [(page, _)] = by_page.as_slice() {
        return Ok(vec![Part { account: Some(page.clone()), body: raw.to_vec() }]);
    }
    let body = |entries: Vec<&[u8]>| {
        let (object, entries) = (object.unwrap_or(b"null"), entries.join(&b','));
        [&b"{\"object\":"[..], object, b",\"entry\":[", &entries, b"]}"].concat()
    };
    Ok(by_page.into_iter().map(|(page, entries)| Part { account: Some(page), body: body(entries) }).collect())
}

fn page_of(entry: &[u8]) -> String {
    let id = members(entry).ok().and_then(|members| members.into_iter().find(|(key, _)| key == "id"));
    let id = id.and_then(|(_, value)| serde_json::from_slice::<Value>(value).ok());
    id.and_then(|id| wire::id(&id)).unwrap_or_default()
}

/// The members of an object, each with its value's own bytes.
fn members(raw: &[u8]) -> Result<Vec<(String, &[u8])>, Malformed> {
    let mut reader = Reader { raw, at: 0 };
    let mut members = Vec::new();
    reader.each(b'{', b'}', |reader| {
        let key = reader.read::<String>()?;
        reader.expect(b':')?;
        members.push((key, reader.skip()?));
        Ok(())
    })?;
    Ok(members)
}

/// The elements of a list, each as its own bytes.
fn elements(raw: &[u8]) -> Result<Vec<&[u8]>, Malformed> {
    let mut reader = Reader { raw, at: 0 };
    let mut elements = Vec::new();
    reader.each(b'[', b']', |reader| {
        elements.push(reader.skip()?);
        Ok(())
    })?;
    Ok(elements)
}

struct Reader<'a> {
    raw: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// What stands between these brackets, with commas between.
    fn each(
        &mut self,
        open: u8,
        close: u8,
        mut one: impl FnMut(&mut Self) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        self.expect(open)?;
        if self.peek() == Some(close) {
            return Ok(());
        }
        loop {
            one(self)?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(byte) if byte == close => return Ok(()),
                _ => return Err(wrong()),
            }
        }
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        while matches!(self.raw.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        self.raw.get(self.at).copied()
    }

    fn expect(&mut self, byte: u8) -> Result<(), Malformed> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(wrong())
        }
    }

    fn read<T: DeserializeOwned>(&mut self) -> Result<T, Malformed> {
        self.next()
    }

    /// A whole value, whatever it is, without looking into its texts.
    fn skip(&mut self) -> Result<&'a [u8], Malformed> {
        self.peek();
        let begin = self.at;
        self.next::<IgnoredAny>()?;
        self.raw.get(begin..self.at).ok_or_else(wrong)
    }

    fn next<T: for<'de> Deserialize<'de>>(&mut self) -> Result<T, Malformed> {
        let rest = self.raw.get(self.at..).unwrap_or_default();
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<T>();
        let value = values.next().ok_or_else(wrong)?.map_err(|error| Malformed(format!("no JSON: {error}")))?;
        self.at += values.byte_offset();
        Ok(value)
    }
}

fn wrong() -> Malformed {
    Malformed("no JSON of a webhook".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> Vec<(String, String)> {
        let parts = parts(raw.as_bytes()).unwrap().into_iter();
        parts.map(|part| (part.account.unwrap(), String::from_utf8(part.body).unwrap())).collect()
    }

    #[test]
    fn a_body_for_one_page_stays_as_it_came() {
        let raw = r#" {"object":"page", "entry":[{"id":"7","x":1.50},{"id":7,"y":"\u00e9"}], "other":{}}"#;
        assert_eq!(read(raw), [("7".to_owned(), raw.to_owned())]);
    }

    #[test]
    fn a_body_for_several_pages_is_cut_without_writing_anything_anew() {
        let raw = r#"{"entry" : [ {"id":"7", "n": 1.50e3} ,{"x":{"id":"9"},"id":"8","t":"\ud83d half"},
            {"id":"7","t":"a,]}\""}, {"n":1}, null ],"object":"page"}"#;
        let parts = read(raw);
        assert_eq!(parts.len(), 3);
        assert_eq!(
            parts[0],
            (
                "7".to_owned(),
                r#"{"object":"page","entry":[{"id":"7", "n": 1.50e3},{"id":"7","t":"a,]}\""}]}"#.to_owned()
            )
        );
        let (page, body) = &parts[1];
        assert_eq!((page.as_str(), body.contains(r#""t":"\ud83d half""#)), ("8", true));
        assert_eq!(parts[2], (String::new(), r#"{"object":"page","entry":[{"n":1},null]}"#.to_owned()));
    }

    #[test]
    fn what_is_no_body_of_a_webhook_is_malformed() {
        let deep = format!(r#"{{"entry":[{}"#, "[".repeat(200_000));
        for raw in
            ["", "{}", "[]", "null", r#"{"entry":[]}"#, r#"{"entry":{}}"#, r#"{"entry":[{"id":"7"}"#, "<html>", &deep]
        {
            assert!(parts(raw.as_bytes()).is_err(), "{raw:.40}");
        }
        let deep = format!(r#"{{"entry":[{{"id":"7","x":{}{}}}]}}"#, "[".repeat(200_000), "]".repeat(200_000));
        assert_eq!(read(&deep).len(), 1, "however deep it is nested");
    }
}
