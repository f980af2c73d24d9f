//! Style sheets, scripts and pictures of the product itself: embedded, served under paths that hold their content's
//! hash, and therefore cached for good.

use std::collections::BTreeMap;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::RustEmbed;

use super::{Error, Shell};

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

/// From the name that templates use to the path with the hash, and back.
#[derive(Debug)]
pub struct Assets {
    paths: BTreeMap<String, String>,
}

impl Assets {
    pub fn load() -> Self {
        let paths = Files::iter()
            .filter_map(|name| {
                let file = Files::get(&name)?;
                let hash: String = file.metadata.sha256_hash()[..6].iter().map(|byte| format!("{byte:02x}")).collect();
                Some((name.to_string(), format!("/assets/{hash}/{name}")))
            })
            .collect();
        Self { paths }
    }

    /// The address of an asset by its name under `static/`. An unknown name gives an address that answers 404, and a
    /// test walks all pages for those.
    pub fn path(&self, name: &str) -> String {
        self.paths.get(name).cloned().unwrap_or_else(|| format!("/assets/missing/{name}"))
    }
}

/// `GET /assets/{hash}/{name}`
pub async fn show(
    request: HttpRequest,
    shell: web::Data<Shell>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Error> {
    let (_, name) = path.into_inner();
    if shell.assets.path(&name) != request.path() {
        return Err(Error::NotFound);
    }
    let file = Files::get(&name).ok_or(Error::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, format!("{}; charset=utf-8", file.metadata.mimetype())))
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(file.data))
}
