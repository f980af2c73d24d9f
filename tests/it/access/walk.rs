//! Which pages there are: the table of routes, and a walk through all links as somebody may follow them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use reqwest::Url;

use crate::support::{Answer, Visitor};

const ROUTES: &str = include_str!("../../../src/routes.rs");
/// Addresses of one kind that are opened as one person, to choose from.
const MOST_OF_A_KIND: usize = 8;

/// What is no page of its own: streams that never end, parts of a page, files, what only programs ask for, and addresses of
/// another site that lead on to a page.
const NO_PAGES: [&str; 27] = [
    "/search/suggest",
    "/questions/{id}/{slug}/{answer}",
    "/q/{id}",
    "/q/{id}/{user}",
    "/a/{id}",
    "/a/{id}/{user}",
    "/live",
    "/live/figures",
    "/notices/count",
    "/desk/live",
    "/desk/rows",
    "/ask/similar",
    "/ask/fields",
    "/topics/{slug}/feed",
    "/members/{handle}/feed",
    "/feeds/{list}",
    "/sitemaps/{part}.xml",
    "/desk/private/pictures/{id}",
    "/desk/macros/{id}/text",
    "/desk/pictures/{hash}",
    "/files/{name}",
    "/files/small/{name}",
    "/webhooks/{network}",
    "/admin/channels/{network}/callback",
    "/pictures/{hash}.png",
    "/pictures/{hash}.jpg",
    "/assets/{hash}/{name:.*}",
];

/// The pages worth a look, and what of the table was met.
#[derive(Default)]
pub struct Walk {
    met: BTreeSet<&'static str>,
    /// Names and classes of all elements that were met: one more makes a page worth a look.
    elements: BTreeSet<String>,
}

impl Walk {
    /// Follows every link that this person may, from every address without a parameter and from `begin` on. Returns those
    /// pages that are of a new kind or show something new.
    pub async fn follow(&mut self, who: &Visitor, address: &str, begin: &[String]) -> Vec<String> {
        let base = Url::parse(address).expect("an address");
        let fixed = pages().into_iter().filter(|route| !route.contains('{')).map(str::to_owned);
        let mut waiting: VecDeque<String> = fixed.chain(begin.iter().cloned()).collect();
        let (mut opened, mut of_a_kind) = (BTreeSet::new(), BTreeMap::<String, usize>::new());
        let mut worth = Vec::new();
        while let Some(place) = waiting.pop_front() {
            let Some(route) = route_of(&place).filter(|_| !opened.contains(&place)) else { continue };
            let kind = format!("{route}{}", if place.contains('?') { "?" } else { "" });
            let many = of_a_kind.entry(kind).or_default();
            *many += 1;
            if *many > MOST_OF_A_KIND {
                continue;
            }
            opened.insert(place.clone());
            let page = who.get(&place).await;
            let landed = route_of(&page.path).unwrap_or(route);
            let is_html = page.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
            if page.status < 400 {
                self.met.extend([route, landed]);
            }
            if !is_html || (300..400).contains(&page.status) {
                continue;
            }
            let is_new_kind = page.status < 400 && self.elements.insert(format!("page {landed}"));
            let is_new_error = page.status >= 400 && self.elements.insert(format!("error {}", page.status));
            let before = self.elements.len();
            self.elements.extend(elements(&page));
            if is_new_kind || is_new_error || self.elements.len() > before {
                worth.push(page.path.clone());
            }
            for link in page.links() {
                let Ok(mut url) = base.join(&page.path).and_then(|here| here.join(&link)) else { continue };
                url.set_fragment(None);
                if url.origin() == base.origin() {
                    waiting.push_back(match url.query() {
                        Some(query) => format!("{}?{query}", url.path()),
                        None => url.path().to_owned(),
                    });
                }
            }
        }
        worth
    }

    /// Kinds of pages that nobody met.
    pub fn missed(&self) -> Vec<&'static str> {
        pages().into_iter().filter(|route| !self.met.contains(route)).collect()
    }
}

/// The name and the classes of each element.
fn elements(page: &Answer) -> impl Iterator<Item = String> {
    page.body.split('<').skip(1).flat_map(|rest| {
        let tag = rest.split('>').next().unwrap_or_default();
        let name = tag.split([' ', '\n']).next().unwrap_or_default();
        let classes = tag.split("class=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        let named = classes.split(' ').filter(move |_| !name.starts_with('/'));
        named.map(|class| format!("{name}.{class}")).collect::<Vec<_>>()
    })
}

/// All addresses of pages, as the table writes them. What is no page must be in the table all the same.
pub fn pages() -> Vec<&'static str> {
    let lines = ROUTES.lines().filter(|line| line.contains(".route(") && line.contains("get()"));
    let routes: Vec<&str> = lines.filter_map(|line| line.split('"').nth(1)).collect();
    for none in NO_PAGES {
        assert!(routes.contains(&none), "{none} is no address any more");
    }
    routes.into_iter().filter(|route| !NO_PAGES.contains(route)).collect()
}

/// The kind of page behind an address; `None`: it is no page.
fn route_of(place: &str) -> Option<&'static str> {
    let path = place.split('?').next().unwrap_or_default();
    let fits = |route: &&str| {
        let (route, path): (Vec<&str>, Vec<&str>) = (route.split('/').collect(), path.split('/').collect());
        let same = |(pattern, part): (&&str, &&str)| pattern == part || (pattern.starts_with('{') && !part.is_empty());
        route.len() == path.len() && route.iter().zip(&path).all(same)
    };
    let every = ROUTES.lines().filter(|line| line.contains(".route(") && line.contains("get()"));
    let fitting = every.filter_map(|line| line.split('"').nth(1)).filter(fits);
    // The one that says most itself, as in `/desk/drafts/new` before `/desk/drafts/{id}`.
    fitting.min_by_key(|route| route.matches('{').count()).filter(|route| !NO_PAGES.contains(route))
}
