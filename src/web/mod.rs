//! The web platform: how any slice takes a request and answers with a page, a redirect or an error.
//!
//! Owns the page frame, error pages, forms, assets, Markdown, and the checks that every request passes. Knows no slice
//! and no table: who is signed in is told to it by the members slice.

pub mod assets;
pub mod cache;
pub mod client;
pub mod error;
pub mod form;
pub mod frame;
pub mod guard;
pub mod identity;
pub mod markdown;
mod number;
pub mod once;
#[cfg(test)]
mod templates;
pub mod theme;
pub mod upload;
pub mod words;

pub use error::Error;
pub use form::{Form, Problems};
pub use frame::{Frame, Page, Person, Shell, redirect};
pub use identity::Identity;
pub use number::grouped;
