//! What is proven with the app's secret: our calls, Meta's webhooks, and that our address is ours. Pure.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::networks::{AppKeys, NoProof, Proof};
use crate::secret::Secret;

/// The header that carries the signature of a webhook's body.
pub const SIGNATURE_HEADER: &str = "x-hub-signature-256";

/// What the token is made from that an administrator copies into Meta's dashboard.
const HOOK_PHRASE: &[u8] = b"answerwell: the verify token of our webhook";
/// Longest challenge that is answered, in bytes; Meta's are ten digits.
const LONGEST_CHALLENGE: usize = 100;

/// Proves that whoever shows a token knows the app's secret.
pub fn of_token(secret: &Secret, token: &Secret) -> String {
    hex(mac(secret, token.expose().as_bytes()))
}

/// Whether `raw` was signed with a secret of ours: `sha256=` and the HMAC in hexadecimal digits.
pub fn is_genuine(keys: &AppKeys, signature: Option<&str>, raw: &[u8]) -> bool {
    let claimed = signature.and_then(|text| text.trim().strip_prefix("sha256=")).and_then(unhex);
    let Some(claimed) = claimed else { return false };
    // Nothing is signed without a secret.
    let known = secrets(keys).filter(|secret| !secret.expose().is_empty());
    known.fold(false, |fine, secret| fine | mac(secret, raw).verify_slice(&claimed).is_ok())
}

/// The token by which Meta shows, when it asks whether our address is ours, that our administrator told it.
pub fn hook_token(secret: &Secret) -> String {
    hex(mac(secret, HOOK_PHRASE))
}

/// The answer to Meta's question whether our address is ours.
pub fn prove(keys: &AppKeys, query: &[(String, String)]) -> Result<Proof, NoProof> {
    let one = |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let (Some("subscribe"), Some(token), Some(challenge)) =
        (one("hub.mode"), one("hub.verify_token"), one("hub.challenge"))
    else {
        return Err(NoProof::NotAChallenge);
    };
    // Whatever is said back is said by this site: plain letters and digits cannot be anything else.
    let plain = challenge.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !plain || !(1..=LONGEST_CHALLENGE).contains(&challenge.len()) {
        return Err(NoProof::NotAChallenge);
    }
    let claimed = unhex(token).ok_or(NoProof::Stranger)?;
    let told = secrets(keys).fold(false, |told, secret| told | mac(secret, HOOK_PHRASE).verify_slice(&claimed).is_ok());
    if told { Ok(Proof { media_type: "text/plain", body: challenge.to_owned() }) } else { Err(NoProof::Stranger) }
}

fn secrets(keys: &AppKeys) -> impl Iterator<Item = &Secret> {
    std::iter::once(&keys.signing_secret).chain(&keys.earlier_signing_secret)
}

fn mac(secret: &Secret, message: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).expect("HMAC takes keys of any length");
    mac.update(message);
    mac
}

fn hex(mac: Hmac<Sha256>) -> String {
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    if text.len() != 64 {
        return None;
    }
    text.as_bytes().chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(earlier: Option<&str>) -> AppKeys {
        AppKeys {
            client_id: "1".to_owned(),
            client_secret: None,
            api_key: None,
            signing_secret: Secret::new("appsecret"),
            earlier_signing_secret: earlier.map(Secret::new),
            app_token: None,
            may_answer_late: false,
        }
    }

    #[test]
    fn a_token_is_proven_as_meta_does() {
        let known = "7a883a4518f67854cd5b8f7b707be17aa3950f4edb66ef1acd1e5c7b9dcf1ebc";
        assert_eq!(of_token(&Secret::new("appsecret"), &Secret::new("pagetoken")), known);
    }

    #[test]
    fn only_the_right_signature_over_the_right_bytes_is_right() {
        let right = "sha256=7a883a4518f67854cd5b8f7b707be17aa3950f4edb66ef1acd1e5c7b9dcf1ebc";
        let upper = "sha256=7A883A4518F67854CD5B8F7B707BE17AA3950F4EDB66EF1ACD1E5C7B9DCF1EBC";
        let cases = [
            (Some(right), "pagetoken", true),
            (Some(upper), "pagetoken", true),
            (Some(right), "pagetoken ", false),
            (Some(&right[..40]), "pagetoken", false),
            (Some(&right[7..]), "pagetoken", false),
            (Some("sha1=7a883a4518f67854cd5b8f7b707be17aa3950f4e"), "pagetoken", false),
            (Some("sha256="), "pagetoken", false),
            (Some("sha256=ännä"), "pagetoken", false),
            (Some(""), "pagetoken", false),
            (None, "pagetoken", false),
        ];
        for (signature, body, expected) in cases {
            assert_eq!(is_genuine(&keys(None), signature, body.as_bytes()), expected, "{signature:?} over {body:?}");
        }
        let mut rotated = keys(Some("appsecret"));
        rotated.signing_secret = Secret::new("newer");
        assert!(is_genuine(&rotated, Some(right), b"pagetoken"), "signed with the earlier secret");
        rotated.earlier_signing_secret = None;
        assert!(!is_genuine(&rotated, Some(right), b"pagetoken"));
        let none = AppKeys { signing_secret: Secret::new(""), ..keys(None) };
        let signed = format!("sha256={}", hex(mac(&none.signing_secret, b"body")));
        assert!(!is_genuine(&none, Some(&signed), b"body"), "without a secret nothing is signed");
    }

    #[test]
    fn a_challenge_is_answered_to_who_was_told_the_token() {
        let token = hook_token(&Secret::new("appsecret"));
        let ask = |mode: &str, token: &str, challenge: &str| {
            let pairs = [("hub.mode", mode), ("hub.verify_token", token), ("hub.challenge", challenge)];
            let query: Vec<_> = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            prove(&keys(None), &query).map(|proof| (proof.media_type, proof.body))
        };
        assert_eq!(ask("subscribe", &token, "1158201444"), Ok(("text/plain", "1158201444".to_owned())));
        let long = "1".repeat(101);
        for (mode, token, challenge, expected) in [
            ("subscribe", "guess", "1", NoProof::Stranger),
            ("subscribe", "", "1", NoProof::Stranger),
            ("subscribe", &"0".repeat(64), "1", NoProof::Stranger),
            ("unsubscribe", &token, "1", NoProof::NotAChallenge),
            ("subscribe", &token, "", NoProof::NotAChallenge),
            ("subscribe", &token, "<script>", NoProof::NotAChallenge),
            ("subscribe", &token, &long, NoProof::NotAChallenge),
        ] {
            assert_eq!(ask(mode, token, challenge), Err(expected), "{mode} {token} {challenge}");
        }
        assert_eq!(prove(&keys(None), &[]), Err(NoProof::NotAChallenge));
    }
}
