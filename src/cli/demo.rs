//! `demo`: the forum and a twin of X on this machine, with a company in them, and a walk to try.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use actix_web::dev::Server;
use actix_web::web::Data;
use reqwest::Url;

use super::args::Demo;
use super::{Ended, listen, open_folder, replay, say, serve_until_stopped};
use crate::app::{self, App};
use crate::clock::Clock;
use crate::db::{self, Place};
use crate::demo::folder::{Folder, FolderError};
use crate::demo::{self, Company, PlayError, StoryError};
use crate::sim::x::XTwin;
use crate::web::frame;

const USUAL_TWIN_PORT: u16 = 8081;

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
    let elsewhere = args.twin.as_deref().map(read_twin).transpose()?;
    let database = args.database.as_deref().map(Place::parse).transpose();
    let database = database.map_err(|problem| Ended::Usage(format!("--database: {problem}")))?;
    open_folder(&args.data, "--data")?;
    let mut folder = Folder::take(&args.data)?;
    if folder.is_complete() && folder.is_elsewhere() != elsewhere.is_some() {
        let (was, how) = if folder.is_elsewhere() { ("with", "Give it again") } else { ("without", "Leave it out") };
        let shown = folder.path.display();
        return Err(Ended::Usage(format!("the demo in {shown} began {was} --twin. {how}, or choose another --data.")));
    }
    let listener = listen(local(args.port), "--port")?;
    let bind = listener.local_addr().map_err(unusable)?;
    let (twin, twin_url) = match elsewhere {
        Some(url) => (None, url),
        None => {
            let listener = listen(local(twin_port(args.twin_port, &folder)?), "--twin-port")?;
            let url = format!("http://{}", listener.local_addr().map_err(unusable)?);
            (Some(listener), url)
        }
    };
    let config = demo::config(&folder.path, database, bind, &twin_url);
    if !folder.is_complete() {
        folder.begin(&twin_url, twin.is_none())?;
        match &twin {
            Some(listener) => {
                say(format_args!("Playing five weeks of a small company into {} (only once) …", folder.path.display()));
                let listener = listener.try_clone().map_err(unusable)?;
                demo::play(&folder.path, &twin_url, listener, Clock::Real.now()).await?;
            }
            None => demo::people(&config, Clock::Real.now()).await?,
        }
        folder.complete()?;
    }
    let beside = twin.map(|listener| serve_twin(&folder, &twin_url, listener)).transpose()?.map(|(_, server)| server);
    let shell = Data::from(frame::shell(&config.site.name, &config.site.address, Clock::Real, true));
    let app = Data::new(App::build(config, Clock::Real).await?);
    app.db.write(db::mark_demo).await?;
    let jobs = App::start(&app);
    let server = app::server(app, shell, listener).map_err(unusable)?;
    say(walk(bind, &twin_url, &folder)?);
    serve_until_stopped(server, jobs, beside, std::future::pending()).await
}

pub(super) fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

pub(super) fn unusable(error: std::io::Error) -> Ended {
    Ended::Trouble(format!("a server cannot start: {error}"))
}

/// A twin speaks http on this machine; whatever else this is, it is not one.
fn read_twin(address: &str) -> Result<String, Ended> {
    let url = Url::parse(address).ok();
    let here = url.filter(|url| url.scheme() == "http" && matches!(url.host_str(), Some("127.0.0.1" | "localhost")));
    match here {
        Some(url) => Ok(url.origin().ascii_serialization()),
        None => Err(Ended::Usage(format!(
            "--twin: {address:?} is no twin on this machine; its address looks like http://127.0.0.1:8081."
        ))),
    }
}

/// The links in a folder lead to the port of its first start.
pub(super) fn twin_port(asked: Option<u16>, folder: &Folder) -> Result<u16, Ended> {
    let known = folder.twin().and_then(|twin| Url::parse(twin).ok()).and_then(|twin| twin.port_or_known_default());
    match (asked, known) {
        (Some(port), Some(known)) if port != 0 && port != known => Err(Ended::Usage(format!(
            "the links of the demo in {} lead to port {known}. Leave --twin-port out, or choose another --data.",
            folder.path.display()
        ))),
        (_, Some(known)) => Ok(known),
        (asked, None) => Ok(asked.unwrap_or(USUAL_TWIN_PORT)),
    }
}

pub(super) fn serve_twin(folder: &Folder, url: &str, listener: TcpListener) -> Result<(XTwin, Server), Ended> {
    XTwin::open(demo::twin(&folder.path, url, Clock::Real))
        .and_then(|twin| twin.serve(listener).map(|server| (twin, server)))
        .map_err(|error| Ended::Trouble(format!("the twin cannot start: {error}")))
}

pub(super) fn walk(bind: SocketAddr, twin: &str, folder: &Folder) -> Result<String, Ended> {
    let [customer, peer, staff] = Company::read()?.logins()?;
    let forum = format!("http://{bind}");
    Ok(format!(
        "
  Forum  {forum}   (Acme Help)
  Twin   {twin}   (a stand-in for X: be any customer)

  Sign in as a customer  {:28} {}
          as a peer      {:28} {}
          as staff       {:28} {}

  1. Open {twin} and post as a new customer: @acme my router drops wifi every evening, is it just me?
  2. Within a second it is a question on {forum} - sign in there as the peer, and answer it.
  3. Sign in as staff: Desk, then verify the answer and send it. On the twin it stands under the question.
  4. On the twin, reply to it as the customer: that lands in the thread, too.
  5. Staff of this demo run it as well: {forum}/admin/channels shows how X is connected, and what it costs.

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
