//! Accounts of people who wrote on another site, made when its content is brought over: they have no e-mail address and no
//! password, so nobody signs in as them, and whoever signs up under the same name is somebody else.

use super::create::free_handle;
use super::{MemberId, store};
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::web::markdown::CleanHtml;

/// Somebody from elsewhere.
#[derive(Clone, Debug)]
pub struct Imported {
    pub name: String,
    /// Where they come from and which they are there, once in this forum: stands where others have their address.
    pub key: String,
    /// What makes their handle their own where another has it already.
    pub number: String,
    /// Markdown.
    pub bio: String,
    pub bio_html: CleanHtml,
    /// Since when they were there.
    pub created_at: Millis,
}

/// Makes the account.
pub fn insert(tx: &mut Tx<'_>, new: &Imported) -> Result<MemberId, DbError> {
    let stem = super::create::stem(&new.name);
    let numbered: String = format!("{stem}{}", new.number);
    let handle = match (store::has_handle(tx, &stem)?, store::has_handle(tx, &numbered)?) {
        (false, _) => stem,
        (true, false) => numbered,
        (true, true) => free_handle(tx, &numbered)?,
    };
    store::insert_imported(tx, &handle, new)
}

/// Makes the account of nobody who is known any more, as of those who left.
pub fn insert_former(tx: &mut Tx<'_>, key: String, now: Millis) -> Result<MemberId, DbError> {
    let bio_html = crate::web::markdown::to_html("");
    let nobody = Imported {
        name: "former".to_owned(),
        key,
        number: String::new(),
        bio: String::new(),
        bio_html,
        created_at: now,
    };
    let id = insert(tx, &nobody)?;
    super::erase(tx, id, now)?;
    Ok(id)
}
