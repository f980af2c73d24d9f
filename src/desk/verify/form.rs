//! The form of a verification: as it is first shown, with what its reader sees, and checked.

use actix_web::http::Uri;
use serde::Deserialize;

use super::super::attach::Attaching;
use super::super::queue::Filter;
use super::case::{Case, Vouching};
use super::words;
use crate::app::App;
use crate::bridge::outbound::compose;
use crate::clock::Millis;
use crate::verifications::Scope;
use crate::web::Problems;
use crate::web::form::{clean, new_submission};

const LONGEST_EVIDENCE: usize = 2_000;
const LONGEST_PRODUCT: usize = 120;
const LONGEST_VERSION: usize = 60;
const LONGEST_REGION: usize = 80;

#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub struct Verifying {
    pub(super) evidence: String,
    pub(super) product: String,
    pub(super) version: String,
    pub(super) region: String,
    /// `2027-01-31`, or nothing.
    pub(super) until: String,
    pub(super) short_form: String,
    /// Ticked: it is sent although this answer has arrived before.
    pub(super) send: String,
    pub(super) revision: i64,
    pub(super) target: i64,
    pub(super) last_delivery: i64,
    pub(super) newest: i64,
    pub(super) submission: String,
    /// The list of the queue that stands beside it, and where the thread stands in it.
    pub(super) queue: String,
    pub(super) at: String,
    /// The newest answer and comment that its writer saw.
    pub(super) known: String,
    /// `next`: to be sent, and on to the next thread.
    pub(super) then: String,
    /// The writer saw that a colleague has claimed the thread, and sends all the same.
    pub(super) take_over: String,
    /// The draft that its writer sends in their own name; 0: none.
    pub(super) draft: i64,
}

impl Verifying {
    pub(in crate::desk) fn short_form(&self) -> &str {
        &self.short_form
    }

    pub(in crate::desk) fn with_short_form(self, short_form: String) -> Self {
        Self { short_form, ..self }
    }

    /// The list of the queue that stands beside it.
    pub(in crate::desk) fn filter(&self) -> Filter {
        Filter::parse(&self.queue)
    }

    /// The form as it is first shown; of what is checked again, with what was said the last time.
    pub(super) fn about(case: &Case, now: Millis) -> Self {
        let mut form = Self::default();
        if let Some(standing) = &case.standing {
            let Scope { product, version, region } = standing.scope.clone();
            (form.product, form.version, form.region) = (product, version, region);
            form.evidence = standing.evidence.clone();
            let until = standing.valid_until.filter(|until| *until > now);
            form.until = until.map(|until| day(&until.to_rfc3339())).unwrap_or_default();
        }
        if case.target.is_some() {
            let anew = || compose::short_form(&case.newest.body);
            form.short_form = case.said_before.clone().unwrap_or_else(anew);
        }
        form.seen(case)
    }

    /// With the marks of what its reader sees now.
    pub(super) fn seen(self, case: &Case) -> Self {
        Self {
            revision: case.newest.number,
            target: case.target_id(),
            last_delivery: case.last_delivery,
            newest: case.newest_post(),
            known: case.known.clone(),
            submission: new_submission(),
            ..self
        }
    }

    /// Whether something is to be sent with it.
    pub(super) fn sends(&self, case: &Case) -> bool {
        case.target.is_some() && (!case.has_arrived() || !self.send.is_empty())
    }

    pub(super) fn check(
        &self,
        problems: &mut Problems,
        app: &App,
        case: &Case,
        pictures: &Attaching,
        now: Millis,
    ) -> Vouching {
        let evidence = problems.text("evidence", "Evidence", &self.evidence, LONGEST_EVIDENCE);
        check_links(problems, &evidence);
        let scope = Scope {
            product: one_line(&problems.optional_text("product", "The product", &self.product, LONGEST_PRODUCT)),
            version: one_line(&problems.optional_text("version", "The version", &self.version, LONGEST_VERSION)),
            region: one_line(&problems.optional_text("region", "The region", &self.region, LONGEST_REGION)),
        };
        if scope.product.is_empty() && !scope.version.is_empty() {
            problems.add("product", words::VERSION_WITHOUT_PRODUCT);
        }
        let valid_until = check_until(problems, &self.until, now);
        let target = case.target.as_ref().filter(|_| self.sends(case));
        let short_form = target.map(|target| {
            let (field, name) = ("short_form", words::SHORT_FORM);
            super::super::check_outgoing(problems, &app.bridge, target, field, name, &self.short_form)
        });
        let pictures = match target {
            Some(target) => pictures.check(problems, app, Some(target.channel_id)),
            None => Vec::new(),
        };
        let window = app.config.bridge.undo_window;
        Vouching { evidence, scope, valid_until, short_form, pictures, also: Vec::new(), window }
    }
}

/// The day of a moment as the field holds it.
fn day(moment: &str) -> String {
    moment.split('T').next().unwrap_or_default().to_owned()
}

fn one_line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Each link in the evidence must be one that a reader can follow.
fn check_links(problems: &mut Problems, evidence: &str) {
    let is_link = |word: &&str| word.contains("://") || word.starts_with("www.");
    if let Some(wrong) = evidence.split_whitespace().filter(is_link).find(|word| !is_sound(word)) {
        problems.add("evidence", words::link_leads_nowhere(wrong));
    }
}

/// An address of the web with a host that has a name, and nobody's password in it.
fn is_sound(link: &str) -> bool {
    let link = link.trim_start_matches(['(', '<', '"']).trim_end_matches([')', '>', '"', '.', ',', ';']);
    let Ok(link) = link.parse::<Uri>() else { return false };
    let named = link.host().is_some_and(|host| host.contains('.') && !host.ends_with('.'));
    let bare = link.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    matches!(link.scheme_str(), Some("http" | "https")) && named && bare
}

/// The end of the day that was chosen.
fn check_until(problems: &mut Problems, text: &str, now: Millis) -> Option<Millis> {
    let day = text.trim();
    if day.is_empty() {
        return None;
    }
    let moment = |time: &str| Millis::parse_rfc3339(&format!("{day}T{time}Z"));
    match (moment("00:00:00"), moment("23:59:59")) {
        (Some(begin), Some(end)) if begin > now => Some(end),
        (Some(_), Some(_)) => {
            problems.add("until", words::DAY_HAS_PASSED);
            None
        }
        _ => {
            problems.add("until", words::NO_DAY);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_in_the_evidence_can_be_followed() {
        for sound in
            ["https://acme.example/notes/4.2.1", "(see http://docs.acme.example/a?b=c)", "Tried on two routers"]
        {
            let mut problems = Problems::default();
            check_links(&mut problems, sound);
            assert!(problems.is_empty(), "{sound}");
        }
        for wrong in [
            "https://intranet/notes",
            "javascript://alert(1)",
            "www.acme.example",
            "ftp://acme.example/x",
            "https://sam:secret@acme.example/",
            "see https:///nothing",
        ] {
            let mut problems = Problems::default();
            check_links(&mut problems, wrong);
            assert!(problems.of("evidence").is_some(), "{wrong}");
        }
    }
}
