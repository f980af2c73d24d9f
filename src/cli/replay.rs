//! `demo --replay`: the forum and the twins on this machine, with real conversations played through one of them.

use std::path::Path;
use std::time::Duration;

use actix_web::web::Data;

use super::args::Demo;
use super::demo::{Beside, local, serve_facebook, serve_x, unusable, walk};
use super::{Ended, listen, open_folder, say, serve_until_stopped};
use crate::app::{self, App};
use crate::clock::Clock;
use crate::demo::folder::Folder;
use crate::demo::replay::{self, OnFacebook, OnX, Plan, ReplayError, Report, Speed, Stage};
use crate::demo::{self, Twins};
use crate::posts::Origin;

/// The poller looks often: what it reads a second time must change nothing.
const POLL_EVERY: Duration = Duration::from_secs(2);

pub(super) async fn run(args: Demo) -> Result<(), Ended> {
    let speed = match args.speed {
        None => Speed::AsItGoes,
        Some(times) if times.is_finite() && times > 0.0 => Speed::Times(times),
        Some(_) => return Err(Ended::Usage("--speed: give a number above 0, such as 1000".to_owned())),
    };
    let plan = read_plan(args.replay.as_deref().unwrap_or(Path::new("")), &args.brand)?;
    open_folder(&args.data, "--data")?;
    let mut folder = Folder::take(&args.data)?;
    if folder.is_complete() {
        let shown = folder.path.display();
        return Err(Ended::Usage(format!(
            "the demo in {shown} has begun already. A replay needs a folder of its own: choose another --data."
        )));
    }
    let listener = listen(local(args.port), "--port")?;
    let bind = listener.local_addr().map_err(unusable)?;
    let x = Beside::open(Origin::X, &args, &folder)?;
    let facebook = Beside::open(Origin::Facebook, &args, &folder)?;
    let twins = Twins { x: x.twin.address.clone(), facebook: facebook.twin.address.clone() };
    let (Some(on_x), Some(on_facebook)) = (x.listener, facebook.listener) else {
        return Err(Ended::Usage("--replay: the twins run beside it, and nowhere else".to_owned()));
    };
    let mut config = demo::config(&folder.path, None, bind, &twins);
    config.bridge.poll_every = POLL_EVERY;
    folder.begin(x.twin, facebook.twin)?;
    demo::people(&config, Clock::Real.now()).await?;
    let (x_twin, x_server) = serve_x(&folder, &twins.x, on_x)?;
    let (facebook_twin, facebook_server) = serve_facebook(&folder, &twins.facebook, on_facebook)?;
    let app = Data::new(App::build(config, Clock::Real).await?);
    let jobs = App::start(&app);
    let server = app::server(app.clone(), listener).map_err(unusable)?;
    let brands = plan.brands.join(", ");
    say(format_args!(
        "Playing {} posts of {} days with {brands} on {} into {} …",
        plan.posts.len(),
        plan.span().as_secs() / 86_400,
        args.network.label(),
        folder.path.display()
    ));
    let forum = format!("http://{bind}");
    let mut verdict = None;
    let performance = async {
        let begun = Clock::Real.now();
        let played = match args.network {
            Origin::X => {
                demo::facebook::enter_webhook(&app, &forum).await;
                let venue = OnX { twin: x_twin, url: twins.x.clone() };
                replay::run(&mut Stage { app: app.clone(), forum, venue }, &plan, speed).await
            }
            Origin::Facebook => {
                let venue = OnFacebook::new(facebook_twin);
                replay::run(&mut Stage { app: app.clone(), forum, venue }, &plan, speed).await
            }
        };
        let told = played.and_then(|report| tell(report, Clock::Real.now().since(begun), &mut folder));
        let goes_on = told.is_ok() && !args.report_only;
        verdict = Some(told);
        if goes_on {
            // A walk that cannot be read is a mistake of ours, and no reason to end.
            if let Ok(walk) = walk(bind, &twins, &folder) {
                say(walk);
            }
            std::future::pending::<()>().await;
        }
    };
    serve_until_stopped(server, jobs, vec![x_server, facebook_server], performance).await?;
    match verdict {
        Some(Err(error)) => Err(Ended::Trouble(format!("the replay failed: {error}"))),
        Some(Ok(report)) if !report.is_clean() => {
            Err(Ended::Trouble("the replay is not clean; the report says what is missing or doubled".to_owned()))
        }
        Some(Ok(_)) => Ok(()),
        None => Err(Ended::Trouble("the replay was stopped before its end".to_owned())),
    }
}

fn tell(report: Report, took: Duration, folder: &mut Folder) -> Result<Report, ReplayError> {
    folder.complete().map_err(|error| ReplayError::Pages(error.to_string()))?;
    say(format_args!("The twin's list against the forum's public pages, after {} s:\n{report}", took.as_secs()));
    Ok(report)
}

fn read_plan(file: &Path, brands: &[String]) -> Result<Plan, Ended> {
    let said = replay::read(file).map_err(|error| Ended::Usage(format!("--replay: {error}")))?;
    Plan::of(&said, brands, Clock::Real.now()).map_err(|error| Ended::Usage(format!("--brand: {error}")))
}
