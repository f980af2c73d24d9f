//! What the pages of every twin stand on: answers with a policy, forms of their own, files in forms.

use std::collections::HashMap;

use actix_web::error::{ErrorBadRequest, ErrorForbidden};
use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use futures_util::TryStreamExt;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub(super) fn see_other(to: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header(("location", to)).finish()
}

pub(super) fn page(status: u16, template: &impl Template) -> HttpResponse {
    page_leading_to("", status, template)
}

/// A page with a form whose answer leads to another site.
pub(super) fn page_leading_to(origin: &str, status: u16, template: &impl Template) -> HttpResponse {
    let status = actix_web::http::StatusCode::from_u16(status).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {origin}; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    match template.render() {
        Ok(html) => HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .insert_header(("content-security-policy", policy))
            .insert_header(("cache-control", "no-store"))
            .body(html),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

/// The one stylesheet of all twins.
pub(super) async fn show_style() -> HttpResponse {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").body(include_str!("../../templates/sim/twin.css"))
}

/// A form or a JSON body, whichever came from here.
///
/// # Errors
/// 403 for another site's form, 400 for what cannot be read.
pub(super) fn read<T: DeserializeOwned>(request: &HttpRequest, body: &[u8]) -> actix_web::Result<T> {
    own_origin(request)?;
    let json = request.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if json {
        serde_json::from_slice(body).map_err(ErrorBadRequest)
    } else {
        serde_urlencoded::from_bytes(body).map_err(ErrorBadRequest)
    }
}

/// Forms come from the twin's own pages. Programs, which send no `Sec-Fetch-Site`, may do what they like.
pub(super) fn own_origin(request: &HttpRequest) -> actix_web::Result<()> {
    match request.headers().get("sec-fetch-site").map(|value| value.as_bytes()) {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => Err(ErrorForbidden("This form belongs to another site. Use the twin's own pages.")),
    }
}

/// A browser's form goes back to the workshop; everybody else gets JSON.
pub(super) fn done(request: &HttpRequest, value: Value) -> HttpResponse {
    let html = request
        .headers()
        .get("accept")
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.contains("text/html"));
    if html { see_other("/sim") } else { HttpResponse::Ok().json(value) }
}

/// A form that may bring a file.
pub(super) struct Filled(HashMap<String, Vec<u8>>);

impl Filled {
    pub async fn read(request: &HttpRequest, body: Bytes) -> actix_web::Result<Self> {
        own_origin(request)?;
        let kind = request.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.starts_with("multipart/form-data") {
            return read_parts(kind, body).await.map(Self).map_err(ErrorBadRequest);
        }
        let fields: HashMap<String, String> = read(request, &body)?;
        Ok(Self(fields.into_iter().map(|(key, text)| (key, text.into_bytes())).collect()))
    }

    pub fn text(&self, key: &str) -> String {
        self.0.get(key).map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
    }

    pub fn handle(&self, key: &str) -> String {
        self.text(key).trim().trim_start_matches('@').to_owned()
    }

    /// A file that is not empty: browsers send an empty one for none.
    pub fn file(&self, key: &str) -> Option<&[u8]> {
        self.0.get(key).map(Vec::as_slice).filter(|bytes| !bytes.is_empty())
    }
}

/// The fields of a form with files, by name.
pub(super) async fn read_parts(content_type: &str, body: Bytes) -> Result<HashMap<String, Vec<u8>>, String> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_str(content_type).map_err(|error| error.to_string())?);
    let whole = futures_util::stream::once(std::future::ready(Ok(body)));
    let mut form = actix_multipart::Multipart::new(&headers, whole);
    let mut parts = HashMap::new();
    while let Some(mut field) = form.try_next().await.map_err(|error| error.to_string())? {
        let name = field.name().unwrap_or_default().to_owned();
        let mut bytes = Vec::new();
        while let Some(piece) = field.try_next().await.map_err(|error| error.to_string())? {
            bytes.extend_from_slice(&piece);
        }
        parts.insert(name, bytes);
    }
    Ok(parts)
}
