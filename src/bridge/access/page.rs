//! `/admin/channels`: the accounts that are connected, whether everything about them is well, what happens to what they
//! bring, and the way to connect one. Nothing secret is ever on it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::consent::{self, callback_address};
use super::keys::{KeysForm, name_of};
use super::words;
use super::{Finding, give_back, open_secret, upkeep};
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::bridge::inbound::gaps::{Missing, list_missing};
use crate::bridge::store::access::{self as store, AccountRow};
use crate::bridge::store::apps::{self, AppState};
use crate::bridge::store::channels::{Health, Mode};
use crate::bridge::view::list_held_up_channels;
use crate::bridge::{ChannelId, Trouble, TroubleKind, list_troubles};
use crate::clock::Millis;
use crate::db::DbError;
use crate::members::{Admin, Posted};
use crate::networks::{Abilities, AppKeys, Key, KeyField, Looked, Mend, Network, Words};
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
    /// Disconnected here, but the network could not be told.
    Alone,
}

impl Told {
    /// The page that tells it.
    pub fn place(self, network: Origin) -> String {
        let word = match self {
            Self::Saved => "saved",
            Self::Connected => "connected",
            Self::Checked => "checked",
            Self::Disconnected => "disconnected",
            Self::Alone => "alone",
        };
        format!("/admin/channels?told={word}&network={}", network.as_str())
    }

    fn words(self, network: &dyn Network) -> String {
        let (label, take_away) = (network.label(), network.words().take_away);
        match self {
            Self::Saved => "Saved.".to_owned(),
            Self::Connected => words::CONNECTED.to_owned(),
            Self::Checked => words::CHECKED.to_owned(),
            Self::Disconnected => words::disconnected(label),
            Self::Alone => words::disconnected_here(label, take_away),
        }
    }
}

/// The network that an address names.
pub(super) fn origin(name: &str) -> Result<Origin, Error> {
    Origin::parse(name).ok_or(Error::NotFound)
}

#[derive(Deserialize)]
pub struct Asked {
    told: Option<Told>,
    network: Option<String>,
}

#[derive(Template)]
#[template(path = "bridge/channels.html")]
struct ChannelsPage {
    frame: Frame,
    told: Option<String>,
    trouble: Option<String>,
    sections: Vec<Section>,
    accounts: Vec<AccountRow>,
    /// What keeps accounts from working at this moment, whatever was found when they were looked at.
    troubles: Vec<Trouble>,
    /// Deliveries that wait for their network, by their channels.
    held_up: Vec<ChannelId>,
    missing: Vec<Missing>,
    topics: Vec<Topic>,
}

/// What belongs to a network, and not to one account there.
struct Section {
    origin: Origin,
    words: &'static Words,
    abilities: &'static Abilities,
    fields: &'static [KeyField],
    problems: Problems,
    form: KeysForm,
    has_keys: bool,
    /// Those of our app's secrets that are stored.
    kept: Vec<Key>,
    /// Something is stored that no key here opens.
    is_shut: bool,
    state: Option<AppState>,
    findings: Vec<Finding>,
    callback: String,
    /// The address that the network calls, and why it would not.
    hook: String,
    hook_obstacle: Option<String>,
    /// What is entered at the network beside it.
    hook_token: Option<String>,
}

impl Section {
    fn new(app: &App, origin: Origin, state: Option<AppState>) -> Self {
        let network = app.bridge.network(origin);
        let (keys, hook) = (app.bridge.keys(origin), upkeep::hook_address(app, origin));
        let form = KeysForm {
            client_id: keys.as_ref().map(|keys| keys.client_id.clone()).unwrap_or_default(),
            may_answer_late: if keys.as_ref().is_some_and(|keys| keys.may_answer_late) { "yes" } else { "" }.to_owned(),
            ..KeysForm::default()
        };
        Self {
            origin,
            words: network.words(),
            abilities: network.abilities(),
            fields: network.key_fields(),
            problems: Problems::default(),
            form,
            is_shut: state.is_some() && (keys.is_none() || app.bridge.channels.key.find().is_err()),
            findings: upkeep::read_findings(state.as_ref().and_then(|state| state.findings.as_deref())),
            state,
            callback: callback_address(app, origin),
            hook_obstacle: network.hook_obstacle(&hook),
            hook,
            hook_token: keys.as_ref().and_then(|keys| network.hook_token(keys)),
            has_keys: keys.is_some(),
            kept: keys.as_ref().map(kept).unwrap_or_default(),
        }
    }

    fn checked_at(&self) -> Option<Millis> {
        self.state.as_ref().and_then(|state| state.checked_at)
    }

    fn is_rotating(&self) -> bool {
        self.state.as_ref().is_some_and(|state| state.is_rotating)
    }

    /// What the ids of this section's fields begin with: other networks have the same.
    fn at(&self) -> String {
        format!("{}-", self.origin.as_str())
    }

    /// As the network calls the secret that signs, in the middle of a sentence.
    fn signing_label(&self) -> &'static str {
        self.fields.iter().find(|field| field.key == Key::SigningSecret).map_or("secret", |field| field.label)
    }

    fn name(&self, field: &KeyField) -> &'static str {
        name_of(field.key)
    }

    /// The one key that is no secret.
    fn is_open(&self, field: &KeyField) -> bool {
        field.key == Key::ClientId
    }

    fn hint(&self, field: &KeyField) -> &'static str {
        if self.kept.contains(&field.key) { words::KEY_IS_STORED } else { field.hint }
    }

    fn must_be_typed(&self, field: &KeyField) -> bool {
        field.is_needed && !self.kept.contains(&field.key)
    }

    /// Somebody has something to enter now.
    fn is_unfolded(&self) -> bool {
        self.is_shut || !self.problems.is_empty()
    }
}

/// Which secrets are among the keys.
fn kept(keys: &AppKeys) -> Vec<Key> {
    let mut kept = vec![Key::SigningSecret];
    kept.extend(keys.client_secret.as_ref().map(|_| Key::ClientSecret));
    kept.extend(keys.api_key.as_ref().map(|_| Key::ApiKey));
    kept
}

impl ChannelsPage {
    async fn load(app: &web::Data<App>, frame: Frame) -> Result<Self, Error> {
        let now = frame.now;
        let networks: Vec<Origin> = app.bridge.networks().map(|(origin, _)| origin).collect();
        let data = app.clone();
        let (states, accounts, topics, troubles, held_up, missing) = app
            .db
            .read(move |conn| {
                let mut states = Vec::new();
                for origin in networks {
                    states.push((origin, apps::find_app_state(conn, origin)?));
                }
                let (accounts, topics) = (store::list_accounts(conn)?, topics::list(conn)?);
                let (troubles, held_up) = (list_troubles(conn, now)?, list_held_up_channels(conn, now)?);
                Ok::<_, DbError>((states, accounts, topics, troubles, held_up, list_missing(conn, &data.bridge)?))
            })
            .await?;
        Ok(Self {
            frame,
            told: None,
            trouble: app.bridge.trouble(),
            sections: states.into_iter().map(|(origin, state)| Section::new(app, origin, state)).collect(),
            accounts,
            troubles,
            held_up,
            missing,
            topics,
        })
    }

    /// Where an account is connected again.
    fn connect_place(&self, network: &Origin, handle: &str) -> String {
        consent::place(*network, handle)
    }

    fn section(&self, origin: &Origin) -> Option<&Section> {
        self.sections.iter().find(|section| section.origin == *origin)
    }

    fn findings(&self, account: &AccountRow) -> Vec<Finding> {
        upkeep::read_findings(account.findings.as_deref())
    }

    fn is_here(&self, account: &AccountRow) -> bool {
        account.disconnected_at.is_none()
    }

    /// What keeps it from working now, or soon will.
    fn troubles_of<'a>(&'a self, account: &'a AccountRow) -> impl Iterator<Item = &'a Trouble> {
        self.troubles.iter().filter(|trouble| trouble.channel_id == account.id)
    }

    /// How it is as a whole: by what holds now, then by what was found.
    fn chip(&self, account: &AccountRow) -> (&'static str, &'static str) {
        let findings = self.findings(account);
        let is_wrong = |finding: &Finding| !finding.is_good && !finding.is_unasked;
        let has = |wanted: fn(TroubleKind) -> bool| self.troubles_of(account).any(|trouble| wanted(trouble.what));
        if has(|what| matches!(what, TroubleKind::NoAccess | TroubleKind::EndsSoon { .. })) {
            return ("failed", "Needs you");
        }
        if !account.is_connected || findings.iter().any(is_wrong) {
            return ("failed", "Needs you");
        }
        if has(|what| matches!(what, TroubleKind::Silent { .. } | TroubleKind::ToldToWait { .. })) {
            return ("queued", "Waits");
        }
        match findings.is_empty() || findings.iter().any(|finding| !finding.is_good) {
            true => ("queued", "Not checked"),
            false => ("sent", words::ALL_IS_WELL),
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
        // That it ends stands above, with the way to mend it.
        let ends_soon = |trouble: &Trouble| matches!(trouble.what, TroubleKind::EndsSoon { .. });
        if self.troubles_of(account).any(ends_soon) {
            findings.retain(|finding| finding.what != Looked::Renewal || finding.is_good);
        }
        findings
    }

    fn held_up(&self, account: &AccountRow) -> usize {
        self.held_up.iter().filter(|id| **id == account.id).count()
    }

    fn missing(&self, account: &AccountRow) -> usize {
        let is_theirs = |gap: &&Missing| gap.origin == account.network && gap.handle == account.handle;
        self.missing.iter().filter(is_theirs).count()
    }

    fn holds(&self, account: &AccountRow) -> bool {
        account.mode == Mode::Hold
    }

    fn is_topic(&self, account: &AccountRow, topic: &Topic) -> bool {
        account.topic_id == Some(topic.id.0)
    }
}

/// `GET /admin/channels`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    _admin: Admin,
    asked: web::Query<Asked>,
) -> Result<Page<impl Template>, Error> {
    let Asked { told, network } = asked.into_inner();
    let network = app.bridge.network(network.as_deref().and_then(Origin::parse).unwrap_or(Origin::X));
    let told = told.map(|told| told.words(network.as_ref()));
    Ok(Page::ok(ChannelsPage { told, ..ChannelsPage::load(&app, frame).await? }))
}

/// The page with the form as it was typed, but for its secrets.
pub(super) async fn again(
    app: &web::Data<App>,
    frame: Frame,
    network: Origin,
    typed: KeysForm,
    problems: Problems,
    request: &HttpRequest,
) -> Result<HttpResponse, Error> {
    let KeysForm { client_id, may_answer_late, .. } = typed;
    let form = KeysForm { client_id, may_answer_late, ..KeysForm::default() };
    let mut page = ChannelsPage::load(app, frame).await?;
    if let Some(section) = page.sections.iter_mut().find(|section| section.origin == network) {
        (section.form, section.problems) = (form, problems);
    }
    Page::unprocessable(page).render(request)
}

/// The page with what could not be done on top.
pub(super) async fn with_trouble(
    app: &web::Data<App>,
    frame: Frame,
    trouble: String,
    request: &HttpRequest,
) -> Result<HttpResponse, Error> {
    let page = ChannelsPage::load(app, frame).await?;
    Page::with_status(ChannelsPage { trouble: Some(trouble), ..page }, StatusCode::UNPROCESSABLE_ENTITY).render(request)
}

/// `POST /admin/channels/check`
pub async fn check(app: web::Data<App>, _admin: Admin) -> Result<HttpResponse, Error> {
    upkeep::look_for_page(&app, &Origin::ALL, true).await?;
    Ok(redirect(Told::Checked.place(Origin::X)))
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
    let (topic, now) = (posted.form.topic.parse().ok().map(TopicId), app.clock.now());
    app.db
        .write(move |tx| {
            store::load_account(tx, id)?;
            let known = match topic {
                Some(topic) => topics::find(tx, topic)?.map(|found| found.id),
                None => None,
            };
            store::set_handling(tx, id, mode, known)?;
            let arrives = if mode == Mode::Mirror { "is public at once" } else { "waits for staff" };
            let topic = known.map(|topic| format!(", in topic {topic}")).unwrap_or_default();
            let line = Entry::new(posted.by.0.id, Act::Channel, format!("channel-{id}"), now);
            audit::record(tx, &Entry { words: format!("what arrives {arrives}{topic}"), ..line })
        })
        .await?;
    Ok(redirect(format!("/admin/channels?told=saved#channel-{id}")))
}

/// `POST /admin/channels/{id}/disconnect`
pub async fn disconnect(app: web::Data<App>, id: web::Path<ChannelId>, admin: Admin) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let (token, account) = app
        .db
        .read(move |conn| Ok::<_, DbError>((store::find_last_token(conn, id)?, store::load_account(conn, id)?)))
        .await?;
    let mut is_told = false;
    if let (Some((name, remote_id, sealed)), Some(keys)) = (token, app.bridge.keys(account.network)) {
        let token = open_secret(&app.bridge.channels.key, name, account.network, &remote_id, &sealed);
        if let Ok(token) = token {
            let network = app.bridge.network(account.network).as_ref();
            is_told = give_back(network, &keys, Some(&remote_id), &token).await;
        }
    }
    let (now, reason) = (app.clock.now(), words::somebody_disconnected(&admin.0.name));
    app.db
        .write(move |tx| {
            store::disconnect(tx, id, &reason, now)?;
            let line = Entry::new(admin.0.id, Act::Channel, format!("channel-{id}"), now);
            audit::record(tx, &Entry { words: "disconnected".to_owned(), ..line })
        })
        .await?;
    app.bridge.reload(&app.db).await?;
    Ok(redirect(if is_told { Told::Disconnected } else { Told::Alone }.place(account.network)))
}
