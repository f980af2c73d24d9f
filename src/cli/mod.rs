//! From the command line to a role of the one binary, and what the roles share: the log, the runtime, listening,
//! stopping, and start-up errors.
//!
//! What goes wrong at the start is one clear sentence on standard error that says what to do. Exit code 2 means that the
//! command or the settings must be changed, 1 that something around the program must.

mod args;
mod bench;
mod copies;
mod demo;
pub mod doctor;
mod import;
mod member;
mod quality;
mod replay;
mod serve;
mod upkeep;

use std::fmt::Display;
use std::fs;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::panic::PanicHookInfo;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
pub use args::Cli;
use args::{MemberAct, Role};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::bridge::ConnectError;
use crate::config::ConfigError;
use crate::db::DbError;
use crate::db::copy::CopyError;
use crate::jobs::Jobs;
use crate::search::SearchError;

/// Threads beside the web server's own workers: the bridge, the search index and the twin live there.
const RUNTIME_THREADS: usize = 2;
/// Database and hashing work waits in bounded queues before it takes one of these.
const BLOCKING_THREADS: usize = 24;
/// For the background work under way when the process is told to stop.
const JOBS_DEADLINE: Duration = Duration::from_secs(2);
/// What is still blocked then is cut off, as a crash would do it.
const LAST_GRACE: Duration = Duration::from_millis(300);

/// Why a role ended. The text is for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub enum Ended {
    /// The command or a setting must be changed.
    #[error("{0}")]
    Usage(String),
    /// Something around the program must be changed.
    #[error("{0}")]
    Trouble(String),
}

impl Ended {
    fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Trouble(_) => 1,
        }
    }
}

impl From<ConfigError> for Ended {
    fn from(error: ConfigError) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<DbError> for Ended {
    fn from(error: DbError) -> Self {
        let advice = match error {
            DbError::Unreachable(_) => {
                ". See that it runs and lets this user in, and look at the setting database.url."
            }
            _ => "",
        };
        Self::Trouble(format!("{}{advice}", error.to_string().trim_end().trim_end_matches('.')))
    }
}

impl From<ConnectError> for Ended {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::Db(error) => error.into(),
            ConnectError::Seal(_) | ConnectError::Client(_) => Self::Trouble(error.to_string()),
        }
    }
}

impl From<CopyError> for Ended {
    fn from(error: CopyError) -> Self {
        match error {
            CopyError::Db(error) => error.into(),
            other => Self::Trouble(format!("{other}.")),
        }
    }
}

impl From<SearchError> for Ended {
    fn from(error: SearchError) -> Self {
        Self::Trouble(error.to_string())
    }
}

/// Runs the role that was asked for, to its end.
pub fn run(cli: Cli) -> ExitCode {
    match start_log(&cli).and_then(|()| in_runtime(cli.role)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(ended) => {
            let said = ended.to_string();
            // One line, whatever a library made of it. Where standard error is gone, the exit code still tells.
            let line: Vec<&str> = said.split_whitespace().collect();
            let _ = writeln!(io::stderr(), "answerwell: {}", line.join(" "));
            ExitCode::from(ended.code())
        }
    }
}

fn in_runtime(role: Role) -> Result<(), Ended> {
    // Whoever installs a provider first wins; this only makes sure that there is one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(RUNTIME_THREADS)
        .max_blocking_threads(BLOCKING_THREADS)
        .enable_all()
        .build()
        .map_err(|error| Ended::Trouble(format!("the threads of this program could not be started: {error}")))?;
    let result = runtime.block_on(async {
        match role {
            Role::Demo(args) => demo::run(args).await,
            Role::Serve(settings) => serve::run(&settings).await,
            Role::Migrate(settings) => upkeep::migrate(&settings).await,
            Role::Reindex(settings) => upkeep::reindex(&settings).await,
            Role::SearchQuality(args) => quality::run(&args),
            Role::Doctor(args) => doctor::run(&args).await,
            Role::Backup(args) => copies::back_up(args).await,
            Role::Restore(args) => copies::restore(args).await,
            Role::Bench(args) => bench::run(&args).await,
            Role::Import(args) => import::run(args).await,
            Role::Member(member) => match member.act {
                MemberAct::CreateStaff(args) => member::create_staff(args).await,
                MemberAct::ResetPassword(args) => member::reset_password(args).await,
                MemberAct::Recount(args) => member::recount(&args).await,
            },
        }
    });
    runtime.shutdown_timeout(LAST_GRACE);
    result
}

/// How the log is written; JSON where the flag or the environment says so.
const LOG_FORMAT: &str = "ANSWERWELL_LOG_FORMAT";

fn start_log(cli: &Cli) -> Result<(), Ended> {
    let json = match std::env::var(LOG_FORMAT).as_deref() {
        Ok("json") => true,
        Err(_) | Ok("" | "text") => cli.log_json,
        Ok(other) => return Err(Ended::Usage(format!("{LOG_FORMAT} is {other:?}; it can be json or text."))),
    };
    let usual = match cli.role {
        Role::Serve(_) => "info",
        // The twins drop connections on purpose, which their servers call an error.
        Role::Demo(_) => "warn,actix_http=off",
        _ => "warn",
    };
    let filter = EnvFilter::try_from_env("ANSWERWELL_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // A second subscriber cannot be: this runs once a process.
    let _ = if json { log.json().with_span_list(false).try_init() } else { log.with_ansi(false).try_init() };
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// A panic is one line of the log like any other. Words that were put together at run time stay out of it: they may hold
/// what people wrote, as when a text is cut in the middle of a character.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let said = panic.payload().downcast_ref::<&str>().copied().unwrap_or("its words are left out");
    let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    tracing::error!(place, said, "a panic at {place}: {said}");
}

/// Says something on standard output. Where nobody listens any more, the work goes on.
fn say(text: impl Display) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Listens at an address; `setting` is what the person changes if that fails, as in `--port`.
fn listen(address: SocketAddr, setting: &str) -> Result<TcpListener, Ended> {
    TcpListener::bind(address).map_err(|error| {
        Ended::Trouble(match error.kind() {
            io::ErrorKind::AddrInUse => format!(
                "port {} on {} is taken by another program (another Answerwell?). Stop that one, or choose another \
                 port with {setting}.",
                address.port(),
                address.ip()
            ),
            io::ErrorKind::PermissionDenied => format!(
                "this user may not listen on port {}. Choose one above 1023 with {setting}, and let a proxy pass \
                 requests on to it.",
                address.port()
            ),
            _ => format!("cannot listen on {address}: {error}. Change {setting}."),
        })
    })
}

/// Makes the data folder if it is missing, and sees that it can be written.
fn open_folder(folder: &Path, setting: &str) -> Result<(), Ended> {
    let probe = folder.join(".writable");
    fs::create_dir_all(folder).and_then(|()| fs::write(&probe, "")).and_then(|()| fs::remove_file(&probe)).map_err(
        |error| {
            Ended::Trouble(format!(
                "the data folder {} cannot be written: {error}. Give this user the right to, or choose another with \
                 {setting}.",
                folder.display()
            ))
        },
    )
}

/// Serves until the process is told to stop (Ctrl-C, SIGTERM). The servers of `forum` and the background work end first,
/// so that nothing of ours is on its way to `beside` when that ends.
/// `until` may end it as well; it runs while the servers do.
async fn serve_until_stopped(
    forum: Server,
    jobs: Jobs,
    beside: Vec<Server>,
    until: impl Future<Output = ()>,
) -> Result<(), Ended> {
    let trouble = |error: io::Error| Ended::Trouble(format!("the server cannot go on: {error}"));
    let (mut interrupt, mut terminate) =
        (signal(SignalKind::interrupt()).map_err(trouble)?, signal(SignalKind::terminate()).map_err(trouble)?);
    let handle = forum.handle();
    let beside_handles: Vec<ServerHandle> = beside.iter().map(Server::handle).collect();
    let mut serving = tokio::task::JoinSet::new();
    serving.spawn(forum);
    for server in beside {
        serving.spawn(server);
    }
    let ended = tokio::select! {
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
        () = until => Ok(()),
        Some(ended) = serving.join_next() => match ended {
            Ok(Err(error)) => Err(trouble(error)),
            Ok(Ok(())) => Err(Ended::Trouble("a server ended by itself".to_owned())),
            Err(panic) => Err(Ended::Trouble(format!("a server ended early: {panic}"))),
        },
    };
    tracing::info!("stopping");
    tokio::join!(handle.stop(true), jobs.shut_down(JOBS_DEADLINE));
    for handle in beside_handles {
        handle.stop(false).await;
    }
    ended
}
