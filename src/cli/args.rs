//! The command line: roles, their arguments, and the help that a newcomer reads first.
//!
//! Only words and shapes; what a role does is in the file of its name. Secrets are never arguments, where every user of the machine
//! could read them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

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
    #[command(long_about = BENCH)]
    Bench(Bench),
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

const BENCH: &str = "\
Measures what pages, search and webhooks cost on this machine.

Fills an empty database with questions through the product's own functions, serves it on a free port of this machine, asks \
for pages one after the other, and prints the median, the slowest hundredth, the processor time (server and client \
together), and the ratio to a small static file of the same run: on a busy machine only that ratio can be compared.";

const BENCH_INBOUND: &str = "\
Measures how fast posts arrive.

Signed webhooks come at a steady pace, then in a burst, while somebody reads pages. Told are the times until a post is kept, \
until it stands on a page and in search, and what pages cost meanwhile against the idle forum of the same run.";

const BENCH_DESK: &str = "\
Measures what the queue of the desk costs.

Fills the forum with questions of which many wait for staff, opens the queue, its lists and a thread beside it, then opens \
many live pages at once and tells what they cost while nothing happens, against the same process without them.";

const BENCH_SEED: &str = "\
Makes a forum of any size that reads like one, the same each time.

Members, topics, tags, questions asked here and on X, answers, comments, votes, what was accepted and verified, reputation, \
and the search index over it all, in an empty database. 100,000 questions take about a minute on SQLite.";

const BENCH_PAGES: &str = "\
Measures what each public page costs.

Serves the forum in a folder by a process of its own, asks for pages that are made anew and for those that are kept, and prints \
the server's processor time for each. Then asks for one kept page as often as the server can, in turn with nginx (if it is \
installed) and a file of the same size: on a busy machine only the ratio can be compared.";

/// What `bench` measures instead of pages one after the other.
#[derive(Debug, Subcommand)]
pub enum BenchWhat {
    /// Posts that arrive, steadily and in bursts, while people read
    #[command(long_about = BENCH_INBOUND)]
    Inbound(BenchInbound),
    /// The queue of the desk over a large forum, and pages that are open while nothing happens
    #[command(long_about = BENCH_DESK)]
    Desk(BenchDesk),
    /// A forum of any size in a folder, the same each time
    #[command(long_about = BENCH_SEED)]
    Seed(BenchSeed),
    /// What each public page costs, and how fast kept pages are shown beside nginx
    #[command(long_about = BENCH_PAGES)]
    Pages(BenchPages),
}

/// The arguments of `bench seed`.
#[derive(Debug, Args)]
pub struct BenchSeed {
    /// How many questions; there are three answers to each on the average
    #[arg(long, default_value_t = 100_000)]
    pub questions: usize,
    /// The data folder that is made; `answerwell serve` can serve it
    #[arg(long, value_name = "FOLDER", default_value = "bench-data")]
    pub data: PathBuf,
    /// An empty PostgreSQL database instead of a SQLite file in the folder
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
}

/// The arguments of `bench pages`.
#[derive(Debug, Args)]
pub struct BenchPages {
    /// A data folder with a SQLite database, as `bench seed` makes it; nobody else may serve it meanwhile
    #[arg(long, value_name = "FOLDER", default_value = "bench-data")]
    pub data: PathBuf,
    /// How many requests of each kind
    #[arg(long, default_value_t = 2_000)]
    pub rounds: usize,
}

/// The arguments of `bench desk`.
#[derive(Clone, Copy, Debug, Args)]
pub struct BenchDesk {
    /// How many of the questions wait for staff; `--questions 250000` makes a million posts
    #[arg(long, default_value_t = 50_000)]
    pub open: usize,
    /// Pages of the desk that are open at once
    #[arg(long, default_value_t = 50)]
    pub staff: usize,
    /// For so many seconds nothing happens
    #[arg(long, default_value_t = 30)]
    pub seconds: u64,
}

/// The arguments of `bench inbound`.
#[derive(Clone, Copy, Debug, Args)]
pub struct BenchInbound {
    /// Posts a second, steadily
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub steady: u32,
    /// For so many seconds
    #[arg(long, default_value_t = 20)]
    pub seconds: u32,
    /// Posts a second, in the burst
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub burst: u32,
    /// For so many seconds
    #[arg(long, default_value_t = 4)]
    pub burst_seconds: u32,
}

/// The arguments of `bench`.
#[derive(Debug, Args)]
pub struct Bench {
    #[command(subcommand)]
    pub what: Option<BenchWhat>,
    /// How many questions, each with three answers
    #[arg(long, default_value_t = 10_000)]
    pub questions: usize,
    /// How many requests of each kind
    #[arg(long, default_value_t = 1_000)]
    pub rounds: usize,
    /// An empty PostgreSQL database instead of a SQLite file
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
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
it holds the index, and this says so; then delete the folder `index-v2` in the data folder instead, and the server builds a \
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
