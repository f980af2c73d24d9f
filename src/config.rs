//! Configuration: a TOML file and environment variables become checked values, once, at the start.
//!
//! One struct per concern. A value that cannot work is refused here with the name of the setting, so that nothing
//! further in has to doubt it. Secrets are wrapped and never printed.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::db::Place;
use crate::mail::{Relay, Security, Way};
pub use crate::networks::FacebookPlace;
pub use crate::networks::x::XPlace;
use crate::secret::{Key, Secret};
use crate::web::client::Proxies;

/// The environment variable that holds the key of the secrets in the database.
const SECRET_KEY: &str = "ANSWERWELL_SECRET_KEY";

#[derive(Debug, Clone)]
pub struct Config {
    pub site: Site,
    pub server: Server,
    pub database: Place,
    /// The folder of the search index, and of the SQLite database unless it is set elsewhere.
    pub data: PathBuf,
    pub bridge: Bridge,
    pub mail: Way,
    /// Opens the secrets in the database; without it the key lies in a file of the data folder.
    pub secret_key: Option<Key>,
    pub x: XPlace,
    pub facebook: FacebookPlace,
}

#[derive(Debug, Clone)]
pub struct Site {
    pub name: String,
    /// The public address, without a trailing slash.
    pub address: String,
    /// Verifying one's own answer is refused unless the site has a single staff member.
    pub single_staff: bool,
    pub demo: bool,
}

#[derive(Debug, Clone)]
pub struct Server {
    pub bind: SocketAddr,
    pub workers: usize,
    /// Who may say on whose behalf a request comes.
    pub trusted_proxies: Proxies,
}

/// Ten readings of private messages in X's window of 15 minutes leave some for long conversations.
pub const LEAST_BETWEEN_MESSAGES: Duration = Duration::from_secs(90);

const LONGEST_UNDO_WINDOW: Duration = Duration::from_secs(600);

/// The times that keep replies from being lost or doubled.
#[derive(Debug, Clone)]
pub struct Bridge {
    /// How long one HTTP call to a network may take.
    pub send_timeout: Duration,
    /// How long a worker owns what it claimed; longer than `send_timeout`.
    pub lease: Duration,
    /// How long a network may take to show us our own new post. Not seen by then is no proof of absence.
    pub read_back_lag: Duration,
    pub poll_every: Duration,
    /// The same for private messages, of which X lets itself be asked 15 times in 15 minutes.
    pub read_messages_every: Duration,
    /// How long staff may take back what they wrote before it leaves; zero: it leaves at once.
    pub undo_window: Duration,
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file or the environment is not what it should be; the text names the setting and where it stands.
    #[error("the settings cannot be read: {0}")]
    Unreadable(#[from] config::ConfigError),
    /// A value that cannot work.
    #[error("the setting {setting}: {problem}")]
    Setting { setting: String, problem: String },
}

impl Config {
    /// Reads `file` (or `answerwell.toml` here, if it is there) and then the environment: `ANSWERWELL_SITE__NAME` sets
    /// `name` of `[site]`.
    pub fn read(file: Option<&Path>) -> Result<Self, ConfigError> {
        Self::from_sources(file, std::env::vars_os())
    }

    fn from_sources(
        file: Option<&Path>,
        environment: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let readable =
            environment.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        // Others beside settings begin like them: ANSWERWELL_LOG, ANSWERWELL_CONFIG.
        let (settings, others): (Vec<_>, Vec<_>) = readable.partition(|(name, _)| name.contains("__"));
        let secret_key = others.into_iter().find(|(name, _)| name == SECRET_KEY).map(|(_, text)| read_key(&text));
        let mut source = config::Config::builder();
        source = match file {
            Some(file) => source.add_source(config::File::from(file).format(config::FileFormat::Toml)),
            None => source.add_source(config::File::new("answerwell.toml", config::FileFormat::Toml).required(false)),
        };
        // Never parsed by their looks: a token of digits is a text, and its zeros count.
        let environment = config::Environment::with_prefix("ANSWERWELL").prefix_separator("_").separator("__");
        source = source.add_source(environment.source(Some(settings.into_iter().collect())));
        let checked = source.build()?.try_deserialize::<Raw>()?.checked()?;
        Ok(Self { secret_key: secret_key.transpose()?, ..checked })
    }
}

fn read_key(text: &str) -> Result<Key, ConfigError> {
    let problem = "is no key: it must be 32 bytes in base64, as `openssl rand -base64 32` writes them";
    Key::parse(text).ok_or_else(|| ConfigError::Setting { setting: SECRET_KEY.to_owned(), problem: problem.to_owned() })
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Raw {
    site: RawSite,
    server: RawServer,
    database: RawDatabase,
    data: RawData,
    bridge: RawBridge,
    x: Option<serde::de::IgnoredAny>,
    facebook: RawFacebook,
    mail: RawMail,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct RawMail {
    server: Option<String>,
    port: Option<u16>,
    security: Option<String>,
    user: Option<String>,
    password: Option<Secret>,
    from: Option<String>,
}

impl RawMail {
    /// Where mail goes. `Err`: the name of a setting and what is wrong with it.
    fn checked(self, site: &str) -> Result<Way, (&'static str, String)> {
        let Some(host) = self.server else {
            return match self.from {
                Some(_) => Err(("mail.server", "is missing: mail.from alone sends nothing".to_owned())),
                None => Ok(Way::None),
            };
        };
        let security = match self.security.as_deref() {
            None | Some("starttls") => Security::StartTls,
            Some("tls") => Security::Tls,
            Some("none") => Security::None,
            Some(other) => return Err(("mail.security", format!("{other:?} is none of tls, starttls, none"))),
        };
        let usual = match security {
            Security::Tls => 465,
            Security::StartTls => 587,
            Security::None => 25,
        };
        let from = self
            .from
            .ok_or(("mail.from", "is missing: who do mails come from? As in Acme Help <help@acme.com>".to_owned()))?;
        let from = from
            .parse()
            .map_err(|_| ("mail.from", format!("{from:?} is no sender such as Acme Help <help@acme.com>")))?;
        let account = match (self.user, self.password) {
            (Some(user), Some(password)) => Some((user, password)),
            (None, None) => None,
            _ => return Err(("mail.user", "and mail.password belong together: one of them is missing".to_owned())),
        };
        let us = site.split("://").nth(1).and_then(|rest| rest.split([':', '/']).next()).unwrap_or("localhost");
        let relay = Relay { host, port: self.port.unwrap_or(usual), security, account, us: us.to_owned() };
        Ok(Way::Server { relay, from })
    }
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct RawSite {
    name: Option<String>,
    address: Option<String>,
    single_staff: bool,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct RawServer {
    bind: Option<String>,
    workers: Option<usize>,
    trusted_proxies: Option<List>,
}

/// Several values: a list in the file, separated by commas in the environment.
#[derive(Deserialize)]
#[serde(untagged)]
enum List {
    One(String),
    Many(Vec<String>),
}

impl List {
    fn parts(&self) -> Vec<&str> {
        match self {
            Self::One(text) => text.split(',').collect(),
            Self::Many(list) => list.iter().map(String::as_str).collect(),
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct RawDatabase {
    url: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct RawData {
    folder: Option<PathBuf>,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct RawBridge {
    send_timeout_seconds: Option<u64>,
    lease_seconds: Option<u64>,
    read_back_lag_seconds: Option<u64>,
    poll_seconds: Option<u64>,
    undo_window_seconds: Option<u64>,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct RawFacebook {
    version: Option<String>,
}

impl Raw {
    fn checked(self) -> Result<Config, ConfigError> {
        let refuse = |setting: &str, problem: String| ConfigError::Setting { setting: setting.to_owned(), problem };
        let bind = self.server.bind.unwrap_or_else(|| "127.0.0.1:8080".to_owned());
        let bind: SocketAddr = bind
            .parse()
            .map_err(|_| refuse("server.bind", format!("{bind:?} is no address such as 127.0.0.1:8080")))?;
        let address = self.site.address.unwrap_or_else(|| format!("http://{bind}")).trim_end_matches('/').to_owned();
        if !address.starts_with("https://") && !address.starts_with("http://") {
            return Err(refuse(
                "site.address",
                format!("{address:?} must begin with https:// (or http:// for a trial)"),
            ));
        }
        let data = self.data.folder.unwrap_or_else(|| PathBuf::from("data"));
        let database = match self.database.url {
            Some(url) => Place::parse(&url).map_err(|problem| refuse("database.url", problem))?,
            None => Place::Sqlite(data.join("answerwell.db")),
        };
        let seconds = |value: Option<u64>, default| Duration::from_secs(value.unwrap_or(default));
        let bridge = Bridge {
            send_timeout: seconds(self.bridge.send_timeout_seconds, 10),
            lease: seconds(self.bridge.lease_seconds, 30),
            read_back_lag: seconds(self.bridge.read_back_lag_seconds, 120),
            poll_every: seconds(self.bridge.poll_seconds, 60),
            read_messages_every: seconds(self.bridge.poll_seconds, 60).saturating_mul(2).max(LEAST_BETWEEN_MESSAGES),
            undo_window: seconds(self.bridge.undo_window_seconds, 10),
        };
        if bridge.undo_window > LONGEST_UNDO_WINDOW {
            let problem = "may be at most 600: customers wait for what staff have written".to_owned();
            return Err(refuse("bridge.undo_window_seconds", problem));
        }
        if bridge.lease <= bridge.send_timeout {
            let problem =
                "must be longer than bridge.send_timeout_seconds: a send must end before its lease".to_owned();
            return Err(refuse("bridge.lease_seconds", problem));
        }
        if bridge.send_timeout.is_zero() || bridge.poll_every.is_zero() {
            return Err(refuse("bridge", "send_timeout_seconds and poll_seconds must be at least 1".to_owned()));
        }
        if self.x.is_some() {
            let problem = "accounts are no longer connected by settings. Take the section [x] (and every ANSWERWELL_X__ \
                           variable) out, start the server, and connect X on the page Channels as an administrator";
            return Err(refuse("x", problem.to_owned()));
        }
        let mut facebook = FacebookPlace::default();
        if let Some(version) = self.facebook.version {
            if !is_graph_version(&version) {
                let problem = format!("{version:?} is no version of the Graph API, such as v25.0");
                return Err(refuse("facebook.version", problem));
            }
            facebook.version = version;
        }
        let mail = self.mail.checked(&address).map_err(|(setting, problem)| refuse(setting, problem))?;
        let workers = self.server.workers.unwrap_or(2).clamp(1, 64);
        let proxies = self.server.trusted_proxies.as_ref().map(List::parts).unwrap_or_default();
        let trusted_proxies = Proxies::parse(proxies).map_err(|problem| refuse("server.trusted_proxies", problem))?;
        Ok(Config {
            site: Site {
                name: self.site.name.unwrap_or_else(|| "Answerwell".to_owned()),
                address,
                single_staff: self.site.single_staff,
                demo: false,
            },
            server: Server { bind, workers, trusted_proxies },
            database,
            data,
            bridge,
            mail,
            secret_key: None,
            x: XPlace::default(),
            facebook,
        })
    }
}

/// A version of Facebook's Graph API, as in `v25.0`.
fn is_graph_version(text: &str) -> bool {
    let is_number = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = text.strip_prefix('v').and_then(|rest| rest.split_once('.'));
    parts.is_some_and(|(major, minor)| is_number(major) && is_number(minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &[(&str, &str)]) -> Result<Config, String> {
        let settings = settings.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
        Config::from_sources(None, settings).map_err(|error| error.to_string())
    }

    #[test]
    fn the_environment_is_taken_word_for_word() {
        let key = format!("{}=", "A".repeat(43));
        let mut settings = vec![("ANSWERWELL_SERVER__WORKERS", "3"), ("ANSWERWELL_SITE__SINGLE_STAFF", "true")];
        settings.extend([("ANSWERWELL_SERVER__TRUSTED_PROXIES", "127.0.0.1,10.0.0.0/8")]);
        settings.extend([("ANSWERWELL_LOG", "debug"), ("ANSWERWELL_SITE__NAME", "0012"), ("PATH", "/bin")]);
        settings.extend([("ANSWERWELL_SECRET_KEY", key.as_str()), ("ANSWERWELL_FACEBOOK__VERSION", "v26.0")]);
        let config = read(&settings).unwrap();
        assert_eq!((config.server.workers, config.site.single_staff), (3, true));
        assert_eq!(config.server.trusted_proxies, Proxies::parse(["127.0.0.1", "10.0.0.0/8"]).unwrap());
        assert_eq!((config.site.name.as_str(), config.secret_key), ("0012", Key::parse(&key)));
        assert_eq!((config.x.base_url.as_str(), config.facebook.version.as_str()), ("https://api.x.com", "v26.0"));
    }

    #[test]
    fn what_cannot_work_is_named() {
        for (name, value, said) in [
            ("ANSWERWELL_SITE__NAM", "Acme", "nam"),
            ("ANSWERWELL_SERVER__WORKERS", "two", "server.workers"),
            ("ANSWERWELL_SERVER__BIND", "here", "server.bind"),
            ("ANSWERWELL_SITE__ADDRESS", "help.acme.com", "site.address"),
            ("ANSWERWELL_SERVER__TRUSTED_PROXIES", "127.0.0.1, proxy.example", "server.trusted_proxies"),
            ("ANSWERWELL_DATABASE__URL", "mysql://db", "database.url"),
            ("ANSWERWELL_BRIDGE__LEASE_SECONDS", "5", "bridge.lease_seconds"),
            ("ANSWERWELL_BRIDGE__UNDO_WINDOW_SECONDS", "601", "bridge.undo_window_seconds"),
            ("ANSWERWELL_X__HANDLE", "acme", "the page Channels"),
            ("ANSWERWELL_FACEBOOK__VERSION", "25", "facebook.version"),
            ("ANSWERWELL_FACEBOOK__BASE_URL", "https://127.0.0.1", "base_url"),
            ("ANSWERWELL_MAIL__FROM", "help@acme.com", "mail.server"),
            ("ANSWERWELL_MAIL__SERVER", "mail.acme.com", "mail.from"),
            ("ANSWERWELL_SECRET_KEY", "hunter2", "openssl rand"),
        ] {
            let error = read(&[(name, value)]).unwrap_err();
            assert!(error.contains(said), "{name}={value}: {error}");
        }
    }
}
