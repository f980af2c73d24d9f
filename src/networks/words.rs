//! What people read of every network alike. No rule, no query.

use std::fmt::Display;

// What a network lets us do at an endpoint: "X does not let us … now"
pub const READ_MENTIONS: &str = "read mentions";
pub const READ_OWN_POSTS: &str = "read our own posts";
pub const LOOK_UP_POSTS: &str = "look up posts";
pub const LOOK_UP_PEOPLE: &str = "look up people";
pub const CHECK_THE_ACCOUNT: &str = "check the account";
pub const POST_REPLIES: &str = "post replies";
pub const DELETE_POSTS: &str = "delete posts";
pub const UPLOAD_PICTURES: &str = "upload pictures";
pub const DESCRIBE_PICTURES: &str = "describe pictures";
pub const READ_PRIVATE_MESSAGES: &str = "read private messages";
pub const SEND_PRIVATE_MESSAGES: &str = "send private messages";
pub const FETCH_PRIVATE_PICTURES: &str = "fetch pictures of private messages";
pub const CHECK_THE_CONNECTION: &str = "check the connection";

// What is looked at about a connection
pub const SECRETS: &str = "Secrets";
pub const APP_KEYS: &str = "App keys";
pub const APP_TOKEN: &str = "App token";
pub const WEBHOOK: &str = "Webhook";
pub const ACCESS: &str = "Access";
pub const RENEWAL: &str = "Renewal";
pub const PERMISSIONS: &str = "Permissions";
pub const EVENTS: &str = "Events";

// What a network does not do
pub const BY_HAND: &str = "The network lets people answer this post, but not its API.";

pub fn could_not_be_asked(network: &str, failure: impl Display) -> String {
    format!("{network} could not be asked ({failure}). It is tried again within minutes.")
}

// Why there was no answer
pub const REDIRECTED_NOWHERE: &str = "redirected without a usable address";

pub fn too_many_redirects(most: usize) -> String {
    format!("more than {most} redirects")
}

pub fn not_fetched(address: &str, why: &str) -> String {
    format!("{address} is not fetched: {why}")
}

pub const ONLY_HTTPS: &str = "only https addresses are";
pub const USER_NAME: &str = "it carries a user name";
pub const NO_HOST: &str = "it names no host";
pub const UNUSABLE_TOKEN: &str = "the configured access token holds characters that no header may hold";

pub fn bytes(bytes: usize) -> String {
    format!("{bytes} bytes")
}

pub fn kilobytes(kilo: usize) -> String {
    format!("{kilo} KB")
}

pub fn megabytes(mega: usize) -> String {
    format!("{mega} MB")
}

pub fn answer_longer_than(size: &str) -> String {
    format!("the answer is longer than {size}")
}

pub const PRIVATE_ADDRESS: &str = "it leads to a private or reserved address";
pub const NO_CONNECTION_IN_TIME: &str = "no connection could be made in time";
pub const NO_ANSWER_IN_TIME: &str = "no answer came in time";
pub const NAME_NOT_LOOKED_UP: &str = "its name could not be looked up";
pub const NO_CONNECTION: &str = "no connection could be made";
pub const NO_REQUEST: &str = "the request could not be put together";
pub const CONNECTION_ENDED: &str = "the connection ended before the answer was whole";
