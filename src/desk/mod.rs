//! The desk: what waits for staff, and verification - who vouches for which revision of an answer, on what evidence, for
//! which scope, until when.
//!
//! Owns the table `verification`. Sends nothing itself: it hands the bridge a text and a target in the transaction that
//! writes the verification.

pub mod view;

use crate::db::id_type;

id_type!(
    /// The id of a verification.
    VerificationId
);
