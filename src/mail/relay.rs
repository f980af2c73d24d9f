//! The site's mail server: one connection, one mail after the other.
//!
//! Tells apart what a mail server tells apart: refused now, refused for good, and no answer after the end of the mail was
//! sent, which is not the same as no answer before it.

use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};

use super::state::Fate;
use super::words;
use crate::secret::Secret;

/// Of each step of the conversation.
const TIMEOUT: Duration = Duration::from_secs(20);

/// How the conversation is kept from listeners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// From the first byte.
    Tls,
    /// From the second word on; a server that cannot is given nothing.
    StartTls,
    /// Not at all, for a server on this machine.
    None,
}

/// A mail server and our account there.
#[derive(Clone, Debug)]
pub struct Relay {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub account: Option<(String, Secret)>,
    /// How we greet it.
    pub us: String,
}

/// An open connection.
pub(super) struct Session(AsyncSmtpConnection);

impl Relay {
    /// Greets it and leaves, as `doctor` does. `Err`: why it cannot be talked to.
    pub async fn check(&self) -> Result<(), String> {
        self.open().await?.close().await;
        Ok(())
    }

    /// Connects, with encryption and our account where they are set.
    /// `Err`: why it cannot be talked to now; whatever it says to our greeting, it says of no mail.
    pub(super) async fn open(&self) -> Result<Session, String> {
        let hello = ClientId::Domain(self.us.clone());
        let tls = || TlsParameters::new(self.host.clone()).map_err(|error| said(&error));
        let at_once = if self.security == Security::Tls { Some(tls()?) } else { None };
        let place = (self.host.as_str(), self.port);
        let connecting = AsyncSmtpConnection::connect_tokio1(place, Some(TIMEOUT), &hello, at_once, None);
        let mut connection = within(connecting).await.map_err(Fate::words)?;
        if self.security == Security::StartTls {
            within(connection.starttls(tls()?, &hello)).await.map_err(Fate::words)?;
        }
        if let Some((name, password)) = &self.account {
            let credentials = Credentials::new(name.clone(), password.expose().to_owned());
            within(connection.auth(DEFAULT_MECHANISMS, &credentials)).await.map_err(Fate::words)?;
        }
        Ok(Session(connection))
    }
}

impl Session {
    /// Hands one mail over.
    pub(super) async fn send(&mut self, envelope: &Envelope, mail: &[u8]) -> Fate {
        if let Err(fate) = self.announce(envelope, mail.is_ascii()).await {
            return fate;
        }
        // From here on only its answer tells whether it has the mail.
        match tokio::time::timeout(TIMEOUT, self.0.message(mail)).await {
            Ok(Ok(_)) => Fate::Taken,
            Ok(Err(error)) if error.status().is_some() => fate(&error),
            Ok(Err(error)) => Fate::Unknown(words::not_confirmed(&said(&error))),
            Err(_) => Fate::Unknown(words::NOT_CONFIRMED_IN_TIME.to_owned()),
        }
    }

    /// From whom, to whom, and that it comes next.
    async fn announce(&mut self, envelope: &Envelope, is_ascii: bool) -> Result<(), Fate> {
        let mut options = Vec::new();
        let knows = |extension| self.0.server_info().supports_feature(extension);
        if envelope.to().iter().any(|to| !to.to_string().is_ascii()) {
            if !knows(Extension::SmtpUtfEight) {
                return Err(Fate::Refused(words::NO_SUCH_ADDRESS.to_owned()));
            }
            options.push(MailParameter::SmtpUtfEight);
        }
        if !is_ascii && knows(Extension::EightBitMime) {
            options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        within(self.0.command(Mail::new(envelope.from().cloned(), options))).await?;
        for to in envelope.to() {
            within(self.0.command(Rcpt::new(to.clone(), Vec::new()))).await?;
        }
        within(self.0.command(Data)).await?;
        Ok(())
    }

    pub(super) async fn close(mut self) {
        // Everything is settled by now; an answer to the goodbye changes nothing.
        let _farewell = tokio::time::timeout(TIMEOUT, self.0.quit()).await;
    }
}

/// A step before the mail itself: whatever goes wrong, the server has nothing.
async fn within<T>(step: impl Future<Output = Result<T, Error>>) -> Result<T, Fate> {
    match tokio::time::timeout(TIMEOUT, step).await {
        Ok(done) => done.map_err(|error| fate(&error)),
        Err(_) => Err(Fate::NotNow(words::NO_ANSWER_IN_TIME.to_owned())),
    }
}

fn fate(error: &Error) -> Fate {
    if error.is_permanent() { Fate::Refused(said(error)) } else { Fate::NotNow(said(error)) }
}

/// What went wrong, with what lies beneath.
fn said(error: &Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
