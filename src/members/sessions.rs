//! Where one is signed in: each session by its device, when it was last used and from where; and ending them: `POST
//! /account/sessions/{id}/end` and `/account/sessions/end-others`.

use actix_web::{HttpRequest, HttpResponse, web};

use super::store::sessions::{self as stored, OpenSession};
use super::words;
use super::{Own, session_mark};
use crate::app::App;
use crate::db::id_type;
use crate::web::{Error, redirect};

id_type!(
    /// The id of a session. Opens nothing.
    SessionId
);

/// `POST /account/sessions/{id}/end`
pub async fn end(app: web::Data<App>, Own(member): Own, id: web::Path<SessionId>) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    app.db.write(move |tx| stored::end_one(tx, member.id, id)).await?;
    Ok(redirect("/account?told=ended#sessions"))
}

/// `POST /account/sessions/end-others`
pub async fn end_others(app: web::Data<App>, Own(member): Own, request: HttpRequest) -> Result<HttpResponse, Error> {
    let kept = session_mark(&request).ok_or(Error::SignIn { kept: None })?;
    app.db.write(move |tx| stored::end_others(tx, member.id, &kept)).await?;
    Ok(redirect("/account?told=ended#sessions"))
}

/// What a session is called: the browser and the system that it says it is.
pub(super) fn device(session: &OpenSession) -> String {
    in_words(&session.agent)
}

/// The first that is named counts: browsers name others, to be taken for them.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chromium", "Chromium"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
];
const SYSTEMS: [(&str, &str); 8] = [
    ("Android", "Android"),
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "a Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
    ("X11", "Linux"),
];

fn in_words(agent: &str) -> String {
    let named =
        |names: &[(&str, &'static str)]| names.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name);
    match (named(&BROWSERS), named(&SYSTEMS)) {
        (Some(browser), Some(system)) => words::browser_on(browser, system),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => words::some_browser_on(system),
        (None, None) => words::SOME_DEVICE.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_called_what_its_owner_calls_it() {
        for (agent, called) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 \
                 Edg/140.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1 Version/18.6 Mobile Safari/604.1",
                "Safari on an iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            ("curl/8.5", "A device that does not say what it is"),
            ("", "A device that does not say what it is"),
        ] {
            assert_eq!(in_words(agent), called);
        }
    }
}
