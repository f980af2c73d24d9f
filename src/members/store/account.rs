//! What members know and change of their own accounts.

use diesel::prelude::*;

use super::{email_key, shut_out};
use crate::clock::Millis;
use crate::db::schema::member;
use crate::db::{Conn, DbError, Tx};
use crate::members::{Label, MemberId, Role, photo_place};
use crate::web::markdown::CleanHtml;

/// How somebody who left is called.
const FORMER: &str = "Former member";

/// An account as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Account {
    pub id: MemberId,
    pub handle: String,
    pub name: String,
    pub email: String,
    pub title: String,
    /// Markdown.
    pub bio: String,
    pub role: Role,
    pub confirmed_at: Option<Millis>,
    /// Since when a second factor is asked for; `None`: it is not.
    pub second_since: Option<Millis>,
    pub created_at: Millis,
    /// The name of their photo among the files.
    pub photo: Option<String>,
}

impl Account {
    /// The address of their photo; empty: there is none.
    pub fn photo_place(&self) -> String {
        photo_place(self.photo.as_deref())
    }
}

/// [`DbError::is_not_found`]: there is no such account.
pub fn load_account(conn: &mut Conn, id: MemberId) -> Result<Account, DbError> {
    let columns = (
        member::id,
        member::handle,
        member::name,
        member::email,
        member::title,
        member::bio,
        member::role,
        member::confirmed_at,
        member::totp_since,
        member::created_at,
        member::photo,
    );
    Ok(member::table.find(id).select(columns).first(conn)?)
}

/// The hash of a member's password, to ask for it once more.
pub(in crate::members) fn load_password(conn: &mut Conn, id: MemberId) -> Result<String, DbError> {
    Ok(member::table.find(id).select(member::password_hash).first(conn)?)
}

/// A new password for whoever had the one whose hash was `seen`; the session with the mark `kept` goes on. `false`: it was
/// changed meanwhile.
pub(in crate::members) fn change_password(
    tx: &mut Tx<'_>,
    id: MemberId,
    (seen, new): (&str, &str),
    kept: Option<&str>,
) -> Result<bool, DbError> {
    let row = member::table.find(id).filter(member::password_hash.eq(seen));
    if diesel::update(row).set(member::password_hash.eq(new)).execute(&mut **tx)? == 0 {
        return Ok(false);
    }
    shut_out(tx, id, kept)?;
    Ok(true)
}

/// Gives an account another address. A unique violation: somebody else has it.
pub(in crate::members) fn set_email(
    tx: &mut Tx<'_>,
    id: MemberId,
    email: &str,
    confirmed_at: Option<Millis>,
) -> Result<(), DbError> {
    diesel::update(member::table.find(id))
        .set((member::email.eq(email), member::email_key.eq(email_key(email)), member::confirmed_at.eq(confirmed_at)))
        .execute(&mut **tx)?;
    Ok(())
}

/// What everybody reads of a member on their page, beside their card.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Profile {
    /// Only [`CleanHtml`] is ever stored here.
    pub bio_html: String,
    pub created_at: Millis,
}

pub fn load_profile(conn: &mut Conn, id: MemberId) -> Result<Profile, DbError> {
    Ok(member::table.find(id).select((member::bio_html, member::created_at)).first(conn)?)
}

/// What a member says of themselves.
#[derive(Clone, Debug)]
pub struct NewProfile {
    pub name: String,
    pub title: String,
    /// Markdown.
    pub bio: String,
    pub bio_html: CleanHtml,
}

/// Takes what a member says of themselves, if it is still as it was `seen`. `false`: it was changed meanwhile.
pub fn save_profile(tx: &mut Tx<'_>, seen: &Account, new: &NewProfile) -> Result<bool, DbError> {
    let row = member::table
        .find(seen.id)
        .filter(member::name.eq(&seen.name))
        .filter(member::title.eq(&seen.title))
        .filter(member::bio.eq(&seen.bio));
    let saved = diesel::update(row)
        .set((
            member::name.eq(&new.name),
            member::title.eq(&new.title),
            member::bio.eq(&new.bio),
            member::bio_html.eq(new.bio_html.as_str()),
        ))
        .execute(&mut **tx)?;
    tx.shown_everywhere();
    Ok(saved == 1)
}

/// Gives a member another label, if they still have the one that was `seen`. `false`: they do not.
pub fn set_label(tx: &mut Tx<'_>, id: MemberId, seen: Option<Label>, label: Option<Label>) -> Result<bool, DbError> {
    let row = member::table.find(id).filter(member::left_at.is_null());
    tx.shown_everywhere();
    let done = match seen {
        Some(seen) => {
            diesel::update(row.filter(member::label.eq(seen))).set(member::label.eq(label)).execute(&mut **tx)?
        }
        None => diesel::update(row.filter(member::label.is_null())).set(member::label.eq(label)).execute(&mut **tx)?,
    };
    Ok(done == 1)
}

/// Forgets who a member was. What they wrote stays, and names nobody.
pub fn erase(tx: &mut Tx<'_>, id: MemberId, now: Millis) -> Result<(), DbError> {
    // No address has this form, and no handle that is made of a name.
    let nobody = format!("left-{id}");
    diesel::update(member::table.find(id))
        .set((
            (member::handle.eq(&nobody), member::email_key.eq(&nobody), member::email.eq("")),
            (member::name.eq(FORMER), member::title.eq(""), member::bio.eq(""), member::bio_html.eq("")),
            (member::photo.eq(None::<String>), member::label.eq(None::<Label>), member::password_hash.eq("")),
            (member::confirmed_at.eq(None::<Millis>), member::mail_key.eq(None::<String>)),
            member::left_at.eq(Some(now)),
        ))
        .execute(&mut **tx)?;
    tx.shown_everywhere();
    super::second::turn_off(tx, id)?;
    super::one_time::forget_all(tx, id)?;
    super::sessions::end_others(tx, id, "")
}

/// Shows another photo, by its name among the files; `None`: none.
pub fn set_photo(tx: &mut Tx<'_>, id: MemberId, name: Option<&str>) -> Result<(), DbError> {
    diesel::update(member::table.find(id)).set(member::photo.eq(name)).execute(&mut **tx)?;
    tx.shown_everywhere();
    Ok(())
}
