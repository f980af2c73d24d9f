//! The command line: roles, their arguments, and the help that a newcomer reads first.
//!
//! Only words and shapes; what a role does is in the file of its name. Secrets are never arguments, where every user of the machine
//! could read them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::bench;
use crate::posts::Origin;

/// A self-hosted help forum with a social bridge.
///
/// Customers ask - here or on a network - peers answer, staff verify, and the verified answer goes back out to where the
/// question came from.
#[derive(Debug, Parser)]
#[command(name = "answerwell", version, after_help = START_HERE, disable_help_subcommand = true)]
pub struct Cli {
    #[command(subcommand)]
    pub role: Role,
    /// Write the log as one JSON object a line
    ///
    /// The log goes to standard error. ANSWERWELL_LOG says how much: `warn`, `info`, `debug`, or by module as in
    /// `info,answerwell::bridge=debug`. ANSWERWELL_LOG_FORMAT=json does the same as this.
    #[arg(long, global = true)]
    pub log_json: bool,
}

const START_HERE: &str = "\
Start here:
  answerwell demo      a small company to play with; needs nothing, touches nothing but ./demo-data
  answerwell serve     your own forum; see `answerwell serve --help` for its settings";

/// What this run of the program is.
#[derive(Debug, Subcommand)]
pub enum Role {
    /// A small made-up company to play with: the forum, and twins of X and of Facebook beside it
    #[command(long_about = DEMO, after_help = DEMO_EXAMPLES)]
    Demo(Demo),
    /// Run the forum of your site
    #[command(long_about = SERVE, after_help = SETTINGS)]
    Serve(Settings),
    /// Bring the database up to date, then end
    #[command(long_about = MIGRATE, after_help = MIGRATE_EXAMPLES)]
    Migrate(Settings),
    /// Build the search index anew from the database, then end
    #[command(long_about = REINDEX, after_help = REINDEX_EXAMPLES)]
    Reindex(Settings),
    /// Look whether everything is well, and say what to mend
    #[command(long_about = DOCTOR, after_help = DOCTOR_EXAMPLES)]
    Doctor(Doctor),
    /// Make a whole copy of the database, while the server runs or not
    #[command(long_about = BACKUP, after_help = BACKUP_EXAMPLES)]
    Backup(Copy),
    /// Bring a copy back into an empty place
    #[command(long_about = RESTORE, after_help = RESTORE_EXAMPLES)]
    Restore(Copy),
    /// Measure what pages, search and webhooks cost on this machine, then end
    #[command(long_about = bench::ABOUT)]
    Bench(bench::Bench),
    /// Measure how well search finds what people judged to be found, then end
    #[command(long_about = SEARCH_QUALITY, after_help = SEARCH_QUALITY_EXAMPLES)]
    SearchQuality(SearchQuality),
    /// Bring over the questions and answers of another site
    #[command(long_about = IMPORT)]
    Import(Import),
    /// Make staff accounts, reset passwords
    #[command(long_about = MEMBER)]
    Member(Member),
}

const DEMO: &str = "\
A small made-up company to play with.

Makes a data folder, plays five weeks of a company that sells routers and smart-home things into it (about 50 questions, \
once, at the first start), and starts three servers on this machine: the forum, and the twins of X and of Facebook, on \
which you can be any customer. Nothing leaves this machine. Ctrl-C ends it; started again it goes on where it was. Delete the folder to begin \
anew.";

const DEMO_EXAMPLES: &str = "\
Examples:
  answerwell demo
  answerwell demo --port 9080 --twin-port 9081 --facebook-port 9082 --data /tmp/acme
  answerwell demo --data /tmp/replay --replay conversations.csv --brand AcmeHelp --speed 10000
  answerwell demo --data /tmp/replay --replay conversations.csv --network facebook

Environment:
  ANSWERWELL_LOG   how much is logged to standard error (default: warn)";

const SEARCH_QUALITY: &str = "\
Measures how well search finds what people judged to be found.

Reads a folder in BEIR layout (corpus.jsonl, queries.jsonl, qrels/test.tsv), indexes it in a temporary folder as posts are \
indexed, asks each judged query of the function behind the search page, and prints the means: nDCG@10 (were the best first), \
recall@10 (was all found, of ten at most), P@1 (was the first one right). A query that stands in the corpus itself is left \
out of what it finds.";

const SEARCH_QUALITY_EXAMPLES: &str = "\
Examples:
  answerwell search-quality judged/
  answerwell search-quality judged/ --similar
  answerwell search-quality judged/ --each queries.tsv";

/// The arguments of `search-quality`.
#[derive(Debug, Args)]
pub struct SearchQuality {
    /// The folder with corpus.jsonl, queries.jsonl and qrels/test.tsv
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// Ask the function behind similar questions instead
    #[arg(long)]
    pub similar: bool,
    /// The same, asked with the whole question where the query stands in the corpus, as beside each thread
    #[arg(long, conflicts_with = "similar")]
    pub beside: bool,
    /// Write a line for each query: its id, nDCG@10, recall@10, what was found, its text
    #[arg(long, value_name = "FILE")]
    pub each: Option<PathBuf>,
}

/// The arguments of `demo`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("elsewhere").args(["twin", "facebook_twin"]).multiple(true))]
pub struct Demo {
    /// The folder that keeps everything; made if it is missing
    #[arg(long, value_name = "DIR", default_value = "./demo-data")]
    pub data: PathBuf,
    /// The port of the forum on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// The port of the twin of X on 127.0.0.1; 0 takes a free one [default: 8081]
    ///
    /// The links to originals lead to it, so a folder keeps the port of its first start.
    #[arg(long, value_name = "PORT")]
    pub twin_port: Option<u16>,
    /// The port of the twin of Facebook on 127.0.0.1; 0 takes a free one [default: 8082]
    ///
    /// A folder keeps it, like the other.
    #[arg(long, value_name = "PORT")]
    pub facebook_port: Option<u16>,
    /// Use a twin of X that runs elsewhere on this machine; then no company is played
    #[arg(long, value_name = "URL", conflicts_with = "twin_port")]
    pub twin: Option<String>,
    /// Use a twin of Facebook that runs elsewhere on this machine; then no company is played
    #[arg(long, value_name = "URL", conflicts_with = "facebook_port")]
    pub facebook_twin: Option<String>,
    /// How many seconds staff may take back what they wrote before it leaves
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(..=600))]
    pub undo_window: u64,
    /// With a twin elsewhere: a database other than the SQLite file in the folder
    #[arg(long, value_name = "URL", requires = "elsewhere")]
    pub database: Option<String>,
    /// Play the support conversations of this CSV file instead of the company
    ///
    /// Columns: tweet_id, author_id, inbound, created_at, text, in_response_to_tweet_id. Times are shifted so that the
    /// last post is now. In the end a report holds the twin's list against the forum's public pages; the exit code is 1
    /// if anything is missing or doubled.
    #[arg(long, value_name = "FILE", conflicts_with = "elsewhere")]
    pub replay: Option<PathBuf>,
    /// With --replay: on which network; on Facebook as comments under the brands' own posts
    #[arg(long, value_name = "NAME", requires = "replay", default_value = "x", value_parser = network)]
    pub network: Origin,
    /// With --replay: whose conversations, may be given several times [default: the four with most answers]
    #[arg(long, value_name = "NAME", requires = "replay")]
    pub brand: Vec<String>,
    /// With --replay: so many times as fast as it was [default: as fast as it goes]
    #[arg(long, value_name = "N", requires = "replay")]
    pub speed: Option<f64>,
    /// With --replay: end after the report instead of serving
    #[arg(long, requires = "replay")]
    pub report_only: bool,
}

fn network(name: &str) -> Result<Origin, String> {
    Origin::parse(name).ok_or_else(|| "it is x or facebook".to_owned())
}

const SERVE: &str = "\
Runs the forum of your site until it is told to stop (Ctrl-C or SIGTERM; it ends within three seconds).

Brings the database up to date first. Settings come from a TOML file and from the environment, where ANSWERWELL_SITE__NAME \
sets `name` of `[site]`; the environment wins. Without any setting it serves http://127.0.0.1:8080 from ./data.";

const SETTINGS: &str = "\
A settings file:
  [site]
  name = \"Acme Help\"
  address = \"https://help.acme.com\"    # the public address; a proxy in front ends TLS
  # single_staff = true                 # one may verify one's own answers
  [server]
  bind = \"127.0.0.1:8080\"
  # workers = 2
  # trusted_proxies = [\"127.0.0.1\"]      # whose X-Forwarded-For (or Forwarded) and X-Request-Id are believed
  [data]
  folder = \"/var/lib/answerwell\"       # search index, uploaded pictures, and the SQLite database unless set below
  [database]
  url = \"postgres://answerwell@db/answerwell?sslmode=require\"    # or sqlite:PATH
  [bridge]
  # poll_seconds = 60, send_timeout_seconds = 10, lease_seconds = 30, read_back_lag_seconds = 120
  # undo_window_seconds = 10            # how long staff may take back what they send
  [mail]                                # without it nothing leaves by e-mail
  server = \"mail.acme.com\"            # port, and security = \"starttls\", \"tls\" or \"none\"
  user = \"help@acme.com\"
  from = \"Acme Help <help@acme.com>\"

Secrets belong into the environment:
  ANSWERWELL_DATABASE__URL   if the address holds a password
  ANSWERWELL_MAIL__PASSWORD  of the mail server's user
  ANSWERWELL_SECRET_KEY      opens the networks' tokens in the database; several nodes share it. Without it the key lies in
                             the file secret.key of the data folder. Keep a copy: no backup of the database has it.

X and Facebook are connected on the page Channels, by an administrator.

Environment:
  ANSWERWELL_CONFIG   the settings file, as --config
  ANSWERWELL_LOG      how much is logged to standard error (default: info)
  ANSWERWELL_LOG_FORMAT   text, or json: one object a line

First steps:
  answerwell member create-staff --name \"Sam Stone\" --email sam@acme.com --admin
  answerwell serve --config answerwell.toml";

const MIGRATE: &str = "\
Brings the database up to date and ends.

`serve` does this by itself; use this where several nodes start at once and you want to see it succeed first, or where only \
a deploy step may change tables. Safe to run twice and beside another one: a lock lets one work and the others wait.";

const MIGRATE_EXAMPLES: &str = "\
Example:
  ANSWERWELL_DATABASE__URL=postgres://answerwell@db/answerwell answerwell migrate

Settings are those of `answerwell serve --help`.";

const REINDEX: &str = "\
Builds the search index anew from the database and ends.

Hardly ever needed: the running server keeps its index, notices damage, and builds a new one by itself. While a server runs \
it holds the index, and this says so; then delete the folder `index-v3` in the data folder instead, and the server builds a \
new one within seconds while search goes on.";

const REINDEX_EXAMPLES: &str = "\
Example:
  answerwell reindex --config /etc/answerwell.toml

Settings are those of `answerwell serve --help`.";

const MEMBER: &str = "\
Makes staff accounts and resets passwords, while the server runs or not.

Members sign up by themselves on the site; staff are made here, so that nobody becomes staff through the web.";

const DOCTOR: &str = "\
Looks at the settings, the disk, the key, the database, the search index, the channels, the backups, the public address and \
the clock, and asks X about each account. Says a line about each: well, mind (mend it before it becomes trouble) or ILL (it \
does not work). May run beside the server; mends nothing but what \"Check again\" does: what X lost of us, and an access that \
works again. Ends with 0, or with 1 if something is ill.";

const DOCTOR_EXAMPLES: &str = "\
Example:
  answerwell doctor --config /etc/answerwell.toml
  answerwell doctor --offline

Settings are those of `answerwell serve --help`.";

const BACKUP: &str = "\
Makes a whole copy of the database, as of one moment, while the server runs or not.

The copy is one SQLite file, whatever your database is; it holds all posts, members, pictures of the networks and what waits to be sent, and \
it can be brought back into either database. Only its owner may read it: it holds e-mail addresses and password hashes.

The pictures that members uploaded are files of their own, in `files` of the data folder: copy that folder beside it, after \
the database. They never change, so a copy made while the server runs is whole.

It never holds the key of the secrets, so that nobody who finds a copy can post in your name. Keep that key elsewhere, once: \
the file `secret.key` in the data folder, or what ANSWERWELL_SECRET_KEY says. Without it a restored site must be connected \
to its networks again; nothing else is lost. The search index is not in the copy: it builds itself.";

const BACKUP_EXAMPLES: &str = "\
Examples:
  answerwell backup /backups/answerwell-$(date +%F).db --config /etc/answerwell.toml
  answerwell restore /backups/answerwell-2026-11-22.db --config /etc/answerwell.toml

Settings are those of `answerwell serve --help`.";

const RESTORE: &str = "\
Brings a copy that `answerwell backup` made back into an empty place: a SQLite file that is not there yet, or a PostgreSQL \
database without members and posts. Stop the server first. A copy of an older version is brought up to date.

What waited to be sent when the copy was made may have been sent since: it becomes uncertain, is looked for among the posts \
of your account, and what is not found is left for a person to decide. Access to the networks may have been renewed since, \
too; then connect the account again. The search index builds itself anew.";

const RESTORE_EXAMPLES: &str = "\
Example:
  systemctl stop answerwell && mv /var/lib/answerwell /var/lib/answerwell.broken
  answerwell restore /backups/answerwell-2026-11-22.db --config /etc/answerwell.toml

Settings are those of `answerwell serve --help`.";

const IMPORT: &str = "\
Brings over the questions and answers of another site, from a dump of it in a folder.

May run while the server does. Nobody is told of what is old, no staff member gets work by it, and nothing goes to a network. \
Stopped at any point and started again it goes on; a second run changes nothing. A dump of another site goes into the same \
forum beside the first.";

const IMPORT_SE: &str = "\
Brings over an official Stack Exchange dump (Posts.xml, Users.xml, Comments.xml, Votes.xml, Tags.xml, PostLinks.xml, \
PostHistory.xml, Badges.xml, unpacked). All but Posts.xml may be missing.

Questions, answers, comments, tags, scores, accepted answers, closed and linked questions come over as they were, with their \
times, and keep their numbers where those are free, so that old addresses (/questions/ID, /q/ID, /a/ID) go on leading to \
them. Whoever wrote something gets an account, under which nobody can sign in. What could not be brought over is counted in \
the report, by reason.";

const IMPORT_EXAMPLES: &str = "\
Examples:
  7z x beer.stackexchange.com.7z -o/tmp/beer
  answerwell import stackexchange /tmp/beer --site beer.stackexchange.com --config /etc/answerwell.toml

Settings are those of `answerwell serve --help`.";

/// The arguments of `import`.
#[derive(Debug, Args)]
pub struct Import {
    #[command(subcommand)]
    pub what: ImportWhat,
}

/// What is brought over.
#[derive(Debug, Subcommand)]
pub enum ImportWhat {
    /// An official Stack Exchange dump
    #[command(name = "stackexchange", long_about = IMPORT_SE, after_help = IMPORT_EXAMPLES)]
    StackExchange(ImportDump),
}

/// The arguments of `import stackexchange`.
#[derive(Debug, Args)]
pub struct ImportDump {
    /// The folder that holds Posts.xml
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Where it is from, such as beer.stackexchange.com [default: the name of the folder]
    ///
    /// What came over is known by this name and its number there: give the same one again to go on, and another one for
    /// another site.
    #[arg(long, value_name = "NAME")]
    pub site: Option<String>,
    #[command(flatten)]
    pub settings: Settings,
}

/// The arguments of `backup` and `restore`.
#[derive(Debug, Args)]
pub struct Copy {
    /// The file of the copy
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub settings: Settings,
}

/// Where the settings are.
#[derive(Debug, Args)]
pub struct Settings {
    /// The settings file [default: answerwell.toml here, if it is there]
    #[arg(long, value_name = "FILE", env = "ANSWERWELL_CONFIG", hide_env = true)]
    pub config: Option<PathBuf>,
}

/// The arguments of `doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    #[command(flatten)]
    pub settings: Settings,
    /// Ask neither X nor the public address
    #[arg(long)]
    pub offline: bool,
}

/// The arguments of `member`.
#[derive(Debug, Args)]
pub struct Member {
    #[command(subcommand)]
    pub act: MemberAct,
}

/// What is done to a member.
#[derive(Debug, Subcommand)]
pub enum MemberAct {
    /// Make an account that may verify answers
    #[command(after_help = CREATE_EXAMPLES)]
    CreateStaff(CreateStaff),
    /// Give a member a new password, and end all their sessions
    #[command(after_help = RESET_EXAMPLES)]
    ResetPassword(ResetPassword),
    /// Count everybody's reputation anew, from the votes and marks themselves; the server may run
    #[command(after_help = RECOUNT_EXAMPLES)]
    Recount(Recount),
}

const CREATE_EXAMPLES: &str = "\
The password is asked for, or read from standard input with --password-stdin; it is never an argument.

Examples:
  answerwell member create-staff --name \"Sam Stone\" --email sam@acme.com --title \"Network engineer\"
  pass show acme/sam | answerwell member create-staff --name \"Sam Stone\" --email sam@acme.com --password-stdin

Settings are those of `answerwell serve --help`.";

const RESET_EXAMPLES: &str = "\
Example:
  answerwell member reset-password --email sam@acme.com

Settings are those of `answerwell serve --help`.";

const RECOUNT_EXAMPLES: &str = "\
Example:
  answerwell member recount

Settings are those of `answerwell serve --help`.";

/// The arguments of `member recount`.
#[derive(Debug, Args)]
pub struct Recount {
    #[command(flatten)]
    pub settings: Settings,
}

/// The arguments of `member create-staff`.
#[derive(Debug, Args)]
pub struct CreateStaff {
    /// The name that stands beside answers
    #[arg(long)]
    pub name: String,
    /// The e-mail address to sign in with
    #[arg(long)]
    pub email: String,
    /// What this person is, as in "Network engineer"; shown beside the name
    #[arg(long, default_value = "", hide_default_value = true)]
    pub title: String,
    /// May also run the site
    #[arg(long)]
    pub admin: bool,
    /// Read the password from the first line of standard input
    #[arg(long)]
    pub password_stdin: bool,
    #[command(flatten)]
    pub settings: Settings,
}

/// The arguments of `member reset-password`.
#[derive(Debug, Args)]
pub struct ResetPassword {
    /// The e-mail address that the member signs in with
    #[arg(long)]
    pub email: String,
    /// Also turn the second step off, for somebody whose phone and recovery codes are gone
    #[arg(long)]
    pub without_second_step: bool,
    /// Read the new password from the first line of standard input
    #[arg(long)]
    pub password_stdin: bool,
    #[command(flatten)]
    pub settings: Settings,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
