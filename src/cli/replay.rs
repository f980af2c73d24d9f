//! `demo --replay`: the forum and a twin of X on this machine, with real conversations played through them.

use std::path::Path;

use actix_web::web::Data;

use super::args::Demo;
use super::demo::{local, serve_twin, twin_port, unusable, walk};
use super::{Ended, listen, open_folder, say, serve_until_stopped};
use crate::app::{self, App};
use crate::clock::Clock;
use crate::demo;
use crate::demo::folder::Folder;
use crate::demo::replay::{self, Plan, ReplayError, Report, Speed, Stage};
use crate::web::frame;

/// The poller looks often: what it reads a second time must change nothing.
const POLL_EVERY: std::time::Duration = std::time::Duration::from_secs(2);

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
    let beside = listen(local(twin_port(args.twin_port, &folder)?), "--twin-port")?;
    let twin_url = format!("http://{}", beside.local_addr().map_err(unusable)?);
    let mut config = demo::config(&folder.path, None, bind, &twin_url);
    config.bridge.poll_every = POLL_EVERY;
    folder.begin(&twin_url, false)?;
    demo::people(&config, Clock::Real.now()).await?;
    let (twin, beside) = serve_twin(&folder, &twin_url, beside)?;
    let shell = Data::from(frame::shell(&config.site.name, &config.site.address, Clock::Real, true));
    let app = Data::new(App::build(config, Clock::Real).await?);
    let jobs = App::start(&app);
    let server = app::server(app.clone(), shell, listener).map_err(unusable)?;
    let brands = plan.brands.join(", ");
    say(format_args!(
        "Playing {} posts of {} days with {brands} into {} …",
        plan.posts.len(),
        plan.span().as_secs() / 86_400,
        folder.path.display()
    ));
    let forum = format!("http://{bind}");
    let stage = Stage { app, twin, twin_url: twin_url.clone(), forum };
    let mut verdict = None;
    let performance = async {
        let played = perform(&stage, &plan, speed, &mut folder).await;
        let goes_on = played.is_ok() && !args.report_only;
        verdict = Some(played);
        if goes_on {
            // A walk that cannot be read is a mistake of ours, and no reason to end.
            if let Ok(walk) = walk(bind, &twin_url, &folder) {
                say(walk);
            }
            std::future::pending::<()>().await;
        }
    };
    serve_until_stopped(server, jobs, Some(beside), performance).await?;
    match verdict {
        Some(Err(error)) => Err(Ended::Trouble(format!("the replay failed: {error}"))),
        Some(Ok(report)) if !report.is_clean() => {
            Err(Ended::Trouble("the replay is not clean; the report says what is missing or doubled".to_owned()))
        }
        Some(Ok(_)) => Ok(()),
        None => Err(Ended::Trouble("the replay was stopped before its end".to_owned())),
    }
}

async fn perform(stage: &Stage, plan: &Plan, speed: Speed, folder: &mut Folder) -> Result<Report, ReplayError> {
    let begun = Clock::Real.now();
    let report = replay::run(stage, plan, speed).await?;
    folder.complete().map_err(|error| ReplayError::Pages(error.to_string()))?;
    let took = Clock::Real.now().since(begun).as_secs();
    say(format_args!("The twin's list against the forum's public pages, after {took} s:\n{report}"));
    Ok(report)
}

fn read_plan(file: &Path, brands: &[String]) -> Result<Plan, Ended> {
    let said = replay::read(file).map_err(|error| Ended::Usage(format!("--replay: {error}")))?;
    Plan::of(&said, brands, Clock::Real.now()).map_err(|error| Ended::Usage(format!("--brand: {error}")))
}
