//! How a mail reads: a few sentences, one button at most, and why it came. Pure: from words to plain text and HTML.

use askama::Template;

use super::NewMail;
use crate::web::identity::Known;

/// The words of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub subject: String,
    /// Each a paragraph.
    pub sentences: Vec<String>,
    /// What it says, and the path that it leads to on this site.
    pub button: Option<(String, String)>,
    /// Why its reader gets it, on the last line.
    pub why: String,
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Html<'a> {
    letter: &'a Letter,
    site: &'a Known,
    /// The address that stops such mails, where they can be stopped.
    stop: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "mail/letter.txt")]
struct Text<'a> {
    letter: &'a Letter,
    site: &'a Known,
    stop: Option<&'a str>,
}

impl Letter {
    /// The mail of this letter, to be posted. `event`: see [`NewMail::event`].
    pub fn to(&self, site: &Known, to: Option<i64>, address: &str, event: String) -> Result<NewMail, askama::Error> {
        Ok(NewMail {
            to,
            event,
            address: address.to_owned(),
            subject: self.subject.clone(),
            text: Text { letter: self, site, stop: None }.render()?,
            html: Html { letter: self, site, stop: None }.render()?,
            thread: None,
            unsubscribe: None,
        })
    }

    /// As [`Self::to`], for somebody who may want no more of such mails: `stop` is the address that ends them.
    pub fn to_subscriber(
        &self,
        site: &Known,
        to: i64,
        address: &str,
        event: String,
        stop: String,
    ) -> Result<NewMail, askama::Error> {
        let way_out = Some(stop.as_str());
        let text = Text { letter: self, site, stop: way_out }.render()?;
        let html = Html { letter: self, site, stop: way_out }.render()?;
        Ok(NewMail { text, html, unsubscribe: Some(stop), ..self.to(site, Some(to), address, event)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_says_the_same_in_both_forms() {
        let letter = Letter {
            subject: "A new password".to_owned(),
            sentences: vec!["Hello <Ada> & co.".to_owned(), "The link holds for an hour.".to_owned()],
            button: Some(("Choose a password".to_owned(), "/reset/k".to_owned())),
            why: "Somebody asked for it.".to_owned(),
        };
        let site = Known { name: "Acme Help".to_owned(), address: "https://help.acme.com".to_owned() };
        let mail = letter.to(&site, None, "ada@example.com", "reset-1".to_owned()).unwrap();
        for said in
            ["The link holds for an hour.", "https://help.acme.com/reset/k", "Somebody asked for it.", "Acme Help"]
        {
            assert!(mail.text.contains(said) && mail.html.contains(said), "{said}\n{}\n{}", mail.text, mail.html);
        }
        assert!(mail.text.contains("<Ada> & co.") && !mail.html.contains("<Ada>"));
    }
}
