//! `doctor`: looks at everything an installation needs, and says in a line each what is well, what may become trouble, and
//! what to mend. It may run beside the server, and changes nothing but what "Check again" does: what a network lost of us is
//! registered again, an access that works again is used, and threads that the search index holds wrongly are read anew. `--offline` asks nobody.

use std::fmt;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use reqwest::Url;

use super::{Ended, args, copies, say};
use crate::app::App;
use crate::bridge::{self, TroubleKind};
use crate::clock::{Clock, Millis};
use crate::config::Config;
use crate::db::{self, Db, DbError, Place};
use crate::importing;
use crate::mail::{self, Way};
use crate::members::{self, Role};
use crate::networks::http::{GuardSettings, Guarded};
use crate::networks::{self, Network};
use crate::posts::Origin;
use crate::search::{self, Search, SearchError, State as Index};
use crate::upkeep;

/// A server that takes longer is as good as away.
const PATIENCE: Duration = Duration::from_secs(5);
/// A dozen calls that answer at once, or a network that is in trouble.
const PATIENCE_WITH_A_NETWORK: Duration = Duration::from_secs(30);
/// An answer to `/health` or of a network's front page, of which only the head counts.
const MOST_BYTES: usize = 1024 * 1024;
/// Networks refuse signatures and tokens whose time is off by minutes; a bit is the way of the answer.
const CLOCK_MAY_DIFFER: Duration = Duration::from_secs(30);
const BACKUP_MAY_BE_OLD: Duration = Duration::from_secs(48 * 3600);
/// Less room than this is used up in a burst.
const LEAST_ROOM_KB: u64 = 256 * 1024;
const LITTLE_ROOM_KB: u64 = 1024 * 1024;

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Well,
    /// It works now. Mend it before it does not.
    Mind,
    /// Something does not work.
    Ill,
}

/// One thing that was looked at: how it stands, and what to do if it does not stand well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub about: &'static str,
    pub verdict: Verdict,
    pub said: String,
}

impl Finding {
    fn well(about: &'static str, said: impl Into<String>) -> Self {
        Self { about, verdict: Verdict::Well, said: said.into() }
    }

    fn mind(about: &'static str, said: impl Into<String>) -> Self {
        Self { about, verdict: Verdict::Mind, said: said.into() }
    }

    fn ill(about: &'static str, said: impl Into<String>) -> Self {
        Self { about, verdict: Verdict::Ill, said: said.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Well => "well",
            Verdict::Mind => "mind",
            Verdict::Ill => "ILL",
        };
        // One line, whatever a library made of it.
        let said: Vec<&str> = self.said.split_whitespace().collect();
        write!(f, "{verdict:<5} {:<10} {}", self.about, said.join(" "))
    }
}

pub(super) async fn run(args: &args::Doctor) -> Result<(), Ended> {
    let reach = if args.offline { Reach::Offline } else { Reach::Networks };
    let config = match Config::read(args.settings.config.as_deref()) {
        Ok(config) => config,
        Err(error) => {
            say(Finding::ill("settings", error.to_string()));
            return Err(Ended::Usage("the settings must be mended before anything else can be looked at".to_owned()));
        }
    };
    let findings = examine(&config, &Clock::Real, reach).await;
    for finding in &findings {
        say(finding);
    }
    match findings.iter().filter(|finding| finding.verdict == Verdict::Ill).count() {
        0 => Ok(()),
        1 => Err(Ended::Trouble("one thing must be mended, see ILL above".to_owned())),
        ill => Err(Ended::Trouble(format!("{ill} things must be mended, see ILL above"))),
    }
}

/// Whom the doctor may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Networks,
    /// This machine and the database alone.
    Offline,
}

/// Looks at everything, in the order in which one would mend it.
pub async fn examine(config: &Config, clock: &Clock, reach: Reach) -> Vec<Finding> {
    let opening = open(config).await;
    let config = &as_it_is_now(config, &opening).await;
    let mut findings = vec![settings(config), disk(&config.data), key(&config.data), mail_server(config, reach).await];
    let mut opened = None;
    match opening {
        Ok((db, found)) => {
            findings.push(found);
            let looked = [
                index(config, &db).await,
                staff(&db).await,
                channels(&db, clock).await,
                stuck_mail(&db).await,
                backups(&db, clock).await,
                imports(&db).await,
                database_clock(&db, clock).await,
            ];
            findings.extend(looked.into_iter().map(|looked| {
                looked.unwrap_or_else(|error| Finding::ill("database", format!("it cannot be read: {error}")))
            }));
            opened = Some(db);
        }
        Err(found) => findings.push(found),
    }
    let mut used = Vec::new();
    if let Some(db) = opened {
        let (found, networks) = connection(config, clock, db, reach).await;
        findings.extend(found);
        used = networks;
    }
    if reach == Reach::Networks {
        findings.push(address(config).await);
        findings.extend(network_clocks(config, clock, &used).await);
    }
    findings
}

/// The settings with what an administrator chose on the page of the site. Where that cannot be read, another finding says so.
async fn as_it_is_now(config: &Config, opened: &Result<(Db, Finding), Finding>) -> Config {
    let (mut now, site) = (config.clone(), config.site.clone());
    if let Ok((db, _)) = opened
        && let Ok(site) = db.read(move |conn| crate::settings::lay_over(conn, site)).await
    {
        now.site = site;
    }
    now
}

/// Whether the secrets open, and what each network says of our app and of each account; and the networks where our app is.
async fn connection(config: &Config, clock: &Clock, db: Db, reach: Reach) -> (Vec<Finding>, Vec<Origin>) {
    let shut = |said: String| (vec![Finding::ill("key", said)], Vec::new());
    let app = match App::over(db, config.clone(), clock.clone()).await {
        Ok(app) => app,
        Err(error) => return shut(format!("the stored secrets cannot be read: {error}")),
    };
    // Without the key the networks can be asked nothing.
    if let Some(trouble) = app.bridge.trouble() {
        return shut(format!("what is stored cannot be opened: {trouble}"));
    }
    if reach == Reach::Offline {
        return (Vec::new(), Vec::new());
    }
    let (mut findings, mut used) = (Vec::new(), Vec::new());
    for network in Origin::ALL {
        let (about, label) = (network.as_str(), network.label());
        let asked = tokio::time::timeout(PATIENCE_WITH_A_NETWORK, bridge::access::checks(&app, network)).await;
        if !matches!(&asked, Ok(Ok(checked)) if checked.is_empty()) {
            used.push(network);
        }
        match asked {
            Ok(Ok(checked)) if checked.is_empty() => {
                findings.push(Finding::well(about, format!("no app of {label}'s is connected yet")));
            }
            Ok(Ok(checked)) => findings.extend(checked.into_iter().map(|(what, one)| {
                let said = format!("{what}: {}", one.words);
                if one.is_good { Finding::well(about, said) } else { Finding::ill(about, said) }
            })),
            Ok(Err(error)) => findings.push(Finding::ill("database", format!("it cannot be read: {error}"))),
            Err(_) => {
                let seconds = PATIENCE_WITH_A_NETWORK.as_secs();
                let said = format!("{label} took longer than {seconds} s to answer; the server asks it again");
                findings.push(Finding::mind(about, said));
            }
        }
    }
    (findings, used)
}

fn settings(config: &Config) -> Finding {
    let (name, address, about) = (&config.site.name, &config.site.address, "settings");
    let local = Url::parse(address).ok().and_then(|url| url.host_str().map(is_local)).unwrap_or(false);
    if address.starts_with("http://") && !local {
        return Finding::ill(
            about,
            format!(
                "{address} is not encrypted: passwords travel readable, and networks send their events only to https. Let a \
                 proxy end TLS in front, and set site.address to https://…"
            ),
        );
    }
    if !local && config.server.bind.ip().is_loopback() && config.server.trusted_proxies.is_empty() {
        return Finding::mind(
            about,
            format!(
                "{address} is served through a proxy that is not trusted, so all visitors look like one. Set \
                 server.trusted_proxies = [\"127.0.0.1\"] if the proxy sets X-Forwarded-For"
            ),
        );
    }
    Finding::well(about, format!("{name}, {address}"))
}

fn is_local(host: &str) -> bool {
    host == "localhost" || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Room in the data folder, asked of the system's own `df`.
fn disk(data: &Path) -> Finding {
    let about = "disk";
    let shown = data.display();
    if !data.is_dir() {
        return Finding::mind(about, format!("the data folder {shown} is not there yet; `answerwell serve` makes it"));
    }
    let asked = Command::new("df").args(["-Pk", "--"]).arg(data).stdin(Stdio::null()).stderr(Stdio::null()).output();
    let free = asked.ok().and_then(|output| read_df(&String::from_utf8_lossy(&output.stdout)));
    let Some(free) = free else {
        return Finding::mind(about, format!("`df` does not say how much room {shown} has; look at it yourself"));
    };
    let room = format!("{} free for {shown}", copies::size(free * 1024));
    match free {
        ..LEAST_ROOM_KB => Finding::ill(about, format!("{room}: make room, before writing fails")),
        LEAST_ROOM_KB..LITTLE_ROOM_KB => Finding::mind(about, format!("{room}: that may not last")),
        LITTLE_ROOM_KB.. => Finding::well(about, room),
    }
}

/// The free kilobytes in what `df -Pk` prints of one folder.
fn read_df(text: &str) -> Option<u64> {
    text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

fn key(data: &Path) -> Finding {
    let about = "key";
    if std::env::var_os("ANSWERWELL_SECRET_KEY").is_some() {
        return Finding::well(
            about,
            "the key of the secrets comes from the environment; keep it apart from the backups",
        );
    }
    let file = data.join("secret.key");
    let shown = file.display();
    match fs::metadata(&file) {
        Ok(found) if found.permissions().mode() & 0o077 != 0 => {
            Finding::ill(about, format!("{shown} can be read by others on this machine. Run: chmod 600 {shown}"))
        }
        Ok(_) => Finding::well(about, format!("{shown}; keep a copy apart from the backups")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Finding::well(about, "none yet: it is made when the first account is connected")
        }
        Err(error) => Finding::ill(about, format!("{shown} cannot be read: {error}. Let this user read it")),
    }
}

/// Opens the database as it is: nothing is made or migrated. `Err`: there is nothing to look into.
async fn open(config: &Config) -> Result<(Db, Finding), Finding> {
    let about = "database";
    let place = config.database.clone();
    if let Place::Sqlite(file) = &place
        && !file.exists()
    {
        let said = format!(
            "there is no {} yet; `answerwell serve` makes it. After a loss: answerwell restore FILE",
            file.display()
        );
        return Err(Finding::ill(about, said));
    }
    let name = match &place {
        Place::Sqlite(file) => file.display().to_string(),
        Place::Postgres(_) => "PostgreSQL".to_owned(),
    };
    let unreachable = |error: &dyn fmt::Display| {
        Finding::ill(
            about,
            format!("{name}: {error}. See that it runs and lets this user in, and look at database.url"),
        )
    };
    let opened = tokio::task::spawn_blocking(move || db::look(&place)).await;
    let (db, known) = opened.map_err(|error| unreachable(&error))?.map_err(|error| unreachable(&error))?;
    let Some(db) = db else {
        let (missing, unknown) = (known.missing.join(", "), known.unknown.join(", "));
        return Err(match known.unknown.is_empty() {
            true => Finding::ill(
                about,
                format!("{name} is of an older version (missing: {missing}). Run: answerwell migrate"),
            ),
            false => Finding::ill(about, format!("{name} belongs to a newer Answerwell ({unknown}). Run that version")),
        });
    };
    let demo = db.read(db::is_demo).await.map_err(|error| unreachable(&error))?;
    let found = if demo {
        let said = format!("{name} was filled by a demo: its people are made up and everybody knows their passwords");
        Finding::ill(about, format!("{said}. Use another one"))
    } else {
        Finding::well(about, format!("{name}, {} migrations", known.applied.len()))
    };
    Ok((db, found))
}

async fn index(config: &Config, db: &Db) -> Result<Finding, DbError> {
    let about = "search";
    let newest = db.read(db::newest_change).await?;
    let epoch = db.read(db::epoch).await?;
    Ok(match Search::look(&config.data) {
        Index::Missing => Finding::mind(about, "there is no index yet; the running server builds it"),
        Index::Broken(why) => Finding::ill(
            about,
            format!("the index cannot be read ({why}). Delete its folder; the running server builds a new one"),
        ),
        Index::Follows { epoch: other, .. } if other != epoch => {
            Finding::mind(about, "the index is of another life of the database; the running server builds a new one")
        }
        Index::Follows { change, .. } if change >= newest => compared(config, db, about).await?,
        Index::Follows { change, .. } => Finding::mind(
            about,
            format!("the index is {} changes behind; the running server catches up", newest - change),
        ),
    })
}

/// Whether an index that has followed everything holds what it should. What differs is read anew by whoever follows.
async fn compared(config: &Config, db: &Db, about: &'static str) -> Result<Finding, DbError> {
    let differences = match search::compare(&config.data, db).await {
        Ok(differences) => differences,
        Err(SearchError::Db(error)) => return Err(error),
        Err(error) => {
            return Ok(Finding::ill(about, format!("the index cannot be compared with the database: {error}")));
        }
    };
    let posts = format!("{} posts in the index, {} in the database", differences.held, differences.wanted);
    let count = differences.threads.len();
    if count == 0 {
        return Ok(Finding::well(about, format!("the index is up to date: {posts}, each as it should be")));
    }
    let threads = differences.threads;
    db.write(move |tx| {
        threads.iter().for_each(|thread| tx.shown_in(thread.0));
        Ok::<_, DbError>(())
    })
    .await?;
    Ok(Finding::mind(
        about,
        format!(
            "{posts}; {count} threads are not as they should be and are read anew by the running server, or by the next"
        ),
    ))
}

/// Whether mail can leave, and whether its server can be talked to.
async fn mail_server(config: &Config, reach: Reach) -> Finding {
    let about = "mail";
    match &config.mail {
        Way::None => Finding::mind(
            about,
            "no mail server is set: nobody is told anything by e-mail, and a forgotten password is changed by hand. Set \
             mail.server and mail.from",
        ),
        Way::Page => Finding::well(about, "mail goes to a page of the demo"),
        Way::Server { relay, from } if reach == Reach::Offline => {
            Finding::well(about, format!("goes out as {from} through {}:{}", relay.host, relay.port))
        }
        Way::Server { relay, from } => match tokio::time::timeout(PATIENCE, relay.check()).await {
            Ok(Ok(())) => Finding::well(about, format!("{}:{} takes our greeting, as {from}", relay.host, relay.port)),
            Ok(Err(why)) => Finding::ill(about, format!("{}:{} cannot be talked to: {why}", relay.host, relay.port)),
            Err(_) => Finding::ill(about, format!("{}:{} does not answer", relay.host, relay.port)),
        },
    }
}

/// Mail that waits for a person.
async fn stuck_mail(db: &Db) -> Result<Finding, DbError> {
    let about = "outbox";
    Ok(match db.read(mail::count_stuck).await? {
        0 => Finding::well(about, "no mail is stuck"),
        stuck => Finding::mind(about, format!("{stuck} mails are stuck: decide about them under Administration, Mail")),
    })
}

async fn staff(db: &Db) -> Result<Finding, DbError> {
    Ok(if db.read(|conn| members::has_any(conn, &Role::STAFF)).await? {
        Finding::well("staff", "somebody can verify answers")
    } else {
        Finding::mind(
            "staff",
            "nobody can verify answers. Open the link that `answerwell serve` writes into its log while nobody is at the desk, \
             or run: answerwell member create-staff --name … --email …",
        )
    })
}

async fn channels(db: &Db, clock: &Clock) -> Result<Finding, DbError> {
    let (about, now) = ("channels", clock.now());
    let troubles = db.read(move |conn| bridge::list_troubles(conn, now)).await?;
    let each: Vec<String> = troubles
        .iter()
        .map(|trouble| {
            let (name, reason, backlog) = (trouble.name(), &trouble.reason, trouble.backlog());
            match trouble.what {
                TroubleKind::NoAccess => format!("{name} has no access: {reason}{backlog}. Connect it again"),
                TroubleKind::Silent { since, next_try } => format!(
                    "the network of {name} does not answer since {}: {reason}{backlog}; the next try is at {}",
                    since.to_time(),
                    next_try.to_time()
                ),
                TroubleKind::ToldToWait { until } => {
                    format!("{name} was told to wait until {}: {reason}{backlog}", until.to_time())
                }
                TroubleKind::EndsSoon { at } => format!(
                    "the access to {name} on {} ends on {} and cannot renew itself. Connect it again before that",
                    trouble.network.label(),
                    at.to_day()
                ),
            }
        })
        .collect();
    Ok(match each.is_empty() {
        true => Finding::well(about, "none reports trouble"),
        false if troubles.iter().any(|trouble| trouble.what == TroubleKind::NoAccess) => {
            Finding::ill(about, each.join("; "))
        }
        false => Finding::mind(about, each.join("; ")),
    })
}

async fn backups(db: &Db, clock: &Clock) -> Result<Finding, DbError> {
    let about = "backup";
    Ok(match db.read(upkeep::newest_backup).await? {
        None => Finding::mind(about, "none was made with `answerwell backup FILE`. Let a timer do it every night"),
        Some(made) => {
            let (size, age) = (copies::size(u64::try_from(made.bytes).unwrap_or(0)), clock.now().since(made.made_at));
            let said = format!("the newest is of {} ({size})", made.made_at.to_words());
            if age > BACKUP_MAY_BE_OLD {
                Finding::mind(about, format!("{said}; make one every night"))
            } else {
                Finding::well(about, said)
            }
        }
    })
}

/// Leases of several nodes go by the database's clock, everything else by this machine's.
async fn imports(db: &Db) -> Result<Finding, DbError> {
    let (about, unfinished) = ("imports", db.read(importing::list_unfinished).await?);
    Ok(match unfinished.is_empty() {
        true => Finding::well(about, "none was left unfinished"),
        false => Finding::mind(
            about,
            format!("{} did not come over whole: run the same `answerwell import` again", unfinished.join(", ")),
        ),
    })
}

async fn database_clock(db: &Db, clock: &Clock) -> Result<Finding, DbError> {
    let theirs = db.read(|conn| conn.database_now().map_err(DbError::from)).await?;
    Ok(clocks("clock", "the database", theirs, clock.now()))
}

/// Whether the public address leads here, as far as that can be told from inside.
async fn address(config: &Config) -> Finding {
    let (about, address) = ("address", &config.site.address);
    if address.starts_with("http://") {
        return Finding::mind(
            about,
            format!("{address} is for a trial on this machine: no network can send anything here"),
        );
    }
    let asked = match (
        Guarded::new(GuardSettings { timeout: PATIENCE, allowed_origins: Vec::new() }),
        Url::parse(&format!("{address}/health")),
    ) {
        (Ok(http), Ok(url)) => http.get(&url, None, MOST_BYTES).await.map_err(|error| error.to_string()),
        (Err(error), _) => Err(error.to_string()),
        (_, Err(error)) => Err(error.to_string()),
    };
    match asked {
        Ok(answer) if answer.status == 200 && answer.body.starts_with(b"{\"ok\":true") => {
            Finding::well(about, format!("{address} leads here, so webhooks can reach {address}/webhooks/"))
        }
        Ok(answer) => Finding::ill(
            about,
            format!(
                "{address}/health answers {} and is not Answerwell. See that the proxy passes requests on, and that the server runs",
                answer.status
            ),
        ),
        Err(error) => Finding::mind(
            about,
            format!(
                "{address} cannot be reached from this machine ({error}). If it cannot from elsewhere, the networks lose their way here, too: look at DNS, firewall, certificate and proxy, and whether the server runs"
            ),
        ),
    }
}

/// Whether the networks that are used know the same time; before any is used, X is asked.
async fn network_clocks(config: &Config, clock: &Clock, used: &[Origin]) -> Vec<Finding> {
    let about = "clock";
    // Only the twins of a demo are no https addresses.
    let places = [&config.x.base_url, &config.facebook.base_url];
    let allowed_origins = places.into_iter().filter(|place| !place.starts_with("https://")).cloned().collect();
    let http = match Guarded::new(GuardSettings { timeout: PATIENCE, allowed_origins }) {
        Ok(http) => http,
        Err(error) => return vec![Finding::mind(about, format!("no network can be asked: {error}"))],
    };
    let mut findings = Vec::new();
    for network in networks::all(&config.x, &config.facebook, &http, clock) {
        let is_used = |origin: &Origin| origin.as_str() == network.name();
        if used.iter().any(is_used) || (used.is_empty() && is_used(&Origin::X)) {
            findings.push(network_clock(network.as_ref(), &http, clock).await);
        }
    }
    findings
}

async fn network_clock(network: &dyn Network, http: &Guarded, clock: &Clock) -> Finding {
    let (about, base) = ("clock", network.base_url());
    let asked = match Url::parse(base) {
        Ok(url) => http.get(&url, None, MOST_BYTES).await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match asked {
        Ok(answer) => match answer.header("date").and_then(Millis::parse_http_date) {
            Some(theirs) => clocks(about, network.label(), theirs, clock.now()),
            None => Finding::mind(about, format!("{base} does not say what time it is")),
        },
        Err(error) => Finding::mind(
            about,
            format!("{base} cannot be reached from this machine ({error}): look at DNS and firewall"),
        ),
    }
}

fn clocks(about: &'static str, whose: &str, theirs: Millis, ours: Millis) -> Finding {
    let off = theirs.since(ours).max(ours.since(theirs));
    if off <= CLOCK_MAY_DIFFER {
        return Finding::well(about, format!("this machine and {whose} agree"));
    }
    let way = if ours > theirs { "ahead of" } else { "behind" };
    let said =
        format!("this machine is {} s {way} {whose}: access is refused and waiting times are wrong", off.as_secs());
    Finding::ill(about, format!("{said}. Switch time synchronisation on (timedatectl set-ntp true)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn df_is_read_whatever_the_name_of_the_disk() {
        let said = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 50 20 30 40% /var/lib/a b\n";
        assert_eq!(read_df(said), Some(30));
        assert_eq!(read_df("df: no such thing"), None);
    }

    #[test]
    fn clocks_that_differ_are_told_which_way() {
        let at = |seconds: i64| Millis(seconds * 1_000);
        assert_eq!(clocks("clock", "X", at(100), at(128)).verdict, Verdict::Well);
        let ahead = clocks("clock", "X", at(100), at(400));
        assert!(ahead.verdict == Verdict::Ill && ahead.said.contains("300 s ahead of X"), "{ahead}");
        let behind = clocks("clock", "the database", at(400), at(100));
        assert!(behind.said.contains("300 s behind the database"), "{behind}");
    }
}
