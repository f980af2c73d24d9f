//! `/admin/channels`: the accounts that are connected, whether everything about them is well, what happens to what they
//! bring, and the way to connect one. Nothing secret is ever on it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::consent::callback_address;
use super::keys::KeysForm;
use super::{Finding, give_back, open_secret, upkeep};
use crate::app::App;
use crate::bridge::inbound::gaps::{Missing, list_missing};
use crate::bridge::store::access::{self as store, AccountRow, AppState};
use crate::bridge::store::channels::{Health, Mode};
use crate::bridge::view::list_held_up_channels;
use crate::bridge::{ChannelId, Mend, Trouble, TroubleKind, list_troubles};
use crate::clock::Millis;
use crate::db::DbError;
use crate::members::{Admin, Posted};
use crate::posts::Origin;
use crate::topics::{self, Topic, TopicId};
use crate::web::{Error, Frame, Page, Problems, redirect};

/// What was done a moment ago.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Told {
    Saved,
    Connected,
    Checked,
    Disconnected,
    /// Disconnected here, but X could not be told.
    Alone,
}

impl Told {
    /// The page that tells it.
    pub fn place(self) -> &'static str {
        match self {
            Self::Saved => "/admin/channels?told=saved",
            Self::Connected => "/admin/channels?told=connected",
            Self::Checked => "/admin/channels?told=checked",
            Self::Disconnected => "/admin/channels?told=disconnected",
            Self::Alone => "/admin/channels?told=alone",
        }
    }

    fn words(&self) -> &'static str {
        match self {
            Self::Saved => "Saved.",
            Self::Connected => {
                "The account is connected. See below that everything is well, and choose what happens to what it brings."
            }
            Self::Checked => "Everything was looked at just now.",
            Self::Disconnected => "The account is disconnected, and its access was given back to X.",
            Self::Alone => {
                "The account is disconnected here. X could not be told: take the app's access away in X's settings, under \
                 Security and account access, Apps and sessions."
            }
        }
    }
}

#[derive(Deserialize)]
pub struct Asked {
    told: Option<Told>,
}

#[derive(Template)]
#[template(path = "bridge/channels.html")]
struct ChannelsPage {
    frame: Frame,
    problems: Problems,
    told: Option<Told>,
    trouble: Option<String>,
    form: KeysForm,
    /// Which of our app's secrets are stored.
    has_keys: bool,
    has_client_secret: bool,
    /// Something is stored that no key here opens.
    is_shut: bool,
    state: Option<AppState>,
    app_findings: Vec<Finding>,
    accounts: Vec<AccountRow>,
    /// What keeps accounts from working at this moment, whatever was found when they were looked at.
    troubles: Vec<Trouble>,
    /// Deliveries that wait for their network, by their channels.
    held_up: Vec<ChannelId>,
    missing: Vec<Missing>,
    topics: Vec<Topic>,
    callback: String,
    /// The address that X calls, or why it would not.
    hook: Result<String, String>,
}

impl ChannelsPage {
    async fn load(app: &App, frame: Frame) -> Result<Self, Error> {
        let now = frame.now;
        let (state, accounts, topics, troubles, held_up, missing) = app
            .db
            .read(move |conn| {
                let (state, accounts) = (store::find_app_state(conn, Origin::X)?, store::list_accounts(conn)?);
                let (troubles, held_up) = (list_troubles(conn, now)?, list_held_up_channels(conn, now)?);
                Ok::<_, DbError>((state, accounts, topics::list(conn)?, troubles, held_up, list_missing(conn)?))
            })
            .await?;
        let keys = app.bridge.app_keys();
        let form = KeysForm {
            client_id: keys.as_ref().map(|keys| keys.client_id.clone()).unwrap_or_default(),
            ..KeysForm::default()
        };
        Ok(Self {
            frame,
            problems: Problems::default(),
            told: None,
            trouble: app.bridge.channels.now().trouble.clone(),
            form,
            has_keys: keys.is_some(),
            is_shut: state.is_some() && (keys.is_none() || app.bridge.channels.key.find().is_err()),
            has_client_secret: keys.is_some_and(|keys| keys.client_secret.is_some()),
            app_findings: Finding::list(state.as_ref().and_then(|state| state.findings.as_deref())),
            state,
            accounts,
            troubles,
            held_up,
            missing,
            topics,
            callback: callback_address(app),
            hook: upkeep::hook_address(app),
        })
    }

    fn findings(&self, account: &AccountRow) -> Vec<Finding> {
        Finding::list(account.findings.as_deref())
    }

    fn is_here(&self, account: &AccountRow) -> bool {
        account.disconnected_at.is_none()
    }

    /// What keeps it from working now.
    fn trouble_of(&self, account: &AccountRow) -> Option<&Trouble> {
        self.troubles.iter().find(|trouble| trouble.channel_id == account.id)
    }

    /// How it is as a whole: by what holds now, then by what was found.
    fn chip(&self, account: &AccountRow) -> (&'static str, &'static str) {
        let findings = self.findings(account);
        let is_wrong = |finding: &Finding| !finding.is_good && !finding.is_unasked;
        match self.trouble_of(account).map(|trouble| trouble.what) {
            Some(TroubleKind::NoAccess) => ("failed", "Needs you"),
            _ if !account.is_connected || findings.iter().any(is_wrong) => ("failed", "Needs you"),
            Some(TroubleKind::Silent { .. } | TroubleKind::ToldToWait { .. }) => ("queued", "Waits"),
            None if findings.iter().any(|finding| !finding.is_good) => ("queued", "Not checked"),
            None if findings.is_empty() => ("queued", "Not checked"),
            None => ("sent", "All is well"),
        }
    }

    fn lacks_access(&self, account: &AccountRow) -> bool {
        account.health == Health::Broken
    }

    /// What was found when it was looked at. Of an account that lost its access since, what was well may not be any more.
    fn shown_findings(&self, account: &AccountRow) -> Vec<Finding> {
        let mut findings = self.findings(account);
        let is_said = |finding: &Finding| account.reason.as_ref() == Some(&finding.words);
        findings.retain(|finding| !(self.lacks_access(account) && (finding.is_good || is_said(finding))));
        findings
    }

    fn held_up(&self, account: &AccountRow) -> usize {
        self.held_up.iter().filter(|id| **id == account.id).count()
    }

    fn missing(&self, account: &AccountRow) -> usize {
        let is_theirs = |gap: &&Missing| gap.origin == account.network && gap.handle == account.handle;
        self.missing.iter().filter(is_theirs).count()
    }

    fn checked_at(&self) -> Option<Millis> {
        self.state.as_ref().and_then(|state| state.checked_at)
    }

    fn is_rotating(&self) -> bool {
        self.state.as_ref().is_some_and(|state| state.is_rotating)
    }

    fn holds(&self, account: &AccountRow) -> bool {
        account.mode == Mode::Hold
    }

    fn is_topic(&self, account: &AccountRow, topic: &Topic) -> bool {
        account.topic_id == Some(topic.id.0)
    }

    fn kept(&self, is_kept: bool) -> &'static str {
        if is_kept { "Stored. Leave it empty to keep it." } else { "" }
    }
}

/// `GET /admin/channels`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    _admin: Admin,
    asked: web::Query<Asked>,
) -> Result<Page<impl Template>, Error> {
    let page = ChannelsPage::load(&app, frame).await?;
    Ok(Page::ok(ChannelsPage { told: asked.told, ..page }))
}

/// The page with the form as it was typed, but for its secrets.
pub(super) async fn again(
    app: &App,
    frame: Frame,
    typed: KeysForm,
    problems: Problems,
    request: &HttpRequest,
) -> Result<HttpResponse, Error> {
    let form = KeysForm { client_id: typed.client_id, ..KeysForm::default() };
    let page = ChannelsPage::load(app, frame).await?;
    Page::unprocessable(ChannelsPage { form, problems, ..page }).render(request)
}

/// The page with what could not be done on top.
pub(super) async fn with_trouble(
    app: &App,
    frame: Frame,
    trouble: String,
    request: &HttpRequest,
) -> Result<HttpResponse, Error> {
    let page = ChannelsPage::load(app, frame).await?;
    Page::with_status(ChannelsPage { trouble: Some(trouble), ..page }, StatusCode::UNPROCESSABLE_ENTITY).render(request)
}

/// `POST /admin/channels/check`
pub async fn check(app: web::Data<App>, _admin: Admin) -> Result<HttpResponse, Error> {
    upkeep::look_for_page(&app, true).await?;
    Ok(redirect(Told::Checked.place()))
}

#[derive(Deserialize)]
pub struct Handling {
    mode: String,
    #[serde(default)]
    topic: String,
}

/// `POST /admin/channels/{id}`: what happens to what arrives.
pub async fn handle(
    app: web::Data<App>,
    id: web::Path<ChannelId>,
    posted: Posted<Admin, Handling>,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let mode = if posted.form.mode == "mirror" { Mode::Mirror } else { Mode::Hold };
    let topic = posted.form.topic.parse().ok().map(TopicId);
    app.db
        .write(move |tx| {
            store::load_account(tx, id)?;
            let known = match topic {
                Some(topic) => topics::find(tx, topic)?.map(|found| found.id),
                None => None,
            };
            store::set_handling(tx, id, mode, known)
        })
        .await?;
    Ok(redirect(format!("{}#channel-{id}", Told::Saved.place())))
}

/// `POST /admin/channels/{id}/disconnect`
pub async fn disconnect(app: web::Data<App>, id: web::Path<ChannelId>, admin: Admin) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let (token, account) = app
        .db
        .read(move |conn| Ok::<_, DbError>((store::find_last_token(conn, id)?, store::load_account(conn, id)?)))
        .await?;
    let mut is_told = false;
    if let (Some((name, remote_id, sealed)), Some(x)) = (token, app.bridge.x_app()) {
        let token = open_secret(&app.bridge.channels.key, name, account.network, &remote_id, &sealed);
        is_told = match token {
            Ok(token) => {
                if let Err(failure) = upkeep::unsubscribe(&x, &remote_id).await {
                    tracing::warn!(%failure, "subscriptions were not ended: {failure}");
                }
                give_back(&x, &token).await
            }
            Err(_) => false,
        };
    }
    let (now, reason) = (app.clock.now(), format!("{} disconnected the account", admin.0.name));
    app.db.write(move |tx| store::disconnect(tx, id, &reason, now)).await?;
    app.bridge.reload(&app.db).await?;
    Ok(redirect(if is_told { Told::Disconnected } else { Told::Alone }.place()))
}
