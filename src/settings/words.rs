//! Every sentence that this slice says to people. No rule, no query.

pub const NAME: &str = "The name of the site";
pub const NAME_ON_ONE_LINE: &str = "The name of the site must stand on one line.";
pub const ADDRESS: &str = "The public address";
pub const ADDRESS_NOT_WHOLE: &str = "The address must be whole, as in https://help.acme.com.";
pub const ADDRESS_WITHOUT_HTTPS: &str = "The address must begin with https:// (or http:// for a trial).";
pub const ADDRESS_WITHOUT_HOST: &str = "The address needs a host, as in https://help.acme.com.";
pub const ADDRESS_WITH_A_NAME: &str = "The address must not hold a name or a password.";

pub fn address_not_on_top(host: &str) -> String {
    format!(
        "The site must stand at the top of its host: leave out what follows {host}, or give it a host of its own, as \
         in https://help.acme.com."
    )
}
