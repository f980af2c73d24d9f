//! A form that writes a post is carried out once, however often its button is pressed.
//!
//! The form carries a one-use submission id. Together with what was typed it names the act: the same form sent again
//! lands where the first one did, while the same page sent with another text is another post.

use std::convert::Infallible;

use sha2::{Digest, Sha256};

use super::Error;
use super::form::{Kept, earlier_submission, note_submission};
use crate::clock::Millis;
use crate::db::{Db, DbError, Tx};

/// Runs `work` (which returns the place where the person should land) unless this very form was carried out before, and
/// returns the place. Where the database is busy the form is kept.
pub async fn post_once<W>(db: &Db, form: Kept, now: Millis, work: W) -> Result<String, Error>
where
    W: FnOnce(&mut Tx<'_>) -> Result<String, Error> + Send + 'static,
{
    match try_once(db, form, now, move |tx| work(tx).map(Ok::<_, Infallible>)).await? {
        Ok(place) => Ok(place),
        Err(never) => match never {},
    }
}

/// As [`post_once`], for work that may find that the form must be shown again: what it returns as inner error comes out
/// again, and nothing is written.
pub async fn try_once<T, W>(db: &Db, form: Kept, now: Millis, work: W) -> Result<Result<String, T>, Error>
where
    T: Send + 'static,
    W: FnOnce(&mut Tx<'_>) -> Result<Result<String, T>, Error> + Send + 'static,
{
    let act = name_of(&form);
    let named = act.clone();
    let done = db
        .write(move |tx| {
            if let Some(place) = earlier_submission(tx, &named)? {
                return Ok(place);
            }
            let place = work(tx)?.map_err(Failure::Refused)?;
            match note_submission(tx, &named, &place, now) {
                Err(error) if error.is_unique_violation() => Err(Failure::Raced),
                other => other.map(|()| place).map_err(Failure::from),
            }
        })
        .await;
    let failure = match done {
        Ok(place) => return Ok(Ok(place)),
        Err(Failure::Other(error)) if !matches!(error, Error::Busy { .. }) => return Err(error),
        Err(failure) => failure,
    };
    // Two at the same moment: this one was undone, the other has a place by now.
    match db.write(move |tx| earlier_submission(tx, &act)).await {
        Ok(Some(place)) => return Ok(Ok(place)),
        Ok(None) | Err(DbError::Busy) => {}
        Err(error) => return Err(error.into()),
    }
    match failure {
        Failure::Refused(why) => Ok(Err(why)),
        Failure::Raced | Failure::Other(_) => Err(Error::Busy { kept: Some(form) }),
    }
}

/// The place where this very form landed when it was sent before: for steps that would ask something back first, which a
/// second press of the button must not meet.
pub async fn landed(db: &Db, form: &Kept) -> Result<Option<String>, DbError> {
    let act = name_of(form);
    db.read(move |conn| earlier_submission(conn, &act)).await
}

enum Failure<T> {
    Raced,
    Refused(T),
    Other(Error),
}

impl<T> From<Error> for Failure<T> {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl<T> From<DbError> for Failure<T> {
    fn from(error: DbError) -> Self {
        Self::Other(error.into())
    }
}

impl<T> From<diesel::result::Error> for Failure<T> {
    fn from(error: diesel::result::Error) -> Self {
        Self::Other(error.into())
    }
}

/// The name of the act; empty for a form without submission id, which is then carried out each time.
fn name_of(form: &Kept) -> String {
    if !form.fields.iter().any(|(name, value)| name == "submission" && !value.is_empty()) {
        return String::new();
    }
    let mut digest = Sha256::new();
    digest.update(&form.path);
    for (name, value) in &form.fields {
        // Lengths keep one field from reading as another.
        digest.update(format!("\n{}:{}:", name.len(), value.len()));
        digest.update(name);
        digest.update(value);
    }
    digest.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_form_is_the_same_act_and_another_text_is_another() {
        let act = |body: &str| name_of(&Kept::read("/ask", body.as_bytes()));
        assert_eq!(act("title=a&submission=1"), act("title=a&submission=1"));
        assert_ne!(act("title=a&submission=1"), act("title=b&submission=1"));
        assert_ne!(act("title=a&submission=1"), act("title=a&submission=2"));
        assert_ne!(act("a=bc&submission=1"), act("ab=c&submission=1"));
        assert_eq!(act("title=a&submission="), "");
        assert_eq!(act("title=a"), "");
    }
}
