//! Settings that an administrator changes on a page while the server runs: the site's name and its public address. What was
//! chosen there counts more than the settings file, on every node within a second. Beside them stands how far the queue is dated
//! anew after a target has changed.
//!
//! Owns the table `setting`. Who changed what is the page's to note in the audit log.

mod store;
mod words;

use std::net::IpAddr;
use std::time::Duration;

use actix_web::web::Data;
use reqwest::Url;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

pub use store::{begin_redating, load, redated, redating, save};

use crate::app::App;
use crate::config;
use crate::db::{Conn, Db, DbError};
use crate::jobs::{Jobs, Progress, repeat};
use crate::web::{Identity, Problems};

/// How soon this node does as another one's page said.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const LONGEST_NAME: usize = 60;
const LONGEST_ADDRESS: usize = 200;

/// How the site is called and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    pub name: String,
    /// The public address without a trailing slash.
    pub address: String,
}

/// What administrators chose last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub site: Site,
    /// Counts the changes: who saves says which one they saw.
    pub revision: i64,
}

/// Follows what the administrators at any node choose.
pub fn start(app: &Data<App>, jobs: &mut Jobs) {
    let (data, stop) = (app.clone(), jobs.stop());
    jobs.spawn(async move {
        repeat("settings", stop, &Notify::new(), LOOK_EVERY, || follow(&data.db, &data.identity)).await;
    });
}

/// Takes over what the database says now.
pub async fn follow(db: &Db, identity: &Identity) -> Result<Progress, DbError> {
    let chosen = db.read(load).await?.map(|stored| stored.site);
    identity.set(chosen.map(|site| (site.name, site.address)));
    Ok(Progress::Idle)
}

/// The site as it is called and found now, for roles without a server.
pub fn lay_over(conn: &mut Conn, site: config::Site) -> Result<config::Site, DbError> {
    Ok(match load(conn)? {
        Some(Stored { site: Site { name, address }, .. }) => config::Site { name, address, ..site },
        None => site,
    })
}

/// Checks a name and an address as they were typed, and returns them as they are stored. Problems stand at `site_name` and
/// `address`.
pub fn check(problems: &mut Problems, name: &str, address: &str) -> Site {
    let name = problems.text("site_name", words::NAME, name, LONGEST_NAME);
    if name.contains('\n') {
        problems.add("site_name", words::NAME_ON_ONE_LINE);
    }
    let typed = problems.text("address", words::ADDRESS, address, LONGEST_ADDRESS);
    if problems.of("address").is_some() {
        return Site { name, address: typed };
    }
    match read_address(&typed) {
        Ok(address) => Site { name, address },
        Err(problem) => {
            problems.add("address", problem);
            Site { name, address: typed }
        }
    }
}

/// Whether an address is reached from this machine alone, where nothing need be encrypted.
pub fn is_local(address: &str) -> bool {
    let host = Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.is_some_and(|host| {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.ends_with(".localhost") || bare.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
    })
}

/// The address as browsers name the origin, or what is wrong with it.
fn read_address(typed: &str) -> Result<String, String> {
    let Ok(url) = Url::parse(typed) else {
        return Err(words::ADDRESS_NOT_WHOLE.to_owned());
    };
    if !matches!(url.scheme(), "https" | "http") {
        return Err(words::ADDRESS_WITHOUT_HTTPS.to_owned());
    }
    let Some(host) = url.host_str().filter(|host| !host.is_empty()) else {
        return Err(words::ADDRESS_WITHOUT_HOST.to_owned());
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(words::ADDRESS_WITH_A_NAME.to_owned());
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(words::address_not_on_top(host));
    }
    Ok(url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_stored_as_browsers_say_it_or_refused_with_a_reason() {
        for (typed, stored) in [
            ("https://help.acme.com", "https://help.acme.com"),
            (" https://Help.ACME.com/ ", "https://help.acme.com"),
            ("https://help.acme.com:443", "https://help.acme.com"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[::1]:8080/", "http://[::1]:8080"),
            ("https://hilfe.müller.de", "https://hilfe.xn--mller-kva.de"),
        ] {
            let mut problems = Problems::default();
            assert_eq!(check(&mut problems, "Help", typed).address, stored, "{typed}");
            assert!(problems.is_empty(), "{typed}: {problems:?}");
        }
        for typed in [
            "",
            "help.acme.com",
            "ftp://help.acme.com",
            "https://",
            "https://help.acme.com/forum",
            "https://help.acme.com/?a=b",
            "https://help.acme.com/#x",
            "https://sam:secret@help.acme.com",
            "javascript:alert(1)",
        ] {
            let mut problems = Problems::default();
            check(&mut problems, "Help", typed);
            assert!(problems.of("address").is_some(), "{typed}");
        }
        let mut problems = Problems::default();
        check(&mut problems, " ", "https://help.acme.com");
        check(&mut problems, "A\nB", "https://help.acme.com");
        assert_eq!(problems.all().len(), 2);
        assert!(is_local("http://localhost:8080") && is_local("http://[::1]:1") && is_local("http://127.0.0.1"));
        assert!(!is_local("http://10.0.0.1") && !is_local("https://localhost.evil.example"));
    }
}
