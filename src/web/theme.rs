//! Light, dark, or as the device says: the one thing about the look that a person chooses.
//!
//! Public pages are the same bytes for everyone, so the choice lives in a small style sheet of its own that is never
//! cached; `app.css` draws every colour with `light-dark()` and follows it.

use std::time::Duration;

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::frame::local_path;
use super::{Form, Shell, redirect};

/// Holds `light` or `dark`; absent means as the device says.
pub const THEME_COOKIE: &str = "answerwell_theme";

const KEPT_FOR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    Light,
    Dark,
    Auto,
}

impl Theme {
    /// What the cookie says; anything else means as the device says.
    fn of(request: &HttpRequest) -> Self {
        match request.cookie(THEME_COOKIE).as_ref().map(Cookie::value) {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::Auto,
        }
    }

    fn style(self) -> &'static str {
        match self {
            Self::Light => ":root{color-scheme:light}",
            Self::Dark => ":root{color-scheme:dark}",
            Self::Auto => "",
        }
    }

    /// Lives a year, or ends at once for [`Self::Auto`].
    fn cookie(self, secure: bool) -> Cookie<'static> {
        let (value, age) = match self {
            Self::Light => ("light", KEPT_FOR),
            Self::Dark => ("dark", KEPT_FOR),
            Self::Auto => ("", Duration::ZERO),
        };
        let age = actix_web::cookie::time::Duration::seconds(i64::try_from(age.as_secs()).unwrap_or(0));
        Cookie::build(THEME_COOKIE, value)
            .path("/")
            .max_age(age)
            .same_site(SameSite::Lax)
            .http_only(true)
            .secure(secure)
            .finish()
    }
}

#[derive(Debug, Deserialize)]
pub struct Choice {
    theme: Theme,
    /// The page on which it was chosen.
    #[serde(default)]
    back: String,
}

/// `GET /theme.css`
pub async fn show(request: HttpRequest) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/css; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .body(Theme::of(&request).style())
}

/// `POST /theme`
pub async fn choose(shell: web::Data<Shell>, form: Form<Choice>) -> HttpResponse {
    let mut response = redirect(local_path(Some(&form.value.back)));
    let cookie = form.value.theme.cookie(shell.identity.now().is_https());
    if let Err(error) = response.add_cookie(&cookie) {
        tracing::error!(%error, "the theme's cookie could not be set: {error}");
    }
    response
}

#[cfg(test)]
mod tests {
    use actix_web::http::StatusCode;
    use actix_web::{App, test};

    use super::*;
    use crate::clock::{Clock, Millis};
    use crate::web::{Identity, frame};

    async fn ask(address: &str, request: test::TestRequest) -> actix_web::dev::ServiceResponse {
        let shell = frame::shell(Identity::new("Help", address), Clock::fixed(Millis(0)), false);
        let app = App::new()
            .app_data(web::Data::from(shell))
            .route("/theme.css", web::get().to(show))
            .route("/theme", web::post().to(choose));
        let app = test::init_service(app).await;
        test::call_service(&app, request.to_request()).await
    }

    fn chosen(theme: &'static str, back: &'static str) -> test::TestRequest {
        test::TestRequest::post().uri("/theme").set_form([("theme", theme), ("back", back)])
    }

    #[actix_web::test]
    async fn the_style_sheet_says_what_the_cookie_says() {
        for (cookie, style) in
            [("light", ":root{color-scheme:light}"), ("dark", ":root{color-scheme:dark}"), ("}body{", ""), ("", "")]
        {
            let request = test::TestRequest::get().uri("/theme.css").cookie(Cookie::new(THEME_COOKIE, cookie));
            let response = ask("http://localhost", request).await;
            assert_eq!(response.headers().get(header::CACHE_CONTROL).unwrap(), "private, no-store");
            assert_eq!(test::read_body(response).await, style);
        }
    }

    #[actix_web::test]
    async fn a_choice_lasts_a_year_and_leads_back() {
        let response = ask("https://help.acme.com", chosen("dark", "/q/7?page=2")).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        assert_eq!(response.headers().get(header::LOCATION).unwrap(), "/q/7?page=2");
        let cookie = response.headers().get(header::SET_COOKIE).unwrap().to_str().unwrap();
        assert_eq!(cookie, "answerwell_theme=dark; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=31536000");
    }

    #[actix_web::test]
    async fn as_the_device_says_ends_the_cookie_and_never_leads_elsewhere() {
        let response = ask("http://localhost:8080", chosen("auto", "//evil.example")).await;
        assert_eq!(response.headers().get(header::LOCATION).unwrap(), "/");
        let cookie = response.headers().get(header::SET_COOKIE).unwrap().to_str().unwrap();
        assert_eq!(cookie, "answerwell_theme=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0");
    }

    #[actix_web::test]
    async fn an_unknown_theme_is_refused() {
        assert_eq!(ask("http://localhost", chosen("pink", "/")).await.status(), StatusCode::BAD_REQUEST);
    }
}
