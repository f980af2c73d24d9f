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
use crate::networks::x::{BASE_URL, WEB_URL};
use crate::secret::Secret;
use crate::web::client::Proxies;

#[derive(Debug, Clone)]
pub struct Config {
    pub site: Site,
    pub server: Server,
    pub database: Place,
    /// The folder of the search index, and of the SQLite database unless it is set elsewhere.
    pub data: PathBuf,
    pub bridge: Bridge,
    pub x: Option<XChannel>,
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
}

/// An account of ours on X, connected by settings.
#[derive(Debug, Clone)]
pub struct XChannel {
    pub account_id: String,
    pub handle: String,
    pub access_token: Secret,
    pub bearer_token: Secret,
    pub consumer_secret: Secret,
    pub mode: Mode,
    /// The slug of the topic that mirrored questions get.
    pub topic: Option<String>,
    pub base_url: String,
    pub web_url: String,
}

/// What happens to a post that arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is public at once.
    Mirror,
    /// It waits for staff.
    Hold,
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

    /// What `serve` needs beside: the secrets of each channel.
    pub fn with_secrets(self) -> Result<Self, ConfigError> {
        let Some(x) = &self.x else { return Ok(self) };
        for (name, secret) in [
            ("access_token", &x.access_token),
            ("bearer_token", &x.bearer_token),
            ("consumer_secret", &x.consumer_secret),
        ] {
            if secret.expose().is_empty() {
                let problem = format!(
                    "is missing. Secrets belong into the environment: set ANSWERWELL_X__{}",
                    name.to_uppercase()
                );
                return Err(ConfigError::Setting { setting: format!("x.{name}"), problem });
            }
        }
        Ok(self)
    }

    fn from_sources(
        file: Option<&Path>,
        environment: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let readable =
            environment.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        // Others beside settings begin like them: ANSWERWELL_LOG, ANSWERWELL_CONFIG.
        let settings = readable.filter(|(name, _)| name.contains("__")).collect();
        let mut source = config::Config::builder();
        source = match file {
            Some(file) => source.add_source(config::File::from(file).format(config::FileFormat::Toml)),
            None => source.add_source(config::File::new("answerwell.toml", config::FileFormat::Toml).required(false)),
        };
        // Never parsed by their looks: a token of digits is a text, and its zeros count.
        let environment = config::Environment::with_prefix("ANSWERWELL").prefix_separator("_").separator("__");
        source = source.add_source(environment.source(Some(settings)));
        source.build()?.try_deserialize::<Raw>()?.checked()
    }
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Raw {
    site: RawSite,
    server: RawServer,
    database: RawDatabase,
    data: RawData,
    bridge: RawBridge,
    x: Option<RawX>,
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
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawX {
    account_id: String,
    handle: String,
    // Only `serve` needs the secrets: a deploy step that migrates must not have to know them.
    #[serde(default)]
    access_token: String,
    #[serde(default)]
    bearer_token: String,
    #[serde(default)]
    consumer_secret: String,
    mode: Option<String>,
    topic: Option<String>,
    base_url: Option<String>,
    web_url: Option<String>,
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
        };
        if bridge.lease <= bridge.send_timeout {
            let problem =
                "must be longer than bridge.send_timeout_seconds: a send must end before its lease".to_owned();
            return Err(refuse("bridge.lease_seconds", problem));
        }
        if bridge.send_timeout.is_zero() || bridge.poll_every.is_zero() {
            return Err(refuse("bridge", "send_timeout_seconds and poll_seconds must be at least 1".to_owned()));
        }
        let x = self.x.map(RawX::checked).transpose()?;
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
            x,
        })
    }
}

impl RawX {
    fn checked(self) -> Result<XChannel, ConfigError> {
        let refuse = |setting: &str, problem: &str| ConfigError::Setting {
            setting: setting.to_owned(),
            problem: problem.to_owned(),
        };
        if self.account_id.is_empty() || !self.account_id.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(refuse("x.account_id", "is the number X gives for the account, digits only"));
        }
        let mode = match self.mode.as_deref() {
            None | Some("hold") => Mode::Hold,
            Some("mirror") => Mode::Mirror,
            Some(_) => {
                return Err(refuse(
                    "x.mode",
                    "is \"hold\" (staff see first what arrives) or \"mirror\" (it is public at once)",
                ));
            }
        };
        let base_url = self.base_url.unwrap_or_else(|| BASE_URL.to_owned()).trim_end_matches('/').to_owned();
        let web_url = self.web_url.unwrap_or_else(|| WEB_URL.to_owned()).trim_end_matches('/').to_owned();
        if base_url != BASE_URL || web_url != WEB_URL {
            return Err(refuse(
                "x.base_url",
                "only the real X can be served; to try the product against its twin use `demo`",
            ));
        }
        Ok(XChannel {
            account_id: self.account_id,
            handle: self.handle.trim_start_matches('@').to_owned(),
            access_token: Secret::new(self.access_token),
            bearer_token: Secret::new(self.bearer_token),
            consumer_secret: Secret::new(self.consumer_secret),
            mode,
            topic: self.topic,
            base_url,
            web_url,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &[(&str, &str)]) -> Result<Config, String> {
        let settings = settings.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
        Config::from_sources(None, settings).map_err(|error| error.to_string())
    }

    const X: [(&str, &str); 5] = [
        ("ANSWERWELL_X__ACCOUNT_ID", "1403881130802225152"),
        ("ANSWERWELL_X__HANDLE", "@acme"),
        ("ANSWERWELL_X__ACCESS_TOKEN", "00123"),
        ("ANSWERWELL_X__BEARER_TOKEN", "12e5"),
        ("ANSWERWELL_X__CONSUMER_SECRET", "true"),
    ];

    #[test]
    fn the_environment_is_taken_word_for_word() {
        let mut settings = X.to_vec();
        settings.extend([("ANSWERWELL_SERVER__WORKERS", "3"), ("ANSWERWELL_SITE__SINGLE_STAFF", "true")]);
        settings.extend([("ANSWERWELL_SERVER__TRUSTED_PROXIES", "127.0.0.1,10.0.0.0/8")]);
        settings.extend([("ANSWERWELL_LOG", "debug"), ("ANSWERWELL_X__MODE", "mirror"), ("PATH", "/bin")]);
        let config = read(&settings).unwrap();
        assert_eq!((config.server.workers, config.site.single_staff), (3, true));
        assert_eq!(config.server.trusted_proxies, Proxies::parse(["127.0.0.1", "10.0.0.0/8"]).unwrap());
        let x = config.x.unwrap();
        assert_eq!((x.access_token.expose(), x.bearer_token.expose()), ("00123", "12e5"));
        assert_eq!((x.consumer_secret.expose(), x.account_id.as_str()), ("true", "1403881130802225152"));
        assert_eq!((x.handle.as_str(), x.mode), ("acme", Mode::Mirror));
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
            ("ANSWERWELL_X__HANDLE", "acme", "x.a"),
            ("ANSWERWELL_X__MODE", "holdd", "x."),
            ("ANSWERWELL_X__BASE_URL", "http://127.0.0.1:8081", "x."),
        ] {
            let error = read(&[(name, value)]).unwrap_err();
            assert!(error.contains(said), "{name}={value}: {error}");
        }
        let mut twin = X.to_vec();
        twin.push(("ANSWERWELL_X__BASE_URL", "http://127.0.0.1:8081"));
        assert!(read(&twin).unwrap_err().contains("only the real X can be served"));
        let mut typo = X.to_vec();
        typo.push(("ANSWERWELL_X__MODE", "holdd"));
        assert!(read(&typo).unwrap_err().contains("mirror"));
    }

    #[test]
    fn only_serving_needs_the_secrets() {
        let bare = read(&X[..2]).unwrap();
        let error = bare.with_secrets().unwrap_err().to_string();
        assert!(error.contains("ANSWERWELL_X__ACCESS_TOKEN"), "{error}");
        assert!(read(&X).unwrap().with_secrets().is_ok());
    }
}
