//! Facebook's JSON, field by field: ids, moments, texts, and bytes that are almost JSON. Pure.
//!
//! Field sets vary by version, permission and mood, so nothing is required here; what needs a field says so itself.

use serde_json::Value;

use crate::clock::Millis;
use crate::networks::Malformed;

/// Longest id of a post, a comment, a page or a person.
const LONGEST_ID: usize = 70;
/// Longest id of a private message.
const LONGEST_MESSAGE_ID: usize = 255;

/// Reads a body. Facebook cuts texts in the middle of an emoji, and writes the half that is left as an escape that no
/// reader of JSON takes: such halves become the character for what cannot be shown.
pub fn json(raw: &[u8]) -> Result<Value, Malformed> {
    match serde_json::from_slice(raw) {
        Ok(value) => Ok(value),
        Err(error) => {
            let mended = mended(raw).ok_or_else(|| Malformed(format!("no JSON: {error}")))?;
            serde_json::from_slice(&mended).map_err(|error| Malformed(format!("no JSON: {error}")))
        }
    }
}

/// The same bytes with every half of a surrogate pair replaced by `\ufffd`, which is as long; `None`: there is none.
fn mended(raw: &[u8]) -> Option<Vec<u8>> {
    const UNKNOWN: &[u8; 6] = b"\\ufffd";
    let mut mended: Option<Vec<u8>> = None;
    let mut at = 0;
    while at < raw.len() {
        if raw[at] != b'\\' {
            at += 1;
            continue;
        }
        let read = match unit(&raw[at..]) {
            Some(0xD800..=0xDBFF) if matches!(unit(&raw[at + 6..]), Some(0xDC00..=0xDFFF)) => 12,
            Some(0xD800..=0xDFFF) => {
                mended.get_or_insert_with(|| raw.to_vec())[at..at + 6].copy_from_slice(UNKNOWN);
                6
            }
            Some(_) => 6,
            // A backslash and whatever it escapes, another backslash included.
            None => 2,
        };
        at += read;
    }
    mended
}

/// The code unit of an escape such as `\ud83d` at the beginning of these bytes.
fn unit(raw: &[u8]) -> Option<u16> {
    let digits = raw.strip_prefix(b"\\u")?.get(..4)?;
    let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u16::from_str_radix(digits, 16).ok()
}

/// The id of a post, a comment, a page or a person: text, or a whole number that survived as one.
pub fn id(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_u64() => number.to_string(),
        _ => return None,
    };
    is_id(&text).then_some(text)
}

/// Facebook calls its ids opaque. They go into addresses, so only plain characters are taken.
pub fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The id of a private message. It goes into no address.
pub fn message_id(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let fine = (1..=LONGEST_MESSAGE_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    fine.then(|| text.to_owned())
}

/// A moment in whichever way it is written: `2021-07-21T21:05:14+0000`, unix seconds, or unix milliseconds.
pub fn moment(value: &Value) -> Option<Millis> {
    /// As seconds it would be the year 5138, as milliseconds it is 1973: before all of this.
    const MILLISECONDS_FROM: i64 = 100_000_000_000;
    let number = match value {
        Value::Number(number) => number.as_i64()?,
        Value::String(text) => match text.parse() {
            Ok(number) if !text.starts_with('+') => number,
            _ => return Millis::parse_rfc3339(&with_colon(text)),
        },
        _ => return None,
    };
    match number {
        ..0 => None,
        0..MILLISECONDS_FROM => Some(Millis(number * 1_000)),
        _ => Some(Millis(number)),
    }
}

/// `+0000` as `+00:00`, as the rest of the world writes it.
fn with_colon(text: &str) -> String {
    match text.len().checked_sub(5).and_then(|at| text.split_at_checked(at)) {
        Some((moment, zone)) if zone.starts_with(['+', '-']) && zone.bytes().skip(1).all(|b| b.is_ascii_digit()) => {
            format!("{moment}{}:{}", &zone[..3], &zone[3..])
        }
        _ => text.to_owned(),
    }
}

/// The elements of a list of Graph's, `{"data":[…]}`, or of a bare one.
pub fn list(value: &Value) -> &[Value] {
    let list = value.get("data").unwrap_or(value);
    list.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// An address as a picture's may be.
pub fn address(value: &Value) -> Option<String> {
    const LONGEST: usize = 2_000;
    let text = value.as_str()?;
    let fine = text.len() <= LONGEST && (text.starts_with("https://") || text.starts_with("http://"));
    (fine && !text.contains(|c: char| c.is_whitespace() || c.is_control())).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_half_of_an_emoji_costs_itself_alone() {
        let read = |raw: &str| json(raw.as_bytes()).map(|value| value["m"].as_str().unwrap_or("?").to_owned());
        for (raw, text) in [
            (r#"{"m":"\ud83d\ude00"}"#, "😀"),
            (r#"{"m":"cut \ud83d"}"#, "cut \u{fffd}"),
            (r#"{"m":"cut \uD83D…"}"#, "cut \u{fffd}…"),
            (r#"{"m":"\ude00 tail"}"#, "\u{fffd} tail"),
            (r#"{"m":"\ud83d\ud83d\ude00"}"#, "\u{fffd}😀"),
            (r#"{"m":"\ud83dA\ude00"}"#, "\u{fffd}A\u{fffd}"),
            (r#"{"m":"not one: \\ud83d, and one: \ud83d"}"#, "not one: \\ud83d, and one: \u{fffd}"),
        ] {
            assert_eq!(read(raw).as_deref(), Ok(text), "{raw}");
        }
        for raw in ["", "<html>", "{", r#"{"m":"\ud83"}"#, r#"{"m":"\ud83d"#, r#"{"m":"\"#, &"[".repeat(100_000)] {
            assert!(read(raw).is_err(), "{raw:.20}");
        }
    }

    #[test]
    fn ids_are_plain_or_none() {
        let long = "9".repeat(71);
        for (value, expected) in [
            (json!("102938475610293_122131676912594941"), Some("102938475610293_122131676912594941")),
            (json!("123456789012345678901234567890"), Some("123456789012345678901234567890")),
            (json!(102_938_475_610_293_u64), Some("102938475610293")),
            (json!(-1), None),
            (json!(1.5e30), None),
            (json!(""), None),
            (json!("../me"), None),
            (json!("1,2"), None),
            (json!("ännä"), None),
            (json!(long), None),
            (json!({"id": "1"}), None),
            (json!(null), None),
        ] {
            assert_eq!(id(&value).as_deref(), expected, "{value}");
        }
        assert_eq!(message_id(&json!("m_A-b_C=")).as_deref(), Some("m_A-b_C="));
        for odd in [json!(""), json!("m_ x"), json!("m_\n"), json!("mä"), json!(5), json!("m".repeat(256))] {
            assert_eq!(message_id(&odd), None, "{odd}");
        }
    }

    #[test]
    fn moments_are_read_however_they_are_written() {
        let at = Millis(1_784_928_203_000);
        for value in [
            json!("2026-07-24T21:23:23+0000"),
            json!("2026-07-24T23:23:23+0200"),
            json!("2026-07-24T21:23:23Z"),
            json!(1_784_928_203_u64),
            json!("1784928203"),
            json!(1_784_928_203_000_u64),
        ] {
            assert_eq!(moment(&value), Some(at), "{value}");
        }
        for odd in [json!({}), json!("soon"), json!("+0000"), json!(-5), json!(1.5), json!("ä+000"), json!(null)] {
            assert_eq!(moment(&odd), None, "{odd}");
        }
    }
}
