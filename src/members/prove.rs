//! Asking for the password once more, before what a stranger at an open browser must not do. Braked like the sign-in.

use std::time::Duration;

use super::words;
use super::{MemberId, second, store};
use crate::app::App;
use crate::brakes::{self, Limit};
use crate::web::{Error, Problems};

const TRIES: Limit = Limit { free: 5, pause: Duration::from_secs(60), longest: Duration::from_secs(3_600) };

/// The hash of the password, if this is it; else `problems` says at `field` why not.
pub(super) async fn password(
    app: &App,
    id: MemberId,
    problems: &mut Problems,
    field: &'static str,
    typed: &str,
) -> Result<Option<String>, Error> {
    if typed.is_empty() {
        problems.add(field, words::PASSWORD_MISSING);
        return Ok(None);
    }
    let (what, now) = (brakes::of_account("password", &id.to_string()), app.clock.now());
    let tried = what.clone();
    if let Some(until) = app.db.write(move |tx| brakes::try_once(tx, &tried, TRIES, now)).await? {
        let wait = brakes::wait_in_words(until, now);
        problems.add(field, words::too_many_attempts(&wait));
        return Ok(None);
    }
    let known = app.db.read(move |conn| store::account::load_password(conn, id)).await?;
    if !app.hasher.verify(typed.to_owned(), Some(known.clone())).await? {
        problems.add(field, words::PASSWORD_WRONG);
        return Ok(None);
    }
    app.db.write(move |tx| brakes::release(tx, &what)).await?;
    Ok(Some(known))
}

/// Asks for all that signs a member in: the password at the field `field`, and where a second factor is on its code at
/// `code`. Returns the hash of the password if both are right; else `problems` says what is wrong.
pub async fn owner(
    app: &App,
    id: MemberId,
    problems: &mut Problems,
    field: &'static str,
    (typed, code): (&str, &str),
) -> Result<Option<String>, Error> {
    // A code is used up only where the password is right, and nothing else is wrong: the next one takes a while.
    let Some(known) = password(app, id, problems, field, typed).await?.filter(|_| problems.is_empty()) else {
        return Ok(None);
    };
    if app.db.read(move |conn| store::second::is_on(conn, id)).await?
        && !second::prove_code(app, id, problems, code).await?
    {
        return Ok(None);
    }
    Ok(Some(known))
}
