//! Sessions: a random token in a cookie, its hash in the database, and the extractors that prove who asks.

use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::USER_AGENT;
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

use super::store::sessions::{self as stored, Device, Holder};
use super::words;
use super::{Admin, AtDesk, Ban, Member, MemberId, Own, Role, Staff, Viewer, token};
use crate::app::App;
use crate::clock::Millis;
use crate::web::client::Client;
use crate::web::form::{Form, Kept, clean};
use crate::web::guard::SESSION_COOKIE;
use crate::web::upload::{File, FormWithFiles, read_fields};
use crate::web::{Error, Person};

const LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);

/// How often it is written down that a session is in use.
const SEEN_EVERY: Duration = Duration::from_secs(15 * 60);
/// Of what a browser calls itself; the rest tells nobody anything.
const LONGEST_AGENT: usize = 400;

/// Begins a session and returns the cookie that carries it. For those who have just shown that they are this member.
pub async fn begin(app: &App, id: MemberId, request: &HttpRequest) -> Result<Cookie<'static>, Error> {
    let token = token::new()?;
    let hash = token::hash(&token);
    let (now, device) = (app.clock.now(), device_of(request));
    app.db.write(move |tx| stored::insert_session(tx, &hash, id, &device, now, now.plus(LIFETIME))).await?;
    let life = actix_web::cookie::time::Duration::seconds(i64::try_from(LIFETIME.as_secs()).unwrap_or(i64::MAX));
    Ok(cookie(app, token).max_age(life).finish())
}

fn device_of(request: &HttpRequest) -> Device {
    let agent = request.headers().get(USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()));
    let address = Client::of(request).and_then(|client| client.address);
    Device {
        agent: clean(&agent.unwrap_or_default()).chars().take(LONGEST_AGENT).collect(),
        address: address.map(|address| address.to_string()).unwrap_or_default(),
    }
}

/// Ends the session of this request, if there is one, and returns the cookie that takes it away.
pub(super) async fn end(app: &App, request: &HttpRequest) -> Result<Cookie<'static>, Error> {
    if let Some(known) = request.cookie(SESSION_COOKIE) {
        let hash = token::hash(known.value());
        app.db.write(move |tx| stored::delete_session(tx, &hash)).await?;
    }
    Ok(no_cookie(app))
}

/// Takes the cookie of a session away.
pub(super) fn no_cookie(app: &App) -> Cookie<'static> {
    let mut gone = cookie(app, String::new()).finish();
    gone.make_removal();
    gone
}

fn cookie(app: &App, value: String) -> actix_web::cookie::CookieBuilder<'static> {
    Cookie::build(SESSION_COOKIE, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.identity.now().is_https())
}

/// What tells one session from another without opening it: for what only the session that began it may finish.
pub fn session_mark(request: &HttpRequest) -> Option<String> {
    request.cookie(SESSION_COOKIE).map(|known| token::hash(known.value()))
}

/// Middleware: finds out who asks, once per request, and tells the frame. Requests without the cookie cost nothing.
pub async fn load_viewer(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let known = request.cookie(SESSION_COOKIE);
    let app = request.app_data::<web::Data<App>>().cloned();
    if let (Some(known), Some(app)) = (known, app) {
        let hash = token::hash(known.value());
        let now = app.clock.now();
        let sought = hash.clone();
        let found = app.db.read(move |conn| stored::find_session(conn, &sought, now)).await;
        let found = match found {
            Ok(found) => found,
            // Answered, not returned as `Err`: only answers get a page around them.
            Err(error) => return Ok(request.error_response(Error::from(error))),
        };
        if let Some(Holder { member, ban, seen_at }) = found {
            if now.since(seen_at) >= SEEN_EVERY {
                see(&app, hash, now);
            }
            let person = Person {
                name: member.name.clone(),
                handle: member.handle.clone(),
                at_desk: member.role.is_at_desk(),
                staff: member.role.is_staff(),
                admin: member.role == Role::Admin,
                unread: 0,
                barred: ban.as_ref().map(Ban::refusal),
            };
            request.extensions_mut().insert(person);
            request.extensions_mut().insert(member);
            if let Some(ban) = ban {
                request.extensions_mut().insert(ban);
            }
        }
    }
    next.call(request).await.map(ServiceResponse::map_into_boxed_body)
}

/// Writes down that a session is in use; nobody waits for it.
fn see(app: &web::Data<App>, hash: String, now: Millis) {
    let app = app.clone();
    actix_web::rt::spawn(async move {
        if let Err(error) = app.db.write(move |tx| stored::see_session(tx, &hash, now)).await {
            tracing::warn!(%error, "it could not be written down that a session is in use");
        }
    });
}

fn signed_in(request: &HttpRequest) -> Option<Member> {
    request.extensions().get::<Member>().cloned()
}

/// Whoever is signed in and may do what the request asks for: a banned member reads, and posts nothing. Only [`Viewer`]
/// does not ask, for what members do with their own things.
fn acting(request: &HttpRequest) -> Result<Member, Error> {
    let member = signed_in(request).ok_or(Error::SignIn { kept: None })?;
    match request.extensions().get::<Ban>() {
        Some(ban) if request.method() != Method::GET => Err(Error::Forbidden(ban.refusal())),
        _ => Ok(member),
    }
}

impl FromRequest for Viewer {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self(signed_in(request))))
    }
}

impl FromRequest for Own {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(signed_in(request).map(Self).ok_or(Error::SignIn { kept: None }))
    }
}

impl FromRequest for Member {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(acting(request))
    }
}

impl FromRequest for AtDesk {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(acting(request).and_then(|member| match member.role {
            role if role.is_at_desk() => Ok(Self(member)),
            _ => Err(staff_only()),
        }))
    }
}

impl FromRequest for Staff {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(acting(request).and_then(|member| match member.role {
            role if role.is_staff() => Ok(Self(member)),
            role if role.is_at_desk() => Err(not_for_trainees()),
            _ => Err(staff_only()),
        }))
    }
}

impl FromRequest for Admin {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(acting(request).and_then(|member| match member.role {
            Role::Admin => Ok(Self(member)),
            _ => Err(admins_only()),
        }))
    }
}

fn admins_only() -> Error {
    Error::Forbidden(words::ONLY_ADMINISTRATORS.to_owned())
}

fn not_for_trainees() -> Error {
    let why = words::DRAFTERS_DRAFT;
    Error::Forbidden(why.to_owned())
}

fn staff_only() -> Error {
    Error::Forbidden(words::ONLY_STAFF.to_owned())
}

fn barred(why: String, kept: Option<Kept>) -> Error {
    match kept {
        Some(kept) => Error::Barred { why, kept },
        None => Error::Forbidden(why),
    }
}

/// A form posted by somebody who must be signed in (`Member`) or staff (`Staff`). Where the session has ended, what was
/// typed goes with the page that asks to sign in again; whoever lost the right to send it meanwhile reads it there, too.
pub struct Posted<Who, T> {
    pub by: Who,
    pub form: T,
    pub kept: Kept,
}

impl<Who, T> FromRequest for Posted<Who, T>
where
    Who: FromRequest<Error = Error> + 'static,
    T: DeserializeOwned + 'static,
{
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let form = Form::<T>::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            // Whoever may not do this learns that, not what is wrong with the form.
            match Who::from_request(&request, &mut Payload::None).await {
                Ok(by) => form.await.map(|Form { value, kept }| Self { by, form: value, kept }),
                Err(Error::SignIn { .. }) => Err(Error::SignIn { kept: form.await.ok().map(|form| form.kept) }),
                Err(Error::Forbidden(why)) => Err(barred(why, form.await.ok().map(|form| form.kept))),
                Err(other) => Err(other),
            }
        })
    }
}

/// As [`Posted`], for a form that may carry files. They do not go with the page that asks to sign in again.
pub struct PostedWithFiles<Who, T> {
    pub by: Who,
    pub form: T,
    pub kept: Kept,
    pub files: Vec<File>,
}

impl<Who, T> FromRequest for PostedWithFiles<Who, T>
where
    Who: FromRequest<Error = Error> + 'static,
    T: DeserializeOwned + 'static,
{
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            match Who::from_request(&request, &mut Payload::None).await {
                Ok(by) => {
                    let FormWithFiles { value, kept, files } =
                        FormWithFiles::from_request(&request, &mut payload).await?;
                    Ok(Self { by, form: value, kept, files })
                }
                // A stranger's files take no memory.
                Err(Error::SignIn { .. }) => {
                    Err(Error::SignIn { kept: read_fields(&request, &mut payload).await.ok() })
                }
                Err(Error::Forbidden(why)) => Err(barred(why, read_fields(&request, &mut payload).await.ok())),
                Err(other) => Err(other),
            }
        })
    }
}
