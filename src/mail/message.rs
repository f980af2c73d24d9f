//! A mail as mail servers want it: plain text and HTML, with the headers that programs and people sort by. Pure.

use lettre::Address;
use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};

use super::store::Due;
use super::words;

/// Written as it goes out, with who it goes from and to.
pub(super) struct Written {
    pub envelope: Envelope,
    pub bytes: Vec<u8>,
}

/// Reads an address such as `ada@example.com`; `None`: no mail can go there.
pub fn parse_address(text: &str) -> Option<Address> {
    text.parse().ok()
}

/// `host`: the site's own name, of which message ids are made. `Err`: why no server would take it.
pub(super) fn write(mail: &Due, from: &Mailbox, host: &str) -> Result<Written, String> {
    let to = parse_address(&mail.address).ok_or_else(|| words::no_address(&mail.address))?;
    let mut builder = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(mail.subject.clone())
        .message_id(Some(format!("<{}.{}@{host}>", mail.event, mail.id)))
        // What answers by itself is asked not to.
        .raw_header(own("Auto-Submitted", "auto-generated"))
        .raw_header(own("X-Auto-Response-Suppress", "All"));
    if let Some(thread) = &mail.headers.thread {
        let root = format!("<{thread}@{host}>");
        builder = builder.in_reply_to(root.clone()).references(root);
    }
    if let Some(place) = &mail.headers.unsubscribe {
        builder = builder
            .raw_header(own("List-Unsubscribe", &format!("<{place}>")))
            .raw_header(own("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
    }
    let parts = MultiPart::alternative()
        .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(mail.text.clone()))
        .singlepart(SinglePart::builder().header(ContentType::TEXT_HTML).body(mail.html.clone()));
    let message = builder.multipart(parts).map_err(|error| error.to_string())?;
    Ok(Written { envelope: message.envelope().clone(), bytes: message.formatted() })
}

/// A header that the library has no type for.
fn own(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::MailId;
    use crate::mail::store::Headers;

    fn due(address: &str, headers: Headers) -> Due {
        Due {
            id: MailId(7),
            event: "notice-12".to_owned(),
            address: address.to_owned(),
            subject: "Größe geändert".to_owned(),
            text: "Ada answered.".to_owned(),
            html: "<p>Ada answered.</p>".to_owned(),
            headers,
            attempts: 1,
        }
    }

    #[test]
    fn a_mail_carries_what_programs_sort_by() {
        let headers = Headers {
            thread: Some("question-3".to_owned()),
            unsubscribe: Some("https://help.acme.com/mail/stop/k".to_owned()),
        };
        let from: Mailbox = "Acme Help <help@acme.com>".parse().unwrap();
        let written = write(&due("ada@example.com", headers), &from, "help.acme.com").unwrap();
        let text = String::from_utf8(written.bytes).unwrap();
        for line in [
            "Message-ID: <notice-12.7@help.acme.com>",
            "References: <question-3@help.acme.com>",
            "List-Unsubscribe: <https://help.acme.com/mail/stop/k>",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            "Auto-Submitted: auto-generated",
            "To: ada@example.com",
        ] {
            assert!(text.lines().any(|one| one == line), "{line}\n{text}");
        }
        assert!(text.contains("multipart/alternative") && text.contains("text/plain") && text.contains("text/html"));
        assert!(text.is_ascii(), "old servers take it, too");
    }

    #[test]
    fn an_address_that_no_mail_can_go_to_is_refused() {
        let from: Mailbox = "help@acme.com".parse().unwrap();
        for address in ["", "ada", "ada@", "ada@example.com\r\nBcc: eve@example.com"] {
            assert!(write(&due(address, Headers::default()), &from, "help.acme.com").is_err(), "{address:?}");
        }
    }
}
