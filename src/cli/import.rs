//! `import`: a dump of another site into this forum, with a bar that moves and a report that leaves nothing out.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::{Import, ImportDump, ImportWhat};
use super::{Ended, open_folder, say, upkeep};
use crate::clock::Clock;
use crate::config::Config;
use crate::importing::{self, DumpError, ImportError, Reason, Report, Tally};
use crate::web::grouped;

impl From<ImportError> for Ended {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Db(error) => error.into(),
            ImportError::Nameless(_) | ImportError::Dump(DumpError::NoFolder(_) | DumpError::NoPosts(_)) => {
                Self::Usage(format!("{error}."))
            }
            ImportError::Dump(_) | ImportError::AtWork => Self::Trouble(format!("{error}.")),
            ImportError::Lock(error) => Self::Trouble(format!(
                "the data folder cannot be written: {error}. Give this user the right to, or choose another with data.folder."
            )),
        }
    }
}

pub(super) async fn run(args: Import) -> Result<(), Ended> {
    let ImportWhat::StackExchange(dump) = args.what;
    let config = Config::read(dump.settings.config.as_deref())?;
    open_folder(&config.data, "data.folder")?;
    let site = site(&dump);
    let db = upkeep::open(&config).await?;
    let (bar, begun) = (bar(), Instant::now());
    let mut progress = |done: u64, total: u64| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let done = importing::run(&db, &config.data, &dump.folder, &site, &Clock::Real, &mut progress).await;
    bar.finish_and_clear();
    let report = done?;
    say(told(&report, &site, begun.elapsed()));
    Ok(())
}

/// The name that was given, or that of the folder.
fn site(dump: &ImportDump) -> String {
    let named = || dump.folder.canonicalize().ok()?.file_name().map(|name| name.to_string_lossy().into_owned());
    dump.site.clone().or_else(named).unwrap_or_default()
}

fn bar() -> ProgressBar {
    let target = match std::io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let bar = ProgressBar::with_draw_target(None, target);
    // The template is fixed; were it ever wrong, the usual bar does as well.
    if let Ok(style) = ProgressStyle::with_template("  importing {wide_bar} {bytes}/{total_bytes} read, {eta} left") {
        bar.set_style(style);
    }
    bar
}

/// The report for the person at the terminal.
fn told(report: &Report, site: &str, took: Duration) -> String {
    let seconds = took.as_secs_f64();
    let mut lines = vec![match report.is_new() {
        true => format!(
            "Brought over {site}: {} questions, answers and comments in {seconds:.1} s ({:.0} a second).",
            number(report.posts()),
            report.posts() as f64 / seconds.max(0.001)
        ),
        false => format!("Nothing of {site} was new: all of it is here already, and nothing was changed."),
    }];
    lines.push(String::new());
    lines.push(format!("{:<18}{:>14}{:>14}{:>14}", "", "in the dump", "came now", "here already"));
    let rows = [
        ("questions", report.questions),
        ("answers", report.answers),
        ("  accepted", report.accepted),
        ("comments", report.comments),
        ("votes", report.votes),
        ("links", report.links),
        ("users", report.members),
    ];
    for (what, Tally { found, new, known }) in rows {
        lines.push(format!("{what:<18}{:>14}{:>14}{:>14}", number(found), number(new), number(known)));
    }
    for (heading, here) in [("Not brought over:", false), ("Here, with a difference:", true)] {
        let told = Reason::ALL.into_iter().filter(|reason| reason.is_here() == here && report.many(*reason) > 0);
        let told: Vec<String> =
            told.map(|reason| format!("  {}: {}", reason.words(), number(report.many(reason)))).collect();
        if !told.is_empty() {
            lines.extend([String::new(), heading.to_owned()]);
            lines.extend(told);
        }
    }
    lines.join("\n")
}

fn number(many: u64) -> String {
    grouped(i64::try_from(many).unwrap_or(i64::MAX))
}
