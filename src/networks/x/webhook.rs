//! Proof that a webhook comes from X, and that we are who X thinks: both HMAC-SHA256 with the app's consumer secret.
//!
//! Pure, and over the raw bytes: a body that was parsed and written again has another signature.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::secret::Secret;

/// The answer to a challenge: `{"response_token":"sha256=…"}`.
pub fn crc(secret: &Secret, token: &str) -> String {
    let signature = STANDARD.encode(mac(secret, token.as_bytes()).finalize().into_bytes());
    serde_json::json!({ "response_token": format!("sha256={signature}") }).to_string()
}

/// Compares in constant time; anything that is not `sha256=` and base64 is simply wrong. Without a secret everything is:
/// anybody could sign with nothing.
pub fn verify(secret: &Secret, signature: Option<&str>, raw: &[u8]) -> bool {
    if secret.expose().is_empty() {
        return false;
    }
    let Some(encoded) = signature.and_then(|value| value.trim().strip_prefix("sha256=")) else { return false };
    let Ok(claimed) = STANDARD.decode(encoded) else { return false };
    mac(secret, raw).verify_slice(&claimed).is_ok()
}

fn mac(secret: &Secret, message: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).expect("HMAC takes keys of any length");
    mac.update(message);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_answered_as_x_expects() {
        assert_eq!(
            crc(&Secret::new("consumer_secret"), "challenge_string"),
            r#"{"response_token":"sha256=v1WdiCVwy17uGTMWveHGlqQXN/qW1bQraNXXByRO2YA="}"#
        );
    }

    #[test]
    fn only_the_right_signature_over_the_right_bytes_is_right() {
        let secret = Secret::new("consumer_secret");
        // The known pair again: a signature is made like the answer to a challenge.
        let right = "sha256=v1WdiCVwy17uGTMWveHGlqQXN/qW1bQraNXXByRO2YA=";
        let cases = [
            (Some(right), "challenge_string", true),
            (Some(right), "challenge_string ", false),
            (Some(&right[..30]), "challenge_string", false),
            (Some("sha256=v2WdiCVwy17uGTMWveHGlqQXN/qW1bQraNXXByRO2YA="), "challenge_string", false),
            (Some("v1WdiCVwy17uGTMWveHGlqQXN/qW1bQraNXXByRO2YA="), "challenge_string", false),
            (Some("sha256=not base64 ♥"), "challenge_string", false),
            (Some("sha256="), "challenge_string", false),
            (Some(""), "challenge_string", false),
            (None, "challenge_string", false),
        ];
        for (signature, body, expected) in cases {
            assert_eq!(verify(&secret, signature, body.as_bytes()), expected, "{signature:?} over {body:?}");
        }
        assert!(!verify(&Secret::new("other"), Some(right), b"challenge_string"));
    }

    #[test]
    fn without_a_secret_nothing_is_signed() {
        let empty = Secret::new("");
        let signature = format!("sha256={}", STANDARD.encode(mac(&empty, b"body").finalize().into_bytes()));
        assert!(!verify(&empty, Some(&signature), b"body"));
    }
}
