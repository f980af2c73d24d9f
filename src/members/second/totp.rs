//! The secret that a member's phone shares with us: made, sealed, shown once as a picture, and asked whether a code is its.

use qrcode::QrCode;
use qrcode::render::svg;
use totp_rs::{Builder, Secret as Bytes, Totp};

use super::super::MemberId;
use crate::app::App;
use crate::clock::Millis;
use crate::secret::{KeyPlace, Secret};
use crate::web::Error;

/// A secret in the clear, for as long as a request takes.
pub(super) struct Shared(Totp);

/// What a member copies into their phone.
pub(super) struct Shown {
    /// An SVG.
    pub picture: String,
    /// The same to be typed, in groups of four.
    pub text: String,
}

impl Shared {
    /// A new secret. `email` is what the phone calls it.
    pub fn new(app: &App, email: &str) -> Result<Self, Error> {
        build(app, Bytes::generate(), email)
    }

    /// Opens what [`Self::seal`] sealed for this member.
    pub fn open(app: &App, id: MemberId, email: &str, sealed: &str) -> Result<Self, Error> {
        let text = key_place(app).find().map_err(trouble)?.open(&place(id), sealed).map_err(trouble)?;
        build(app, Bytes::try_from_base32(text.expose()).map_err(trouble)?, email)
    }

    pub fn seal(&self, app: &App, id: MemberId) -> Result<String, Error> {
        let key = key_place(app).find_or_make().map_err(trouble)?;
        key.seal(&place(id), &Secret::new(self.0.secret().to_base32())).map_err(trouble)
    }

    /// The step that a code belongs to, if it is one of this minute. A step is used once: see the store.
    pub fn step_of(&self, code: &str, now: Millis) -> Option<i64> {
        let step = self.0.check(code, u64::try_from(now.0 / 1_000).ok()?)?;
        i64::try_from(step).ok()
    }

    pub fn shown(&self) -> Result<Shown, Error> {
        let url = self.0.to_url().map_err(trouble)?;
        let picture = QrCode::new(url.as_bytes()).map_err(trouble)?;
        let picture = picture.render::<svg::Color<'_>>().min_dimensions(220, 220).build();
        // In a page it stands without its prologue.
        let picture = picture.find("<svg").map(|begin| picture[begin..].to_owned()).unwrap_or_default();
        let text = self.0.secret().to_base32();
        let groups: Vec<&str> = (0..text.len()).step_by(4).map(|at| &text[at..text.len().min(at + 4)]).collect();
        Ok(Shown { picture, text: groups.join(" ") })
    }
}

fn build(app: &App, secret: Bytes, email: &str) -> Result<Shared, Error> {
    // A colon parts the two in a phone's list.
    let plain = |text: &str| text.replace(':', " ");
    let built = Builder::new()
        .with_secret(secret)
        .with_issuer(Some(plain(&app.identity.now().name)))
        .with_account_name(plain(email))
        .build();
    built.map(Shared).map_err(trouble)
}

/// Where the sealed secret stands.
fn place(id: MemberId) -> String {
    format!("member.totp_secret:{id}")
}

fn key_place(app: &App) -> KeyPlace {
    KeyPlace::new(&app.config.data, app.config.secret_key.clone())
}

fn trouble(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("the secret of a second factor cannot be used: {error}"))
}
