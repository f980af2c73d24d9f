//! Recovery codes: what gets somebody in whose phone is gone. Shown once; only their hashes are stored. Pure but for the
//! random numbers.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::web::Error;

const COUNT: usize = 10;
/// Each letter holds five bits: sixty are more than anybody tries.
const LETTERS: usize = 12;
/// Without those that are read as another: 0 and o, 1 and l.
const ALPHABET: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";

/// New codes, as in `k7wd-2mzq-x4ra`.
pub(super) fn new() -> Result<Vec<String>, Error> {
    let mut bytes = [0u8; COUNT * LETTERS];
    getrandom::fill(&mut bytes).map_err(|error| Error::Internal(format!("no random numbers: {error}")))?;
    let letter = |byte: &u8| char::from(ALPHABET[usize::from(byte % 32)]);
    let code =
        |part: &[u8]| part.chunks(4).map(|group| group.iter().map(letter).collect::<String>()).collect::<Vec<_>>();
    Ok(bytes.chunks(LETTERS).map(|part| code(part).join("-")).collect())
}

/// What was typed, as it is compared: without spaces and dashes, in small letters.
pub(super) fn plain(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// As it is stored. `code`: as [`plain`] gives it.
pub(super) fn hash(code: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(format!("recovery code {code}").as_bytes()))
}

/// Whether this is a code of a phone, and not one of ours.
pub(super) fn is_of_a_phone(plain: &str) -> bool {
    plain.len() == 6 && plain.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_many_and_none_is_another() {
        let codes = new().unwrap();
        assert_eq!(codes.len(), COUNT);
        assert!(codes.iter().all(|code| code.len() == LETTERS + 2 && plain(code).len() == LETTERS), "{codes:?}");
        let distinct: std::collections::HashSet<String> = codes.iter().map(|code| hash(&plain(code))).collect();
        assert_eq!(distinct.len(), COUNT);
        assert!(codes.iter().all(|code| !is_of_a_phone(&plain(code))));
    }

    #[test]
    fn a_code_may_be_typed_as_people_type() {
        assert_eq!(plain(" K7WD 2mzq-X4RA "), "k7wd2mzqx4ra");
        assert!(is_of_a_phone(&plain("123 456")) && !is_of_a_phone(&plain("1234567")) && !is_of_a_phone(""));
    }
}
