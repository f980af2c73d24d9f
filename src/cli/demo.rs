//! `demo`: the forum and twins of X and of Facebook on this machine, with a company in them, and a walk to try.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::web::Data;
use reqwest::Url;

use super::args::Demo;
use super::{Ended, listen, open_folder, replay, say, serve_until_stopped};
use crate::app::{self, App};
use crate::clock::Clock;
use crate::db::{self, Place};
use crate::demo::folder::{Folder, FolderError, Twin};
use crate::demo::{self, Company, Listeners, PlayError, StoryError, Twins};
use crate::posts::Origin;
use crate::sim::facebook::FacebookTwin;
use crate::sim::x::XTwin;

impl From<FolderError> for Ended {
    fn from(error: FolderError) -> Self {
        Self::Trouble(error.to_string())
    }
}

impl From<StoryError> for Ended {
    fn from(error: StoryError) -> Self {
        Self::Trouble(error.to_string())
    }
}

impl From<PlayError> for Ended {
    fn from(error: PlayError) -> Self {
        Self::Trouble(format!("the company could not be played: {error}"))
    }
}

pub(super) async fn run(args: Demo) -> Result<(), Ended> {
    if args.replay.is_some() {
        return replay::run(args).await;
    }
    let database = args.database.as_deref().map(Place::parse).transpose();
    let database = database.map_err(|problem| Ended::Usage(format!("--database: {problem}")))?;
    for network in Origin::ALL {
        read_elsewhere(network, &args)?;
    }
    open_folder(&args.data, "--data")?;
    let mut folder = Folder::take(&args.data)?;
    for network in Origin::ALL {
        see_it_is_as_before(network, &args, &folder)?;
    }
    let listener = listen(local(args.port), "--port")?;
    let bind = listener.local_addr().map_err(unusable)?;
    let x = Beside::open(Origin::X, &args, &folder)?;
    let facebook = Beside::open(Origin::Facebook, &args, &folder)?;
    let twins = Twins { x: x.twin.address.clone(), facebook: facebook.twin.address.clone() };
    let mut config = demo::config(&folder.path, database, bind, &twins);
    config.bridge.undo_window = Duration::from_secs(args.undo_window);
    if !folder.is_complete() {
        folder.begin(x.twin.clone(), facebook.twin.clone())?;
        match Beside::listeners(&x, &facebook).map_err(unusable)? {
            Some(listeners) => {
                say(format_args!("Playing five weeks of a small company into {} (only once) …", folder.path.display()));
                demo::play(&folder.path, &twins, listeners, Clock::Real.now()).await?;
            }
            None => demo::people(&config, Clock::Real.now()).await?,
        }
        folder.complete()?;
    } else if folder.twin(Origin::Facebook).is_none() {
        demo::people(&config, Clock::Real.now()).await?;
        folder.add_facebook(facebook.twin.clone())?;
    }
    let mut beside = Vec::new();
    if let Some(listener) = x.listener {
        beside.push(serve_x(&folder, &twins.x, listener)?.1);
    }
    if let Some(listener) = facebook.listener {
        beside.push(serve_facebook(&folder, &twins.facebook, listener)?.1);
    }
    let app = Data::new(App::build(config, Clock::Real).await?);
    app.db.write(db::mark_demo).await?;
    let jobs = App::start(&app);
    let server = app::server(app.clone(), listener).map_err(unusable)?;
    say(walk(bind, &twins, &folder)?);
    let dashboard = async {
        demo::facebook::enter_webhook(&app, &format!("http://{bind}")).await;
        std::future::pending::<()>().await;
    };
    serve_until_stopped(server, jobs, beside, dashboard).await
}

/// The twin of a network, and where it listens if it runs in this process.
pub(super) struct Beside {
    pub twin: Twin,
    pub listener: Option<TcpListener>,
}

impl Beside {
    /// Where the twin is: where it was asked for, or where the links of this folder lead.
    pub fn open(network: Origin, args: &Demo, folder: &Folder) -> Result<Self, Ended> {
        let known = folder.twin(network);
        let Flags { port, usual, asked, .. } = Flags::of(network, args);
        if let Some(address) = read_elsewhere(network, args)? {
            return Ok(Self { twin: Twin { address, elsewhere: true }, listener: None });
        }
        let known = known.and_then(|twin| Url::parse(&twin.address).ok()).and_then(|url| url.port_or_known_default());
        let chosen = match (asked, known) {
            (Some(asked), Some(known)) if asked != 0 && asked != known => {
                return Err(Ended::Usage(format!(
                    "the links of the demo in {} lead to port {known}. Leave {port} out, or choose another --data.",
                    folder.path.display()
                )));
            }
            (_, Some(known)) => known,
            (asked, None) => asked.unwrap_or(usual),
        };
        let listener = listen(local(chosen), port)?;
        let address = format!("http://{}", listener.local_addr().map_err(unusable)?);
        Ok(Self { twin: Twin { address, elsewhere: false }, listener: Some(listener) })
    }

    /// The same places once more, for those who play the company; `None`: a twin runs elsewhere.
    fn listeners(x: &Self, facebook: &Self) -> io::Result<Option<Listeners>> {
        let (Some(x), Some(facebook)) = (&x.listener, &facebook.listener) else { return Ok(None) };
        Ok(Some(Listeners { x: x.try_clone()?, facebook: facebook.try_clone()? }))
    }
}

/// What was said of the twin of a network, and how that is said.
struct Flags<'a> {
    url: &'static str,
    elsewhere: Option<&'a str>,
    port: &'static str,
    usual: u16,
    asked: Option<u16>,
}

impl<'a> Flags<'a> {
    fn of(network: Origin, args: &'a Demo) -> Self {
        match network {
            Origin::X => Self {
                url: "--twin",
                elsewhere: args.twin.as_deref(),
                port: "--twin-port",
                usual: 8081,
                asked: args.twin_port,
            },
            Origin::Facebook => Self {
                url: "--facebook-twin",
                elsewhere: args.facebook_twin.as_deref(),
                port: "--facebook-port",
                usual: 8082,
                asked: args.facebook_port,
            },
        }
    }
}

/// A demo that began with a twin elsewhere has no company, and one with a company has its twins here.
fn see_it_is_as_before(network: Origin, args: &Demo, folder: &Folder) -> Result<(), Ended> {
    let Flags { url, elsewhere, .. } = Flags::of(network, args);
    let Some(known) = folder.twin(network).filter(|known| known.elsewhere != elsewhere.is_some()) else {
        return Ok(());
    };
    let (was, how) = if known.elsewhere { ("with", "Give it again") } else { ("without", "Leave it out") };
    let shown = folder.path.display();
    Err(Ended::Usage(format!("the demo in {shown} began {was} {url}. {how}, or choose another --data.")))
}

/// A twin speaks http on this machine; whatever else this is, it is not one.
fn read_elsewhere(network: Origin, args: &Demo) -> Result<Option<String>, Ended> {
    let Flags { url: flag, elsewhere, usual, .. } = Flags::of(network, args);
    let Some(address) = elsewhere else { return Ok(None) };
    let url = Url::parse(address).ok();
    let here = url.filter(|url| url.scheme() == "http" && matches!(url.host_str(), Some("127.0.0.1" | "localhost")));
    match here {
        Some(url) => Ok(Some(url.origin().ascii_serialization())),
        None => Err(Ended::Usage(format!(
            "{flag}: {address:?} is no twin on this machine; its address looks like http://127.0.0.1:{usual}."
        ))),
    }
}

pub(super) fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

pub(super) fn unusable(error: io::Error) -> Ended {
    Ended::Trouble(format!("a server cannot start: {error}"))
}

pub(super) fn serve_x(folder: &Folder, url: &str, listener: TcpListener) -> Result<(XTwin, Server), Ended> {
    let twin = XTwin::open(demo::x::twin(&folder.path, url, Clock::Real)).map_err(no_twin)?;
    let server = twin.serve(listener).map_err(no_twin)?;
    Ok((twin, server))
}

pub(super) fn serve_facebook(
    folder: &Folder,
    url: &str,
    listener: TcpListener,
) -> Result<(FacebookTwin, Server), Ended> {
    let twin = demo::facebook::open(demo::facebook::twin(&folder.path, url, Clock::Real)).map_err(no_twin)?;
    let server = twin.serve(listener).map_err(no_twin)?;
    Ok((twin, server))
}

fn no_twin(error: impl std::fmt::Display) -> Ended {
    Ended::Trouble(format!("a twin cannot start: {error}"))
}

pub(super) fn walk(bind: SocketAddr, twins: &Twins, folder: &Folder) -> Result<String, Ended> {
    let [customer, peer, staff] = Company::read()?.logins()?;
    let forum = format!("http://{bind}");
    let Twins { x, facebook } = twins;
    Ok(format!(
        "
  Forum     {forum}   (Acme Help)
  X         {x}   (a stand-in for it: be any customer)
  Facebook  {facebook}   (the same, with Acme's page)

  Sign in as a customer  {:28} {}
          as a peer      {:28} {}
          as staff       {:28} {}

  1. Open {x} and post as a new customer: @acme my router drops wifi every evening, is it just me?
     Or write it on Acme's page on {facebook}, where nobody needs the @acme.
  2. Within a second it is a question on {forum} - sign in there as the peer, and answer it.
  3. Sign in as staff: Desk, then verify the answer and send it. It stands under the question where that was asked.
  4. There, reply to it as the customer: that lands in the thread, too.
  5. Staff of this demo run it as well: {forum}/admin/channels shows how both are connected.
  Every room of the desk has something in it. As trainee@acme.example one drafts, and staff send it.

  Ctrl-C ends it. Everything is kept in {}; the next start goes on from there.
",
        customer.email,
        customer.password,
        peer.email,
        peer.password,
        staff.email,
        staff.password,
        folder.path.display()
    ))
}
