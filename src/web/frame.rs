//! The frame of every page, and the one place that turns a template into a response.

use std::sync::Arc;

use actix_web::body::BoxBody;
use actix_web::dev::Payload;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, Responder, web};
use askama::Template;
use sha2::{Digest, Sha256};

use super::Error;
use super::assets::Assets;
use super::cache::{self, Keeping};
use super::identity::{Identity, Known};
use crate::clock::{Clock, Millis};
use crate::db::MadeOf;

/// What is the same for every page of this site.
pub struct Shell {
    pub identity: Identity,
    pub assets: Assets,
    pub clock: Clock,
    /// `demo` says on each page that it is one.
    pub demo: bool,
}

/// Who is signed in, as far as the frame shows it. Put into the request by the members slice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub name: String,
    pub handle: String,
    /// Works at the desk, be it only to draft.
    pub at_desk: bool,
    pub staff: bool,
    pub admin: bool,
    /// Notices that they have not read.
    pub unread: i64,
    /// Why they may not write here now, and until when.
    pub barred: Option<String>,
}

/// What `base.html` needs. Every page's template has it as `frame`.
#[derive(Clone)]
pub struct Frame {
    shell: web::Data<Shell>,
    site: Arc<Known>,
    pub viewer: Option<Person>,
    /// The address of this page, path and query, for coming back after a sign-in.
    pub path: String,
    pub now: Millis,
}

impl Frame {
    pub fn of(request: &HttpRequest) -> Result<Self, Error> {
        let shell = request
            .app_data::<web::Data<Shell>>()
            .cloned()
            .ok_or_else(|| Error::Internal("the server was built without its shell".to_owned()))?;
        let path = request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
        let now = shell.clock.now();
        Ok(Self { viewer: request.extensions().get::<Person>().cloned(), path, now, site: shell.identity.now(), shell })
    }

    pub fn asset(&self, name: &str) -> String {
        self.shell.assets.path(name)
    }

    pub fn site_name(&self) -> &str {
        &self.site.name
    }

    pub fn address(&self) -> &str {
        &self.site.address
    }

    pub fn demo(&self) -> bool {
        self.shell.demo
    }

    /// The sign-in page that leads back to this one.
    pub fn sign_in_url(&self) -> String {
        format!(
            "/sign-in?next={}",
            percent_encoding::utf8_percent_encode(&self.path, percent_encoding::NON_ALPHANUMERIC)
        )
    }

    /// Somebody is signed in whom nothing keeps from writing.
    pub fn may_write(&self) -> bool {
        self.viewer.as_ref().is_some_and(|person| person.barred.is_none())
    }

    pub fn at_desk(&self) -> bool {
        self.viewer.as_ref().is_some_and(|person| person.at_desk)
    }

    pub fn staff(&self) -> bool {
        self.viewer.as_ref().is_some_and(|person| person.staff)
    }

    pub fn admin(&self) -> bool {
        self.viewer.as_ref().is_some_and(|person| person.admin)
    }
}

impl FromRequest for Frame {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Self::of(request))
    }
}

/// A rendered template as response: HTML with an ETag, `no-cache` towards browsers, 304 where nothing changed.
pub struct Page<T> {
    template: T,
    status: StatusCode,
    /// `None`: it is made anew for everybody.
    keeping: Option<Keeping>,
}

impl<T: Template> Page<T> {
    pub fn ok(template: T) -> Self {
        Self::with_status(template, StatusCode::OK)
    }

    /// A form shown again with its problems.
    pub fn unprocessable(template: T) -> Self {
        Self::with_status(template, StatusCode::UNPROCESSABLE_ENTITY)
    }

    pub fn with_status(template: T, status: StatusCode) -> Self {
        Self { template, status, keeping: None }
    }

    /// Says that everybody who is not signed in, and of whom we know nothing, sees the same bytes at this address, until
    /// what it is made of changes or the moment `until` has passed.
    pub fn made_of(mut self, made_of: MadeOf, until: Option<Millis>) -> Self {
        self.keeping = Some(Keeping { made_of, until });
        self
    }

    pub fn render(&self, request: &HttpRequest) -> Result<HttpResponse, Error> {
        let html = self.template.render()?;
        let personal = request.extensions().contains::<Person>();
        let cache = if personal || self.status != StatusCode::OK { "private, no-store" } else { "no-cache" };
        let mut response = HttpResponse::build(self.status);
        response.insert_header((header::CACHE_CONTROL, cache)).insert_header((header::VARY, "Cookie"));
        if self.status == StatusCode::OK && !personal {
            let digest = Sha256::digest(html.as_bytes());
            let tag: String = digest[..12].iter().map(|byte| format!("{byte:02x}")).collect();
            // Weak: the compressed bytes have the same.
            let tag = format!("W/\"{tag}\"");
            if let Some(keeping) = &self.keeping
                && let Some(answer) = cache::keep(request, keeping, &html, &tag)?
            {
                return Ok(answer);
            }
            let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
            if known.is_some_and(|known| cache::names(known, &tag)) {
                return Ok(response.status(StatusCode::NOT_MODIFIED).insert_header((header::ETAG, tag)).finish());
            }
            response.insert_header((header::ETAG, tag));
        }
        Ok(response.content_type("text/html; charset=utf-8").body(html))
    }
}

impl<T: Template> Responder for Page<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse<BoxBody> {
        match self.render(request) {
            Ok(response) => response,
            Err(error) => HttpResponse::from_error(error),
        }
    }
}

/// After a POST: see the result at `place` (303, so that reloading does not post again).
pub fn redirect(place: impl AsRef<str>) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, place.as_ref())).finish()
}

/// A place on this site to go back to; anything that could lead elsewhere becomes the home page.
pub fn local_path(asked: Option<&str>) -> &str {
    match asked {
        Some(path)
            if path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n', '\t', '\0']) =>
        {
            path
        }
        _ => "/",
    }
}

/// Shared by app and tests: the shell as actix data.
pub fn shell(identity: Identity, clock: Clock, demo: bool) -> Arc<Shell> {
    Arc::new(Shell { identity, assets: Assets::load(), clock, demo })
}
