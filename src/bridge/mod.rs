//! The bridge between the networks and the forum: inbound posts become questions, answers and comments; verified
//! answers go back out.
//!
//! The only slice that uses `networks`. Owns channels, the inbox, remote posts and authors, and deliveries. It knows
//! nothing of verification: the desk hands it a text, a target and who vouches.

pub mod access;
mod channels;
pub mod inbound;
pub mod meter;
pub mod outbound;
mod pictures;
pub mod searches;
mod store;
pub mod view;
mod words;

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use tokio::sync::Notify;

use channels::Channels;
pub use channels::{Channel, ConnectError};
use meter::Meter;
pub use store::access::{AccountRow, is_our_account, list_accounts, move_topic};
pub use store::attached::prune_drafts as prune_picture_drafts;
pub use store::breaker::{Trouble, TroubleKind, list_troubles};
pub use store::channels::{Mode, list_messages_trouble};
pub use store::deliveries::{Cargo, newest as newest_delivery};
pub use store::expenses::{prune as prune_expenses, prune_paid};
pub use store::gaps::{GapId, dismiss as dismiss_gap};
pub use store::inbox::{count_unplaced, prune as prune_inbox, unreadable};
pub use store::places::find_lang;
pub use store::remote::{Path, find_asker, find_author_remote_id, list_asked_by, list_set_aside};
pub use store::requests::{RequestId, RequestRow, count_open as count_requests, list_open as list_requests};
pub use store::restored::doubt_unsent;
pub use store::waiting::{
    WaitingRow, count as count_waiting, find as find_waiting, list as list_waiting, list_of as list_waiting_of,
    settle as settle_waiting, wait_again,
};

use crate::app::App;
use crate::clock::{Clock, Millis};
use crate::config::{self, Config};
use crate::db::{Db, DbError, id_type};
use crate::jobs::{Jobs, repeat};
use crate::networks::http::Guarded;
pub use crate::networks::{Abilities, Length, Window};
use crate::networks::{AppKeys, Network};
use crate::posts::{Called, Origin};

id_type!(
    /// The id of a channel: an account of ours connected to a network.
    ChannelId
);
id_type!(
    /// The id of a remote post as stored here.
    RemotePostId
);
id_type!(
    /// The id of a delivery.
    DeliveryId
);

/// Sends that may be under way at once: one that hangs must not hold up the others.
const SENDERS: usize = 4;
/// Pictures of posts that may be fetched at once: a host that drips must not hold up the others.
const FETCHERS: usize = 3;
/// A loop that nobody woke looks again after this time.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The title that a question gets from the words of a remote post: its first sentence.
pub fn title_of_words(text: &str) -> String {
    inbound::title(text, None)
}

/// The connected channels, which change while the server runs, and the bells of the bridge's workers.
pub struct Bridge {
    channels: Channels,
    settings: config::Bridge,
    bells: Arc<Bells>,
    intake: inbound::Intake,
    meter: Meter,
}

#[derive(Default)]
struct Bells {
    inbox: Notify,
    outbox: Notify,
    pictures: Notify,
}

impl Bridge {
    /// Takes over what the database holds: the keys of our app, and the accounts that are connected.
    pub async fn connect(config: &Config, db: &Db, clock: &Clock) -> Result<Self, ConnectError> {
        let meter = Meter::new(db, clock);
        let channels = Channels::load(config, db, clock, &meter).await?;
        let (settings, intake) = (config.bridge.clone(), inbound::Intake::default());
        Ok(Self { channels, settings, bells: Arc::default(), intake, meter })
    }

    /// Takes over at once what the database holds now; without this it takes a second.
    pub async fn reload(&self, db: &Db) -> Result<(), DbError> {
        self.channels.reload(db).await
    }

    /// Why some of the secrets that the database holds are of no use here; for administrators.
    pub fn trouble(&self) -> Option<String> {
        self.channels.now().trouble.clone()
    }

    /// The accounts that are connected now.
    pub fn channels(&self) -> Vec<Channel> {
        self.channels.now().channels.clone()
    }

    /// One of them; `None`: it is not connected now.
    pub fn channel(&self, id: ChannelId) -> Option<Channel> {
        self.channels.now().channels.iter().find(|channel| channel.id == id).cloned()
    }

    /// The connected account with this id on a network.
    pub fn channel_of(&self, origin: Origin, account: &str) -> Option<Channel> {
        let connected = self.channels.now();
        connected.channels.iter().find(|channel| channel.origin == origin && channel.us() == account).cloned()
    }

    /// What a network can do.
    pub fn abilities(&self, origin: Origin) -> &'static Abilities {
        self.network(origin).abilities()
    }

    /// Every network that this server knows.
    pub(in crate::bridge) fn networks(&self) -> impl Iterator<Item = (Origin, &Arc<dyn Network>)> {
        self.channels.networks.iter()
    }

    pub(in crate::bridge) fn network(&self, origin: Origin) -> &Arc<dyn Network> {
        self.channels.networks.get(origin)
    }

    /// The keys of our app on a network, once an administrator entered them.
    pub(in crate::bridge) fn keys(&self, origin: Origin) -> Option<AppKeys> {
        self.channels.now().keys(origin).cloned()
    }

    /// What an administrator enters at a network beside our address, so that it sends us what happens; `None`: nothing, or
    /// our app has no keys there yet.
    pub fn hook_token(&self, origin: Origin) -> Option<String> {
        self.network(origin).hook_token(&self.keys(origin)?)
    }

    /// The guarded client, for what belongs to no account.
    pub(in crate::bridge) fn http(&self) -> &Guarded {
        &self.channels.http
    }

    /// Measures a text by the rule of a channel. One that is not connected has no rule, and nothing fits.
    pub fn length(&self, channel: ChannelId, text: &str) -> Length {
        match self.channel(channel) {
            Some(channel) => channel.account.length(text),
            None => Length { used: text.chars().count(), limit: 0 },
        }
    }

    /// How much of a long post of this channel the network's lists show, in its own units; `None`: no post is that long.
    pub fn cut_after(&self, channel: ChannelId) -> Option<usize> {
        self.channel(channel)?.account.cut_after()
    }

    /// Whether a network would find an address in this text.
    pub fn holds_link(&self, origin: Origin, text: &str) -> bool {
        self.network(origin).holds_link(text)
    }

    /// How people name a channel's account; `None`: it is not connected.
    pub fn account_of(&self, channel: ChannelId) -> Option<Called> {
        Some(self.channel(channel)?.called())
    }

    /// The network's own page for posting this by hand. `target`: the remote id of the post, and its own page.
    pub fn by_hand_url(&self, origin: Origin, target: &str, target_url: &str, text: &str) -> String {
        self.network(origin).by_hand_url(target, target_url, text)
    }

    /// The remote id of the post that a link leads to, on whichever network.
    pub fn id_in_link(&self, url: &str) -> Option<String> {
        self.networks().find_map(|(_, network)| network.id_in_link(url))
    }

    /// Most characters of a private message; 0 where its channel is not connected.
    pub fn longest_message(&self, channel: ChannelId) -> usize {
        self.channel(channel).map_or(0, |channel| channel.account.longest_message())
    }

    /// Whether a person who wrote to a channel last at this moment may be answered privately; `None`: it is not connected.
    pub fn message_window(&self, channel: ChannelId, wrote_at: Option<Millis>, now: Millis) -> Option<Window> {
        Some(self.channel(channel)?.account.message_window(wrote_at, now))
    }

    /// The network's own page for writing a private message by hand.
    pub fn message_by_hand_url(&self, channel: ChannelId, person: &str, text: &str) -> Option<String> {
        Some(self.channel(channel)?.account.compose_url(person, text))
    }

    /// The network's own page of our private conversation with one person.
    pub fn conversation_url(&self, channel: ChannelId, person: &str) -> Option<String> {
        Some(self.channel(channel)?.account.conversation_url(person))
    }

    /// Starts the bridge's workers.
    pub fn start(app: &Data<App>, jobs: &mut Jobs) {
        let bells = Arc::clone(&app.bridge.bells);
        let (data, stop) = (app.clone(), jobs.stop());
        jobs.spawn(async move {
            let follow = || data.bridge.channels.follow(&data.db);
            repeat("channels", stop, &Notify::new(), LOOK_AGAIN, follow).await;
        });
        let (data, stop) = (app.clone(), jobs.stop());
        jobs.spawn(async move {
            repeat("access", stop, &Notify::new(), LOOK_AGAIN, || access::renew_step(&data)).await;
        });
        let (data, stop) = (app.clone(), jobs.stop());
        jobs.spawn(async move {
            repeat("connection", stop, &Notify::new(), LOOK_AGAIN, || access::upkeep_step(&data)).await;
        });
        let (data, stop, bell) = (app.clone(), jobs.stop(), Arc::clone(&bells));
        jobs.spawn(async move {
            repeat("inbox", stop, &bell.inbox, LOOK_AGAIN, || inbound::unhurried_step(&data)).await;
        });
        let (data, stop, bell) = (app.clone(), jobs.stop(), Arc::clone(&bells));
        jobs.spawn(async move {
            repeat("pictures", stop, &bell.pictures, LOOK_AGAIN, || inbound::pictures::step(&data)).await;
        });
        for _ in 0..FETCHERS {
            let (data, stop) = (app.clone(), jobs.stop());
            jobs.spawn(async move {
                repeat("post pictures", stop, &Notify::new(), LOOK_AGAIN, || inbound::post_pictures::step(&data)).await;
            });
        }
        let (data, stop) = (app.clone(), jobs.stop());
        jobs.spawn(async move {
            repeat("poll", stop, &Notify::new(), LOOK_AGAIN, || inbound::poll::step(&data)).await;
        });
        let (data, stop) = (app.clone(), jobs.stop());
        jobs.spawn(async move {
            repeat("private messages", stop, &Notify::new(), LOOK_AGAIN, || inbound::messages::step(&data)).await;
        });
        let (data, stop) = (app.clone(), jobs.stop());
        jobs.spawn(async move {
            repeat("private pictures", stop, &Notify::new(), LOOK_AGAIN, || inbound::messages::fetch_picture(&data))
                .await;
        });
        let (data, stop) = (app.clone(), jobs.stop());
        jobs.spawn(async move {
            repeat("look again", stop, &Notify::new(), LOOK_AGAIN, || inbound::recheck::step(&data)).await;
        });
        for _ in 0..SENDERS {
            let (data, stop, bell) = (app.clone(), jobs.stop(), Arc::clone(&bells));
            jobs.spawn(async move { repeat("outbox", stop, &bell.outbox, LOOK_AGAIN, || outbound::step(&data)).await });
        }
        let (data, stop) = (app.clone(), jobs.stop());
        jobs.spawn(async move {
            repeat("read back", stop, &Notify::new(), LOOK_AGAIN, || outbound::read_back::step(&data)).await;
        });
        let (data, stop) = (app.clone(), jobs.stop());
        jobs.spawn(async move {
            repeat("searches", stop, &Notify::new(), LOOK_AGAIN, || searches::step(&data)).await;
        });
        let (data, stop) = (app.clone(), jobs.stop());
        jobs.spawn(async move {
            repeat("meter", stop, data.bridge.meter.bell(), LOOK_AGAIN, || meter::step(&data)).await;
            // What the other loops did last is booked, too.
            if let Err(error) = meter::step(&data).await {
                tracing::warn!(%error, "the last calls were not booked: {error}");
            }
        });
    }

    /// Call after a transaction that put something into the outbox.
    pub fn wake_outbox(&self) {
        self.bells.outbox.notify_one();
    }

    fn wake_inbox(&self) {
        self.bells.inbox.notify_one();
    }

    fn wake_pictures(&self) {
        self.bells.pictures.notify_one();
    }
}
