//! What programs read of the site: Atom feeds of every list, the sitemap, and what crawlers are asked to leave alone. Only what
//! everybody sees.
//!
//! Owns no table and writes nothing.

pub mod atom;
pub mod sitemap;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};

/// A text for programs, with an ETag; nothing but that where they have it already.
fn answer(request: &HttpRequest, media_type: &str, text: String) -> HttpResponse {
    let digest = Sha256::digest(text.as_bytes());
    let tag: String = digest[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{tag}\"");
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let is_known = known.is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::ETAG, tag)).insert_header((header::CACHE_CONTROL, "no-cache"));
    if is_known { response.finish() } else { response.content_type(media_type).body(text) }
}

/// Text that may stand in XML: without the control characters that it knows no way to write.
fn clean(text: &str) -> String {
    let fits = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    text.chars().filter(fits).filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_left_out() {
        assert_eq!(clean("a\u{1}b\u{ffff}\n♥"), "ab\n♥");
    }
}
