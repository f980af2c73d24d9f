//! Making an account: the checks, the handle, the hash, the row. Used by sign-up, the command line and the demo.

use super::words;
use super::{Hasher, MemberId, Role, password, store};
use crate::app::App;
use crate::clock::{Clock, Millis};
use crate::db::{Db, DbError, Tx};
use crate::web::{Error, Problems};

/// Long enough that guessing is hopeless even where nothing slows it down; longer ones are cut by nobody.
const SHORTEST_PASSWORD: usize = 8;
const LONGEST_PASSWORD: usize = 200;
/// Characters of a member's name.
pub const LONGEST_NAME: usize = 60;

pub struct NewAccount {
    pub name: String,
    pub email: String,
    pub password: String,
    /// What this person is, as in "Network engineer"; may be empty.
    pub title: String,
    pub role: Role,
}

/// Makes the account, or says what is wrong with it. Whoever makes one for somebody knows their address.
pub async fn create(app: &App, account: NewAccount) -> Result<Result<MemberId, Problems>, Error> {
    create_in(&app.db, &app.hasher, &app.clock, account).await
}

/// As [`create`], for those who have no whole app: the command line.
pub async fn create_in(
    db: &Db,
    hasher: &Hasher,
    clock: &Clock,
    account: NewAccount,
) -> Result<Result<MemberId, Problems>, Error> {
    let checked = match check(db, hasher, account).await? {
        Ok(checked) => checked,
        Err(problems) => return Ok(Err(problems)),
    };
    let now = clock.now();
    match db.write(move |tx| checked.insert_confirmed(tx, now)).await {
        Ok(id) => Ok(Ok(id)),
        Err(error) if error.is_unique_violation() => Ok(Err(taken())),
        Err(error) => Err(error.into()),
    }
}

/// An account that may be made: its fields are right, and its password is hashed.
pub struct Checked {
    name: String,
    email: String,
    title: String,
    role: Role,
    password_hash: String,
}

impl Checked {
    /// Makes the account, for those who write more in the same transaction; its address is still to be confirmed. A unique
    /// violation: see [`taken`].
    pub fn insert(&self, tx: &mut Tx<'_>, now: Millis) -> Result<MemberId, DbError> {
        self.insert_as(tx, None, now)
    }

    /// As [`Self::insert`], of somebody whose address is known to be theirs.
    pub fn insert_confirmed(&self, tx: &mut Tx<'_>, now: Millis) -> Result<MemberId, DbError> {
        self.insert_as(tx, Some(now), now)
    }

    fn insert_as(&self, tx: &mut Tx<'_>, confirmed_at: Option<Millis>, now: Millis) -> Result<MemberId, DbError> {
        let new = store::NewMember {
            handle: free_handle(tx, &self.name)?,
            name: self.name.clone(),
            email: self.email.clone(),
            title: self.title.clone(),
            role: self.role,
            password_hash: self.password_hash.clone(),
            confirmed_at,
            created_at: now,
        };
        store::insert_member(tx, &new)
    }
}

/// Checks an account, or says what is wrong with it.
pub async fn check(db: &Db, hasher: &Hasher, account: NewAccount) -> Result<Result<Checked, Problems>, Error> {
    let mut problems = Problems::default();
    let name = check_name(&mut problems, &account.name);
    let email = problems.text("email", words::YOUR_EMAIL, &account.email, 200);
    check_email(&mut problems, "email", &email);
    check_password(&mut problems, &account.password, &[&email, &name]);
    let asked = email.clone();
    if problems.of("email").is_none() && db.read(move |conn| store::email_is_taken(conn, &asked)).await? {
        problems.add("email", words::EMAIL_TAKEN);
    }
    if !problems.is_empty() {
        return Ok(Err(problems));
    }
    let password_hash = hasher.hash(account.password).await?;
    Ok(Ok(Checked { name, email, title: account.title, role: account.role, password_hash }))
}

/// Two sign-ups at the same moment: the later one is told what [`check`] would have said.
pub fn taken() -> Problems {
    let mut problems = Problems::default();
    problems.add("email", words::EMAIL_TAKEN);
    problems
}

/// Gives a member a new password and ends all sessions. `without_second`: their second factor ends, too. `false`: nobody
/// has this e-mail address.
pub async fn reset_password(
    db: &Db,
    email: &str,
    new: &str,
    without_second: bool,
) -> Result<Result<bool, Problems>, Error> {
    let mut problems = Problems::default();
    check_password(&mut problems, new, &[email]);
    if !problems.is_empty() {
        return Ok(Err(problems));
    }
    let hash = password::hash(new)?;
    let email = email.to_owned();
    let done = db
        .write(move |tx| {
            let Some((id, _)) = store::find_for_sign_in(tx, &email)? else { return Ok::<_, DbError>(false) };
            store::set_password(tx, id, &hash)?;
            if without_second {
                store::second::turn_off(tx, id)?;
            }
            Ok(true)
        })
        .await?;
    Ok(Ok(done))
}

/// Adds, at the field `password`, why this is no good one. `about`: what others know of its owner.
pub fn check_password(problems: &mut Problems, password: &str, about: &[&str]) {
    let length = password.chars().count();
    if length < SHORTEST_PASSWORD {
        problems.add("password", words::password_too_short(SHORTEST_PASSWORD));
    } else if length > LONGEST_PASSWORD {
        problems.add("password", words::password_too_long(LONGEST_PASSWORD));
    } else if is_easy(password, about) {
        problems.add("password", words::PASSWORD_TOO_EASY);
    }
}

/// Whether a machine guesses it in its first million tries, which are the ones that brakes do not keep from anybody with
/// many addresses.
fn is_easy(password: &str, about: &[&str]) -> bool {
    let parts: Vec<&str> = about
        .iter()
        .flat_map(|text| text.split(['@', '.', ' ', '+', '-', '_']).chain(text.split('@').next()).chain([*text]))
        .collect();
    // Its time grows with the square of the length, and nothing that long is guessed by its beginning alone.
    let beginning: String = password.chars().take(60).collect();
    u8::from(zxcvbn::zxcvbn(&beginning, &parts).score()) < 2
}

/// The name of a member, on one line.
pub fn check_name(problems: &mut Problems, name: &str) -> String {
    problems.text("name", "Your name", name, LONGEST_NAME).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Adds what is wrong with an address, unless something is known to be.
pub fn check_email(problems: &mut Problems, field: &'static str, email: &str) {
    if problems.of(field).is_none() && !looks_like_email(email) {
        problems.add(field, words::NO_EMAIL);
    }
}

fn looks_like_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    !local.is_empty()
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ','))
}

/// A handle made from the name: letters and digits, with a number where it is taken.
pub(super) fn free_handle(tx: &mut Tx<'_>, name: &str) -> Result<String, DbError> {
    let stem = stem(name);
    let taken = store::list_handles(tx, &stem)?;
    if !taken.contains(&stem) {
        return Ok(stem);
    }
    let free = (2..).map(|number| format!("{stem}{number}")).find(|handle| !taken.contains(handle));
    Ok(free.unwrap_or(stem))
}

/// The handle that a name would have if nobody else had it.
pub(super) fn stem(name: &str) -> String {
    let stem: String = name.chars().flat_map(char::to_lowercase).filter(char::is_ascii_alphanumeric).take(20).collect();
    if stem.is_empty() { "member".to_owned() } else { stem }
}

/// When an account was made, for content that is older than its import. Kept out of `create`: only the demo needs it.
pub fn backdate(tx: &mut Tx<'_>, id: MemberId, created_at: Millis) -> Result<(), DbError> {
    store::set_created_at(tx, id, created_at)
}
