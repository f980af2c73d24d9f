//! How calls end at a twin's door when something goes wrong on order: lost, held, late, strange; and the list of calls.
//!
//! What an answer looks like, and faults that only one network has, are the twin's own business.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Mutex;
use std::time::Duration;

use actix_web::body::BodyStream;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, HttpResponseBuilder, web};
use serde::Serialize;

use super::faults::{Fault, FaultKind, Faults, Held, Release};
use super::locked;
use crate::clock::{Clock, Millis};

/// How many calls the page and the tests can look back on.
const CALLS_KEPT: usize = 2_000;

/// What an endpoint of a twin says.
pub(super) trait Answers {
    fn status(&self) -> u16;
    /// Status and headers.
    fn head(&self) -> HttpResponseBuilder;
    fn body(&self) -> Vec<u8>;
}

/// How a call ends.
pub(super) enum Ending<A> {
    Answered(A),
    /// With a clock that is so many seconds ahead.
    Ahead(A, u64),
    /// Byte by byte, over so many seconds.
    Dripped(A, u64),
    Html(u16),
    Huge,
    /// Sent to this path inside the reader's own network.
    Elsewhere(String),
    Dropped,
}

impl<A: Answers> Ending<A> {
    /// As it is noted: status 0 is a dropped connection.
    pub fn status(&self) -> u16 {
        match self {
            Self::Answered(answer) | Self::Ahead(answer, _) | Self::Dripped(answer, _) => answer.status(),
            Self::Html(status) => *status,
            Self::Huge => 200,
            Self::Elsewhere(_) => 302,
            Self::Dropped => 0,
        }
    }

    pub fn respond(self) -> HttpResponse {
        match self {
            Self::Answered(answer) => answer.head().body(answer.body()),
            Self::Ahead(answer, seconds) => {
                let now = u64::try_from(Clock::Real.now().0).unwrap_or_default();
                let date = std::time::UNIX_EPOCH + Duration::from_millis(now) + Duration::from_secs(seconds);
                let mut response = answer.head();
                response.insert_header(("date", actix_web::http::header::HttpDate::from(date).to_string()));
                response.body(answer.body())
            }
            Self::Dripped(answer, seconds) => {
                let body = drip(answer.body(), Duration::from_secs(seconds));
                answer.head().body(BodyStream::new(body))
            }
            Self::Html(status) => HttpResponse::build(StatusCode::from_u16(status).unwrap_or_default())
                .content_type("text/html; charset=utf-8")
                .body("<!doctype html><title>Please wait</title><p>Something in between answers with a page instead of the API."),
            Self::Huge => HttpResponse::Ok().content_type("application/json").streaming(huge()),
            Self::Elsewhere(path) => {
                HttpResponse::Found().insert_header(("location", format!("http://10.0.0.1{path}"))).finish()
            }
            Self::Dropped => dropped(),
        }
    }
}

/// Lets a call go through, or lets happen to it what both networks can do to a call. `call` says what is held; other
/// faults do nothing.
pub(super) async fn meet<A, F>(faults: &Mutex<Faults>, fault: Option<Fault>, call: Held, carry_out: F) -> Ending<A>
where
    F: AsyncFnOnce() -> A,
{
    let seconds = |usual| fault.as_ref().and_then(|fault| fault.seconds).unwrap_or(usual);
    match fault.as_ref().map(|fault| fault.kind) {
        Some(FaultKind::Html) => Ending::Html(200),
        Some(FaultKind::HtmlError) => Ending::Html(502),
        Some(FaultKind::HugeBody) => Ending::Huge,
        Some(FaultKind::Redirect) => Ending::Elsewhere(call.path),
        Some(FaultKind::WrongClock) => Ending::Ahead(carry_out().await, seconds(7_200)),
        Some(FaultKind::SlowDrip) => Ending::Dripped(carry_out().await, seconds(60)),
        Some(FaultKind::DropBefore) => Ending::Dropped,
        Some(FaultKind::DropAfter) => {
            carry_out().await;
            Ending::Dropped
        }
        Some(at @ FaultKind::HoldBefore) => match hold(faults, Held { at, ..call }).await {
            Release::GoOn => Ending::Answered(carry_out().await),
            Release::Drop => Ending::Dropped,
        },
        Some(at @ FaultKind::HoldAfter) => {
            let answer = carry_out().await;
            match hold(faults, Held { at, ..call }).await {
                Release::GoOn => Ending::Answered(answer),
                Release::Drop => Ending::Dropped,
            }
        }
        Some(FaultKind::Slow) => {
            let answer = carry_out().await;
            tokio::time::sleep(Duration::from_secs(seconds(5))).await;
            Ending::Answered(answer)
        }
        Some(_) | None => Ending::Answered(carry_out().await),
    }
}

/// Holds a request until it is let go, one way or the other.
pub(super) async fn hold(faults: &Mutex<Faults>, held: Held) -> Release {
    let released = locked(faults).hold(held);
    released.await.unwrap_or(Release::Drop)
}

/// A call that was answered, or whose connection was dropped (status 0).
#[derive(Clone, Debug, Serialize)]
pub(super) struct Call {
    pub at: Millis,
    pub method: String,
    pub path: String,
    pub query: String,
    pub status: u16,
}

/// The latest calls, oldest first.
#[derive(Default)]
pub(super) struct Calls(VecDeque<Call>);

impl Calls {
    pub fn note(&mut self, call: Call) {
        if self.0.len() == CALLS_KEPT {
            self.0.pop_front();
        }
        self.0.push_back(call);
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Call> {
        self.0.iter()
    }
}

/// A body that takes so long to arrive.
fn drip(body: Vec<u8>, time: Duration) -> impl futures_util::Stream<Item = Result<web::Bytes, Infallible>> {
    let pause = time / u32::try_from(body.len().max(1)).unwrap_or(u32::MAX);
    futures_util::stream::unfold(body.into_iter(), move |mut rest| async move {
        let byte = rest.next()?;
        tokio::time::sleep(pause).await;
        Some((Ok(web::Bytes::copy_from_slice(&[byte])), rest))
    })
}

/// 100 MB that begin like an answer.
pub(super) fn huge() -> impl futures_util::Stream<Item = Result<web::Bytes, Infallible>> {
    let begin = web::Bytes::from_static(br#"{"data":[{"id":"1","text":""#);
    let rest = web::Bytes::from(vec![b'a'; 1 << 20]);
    let all = std::iter::once(begin).chain(std::iter::repeat_n(rest, 100));
    futures_util::stream::iter(all.map(Ok))
}

/// Ends the connection without a byte: the body fails before the head has left the buffer.
fn dropped() -> HttpResponse {
    let broken = std::io::Error::new(std::io::ErrorKind::ConnectionAborted, "the twin drops this connection");
    let body = futures_util::stream::once(std::future::ready(Err::<web::Bytes, _>(broken)));
    HttpResponse::Ok().body(BodyStream::new(body))
}
