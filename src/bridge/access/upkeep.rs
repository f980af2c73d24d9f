//! Looking after the connection: each network whose keys are stored is asked how it sees our app and our accounts, what
//! can be mended by itself is mended on the way, and what an administrator must mend is kept for the page.
//!
//! What there is to look at the networks know themselves. What follows from it is done here: tokens are stored, accounts
//! that work again are used again, and those whose access is refused are renewed.

use std::time::Duration;

use actix_web::web::Data;

use super::words;
use super::{Finding, in_units, renew, seal_app_token};
use crate::app::App;
use crate::bridge::store::access::{self as store, AccountRow};
use crate::bridge::store::apps;
use crate::bridge::store::breaker::ENDS_SOON;
use crate::bridge::store::channels::Health;
use crate::bridge::{Channel, ChannelId};
use crate::clock::Millis;
use crate::db::DbError;
use crate::jobs::Progress;
use crate::networks::{AccountLook, AccountState, AppKeys, AppState, Looked, Network};
use crate::posts::Origin;

/// How often the networks are asked how they see us.
pub(super) const EVERY: Duration = Duration::from_secs(5 * 60);
/// What is not in order may be soon: a proxy that starts later than we do, a network that comes back.
const AFTER_TROUBLE: Duration = Duration::from_secs(60);
/// How long a page waits for what the networks say.
const FOR_A_PAGE: Duration = Duration::from_secs(12);

/// Everything that was looked at.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub apps: Vec<(Origin, Vec<Finding>)>,
    pub accounts: Vec<(ChannelId, Vec<Finding>)>,
}

impl Report {
    /// All that was found.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        let accounts = self.accounts.iter().flat_map(|(_, findings)| findings);
        self.apps.iter().flat_map(|(_, findings)| findings).chain(accounts)
    }
}

/// Looks after everything when it is time.
pub async fn step(app: &App) -> Result<Progress, DbError> {
    for (origin, _) in app.bridge.networks() {
        let now = app.clock.now();
        let Some(state) = app.db.read(move |conn| apps::find_app_state(conn, origin)).await? else { continue };
        // Whoever begins looks at once: the address may be another one, and events may have gone by.
        let begins = app.bridge.channels.begins(origin);
        let due = state.upkeep_due_at;
        if (due > now && !begins)
            || !app.db.write(move |tx| apps::claim_upkeep(tx, origin, due, now.plus(EVERY))).await?
        {
            continue;
        }
        let report = look(app, &[origin], false, Missed::AskFor).await?;
        if report.apps.iter().flat_map(|(_, findings)| findings).any(|finding| !finding.is_good) {
            let soon = app.clock.now().plus(AFTER_TROUBLE);
            app.db.write(move |tx| apps::set_upkeep_due(tx, origin, soon)).await?;
        }
    }
    Ok(Progress::Idle)
}

/// As [`look_after`] of these networks, for a page: what takes longer than a person waits goes on behind it.
pub(super) async fn look_for_page(app: &Data<App>, networks: &[Origin], thorough: bool) -> Result<(), DbError> {
    let (due, networks) = (app.clock.now().plus(EVERY), networks.to_vec());
    let asked = networks.clone();
    app.db.write(move |tx| asked.iter().try_for_each(|one| apps::set_upkeep_due(tx, *one, due))).await?;
    let data = app.clone();
    let looking = tokio::spawn(async move { look(&data, &networks, thorough, Missed::AskFor).await });
    match tokio::time::timeout(FOR_A_PAGE, looking).await {
        Ok(Ok(looked)) => looked.map(drop),
        Ok(Err(_)) | Err(_) => Ok(()),
    }
}

/// Looks at everything now and mends what it can. `thorough`: asks also what costs something.
pub async fn look_after(app: &App, thorough: bool) -> Result<Report, DbError> {
    look(app, &Origin::ALL, thorough, Missed::AskFor).await
}

/// The one list of checks of a network, for the terminal: what was looked at, whether it is well, and the words. Empty: no
/// app of ours is there.
pub async fn checks(app: &App, network: Origin) -> Result<Vec<(String, Finding)>, DbError> {
    let report = look(app, &[network], true, Missed::LeaveToServer).await?;
    let accounts = app.db.read(store::list_accounts).await?;
    let of_apps = report.apps.into_iter().flat_map(|(_, findings)| findings);
    let mut all: Vec<(String, Finding)> = of_apps.map(|one| (one.what.to_string(), one)).collect();
    for (id, findings) in report.accounts {
        let name = accounts.iter().find(|account| account.id == id).map(AccountRow::name).unwrap_or_default();
        all.extend(findings.into_iter().map(|one| (format!("{name}: {}", one.what), one)));
    }
    Ok(all)
}

/// What becomes of the events that could not reach us.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missed {
    AskFor,
    /// They would come while nobody is there: the server asks for them when it runs.
    LeaveToServer,
}

async fn look(app: &App, networks: &[Origin], thorough: bool, missed: Missed) -> Result<Report, DbError> {
    let mut report = Report::default();
    for (origin, network) in app.bridge.networks().filter(|(origin, _)| networks.contains(origin)) {
        let Some(keys) = app.bridge.keys(origin) else {
            let is_shut = app.db.read(move |conn| apps::find_app_state(conn, origin)).await?.is_some();
            if let Some(trouble) = app.bridge.trouble().filter(|_| is_shut) {
                report.apps.push((origin, vec![Finding::wrong(Looked::Secrets, trouble)]));
            }
            continue;
        };
        let (keys, webhook_id, findings) = look_at_app(app, origin, network.as_ref(), keys, thorough, missed).await?;
        report.apps.push((origin, findings));
        for account in app.db.read(store::list_accounts).await? {
            if account.network != origin || account.disconnected_at.is_some() {
                continue;
            }
            let findings =
                look_at_account(app, network.as_ref(), &keys, &account, webhook_id.clone(), thorough).await?;
            report.accounts.push((account.id, findings));
        }
    }
    keep(app, &report).await?;
    Ok(report)
}

async fn keep(app: &App, report: &Report) -> Result<(), DbError> {
    let text = |findings: &[Finding]| serde_json::to_string(findings).unwrap_or_default();
    let now = app.clock.now();
    let apps: Vec<_> = report.apps.iter().map(|(origin, findings)| (*origin, text(findings))).collect();
    let accounts: Vec<_> = report.accounts.iter().map(|(id, findings)| (*id, text(findings))).collect();
    app.db
        .write(move |tx| {
            for (origin, findings) in &apps {
                apps::set_app_findings(tx, *origin, findings, now)?;
            }
            for (id, findings) in &accounts {
                store::set_findings(tx, *id, findings, now)?;
            }
            Ok(())
        })
        .await
}

/// Has the network look at our app, and keeps what came of it; the keys as they are then, and its webhook that is in order.
async fn look_at_app(
    app: &App,
    origin: Origin,
    network: &dyn Network,
    mut keys: AppKeys,
    thorough: bool,
    missed: Missed,
) -> Result<(AppKeys, Option<String>, Vec<Finding>), DbError> {
    let (now, hook) = (app.clock.now(), hook_address(app, origin));
    let Some(known) = app.db.read(move |conn| apps::find_app_state(conn, origin)).await? else {
        let gone = Finding::wrong(Looked::AppKeys, words::APP_TAKEN_OFF);
        return Ok((keys, None, vec![gone]));
    };
    let state = AppState {
        now,
        hook: hook.clone(),
        webhook_id: known.webhook_id,
        valid_hook: known.webhook_url.zip(known.webhook_valid_at),
        events_until: known.events_until,
        begins: app.bridge.channels.is_unlooked(origin),
        nobody_listens: missed == Missed::LeaveToServer,
        thorough,
    };
    let mut looked = network.look_at_app(&keys, &state).await;
    if let Some(token) = looked.app_token {
        match seal_app_token(&app.bridge.channels.key, origin, &token) {
            Ok(sealed) => app.db.write(move |tx| apps::set_app_token(tx, origin, &sealed)).await?,
            Err(error) => looked.findings.push(Finding::wrong(Looked::AppToken, error.to_string())),
        }
        app.bridge.reload(&app.db).await?;
        keys.app_token = Some(token);
    }
    let (webhook, events_until) = (looked.webhook_id.clone(), looked.events_until);
    app.db
        .write(move |tx| {
            if let Some(id) = &webhook {
                apps::set_webhook(tx, origin, id, &hook, now)?;
            }
            match events_until {
                Some(until) => apps::set_events_until(tx, origin, until),
                None => Ok(()),
            }
        })
        .await?;
    if events_until.is_some() {
        app.bridge.channels.has_looked(origin);
    }
    Ok((keys, looked.webhook_id, looked.findings))
}

/// Our address for the events of a network.
pub(in crate::bridge) fn hook_address(app: &App, origin: Origin) -> String {
    format!("{}/webhooks/{}", app.identity.now().address, origin.as_str())
}

/// Has the network look at an account, and keeps what came of it.
async fn look_at_account(
    app: &App,
    network: &dyn Network,
    keys: &AppKeys,
    account: &AccountRow,
    webhook_id: Option<String>,
    thorough: bool,
) -> Result<Vec<Finding>, DbError> {
    let now = app.clock.now();
    let Some(channel) = app.bridge.channel(account.id) else {
        let words = words::NOT_USED_HERE;
        return Ok(vec![Finding::wrong(Looked::Access, words), renewal_of(account, account.expires_at, now)]);
    };
    let state = AccountState {
        now,
        scopes: account.scopes.clone(),
        webhook_id,
        thorough,
        first_today: account.checked_at.is_none_or(|at| at.to_day() != now.to_day()),
    };
    let looked = network.look_at_account(keys, channel.account.as_ref(), &state).await;
    take_over(app, &channel, account, &looked).await?;
    if let Some(reason) = &looked.refused {
        renew::refused(app, &channel, reason).await?;
    }
    let mut findings = looked.findings;
    if findings.iter().all(|finding| finding.what != Looked::Access) {
        findings.insert(0, access_of(account));
    }
    // Some networks know more of how an access ends than when.
    if findings.iter().all(|finding| finding.what != Looked::Renewal) {
        let after_access = 1 + findings.iter().position(|finding| finding.what == Looked::Access).unwrap_or_default();
        let expires_at = looked.expires_at.unwrap_or(account.expires_at);
        findings.insert(after_access, renewal_of(account, expires_at, now));
    }
    Ok(findings)
}

/// Keeps what the network said of an account. One that works is used again, whatever was wrong with it.
async fn take_over(app: &App, channel: &Channel, account: &AccountRow, looked: &AccountLook) -> Result<(), DbError> {
    let id = channel.id;
    if looked.works && account.health == Health::Broken {
        app.db.write(move |tx| store::mark_live(tx, id)).await?;
        app.bridge.wake_outbox();
    }
    let longest = looked.longest_post.map(in_units).filter(|units| Some(*units) != account.longest_post);
    let ends = looked.expires_at.filter(|at| *at != account.expires_at);
    let scopes = looked.scopes.clone().filter(|scopes| *scopes != account.scopes);
    if longest.is_none() && ends.is_none() && scopes.is_none() {
        return Ok(());
    }
    app.db
        .write(move |tx| {
            if let Some(units) = longest {
                store::set_longest_post(tx, id, units)?;
            }
            if let Some(at) = ends {
                store::set_expires_at(tx, id, at)?;
            }
            match scopes {
                Some(scopes) => store::set_scopes(tx, id, &scopes),
                None => Ok(()),
            }
        })
        .await?;
    app.bridge.reload(&app.db).await
}

fn access_of(account: &AccountRow) -> Finding {
    match account.health {
        Health::Live | Health::Paused => Finding::good(Looked::Access, "It works."),
        Health::Broken => Finding::wrong(Looked::Access, account.reason.clone().unwrap_or_default()),
    }
}

fn renewal_of(account: &AccountRow, expires_at: Option<Millis>, now: Millis) -> Finding {
    let what = Looked::Renewal;
    match (&account.problem, expires_at) {
        (Some(problem), _) => Finding::wrong(what, problem.clone()),
        (None, None) => Finding::good(what, words::ENDS_NEVER),
        (None, Some(end)) if account.may_renew => Finding::good(what, words::renewed_before(&end.to_words())),
        (None, Some(end)) if end > now.plus(ENDS_SOON) => Finding::good(what, words::ends_on(&end.to_day())),
        (None, Some(end)) if end > now => Finding::wrong(what, words::ends_at(&end.to_words())),
        (None, Some(_)) => Finding::wrong(what, words::HAS_ENDED),
    }
}

/// Findings as they were kept; what cannot be read was never looked at.
pub(super) fn read_findings(kept: Option<&str>) -> Vec<Finding> {
    kept.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}
