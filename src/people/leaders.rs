//! Who helped most: `GET /people`, by period. The first fifty: whoever looks for somebody searches.

use std::time::Duration;

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use crate::app::App;
use crate::db::{DbError, MadeOf};
use crate::members::{Card, load_cards};
use crate::reputation;
use crate::web::{Error, Frame, Page};

const SHOWN: i64 = 50;
/// Time moves the beginning of a period: the page is made anew now and then, whatever happens.
const KEPT_FOR: Duration = Duration::from_secs(60);
const DAY: u64 = 24 * 3_600;

/// Over which time is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    Week,
    #[default]
    Month,
    Year,
    All,
}

impl Period {
    const ALL: [Self; 4] = [Self::Week, Self::Month, Self::Year, Self::All];

    fn as_str(self) -> &'static str {
        match self {
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
            Self::All => "all",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Week => "7 days",
            Self::Month => "30 days",
            Self::Year => "A year",
            Self::All => "All time",
        }
    }

    /// `None`: since the beginning.
    fn length(self) -> Option<Duration> {
        let days = match self {
            Self::Week => 7,
            Self::Month => 30,
            Self::Year => 365,
            Self::All => return None,
        };
        Some(Duration::from_secs(days * DAY))
    }
}

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    period: Period,
}

#[derive(Template)]
#[template(path = "people/leaders.html")]
struct LeadersPage {
    frame: Frame,
    period: Period,
    /// With their points, the first first.
    leaders: Vec<(Card, i64)>,
}

/// `GET /people`
pub async fn show(app: web::Data<App>, frame: Frame, asked: web::Query<Asked>) -> Result<Page<impl Template>, Error> {
    let period = asked.period;
    let since = period.length().map(|length| app.clock.now().minus(length));
    let leaders = app
        .db
        .read(move |conn| {
            let leaders = reputation::list_leaders(conn, since, SHOWN)?;
            let ids: Vec<_> = leaders.iter().map(|(id, _)| *id).collect();
            let mut cards = load_cards(conn, &ids)?;
            let known = leaders.into_iter().filter_map(|(id, points)| Some((cards.remove(&id)?, points)));
            Ok::<_, DbError>(known.collect())
        })
        .await?;
    let until = app.clock.now().plus(KEPT_FOR);
    Ok(Page::ok(LeadersPage { frame, period, leaders }).made_of(MadeOf::Posts, Some(until)))
}
