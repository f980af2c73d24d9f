//! Our app on X: what belongs to it and not to one account of ours - the secrets that sign webhooks, and the keys with
//! which accounts are connected.

use super::webhook;
use crate::secret::Secret;

/// The keys of our app, as X's console names them.
#[derive(Clone, Debug)]
pub struct AppKeys {
    pub client_id: String,
    /// None: the app is a public client.
    pub client_secret: Option<Secret>,
    /// "API key".
    pub consumer_key: Secret,
    /// "API key secret": signs webhooks.
    pub consumer_secret: Secret,
    /// While the consumer secret is rotated, X may sign with either.
    pub earlier_consumer_secret: Option<Secret>,
    /// The app's own token, for public reads and for webhooks.
    pub bearer_token: Option<Secret>,
}

impl AppKeys {
    /// The JSON body that answers X's challenge `GET hook?crc_token=TOKEN`.
    pub fn crc(&self, token: &str) -> String {
        webhook::crc(&self.consumer_secret, token)
    }

    /// Whether `raw` was signed with our secret: `signature` is the value of `SIGNATURE_HEADER`, `raw` the body as it
    /// arrived, byte for byte.
    pub fn verify(&self, signature: Option<&str>, raw: &[u8]) -> bool {
        let earlier = self.earlier_consumer_secret.as_ref();
        webhook::verify(&self.consumer_secret, signature, raw)
            || earlier.is_some_and(|secret| webhook::verify(secret, signature, raw))
    }
}
