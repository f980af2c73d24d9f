//! People who are counted: members by their account, guests by a random name in a signed cookie. The cookie is set only when
//! a guest says something that is counted, and tells nothing else about them.
//!
//! Owns no table. What a person said is kept by the slice that asks them.

use std::fmt;
use std::net::IpAddr;
use std::sync::OnceLock;
use std::time::Duration;

use actix_web::cookie::{Cookie, SameSite, time};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};

use super::words;
use super::{Member, MemberId, Viewer, sign_in, token};
use crate::app::App;
use crate::brakes::{self, Limit};
use crate::clock::Millis;
use crate::db::Tx;
use crate::secret::{Key, KeyPlace};
use crate::web::Error;
use crate::web::cache::GUEST_COOKIE;

const PURPOSE: &str = "guest";
const LIFETIME: time::Duration = time::Duration::days(400);
/// New guests from one address: behind it may sit a school. More are one person who counts themselves.
const NEW_FROM_ADDRESS: Limit = Limit { free: 40, pause: Duration::from_secs(60), longest: Duration::from_secs(3_600) };

/// Signs the names of guests.
pub struct Guests {
    place: KeyPlace,
    known: OnceLock<Key>,
}

impl Guests {
    pub fn new(place: KeyPlace) -> Self {
        Self { place, known: OnceLock::new() }
    }

    /// The key of this installation, made with the first guest.
    fn key(&self) -> Result<&Key, Error> {
        if let Some(key) = self.known.get() {
            return Ok(key);
        }
        let key = self.place.find_or_make().map_err(|error| Error::Internal(error.to_string()))?;
        Ok(self.known.get_or_init(|| key))
    }

    /// The name in a cookie that we gave out; `None` for any other. Where there is no key yet, we gave out none.
    fn read(&self, cookie: &str) -> Option<String> {
        let (name, signature) = cookie.split_once('.')?;
        let key = match self.known.get() {
            Some(key) => key,
            None => {
                let found = self.place.find().ok()?;
                self.known.get_or_init(|| found)
            }
        };
        key.is_signed(PURPOSE, name, signature).then(|| name.to_owned())
    }

    fn sign(&self, name: &str) -> Result<String, Error> {
        Ok(format!("{name}.{}", self.key()?.sign(PURPOSE, name)))
    }
}

/// One person, as the tables name them: `member-4`, `guest-k3…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Person {
    Member(MemberId),
    Guest(String),
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(id) => write!(f, "member-{id}"),
            Self::Guest(name) => write!(f, "guest-{name}"),
        }
    }
}

/// Whoever looks at a page, as far as they were counted before: costs a stranger nothing.
pub struct Known(pub Option<Person>);

impl FromRequest for Known {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let member = Viewer::from_request(request, payload).into_inner().ok().and_then(|viewer| viewer.id());
        let known = member.map(Person::Member).or_else(|| guest(request).map(Person::Guest));
        std::future::ready(Ok(Self(known)))
    }
}

fn guest(request: &HttpRequest) -> Option<String> {
    let cookie = request.cookie(GUEST_COOKIE)?;
    request.app_data::<web::Data<App>>()?.guests.read(cookie.value())
}

/// Whoever says something that is counted: a member who may write, or a guest, known or new.
#[derive(Clone, Debug)]
pub struct Counted {
    person: Person,
    /// Not seen before, from this address.
    new_from: Option<Option<IpAddr>>,
}

impl FromRequest for Counted {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let member = Member::from_request(request, payload).into_inner();
        std::future::ready(match member {
            Ok(member) => Ok(Self { person: Person::Member(member.id), new_from: None }),
            Err(Error::SignIn { .. }) => match guest(request) {
                Some(name) => Ok(Self { person: Person::Guest(name), new_from: None }),
                None => token::new().map(|name| Self {
                    person: Person::Guest(name[..22].to_owned()),
                    new_from: Some(sign_in::address(request)),
                }),
            },
            Err(error) => Err(error),
        })
    }
}

impl Counted {
    pub fn member(&self) -> Option<MemberId> {
        match self.person {
            Person::Member(id) => Some(id),
            Person::Guest(_) => None,
        }
    }

    /// Refuses a new guest where too many came from the same address: each would count as a person.
    pub fn brake(&self, tx: &mut Tx<'_>, now: Millis) -> Result<(), Error> {
        let Some(Some(address)) = self.new_from else { return Ok(()) };
        let until = brakes::try_once(tx, &brakes::of_address("guest", address), NEW_FROM_ADDRESS, now)?;
        until.map_or(Ok(()), |until| {
            let wait = brakes::wait_in_words(until, now);
            Err(Error::Forbidden(words::too_many_guests(&wait)))
        })
    }

    /// The answer with the cookie by which a new guest is known again.
    pub fn known_from_now_on(&self, app: &App, mut answer: HttpResponse) -> Result<HttpResponse, Error> {
        if let (Person::Guest(name), Some(_)) = (&self.person, self.new_from) {
            let cookie = Cookie::build(GUEST_COOKIE, app.guests.sign(name)?)
                .path("/")
                .http_only(true)
                .same_site(SameSite::Lax)
                .secure(app.identity.now().is_https())
                .max_age(LIFETIME)
                .finish();
            answer.add_cookie(&cookie).map_err(|error| Error::Internal(format!("a cookie was refused: {error}")))?;
        }
        Ok(answer)
    }
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.person.fmt(f)
    }
}
