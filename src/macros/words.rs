//! Every sentence that this slice says to people. No rule, no query.

pub fn taken(name: &str, lang: &str) -> String {
    format!("There is a macro {name:?} in {lang:?} already. Change that one, or choose another name.")
}

pub const NO_LANGUAGE: &str = "This is no language. Write its code of two or three letters, such as en, de or pt.";

pub fn no_placeholder(unknown: &str, known: &str) -> String {
    format!("{unknown} is no placeholder. There are {known}.")
}

pub const CHANGED_MEANWHILE: &str =
    "A colleague changed this text meanwhile. Read theirs below; saving again replaces it.";
pub const DELETED_MEANWHILE: &str = "A colleague deleted this text meanwhile. Saving makes it anew.";
