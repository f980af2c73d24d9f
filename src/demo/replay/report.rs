//! The report of a replay: the twin's own list, held against the forum's public pages as anybody gets them over HTTP.
//!
//! A post counts as arrived if a page shows it as a post and links to its original; what the pages do not show needs a
//! reason of the bridge's, else it is missing.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::LazyLock;
use std::time::Duration;

use regex::Regex;
use tokio::time::Instant;

use super::{Plan, ReplayError, Stage, Venue, Written};
use crate::bridge;
use crate::db::DbError;

/// Between two looks at what has arrived.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Without any news for so long, nothing more is coming.
const NO_NEWS: Duration = Duration::from_secs(30);

/// What became of the posts of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub from_customers: usize,
    pub from_brands: usize,
    /// Posts that are questions on the pages.
    pub questions: usize,
    /// Customers' posts that stand in the thread of another.
    pub follow_ups: usize,
    /// Brands' posts that a page shows as staff's.
    pub recognised: usize,
    /// Brands' posts that a page shows as a stranger's: addresses of the originals.
    pub mistaken: Vec<String>,
    /// What the bridge set aside, by its reason.
    pub ignored: BTreeMap<String, usize>,
    /// Addresses of originals that no page shows, for no reason.
    pub missing: Vec<String>,
    /// Addresses of originals that the pages show more than once.
    pub doubled: Vec<String>,
}

impl Report {
    /// Whether everything arrived exactly once, and as what it is.
    pub fn is_clean(&self) -> bool {
        self.missing.is_empty() && self.doubled.is_empty() && self.mistaken.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ignored: usize = self.ignored.values().sum();
        writeln!(
            f,
            "  sent on the twin               {:>6}   ({} by customers, {} by brands)",
            self.from_customers + self.from_brands,
            self.from_customers,
            self.from_brands
        )?;
        writeln!(f, "  questions made                 {:>6}", self.questions)?;
        writeln!(f, "  follow-ups placed              {:>6}", self.follow_ups)?;
        writeln!(f, "  recognised as the brand's own  {:>6}", self.recognised)?;
        writeln!(f, "  ignored                        {ignored:>6}")?;
        for (reason, count) in &self.ignored {
            writeln!(f, "    {count:>4}  {reason}")?;
        }
        for (what, posts) in [
            ("missing", &self.missing),
            ("doubled", &self.doubled),
            ("a brand's, shown as a stranger's", &self.mistaken),
        ] {
            writeln!(f, "  {what:<30} {:>6}", posts.len())?;
            for post in posts.iter().take(20) {
                writeln!(f, "    {post}")?;
            }
        }
        Ok(())
    }
}

/// Looks until nothing is missing, or until nothing new has arrived for a while.
pub(super) async fn settled<V: Venue>(stage: &Stage<V>, plan: &Plan, ids: &[String]) -> Result<Report, ReplayError> {
    let mut last: Option<(Report, Instant)> = None;
    loop {
        let waiting = stage.app.db.read(bridge::count_unplaced).await?;
        if waiting == 0 {
            let report = report(stage, plan, ids).await?;
            let since = match &last {
                Some((before, since)) if *before == report => *since,
                _ => Instant::now(),
            };
            if report.missing.is_empty() && last.is_some() || since.elapsed() >= NO_NEWS {
                return Ok(report);
            }
            last = Some((report, since));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn report<V: Venue>(stage: &Stage<V>, plan: &Plan, ids: &[String]) -> Result<Report, ReplayError> {
    let shown = read_forum::<V>(&stage.forum).await?;
    let set_aside: HashMap<String, String> =
        stage.app.db.read(|conn| Ok::<_, DbError>(bridge::list_set_aside(conn)?.into_iter().collect())).await?;
    let played: HashSet<&String> = ids.iter().collect();
    let mut report = Report::default();
    for Written { id, handle, url } in stage.venue.list().into_iter().filter(|one| played.contains(&one.id)) {
        let by_brand = plan.brands.contains(&handle);
        *(if by_brand { &mut report.from_brands } else { &mut report.from_customers }) += 1;
        let found = shown.get(&id).map_or(&[][..], Vec::as_slice);
        match (found, by_brand) {
            ([], _) => match set_aside.get(&id) {
                Some(reason) => *report.ignored.entry(reason.clone()).or_default() += 1,
                None => report.missing.push(url),
            },
            ([Shown::Question], false) => report.questions += 1,
            ([Shown::Reply { .. }], false) => report.follow_ups += 1,
            ([Shown::Reply { ours: true }], true) => report.recognised += 1,
            ([_], true) => report.mistaken.push(url),
            _ => report.doubled.push(url),
        }
    }
    Ok(report)
}

/// How a page shows a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Question,
    Reply {
        /// With the mark of staff.
        ours: bool,
    },
}

/// Every original that the public pages link to, with each place where one is shown.
async fn read_forum<V: Venue>(forum: &str) -> Result<HashMap<String, Vec<Shown>>, ReplayError> {
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build();
    let client = client.map_err(|error| ReplayError::Pages(error.to_string()))?;
    let mut shown: HashMap<String, Vec<Shown>> = HashMap::new();
    let mut threads = HashSet::new();
    let mut list = Some("/newest".to_owned());
    while let Some(path) = list.take() {
        let page = get(&client, &format!("{forum}{path}")).await?;
        for link in THREAD.captures_iter(&page) {
            if threads.insert(link["id"].to_owned()) {
                let thread = get(&client, &format!("{forum}{}", &link["path"])).await?;
                for (id, how) in originals::<V>(&thread) {
                    shown.entry(id).or_default().push(how);
                }
            }
        }
        list = NEXT.captures(&page).map(|next| next["path"].replace("&amp;", "&"));
    }
    Ok(shown)
}

async fn get(client: &reqwest::Client, url: &str) -> Result<String, ReplayError> {
    let failed = |error: reqwest::Error| ReplayError::Pages(format!("{url}: {error}"));
    let answer = client.get(url).send().await.map_err(failed)?;
    if !answer.status().is_success() {
        return Err(ReplayError::Pages(format!("{url} answered {}", answer.status())));
    }
    answer.text().await.map_err(failed)
}

static THREAD: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"class="row-title" href="(?P<path>/questions/(?P<id>\d+)[^"]*)""#));
static NEXT: LazyLock<Regex> = LazyLock::new(|| pattern(r#"href="(?P<path>/newest\?after=[^"]+)""#));
/// What is shown of a post beside others, and is no place where the post itself stands.
static ASIDE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?s)<figure class="quote">.*?</figure>|<aside class="rail".*?</aside>"#));
/// The beginning of a post, or a link to an original.
static PIECE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"<(?:article|li) class="(?P<class>[^"]*)" id="(?P<post>question|answer-\d+|comment-\d+)"|href="(?P<link>[^"]*)" rel="noopener nofollow ugc""#,
    )
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is fixed")
}

/// The originals on a thread's page, in order.
fn originals<V: Venue>(page: &str) -> Vec<(String, Shown)> {
    let page = ASIDE.replace_all(page, "");
    let mut found = Vec::new();
    let mut here = None;
    for piece in PIECE.captures_iter(&page) {
        if let Some(post) = piece.name("post") {
            let ours = piece["class"].split(' ').any(|class| class == "ours");
            here = Some(if post.as_str() == "question" { Shown::Question } else { Shown::Reply { ours } });
        } else if let (Some(link), Some(here)) = (piece.name("link"), here)
            && let Some(original) = V::id_in_link(&link.as_str().replace("&#38;", "&").replace("&amp;", "&"))
        {
            found.push((original, here));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::OnX;
    use super::*;

    #[test]
    fn originals_are_found_where_they_stand_and_only_there() {
        let page = r#"
            <article class="post question" id="question">
              <figure class="quote"><a href="http://t/acme/status/1" rel="noopener nofollow ugc">View original</a></figure>
              <a href="http://t/ann/status/22" rel="noopener nofollow ugc" target="_blank">View original on X</a>
            </article>
            <li class="turn ours" id="answer-4"><a href="http://t/acme/status/33" rel="noopener nofollow ugc">1</a>
              <a href="http://t/acme/status/34" rel="noopener nofollow ugc">2</a></li>
            <li class="comment" id="comment-9"><a href="http://t/ann/status/44" rel="noopener nofollow ugc">View original</a></li>
            <aside class="rail" aria-label="x"><a href="http://t/ann/status/22" rel="noopener nofollow ugc">view original</a></aside>"#;
        let told: Vec<(String, Shown)> = originals::<OnX>(page);
        let expected = [
            ("22", Shown::Question),
            ("33", Shown::Reply { ours: true }),
            ("34", Shown::Reply { ours: true }),
            ("44", Shown::Reply { ours: false }),
        ];
        assert_eq!(told, expected.map(|(id, how)| (id.to_owned(), how)));
    }

    #[test]
    fn a_report_is_clean_only_if_nothing_is_missing_or_doubled() {
        let clean = Report { questions: 1, from_customers: 1, ..Report::default() };
        assert!(clean.is_clean());
        for report in [
            Report { missing: vec!["x".to_owned()], ..clean.clone() },
            Report { doubled: vec!["x".to_owned()], ..clean.clone() },
            Report { mistaken: vec!["x".to_owned()], ..clean },
        ] {
            assert!(!report.is_clean() && report.to_string().contains("    x\n"));
        }
    }
}
