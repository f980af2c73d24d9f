//! Whole pages for those whom nothing tells apart: rendered once, compressed once, and shown until something on them is
//! another. Whether they still hold is asked of [`Fresh`](crate::db::Fresh) on every use, hiding and deletion included.
//!
//! Never holds what one person alone may see: a request with a session or a guest's name neither finds a page here nor
//! leaves one. A page is kept only where its handler says what it is made of, by `Page::made_of`.

use std::io::Write;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use flate2::Compression;
use flate2::write::GzEncoder;
use moka::sync::Cache;
use tokio::sync::Notify;

use super::guard::{Route, SESSION_COOKIE, route};
use super::identity::Known;
use super::{Error, Identity};
use crate::clock::{Clock, Millis};
use crate::db::{Db, DbError, MadeOf, Moment};
use crate::jobs::{Jobs, Progress, repeat};

/// The cookie by which a guest who said something that is counted is known again: what they said stands on the page.
pub const GUEST_COOKIE: &str = "answerwell_guest";

/// Says that a page was kept (RFC 9211).
const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");
/// What all pages of a process may take.
const MOST_BYTES: u64 = 96 * 1024 * 1024;
/// Longer addresses are nobody's: they would push pages out.
const LONGEST_ADDRESS: usize = 400;
/// How soon this node knows what another one changed.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Compressed once and read often: worth more than the fastest way.
const LEVEL: Compression = Compression::new(6);

/// The pages that this process keeps. Clones share them.
#[derive(Clone)]
pub struct Pages {
    db: Db,
    clock: Clock,
    identity: Identity,
    kept: Cache<Arc<str>, Arc<Kept>>,
}

/// What a handler says of a page that is the same for everybody.
#[derive(Clone, Debug)]
pub(super) struct Keeping {
    pub made_of: MadeOf,
    /// The last moment at which it is as it is; `None`: time changes nothing on it.
    pub until: Option<Millis>,
}

/// Put into a request whose answer may be kept: under which address, and what it was known to be read after.
#[derive(Clone)]
struct Ticket {
    pages: Pages,
    address: Arc<str>,
    since: Moment,
}

/// One page, as it was at one moment.
struct Kept {
    since: Moment,
    keeping: Keeping,
    /// How the site was called and where it was.
    site: Arc<Known>,
    /// The log names the route, which is not looked for again.
    route: Route,
    tag: HeaderValue,
    html: Bytes,
    /// Compressed when somebody takes it so for the first time.
    gzip: OnceLock<Bytes>,
}

impl Pages {
    pub fn new(db: Db, clock: Clock, identity: Identity) -> Self {
        let weight = |address: &Arc<str>, page: &Arc<Kept>| {
            // With room for the compressed bytes, which are a fifth or so.
            u32::try_from(address.len() + page.html.len() + page.html.len() / 4 + 256).unwrap_or(u32::MAX)
        };
        Self { db, clock, identity, kept: Cache::builder().max_capacity(MOST_BYTES).weigher(weight).build() }
    }

    /// Follows what other processes change.
    pub fn start(&self, jobs: &mut Jobs) {
        let (db, stop) = (self.db.clone(), jobs.stop());
        jobs.spawn(async move {
            let cursor = tokio::sync::Mutex::new(None);
            // Its own writes are noted as they are made: it need not be woken.
            repeat("pages", stop, &Notify::new(), LOOK_EVERY, || async {
                let mut cursor = cursor.lock().await;
                *cursor = Some(db.look(*cursor).await?);
                Ok::<_, DbError>(Progress::Idle)
            })
            .await;
        });
    }

    fn find(&self, address: &str) -> Option<Arc<Kept>> {
        let page = self.kept.get(address)?;
        let holds = self.db.fresh().holds(page.since, &page.keeping.made_of)
            && page.keeping.until.is_none_or(|until| self.clock.now() <= until)
            && *page.site == *self.identity.now();
        holds.then_some(page)
    }
}

/// Middleware, outside of everything that finds out who asks: answers with a page that is kept and holds, or lets the
/// request through and says that its answer may be kept.
pub async fn serve(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if let (true, Some(pages)) = (is_anybodys(request.request()), request.app_data::<Data<Pages>>()) {
        let address = request.uri().path_and_query().map_or("/", |address| address.as_str());
        if let Some(page) = pages.find(address) {
            request.extensions_mut().insert(page.route.clone());
            let mut answer = page.answer(request.headers());
            answer.headers_mut().insert(CACHE_STATUS, HeaderValue::from_static("answerwell; hit"));
            return Ok(request.into_response(answer));
        }
        let (pages, address) = (pages.get_ref().clone(), Arc::from(address));
        let since = pages.db.fresh().now();
        request.extensions_mut().insert(Ticket { pages, address, since });
    }
    next.call(request).await.map(ServiceResponse::map_into_boxed_body)
}

/// Whether everybody who asks so is answered with the same bytes.
fn is_anybodys(request: &HttpRequest) -> bool {
    let headers = request.headers();
    let names_somebody = |line: &HeaderValue| {
        // One that cannot be read might.
        line.to_str().map_or(true, |line| line.contains(SESSION_COOKIE) || line.contains(GUEST_COOKIE))
    };
    request.method() == Method::GET
        && !headers.get_all(header::COOKIE).any(names_somebody)
        && !headers.get(header::ACCEPT).is_some_and(|accept| accept.as_bytes().starts_with(b"application/json"))
        && request.uri().path_and_query().is_none_or(|address| address.as_str().len() <= LONGEST_ADDRESS)
}

/// Keeps a page that was just made, if its request may leave one, and answers with it. `tag`: its ETag.
pub(super) fn keep(
    request: &HttpRequest,
    keeping: &Keeping,
    html: &str,
    tag: &str,
) -> Result<Option<HttpResponse>, Error> {
    let Some(Ticket { pages, address, since }) = request.extensions_mut().remove::<Ticket>() else { return Ok(None) };
    let tag = HeaderValue::from_str(tag).map_err(|error| Error::Internal(format!("an ETag was refused: {error}")))?;
    let page = Arc::new(Kept {
        since,
        keeping: keeping.clone(),
        site: pages.identity.now(),
        route: Route::of(&route(request)),
        tag,
        html: Bytes::copy_from_slice(html.as_bytes()),
        gzip: OnceLock::new(),
    });
    let answer = page.answer(request.headers());
    pages.kept.insert(address, page);
    Ok(Some(answer))
}

impl Kept {
    fn answer(&self, asked: &HeaderMap) -> HttpResponse {
        let known = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        let is_known = known.is_some_and(|known| names(known, self.tag.to_str().unwrap_or_default()));
        let status = if is_known { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
        let mut answer = HttpResponse::build(status);
        answer
            .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-cache")))
            .insert_header((header::VARY, HeaderValue::from_static("Cookie, Accept-Encoding")))
            .insert_header((header::ETAG, self.tag.clone()));
        if is_known {
            return answer.finish();
        }
        answer.insert_header((header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")));
        let zipped = takes_gzip(asked).then(|| self.gzip.get_or_init(|| compress(&self.html)));
        match zipped.filter(|zipped| !zipped.is_empty()) {
            Some(zipped) => {
                answer.insert_header((header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))).body(zipped.clone())
            }
            None => answer.body(self.html.clone()),
        }
    }
}

/// Whether a list of ETags names this one.
pub(super) fn names(list: &str, tag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    list.split(',').any(|one| bare(one) == bare(tag))
}

/// Whether the client takes gzip: named, and not refused by a weight of nothing.
fn takes_gzip(asked: &HeaderMap) -> bool {
    let Some(line) = asked.get(header::ACCEPT_ENCODING).and_then(|line| line.to_str().ok()) else { return false };
    line.split(',').any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        let refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.trim().parse::<f32>() == Ok(0.0));
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

/// Empty where it could not be done, which memory alone can prevent.
fn compress(html: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(html.len() / 4), LEVEL);
    let done = encoder.write_all(html).and_then(|()| encoder.finish());
    done.map(Bytes::from).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_for_those_who_take_it() {
        for (line, takes) in [
            ("gzip", true),
            ("br, gzip;q=0.5", true),
            ("deflate,GZIP", true),
            ("gzip;q=0", false),
            ("gzip; q=0.0", false),
            ("br", false),
            ("x-gzip-like", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(line));
            assert_eq!(takes_gzip(&headers), takes, "{line}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn a_tag_is_known_weak_or_strong_and_among_others() {
        assert!(names("W/\"ab\"", "\"ab\"") && names("\"x\", \"ab\"", "W/\"ab\"") && !names("\"abc\"", "\"ab\""));
    }
}
