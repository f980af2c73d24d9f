//! What a handler returns when it has no page to show, and how that becomes a page or JSON.
//!
//! Use the variant that tells the person what to do; `Internal` is for what only an administrator can mend: its text
//! goes to the log and never to the page. Slices convert their own errors into this at the edge.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};

use super::form::Kept;
use super::words;
use crate::db::DbError;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("not found")]
    NotFound,
    /// It was here and is not any more; says by whom or why.
    #[error("gone: {0}")]
    Gone(String),
    #[error("forbidden: {0}")]
    Forbidden(String),
    /// As `Forbidden`, of somebody who wrote before they learned of it. Their words are on the page, to be copied; there is
    /// no button to send them again.
    #[error("forbidden: {why}")]
    Barred { why: String, kept: Kept },
    /// Says what is wrong with the request and how to mend it.
    #[error("bad request: {0}")]
    BadRequest(String),
    /// The session is missing or over. What was posted is kept through the sign-in.
    #[error("sign in first")]
    SignIn { kept: Option<Kept> },
    #[error("too large: {0}")]
    TooLarge(String),
    #[error("method not allowed")]
    Method,
    /// Nothing was done; the same request may be sent again. What was posted is kept on the page.
    #[error("busy")]
    Busy { kept: Option<Kept> },
    #[error("internal: {0}")]
    Internal(String),
}

impl Error {
    /// The stable code of this error in JSON answers.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Gone(_) => "gone",
            Self::Forbidden(_) | Self::Barred { .. } => "forbidden",
            Self::BadRequest(_) => "bad_request",
            Self::SignIn { .. } => "sign_in",
            Self::TooLarge(_) => "too_large",
            Self::Method => "method_not_allowed",
            Self::Busy { .. } => "busy",
            Self::Internal(_) => "internal",
        }
    }

    pub fn title(&self) -> &'static str {
        match self {
            Self::NotFound => words::NOT_FOUND,
            Self::Gone(_) => words::GONE,
            Self::Forbidden(_) | Self::Barred { .. } => words::FORBIDDEN,
            Self::BadRequest(_) => words::BAD_REQUEST,
            Self::SignIn { .. } => words::SIGN_IN,
            Self::TooLarge(_) => words::TOO_LARGE,
            Self::Method => words::METHOD,
            Self::Busy { .. } => words::BUSY,
            Self::Internal(_) => words::INTERNAL,
        }
    }

    /// For the person: what happened, what was kept, what to do next.
    pub fn advice(&self) -> String {
        match self {
            Self::NotFound => words::NOT_FOUND_ADVICE.to_owned(),
            Self::Gone(why) => why.clone(),
            Self::Forbidden(why) | Self::Barred { why, .. } | Self::BadRequest(why) | Self::TooLarge(why) => {
                why.clone()
            }
            Self::SignIn { .. } => words::SIGN_IN_ADVICE.to_owned(),
            Self::Method => words::METHOD_ADVICE.to_owned(),
            Self::Busy { .. } => words::BUSY_ADVICE.to_owned(),
            Self::Internal(_) => words::INTERNAL_ADVICE.to_owned(),
        }
    }

    pub fn kept(&self) -> Option<&Kept> {
        match self {
            Self::SignIn { kept } | Self::Busy { kept } => kept.as_ref(),
            Self::Barred { kept, .. } => Some(kept),
            _ => None,
        }
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Gone(_) => StatusCode::GONE,
            Self::Forbidden(_) | Self::Barred { .. } => StatusCode::FORBIDDEN,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::SignIn { .. } => StatusCode::UNAUTHORIZED,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Only the status: the guard puts the page or the JSON around it, since it knows who asks.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        HttpResponse::new(self.status_code())
    }
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        if error.is_not_found() {
            return Self::NotFound;
        }
        match error {
            DbError::Busy => Self::Busy { kept: None },
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        DbError::from(error).into()
    }
}

impl From<askama::Error> for Error {
    fn from(error: askama::Error) -> Self {
        Self::Internal(format!("a page or a mail could not be rendered: {error}"))
    }
}
